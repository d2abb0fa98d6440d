"""Discs of UDF, block by block, as ECMA-167 and OSTA UDF 2.60 have them: with whole tags, so that 7-Zip reads the plain ones, too.

Made by hand where nothing that makes such discs comes with a test: tables of virtual blocks, spared packets, metadata in a file.
"""

import binascii
import struct
from dataclasses import dataclass, field

ANCHOR = 256
START = 257  # of the partition
SEQUENCE, RESERVE = 96, 112
NOWHERE = 0xFFFFFFFF


def tagged(kind: int, location: int, content: bytes) -> bytes:
    """A descriptor with its tag (ECMA-167 3/7.2)."""
    tag = bytearray(struct.pack("<HHBBHHHI", kind, 2, 0, 0, 1, binascii.crc_hqx(content, 0), len(content), location))
    tag[4] = sum(tag) & 0xFF
    return bytes(tag) + content


def short(size: int, block: int) -> bytes:
    return struct.pack("<II", size, block)


def long(size: int, block: int, partition: int = 0) -> bytes:
    return struct.pack("<IIH6x", size, block, partition)


def name(text: str) -> bytes:
    """In CS0 (UDF 2.1.1)."""
    if max(map(ord, text), default=0) < 256:
        return b"\x08" + text.encode("latin-1")
    return b"\x10" + text.encode("utf-16-be")


def identifier(called: bytes, icb: bytes, flags: int = 0) -> bytes:
    """What a folder says of a file (ECMA-167 4/14.4)."""
    said = tagged(257, 0, struct.pack("<HBB", 1, flags, len(called)) + icb + struct.pack("<H", 0) + called)
    return said + bytes(-len(said) % 4)


def entry(kind: int, how: int, size: int, descriptors: bytes, *, extended: bool = False, streams: bytes = b"") -> bytes:
    """A file's entry (ECMA-167 4/14.9, 14.17); `how` its extents are told: 0 short, 1 long, 3 embedded."""
    said = bytearray(200 if extended else 160)
    struct.pack_into("<IHHH", said, 0, 0, 4, 0, 1)
    said[11] = kind
    struct.pack_into("<H", said, 18, how)
    struct.pack_into("<H", said, 32, 1)
    struct.pack_into("<Q", said, 40, size)
    if extended:
        struct.pack_into("<Q", said, 48, size)
        said[136 : 136 + len(streams)] = streams
    struct.pack_into("<I", said, len(said) - 4, len(descriptors))
    return tagged(266 if extended else 261, 0, bytes(said) + descriptors)


def partition_map(kind: str, sparing: int = 0) -> bytes:
    """The maps of partitions of a volume (ECMA-167 3/10.7; UDF 2.2.8 to 2.2.10)."""
    plain = struct.pack("<BBHH", 1, 6, 1, 0)
    head = struct.pack("<BB2xB", 2, 64, 0)
    match kind:
        case "plain":
            return plain
        case "virtual":
            return plain + (head + b"*UDF Virtual Partition".ljust(31, b"\0") + struct.pack("<HH", 1, 0)).ljust(64, b"\0")
        case "metadata":
            said = struct.pack("<HHIIIIH", 1, 0, 0, 1, NOWHERE, 32, 32)
            return plain + (head + b"*UDF Metadata Partition".ljust(31, b"\0") + said).ljust(64, b"\0")
        case "sparable":
            said = struct.pack("<HHHBxII", 1, 0, 32, 1, 64, sparing)
            return (head + b"*UDF Sparable Partition".ljust(31, b"\0") + said).ljust(64, b"\0")
        case _:
            return (head + b"*Nobody's Partition".ljust(31, b"\0") + struct.pack("<HH", 1, 0)).ljust(64, b"\0")


def logical(size: int, maps: bytes, count: int, file_set: bytes, order: int = 1) -> bytes:
    """The descriptor of a logical volume (ECMA-167 3/10.6)."""
    said = bytearray(424)
    struct.pack_into("<I", said, 0, order)
    struct.pack_into("<I", said, 196, size)
    said[201:221] = b"*OSTA UDF Compliant\0"
    said[224:226] = b"\x02\x01"
    said[232:248] = file_set
    struct.pack_into("<II", said, 248, len(maps), count)
    return tagged(6, 0, bytes(said) + maps)


def partition(start: int, count: int, order: int = 1, number: int = 0) -> bytes:
    """The descriptor of a partition (ECMA-167 3/10.5)."""
    said = bytearray(496)
    struct.pack_into("<IHH", said, 0, order, 1, number)
    said[9:15] = b"+NSR02"
    struct.pack_into("<III", said, 168, 1, start, count)
    return tagged(5, 0, bytes(said))


