"""The streams of a PDF and what is between them (ISO 32000-1 7.3.8), their filters undone, and PDF's strings.

Promises: linear, gives at most what it is asked for, never raises.
"""

import base64
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from screener.anatomy import zipped
from screener.anatomy.needle import Needle

_STREAM, _ENDSTREAM, _OBJ = Needle(b"stream"), Needle(b"endstream"), Needle(b"obj")
_LINE_END = re.compile(rb"\r\n|\n|\r")
_NUMBER = re.compile(rb"([0-9]{1,10})\s{1,99}[0-9]{1,5}\s{1,99}obj\b")
_FILTER = re.compile(rb"/(?:Filter|F)\s{0,99}(/[A-Za-z0-9]+|\[[^\]]{0,300}\])")
_PREDICTOR = re.compile(rb"/Predictor\s{1,99}([0-9]{1,3})")
_COLUMNS = re.compile(rb"/Columns\s{1,99}([0-9]{1,6})")
_LENGTH = re.compile(rb"/Length\s{0,99}([0-9]{1,12})\b(?!\s{1,99}[0-9]{1,5}\s{1,99}R)")
_SIZE = re.compile(rb"/Size\s{1,99}([0-9]{1,12})\b")
_DIGITS = b"0123456789abcdefABCDEF"
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_CHARACTERS = {b"%c%c" % (high, low): bytes.fromhex(chr(high) + chr(low)) for high in _DIGITS for low in _DIGITS}
_KEYS = 4_096  # octets before a stream in which its dictionary is looked for
_MAX_STRING = 2_000
_MAX_PREDICTED = 1024 * 1024  # octets: each is a step of this program
_LITERAL = re.compile(rb"\\([0-7]{1,3}|\r\n|(?s:.))|([()])|[^\\()]+")
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\r\n": b"", b"\n": b"", b"\r": b""}


