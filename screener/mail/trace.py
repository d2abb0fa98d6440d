"""Trace fields: the Received field this hop adds (RFC 5321 4.4) and the signs of a loop in those that came (RFC 5321 6.3)."""

import re
from email.utils import formatdate

from screener.mail.envelope import Client
from screener.mail.mail import Octets

MAX_HEADER = 262_144  # octets looked at for trace fields: the anatomy's own limit of a header block

_RECEIVED = re.compile(rb"^received[ \t]*:", re.IGNORECASE | re.MULTILINE)


def received_field(client: Client, hostname: str, mail_id: str, received: float, recipient: str = "") -> bytes:
    """The Received field, folded, with its final CRLF.

    `recipient` is named in a FOR clause only when the mail has exactly one (RFC 5321 4.4 and 7.2: no blind copies shown).
    """
    literal = f"[IPv6:{client.address}]" if ":" in client.address else f"[{client.address or '127.0.0.1'}]"
    name = f"{_clean(client.name)} {literal}" if client.name else literal
    lines = [f"Received: from {_clean(client.helo) or 'unknown'} ({name})"]
    if client.tls:
        lines.append(f"(using {_clean(client.tls)})")
    lines.append(f"by {hostname} with {_clean(client.protocol)} id {mail_id}" + (f" for <{recipient}>;" if recipient else ";"))
    lines.append(formatdate(received, localtime=True))
    return "\r\n\t".join(lines).encode("utf-8") + b"\r\n"


def hops(content: Octets) -> int:
    """How many Received fields the content has."""
    return sum(1 for _ in _RECEIVED.finditer(_header(content)))


def passes_through(content: Octets, hostname: str) -> int:
    """How many Received fields name this host after BY: a mail that came by here that often."""
    ours = re.compile(rb"[ \t\r\n]by[ \t\r\n]+" + re.escape(hostname.encode("utf-8")) + rb"(?![\w.-])", re.IGNORECASE)
    header = _header(content)
    starts = [match.end() for match in _RECEIVED.finditer(header)]
    count = 0
    for start in starts:
        count += ours.search(header, start, _field_end(header, start)) is not None
    return count


def _field_end(header: bytes, start: int) -> int:
    """Where the field that holds `start` ends: at the first line end not followed by white space (RFC 5322 2.2.3)."""
    at = header.find(b"\n", start)
    while at != -1 and header[at + 1 : at + 2] in (b" ", b"\t"):
        at = header.find(b"\n", at + 1)
    return len(header) if at == -1 else at


def _header(content: Octets) -> bytes:
    end = content.find(b"\r\n\r\n", 0, MAX_HEADER)
    return content[: end + 2 if end != -1 else MAX_HEADER]


def _clean(text: str) -> str:
    """A client's word for a comment or token: printable, no parentheses, backslashes or quotes that could part the field."""
    return "".join(char if char.isprintable() and char not in '()\\"<>;' else "?" for char in text[:255])
