"""A text as it comes in pieces, borders among them, and what in it may be hidden or is shown to some readers only.

How else that reads is `views`' to say. Promises: linear; where there is more than is kept, `is_cut` says so.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from operator import attrgetter
from unicodedata import bidirectional

from screener.anatomy.html import seams
from screener.anatomy.html.colours import SHADES
from screener.anatomy.html.views import BREAK, JOINT, TAKEN, Views, last, parted, replaced, unmarked
from screener.anatomy.html.ways import LAYERS, Layer, Span, ways
from screener.frozen import dataclass

_FIRST_LETTER = re.compile(r"(?:\W|_)*+\w[^\w\s]*+")  # CSS Pseudo-Elements 4, 2.1
_BETWEEN = re.compile(rf"(?<![\s{BREAK}])\s++(?!{BREAK})")
_ADDED = frozenset((Layer.ADDED, Layer.FIRST))  # that style sheets show, or take away
_FEW = 50  # pieces in which an element that is no part of a line has a border
_MAX_SPANS = 20_000
_MAX_WAYS = 8  # to read what is shown elsewhere, or otherwise
_MAX_LEVELS = 6  # of elements that may be hidden in one another: as many readings without them
_NEAR = 32  # elements that are open, among which one that ends is looked for


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
    squeezed: bool
    is_plain: bool
    around: int  # how many elements are open that began since the outermost of such
    cut: int = -1  # behind how many pieces it ends with an element around it, if not with its own end
    count: int = 1  # elements of its name that are open, from it on


class Flow:
    """The pieces of a text, borders among them, and what stands where some readers show another."""

    __slots__ = (
        "_choices", "_depth", "_firsts", "_joint", "_names", "_spans",
        "by_place", "doubts", "is_cut", "pieces",
    )  # fmt: skip

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
        self,
        name: str,
        after: tuple[str, ...] = (),
        shade: int = 0,
        look: str = "",
        *,
        empty: bool = False,
        turned: bool = False,
        squeezed: bool = False,
        is_block: bool = False,
    ) -> None:
        """An element begins that may be hidden; of too many in one another the outermost is shown.

        `empty`: its place may be left empty; `turned`: it runs from right to left; `squeezed`: its blanks may have no width;
        `is_block`: it may stand in a line, too.
        """
        is_plain = is_block and not shade and not after and not turned  # as pages are built of
        if len(self.doubts) >= _MAX_LEVELS:
            if is_plain:
                self.again(name)
                return
            given_up = next((one for one in self.doubts if one.is_plain), self.doubts[0])
            if not given_up.is_plain and BREAK not in self.pieces[max(given_up.start, len(self.pieces) - _FEW) :]:
                self.is_cut = True
            self.doubts.remove(given_up)
        elif not self.doubts:
            self._depth = 0
            self._names.clear()
        layer = len(LAYERS) + self._depth % _MAX_LEVELS
        begun = len(self.pieces)
        self.doubts.append(_Doubted(name, begun, layer, shade, look, after, empty, turned, squeezed, is_plain, len(self._names)))
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
        texts = self.ways(doubted.start, end) if doubted.squeezed and not self.is_full else []
        if end > doubted.start and not self.is_full and self._may_touch(doubted.start, end):
            self._joint = end
            span = Span(doubted.start, end, "", doubted.layer, doubted.shade, doubted.look, empty=doubted.empty)
            self._spans.append(span)
            if doubted.start < doubted.cut < end:
                self._spans.append(replace(span, end=doubted.cut, layer=span.layer + _MAX_LEVELS))
        elif doubted.shade > SHADES and self._spans and self._spans[-1].end > doubted.start and not self.is_full:
            start, stop = doubted.start + 1, end - (self.pieces[end - 1] == BREAK)  # a block, and what shows itself again in it
            if stop - start < _FEW and BREAK not in self.pieces[start:stop]:
                self._spans.append(Span(start, stop, "", doubted.layer, doubted.shade, doubted.look, empty=True))
        if doubted.turned and not self.is_full and (text := _unblanked("".join(self.pieces[doubted.start : end]))):
            self._joint = end
            self._spans.append(Span(doubted.start, end, text, Layer.TURNED))
        if squeezed := tuple([_BETWEEN.sub(JOINT, text) for text in texts if _BETWEEN.search(text) is not None]):
            self._choices = max(self._choices, len(squeezed))
            self._spans.append(Span(doubted.start, end, squeezed[0], Layer.SQUEEZED, choices=squeezed))
        if doubted.after:
            self.insert(Layer.ADDED, doubted.after[0], inner, doubted.after)

    def _may_touch(self, start: int, end: int) -> bool:
        """Whether a word may go on before or behind some pieces; what follows them is not known."""
        before = self.pieces[start - 1] if start else BREAK
        return (before != BREAK and not before[-1:].isspace()) or last(self.pieces, end)[-1:].isalnum()

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
        self._firsts.clear()
        self.pieces.append(BREAK)

    def without(self, start: int, end: int, gaps: Sequence[Span] = ()) -> str:
        """Some pieces without `gaps` and what among them is rather hidden than shown; "" where that is all of them."""
        found = [*gaps, *[span for span in self._hidden(start) if span.shade > SHADES]]
        found.sort(key=lambda span: (span.start, -span.end))
        return replaced(self.pieces, start, end, found) if found else ""

    def ways(self, start: int, end: int) -> list[str]:
        """Some pieces as they stand, and without what among them may be hidden: all of it, and some."""
        hidden = sorted(self._hidden(start), key=lambda span: (span.start, -span.end))
        found = [hidden, *ways(hidden, self.by_place)][:_MAX_WAYS] if hidden else []
        texts = [replaced(self.pieces, start, end, way) for way in found]
        return [*dict.fromkeys(["".join(self.pieces[start:end]), *texts])]

    def _hidden(self, start: int) -> Iterator[Span]:
        """What may be hidden of the last pieces, from one on."""
        for span in reversed(self._spans):
            if span.start < start:
                return
            if span.layer >= len(LAYERS):
                yield span

    def readings(self) -> tuple[str, str, str]:
        """The text, and how else it reads (`Views.readings`)."""
        views = Views(self.pieces, self._spans, self.by_place, self._choices > 1)
        found = views.readings()
        self.is_cut = self.is_cut or views.is_cut or self.is_full
        return found

    def stretches(self) -> Iterator[list[str]]:
        """What stands between borders: of the text as it stands, with what is hidden, and without what may be,
        also with what style sheets add."""
        pieces = self.pieces
        texts = {"".join(pieces): None}
        spans = sorted(self._spans, key=attrgetter("start", "end"))
        hidden = [span for span in spans if span.layer == Layer.HIDDEN]
        doubted = [span for span in spans if span.layer >= len(LAYERS) and span.shade > SHADES]
        added = [span for span in spans if span.layer in _ADDED]
        both = sorted([*added, *doubted], key=attrgetter("start", "end")) if added else []
        for some in (hidden, doubted, added, both):
            if some:
                texts[unmarked(replaced(pieces, 0, len(pieces), some))] = None
        yield from (seams.split(parted(text)) for text in texts)

    def _doubted(self, name: str) -> _Doubted | None:
        """The innermost open element of that name that may be hidden."""
        for one in reversed(self.doubts):
            if one.name == name:
                return one
        return None


def _unblanked(text: str) -> str:
    """A text without the blanks at its ends; "" where there are none, or no word from left to right is at either."""
    kept = text.strip()
    return kept if kept and kept != text and {"L", "EN"} & {bidirectional(kept[0]), bidirectional(kept[-1])} else ""
