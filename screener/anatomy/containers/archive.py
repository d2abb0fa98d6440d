"""Containers by their type: what lies in them, and nothing unpacked that is not asked for.

ZIP and packed streams are read by `zipped` and `streams`; 7z, RAR, tar, cab, ISO and others go through libarchive, which this
module alone knows. Promises: bounded by the ledger, never raises but ForeignParserNeeded; what cannot be read is noted.
"""

import ctypes
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from screener.anatomy import charsets, filetype, names
from screener.anatomy.containers import streams, zipped
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Held, Listing, Member, joined

if TYPE_CHECKING:
    from libarchive.ffi import c_archive_p

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
_RAW = {
    "application/zstd": ("zstd", (".zst", ".tzst")),
    "application/x-lz4": ("lz4", (".lz4", ".tlz4")),
    "application/x-lzip": ("lzip", (".lz", ".tlz")),
    "application/x-compress": ("compress", (".z", ".taz")),
}
_NEVER_EMPTY = frozenset(("7zip", "rar", "cab"))
_ABOUT_THE_NEXT = frozenset(b"xXgLKN")  # headers of tar that say something of the member behind them, …
_MAX_HEADERS = 8  # … and how many of them
_MAX_TARS = 8  # one behind the other: each costs a copy of what follows it
CONTAINERS = frozenset(("application/zip", *_FORMATS, *streams.ENDINGS, *_RAW))
# Containers that nothing here can open: their members are unknown.
UNREADABLE = frozenset(
    (
        "application/x-ace",
        "application/x-alz-compressed",
        "application/x-arj",
        "application/x-egg",
        "application/x-stuffit",
        "application/x-uc2",
        "application/x-vhd",
        "application/x-vhdx",
        "application/x-ms-wim",
        "application/x-zoo",
    )
)


def listing(kind: str, octets: bytes, called: tuple[str, ...], ledger: Ledger, place: str) -> Listing:
    """The members of a container of this type; `called` are the container's own names."""
    if kind in UNREADABLE:
        ledger.note(Defect.CONTAINER_METHOD, place)
        return Listing()
    ledger.require_foreign(f"{place} is {kind}")
    if kind == "application/zip":
        return zipped.listing(octets, ledger, place)
    if kind in streams.ENDINGS:
        return streams.listing(kind, octets, called, ledger, place)
    if kind in _RAW:
        return _raw(kind, octets, called, ledger, place)
    if kind == "application/x-tar":
        return _tars(octets, ledger, place)
    if kind == "application/x-rar" and _is_volume(octets):
        ledger.note(Defect.CONTAINER_VOLUME, place)
    return _foreign(octets, _FORMATS[kind], "none", ledger, place)[0]


def _is_volume(octets: bytes) -> bool:
    """Whether a RAR says in its main header that others go on with it (flag 1 of version 4, archive flag 1 of version 5)."""
    if not octets.startswith(b"Rar!\x1a\x07\1\0"):
        return octets.startswith(b"Rar!\x1a\x07\0") and octets[9:10] == b"\x73" and bool(int.from_bytes(octets[10:11]) & 1)
    fields: list[int] = []  # in groups of seven bits: size, type, flags, perhaps sizes of an extra and a data area, archive flags
    value = shift = 0
    for octet in octets[12:32]:
        value |= (octet & 0x7F) << shift
        shift += 7
        if not octet & 0x80:
            fields.append(value)
            value = shift = 0
    areas = fields[2] & 3 if len(fields) > 2 else 0
    flags = fields[3 + areas.bit_count() :][:1]
    return bool(flags and fields[1] == 1 and flags[0] & 1)


def _raw(kind: str, octets: bytes, called: tuple[str, ...], ledger: Ledger, place: str) -> Listing:
    reader, endings = _RAW[kind]
    found, _ = _foreign(octets, "raw", reader, ledger, place)
    inner = streams.unpacked_names(called, endings)
    members = tuple(Member(inner, member.size, read=member.read) for member in found.members)
    if any(member.size == len(octets) and member.read(member.size) == octets for member in members):
        ledger.note(Defect.CONTAINER_DAMAGED, place)  # what it cannot unpack libarchive gives as it is
        return Listing()
    return Listing(members)


