"""What a page shows while it is read tag by tag, and how else it reads: to whom borders show nothing, with and without what may be
hidden, and with what only some readers show.

Promises: linear; as many readings as there are kinds of doubt, and of each only the lines in which a word reads otherwise.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from operator import attrgetter

from screener.anatomy.html_styles import Said, Styles

BREAK = "\ue000"  # stands for a block's border until blanks are tidied; private, so no text means anything by it
MAYBE = "\ue001"  # the border of what may show nothing where it stands: to some readers, or by its style, there is none
_JOINABLE = re.compile("[^\\s\ue000\ue001]\ue001+[^\\s\ue000\ue001]")
# All others join what they stand between, also those that do not exist.
_BREAKS_WORDS = (
    "address article aside blockquote body br button caption center col colgroup dd details dialog dir div dl dt "
    "fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html img input "
    "isindex legend li link main map marquee menu meta nav ol optgroup option p param pre section select summary table "
    "tbody td tfoot th thead tr ul"
)
_BREAKS = frozenset(_BREAKS_WORDS.split())
# Shown as nothing, ignored where they stand outside of what they belong to, or no wider than their style says: also as if they
# were not there (WHATWG HTML 13.2.6.4.7 and 15.3).
_DOUBTFUL_WORDS = "body col colgroup frame frameset head html img input isindex link map meta optgroup option param"
_DOUBTFUL = frozenset(_DOUBTFUL_WORDS.split())
_OF_TABLES = frozenset(("caption", "tbody", "td", "tfoot", "th", "thead", "tr"))
_VOID = frozenset(("area", "base", "br", "col", "embed", "frame", "hr", "img", "input", "link", "meta", "param", "source", "wbr"))
# What stands between their tags is for readers that do not know them (mail readers run no script), or is not shown as it stands.
_FALLBACK_WORDS = (
    "annotation annotation-xml audio canvas datalist defs desc metadata meter noscript object progress rp rt rtc video"
)
_FALLBACK = frozenset(_FALLBACK_WORDS.split())
_MAX_OPEN = 256  # hidden elements in one another
_MAX_SPANS = 20_000
_MAX_LEVELS = 4  # of elements that may be hidden in one another: as many readings without them
_NOTHING = Said()


@dataclass(frozen=True, slots=True)
class Shown:
    """The text of an HTML document: as displayed; and hidden, with alternative texts and the addresses that links lead to.

    `joined` is the displayed text where borders that show nothing to some readers part no words; "" where that is no other text.
    """

    displayed: str
    hidden: str
    joined: str = ""
    otherwise: str = ""  # lines of it as they read without what may be hidden, and with what only some readers show


class Layer(IntEnum):
    """What only some readers show; elements that may be hidden have the layers behind, by how many of them lie around."""

    OUTLOOK = 0
    INSTEAD = 1  # of a picture or a frame
    ADDED = 2  # by a style sheet
    HIDDEN = 3


_LAYERS = frozenset(Layer)


@dataclass(frozen=True, slots=True)
class Span:
    """Pieces of the displayed text for which some readers show another, by their numbers; none where it is shown between two."""

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


class Page:
    """The texts of a page, as its tags and texts come."""

    def __init__(self, styles: Styles) -> None:
        self.styles = styles
        self.shown: list[str] = []
        self.aside: list[str] = []  # what is no text of the page as it stands: attributes, titles, conditional comments
        self.out = self.shown
        self._hidden: list[str] = []
        self._hiding: list[str] = []  # open elements of the name that hides, innermost last
        self._hidden_from = 0
        self._open: dict[str, int] = {}  # elements with borders that have begun and not ended, by name
        self._joining: dict[str, int] = {}  # those of them whose style takes the borders away
        self._doubts: list[_Doubted] = []
        self._depth = 0
        self._spans: list[Span] = []
        self._joint = -1  # behind how many pieces some readers show less, or more

    def open(self, name: str, attributes: str) -> None:
        """An element begins."""
        said = _NOTHING
        if attributes:
            said = self.styles.said(attributes)
            if said.texts:
                self.aside += (BREAK, BREAK.join(said.texts), BREAK)
        hides = said.hides or name == "template" or (name == "dialog" and "open" not in attributes.lower())
        after = ""
        if self.styles.adds and len(self._spans) < _MAX_SPANS:
            before, after = self.styles.added(name, attributes)
            self.insert(Layer.ADDED, before)
        if after or (not hides and self._within_word() and self._may_be_hidden(name, attributes)):
            self.doubt(name, after)
        elif self._doubts and name not in _VOID and (doubted := self._doubted(name)) is not None:
            doubted.count += 1
        if name in _BREAKS:
            doubtful = hides or said.joins or name in _DOUBTFUL or (name in _OF_TABLES and not self._open.get("table"))
            self.out.append(MAYBE if doubtful else BREAK)
            self._open[name] = self._open.get(name, 0) + 1
            if said.joins:
                self._joining[name] = self._joining.get(name, 0) + 1
        if said.instead:
            self.insert(Layer.INSTEAD, said.instead)
        if hides or self._hiding:
            self._enter_hidden(name, hides)

    def close(self, name: str) -> None:
        """An element ends, if one of that name is open."""
        ended_hidden = False
        if self._hiding and self._hiding[-1] == name:
            self._hiding.pop()
            if not self._hiding:
                ended_hidden = True
                self.out = self.shown
                self.insert(Layer.HIDDEN, "".join(self._hidden[self._hidden_from :]))
                self._hidden.append(BREAK)
        if name in _BREAKS:
            begun = self._open.get(name, 0)
            if begun:
                self._open[name] = begun - 1
            # An end tag of nothing is ignored, but that of a paragraph.
            joins = self._joining.get(name, 0)
            if joins:
                self._joining[name] = joins - 1
            doubtful = ended_hidden or joins > 0 or name in _DOUBTFUL or not (begun or name == "p" or name == "br")
            self.out.append(MAYBE if doubtful else BREAK)
        if self._doubts and self._doubted(name) is not None:
            self.undoubt(name)

    def insert(self, layer: Layer, text: str) -> None:
        """Some readers show a text here that others do not."""
        if text and not self._hiding and not text.isspace() and len(self._spans) < _MAX_SPANS:
            self._joint = len(self.shown)
            self._spans.append(Span(self._joint, self._joint, text, layer))

    def doubt(self, name: str, after: str = "") -> None:
        """An element begins that may be hidden; of too many in one another the outermost is shown."""
        if self._hiding or name in _VOID:
            return
        if len(self._doubts) >= _MAX_LEVELS:
            del self._doubts[0]
        elif not self._doubts:
            self._depth = 0
        self._doubts.append(_Doubted(name, len(self.shown), len(_LAYERS) + self._depth % _MAX_LEVELS, after))
        self._depth += 1

    def undoubt(self, name: str) -> None:
        """An element ends of whose name one may be hidden; those within that did not end do."""
        ended = self._doubted(name)
        if ended is None:
            return
        ended.count -= 1
        while not ended.count and self._doubts:
            innermost = self._doubts.pop()
            self._depth -= 1
            end = len(self.shown)
            if end > innermost.start and len(self._spans) < _MAX_SPANS:
                self._joint = end
                self._spans.append(Span(innermost.start, end, "", innermost.layer))
            self.insert(Layer.ADDED, innermost.after)
            if innermost is ended:
                return

    def text(self) -> Shown:
        """What the page shows and holds."""
        shown = "".join(self.shown)
        hidden = "".join((*self._hidden, BREAK, *self.aside)).replace(MAYBE, BREAK)
        otherwise = self._otherwise() if self._spans else ""
        if MAYBE not in shown:
            return Shown(_tidy(shown), _tidy(hidden), "", otherwise)
        joined = _tidy(shown.replace(MAYBE, "")) if _JOINABLE.search(shown) else ""
        return Shown(_tidy(shown.replace(MAYBE, BREAK)), _tidy(hidden), joined, otherwise)

    def _within_word(self) -> bool:
        """Whether there is something before that what follows may be joined to."""
        shown = self.shown
        if not shown or len(self._spans) >= _MAX_SPANS:
            return False
        return self._joint == len(shown) or ((last := shown[-1]) != BREAK and not last[-1:].isspace())

    def _may_be_hidden(self, name: str, attributes: str) -> bool:
        if name in _OF_TABLES and self._open.get("table"):  # its neighbours part words without it
            return False
        if name in _FALLBACK or (name == "font" and attributes):
            return True
        return self.styles.may_hide(name, attributes, within_line=name not in _BREAKS)

    def _doubted(self, name: str) -> _Doubted | None:
        """The innermost open element of that name that may be hidden."""
        return next((one for one in reversed(self._doubts) if one.name == name), None)

    def _enter_hidden(self, name: str, hides: bool) -> None:
        if name in _VOID or len(self._hiding) >= _MAX_OPEN:
            return
        # Within hidden text only elements of the same name are counted, so that its own end is found.
        if hides and not self._hiding:
            self._hiding.append(name)
            self.out = self._hidden
            self._hidden_from = len(self._hidden)
        elif self._hiding and self._hiding[-1] == name:
            self._hiding.append(name)

    def _otherwise(self) -> str:
        """The lines in which a word reads otherwise: those with a span, in each way."""
        shown = [*self.shown, BREAK]
        spans = sorted(self._spans, key=attrgetter("start", "end"))
        lines: dict[str, None] = {}
        line = 0
        first = 0
        while first < len(spans):
            # All spans that have a line in common.
            while (end := shown.index(BREAK, line)) < spans[first].start:
                line = end + 1
            last = first
            while last < len(spans) and spans[last].start <= end:
                if spans[last].end > end:
                    end = shown.index(BREAK, spans[last].end)
                last += 1
            group = spans[first:last]
            for layers in _ways({span.layer for span in group}):
                text = _replaced(shown, line, end, [span for span in group if span.layer in layers])
                if _JOINABLE.search(text) is not None:
                    lines |= dict.fromkeys(one for one in text.split(BREAK) if _JOINABLE.search(one) is not None)
            first = last
            line = end
        return _tidy(BREAK.join(lines).replace(MAYBE, "")) if lines else ""


def _ways(layers: set[int]) -> list[frozenset[int]]:
    """In which ways the layers there are may be read together."""
    inserted = _LAYERS & layers
    ways = [frozenset((one,)) for one in layers]
    if len(inserted) > 1:
        ways.append(inserted)
    if inserted:
        ways += [inserted | {level} for level in layers - inserted]
    return ways


def _replaced(shown: list[str], start: int, end: int, spans: list[Span]) -> str:
    """A stretch of the displayed text, with other texts for some of its pieces."""
    pieces: list[str] = []
    at = start
    for span in spans:
        if span.start >= at:
            pieces += shown[at : span.start]
            pieces += (MAYBE, span.text, MAYBE)
            at = span.end
    return "".join((*pieces, *shown[at:end]))


def _tidy(text: str) -> str:
    """Blanks as browsers show them: one for many, a line end for a block."""
    lines = [" ".join(line.split()) for line in text.split(BREAK)]
    return "\n".join([line for line in lines if line])
