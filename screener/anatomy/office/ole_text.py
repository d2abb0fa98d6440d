"""The text of Office's binary documents: Word (MS-DOC), Excel (MS-XLS 2.5.293, BIFF 5 to 8), PowerPoint (MS-PPT 2.9).

What is shown joins as the program would show it; the codes of Word's fields come behind. Formatting is not looked at, so that text
that is hidden or marked as deleted is text like any other. Promises: linear, at most as many characters as asked for, never raises.
"""

import re
import struct
from collections.abc import Iterator
from itertools import islice
from operator import attrgetter

from screener.anatomy import charsets
from screener.anatomy.office import xml_text
from screener.anatomy.office.compound import Compound, Entry

_STREAM_LIMIT = 16 * 1024 * 1024  # octets of a stream that are read for text
# Word's characters (MS-DOC 2.4.1): a cell's end and breaks part, anchors of pictures and optional hyphens show nothing.
_SHOWN = str.maketrans(
    {7: "\n", 11: "\n", 12: "\n", 13: "\n", 14: "\n", 30: "-", **dict.fromkeys((0, 1, 2, 3, 4, 5, 8, 19, 20, 21, 31))}
)
_FIELD = re.compile("[\x13-\x15]")
_ASSOCIATED, _CLX = 0x19A, 0x1A2  # where a document says where in the table these stand
_EACH_PIECE, _MAX_PIECES = 12, 100_000  # octets that tell of a piece of text
_TEXT_OBJECT, _STRING = 0x1B6, 0x207
_WIDE, _EXTENDED, _RICH = 1, 4, 8  # flags of a string
_CHARACTERS, _OCTETS, _NAME = 0x0FA0, 0x0FA8, 0x0FBA
_QUOTED = re.compile(r"\"([^\"]*)\"")
_PROPERTIES_AT = 44  # where a set of properties says that its first section begins (MS-OLEPS 2.21)
_TEXT_PROPERTIES = {0x1E: "cp1252", 0x1F: "utf-16-le"}
_MAX_PROPERTIES = 256
_EACH = 16  # characters that a string counts as at least, because each costs
_MAX_RECORDS = 1_000_000
_MAX_FIELDS = 20_000


def word(compound: Compound, document: Entry, limit: int) -> str:
    """The text of a Word document: body, notes, headers, comments and boxes, one behind the other."""
    text, _, _ = _written(compound, document, limit)
    shown, codes = _by_fields(text)
    return f"{shown}\n{codes}".translate(_SHOWN)[:limit] if codes else shown.translate(_SHOWN)


def acting(compound: Compound, document: Entry) -> tuple[str, str, bool]:
    """The codes of a Word document's fields, the path of its template, and whether it goes on beyond what was read."""
    text, template, is_cut = _written(compound, document, _STREAM_LIMIT)
    shown, codes = _by_fields(text)
    return codes if codes or "\x13" not in text else shown, template, is_cut or document.size > _STREAM_LIMIT


def _written(compound: Compound, document: Entry, limit: int) -> tuple[str, str, bool]:
    """The text with its fields' marks, the path of the template it goes by (MS-DOC 2.9.273), whether there is more of it.

    The table tells Word 97 and later; what the document says of its version and kind need not be true.
    """
    stream = compound.read(document, _STREAM_LIMIT)
    if len(stream) < 34 or stream[11] & 1:  # it needs a password
        return "", "", False
    name = f"{stream[11] >> 1 & 1}table"
    near = (one for one in compound.entries if one.is_stream and one.path[:-1] == document.path[:-1])
    entry = min((one for one in near if one.name.lower() == name), key=attrgetter("is_lost"), default=None)
    if entry is None or len(stream) < _CLX + 8:
        start, stop = struct.unpack_from("<LL", stream, 24)
        return charsets.text(stream[start:stop][:limit], "cp1252"), "", stop - start > limit
    table = compound.read(entry, _STREAM_LIMIT)
    at, size = struct.unpack_from("<LL", stream, _ASSOCIATED)
    template = _second(table[at : at + size])
    at, size = struct.unpack_from("<LL", stream, _CLX)
    pieces: list[str] = []
    left = limit
    for start, stop, offset in islice(_pieces(table[at : at + size]), _MAX_PIECES):
        count = min(stop - start, left)
        if offset & 0x40000000:
            begin = (offset & 0x3FFFFFFF) // 2
            pieces.append(charsets.text(stream[begin : begin + count], "cp1252"))
        else:
            pieces.append(stream[offset : offset + 2 * count].decode("utf-16-le", "replace"))
        left -= count
        if left <= 0:
            break
    return "".join(pieces), template, left <= 0 or size > _EACH_PIECE * _MAX_PIECES


