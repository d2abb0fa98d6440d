"""A reader of ZIP's directories, all of them (APPNOTE.TXT 6.3.10 section 4.3).

Programs disagree which directory counts: the last, the first, or the local headers on the way. This one lists what any of them
would: every central directory that is not inside a member's data, and every local header. It promises linear time, bounded
counts, and that members that overlap (bombs) are listed but never unpacked.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from screener.anatomy import charsets
from screener.anatomy.containers import links, unpacking, zip_headers
from screener.anatomy.containers.zip_headers import Entry
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, Member

_DESCRIPTOR = b"PK\x07\x08"
_MAX_DIRECTORIES = 16
_MAX_READINGS = 4  # of one member's octets, by as many headers that differ
_BARE_DESCRIPTOR = 20  # octets of the longest without a signature (4.3.9)
_DEFLATED = 8
_MOST_TABLES = 1024  # octets; what stands before the first octet of a deflated member is a third of that (RFC 1951 3.2.7)
_MAX_LOOKED_AT = 8 * 1024 * 1024  # octets unpacked to see where a stream ends
_MAX_PATH = 4096  # octets of a symbolic link
_SURELY, _RARELY = 4096, 64  # octets that never, and hardly ever, come out of what is encrypted


def listing(octets: bytes, ledger: Ledger, place: str) -> Listing:
    """Every member of a ZIP."""
    directories = list(islice(zip_headers.directories(octets, ledger.budget.container_members), _MAX_DIRECTORIES))
    central: dict[int, Entry] = {}
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
    members: list[Member] = []
    linking: list[bool] = []
    for entry in entries:
        names = _names(entry)
        readings = (entry, *entry.others)
        if all(one.size <= 0 and one.packed == 0 for one in readings) and names and names[0].endswith(("/", "\\")):
            continue
        for one in readings:
            if not ledger.spend_member(place):
                break
            members.append(_member(octets, entry.data, one, names, overlap, ledger, place))
            linking.append(entry.is_link)
    if any(linking):
        members.extend(_linked(members, linking, ledger, place))
    return Listing(tuple(members), encrypted=any(member.encrypted for member in members))


def _linked(members: Sequence[Member], linking: Sequence[bool], ledger: Ledger, place: str) -> Iterator[Member]:
    """What symbolic links lead to: programs on Unix write such a link, others a file with the path in it."""
    every = list(zip(members, linking, strict=True))
    plain = [(member, "") for member, is_link in every if not is_link]
    ways = [
        (Member(member.names, 0), links.beside(member.names[0], charsets.text(member.read(_MAX_PATH), "utf-8")))
        for member, is_link in every
        if is_link and member.names
    ]
    quiet = Ledger(ledger.budget, 0)  # what is read of each is counted there
    for found in links.followed([*plain, *ways], quiet, place)[len(plain) :]:
        if found.encrypted or found.read(1):
            if not ledger.spend_member(place):
                return
            yield found


def alone(octets: bytes, entry: Entry, ledger: Ledger, place: str) -> Member:
    """A member as a directory has it, whose local header is read."""
    return _member(octets, entry.data, entry, _names(entry), False, ledger, place)


def _walk(octets: bytes, central: dict[int, Entry], limit: int) -> tuple[list[Entry], bool]:
    """The local headers one after the other, as programs do that never look at the end."""
    found: list[Entry] = []
    at = octets.find(zip_headers.LOCAL)
    ends = [_Next(octets, mark) for mark in (_DESCRIPTOR, zip_headers.CENTRAL, zip_headers.LOCAL)]
    while at >= 0:
        if len(found) >= limit:
            return found, False
        entry = zip_headers.local(octets, at)
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
        at = octets.find(zip_headers.LOCAL, min(after, len(octets)))
    return found, True


def _goes_on(octets: bytes, entry: Entry, packed: int, until: int) -> bool:
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


def _spans(entries: list[Entry]) -> list[tuple[int, int]]:
    return [(entry.data, entry.data + entry.packed) for entry in entries if entry.packed > 0]


def _union(octets: bytes, outer: list[list[Entry]], walked: list[Entry], ledger: Ledger, place: str) -> list[Entry]:
    """Central and local entries together; they should say the same."""
    found: dict[tuple[int, bytes], Entry] = {}
    locals_at = {entry.offset: entry for entry in walked}
    for entries in outer:
        for entry in entries:
            known = found.setdefault((entry.offset, entry.name), entry)
            if known is not entry:
                _read_otherwise(known, entry)
                continue
            entry.local = locals_at.get(entry.offset) or zip_headers.local(octets, entry.offset)
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


def _read_otherwise(entry: Entry, other: Entry) -> bool:
    """Whether programs that go by another header of a member get other octets, or none; then both readings are kept."""
    if other.packed == 0 and other.size <= 0:  # no sizes: programs that go by them see an empty file, others unpack to the end
        other = replace(other, packed=entry.packed, size=entry.size)
    readings = (entry, *entry.others)
    if any(_alike(one, other) for one in readings):
        return False
    if len(readings) < _MAX_READINGS:
        entry.others = (*entry.others, other)
    return True


def _alike(one: Entry, other: Entry) -> bool:
    return (one.method, one.locks, one.packed, one.size) == (other.method, other.locks, other.packed, other.size)


def _overlaps(entries: list[Entry]) -> bool:
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


def _names(entry: Entry) -> tuple[str, ...]:
    """Every reading of the name: UTF-8 or DOS (4.4.4, appendix D), the Unicode path, and the local header's.

    Not by `names.readings`: what is UTF-8 and does not say so is DOS's to some programs, and none settles it for the others.
    """
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


def _member(octets: bytes, data: int, entry: Entry, names: tuple[str, ...], overlap: bool, ledger: Ledger, place: str) -> Member:
    """A member as one of its headers describes it; its octets begin at `data`."""
    said = max(0, entry.size)
    encrypted = bool(entry.locks & zip_headers.ENCRYPTED)
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
        if not content and not said and entry.packed > 0 and not (found.is_whole or found.damage):
            ledger.note(Defect.CONTAINER_METHOD, place)  # which is not known here; readers that know it go by what is packed
        if content and 0 <= entry.size != len(content) and (len(content) > entry.size or (len(content) < limit and not is_cut)):
            ledger.note(Defect.CONTAINER_AMBIGUOUS, place)  # some programs end where it says, some go on to the end
        return content

    def last(limit: int) -> bytes:
        return bytes(packed[-limit:]) if entry.method == 0 else b""

    lacking = is_cut and _is_nothing_yet(octets[data : data + _MOST_TABLES], entry.method)
    return Member(names, 0 if lacking else said, packed=entry.packed, read=read, last=last)


def _is_plain(packed: memoryview, entry: Entry) -> bool:
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
