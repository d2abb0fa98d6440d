"""What stands in the blocks of a disc of UDF: entries of files and the extents that their octets lie in (ECMA-167 4/14).

Promises: never raises, linear: all that is followed is counted. Checksums are not looked at: some readers do not.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from screener.frozen import dataclass

ENTRY, EXTENDED_ENTRY = 261, 266  # tags (ECMA-167 3/7.2.1, 4/7.2.1)
_INDIRECT, _MORE_EXTENTS = 248, 258
_LONG, _EMBEDDED = 1, 3  # how the octets of a file are told of (ECMA-167 4/14.6.8); 0 is short, 2 extended
_SIZES = (8, 16, 20)
_PER_STEP, _STEPS = 32, 1_000  # octets of a disc for each step; and steps of any
_TIMES = 4  # its size, that is looked at beside the files
_CHAINED = 4_096  # the strategy of discs that are written once (ECMA-167 4/A.5)
_MAX_CHAIN = 32


class Run(NamedTuple):
    """Blocks that stand one behind the other: the number of the first, how many, and the offset of its octets."""

    first: int
    blocks: int
    at: int


class Address(NamedTuple):
    """A block, by its partition's place in the list of the volume."""

    partition: int
    block: int


class Piece(NamedTuple):
    """Octets of a file at an offset, -1 for a hole, which reads as NULs."""

    at: int
    size: int


