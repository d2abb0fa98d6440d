"""The volumes of a disc of UDF: anchors, descriptors and what they say of partitions (ECMA-167 3; UDF 2.60 2.2).

Where descriptors differ, so do readers: every reading is a volume of its own, and ambiguous. Promises: never raises, linear.
"""

import itertools
import struct
from collections.abc import Iterator

from screener.anatomy.containers.udf_blocks import ENTRY, EXTENDED_ENTRY, Address, Run, Volume, Work, long_address, number
from screener.frozen import dataclass

_SECTORS = (2_048, 512, 4_096, 1_024)
_ANCHOR, _POINTER, _PARTITION, _LOGICAL, _END = 2, 3, 5, 6, 8
_MAX_DESCRIPTORS = 128  # of one sequence, …
_MAX_SEQUENCES = 16  # … and sequences of a disc
_MAX_VOLUMES = 8
_MAX_BLOCK = 32_768
_ALL = 1 << 32
_MAX_MAPS = 4  # of partitions of a volume; UDF knows two
_VIRTUAL = 100_000  # blocks that stand elsewhere
_ENDS_VIRTUAL = b"*UDF Virtual Alloc Tbl"
_VIRTUAL_TYPE = 248
_NOT_SPARED = 0xFFFFFFF0


@dataclass(frozen=True, slots=True)
class _Logical:
    """A logical volume as its descriptor has it (ECMA-167 3/10.6)."""

    sector: int
    block: int
    file_set: bytes
    maps: bytes


@dataclass(frozen=True, slots=True)
class _Told:
    """What the descriptors say: logical volumes, and where partitions of a number begin, what prevails first."""

    logicals: list[_Logical]
    starts: dict[int, list[int]]


def volumes(octets: bytes, work: Work) -> list[tuple[Volume, Address]]:
    """Every reading of every volume, with the place of its set of files."""
    told = _told(octets)
    found: list[tuple[Volume, Address]] = []
    for logical in itertools.islice(told.logicals, _MAX_VOLUMES):
        maps = list(itertools.islice(_maps(logical.maps), _MAX_MAPS))
        for choice in range(max(map(len, told.starts.values()), default=0)):
            starts = {key: some[min(choice, len(some) - 1)] * logical.sector for key, some in told.starts.items()}
            ways = [_partition(octets, logical, each, starts, work) for each in maps]
            for way in range(max(map(len, ways), default=0)):
                partitions = [runs[min(way, len(runs) - 1)] for runs in ways]
                found.append((Volume(octets, logical.block, partitions, work), long_address(logical.file_set, 0)[1]))
    if len(found) > 1:
        work.is_ambiguous = True
    return found[:_MAX_VOLUMES]


def _told(octets: bytes) -> _Told:
    """What all sequences of descriptors say that an anchor leads to (ECMA-167 3/8.4.2.1)."""
    sequences: dict[tuple[int, int, int], None] = {}
    for sector in _SECTORS:
        last = len(octets) // sector - 1
        for block in (256, last, last - 256, 512):
            at = block * sector
            if at >= 0 and number(octets, at, 2) == _ANCHOR and not _is_of_other_sectors(at, sector, number(octets, at + 12, 4)):
                sequences.setdefault((sector, number(octets, at + 16, 4), number(octets, at + 20, 4)))
                sequences.setdefault((sector, number(octets, at + 24, 4), number(octets, at + 28, 4)))
    logicals: list[tuple[int, _Logical]] = []
    starts: list[tuple[int, int, int]] = []
    for sector, length, first in itertools.islice(sequences, _MAX_SEQUENCES):
        for at in _descriptors(octets, sector, length, first):
            order = number(octets, at + 16, 4)
            if number(octets, at, 2) == _PARTITION:
                starts.append((order, number(octets, at + 22, 2), number(octets, at + 188, 4)))
            elif number(octets, at, 2) == _LOGICAL:
                block = number(octets, at + 212, 4)
                maps = octets[at + 440 : at + 440 + min(number(octets, at + 264, 4), _MAX_BLOCK)]
                if not block or block % 512 or block > _MAX_BLOCK:
                    block = sector
                logicals.append((order, _Logical(sector, block, octets[at + 248 : at + 264], maps)))
    by_number: dict[int, dict[int, None]] = {}
    for _, key, start in sorted(starts, key=lambda one: -one[0]):
        by_number.setdefault(key, {}).setdefault(start)
    distinct = dict.fromkeys(one for _, one in sorted(logicals, key=lambda one: -one[0]))
    return _Told(list(distinct)[:_MAX_VOLUMES], {key: list(some)[:_MAX_VOLUMES] for key, some in by_number.items()})


def _is_of_other_sectors(at: int, sector: int, location: int) -> bool:
    """Whether an anchor says that it stands in its place, but in sectors of another size."""
    return location * sector != at and any(location * other == at for other in _SECTORS)


