"""Discs of UDF, which Windows and macOS open by a double click (ECMA-167, OSTA UDF 1.02 to 2.60).

Every file of every tree that some reader may show, deleted ones that are still there and streams beside files, too. Promises: never
raises, linear, within the ledger; what cannot be read is noted.
"""

from collections import deque
from collections.abc import Iterator

from screener.anatomy.containers import udf_volumes
from screener.anatomy.containers.udf_blocks import Address, Piece, Volume, Work, joined, long_address, number
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Member
from screener.frozen import dataclass

_FILE_SET, _IDENTIFIER = 256, 257  # tags
_FOLDER = 4  # a file's type
_IS_FOLDER, _IS_DELETED, _IS_PARENT = 2, 4, 8  # ECMA-167 4/14.4.3
_MAX_SETS = 8
_A_STEP = 2  # costs as much as that many octets unpacked one by one
_LONGEST = 320  # characters of a path that are kept, its last; a name has 254 at most
_HEAD = 38  # octets of an identifier before what its user puts in, and the name


class _Content:
    """The octets of a file on the disc, put together when they are asked for."""

    __slots__ = ("_octets", "_pieces")

    def __init__(self, octets: bytes, pieces: tuple[Piece, ...]) -> None:
        self._octets = octets
        self._pieces = pieces

    def __call__(self, limit: int) -> bytes:
        return joined(self._octets, self._pieces, limit)


@dataclass(frozen=True, slots=True)
class _Child:
    """What a folder says of a file."""

    names: tuple[str, ...]
    place: Address
    flags: int


def members(octets: bytes, ledger: Ledger, place: str) -> tuple[Member, ...] | None:
    """The files of a disc; None where it has no volume of UDF."""
    work = Work(len(octets), ledger.steps_left // _A_STEP)
    volumes = udf_volumes.volumes(octets, work)
    if not volumes:
        return None
    found: dict[tuple[tuple[str, ...], tuple[Piece, ...]], Member] = {}
    for volume, file_set in volumes:
        roots = list(_roots(volume, file_set))
        work.is_damaged |= not roots
        work.is_ambiguous |= len(roots) > 1
        for names, entry_size, pieces in _files(volume, roots, work):
            if (names, pieces) in found:
                continue
            size = sum(piece.size for piece in pieces)
            if ledger.unpacked_left <= 0 or not ledger.spend_member(place):
                break
            ledger.spend_unpacked(size, place)
            stands = sum(piece.size for piece in pieces if piece.at >= 0)
            found[names, pieces] = Member(names, max(entry_size, size), packed=stands, read=_Content(octets, pieces))
    ledger.spend_steps(work.done * _A_STEP, place)
    for is_so, defect in (
        (work.is_damaged, Defect.CONTAINER_DAMAGED),
        (work.is_ambiguous, Defect.CONTAINER_AMBIGUOUS),
        (work.has_unknown, Defect.CONTAINER_METHOD),
        (work.is_spent, Defect.CONTAINER_TOO_LARGE),
    ):
        if is_so:
            ledger.note(defect, place)
    return tuple(found.values())


def _roots(volume: Volume, file_set: Address) -> Iterator[Address]:
    """The root of each set of files, and of streams beside it (ECMA-167 4/14.1)."""
    for block in range(file_set.block, file_set.block + _MAX_SETS):
        at = volume.at(Address(file_set.partition, block))
        if at < 0 or number(volume.octets, at, 2) != _FILE_SET:
            return
        yield long_address(volume.octets, at + 400)[1]


def _files(volume: Volume, roots: list[Address], work: Work) -> Iterator[tuple[tuple[str, ...], int, tuple[Piece, ...]]]:
    """Every file below: its names with their path, its size as told, and where it is."""
    pending = deque((root, "") for root in roots)
    met: set[int] = set()
    while pending and not work.is_spent:
        folder, path = pending.popleft()
        entries = volume.entries(folder)
        work.is_damaged |= not entries
        for at, entry in entries:
            if at in met:
                continue
            met.add(at)
            for child in _children(volume.content(entry), work):
                names = tuple((path + name)[-_LONGEST:] for name in child.names)
                states = volume.entries(child.place)
                if not states and not child.flags & _IS_DELETED:
                    work.is_damaged = True
                for _, state in states:
                    is_folder = state.kind == _FOLDER
                    if is_folder != bool(child.flags & _IS_FOLDER):
                        work.is_ambiguous = True
                    if is_folder or child.flags & _IS_FOLDER:
                        pending.append((child.place, f"{names[0]}/"))
                    if not is_folder:
                        yield names, state.size, state.pieces
                    if state.streams is not None:
                        pending.append((state.streams, f"{names[0]}/"))


def _children(content: bytes, work: Work) -> Iterator[_Child]:
    """What a folder lists (ECMA-167 4/14.4)."""
    at = 0
    while at + _HEAD <= len(content) and number(content, at, 2) == _IDENTIFIER and work.spend():
        flags, length = content[at + 18], content[at + 19]
        begin = at + _HEAD + number(content, at + 36, 2)
        size, place = long_address(content, at + 20)
        if not flags & _IS_PARENT and length and (size or not flags & _IS_DELETED):
            yield _Child(_names(content[begin : begin + length]), place, flags)
        at = begin + length + 3 & ~3
    work.is_damaged |= at > len(content) + 3 or any(content[at : at + _HEAD])


def _names(told: bytes) -> tuple[str, ...]:
    """A name of 8 or 16 bits a character (UDF 2.60 2.1.1); what says neither in any way."""
    kind, rest = told[:1], told[1:]
    if kind in (b"\x08", b"\xfe"):
        return (rest.decode("latin-1"),)
    wide = rest.decode("utf-16-be", "replace")
    return (wide,) if kind in (b"\x10", b"\xff") else (rest.decode("latin-1"), wide, told.decode("latin-1"))
