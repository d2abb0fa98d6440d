"""A backup is one moment's store, made while the service runs."""

import errno
import os
from pathlib import Path

import pytest
from fakes.kept import NOON, kept
from fakes.long_files import no_file_longer_than

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


def no_link(*_: object, **__: object) -> None:
    raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))


@pytest.mark.parametrize("another_disk", [False, True])
def test_all_but_lost_contents_is_in_a_backup_and_each_of_them_is_told(
    store: SqliteStore, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, another_disk: bool
) -> None:
    gone, cut, closed, moved, whole = (kept(State.HELD, octets=b"b" * size) for size in range(300_000, 300_005))
    assert store.apply([gone, cut, closed, moved, whole]) == [None] * 5
    files = folder / "bodies"
    (files / gone.mail.id).unlink()
    (files / cut.mail.id).write_bytes(b"b" * 5)
    (files / closed.mail.id).unlink()
    (files / closed.mail.id).symlink_to(closed.mail.id)
    (files / moved.mail.id).rename(folder / "moved")
    (files / moved.mail.id).symlink_to("../moved")
    if another_disk:
        monkeypatch.setattr(os, "link", no_link)
    told = store.backup(tmp_path / "copy")
    assert told == (
        f"the content of mail {gone.mail.id} is gone: there is no {files / gone.mail.id}",
        f"the content of mail {cut.mail.id} in {files / cut.mail.id} has 5 octets: expected 300001",
        f"the content of mail {closed.mail.id} cannot be read: {files / closed.mail.id}: {os.strerror(errno.ELOOP)}",
    )
    copy = SqliteStore.open(tmp_path / "copy", serving=True, reserve=0)
    lost = [keep.mail.id for keep in (gone, cut, closed)]
    assert copy.check().problems == tuple(f"mail {mail_id} has lost its file, or a part of it" for mail_id in lost)
    assert copy.content(moved.mail.id)[:] == b"b" * 300_003
    assert copy.content(whole.mail.id)[:] == b"b" * 300_004
    assert (tmp_path / "copy" / "bodies" / cut.mail.id).read_bytes() == b"b" * 5
    copy.close()


def test_of_a_content_that_cannot_be_read_to_its_end_a_backup_has_what_can(
    store: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    big = kept(State.HELD, octets=b"b" * 3_000_000)
    assert store.apply([big]) == [None]
    read = os.pread

    def pread(file: int, octets: int, start: int) -> bytes:
        if start > 2_000_000:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return read(file, octets, start)

    monkeypatch.setattr(os, "link", no_link)
    monkeypatch.setattr(os, "pread", pread)
    assert store.backup(tmp_path / "copy") == (f"the content of mail {big.mail.id} cannot be read: {os.strerror(errno.EIO)}",)
    copy = SqliteStore.open(tmp_path / "copy")
    assert copy.check().problems == (f"mail {big.mail.id} has lost its file, or a part of it",)
    assert copy.bodies.size(big.mail.id) == 2_097_152
    copy.close()


def test_a_disk_that_fails_while_a_backup_is_written_leaves_none(
    store: SqliteStore, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, big = (kept(State.HELD, octets=b"b" * 3_000_000) for _ in range(2))
    assert store.apply([gone, big]) == [None, None]
    (folder / "bodies" / gone.mail.id).unlink()
    monkeypatch.setattr(os, "link", no_link)
    with no_file_longer_than(2_000_000), pytest.raises(StoreUnavailable):
        store.backup(tmp_path / "copy")
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


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
