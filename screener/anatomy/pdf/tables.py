"""Where a PDF's tables of references (ISO 32000-1 7.5.4, 7.5.8) lead into the midst of a number, or of a stream's octets: readers
that go by them read another object there than those that read all of the file.

Promises: linear, never raises. Of what tables say nothing else counts: they may lie.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import pairwise

from screener.anatomy.pdf import written
from screener.anatomy.repeated import repeated

_PAIR = rb"[\s\0]++[0-9]{1,20}+[\s\0]++[0-9]{1,20}+(?:[\s\0]*+[nf](?![a-z]))?"
_TABLE = re.compile(rb"[\s\0]*+xref(" + repeated(_PAIR, least=1) + b")")
_ROW = re.compile(rb"([0-9]{1,20}+)[\s\0]++([0-9]{1,20}+)(?:[\s\0]*+([nf]))?")
_LED = re.compile(rb"/(?:Prev|XRefStm)\s{0,99}\+?0*+([0-9]{1,12})\b(?!\s{1,99}[0-9]{1,20}\s{0,99}R)")
_BEHIND = 4_096  # octets behind a table in which its trailer is looked at
_MAX_TABLES = 4_096
_WIDTHS = re.compile(rb"/W\s{0,99}\[\s{0,99}([0-9]{1,2})\s{1,99}([0-9]{1,2})\s{1,99}([0-9]{1,2})\s{0,99}\]")
_INDEX = re.compile(rb"/Index\s{0,99}\[([0-9\s]{1,9999})\]")
_PLAIN = re.compile(rb"[\s\0]*+[0-9]++[\s\0]")
_OBJECT = re.compile(written.OBJECT)
_ODD = re.compile(rb"[0-9]++[-+.][-+.0-9]*+[\s\0]++[-+.0-9]++[\s\0]*+obj")  # which readers take to be different numbers
_GOES_ON = b"0123456789."  # what stands in a number before its end
_HEADER = b"%PDF-"


class Tables:
    """The tables of a PDF, whose streams with a true length lie between some offsets."""

    def __init__(self, octets: bytes, true: list[tuple[int, int]]) -> None:
        self._octets = octets
        self._header = max(0, octets.find(_HEADER, 0, 4 * _BEHIND))
        self._starts = [start for start, _ in true]
        self._ends = [end for _, end in true]

    def lead_astray(self, outside: bytes, starts: Iterable[int], streams: Iterable[tuple[bytes, bytes]]) -> bool:
        """Whether any does; `starts` are where the file says that its tables stand, `streams` the keys of those that are streams,
        and what is in them."""
        entries = _used(self._octets, outside, [*starts], self._header)
        if any(self._is_astray(*entry) for entry in entries):
            return True
        return any(self._is_astray(*entry) for keys, content in streams for entry in _packed(keys, content))

    def _is_astray(self, number: int, offset: int) -> bool:
        octets = self._octets
        for at in (offset, offset + self._header) if self._header else (offset,):
            if not 0 < at < len(octets):
                continue
            before = bisect_right(self._starts, at) - 1
            is_within = before >= 0 and at < self._ends[before]
            if not is_within and octets[at - 1] not in _GOES_ON and _PLAIN.match(octets, at) is not None:
                continue
            found = _OBJECT.match(octets, at)
            if found is None:
                if _ODD.match(octets, at) is not None:
                    return True
            elif (is_within or octets[at - 1] in _GOES_ON) and int(found[1]) == number:
                return True
        return False


def is_table(keys: bytes) -> bool:
    """Whether a stream with these keys is a table."""
    return b"/W" in keys and b"/Size" in keys and _WIDTHS.search(keys) is not None


def _used(octets: bytes, outside: bytes, starts: list[int], header: int) -> Iterator[tuple[int, int]]:
    """The numbers and offsets of objects, as tables say that are no streams."""
    at = -1
    while (at := outside.find(b"xref", at + 1)) >= 0:
        if (table := _TABLE.match(outside, at)) is not None:
            yield from _rows(table[1])
            starts += _before(outside, table.end())
    seen: set[int] = set()
    while starts and len(seen) < _MAX_TABLES:
        start = starts.pop()
        for at in {start, start + header} - seen:
            seen.add(at)
            if (table := _TABLE.match(octets, at)) is not None:
                yield from _rows(table[1])
                starts += _before(octets, table.end())


def _before(text: bytes, at: int) -> list[int]:
    """Where the tables stand to which the trailer of one leads."""
    end = text.find(b"startxref", at, at + _BEHIND)
    return [int(one[1]) for one in _LED.finditer(text, at, end if end >= 0 else at + _BEHIND)]


def _rows(table: bytes) -> Iterator[tuple[int, int]]:
    number = 0
    for row in _ROW.finditer(table):
        if row[3] is None:
            number = int(row[1])
            continue
        if row[3] == b"n":
            yield number, int(row[1])
        number += 1


def _packed(keys: bytes, content: bytes) -> Iterator[tuple[int, int]]:
    """The same of a stream."""
    match = _WIDTHS.search(keys)
    widths = [int(match[index]) for index in (1, 2, 3)] if match is not None else [0]
    if (size := sum(widths)) == 0:
        return
    index = _INDEX.search(keys)
    told = [int(one[:20]) for one in index[1].split()] if index is not None else []
    numbers = (number for first, count in [*pairwise(told)][::2] or [(0, len(content))] for number in range(first, first + count))
    kind, offset = widths[0], widths[0] + widths[1]
    for at, number in zip(range(0, len(content) - size + 1, size), numbers, strict=False):
        if kind == 0 or content[at + kind - 1] == 1:
            yield number, int.from_bytes(content[at + kind : at + offset], "big")
