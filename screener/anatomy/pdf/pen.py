"""Where the letters of a PDF's page are shown: what stands between them, and the lines that they make (ISO 32000-1 9.4.2).

Promises: pure, linear but for the sorting of a line's pieces, never raises.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter

from screener.anatomy.pdf.fonts import PLACE
from screener.anatomy.pdf.ink import Ink, State

_FAR = (-300.0, 10_000.0)  # from left to right of what may be on a page
_WITHIN_LINE = 0.6  # of their size that letters may stand higher or lower in a line


class Line:
    """What was shown in a line: where, in which state, which letters."""

    def __init__(self) -> None:
        self.letters: list[str] = []  # the last
        self.state: State | None = None  # theirs
        self._pieces: list[tuple[float, State, list[str]]] = []
        self._is_turned = False  # not shown from left to right, or not at once
        self._is_mixed = False  # in several states

    def add(self, x: float, state: State, *, is_back: bool) -> None:
        """Letters of a state are shown from here on; the last before may have been in another line."""
        if self._pieces:
            last_x, last_state, _ = self._pieces[-1]
            self._is_turned = self._is_turned or is_back or x < last_x
            self._is_mixed = self._is_mixed or state != last_state
        if not _FAR[0] < x < _FAR[1]:
            self._is_mixed = True
        self.state, self.letters = state, []
        self._pieces.append((x, state, self.letters))

    def views(self) -> Iterator[str]:
        """As it stands there, and the letters of each state in it."""
        if self._is_turned or self._is_mixed:
            self._pieces.sort(key=itemgetter(0))
        if self._is_turned:
            yield PLACE.join(["".join(letters) for _, _, letters in self._pieces])
        if self._is_mixed:
            states: dict[tuple[bool, State], list[str]] = {}
            for x, state, letters in self._pieces:
                states.setdefault((_FAR[0] < x < _FAR[1], state), []).append("".join(letters))
            yield from map(PLACE.join, states.values() if len(states) > 1 else ())


@dataclass(slots=True)
class Pen:
    """Where letters are shown, and what was shown in each line."""

    ink: Ink
    x: float = 0.0
    y: float = 0.0
    leading: float = 0.0
    line: float = 0.0  # in which the last were shown
    moved: bool = False
    is_single: bool = False  # whether that was one letter
    seen_line: float = 0.0  # the same of letters that people see
    seen_moved: bool = False
    lines: dict[int, Line] = field(default_factory=dict)

    def move(self, operator: bytes, across: float, up: float) -> None:
        """Go to where the next letters are shown; numbers are the last two before the operator."""
        match operator:
            case b"Td" | b"TD":
                self.x, self.y = self.x + across, self.y + up
                self.leading = -up if operator == b"TD" else self.leading
            case b"Tm":
                self.x, self.y = self.ink.across + across, self.ink.up + up
            case b"T*" | b"'" | b'"':
                self.y -= self.leading
            case _:
                self.x, self.y = self.ink.across, self.ink.up
        self.moved = self.seen_moved = True

    def gap(self, letters: str) -> str:
        """What stands between the letters before and these; single ones may be a word from top to bottom."""
        is_upright, self.is_single = self.is_single, len(letters) == 1
        if not self.lines:
            return ""
        if self._is_other(self.line) and not (is_upright and self.is_single):
            return "\n"
        return PLACE if self.moved else ""

    def _is_other(self, line: float) -> bool:
        """Whether letters here do not stand in a line, a bit higher or lower (9.3.7) though they may be."""
        apart = abs(self.y - line)
        most = _WITHIN_LINE * self.ink.size
        return apart > 1 and (apart > most or apart > most * self.ink.scaled())

    def see(self, *, is_seen: bool) -> str:
        """The same for who sees but some of them."""
        if not is_seen:
            self.seen_moved = True  # these take their place
            return ""
        gap = "\n" if self._is_other(self.seen_line) else PLACE if self.seen_moved else ""
        self.seen_line, self.seen_moved = self.y, False
        return gap

    def show(self, letters: str, state: State) -> None:
        """They were shown here, in this state."""
        x, y = self.x, round(self.y)
        if (line := self.lines.get(y)) is None:
            line = self.lines[y] = Line()
        if self.moved or state is not line.state:
            line.add(x, state, is_back=round(self.line) != y)
        line.letters.append(letters)
        self.line, self.moved = self.y, False
