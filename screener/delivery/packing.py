"""From what the store has to what a courier takes: recipients grouped by edits, the copy with what goes on top of it. Pure.

Promises that an address gets a copy once, however many recipients lead to it (redirects do that), and each of them its answer.
"""

from collections.abc import Iterable, Iterator, Sequence

from screener.delivery.edits import edited
from screener.delivery.outcome import Answer, Parcel
from screener.mail.envelope import Body, Notify, Recipient
from screener.mail.mail import Readable
from screener.mail.trace import MAX_HEADER
from screener.mail.verdict import Edits
from screener.store.records import Entry, Stored

_LOOK = 262_144  # octets looked at together


def groups(entries: Sequence[Entry]) -> Iterator[tuple[Edits, list[Entry]]]:
    """Recipients who get the same copy in one transaction.

    Those about whom nothing may be reported go by themselves, for a next hop without DSN gets the null sender for them (RFC 3461
    5.2.2), unless the same address gets this copy for somebody else too.
    """
    told = {_copy(entry) for entry in entries if Notify.NEVER not in entry.recipient.notify}
    alike: dict[tuple[Edits, bool], list[Entry]] = {}
    for entry in entries:
        alike.setdefault((entry.verdict.edits, _copy(entry) not in told), []).append(entry)
    for (edits, _), group in alike.items():
        yield edits, group


def pack(stored: Stored, content: Readable, entries: Sequence[Entry], edits: Edits) -> Parcel:
    """One copy for these recipients; `answers_of` leads from its answers back to them."""
    envelope = stored.envelope
    spans = edited(stored.trace, content, edits)
    return Parcel(
        mail_id=stored.id,
        sender=envelope.sender,
        recipients=_once(entry.recipient for entry in entries),
        spans=spans,
        size=sum(span.end - span.start for span in spans),
        eight_bit=envelope.body is Body.EIGHT_BIT or not _is_ascii(content, len(content)),
        smtputf8=envelope.smtputf8,
        utf8_header=envelope.smtputf8 and not _is_ascii(content, _header_end(content)),
        ret=envelope.ret,
        envid=envelope.envid,
    )


def answers_of(parcel: Parcel, answers: Sequence[Answer], entries: Sequence[Entry]) -> list[tuple[Entry, Answer]]:
    """What the courier answered, for everyone the parcel was packed for, in their order."""
    by_address = {one.address.text: answer for one, answer in zip(parcel.recipients, answers, strict=True)}
    return [(entry, by_address[entry.recipient.address.text]) for entry in entries]


def _copy(entry: Entry) -> tuple[str, Edits]:
    return entry.recipient.address.text, entry.verdict.edits


def _once(recipients: Iterable[Recipient]) -> tuple[Recipient, ...]:
    """Each address once, told of whatever any of them wants to be told of."""
    found: dict[str, Recipient] = {}
    for one in recipients:
        other = found.setdefault(one.address.text, one)
        if other is not one:
            found[one.address.text] = Recipient(one.address, _both(other.notify, one.notify), other.orcpt or one.orcpt)
    return tuple(found.values())


def _both(first: frozenset[Notify], second: frozenset[Notify]) -> frozenset[Notify]:
    """Without NOTIFY a failure is reported, and perhaps a delay (RFC 3461 4.1); NEVER stands alone."""
    if first == second:
        return first
    usual = frozenset({Notify.FAILURE, Notify.DELAY})
    return ((first or usual) | (second or usual)) - {Notify.NEVER}


def _is_ascii(content: Readable, end: int) -> bool:
    return all(content[at : min(at + _LOOK, end)].isascii() for at in range(0, end, _LOOK))


def _header_end(content: Readable) -> int:
    end = content.find(b"\r\n\r\n", 0, MAX_HEADER)
    return end if end != -1 else min(len(content), MAX_HEADER)
