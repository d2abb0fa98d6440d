"""What the headers of a RAR say that libarchive does not tell (RAR 5.0 technical note; unrar's arcread.cpp for version 4): that
others go on with it, streams of NTFS, which are written beside a file, or anywhere (CVE-2025-8088), when it is unpacked, files that
are kept once under several names, and what is said to be encrypted.

Promises: linear, bounded, never raises. Headers that are encrypted say nothing.
"""

import struct
import zlib
from collections.abc import Iterator

from screener.anatomy import charsets
from screener.frozen import dataclass

FOUR, FIVE = b"Rar!\x1a\x07\0", b"Rar!\x1a\x07\1\0"
_MAX_BLOCKS = 20_000
MAX_HEADER = 64 * 1024
_MAX_MAIN = 1_024  # octets of a main header: it stands before each member that is read by itself
_NUMBER = 10  # octets that a number has at most
_STREAM = b"STM"  # what a service header of a stream is called
_ORDINARY = ":zone.identifier"  # where a file came from: Windows writes it itself
_SERVICE_4, SERVICE_5, _NAMED_BY, _LEADS_TO = 0x7A, 3, 7, 5
MAIN_4, FILE_4, _KINDS_4, _FOLDER_4 = 0x73, 0x74, range(0x72, 0x7C), 0xE0
FILE_5, _LOCK_5, LOCK_RECORD = 2, 4, 1
_COPIES = (4, 5)  # hard links, and the same octets again


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream: its name, its size as it is unpacked, and its octets where they are not packed."""

    name: str
    size: int
    octets: bytes | None


def is_volume(octets: bytes) -> bool:
    """Whether a RAR says in its main header that others go on with it (flag 1 of version 4, archive flag 1 of version 5)."""
    if not octets.startswith(FIVE):
        return octets.startswith(FOUR) and octets[9:10] == b"\x73" and bool(int.from_bytes(octets[10:11]) & 1)
    head = Numbers(octets[12:MAX_HEADER])
    _, kind, areas = head.next(), head.next(), head.next() & 3
    for _ in range(areas.bit_count()):
        head.next()
    return kind == 1 and bool(head.next() & 1)


def streams(octets: bytes) -> list[Stream]:
    """The streams of NTFS in it that say more than where a file came from."""
    found = _of_five(octets) if octets.startswith(FIVE) else _of_four(octets) if octets.startswith(FOUR) else iter(())
    return [one for one in found if one.name.lower() != _ORDINARY]


class Numbers:
    """Numbers of seven bits an octet, one behind the other; 0 behind the end."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self.at = 0

    def next(self) -> int:
        value = shift = 0
        for octet in self.octets[self.at : self.at + _NUMBER]:
            self.at += 1
            value |= (octet & 0x7F) << shift
            shift += 7
            if not octet & 0x80:
                break
        return value

    def take(self, count: int) -> bytes:
        taken = self.octets[self.at : self.at + count]
        self.at += count
        return taken


@dataclass(frozen=True, slots=True)
class Header:
    """A header of version 5: of a file, or of a service with what it keeps; where it begins, and what it describes."""

    at: int
    behind: int
    kind: int
    name: bytes
    size: int
    method: int
    is_folder: bool
    records: tuple[tuple[int, bytes], ...]
    packed: bytes


def copies(octets: bytes) -> dict[str, str]:
    """By name, the files of version 5 that are others over again: the name that each leads to."""
    found: dict[str, str] = {}
    for header in headers_of_five(octets) if octets.startswith(FIVE) else ():
        for kind, record in header.records if header.kind == FILE_5 else ():
            if kind == _LEADS_TO:
                told = Numbers(record)
                how, _ = told.next(), told.next()
                if how in _COPIES:
                    target = told.take(told.next())
                    found[charsets.text(header.name, "utf-8")] = charsets.text(target, "utf-8")
    return found


