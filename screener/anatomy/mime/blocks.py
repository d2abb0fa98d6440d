"""Files written into a text: uuencode, yEnc, BinHex. Who looks for them does so in every text, whatever its type says.

Promises: linear, never raises; a truncated block gives what is there.
"""

import binascii
import re

from screener.anatomy import charsets
from screener.anatomy.defects import Defect
from screener.anatomy.mime import encoded_words
from screener.anatomy.needle import Needles
from screener.frozen import dataclass

MAX_BLOCKS = 100
_MAX_TRIES = 2_000  # lines that begin a file, but none follows; behind them only files of a whole line are looked for


@dataclass(frozen=True, slots=True)
class Block:
    """A file in a text: its name, its octets, which way it was written, and where in the text it ends."""

    name: str
    octets: bytes
    defect: Defect
    end: int


# With a mode of any length, or, as Outlook has it, with none; some readers skip blanks before it, and few look at the case.
_BEGIN = re.compile(
    rb"([ \t]{0,16}+)begin(-base64)?(-encoded)?(?>(?:[ \t]++([0-7]{1,12}+)(?=[ \t]))?)[ \t]++([^\r\n]*[^\r\n \t])[ \t]*+[\r\0]*+\n",
    re.IGNORECASE,
)
# A line of as many characters as its first says, some more or the blanks at its end less.
_UU_LINES = b"|".join(
    b"[%b-%b][ -`]{%d,%d}" % (re.escape(bytes((30 + 3 * size,))), re.escape(bytes((32 + 3 * size,))), 4 * size - 3, 4 * size + 2)
    for size in range(1, 22)
)
_BEGIN_WHOLE = re.compile(
    rb"^[ \t]{0,16}+(?i:begin(?:-encoded)?)[ \t]++[^\r\n]*+[\r\0]*+\n"
    rb"(?=[ \t]{0,16}+(?:(?:" + _UU_LINES + rb")[ \t\r\0]*+(?:\n|\Z)|h[0-9A-Za-z+-]{60}))"
    rb"|^[ \t]{0,16}+(?i:begin-base64)[^\r\n]++[\r\0]*+\n(?=[ \t]{0,16}+[A-Za-z0-9+/]{60})",
    re.MULTILINE,
)
_BEGIN_MODE = re.compile(rb"^[ \t]{0,16}+begin(?:-base64|-encoded)?[ \t]++[0-7]{3,4}+[ \t]", re.IGNORECASE | re.MULTILINE)
_MARKS = Needles(b"egin", b"EGIN", b"BinHex")  # of which one stands in every text that has a file, but for a bare BinHex
_BEGIN_NUMBERS = {0, 1}
_BINHEX_NUMBER = 2
_MAX_INDENT = 16  # blanks before "begin"
_YBEGIN = b"=ybegin "
_YPART = re.compile(rb"=ypart [^\r\n]*+\r?\n")
_HQX = b"(This file must be converted with BinHex"
_HQX_START = re.compile(rb"[^\r\n]*+[\s\0]{1,400}+:")
_HQX_BARE = re.compile(rb"\s{0,64}+:([!-r\s]{40,}+)(?::|\Z)")  # without the sentence that should stand before it
_MAX_NAME = 500
_XX_LINE = re.compile(rb"[ \t]*+([0-9A-Za-z+-]{2,}+)[ \t\r\0]*+(?:\n|\Z)")
_FROM_XX = bytes.maketrans(
    b"+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
)


def find(octets: bytes) -> list[Block]:
    """Every block in a text, in order, at most MAX_BLOCKS."""
    return look(octets)[0]


def look(octets: bytes) -> tuple[list[Block], bool]:
    """The same, and whether there may be more."""
    found: list[Block] = []
    is_cut = False
    marks = _MARKS.among(octets)
    if not marks.isdisjoint(_BEGIN_NUMBERS):
        is_cut = _uu(octets if b"\n" in octets else octets.replace(b"\r", b"\n"), found)
        if _YBEGIN in octets:
            _yenc(octets, found)
    if _BINHEX_NUMBER in marks:
        _hqx(octets, found)
    elif (bare := _HQX_BARE.match(octets)) is not None:
        name, content = binhex(bare[1])
        if name and content:
            found.append(Block(name, content, Defect.BINHEX_BLOCK, bare.end()))
    return found, is_cut or len(found) >= MAX_BLOCKS


