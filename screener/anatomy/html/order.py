"""What a page shows in another order than it is written in.

Readers that know no styles show it as it stands, so these are further readings. No layout is made: what floats to the right stands
last and the first of it outermost, what has a number (its order, its column, how far from the edge it is) stands by it, and where
writing goes from right to left or a line is reversed, all that is set apart in a line is read backwards. Promises: linear, bounded.
"""

from collections.abc import Iterator
from itertools import zip_longest

from screener.anatomy.html.layout import RIGHT
from screener.anatomy.html.views import BREAK, MAYBE, parted

BORDERS = BREAK + MAYBE + " \t\r\n\f"
_MAX_CELL = 250  # pieces of a cell that is read line by line with its neighbours


Cell = tuple[int, int]  # of a table: from which piece to which


class Order:
    """What of the pieces of a text is shown in another order."""

    __slots__ = ("_places", "_rows", "is_turned", "pieces")

    def __init__(self, pieces: list[str]) -> None:
        self.pieces = pieces
        self.is_turned = False  # somewhere in it lines are read backwards
        self._places: list[tuple[int, float]] = []  # behind how many pieces what has a place begins
        self._rows: list[tuple[list[Cell], bool]] = []

    def place(self, at: int, place: float) -> None:
        """What begins behind so many pieces has a place of its own."""
        self._places.append((at, place))

    def row(self, cells: list[Cell], *, is_parted: bool) -> None:
        """A row of a table; `is_parted`: what is written between its cells is shown elsewhere."""
        self._rows.append((cells, is_parted))

    def moved(self) -> Iterator[list[str]]:
        """What stands one behind the other where that is not as it is written."""
        for items in self._items() if self._places or self.is_turned else ():
            placed = [items[number] for number in sorted(range(len(items)), key=lambda one: _key(one, items[one][1]))]
            ways = [placed, items[::-1]] if self.is_turned else [placed]
            yield from ([text.strip() for text, _ in way] for way in ways if way != items)
            for apart in ([one for one in items if one[1] != RIGHT], [one for one in placed if one[1] == RIGHT]):
                if 1 < len(apart) < len(items):  # what floats to the right, and what does not
                    yield [text.strip() for text, _ in apart]
        if self.is_turned:
            for row, _ in self._rows:
                yield from (line[::-1] for line in self._lines_of(row))

    def beside(self) -> Iterator[list[str]]:
        """What stands beside one another in cells of several lines, or with something written between that is shown elsewhere."""
        for row, is_parted in self._rows:
            lines = self._lines_of(row)
            if is_parted or len(lines) > 1:
                yield from lines

    def _lines_of(self, row: list[Cell]) -> list[list[str]]:
        """Of small cells the first lines, the second ones, and so on."""
        cells = [_shown(self.pieces[start:end]) for start, end in row if end - start <= _MAX_CELL]
        return [[line for line in lines if line] for lines in zip_longest(*cells, fillvalue="")]

    def _items(self) -> Iterator[list[tuple[str, float]]]:
        """Of each line in which something has a place, or of all, what is set apart in it, each with its place."""
        pieces = [*self.pieces, BREAK]
        places = [*self._places, (len(pieces), 0.0)]
        line = number = 0
        while line < len(pieces):
            end = pieces.index(BREAK, line)
            if places[number][0] <= end or (self.is_turned and end > line + 2):
                stretch = pieces[line:end]
                while places[number][0] < line:
                    number += 1
                if MAYBE in stretch:
                    number, items = _items(stretch, line, places, number)
                    if len(items) > 1:
                        yield items
                        if 1 < len(wholes := _wholes(items)) < len(items):
                            yield wholes
            line = end + 1


def _items(pieces: list[str], at: int, places: list[tuple[int, float]], number: int) -> tuple[int, list[tuple[str, float]]]:
    """What is set apart in a line that begins behind so many pieces, each with its place; and which place comes next."""
    items: list[tuple[str, float]] = []
    text: list[str] = []
    place = 0.0
    for piece in (*pieces, MAYBE):
        while places[number][0] <= at:
            place = places[number][1]
            number += 1
        if piece != MAYBE:
            text.append(piece)
        else:
            whole = "".join(text)
            text = [whole[:1]]  # of blanks one
            if whole.strip():
                items.append((whole, place))
                text, place = [], 0.0
        at += 1
    return number, items


def _wholes(items: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """What is set apart in a line, together with what is set apart in it: it goes up to the next that has a place."""
    found: list[tuple[str, float]] = []
    for text, place in items:
        if found and found[-1][1] and not place:
            text, place = found[-1][0] + text, found.pop()[1]
        found.append((text, place))
    return found


def _key(number: int, place: float) -> tuple[float, int]:
    return (place, -number if place == RIGHT else number)


def _shown(pieces: list[str]) -> list[str]:
    """The lines that some pieces show."""
    return [line for one in parted("".join(pieces)).split(BREAK) if (line := one.strip())]
