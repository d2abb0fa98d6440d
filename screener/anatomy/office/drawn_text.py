"""Letters that are drawn (WordArt, watermarks) in Office's binary documents: they stand among the properties of a shape (MS-ODRAW).

Promises: linear, bounded, never raises.
"""

import re
import struct
from collections.abc import Iterator

_MAX_TEXTS = 1_000
_LONGEST = 4_096  # octets of one
# A table of properties (2.2.9): version 3, how many, its kind, its size; then six octets each, then what did not fit in those.
_TABLE = re.compile(rb"[\x03\x13\x23\x33\x43\x53\x63\x73\x83\x93\xa3\xb3\xc3\xd3\xe3\xf3][\0-\x0f]\x0b\xf0")
_HEAD, _EACH = 8, 6
_MORE = 0x8000  # what is said of a property stands behind the table
_UNICODE = 0x80C0  # the letters themselves (2.3.22.1)


def read(stream: bytes) -> Iterator[str]:
    """What is drawn in letters."""
    at = found = 0
    while found < _MAX_TEXTS and (table := _TABLE.search(stream, at)) is not None:
        count = int.from_bytes(stream[table.start() : table.start() + 2], "little") >> 4
        first = table.start() + _HEAD
        at = behind = min(first + _EACH * count, len(stream))
        for kind, value in struct.iter_unpack("<HL", stream[first : first + (at - first) // _EACH * _EACH]):
            if kind == _UNICODE:
                found += 1
                yield stream[behind : min(behind + value, behind + _LONGEST)].decode("utf-16-le", "replace").rstrip("\0")
            behind += value if kind & _MORE else 0
