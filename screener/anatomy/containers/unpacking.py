"""Packed data by their method, up to where they are damaged: nothing that comes out before that is lost.

Promises: linear, at most `limit` octets, raises nothing but MemoryError, which says nothing of the data.
"""

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Protocol

from screener.frozen import dataclass

CUT = "cut"  # the damage of what has no end
_FEW, _MANY = 1024, 8 * 1024  # packed octets given at a time: few first, for what follows a stream is copied
_STEPS = (64 * 1024, 256, 1)  # octets asked for at a time; a call that comes upon damage gives nothing of what it had
_DAMAGE = (zlib.error, OSError, ValueError, EOFError, lzma.LZMAError)
_MAX_DICTIONARY = 64 * 1024 * 1024


class Unpacker(Protocol):
    """What the standard library's unpackers have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes | memoryview, max_length: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What came out, the offset behind the last packed octet that was used, whether the stream's own end was reached, and the
    damage it was given up for, in the library's word; "" for none."""

    content: bytes
    end: int
    is_whole: bool
    damage: str = ""


_NOTHING = Unpacked(b"", 0, False)


def unpack(packed: bytes | memoryview, method: int, limit: int) -> Unpacked:
    """The first octets of a member of a ZIP; nothing for a method that is not known."""
    match method:  # APPNOTE.TXT 4.4.5
        case 0:
            return Unpacked(bytes(packed[:limit]), len(packed), True)
        case 8:
            return stream(lambda: zlib.decompressobj(-zlib.MAX_WBITS), packed, 0, limit)
        case 12:
            return stream(bz2.BZ2Decompressor, packed, 0, limit)
        case 14 if len(packed) > 9:
            return _lzma(packed, limit)
        case _:
            return _NOTHING


def inflate(packed: bytes | memoryview, limit: int, window: int) -> bytes:
    """The first octets of deflated data."""
    return stream(lambda: zlib.decompressobj(window), packed, 0, limit).content


def _lzma(packed: bytes | memoryview, limit: int) -> Unpacked:
    # The dictionary is set up before the first octet: four octets of the file could ask for 4 GiB.
    if int.from_bytes(packed[5:9], "little") > _MAX_DICTIONARY:
        return _NOTHING
    try:
        properties = lzma._decode_filter_properties(lzma.FILTER_LZMA1, bytes(packed[4:9]))  # type: ignore[attr-defined]  # as zipfile does
        return stream(lambda: lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[properties]), packed, 9, limit)
    except (lzma.LZMAError, ValueError):
        return _NOTHING


def stream(make: Callable[[], Unpacker], packed: bytes | memoryview, at: int, limit: int) -> Unpacked:
    """The first octets of the stream that begins at an offset."""
    found = _NOTHING
    if limit <= 0:
        return found  # to zlib no limit at all
    view = memoryview(packed)
    slowly = len(view)
    for step in _STEPS:
        found = _attempt(make(), view, at, limit, _Pace(len(found.content), step, slowly))
        if found.damage in ("", CUT):
            break
        slowly = found.end
    return found


@dataclass(frozen=True, slots=True)
class _Pace:
    """So many octets are known to come out; what lies behind them is asked for in steps, and from an offset of what is packed on,
    where a call came upon damage, octets are given one by one."""

    sure: int
    step: int
    slowly: int


def _attempt(unpacker: Unpacker, packed: memoryview, at: int, limit: int, pace: _Pace) -> Unpacked:
    """As far as it goes; where it is damaged, `end` is what was given last."""
    out: list[bytes] = []
    size = 0
    some = _FEW
    begin = at
    try:
        while at < len(packed):
            begin = at
            given: bytes | memoryview = packed[at : at + some] if at < pace.slowly or pace.step > 1 else packed[at : at + 1]
            at += len(given)
            some = min(2 * some, _MANY)
            piece, asked = b"", 0
            while len(piece) == asked:
                asked = min(pace.sure - size if size < pace.sure else pace.step, limit - size)
                piece = unpacker.decompress(given, asked)
                out.append(piece)
                size += len(piece)
                if unpacker.eof or size >= limit:
                    return Unpacked(b"".join(out), at - len(unpacker.unused_data), unpacker.eof)
                given = getattr(unpacker, "unconsumed_tail", b"")  # bz2 and lzma keep theirs
    except _DAMAGE as error:
        return Unpacked(b"".join(out), begin, False, str(error) or "damaged")
    return Unpacked(b"".join(out), at, False, CUT)
