"""A disk without room: new mail is refused for now, what is there goes on, and room makes all well again."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.disk import fill, small
from fakes.kept import NOON, kept

from screener.store.changes import Release
from screener.store.errors import StoreFull, StoreUnavailable
from screener.store.queries import Quota, Retention
from screener.store.records import Outcome, Settle, State
from screener.store.sqlite import SqliteStore
from screener.store.writer import Writer

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")

MIB = 1024 * 1024
FOREVER = Quota(1e9, 1 << 60)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small(tmp_path / "disk", 16 * MIB) as folder:
        yield folder


def test_new_mail_is_refused_for_now_and_delivery_and_release_go_on_in_the_reserve(disk: Path) -> None:
    store = SqliteStore.open(disk / "store", serving=True, reserve=2 * MIB)
    writer = Writer(store)
    mails = [kept(State.QUEUED, State.HELD, octets=b"x" * 20_000) for _ in range(40)]
    for future in [writer.submit(mail) for mail in mails]:
        future.result(20)
    filler = fill(disk)
    refused = None
    for _ in range(400):  # what was written before leaves the log some room
        refused = writer.submit(kept(State.QUEUED, octets=b"y" * 100_000)).exception(20)
        if refused is not None:
            break
    assert isinstance(refused, StoreFull)
    assert "no space" in str(refused)
    assert (disk / "store" / "reserve").exists()

    futures = []
    for mail in mails:
        futures.append(writer.submit(Settle(mail.mail.id, NOON + 1, (Outcome(0, State.DELIVERED, "250 ok"),))))
        futures.append(writer.submit(Release(mail.mail.id, NOON + 1, "anna", ((1, "exchange"),))))
        futures.append(writer.submit(kept(State.QUEUED, octets=b"z" * 200_000)))
    errors = [future.exception(20) for future in futures]
    assert errors[0::3] == [None] * 40
    assert errors[1::3] == [None] * 40
    for mail in mails:
        assert [entry.state for entry in store.entries(mail.mail.id)] == [State.DELIVERED, State.QUEUED]

    filler.unlink()
    assert writer.submit(kept(State.QUEUED, octets=b"y" * 100_000)).exception(20) is None
    store.expire(NOON, Retention(FOREVER, FOREVER, FOREVER))
    assert (disk / "store" / "reserve").stat().st_size == 2 * MIB
    writer.close()
    assert store.check().problems == ()
    store.close()


def test_a_big_body_for_which_there_is_no_room_leaves_nothing(disk: Path) -> None:
    store = SqliteStore.open(disk / "store", serving=True, reserve=0)
    file = store.bodies.create("BIG1")
    with pytest.raises(StoreFull):
        for _ in range(20):
            file.write(b"x" * MIB)
    file.abandon()
    assert store.bodies.names() == set()
    (error,) = store.apply([kept(State.QUEUED, octets=b"x" * 20 * MIB)])
    assert isinstance(error, StoreFull)
    assert store.bodies.names() == set()
    assert store.apply([kept(State.QUEUED, octets=b"x" * MIB)]) == [None]
    store.close()


def test_room_above_the_floor(disk: Path) -> None:
    store = SqliteStore.open(disk / "store", serving=True, reserve=0)
    assert store.bodies.has_room(10 * MIB)
    assert not store.bodies.has_room(16 * MIB)
    filler = fill(disk)
    assert not store.bodies.has_room(0)
    filler.unlink()
    store.close()


def test_without_room_for_a_reserve_there_is_none_and_the_service_starts(disk: Path) -> None:
    store = SqliteStore.open(disk / "store", serving=True, reserve=8 * MIB)
    assert [path.name for path in (disk / "store").glob("reserve*")] == []
    store.close()


@pytest.mark.parametrize("end", ["clean", "killed in the midst of attempts"])
def test_a_start_on_a_full_disk_takes_the_reserve(disk: Path, end: str) -> None:
    store = SqliteStore.open(disk / "store", serving=True, reserve=2 * MIB)
    mails = [kept(State.QUEUED, octets=b"x" * 20_000) for _ in range(40)]
    assert store.apply(mails) == [None] * 40
    assert store.count_broken_off(NOON) == {}
    if end == "clean":
        store.close()
    else:
        for mail in mails:
            store.attempt_begins(mail.mail.id, [0])
        running = store._running
        assert running is not None
        running.leave()
    filler = fill(disk)
    store = SqliteStore.open(disk / "store", serving=True, reserve=2 * MIB)
    assert store.count_broken_off(NOON + 1) == ({} if end == "clean" else {"exchange": 40})
    attempt = store.attempt_begins(mails[0].mail.id, [0])
    assert store.apply([Settle(mails[0].mail.id, NOON + 1, (Outcome(0, State.DELIVERED, "250 ok"),))]) == [None]
    store.attempt_ended(attempt)
    assert isinstance(store.apply([kept(State.QUEUED)])[0], StoreFull), "what was held back is not for new mail"
    filler.unlink()
    assert store.apply([kept(State.QUEUED)]) == [None]
    store.close()


def test_a_full_disk_without_a_reserve_is_called_so(disk: Path) -> None:
    SqliteStore.open(disk / "store", serving=True, reserve=0).close()
    fill(disk)
    for serving in (True, False):
        with pytest.raises(StoreFull, match="no space left on the disk"):
            SqliteStore.open(disk / "store", serving=serving, reserve=0)


def test_what_a_second_start_does_to_the_reserve_harms_nobody(disk: Path) -> None:
    store = SqliteStore.open(disk / "store", serving=True, reserve=2 * MIB)
    assert store.bodies.give_up_reserve()
    with pytest.raises(StoreUnavailable, match="another service"):
        SqliteStore.open(disk / "store", serving=True, reserve=2 * MIB)
    assert not (disk / "store" / "reserve").exists(), "whoever is refused makes nothing"
    (disk / "store" / "reserve").write_bytes(b"0" * MIB)  # somebody else did
    assert store.bodies.takes_new_mail()
    store.close()
