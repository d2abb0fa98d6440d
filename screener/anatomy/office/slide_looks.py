"""How letters on slides up to 2003 look, as far as that hides them (MS-PPT 2.9.44 to 2.9.46, 2.9.19 to 2.9.21, 2.9.13, 2.9.14).

Promises: as many steps as a text has letters, never raises.
"""

import struct
from collections.abc import Iterator

_STYLES, _TEXTS = 0x0FA1, (0x0F9F, 0x0FA0, 0x0FA8)
_NEAR = 4  # records behind a text among which its looks stand
# Sizes of what stands behind the bits of a mask, in the order of what stands there: of paragraphs, of letters.
_OF_PARAGRAPHS = (
    (0xF, 2), (1 << 7, 2), (1 << 4, 2), (1 << 6, 2), (1 << 5, 4), (1 << 11, 2), (1 << 12, 2), (1 << 13, 2), (1 << 14, 2),
    (1 << 8, 2), (1 << 10, 2), (1 << 15, 2),
)  # fmt: skip
_TABS = 1 << 20
_BEHIND_TABS = ((1 << 16, 2), (0xE0000, 2), (1 << 21, 2))
_BEFORE_SIZE = ((0xFFFF, 2), (1 << 16, 2), (1 << 21, 2), (1 << 22, 2), (1 << 23, 2))
_SIZE, _COLOUR, _POSITION = 1 << 17, 1 << 18, 1 << 19
_LEAST = 0xC0  # of each of red, green, blue
_OWN, _OF_GROUND = 0xFE, 0  # a colour that is told; that of the ground
_TINY = 5  # points


def runs(stream: bytes, behind: int, letters: int) -> Iterator[tuple[int, str]]:
    """Where letters of a text look differently, whose atom ends there, and what may hide them then, or ""; not more than it has."""
    for _ in range(_NEAR):
        kind, size = struct.unpack("<2xHL", stream[behind : behind + 8].ljust(8, b"\0"))
        behind += 8
        if kind in _TEXTS:
            return
        if kind == _STYLES:
            yield from _runs(stream, behind, min(behind + size, len(stream)), letters)
            return
        behind += size


def _runs(stream: bytes, at: int, end: int, letters: int) -> Iterator[tuple[int, str]]:
    covered, count = 0, 1
    while count and covered <= letters and at + 10 <= end:
        count, mask = struct.unpack_from("<L2xL", stream, at)
        at += 10 + _sizes(mask, _OF_PARAGRAPHS)
        at += 2 + 4 * int.from_bytes(stream[at : at + 2], "little") if mask & _TABS else 0
        at += _sizes(mask, _BEHIND_TABS)
        covered += count
    begin, count = 0, 1
    while count and begin <= letters and at + 8 <= end:
        count, mask = struct.unpack_from("<LL", stream, at)
        at += 8 + _sizes(mask, _BEFORE_SIZE)
        size = int.from_bytes(stream[at : at + 2], "little") if mask & _SIZE else _TINY
        at += _sizes(mask, ((_SIZE, 2),))
        colour = stream[at : at + 4] if mask & _COLOUR else b""
        at += _sizes(mask, ((_COLOUR, 4), (_POSITION, 2)))
        yield begin, f"{size} {colour.hex()}" if size < _TINY or _is_light(colour) else ""
        begin += count


def _sizes(mask: int, parts: tuple[tuple[int, int], ...]) -> int:
    return sum(size for bits, size in parts if mask & bits)


def _is_light(colour: bytes) -> bool:
    if len(colour) < 4:
        return False
    return colour[3] == _OF_GROUND or (colour[3] == _OWN and min(colour[:3]) >= _LEAST)
