"""Base64 without a fault, decoded at memory speed: the only module that knows `pybase64`.

Promises: what it decodes is what the strict reading of RFC 4648 3 and RFC 2045 6.8 gives with blanks and line ends left out, and
nothing speaks against it; None where anything does, and for `transfer` to look at in all readings.
"""

import binascii
from array import array

import pybase64

_BLANKS = b" \t\r\n"
_LONGEST_LINE = 998  # RFC 5322 2.1.1
_AT_ONCE = 256 * 1024  # octets that stay in the processor's cache while they are worked on


def decode(octets: bytes | memoryview) -> bytes | None:
    """What the octets are, None where they are not base64 from the first to the last."""
    view = memoryview(octets)
    line = bytes(view[: _LONGEST_LINE + 2]).find(b"\r\n")
    pieces: list[bytes] = []
    try:
        at = _even_lines(view, line, pieces) if line > 0 and line % 4 == 0 else 0
        if at < 0:
            return None
        pieces.append(pybase64.b64decode(bytes(view[at:]).translate(None, _BLANKS), validate=True))
    except (binascii.Error, ValueError):
        return None
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _even_lines(view: memoryview, line: int, pieces: list[bytes]) -> int:
    """Decode lines of one length as far as they go; the offset behind, -1 where padding stands between.

    Line ends at even distances are cut out there, two octets at once, which is five times as fast as to look for them.
    """
    first, apart = line // 2, line // 2 + 1
    at = 0
    while count := min(_AT_ONCE, len(view) - at) // (line + 2):
        size = count * (line + 2)
        piece = array("H")
        piece.frombytes(view[at : at + size])
        if piece[first::apart].tobytes() != b"\r\n" * count:
            break
        del piece[first::apart]
        try:
            decoded = pybase64.b64decode(piece, validate=True)
        except binascii.Error:  # blank lines at the end, as many as look like one
            break
        at += size
        if len(decoded) < count * line // 4 * 3 and bytes(view[at:]).strip(_BLANKS):
            return -1
        pieces.append(decoded)
    return at
