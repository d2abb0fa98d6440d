"""Files that are one packed stream (gzip, bzip2, xz, LZMA alone, zlib): what is in it, and what it was called.

Promises: linear, bounded by the ledger, never raises. A damaged stream gives what comes out before the damage; where nothing
does, that is noted.
"""

import bz2
import lzma
import struct
import zlib
from typing import Protocol

from screener.anatomy.containers import zipped
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, Member

# Type → the endings of its files' names.
ENDINGS = {
    "application/gzip": (".gz", ".tgz", ".taz"),
    "application/x-bzip2": (".bz2", ".tbz", ".tbz2", ".tb2"),
    "application/x-xz": (".xz", ".txz"),
    "application/x-lzma": (".lzma", ".tlz"),
    "application/zlib": (".z", ".zz", ".zlib"),
}
_MAX_STREAMS = 64  # members of one file: each costs a copy of what follows it
_MEMORY = 128 * 1024 * 1024  # octets that the dictionary of xz and LZMA may take
_DAMAGE = (zlib.error, OSError, ValueError, EOFError, lzma.LZMAError, MemoryError)


class _Unpacker(Protocol):
    """What the standard library's unpackers have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def _unpacker(kind: str) -> _Unpacker:
    match kind:
        case "application/gzip":
            return zlib.decompressobj(16 + zlib.MAX_WBITS)
        case "application/zlib":
            return zlib.decompressobj()
        case "application/x-bzip2":
            return bz2.BZ2Decompressor()
        case "application/x-lzma":
            return lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_MEMORY)
        case _:
            return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY)


def listing(kind: str, octets: bytes, names: tuple[str, ...], ledger: Ledger, place: str) -> Listing:
    """The one file in a stream of this kind; `names` are the stream's own."""
    if not ledger.spend_member(place):
        return Listing()
    if not _begins(kind, octets):
        ledger.note(Defect.CONTAINER_DAMAGED, place)
        return Listing()
    inner = unpacked_names(names, ENDINGS[kind])
    size = 0
    if kind == "application/gzip" and len(octets) > 18:
        inner = tuple(dict.fromkeys((*_gzip_name(octets), *inner)))
        size = struct.unpack("<L", octets[-4:])[0]

    def read(limit: int) -> bytes:
        content, whole, honest = unpack(kind, octets, limit)
        if not whole:
            ledger.note(Defect.CONTAINER_TOO_MANY_MEMBERS, place)
        if not honest:
            ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
        return content

    return Listing((Member(inner, size, packed=len(octets), read=read),))


def unpacked_names(names: tuple[str, ...], endings: tuple[str, ...]) -> tuple[str, ...]:
    """The names without the ending of their compression; "a.tgz" becomes "a.tar"."""
    found: dict[str, None] = {}
    for name in names:
        for ending in endings:
            if name.lower().endswith(ending):
                found.setdefault(name[: -len(ending)] + (".tar" if ending.startswith(".t") else ""))
    return tuple(found)


def _begins(kind: str, octets: bytes) -> bool:
    """Whether anything comes out, or there is nothing in it."""
    stream = _unpacker(kind)
    try:
        return bool(stream.decompress(octets, 1)) or stream.eof
    except _DAMAGE:
        return False


def _gzip_name(octets: bytes) -> tuple[str, ...]:
    """The original name in the header (RFC 1952 2.3)."""
    flags = octets[3]
    at = 10
    if flags & 4:
        at += 2 + int.from_bytes(octets[10:12], "little")
    if not flags & 8:
        return ()
    end = octets.find(b"\0", at, at + 1024)
    return (octets[at:end].decode("latin-1"),) if end > at else ()


def _deflated_at(kind: str, octets: bytes) -> int:
    """Where the deflated data begin, behind the header (RFC 1950 2.2, RFC 1952 2.3)."""
    if kind != "application/gzip":
        return 2
    flags = octets[3]
    at = 12 + int.from_bytes(octets[10:12], "little") if flags & 4 else 10
    for flag in (8, 16):
        if flags & flag:
            at = octets.find(b"\0", at) + 1
    return at + (flags & 2)


def unpack(kind: str, octets: bytes, limit: int) -> tuple[bytes, bool, bool]:
    """The first octets of a stream, all its members joined (RFC 1952 2.2), whether none was left out for being one too many, and
    whether as many come out as gzip's trailers say."""
    out: list[bytes] = []
    size = 0
    rest = octets
    honest = True
    for _ in range(_MAX_STREAMS):
        piece, rest, same = _one(kind, rest, limit - size)
        honest = honest and same
        out.append(piece)
        size += len(piece)
        rest = rest.lstrip(b"\0")
        if not rest or size >= limit:
            return b"".join(out), True, honest
    return b"".join(out), False, honest


def _one(kind: str, octets: bytes, limit: int) -> tuple[bytes, bytes, bool]:
    stream = _unpacker(kind)
    try:
        piece = stream.decompress(octets, limit)
        return piece, stream.unused_data if stream.eof else b"", True
    except zlib.error as error:
        # Read without its checksum, which is no reason to lose what stands before it.
        piece = zipped.inflate(octets[_deflated_at(kind, octets) :], limit, -zlib.MAX_WBITS) if _begins(kind, octets) else b""
        return piece, b"", "incorrect length check" not in str(error)
    except _DAMAGE:
        return b"", b"", True
