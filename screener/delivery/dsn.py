"""Reports to senders: what became of their mail (RFC 3461, RFC 3464, RFC 6522). Pure: a report is composed, never sent, from here.

A report has three parts: words for people, the same for machines, and the header of the mail it is about, never its body. What
strangers wrote goes in only where it cannot be taken for structure: 8-bit, long or broken lines are made quoted-printable, and the
boundary is one that occurs nowhere. Whether a report may be made at all is decided in `settling`.
"""

import binascii
import re
from collections.abc import Sequence
from email.utils import formatdate
from enum import StrEnum

from screener.frozen import dataclass
from screener.mail.address import NULL_SENDER, Address
from screener.mail.envelope import Body, Client, Envelope, Recipient
from screener.mail.mail import Content, Mail, Readable
from screener.mail.reply import Reply
from screener.mail.verdict import Facts, Verdict
from screener.store.records import Keep, NewRecipient, State, Stored

MAX_HEADER = 65_536  # octets of the original header that are returned

_PLAIN_LINES = re.compile(rb"(?:[\t\x20-\x7e]{0,998}\r\n)*")
_XTEXT = re.compile(r"\+([0-9A-F]{2})")  # RFC 3461 section 4
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{3,250}>")
_IPV4 = re.compile(r"\d+(?:\.\d+){3}")
_PORT = re.compile(r":\d+$")


class Kind(StrEnum):
    """What a report says."""

    FAILURE = "failure"
    DELAY = "delay"
    SUCCESS = "success"


class Done(StrEnum):
    """The Action field of RFC 3464 2.3.3."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"  # to a next hop that does not report successes itself


@dataclass(frozen=True, slots=True)
class Concerned:
    """One recipient a report is about."""

    recipient: Recipient  # as the sender named it, wherever the mail went
    done: Done
    status: str  # RFC 3463: "5.1.1"
    reply: Reply
    heard: bool  # whether the reply is the next hop's own
    next_hop: str = ""
    retry_until: float | None = None  # DELAYED only, seconds since the epoch
    doubtful: int = 0  # attempts whose final reply was lost: each may have left a copy


@dataclass(frozen=True, slots=True)
class Reporter:
    """In whose name reports go out."""

    hostname: str
    postmaster: Address


def report(
    kind: Kind,
    about: Stored,
    header: bytes,
    concerned: Sequence[Concerned],
    reporter: Reporter,
    *,
    route: str,
    now: float,
    mail_id: str,
) -> Keep:
    """A report to the sender of `about`, queued for `route`. `header` is what `header_of` gives; `mail_id` is the report's own."""
    sender = about.envelope.sender
    subject = _SUBJECTS[kind]
    message_id = f"<{mail_id}@{reporter.hostname}>"
    parts = (
        _text_part(_for_people(kind, about, concerned, reporter)),
        b"Content-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n\r\n"
        + _for_machines(about, concerned, reporter, now),
        _header_part(header),
    )
    fields = [
        f"Date: {formatdate(now, localtime=True)}",
        f"From: Mail Delivery System <{reporter.postmaster.text}>",
        f"To: <{sender.text}>",
        f"Subject: {subject}",
        f"Message-ID: {message_id}",
        *_thread(about.facts.message_id),
        "Auto-Submitted: auto-replied",  # RFC 3834: nothing should answer this
    ]
    utf8 = not sender.is_ascii or not reporter.postmaster.is_ascii
    to = Recipient(sender)
    envelope = Envelope(
        client=Client("127.0.0.1", helo=reporter.hostname),
        sender=NULL_SENDER,  # RFC 5321 4.5.5: nothing must be reported about a report
        recipients=(to,),
        body=Body.EIGHT_BIT if utf8 else Body.SEVEN_BIT,
        smtputf8=utf8,
    )
    return Keep(
        mail=Mail(id=mail_id, received=now, envelope=envelope, content=Content(_multipart(fields, parts, mail_id))),
        facts=Facts(subject=subject, message_id=message_id, from_=reporter.postmaster.text),
        ruleset="",
        recipients=(NewRecipient(to, State.QUEUED, Verdict(), route),),
        report_for=about.id,
    )


def header_of(trace: bytes, content: Readable) -> bytes:
    """The header of a mail as it went out, at most MAX_HEADER octets, ending with CRLF; never a line of its body."""
    if content[:2] == b"\r\n":
        return trace
    end = content.find(b"\r\n\r\n", 0, MAX_HEADER)
    if end == -1:
        end = content.rfind(b"\r\n", 0, MAX_HEADER)
    return (trace + content[: end + 2] if end != -1 else trace)[: MAX_HEADER + len(trace)]


_SUBJECTS = {
    Kind.FAILURE: "Undeliverable: your message was not delivered",
    Kind.DELAY: "Delayed: your message has not been delivered yet",
    Kind.SUCCESS: "Delivered: your message was passed on",
}
_OPENINGS = {
    Kind.FAILURE: "Your message could not be delivered to the recipients below. It will not be\ntried again.",
    Kind.DELAY: (
        "Your message has not been delivered to the recipients below yet. It will be\ntried again; you need not send it again."
    ),
    Kind.SUCCESS: "You asked to be told: your message was passed on for the recipients below.",
}
_SAID = {
    Done.FAILED: "failed",
    Done.DELAYED: "delayed",
    Done.DELIVERED: "delivered",
    Done.RELAYED: "passed on to a mail system that sends no such reports",
}


