"""Big contents in files of their own."""

import mmap
import os
from pathlib import Path

import pytest
from fakes.kept import NOON, kept

from screener.store.bodies import BIG_BODY, Bodies
from screener.store.errors import MissingBody, StoreError, StoreRefused, StoreUnavailable
from screener.store.queries import Quota, Retention
from screener.store.records import State
from screener.store.sqlite import SqliteStore

BIG = bytes(range(256)) * 2_000


@pytest.fixture
def bodies(folder: Path) -> Bodies:
    made = Bodies(folder, reserve=0)
    made.prepare()
    made.restock()
    return made


def test_a_content_is_streamed_and_mapped(bodies: Bodies) -> None:
    file = bodies.create("A1")
    for start in range(0, len(BIG), 1000):
        file.write(memoryview(BIG)[start : start + 1000])
    content = file.finish(frozenset({"bare-cr"}))
    assert isinstance(content.octets, mmap.mmap)
    assert content.octets[:] == BIG
    assert (content.size, content.path, content.defects) == (len(BIG), str(bodies.path("A1")), frozenset({"bare-cr"}))
    assert bodies.read("A1", len(BIG))[:] == BIG
    with pytest.raises(TypeError):
        content.octets[0] = 0


def test_an_empty_content(bodies: Bodies) -> None:
    assert bodies.create("A1").finish().octets == b""
    assert bodies.read("A1", 0) == b""


@pytest.mark.parametrize("mail_id", ["", "..", ".", "a/b", "../a", "a\0", "a\n", "a" * 41, "ä", "running", "a-b", "-a"])
def test_no_id_from_outside_becomes_a_path(bodies: Bodies, mail_id: str) -> None:
    if mail_id == "running":
        assert bodies.path(mail_id).parent.name == "bodies"
        return
    for use in (bodies.path, bodies.create, lambda name: bodies.read(name, 1), lambda name: bodies.remove([name])):
        with pytest.raises(StoreRefused):
            use(mail_id)


def test_a_file_is_never_made_twice_nor_through_a_link(bodies: Bodies, tmp_path: Path) -> None:
    bodies.create("A1").finish()
    with pytest.raises(StoreUnavailable):
        bodies.create("A1")
    bodies.path("A2").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreUnavailable):
        bodies.create("A2")
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_that_is_gone_or_cut_is_missing(bodies: Bodies) -> None:
    bodies.create("A1").finish()
    with pytest.raises(MissingBody, match="has 0 octets: expected 5"):
        bodies.read("A1", 5)
    with pytest.raises(MissingBody, match="is gone"):
        bodies.read("A2", 5)


def test_abandoned_files_are_gone(bodies: Bodies) -> None:
    begun, finished = bodies.create("A1"), bodies.create("A2")
    begun.write(b"x")
    begun.abandon()
    finished.finish()
    finished.abandon()
    finished.abandon()
    assert bodies.names() == set()


def test_only_the_owner_can_read_any_of_it(folder: Path) -> None:
    store = SqliteStore.open(folder, serving=True, reserve=4096)
    store.apply([kept(State.QUEUED, octets=BIG), kept(State.QUEUED)])
    modes = {path.relative_to(folder).as_posix(): oct(path.stat().st_mode & 0o777) for path in folder.rglob("*")}
    (big,) = [name for name in modes if name.startswith("bodies/")]
    assert modes == {
        "bodies": "0o700",
        big: "0o600",
        "mail.db": "0o600",
        "mail.db-wal": "0o600",
        "mail.db-shm": "0o600",
        "reserve": "0o600",
        "running": "0o600",
        "under-way": "0o600",
    }
    assert oct(folder.stat().st_mode & 0o777) == "0o700"
    store.close()


def test_the_store_takes_a_file_in_its_place_and_no_other(store: SqliteStore, tmp_path: Path) -> None:
    file = store.bodies.create("A1")
    file.write(BIG)
    content = file.finish()
    keep = kept(State.QUEUED, mail_id="A1", octets=content.octets, path=content.path)
    assert store.apply([keep]) == [None]
    assert store.mail("A1") == keep.stored()
    (tmp_path / "elsewhere").write_bytes(BIG)
    (error,) = store.apply([kept(State.QUEUED, mail_id="A2", octets=BIG, path=str(tmp_path / "elsewhere"))])
    assert isinstance(error, StoreRefused)
    assert store.content("A1")[:] == BIG


