"""A damaged database: what can be saved is saved into a new one, what cannot is said, and nothing is thrown away."""

import os
import random
import re
from pathlib import Path

import pytest
from fakes.kept import NOON, kept

from screener.store.changes import PauseRoute
from screener.store.connection import connect
from screener.store.errors import MissingBody, StoreDamaged, StoreError, StoreUnavailable
from screener.store.folders import DATABASE, RECOVERED
from screener.store.records import EventKind, Keep, State
from screener.store.recover import recover
from screener.store.sqlite import SqliteStore

PAGE = 4096


def a_store(folder: Path, *mails: Keep) -> None:
    store = SqliteStore.open(folder, serving=True, reserve=0)
    assert store.apply([*mails, PauseRoute("lab", NOON, "anna")]) == [None] * (len(mails) + 1)
    store.close()


def pages_of(folder: Path, table: str) -> list[int]:
    """The pages, from 0, in which a table or index lies."""
    connection = connect(folder / DATABASE)
    rows = connection.execute("SELECT pageno FROM dbstat WHERE name = ? ORDER BY pageno", (table,)).fetchall()
    connection.close()
    return [number - 1 for (number,) in rows if isinstance(number, int)]


def overwrite(folder: Path, pages: list[int]) -> None:
    with (folder / DATABASE).open("r+b") as file:
        for page in pages:
            file.seek(page * PAGE)
            file.write(b"\xa5" * PAGE)


def many(count: int = 300) -> list[Keep]:
    return [
        kept(State.QUEUED, State.HELD, octets=os.urandom(6000), at=NOON + number, sender=f"s{number}@example.com")
        for number in range(count)
    ]


def test_of_a_sound_store_nothing_is_lost(folder: Path) -> None:
    mails = [*many(20), kept(State.DELIVERED), kept(State.QUEUED, octets=b"x" * 300_000)]
    a_store(folder, *mails)
    recovered = recover(folder, NOON)
    assert (recovered.mails, recovered.lost) == (len(mails), ())
    store = SqliteStore.open(folder, serving=True, reserve=0)
    for mail in mails:
        assert store.mail(mail.mail.id) == mail.stored() or mail.mail.content.size > 1000
        assert tuple(store.entries(mail.mail.id)) == mail.entries()
        assert [event.kind for event in store.events(mail.mail.id)] == [EventKind.RECEIVED]
    assert store.content(mails[-1].mail.id)[:] == b"x" * 300_000
    assert [one.route for one in store.paused()] == ["lab"]
    assert store.check().problems == ()
    store.close()
    assert (Path(recovered.kept_aside) / DATABASE).exists()