def _tars(octets: bytes, ledger: Ledger, place: str) -> Listing:
    """The members of a tar and of those behind its end, where some programs read on ("tar --ignore-zeros")."""
    found: list[Listing] = []
    at = 0
    while at >= 0:
        if len(found) >= _MAX_TARS:
            ledger.note(Defect.CONTAINER_TOO_MANY_MEMBERS, place)
            break
        listed, size = _foreign(octets[at:], "tar", "none", ledger, place)
        found.append(listed)
        at = filetype.next_tar(octets, at + max(512, size))
    if len(found) > 1:
        ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
    return joined(found)


def _foreign(octets: bytes, form: str, compression: str, ledger: Ledger, place: str) -> tuple[Listing, int]:
    """Members by libarchive, in order, up to where the archive is damaged, encrypted or beyond the budget; and where it ends."""
    from libarchive import ffi, read  # loads a C library
    from libarchive.exception import ArchiveError

    # Its warnings quote names out of the archive: hostile text that has no place in a log.
    logging.getLogger("libarchive").setLevel(logging.CRITICAL)
    members: list[Member] = []
    encrypted = False
    size = 0
    empty = form in _NEVER_EMPTY and len(octets) > 32
    try:
        with read.new_archive_read(form, compression) as reader:
            for member in _entries(reader, octets, form, ledger, place):
                empty = False
                if member is not None:
                    encrypted = encrypted or member.encrypted
                    members.append(member)
            size = ffi.filter_bytes(reader, 0)
    except ArchiveError as error:
        if any(word in str(error.msg).lower() for word in ("encrypt", "passphrase", "password")):
            encrypted = True
        else:
            ledger.note(Defect.CONTAINER_DAMAGED, place)
    except (UnicodeError, ValueError, OSError):
        ledger.note(Defect.CONTAINER_DAMAGED, place)
    if empty and not encrypted:  # cut off before its list, which libarchive takes for the end
        ledger.note(Defect.CONTAINER_DAMAGED, place)
    return Listing(tuple(members), encrypted), size


def _entries(reader: "c_archive_p", octets: bytes, form: str, ledger: Ledger, place: str) -> Iterator[Member | None]:
    """Every entry as a member; None for a folder."""
    from libarchive import ffi, read

    is_encrypted = ffi.libarchive.archive_entry_is_encrypted
    is_encrypted.argtypes, is_encrypted.restype = [ctypes.c_void_p], ctypes.c_int
    if form == "rar":
        rar5 = ffi.libarchive.archive_read_support_format_rar5  # not in libarchive-c's table
        rar5.argtypes, rar5.restype = [ctypes.c_void_p], ctypes.c_int
        rar5(reader)
    ffi.libarchive.archive_read_header_position.argtypes = [ctypes.c_void_p]
    ffi.libarchive.archive_read_header_position.restype = ctypes.c_int64
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
        called: tuple[str, ...] = (str(name),) if name else ()
        if (
            form == "tar"
            and called
            and (other := _other_name(octets, ffi.libarchive.archive_read_header_position(reader), called[0]))
        ):
            ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
            called = (*called, other)
        yield Member(called, max(size, len(content)), encrypted, read=Held(content))


def _other_name(octets: bytes, at: int, name: str) -> str:
    """What programs call a member of tar that go by its own header and not by those before it; "" where that is no other file.

    The header has room for 100 octets of the name, perhaps of ASCII, so that it may be the beginning alone.
    """
    for _ in range(_MAX_HEADERS):
        header = octets[at : at + 512]
        if len(header) < 512 or header[156] not in _ABOUT_THE_NEXT:
            break
        size = header[124:136].strip(b"\0 ")
        at += 512 + (int(size, 8) + 511 & ~511 if size.isdigit() and not size.strip(b"01234567") else 0)
    own = charsets.text(header[:100].partition(b"\0")[0]).rpartition("/")[2]
    last = name.rpartition("/")[2]
    if "." not in own or names.last_extension(own) == names.last_extension(last):
        return ""
    return "" if any(one.startswith(own) for one in (last, last.encode("ascii", "replace").decode())) else own


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
