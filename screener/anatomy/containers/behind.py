"""ZIPs that are found in the midst of another container because files in it are such: Office documents in a tar, in winmail.dat.

Promises: linear in the octets; says yes only where every ZIP that a program could find from outside stands in the files, each of
which is opened for itself: word for word, or in one that packs, where stretches that it could not pack stand as they are.
"""

import re
from collections.abc import Iterable
from itertools import pairwise

from screener.anatomy import filetype
from screener.anatomy.containers import archive, streams
from screener.anatomy.member import Member

# Containers that programs know by their beginning, and that pack what can be packed.
PACKED = frozenset(streams.ENDINGS) | {"application/x-7z-compressed"}
_END = b"PK\x05\x06"
_ENDS = re.compile(rb"PK\x05\x06[\s\S]{18}")
_END_SIZE = 22
_LOCAL = b"PK\x03\x04"
_MAX_ALIKE = 4  # files that end with the same record, that are compared
_HEAD = 64 * 1024
_MUCH_MORE = 16  # times what a file that hardly packs unpacks to


def are_files(octets: bytes, files: Iterable[bytes]) -> bool:
    """Whether every directory and every member of a ZIP in a container stands in one of its files, which begins as a ZIP."""
    ends: dict[bytes, list[tuple[int, bytes]]] = {}
    for file in files:
        if file.startswith(_LOCAL) and (at := file.find(_END)) >= 0:
            ends.setdefault(file[at : at + _END_SIZE], []).append((at, file))
    stops = [(0, 0)]  # of each file where it stands
    at = octets.find(_END) if ends else 0
    while at >= 0:
        alike = ends.get(octets[at : at + _END_SIZE], [])[:_MAX_ALIKE]
        found = [(at - end, at - end + len(file)) for end, file in alike if octets.startswith(file, max(0, at - end))]
        if not found:
            return False
        stops.append(found[0])
        at = octets.find(_END, found[0][1])
    stops.append((len(octets), len(octets)))
    return not any(octets.find(_LOCAL, stop, start) >= 0 for (_, stop), (start, _) in pairwise(stops))


def are_unpacked(octets: bytes, members: Iterable[Member], limit: int) -> bool:
    """Whether every directory of a ZIP that shows through a container that packs ends in one of its files, which is a container.

    What shows of the members has the container's own marks within it: as a ZIP it is damaged, or another, and nobody's file.
    """
    ends = set(_ENDS.findall(octets))
    for member in members:
        if not ends:
            break
        file = member.read(min(limit, _MUCH_MORE * len(octets) + _HEAD))
        if not filetype.identify(file[:_HEAD]).types.isdisjoint(archive.CONTAINERS):
            ends.difference_update(_ENDS.findall(file))
    return not ends
