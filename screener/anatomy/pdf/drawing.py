"""What the operators of a content stream show (ISO 32000-1 9.4): strings as their fonts tell letters, in the order of drawing.

Promises: linear, at most as many characters as asked for, never raises. Widths of letters are not known here: whether two strings
side by side are one word is left open by PLACE.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from screener.anatomy.needle import Needle
from screener.anatomy.pdf.drawing_operators import SHOWS, Content
from screener.anatomy.pdf.fonts import PLACE, PLAIN, Font
from screener.anatomy.pdf.ink import Ink
from screener.anatomy.pdf.pen import Pen
from screener.anatomy.pdf.streams import plain
from screener.anatomy.pdf.strings import string
from screener.anatomy.repeated import repeated

FontOf = Callable[[bytes, bytes], Font | None]  # the font that a page calls by a name, or has by a state ("gs") of that name
Form = tuple[bytes, FontOf, "FormOf"]  # what it draws, and what it calls by names itself
FormOf = Callable[[bytes], "Form | None"]  # the form that a page calls by a name

EACH = 8  # characters that a string counts as at least, because each costs
_MAX_WITHIN = 3  # times that what was passed over is read
_MAX_DEPTH = 8  # forms in one another
_LEADING = 10.0  # points from one line to the next, where what is said of it is not looked at
_HYPHEN = re.compile(r"[-\u00ad\u2010]\n")
_AROUND = 60  # characters
_ACTUAL = re.compile(rb"/ActualText\s{0,9}(?=\(|<(?!<))")
_SETS_FONT = re.compile(rb"Tf(?<![^\s\0\x80\xff\[\]<>(){}/%0-9.+-]Tf)")
_DRAWS = re.compile(rb"/[^\s\0/<>\[\]()%{}]{1,127}+[\s\0]++Do(?![A-Za-z])")
_PLAINLY = re.compile(rb"/[^\s\0/<>\[\]()%{}]++[\s\0]++[-+.0-9]++[\s\0]*+Tf\Z")
_FONT_WORD = Needle(b"Tf")
_BEGIN_WORDS = (Needle(b"BT"), Needle(b"EI"))
# Text, or what is behind an image; beside delimiters, and behind images, what somebody wrote follows.
_TEXT_BEGINS = re.compile(
    rb"BT(?:(?<![^\s\0]BT)(?=[\s\0])|(?<![^\s\0\[\]<>(){}]BT)(?:%[^\r\n]{0,2000}[\r\n]){0,9}(?=[\s\[\]<>(){}/%][\s -~]{8}))"
    rb"|EI(?<![^\s\0]EI)(?=[\s\0][\s -~]{8})"
)
_NEAR = 200  # octets before it in which its operands are looked for
_SETS_STATE = re.compile(rb"gs(?<![^\s\0\[\]<>(){}/%]gs)(?![A-Za-z0-9])")  # which may have a font (8.4.5)
_UNWRITTEN = bytes((*(value for value in range(32) if value not in b"\t\n\f\r"), *range(127, 256)))
_SAMPLE = 65_536  # octets
_LETTER = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"  # Hebrew, Arabic and their like
_RIGHT_TO_LEFT = re.compile(_LETTER + repeated(f"[ {PLACE}]*+{_LETTER}"))


def sets_font(content: bytes) -> bool:
    """Whether a font is set in what is drawn."""
    return _FONT_WORD.is_in(content) and _SETS_FONT.search(content) is not None


def draws_forms(content: bytes) -> bool:
    """Whether something is drawn that may be a form."""
    return b"Do" in content and _DRAWS.search(content) is not None


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


class Drawing:
    """A content stream that is read once, at most `limit` characters of it."""

    def __init__(self, content: bytes, font_of: FontOf, form_of: FormOf, limit: int, *, saves: bool = False) -> None:
        self._content = content
        self._saves = saves  # whether a state that is saved and restored is looked at: it rarely sets a font
        self._saved: list[Font] = []
        self.restores = False  # whether one may be restored between a font and its text
        self._font_of = font_of
        self._form_of = form_of
        self._depth = 0  # of forms
        self._left = limit
        self._font = PLAIN
        self._ink = Ink(content)
        self._pen = Pen(self._ink)
        self._instead = _Instead() if b"/ActualText" in content else None
        self._seen: list[str] = []
        self._hides = False

    def again(self) -> "Drawing":
        """The same, with a look at states that are saved and restored."""
        return Drawing(self._content, self._font_of, self._form_of, self._left, saves=True)

    def seen(self) -> str:
        """What people see of it, where that is not all."""
        return "".join(self._seen) if self._hides else ""

    def turned(self) -> str:
        """The lines whose letters were not shown from left to right, as they stand there; by state, where those differ."""
        return "\n".join(view for line in self._pen.lines.values() for view in line.views())

    def pieces(self) -> Iterator[tuple[str, str]]:
        """What it shows, as it is said to be and as it is drawn; then what may be shown in what was passed over there."""
        yield from self._all_pieces(self._content, 0.0, 0.0)

    def _all_pieces(self, passed: bytes, across: float, up: float) -> Iterator[tuple[str, str]]:
        for _ in range(_MAX_WITHIN):
            content = Content(passed)
            yield from self._pieces(content, Ink(passed, across, up))
            passed = content.passed()
            if not passed or self._left <= 0:
                break
            yield "\n", "\n"

    def _drawn(self, name: bytes) -> Iterator[tuple[str, str]]:
        """What a form shows that is drawn here (8.10), in the order of drawing."""
        if self._depth >= _MAX_DEPTH or (form := self._form_of(name)) is None:
            return
        kept = self._ink, self._font, self._font_of, self._form_of
        content, self._font_of, self._form_of = form
        self._depth += 1
        yield from self._all_pieces(content, self._ink.across, self._ink.up)
        self._depth -= 1
        self._ink, self._font, self._font_of, self._form_of = kept
        self._pen.ink = self._ink

    def _pieces(self, content: Content, ink: Ink) -> Iterator[tuple[str, str]]:
        self._ink = self._pen.ink = ink
        is_text = False
        ended = restored = 0  # where the last text does, and a state after the last font
        for word, strings, across, up, begin, end in content.operations(marks=self._instead is not None, saves=self._saves):
            if self._left <= 0:
                break
            if not is_text and (word == b"BT" or word in SHOWS):
                is_text = True
                ink.outside(ended, end)
            match word:
                case b"BT":
                    self._pen.move(word, 0.0, 0.0)
                case b"Do":
                    ink.outside(ended, end)
                    ended = end
                    yield from self._drawn(plain(content.name))
                case b"Tf":
                    self._font = self._font_of(word, plain(content.name)) or self._font
                    ink.size = abs(up)
                    restored = content.restores_after(end)
                case b"Tj" | b"TJ" | b"'" | b'"':
                    self.restores = self.restores or 0 < restored < end
                    if word in (b"'", b'"'):
                        self._pen.move(word, 0.0, 0.0)
                    said = self._font.said(strings)
                    if gap := self._pen.gap(said):
                        yield gap, gap
                    yield self._shown(said, self._font.drawn(strings, said))
                case b"q":
                    self._saved.append(self._font)
                case b"Q" if self._saved:
                    self._font = self._saved.pop()
                case b"BDC" | b"BMC" | b"EMC":
                    properties = content.between(begin, end)
                    if is_text and (word == b"EMC" or b"/OC" in properties):
                        ink.operate(word, end, 0.0, content.name)
                    if words := self._marked(word, properties):
                        yield (words, "") if is_text else self._spent(f"\n{words}\n", "")
                case b"Td" | b"TD" | b"Tm" | b"T*" | b"ET":
                    self._pen.move(word, across, up)
                    if word in (b"Tm", b"ET"):
                        ink.operate(word, end, up, content.name)
                    is_text, ended = (False, end) if word == b"ET" else (is_text, ended)
                case b"TL":
                    self._pen.leading = up if is_text else _LEADING
                case b"gs" | b"Tr" | b"Tz" | b"g" | b"rg" | b"k" | b"sc" | b"scn":
                    ink.operate(word, end, up, content.name)
                    if word == b"gs" and (font := self._font_of(word, plain(content.name))) is not None:
                        self._font = font

    def _shown(self, said: str, drawn: str) -> tuple[str, str]:
        state = self._ink.state()
        gap = self._pen.see(is_seen=(is_seen := self._ink.is_seen()))
        if self._seen:
            self._seen.append(gap)
        if is_seen:
            self._seen.append(drawn)
        self._hides = self._hides or not is_seen
        self._pen.show(drawn, state)
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


def unbroken(text: str) -> Iterator[str]:
    """Words that a hyphen parts at the end of a line, with what stands around them."""
    for before, after in pairwise(_HYPHEN.split(text)):
        if before[-1:].isalpha() and after[:1].isalpha():
            yield before[-_AROUND:].rpartition("\n")[2] + after[:_AROUND].partition("\n")[0]
