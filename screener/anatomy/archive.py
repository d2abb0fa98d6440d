"""Containers by their type: what lies in them, and nothing unpacked that is not asked for.

ZIP is read here (`zipped`), single gzip, bzip2 and xz streams too; 7z, RAR, tar, cab, ISO and others go through libarchive, which
this module alone knows. Promises: bounded by the ledger, never raises but ForeignParserNeeded; what cannot be read is noted.
"""

import bz2
import ctypes
import logging
import lzma
import struct
import zlib
from collections.abc import Iterator

from screener.anatomy import zipped
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Held, Listing, Member

# Type → libarchive's reader. Only what is named is switched on: "all" would also start programs for odd compressions.
_FORMATS = {
    "application/x-7z-compressed": "7zip",
    "application/x-rar": "rar",
    "application/vnd.ms-cab-compressed": "cab",
    "application/x-iso9660-image": "iso9660",
    "application/x-udf-image": "iso9660",
    "application/x-tar": "tar",
    "application/x-cpio": "cpio",
    "application/x-archive": "ar",
    "application/x-lzh": "lha",
    "application/x-xar": "xar",
}
_STREAMS = {
    "application/gzip": (".gz", ".tgz"),
    "application/x-bzip2": (".bz2", ".tbz", ".tbz2"),
    "application/x-xz": (".xz", ".txz"),
}
_RAW = {
    "application/zstd": ("zstd", ".zst"),
    "application/x-lz4": ("lz4", ".lz4"),
    "application/x-lzip": ("lzip", ".lz"),
    "application/x-lzma": ("lzma", ".lzma"),
    "application/x-compress": ("compress", ".z"),
}
_NEVER_EMPTY = frozenset(("7zip", "rar", "cab"))
_MAX_STREAMS = 64  # members of one gzip, bzip2 or xz file: each costs a copy of what follows it
CONTAINERS = frozenset(("application/zip", *_FORMATS, *_STREAMS, *_RAW))
# Containers that nothing here can open: their members are unknown.
UNREADABLE = frozenset(
    (
        "application/x-ace",
        "application/x-arj",
        "application/x-uc2",
        "application/x-vhd",
        "application/x-vhdx",
        "application/x-ms-wim",
    )
)


def listing(kind: str, octets: bytes, names: tuple[str, ...], ledger: Ledger, place: str) -> Listing:
    """The members of a container of this type; `names` are the container's own."""
    ledger.require_foreign(f"{place} is {kind}")
    if kind == "application/zip":
        return zipped.listing(octets, ledger, place)
    if kind in _STREAMS:
        return _stream(kind, octets, names, ledger, place)
    if kind in _RAW:
        reader, ending = _RAW[kind]
        members = _foreign(octets, "raw", reader, ledger, place)
        return Listing(tuple(Member(_without(names, (ending,)), member.size, read=member.read) for member in members.members))
    return _foreign(octets, _FORMATS[kind], "none", ledger, place)


def _without(names: tuple[str, ...], endings: tuple[str, ...]) -> tuple[str, ...]:
    """The names without the ending of their compression; "a.tgz" becomes "a.tar"."""
    found: dict[str, None] = {}
    for name in names:
        lower = name.lower()
        for ending in endings:
            if lower.endswith(ending):
                found.setdefault(name[: -len(ending)] + (".tar" if ending.startswith(".t") else ""))
    return tuple(found)


def _stream(kind: str, octets: bytes, names: tuple[str, ...], ledger: Ledger, place: str) -> Listing:
    if not ledger.spend_member(place):
        return Listing()
    inner = _without(names, _STREAMS[kind])
    if kind == "application/gzip" and len(octets) > 18:
        inner = tuple(dict.fromkeys((*_gzip_name(octets), *inner)))

    def read(limit: int) -> bytes:
        content, whole = unpack_stream(kind, octets, limit)
        if not whole:
            ledger.note(Defect.CONTAINER_TOO_MANY_MEMBERS, place)
        return content

    size = struct.unpack("<L", octets[-4:])[0] if kind == "application/gzip" and len(octets) > 18 else 0
    return Listing((Member(inner, size, packed=len(octets), read=read),))


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


