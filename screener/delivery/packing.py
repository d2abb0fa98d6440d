"""From what the store has to what a courier takes: recipients grouped by edits, the copy with what goes on top of it. Pure."""

from collections.abc import Iterator, Sequence

from screener.delivery.edits import edited
from screener.delivery.outcome import Parcel
from screener.mail.envelope import Body, Notify
from screener.mail.mail import Octets
from screener.mail.trace import MAX_HEADER
from screener.mail.verdict import Edits
from screener.store.records import Entry, Stored

_LOOK = 262_144  # octets looked at together


def groups(entries: Sequence[Entry]) -> Iterator[tuple[Edits, list[Entry]]]:
    """Recipients who get the same copy in one transaction.

    Those about whom nothing may be reported go by themselves, for a next hop without DSN gets the null sender for them (RFC 3461
    5.2.2).
    """
    alike: dict[tuple[Edits, bool], list[Entry]] = {}
    for entry in entries:
        alike.setdefault((entry.verdict.edits, Notify.NEVER in entry.recipient.notify), []).append(entry)
    for (edits, _), group in alike.items():
        yield edits, group


def pack(stored: Stored, content: Octets, entries: Sequence[Entry], edits: Edits) -> Parcel:
    """One copy for these recipients."""
    envelope = stored.envelope
    spans = edited(stored.trace, content, edits)
    return Parcel(
        mail_id=stored.id,
        sender=envelope.sender,
        recipients=tuple(entry.recipient for entry in entries),
        spans=spans,
        size=sum(span.end - span.start for span in spans),
        eight_bit=envelope.body is Body.EIGHT_BIT or not _is_ascii(content, len(content)),
        smtputf8=envelope.smtputf8,
        utf8_header=envelope.smtputf8 and not _is_ascii(content, _header_end(content)),
        ret=envelope.ret,
        envid=envelope.envid,
    )


def _is_ascii(content: Octets, end: int) -> bool:
    return all(content[at : min(at + _LOOK, end)].isascii() for at in range(0, end, _LOOK))


def _header_end(content: Octets) -> int:
    end = content.find(b"\r\n\r\n", 0, MAX_HEADER)
    return end if end != -1 else min(len(content), MAX_HEADER)
