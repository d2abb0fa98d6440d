"""A database that is missing or empty where mail was kept: never taken for a first start, and nothing of the mail is removed."""

import os
from pathlib import Path

import pytest
from fakes.kept import NOON, kept

from screener.store.connection import connect
from screener.store.errors import StoreDamaged, StoreError
from screener.store.folders import DATABASE, RULES_IN_FORCE
from screener.store.records import Keep, State
from screener.store.recover import recover
from screener.store.sqlite import SqliteStore

BIG = b"b" * 300_000


def a_store(folder: Path, *keeps: Keep, killed: bool = False) -> None:
    """A store with mail; `killed`: as a killed process leaves it, with everything still in the log."""
    store = SqliteStore.open(folder, serving=True, reserve=0)
    assert store.apply(keeps) == [None] * len(keeps)
    if not killed:
        store.close()
        return
    left = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    store.close()
    for path, octets in left.items():
        path.write_bytes(octets)


def lose(folder: Path, how: str) -> None:
    """Make the database missing or empty."""
    if how == "missing":
        (folder / DATABASE).unlink()
    else:
        os.truncate(folder / DATABASE, 0)


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("how", ["missing", "empty"])
@pytest.mark.parametrize("serving", [True, False])
def test_contents_without_a_database_are_damage_and_stay(folder: Path, how: str, serving: bool) -> None:
    held = [kept(State.HELD, octets=BIG) for _ in range(3)]
    a_store(folder, *held)
    lose(folder, how)
    (folder / "running").unlink()  # the contents alone are enough
    before = everything(folder)
    said = rf"mail\.db is {how}, but .* 3 contents of mail in bodies/.* Put the database back.*screener store recover"
    for _ in range(2):
        with pytest.raises(StoreDamaged, match=said):
            SqliteStore.open(folder, serving=serving, reserve=0)
    assert {**everything(folder), "running": b""} == {**before, "running": b""}


@pytest.mark.parametrize("how", ["missing", "empty"])
def test_put_back_the_database_is_as_it_was(folder: Path, how: str) -> None:
    held = kept(State.HELD, octets=BIG)
    a_store(folder, held)
    octets = (folder / DATABASE).read_bytes()
    lose(folder, how)
    with pytest.raises(StoreDamaged):
        SqliteStore.open(folder, serving=True, reserve=0)
    (folder / DATABASE).write_bytes(octets)
    store = SqliteStore.open(folder, serving=True, reserve=0)
    assert store.content(held.mail.id)[:] == BIG
    assert store.orphans == []
    store.close()


@pytest.mark.parametrize("trace", ["mark", "rules", "log", "recovery"])
def test_each_thing_an_earlier_service_leaves_is_enough(folder: Path, trace: str) -> None:
    folder.mkdir()
    match trace:
        case "mark":
            a_store(folder)
            (folder / DATABASE).unlink()
        case "rules":
            (folder / RULES_IN_FORCE).write_text("{}")
        case "log":
            (folder / f"{DATABASE}-wal").write_bytes(b"x" * 100)
        case _:
            (folder / "damaged-2026-01-01T000000Z").mkdir()
    for serving in (True, False):
        with pytest.raises(StoreDamaged, match="a service has kept its mail there before"):
            SqliteStore.open(folder, serving=serving, reserve=0)


def test_a_database_whose_log_was_lost_is_no_new_one(folder: Path) -> None:
    """As long as little was written, everything lies in the log and the database is one page without tables."""
    a_store(folder, kept(State.HELD, octets=BIG), killed=True)
    (folder / f"{DATABASE}-wal").unlink()
    assert (folder / DATABASE).stat().st_size > 0
    for serving in (True, False):
        with pytest.raises(StoreDamaged, match=r"mail\.db is empty, but"):
            SqliteStore.open(folder, serving=serving, reserve=0)
    assert len(list((folder / "bodies").iterdir())) == 1
    recovered = recover(folder, NOON)
    assert (recovered.mails, recovered.contents) == (0, 1)
    assert "no tables" in recovered.lost[0]


def test_a_first_start_that_was_cut_off_can_be_made_again(folder: Path) -> None:
    (folder / "bodies").mkdir(parents=True)
    for name in ("running", DATABASE, "reserve"):
        (folder / name).touch()
    (folder / "lost+found").mkdir()  # a disk of its own
    with pytest.raises(StoreError, match="there is no store in"):
        SqliteStore.open(folder)
    SqliteStore.open(folder, serving=True, reserve=0).close()


@pytest.mark.parametrize("how", ["missing", "empty"])
def test_recover_begins_a_new_store_and_keeps_the_contents_aside(folder: Path, how: str) -> None:
    held = [kept(State.HELD, octets=BIG) for _ in range(2)]
    a_store(folder, *held)
    lose(folder, how)
    recovered = recover(folder, NOON)
    assert (recovered.mails, recovered.contents) == (0, 2)
    assert any("missing or empty" in line for line in recovered.lost)
    aside = Path(recovered.kept_aside) / "bodies"
    assert {path.name: path.read_bytes() for path in aside.iterdir()} == {mail.mail.id: BIG for mail in held}
    store = SqliteStore.open(folder, serving=True, reserve=0)
    assert store.check().problems == ()
    new = kept(State.HELD, octets=BIG)
    assert store.apply([new]) == [None]
    store.close()


@pytest.mark.parametrize("how", ["missing", "empty"])
def test_what_the_log_of_a_lost_database_still_has_is_saved(folder: Path, how: str) -> None:
    mails = [kept(State.HELD, octets=BIG), kept(State.QUEUED, State.HELD)]
    a_store(folder, *mails, killed=True)
    lose(folder, how)
    before = (folder / f"{DATABASE}-wal").read_bytes()
    with pytest.raises(StoreDamaged, match=rf"the database's log \({DATABASE}-wal\)"):
        SqliteStore.open(folder, serving=True, reserve=0)
    assert (folder / f"{DATABASE}-wal").read_bytes() == before
    recovered = recover(folder, NOON)
    assert (recovered.mails, recovered.contents) == (2, 0)
    assert (Path(recovered.kept_aside) / f"{DATABASE}-wal").read_bytes() == before
    store = SqliteStore.open(folder, serving=True, reserve=0)
    for mail in mails:
        assert tuple(store.entries(mail.mail.id)) == mail.entries()
        assert store.content(mail.mail.id)[:] == mail.mail.content.octets
    store.close()


def test_somebody_elses_empty_folder_is_no_store(folder: Path) -> None:
    folder.mkdir()
    with pytest.raises(StoreError, match="there is no store"):
        recover(folder, NOON)
    connect(folder / DATABASE, create=True).close()  # begun, and no more
    SqliteStore.open(folder, serving=True, reserve=0).close()
