"""Files that are one packed stream (gzip, bzip2, xz, LZMA alone, zlib): what is in it, and what it was called.

Promises: linear, bounded by the ledger, never raises. A damaged stream gives what comes out before the damage, which is noted.
"""

import bz2
import lzma
import re
import struct
import zlib

from screener.anatomy.containers import unpacking
from screener.anatomy.containers.unpacking import Unpacker
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
# As what another stream behind the first begins; anything else is what programs take for garbage.
_MARKS = {"application/gzip": b"\x1f\x8b", "application/x-bzip2": b"BZh", "application/x-xz": b"\xfd7zXZ\0"}
_MAX_STREAMS = 10_000  # of one file: logs, and files of which every piece can be had alone, have thousands
_MEMORY = 128 * 1024 * 1024  # octets that the dictionary of xz and LZMA may take
_PADDING = re.compile(rb"\0*+")
_SAID_OTHERWISE = "incorrect length check"  # zlib's word where a trailer of gzip says another size than came out


def _unpacker(kind: str) -> Unpacker:
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
    first = unpacking.stream(lambda: _unpacker(kind), octets, 0, 1)
    if not first.content and not first.is_whole:
        ledger.note(Defect.CONTAINER_DAMAGED, place)
        return Listing()
    inner = unpacked_names(names, ENDINGS[kind])
    size = 0
    if kind == "application/gzip" and len(octets) > 18:
        inner = tuple(dict.fromkeys((*_gzip_name(octets), *inner)))
        size = struct.unpack("<L", octets[-4:])[0]

    def read(limit: int) -> bytes:
        content, defects = unpack(kind, octets, limit)
        for defect in defects:
            ledger.note(defect, place)
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


def unpack(kind: str, octets: bytes, limit: int) -> tuple[bytes, tuple[Defect, ...]]:
    """The first octets of a stream, all its members joined (RFC 1952 2.2), and what is wrong with it as far as it was read."""
    out: list[bytes] = []
    size = at = 0
    for _ in range(_MAX_STREAMS):
        found = unpacking.stream(lambda: _unpacker(kind), octets, at, limit - size)
        out.append(found.content)
        size += len(found.content)
        if found.damage and (not at or kind in _MARKS):
            wrong = Defect.CONTAINER_AMBIGUOUS if _SAID_OTHERWISE in found.damage else Defect.CONTAINER_DAMAGED
            return b"".join(out), (wrong,)
        match = _PADDING.match(octets, found.end)
        at = len(octets) if match is None else match.end()
        if size >= limit or found.damage or at >= len(octets) or not octets.startswith(_MARKS.get(kind, b""), at):
            return b"".join(out), ()
    return b"".join(out), (Defect.CONTAINER_TOO_MANY_MEMBERS,)
