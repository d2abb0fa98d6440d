"""A reader of ZIP's directories, all of them (APPNOTE.TXT 6.3.10 section 4.3).

Programs disagree which directory counts: the last, the first, or the local headers on the way. This one lists what any of them
would: every central directory that is not inside a member's data, and every local header. It promises linear time, bounded
counts, and that members that overlap (bombs) are listed but never unpacked.
"""

import struct
import zlib
from dataclasses import dataclass, replace

from screener.anatomy import charsets
from screener.anatomy.containers import unpacking
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, Member

_END = b"PK\x05\x06"
_CENTRAL = b"PK\x01\x02"
_LOCAL = b"PK\x03\x04"
_DESCRIPTOR = b"PK\x07\x08"
_MAX_DIRECTORIES = 16
_MAX_READINGS = 4  # of one member's octets, by as many headers that differ
_BARE_DESCRIPTOR = 20  # octets of the longest without a signature (4.3.9)
_DEFLATED = 8
_MOST_TABLES = 1024  # octets; what stands before the first octet of a deflated member is a third of that (RFC 1951 3.2.7)
_MAX_LOOKED_AT = 8 * 1024 * 1024  # octets unpacked to see where a stream ends
_END_FORMAT = struct.Struct("<4s4H2LH")
_CENTRAL_FORMAT = struct.Struct("<4s6H3L5H2L")
_LOCAL_FORMAT = struct.Struct("<4s5H3L2H")
_FULL = 0xFFFFFFFF
_ENCRYPTED, _STRONGLY = 1, 0x40  # flags; programs go by the first (4.4.4)
_SURELY, _RARELY = 4096, 64  # octets that never, and hardly ever, come out of what is encrypted


@dataclass(slots=True)
class _Entry:
    """A member by one of its headers; `data` is the offset of its octets, -1 until its local header is read."""

    name: bytes
    unicode: bool
    other_name: bytes  # of the Unicode path field (4.6.9), b"" without
    method: int
    locks: int  # what it says of encryption: _ENCRYPTED, _STRONGLY
    packed: int
    size: int  # -1 where it stands behind the data alone, and no directory tells it
    offset: int  # of the local header
    data: int = -1
    local: "_Entry | None" = None
    others: tuple["_Entry", ...] = ()  # headers of the same octets that say to unpack them otherwise


def listing(octets: bytes, ledger: Ledger, place: str) -> Listing:
    """Every member of a ZIP."""
    directories = _directories(octets, ledger.budget.container_members)
    central: dict[int, _Entry] = {}
    for _, entries in directories:
        for entry in entries:
            central.setdefault(entry.offset, entry)
    walked, complete = _walk(octets, central, ledger.budget.container_members)
    inner = _spans(walked)
    # One that ends within a member's data is that of a ZIP in this one. Where its entries point says nothing: whoever writes it
    # may point there, and readers follow.
    outer = [entries for end, entries in directories if not any(start <= end < stop for start, stop in inner)]
    if not outer and not walked:
        ledger.note(Defect.CONTAINER_DAMAGED, place)
        return Listing()
    if not outer:
        ledger.note(Defect.CONTAINER_DAMAGED, place)
    if not complete:
        ledger.note(Defect.CONTAINER_TOO_MANY_MEMBERS, place)
    entries = _union(octets, outer, walked, ledger, place)
    overlap = _overlaps(entries)
    if overlap:
        ledger.note(Defect.CONTAINER_OVERLAP, place)
    members = []
    for entry in entries:
        names = _names(entry)
        readings = (entry, *entry.others)
        if all(one.size <= 0 and one.packed == 0 for one in readings) and names and names[0].endswith(("/", "\\")):
            continue
        for one in readings:
            if not ledger.spend_member(place):
                break
            members.append(_member(octets, entry.data, one, names, overlap, ledger, place))
    return Listing(tuple(members), encrypted=any(member.encrypted for member in members))


def _directories(octets: bytes, limit: int) -> list[tuple[int, list[_Entry]]]:
    """The entries of every central directory with the offset of the record that ends it, the last first."""
    found: list[tuple[int, list[_Entry]]] = []
    at = octets.rfind(_END)
    while at >= 0 and len(found) < _MAX_DIRECTORIES:
        if at + 22 <= len(octets):
            begins = _begins(octets, at)
            found += [(at, _directory(octets, start, shift, limit)) for start, shift in begins.items()] or [(at, [])]
        at = octets.rfind(_END, 0, at)
    return found


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
            if 0 <= start <= end and octets[start : start + 4] in (_CENTRAL, _END, b"PK\x06\x06"):
                begins.setdefault(start, start - where)
    return begins


