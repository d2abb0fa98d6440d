"""ZIPs that are found in the midst of another container because files in it are such: Office documents in a tar, in winmail.dat.

Promises: linear in the octets; nothing that a program could find from outside is left out but what stands in the files word for
word, each of which is opened for itself, and in containers that pack what could be packed in part: that has their marks within it.
"""

import zlib
from collections.abc import Iterable, Iterator
from itertools import chain

from screener.anatomy import filetype
from screener.anatomy.containers import archive, streams, unpacking, zip_headers, zipped
from screener.anatomy.containers.zip_headers import Entry
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, Member
from screener.anatomy.office import compound

# Containers that programs know by their beginning, and that pack what can be packed, or keep it in sectors in any order.
PACKED = frozenset(streams.ENDINGS) | {
    "application/x-ole-storage",
    "application/x-7z-compressed",
    "application/x-xar",
    "application/vnd.ms-cab-compressed",
    "application/zstd",
    "application/x-lz4",
    "application/x-lzip",
    "application/x-compress",
}
_END = b"PK\x05\x06"
_END_SIZE = 22
_LOCAL = b"PK\x03\x04"
_MAX_ALIKE = 4  # files that end with the same record, but have another size or something else behind it, that are compared
_HEAD = 64 * 1024
_MAX_DIRECTORIES = 1_024
_MANY_TIMES = 4  # its size, that is looked at of one whose members overlap
_METHODS = frozenset((0, 8, 12, 14))
_MUCH_MORE = 16  # times what a file that hardly packs unpacks to


def are_files(octets: bytes, files: Iterable[bytes], ledger: Ledger) -> bool:
    """Whether every directory and every member of a ZIP in a container stands in one of its files, which begins as a ZIP, and
    says no more there than in the file alone."""
    sizes: dict[bytes, set[int]] = {}  # by the record that ends a file: how much of it stands before that, …
    begun: dict[bytes, list[bytes]] = {}  # … and by all of that: the files
    for file in files:
        if file.startswith(_LOCAL) and (at := file.rfind(_END)) >= 0:
            sizes.setdefault(file[at : at + _END_SIZE], set()).add(at)
            begun.setdefault(file[: at + _END_SIZE], []).append(file)
    standing: list[tuple[int, bytes]] = []  # each file where it stands, the last first: so its last record is met first
    until = len(octets)
    while sizes and (at := octets.rfind(_END, 0, until)) >= 0:
        starts = [at - size for size in sorted(sizes.get(octets[at : at + _END_SIZE], ()))[:_MAX_ALIKE] if size <= at]
        alike = ((start, file) for start in starts for file in begun.get(octets[start : at + _END_SIZE], [])[:_MAX_ALIKE])
        found = next(
            ((start, file) for start, file in alike if start + len(file) <= until and octets.startswith(file, start)), None
        )
        if found is None or octets.find(_LOCAL, found[0] + len(found[1]), until) >= 0:
            return False
        standing.append(found)
        until = found[0]
    if not sizes or octets.find(_LOCAL, 0, until) >= 0:
        return False
    if (said := _entries(octets, ledger)) is None:
        return False
    known = {one for start, file in standing for one in _within(start, file, ledger)}
    return all((entry.offset, entry.written) in known for entry in said if entry.local is not None)


def _within(start: int, file: bytes, ledger: Ledger) -> Iterator[tuple[int, bytes]]:
    """What the directories of a file that stands there say of members that are in it."""
    for entry in _entries(file, ledger) or ():
        if entry.local is not None and entry.data + entry.packed <= len(file):
            yield start + entry.offset, entry.written


def shown(octets: bytes, members: Iterable[Member], ledger: Ledger, place: str) -> Listing | None:
    """Of ZIPs that show through a container that packs the members that are whole; None where they are not those of its files.

    What else shows has the container's own marks within it: as a ZIP it is damaged, and nobody's file.
    """
    entries = _entries(octets, ledger)
    limit = min(ledger.unpacked_left, _MUCH_MORE * len(octets) + _HEAD)
    known: dict[tuple[bytes, bytes], memoryview] = {}
    files = chain((member.read(limit) for member in members), _streams(octets)) if entries else ()
    for file in files:
        if not filetype.identify(file[:_HEAD]).types.isdisjoint(archive.CONTAINERS):
            for entry in _entries(file, ledger) or ():
                known[_headers(entry)] = known[entry.written, b""] = _data(file, entry)
    if entries is None or any(_headers(entry) not in known for entry in entries):
        return None
    whole = []
    for entry in entries:
        data = _data(octets, entry)
        if entry.local is None:
            continue
        if data != known[_headers(entry)] and entry.method in _METHODS and not entry.locks:
            content = unpacking.unpack(data, entry.method, limit).content
            limit -= len(content)
            if limit <= 0:
                return None
            if zlib.crc32(content) != entry.checksum:
                continue
        whole.append(entry)
    if entries and len(whole) == len(entries):  # a ZIP, whatever stands before it
        return None
    quiet = Ledger(ledger.budget, len(octets))  # it is no file that must be sound
    found = [zipped.alone(octets, entry, quiet, place) for entry in whole if entry.packed and ledger.spend_member(place)]
    return Listing(tuple(found), encrypted=any(member.encrypted for member in found))


def _streams(octets: bytes) -> Iterator[bytes]:
    """What is kept in a compound file: presentations have ZIPs within."""
    if octets.startswith(compound.SIGNATURE):
        files = compound.Compound(octets)
        for entry in files.entries:
            if entry.is_stream and _LOCAL in (stream := files.read(entry, len(octets))):
                yield stream


def _entries(octets: bytes, ledger: Ledger) -> list[Entry] | None:
    """What every directory has; None where that is more than can be looked at."""
    found: dict[tuple[int, bytes], Entry] = {}
    room = _MANY_TIMES * len(octets)
    for number, (_, entries) in enumerate(zip_headers.directories(octets, ledger.budget.container_members)):
        for entry in entries:
            entry.local = zip_headers.local(octets, entry.offset)
            room -= len(entry.written)
            if entry.local is not None:
                entry.data = entry.local.data
                room -= len(entry.local.written) + len(_data(octets, entry))
            found[entry.offset, entry.written] = entry
        if room < 0 or number >= _MAX_DIRECTORIES:
            return None
    return list(found.values())


def _headers(entry: Entry) -> tuple[bytes, bytes]:
    """What is said of a member, word for word; b"" for the header before it where that is not there."""
    return entry.written, b"" if entry.local is None else entry.local.written


def _data(octets: bytes, entry: Entry) -> memoryview:
    return memoryview(octets)[entry.data : entry.data + entry.packed]
