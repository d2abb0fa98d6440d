"""What is measured: one cell is a letter, a number of sessions and a way to send."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

_NAME = re.compile(r"(?P<size>[SML])-(?P<way>new|reuse)(-(?P<sessions>[1-9][0-9]{0,2}))?(?P<tls>-tls)?")


@dataclass(frozen=True, slots=True)
class Cell:
    """One way to send."""

    size: str  # of bench.letters: "S", "M", "L", or the octets of the file
    sessions: int = 10
    reuse: bool = False  # many messages on a connection; else each comes on a new one
    recipients: int = 1
    tls: bool = False  # in and out

    def __str__(self) -> str:
        words = [self.size, "reuse" if self.reuse else "new", f"{self.sessions} session{'s' if self.sessions > 1 else ''}"]
        if self.recipients > 1:
            words.append(f"{self.recipients} recipients")
        if self.tls:
            words.append("TLS")
        return ", ".join(words)

    @property
    def first(self) -> int:
        """How many are sent before it is measured, to warm up and to see how fast it is."""
        return max(self.sessions, {"S": 100, "M": 60, "L": 8}.get(self.size, 8))


def cell_of(text: str) -> Cell:
    """The cell of such a name: `S-new`, `M-reuse`, `S-new-50` (sessions), `S-new-tls`; raises ValueError."""
    named = _NAME.fullmatch(text)
    if named is None:
        raise ValueError(f"{text!r} is no cell: expected one such as S-new, M-reuse, S-new-50 or S-new-tls")
    return Cell(named["size"], int(named["sessions"] or 10), reuse=named["way"] == "reuse", tls=named["tls"] is not None)


MAIN = (Cell("S"), Cell("S", reuse=True), Cell("M"), Cell("L"))
ALONE = tuple(replace(cell, sessions=1) for cell in MAIN)
CROWD = tuple(replace(cell, sessions=50) for cell in MAIN)
DEFAULT = (*MAIN, *ALONE, *CROWD, Cell("S", recipients=20), Cell("S", tls=True))


def every() -> Iterator[Cell]:
    """All combinations, TLS as one more."""
    for size, sessions, reuse, recipients in product("SML", (1, 10, 50), (False, True), (1, 20)):
        yield Cell(size, sessions, reuse, recipients)
    yield from (Cell("S", tls=True), Cell("S", reuse=True, tls=True))