def _hqx(octets: bytes, found: list[Block]) -> None:
    at = octets.find(_HQX)
    while at >= 0 and len(found) < MAX_BLOCKS:
        start = _HQX_START.match(octets, at + len(_HQX))
        line_end = at + len(_HQX) if start is None else start.end()
        if start is None:
            # One look at a line, however often the words stand in it.
            line_end = octets.find(b"\n", line_end)
            line_end = len(octets) if line_end < 0 else line_end
        elif not found or at >= found[-1].end:
            end = octets.find(b":", start.end())
            end = len(octets) if end < 0 else end
            name, content = binhex(octets[start.end() : end])
            found.append(Block(name, content, Defect.BINHEX_BLOCK, end))
            line_end = end
        at = octets.find(_HQX, line_end)


def _uu(octets: bytes, found: list[Block]) -> bool:
    lower = octets.lower() if b"BEGIN" in octets or b"Begin" in octets else octets
    at = 0
    tries = limit = 0
    while len(found) < MAX_BLOCKS and (word := _begin(lower, at, tries)) >= 0:
        at = word + 5
        start = word
        while start > 0 and word - start < _MAX_INDENT and octets[start - 1] in b" \t":
            start -= 1
        if start > 0 and octets[start - 1] not in b"\r\n":
            continue
        match = _BEGIN.match(octets, start)
        if match is None:
            continue
        tries += 1
        limit = at if tries == _MAX_TRIES else limit
        indent, base64, coded, mode, raw = match.groups()
        content, end, lines = (uu64decode if base64 else uudecode)(octets, match.end(), indent)
        if mode and not content:
            content, end, lines = xxdecode(octets, match.end()) or (content, end, lines)
        # Without a mode it may as well be a sentence.
        if lines if mode else content:
            name = raw.strip(b"\"'\0")
            name = encoded_words.base64(name) or name if coded else name
            found.append(Block(charsets.text(_cut(name)), content, Defect.UUENCODED_BLOCK, end))
            at = max(at, end)
    return bool(limit) and _BEGIN_MODE.search(octets, limit) is not None


def _begin(octets: bytes, at: int, tries: int) -> int:
    """Where the next file may begin, -1 where none does."""
    if tries < _MAX_TRIES:
        return octets.find(b"begin", at)
    whole = _BEGIN_WHOLE.search(octets, at)
    return -1 if whole is None else octets.find(b"begin", whole.start())


