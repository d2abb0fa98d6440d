"""The streams of a PDF and what is between them (ISO 32000-1 7.3.8), and PDF's strings.

Promises: linear, gives at most what it is asked for, never raises. What the filters are is `filters`' to know.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from screener.anatomy.needle import Needle
from screener.anatomy.pdf import filters as pdf_filters
from screener.anatomy.pdf.filters import Cipher, Filter, Unfiltered
from screener.anatomy.repeated import repeated

_STREAM, _ENDSTREAM, _OBJ = Needle(b"stream"), Needle(b"endstream"), Needle(b"obj")
_LINE_END = re.compile(rb"\r\n|\n|\r")
_NUMBER = re.compile(rb"([0-9]{1,10})\s{1,99}([0-9]{1,5})\s{1,99}obj\b")
_LENGTH = re.compile(rb"/Length\s{0,99}([0-9]{1,12})\b(?!\s{1,99}[0-9]{1,5}\s{1,99}R)")
_SIZE = re.compile(rb"/Size\s{1,99}([0-9]{1,12})\b")
_ELSEWHERE = re.compile(
    rb"/(?:Filter|DecodeParms|DP|Predictor|Columns|Colors|BitsPerComponent|EarlyChange)"
    rb"\s{1,99}[0-9]{1,10}\s{1,99}[0-9]{1,5}\s{1,99}R(?![A-Za-z])"
)
_DIGITS = b"0123456789abcdefABCDEF"
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_CHARACTERS = {b"%c%c" % (high, low): bytes.fromhex(chr(high) + chr(low)) for high in _DIGITS for low in _DIGITS}
_KEYS = 65_536  # octets before a stream in which its dictionary is looked for
_COMMENTS = re.compile(repeated(rb"\s++|%[^\r\n]*+[\r\n]"))
_MAX_COMMENTS = 512  # octets between a dictionary and its stream
_MAX_STRING = 2_000
_FEW, _SHORTEST = 10_000, 128  # streams; octets of one with its object
_LITERAL = re.compile(rb"\\([0-7]{1,3}|\r\n|(?s:.))|([()])|[^\\()]+")
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\r\n": b"", b"\n": b"", b"\r": b""}


@dataclass
class Stream:
    """One stream: its object number without leading zeros, its dictionary with names' escapes undone, where its octets lie."""

    number: bytes
    keys: bytes
    start: int
    end: int
    has_objects: bool  # "obj" stands in it: it may not be a stream at all, but hide objects
    generation: int = 0
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
        """Whether how it is packed stands in another object, which no honest object stream needs."""
        return _ELSEWHERE.search(self.keys) is not None

    @cached_property
    def filters(self) -> tuple[Filter, ...]:
        """Its filters in order."""
        return pdf_filters.filters(self.keys)

    @property
    def is_stepped(self) -> bool:
        """Whether it is unpacked octet by octet here, which is costly."""
        return any(one.is_stepped for one in self.filters)

    def declared_size(self) -> int:
        """The unpacked size it declares, 0 without."""
        match = _SIZE.search(self.keys)
        return 0 if match is None else int(match[1])

    def content(self, octets: bytes, limit: int, steps: int) -> Unfiltered:
        """Its first octets unpacked, at most `limit`, `steps` of them one by one; b"" where a filter is not known."""
        consumed = stepped = 0
        content = b""
        for cipher in self.ciphers:
            found = pdf_filters.undo(octets, self.start, self.end, self.filters, limit, steps - stepped, cipher)
            consumed += found.consumed
            stepped += found.steps
            if content := found.content:
                break
        return Unfiltered(content, consumed, stepped)


def plain(text: bytes) -> bytes:
    """With the escapes of names undone (7.3.5)."""
    return _ESCAPED.sub(lambda match: _CHARACTERS[match[1]], text) if b"#" in text else text


