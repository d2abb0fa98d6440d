"""Whom the sender wrote to, where a mail goes to somebody else: reports are about the former and never name the latter. Pure.

A rule's redirect is kept as two recipients, the original one and behind it, with the same verdict, its target. A person's redirect
adds a recipient at the end and an event that names the original one, in the same order. Both may follow one another.
"""

from collections.abc import Sequence

from screener.mail.envelope import Recipient
from screener.mail.verdict import Action
from screener.store.records import Entry, Event, EventKind, State


def may_stand_in(entry: Entry) -> bool:
    """Whether a recipient may stand in another's place: a rule's target, or one that was queued later than the mail came."""
    return entry.verdict.action is Action.REDIRECT or entry.queued != entry.received


def originals(entries: Sequence[Entry], events: Sequence[Event]) -> dict[int, Recipient]:
    """For each of a mail's recipients that stands in another's place, by its key, the one that the sender named.

    `entries` and `events` are all of the mail's, as the store gives them.
    """
    by_person = [event.key for event in events if event.kind is EventKind.REDIRECTED and event.key is not None]
    came = len(entries) - len(by_person)
    recipients = {entry.key: entry.recipient for entry in entries}
    named: dict[int, Recipient] = {}
    before: Entry | None = None
    for at, entry in enumerate(entries):
        key = by_person[at - came] if at >= came else before.key if before is not None and _sends(before, entry) else None
        if key is not None:  # it came before: whether it is its own original is known already
            named[entry.key] = named.get(key, recipients[key])
        before = entry
    return named


def _sends(original: Entry, target: Entry) -> bool:
    """Whether the one's verdict sent the mail to the other."""
    verdict = original.verdict
    return (
        original.state is State.REDIRECTED
        and verdict == target.verdict
        and verdict.target is not None
        and verdict.target.text == target.recipient.address.text
    )
