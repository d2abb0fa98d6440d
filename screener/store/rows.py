"""Values to rows and back. The only module that knows the order of columns.

Texts that came from outside are made whole before they go in (a lone surrogate is no Unicode and SQLite would refuse the mail).
"""

import json
from functools import lru_cache
from typing import cast
from zlib import crc32

from screener.mail.address import NULL_SENDER, Address, AddressError
from screener.mail.envelope import Body, Client, Envelope, Notify, Recipient, Return
from screener.mail.verdict import Facts, Verdict, verdict_from_json, verdict_to_json
from screener.store.connection import Row, Value, as_float, as_int, as_text
from screener.store.records import Entry, Event, EventKind, Keep, NewRecipient, State, Stored

MAIL_COLUMNS = (
    "number, id, received, size, body_file, body_crc, ruleset, report_for, sender, body_type, smtputf8, declared_size, ret, envid, "
    "client_address, client_port, client_name, helo, protocol, authenticated, tls, listener, front, front_id, "
    "subject, message_id, from_field, defects, attachments, trace"
)
RECIPIENT_COLUMNS = (
    "mail, key, address, notify, orcpt, state, verdict, rule, route, queued, attempts, next_attempt, delay_noticed, doubtful, "
    "reply, next_hop, remote_id, changed"
)
EVENT_COLUMNS = "mail, at, key, kind, who, detail"

_NO_RULE = Verdict()


def whole(text: str) -> str:
    """The text with every lone surrogate replaced."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def mail_row(keep: Keep, number: int, body_file: bool) -> Row:
    """In the order of MAIL_COLUMNS."""
    mail, facts = keep.mail, keep.facts
    envelope = mail.envelope
    client = envelope.client
    return (
        number,
        mail.id,
        mail.received,
        mail.content.size,
        int(body_file),
        0 if mail.content.path else crc32(mail.content.octets),
        keep.ruleset,
        keep.report_for,
        envelope.sender.text,
        envelope.body.value,
        int(envelope.smtputf8),
        envelope.declared_size,
        envelope.ret.value if envelope.ret else "",
        whole(envelope.envid),
        client.address,
        client.port,
        whole(client.name),
        whole(client.helo),
        client.protocol,
        whole(client.authenticated),
        client.tls,
        client.listener,
        client.front,
        whole(client.front_id),
        whole(facts.subject),
        whole(facts.message_id),
        whole(facts.from_),
        json.dumps(facts.defects) if facts.defects else "",
        json.dumps(facts.attachments) if facts.attachments else "",
        mail.trace,
    )


def recipient_row(new: NewRecipient, number: int, key: int, at: float) -> Row:
    """In the order of RECIPIENT_COLUMNS."""
    queued = new.state is State.QUEUED
    verdict = new.verdict
    return (
        number,
        key,
        new.recipient.address.text,
        _notify_text(new.recipient.notify) if new.recipient.notify else "",
        whole(new.recipient.orcpt),
        new.state.value,
        "" if verdict == _NO_RULE else whole(verdict_to_json(verdict)),
        verdict.rule,
        new.route,
        at,
        0,
        (at if new.next_attempt is None else new.next_attempt) if queued else None,
        0,
        0,
        "",
        "",
        "",
        at,
    )


def stored_of(row: Row, body_path: str) -> Stored:
    """A row of MAIL_COLUMNS as the value it was."""
    (
        _number, mail_id, received, size, _body_file, _body_crc, ruleset, report_for,
        sender, body_type, smtputf8, declared_size, ret, envid,
        address, port, name, helo, protocol, authenticated, tls, listener, front, front_id,
        subject, message_id, from_field, defects, attachments, trace,
    ) = row  # fmt: skip
    client = Client(
        address=as_text(address),
        port=as_int(port),
        name=as_text(name),
        helo=as_text(helo),
        protocol=as_text(protocol),
        authenticated=as_text(authenticated),
        tls=as_text(tls),
        listener=as_text(listener),
        front=as_text(front),
        front_id=as_text(front_id),
    )
    return Stored(
        id=as_text(mail_id),
        received=as_float(received),
        envelope=Envelope(
            client=client,
            sender=address_of(as_text(sender)),
            recipients=(),
            body=Body(as_text(body_type)),
            smtputf8=bool(smtputf8),
            declared_size=None if declared_size is None else as_int(declared_size),
            ret=Return(as_text(ret)) if ret else None,
            envid=as_text(envid),
        ),
        trace=cast(bytes, trace),
        facts=Facts(as_text(subject), as_text(message_id), as_text(from_field), _texts(defects), _texts(attachments)),
        size=as_int(size),
        ruleset=as_text(ruleset),
        body_path=body_path,
        report_for=as_text(report_for),
    )


def entry_of(row: Row) -> Entry:
    """A row of the mail's id, its received, then RECIPIENT_COLUMNS, as the value it was."""
    (
        mail_id, received, _mail, key, address, notify, orcpt, state, verdict, _rule, route, queued, attempts, next_attempt,
        delay_noticed, doubtful, reply, next_hop, remote_id, changed,
    ) = row  # fmt: skip
    return Entry(
        key=as_int(key),
        mail_id=as_text(mail_id),
        recipient=Recipient(address_of(as_text(address)), _notify_of(as_text(notify)), as_text(orcpt)),
        state=State(as_text(state)),
        verdict=verdict_of(as_text(verdict)),
        route=as_text(route),
        received=as_float(received),
        queued=as_float(queued),
        attempts=as_int(attempts),
        next_attempt=None if next_attempt is None else as_float(next_attempt),
        delay_noticed=bool(delay_noticed),
        reply=as_text(reply),
        next_hop=as_text(next_hop),
        remote_id=as_text(remote_id),
        changed=as_float(changed),
        doubtful=as_int(doubtful),
    )


def event_of(row: Row) -> Event:
    """A row of the mail's id, at, key, kind, who, detail, as the value it was."""
    mail_id, at, key, kind, who, detail = row
    return Event(
        at=as_float(at),
        mail_id=as_text(mail_id),
        key=None if key is None else as_int(key),
        kind=EventKind(as_text(kind)),
        who=as_text(who),
        detail=as_text(detail),
    )


@lru_cache(maxsize=4096)
def address_of(text: str) -> Address:
    """An address as it was kept; the bare `postmaster` (RFC 5321 4.5.1) and whatever else is no Mailbox has no domain."""
    if not text:
        return NULL_SENDER
    try:
        return Address.parse(text)
    except AddressError:
        return Address(text, text, "")


@lru_cache(maxsize=1024)
def verdict_of(text: str) -> Verdict:
    """The verdict out of its column; raises ValueError."""
    return verdict_from_json(text) if text else _NO_RULE


@lru_cache(maxsize=16)
def _notify_text(notify: frozenset[Notify]) -> str:
    return ",".join(sorted(notify))


@lru_cache(maxsize=16)
def _notify_of(text: str) -> frozenset[Notify]:
    return frozenset(map(Notify, text.split(","))) if text else frozenset()


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(json.loads(as_text(value))) if value else ()
