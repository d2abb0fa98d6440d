"""The text of Office's binary documents: Word (MS-DOC), PowerPoint (MS-PPT 2.9), Publisher; Excel's is read by `workbook_text`.

What is shown joins as the program would show it; the codes of Word's fields come behind. Text that is hidden or marked as deleted
is text like any other; where its letters stand between others, what is seen without them comes behind all. Promises: linear, at
most as many characters as asked for, never raises.
"""

import re
import struct
from collections.abc import Iterator
from itertools import islice
from operator import attrgetter

from screener.anatomy import charsets
from screener.anatomy.office import code_pages, drawn_text, slide_looks, unseen, word_looks, workbook_text, xml_parts
from screener.anatomy.office.compound import Compound, Entry
from screener.anatomy.office.lines import EACH
from screener.anatomy.office.rich_text import RichText

STREAM_LIMIT = 16 * 1024 * 1024  # octets of a stream that are read for text
# Word's characters (MS-DOC 2.4.1): a cell's end and breaks part, anchors of pictures and optional hyphens show nothing.
_SHOWN = str.maketrans(
    {7: "\n", 11: "\n", 12: "\n", 13: "\n", 14: "\n", 30: "-", **dict.fromkeys((0, 1, 2, 3, 4, 5, 8, 19, 20, 21, 31))}
)
_FIELD = re.compile("[\x13-\x15]")
_TABLES = ("0table", "1table")
_WORD_97 = 0xA0  # the least version (MS-DOC 2.5.2)
_ASSOCIATED, _CLX = 0x19A, 0x1A2  # where a document says where in the table these stand
_EACH_PIECE, _MAX_PIECES = 12, 100_000  # octets that tell of a piece of text
# An atom of text: its version is 0, its instance a small number, its kind one of three (characters, octets, a name), then its size.
_TEXT_ATOM = re.compile(rb"[\0\x10\x20\x30\x40\x50\x60\x70]\0([\xa0\xa8\xba])\x0f(?s:(..[\0-\x1f]\0))")
_OCTETS = 0xA8
# What a publication's lists say of a text: its number and place (as LibreOffice reads it; there is no specification).
_PUBLISHED = re.compile(rb"TEXT(?s:.{6})TEXT(?s:(.{8}))")
_PROPERTIES_AT = 44  # where a set of properties says that its first section begins (MS-OLEPS 2.21)
_TEXT_PROPERTIES = (0x1E, 0x1F)  # in a code page, in UTF-16
_CODE_PAGE = (1, 2)  # the property that names it, and its kind
_MAX_PROPERTIES = 256
_MAX_FIELDS = 20_000


def word(compound: Compound, document: Entry, limit: int) -> str:
    """The text of a Word document: body, notes, headers, comments and boxes, one behind the other."""
    written, _, _ = _written(compound, document, limit, with_looks=True)
    text = word_looks.plain(written)
    shown, codes = _by_fields(text)
    shown = f"{shown}\n{codes}".translate(_SHOWN) if codes else shown.translate(_SHOWN)
    drawn = (one for entry in _tables(compound, document) for one in drawn_text.read(compound.read(entry, STREAM_LIMIT)))
    doubtful = word_looks.marked(_by_fields(written)[0].translate(_SHOWN)) if text is not written else ""
    return "\n".join((shown, *drawn, *(unseen.resolved(doubtful) if doubtful else ())))[:limit]


def acting(compound: Compound, document: Entry) -> tuple[str, str, bool]:
    """The codes of a Word document's fields, the path of its template, and whether it goes on beyond what was read."""
    text, template, is_cut = _written(compound, document, STREAM_LIMIT)
    shown, codes = _by_fields(text)
    return codes if codes or "\x13" not in text else shown, template, is_cut or document.size > STREAM_LIMIT


