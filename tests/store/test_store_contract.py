"""What every store promises, written against `Store` alone."""

from dataclasses import replace

import pytest
from fakes.kept import CONTENT, NOON, kept

from screener.mail.address import NULL_SENDER, Address
from screener.mail.envelope import Body, Client, Envelope, Notify, Recipient, Return
from screener.mail.ids import new_mail_id
from screener.mail.mail import Content, Mail
from screener.mail.verdict import Action, Edits, Evidence, Facts, Verdict
from screener.store.changes import (
    Change,
    Discard,
    Flush,
    GiveUp,
    Note,
    PauseRoute,
    Redirect,
    Release,
    Requeue,
    Restore,
    ResumeRoute,
)
from screener.store.errors import MissingBody, StoreRefused, UnknownMail, WrongState
from screener.store.interface import Store
from screener.store.queries import Quota, Retention, RouteEvent, SearchFor
from screener.store.records import Entry, EventKind, Keep, NewRecipient, Outcome, Settle, State

FOREVER = Quota(1e9, 1 << 60)


def make(store: Store, *changes: Change) -> None:
    assert store.apply(changes) == [None] * len(changes)


def refused(store: Store, change: Change) -> Exception:
    (error,) = store.apply([change])
    assert error is not None
    return error


def kinds(store: Store, mail_id: str) -> list[EventKind]:
    return [event.kind for event in store.events(mail_id)]


def states(store: Store, mail_id: str) -> list[State]:
    return [entry.state for entry in store.entries(mail_id)]


def full_mail() -> Keep:
    """Every field that can be filled is, and with what is awkward."""
    client = Client(
        "2001:db8::1", 4711, "höst.example", "[2001:db8::1]", "ESMTPSA", "ünser", "TLSv1.3 X", "mx", "192.0.2.1", "4YzQ"
    )
    sender = Address.parse("jürgen@bücher.example")
    recipients = (
        Recipient(Address.parse('"a b"@example.org'), frozenset({Notify.SUCCESS, Notify.DELAY}), "rfc822;a+20b@example.org"),
        Recipient(Address("postmaster", "postmaster", "")),
    )
    envelope = Envelope(client, sender, recipients, Body.EIGHT_BIT, True, 12345, Return.FULL, "xtext+20id")
    mail = Mail(new_mail_id(NOON), NOON, envelope, Content(b"\x00\xff\r\n.\r\n"), b"Received: x\r\n")
    facts = Facts("Grüße \U0001f600", "<id@x>", "a@b.example", ("bare-cr", "nul"), ("a.pdf", "b'\"c.exe"))
    verdict = Verdict(
        Action.REDIRECT,
        "rule",
        "rules/x.yaml:1",
        (Evidence("subject", 'it\'s "odd" \\ ☃', "header Subject", "l.txt:1"),),
        Address.parse("other@example.net"),
        edits=Edits((("X-A", "b"),), "[ext]"),
    )
    return Keep(
        mail,
        facts,
        "0123456789ab",
        (
            NewRecipient(recipients[0], State.QUEUED, verdict, "exchange", NOON + 5),
            NewRecipient(recipients[1], State.HELD, verdict),
        ),
        report_for="X1",
    )


def test_all_of_a_mail_comes_back_as_it_was_kept(store: Store) -> None:
    keep = full_mail()
    make(store, keep)
    assert store.mail(keep.mail.id) == keep.stored()
    assert tuple(store.entries(keep.mail.id)) == keep.entries()
    assert store.content(keep.mail.id) == keep.mail.content.octets


def test_the_null_sender_comes_back(store: Store) -> None:
    keep = kept(State.QUEUED, sender="a@example.com")
    envelope = Envelope(keep.mail.envelope.client, NULL_SENDER, keep.mail.envelope.recipients)
    keep = Keep(Mail(keep.mail.id, NOON, envelope, Content(b"")), keep.facts, keep.ruleset, keep.recipients)
    make(store, keep)
    stored = store.mail(keep.mail.id)
    assert stored is not None
    assert stored.envelope.sender == NULL_SENDER
    assert store.content(keep.mail.id) == b""