def _directory(octets: bytes, at: int, shift: int, limit: int) -> list[_Entry]:
    entries: list[_Entry] = []
    while octets[at : at + 4] == _CENTRAL and at + 46 <= len(octets) and len(entries) < limit:
        (_, _, _, flags, method, _, _, _, packed, size, name_size, extra_size, comment_size, _, _, _, offset) = (
            _CENTRAL_FORMAT.unpack_from(octets, at)
        )
        name = octets[at + 46 : at + 46 + name_size]
        extra = octets[at + 46 + name_size : at + 46 + name_size + extra_size]
        entry = _Entry(name, bool(flags & 0x800), b"", method, flags & (_ENCRYPTED | _STRONGLY), packed, size, offset)
        _extra(entry, extra, central=True)
        entry.offset += shift
        entries.append(entry)
        at += 46 + name_size + extra_size + comment_size
    return entries


def _extra(entry: _Entry, extra: bytes, *, central: bool) -> None:
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


def _local(octets: bytes, at: int) -> _Entry | None:
    """The local header at an offset."""
    if at < 0 or octets[at : at + 4] != _LOCAL or at + 30 > len(octets):
        return None
    _, _, flags, method, _, _, _, packed, size, name_size, extra_size = _LOCAL_FORMAT.unpack_from(octets, at)
    name = octets[at + 30 : at + 30 + name_size]
    entry = _Entry(name, bool(flags & 0x800), b"", method, flags & (_ENCRYPTED | _STRONGLY), packed, size, at)
    entry.data = at + 30 + name_size + extra_size
    _extra(entry, octets[at + 30 + name_size : entry.data], central=False)
    if flags & 8 and entry.packed == 0:
        entry.packed = -1  # stands behind the data (4.3.9)
    return entry


def _walk(octets: bytes, central: dict[int, _Entry], limit: int) -> tuple[list[_Entry], bool]:
    """The local headers one after the other, as programs do that never look at the end."""
    found: list[_Entry] = []
    at = octets.find(_LOCAL)
    ends = [_Next(octets, mark) for mark in (_DESCRIPTOR, _CENTRAL, _LOCAL)]
    while at >= 0:
        if len(found) >= limit:
            return found, False
        entry = _local(octets, at)
        if entry is None:
            break
        if entry.packed < 0:
            until = max(0, min(end.after(entry.data) for end in ends) - entry.data)
            known = central.get(at)
            if known is None or _goes_on(octets, entry, known.packed, until):
                entry.packed, entry.size = until, -1
            else:
                entry.packed, entry.size = known.packed, known.size
        found.append(entry)
        after = entry.data + entry.packed
        at = octets.find(_LOCAL, min(after, len(octets)))
    return found, True


def _goes_on(octets: bytes, entry: _Entry, packed: int, until: int) -> bool:
    """Whether there is more up to the next mark than the directory says and a data descriptor: to readers of streams it is data."""
    if until - packed <= (_BARE_DESCRIPTOR if packed else 0) or not octets[entry.data + packed : entry.data + until].strip(b"\0"):
        return False
    if entry.method != _DEFLATED:
        return True
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        stream.decompress(octets[entry.data : entry.data + packed], _MAX_LOOKED_AT)
    except zlib.error:
        return True
    return not stream.eof


class _Next:
    """Where a mark stands next; asked with rising offsets, so that a far or missing one is searched for once."""

    def __init__(self, octets: bytes, mark: bytes) -> None:
        self._octets = octets
        self._mark = mark
        self._at = -1

    def after(self, start: int) -> int:
        """The next offset of the mark from `start` on, the end of the octets where there is none."""
        if self._at < start:
            at = self._octets.find(self._mark, start)
            self._at = len(self._octets) if at < 0 else at
        return self._at


def _spans(entries: list[_Entry]) -> list[tuple[int, int]]:
    return [(entry.data, entry.data + entry.packed) for entry in entries if entry.packed > 0]


def _union(octets: bytes, outer: list[list[_Entry]], walked: list[_Entry], ledger: Ledger, place: str) -> list[_Entry]:
    """Central and local entries together; they should say the same."""
    found: dict[tuple[int, bytes], _Entry] = {}
    locals_at = {entry.offset: entry for entry in walked}
    for entries in outer:
        for entry in entries:
            known = found.setdefault((entry.offset, entry.name), entry)
            if known is not entry:
                _read_otherwise(known, entry)
                continue
            entry.local = locals_at.get(entry.offset) or _local(octets, entry.offset)
            if entry.local is not None:
                entry.data = entry.local.data
                if entry.local.packed < 0:
                    entry.local.packed, entry.local.size = entry.packed, entry.size
                if entry.local.name != entry.name or _read_otherwise(entry, entry.local):
                    ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
    if len([entries for entries in outer if entries]) > 1:
        ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
    central_offsets = {offset for offset, _ in found}
    for entry in walked:
        if entry.offset not in central_offsets:
            if outer:
                ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
            found.setdefault((entry.offset, entry.name), entry)
    for entry in found.values():
        if entry.data < 0:
            ledger.note(Defect.CONTAINER_DAMAGED, place)
    return list(found.values())


