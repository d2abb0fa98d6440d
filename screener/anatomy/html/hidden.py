"""What happens in a text that its element hides: where it ends, and what in it shows itself again.

Only elements are counted here, by their names, so that the hidden one's own end is found. Promises: linear.
"""

from screener.anatomy.html.flow import Flow
from screener.anatomy.html.views import BREAK, JOINT, MAYBE
from screener.anatomy.html.ways import Layer, Span

# Parts of tables end those within, and others like them (WHATWG HTML 13.2.6.4.9); paragraphs end where blocks begin, entries of
# lists where others do, if not within what keeps them open (13.2.6.4.7).
_LEVELS = {"td": 1, "th": 1, "caption": 1, "tr": 2, "tbody": 3, "tfoot": 3, "thead": 3, "table": 4}
_BLOCK_WORDS = (
    "address article aside blockquote center dd details dialog dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 "
    "h5 h6 header hgroup hr li main menu nav ol p pre section summary ul"
)
_ENTRIES = frozenset(("dd", "dt"))
_ENDED_BY = {"p": frozenset(_BLOCK_WORDS.split()), "li": frozenset(("li",)), "dd": _ENTRIES, "dt": _ENTRIES}
_KEEP_OPEN_WORDS = (
    "applet article aside blockquote button center details dialog dir dl fieldset figure footer form header main marquee math menu "
    "nav object ol section svg table template ul"
)
_KEEP_OPEN = tuple(_KEEP_OPEN_WORDS.split())


class Hidden:
    """The text of a hidden element while it is open: the end of a flow."""

    __slots__ = (
        "_again",
        "_again_count",
        "_again_from",
        "_again_name",
        "_flow",
        "_name",
        "_open",
        "_start",
        "_stop",
        "again",
        "look",
    )

    def __init__(self, flow: Flow, name: str, look: str) -> None:
        self.look = look  # its attributes
        self.again = ""  # what of it shows itself again, once it has ended
        self._flow = flow
        self._name = name
        self._start = len(flow.pieces)
        self._stop = -1  # behind how many pieces it ends with an element around it, if with none of its own name
        self._open = {name: 1}  # elements that have begun from it on and not ended, by name
        self._again: list[tuple[int, int]] = []  # what shows itself again: from which piece to which
        self._again_name = ""  # the name of the element that does, …
        self._again_count = self._again_from = 0  # … which of that name, and from where

    def enter(self, name: str, *, is_shown: bool) -> None:
        """An element begins in it; `is_shown`: it may show itself again."""
        self._open[name] = count = self._open.get(name, 0) + 1
        if is_shown and not self._again_name:
            self._again_name, self._again_count, self._again_from = name, count, len(self._flow.pieces)

    def leave(self, name: str) -> bool:
        """An element of that name ends; answers whether the hidden one does."""
        begun = self._open.get(name, 0)
        if self._again_name == name and begun == self._again_count:
            self._end_again()
        self._open[name] = max(0, begun - 1)
        if not begun and self._stop < 0:
            self._stop = len(self._flow.pieces)
        return begun == 1 and name == self._name

    def is_ended_by(self, name: str, *, begins: bool, in_table: bool) -> bool:
        """Whether it ends where an element of that name begins, or ends, though it has no end of its own."""
        if name in _LEVELS:
            is_ours = in_table and not self._open.get("table") and not (begins and name == "table")
            return is_ours and _LEVELS[name] > _LEVELS.get(self._name, 0) - begins
        return begins and name in _ENDED_BY.get(self._name, ()) and not any(map(self._open.get, _KEEP_OPEN))

    def texts(self) -> tuple[str, ...]:
        """It has ended: all of it, up to the end of an element around it, without what is hidden in it, and what is not."""
        pieces = self._flow.pieces
        if self._again_name:
            self._end_again()
        text = "".join(pieces[self._start :])
        behind = "".join(pieces[self._stop :]) if self._stop >= 0 else ""
        self._flow.end()
        self.again = self._shown()
        found = (text, behind, self._flow.without(self._start, len(pieces) - 1), self.again)
        return tuple(dict.fromkeys([one for one in found if one]))

    def _end_again(self) -> None:
        self._again.append((self._again_from, len(self._flow.pieces)))
        self._again_name = ""

    def _shown(self) -> str:
        """What shows itself again; borders between count, other letters do not."""
        if not self._again:
            return ""
        pieces = self._flow.pieces
        gaps: list[Span] = []
        at = self._start
        for start, end in (*self._again, (len(pieces) - 1, 0)):
            if start > at:
                between = "".join(pieces[at:start])
                border = BREAK if BREAK in between else MAYBE if MAYBE in between else JOINT
                gaps.append(Span(at, start, border, Layer.HIDDEN))
            at = end
        return self._flow.without(self._start, len(pieces) - 1, gaps)
