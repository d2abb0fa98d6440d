"""A copy as rules want it: header fields on top of it, a tag before its subject. Pure; the content is not copied.

Promises that nothing else changes, octet for octet, and that no value can break out of its field. Which edits apply is decided by
the rules; `verdict.edits` brings them here.
"""

import re
from email.charset import Charset
from email.header import Header

from screener.delivery.outcome import Span
from screener.mail.mail import Readable
from screener.mail.trace import MAX_HEADER
from screener.mail.verdict import Edits

MAX_LINE = 998  # octets without CRLF (RFC 5322 2.1.1)

_NAME = re.compile(r"[!-9;-~]{1,76}")  # RFC 5322 2.2: printable ASCII without ":"
_SUBJECT = re.compile(rb"^subject[ \t]*:[ \t]*", re.IGNORECASE | re.MULTILINE)
_PLAIN = re.compile(r"[ -~]*")


def edited(trace: bytes, content: Readable, edits: Edits) -> tuple[Span, ...]:
    """The copy as it goes out: our trace field, the added fields, the content with its subject tagged."""
    size = len(content)
    top = trace + b"".join(_field(name, value) for name, value in edits.headers)
    if not edits.subject_tag:
        return (Span(top, 0, len(top)), Span(content, 0, size)) if top else (Span(content, 0, size),)
    tag = _words(edits.subject_tag)
    at = _subject_at(content)
    if at is None:
        top += b"Subject: " + tag + b"\r\n"
        return (Span(top, 0, len(top)), Span(content, 0, size))
    line_end = content.find(b"\r\n", at, at + MAX_HEADER)
    if content[at : at + len(tag)] == tag:
        return (Span(top, 0, len(top)), Span(content, 0, size))
    start = max(content.rfind(b"\n", 0, at) + 1, 0)
    # A line that would become too long is folded after the tag: the white space that folding needs is there anyway.
    too_long = (line_end if line_end != -1 else size) - start + len(tag) + 1 > MAX_LINE
    between = tag if content[at : at + 2] == b"\r\n" else tag + (b"\r\n " if too_long else b" ")
    return (Span(top, 0, len(top)), Span(content, 0, at), Span(between, 0, len(between)), Span(content, at, size))


def _subject_at(content: Readable) -> int | None:
    """Where the first Subject field's text begins, or None."""
    end = content.find(b"\r\n\r\n", 0, MAX_HEADER)
    if content[:2] == b"\r\n":
        return None
    found = _SUBJECT.search(content[: end + 2 if end != -1 else MAX_HEADER])
    return None if found is None else found.end()


def _field(name: str, value: str) -> bytes:
    """One header field; raises ValueError for a name that is none: the rules' loader lets none through."""
    if _NAME.fullmatch(name) is None:
        raise ValueError("an added header field has a name that is no field name")
    return name.encode("ascii") + b": " + _words(value, len(name) + 2) + b"\r\n"


def _words(text: str, first_line: int = 9) -> bytes:
    """Text for a header: plain where it can be, else encoded words (RFC 2047). Never a bare line end."""
    text = "".join(char if char.isprintable() else " " for char in text).strip()
    if _PLAIN.fullmatch(text) and len(text) + first_line <= MAX_LINE:
        return text.encode("ascii")
    charset = Charset("utf-8")
    encoded = Header(text, charset, maxlinelen=76, header_name="x" * max(first_line - 2, 1)).encode(linesep="\r\n")
    return encoded.encode("ascii")