def test_a_text_that_is_no_unicode_costs_a_character_and_not_the_mail(store: Store) -> None:
    keep = kept(State.QUEUED, subject="a\ud800b")
    make(store, keep)
    stored = store.mail(keep.mail.id)
    assert stored is not None
    assert stored.facts.subject == "a?b"


def test_what_fails_fails_alone(store: Store) -> None:
    good, again, nobody, other = kept(State.QUEUED), kept(State.QUEUED), kept(), kept(State.HELD)
    make(store, again)
    strange = kept(State.QUEUED, mail_id="../../etc/passwd")
    missing = Settle("NOSUCH", NOON, (Outcome(0, State.DELIVERED),))
    results = store.apply([good, again, nobody, strange, missing, Restore(good.mail.id, NOON, "anna", (0,)), other])
    assert [type(result) for result in results] == [
        type(None),
        StoreRefused,
        StoreRefused,
        StoreRefused,
        UnknownMail,
        WrongState,
        type(None),
    ]
    assert states(store, good.mail.id) == [State.QUEUED]
    assert states(store, other.mail.id) == [State.HELD]
    assert store.mail(nobody.mail.id) is None


def test_due_gives_the_longest_queued_first_and_only_what_is_due(store: Store) -> None:
    young = kept(State.QUEUED, at=NOON + 20)
    old = kept(State.QUEUED, State.HELD, State.QUEUED, at=NOON)
    other = kept(State.QUEUED, at=NOON + 10, route="elsewhere")
    make(store, young, old, other)
    assert [(entry.mail_id, entry.key) for entry in store.due(NOON + 20, 10)] == [
        (old.mail.id, 0),
        (old.mail.id, 2),
        (other.mail.id, 0),
        (young.mail.id, 0),
    ]
    assert [entry.mail_id for entry in store.due(NOON + 15, 10)] == [old.mail.id, old.mail.id, other.mail.id]
    assert [entry.mail_id for entry in store.due(NOON + 20, 1)] == [old.mail.id]
    assert store.due(NOON + 20, 0) == []
    assert [entry.mail_id for entry in store.due(NOON + 20, 9, except_routes={"exchange"})] == [other.mail.id]
    assert [entry.mail_id for entry in store.due(NOON + 20, 9, except_mails={old.mail.id, other.mail.id})] == [young.mail.id]
    assert store.due(NOON + 20, 9, except_routes={"exchange", "elsewhere"}) == []


def test_next_due(store: Store) -> None:
    assert store.next_due(NOON) is None
    make(store, kept(State.QUEUED, at=NOON + 50, route="later"), kept(State.QUEUED, at=NOON + 9), kept(State.HELD, at=NOON))
    assert store.next_due(NOON) == NOON + 9
    assert store.next_due(NOON + 20) == NOON + 20
    assert store.next_due(NOON, {"exchange"}) == NOON + 50


def test_an_attempt_that_failed_for_now_is_due_again_at_its_time_and_keeps_its_place(store: Store) -> None:
    keep = kept(State.QUEUED)
    make(store, keep)
    later = Outcome(
        0, State.QUEUED, "451 4.3.0 later", "mx1.example.org", next_attempt=NOON + 900, delay_noticed=True, doubtful=True
    )
    make(store, Settle(keep.mail.id, NOON + 1, (later,)))
    assert store.due(NOON + 899, 9) == []
    (entry,) = store.due(NOON + 900, 9)
    assert entry == Entry(
        key=0,
        mail_id=keep.mail.id,
        recipient=keep.recipients[0].recipient,
        state=State.QUEUED,
        verdict=Verdict(),
        route="exchange",
        received=NOON,
        queued=NOON,
        attempts=1,
        next_attempt=NOON + 900,
        delay_noticed=True,
        reply="451 4.3.0 later",
        next_hop="mx1.example.org",
        changed=NOON + 1,
        doubtful=1,
    )
    assert kinds(store, keep.mail.id) == [
        EventKind.RECEIVED,
        EventKind.DOUBTFUL,
        EventKind.DEFERRED,
        EventKind.DELAY_NOTICED,
    ]
    assert store.content(keep.mail.id) == CONTENT


