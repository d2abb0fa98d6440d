"""Whether a PDF is encrypted, as its trailers say (ISO 32000-1 7.5.5), or the streams that stand for them (7.5.8).

Nothing else says so: readers look for the key nowhere else. Promises: linear, never raises.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from screener.anatomy.needle import Needle
from screener.anatomy.pdf import brackets, written
from screener.anatomy.pdf.streams import Stream, plain
from screener.frozen import dataclass

_ENCRYPT, _IDENTIFIER = frozenset((b"Encrypt",)), frozenset((b"ID",))
_KEY = re.compile(rb"/Encrypt" + written.END)
_LEADS = re.compile(rb"\+?0*+(?:" + written.REFERENCE + rb")")
_ROOT = re.compile(rb"/Root" + written.END)
_STRING = re.compile(rb"\(|<(?!<)")
_OBJECT = re.compile(written.OBJECT + rb"\s{0,99}")
_TRAILER = b"trailer"
_IN_STREAM = Needle(_TRAILER)
# What the word is none in, and the word.
_TOKEN = re.compile(rb"[(]|%[^\r\n]*+|/[^\x00\t\n\f\r ()<>\[\]{}/%]*+|trailer")
_MAX_OPEN = 4  # strings without an end that are looked past


@dataclass(frozen=True, slots=True)
class Said:
    """Whether a trailer says that the file is encrypted, and whether it depends on what is read."""

    encrypted: bool
    is_doubtful: bool
    is_within: bool = False  # a file in this one says that it is encrypted
    identifiers: tuple[bytes, ...] = ()  # those that are a string where a list should be, as they are written


@dataclass(frozen=True, slots=True)
class Swallowed:
    """What lies in streams and may be none of theirs: what readers come to all the same, and what only some do."""

    read: bytes
    other: bytes
    where: tuple[tuple[int, int], ...] = ()  # between which offsets lies what is read

    def is_read(self, stream: Stream) -> bool:
        """Whether readers come to a stream."""
        return not stream.is_within or any(start <= stream.start < end for start, end in self.where)


def swallowed(octets: bytes, streams: Iterable[Stream], tables: tuple[int, ...]) -> Swallowed:
    """The trailers and objects in streams; readers come to a stream that does not end, and to one that has the table in it."""
    read: list[tuple[int, int]] = []
    other: list[tuple[int, int]] = []
    for stream in streams:
        if stream.is_within or not (stream.has_objects or _IN_STREAM.is_in(octets, stream.start, stream.end)):
            continue
        is_read = any(stream.start <= at < stream.end for at in tables)
        is_read = is_read or b"endstream" not in octets[stream.end : stream.end + 12]
        (read if is_read else other).append((stream.start, stream.end))
    of_read, of_other = (b"\n".join(octets[start:end] for start, end in one) for one in (read, other))
    return Swallowed(of_read, of_other, tuple(read))


def said(outside: bytes, within: Swallowed, streams: list[Stream]) -> Said:
    """What all trailers say; those in streams only where there are no others."""
    every = (outside, within.read, within.other)
    if not any(_has_word(text) for text in every) and not any(b"/Encrypt" in stream.keys for stream in streams):
        return Said(False, False)
    trailers = [*_trailers(outside), *_trailers(within.read), *_tabled(stream for stream in streams if within.is_read(stream))]
    others = [*_trailers(within.other), *_tabled(stream for stream in streams if not within.is_read(stream))]
    ways, numbers, is_doubtful = _told(trailers or others)
    found: set[bytes] = set()
    text = plain(b"\n".join(every)) if numbers else b""
    for match in _OBJECT.finditer(text):
        if (number := match[1].lstrip(b"0")) in numbers:
            is_key = text.startswith(b"<<", match.end())
            ways.add(is_key)
            if is_key or text.startswith(b"null", match.end()):
                found.add(number)
    is_within = any(_KEY.search(brackets.own(one)) is not None for one in others)
    told = [one for own in (*trailers, *others) for one in brackets.values(own, _IDENTIFIER).get(b"ID", ())]
    strings = tuple(one for one in told if _STRING.match(one) is not None)
    return Said(True in ways, is_doubtful or len(ways) > 1 or found != numbers, is_within, strings)


def _told(trailers: list[bytes]) -> tuple[set[bool], set[bytes], bool]:
    """Whether there are keys, the objects that may be some, and whether something else stands there."""
    ways: set[bool] = set()
    numbers: set[bytes] = set()
    is_doubtful = False
    for own in trailers:
        values = [*brackets.values(own, _ENCRYPT).get(b"Encrypt", ())]
        is_doubtful = is_doubtful or (not values and _KEY.search(brackets.own(own)) is not None)
        for value in values or [b"null"]:
            if value == b"null" or value.startswith(b"<<"):
                ways.add(value != b"null")
            elif (led := _LEADS.match(value)) is not None:
                numbers.add(led[1].lstrip(b"0"))
            else:
                is_doubtful = True
    return ways, numbers, is_doubtful


def _has_word(text: bytes) -> bool:
    return b"/Encrypt" in text or (b"#" in text and b"/Encrypt" in plain(text))


def _trailers(text: bytes) -> Iterator[bytes]:
    """The keys of each trailer. One without a root is none, but what it says of a key counts for readers that repair a file."""
    for begin, end in pairwise((*_words(text), len(text))):
        begins = max(begin, text.find(b"<<", begin, end))
        ends = brackets.dictionary_end(text, begins, end)
        yield from _counting(plain(text[begins : ends if ends >= 0 else end]))


def _words(text: bytes) -> Iterator[int]:
    """Behind each word "trailer" that is none in a string, a comment or a name."""
    at = unclosed = 0
    if _TRAILER not in text:
        return
    while (token := _TOKEN.search(text, at)) is not None:
        at = token.end()
        if token[0] == b"(" and unclosed < _MAX_OPEN:
            end = brackets.string_end(text, token.start(), len(text))
            unclosed += end < 0
            at = max(at, end)
        elif token[0] == _TRAILER:
            yield at


def _tabled(streams: Iterable[Stream]) -> Iterator[bytes]:
    for stream in streams:
        if b"/Root" in stream.keys or b"/Encrypt" in stream.keys:
            yield from _counting(stream.keys)


def _counting(keys: bytes) -> Iterator[bytes]:
    own = brackets.own(keys)
    if _ROOT.search(own) is not None or _KEY.search(own) is not None:
        yield keys
