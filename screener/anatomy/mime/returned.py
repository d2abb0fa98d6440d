"""Mail that a bounce returns: where it begins in the text of an old one, and whether its last file was cut off with it.

Systems without reports (RFC 3464) put the whole message below a line of dashes, and many return no more of it than some octets.
Both look like evasions; they are none where the form is kept to the letter. Promises: pure, linear. Who may only look like a
bounce gains nothing: the returned message is read like any other, and a file counts as cut only where what is there is whole as
far as it goes, so that it hides nothing.
"""

import re
import struct

from screener.anatomy.mime.part import Part, walk
from screener.anatomy.octets import Octets

_REPORT = "multipart/report"
_SENDER = re.compile(rb"(?:^|[\s<\"])(?:mailer-daemon|postmaster)\b", re.IGNORECASE)
_SOME_SENDERS = 4
# "--- Below this line is a copy of the message.", "----- Unsent message follows -----"; Exim goes on with how much there is of it.
_LINE = re.compile(
    rb"(?<![^\n])[ \t]{0,8}+--(?=[^\r\n]{0,200}?\b(?:message|mail)\b)[^\r\n]*+\r?\n(?>(?:--[^\r\n]*+\r?\n){0,4})"
    rb"(?>(?:[ \t]*+\r?\n){0,4})"
    rb"(?=[A-Za-z][A-Za-z0-9-]{1,60}+:)",
    re.IGNORECASE,
)
_HEADER = 64 * 1024  # octets of the returned header
_HEADER_END = re.compile(rb"\n\r?\n")
_MORE_THAN_TEXT = re.compile(
    rb"^content-(?:type[ \t]*:\s*multipart/|transfer-encoding[ \t]*:\s*(?:base64|quoted-printable|x-uu))",
    re.IGNORECASE | re.MULTILINE,
)

_CLOSING = re.compile(rb"\r?\n--- Rest of message truncated\.\s*\Z")
_CLOSING_LENGTH = 50
_DELIMITER = 80  # octets of one that is cut; a boundary has 70 at most (RFC 2046 5.1.1)
_LOCAL, _CENTRAL, _END, _DESCRIPTOR = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x07\x08"
_STORED = 0
_END_LENGTH = 22  # without a comment (4.3.16)
_LOCAL_FORMAT = struct.Struct("<6x2H8x2L2H")  # flags, method, packed, size, lengths of name and extra (APPNOTE.TXT 4.3.7)
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST_SECTOR = 0xFFFFFFFA  # MS-CFB 2.1


def below(part: Part, last: int) -> tuple[int, int] | None:
    """The line of dashes in a bounce's text that begins at `last` at the latest: its offset, and that of the returned header.

    None where it is none, and where what is returned is but text, which is shown already.
    """
    if part.types != ("text/plain",):
        return None
    if not (part.headers.get("x-failed-recipients") or any(map(_SENDER.search, part.headers.raws("from")[:_SOME_SENDERS]))):
        return None
    found = _LINE.search(part.source, part.body_start, part.end)
    if found is None or found.start() > last:
        return None
    header = part.source[found.end() : min(part.end, found.end() + _HEADER)]
    stop = _HEADER_END.search(header)
    return None if _MORE_THAN_TEXT.search(header, 0, len(header) if stop is None else stop.start()) is None else found.span()


def is_report(part: Part) -> bool:
    """Whether a part is a report and nothing else (RFC 6522)."""
    return part.types == (_REPORT,)


def end_of(source: Octets, start: int, end: int) -> int:
    """Where a returned message ends, before the line with which qmail says that it has cut it."""
    closing = _CLOSING.search(source[max(start, end - _CLOSING_LENGTH) : end])
    return end if closing is None else end - len(closing[0])


def mark(returned: Part) -> None:
    """Mark the files that end where the returned message ends, and may be cut there.

    What is left of a line that would have been a delimiter is no part of them.
    """
    end = returned.end
    parts = list(walk(returned))
    said = (value for part in parts for one in part.content_types for value in one.readings("boundary"))
    delimiters = tuple(b"--" + value.encode("utf-8", "replace") + b"--" for value in said)
    for part in parts:
        part.may_be_cut = part.is_leaf and part.end == end and part.source is returned.source
        if part.may_be_cut and (line := part.source.rfind(b"\n", part.body_start, end) + 1):
            last = part.source[line : min(end, line + _DELIMITER)]
            if last and line + len(last) == end and any(one.startswith(last) for one in delimiters):
                part.end = line - (2 if part.source[line - 2 : line - 1] == b"\r" else 1)


def is_cut(octets: bytes) -> bool:
    """Whether a ZIP or a compound file ends before its time, and is what it should be up to there."""
    return _is_cut_zip(octets) or _is_cut_compound(octets)


def _is_cut_zip(octets: bytes) -> bool:
    """Local headers from the first octet on, each right behind the last, and no end; behind the last header there is no other.

    A ZIP that is stored as it is in the last member is read on in the same way.
    """
    at = 0
    while octets[at : at + 4] == _LOCAL and at + 30 <= len(octets):
        flags, method, packed, _, name, extra = _LOCAL_FORMAT.unpack_from(octets, at)
        data = at + 30 + name + extra
        if flags & 8 and packed == 0:  # the size stands behind (4.3.9)
            at = octets.find(_DESCRIPTOR, data)
            at = len(octets) if at < 0 else at + 16
        else:
            at = data + packed
        if at >= len(octets):
            if method != _STORED or octets[data : data + 4] != _LOCAL:
                return octets.find(_LOCAL, data) < 0 and octets.find(_CENTRAL, data) < 0
            if at == len(octets):
                return True
            at = data
    rest = octets[at : at + 4]
    if rest == _CENTRAL:
        end = octets.find(_END, at)
        return end < 0 or len(octets) < end + _END_LENGTH
    return len(rest) > 0 and (rest == _LOCAL or _LOCAL.startswith(rest) or _CENTRAL.startswith(rest))


def _is_cut_compound(octets: bytes) -> bool:
    """The table of sectors, the directory, or sectors in use lie behind the end (MS-CFB 2.2, 2.3)."""
    if len(octets) < 512:
        return len(octets) > 0 and octets[:8] == _COMPOUND[: len(octets)]
    if not octets.startswith(_COMPOUND) or octets[30] not in (9, 12):
        return False
    size = 1 << octets[30]
    count = len(octets) // size - 1  # whole sectors behind the header
    directory = int.from_bytes(octets[48:52], "little")
    tables = [number for number in struct.unpack_from("<109L", octets, 76) if number < _LAST_SECTOR]
    if directory >= count or any(number >= count for number in tables):
        return True
    table = b"".join(octets[(number + 1) * size : (number + 2) * size] for number in tables)
    used = len(table.rstrip(b"\xff")) // 4
    return used > count
