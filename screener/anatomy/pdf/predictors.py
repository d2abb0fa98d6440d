"""The predictors of a PDF's filters undone (ISO 32000-1 7.4.4.4): differences between octets, as TIFF and PNG have them.

Promises: linear, never raises.
"""

from itertools import accumulate


def unpredicted(content: bytes, predictor: int, columns: int, colours: int, bits: int) -> bytes:
    """TIFF's or PNG's differences undone (7.4.4.4; PNG 9.2); b"" for TIFF's of other than whole octets."""
    width = max(1, (colours * bits * columns + 7) // 8)
    apart = max(1, colours * bits // 8)
    out = bytearray()
    if predictor == 2:
        if bits != 8:
            return b""
        for at in range(0, len(content), width):
            out += _sums(content[at : at + width], apart)
        return bytes(out)
    above = bytes(width)
    low, high = int.from_bytes(b"\x7f" * width, "little"), int.from_bytes(b"\x80" * width, "little")
    for at in range(0, len(content) - 1, width + 1):
        row = content[at + 1 : at + 1 + width]
        size = len(row)
        match content[at]:
            case 1:
                row = _sums(row, apart)
            case 2:
                mine, theirs = int.from_bytes(row, "little"), int.from_bytes(above, "little")
                # All octets at once: their lower bits are added, the highest without its carry.
                row = (((mine & low) + (theirs & low)) ^ ((mine ^ theirs) & high)).to_bytes(width, "little")[:size]
            case 3:
                row = _averages(row, above, apart)
            case 4:
                row = _paeth(row, above, apart)
            case _:
                pass
        out += row
        above = row.ljust(width, b"\0")
    return bytes(out)


def _sums(row: bytes, apart: int) -> bytes:
    out = bytearray(row)
    for first in range(min(apart, len(row))):
        out[first::apart] = bytes([value & 255 for value in accumulate(row[first::apart])])
    return bytes(out)


def _averages(row: bytes, above: bytes, apart: int) -> bytes:
    out = bytearray(apart) + row
    for index, (value, up) in enumerate(zip(row, above, strict=False), apart):
        out[index] = (value + (out[index - apart] + up >> 1)) & 255
    return bytes(out[apart:])


def _paeth(row: bytes, above: bytes, apart: int) -> bytes:
    out = bytearray(apart) + row
    corners = bytes(apart) + above
    for index, (value, up) in enumerate(zip(row, above, strict=False), apart):
        left, corner = out[index - apart], corners[index - apart]
        by_left, by_up, by_corner = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
        nearest = left if by_left <= by_up and by_left <= by_corner else up if by_up <= by_corner else corner
        out[index] = (value + nearest) & 255
    return bytes(out[apart:])