class Work:
    """How much of a disc is still followed, and what was odd on the way."""

    __slots__ = ("_left", "_octets", "_steps", "has_unknown", "is_ambiguous", "is_damaged")

    def __init__(self, octets: int, steps: int) -> None:
        self._steps = self._left = min(_STEPS + octets // _PER_STEP, steps)
        self._octets = _TIMES * octets
        self.is_damaged = self.is_ambiguous = self.has_unknown = False

    @property
    def is_spent(self) -> bool:
        """Whether there was more than is followed."""
        return self._left < 0 or self._octets < 0

    @property
    def done(self) -> int:
        """Steps that were made."""
        return self._steps - max(0, self._left)

    def spend(self, octets: int = 0) -> bool:
        """Whether one step more may be made, which looks at so many octets."""
        self._left -= 1
        self._octets -= octets
        return not self.is_spent


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder: its size as told, and where its octets are."""

    kind: int  # ECMA-167 4/14.6.6
    size: int
    pieces: tuple[Piece, ...]
    streams: Address | None  # a folder of what else it holds

    @property
    def found(self) -> int:
        """How many octets are had."""
        return sum(piece.size for piece in self.pieces)


def number(octets: bytes, at: int, size: int) -> int:
    """An unsigned number, the lowest octet first; 0 beyond the end."""
    return int.from_bytes(octets[at : at + size], "little")


def long_address(octets: bytes, at: int) -> tuple[int, Address]:
    """Length and place of an extent (ECMA-167 4/14.14.2)."""
    return number(octets, at, 4) & 0x3FFFFFFF, Address(number(octets, at + 8, 2), number(octets, at + 4, 4))


def joined(octets: bytes, pieces: Iterable[Piece], limit: int) -> bytes:
    """The octets of a file, at most so many."""
    found: list[bytes] = []
    for at, size in pieces:
        if limit <= 0:
            break
        found.append(octets[at : at + min(size, limit)] if at >= 0 else bytes(min(size, limit)))
        limit -= len(found[-1])
    return b"".join(found)


class Volume:
    """The blocks of a volume; each of its partitions is a list of runs, in order."""

    __slots__ = ("_firsts", "_runs", "_work", "block", "octets")

    def __init__(self, octets: bytes, block: int, partitions: list[list[Run]], work: Work) -> None:
        self.octets = octets
        self.block = block
        self._runs = partitions
        self._firsts = [[run.first for run in runs] for runs in partitions]
        self._work = work

    def pieces(self, place: Address, size: int) -> Iterator[Piece]:
        """Where so many octets from a block on are, as far as they are on the disc."""
        if place.partition >= len(self._runs):
            return
        runs, block = self._runs[place.partition], place.block
        index = bisect_right(self._firsts[place.partition], block) - 1
        while size > 0 and 0 <= index < len(runs) and self._work.spend():
            run = runs[index]
            begin = (block - run.first) * self.block
            some = min(size, run.blocks * self.block - begin, len(self.octets) - run.at - begin)
            if begin < 0 or some <= 0:
                return
            yield Piece(run.at + begin, some)
            size -= some
            block, index = run.first + run.blocks, index + 1

    def at(self, place: Address) -> int:
        """The offset of a block, -1 where it is not on the disc."""
        return next((piece.at for piece in self.pieces(place, 1)), -1)

    def entries(self, place: Address) -> list[tuple[int, Entry]]:
        """The file or folder that begins with a block, and its offset; every state of it where a disc is written once."""
        found: list[tuple[int, Entry]] = []
        chain = [place]
        while chain and len(found) < _MAX_CHAIN and self._work.spend():
            place = chain.pop()
            at = self.at(place)
            if at < 0:
                break
            match number(self.octets, at, 2):
                case 248:  # an entry elsewhere
                    chain.append(long_address(self.octets, at + 36)[1])
                case 261 | 266:
                    found.append((at, self.entry(at, place.partition)))
                    if number(self.octets, at + 20, 2) == _CHAINED:
                        following = Address(place.partition, place.block + 1)
                        if number(self.octets, max(0, self.at(following)), 2) in (_INDIRECT, ENTRY, EXTENDED_ENTRY):
                            chain.append(following)
        return found

    def content(self, entry: Entry) -> bytes:
        """The octets of a folder or a table, at most as many as the disc has."""
        size = min(entry.found, len(self.octets))
        return joined(self.octets, entry.pieces, size) if self._work.spend(size) else b""

    def entry(self, at: int, partition: int) -> Entry:
        """The file whose entry stands at an offset."""
        octets = self.octets
        head, streams = 176, None
        if number(octets, at, 2) == EXTENDED_ENTRY:
            head = 216
            length, place = long_address(octets, at + 152)
            streams = place if length else None
        attributes, said = number(octets, at + head - 8, 4), number(octets, at + head - 4, 4)
        begin = at + head + attributes
        length = max(0, min(said, at + max(self.block, 512) - begin, len(octets) - begin))
        self._work.is_damaged |= length < said
        size = number(octets, at + 56, 8)
        how = number(octets, at + 34, 2) & 7
        if how == _EMBEDDED:
            pieces = [Piece(begin, min(length, size))] if length else []
            beyond = length - size
        elif how < len(_SIZES):
            pieces, beyond = self._of_extents(self._extents(how, begin, length, partition), size)
        else:
            self._work.has_unknown = True
            pieces, beyond = [], 0
        self._work.is_ambiguous |= beyond >= self.block or (how == _EMBEDDED and beyond > 0)
        entry = Entry(number(octets, at + 27, 1), size, tuple(pieces), streams)
        self._work.is_damaged |= entry.found < size
        return entry

    def _of_extents(self, extents: Iterable[tuple[int, int, Address]], size: int) -> tuple[list[Piece], int]:
        """The pieces of a file of a size; and how many octets it has recorded beyond that."""
        pieces: list[Piece] = []
        beyond = 0
        for state, length, place in extents:
            some = min(length, size)
            size -= some
            if state == 0:
                pieces.extend(self.pieces(place, some))
                beyond += length - some
            elif some:
                pieces.append(Piece(-1, some))
        return pieces, beyond

    def _extents(self, how: int, at: int, length: int, partition: int) -> Iterator[tuple[int, int, Address]]:
        """What is told of each extent: whether it is recorded (0), its octets, and its place."""
        step = _SIZES[how]
        end = at + length
        while at + step <= end and self._work.spend():
            said = number(self.octets, at, 4)
            state, size = said >> 30, said & 0x3FFFFFFF
            if how == _LONG:
                place = long_address(self.octets, at)[1]
            elif how:
                place = long_address(self.octets, at + 8)[1]
            else:
                place = Address(partition, number(self.octets, at + 4, 4))
            if not size:
                return
            at += step
            if state == 3:  # goes on elsewhere
                at = self.at(place)
                if at < 0 or number(self.octets, at, 2) != _MORE_EXTENTS:
                    self._work.is_damaged = True
                    return
                at, end = at + 24, min(len(self.octets), at + 24 + min(number(self.octets, at + 20, 4), size))
            else:
                yield state, size, place