def unpack_stream(kind: str, octets: bytes, limit: int) -> tuple[bytes, bool]:
    """The first octets of a stream, all its members joined (RFC 1952 2.2), and whether none was left out for being one too many.

    Damaged members give what comes out before the damage.
    """
    out: list[bytes] = []
    size = 0
    rest = octets
    for _ in range(_MAX_STREAMS):
        piece, rest = _one_stream(kind, rest, limit - size)
        out.append(piece)
        size += len(piece)
        rest = rest.lstrip(b"\0")
        if not rest or size >= limit:
            return b"".join(out), True
    return b"".join(out), False


def _one_stream(kind: str, octets: bytes, limit: int) -> tuple[bytes, bytes]:
    try:
        if kind == "application/gzip":
            stream = zlib.decompressobj(16 + zlib.MAX_WBITS)
            piece = stream.decompress(octets, limit)
            return piece, stream.unused_data if stream.eof else b""
        if kind == "application/x-bzip2":
            bzip = bz2.BZ2Decompressor()
            piece = bzip.decompress(octets, limit)
            return piece, bzip.unused_data if bzip.eof else b""
        xz = lzma.LZMADecompressor(memlimit=128 * 1024 * 1024)
        piece = xz.decompress(octets, limit)
        return piece, xz.unused_data if xz.eof else b""
    except zlib.error:
        return zipped.inflate(octets, limit, 16 + zlib.MAX_WBITS), b""
    except (OSError, ValueError, EOFError, lzma.LZMAError, MemoryError):
        return b"", b""


def _foreign(octets: bytes, form: str, compression: str, ledger: Ledger, place: str) -> Listing:
    """Members by libarchive, in order; it stops where the archive is damaged, encrypted or beyond the budget."""
    from libarchive.exception import ArchiveError  # loads a C library

    # Its warnings quote names out of the archive: hostile text that has no place in a log.
    logging.getLogger("libarchive").setLevel(logging.CRITICAL)
    members: list[Member] = []
    encrypted = False
    empty = form in _NEVER_EMPTY and len(octets) > 32
    try:
        for member in _entries(octets, form, compression, ledger, place):
            empty = False
            if member is not None:
                encrypted = encrypted or member.encrypted
                members.append(member)
    except ArchiveError as error:
        if any(word in str(error.msg).lower() for word in ("encrypt", "passphrase", "password")):
            encrypted = True
        else:
            ledger.note(Defect.CONTAINER_DAMAGED, place)
    except (UnicodeError, ValueError, OSError):
        ledger.note(Defect.CONTAINER_DAMAGED, place)
    if empty and not encrypted:  # cut off before its list, which libarchive takes for the end
        ledger.note(Defect.CONTAINER_DAMAGED, place)
    return Listing(tuple(members), encrypted)


def _entries(octets: bytes, form: str, compression: str, ledger: Ledger, place: str) -> Iterator[Member | None]:
    """Every entry as a member; None for a folder."""
    from libarchive import ffi, read

    is_encrypted = ffi.libarchive.archive_entry_is_encrypted
    is_encrypted.argtypes, is_encrypted.restype = [ctypes.c_void_p], ctypes.c_int
    with read.new_archive_read(form, compression) as reader:
        if form == "rar":
            rar5 = ffi.libarchive.archive_read_support_format_rar5  # not in libarchive-c's table
            rar5.argtypes, rar5.restype = [ctypes.c_void_p], ctypes.c_int
            rar5(reader)
        ffi.read_open_memory(reader, octets, len(octets))
        for entry in read.ArchiveRead(reader, "utf-8"):
            if entry.isdir:
                yield None
                continue
            if ledger.unpacked_left <= 0 or not ledger.spend_member(place):
                return
            name = entry.pathname
            encrypted = bool(is_encrypted(entry._entry_p))
            size = int(entry.size or 0)
            content = b"" if encrypted else _content(entry.get_blocks(65536), len(octets), ledger, place)
            yield Member((str(name),) if name else (), max(size, len(content)), encrypted, read=Held(content))


def _content(blocks: Iterator[bytes], packed: int, ledger: Ledger, place: str) -> bytes:
    out: list[bytes] = []
    size = 0
    limit = min(ledger.unpacked_left, max(ledger.budget.container_ratio_floor, packed * ledger.budget.container_ratio))
    for block in blocks:
        out.append(block)
        size += len(block)
        if size >= limit:
            ledger.note(Defect.CONTAINER_TOO_LARGE, place)
            break
    ledger.spend_unpacked(size, place)
    return b"".join(out)
