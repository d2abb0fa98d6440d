"""Each recipient is in exactly one durable state, whatever is done in whatever order, also over closing and opening."""

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from fakes.kept import NOON, kept
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from screener.mail.address import Address
from screener.mail.envelope import Recipient
from screener.store.changes import Change, Discard, GiveUp, Redirect, Release, Requeue, Restore
from screener.store.errors import MissingBody, StoreRefused
from screener.store.queries import Quota, Retention, SearchFor
from screener.store.records import Outcome, Settle, State
from screener.store.sqlite import SqliteStore

LIVE = {State.QUEUED, State.HELD, State.DROPPED}
STARTS = st.sampled_from([State.QUEUED, State.HELD, State.DROPPED, State.REJECTED])


@dataclass
class Model:
    """What we believe of one mail."""

    octets: bytes
    states: list[State] = field(default_factory=list)


class OneState(RuleBasedStateMachine):
    """Does to a store what people and couriers do, and to a list of states what that should mean."""

    mails = Bundle("mails")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.store = SqliteStore.open(self.folder / "store", serving=True, reserve=0)
        self.model: dict[str, Model] = {}
        self.now = NOON

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    def states(self, mail_id: str) -> list[State]:
        """None, for a mail that was forgotten."""
        return self.model[mail_id].states if mail_id in self.model else []

    def make(self, change: Change, *, allowed: bool) -> None:
        self.now += 1
        (error,) = self.store.apply([change])
        assert (error is None) == allowed, error
        assert allowed or isinstance(error, StoreRefused)

    @rule(target=mails, states=st.lists(STARTS, min_size=1, max_size=3), big=st.booleans())
    def keep(self, states: list[State], big: bool) -> str:
        keep = kept(*states, at=self.now, octets=b"x" * 300_000 if big else b"small")
        self.make(keep, allowed=True)
        self.model[keep.mail.id] = Model(bytes(keep.mail.content.octets), list(states))
        return keep.mail.id

    @rule(mail_id=mails, key=st.integers(0, 3), to=st.sampled_from([State.QUEUED, State.DELIVERED, State.FAILED, State.HELD]))
    def settle(self, mail_id: str, key: int, to: State) -> None:
        states = self.states(mail_id)
        outcome = Outcome(key, to, "250 or not", "mx", next_attempt=self.now + 100 if to is State.QUEUED else None)
        self.make(Settle(mail_id, self.now, (outcome,)), allowed=key < len(states))
        if key < len(states) and (states[key] is State.QUEUED or to is State.DELIVERED):
            states[key] = to

    @rule(mail_id=mails, key=st.integers(0, 3))
    def release(self, mail_id: str, key: int) -> None:
        self.person(Release(mail_id, self.now, "anna", ((key, "exchange"),)), key, {State.HELD, State.DROPPED}, State.QUEUED)

    @rule(mail_id=mails, key=st.integers(0, 3))
    def discard(self, mail_id: str, key: int) -> None:
        self.person(Discard(mail_id, self.now, "anna", (key,)), key, LIVE, State.DISCARDED)

    @rule(mail_id=mails, key=st.integers(0, 3))
    def restore(self, mail_id: str, key: int) -> None:
        self.person(Restore(mail_id, self.now, "anna", (key,)), key, {State.DROPPED}, State.HELD)

    @rule(mail_id=mails, key=st.integers(0, 3))
    def requeue(self, mail_id: str, key: int) -> None:
        self.person(Requeue(mail_id, self.now, "anna", (key,)), key, {State.QUEUED}, State.QUEUED)

    @rule(mail_id=mails, key=st.integers(0, 3))
    def give_up(self, mail_id: str, key: int) -> None:
        self.person(GiveUp(mail_id, self.now, "anna", (key,)), key, {State.QUEUED}, State.FAILED)

    @rule(mail_id=mails, key=st.integers(0, 3))
    def redirect(self, mail_id: str, key: int) -> None:
        target = Recipient(Address.parse("other@example.net"))
        done = self.person(Redirect(mail_id, self.now, "anna", key, target, "lab"), key, LIVE, State.REDIRECTED)
        if done:
            self.model[mail_id].states.append(State.QUEUED)

    def person(
        self, change: Release | Discard | Restore | Requeue | GiveUp | Redirect, key: int, start: set[State], to: State
    ) -> bool:
        states = self.states(change.mail_id)
        allowed = key < len(states) and states[key] in start
        self.make(change, allowed=allowed)
        if allowed:
            states[key] = to
        return allowed

    @rule()
    def expire_what_is_held_or_dropped(self) -> None:
        forever = Quota(1e9, 1 << 60)
        self.now += 1
        while self.store.expire(self.now, Retention(Quota(0, 1 << 60), Quota(0, 1 << 60), forever)).more:
            pass
        for mail in self.model.values():
            mail.states = [State.DISCARDED if state in (State.HELD, State.DROPPED) else state for state in mail.states]

    @rule()
    def forget_what_has_ended(self) -> None:
        self.now += 1
        forever = Quota(1e9, 1 << 60)
        while self.store.expire(self.now, Retention(forever, forever, Quota(0, 1 << 60))).more:
            pass
        self.model = {mail_id: mail for mail_id, mail in self.model.items() if LIVE & set(mail.states)}

    @rule()
    def end_uncleanly_and_start_again(self) -> None:
        """The process is gone without a word; what it had applied is there."""
        running = self.store._running
        assert running is not None
        running.leave()
        self.store = SqliteStore.open(self.folder / "store", serving=True, reserve=0)

    @invariant()
    def each_recipient_is_where_it_should_be(self) -> None:
        found = self.store.search(SearchFor(limit=10_000))
        assert sorted((stored.id, entry.key, entry.state) for stored, entry in found) == sorted(
            (mail_id, key, state) for mail_id, mail in self.model.items() for key, state in enumerate(mail.states)
        )
        due = {(entry.mail_id, entry.key) for entry in self.store.due(self.now + 1000, 10_000)}
        assert due == {
            (mail_id, key) for mail_id, mail in self.model.items() for key, state in enumerate(mail.states) if state is State.QUEUED
        }

    @invariant()
    def the_content_is_there_as_long_as_it_is_needed(self) -> None:
        for mail_id, mail in self.model.items():
            try:
                octets = self.store.content(mail_id)
            except MissingBody:
                assert not LIVE & set(mail.states)
            else:
                assert LIVE & set(mail.states)
                assert octets[:] == mail.octets
        assert self.store.check().problems == ()
        files = {mail_id for mail_id, mail in self.model.items() if LIVE & set(mail.states) and len(mail.octets) > 1000}
        assert self.store.bodies.names() == files


TestOneState = OneState.TestCase
TestOneState.settings = settings(
    max_examples=50, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
