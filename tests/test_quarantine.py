"""Held and dropped mail, for people."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.kept import NOON, kept
from fakes.letters import anatomy_of, letter

from screener.mail.address import Address
from screener.mail.verdict import Action, Evidence, Hit, Verdict
from screener.policy.rulefile import compile_source
from screener.policy.source import Source
from screener.quarantine import Copy, QuarantineError, discard, release, restore, why_it_stays
from screener.store.changes import Discard, Release, Restore
from screener.store.interface import Store
from screener.store.queries import SearchFor
from screener.store.records import NewRecipient, Outcome, Settle, State
from screener.store.sqlite import SqliteStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore.open(tmp_path / "store", serving=True, reserve=0)
    yield opened
    opened.close()


def exchange(address: Address) -> str | None:
    return "exchange" if address.domain == "example.org" else None


def make(store: Store, changes: list[Release] | list[Discard] | list[Restore]) -> None:
    assert store.apply(changes) == [None] * len(changes)


def lying(store: Store, place: State = State.HELD) -> list[Copy]:
    return [Copy(stored, entry) for stored, entry in store.search(SearchFor(states=(place,)))]


def test_released_mail_goes_out_without_being_screened_again(store: SqliteStore) -> None:
    mails = [kept(State.HELD, State.HELD), kept(State.HELD, at=NOON + 1)]
    store.apply(mails)
    releasing = release(lying(store), NOON + 9, "anna", exchange, "they asked")
    assert releasing.staying == ()
    make(store, list(releasing.changes))
    due = store.due(NOON + 9, 9)
    assert [(entry.mail_id, entry.key, entry.queued, entry.route) for entry in due] == [
        (mails[0].mail.id, 0, NOON + 9, "exchange"),
        (mails[0].mail.id, 1, NOON + 9, "exchange"),
        (mails[1].mail.id, 0, NOON + 9, "exchange"),
    ]
    assert [(event.who, event.detail) for event in store.events(mails[1].mail.id)][-1] == ("anna", "they asked")


def test_what_has_no_route_stays_and_the_rest_goes(store: SqliteStore) -> None:
    mail = kept(State.HELD, State.HELD)
    strange = replace(mail.recipients[1].recipient, address=Address.parse("x@elsewhere.example"))
    mail = replace(mail, recipients=(mail.recipients[0], replace(mail.recipients[1], recipient=strange)))
    store.apply([mail])
    releasing = release(lying(store), NOON, "anna", exchange)
    assert [one.entry.key for one in releasing.going] == [0]
    assert [change.routes for change in releasing.changes] == [((0, "exchange"),)]
    (staying,) = releasing.staying
    assert why_it_stays(staying).startswith(f"{mail.mail.id} for x@elsewhere.example: stays held: no route leads to the domain els")
    assert "`domains`" in why_it_stays(staying)
    assert "`default_route`" in why_it_stays(staying)


def test_discard_and_restore(store: SqliteStore) -> None:
    mail = kept(State.HELD, State.DROPPED)
    store.apply([mail])
    make(store, restore(lying(store, State.DROPPED), NOON + 1, "ben"))
    make(store, discard(lying(store), NOON + 2, "anna", "spam"))
    assert [entry.state for entry in store.entries(mail.mail.id)] == [State.DISCARDED, State.DISCARDED]
    assert [(event.kind, event.who) for event in store.events(mail.mail.id)][1:] == [
        ("restored", "ben"),
        ("discarded", "anna"),
        ("discarded", "anna"),
    ]


@pytest.mark.parametrize("who", ["", "  "])
def test_nobody_changes_anything(store: SqliteStore, who: str) -> None:
    store.apply([kept(State.HELD)])
    found = lying(store)
    for compose in (
        lambda: release(found, NOON, who, exchange),
        lambda: discard(found, NOON, who),
        lambda: restore(found, NOON, who),
    ):
        with pytest.raises(QuarantineError, match="who"):
            compose()


def held_by(store: SqliteStore, verdict: Verdict) -> Copy:
    mail = kept(State.HELD)
    store.apply([replace(mail, recipients=(NewRecipient(mail.recipients[0].recipient, State.HELD, verdict),))])
    (one,) = [one for one in lying(store) if one.stored.id == mail.mail.id]
    return one


def test_why_it_lies_there(store: SqliteStore) -> None:
    evidence = (Evidence("attachment.extension", "a.exe is a program"),)
    hits = (
        Hit("big", "x.yaml:1", Action.HOLD),
        Hit("tag", "x.yaml:2", None),
        Hit("new", "x.yaml:3", Action.DROP, observed=True),
        Hit("programs", "x.yaml:4", Action.HOLD, evidence),
    )
    one = held_by(store, Verdict(Action.HOLD, "programs", "x.yaml:4", evidence, hits=hits))
    assert one.reason == "programs: a.exe is a program"
    unsure = held_by(store, Verdict(Action.HOLD, "words", "x.yaml:9", (Evidence("body", "took too long"),), unsure=True))
    assert unsure.reason == "could not be judged: took too long"
    assert held_by(store, Verdict(Action.HOLD, "all", "x.yaml:9")).reason == "all"


def test_a_reason_is_not_said_twice(store: SqliteStore) -> None:
    slow = (Evidence("subject.pattern", "could not be judged: the pattern 'a' took longer than 0.05 s"),)
    unsure = held_by(store, Verdict(Action.HOLD, "slow", "x.yaml:9", slow, unsure=True))
    assert unsure.reason == "could not be judged: the pattern 'a' took longer than 0.05 s"


def test_what_kept_a_rule_from_acting_is_the_reason(store: SqliteStore) -> None:
    matched = Evidence("recipient.address", "old@example.org is old@example.org")
    no_route = Evidence("route", "no route leads to the domain of new@nowhere.example", "envelope")
    redirected = Verdict(Action.HOLD, "away", "x.yaml:2", (matched, no_route), unsure=True)
    assert held_by(store, redirected).reason == "away: no route leads to the domain of new@nowhere.example"
    assert held_by(store, Verdict(Action.HOLD, evidence=(no_route,), unsure=True)).reason == no_route.text


def test_a_partial_reject_says_that_reject_was_not_possible(store: SqliteStore) -> None:
    rules = b"rules: [{name: closed, when: {recipient: {address: anna@example.org}}, then: reject}]"
    mail = letter("to: anna@example.org", "to: ben@example.org")
    verdict, _ = compile_source(Source.of((("r.yaml", rules),))).ruleset.screen(mail, anatomy_of(mail)).verdicts
    assert held_by(store, verdict).reason.startswith("closed: reject not possible: other recipients of this mail")


def test_undeliverable_mail_says_so(store: SqliteStore) -> None:
    mail = kept(State.QUEUED)
    store.apply([mail])
    store.apply([Settle(mail.mail.id, NOON, (Outcome(0, State.HELD, "550 no such user", "mx1"),))])
    (one,) = [one for one in lying(store) if one.stored.id == mail.mail.id]
    assert one.reason == "undeliverable: 550 no such user"
