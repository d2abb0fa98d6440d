"""Streams and objects that only seem to stand in a PDF, as they are quoted in strings (ISO 32000-1 7.3.4.2).

Promises: linear, never raises.
"""

import re

from screener.anatomy.pdf import brackets, written

_LONGEST = 4_096  # octets of a string in which a stream may be quoted


class Quotes:
    """Strings, asked for with rising offsets; `spans` are those in which something is quoted, and where else nothing of the file's
    own stands."""

    def __init__(self, octets: bytes) -> None:
        self.spans: set[tuple[int, int]] = set()
        self._octets = octets
        self._from = self._at = 0
        self._is_lost = False
        self._next: re.Match[bytes] | None = None  # what was found last
        self._is_last = False  # nothing is behind it

    def behind(self, start: int, word: int) -> int:
        """Behind the string in which a word stands, where all is plain from `start` on; -1 without, or where it is long."""
        if start > self._from:
            if start < self._at:
                self._next, self._is_last = None, False
            self._from = self._at = start
            self._is_lost = False
        while not self._is_lost and (found := self._first()) is not None:
            begin, end = found.span()
            if begin >= word:
                break
            if found.lastindex != 1:
                end = end if end - begin > 1 else brackets.string_end(self._octets, begin, begin + _LONGEST)
                self._is_lost = end < 0
                if end > word and end - begin <= _LONGEST:
                    self.spans.add((begin, end))
                    return end
            self._at = max(self._at, end)
        return -1

    def _first(self) -> re.Match[bytes] | None:
        """The first string or comment from here on; each is looked for but once."""
        if not self._is_last and (self._next is None or self._next.start() < self._at):
            self._next = written.APART.search(self._octets, self._at)
            self._is_last = self._next is None
        return self._next

    def look(self, start: int, end: int, outside: bytes) -> bool:
        """Look for objects in strings between two offsets; `outside` is that part written plainly. Whether any seems to begin."""
        if written.OTHERWISE not in outside:
            return False
        begins = False
        text = self._octets[start:end]
        at = 0
        while (apart := written.APART.search(text, at)) is not None:
            begin, at = apart.span()
            if apart.lastindex == 1:
                continue
            at = at if at - begin > 1 else brackets.string_end(text, begin, len(text))
            if at < 0:
                break
            if b"obj" in text[begin:at]:
                self.spans.add((start + begin, start + at))
                begins = begins or written.begins(text, begin, at)
        return begins