@pytest.mark.parametrize("octets", [CONTENT, b"x" * 300_000])
def test_a_content_goes_with_the_last_recipient_that_needs_it(store: Store, octets: bytes) -> None:
    keep = kept(State.QUEUED, State.QUEUED, State.HELD, State.REDIRECTED, octets=octets)
    make(store, keep)
    delivered = Outcome(0, State.DELIVERED, "250 ok", "mx1", "R1")
    failed = Outcome(1, State.FAILED, "550 no", "mx1")
    make(store, Settle(keep.mail.id, NOON + 1, (delivered, failed)))
    assert store.content(keep.mail.id)[:] == octets
    make(store, Discard(keep.mail.id, NOON + 2, "anna", (2,), "spam"))
    with pytest.raises(MissingBody):
        store.content(keep.mail.id)
    assert states(store, keep.mail.id) == [State.DELIVERED, State.FAILED, State.DISCARDED, State.REDIRECTED]
    stored = store.mail(keep.mail.id)
    assert stored is not None
    assert stored.body_path == ""


def test_a_content_that_nobody_needs_is_not_kept(store: Store) -> None:
    keep = kept(State.REJECTED, octets=b"x" * 300_000)
    make(store, keep)
    with pytest.raises(MissingBody):
        store.content(keep.mail.id)
    with pytest.raises(MissingBody):
        store.content("NOSUCH")


def test_reports_are_kept_with_the_outcome_that_caused_them_or_not_at_all(store: Store) -> None:
    keep = kept(State.QUEUED, State.QUEUED)
    make(store, keep)
    report = kept(State.QUEUED)
    failed = Settle(keep.mail.id, NOON + 1, (Outcome(0, State.FAILED, "550 no"),), (report,))
    make(store, failed)
    assert states(store, report.mail.id) == [State.QUEUED]
    assert kinds(store, keep.mail.id) == [EventKind.RECEIVED, EventKind.FAILED, EventKind.REPORTED]
    # The same report again: an id is taken, so the second outcome must not be written either.
    error = refused(store, Settle(keep.mail.id, NOON + 2, (Outcome(1, State.FAILED, "550 no"),), (report,)))
    assert isinstance(error, StoreRefused)
    assert states(store, keep.mail.id) == [State.FAILED, State.QUEUED]


def test_a_delivery_is_the_truth_whatever_a_person_did_meanwhile(store: Store) -> None:
    keep = kept(State.QUEUED, State.QUEUED)
    make(store, keep, Discard(keep.mail.id, NOON + 1, "anna", (0, 1)))
    delivered, deferred = Outcome(0, State.DELIVERED, "250 ok"), Outcome(1, State.QUEUED, "451 later", next_attempt=NOON + 9)
    make(store, Settle(keep.mail.id, NOON + 2, (delivered, deferred)))
    assert states(store, keep.mail.id) == [State.DELIVERED, State.DISCARDED]
    assert kinds(store, keep.mail.id)[-2:] == [EventKind.DELIVERED, EventKind.LATE]


def test_two_outcomes_of_one_recipient_in_one_call(store: Store) -> None:
    keep = kept(State.QUEUED)
    make(store, keep)
    first = Settle(keep.mail.id, NOON + 1, (Outcome(0, State.QUEUED, "451 a", next_attempt=NOON + 9),))
    second = Settle(keep.mail.id, NOON + 2, (Outcome(0, State.DELIVERED, "250 ok"),))
    make(store, first, second)
    assert states(store, keep.mail.id) == [State.DELIVERED]
    assert store.entries(keep.mail.id)[0].attempts == 2


@pytest.mark.parametrize("state", [State.DROPPED, State.REJECTED, State.DISCARDED, State.REDIRECTED])
def test_an_attempt_cannot_end_as_anything(store: Store, state: State) -> None:
    keep = kept(State.QUEUED)
    make(store, keep)
    assert isinstance(refused(store, Settle(keep.mail.id, NOON, (Outcome(0, state),))), StoreRefused)
    assert states(store, keep.mail.id) == [State.QUEUED]