def _for_people(kind: Kind, about: Stored, concerned: Sequence[Concerned], reporter: Reporter) -> str:
    lines = [f"This is the mail system at {reporter.hostname}.", "", _OPENINGS[kind], ""]
    if about.facts.subject:
        lines.append(f"Subject: {_printable(about.facts.subject)[:200]}")
    lines += [f"Received: {formatdate(about.received, localtime=True)}", f"Our name for it: {about.id}", ""]
    for one in concerned:
        lines.append(f"<{_printable(one.recipient.address.text)}>: {_SAID[one.done]}")
        if one.done in (Done.FAILED, Done.DELAYED):
            who = f"{one.next_hop} said: " if one.heard and one.next_hop else ""
            words = str(one.reply) if one.heard else one.reply.text
            lines.append(f"    {who}{_printable(words.replace(chr(10), ' '))}")
        if one.done is Done.FAILED and one.doubtful:
            lines.append("    It may have arrived all the same: it was sent whole, and the answer was lost.")
        if one.retry_until is not None:
            lines.append(f"    Tried until: {formatdate(one.retry_until, localtime=True)}")
    lines += ["", f"Questions: {reporter.postmaster.text}"]
    return "\n".join(lines) + "\n"


def _for_machines(about: Stored, concerned: Sequence[Concerned], reporter: Reporter, now: float) -> bytes:
    """message/delivery-status: one group for the mail, one for each recipient (RFC 3464 2.1)."""
    lines = [f"Reporting-MTA: dns; {reporter.hostname}"]
    if about.envelope.envid:
        lines.append(f"Original-Envelope-Id: {_from_xtext(about.envelope.envid)}")
    lines.append(f"Arrival-Date: {formatdate(about.received, localtime=True)}")
    for one in concerned:
        lines.append("")
        if one.recipient.orcpt:
            kind, _, address = one.recipient.orcpt.partition(";")
            lines.append(f"Original-Recipient: {_ascii(kind)}; {_from_xtext(address)}")
        lines += [f"Final-Recipient: {_typed(one.recipient.address)}", f"Action: {one.done}", f"Status: {one.status}"]
        if one.heard and one.next_hop:
            lines.append(f"Remote-MTA: dns; {_ascii(_host(one.next_hop))}")
        if one.done in (Done.FAILED, Done.DELAYED):
            words = str(one.reply) if one.heard else one.reply.text.replace("\n", " ")
            lines.append(f"Diagnostic-Code: {'smtp' if one.heard else 'x-screener'}; {_ascii(words)}")
            lines.append(f"Last-Attempt-Date: {formatdate(now, localtime=True)}")
        if one.retry_until is not None:
            lines.append(f"Will-Retry-Until: {formatdate(one.retry_until, localtime=True)}")
    return "".join(f"{line}\r\n" for line in lines).encode("ascii", "replace")


def _text_part(text: str) -> bytes:
    octets = text.replace("\n", "\r\n").encode("utf-8", "replace")
    if _PLAIN_LINES.fullmatch(octets):
        return b"Content-Type: text/plain; charset=us-ascii\r\n\r\n" + octets
    head = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head + _quoted(octets)


def _header_part(header: bytes) -> bytes:
    """RFC 6522 section 4: quoted-printable where the header is not plain lines of ASCII."""
    head = b"Content-Description: Header of your message\r\nContent-Type: text/rfc822-headers\r\n"
    if _PLAIN_LINES.fullmatch(header):
        return head + b"\r\n" + header
    return head + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + _quoted(header)


def _quoted(octets: bytes) -> bytes:
    """Quoted-printable, line by line, so that a CR or LF that stands alone stays what it is."""
    lines = (binascii.b2a_qp(line, istext=False).replace(b"=\n", b"=\r\n") for line in octets.split(b"\r\n"))
    return b"\r\n".join(lines)


def _multipart(fields: Sequence[str], parts: Sequence[bytes], mail_id: str) -> bytes:
    """The report as a message (RFC 6522)."""
    boundary = _boundary(mail_id, parts)
    mime = ["MIME-Version: 1.0", f'Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="{boundary}"']
    rim = boundary.encode("ascii")
    return b"".join(
        (
            "\r\n".join((*fields, *mime)).encode("utf-8"),
            b"\r\n\r\nThis is a delivery report in MIME format.\r\n",
            *(b"\r\n--" + rim + b"\r\n" + part for part in parts),
            b"\r\n--" + rim + b"--\r\n",
        )
    )


def _boundary(mail_id: str, parts: Sequence[bytes]) -> str:
    """A boundary that no part contains: a stranger may have guessed one, but not all that follow."""
    number = 0
    while True:
        boundary = f"=_report_{mail_id}_{number}"
        if not any(boundary.encode("ascii") in part for part in parts):
            return boundary
        number += 1


def _thread(message_id: str) -> list[str]:
    if _MESSAGE_ID.fullmatch(message_id) is None:
        return []
    return [f"In-Reply-To: {message_id}", f"References: {message_id}"]


def _host(next_hop: str) -> str:
    """A next hop without its port; an IP address as a literal (RFC 5321 4.1.3)."""
    host = _PORT.sub("", next_hop)
    return f"[{host}]" if _IPV4.fullmatch(host) else host


def _typed(address: Address) -> str:
    """An address with its type; UTF-8 in the ASCII form of RFC 6533 section 3 (utf-8-addr-xtext)."""
    if address.is_ascii:
        return f"rfc822; {_ascii(address.text)}"
    text = "".join(char if char.isascii() and char.isprintable() else f"\\x{{{ord(char):02X}}}" for char in address.text)
    return f"utf-8; {text}"


def _from_xtext(text: str) -> str:
    return _ascii(_XTEXT.sub(lambda found: chr(int(found[1], 16)), text))


def _ascii(text: str) -> str:
    return "".join(char if " " <= char <= "~" else "?" for char in text[:600])


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)
