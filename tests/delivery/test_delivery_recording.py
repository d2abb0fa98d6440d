"""Outcomes that cannot be written down at once: nothing is sent again meanwhile, and nothing is forgotten."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import pytest
from fakes.delivering import delivering, route_to, settings
from fakes.next_hop import Behaviour, NextHop
from fakes.waiting import eventually

from screener.delivery import recording
from screener.store.changes import Change
from screener.store.errors import StoreUnavailable
from screener.store.records import Settle, State
from screener.store.sqlite import SqliteStore
from screener.store.writer import Writer


class Failing:
    """Lets a store refuse outcomes, and reading, as a full disk or a busy database would."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.settling = False
        self.reading = False
        self.refused = 0
        apply, due = SqliteStore.apply, SqliteStore.due

        def failing_apply(store: SqliteStore, changes: Sequence[Change]) -> list[Exception | None]:
            if self.settling and any(isinstance(change, Settle) for change in changes):
                self.refused += 1
                return [StoreUnavailable("disk full")] * len(changes)
            return apply(store, changes)

        def failing_due(store: SqliteStore, *args: object, **more: object) -> object:
            if self.reading:
                self.refused += 1
                raise StoreUnavailable("busy")
            return due(store, *args, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(SqliteStore, "apply", failing_apply)
        monkeypatch.setattr(SqliteStore, "due", failing_due)


async def test_an_outcome_is_written_down_as_soon_as_it_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "FIRST_PAUSE", 0.05)
    failing = Failing(monkeypatch)
    with NextHop() as hop:
        async with delivering(settings({"inside": route_to(hop.port)}), tmp_path) as hub:
            failing.settling = True
            mail_id = await hub.keep("b@example.org")
            await eventually(lambda: failing.refused >= 3, "it was tried three times")
            hub.delivery.wake()
            await asyncio.sleep(0.2)
            assert hub.entry(mail_id).state is State.QUEUED
            failing.settling = False
            await hub.until_state(mail_id, State.DELIVERED)
        assert len(hop.mails) == 1


async def test_stop_does_not_wait_for_ever_for_a_store_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = Failing(monkeypatch)
    with NextHop() as hop:
        async with delivering(settings({"inside": route_to(hop.port)}), tmp_path) as hub:
            failing.settling = True
            mail_id = await hub.keep("b@example.org")
            await eventually(lambda: failing.refused >= 1, "it was tried")
        failing.settling = False
        async with delivering(settings({"inside": route_to(hop.port)}), tmp_path) as hub:
            await hub.until_state(mail_id, State.DELIVERED)
        assert len(hop.mails) == 2  # nobody could write down the first


async def test_the_loop_outlives_a_store_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screener.delivery.queue.PAUSE", 0.05)
    failing = Failing(monkeypatch)
    with NextHop() as hop:
        async with delivering(settings({"inside": route_to(hop.port)}), tmp_path) as hub:
            failing.reading = True
            mail_id = await hub.keep("b@example.org")
            await eventually(lambda: failing.refused >= 3, "it was asked three times")
            assert hub.delivery.is_alive
            failing.reading = False
            await hub.until_state(mail_id, State.DELIVERED)


async def test_an_attempt_ends_in_order_though_the_loop_has_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with NextHop(Behaviour(delay={"final": 0.2})) as hop:
        async with delivering(settings({"inside": route_to(hop.port)}), tmp_path) as hub:
            mail_id = await hub.keep("b@example.org")
            await eventually(lambda: "DATA" in hop.verbs(), "an attempt runs")
            monkeypatch.delattr(SqliteStore, "changed")
            hub.delivery.wake()
            await eventually(lambda: not hub.delivery.is_alive, "the loop has broken")
            await hub.delivery.stop(5.0)
            assert hub.entry(mail_id).state is State.DELIVERED


async def test_whoever_waits_for_a_commit_goes_on_before_outcomes_are_told() -> None:
    loop = asyncio.get_running_loop()
    resolving: list[Callable[[Exception | None], None]] = []

    class Committing:
        def submit_patiently(self, _change: Change, done: Callable[[Exception | None], None]) -> None:
            resolving.append(done)

    heard: list[str] = []
    kept: asyncio.Future[None] = loop.create_future()

    async def client() -> None:
        await kept
        heard.append("client")

    waiting = asyncio.create_task(client())
    recorder = recording.Recorder(cast(Writer, Committing()))
    recorder.write_then(Settle("1", 0.0, ()), lambda: heard.append("outcome"))
    await asyncio.sleep(0)
    kept.set_result(None)
    resolving[0](None)
    await waiting
    await asyncio.sleep(0)
    assert heard == ["client", "outcome"]