def test_undeliverable_mail_is_held_and_can_be_released(store: Store) -> None:
    keep = kept(State.QUEUED)
    make(store, keep, Settle(keep.mail.id, NOON + 1, (Outcome(0, State.HELD, "550 no such user"),)))
    assert states(store, keep.mail.id) == [State.HELD]
    make(store, Release(keep.mail.id, NOON + 2, "anna", ((0, "exchange"),)))
    assert states(store, keep.mail.id) == [State.QUEUED]
    assert store.entries(keep.mail.id)[0].attempts == 0


def test_release_queues_anew_and_its_time_to_give_up_counts_from_now(store: Store) -> None:
    keep = kept(State.HELD, State.DROPPED)
    make(store, keep)
    week = NOON + 7 * 86_400
    make(store, Release(keep.mail.id, week, "anna", ((0, "exchange"), (1, "elsewhere")), "was asked for"))
    first, second = store.due(week, 9)
    assert (first.queued, first.next_attempt, first.route, first.received) == (week, week, "exchange", NOON)
    assert second.route == "elsewhere"
    assert first.verdict == keep.recipients[0].verdict  # every rule that matched stays known
    released = [event for event in store.events(keep.mail.id) if event.kind is EventKind.RELEASED]
    assert [(event.who, event.key) for event in released] == [("anna", 0), ("anna", 1)]
    assert "was asked for" in released[0].detail


def test_restore_puts_dropped_mail_before_people(store: Store) -> None:
    keep = kept(State.DROPPED)
    make(store, keep, Restore(keep.mail.id, NOON + 1, "anna", (0,)))
    assert states(store, keep.mail.id) == [State.HELD]
    assert store.content(keep.mail.id) == CONTENT


def test_redirect_by_a_person(store: Store) -> None:
    keep = kept(State.HELD)
    make(store, keep)
    target = Recipient(Address.parse("sandbox@example.net"))
    make(store, Redirect(keep.mail.id, NOON + 1, "anna", 0, target, "lab"))
    old, new = store.entries(keep.mail.id)
    assert (old.state, new.state, new.key, new.recipient, new.route) == (State.REDIRECTED, State.QUEUED, 1, target, "lab")
    assert new.verdict == old.verdict
    assert new.queued == NOON + 1


def test_retry_and_flush(store: Store) -> None:
    keep, other = kept(State.QUEUED), kept(State.QUEUED, at=NOON + 1, route="elsewhere")
    make(store, keep, other)
    for mail in (keep, other):
        later = Outcome(0, State.QUEUED, "451 later", next_attempt=NOON + 9_000)
        make(store, Settle(mail.mail.id, NOON + 2, (later,)))
    make(store, Requeue(keep.mail.id, NOON + 3, "anna", (0,)))
    assert [entry.mail_id for entry in store.due(NOON + 3, 9)] == [keep.mail.id]
    make(store, Flush(NOON + 4, "ben", "exchange"))
    assert [entry.mail_id for entry in store.due(NOON + 4, 9)] == [keep.mail.id]
    make(store, Flush(NOON + 5, "ben"))
    assert [entry.mail_id for entry in store.due(NOON + 5, 9)] == [keep.mail.id, other.mail.id]
    assert store.entries(other.mail.id)[0].queued == NOON + 1
    assert [(event.kind, event.who) for event in store.events(other.mail.id)][-1] == (EventKind.REQUEUED, "ben")


def test_a_flush_is_no_longer_than_its_limit_and_ends(store: Store) -> None:
    mails = [kept(State.QUEUED, at=NOON + number) for number in range(5)]
    make(store, *mails)
    for mail in mails:
        make(store, Settle(mail.mail.id, NOON + 9, (Outcome(0, State.QUEUED, "451", next_attempt=NOON + 900),)))
    due = []
    for _ in range(4):
        make(store, Flush(NOON + 10, limit=2))
        due.append(len(store.due(NOON + 10, 9)))
    assert due == [2, 4, 5, 5]


