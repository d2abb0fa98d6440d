"""The text of binary workbooks (MS-XLSB): what its parts' records say of cells, sheets, notes, headers and formats of numbers;
and what is seen of letters that look differently.

Promises: linear, at most as many characters as asked for, never raises.
"""

import struct
from collections.abc import Callable, Iterator
from itertools import chain

from screener.anatomy.office import lines, xml_text
from screener.anatomy.office.rich_text import RichText

# What parts with text begin with: shared strings, a sheet, the book, comments, styles, a table.
STYLES = b"\x96\2"
BEGINNINGS = (b"\x9f\1", b"\x81\1", b"\x83\1", b"\xf4\4", STYLES, b"\xd7\2")
# Records that have a string, and where: a cell's own, a formula's, one with looks, one that is shared, a comment and who wrote it.
_STRINGS = {6: 8, 8: 8, 62: 9, 19: 1, 637: 1, 632: 0}
_RICH = frozenset((62, 19, 637))  # those with looks, if an octet before the string says so
_FONT, _FILL = 43, 45
_TINY, _LEAST = 100, 0xC0  # twentieths of a point; of each of red, green, blue
_LIGHT, _OWN = {1: (1, 9, 65), 3: (0, 2)}, 2  # by the kind of a colour: what every book has, a theme's; one that is told
_FORMAT, _SHEET, _HEADERS, _LINK = 44, 156, 479, 494
_SEVERAL = {_SHEET: (8, 2), _HEADERS: (2, 6), _LINK: (16, 4)}  # where the first stands, how many there are
_NONE = 0xFFFFFFFF  # instead of a length: no string
_MAX_RECORDS = 2_000_000


def looks(styles: bytes) -> list[str]:
    """What may hide letters of each font, or "" (BrtFont, BrtFill); nothing where none hides any."""
    fonts: list[tuple[int, bytes]] = []
    fills: set[bytes] = set()
    for kind, at, size in _records(styles):
        if kind == _FONT and size >= 20 and at + 20 <= len(styles):
            fonts.append((int.from_bytes(styles[at : at + 2], "little"), styles[at + 12 : at + 20]))
        elif kind == _FILL and styles[at : at + 4] == b"\1\0\0\0":
            fills.add(styles[at + 4 : at + 12])
    found = ["" if _is_seen(*one, fills) else f"{one[0]} {one[1].hex()}" for one in fonts]
    return found if any(found) else []


def _is_seen(height: int, colour: bytes, fills: set[bytes]) -> bool:
    is_light = colour[1] in _LIGHT.get(colour[0] >> 1, ()) or (colour[0] >> 1 == _OWN and min(colour[4:7]) >= _LEAST)
    return height >= _TINY and colour not in fills and not is_light


def read(part: bytes, limit: int, fonts: Callable[[], list[str]]) -> str:
    """The texts of a part, a line each; `fonts`: their looks."""
    rich = RichText()
    return lines.joined(chain(_texts(part, rich, fonts), rich.seen()), limit)


def _records(part: bytes) -> Iterator[tuple[int, int, int]]:
    """The kind of each record, where its content begins, its size."""
    at = 0
    for _ in range(_MAX_RECORDS):
        if at >= len(part):
            break
        kind, at = _number(part, at, 2)
        size, at = _number(part, at, 4)
        yield kind, at, size
        at += size


def _texts(part: bytes, rich: RichText, fonts: Callable[[], list[str]]) -> Iterator[str]:
    for kind, at, size in _records(part):
        if kind in _STRINGS:
            record = part[at : at + size]
            text, end = _string(record, _STRINGS[kind])
            yield text
            if kind in _RICH and len(record) > end and record[_STRINGS[kind] - 1] & 1:
                count = int.from_bytes(record[end : end + 4], "little")
                rich.add(text, _runs(record[end + 4 : end + 4 + 4 * count], fonts()))
        elif kind == _FORMAT:
            yield xml_text.added(_string(part[at : at + size], 2)[0])
        elif kind in _SEVERAL:
            record = part[at : at + size]
            behind, count = _SEVERAL[kind]
            for _ in range(count):
                text, behind = _string(record, behind)
                yield xml_text.printed(text).strip() if kind == _HEADERS else text


def _runs(octets: bytes, fonts: list[str]) -> Iterator[tuple[int, str]]:
    """Where letters look differently, and what may hide them then; before that as the cell does."""
    if fonts:
        yield 0, "cell"
        for start, number in struct.iter_unpack("<HH", octets[: len(octets) // 4 * 4]):
            yield start, fonts[number] if number < len(fonts) else ""


def _number(part: bytes, at: int, most: int) -> tuple[int, int]:
    """A number of seven bits an octet, while the eighth says that there are more (2.1.4); and where it ends."""
    value = 0
    for shift, octet in enumerate(part[at : at + most]):
        value |= (octet & 0x7F) << 7 * shift
        at += 1
        if octet < 0x80:
            break
    return value, at


def _string(record: bytes, at: int) -> tuple[str, int]:
    """A string with its length before it (2.5.168), and where it ends."""
    count = int.from_bytes(record[at : at + 4], "little")
    if count == _NONE:
        return "", at + 4
    return record[at + 4 : at + 4 + 2 * count].decode("utf-16-le", "replace"), at + 4 + 2 * count
