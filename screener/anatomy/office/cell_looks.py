"""How letters of a workbook up to 2003 look, as far as that hides them (MS-XLS 2.4.122, 2.4.188, 2.4.353; BIFF 5 and 8).

Promises: linear, never raises.
"""

import struct
from collections.abc import Iterator

FONT, PALETTE, CELL = 0x31, 0x92, 0xE0
_LIGHT = frozenset((1, 9, 22, 26, 27, 31, 41, 42, 65))  # colours that every book has
_OF_BOOK = range(8, 64)  # those that a book may change
_COLOUR = 0x7F
_LEAST = 0xC0  # of each of red, green, blue
_TINY = 100  # twentieths of a point
_UNUSED = 4  # a number of a font that none has
_RUNS = {2: "<BB", 4: "<HH", 8: "<HH4x"}


class CellLooks:
    """The fonts and colours of a book."""

    def __init__(self) -> None:
        self._fonts: list[tuple[bool, int]] = []  # whether it is tiny; its colour
        self._colours: set[int] = set()  # of fonts
        self._has_tiny = False
        self._light = set(_LIGHT)
        self._fills: set[int] = set()  # of cells

    def add(self, kind: int, value: bytes) -> None:
        """A record of one of these kinds."""
        if kind == FONT and len(value) >= 6:
            self._fonts.append((int.from_bytes(value[:2], "little") < _TINY, value[4] & _COLOUR))
            self._colours.add(value[4] & _COLOUR)
            self._has_tiny = self._has_tiny or self._fonts[-1][0]
        elif kind == PALETTE:
            for number, at in zip(_OF_BOOK, range(2, len(value) - 3, 4), strict=False):
                (self._light.add if min(value[at : at + 3]) >= _LEAST else self._light.discard)(number)
        elif kind == CELL and len(value) >= 20 and value[17] >> 2:
            self._fills.add(value[18] & _COLOUR)
        elif kind == CELL and len(value) == 16 and value[10] & 0x3F:
            self._fills.add(value[8] & _COLOUR)

    def runs(self, octets: bytes, each: int) -> Iterator[tuple[int, str]]:
        """Where letters look differently, as the runs of a text say, each of so many octets, and what may hide them then, or ""."""
        may_hide = self._has_tiny or not (self._colours.isdisjoint(self._light) and self._colours.isdisjoint(self._fills))
        if octets and may_hide:
            yield 0, "cell"  # what is before the first looks as the cell does
            for start, number in struct.iter_unpack(_RUNS[each], octets[: len(octets) // each * each]):
                yield start, self._hides(number - (number > _UNUSED))

    def _hides(self, number: int) -> str:
        is_tiny, colour = self._fonts[number] if number < len(self._fonts) else (False, -1)
        return f"{is_tiny} {colour}" if is_tiny or colour in self._light or colour in self._fills else ""
