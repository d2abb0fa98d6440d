"""A text as it comes in pieces, and how else it reads: to whom borders show nothing, with and without what may be hidden, and with
what only some readers show.

Promises: linear; as many readings as there are kinds of doubt, and of each only the lines in which a word reads otherwise; where
not all are made, `is_cut` says so.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from unicodedata import bidirectional

from screener.anatomy.html.colours import SHADES
from screener.anatomy.html.ways import LAYERS, Layer, Span, again, chosen, ways
from screener.frozen import dataclass

# Private, so no text means anything by them.
BREAK = "\ue000"  # stands for a block's border until blanks are tidied
MAYBE = "\ue001"  # the border of what may show nothing where it stands: to some readers, or by its style, there is none
APART = "\ue002"  # the border of what stands in a line, and by its style is perhaps set apart
JOINT = "\ue003"  # no border: some readers show less here, or more
TAKEN = "\ue004"  # some readers show nothing of what stands here, …
EMPTY = "\ue005"  # … or leave its place empty
_DOUBTFUL = MAYBE + APART
# Borders right between characters; each begins with one, so what lies between is skipped fast.
_JOINABLE = [
    re.compile(f"{one}(?<=[^\\s{BREAK}{_DOUBTFUL}]{one})[{_DOUBTFUL}]*+[^\\s{BREAK}{_DOUBTFUL}]") for one in (MAYBE, APART)
]
_MIXED = re.compile(f"{MAYBE}[^\\s{BREAK}{MAYBE}]*{APART}|{APART}[^\\s{BREAK}{APART}]*{MAYBE}")
_REREAD = re.compile(
    f"[^\\s{BREAK}{JOINT}{TAKEN}{EMPTY}][{JOINT}{TAKEN}{EMPTY}]+[^\\s{BREAK}{JOINT}{TAKEN}{EMPTY}]|"
    f"[{TAKEN}{EMPTY}](?:(?<=\\w[{TAKEN}{EMPTY}])|(?=\\w))"
)
_FIRST_LETTER = re.compile(r"(?:\W|_)*+\w[^\w\s]*+")  # CSS Pseudo-Elements 4, 2.1
_MARKS = re.compile(f"[{JOINT}{TAKEN}{EMPTY}]")
_FEW = 50  # pieces in which an element that is no part of a line has a border
_SHORT = re.compile(r"\n..?\n..?\n")
_MAX_SPANS = 20_000
_MAX_LEVELS = 6  # of elements that may be hidden in one another: as many readings without them
_NEAR = 32  # elements that are open, among which one that ends is looked for
_LETTERS = 2  # of a word that is spelt, in one line, …
_SPELT = 4  # … and lines of it at least
_GROWTH = 4  # readings in sizes of the text, …
_ROOM = 65_536  # … and so many characters more


@dataclass(slots=True)
class _Doubted:
    """An open element that may be hidden, has a text behind it, or runs from right to left."""

    name: str
    start: int
    layer: int
    shade: int
    look: str
    after: tuple[str, ...]
    empty: bool
    turned: bool
    around: int  # how many elements are open that began since the outermost of such
    cut: int = -1  # behind how many pieces it ends with an element around it, if not with its own end
    count: int = 1  # elements of its name that are open, from it on


class Flow:
    """The pieces of a text, borders among them, and what stands where some readers show another."""

    __slots__ = ("_choices", "_depth", "_firsts", "_joint", "_names", "_spans", "by_place", "doubts", "is_cut", "pieces")

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.by_place = False  # what may be hidden may be so for its place among others
        self.is_cut = False  # some readings are not made
        self._spans: list[Span] = []
        self.doubts: list[_Doubted] = []  # elements that are open and may be hidden
        self._depth = 0
        self._names: list[str] = []  # of elements that are open, from the first of these on
        self._choices = 1  # of added texts at one place, at most
        self._firsts: list[int] = []  # behind how many pieces an element begins whose first letter may be hidden
        self._joint = -1  # behind how many pieces some readers show less, or more

    @property
    def is_full(self) -> bool:
        """Whether no further stretch is kept that reads otherwise."""
        return len(self._spans) >= _MAX_SPANS

    def within_word(self) -> bool:
        """Whether there is something before that what follows may be joined to."""
        pieces = self.pieces
        if not pieces or len(self._spans) >= _MAX_SPANS:
            return False
        return self._joint == len(pieces) or ((last := pieces[-1]) != BREAK and not last[-1:].isspace())

    def insert(self, layer: Layer, text: str, at: int | None = None, choices: tuple[str, ...] = (), look: str = "") -> None:
        """Some readers show a text here that others do not, or one of some; `at`: behind so many pieces."""
        if text and not text.isspace() and not self.is_full:
            if at is None:
                at = len(self.pieces)
            if at == len(self.pieces):
                self._joint = at
            self._choices = max(self._choices, len(choices))
            self._spans.append(Span(at, at, text, layer, look=look, choices=choices))

    def doubt_first_letter(self) -> None:
        """An element begins whose first letter may be hidden, with the punctuation about it."""
        if len(self._firsts) < _MAX_SPANS:
            self._firsts.append(len(self.pieces))

    def doubt(
        self, name: str, after: tuple[str, ...] = (), shade: int = 0, look: str = "", *, empty: bool = False, turned: bool = False
    ) -> None:
        """An element begins that may be hidden; of too many in one another the outermost is shown.

        `empty`: its place may be left empty; `turned`: it runs from right to left.
        """
        if len(self.doubts) >= _MAX_LEVELS:
            self.is_cut = self.is_cut or BREAK not in self.pieces[max(self.doubts[0].start, len(self.pieces) - _FEW) :]
            del self.doubts[0]
        elif not self.doubts:
            self._depth = 0
            self._names.clear()
        layer = len(LAYERS) + self._depth % _MAX_LEVELS
        self.doubts.append(_Doubted(name, len(self.pieces), layer, shade, look, after, empty, turned, len(self._names)))
        self._names.append(name)
        self._depth += 1

    def again(self, name: str) -> None:
        """Another element begins, perhaps in one that may be hidden."""
        self._names.append(name)
        if (doubted := self._doubted(name)) is not None:
            doubted.count += 1

    def undoubt(self, name: str, inner: int | None = None) -> None:
        """An element ends, perhaps one that may be hidden; those within that did not end do. `inner`: where its border is."""
        if not self.doubts:
            return
        if self._names and self._names[-1] == name:
            self._names.pop()
        else:
            self._cut(name, len(self.pieces) if inner is None else inner)
        if (ended := self._doubted(name)) is None:
            return
        ended.count -= 1
        while not ended.count and self.doubts:
            innermost = self.doubts.pop()
            self._depth -= 1
            self._end(innermost, inner)
            if innermost is ended:
                return

    def _cut(self, name: str, at: int) -> None:
        """What is open within an element that ends here may end with it; within one that is not known, too."""
        names = self._names
        begun = next((place for place in range(len(names) - 1, max(-1, len(names) - _NEAR), -1) if names[place] == name), -1)
        if begun >= 0:
            del names[begun:]
        for doubted in self.doubts:
            if doubted.around > begun and doubted.cut < 0:
                doubted.cut = at

    def _end(self, doubted: _Doubted, inner: int | None) -> None:
        """An element that may be hidden, or has a text behind it, goes up to here."""
        end = len(self.pieces)
        if end > doubted.start and not self.is_full and self._may_touch(doubted.start, end):
            self._joint = end
            span = Span(doubted.start, end, "", doubted.layer, doubted.shade, doubted.look, empty=doubted.empty)
            self._spans.append(span)
            if doubted.start < doubted.cut < end:
                self._spans.append(replace(span, end=doubted.cut, layer=span.layer + _MAX_LEVELS))
        if doubted.turned and not self.is_full and (text := _unblanked("".join(self.pieces[doubted.start : end]))):
            self._joint = end
            self._spans.append(Span(doubted.start, end, text, Layer.TURNED))
        if doubted.after:
            self.insert(Layer.ADDED, doubted.after[0], inner, doubted.after)

    def _may_touch(self, start: int, end: int) -> bool:
        """Whether a word may go on before or behind some pieces; what follows them is not known."""
        before = self.pieces[start - 1] if start else BREAK
        return (before != BREAK and not before[-1:].isspace()) or self.pieces[end - 1][-1:].isalnum()

    def end(self) -> None:
        """What is open goes no further."""
        while self.doubts:
            self._end(self.doubts.pop(), None)
        for begun in self._firsts:
            for at in range(begun, min(begun + _FEW, len(self.pieces))):
                if (first := _FIRST_LETTER.match(self.pieces[at])) is not None:
                    rest = self.pieces[at][first.end() :]
                    self._spans.append(Span(at, at + 1, TAKEN + rest if rest else "", Layer.FIRST))
                    break
        self.pieces.append(BREAK)

    def without(self, start: int) -> str:
        """What comes behind so many pieces, without what in it is rather hidden than shown; "" where nothing is."""
        found: list[Span] = []
        for span in reversed(self._spans):
            if span.start < start:
                break
            if span.shade > SHADES:
                found.append(span)
        found.sort(key=lambda span: (span.start, -span.end))
        return _replaced(self.pieces, start, len(self.pieces), found) if found else ""

    def readings(self) -> tuple[str, str, str]:
        """The text; where borders that may be none part no words; its lines that read otherwise. "" for no other text."""
        text = "".join(self.pieces)
        lines = self._otherwise(_GROWTH * len(text) + _ROOM) if self._spans else {}
        displayed = tidy(text.replace(MAYBE, BREAK).replace(APART, BREAK))
        if _SHORT.search(displayed) is not None:
            lines |= dict.fromkeys(_spelt(displayed))
        if MAYBE in text and APART in text:
            mixed = [line for line in text.split(BREAK) if _MIXED.search(line) is not None]
            lines |= dict.fromkeys(form for line in mixed for form in [*_forms(line)][1:3])
        joined = tidy(text.replace(MAYBE, "").replace(APART, "")) if any(one.search(text) for one in _JOINABLE) else ""
        return displayed, joined, tidy(BREAK.join(lines))

    def _doubted(self, name: str) -> _Doubted | None:
        """The innermost open element of that name that may be hidden."""
        for one in reversed(self.doubts):
            if one.name == name:
                return one
        return None

    def _otherwise(self, room: int) -> dict[str, None]:
        """The lines in which a word reads otherwise: those with a span, in each way."""
        pieces = [*self.pieces, BREAK]
        spans = sorted(self._spans, key=attrgetter("start", "end"))
        lines: dict[str, None] = {}
        line = 0
        first = 0
        while first < len(spans):
            # All spans that have a line in common.
            while (end := pieces.index(BREAK, line)) < spans[first].start:
                line = end + 1
            last = first
            while last < len(spans) and spans[last].start <= end:
                if spans[last].end > end:
                    end = pieces.index(BREAK, spans[last].end)
                last += 1
            for way in self._ways(spans[first:last], line, end):
                if room < 0:
                    self.is_cut = True
                    return lines
                text = _replaced(pieces, line, end, way)
                if _REREAD.search(text) is not None:
                    found = [one for form in _forms(text) for one in form.split(BREAK) if _REREAD.search(one) is not None]
                    room -= sum(map(len, found))
                    lines |= dict.fromkeys(_MARKS.sub("", one) for one in found)
                    emptied = [one for one in found if EMPTY in one]
                    room -= sum(map(len, emptied))
                    lines |= dict.fromkeys(_MARKS.sub("", one.replace(EMPTY, " ")) for one in emptied)
            first = last
            line = end
        self.is_cut = self.is_cut or self.is_full
        return lines

    def _ways(self, spans: list[Span], start: int, end: int) -> Iterator[list[Span]]:
        """What may be left out of a stretch together, and shown in it."""
        yield from (ways if self._choices < 2 else chosen)(spans, self.by_place)
        pieces = self.pieces
        around = any(_touch(pieces, span.start) or _touch(pieces, span.end) for span in spans if span.layer >= len(LAYERS))
        for gaps in again(spans, start, end, around):
            yield [
                Span(*gap, "" if _touch(pieces, gap[0]) or _touch(pieces, gap[1]) else JOINT, len(LAYERS), empty=True)
                for gap in gaps
            ]


def _touch(pieces: list[str], at: int) -> bool:
    """Whether a word goes on from the piece before to the one behind."""
    return 0 < at < len(pieces) and pieces[at - 1][-1:].isalnum() and pieces[at][:1].isalnum()


def _unblanked(text: str) -> str:
    """A text without the blanks at its ends; "" where there are none, or no word from left to right is at either."""
    kept = text.strip()
    return kept if kept and kept != text and {"L", "EN"} & {bidirectional(kept[0]), bidirectional(kept[-1])} else ""


def _spelt(text: str) -> list[str]:
    """Words of which each letter stands in a line of its own: in cells of a table, beside one another by their styles."""
    runs = [list(lines) for is_short, lines in groupby(text.split("\n"), lambda line: len(line) <= _LETTERS) if is_short]
    return ["".join(run) for run in runs if len(run) >= _SPELT]


def _forms(text: str) -> Iterator[str]:
    """A text with each kind of border that may be none read as one, and as none."""
    for blocks in (BREAK, "") if MAYBE in text else ("",):
        for apart in (BREAK, "") if APART in text else ("",):
            yield text.replace(MAYBE, blocks).replace(APART, apart)


def _replaced(pieces: list[str], start: int, end: int, spans: list[Span]) -> str:
    """A stretch of a text, with other texts for some of its pieces."""
    found: list[str] = []
    at = start
    for span in spans:
        if span.start >= at:
            found += pieces[at : span.start]
            found += (JOINT, span.text, JOINT) if span.text else (EMPTY if span.empty else TAKEN,)
            at = span.end
    return "".join((*found, *pieces[at:end]))


def tidy(text: str) -> str:
    """Blanks as browsers show them: one for many, a line end for a block."""
    if not text:
        return ""
    lines = [" ".join(line.split()) for line in text.split(BREAK)]
    return "\n".join([line for line in lines if line])