def _descriptors(octets: bytes, sector: int, length: int, first: int) -> Iterator[int]:
    """The offsets of the descriptors of a sequence, which may go on elsewhere."""
    at, end = first * sector, first * sector + length
    for _ in range(_MAX_DESCRIPTORS):
        if at >= min(end, len(octets)):
            return
        kind = number(octets, at, 2)
        if kind == _END:
            return
        if kind == _POINTER:
            length, first = number(octets, at + 20, 4), number(octets, at + 24, 4)
            at, end = first * sector, first * sector + length
            continue
        yield at
        at += sector


def _maps(octets: bytes) -> Iterator[bytes]:
    """The maps of partitions of a logical volume (ECMA-167 3/10.7)."""
    at = 0
    while at + 2 <= len(octets) and octets[at + 1] >= 2:
        yield octets[at : at + octets[at + 1]]
        at += octets[at + 1]


def _partition(octets: bytes, logical: _Logical, said: bytes, starts: dict[int, int], work: Work) -> list[list[Run]]:
    """The blocks of a partition by its map, in every reading."""
    kind, name = said[0], said[5:28]
    start = starts.get(number(said, 4 if kind == 1 else 38, 2))
    if start is None:
        work.is_damaged = True
        return [[]]
    physical = [Run(0, _ALL, start)]
    volume = Volume(octets, logical.block, [physical], work)
    if kind == 1:
        return [physical]
    if name.startswith(b"*UDF Metadata Partition"):
        return _metadata(volume, said, work)
    if name.startswith(b"*UDF Virtual Partition"):
        return [_virtual(volume, start, work)]
    if name.startswith(b"*UDF Sparable Partition"):
        return [_spared(octets, logical, said, start, work)]
    work.has_unknown = True
    return [[]]


def _metadata(volume: Volume, said: bytes, work: Work) -> list[list[Run]]:
    """Blocks that lie in a file, and in a mirror of it (UDF 2.60 2.2.10); only one where both have the same octets."""
    found: list[list[Run]] = []
    contents: set[bytes] = set()
    for at in (40, 44):
        for _, entry in volume.entries(Address(0, number(said, at, 4)))[:1]:
            runs: list[Run] = []
            first = 0
            for piece in entry.pieces:
                count = -(-piece.size // volume.block)
                if piece.at >= 0:
                    runs.append(Run(first, count, piece.at))
                first += count
            content = volume.content(entry)
            if content not in contents:
                contents.add(content)
                found.append(runs)
    work.is_damaged |= not found
    return found or [[]]


def _virtual(volume: Volume, start: int, work: Work) -> list[Run]:
    """Blocks that a table sends elsewhere, which is the last file on the disc (UDF 2.60 2.2.11)."""
    octets = volume.octets
    if not work.spend(len(octets)):
        return []
    at = len(octets) // volume.block * volume.block - volume.block
    while at >= 0:
        if octets[at : at + 2] in (b"\x05\x01", b"\x0a\x01"):
            table = _table(volume, at)
            if table is not None:
                blocks = [number(table, one, 4) for one in range(0, len(table) - 3, 4)]
                return [Run(one, 1, start + block * volume.block) for one, block in enumerate(blocks) if block != 0xFFFFFFFF]
        at -= volume.block
    work.has_unknown = True
    return []


def _table(volume: Volume, at: int) -> bytes | None:
    """The table of virtual blocks that a file is; None where it is none."""
    octets = volume.octets
    kind = octets[at + 27] if at + 27 < len(octets) else 0
    if kind not in (0, _VIRTUAL_TYPE) or number(octets, at, 2) not in (ENTRY, EXTENDED_ENTRY):
        return None
    content = volume.content(volume.entry(at, 0))[: 4 * _VIRTUAL]
    if kind == _VIRTUAL_TYPE:
        return content[number(content, 0, 2) :]
    return content[:-36] if content[-35:].startswith(_ENDS_VIRTUAL) else None


def _spared(octets: bytes, logical: _Logical, said: bytes, start: int, work: Work) -> list[Run]:
    """Blocks of which some packets stand elsewhere, as a table says (UDF 2.60 2.2.12)."""
    packet = number(said, 40, 2) or 32
    tables: list[dict[int, int]] = []
    for table in range(min(said[42] if len(said) > 42 else 0, 4)):
        at = number(said, 48 + 4 * table, 4) * logical.sector
        entries = octets[at + 56 : at + 56 + 8 * number(octets, at + 48, 2)]
        if octets.startswith(b"*UDF Sparing Table", at + 17) and work.spend(len(entries)):
            told = struct.iter_unpack("<II", entries[: len(entries) & ~7])
            tables.append({original: mapped for original, mapped in told if original < _NOT_SPARED})
    work.is_damaged |= not tables
    work.is_ambiguous |= any(table != tables[0] for table in tables)
    runs: list[Run] = []
    next_block = 0
    for original, mapped in sorted(tables[0].items()) if tables else ():
        if original < next_block or not work.spend():
            continue
        if original > next_block:
            runs.append(Run(next_block, original - next_block, start + next_block * logical.block))
        runs.append(Run(original, packet, mapped * logical.sector))
        next_block = original + packet
    return [*runs, Run(next_block, _ALL, start + next_block * logical.block)]
