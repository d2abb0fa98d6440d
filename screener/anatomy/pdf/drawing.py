"""What the operators of a content stream show (ISO 32000-1 9.4): strings as their fonts tell letters, in the order of drawing.

Promises: linear, at most as many characters as asked for, never raises. Widths of letters are not known here: whether two strings
side by side are one word is left open by PLACE.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from screener.anatomy.needle import Needle
from screener.anatomy.pdf.drawing_operators import SHOWS, Content
from screener.anatomy.pdf.fonts import PLAIN, Font
from screener.anatomy.pdf.ink import Ink
from screener.anatomy.pdf.streams import plain, string
from screener.anatomy.repeated import repeated

FontOf = Callable[[bytes], Font]  # the font that a page calls by a name

PLACE = "\ue000"  # letters go on elsewhere in the line: a blank, or nothing
EACH = 8  # characters that a string counts as at least, because each costs
_MAX_WITHIN = 3  # times that what was passed over is read
_ACTUAL = re.compile(rb"/ActualText\s{0,9}(?=\(|<(?!<))")
# What sets a font, the second by a graphics state (8.4.5).
_SETS_FONT = re.compile(rb"Tf(?<![^\s\0\[\]<>(){}/%0-9.]Tf)(?![A-Za-z0-9])")
_PLAINLY = re.compile(rb"/[^\s\0/<>\[\]()%{}]++[\s\0]++[-+.0-9]++[\s\0]*+Tf\Z")
_BEGIN_WORDS = (Needle(b"BT"), Needle(b"EI"))
# Text, or what is behind an image; beside delimiters, and behind images, what somebody wrote follows.
_TEXT_BEGINS = re.compile(
    rb"BT(?:(?<![^\s\0]BT)(?=[\s\0])|(?<![^\s\0\[\]<>(){}]BT)(?:%[^\r\n]{0,2000}[\r\n]){0,9}(?=[\s\[\]<>(){}/%][\s -~]{8}))"
    rb"|EI(?<![^\s\0]EI)(?=[\s\0][\s -~]{8})"
)
_NEAR = 200  # octets before it in which its operands are looked for
_SETS_STATE = re.compile(rb"gs(?<![^\s\0\[\]<>(){}/%]gs)(?![A-Za-z0-9])")
_UNWRITTEN = bytes((*(value for value in range(32) if value not in b"\t\n\f\r"), *range(127, 256)))
_SAMPLE = 65_536  # octets
_LETTER = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"  # Hebrew, Arabic and their like
_RIGHT_TO_LEFT = re.compile(_LETTER + repeated(f"[ {PLACE}]*+{_LETTER}"))


def sets_font(content: bytes) -> bool:
    """Whether a font is set in what is drawn."""
    return b"Tf" in content and _SETS_FONT.search(content) is not None


def is_noise(content: bytes) -> bool:
    """Whether what is drawn is nothing that anybody wrote, of which a few octets happen to set a font."""
    some = content[:_SAMPLE]
    if (len(some) - len(some.translate(None, _UNWRITTEN))) * 4 < len(some):
        return False
    return not any(_PLAINLY.search(content, max(0, at.start() - _NEAR), at.end()) for at in _SETS_FONT.finditer(content))


def behind_noise(content: bytes) -> bytes:
    """It from where text begins, or an image ends."""
    begins = (next((at for at in word.every(content) if _TEXT_BEGINS.match(content, at)), len(content)) for word in _BEGIN_WORDS)
    return content[min(begins) :]


def sets_state(content: bytes) -> bool:
    """Whether a graphics state is, which may have a font."""
    return _SETS_STATE.search(content) is not None


@dataclass(slots=True)
class _Instead:
    """The words that stand for what is drawn within a marked stretch (14.6, 14.9.4)."""

    depth: int = 0  # of stretches, from the one that has words
    words: str = ""  # until they are given

    def of(self, said: str) -> str:
        """What is said where this would be."""
        return self._given() if self.depth else said

    def begin(self, properties: bytes) -> None:
        """A stretch begins."""
        if self.depth:
            self.depth += 1
        elif (words := _ACTUAL.search(properties)) is not None:
            self.depth, self.words = 1, string(properties, words.end())[0]

    def end(self) -> str:
        """One ends: the words, where nothing was drawn there."""
        self.depth = max(0, self.depth - 1)
        return "" if self.depth else self._given()

    def _given(self) -> str:
        words, self.words = self.words, ""
        return words


@dataclass(slots=True)
class _Pen:
    """Where letters are shown, and what was shown in each line."""

    x: float = 0.0
    y: float = 0.0
    line: float = 0.0  # in which the last were shown
    moved: bool = False
    seen_line: float = 0.0  # the same of letters that people see
    seen_moved: bool = False
    lines: dict[int, list[tuple[float, list[str]]]] = field(default_factory=dict)

    def move(self, operator: bytes, across: float, up: float) -> None:
        """Go to where the next letters are shown; numbers are the last two before the operator."""
        match operator:
            case b"Td" | b"TD":
                self.x, self.y = self.x + across, self.y + up
            case b"Tm":
                self.x, self.y = across, up
            case b"T*":
                self.y -= 10
            case _:
                self.x = self.y = 0.0
        self.moved = self.seen_moved = True

    def gap(self, operator: bytes) -> str:
        """What stands between the letters before and these."""
        if operator in (b"'", b'"') or abs(self.y - self.line) > 1:
            return "\n"
        return PLACE if self.moved else ""

    def see(self, operator: bytes, *, is_seen: bool) -> str:
        """The same for who sees but some of them."""
        if not is_seen:
            self.seen_moved = True  # these take their place
            return ""
        is_same = abs(self.y - self.seen_line) <= 1 and operator not in (b"'", b'"')
        gap = PLACE if is_same and self.seen_moved else "" if is_same else "\n"
        self.seen_line, self.seen_moved = self.y, False
        return gap

    def show(self, letters: str) -> None:
        """They were shown here."""
        line = self.lines.setdefault(round(min(max(self.y, -1e9), 1e9)), [])
        if self.moved or not line:
            line.append((self.x, []))
        line[-1][1].append(letters)
        self.line, self.moved = self.y, False


class Drawing:
    """A content stream that is read once, at most `limit` characters of it."""

    def __init__(self, content: bytes, font_of: FontOf, limit: int, *, saves: bool = False) -> None:
        self._content = content
        self._saves = saves  # whether a state that is saved and restored is looked at: it rarely sets a font
        self._saved: list[Font] = []
        self.restores = False  # whether one may be restored between a font and its text
        self._font_of = font_of
        self._left = limit
        self._font = PLAIN
        self._pen = _Pen()
        self._instead = _Instead() if b"/ActualText" in content else None
        self._ink = Ink(content)
        self._seen: list[str] = []
        self._hides = False

    def again(self) -> "Drawing":
        """The same, with a look at states that are saved and restored."""
        return Drawing(self._content, self._font_of, self._left, saves=True)

    def seen(self) -> str:
        """What people see of it, where that is not all."""
        return "".join(self._seen) if self._hides else ""

    def turned(self) -> str:
        """The lines whose letters were not shown from left to right, as they stand there."""
        found = (line for line in self._pen.lines.values() if any(after[0] < before[0] for before, after in pairwise(line)))
        return "\n".join(PLACE.join(["".join(letters) for _, letters in sorted(line, key=_across)]) for line in found)

    def pieces(self) -> Iterator[tuple[str, str]]:
        """What it shows, as it is said to be and as it is drawn; then what may be shown in what was passed over there."""
        passed = self._content
        for _ in range(_MAX_WITHIN):
            content = Content(passed)
            yield from self._pieces(content, Ink(passed))
            passed = content.passed()
            if not passed or self._left <= 0:
                break
            yield "\n", "\n"

    def _pieces(self, content: Content, ink: Ink) -> Iterator[tuple[str, str]]:
        self._ink = ink
        is_text = False
        ended = restored = 0  # where the last text does, and a state after the last font
        for word, strings, across, up, begin, end in content.operations(marks=self._instead is not None, saves=self._saves):
            if self._left <= 0:
                break
            if not is_text and (word == b"BT" or word in SHOWS):
                is_text = True
                ink.outside(ended, end)
            match word:
                case b"Tf":
                    self._font = self._font_of(plain(content.name))
                    ink.size = abs(up)
                    restored = content.restores_after(end)
                case b"Tj" | b"TJ" | b"'" | b'"':
                    self.restores = self.restores or 0 < restored < end
                    if gap := self._pen.gap(word):
                        yield gap, gap
                    yield self._shown(word, strings)
                case b"q":
                    self._saved.append(self._font)
                case b"Q" if self._saved:
                    self._font = self._saved.pop()
                case b"BDC" | b"BMC" | b"EMC":
                    if words := self._marked(word, ink.content[begin:end]):
                        yield (words, "") if is_text else self._spent(f"\n{words}\n", "")
                case b"Td" | b"TD" | b"Tm" | b"T*" | b"ET":
                    self._pen.move(word, across, up)
                    if word in (b"Tm", b"ET"):
                        ink.operate(word, end, up)
                    is_text, ended = (False, end) if word == b"ET" else (is_text, ended)
                case b"Tr" | b"g" | b"rg" | b"k" | b"sc" | b"scn":
                    ink.operate(word, end, up)

    def _shown(self, operator: bytes, strings: list[bytes]) -> tuple[str, str]:
        said = self._font.said(strings)
        drawn = self._font.drawn(strings, said)
        if gap := self._pen.see(operator, is_seen=(is_seen := self._ink.is_seen())):
            self._seen.append(gap)
        if is_seen:
            self._seen.append(drawn)
        self._hides = self._hides or not is_seen
        self._pen.show(drawn)
        return self._spent(said if self._instead is None else self._instead.of(said), drawn)

    def _marked(self, mark: bytes, properties: bytes) -> str:
        """A stretch that has words of its own begins or ends; the words, where nothing was drawn in it."""
        if self._instead is None:
            return ""
        if mark == b"EMC":
            return self._instead.end()
        self._instead.begin(properties)
        return ""

    def _spent(self, said: str, drawn: str) -> tuple[str, str]:
        self._left -= max(EACH, len(said) + 1, len(drawn) + 1)
        return said, drawn


def _across(piece: tuple[float, list[str]]) -> float:
    return piece[0]


def shown(drawn: Drawing) -> Iterable[str]:
    """What is drawn as it is said to be, as it is drawn, as it stands in its lines, and as people see it."""
    pieces = list(drawn.pieces())
    if drawn.restores:
        drawn = drawn.again()
        pieces += [("\n", "\n"), *drawn.pieces()]
    views = ("".join([said for said, _ in pieces]), "".join([letters for _, letters in pieces]), drawn.turned(), drawn.seen())
    return dict.fromkeys(one for view in views if view for one in (view, _turned(view)))


def _turned(shown: str) -> str:
    """With what is written from right to left the other way round: many put its letters where they are seen."""
    return shown if shown.isascii() else _RIGHT_TO_LEFT.sub(lambda run: run[0][::-1], shown)