def test_a_flush_leaves_alone_who_was_just_tried(store: Store) -> None:
    before, since, never = (kept(State.QUEUED, at=NOON + number) for number in range(3))
    never = replace(never, recipients=(replace(never.recipients[0], next_attempt=NOON + 900),))
    make(store, before, since, never)
    for mail, at in ((before, NOON + 9), (since, NOON + 10)):
        make(store, Settle(mail.mail.id, at, (Outcome(0, State.QUEUED, "451", next_attempt=NOON + 900),)))
    make(store, Flush(NOON + 11, tried_before=NOON + 10))
    assert [entry.mail_id for entry in store.due(NOON + 11, 9)] == [before.mail.id, never.mail.id]
    make(store, Settle(before.mail.id, NOON + 12, (Outcome(0, State.QUEUED, "451", next_attempt=NOON + 900),)))
    make(store, Flush(NOON + 12))
    assert [entry.mail_id for entry in store.due(NOON + 12, 9)] == [since.mail.id, never.mail.id]


def test_giving_up_by_a_person_reports(store: Store) -> None:
    keep, report = kept(State.QUEUED), kept(State.QUEUED)
    make(store, keep, GiveUp(keep.mail.id, NOON + 1, "anna", (0,), (report,)))
    assert states(store, keep.mail.id) == [State.FAILED]
    assert states(store, report.mail.id) == [State.QUEUED]
    assert kinds(store, keep.mail.id) == [EventKind.RECEIVED, EventKind.GIVEN_UP, EventKind.REPORTED]


_WHO = "anna"
_LEADS_NOWHERE = [
    (State.QUEUED, lambda mail_id: Release(mail_id, NOON, _WHO, ((0, "r"),))),
    (State.QUEUED, lambda mail_id: Restore(mail_id, NOON, _WHO, (0,))),
    (State.HELD, lambda mail_id: Restore(mail_id, NOON, _WHO, (0,))),
    (State.HELD, lambda mail_id: Requeue(mail_id, NOON, _WHO, (0,))),
    (State.HELD, lambda mail_id: GiveUp(mail_id, NOON, _WHO, (0,))),
    *[
        (ended, change)
        for ended in (State.REJECTED, State.REDIRECTED, State.DELIVERED, State.FAILED, State.DISCARDED)
        for change in (
            lambda mail_id: Release(mail_id, NOON, _WHO, ((0, "r"),)),
            lambda mail_id: Discard(mail_id, NOON, _WHO, (0,)),
            lambda mail_id: Restore(mail_id, NOON, _WHO, (0,)),
            lambda mail_id: Requeue(mail_id, NOON, _WHO, (0,)),
            lambda mail_id: GiveUp(mail_id, NOON, _WHO, (0,)),
            lambda mail_id: Redirect(mail_id, NOON, _WHO, 0, Recipient(Address.parse("x@example.org")), "r"),
        )
    ],
]


@pytest.mark.parametrize(("state", "change"), _LEADS_NOWHERE)
def test_what_leads_nowhere_is_refused_in_words_and_changes_nothing(store: Store, state: State, change: object) -> None:
    assert callable(change)
    keep = kept(state, State.HELD)
    make(store, keep)
    before = store.entries(keep.mail.id), store.events(keep.mail.id)
    error = refused(store, change(keep.mail.id))
    assert isinstance(error, WrongState)
    assert f"recipient 0 of mail {keep.mail.id} is {state}" in str(error)
    assert (store.entries(keep.mail.id), store.events(keep.mail.id)) == before


def test_a_change_of_several_recipients_is_made_for_all_or_none(store: Store) -> None:
    keep = kept(State.HELD, State.QUEUED)
    make(store, keep)
    assert isinstance(refused(store, Release(keep.mail.id, NOON, "anna", ((0, "r"), (1, "r")))), WrongState)
    assert isinstance(refused(store, Discard(keep.mail.id, NOON, "anna", (0, 7))), UnknownMail)
    assert isinstance(refused(store, Discard(keep.mail.id, NOON, "anna", ())), StoreRefused)
    assert isinstance(refused(store, Discard(keep.mail.id, NOON, "", (0,))), StoreRefused)
    assert states(store, keep.mail.id) == [State.HELD, State.QUEUED]


