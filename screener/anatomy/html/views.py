"""A text as it comes in pieces, and how else it reads: to whom borders show nothing, with and without what may be hidden, and with
what only some readers show.

Promises: linear; as many readings as there are kinds of doubt, and of each only the lines in which a word reads otherwise.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from operator import attrgetter

BREAK = "\ue000"  # stands for a block's border until blanks are tidied; private, so no text means anything by it
MAYBE = "\ue001"  # the border of what may show nothing where it stands: to some readers, or by its style, there is none
_JOINABLE = re.compile("[^\\s\ue000\ue001]\ue001+[^\\s\ue000\ue001]")
_MAX_SPANS = 20_000
_MAX_LEVELS = 4  # of elements that may be hidden in one another: as many readings without them


class Layer(IntEnum):
    """What only some readers show; elements that may be hidden have the layers behind, by how many of them lie around."""

    OUTLOOK = 0
    INSTEAD = 1  # of a picture or a frame
    ADDED = 2  # by a style sheet
    HIDDEN = 3


_LAYERS = frozenset(Layer)


@dataclass(frozen=True, slots=True)
class _Span:
    """Pieces for which some readers show another text, by their numbers; none where it is shown between two."""

    start: int
    end: int
    text: str
    layer: int


@dataclass(slots=True)
class _Doubted:
    """An open element that may be hidden, or has a text behind it."""

    name: str
    start: int
    layer: int
    after: str
    count: int = 1  # elements of its name that are open, from it on


class Flow:
    """The pieces of a text, borders among them, and what stands where some readers show another."""

    __slots__ = ("_depth", "_doubts", "_joint", "_spans", "pieces")

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._spans: list[_Span] = []
        self._doubts: list[_Doubted] = []
        self._depth = 0
        self._joint = -1  # behind how many pieces some readers show less, or more

    @property
    def is_full(self) -> bool:
        """Whether no further stretch is kept that reads otherwise."""
        return len(self._spans) >= _MAX_SPANS

    def within_word(self) -> bool:
        """Whether there is something before that what follows may be joined to."""
        pieces = self.pieces
        if not pieces or self.is_full:
            return False
        return self._joint == len(pieces) or ((last := pieces[-1]) != BREAK and not last[-1:].isspace())

    def insert(self, layer: Layer, text: str, at: int | None = None) -> None:
        """Some readers show a text here that others do not; `at`: behind so many pieces."""
        if text and not text.isspace() and not self.is_full:
            if at is None:
                at = self._joint = len(self.pieces)
            self._spans.append(_Span(at, at, text, layer))

    def doubt(self, name: str, after: str = "") -> None:
        """An element begins that may be hidden; of too many in one another the outermost is shown."""
        if len(self._doubts) >= _MAX_LEVELS:
            del self._doubts[0]
        elif not self._doubts:
            self._depth = 0
        self._doubts.append(_Doubted(name, len(self.pieces), len(_LAYERS) + self._depth % _MAX_LEVELS, after))
        self._depth += 1

    def again(self, name: str) -> None:
        """Another element begins of whose name one may be hidden."""
        if self._doubts and (doubted := self._doubted(name)) is not None:
            doubted.count += 1

    def undoubt(self, name: str) -> None:
        """An element ends of whose name one may be hidden; those within that did not end do."""
        if not self._doubts or (ended := self._doubted(name)) is None:
            return
        ended.count -= 1
        while not ended.count and self._doubts:
            innermost = self._doubts.pop()
            self._depth -= 1
            end = len(self.pieces)
            if end > innermost.start and not self.is_full:
                self._joint = end
                self._spans.append(_Span(innermost.start, end, "", innermost.layer))
            self.insert(Layer.ADDED, innermost.after)
            if innermost is ended:
                return

    def end(self) -> None:
        """What is open goes no further."""
        self.pieces.append(BREAK)
        self._doubts.clear()

    def readings(self) -> tuple[str, str, str]:
        """The text; where borders that show nothing to some part no words; its lines that read otherwise. "" for no other text."""
        text = "".join(self.pieces)
        otherwise = self._otherwise() if self._spans else ""
        if MAYBE not in text:
            return tidy(text), "", otherwise
        joined = tidy(text.replace(MAYBE, "")) if _JOINABLE.search(text) else ""
        return tidy(text.replace(MAYBE, BREAK)), joined, otherwise

    def _doubted(self, name: str) -> _Doubted | None:
        """The innermost open element of that name that may be hidden."""
        return next((one for one in reversed(self._doubts) if one.name == name), None)

    def _otherwise(self) -> str:
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
            group = spans[first:last]
            for layers in _ways({span.layer for span in group}):
                text = _replaced(pieces, line, end, [span for span in group if span.layer in layers])
                if _JOINABLE.search(text) is not None:
                    lines |= dict.fromkeys(one for one in text.split(BREAK) if _JOINABLE.search(one) is not None)
            first = last
            line = end
        return tidy(BREAK.join(lines).replace(MAYBE, "")) if lines else ""


def _ways(layers: set[int]) -> list[frozenset[int]]:
    """In which ways the layers there are may be read together."""
    inserted = _LAYERS & layers
    ways = [frozenset((one,)) for one in layers]
    if len(inserted) > 1:
        ways.append(inserted)
    if inserted:
        ways += [inserted | {level} for level in layers - inserted]
    return ways


def _replaced(pieces: list[str], start: int, end: int, spans: list[_Span]) -> str:
    """A stretch of a text, with other texts for some of its pieces."""
    found: list[str] = []
    at = start
    for span in spans:
        if span.start >= at:
            found += pieces[at : span.start]
            found += (MAYBE, span.text, MAYBE)
            at = span.end
    return "".join((*found, *pieces[at:end]))


def tidy(text: str) -> str:
    """Blanks as browsers show them: one for many, a line end for a block."""
    lines = [" ".join(line.split()) for line in text.split(BREAK)]
    return "\n".join([line for line in lines if line])
