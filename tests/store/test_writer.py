"""Group commit: what gathers is committed together, and nobody hears of it before it is durable."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from pathlib import Path
from typing import cast

import pytest
from fakes.kept import NOON, kept

from screener.store.changes import Change, Release
from screener.store.errors import StoreRefused, StoreUnavailable, WrongState
from screener.store.interface import Store
from screener.store.records import Outcome, Settle, State
from screener.store.sqlite import SqliteStore
from screener.store.writer import Writer


class Gate:
    """Lets a store's `apply` through when told to, and knows what went through together."""

    def __init__(self, store: SqliteStore) -> None:
        self.batches: list[int] = []
        self.entered = threading.Semaphore(0)
        self.open = threading.Event()
        self._apply = store.apply
        self.failing: Exception | None = None

    def apply(self, changes: Sequence[Change]) -> list[Exception | None]:
        self.entered.release()
        self.open.wait(20)
        self.batches.append(len(changes))
        if self.failing is not None:
            raise self.failing
        return self._apply(changes)


@pytest.fixture
def gate(store: SqliteStore) -> Gate:
    return Gate(store)


def test_what_gathers_during_a_commit_is_committed_together(store: SqliteStore, gate: Gate) -> None:
    writer = Writer(cast(Store, gate))
    mails = [kept(State.QUEUED) for _ in range(21)]
    first = writer.submit(mails[0])
    gate.entered.acquire()
    others = [writer.submit(mail) for mail in mails[1:]]
    assert not first.done()
    gate.open.set()
    for future in [first, *others]:
        assert future.result(20) is None
    writer.close()
    assert gate.batches == [1, 20]
    assert all(store.mail(mail.mail.id) is not None for mail in mails)