def test_notes(store: Store) -> None:
    keep = kept(State.HELD)
    make(store, keep, Note(keep.mail.id, NOON + 1, "anna", "asked the sender", key=0))
    assert store.events(keep.mail.id)[-1].detail == "asked the sender"
    assert isinstance(refused(store, Note("NOSUCH", NOON, "anna", "x")), UnknownMail)


def test_routes_are_paused_until_they_are_resumed(store: Store) -> None:
    assert store.paused() == []
    make(store, PauseRoute("exchange", NOON, "anna", "patch day"), PauseRoute("lab", NOON + 1, "ben"))
    assert [(one.route, one.who, one.note) for one in store.paused()] == [("exchange", "anna", "patch day"), ("lab", "ben", "")]
    make(store, ResumeRoute("exchange", NOON + 2, "anna"))
    assert [one.route for one in store.paused()] == ["lab"]


def test_who_paused_and_resumed_a_route_is_kept(store: Store) -> None:
    assert store.route_events("", 9) == []
    make(store, PauseRoute("exchange", NOON, "anna", "patch day"), PauseRoute("lab", NOON + 1, "ben"))
    make(store, ResumeRoute("exchange", NOON + 2, "carl"))
    assert store.route_events("exchange", 9) == [
        RouteEvent("exchange", NOON + 2, EventKind.RESUMED, "carl", ""),
        RouteEvent("exchange", NOON, EventKind.PAUSED, "anna", "patch day"),
    ]
    assert [one.who for one in store.route_events("", 2)] == ["carl", "ben"]
    assert store.route_events("", 0) == store.route_events("nowhere", 9) == store.route_events("", -1) == []


def test_find_by_any_id(store: Store) -> None:
    keep = kept(State.QUEUED, front_id="4YzQ1", message_id="<one@example.com>")
    twin = kept(State.HELD, message_id="one@example.com", at=NOON + 1)
    make(store, keep, twin, Settle(keep.mail.id, NOON, (Outcome(0, State.DELIVERED, "250 ok", "mx", "REMOTE9"),)))
    assert store.find(keep.mail.id) == store.find(keep.mail.id.lower()) == [keep.mail.id]
    assert store.find("4yzq1") == []
    assert store.find("4YzQ1") == [keep.mail.id]
    assert store.find(" REMOTE9\n") == [keep.mail.id]
    assert store.find("<one@example.com>") == sorted([keep.mail.id, twin.mail.id])
    assert store.find("one@example.com") == sorted([keep.mail.id, twin.mail.id])
    for nothing in ("", "<>", "' OR 1=1 --", "%", "\ud800"):
        assert store.find(nothing) == []


def test_search(store: Store) -> None:
    first = kept(State.HELD, State.QUEUED, sender="Alice@Example.COM", subject="Über 100% \\o/")
    second = kept(State.HELD, at=NOON + 10, subject="under_score", rule="words")
    third = kept(State.DROPPED, at=NOON + 20, route="x")
    make(store, first, second, third)

    def ids(wanted: SearchFor) -> list[tuple[str, int]]:
        return [(stored.id, entry.key) for stored, entry in store.search(wanted)]

    a, b, c = first.mail.id, second.mail.id, third.mail.id
    assert ids(SearchFor()) == [(c, 0), (b, 0), (a, 1), (a, 0)]
    assert ids(SearchFor(states=(State.HELD,))) == [(b, 0), (a, 0)]
    assert ids(SearchFor(states=(State.HELD, State.DROPPED))) == [(c, 0), (b, 0), (a, 0)]
    assert ids(SearchFor(states=(State.HELD, State.DROPPED), limit=2)) == [(c, 0), (b, 0)]
    assert ids(SearchFor(sender="alice@example")) == [(a, 1), (a, 0)]
    assert ids(SearchFor(recipient="USER1@")) == [(a, 1)]
    assert ids(SearchFor(subject="über")) == [(a, 1), (a, 0)]
    assert ids(SearchFor(subject="100% \\")) == [(a, 1), (a, 0)]
    assert ids(SearchFor(subject="r_s")) == [(b, 0)]
    assert ids(SearchFor(subject="%")) == [(a, 1), (a, 0)]
    assert ids(SearchFor(rule="words")) == [(b, 0)]
    assert ids(SearchFor(route="exchange")) == [(a, 1)]
    assert ids(SearchFor(older_than=NOON + 10)) == [(a, 1), (a, 0)]
    assert ids(SearchFor(newer_than=NOON + 10, older_than=NOON + 20)) == [(b, 0)]
    assert ids(SearchFor(limit=0)) == []
    stored, entry = store.search(SearchFor(rule="words"))[0]
    assert stored == second.stored()
    assert entry == second.entries()[0]


