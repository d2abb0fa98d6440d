"""AppleSingle and AppleDouble (RFC 1740 appendix A, B): the true name and the data of a file from a Macintosh.

Promises: linear, bounded by the number of entries, never raises.
"""

import struct

from screener.anatomy import charsets
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, held

_DATA, _NAME = 1, 3
_MAX_ENTRIES = 100


def read(octets: bytes, ledger: Ledger, place: str) -> Listing:
    """The file in it, under its true name; in AppleDouble the name alone, its data is a part of its own."""
    if len(octets) < 26:
        return Listing()
    count = min(int.from_bytes(octets[24:26], "big"), _MAX_ENTRIES)
    names: list[str] = []
    data = b""
    for at in range(26, 26 + 12 * count, 12):
        if at + 12 > len(octets):
            break
        entry, offset, length = struct.unpack_from(">LLL", octets, at)
        content = octets[offset : offset + length]
        if entry == _NAME:
            names += [charsets.text(content[:1024], "utf-8"), charsets.text(content[:1024], "mac_roman")]
        elif entry == _DATA:
            data = content
    ledger.spend_unpacked(len(data), place)
    if not (names or data) or ledger.unpacked_left <= 0 or not ledger.spend_member(place):
        return Listing()
    return Listing((held(names, data),))
