"""Texts of binary sheets and slides whose letters look differently, as they are seen: without those that may not be.

Promises: pure, linear, never raises.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from screener.anatomy.office import unseen

_FIRST, _LAST = 0xFDD0, 0xFDEF  # marks of looks until all are counted, which no text has
_MARKS = re.compile("[\1\2\x0e-\x1f\ufdd0-\ufdef]")


class RichText:
    """The texts that were met."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._marks: dict[str, int] = {}
        self._counts: Counter[int] = Counter()

    def add(self, text: str, runs: Iterable[tuple[int, str]]) -> None:
        """One text; where its letters (of 16 bits) begin to look differently, and what may hide them then, or ""."""
        octets = b""
        pieces: list[str] = []
        at, hidden = 0, ""
        for start, look in runs:
            octets = octets or _MARKS.sub(" ", text).encode("utf-16-le", "replace")
            if start > at:
                pieces.append(self._between(octets[2 * at : 2 * start], hidden))
                at = start
            hidden = look
        pieces.append(self._between(octets[2 * at :], hidden))
        if any(piece.endswith(unseen.STOP) for piece in pieces):
            self._texts.append("".join(pieces))

    def _between(self, octets: bytes, look: str) -> str:
        letters = octets.decode("utf-16-le", "replace")
        if not look or not letters:
            return letters
        mark = min(self._marks.setdefault(look, _FIRST + len(self._marks)), _LAST)
        self._counts[mark] += 1
        return f"{chr(mark)}{letters}{unseen.STOP}"

    def seen(self) -> Iterator[str]:
        """What is seen then."""
        marks = {mark: unseen.begin(number) for number, (mark, _) in enumerate(self._counts.most_common())}
        if marks:
            yield from unseen.resolved("\n".join(self._texts).translate(marks))
