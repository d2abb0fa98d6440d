"""Trace fields: the Received field this hop adds (RFC 5321 4.4) and the signs of a loop in those that came (RFC 5321 6.3)."""

import re
from email.utils import formatdate
from functools import lru_cache

from screener.mail.envelope import Client
from screener.mail.mail import Octets

MAX_HEADER = 262_144  # octets looked at for trace fields: the anatomy's own limit of a header block

_FIELD = b"\nreceived"
_UNCLEAN = re.compile(r"[^ !#-'*-:=?-\[\]-~]")
_NAME = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789_.-")


def received_field(client: Client, hostname: str, mail_id: str, received: float, recipient: str = "") -> bytes:
    """The Received field, folded, with its final CRLF.

    `recipient` is named in a FOR clause only when the mail has exactly one (RFC 5321 4.4 and 7.2: no blind copies shown).
    """
    literal = f"[IPv6:{client.address}]" if ":" in client.address else f"[{client.address}]" if client.address else "unknown"
    name = f"{_clean(client.name)} {literal}" if client.name else literal
    using = f"\r\n\t(using {_clean(client.tls)})" if client.tls else ""
    goal = f"\r\n\tfor <{recipient}>" if recipient else ""
    return (
        f"Received: from {_clean(client.helo) or 'unknown'} ({name}){using}\r\n"
        f"\tby {hostname} with {client.protocol} id {mail_id}{goal};\r\n"
        f"\t{_date(int(received))}\r\n"
    ).encode()


def signs_of_loop(content: Octets, hostname: str) -> tuple[int, int]:
    """How many Received fields the content has, and how many of them name this host after BY: passes through here."""
    header = _header(content)
    by = b"by " + hostname.lower().encode()
    count = passes = 0
    at = header.find(_FIELD)
    while at >= 0:
        at += len(_FIELD)
        colon = at
        while header[colon : colon + 1] in (b" ", b"\t"):
            colon += 1
        if header[colon : colon + 1] == b":":
            count += 1
            passes += _names(b" ".join(header[colon + 1 : _field_end(header, colon)].split()), by)
        at = header.find(_FIELD, at)
    return count, passes


def hops(content: Octets) -> int:
    """How many Received fields the content has."""
    return signs_of_loop(content, "")[0]


@lru_cache(maxsize=4)
def _date(received: int) -> str:
    """The date as mail writes it, in local time. Whole seconds: under load many mails share one."""
    return formatdate(received, localtime=True)


def _names(field: bytes, by: bytes) -> bool:
    """Whether "by hostname" stands in the field (in lower case, blanks single) as words of their own."""
    at = field.find(by)
    while at >= 0:
        after = field[at + len(by) : at + len(by) + 1]
        if (at == 0 or field[at - 1] == 0x20) and (not after or after[0] not in _NAME):
            return True
        at = field.find(by, at + 1)
    return False


def _field_end(header: bytes, start: int) -> int:
    """Where the field that holds `start` ends: at the first line end not followed by white space (RFC 5322 2.2.3)."""
    at = header.find(b"\n", start)
    while at != -1 and header[at + 1 : at + 2] in (b" ", b"\t"):
        at = header.find(b"\n", at + 1)
    return len(header) if at == -1 else at


def _header(content: Octets) -> bytes:
    """The header in lower case, with a line end before its first field."""
    if content[:2] == b"\r\n":
        return b""
    end = content.find(b"\r\n\r\n", 0, MAX_HEADER)
    return b"\n" + content[: end + 2 if end != -1 else MAX_HEADER].lower()


def _clean(text: str) -> str:
    """A client's word for a comment or token: printable ASCII, no parentheses, backslashes or quotes that could part the field."""
    return _UNCLEAN.sub("?", text[:255])
