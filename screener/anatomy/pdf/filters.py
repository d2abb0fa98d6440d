"""The filters of a PDF's streams undone (ISO 32000-1 7.4): Flate, LZW, their predictors, hexadecimal, base 85, runs.

Promises: gives at most what it is asked for, never raises; linear. Damage ends it early. `Unfiltered.steps` tells how many octets
were made one by one by this program and not by a library, which costs 30 times as much: who asks keeps an account of them.
"""

import base64
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Protocol

from screener.anatomy.pdf import deflated, packing, predictors
from screener.anatomy.pdf.deflated import Packed
from screener.anatomy.pdf.packing import Filter
from screener.anatomy.repeated import repeated
from screener.frozen import dataclass

IN_ASCII = frozenset((b"ASCIIHexDecode", b"AHx", b"ASCII85Decode", b"A85"))
_WHITE = b"\0\t\n\x0b\f\r "
# Groups of five that are no more than four octets can be: up to s8W-!.
_LARGEST = rb"s(?:8(?:W(?:-!|[!-,][!-u])|[!-V][!-u]{2})|[!-7][!-u]{3})"
_GROUPS = re.compile(repeated(rb"z|[!-r][!-u]{4}|" + _LARGEST))
_STEP = 64 * 1024
_LONGEST_PADDING = 32  # octets in which nothing is encrypted
_LONGEST_END = 8  # octets that may say that nothing comes


class Cipher(Protocol):
    """What a stream is encrypted with."""

    def whole(self, packed: Packed) -> bytes:
        """Deciphered, without padding."""

    def pieces(self, packed: Iterable[Packed]) -> Iterator[bytes]:
        """Deciphered piece by piece, padding and all."""


@dataclass(frozen=True, slots=True)
class Unfiltered:
    """What came out; how many octets went in, which may be more than the stream has; how many were made one by one; any damage;
    whether more may come out than was asked for."""

    content: bytes
    consumed: int = 0
    steps: int = 0
    is_damaged: bool = False
    is_cut: bool = False


def undo(
    octets: Packed, start: int, end: int, filters: tuple[Filter, ...], limit: int, steps: int, cipher: Cipher | None = None
) -> Unfiltered:
    """The stream between two offsets, at most `limit` octets, `steps` of them made one by one; b"" where a filter is not known."""
    view = memoryview(octets)
    if cipher is not None and end - start <= _LONGEST_PADDING and not cipher.whole(view[start:end]):
        return Unfiltered(b"", end - start)
    # A word "endstream" among deflated octets does not end them: unpacking does.
    content = b""
    if not filters or filters[0].name not in (b"FlateDecode", b"Fl") or filters[0].is_headless:
        content = bytes(view[start:end]) if cipher is None else cipher.whole(view[start:end])
    consumed, left = len(content), steps
    is_damaged, is_cut = False, not filters and len(content) > limit
    for index, one in enumerate(filters):
        allowed = min(limit, left) if one.is_unpacked_here else limit
        size = len(content)
        match one.name:
            case b"FlateDecode" | b"Fl" if one.is_headless:
                content, is_damaged = deflated.headless(content, allowed)
            case b"FlateDecode" | b"Fl":
                pieces = _pieces(view, start, end) if index == 0 else (content,)
                content, used, damaged = deflated.inflated(pieces if cipher is None or index else cipher.pieces(pieces), allowed)
                consumed += used if index == 0 else 0
                is_damaged = is_damaged or damaged
            case b"LZWDecode" | b"LZW":
                content = _unlzw(content, allowed, one.early)
            case b"ASCIIHexDecode" | b"AHx":
                content, damaged = _unhexed(content, allowed)
                is_damaged = is_damaged or damaged
            case b"ASCII85Decode" | b"A85":
                content, damaged = _unascii85(content, allowed)
                is_damaged = is_damaged or damaged
            case b"RunLengthDecode" | b"RL":
                content = _unrun(content, allowed)
            case b"Crypt":  # undone before all others, as it stands before them
                pass
            case _:
                return Unfiltered(b"", consumed, steps - left, True)
        is_damaged = is_damaged or (size > _LONGEST_END and not content)
        is_cut = is_cut or len(content) >= allowed
        if one.is_unpacked_here:
            left -= len(content)
        if one.predictor in packing.UNDONE[1:]:
            content, used = predictors.unpredicted(content, one.predictor, one.columns, one.colours, one.bits, left)
            left -= used
            is_cut = is_cut or left <= 0
    return Unfiltered(content[:limit], consumed, steps - left, is_damaged, is_cut)


def _pieces(view: memoryview, start: int, end: int) -> Iterator[memoryview]:
    """A stream in pieces, then what follows it."""
    for at in chain(range(start, end, _STEP), range(end, len(view), _STEP)):
        yield view[at : min(at + _STEP, end) if at < end else at + _STEP]


def _unlzw(packed: bytes, limit: int, early: int) -> bytes:
    """LZW with codes of 9 to 12 bits, the highest first; `early` 1 where they grow one code too soon (7.4.4.2)."""
    table: list[bytes] = [*(bytes((value,)) for value in range(256)), b"", b""]
    out = bytearray()
    previous = b""
    value = bits = 0
    width = 9
    for octet in packed:
        value = (value << 8 | octet) & 0xFFFFF
        bits += 8
        if bits < width:
            continue
        bits -= width
        code = value >> bits & (1 << width) - 1
        if code == 256:
            del table[258:]
            previous, width = b"", 9
            continue
        if code == 257 or code > len(table) or (code == len(table) and not previous):
            break
        entry = table[code] if code < len(table) else previous + previous[:1]
        if previous and len(table) < 4096:
            table.append(previous + entry[:1])
        out += entry
        previous = entry
        if len(out) >= limit:
            break
        size = len(table) + early
        width = 9 if size < 512 else 10 if size < 1024 else 11 if size < 2048 else 12
    return bytes(out[:limit])


def _unhexed(octets: bytes, limit: int) -> tuple[bytes, bool]:
    """Of digits, and whether anything else stands there, which readers do not take alike."""
    body = octets.partition(b">")[0][: 4 * limit].translate(None, _WHITE)
    digits = re.sub(rb"[^0-9A-Fa-f]", b"", body)
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))[:limit], len(digits) < len(body)


def _unascii85(octets: bytes, limit: int) -> tuple[bytes, bool]:
    """Of digits to the base 85, up to those that are too large; and whether anything else stands there."""
    body = octets.partition(b"~>")[0].strip(_WHITE).removeprefix(b"<~").translate(None, _WHITE)[: 2 * limit]
    digits = re.sub(rb"[^!-uz]", b"", body)
    try:
        return base64.a85decode(digits)[:limit], len(digits) < len(body)
    except ValueError:
        sound = _GROUPS.match(digits)
        return base64.a85decode(sound[0] if sound is not None else b"")[:limit], True


def _unrun(packed: bytes, limit: int) -> bytes:
    """Runs (7.4.5): a length, and so many octets, or one that is repeated; 128 ends it."""
    out = bytearray()
    at = 0
    while at < len(packed) and packed[at] != 128 and len(out) < limit:
        length = packed[at]
        out += packed[at + 1 : at + 2 + length] if length < 128 else packed[at + 1 : at + 2] * (257 - length)
        at += 2 + length if length < 128 else 2
    return bytes(out[:limit])
