"""One mail's attempt from beginning to end: read what is missing, hand it to the courier, write down what came of it, say so.

Promises that it returns only when every recipient's outcome is durable, or was left untouched in the store. Anything unexpected
concerns this mail alone: it is put off. Which mail, when and how many at once is `queue`'s.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

from screener.config import Config
from screener.delivery.dsn import header_of
from screener.delivery.lanes import Due, Lane
from screener.delivery.outcome import Answer, Fate
from screener.delivery.packing import groups, pack
from screener.delivery.settling import Settlement, Settling, words
from screener.log import say, trouble
from screener.mail.ids import new_mail_id
from screener.mail.mail import Octets
from screener.metrics import Metrics
from screener.store.changes import Change
from screener.store.errors import MissingBody, StoreError, StoreRefused, StoreUnavailable
from screener.store.interface import Store
from screener.store.records import Entry, Settle, State, Stored
from screener.store.writer import Writer

FIRST_PAUSE, LAST_PAUSE = 1.0, 30.0  # seconds between tries to write down an outcome


class Carrier:
    """Carries one mail at a time, any number side by side."""

    def __init__(self, config: Config, store: Store, writer: Writer, metrics: Metrics, clock: Callable[[], float]) -> None:
        self.is_stopping = False
        self._settling = Settling(config, new_mail_id)
        self._store, self._writer, self._metrics, self._clock = store, writer, metrics, clock

    async def carry(self, lane: Lane, due: Due) -> list[Settle]:
        """One attempt for all recipients of `due`; returns what was written down. Raises StoreUnavailable."""
        written: list[Settle] = []
        left = {entry.key for entry in due.entries}
        try:
            stored, content = await self._fetch(due)
            for edits, entries in groups(due.entries):
                parcel = pack(stored, content, entries, edits)
                started = time.perf_counter()
                answers = await lane.courier.deliver(parcel)
                seconds = time.perf_counter() - started
                now = self._clock()
                answered = [pair for pair in zip(entries, answers, strict=True) if not _left_alone(lane, due, pair, now)]
                left.difference_update(entry.key for entry in entries)
                if not answered:
                    continue
                header = partial(header_of, stored.trace, content)
                settlement = self._settling.settle(stored, header, answered, now, at_once=self.is_stopping)
                await self.write(settlement.settle)
                written.append(settlement.settle)
                self._tell(lane, stored, settlement, answered, seconds)
        except StoreUnavailable:
            raise
        except MissingBody as error:
            written.append(await self._hold(due, left, str(error)))
        except Exception as error:  # noqa: BLE001 — around one mail: it is tried later, all others go on
            trouble(error, id=due.mail_id, route=lane.name)
            written.append(await self._put_off(due, left, type(error).__name__))
        return written

    async def write(self, change: Change) -> None:
        """Make a change durable, however long the store needs to be able to. Raises StoreUnavailable only when stopping."""
        pause = FIRST_PAUSE
        while True:
            error = await self._submit(change)
            if error is None:
                return
            trouble(error)
            if isinstance(error, StoreRefused):
                return  # it never can be made; what it was about is no longer as it was
            if self.is_stopping:
                raise error if isinstance(error, StoreUnavailable) else StoreUnavailable(str(error))
            await asyncio.sleep(pause)
            pause = min(pause * 2, LAST_PAUSE)

    async def _submit(self, change: Change) -> Exception | None:
        loop = asyncio.get_running_loop()
        here = threading.get_ident()
        durable: asyncio.Future[Exception | None] = loop.create_future()

        def tell(error: Exception | None) -> None:
            if not durable.done():
                durable.set_result(error)

        def done(error: Exception | None) -> None:
            if threading.get_ident() == here:
                tell(error)
            else:
                loop.call_soon_threadsafe(tell, error)

        try:
            self._writer.submit_then(change, done)
        except StoreError as error:
            return error
        return await durable

    async def _fetch(self, due: Due) -> tuple[Stored, Octets]:
        if due.stored is not None and due.content is not None:
            return due.stored, due.content
        stored, content = await asyncio.to_thread(fetch, self._store, due.mail_id)
        return stored, content

    async def _hold(self, due: Due, keys: set[int], why: str) -> Settle:
        settle = self._settling.hold(due.mail_id, [entry for entry in due.entries if entry.key in keys], why, self._clock())
        await self.write(settle)
        say("held", level=logging.ERROR, id=due.mail_id, reason=why)
        return settle

    async def _put_off(self, due: Due, keys: set[int], why: str) -> Settle:
        settle = self._settling.put_off(due.mail_id, [entry for entry in due.entries if entry.key in keys], why, self._clock())
        await self.write(settle)
        return settle

    def _tell(
        self, lane: Lane, stored: Stored, settlement: Settlement, answered: Sequence[tuple[Entry, Answer]], seconds: float
    ) -> None:
        """Count and log each recipient's outcome, and the reports."""
        for (entry, answer), outcome in zip(answered, settlement.settle.outcomes, strict=True):
            if answer.tried:
                self._metrics.attempt(lane.name, answer.fate, seconds)
            say(
                _EVENTS[outcome.state],
                level=logging.INFO if outcome.state is State.DELIVERED else logging.WARNING,
                id=stored.id,
                recipient=entry.recipient.address.text,
                route=lane.name,
                next_hop=answer.next_hop or None,
                remote_id=answer.remote_id or None,
                reply=words(answer.reply, heard=answer.heard),
                attempt=entry.attempts + 1,
                doubtful=True if answer.fate is Fate.DOUBTFUL else None,
                seconds=round(seconds, 4),
            )
        for kind, report in zip(settlement.kinds, settlement.settle.reports, strict=True):
            self._metrics.reports(kind)
            say("report", id=report.mail.id, about=stored.id, kind=kind.value, recipient=str(stored.envelope.sender))


_EVENTS = {State.DELIVERED: "delivered", State.QUEUED: "deferred", State.FAILED: "failed", State.HELD: "held"}


def fetch(store: Store, mail_id: str) -> tuple[Stored, Octets]:
    """A mail with its content; raises MissingBody."""
    stored = store.mail(mail_id)
    if stored is None:
        raise MissingBody(f"there is no mail {mail_id} any more")
    return stored, store.content(mail_id)


def _left_alone(lane: Lane, due: Due, pair: tuple[Entry, Answer], now: float) -> bool:
    """Whether a probe found nobody: then it was no attempt, and the mail keeps its own time."""
    entry, answer = pair
    early = entry.next_attempt is not None and entry.next_attempt > now
    down = lane.smtp is not None and lane.smtp.next_hops.all_down
    return due.is_probe and early and down and answer.fate is Fate.DEFERRED
