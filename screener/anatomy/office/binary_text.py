"""The text of binary workbooks (MS-XLSB): what its parts' records say of cells, sheets, notes, headers and formats of numbers.

Promises: linear, at most as many characters as asked for, never raises.
"""

from collections.abc import Iterator

from screener.anatomy.office import xml_text

# What parts with text begin with: shared strings, a sheet, the book, comments, styles, a table.
BEGINNINGS = (b"\x9f\1", b"\x81\1", b"\x83\1", b"\xf4\4", b"\x96\2", b"\xd7\2")
# Records that have a string, and where: a cell's own, a formula's, one with looks, one that is shared, a comment and who wrote it.
_STRINGS = {6: 8, 8: 8, 62: 9, 19: 1, 637: 1, 632: 0}
_FORMAT, _SHEET, _HEADERS, _LINK = 44, 156, 479, 494
_SEVERAL = {_SHEET: (8, 2), _HEADERS: (2, 6), _LINK: (16, 4)}  # where the first stands, how many there are
_NONE = 0xFFFFFFFF  # instead of a length: no string
_EACH = 16  # characters that a string counts as at least, because each costs
_MAX_RECORDS = 2_000_000


def read(part: bytes, limit: int) -> str:
    """The texts of a part, a line each."""
    out: list[str] = []
    left = limit
    for one in _texts(part):
        out.append(one[:left])
        left -= max(_EACH, len(one) + 1)
        if left <= 0:
            break
    return "\n".join(out)


def _texts(part: bytes) -> Iterator[str]:
    at = 0
    for _ in range(_MAX_RECORDS):
        if at >= len(part):
            break
        kind, at = _number(part, at, 2)
        size, at = _number(part, at, 4)
        if kind in _STRINGS:
            yield _string(part[at : at + size], _STRINGS[kind])[0]
        elif kind == _FORMAT:
            yield xml_text.added(_string(part[at : at + size], 2)[0])
        elif kind in _SEVERAL:
            record = part[at : at + size]
            behind, count = _SEVERAL[kind]
            for _ in range(count):
                text, behind = _string(record, behind)
                yield xml_text.printed(text).strip() if kind == _HEADERS else text
        at += size


def _number(part: bytes, at: int, most: int) -> tuple[int, int]:
    """A number of seven bits an octet, while the eighth says that there are more (2.1.4); and where it ends."""
    value = 0
    for shift, octet in enumerate(part[at : at + most]):
        value |= (octet & 0x7F) << 7 * shift
        at += 1
        if octet < 0x80:
            break
    return value, at


def _string(record: bytes, at: int) -> tuple[str, int]:
    """A string with its length before it (2.5.168), and where it ends."""
    count = int.from_bytes(record[at : at + 4], "little")
    if count == _NONE:
        return "", at + 4
    return record[at + 4 : at + 4 + 2 * count].decode("utf-16-le", "replace"), at + 4 + 2 * count
