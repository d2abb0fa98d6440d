"""Which elements of a page are open, to tell whether what comes stands right in one whose style arranges what is in it.

End tags of what is not open are ignored, and some elements end where others begin (WHATWG HTML 13.2.6.4.7). Promises: linear.
"""

from bisect import bisect_left

from screener.anatomy.html.names import BREAKS

_ENDED_BY = {"li": ("li", "p"), "dd": ("dd", "dt", "p"), "dt": ("dd", "dt", "p"), "a": ("a",), "nobr": ("nobr",)}
_IN_LINE_WORDS = "br button canvas embed img input map meter object progress rt select sub sup svg textarea video"
_IN_LINES = frozenset(_IN_LINE_WORDS.split())


class Nesting:
    """The elements that are open."""

    __slots__ = ("_arranged", "_names", "_places")

    def __init__(self) -> None:
        self._names: list[str] = []
        self._places: dict[str, list[int]] = {}  # of each name, among the names
        self._arranged: list[int] = []  # how many elements are open in front of what styles arrange

    @property
    def is_arranged(self) -> bool:
        """Whether what comes stands right in an element whose style arranges what is in it."""
        return bool(self._arranged) and self._arranged[-1] == len(self._names)

    def imply(self, name: str, *, is_block: bool) -> None:
        """An element is about to begin: one like it, a paragraph, or an entry of a list, may end before it."""
        if not self._arranged:
            return
        ended = _ENDED_BY.get(name, ("p",) if is_block and name not in _IN_LINES else ())
        begun = [
            places[first]
            for one in ended
            if (places := self._places.get(one)) and (first := bisect_left(places, self._arranged[-1])) < len(places)
        ]
        if begun:
            self._cut(min(begun))

    def enter(self, name: str, *, arranges: bool) -> None:
        """An element begins."""
        self._places.setdefault(name, []).append(len(self._names))
        self._names.append(name)
        if arranges:
            self._arranged.append(len(self._names))

    def leave(self, name: str) -> None:
        """An element ends, if one of that name is open."""
        places = self._places.get(name)
        # What stands in a line ends no block in it.
        if places and (name in BREAKS or not self._arranged or places[-1] >= self._arranged[-1] - 1):
            self._cut(places[-1])

    def _cut(self, at: int) -> None:
        for name in self._names[at:]:
            self._places[name].pop()
        del self._names[at:]
        while self._arranged and self._arranged[-1] > at:
            self._arranged.pop()
