"""Deflated data (RFC 1950, RFC 1951) as PDF's readers take it: up to where it is damaged, whatever its sum.

Promises: gives at most what it is asked for, never raises; linear.
"""

import zlib
from collections.abc import Iterable

Packed = bytes | memoryview

_STEPS = (4_096, 64, 1)  # octets by which the place of damage is found


def inflated(packed: Iterable[Packed], limit: int) -> tuple[bytes, int, bool]:
    """The first octets of deflated data, up to where it is damaged, how many went in, and whether it is."""
    stream = zlib.decompressobj()
    fed: list[Packed] = []
    out: list[bytes] = []
    size = used = 0
    try:
        for octets in packed:
            if size >= limit or stream.eof:
                break
            fed.append(octets)
            used += len(octets)
            piece = stream.decompress(octets, limit - size)
            while True:
                out.append(piece)
                size += len(piece)
                if size >= limit or not stream.unconsumed_tail:
                    break
                piece = stream.decompress(stream.unconsumed_tail, limit - size)
    except zlib.error:
        content, is_damaged = _salvaged(b"".join(fed), limit)
        return content, used, is_damaged
    return b"".join(out), used - len(stream.unused_data), False


def headless(packed: bytes, limit: int) -> tuple[bytes, bool]:
    """The same of data whose first two octets are damaged, or missing: some readers pass over them."""
    return max((_sound(packed, begin, limit) for begin in (2, 0)), key=lambda found: (not found[1], len(found[0])))


def _salvaged(packed: bytes, limit: int) -> tuple[bytes, bool]:
    """What comes out before the damage, which readers show, and whether there is any: no reader asks for the sum at the end."""
    if len(packed) < 2 or packed[0] & 15 != zlib.DEFLATED or packed[1] & 32 or int.from_bytes(packed[:2]) % 31:
        return b"", True
    return _sound(packed, 2, limit)


def _sound(packed: bytes, begin: int, limit: int) -> tuple[bytes, bool]:
    """What comes out before the damage of data that begin at an offset, and whether there is any."""
    sound = begin
    content = b""
    for step in _STEPS:
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        out = [stream.decompress(packed[begin:sound], limit)]
        size = len(out[0])
        try:
            while sound < len(packed) and size < limit and not stream.eof:
                out.append(stream.decompress(packed[sound : sound + step], limit - size))
                size += len(out[-1])
                sound += step
        except zlib.error:
            content = b"".join(out)
            continue
        return b"".join(out), False
    return content, True
