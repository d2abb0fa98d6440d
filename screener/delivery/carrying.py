"""One mail's attempt: read what is missing, hand it to the courier, draw the consequences.

Promises something to write down for every recipient, unless the mail is better left as it is; anything unexpected concerns this
mail alone: it is put off. Which mail, when and how many at once is `queue`'s, and so is the writing.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial

from screener.config.models import Config
from screener.delivery.dsn import Kind, header_of
from screener.delivery.lanes import Due, Lane
from screener.delivery.originals import may_stand_in, originals
from screener.delivery.outcome import Answer, Fate
from screener.delivery.packing import answers_of, groups, pack
from screener.delivery.settling import Settling
from screener.frozen import dataclass
from screener.log import say, trouble
from screener.mail.envelope import Recipient
from screener.mail.ids import new_mail_id
from screener.mail.mail import Readable
from screener.metrics.figures import Metrics
from screener.store.errors import BodyUnavailable, MissingBody, StoreDamaged, StoreError, StoreUnavailable
from screener.store.interface import Store
from screener.store.records import Entry, Settle, State, Stored


@dataclass(frozen=True, slots=True)
class Attempted:
    """What came of an attempt for recipients who get the same copy; not written down yet."""

    settle: Settle
    answered: tuple[tuple[Entry, Answer], ...] = ()  # in the order of the outcomes; empty: it did not come to an attempt
    kinds: tuple[Kind, ...] = ()  # of the reports, in their order
    seconds: float = 0.0
    attempt: int | None = None  # of the store's, ended by `written_down`


class Carrier:
    """Carries one mail at a time, any number side by side."""

    def __init__(self, config: Config, store: Store, metrics: Metrics, clock: Callable[[], float]) -> None:
        self.is_stopping = False
        self._settling = Settling(config, new_mail_id)
        self._store, self._metrics, self._clock = store, metrics, clock

    async def attempts(self, lane: Lane, due: Due) -> AsyncIterator[Attempted]:
        """One attempt for all recipients of `due`, copy by copy. Raises StoreUnavailable when the mail cannot be read now."""
        left = {entry.key: entry for entry in due.entries}
        attempt: int | None = None
        keys: list[int] = []  # of those whom the attempt is for
        try:
            stored, content = await self._fetch(due)
            stand_for = await self._originals(due)  # before the attempt: what came of it must not be lost for a read
            for edits, entries in groups(due.entries):
                parcel = pack(stored, content, entries, edits)
                keys = [entry.key for entry in entries]
                attempt = self._store.attempt_begins(due.mail_id, keys, early=due.is_probe)
                started = time.perf_counter()
                answers = await lane.courier.deliver(parcel)
                seconds = time.perf_counter() - started
                now = self._clock()
                pairs = answers_of(parcel, answers, entries)
                answered = tuple(pair for pair in pairs if not _is_to_be_left(lane, due, pair, now))
                made = None
                if answered:
                    header = partial(header_of, stored.trace, content)
                    settled = self._settling.settle(stored, header, answered, now, stand_for, at_once=self.is_stopping)
                    made = Attempted(settled.settle, answered, settled.kinds, seconds, attempt)
                else:
                    self._ended(attempt)
                for key in keys:
                    del left[key]
                attempt, keys = None, []
                if made is not None:
                    yield made
        except (BodyUnavailable, StoreDamaged) as error:
            trouble(error, id=due.mail_id, route=lane.name)
            settle = self._settling.put_off(due.mail_id, left.values(), str(error), self._clock(), doubtful=keys)
            yield Attempted(settle, attempt=attempt)
        except StoreUnavailable:
            raise
        except MissingBody as error:
            yield Attempted(self._settling.hold(due.mail_id, left.values(), str(error), self._clock()))
        except Exception as error:  # noqa: BLE001 — around one mail: it is tried later, all others go on
            trouble(error, id=due.mail_id, route=lane.name)
            why = f"an unexpected {type(error).__name__} here: see the log"
            settle = self._settling.put_off(due.mail_id, left.values(), why, self._clock(), doubtful=keys)
            yield Attempted(settle, attempt=attempt)

    def written_down(self, lane: Lane, attempted: Attempted) -> None:
        """Count and log what is durable now: each recipient's outcome, and the reports."""
        settle = attempted.settle
        if attempted.attempt is not None:
            self._ended(attempted.attempt)
        for outcome in settle.outcomes if not attempted.answered else ():
            say(_EVENTS[outcome.state], level=logging.ERROR, id=settle.mail_id, route=lane.name, reply=outcome.reply)
        for (entry, answer), outcome in zip(attempted.answered, settle.outcomes, strict=bool(attempted.answered)):
            if answer.tried:
                self._metrics.attempt(lane.name, answer.fate, attempted.seconds)
            say(
                _EVENTS[outcome.state],
                level=logging.INFO if outcome.state is State.DELIVERED else logging.WARNING,
                id=settle.mail_id,
                recipient=entry.recipient.address.text,
                route=lane.name,
                next_hop=answer.next_hop or None,
                remote_id=answer.remote_id or None,
                reply=outcome.reply,
                attempt=entry.attempts + 1,
                doubtful=True if answer.fate is Fate.DOUBTFUL else None,
                seconds=round(attempted.seconds, 4),
            )
        for kind, report in zip(attempted.kinds, settle.reports, strict=True):
            self._metrics.reports(kind)
            to = report.recipients[0].recipient.address.text
            say("report", id=report.mail.id, about=settle.mail_id, kind=kind.value, recipient=to)

    def _ended(self, attempt: int) -> None:
        try:
            self._store.attempt_ended(attempt)
        except StoreError as error:
            trouble(error)  # at worst a start after a crash counts one attempt too many

    async def _originals(self, due: Due) -> Mapping[int, Recipient]:
        if not any(map(may_stand_in, due.entries)):
            return {}
        return await asyncio.to_thread(
            lambda: originals(self._store.entries(due.mail_id), self._store.events(due.mail_id)),
        )

    async def _fetch(self, due: Due) -> tuple[Stored, Readable]:
        if due.stored is not None:
            content = due.content
            return due.stored, await asyncio.to_thread(self._store.content, due.mail_id) if content is None else content
        return await asyncio.to_thread(fetch, self._store, due.mail_id)


_EVENTS = {State.DELIVERED: "delivered", State.QUEUED: "deferred", State.FAILED: "failed", State.HELD: "held"}


def fetch(store: Store, mail_id: str) -> tuple[Stored, Readable]:
    """A mail with its content; raises MissingBody."""
    stored = store.mail(mail_id)
    if stored is None:
        raise MissingBody(f"there is no mail {mail_id} any more")
    return stored, store.content(mail_id)


def _is_to_be_left(lane: Lane, due: Due, pair: tuple[Entry, Answer], now: float) -> bool:
    """Whether a probe found nobody: then it was no attempt, and the mail keeps its own time."""
    entry, answer = pair
    early = entry.next_attempt is not None and entry.next_attempt > now
    down = lane.smtp is not None and lane.smtp.next_hops.all_down
    return due.is_probe and early and down and answer.fate is Fate.DEFERRED