def test_a_batch_waits_for_as_many_as_were_under_way_and_no_longer(
    store: SqliteStore, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screener.store.writer.GATHER", 3600.0)
    writer = Writer(cast(Store, gate))
    first = writer.submit(kept(State.QUEUED))
    gate.entered.acquire()
    others = [writer.submit(kept(State.QUEUED)) for _ in range(2)]
    gate.open.set()
    first.result(20)
    others.append(writer.submit(kept(State.QUEUED)))  # as the one who was answered comes again
    for future in others:
        assert future.result(20) is None
    assert gate.batches == [1, 3]
    last = writer.submit(kept(State.QUEUED))
    writer.close()  # who closes does not wait for those who will not come
    assert last.result(20) is None


@pytest.mark.parametrize(("busy", "gathers"), [(0.4, 1), (0.6, 4)])
def test_a_batch_waits_longer_while_the_thread_that_submits_is_busy(
    store: SqliteStore, gate: Gate, monkeypatch: pytest.MonkeyPatch, busy: float, gathers: int
) -> None:
    gather, used, looks = 0.01, 0.0, 0

    def seconds_used(_writer: Writer) -> float:
        nonlocal used, looks
        used += busy * gather
        looks += 1
        return used

    monkeypatch.setattr("screener.store.writer.GATHER", gather)
    monkeypatch.setattr(Writer, "_used", seconds_used)
    writer = Writer(cast(Store, gate))
    futures = [writer.submit(kept(State.QUEUED))]
    gate.entered.acquire()
    futures += [writer.submit(kept(State.QUEUED))]
    gate.open.set()
    for future in futures:
        assert future.result(20) is None
    assert looks == 2 * gathers, "the second one waits for a third, which does not come"
    writer.close()


def test_a_future_is_resolved_after_the_commit(store: SqliteStore, folder: Path) -> None:
    """Whoever is told looks at once through another connection, and finds it."""
    writer = Writer(store)
    elsewhere = SqliteStore.open(folder)
    seen = []
    for _ in range(50):
        mail = kept(State.QUEUED)
        done = threading.Event()

        def look(error: Exception | None, mail_id: str = mail.mail.id, done: threading.Event = done) -> None:
            seen.append((error, elsewhere.mail(mail_id) is not None))
            done.set()

        writer.submit_then(mail, look)
        assert done.wait(20)
    writer.close()
    elsewhere.close()
    assert seen == [(None, True)] * 50


def test_each_hears_of_its_own_error(store: SqliteStore, gate: Gate) -> None:
    writer = Writer(cast(Store, gate))
    mail = kept(State.QUEUED)
    futures = [
        writer.submit(mail),
        writer.submit(mail),
        writer.submit(Release(mail.mail.id, NOON, "anna", ((0, "r"),))),
        writer.submit(kept(State.HELD)),
    ]
    gate.open.set()
    errors = [future.exception(20) for future in futures]
    writer.close()
    assert [type(error) for error in errors] == [type(None), StoreRefused, WrongState, type(None)]


def test_an_error_of_the_store_itself_is_heard_by_all_and_the_writer_goes_on(store: SqliteStore, gate: Gate) -> None:
    writer = Writer(cast(Store, gate))
    gate.open.set()
    gate.failing = OSError("the disk is gone")
    assert isinstance(writer.submit(kept(State.QUEUED)).exception(20), OSError)
    gate.failing = None
    assert writer.submit(kept(State.QUEUED)).result(20) is None
    writer.close()


def test_close_finishes_what_was_submitted(store: SqliteStore) -> None:
    writer = Writer(store)
    mails = [kept(State.QUEUED) for _ in range(1200)]
    futures = [writer.submit(mail) for mail in mails]
    writer.close()
    writer.close()
    assert all(future.done() and future.exception() is None for future in futures)
    with pytest.raises(StoreUnavailable, match="being closed"):
        writer.submit(kept(State.QUEUED))


def test_a_future_that_nobody_wants_any_more_harms_nobody(store: SqliteStore, gate: Gate) -> None:
    writer = Writer(cast(Store, gate))
    writer.submit(kept(State.QUEUED))
    gate.entered.acquire()
    gone, there = kept(State.QUEUED), kept(State.QUEUED)
    cancelled, wanted = writer.submit(gone), writer.submit(there)
    assert cancelled.cancel()
    gate.open.set()
    assert wanted.result(20) is None
    with pytest.raises(CancelledError):
        cancelled.result(0)
    writer.close()
    assert store.mail(gone.mail.id) is not None


def test_one_wake_up_of_the_event_loop_for_a_whole_commit(store: SqliteStore, gate: Gate) -> None:
    async def main() -> tuple[int, list[Exception | None], set[int]]:
        loop = asyncio.get_running_loop()
        wake_ups = 0

        def announce(resolve: Callable[[], None]) -> None:
            nonlocal wake_ups
            wake_ups += 1
            loop.call_soon_threadsafe(resolve)

        sizes: list[int] = []
        writer = Writer(cast(Store, gate), announce=announce, on_commit=lambda size, _seconds: sizes.append(size))
        results: list[Exception | None] = []
        threads: set[int] = set()
        all_there = asyncio.Event()

        def done(error: Exception | None) -> None:
            results.append(error)
            threads.add(threading.get_ident())
            if len(results) == 11:
                all_there.set()

        writer.submit_then(kept(State.QUEUED), done)
        await asyncio.to_thread(gate.entered.acquire)
        for _ in range(10):
            writer.submit_then(kept(State.QUEUED), done)
        gate.open.set()
        await asyncio.wait_for(all_there.wait(), 20)
        await asyncio.to_thread(writer.close)
        assert sizes == [1, 10]
        return wake_ups, results, threads

    wake_ups, results, threads = asyncio.run(main())
    assert wake_ups == 2
    assert results == [None] * 11
    assert threads == {threading.get_ident()}


@pytest.mark.parametrize("mails", [0, 4])
def test_what_is_hurried_is_committed_where_a_batch_is_full_without_it(
    store: SqliteStore, gate: Gate, monkeypatch: pytest.MonkeyPatch, mails: int
) -> None:
    monkeypatch.setattr("screener.store.writer.MAX_BATCH", 4)
    writer = Writer(cast(Store, gate))
    writer.submit(kept(State.QUEUED))
    gate.entered.acquire()
    done = threading.Semaphore(0)
    for _ in range(10):
        writer.submit_patiently(kept(State.QUEUED), lambda _error: done.release())
    writer.hurry()
    for _ in range(mails):
        writer.submit(kept(State.QUEUED))
    gate.open.set()
    for _ in range(10):
        assert done.acquire(timeout=20), "nobody need send another mail for it"
    writer.close()
    assert gate.batches == [1, *[4] * (mails // 4), 4, 4, 2]


def test_many_threads_keep_and_settle_at_once(store: SqliteStore) -> None:
    writer = Writer(store)
    errors: list[BaseException] = []

    def live() -> None:
        try:
            for _ in range(40):
                mail = kept(State.QUEUED, State.QUEUED)
                writer.submit(mail).result(20)
                outcomes = (Outcome(0, State.DELIVERED, "250 ok"), Outcome(1, State.FAILED, "550 no"))
                writer.submit(Settle(mail.mail.id, NOON + 1, outcomes)).result(20)
                assert [entry.state for entry in store.entries(mail.mail.id)] == [State.DELIVERED, State.FAILED]
        except BaseException as error:
            errors.append(error)
            raise

    threads = [threading.Thread(target=live) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    assert errors == []
    checked = store.check()
    assert (checked.problems, checked.mails, checked.recipients) == ((), 320, 640)
