"""What the pages of a PDF, and what is drawn on them, call by names (ISO 32000-1 7.8.3).

Promises: each object's names are read once, what leads to them is followed a few times; never raises.
"""

import re

from screener.anatomy.pdf.objects import Objects
from screener.anatomy.pdf.written import REFERENCE

Named = dict[bytes, bytes]  # numbers by names

_REFERENCE = re.compile(REFERENCE)
_NAMED = re.compile(rb"/([^\s/<>\[\]()%{}]{1,127})\s{0,99}" + REFERENCE)
_MAX_PARENTS = 20
_MAX_CHAIN = 20  # resources that lead to others


class Resources:
    """Names by what has them, and their kind."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._known: dict[tuple[bytes, bytes], Named] = {}

    def inherited(self, body: bytes, kind: bytes) -> Named:
        """What a page calls by names, or what it lies in does (7.7.3.4)."""
        for _ in range(_MAX_PARENTS):
            if named := self.named(body, kind):
                return named
            above = self._objects.reference(body, b"/Parent")
            if above is None or above not in self._objects.bodies:
                break
            if (known := self._known.get((kind, above))) is not None:
                return known
            body = self._objects.bodies[above]
            self._known[kind, above] = self.named(body, kind)
        return {}

    def named(self, body: bytes, kind: bytes, chain: int = _MAX_CHAIN) -> Named:
        """The names of a kind in the resources in an object, or in those it leads to."""
        at = _behind(body, kind)
        number: bytes | None = None
        if at < 0 and chain:
            number = self._objects.reference(body, b"/Resources")
        elif at >= 0 and (whole := _REFERENCE.match(body[at : at + 64].lstrip())) is not None:
            number = whole[1].lstrip(b"0")
        if not number:
            return _names(body, at) if at >= 0 else {}
        if (kind, number) not in self._known:
            self._known[kind, number] = {}  # one that leads to itself ends here
            target = self._objects.bodies.get(number, b"")
            self._known[kind, number] = _names(target, 0) if at >= 0 else self.named(target, kind, chain - 1)
        return self._known[kind, number]


def _behind(body: bytes, kind: bytes) -> int:
    """Where what a key leads to begins, -1 without; "/FontName" is another key."""
    at = body.find(kind)
    while at >= 0 and body[at + len(kind) : at + len(kind) + 1].isalnum():
        at = body.find(kind, at + len(kind))
    return at + len(kind) if at >= 0 else -1


def _names(body: bytes, at: int) -> Named:
    end = body.find(b">>", at)
    return {match[1]: match[2].lstrip(b"0") for match in _NAMED.finditer(body, at, end if end >= 0 else len(body))}