def headers_of_five(octets: bytes, at: int = len(FIVE), *, through_locks: bool = True) -> Iterator[Header]:
    """Those of files and services; where what follows is said to be encrypted they are read all the same, if that is asked."""
    for _ in range(_MAX_BLOCKS):
        begin = at
        before = Numbers(octets[at + 4 : at + 4 + _NUMBER])
        size = before.next()
        start = at + 4 + before.at
        head = Numbers(octets[start : start + min(size, MAX_HEADER)])
        kind, flags = head.next(), head.next()
        extra = head.next() if flags & 1 else 0
        packed = head.next() if flags & 2 else 0
        if not size or (kind == _LOCK_5 and not through_locks):
            return
        at = start + size + packed
        if kind in (FILE_5, SERVICE_5):
            told, unpacked = head.next(), head.next()
            head.next()
            head.take(4 * ((told >> 1 & 1) + (told >> 2 & 1)))
            method, _ = head.next() >> 7 & 7, head.next()
            name = head.take(head.next())
            records = tuple(told_behind(octets[start + size - min(extra, size) : start + size]))
            is_folder = bool(told & 1)
            kept = octets[start + size : at] if kind == SERVICE_5 else b""
            yield Header(begin, start + size, kind, name, unpacked, method, is_folder, records, kept)


