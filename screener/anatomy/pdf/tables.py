"""Where a PDF's tables of references (ISO 32000-1 7.5.4, 7.5.8) lead into the midst of a number, or of a stream's octets: readers
that go by them read another object there than those that read all of the file.

Promises: linear; what leads to more than is looked at counts as astray; never raises. Of what tables say nothing else counts: they
may lie.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate, chain, pairwise

from screener.anatomy.needle import Needle
from screener.anatomy.pdf import brackets, written
from screener.anatomy.pdf.streams import plain
from screener.anatomy.repeated import repeated

# Numbers as lenient readers take them, and whatever stands for "n" and "f".
_INTEGER = rb"([-+]?[0-9]{1,40}+)(?:\.[0-9]*+)?"
_SPACE = rb"[\s\0]*+(?>(?:%[^\r\n]*+[\s\0]*+)*)"
_ROW = re.compile(_INTEGER + rb"(?=[\s\0%])" + _SPACE + _INTEGER + rb"(?:" + _SPACE + rb"([a-z]{1,2}(?![a-z])))?")
_ROWS = repeated(_SPACE + _ROW.pattern.replace(b"([", b"(?:["), least=1)
_TABLE = re.compile(b"xref(" + _ROWS + b")")
# What begins a section, and rows as they should be; as pdfium reads all, whatever they are.
_SECTION = re.compile(_SPACE + _INTEGER + rb"(?=[\s\0%])" + _SPACE + _INTEGER + _SPACE)
_REGULAR = re.compile(repeated(rb"[0-9]{10} [0-9]{5} [nf](?: \r| \n|\r\n)"))
_SIGNED = re.compile(rb"[-+]?([0-9]{0,10})")
_ROW_OCTETS, _FREE_AT = 20, 17
_LEADING = tuple(map(Needle, (b"/Prev", b"/XRefStm")))
_LED = re.compile(rb"/(?:Prev|XRefStm)\s{0,99}\+?0*+([0-9]{1,12})\b(?!\s{1,99}[0-9]{1,20}\s{0,99}R)")
_KEYS = frozenset((b"W", b"Index"))
_NUMBERED = re.compile(rb"\[(?:\s{0,99}[0-9]{1,9}(?![0-9.]))*\s{0,99}\]")
_NUMBER = re.compile(rb"\+?0*([0-9]{1,9}+)(?:\.[0-9]*+)?")
_PLAIN = re.compile(rb"[\s\0]*+[0-9]++[\s\0]")
_OBJECT = re.compile(written.OBJECT)
_ODD = re.compile(rb"[0-9]++[-+.][-+.0-9]*+[\s\0]++[-+.0-9]++[\s\0]*+obj")  # which readers take to be different numbers
_GOES_ON = b"0123456789."  # what stands in a number before its end
_HEADER, _NEAR_BEGIN = b"%PDF-", 16_384
_BLANKS = re.compile(_SPACE)
_NUMBERS = re.compile(rb"[-+.0-9\s\0]*+")
_IN_USE, _IN_STREAM = re.compile(b"\1"), re.compile(b"\2")  # kinds of entries
# Octets that are looked at where tables lead, in sizes of the file and whatever its size; what an entry costs at least. An object
# has as many octets, and tables that are no streams, and list it twice or more often, are part of the file.
_LOOKED, _LOOKED_FLOOR, _EACH = 4, 200_000, 20


class Tables:
    """The tables of a PDF, whose streams with a true length lie between some offsets; what only quotes lies between others."""

    def __init__(self, octets: bytes, true: list[tuple[int, int]], quoted: list[tuple[int, int]]) -> None:
        self._octets = octets
        self._header = max(0, octets.find(_HEADER, 0, _NEAR_BEGIN))
        self._starts = [start for start, _ in true]
        self._ends = [end for _, end in true]
        self._quoted = quoted
        self._left = _LOOKED * len(octets) + _LOOKED_FLOOR

    def lead_astray(
        self,
        outside: bytes,
        starts: Iterable[int],
        streams: Iterable[tuple[bytes, bytes]],
        held: Mapping[int, list[list[int]]],
        others: set[int],
    ) -> bool:
        """Whether any does, or they lead to more than is looked at; `starts` are where the file says that its tables stand,
        `streams` the keys of those that are streams, and what is in them, `held` the numbers of the objects in the object streams
        of one number, `others` those of streams that are none."""
        led = self._led_to(chain(starts, _led(plain(outside)), _led(self._octets)))
        if any(self._is_astray(*entry) for entry in chain(_outside(outside), led)):
            return True
        for keys, content in streams:
            if any(self._is_astray(number, at) for number, at, _ in _packed(keys, content, _IN_USE)):
                return True
            if self._misnumbers(keys, content, held, others):
                return True
        return self._left < 0

    def _misnumbers(self, keys: bytes, content: bytes, held: Mapping[int, list[list[int]]], others: set[int]) -> bool:
        """Whether an entry leads to what is no object stream, or to an object in one that has another number there: pdf.js goes by
        the entry, others by the number (7.5.8.3)."""
        for number, kept_in, at in _packed(keys, content, _IN_STREAM):
            if kept_in in others:
                return True  # as MuPDF takes it for one, whatever its keys
            if kept_in not in held:
                continue
            self._left -= _EACH
            if self._left < 0:
                return True
            found = [numbers[at] for numbers in held[kept_in] if at < len(numbers)]
            if found and number not in found:
                return True
        return False

    def _led_to(self, starts: Iterable[int]) -> Iterator[tuple[int, int]]:
        """The entries of tables that stand at these offsets, or behind blanks there; each table once."""
        seen: set[int] = set()
        for at in (at for start in starts for at in {start, start + self._header} if at < len(self._octets)):
            word = self._behind(_BLANKS, at)
            if word not in seen and self._left >= 0 and (table := _TABLE.match(self._octets, word)) is not None:
                seen.add(word)
                yield from _rows(table[1])
                yield from _records(self._octets, table.start(1))

    def _behind(self, pattern: re.Pattern[bytes], at: int) -> int:
        """Where it ends that stands here; its octets are looked at."""
        found = pattern.match(self._octets, at) if self._left >= 0 else None
        end = found.end() if found is not None else at
        self._left -= max(0, end - at)
        return end

    def _is_astray(self, number: int, offset: int) -> bool:
        octets = self._octets
        self._left -= _EACH
        for at in (offset, offset + self._header) if self._header else (offset,):
            if not 0 < at < len(octets):
                continue
            self._behind(_NUMBERS, at)
            if self._left < 0 or (self._quoted and self._is_quoted(at)):
                return True
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
        return self._left < 0

    def _is_quoted(self, at: int) -> bool:
        """Whether what stands here is only quoted."""
        before = bisect_right(self._quoted, (at, at)) - 1
        return before >= 0 and at < self._quoted[before][1]


def is_table(keys: bytes) -> bool:
    """Whether a stream with these keys is a table."""
    return b"/W" in keys and (b"/Size" in keys or b"/Index" in keys or b"/XRef" in keys)


def is_told_oddly(keys: bytes) -> bool:
    """Whether what such a stream has in it is told twice, or but in a list of plain numbers, as no program does (7.5.8.2)."""
    told = brackets.values(keys, _KEYS) if b"/XRef" in keys else {}
    return any(len(several) > 1 or _NUMBERED.fullmatch(several[0]) is None for several in told.values())


def _outside(outside: bytes) -> Iterator[tuple[int, int]]:
    """The numbers and offsets of objects, as tables say that are no streams and lie in none."""
    at = -1
    while (at := outside.find(b"xref", at + 1)) >= 0:
        if (table := _TABLE.match(outside, at)) is not None:
            yield from _rows(table[1])


def _led(text: bytes) -> Iterator[int]:
    """Where tables stand to which others lead, or seem to."""
    found = (_LED.match(text, at) for key in _LEADING for at in key.every(text))
    return (int(one[1]) for one in found if one is not None)


def _rows(table: bytes) -> Iterator[tuple[int, int]]:
    number = 0
    for row in _ROW.finditer(table):
        if row[3] is None:
            number = int(row[1])
            continue
        if row[3] != b"f":
            yield number, int(row[1])
        number += 1


def _records(octets: bytes, at: int) -> Iterator[tuple[int, int]]:
    """The same of rows that are not as they should be, of as many octets each as they should have; what leads to nothing counts
    as looked at, too."""
    while (section := _SECTION.match(octets, at)) is not None:
        begin = section.end()
        at = begin + _ROW_OCTETS * min(int(section[2]), (len(octets) - begin) // _ROW_OCTETS) if section[2][:1] != b"-" else begin
        regular = _REGULAR.match(octets, begin, at)
        yield 0, 0
        for row in range(regular.end() if regular is not None else begin, at, _ROW_OCTETS):
            offset = _SIGNED.match(octets, row)
            assert offset is not None  # it matches anything
            is_free = octets[row + _FREE_AT] == b"f"[0] or not offset[1]
            yield int(section[1]) + (row - begin) // _ROW_OCTETS, 0 if is_free else int(offset[1])


def _packed(keys: bytes, content: bytes, kind: re.Pattern[bytes]) -> Iterator[tuple[int, int, int]]:
    """The numbers of objects in a table that is a stream, and what their entries of a kind say of them (7.5.8.3); readers do not
    agree which of several values of a key counts, nor what more than three widths are."""
    values = brackets.values(keys, _KEYS)
    for widths in map(_numbers, values.get(b"W", ())):
        for size in {sum(widths[:3]), sum(widths)} - {0} if len(widths) > 1 else ():
            for told in map(_numbers, values.get(b"Index", (b"",))):
                yield from _entries(content, size, widths, told, kind)


def _numbers(written_so: bytes) -> list[int]:
    return [int(one) for one in _NUMBER.findall(written_so)]


def _entries(
    content: bytes, size: int, widths: list[int], told: list[int], wanted: re.Pattern[bytes]
) -> Iterator[tuple[int, int, int]]:
    """Of entries of so many octets; `told` are the numbers they begin with."""
    rows = len(content) // size
    kind, second, third = [*accumulate(widths[:3]), size][:3]
    kinds = content[kind - 1 :: size][:rows] if kind else b"\1" * rows
    begin = 0
    for first, count in [*pairwise(told)][::2] or [(0, rows)]:
        end = min(rows, begin + count)
        for row in wanted.finditer(kinds, begin, end):
            entry = content[row.start() * size : (row.start() + 1) * size]
            yield first + row.start() - begin, int.from_bytes(entry[kind:second], "big"), int.from_bytes(entry[second:third], "big")
        begin = end
