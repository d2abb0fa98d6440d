"""The streams of a PDF and what is between them (ISO 32000-1 7.3.8).

Promises: linear, gives at most what it is asked for, never raises. What the filters are is `filters`' to know.
"""

import re
from dataclasses import replace
from typing import NamedTuple

from screener.anatomy.needle import Needle
from screener.anatomy.once import once
from screener.anatomy.pdf import filters as pdf_filters
from screener.anatomy.pdf import packing as pdf_packing
from screener.anatomy.pdf import written
from screener.anatomy.pdf.deflated import Packed
from screener.anatomy.pdf.filters import Cipher, Unfiltered
from screener.anatomy.pdf.lengths import Ahead, End, Ends
from screener.anatomy.pdf.packing import Filter, Packing
from screener.anatomy.pdf.quotes import Quotes
from screener.anatomy.pdf.starts import table_starts
from screener.frozen import dataclass

_STREAM, _OBJ = Needle(b"stream"), Needle(b"obj")
_LINE_END = re.compile(rb"[ \t]*+(?:\r\n|\n|\r)")
_ANY_LINE_END = re.compile(rb"[\t -~]{0,99}(?:\r\n|\n|\r)|")  # as readers look for one that stands not where it should; or none
_NUMBER = re.compile(written.OBJECT)
_SIZE = re.compile(rb"/Size\s{1,99}([0-9]{1,12})\b")
_ELSEWHERE = re.compile(rb"(?<!/Length )(?<!/JBIG2Globals )" + written.REFERENCE)
_DIGITS = b"0123456789abcdefABCDEF"
_ESCAPED = re.compile(rb"#(?!0[09ACDacd]|2[0589Ff]|3[CcEe]|[57][BbDd])([0-9A-Fa-f]{2})")  # what ends a name stays escaped
_CHARACTERS = {b"%c%c" % (high, low): bytes.fromhex(chr(high) + chr(low)) for high in _DIGITS for low in _DIGITS}
_NEAR = 65_536  # octets before a stream in which its object mostly begins
_HEADER = b"%PDF-"
_WITHIN = re.compile(rb"obj(?![A-Za-z])")  # an object begins, or ends
_FEW, _SHORTEST = 10_000, 128  # streams; octets of one with its object