def _second(strings: bytes) -> str:
    """The second of some strings in UTF-16, each with its length before it (MS-DOC 2.2.4)."""
    at = 6
    first = int.from_bytes(strings[at : at + 2], "little")
    at += 2 + 2 * first
    count = int.from_bytes(strings[at : at + 2], "little")
    return strings[at + 2 : at + 2 + 2 * count].decode("utf-16-le", "replace")


def _pieces(clx: bytes) -> Iterator[tuple[int, int, int]]:
    """The pieces of a text: first and last character, and where they stand (MS-DOC 2.8.35, 2.9.38)."""
    at = 0
    while clx[at : at + 1] == b"\1":  # formatting
        at += 3 + int.from_bytes(clx[at + 1 : at + 3], "little")
    if clx[at : at + 1] != b"\2":
        return
    table = clx[at + 5 : at + 5 + int.from_bytes(clx[at + 1 : at + 5], "little")]
    count = max(0, (len(table) - 4) // _EACH_PIECE)
    borders = struct.unpack_from(f"<{count + 1}L", table) if count else ()
    for number in range(count):
        (offset,) = struct.unpack_from("<L", table, 4 * (count + 1) + 8 * number + 2)
        if borders[number] < borders[number + 1]:
            yield borders[number], borders[number + 1], offset


def _by_fields(text: str) -> tuple[str, str]:
    """What is shown, and the codes of fields, which stand between two marks and are not shown (MS-DOC 2.8.25)."""
    if not 0 < text.count("\x13") <= _MAX_FIELDS:  # with more no document is shown in time
        return text, ""
    shown: list[str] = []
    codes: list[str] = []
    in_code: list[bool] = []  # of the fields around, innermost last
    at = 0
    hidden = 0
    for mark in (*_FIELD.finditer(text), None):
        end = len(text) if mark is None else mark.start()
        (codes if hidden else shown).append(text[at:end])
        if mark is None:
            break
        at = mark.end()
        if mark[0] == "\x13":
            in_code.append(True)
            hidden += 1
            codes.append("\n")
        elif in_code and (mark[0] == "\x15" or in_code[-1]):
            hidden -= in_code[-1]
            in_code[-1] = False
            if mark[0] == "\x15":
                in_code.pop()
    return "".join(shown), "".join(codes)


def workbook(compound: Compound, book: Entry, limit: int) -> str:
    """The texts of a workbook's cells, notes, headers and sheets' names, a line each."""
    out: list[str] = []
    left = limit
    for one in _cells(compound.read(book, _STREAM_LIMIT)):
        out.append(one[:left])
        left -= max(_EACH, len(one) + 1)
        if left <= 0:
            break
    return "\n".join(out)


def _cells(stream: bytes) -> Iterator[str]:
    at = 0
    wide = True  # BIFF 8, whose strings say how wide they are
    object_text = False
    for _ in range(_MAX_RECORDS):
        if at + 4 > len(stream):
            break
        kind, size = struct.unpack_from("<HH", stream, at)
        value = stream[at + 4 : at + 4 + size]
        at += 4 + size
        match kind:
            case 0x809 if len(value) > 1:
                wide = value[1] >= 6
            case 0x2F:  # it needs a password
                return
            case 0xFC:
                pieces = [value]
                while stream[at : at + 2] == b"\x3c\0":
                    size = int.from_bytes(stream[at + 2 : at + 4], "little")
                    pieces.append(stream[at + 4 : at + 4 + size])
                    at += 4 + size
                yield from _shared(pieces)
            case 0x204 | 0xD6:
                yield _counted(value[6:], 2, wide)
            case 0x207:
                yield _counted(value, 2, wide)
            case 0x14 | 0x15:  # above and below what is printed
                yield xml_text.printed(_counted(value, 2 if wide else 1, wide)).strip()
            case 0x41E if wide:  # a format of numbers (MS-XLS 2.4.126), of which texts in quotes are shown
                yield " ".join(_QUOTED.findall(_counted(value[2:], 2, wide)))
            case 0x100D:  # a text of a chart (2.4.254)
                yield _counted(value[2:], 1, wide)
            case 0x800:  # what is said of a link (2.4.149)
                yield value[10:].decode("utf-16-le", "replace").rstrip("\0")
            case 0x1BE:
                yield from _prompts(value[4:])
            case 0x85:
                yield _counted(value[6:], 1, wide)
            case 0x3C if object_text and value:
                yield value[1:].decode("utf-16-le" if value[0] & _WIDE else "latin-1", "replace")
            case _:
                pass
        object_text = kind == _TEXT_OBJECT


def _prompts(value: bytes) -> Iterator[str]:
    """What is said at an input and at a wrong one (MS-XLS 2.4.95): two titles, two texts."""
    for _ in range(4):
        yield _counted(value, 2, True)
        size = int.from_bytes(value[:2], "little") << (value[2:3] == b"\1")
        value = value[3 + size :]


def _counted(value: bytes, width: int, wide: bool) -> str:
    """A string with its length before it (MS-XLS 2.5.294), or one of octets (BIFF 5)."""
    count = int.from_bytes(value[:width], "little")
    if not wide:
        return charsets.text(value[width : width + count], "cp1252")
    if value[width : width + 1] and value[width] & _WIDE:
        return value[width + 1 : width + 1 + 2 * count].decode("utf-16-le", "replace")
    return value[width + 1 : width + 1 + count].decode("latin-1")


def _shared(pieces: list[bytes]) -> Iterator[str]:
    """The strings that cells share (MS-XLS 2.4.265); where one goes on in another record its width is said anew (2.5.293)."""
    number, at = 0, 8
    while number < len(pieces):
        if at >= len(pieces[number]):
            number, at = number + 1, 0
            continue
        piece = pieces[number]
        count, flags = int.from_bytes(piece[at : at + 2], "little"), int.from_bytes(piece[at + 2 : at + 3], "little")
        at += 3
        behind = 0
        if flags & _RICH:
            behind += 4 * int.from_bytes(piece[at : at + 2], "little")
            at += 2
        if flags & _EXTENDED:
            behind += int.from_bytes(piece[at : at + 4], "little")
            at += 4
        out: list[str] = []
        while count > 0:
            each = 2 if flags & _WIDE else 1
            octets = pieces[number][at : at + each * count]
            out.append(octets.decode("utf-16-le" if each == 2 else "latin-1", "replace"))
            count -= len(octets) // each
            at += len(octets)
            if count > 0:
                number, at = number + 1, 1
                if number >= len(pieces):
                    break
                flags = int.from_bytes(pieces[number][:1], "little")
        yield "".join(out)
        while number < len(pieces) and behind > len(pieces[number]) - at:
            behind -= max(0, len(pieces[number]) - at)
            number, at = number + 1, 0
        at += behind


def presentation(compound: Compound, document: Entry, limit: int) -> str:
    """The texts of slides, notes and comments, a line each, those of earlier savings too."""
    out: list[str] = []
    left = limit
    at = 0
    stream = compound.read(document, _STREAM_LIMIT)
    while at + 8 <= len(stream) and left > 0:
        version, kind, size = struct.unpack_from("<HHL", stream, at)
        at += 8
        if version & 15 == 15:  # it holds others
            continue
        if kind in (_CHARACTERS, _NAME, _OCTETS):
            octets = stream[at : at + min(size, 2 * left)]
            out.append(octets.decode("latin-1" if kind == _OCTETS else "utf-16-le", "replace").replace("\x0b", "\n"))
            left -= max(_EACH, len(out[-1]) + 1)
        at += size
    return "\n".join(out)[:limit]


def summary(compound: Compound, properties: Entry, limit: int) -> str:
    """Title, subject and the like (MS-OLEPS 2.20 to 2.22), a line each; their numbers and dates are no text."""
    content = compound.read(properties, _STREAM_LIMIT)
    section = content[int.from_bytes(content[_PROPERTIES_AT : _PROPERTIES_AT + 4], "little") :]
    out: list[str] = []
    left = limit
    for number in range(min(_MAX_PROPERTIES, int.from_bytes(section[4:8], "little"))):
        at = int.from_bytes(section[12 + 8 * number : 16 + 8 * number], "little")
        kind, size = int.from_bytes(section[at : at + 4], "little"), int.from_bytes(section[at + 4 : at + 8], "little")
        if left > 0 and (codec := _TEXT_PROPERTIES.get(kind)) is not None:
            octets = section[at + 8 : at + 8 + min(left, size << (kind & 1))]
            text = octets.decode(codec, "replace") if kind & 1 else charsets.text(octets, codec)
            out.append(text.rstrip("\0"))
            left -= max(_EACH, len(out[-1]) + 1)
    return "\n".join(out)