def test_counts(store: Store) -> None:
    make(
        store,
        kept(State.QUEUED, State.QUEUED, State.HELD, State.HELD, octets=b"12345"),
        kept(State.QUEUED, at=NOON + 9, route="lab"),
        kept(State.DROPPED, at=NOON + 1, octets=b"123"),
    )
    counts = store.counts()
    assert [(one.route, one.recipients, one.oldest) for one in counts.queues] == [("exchange", 2, NOON), ("lab", 1, NOON + 9)]
    assert (counts.held.recipients, counts.held.mails, counts.held.octets, counts.held.oldest) == (2, 1, 5, NOON)
    assert (counts.dropped.recipients, counts.dropped.octets, counts.dropped.oldest) == (1, 3, NOON + 1)


def test_retention_by_age_spares_what_is_queued(store: Store) -> None:
    old = kept(State.QUEUED, State.HELD, State.DROPPED)
    done = kept(State.DELIVERED)
    make(store, old, done)
    retention = Retention(Quota(100, 1 << 60), Quota(50, 1 << 60), Quota(1000, 1 << 60))
    assert store.expire(NOON + 51, retention).dropped == 1
    assert states(store, old.mail.id) == [State.QUEUED, State.HELD, State.DISCARDED]
    assert store.expire(NOON + 101, retention).held == 1
    assert states(store, old.mail.id) == [State.QUEUED, State.DISCARDED, State.DISCARDED]
    assert store.content(old.mail.id) == CONTENT
    assert kinds(store, old.mail.id) == [EventKind.RECEIVED, EventKind.EXPIRED, EventKind.EXPIRED]
    assert store.mail(done.mail.id) is not None
    assert store.expire(NOON + 100_000, retention).history == 1
    assert store.mail(done.mail.id) is None
    assert store.events(done.mail.id) == []
    assert store.entries(old.mail.id)[0].state is State.QUEUED
    assert store.due(NOON + 100_000, 9)[0].mail_id == old.mail.id


def test_history_counts_from_the_last_change(store: Store) -> None:
    keep = kept(State.HELD)
    make(store, keep, Discard(keep.mail.id, NOON + 500, "anna", (0,)))
    retention = Retention(FOREVER, FOREVER, Quota(100, 1 << 60))
    assert store.expire(NOON + 550, retention).history == 0
    assert store.expire(NOON + 601, retention).history == 1


def test_mail_from_a_clock_that_was_far_ahead_does_not_keep_history_for_ever(store: Store) -> None:
    make(store, *[kept(State.DELIVERED, at=NOON + 1e9) for _ in range(5)])
    make(store, kept(State.DELIVERED))
    assert store.expire(NOON + 200, Retention(FOREVER, FOREVER, Quota(100, 1 << 60))).history == 1


def test_a_full_hold_loses_nothing(store: Store) -> None:
    keep = kept(State.HELD, octets=b"x" * 1000)
    make(store, keep)
    assert store.held_octets() == 1000
    store.expire(NOON, Retention(Quota(1e9, 1), FOREVER, FOREVER))
    assert states(store, keep.mail.id) == [State.HELD]


