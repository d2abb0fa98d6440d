"""What files the headers of a RAR name, whether or not libarchive can unpack them (RAR 5.0 technical note; unrar's arcread.cpp and
encname.cpp for the versions before): it stops at the second file of a solid one of version 4, and at any of version 1.5 and 2.

Promises: linear, bounded, never raises. Headers that are encrypted name nothing.
"""

import struct
from collections.abc import Iterator

from screener.anatomy import charsets
from screener.anatomy.containers import rar
from screener.frozen import dataclass

_FOLDER, _IS_LARGE, _HAS_WIDE, _IS_LOCKED = 0xE0, 0x100, 0x200, 0x80  # flags of version 4
_END = 0x7B
_CHARSETS = ("cp1252", "cp437")  # of names that are not UTF-8
_MAX_NAME = 4_096
_QUICK_OPEN = b"QO"
_MAX_COPIES, _MAX_COPY = 20_000, 64 * 1024


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
    if octets.startswith(rar.FIVE):
        for header in rar.headers_of_five(octets, through_locks=False):
            if header.kind == rar.SERVICE_5 and header.name == _QUICK_OPEN and not header.method:
                for copy in _copies(header.packed):
                    yield from files(rar.FIVE + copy)


def _copies(packed: bytes) -> Iterator[bytes]:
    at = 0
    for _ in range(_MAX_COPIES):
        numbers = rar.Numbers(packed[at + 4 : at + 4 + _MAX_COPY])
        size = numbers.next()
        start = at + 4 + numbers.at
        _, _ = numbers.next(), numbers.next()
        if not size:
            return
        yield numbers.take(numbers.next())
        at = start + size


def _readings(written: bytes, has_wide: bool) -> tuple[str, ...]:
    """A name of version 4: octets in some charset, and perhaps behind them the same in Unicode."""
    plain, mark, packed = written.partition(b"\0")
    found: dict[str, None] = {}
    if has_wide and mark:
        found[_unpacked(plain, packed)] = None
    try:
        found[plain.decode()] = None
    except UnicodeDecodeError:
        found |= dict.fromkeys(charsets.text(plain, one) for one in _CHARSETS)
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
