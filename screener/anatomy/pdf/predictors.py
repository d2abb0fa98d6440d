"""The predictors of a PDF's filters undone (ISO 32000-1 7.4.4.4): differences between octets, as TIFF and PNG have them.

Promises: linear, makes at most so many octets one by one as it is told, never raises.
"""

from itertools import accumulate

_NARROW = 64  # octets of rows that are undone column by column: each row by itself would cost more than its octets
_ALIKE = (b"\0", b"\2")  # what all rows of a table are, as programs write it: nothing done, or the octets above taken off …
_AT_ONCE = 8  # … of which so many cost as much as one made by itself


def unpredicted(content: bytes, predictor: int, columns: int, colours: int, bits: int, steps: int) -> tuple[bytes, int]:
    """TIFF's or PNG's differences undone (7.4.4.4; PNG 9.2), b"" for TIFF's of other than whole octets; and how many of the
    steps it took, all of them where it is not the whole."""
    width = min(max(1, (colours * bits * columns + 7) // 8), max(1, len(content)))
    apart = min(max(1, colours * bits // 8), width)
    if predictor == 2:
        content = content[:steps]
        return b"" if bits != 8 else _tiff(content, width, apart), len(content)
    kinds = content[:: width + 1]
    if width <= _NARROW and kinds[:1] in _ALIKE and kinds == kinds[:1] * len(kinds):
        content = content[: _AT_ONCE * steps]
        return _alike(content, width), -(-len(content) // _AT_ONCE)
    content = content[:steps]
    return _narrow(content, width, apart) if width <= _NARROW else _wide(content, width, apart), len(content)


def _tiff(content: bytes, width: int, apart: int) -> bytes:
    if width > _NARROW:
        return b"".join(_sums(content[at : at + width], apart) for at in range(0, len(content), width))
    out = bytearray(content)
    for column in range(apart, width):
        pairs = zip(content[column::width], out[column - apart :: width], strict=False)
        out[column::width] = bytes([(one + left) & 255 for one, left in pairs])
    return bytes(out)


def _alike(content: bytes, width: int) -> bytes:
    """Narrow rows of PNG's that are all of one of two kinds."""
    out = bytearray(len(content) - len(content[:: width + 1]))
    for column in range(width):
        mine = content[column + 1 :: width + 1]
        out[column::width] = mine if content[:1] == _ALIKE[0] else bytes([value & 255 for value in accumulate(mine)])
    return bytes(out)


def _narrow(content: bytes, width: int, apart: int) -> bytes:
    """Narrow rows of PNG's of whatever kinds."""
    kinds = content[:: width + 1]
    out = bytearray(len(content) - len(kinds))
    for column in range(width):
        left = out[column - apart :: width] if column >= apart else bytearray(len(kinds))
        out[column::width] = _column(kinds, content[column + 1 :: width + 1], left)
    return bytes(out)


def _column(kinds: bytes, mine: bytes, left: bytearray) -> bytearray:
    out = bytearray()
    up = corner = 0
    for kind, value, beside in zip(kinds, mine, left, strict=False):
        if kind == 1:
            value += beside
        elif kind == 2:
            value += up
        elif kind == 3:
            value += beside + up >> 1
        elif kind == 4:
            value += _nearest(beside, up, corner)
        up, corner = value & 255, beside
        out.append(up)
    return out


def _wide(content: bytes, width: int, apart: int) -> bytes:
    out = bytearray()
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
        out[index] = (value + _nearest(out[index - apart], up, corners[index])) & 255
    return bytes(out[apart:])


def _nearest(left: int, up: int, corner: int) -> int:
    """Of three neighbours the one that is nearest to what they suggest (PNG 9.4)."""
    by_left, by_up, by_corner = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
    return left if by_left <= by_up and by_left <= by_corner else up if by_up <= by_corner else corner
