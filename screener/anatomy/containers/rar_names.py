"""What files the headers of a RAR name, whether or not libarchive can unpack them (RAR 5.0 technical note; unrar's arcread.cpp and
encname.cpp for the versions before): it stops at the second file of a solid one of version 4, and at any of version 1.5 and 2.

Promises: linear, bounded, never raises. Headers that are encrypted name nothing.
"""

import struct
from collections.abc import Iterator

from screener.anatomy import charsets, names
from screener.anatomy.containers import rar
from screener.frozen import dataclass

_FOLDER, _IS_LARGE, _HAS_WIDE, _IS_LOCKED = 0xE0, 0x100, 0x200, 0x80  # flags of version 4
_END = 0x7B
_MAX_NAME = 4_096
_QUICK_OPEN = b"QO"
_MAIN, _LOCATOR = 1, 1
_MAX_COPIES, _MAX_COPY = 20_000, 64 * 1024
_MOST_NUMBERS = 40  # octets of the four before a copy


@dataclass(frozen=True, slots=True)
class Named:
    """A file: each reading of its name, and the size that it says."""

    names: tuple[str, ...]
    size: int


def files(octets: bytes) -> Iterator[Named]:
    """Every file, folders left out."""
    if octets.startswith(rar.FIVE):
        for header in rar.headers_of_five(octets, through_locks=False):
            if header.kind == rar.FILE_5 and not header.is_folder:
                yield Named((charsets.text(header.name[:_MAX_NAME], "utf-8"),), header.size)
    elif octets.startswith(rar.FOUR):
        for kind, flags, head, _ in rar.blocks_of_four(octets):
            if kind == _END or (kind == rar.MAIN_4 and flags & _IS_LOCKED):
                break
            if kind == rar.FILE_4 and flags & _FOLDER != _FOLDER and len(head) >= 32:
                begin = 40 if flags & _IS_LARGE else 32
                (length,) = struct.unpack_from("<H", head, 26)
                written = head[begin : begin + min(length, _MAX_NAME)]
                yield Named(_readings(written, flags & _HAS_WIDE != 0), int.from_bytes(head[11:15], "little"))


def shown(octets: bytes) -> Iterator[Named]:
    """Every file as WinRAR lists it: by the copies of headers that version 5 may keep at its end."""
    for _, copy in _copies(octets):
        yield from files(rar.FIVE + copy)


def are_shown_otherwise(octets: bytes) -> bool:
    """Whether a copy is not what stands where it says: WinRAR goes on from there, too, and so unpacks other files."""
    return any(at < 0 or not octets.startswith(copy, at) for at, copy in _copies(octets))


def _copies(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """Where a header stands, and what it is there; wherever such copies are, how ever that is said to be packed. -1 for one that
    is said to be longer than what is kept of it."""
    if octets.startswith(rar.FIVE):
        found = rar.headers_of_five(octets, through_locks=False)
        services = {header.at: (header, header.packed) for header in found if header.packed}
        at = _located(octets)
        header = next(rar.headers_of_five(octets, at), None) if at else None
        if header is not None and header.at == at:
            services[at] = header, octets[header.behind : header.behind + header.size]
        for header, kept in services.values():
            is_locked = any(kind == rar.LOCK_RECORD for kind, _ in header.records)
            if header.kind == rar.SERVICE_5 and header.name == _QUICK_OPEN and not is_locked:
                for back, copy in _kept(kept):
                    yield -1 if back is None else header.at - back, copy


def _located(octets: bytes) -> int:
    """Where the main header of version 5 says that copies of headers are kept; 0 for nowhere."""
    head = rar.Numbers(octets[len(rar.FIVE) + 4 : len(rar.FIVE) + 4 + rar.MAX_HEADER])
    size = head.next()
    end = head.at + size
    kind, flags = head.next(), head.next()
    extra = head.next() if flags & 1 else 0
    for told, record in rar.told_behind(head.octets[end - min(extra, size) : end]) if kind == _MAIN else ():
        numbers = rar.Numbers(record)
        if told == _LOCATOR and numbers.next() & 1 and (offset := numbers.next()):
            return len(rar.FIVE) + offset
    return 0


def _kept(packed: bytes) -> Iterator[tuple[int | None, bytes]]:
    """How far before the record a header stands, None where the copy is cut, and the copy."""
    at = 0
    for _ in range(_MAX_COPIES):
        numbers = rar.Numbers(packed[at + 4 : at + 4 + _MOST_NUMBERS])
        size = numbers.next()
        end = at + 4 + numbers.at + size
        _, back, length = numbers.next(), numbers.next(), numbers.next()
        if not size:
            return
        begin = at + 4 + numbers.at
        yield back if begin + length <= end else None, packed[begin : min(begin + min(length, _MAX_COPY), end)]
        at = end


def _readings(written: bytes, has_wide: bool) -> tuple[str, ...]:
    """A name of version 4: octets in some charset, and perhaps behind them the same in Unicode."""
    plain, mark, packed = written.partition(b"\0")
    wide = (_unpacked(plain, packed),) if has_wide and mark else ()
    found = dict.fromkeys((*wide, *names.readings(plain)))
    return tuple(name.replace("\\", "/") for name in found if name)


def _unpacked(plain: bytes, packed: bytes) -> str:
    """A name of which only what is not in the plain one is written."""
    units: list[int] = []
    high = packed[:1]
    rest = iter(packed[1:])
    flags = count = 0
    for octet in rest:
        if not count:
            flags, count = octet, 4
            continue
        count -= 1
        match flags >> 2 * count & 3:
            case 0:
                units.append(octet)
            case 1:
                units.append(octet | high[0] << 8)
            case 2:
                units.append(octet | next(rest, 0) << 8)
            case _:
                added = next(rest, 0) if octet & 0x80 else None
                some = plain[len(units) : len(units) + (octet & 0x7F) + 2]
                units += some if added is None else ((one + added & 0xFF) | high[0] << 8 for one in some)
    return struct.pack(f"<{len(units)}H", *units).decode("utf-16-le", "replace")