def most(size: int) -> int:
    """How many streams of a PDF of this many octets are told apart; honest ones are longer, and each costs."""
    return max(_FEW, size // _SHORTEST)


def parted(octets: bytes) -> tuple[list[bytes], list[Stream]]:
    """What is outside of streams, and the streams; behind `most` of them all is outside."""
    limit = most(len(octets))
    outside: list[bytes] = []
    streams: list[Stream] = []
    at = 0
    word = -6
    closed = looked = 0  # where the last dictionary ends, and up to where one was looked for
    while len(streams) < limit and (word := _STREAM.first(octets, max(at, word + 6))) >= 0:
        match = _LINE_END.match(octets, word + 6)
        if match is None:
            continue
        if (found := octets.rfind(b">>", max(at, looked), word)) >= 0:
            closed = found + 2
        looked = word
        if closed <= at:
            continue
        if not _may_stand(octets[closed:word]):
            if word - closed > _MAX_COMMENTS:
                closed = 0  # nor may it behind any later word
            continue
        before = octets[max(at, word - _KEYS) : word]
        outside.append(octets[at:word])
        begins = list(_NUMBER.finditer(before))[-1:]
        keys = before[begins[0].end() :] if begins else before
        end, at = _ends(octets, match.end(), keys)
        keys = plain(keys)
        has_objects = _OBJ.is_in(octets, match.end(), end)
        number = begins[0][1].lstrip(b"0") if begins else b""
        streams.append(Stream(number, keys, match.end(), end, has_objects, int(begins[0][2]) if begins else 0))
    outside.append(octets[at:])
    return outside, streams


def _may_stand(between: bytes) -> bool:
    """Whether octets may stand between a dictionary and its stream: blanks, comments."""
    return not between.strip() or (len(between) <= _MAX_COMMENTS and b"%" in between and _COMMENTS.fullmatch(between) is not None)


def _ends(octets: bytes, start: int, keys: bytes) -> tuple[int, int]:
    """Where a stream's octets end, and where its "endstream" begins: as its length says where that is true (7.3.8.2)."""
    length = _LENGTH.search(keys)
    if length is not None:
        end = start + int(length[1])
        follows = octets[end : end + 11]
        if follows.lstrip(b"\r\n").startswith(b"endstream"):
            return end, end + len(follows) - len(follows.lstrip(b"\r\n"))
    end = _ENDSTREAM.first(octets, start)
    if end < 0:
        return len(octets), len(octets)
    return end - (2 if octets[end - 2 : end] == b"\r\n" else 1 if octets[end - 1 : end] in (b"\r", b"\n") else 0), end


def string(octets: bytes, at: int) -> tuple[str, int]:
    """The string that begins at an offset, "(…)" or "<…>" (7.3.4), as text (7.9.2.2); and how many octets were looked at."""
    content, length = string_octets(octets, at)
    return _text(content), length


def string_octets(octets: bytes, at: int) -> tuple[bytes, int]:
    """The same string as octets."""
    if octets[at : at + 1] == b"<":
        end = octets.find(b">", at, at + 2 * _MAX_STRING)
        digits = re.sub(rb"[^0-9A-Fa-f]", b"", octets[at + 1 : end if end > 0 else at + 2 * _MAX_STRING])
        length = end + 1 - at if end > 0 else len(digits) + 2
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii")), length
    out: list[bytes] = []
    depth = 0
    end = at
    for token in _LITERAL.finditer(octets, at, at + _MAX_STRING):
        end = token.end()
        if token[2] == b"(":
            depth += 1
            if depth == 1:
                continue
        elif token[2] == b")":
            depth -= 1
            if depth == 0:
                break
        if (escape := token[1]) is None:
            out.append(token[0])
        elif escape.isdigit() and escape[:1] < b"8":
            out.append(bytes((int(escape, 8) & 255,)))
        else:
            out.append(_ESCAPES.get(escape, escape))
    return b"".join(out), end - at


def _text(octets: bytes) -> str:
    if octets.startswith(b"\xfe\xff"):
        return octets[2:].decode("utf-16-be", "replace")
    if octets.startswith(b"\xff\xfe"):
        return octets[2:].decode("utf-16-le", "replace")
    if octets.startswith(b"\xef\xbb\xbf"):
        return octets[3:].decode("utf-8", "replace")
    return octets.decode("latin-1")