@dataclass
class Stream:
    """One stream: its object number without leading zeros, its dictionary with names' escapes undone, where its octets lie."""

    number: bytes
    keys: bytes
    start: int
    end: int
    has_objects: bool  # "obj" stands in it: it may not be a stream at all, but hide objects
    generation: int = 0
    is_within: bool = False  # lies within another, as far as that one's words go: one of the two may be none
    ciphers: tuple[Cipher | None, ...] = (None,)  # with what it is encrypted, the likeliest first

    @property
    def size(self) -> int:
        """Octets as they are packed."""
        return self.end - self.start

    def is_of(self, kind: bytes) -> bool:
        """Whether its dictionary names this type."""
        return b"/" + kind in self.keys

    @property
    def has_packed_objects(self) -> bool:
        """Whether it is an object stream (7.5.7). Readers are led to it by number; few look at its type, all need its "First"."""
        return b"/ObjStm" in self.keys or b"/First" in self.keys

    @property
    def is_told_elsewhere(self) -> bool:
        """Whether how it is packed stands in another object, as far as is known."""
        if b"R" not in self.keys or _ELSEWHERE.search(self.keys) is None:
            return False
        return any(_ELSEWHERE.search(value) for values in self.packing.values() for value in values)

    @property
    def is_told_twice(self) -> bool:
        """Whether it is said in two ways how it is packed, or in one that readers take differently."""
        return pdf_packing.are_odd(self.packing)

    @once
    def packing(self) -> Packing:
        """What its dictionary says of how it is packed."""
        return pdf_packing.packing(self.keys)

    @once
    def filters(self) -> tuple[Filter, ...]:
        """Its filters in order."""
        return pdf_packing.filters(self.packing)

    def bare(self) -> "Stream":
        """Itself, as if it were not encrypted."""
        found = replace(self, ciphers=(None,))
        found.packing = self.packing
        return found

    def headless(self) -> "Stream":
        """Itself, as if what is deflated in it had lost its first octets."""
        found = replace(self)
        found.filters = tuple(replace(one, is_headless=True) for one in self.filters)
        return found

    @property
    def is_stepped(self) -> bool:
        """Whether it is unpacked octet by octet here, which is costly."""
        return any(one.is_stepped for one in self.filters)

    @property
    def is_in_ascii(self) -> bool:
        """Whether it is written in digits."""
        return any(one.name in pdf_filters.IN_ASCII for one in self.filters)

    def declared_size(self) -> int:
        """The unpacked size it declares, 0 without."""
        match = _SIZE.search(self.keys)
        return 0 if match is None else int(match[1])

    def content(self, octets: Packed, limit: int, steps: int) -> Unfiltered:
        """Its first octets unpacked, at most `limit`, `steps` of them one by one; b"" where a filter is not known."""
        if len(self.ciphers) == 1:
            return pdf_filters.undo(octets, self.start, self.end, self.filters, limit, steps, self.ciphers[0])
        consumed = stepped = 0
        found = Unfiltered(b"", is_damaged=True)
        for cipher in self.ciphers:
            one = pdf_filters.undo(octets, self.start, self.end, self.filters, limit, steps - stepped, cipher)
            consumed += one.consumed
            stepped += one.steps
            found = one if one.content or found.is_damaged else found
            if found.content:
                break
        return replace(found, consumed=consumed, steps=stepped)


def plain(text: bytes) -> bytes:
    """With the escapes of names undone (7.3.5)."""
    return _ESCAPED.sub(lambda match: _CHARACTERS[match[1]], text) if b"#" in text else text


