"""ZIPs that are found in the midst of another container because files in it are such: Office documents in a tar, in winmail.dat.

Promises: linear in the octets; says yes only where every ZIP that a program could find from outside stands in the files word for
word, each of which is opened for itself.
"""

from collections.abc import Iterable
from itertools import pairwise

_END = b"PK\x05\x06"
_END_SIZE = 22
_LOCAL = b"PK\x03\x04"
_MAX_ALIKE = 4  # files that end with the same record, that are compared


def are_files(octets: bytes, files: Iterable[bytes]) -> bool:
    """Whether every directory and every member of a ZIP in a container stands in one of its files, which begins as a ZIP."""
    ends: dict[bytes, list[tuple[int, bytes]]] = {}
    for file in files:
        if file.startswith(_LOCAL) and (at := file.find(_END)) >= 0:
            ends.setdefault(file[at : at + _END_SIZE], []).append((at, file))
    stops = [(0, 0)]  # of each file where it stands
    at = octets.find(_END)
    while at >= 0:
        alike = ends.get(octets[at : at + _END_SIZE], [])[:_MAX_ALIKE]
        found = [(at - end, at - end + len(file)) for end, file in alike if octets.startswith(file, max(0, at - end))]
        if not found:
            return False
        stops.append(found[0])
        at = octets.find(_END, found[0][1])
    stops.append((len(octets), len(octets)))
    return not any(octets.find(_LOCAL, stop, start) >= 0 for (_, stop), (start, _) in pairwise(stops))
