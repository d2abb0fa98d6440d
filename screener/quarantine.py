"""Held and dropped mail, for people: why it lies there, and what may be done with it.

Pure: composes changes; who makes them is the caller's. A release queues without screening again, so the rule that held a mail
cannot hold it a second time; its time to give up counts from the release. Every change carries the name of the person.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from screener.frozen import dataclass
from screener.mail.address import Address
from screener.store.changes import Discard, Release, Restore
from screener.store.records import Entry, State, Stored

PLACES = (State.HELD, State.DROPPED)
NOT_JUDGED = "could not be judged: "

# What `intake` and `ruleset` add behind a rule's own evidence where they hold a mail that the rule would not have held.
_OVERRULING = ("route", "reject")

RouteOf = Callable[[Address], str | None]


class QuarantineError(Exception):
    """What a person asked for cannot be done; the message says why."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One recipient's copy of a mail."""

    stored: Stored
    entry: Entry

    @property
    def reason(self) -> str:
        """Why it lies in hold, or aside after a drop, in one line: the rule and its first evidence, or what went wrong with
        what the rule wanted."""
        verdict = self.entry.verdict
        if self.entry.attempts:
            return f"undeliverable: {self.entry.reply}"
        last = verdict.evidence[-1] if verdict.evidence else None
        if last is not None and last.condition in _OVERRULING:
            return ": ".join(filter(None, (verdict.rule, last.text)))
        evidence = verdict.evidence[0].text if verdict.evidence else ""
        if verdict.unsure:
            return NOT_JUDGED + evidence.removeprefix(NOT_JUDGED)
        return f"{verdict.rule}: {evidence}" if evidence else verdict.rule


@dataclass(frozen=True, slots=True)
class Releasing:
    """What a release comes to: the changes, one a mail, in the order chosen; and the recipients for whom no route leads."""

    changes: tuple[Release, ...]
    going: tuple[Copy, ...]
    staying: tuple[Copy, ...]


def release(chosen: Iterable[Copy], at: float, who: str, route_of: RouteOf, note: str = "") -> Releasing:
    """Let it go out. Where no route leads, that recipient's copy stays where it is, and only that one."""
    routed = [(one, route_of(one.entry.recipient.address)) for one in chosen]
    routes = {(one.stored.id, one.entry.key): route for one, route in routed if route is not None}
    going = tuple(one for one, route in routed if route is not None)
    changes = tuple(
        Release(mail_id, at, _named(who), tuple((one.entry.key, routes[mail_id, one.entry.key]) for one in group), note)
        for mail_id, group in by_mail(going).items()
    )
    return Releasing(changes, going, tuple(one for one, route in routed if route is None))


def why_it_stays(one: Copy) -> str:
    """Why it cannot be released, and what to do about it, in one line."""
    address = one.entry.recipient.address
    domain = f"the domain {address.domain}" if address.domain else "addresses without a domain (the domain of `hostname`)"
    return (
        f"{one.stored.id} for {address}: stays {one.entry.state}: no route leads to {domain}. Give it one under `domains` in "
        "screener.yaml, or set `default_route`; restart the service, and release it again"
    )


def discard(chosen: Iterable[Copy], at: float, who: str, note: str = "") -> list[Discard]:
    """Nobody gets it, and nobody is told: one change a mail."""
    return [Discard(mail_id, at, _named(who), _keys(group), note) for mail_id, group in by_mail(chosen).items()]


def restore(chosen: Iterable[Copy], at: float, who: str) -> list[Restore]:
    """Put dropped mail among the held mail: one change a mail."""
    return [Restore(mail_id, at, _named(who), _keys(group)) for mail_id, group in by_mail(chosen).items()]


def by_mail(chosen: Iterable[Copy]) -> Mapping[str, Sequence[Copy]]:
    """Grouped by mail, in the order chosen: those recipients of a mail change together or not at all."""
    mails: dict[str, list[Copy]] = {}
    for one in chosen:
        mails.setdefault(one.stored.id, []).append(one)
    return mails


def _keys(group: Sequence[Copy]) -> tuple[int, ...]:
    return tuple(one.entry.key for one in group)


def _named(who: str) -> str:
    if not who.strip():
        raise QuarantineError("a change by a person is recorded with the name: who?")
    return who