def told_behind(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """What stands behind a header: kinds and contents."""
    numbers = Numbers(extra)
    while numbers.at < len(extra):
        record = Numbers(numbers.take(numbers.next()))
        kind = record.next()
        yield kind, record.octets[record.at :]


def _of_five(octets: bytes) -> Iterator[Stream]:
    for header in headers_of_five(octets):
        if header.kind == SERVICE_5 and header.name == _STREAM:
            for kind, record in header.records:
                if kind == _NAMED_BY:
                    yield Stream(charsets.text(record, "utf-8"), header.size, None if header.method else header.packed)


def _of_four(octets: bytes) -> Iterator[Stream]:
    for kind, flags, head, packed in blocks_of_four(octets):
        if kind == _SERVICE_4 and len(head) >= 32:
            begin = 40 if flags & 0x100 else 32
            length = int.from_bytes(head[26:28], "little")
            if head[begin : begin + length] == _STREAM:
                name = head[begin + length :].decode("utf-16-le", "replace").rstrip("\0")
                content = bytes(packed) if head[25] == 0x30 else None
                yield Stream(name, int.from_bytes(head[11:15], "little"), content)


def blocks_of_four(octets: bytes) -> Iterator[tuple[int, int, bytes, memoryview]]:
    """Kinds, flags, headers and what stands behind them."""
    at = len(FOUR)
    view = memoryview(octets)
    for _ in range(_MAX_BLOCKS):
        if at + 7 > len(octets):
            return
        kind, flags, size = struct.unpack_from("<BHH", octets, at + 2)
        head = octets[at : at + size]
        packed = int.from_bytes(head[7:11], "little") if flags & 0x8000 or kind in (FILE_4, _SERVICE_4) else 0
        if size < 7:
            return
        yield kind, flags, head, view[at + size : at + size + packed]
        at += size + packed


@dataclass(frozen=True, slots=True)
class Locked:
    """A RAR of one member, as if it were not encrypted; and its checksum (CRC-32), None where there is none."""

    octets: bytes
    checksum: int | None


@dataclass(frozen=True, slots=True)
class Parted:
    """A RAR in pieces that are RARs: what is not said to be encrypted, b"" where that is no member, and each member that is;
    and whether its very list is only said to be encrypted."""

    others: bytes
    locked: tuple[Locked, ...] = ()
    is_only_said: bool = False


@dataclass(frozen=True, slots=True)
class _Block:
    """A header as it would be without encryption, and where what it describes begins and ends; where it says that what follows
    is encrypted (`locks`), or that its own member is (`is_locked`)."""

    header: bytes
    start: int
    stop: int
    kind: int
    locks: bool = False
    is_locked: bool = False
    checksum: int | None = None


def part(octets: bytes) -> Parted:
    """What its headers say is encrypted apart from the rest."""
    mark, read, main, file, plain, end = _VERSIONS[0] if octets.startswith(FIVE) else _VERSIONS[1]
    out: list[bytes | memoryview] = [mark]
    locked: list[Locked] = []
    view = memoryview(octets)
    at = len(mark)
    head = b""
    has_others = is_only_said = False
    for _ in range(_MAX_BLOCKS if octets.startswith(mark) else 0):
        block = read(octets, at)
        if block is None or (block.locks and read(octets, block.stop) is None):
            break
        is_only_said = is_only_said or block.locks
        at = block.stop
        if block.kind == main:
            head = block.header if len(block.header) <= _MAX_MAIN else plain
        if block.is_locked:
            locked.append(Locked(b"".join((mark, head, block.header, view[block.start : at], end)), block.checksum))
        else:
            has_others = has_others or block.kind == file
            out += (block.header, view[block.start : at])
    if not locked and not is_only_said:
        return Parted(octets)
    out.append(view[at:])
    has_others = has_others or not locked or at < len(octets)
    return Parted(b"".join(out) if has_others else b"", tuple(locked), is_only_said)


def _block_of_five(octets: bytes, at: int) -> _Block | None:
    head = Numbers(octets[at + 4 : at + 4 + MAX_HEADER])
    size = head.next()
    start = at + 4 + head.at
    told = octets[at + 4 : start + size]
    if not size or zlib.crc32(told) != int.from_bytes(octets[at : at + 4], "little"):
        return None
    kind, flags = head.next(), head.next()
    extra = head.next() if flags & 1 else 0
    packed = head.next() if flags & 2 else 0
    if kind == _LOCK_5:
        return _Block(b"", start + size, start + size, kind, locks=True)
    plain = _unlocked(told, len(told) - extra) if kind == FILE_5 and 0 < extra < size else told
    header = struct.pack("<L", zlib.crc32(plain)) + plain
    about, _, _ = head.next(), head.next(), head.next()
    head.take(4 * (about >> 1 & 1))
    checksum = int.from_bytes(head.take(4), "little") if about & 4 else None
    return _Block(header, start + size, start + size + packed, kind, is_locked=plain is not told, checksum=checksum)


def _unlocked(told: bytes, at: int) -> bytes:
    """A header whose record of encryption is of a kind that nobody knows; the same one where it has none."""
    while at < len(told):
        record = Numbers(told[at : at + 20])
        length = record.next()
        begin = at + record.at
        if length and record.next() == LOCK_RECORD and record.at == begin - at + 1:
            return told[:begin] + b"\x7f" + told[begin + 1 :]
        at = begin + max(length, 1)
    return told


def _block_of_four(octets: bytes, at: int) -> _Block | None:
    head = octets[at : at + 7]
    if len(head) < 7:
        return None
    told, kind, flags, size = struct.unpack("<HBHH", head)
    head = octets[at : at + size]
    if size < 7 or len(head) < size or kind not in _KINDS_4:
        return None
    packed = int.from_bytes(head[7:11], "little") if flags & 0x8000 or kind in (FILE_4, _SERVICE_4) else 0
    if kind in (FILE_4, _SERVICE_4) and flags & 0x100:
        packed |= int.from_bytes(head[32:36], "little") << 32
    locks = kind == MAIN_4 and flags & 0x80 != 0
    is_locked = kind == FILE_4 and flags & 4 != 0 and flags & _FOLDER_4 != _FOLDER_4
    if told != zlib.crc32(head[2:]) & 0xFFFF:
        return None
    if locks or is_locked:
        plain = struct.pack("<BHH", kind, flags & ~(0x80 if locks else 4), size) + head[7:]
        head = struct.pack("<H", zlib.crc32(plain) & 0xFFFF) + plain
    return _Block(head, at + size, at + size + packed, kind, locks, is_locked, int.from_bytes(head[16:20], "little"))


# Main headers that say nothing, and headers of the end.
_MAIN_PLAIN_5, _END_5 = bytes.fromhex("c51a333203010000"), bytes.fromhex("1d77565103050400")
_MAIN_PLAIN_4, _END_4 = bytes.fromhex("cf907300000d00000000000000"), bytes.fromhex("c43d7b00400700")
_VERSIONS = (
    (FIVE, _block_of_five, 1, FILE_5, _MAIN_PLAIN_5, _END_5),
    (FOUR, _block_of_four, MAIN_4, FILE_4, _MAIN_PLAIN_4, _END_4),
)