def most(size: int) -> int:
    """How many streams of a PDF of this many octets are told apart; honest ones are longer, and each costs."""
    return max(_FEW, size // _SHORTEST)


@dataclass(frozen=True, slots=True)
class Split:
    """What is outside of streams, written plainly; the streams; whether it may be read in another way, too; where streams
    begin and end whose lengths stand elsewhere, and those whose lengths are true; where something is only quoted; where the file
    says that its table of references stands."""

    outside: bytes
    streams: list[Stream]
    is_doubtful: bool
    led: list[tuple[int, End]]
    true: list[tuple[int, int]]
    quoted: list[tuple[int, int]]
    tables: tuple[int, ...]


def split(octets: bytes) -> Split:
    """A PDF's octets told apart; behind `most` streams all is outside."""
    limit = most(len(octets))
    outside: list[bytes] = []
    streams: list[Stream] = []
    objects, ends, tables = Ahead(octets, _OBJ), Ends(octets), table_starts(octets)
    led: list[tuple[int, End]] = []
    true: list[tuple[int, int]] = []
    word, at, covered = -6, 0, 0  # the last; behind its stream, and behind all of it, where another may begin in it
    sure = 0  # behind the last one whose length is true: what is quoted in it is none but for who looks for words
    is_doubtful = seems = False
    quotes = Quotes(octets)
    is_led = _is_led(octets, tables)
    while len(streams) < limit and (word := _STREAM.first(octets, max(at, word + 6))) >= 0:
        is_within = word < covered
        at = at if is_within else max(at, covered)
        if not written.may_stand(octets, at, word):
            continue
        if is_led and not is_within and (behind := quotes.behind(at, word)) >= 0:
            word = behind - 6
            continue
        before, hides, is_open, has_junk = _spaced(octets, at, word)
        if not is_within:
            outside.append(before)
            seems = quotes.look(at, word, before) or seems
            # Where its dictionary seems to end in a comment there may be none.
            is_doubtful = is_doubtful or hides or is_open or has_junk or not before.rstrip().endswith(b">>")
        head = _head(before)
        start, is_odd = _start(octets, word + 6)
        end = ends.of(start, head.keys)
        if word >= sure:
            is_doubtful = is_doubtful or is_odd or head.is_odd or end.is_doubtful
            led += [(start, end)] if end.led else []
        if end.is_sure and not is_within:
            sure = end.behind
            true.append((start, end.at))
        is_file = end.is_sure and not is_within and _is_file(octets, start, end.at, head.keys, tables)
        quotes.spans |= {(start, end.at)} if is_file else set()
        has_objects = objects.after(start) < end.at and not is_file
        at, word = (start, word) if has_objects else (end.behind, end.behind + 3)  # where "endstream" has the word in it
        covered = max(covered, end.behind)
        streams.append(Stream(head.number, head.keys, start, end.at, has_objects, head.generation, is_within))
    at = max(at, covered)
    last = written.spaced(octets[at:])
    outside.append(last.text)
    seems = quotes.look(at, len(octets), last.text) or seems
    is_doubtful = is_doubtful or last.hides or last.has_junk or (seems and not is_led)
    return Split(b"\n".join(outside), streams, is_doubtful, led, true, sorted(quotes.spans), tables)


def _is_led(octets: bytes, tables: tuple[int, ...]) -> bool:
    """Whether a table of references stands where the file says: then all readers go by it."""
    return any(at < len(octets) and (octets.startswith(b"xref", at) or _NUMBER.match(octets, at) is not None) for at in tables)


def _spaced(octets: bytes, at: int, word: int) -> written.Spaced:
    """`written.spaced` of what is between two streams; a string that begins before the PDF does (7.5.2) needs no end.

    What stands there and is no object is of a file around this one, or a warning of what wrote it.
    """
    header = octets.find(_HEADER, at, word)
    if header <= at or _WITHIN.search(octets, at, header) is not None:
        return written.spaced(octets[at:word])
    ahead, found = written.spaced(octets[at:header]), written.spaced(octets[header:word])
    return found._replace(text=ahead.text + found.text, hides=ahead.hides or found.hides)


def _is_file(octets: bytes, start: int, end: int, keys: bytes, tables: tuple[int, ...]) -> bool:
    """Whether a stream is a PDF that is embedded as it stands, and readers are led elsewhere: what is in it is only that one's."""
    if not octets.startswith(_HEADER, start) or b"/EmbeddedFile" not in keys or b"/Filter" in keys or b"/Crypt" in keys:
        return False
    return _is_led(octets, tables) and not any(start <= at < end for at in tables)


class _Head(NamedTuple):
    """What a stream's object is called, its dictionary, and whether some readers take its number to be another."""

    number: bytes
    generation: int
    keys: bytes
    is_odd: bool


def _head(before: bytes) -> _Head:
    """The object that begins last before a stream."""
    begin = _begin(before)
    if begin is None:
        return _Head(b"", 0, plain(before), False)
    is_odd = written.goes_on(before, begin.start())
    return _Head(begin[1].lstrip(b"0"), int(begin[2][-9:]), plain(before[begin.end() :]), is_odd)


def _start(octets: bytes, at: int) -> tuple[int, bool]:
    """Where a stream begins behind the line of its word, and whether that line ends oddly."""
    match = _LINE_END.match(octets, at)
    odd = match or _ANY_LINE_END.match(octets, at)
    assert odd is not None  # it matches anything
    return odd.end(), match is None


def _begin(before: bytes) -> re.Match[bytes] | None:
    """Where the last object begins."""
    last = None
    for low in dict.fromkeys((max(0, len(before) - _NEAR), 0)):
        for one in _NUMBER.finditer(before, low):
            last = one  # and no list of them: they may be a million
        if last is not None and last.start() > low:
            break
    return last
