"""Which elements of a page are open, to tell whether what comes stands right in one whose style arranges what is in it.

End tags of what is not open are ignored, and some elements end where others begin (WHATWG HTML 13.2.6.4.7). Promises: linear.
"""

from screener.anatomy.html.names import BREAKS

_NEAR = 32  # open elements among which one is looked for that ends by itself, or in a line
_OF_LISTS = frozenset(("dd", "dt"))
_ENDED_BY = {"li": frozenset(("li",)), "dd": _OF_LISTS, "dt": _OF_LISTS}
_IN_LINE_WORDS = "br button canvas embed img input map meter object progress rt select sub sup svg textarea video"
_IN_LINES = frozenset(_IN_LINE_WORDS.split())


class Nesting:
    """The elements that are open."""

    __slots__ = ("_arranged", "_counts", "_names")

    def __init__(self) -> None:
        self._names: list[str] = []
        self._counts: dict[str, int] = {}
        self._arranged: list[int] = []  # how many elements are open in front of what styles arrange

    @property
    def is_arranged(self) -> bool:
        """Whether what comes stands right in an element whose style arranges what is in it."""
        return bool(self._arranged) and self._arranged[-1] == len(self._names)

    def imply(self, name: str, *, is_block: bool) -> None:
        """An element is about to begin: a paragraph, or an entry of a list, may end before it."""
        if not self._arranged or not is_block or name in _IN_LINES:
            return
        ended = _ENDED_BY.get(name, frozenset()) | {"p"}
        least = max(self._arranged[-1], len(self._names) - _NEAR)
        for at in range(least, len(self._names)):
            if self._names[at] in ended:
                self._cut(at)
                return

    def enter(self, name: str, *, arranges: bool) -> None:
        """An element begins."""
        self._names.append(name)
        self._counts[name] = self._counts.get(name, 0) + 1
        if arranges:
            self._arranged.append(len(self._names))

    def leave(self, name: str) -> None:
        """An element ends, if one of that name is open."""
        if not self._counts.get(name):
            return
        if self._names[-1] == name and not self._arranged:
            self._names.pop()
            self._counts[name] -= 1
            return
        # What stands in a line ends no block in it.
        least = 0 if name in BREAKS or not self._arranged else max(self._arranged[-1] - 1, len(self._names) - _NEAR)
        at = len(self._names) - 1
        while at >= least and self._names[at] != name:
            at -= 1
        if at >= least:
            self._cut(at)

    def _cut(self, at: int) -> None:
        for name in self._names[at:]:
            self._counts[name] -= 1
        del self._names[at:]
        while self._arranged and self._arranged[-1] > at:
            self._arranged.pop()
