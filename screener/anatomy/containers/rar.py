"""What the headers of a RAR say that libarchive does not tell (RAR 5.0 technical note; unrar's arcread.cpp for version 4): that
others go on with it, and streams of NTFS, which are written beside a file, or anywhere (CVE-2025-8088), when it is unpacked.

Promises: linear, bounded, never raises. Headers that are encrypted say nothing.
"""

import struct
from collections.abc import Iterator

from screener.anatomy import charsets
from screener.frozen import dataclass

_FOUR, _FIVE = b"Rar!\x1a\x07\0", b"Rar!\x1a\x07\1\0"
_MAX_BLOCKS = 20_000
_MAX_HEADER = 64 * 1024
_STREAM = b"STM"  # what a service header of a stream is called
_ORDINARY = ":zone.identifier"  # where a file came from: Windows writes it itself
_SERVICE_4, _SERVICE_5, _NAMED_BY = 0x7A, 3, 7


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream: its name, its size as it is unpacked, and its octets where they are not packed."""

    name: str
    size: int
    octets: bytes | None


def is_volume(octets: bytes) -> bool:
    """Whether a RAR says in its main header that others go on with it (flag 1 of version 4, archive flag 1 of version 5)."""
    if not octets.startswith(_FIVE):
        return octets.startswith(_FOUR) and octets[9:10] == b"\x73" and bool(int.from_bytes(octets[10:11]) & 1)
    head = _Numbers(octets[12:_MAX_HEADER])
    _, kind, areas = head.next(), head.next(), head.next() & 3
    for _ in range(areas.bit_count()):
        head.next()
    return kind == 1 and bool(head.next() & 1)


def streams(octets: bytes) -> list[Stream]:
    """The streams of NTFS in it that say more than where a file came from."""
    found = _of_five(octets) if octets.startswith(_FIVE) else _of_four(octets) if octets.startswith(_FOUR) else iter(())
    return [one for one in found if one.name.lower() != _ORDINARY]


class _Numbers:
    """Numbers of seven bits an octet, one behind the other; 0 behind the end."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self.at = 0

    def next(self) -> int:
        value = shift = 0
        for octet in self.octets[self.at : self.at + 10]:
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


def _of_five(octets: bytes) -> Iterator[Stream]:
    at = len(_FIVE)
    for _ in range(_MAX_BLOCKS):
        head = _Numbers(octets[at + 4 : at + 4 + _MAX_HEADER])
        size = head.next()
        start = at + 4 + head.at
        kind, flags = head.next(), head.next()
        extra = head.next() if flags & 1 else 0
        packed = head.next() if flags & 2 else 0
        if not size:
            return
        at = start + size + packed
        if kind == _SERVICE_5:
            yield from _service(head, octets[start + size : at], octets[start + size - min(extra, size) : start + size])


def _service(head: _Numbers, packed: bytes, extra: bytes) -> Iterator[Stream]:
    told, size = head.next(), head.next()
    head.next()
    head.take(4 * ((told >> 1 & 1) + (told >> 2 & 1)))
    method, _ = head.next() >> 7 & 7, head.next()
    if head.take(head.next()) != _STREAM:
        return
    records = _Numbers(extra)
    while records.at < len(extra):
        length = records.next()
        record = _Numbers(records.take(length))
        if record.next() == _NAMED_BY:
            yield Stream(charsets.text(record.octets[record.at :], "utf-8"), size, None if method else packed)


def _of_four(octets: bytes) -> Iterator[Stream]:
    at = len(_FOUR)
    for _ in range(_MAX_BLOCKS):
        if at + 7 > len(octets):
            return
        kind, flags, size = struct.unpack_from("<BHH", octets, at + 2)
        head = octets[at : at + size]
        packed = int.from_bytes(head[7:11], "little") if flags & 0x8000 or kind in (0x74, _SERVICE_4) else 0
        if size < 7:
            return
        if kind == _SERVICE_4 and len(head) >= 32:
            begin = 40 if flags & 0x100 else 32
            length = int.from_bytes(head[26:28], "little")
            if head[begin : begin + length] == _STREAM:
                name = head[begin + length :].decode("utf-16-le", "replace").rstrip("\0")
                content = octets[at + size : at + size + packed] if head[25] == 0x30 else None
                yield Stream(name, int.from_bytes(head[11:15], "little"), content)
        at += size + packed
