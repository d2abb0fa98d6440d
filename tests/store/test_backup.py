"""A backup is one moment's store, made while the service runs."""

from pathlib import Path

import pytest
from fakes.kept import NOON, kept

from screener.store.errors import StoreRefused, StoreUnavailable
from screener.store.records import Outcome, Settle, State
from screener.store.sqlite import SqliteStore
from screener.store.writer import Writer


def test_a_backup_is_a_store(store: SqliteStore, tmp_path: Path) -> None:
    small, big = kept(State.QUEUED, State.HELD), kept(State.HELD, octets=b"b" * 300_000)
    assert store.apply([small, big]) == [None, None]
    store.backup(tmp_path / "a" / "copy")
    assert store.apply([Settle(small.mail.id, NOON, (Outcome(0, State.DELIVERED, "250"),))]) == [None]
    copy = SqliteStore.open(tmp_path / "a" / "copy", serving=True, reserve=0)
    assert tuple(copy.entries(small.mail.id)) == small.entries()
    assert copy.content(big.mail.id)[:] == b"b" * 300_000
    assert copy.check().problems == ()
    copy.close()
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "a" / "copy").rglob("*") if path.is_file()}
    assert modes == {0o600}


def test_a_copy_outlives_the_removal_of_the_original(store: SqliteStore, tmp_path: Path) -> None:
    big = kept(State.QUEUED, octets=b"b" * 300_000)
    assert store.apply([big]) == [None]
    store.backup(tmp_path / "copy")
    assert store.apply([Settle(big.mail.id, NOON, (Outcome(0, State.DELIVERED, "250"),))]) == [None]
    assert store.bodies.names() == set()
    copy = SqliteStore.open(tmp_path / "copy")
    assert copy.content(big.mail.id)[:] == b"b" * 300_000
    copy.close()


def test_backups_under_load_are_all_sound(store: SqliteStore, tmp_path: Path) -> None:
    writer = Writer(store)
    for number in range(4):
        futures = []
        for _ in range(20):
            mail = kept(State.QUEUED, State.HELD, octets=b"b" * 300_000)
            futures.append(writer.submit(mail))
        for _ in range(100):
            mail = kept(State.QUEUED)
            futures.append(writer.submit(mail))
        settles = [Settle(entry.mail_id, NOON, (Outcome(entry.key, State.DELIVERED, "250"),)) for entry in store.due(NOON + 1, 100)]
        futures += [writer.submit(settle) for settle in settles]
        store.backup(tmp_path / str(number))
        assert [future.exception(20) for future in futures if future.exception(20)] == []
        copy = SqliteStore.open(tmp_path / str(number))
        assert copy.check().problems == ()
        copy.close()
    writer.close()


def test_no_backup_over_anything(store: SqliteStore, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(StoreRefused, match="exists"):
        store.backup(tmp_path / "there")
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable):
        store.backup(tmp_path / "file" / "below")


def test_check_names_what_is_wrong(store: SqliteStore, folder: Path) -> None:
    gone, cut, closed, small = (kept(State.HELD, octets=b"b" * size) for size in (300_000, 300_001, 300_002, 100))
    assert store.apply([gone, cut, closed, small]) == [None] * 4
    (folder / "bodies" / gone.mail.id).unlink()
    (folder / "bodies" / cut.mail.id).write_bytes(b"b" * 5)
    (folder / "bodies" / closed.mail.id).unlink()
    (folder / "bodies" / closed.mail.id).symlink_to(closed.mail.id)
    store._writer.execute("UPDATE body SET octets = x'00'")
    store._writer.execute("PRAGMA foreign_keys=OFF")
    store._writer.execute("INSERT INTO event (mail, at, kind, who, detail) VALUES (77, 0, 'noted', '', '')")
    problems = store.check().problems
    assert problems == (
        "1 rows belong to no mail",
        f"mail {small.mail.id} has a content that the disk has changed",
        f"mail {gone.mail.id} has lost its file, or a part of it",
        f"mail {cut.mail.id} has lost its file, or a part of it",
        f"mail {closed.mail.id} has lost its file, or a part of it",
    )