def test_held_octets_count_each_mail_once_and_end_with_release_and_discard(store: Store) -> None:
    two, other, queued = (
        kept(State.HELD, State.HELD, octets=b"x" * 1000),
        kept(State.HELD, octets=b"y" * 300_000),
        kept(State.QUEUED),
    )
    make(store, two, other, queued)
    assert store.held_octets() == 301_000
    make(store, Release(two.mail.id, NOON, "anna", ((0, "exchange"),)))
    assert store.held_octets() == 301_000
    make(store, Discard(two.mail.id, NOON, "anna", (1,)), Release(other.mail.id, NOON, "anna", ((0, "exchange"),)))
    assert store.held_octets() == 0


def test_too_much_dropped_mail_ends_oldest_first(store: Store) -> None:
    mails = [kept(State.DROPPED, State.DROPPED, octets=b"x" * 1000, at=NOON + number) for number in range(5)]
    make(store, *mails)
    expired = store.expire(NOON + 10, Retention(FOREVER, Quota(1e9, 2500), FOREVER))
    assert expired.dropped == 6
    assert [states(store, mail.mail.id)[0] for mail in mails] == [State.DISCARDED] * 3 + [State.DROPPED] * 2


def test_too_much_history_ends_oldest_first_and_the_rest_is_left_to_further_calls(store: Store) -> None:
    mails = [kept(State.DELIVERED, at=NOON + number) for number in range(200)]
    queued = kept(State.QUEUED)
    make(store, queued, *mails)
    retention = Retention(FOREVER, FOREVER, Quota(1e9, 1))
    first = store.expire(NOON + 300, retention, limit=50)
    assert (first.history, first.more) == (50, True)
    assert store.mail(mails[49].mail.id) is None
    assert store.mail(mails[50].mail.id) is not None
    while store.expire(NOON + 300, retention, limit=50).more:
        pass
    assert all(store.mail(mail.mail.id) is None for mail in mails)
    assert states(store, queued.mail.id) == [State.QUEUED]


def test_a_sound_store_is_found_sound(store: Store) -> None:
    make(store, kept(State.QUEUED, octets=b"x" * 300_000), kept(State.HELD), kept(State.REJECTED), kept(State.QUEUED, State.HELD))
    checked = store.check()
    assert checked.problems == ()
    assert (checked.mails, checked.recipients) == (4, 5)


def test_an_attempt_that_ended_is_not_counted(store: Store) -> None:
    keep = kept(State.QUEUED)
    make(store, keep)
    attempt = store.attempt_begins(keep.mail.id, [0])
    store.attempt_ended(attempt)
    assert store.count_broken_off(NOON + 5) == {}
    assert [entry.doubtful for entry in store.entries(keep.mail.id)] == [0]


def test_an_attempt_that_never_ended_is_counted_for_those_who_are_still_queued(store: Store) -> None:
    keep = kept(State.QUEUED, State.QUEUED, State.HELD, State.QUEUED)
    make(store, keep)
    store.attempt_begins(keep.mail.id, [0, 1, 2])
    make(store, Settle(keep.mail.id, NOON + 1, (Outcome(0, State.DELIVERED),)))
    assert store.count_broken_off(NOON + 5) == {"exchange": 1}
    assert [entry.doubtful for entry in store.entries(keep.mail.id)] == [0, 1, 0, 0]
    assert [(event.key, event.kind) for event in store.events(keep.mail.id)][-1] == (1, EventKind.DOUBTFUL)
    assert store.count_broken_off(NOON + 6) == {}


def test_attempts_side_by_side_and_one_for_very_many_are_counted(store: Store) -> None:
    few, many = [kept(State.QUEUED) for _ in range(1_500)], kept(*[State.QUEUED] * 300)
    make(store, *few, many)
    begun = [store.attempt_begins(keep.mail.id, [0]) for keep in few]
    store.attempt_begins(many.mail.id, range(300))
    for attempt in begun[:-3]:
        store.attempt_ended(attempt)
    again = [store.attempt_begins(keep.mail.id, [0]) for keep in few[:10]]
    store.attempt_ended(again[0])
    assert store.count_broken_off(NOON + 5) == {"exchange": 312}
    assert [sum(entry.doubtful for entry in store.entries(keep.mail.id)) for keep in few] == [0] + [1] * 9 + [0] * 1_487 + [1] * 3