def test_octets_of_a_big_content_go_into_a_file_and_those_of_a_small_one_do_not(store: SqliteStore) -> None:
    small, big = kept(State.QUEUED, octets=b"x" * (BIG_BODY - 1)), kept(State.QUEUED, octets=b"x" * BIG_BODY)
    assert store.apply([small, big]) == [None, None]
    assert store.bodies.names() == {big.mail.id}
    for keep in (small, big):
        assert store.content(keep.mail.id)[:] == keep.mail.content.octets


def test_a_start_puts_aside_what_no_mail_needs_and_forgets_it_when_held_mail_would_be(folder: Path) -> None:
    store = SqliteStore.open(folder, serving=True, reserve=0)
    needed = kept(State.HELD, octets=BIG)
    assert store.apply([needed]) == [None]
    store.bodies.create("ORPHAN1").finish()
    store.bodies.create("HALF").write(b"x")
    (folder / "bodies" / "a-note.txt").write_text("not ours")
    store.close()
    with_command_line = SqliteStore.open(folder)
    assert "ORPHAN1" in with_command_line.bodies.names()
    with_command_line.close()
    store = SqliteStore.open(folder, serving=True, reserve=0)
    assert store.bodies.names() == {needed.mail.id, "a-note.txt"}
    assert store.orphans == ["HALF", "ORPHAN1"]
    assert store.content(needed.mail.id)[:] == BIG
    aside = folder / "orphans"
    os.utime(aside / "HALF", (NOON, NOON))
    os.utime(aside / "ORPHAN1", (NOON + 10, NOON + 10))
    retention = Retention(Quota(100, 10**9), Quota(0, 0), Quota(1e9, 10**9))
    store.expire(NOON + 100, retention)
    assert {path.name for path in aside.iterdir()} == {"HALF", "ORPHAN1"}
    store.expire(NOON + 105, retention)
    assert {path.name for path in aside.iterdir()} == {"ORPHAN1"}
    store.close()


def test_while_a_backup_is_made_nothing_is_removed(bodies: Bodies) -> None:
    for name in ("A1", "A2"):
        bodies.create(name).finish()
    still = bodies.hold_still()
    bodies.remove(["A1"])
    assert bodies.names() == {"A1", "A2"}
    os.close(still)
    bodies.remove(["A2"])
    assert bodies.names() == set()


def test_a_store_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="could not be read or written"):
        SqliteStore.open(tmp_path / "file" / "store", serving=True)


def test_an_octet_that_the_disk_has_changed_does_not_go_out(store: SqliteStore) -> None:
    keep = kept(State.QUEUED, octets=b"exactly this")
    assert store.apply([keep]) == [None]
    store._writer.execute("UPDATE body SET octets = ?", (b"exactly thus",))
    with pytest.raises(MissingBody, match="the disk has changed it"):
        store.content(keep.mail.id)
    assert store.check().problems == (f"mail {keep.mail.id} has a content that the disk has changed",)


def test_the_file_of_a_mail_that_nobody_gets_is_removed_with_the_commit(store: SqliteStore) -> None:
    file = store.bodies.create("A1")
    file.write(BIG)
    content = file.finish()
    assert store.apply([kept(State.REJECTED, mail_id="A1", octets=content.octets, path=content.path)]) == [None]
    assert store.bodies.names() == set()
    stored = store.mail("A1")
    assert stored is not None
    assert stored.body_path == ""


def test_the_file_of_a_mail_that_cannot_be_kept_is_left_to_its_maker(store: SqliteStore) -> None:
    """Here nobody made one but the store, there intake did and may abandon it."""
    assert store.apply([kept(State.QUEUED, mail_id="A1")]) == [None]
    (error,) = store.apply([kept(State.QUEUED, mail_id="A1", octets=BIG)])
    assert isinstance(error, StoreRefused)
    assert store.bodies.names() == set()
    file = store.bodies.create("A1")
    content = file.finish()
    (error,) = store.apply([kept(State.QUEUED, mail_id="A1", octets=content.octets, path=content.path)])
    assert isinstance(error, StoreRefused)
    assert store.bodies.names() == {"A1"}
    file.abandon()
    assert store.bodies.names() == set()
