"""What a page shows in another order than it is written in, and cells of a table that no space parts.

Readers that know no styles show it as it stands, so these are further readings. No layout is made: what floats to the right stands
last and the first of it outermost, what has a number (its order, its column, how far from the edge it is) stands by it, and where
writing goes from right to left or a line is reversed, all that is set apart in a line is read backwards. Promises: linear, bounded.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby, pairwise

from screener.anatomy.html.layout import RIGHT, Spacing
from screener.anatomy.html.styles import Element
from screener.anatomy.html.tags import values
from screener.anatomy.html.views import APART, BESIDE, BREAK, MAYBE, borderless

BORDERS = BREAK + MAYBE + APART + BESIDE + " \t\r\n\f"
_NONE = frozenset((MAYBE, APART, BESIDE))
_UNPADDED = re.compile(r"\s*+[+-]?0++(?!\d)")
_POINTS = 2  # that are not seen as a blank, also of several cells in a row
_MAX_CELL = 250  # pieces of a cell that is read together with its neighbours, …
_MAX_TEXT = 200  # … and characters


Cell = tuple[Element, int, int]  # of a table: from which piece to which


class Order:
    """What of the pieces of a text is shown in another order."""

    __slots__ = ("_places", "_rows", "is_turned", "pieces")

    def __init__(self, pieces: list[str]) -> None:
        self.pieces = pieces
        self.is_turned = False  # somewhere in it lines are read backwards
        self._places: list[tuple[int, float]] = []  # behind how many pieces what has a place begins
        self._rows: list[tuple[Element, list[Cell]]] = []

    def place(self, at: int, place: float) -> None:
        """What begins behind so many pieces has a place of its own."""
        self._places.append((at, place))

    def row(self, table: Element, cells: list[Cell]) -> None:
        """A row of a table."""
        self._rows.append((table, cells))

    def lines(self) -> dict[str, None]:
        """The lines that read otherwise."""
        found: dict[str, None] = {}
        for items in self._items() if self._places or self.is_turned else ():
            placed = [items[number] for number in sorted(range(len(items)), key=lambda one: _key(one, items[one][1]))]
            for apart in ([one for one in items if one[1] != RIGHT], [one for one in placed if one[1] == RIGHT]):
                if 1 < len(apart) < len(items):  # what floats to the right, and what does not
                    found["".join([text.strip() for text, _ in apart])] = None
            texts = [text.strip() for text, _ in items]
            for other in (placed, [(_mirrored(text), 0.0) for text, _ in reversed(items)] if self.is_turned else items):
                stripped = [text.strip() for text, _ in other]
                if stripped != texts:
                    found["".join(stripped)] = found[BREAK.join(stripped)] = None
                    # Of what has a place of its own no blanks at the ends are shown.
                    found["".join([text.strip() if place else text for text, place in other])] = None
        for table, row in self._rows:
            for run in _runs(self.pieces, row):
                if self.is_turned:
                    backwards = [text for text, _ in reversed(run)]
                    # As one, too, whatever space there is: in large letters what cells have by themselves is less than a blank.
                    found[BREAK.join(backwards)] = found["".join(backwards)] = None
                if any(_is_of_word(before[-1]) and _is_of_word(behind[0]) for (before, _), (behind, _) in pairwise(run)):
                    for texts in _abutting(table, run):
                        found["".join(texts)] = None
                        if self.is_turned:
                            found["".join(reversed(texts))] = None
        return found

    def _items(self) -> Iterator[list[tuple[str, float]]]:
        """What is set apart in lines, blocks that perhaps stand in them and those that do not."""
        pieces = [*self.pieces, BREAK]
        yield from self._lines(pieces)
        if BESIDE in pieces:
            yield from self._lines([BREAK if piece == BESIDE else piece for piece in pieces])

    def _lines(self, pieces: list[str]) -> Iterator[list[tuple[str, float]]]:
        """Of each line in which something has a place, or of all, what is set apart in it, each with its place."""
        places = [*self._places, (len(pieces), 0.0)]
        line = number = 0
        while line < len(pieces):
            end = pieces.index(BREAK, line)
            if places[number][0] <= end or (self.is_turned and end > line + 2):
                stretch = pieces[line:end]
                while places[number][0] < line:
                    number += 1
                if not _NONE.isdisjoint(stretch):
                    number, items = _items(stretch, line, places, number)
                    if len(items) > 1:
                        items[0] = (items[0][0].lstrip(), items[0][1])  # where a line begins no blanks are shown
                        yield items
                        if 1 < len(wholes := _wholes(items)) < len(items):
                            yield wholes
            line = end + 1


def _abutting(table: Element, run: list[tuple[str, Cell]]) -> Iterator[list[str]]:
    """Of cells beside one another those that no space parts."""
    if not table.layout.is_unspaced:
        return
    is_unpadded = any(map(_UNPADDED.match, values(table.attributes, "cellpadding")[:1]))
    tight = (Spacing.NONE, Spacing.UNSAID if is_unpadded else Spacing.NONE)
    for is_tight, found in groupby(run, lambda one: one[1][0].layout.spacing in tight):
        texts = [text for text, _ in found]
        if is_tight and len(texts) > 1:
            yield texts


def _items(pieces: list[str], at: int, places: list[tuple[int, float]], number: int) -> tuple[int, list[tuple[str, float]]]:
    """What is set apart in a line that begins behind so many pieces, each with its place; and which place comes next."""
    items: list[tuple[str, float]] = []
    text: list[str] = []
    place = 0.0
    for piece in (*pieces, APART):
        while places[number][0] <= at:
            place = places[number][1]
            number += 1
        if piece not in _NONE:
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


def _mirrored(text: str) -> str:
    """A text with the blanks at each end at the other, as it stands from right to left."""
    return " " * text[-1:].isspace() + text.strip() + " " * text[:1].isspace()


def _key(number: int, place: float) -> tuple[float, int]:
    return (place, -number if place == RIGHT else number)


def _is_of_word(character: str) -> bool:
    """Whether it may stand at a border within a word: letters, digits, marks, and what nobody sees."""
    return unicodedata.category(character)[0] in "LMNC"


def _runs(pieces: list[str], row: list[Cell]) -> Iterator[list[tuple[str, Cell]]]:
    """Cells beside one another that are one line each, with what they show; also those between what may leave space."""
    run: list[tuple[str, Cell]] = []
    begins = 0  # behind how many cells of the run there may be space
    points = 0.0  # how wide empty ones in a row are
    for cell in (*row, None):
        text = BREAK if cell is None else _line(pieces, cell)
        kept = len(run)
        if cell is not None and not text:
            points += 0 if cell[0].hides else cell[0].gap
        elif cell is not None and BREAK not in text:
            run.append((borderless(text), cell))
            points = 0
            if cell[0].gap <= _POINTS:
                continue
            kept += "right" not in cell[0].attributes.lower()
        ends = BREAK in text or points > _POINTS
        if ends and begins and len(run) > 1:
            yield run
        if kept > begins + 1:
            yield run[begins:kept]
        begins = kept
        if ends:
            run, begins = [], 0


def _line(pieces: list[str], cell: Cell) -> str:
    """What a cell shows; with BREAK in it where that is no line, or a long one."""
    _, start, end = cell
    text = "".join(pieces[start:end]).strip(BORDERS) if end - start <= _MAX_CELL else BREAK
    return text if len(text) <= _MAX_TEXT else BREAK