@dataclass(slots=True)
class Stream:
    """One stream: its object number without leading zeros, its dictionary with names' escapes undone, where its octets lie."""

    number: bytes
    keys: bytes
    start: int
    end: int
    has_objects: bool  # "obj" stands in it: it may not be a stream at all, but hide objects

    @property
    def size(self) -> int:
        """Octets as they are packed."""
        return self.end - self.start

    def is_of(self, kind: bytes) -> bool:
        """Whether its dictionary names this type."""
        return b"/" + kind in self.keys

    @property
    def is_predicted(self) -> bool:
        """Whether its octets are differences, which are costly to undo."""
        match = _PREDICTOR.search(self.keys)
        return match is not None and int(match[1]) >= 10

    def declared_size(self) -> int:
        """The unpacked size it declares, 0 without."""
        match = _SIZE.search(self.keys)
        return 0 if match is None else int(match[1])

    def content(self, octets: bytes, limit: int) -> bytes:
        """Its first octets unpacked; b"" where a filter is not known."""
        match = _FILTER.search(self.keys)
        filters = [] if match is None else re.findall(rb"/([A-Za-z0-9]+)", match[1])
        # A word "endstream" among packed octets does not end them: unpacking does.
        if filters[:1] in ([b"FlateDecode"], [b"Fl"]):
            content = zipped.inflate(memoryview(octets)[self.start :], limit, zlib.MAX_WBITS)
            filters = filters[1:]
        else:
            content = octets[self.start : self.end]
        for name in filters[:6]:
            undo = _FILTERS.get(name)
            if undo is None:
                return b""
            content = undo(content, limit)
        return _unpredicted(content[:limit], self.keys) if self.is_predicted else content[:limit]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads a stream when it is asked for; none whose octets are differences, as those of no file are."""

    stream: Stream
    octets: bytes

    def __call__(self, limit: int) -> bytes:
        return b"" if self.stream.is_predicted else self.stream.content(self.octets, limit)


def plain(text: bytes) -> bytes:
    """With the escapes of names undone (7.3.5)."""
    return _ESCAPED.sub(lambda match: _CHARACTERS[match[1]], text) if b"#" in text else text


def parted(octets: bytes) -> tuple[list[bytes], list[Stream]]:
    """What is outside of streams, and the streams."""
    outside: list[bytes] = []
    streams: list[Stream] = []
    at = 0
    word = -6
    while (word := _STREAM.first(octets, max(at, word + 6))) >= 0:
        match = _LINE_END.match(octets, word + 6)
        if match is None:
            continue
        before = octets[max(at, word - _KEYS) : word]
        if not before.rstrip().endswith(b">>"):
            continue
        outside.append(octets[at:word])
        begins = list(_NUMBER.finditer(before))[-1:]
        keys = before[begins[0].end() :] if begins else before
        end, at = _ends(octets, match.end(), keys)
        keys = plain(keys)
        has_objects = _OBJ.is_in(octets, match.end(), end)
        number = begins[0][1].lstrip(b"0") if begins else b""
        streams.append(Stream(number, keys, match.end(), end, has_objects))
    outside.append(octets[at:])
    return outside, streams


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


def string(octets: bytes, at: int) -> str:
    """The string that begins at an offset: "(…)" or "<…>" (7.3.4), as text (7.9.2.2)."""
    if octets[at : at + 1] == b"<":
        end = octets.find(b">", at, at + 2 * _MAX_STRING)
        digits = re.sub(rb"[^0-9A-Fa-f]", b"", octets[at + 1 : end if end > 0 else at + 2 * _MAX_STRING])
        return _text(bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii")))
    out: list[bytes] = []
    depth = 0
    for token in _LITERAL.finditer(octets, at, at + _MAX_STRING):
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
    return _text(b"".join(out))


def _text(octets: bytes) -> str:
    if octets.startswith(b"\xfe\xff"):
        return octets[2:].decode("utf-16-be", "replace")
    if octets.startswith(b"\xff\xfe"):
        return octets[2:].decode("utf-16-le", "replace")
    if octets.startswith(b"\xef\xbb\xbf"):
        return octets[3:].decode("utf-8", "replace")
    return octets.decode("latin-1")


def _inflated(octets: bytes, limit: int) -> bytes:
    return zipped.inflate(octets, limit, zlib.MAX_WBITS)


def _unhexed(octets: bytes, limit: int) -> bytes:
    digits = re.sub(rb"[^0-9A-Fa-f]", b"", octets.partition(b">")[0][: 4 * limit])
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))[:limit]


def _unascii85(octets: bytes, limit: int) -> bytes:
    body = octets.partition(b"~>")[0].removeprefix(b"<~")
    try:
        return base64.a85decode(re.sub(rb"[^!-uz]", b"", body)[: 2 * limit])[:limit]
    except ValueError:
        return b""


_FILTERS: dict[bytes, Callable[[bytes, int], bytes]] = {
    b"FlateDecode": _inflated,
    b"Fl": _inflated,
    b"ASCIIHexDecode": _unhexed,
    b"AHx": _unhexed,
    b"ASCII85Decode": _unascii85,
    b"A85": _unascii85,
}


def _unpredicted(content: bytes, keys: bytes) -> bytes:
    """PNG's filters undone, of rows of octets (7.4.4.4, PNG 9.2)."""
    columns = _COLUMNS.search(keys)
    width = max(1, int(columns[1]) if columns is not None else 1)
    content = content[:_MAX_PREDICTED]
    out = bytearray()
    above = bytes(width)
    for at in range(0, len(content), width + 1):
        kind, row = content[at], bytearray(content[at + 1 : at + 1 + width])
        if kind:
            for i in range(len(row)):
                left = row[i - 1] if i else 0
                corner = above[i - 1] if i else 0
                row[i] = (row[i] + _predicted(kind, left, above[i], corner)) & 255
        out += row
        above = bytes(row).ljust(width, b"\0")
    return bytes(out)


def _predicted(kind: int, left: int, above: int, corner: int) -> int:
    match kind:
        case 1:
            return left
        case 2:
            return above
        case 3:
            return (left + above) // 2
        case 4:
            p = left + above - corner
            return min((left, above, corner), key=lambda one: abs(p - one))
        case _:
            return 0
