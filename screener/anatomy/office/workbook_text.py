"""The text of Excel's workbooks up to 2003 (MS-XLS 2.5.293; BIFF 2 to 8), in a compound file or as nothing but records.

Promises: linear, at most as many characters as asked for, never raises.
"""

import struct
from collections.abc import Iterator
from itertools import chain

from screener.anatomy import charsets
from screener.anatomy.office import cell_looks, code_pages, drawn_text, lines, xml_text
from screener.anatomy.office.cell_looks import CellLooks
from screener.anatomy.office.rich_text import RichText

_WIDE, _EXTENDED, _RICH = 1, 4, 8  # flags of a string
_MAX_RECORDS = 1_000_000
_WITH_TEXT = frozenset((0x04, 0x07, 0x1C, 0x204, 0x207, 0x14, 0x15, 0x41E, 0x100D, 0x800, 0x1BE, 0x85))


def read(stream: bytes, limit: int) -> str:
    """The texts of cells, notes, headers, drawings and sheets' names, a line each; what is seen of those with several looks."""
    rich = RichText()
    return lines.joined(chain(_cells(stream, rich), drawn_text.read(stream), rich.seen()), limit)


def _cells(stream: bytes, rich: RichText) -> Iterator[str]:
    at = ends = 0
    looks = CellLooks()
    version, page = 8, "cp1252"
    for _ in range(_MAX_RECORDS):
        if at + 4 > len(stream):
            break
        kind, size = struct.unpack_from("<HH", stream, at)
        value = stream[at + 4 : at + 4 + size]
        at += 4 + size
        codec = "" if version >= 8 else page  # strings of the last version say how wide they are
        match kind:
            case 0x809 if len(value) > 1:
                version = 8 if value[1] >= 6 else 5
            case 0x009 | 0x209 | 0x409:
                version = 2 + (kind >> 9)
            case 0x0A:
                ends += 1
            case 0x42:
                page = code_pages.codec(int.from_bytes(value[:2], "little"))
            case 0x2F if not ends:  # it needs a password; elsewhere this means nothing
                return
            case 0xFC | 0x1B6:
                pieces, at = _continued(stream, at)
                if kind == 0xFC:
                    strings, each = _shared([value, *pieces]), 4
                else:
                    strings, each = _boxed(value, pieces), 8
                for text, runs in strings:
                    yield text
                    if runs:
                        rich.add(text, looks.runs(runs, each))
            case cell_looks.FONT | cell_looks.PALETTE | cell_looks.CELL:
                looks.add(kind, value)
            case 0xD6:
                text, behind = _rich(value[6:], codec)
                yield text
                rich.add(text, looks.runs(behind, 2 if codec else 4))
            case _ if kind in _WITH_TEXT:
                yield from _of_record(kind, value, version, codec)
            case _:
                pass


def _of_record(kind: int, value: bytes, version: int, codec: str) -> Iterator[str]:
    """The texts of a record that stands for itself."""
    match kind:
        case 0x04 if version == 2:
            yield _counted(value[7:], 1, codec)
        case 0x07 if version == 2:
            yield _counted(value, 1, codec)
        case 0x1C if codec:  # a note
            yield _counted(value[4:], 2, codec)
        case 0x204:
            yield _counted(value[6:], 2, codec)
        case 0x207:
            yield _counted(value, 2, codec)
        case 0x14 | 0x15:  # above and below what is printed
            yield xml_text.printed(_counted(value, 1 if codec else 2, codec)).strip()
        case 0x41E:  # a format of numbers (MS-XLS 2.4.126)
            yield xml_text.added(_counted(value[2:], 1 if codec else 2, codec))
        case 0x100D:  # a text of a chart (2.4.254)
            yield _counted(value[2:], 1, codec)
        case 0x800:  # what is said of a link (2.4.149)
            yield value[10:].decode("utf-16-le", "replace").rstrip("\0")
        case 0x1BE:
            yield from _prompts(value[4:])
        case 0x85:
            yield _counted(value[6:], 1, codec)
        case _:
            pass


def _rich(value: bytes, codec: str) -> tuple[str, bytes]:
    """A string with its length before it, and its runs, with their number before them."""
    count = int.from_bytes(value[:2], "little")
    end = 2 + count if codec else 3 + (count << (value[2:3] == b"\1"))
    runs = int.from_bytes(value[end : end + (1 if codec else 2)], "little")
    return _counted(value, 2, codec), value[end + 1 :][: 2 * runs] if codec else value[end + 2 :][: 4 * runs]


def _continued(stream: bytes, at: int) -> tuple[list[bytes], int]:
    """The records in which one goes on, and where the next begins."""
    pieces: list[bytes] = []
    while stream[at : at + 2] == b"\x3c\0":
        size = int.from_bytes(stream[at + 2 : at + 4], "little")
        pieces.append(stream[at + 4 : at + 4 + size])
        at += 4 + size
    return pieces, at


def _boxed(value: bytes, pieces: list[bytes]) -> Iterator[tuple[str, bytes]]:
    """The text of a note or box (MS-XLS 2.4.329), which stands behind its record, as many letters as that says, then its looks."""
    texts = [piece[1:].decode("utf-16-le" if piece[0] & _WIDE else "latin-1", "replace") for piece in pieces if piece]
    said = "".join(texts)[: int.from_bytes(value[10:12], "little")]
    yield from ((one, pieces[-1]) for one in dict.fromkeys((*texts[:1], said)) if one)


def _prompts(value: bytes) -> Iterator[str]:
    """What is said at an input and at a wrong one (MS-XLS 2.4.95): two titles, two texts."""
    for _ in range(4):
        yield _counted(value, 2, "")
        size = int.from_bytes(value[:2], "little") << (value[2:3] == b"\1")
        value = value[3 + size :]


def _counted(value: bytes, width: int, codec: str) -> str:
    """A string with its length before it (MS-XLS 2.5.294), or one of octets in a charset (BIFF 2 to 5)."""
    count = int.from_bytes(value[:width], "little")
    if codec:
        return charsets.text(value[width : width + count], codec)
    if value[width : width + 1] and value[width] & _WIDE:
        return value[width + 1 : width + 1 + 2 * count].decode("utf-16-le", "replace")
    return value[width + 1 : width + 1 + count].decode("latin-1")


def _shared(pieces: list[bytes]) -> Iterator[tuple[str, bytes]]:
    """The strings that cells share (MS-XLS 2.4.265) and their runs; where one goes on in another record its width is said anew
    (2.5.293)."""
    number, at = 0, 8
    while number < len(pieces):
        if at >= len(pieces[number]):
            number, at = number + 1, 0
            continue
        piece = pieces[number]
        count, flags = int.from_bytes(piece[at : at + 2], "little"), int.from_bytes(piece[at + 2 : at + 3], "little")
        at += 3
        behind = runs = 0
        if flags & _RICH:
            behind = runs = 4 * int.from_bytes(piece[at : at + 2], "little")
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
        looks: list[bytes] = []
        while number < len(pieces) and behind > len(pieces[number]) - at:
            looks.append(pieces[number][at:])
            behind -= max(0, len(pieces[number]) - at)
            number, at = number + 1, 0
        looks += (one[at : at + behind] for one in pieces[number : number + 1])
        at += behind
        yield "".join(out), b"".join(looks)[:runs]