@dataclass
class Disc:
    """Blocks of a partition (`blocks`) and of the whole (`others`), and the descriptors of its volumes. A small one has its anchor
    in its last block alone, and no descriptors that tell that it is UDF: archivers open it by its name."""

    size: int = 2_048
    blocks: dict[int, bytes] = field(default_factory=dict)
    others: dict[int, bytes] = field(default_factory=dict)
    descriptors: list[bytes] = field(default_factory=list)
    reserve: list[bytes] | None = None
    is_small: bool = False

    def octets(self, anchor: int = ANCHOR) -> bytes:
        """The image; as many blocks as there must be."""
        start, *sequences = (9, 1, 5) if self.is_small else (START, SEQUENCE, RESERVE)
        found = {start + number: block for number, block in self.blocks.items()} | self.others
        anchor = max(found) + 2 if self.is_small else anchor
        for first, descriptors in zip(sequences, (self.descriptors, self.reserve or self.descriptors), strict=True):
            for number, one in enumerate([*descriptors, tagged(8, 0, bytes(496))]):
                found[first + number] = relocated(one, first + number)
        extents = b"".join(
            struct.pack("<II", (len(one) + 1) * self.size, at)
            for at, one in zip(sequences, (self.descriptors, self.reserve or self.descriptors), strict=True)
        )
        found[anchor] = tagged(2, anchor, extents + bytes(480))
        image = bytearray((max(found) + 1) * self.size)
        for number, block in found.items():
            image[number * self.size : number * self.size + len(block)] = block
        for number, mark in enumerate(() if self.is_small else (b"BEA01", b"NSR02", b"TEA01")):
            at = 32_768 + 2_048 * number
            image[at : at + 7] = b"\0" + mark + b"\1"
        return bytes(image)


def relocated(said: bytes, location: int) -> bytes:
    """A descriptor as it is where it stands."""
    return tagged(int.from_bytes(said[:2], "little"), location, said[16:])


def disc(
    *files: tuple[str, bytes],
    kind: str = "plain",
    size: int = 2_048,
    how: int = 0,
    extended: bool = False,
    folder: str = "",
    is_small: bool = False,
) -> Disc:
    """Files in the root, or in a folder of it. The tree lies where `kind` says, files' octets in the partition itself."""
    tree = 1 if kind in ("virtual", "metadata") else 0  # the partition that it lies in
    blocks: list[bytes] = [tagged(256, 0, bytes(384) + long(size, 1, tree) + bytes(96)), b"", b""]
    data: dict[int, bytes] = {}
    listed: list[bytes] = [identifier(b"", long(size, 1, tree), 10)]
    at = 10 if is_small else 100
    for called, content in files:
        if how == 3:
            descriptors = content
        else:
            descriptors = long(len(content), at) if how or tree else short(len(content), at)
            for begin in range(0, len(content), size):
                data[at] = content[begin : begin + size]
                at += 1
        blocks.append(relocated(entry(5, how or tree, len(content), descriptors, extended=extended), len(blocks)))
        listed.append(identifier(name(called), long(size, len(blocks) - 1, tree)))
    inner = b"".join(listed)
    if folder:
        blocks[2] = relocated(entry(4, 3, len(inner), inner, extended=extended), 2)
        inner = identifier(b"", long(size, 1, tree), 10) + identifier(name(folder), long(size, 2, tree), 2)
    blocks[1] = relocated(entry(4, 3, len(inner), inner, extended=extended), 1)
    made = Disc(size, data, is_small=is_small)
    sparing = 0
    match kind:
        case "virtual":
            made.blocks |= {300 + 2 * number: block for number, block in enumerate(blocks)}
            table = b"".join(struct.pack("<I", 300 + 2 * number) for number in range(len(blocks)))
            table += struct.pack("<B31sI", 0, b"*UDF Virtual Alloc Tbl".ljust(31, b"\0"), NOWHERE)
            made.blocks[max(made.blocks) + 1] = entry(0, 3, len(table), table)
        case "metadata":
            made.blocks |= {20 + number: block for number, block in enumerate(blocks)}
            for number in (0, 1):
                made.blocks[number] = relocated(
                    entry(250 + number, 0, len(blocks) * size, short(len(blocks) * size, 20), extended=True), number
                )
        case "sparable":
            made.blocks |= {number: bytes(size) for number in range(32)}
            made.others |= {1_000 + number: block for number, block in enumerate(blocks)}
            sparing = 900
            said = b"\0" + b"*UDF Sparing Table".ljust(31, b"\0") + struct.pack("<HHI", 1, 0, 1) + struct.pack("<II", 0, 1_000)
            made.others[900] = tagged(0, 900, said)
        case _:
            made.blocks |= dict(enumerate(blocks))
    maps = partition_map(kind, sparing)
    made.descriptors = [partition(9 if is_small else START, 2_000), logical(size, maps, 1 + tree, long(size, 0, tree))]
    return made