def _cut(name: bytes) -> bytes:
    """A long name's beginning and end: the ending counts."""
    return name if len(name) <= _MAX_NAME else name[: _MAX_NAME // 2] + name[-_MAX_NAME // 2 :]


def uudecode(octets: bytes, start: int = 0, indent: bytes = b"") -> tuple[bytes, int, int]:
    """The file in the lines from `start`: its octets, where it ends, how many lines were read."""
    out: list[bytes] = []
    at = start
    size = len(octets)
    lines = 0
    while at < size:
        end = octets.find(b"\n", at)
        end = size if end < 0 else end
        line = octets[at:end].rstrip(b"\r\0").removeprefix(indent)
        if line.strip().lower() == b"end":
            at = end + 1
            break
        decoded = _uuline(line)
        if decoded is None:
            if not line.strip() and lines:
                # A blank line within; or the end of a block whose "end" is lost.
                follows = octets[end + 1 : end + 2]
                if follows and follows in b"Mm`e":
                    at = end + 1
                    continue
            break
        out.append(decoded)
        lines += 1
        at = end + 1
    return b"".join(out), min(at, size), lines


_UU64_LINE = re.compile(rb"[ \t]*+([A-Za-z0-9+/]{0,4000}+={0,3})[ \t\r\0]*+(?:\n|\Z)")


def uu64decode(octets: bytes, start: int, _indent: bytes = b"") -> tuple[bytes, int, int]:
    """The same for base64 (POSIX uuencode -m), up to "====", "end" or what is none."""
    out: list[bytes] = []
    at = start
    lines = 0
    while at < len(octets) and (line := _UU64_LINE.match(octets, at)) is not None and line[1] != b"end":
        at = line.end()
        if not line[1] and out:
            break
        out.append(line[1])
        lines += bool(line[1])
    return encoded_words.base64(b"".join(out).rstrip(b"=")), at, lines


def xxdecode(octets: bytes, start: int) -> tuple[bytes, int, int] | None:
    """The same for xxencode, whose alphabet is another; None where it is none."""
    out: list[bytes] = []
    at = start
    while (line := _XX_LINE.match(octets, at)) is not None and line[1] != b"end":
        text = line[1].translate(_FROM_XX)
        count = _B64_ALPHABET.index(text[:1])
        if not count or len(text) - 1 < (count * 4 + 2) // 3:
            break
        out.append(encoded_words.base64(text[1:])[:count])
        at = line.end()
    return (b"".join(out), at, len(out)) if out else None


def _uuline(line: bytes) -> bytes | None:
    if not line or not 32 <= line[0] <= 96:
        return None
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Broken encoders write too much or cut trailing blanks: take what the length octet says, as the standard library's uu does.
        count = (line[0] - 32) & 63
        needed = (count * 4 + 2) // 3 + 1
        if len(line) < needed - 3 or any(not 32 <= octet <= 96 for octet in line):
            return None
        try:
            return binascii.a2b_uu(line[:needed].ljust(needed, b" "))
        except binascii.Error:
            return None


_UNYENC = bytes((value - 42) & 255 for value in range(256))
_YESCAPE = re.compile(rb"=(.)", re.DOTALL)
_YESCAPED = {bytes((value,)): bytes(((value - 64) & 255,)) for value in range(256)}


def _yenc(octets: bytes, found: list[Block]) -> None:
    at = octets.find(_YBEGIN)
    while at >= 0 and len(found) < MAX_BLOCKS:
        line_end = octets.find(b"\n", at)
        if line_end < 0:
            return
        following = octets.find(_YBEGIN, line_end)
        named = octets.find(b"name=", at, line_end)
        if named >= 0:
            name = _cut(octets[named + 5 : line_end].partition(b"\r")[0].strip(b' \t"\0'))
            part = _YPART.match(octets, line_end + 1)
            start = line_end + 1 if part is None else part.end()
            stop = len(octets) if following < 0 else following
            end = octets.find(b"=yend", start, stop)
            end = stop if end < 0 else end
            found.append(Block(charsets.text(name), unyenc(octets[start:end]), Defect.YENC_BLOCK, end))
        at = following


def unyenc(octets: bytes) -> bytes:
    """yEnc's octets: shifted by 42, critical ones escaped with "="."""
    packed = octets.translate(None, b"\r\n")
    return _YESCAPE.sub(lambda match: _YESCAPED[match[1]], packed).translate(_UNYENC)


_HQX_ALPHABET = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
_B64_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_FROM_HQX = bytes.maketrans(_HQX_ALPHABET, _B64_ALPHABET)
_NOT_HQX = bytes(value for value in range(256) if value not in _HQX_ALPHABET)


def binhex(octets: bytes, limit: int = 64 * 1024 * 1024) -> tuple[str, bytes]:
    """Name and data fork of a BinHex 4.0 stream (RFC 1741), without the colons; ("", b"") where it cannot be read."""
    packed = octets.translate(None, _NOT_HQX).translate(_FROM_HQX)
    packed = packed[: len(packed) - 1] if len(packed) % 4 == 1 else packed
    raw = binascii.a2b_base64(packed + b"=" * (-len(packed) % 4))
    plain = _expanded(raw, limit)
    if not plain or len(plain) < plain[0] + 22:
        return "", b""
    length = plain[0]
    name = charsets.text(plain[1 : 1 + length], "mac_roman")
    at = 1 + length + 1 + 4 + 4 + 2  # version; type, creator; flags
    size = int.from_bytes(plain[at : at + 4], "big")
    return name, plain[at + 10 : at + 10 + size]


def _expanded(raw: bytes, limit: int) -> bytes:
    """Runs undone: an octet, 0x90, its count; 0x90 0x00 is 0x90 itself."""
    out = bytearray()
    at = 0
    while len(out) < limit:
        mark = raw.find(b"\x90", at)
        if mark < 0 or mark + 1 >= len(raw):
            out += raw[at:]
            break
        out += raw[at:mark]
        count = raw[mark + 1]
        if count == 0:
            out.append(0x90)
        elif out:
            out += out[-1:] * (count - 1)
        at = mark + 2
    return bytes(out[:limit])
