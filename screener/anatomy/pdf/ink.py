"""Whether people see the letters that a page of a PDF shows: not in no ink, in white, or too small (ISO 32000-1 8.6.8, 9.3).

What else hides them is not known here, but told as a state that is another than that of the letters beside them: a clip, what is
transparent, layers, colours of odd kinds. What is drawn over them is not looked at.
Promises: bounded by the sizes here for each operator, never raises.
"""

import re

OPERATORS = rb"rg|scn?|gs?|k|Tz"
_NUMBER = re.compile(rb"[-+]?(?:[0-9]{1,20}+\.?[0-9]{0,20}+|\.[0-9]{1,20}+)")
_FULL, _NONE = rb"(?:(?:[1-9][0-9]*+(?:\.[0-9]*+)?|0?\.9[89][0-9]*+)\s++)", rb"(?:(?:0(?:\.0*+)?|0?\.0[01]?[0-9]*+|-[0-9.]++)\s++)"
_WHITE = re.compile(rb"(?<![0-9.])(?:" + _FULL + rb"(?:g|scn?)|" + _FULL + rb"{3}(?:rg|scn?)|" + _NONE + rb"{4}(?:k|scn?))\Z")
_EDGES = bytes.maketrans(b"\0[]<>()%", b"        ")  # between words they are blanks
_STATES = frozenset(b"q Q cm Tr g k rg sc scn gs cs W W* BDC EMC".split())
_NO_INK = (3.0, 7.0)  # ways of showing letters (table 106)
_NEAR = 128  # octets before a text in which its colour is looked for
_COLOUR, _PLACE = 48, 160  # octets in which the numbers of a colour are looked for, and those of a matrix
_TINY = 1.0  # points
_NARROW = 1.0  # percents of their width
_SCALED = 2.0  # points that may be more, as a matrix says
_BLACK = b"0 g"
_MAX_SAVED = 64

State = tuple[float, bytes, bytes, bytes, bytes]


class Ink:
    """How letters are shown from here on; what operands say is looked at only where letters are."""

    def __init__(self, content: bytes, across: float = 0.0, up: float = 0.0) -> None:
        self.across, self.up = across, up  # where what is shown is put by matrices outside of texts
        self.size = 12.0
        self._content = content
        self._saved: list[tuple[float, float, float, bytes, bytes, bytes]] = []
        self._placed = 0  # behind the last operator that sets a text's matrix
        self._scale: float | None = 1.0  # None where it is not known yet
        self._width = 100.0
        self._mode = 0.0
        self._colour, self._named, self._layer, self._matrix = _BLACK, b"", b"", b""
        self._state: State = (0.0, _BLACK, b"", b"", b"")  # what tells letters from those beside them that are shown otherwise
        self._is_new = self._has_no_ink = False

    def outside(self, begin: int, end: int) -> None:
        """What is said between two texts."""
        words = self._content[max(begin, end - _NEAR) : end].translate(_EDGES).replace(b"/", b" /").split()
        for at in [at for at, word in enumerate(words) if word in _STATES]:
            match words[at]:
                case b"q":
                    if len(self._saved) < _MAX_SAVED:
                        self._saved.append((self.across, self.up, self._mode, self._colour, self._named, self._matrix))
                case b"Q":
                    kept = self._saved.pop() if self._saved else (self.across, self.up, 0.0, _BLACK, b"", b"")  # or it is too far
                    self.across, self.up, self._mode, self._colour, self._named, self._matrix = kept
                case b"cm":
                    self.across, self.up = self.across + _number(words[at - 2]), self.up + _number(words[at - 1])
                    self._matrix = b" ".join(words[max(0, at - 6) : max(0, at - 2)])
                case b"Tr":
                    self._mode = _number(words[at - 1])
                case b"g" | b"k" | b"rg" | b"sc" | b"scn":
                    self._colour = b" ".join(words[max(0, at - 4) : at + 1])
                case b"gs" | b"cs":
                    self._named = words[at - 1]
                case b"W" | b"W*":  # a clip
                    self._named = b" ".join(words[max(0, at - 5) : at])
                case b"BDC" if words[at - 2] == b"/OC":
                    self._layer = words[at - 1]
                case b"EMC":
                    self._layer = b""
        self._is_new = True

    def operate(self, operator: bytes, at: int, number: float, name: bytes) -> None:
        """An operator that ends here, the last number before it, and the last name."""
        match operator:
            case b"Tm":
                self._placed, self._scale = at, None
                return
            case b"ET":
                self._scale = 1.0
                return
            case b"Tr":
                self._mode = number
            case b"Tz":
                self._width = number
            case b"gs":
                self._named = name
            case b"BDC":
                self._layer = name
            case b"EMC":
                self._layer = b""
            case _:
                self._colour = self._content[max(0, at - _COLOUR) : at]
        self._is_new = True

    def state(self) -> State:
        """What tells letters that are shown in another way from those beside them."""
        if self._is_new:
            colour = b" ".join(self._colour.split()[-2:])
            self._state = (self._mode, colour, self._named, self._layer, self._matrix)
            self._has_no_ink = self._mode in _NO_INK or abs(self._width) < _NARROW or _WHITE.search(self._colour) is not None
            self._is_new = False
        return self._state

    def is_seen(self) -> bool:
        """Whether people see what is shown; asked behind `state`."""
        return not (self._has_no_ink or (self.size < _SCALED and self.size * self.scaled() < _TINY))

    def scaled(self) -> float:
        """By how much a text's own matrix makes letters larger."""
        if self._scale is None:
            numbers = self._content[max(0, self._placed - _PLACE) : max(0, self._placed - 2)].rsplit(None, 6)[-6:]
            is_matrix = len(numbers) == 6 and all(map(_NUMBER.fullmatch, numbers))
            self._scale = max(abs(float(one)) for one in numbers[:4]) if is_matrix else 1.0
        return self._scale


def _number(word: bytes) -> float:
    return float(word) if _NUMBER.fullmatch(word) is not None else 0.0
