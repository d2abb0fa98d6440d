"""What a ZIP says of its members: the entries of every directory, the header before each member (APPNOTE.TXT 6.3.10 section 4.3).

Promises: bounded counts, never raises. What programs make of them is `zipped`'s.
"""

import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass

END = b"PK\x05\x06"
CENTRAL = b"PK\x01\x02"
LOCAL = b"PK\x03\x04"
ENCRYPTED, STRONGLY = 1, 0x40  # flags; programs go by the first (4.4.4)
_END_FORMAT = struct.Struct("<4s4H2LH")
_CENTRAL_FORMAT = struct.Struct("<4s6H3L5H2L")
_LOCAL_FORMAT = struct.Struct("<4s5H3L2H")
_FULL = 0xFFFFFFFF


@dataclass(slots=True)
class Entry:
    """A member by one of its headers; `data` is the offset of its octets, -1 until its local header is read."""

    name: bytes
    unicode: bool
    other_name: bytes  # of the Unicode path field (4.6.9), b"" without
    method: int
    locks: int  # what it says of encryption: ENCRYPTED, STRONGLY
    packed: int
    size: int  # -1 where it stands behind the data alone, and no directory tells it
    offset: int  # of the local header
    data: int = -1
    local: "Entry | None" = None
    others: tuple["Entry", ...] = ()  # headers of the same octets that say to unpack them otherwise
    checksum: int = 0
    written: bytes = b""  # all of the header as it stands

    @property
    def is_link(self) -> bool:
        """Whether a directory says that it is a symbolic link of Unix (the upper half of 4.4.15)."""
        return self.written.startswith(CENTRAL) and stat.S_ISLNK(int.from_bytes(self.written[40:42], "little"))


def directories(octets: bytes, limit: int) -> Iterator[tuple[int, list[Entry]]]:
    """The entries of every central directory with the offset of the record that ends it, the last first."""
    at = octets.rfind(END)
    while at >= 0:
        if at + 22 <= len(octets):
            begins = _begins(octets, at)
            yield from [(at, _directory(octets, start, shift, limit)) for start, shift in begins.items()] or [(at, [])]
        at = octets.rfind(END, 0, at)


def _begins(octets: bytes, end: int) -> dict[int, int]:
    """Where the directory begins that a record ends, wherever programs may look for it, and how far its offsets are shifted."""
    _, _, _, _, _, size, offset, _ = _END_FORMAT.unpack_from(octets, end)
    said = [(end, size, offset)]
    if octets[end - 20 : end - 16] == b"PK\x06\x07":  # zip64 (4.3.14, 4.3.15): some go by it only where the sizes are full
        records = (struct.unpack_from("<Q", octets, end - 12)[0], octets.rfind(b"PK\x06\x06", max(0, end - 65536), end))
        bases = {one: None for one in records if 0 <= one <= end - 56 and octets.startswith(b"PK\x06\x06", one)}
        said = [(base, *struct.unpack_from("<QQ", octets, base + 40)) for base in bases] + [(base, size, offset) for base in bases]
    begins: dict[int, int] = {}
    for base, length, where in said:
        # Octets put before the archive shift all its offsets (self-extracting archives).
        for start in (base - length, where):
            if 0 <= start <= end and octets[start : start + 4] in (CENTRAL, END, b"PK\x06\x06"):
                begins.setdefault(start, start - where)
    return begins


def _directory(octets: bytes, at: int, shift: int, limit: int) -> list[Entry]:
    entries: list[Entry] = []
    while octets[at : at + 4] == CENTRAL and at + 46 <= len(octets) and len(entries) < limit:
        (_, _, _, flags, method, _, _, checksum, packed, size, name_size, extra_size, comment_size, _, _, _, offset) = (
            _CENTRAL_FORMAT.unpack_from(octets, at)
        )
        name = octets[at + 46 : at + 46 + name_size]
        extra = octets[at + 46 + name_size : at + 46 + name_size + extra_size]
        entry = Entry(name, bool(flags & 0x800), b"", method, flags & (ENCRYPTED | STRONGLY), packed, size, offset)
        _extra(entry, extra, central=True)
        entry.offset += shift
        entry.checksum = checksum
        entry.written = octets[at : at + 46 + name_size + extra_size + comment_size]
        entries.append(entry)
        at += 46 + name_size + extra_size + comment_size
    return entries


def _extra(entry: Entry, extra: bytes, *, central: bool) -> None:
    """Zip64 sizes (4.5.3), the Unicode path (4.6.9)."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        value = extra[at + 4 : at + 4 + size]
        if kind == 1:
            wide = [int.from_bytes(value[i : i + 8], "little") for i in range(0, len(value) - 7, 8)]
            if entry.size == _FULL and wide:
                entry.size = wide.pop(0)
            if entry.packed == _FULL and wide:
                entry.packed = wide.pop(0)
            if central and entry.offset == _FULL and wide:
                entry.offset = wide.pop(0)
        elif kind == 0x7075 and size > 5:
            entry.other_name = value[5:]
        at += 4 + size


def local(octets: bytes, at: int) -> Entry | None:
    """The local header at an offset."""
    if at < 0 or octets[at : at + 4] != LOCAL or at + 30 > len(octets):
        return None
    _, _, flags, method, _, _, _, packed, size, name_size, extra_size = _LOCAL_FORMAT.unpack_from(octets, at)
    name = octets[at + 30 : at + 30 + name_size]
    entry = Entry(name, bool(flags & 0x800), b"", method, flags & (ENCRYPTED | STRONGLY), packed, size, at)
    entry.data = at + 30 + name_size + extra_size
    entry.written = octets[at : entry.data]
    _extra(entry, octets[at + 30 + name_size : entry.data], central=False)
    if flags & 8 and entry.packed == 0:
        entry.packed = -1  # stands behind the data (4.3.9)
    return entry
