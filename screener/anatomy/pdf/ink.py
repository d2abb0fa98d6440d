"""Whether people see the letters that a page of a PDF shows: not in no ink, in white, or too small (ISO 32000-1 8.6.8, 9.3).

What else hides them is not looked at: what is drawn over them, a clip, places off the page, what is transparent.
Promises: bounded by the sizes here for each operator, never raises.
"""

import re

from screener.frozen import dataclass

OPERATORS = rb"rg|scn?|g|k"
_NUMBER = re.compile(rb"[-+]?(?:[0-9]{1,20}+\.?[0-9]{0,20}+|\.[0-9]{1,20}+)")
_FULL, _NONE = rb"(?:(?:1(?:\.0*+)?|0?\.9[89][0-9]*+)\s++)", rb"(?:(?:0(?:\.0*+)?|0?\.0[01]?[0-9]*+)\s++)"
_WHITE = re.compile(rb"(?<![0-9.])(?:" + _FULL + rb"(?:g|scn?)|" + _FULL + rb"{3}(?:rg|scn?)|" + _NONE + rb"{4}(?:k|scn?))\Z")
_EDGE = rb"\s\0\[\]<>(){}/%"
_OUTSIDE = re.compile(rb"(?:([0-9])\s++Tr|[Qgk]|rg|scn?)(?<![^" + _EDGE + rb"][Qgk])(?![^" + _EDGE + rb"])")
_NO_INK = (3.0, 7.0)  # ways of showing letters (table 106)
_NEAR = 128  # octets before a text in which its colour is looked for
_COLOUR, _PLACE = 48, 160  # octets in which the numbers of a colour are looked for, and those of a matrix
_TINY = 1.0  # points
_SCALED = 2.0  # points that may be more, as a matrix says


@dataclass(slots=True)
class Ink:
    """How letters are shown from here on; what operands say is looked at only where letters are."""

    content: bytes
    is_none: bool = False
    size: float = 12.0
    painted: int = 0  # behind the last operator that sets a colour, 0 where there is none
    placed: int = 0  # the same of a matrix
    is_white: bool | None = False  # None where it is not known yet, as the next
    scale: float | None = 1.0

    def outside(self, begin: int, end: int) -> None:
        """What is said between two texts."""
        for found in _OUTSIDE.finditer(self.content, max(begin, end - _NEAR), end):
            if found[0] == b"Q":
                self.is_none = self.is_white = False
            else:
                self.operate(found[0][-2:], found.end(), float(found[1] or 0))

    def operate(self, operator: bytes, at: int, number: float) -> None:
        """An operator that ends here, and the last number before it."""
        match operator:
            case b"Tr":
                self.is_none = number in _NO_INK
            case b"Tm":
                self.placed, self.scale = at, None
            case b"ET":
                self.scale = 1.0
            case _:
                self.painted, self.is_white = at, None

    def is_seen(self) -> bool:
        """Whether people see what is shown."""
        if self.is_white is None:
            self.is_white = _WHITE.search(self.content, max(0, self.painted - _COLOUR), self.painted) is not None
        return not (self.is_none or self.is_white or (self.size < _SCALED and self.size * self._scaled() < _TINY))

    def _scaled(self) -> float:
        if self.scale is None:
            numbers = self.content[max(0, self.placed - _PLACE) : max(0, self.placed - 2)].rsplit(None, 6)[-6:]
            is_matrix = len(numbers) == 6 and all(map(_NUMBER.fullmatch, numbers))
            self.scale = max(abs(float(one)) for one in numbers[:4]) if is_matrix else 1.0
        return self.scale