def _written(compound: Compound, document: Entry, limit: int, *, with_looks: bool = False) -> tuple[str, str, bool]:
    """The text with its fields' marks, the path of the template it goes by (MS-DOC 2.9.273), whether there is more of it.

    The table tells Word 97 and later; what the document says of its version and kind need not be true: where it says that it is
    older, it is read as such, too. `with_looks`: with marks around letters that may not be seen.
    """
    stream = compound.read(document, STREAM_LIMIT)
    if len(stream) < 34 or stream[11] & 1:  # it needs a password
        return "", "", False
    name = f"{stream[11] >> 1 & 1}table"
    entry = min((one for one in _tables(compound, document) if one.name.lower() == name), key=attrgetter("is_lost"), default=None)
    text, template, is_cut = "", "", False
    if entry is None or len(stream) < _CLX + 8 or int.from_bytes(stream[2:4], "little") < _WORD_97:
        start, stop = struct.unpack_from("<LL", stream, 24)
        pages = code_pages.of_word(stream) if with_looks else ("cp1252",)  # what acts is written in letters that all have
        text = "\n".join(charsets.text(stream[start:stop][:limit], page) for page in pages)
        is_cut = stop - start > limit
    if entry is None or len(stream) < _CLX + 8:
        return text, template, is_cut
    table = compound.read(entry, STREAM_LIMIT)
    at, size = struct.unpack_from("<LL", stream, _ASSOCIATED)
    template = _second(table[at : at + size])
    at, size = struct.unpack_from("<LL", stream, _CLX)
    pieces = [text + "\n"] if text else []
    left = limit
    looks = word_looks.faint(stream, table) if with_looks else ([], [])
    for start, stop, offset in islice(_pieces(table[at : at + size]), _MAX_PIECES):
        count = min(stop - start, left)
        is_narrow = offset & 0x40000000
        begin, octets = ((offset & 0x3FFFFFFF) // 2, count) if is_narrow else (offset, 2 * count)
        for at, end, mark in word_looks.pieces(looks, begin, begin + octets):
            letters = charsets.text(stream[at:end], "cp1252") if is_narrow else stream[at:end].decode("utf-16-le", "replace")
            pieces.append(word_looks.between(letters, mark))
        left -= count
        if left <= 0:
            break
    return "".join(pieces), template, is_cut or left <= 0 or size > _EACH_PIECE * _MAX_PIECES


def _tables(compound: Compound, document: Entry) -> Iterator[Entry]:
    """The streams beside a document in which tables and drawings may stand."""
    for entry in compound.entries:
        if entry.is_stream and entry.path[:-1] == document.path[:-1] and entry.name.lower() in _TABLES:
            yield entry


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
            codes.append(xml_parts.WITHIN if hidden else "\n")
            in_code.append(True)
            hidden += 1
        elif in_code and (mark[0] == "\x15" or in_code[-1]):
            hidden -= in_code[-1]
            in_code[-1] = False
            if mark[0] == "\x15":
                in_code.pop()
    return "".join(shown), "".join(codes)


def workbook(compound: Compound, book: Entry, limit: int) -> str:
    """The texts of a workbook's cells, notes, headers, drawings and sheets' names, a line each."""
    return workbook_text.read(compound.read(book, STREAM_LIMIT), limit)


def presentation(compound: Compound, document: Entry, limit: int) -> str:
    """The texts of slides, notes, comments and drawings, a line each, those of earlier savings too.

    They are found wherever they stand: a program goes by a list of places, and not by what a record says of its size.
    """
    out: list[str] = []
    left = limit
    rich = RichText()
    stream = compound.read(document, STREAM_LIMIT)
    for match in _TEXT_ATOM.finditer(stream):
        size = int.from_bytes(match[2], "little")
        octets = stream[match.end() : match.end() + min(size, 2 * left)]
        is_narrow = match[1][0] == _OCTETS
        out.append(octets.decode("latin-1" if is_narrow else "utf-16-le", "replace").replace("\x0b", "\n"))
        rich.add(out[-1], slide_looks.runs(stream, match.end() + size, size if is_narrow else size // 2))
        left -= max(EACH, len(out[-1]) + 1)
        if left <= 0:
            break
    return "\n".join((*out, *drawn_text.read(stream), *rich.seen()))[:limit]


def publication(compound: Compound, chunks: Entry, limit: int) -> str:
    """The texts of a publication's frames, wherever its lists say that one stands."""
    out: list[str] = []
    left = limit
    stream = compound.read(chunks, STREAM_LIMIT)
    for match in _PUBLISHED.finditer(stream):
        at, size = struct.unpack("<LL", match[1])
        out.append(stream[at : at + min(size, 2 * left)].decode("utf-16-le", "replace").translate(_SHOWN))
        left -= max(EACH, len(out[-1]) + 1)
        if left <= 0:
            break
    return "\n".join(out)[:limit]


def summary(compound: Compound, properties: Entry, limit: int) -> str:
    """Title, subject and the like (MS-OLEPS 2.20 to 2.22), a line each; their numbers and dates are no text."""
    content = compound.read(properties, STREAM_LIMIT)
    section = content[int.from_bytes(content[_PROPERTIES_AT : _PROPERTIES_AT + 4], "little") :]
    out: list[str] = []
    left = limit
    page = code_pages.codec(1252)
    for number in range(min(_MAX_PROPERTIES, int.from_bytes(section[4:8], "little"))):
        which, at = struct.unpack("<LL", section[8 + 8 * number : 16 + 8 * number].ljust(8, b"\0"))
        kind, size = struct.unpack("<LL", section[at : at + 8].ljust(8, b"\0"))
        if (which, kind) == _CODE_PAGE:
            page = code_pages.codec(size & 0xFFFF)
        elif left > 0 and kind in _TEXT_PROPERTIES:
            octets = section[at + 8 : at + 8 + min(left, size << (kind & 1))]
            text = octets.decode("utf-16-le", "replace") if kind & 1 else charsets.text(octets, page)
            out.append(text.rstrip("\0"))
            left -= max(EACH, len(out[-1]) + 1)
    return "\n".join(out)
