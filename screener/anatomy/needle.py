"""Looking for sequences of octets in many, at memory speed: the only module of this room that knows `ahocorasick_rs`.

`bytes.find` looks at 2 octets in a nanosecond, and at 3 where the sequence is long; the automaton's search for a single sequence
takes whole vectors, 30 times as many, and so does that for three sequences and more, all of them at once. Promises: what
`bytes.find` would give, in memory that does not grow with the matches.
"""

from collections.abc import Iterator

from ahocorasick_rs import BytesAhoCorasick, MatchKind

from screener.anatomy.octets import Octets

_NEAR = 512  # octets in which `find` is as fast
_SHORT = 16_384
_WINDOW = 65_536  # octets looked at in one go: every match in them is told


class Needle:
    """One sequence of octets."""

    __slots__ = ("_automaton", "_octets")

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._automaton = BytesAhoCorasick([octets])

    def first(self, hay: Octets, start: int = 0, end: int | None = None, *, is_far: bool = False) -> int:
        """The offset of the first occurrence that lies between two offsets, -1 where there is none; `is_far`: nearly always."""
        window = _WINDOW if is_far else 4 * _NEAR
        start, end = max(0, start), len(hay) if end is None else min(end, len(hay))
        near = hay.find(self._octets, start, min(end, start + _NEAR))
        if near >= 0 or end - start <= _NEAR:
            return near
        overlap = len(self._octets) - 1
        at = start + _NEAR - overlap
        with memoryview(hay) as view:
            while at + overlap < end:
                stop = min(end, at + window)
                found = self._automaton.find_matches_as_indexes(view[at:stop])
                if found:
                    return at + found[0][1]
                # Wider by and by: a match that is near costs no more than the way to it.
                at, window = stop - overlap, min(_WINDOW, 2 * window)
        return -1

    def every(self, hay: bytes) -> Iterator[int]:
        """The offsets of all its occurrences that do not overlap."""
        with memoryview(hay) as view:
            for at in range(0, len(hay), _WINDOW):
                for _, begin, _ in self._automaton.find_matches_as_indexes(view[at : at + _WINDOW + len(self._octets) - 1]):
                    yield at + begin

    def is_in(self, hay: Octets, start: int = 0, end: int | None = None) -> bool:
        """Whether it occurs between two offsets."""
        return self.first(hay, start, end, is_far=True) >= 0


class Needles:
    """Some sequences of octets, at least three, none of which ends as another begins."""

    __slots__ = ("_automaton", "_longest")

    def __init__(self, *needles: bytes) -> None:
        # Only this kind of search takes whole vectors.
        self._automaton = BytesAhoCorasick(needles, matchkind=MatchKind.LeftmostFirst)
        self._longest = max(map(len, needles))

    def are_in(self, hay: bytes) -> bool:
        """Whether any of them occurs."""
        if len(hay) <= _SHORT:
            return bool(self._automaton.find_matches_as_indexes(hay))
        return bool(self._found(hay, once=True))

    def first(self, hay: bytes, start: int = 0) -> int:
        """The offset of the first occurrence of any behind an offset, -1 where there is none."""
        at, window = start, _NEAR
        with memoryview(hay) as view:
            while at < len(hay):
                found = self._automaton.find_matches_as_indexes(view[at : at + window])
                if found:
                    return at + found[0][1]
                at, window = at + max(1, window - self._longest + 1), min(_WINDOW, 4 * window)
        return -1

    def among(self, hay: bytes) -> set[int]:
        """Which of them occur, by their number."""
        if len(hay) <= _SHORT:
            return {number for number, _, _ in self._automaton.find_matches_as_indexes(hay)}
        return self._found(hay, once=False)

    def _found(self, hay: bytes, *, once: bool) -> set[int]:
        found: set[int] = set()
        with memoryview(hay) as view:
            for at in range(0, len(hay), _WINDOW):
                found.update(
                    number for number, _, _ in self._automaton.find_matches_as_indexes(view[at : at + _WINDOW + self._longest])
                )
                if once and found:
                    break
        return found