@pytest.mark.parametrize(
    "table", ["body", "recipient", "mail", "event", "mail_message_id", "queue_oldest", "sqlite_autoindex_mail_1"]
)
def test_every_mail_is_saved_or_named(folder: Path, table: str) -> None:
    mails = many()
    a_store(folder, *mails)
    pages = pages_of(folder, table)
    damaged = pages[len(pages) // 2 :: 7]
    overwrite(folder, damaged)
    recovered = recover(folder, NOON + 9)
    store = SqliteStore.open(folder, serving=True, reserve=0)
    assert store.check().problems == ()
    told = "\n".join(recovered.lost)
    whole = 0
    for mail in mails:
        stored = store.mail(mail.mail.id)
        if stored is None:
            assert mail.mail.id in told or str(mail.mail.envelope.sender) in told or "user0@example.org" in told
            continue
        states = [entry.state for entry in store.entries(mail.mail.id)]
        if states == [State.FAILED, State.FAILED]:
            assert told.count(mail.mail.id) == 2
            assert [event.kind for event in store.events(mail.mail.id)][-2:] == [EventKind.LOST] * 2
            with pytest.raises(MissingBody):
                store.content(mail.mail.id)
        else:
            assert states == [State.QUEUED, State.HELD]
            assert store.content(mail.mail.id) == mail.mail.content.octets
            whole += 1
    assert recovered.mails == sum(store.mail(mail.mail.id) is not None for mail in mails)
    assert whole > len(mails) // 3, f"only {whole} whole after damage of {len(damaged)} of {len(pages)} pages of {table}"
    if table in ("mail_message_id", "queue_oldest", "sqlite_autoindex_mail_1"):
        assert whole == len(mails)
    store.close()


def test_lost_mail_is_said_first_and_lost_histories_are_counted(folder: Path) -> None:
    mails = many()
    a_store(folder, *mails)
    overwrite(folder, [*pages_of(folder, "event")[2:], *pages_of(folder, "body")[2:4]])
    recovered = recover(folder, NOON + 9)
    assert recovered.mails == len(mails)
    histories = ["histor" in line for line in recovered.lost]
    assert histories == sorted(histories)
    assert histories.count(False) > 0
    assert histories.count(True) == 11
    assert re.fullmatch(r"the histories of \d+ more mails could not be read; the mails themselves are saved", recovered.lost[-1])


def test_what_lies_only_in_the_log_is_saved_too(folder: Path) -> None:
    store = SqliteStore.open(folder, serving=True, reserve=0)
    mails = many(10)
    assert store.apply(mails) == [None] * 10
    assert (folder / f"{DATABASE}-wal").stat().st_size > 0
    copies = {path: path.read_bytes() for path in folder.iterdir() if path.name.startswith(DATABASE)}
    store.close()
    for path, octets in copies.items():  # as a killed process leaves it
        path.write_bytes(octets)
    assert recover(folder, NOON).mails == 10


def test_a_lost_file_of_a_content_is_said_and_strangers_are_kept_aside(folder: Path) -> None:
    lost, there = kept(State.HELD, octets=b"a" * 300_000), kept(State.HELD, octets=b"b" * 300_000)
    a_store(folder, lost, there)
    (folder / "bodies" / lost.mail.id).unlink()
    (folder / "bodies" / "STRANGER").write_bytes(b"whose?")
    recovered = recover(folder, NOON)
    (line,) = recovered.lost
    assert lost.mail.id in line
    assert (Path(recovered.kept_aside) / "bodies" / "STRANGER").read_bytes() == b"whose?"
    store = SqliteStore.open(folder, serving=True, reserve=0)
    assert store.content(there.mail.id)[:] == b"b" * 300_000
    assert store.entries(lost.mail.id)[0].state is State.FAILED
    store.close()


def test_a_file_that_cannot_be_read_is_lost_alone(folder: Path) -> None:
    good, bad = kept(State.QUEUED), kept(State.QUEUED, octets=b"x" * 300_000)
    a_store(folder, good, bad)
    file = folder / "bodies" / bad.mail.id
    file.unlink()
    file.symlink_to(file)
    recovered = recover(folder, NOON)
    assert recovered.mails == 2
    assert [bad.mail.id in line for line in recovered.lost] == [True]
    store = SqliteStore.open(folder, serving=True, reserve=0)
    assert [store.entries(one.mail.id)[0].state for one in (good, bad)] == [State.QUEUED, State.FAILED]
    store.close()


@pytest.mark.parametrize("octets", [b"", b"this is no database at all" * 1000, b"SQLite format 3\0" + b"\0" * 5000])
def test_of_nothing_nothing_is_saved_and_it_is_said(folder: Path, octets: bytes) -> None:
    a_store(folder, kept(State.HELD, octets=b"a" * 300_000))
    (folder / DATABASE).write_bytes(octets)
    recovered = recover(folder, NOON)
    assert recovered.mails == 0
    assert octets == b"" or "nothing could be read" in recovered.lost[0]
    assert len(list((Path(recovered.kept_aside) / "bodies").iterdir())) == 1
    assert (Path(recovered.kept_aside) / DATABASE).read_bytes() == octets
    SqliteStore.open(folder, serving=True, reserve=0).close()


@pytest.mark.parametrize("octets", [b"\0" * PAGE, b"\xa5" * PAGE, b"SQLite format 3\0" + b"\xff" * 100, b"\0" * 100])
def test_without_its_first_page_the_rest_is_saved(folder: Path, octets: bytes) -> None:
    mails = [*many(40), kept(State.HELD, octets=b"a" * 300_000)]
    a_store(folder, *mails)
    with (folder / DATABASE).open("r+b") as file:
        file.write(octets)
    recovered = recover(folder, NOON)
    assert recovered.mails == len(mails)
    assert recovered.lost[0].startswith("the first page of the database could not be read")
    store = SqliteStore.open(folder, serving=True, reserve=0)
    for mail in mails:
        assert store.content(mail.mail.id)[:] == bytes(mail.mail.content.octets)
        assert tuple(store.entries(mail.mail.id)) == mail.entries()
    assert store.check().problems == ()
    store.close()


def test_random_damage_never_ends_in_a_trace(folder: Path, tmp_path: Path) -> None:
    chance = random.Random(7)
    mails = many(60)
    a_store(folder, *mails)
    sound = (folder / DATABASE).read_bytes()
    for number in range(15):
        damaged = bytearray(sound)
        for _ in range(chance.randrange(1, 40)):
            at = chance.randrange(len(damaged))
            damaged[at : at + 20] = chance.randbytes(20)
        place = tmp_path / f"damaged{number}"
        (place / "bodies").mkdir(parents=True)
        (place / DATABASE).write_bytes(damaged)
        recovered = recover(place, NOON)
        store = SqliteStore.open(place, serving=True, reserve=0)
        assert store.check().problems == ()
        assert store.check().mails == recovered.mails
        store.close()


def test_an_interrupted_recovery_is_finished_by_the_next_one_and_nothing_starts_in_between(folder: Path) -> None:
    mails = many(5)
    a_store(folder, *mails)
    (folder / DATABASE).rename(folder / RECOVERED)  # complete, and the old one already gone
    for serving in (True, False):
        with pytest.raises(StoreDamaged, match="interrupted"):
            SqliteStore.open(folder, serving=serving)
    assert not (folder / DATABASE).exists()
    assert recover(folder, NOON).mails == 5
    SqliteStore.open(folder, serving=True, reserve=0).close()


def test_half_a_recovery_begins_anew(folder: Path) -> None:
    a_store(folder, *many(5))
    (folder / f"{RECOVERED}.part").write_bytes(b"half")
    assert recover(folder, NOON).mails == 5
    assert recover(folder, NOON).mails == 5  # twice at the same time of day: another folder
    assert len(list(folder.glob("damaged-*"))) == 2


def test_not_while_a_service_runs_nor_where_there_is_nothing(folder: Path, tmp_path: Path) -> None:
    store = SqliteStore.open(folder, serving=True, reserve=0)
    with pytest.raises(StoreUnavailable, match="another service"):
        recover(folder, NOON)
    store.close()
    with pytest.raises(StoreError, match="there is no store"):
        recover(tmp_path / "nowhere", NOON)