def _read_otherwise(entry: _Entry, other: _Entry) -> bool:
    """Whether programs that go by another header of a member get other octets, or none; then both readings are kept."""
    if other.packed == 0 and other.size <= 0:  # no sizes: programs that go by them see an empty file, others unpack to the end
        other = replace(other, packed=entry.packed, size=entry.size)
    readings = (entry, *entry.others)
    if any(_alike(one, other) for one in readings):
        return False
    if len(readings) < _MAX_READINGS:
        entry.others = (*entry.others, other)
    return True


def _alike(one: _Entry, other: _Entry) -> bool:
    return (one.method, one.locks, one.packed, one.size) == (other.method, other.locks, other.packed, other.size)


def _overlaps(entries: list[_Entry]) -> bool:
    spans = sorted({(entry.data, entry.data + entry.packed) for entry in entries if entry.data >= 0 and entry.packed > 0})
    # Two names for one member's data are no bomb while there are few of them.
    last = -1
    for start, stop in spans:
        if start < last:
            return True
        last = max(last, stop)
    names: dict[int, int] = {}
    for entry in entries:
        if entry.data >= 0 and entry.packed > 0:
            names[entry.data] = names.get(entry.data, 0) + 1
    return max(names.values(), default=0) > 2


def _names(entry: _Entry) -> tuple[str, ...]:
    """Every reading of the name: UTF-8 or DOS (4.4.4, appendix D), the Unicode path, and the local header's."""
    found: dict[str, None] = {}
    for one in (entry, entry.local):
        if one is None:
            continue
        if one.unicode or one.name.isascii():
            found.setdefault(one.name.decode("utf-8", "replace"))
        else:
            for charset in ("utf-8", "cp437", "cp1252"):
                found.setdefault(charsets.text(one.name, charset))
        if one.other_name:
            found.setdefault(one.other_name.decode("utf-8", "replace"))
    return tuple(found)


def _member(octets: bytes, data: int, entry: _Entry, names: tuple[str, ...], overlap: bool, ledger: Ledger, place: str) -> Member:
    """A member as one of its headers describes it; its octets begin at `data`."""
    said = max(0, entry.size)
    encrypted = bool(entry.locks & _ENCRYPTED)
    if overlap or data < 0:
        return Member(names, said, encrypted, entry.packed)
    packed = memoryview(octets)[data : data + entry.packed]
    if entry.locks and (not encrypted or _is_plain(packed, entry)):
        ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
    elif encrypted:
        return Member(names, said, encrypted, entry.packed)
    is_cut = data + entry.packed > len(octets)

    def read(limit: int) -> bytes:
        found = unpacking.unpack(packed, entry.method, limit)
        if found.damage not in ("", unpacking.CUT):
            ledger.note(Defect.CONTAINER_DAMAGED, place)
        content = found.content
        if content and 0 <= entry.size != len(content) and (len(content) > entry.size or (len(content) < limit and not is_cut)):
            ledger.note(Defect.CONTAINER_AMBIGUOUS, place)  # some programs end where it says, some go on to the end
        return content

    lacking = is_cut and _is_nothing_yet(octets[data : data + _MOST_TABLES], entry.method)
    return Member(names, 0 if lacking else said, packed=entry.packed, read=read)


def _is_plain(packed: memoryview, entry: _Entry) -> bool:
    """Whether a member that says it is encrypted unpacks without a password: some programs go by what it is.

    What is encrypted comes to a stream's end in one of some hundred cases, and nearly never at the right place (measured).
    """
    if entry.method == 0:
        return 0 < entry.size == entry.packed  # any cipher takes room of its own
    found = unpacking.unpack(packed, entry.method, _SURELY)
    size = len(found.content)
    if size >= _SURELY or not size:
        return size > 0
    ends, as_said = found.end == len(packed), size == entry.size
    return found.is_whole and (ends or as_said if size >= _RARELY else ends and as_said)


def _is_nothing_yet(packed: bytes, method: int) -> bool:
    """Whether packed data that are cut off end before anything comes out of them, which is no fault of theirs."""
    if method != _DEFLATED or not packed or len(packed) == _MOST_TABLES:
        return not packed
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        return not stream.decompress(packed, 1) and not stream.eof
    except zlib.error:
        return False
