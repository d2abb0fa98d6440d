"""Containers by their type: what lies in them, and nothing unpacked that is not asked for.

ZIP and packed streams are read by `zipped` and `streams`; 7z, RAR, tar, cab, ISO and others go through libarchive, which this
module alone knows. Promises: bounded by the ledger, never raises but ForeignParserNeeded; what cannot be read is noted.
"""

import ctypes
import logging
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from screener.anatomy import charsets, names, signatures
from screener.anatomy.containers import rar, streams, zipped
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Held, Listing, Member, held, joined

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
_PAX_PATH = re.compile(rb"[0-9]{1,9} path=([^\n]{1,4096})\n")
_LONGEST = 65_536  # octets of one of them that are looked at
_CHARSETS = ("cp1252", "cp437")  # of names that are not UTF-8
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
    listed = _foreign(octets, _FORMATS[kind], "none", ledger, place)[0]
    return joined((listed, _beside(octets, ledger, place))) if kind == "application/x-rar" else listed


def _beside(octets: bytes, ledger: Ledger, place: str) -> Listing:
    """What a RAR holds beside its members."""
    if rar.is_volume(octets):
        ledger.note(Defect.CONTAINER_VOLUME, place)
    members: list[Member] = []
    for one in rar.streams(octets):
        if not ledger.spend_member(place):
            break
        called = tuple(dict.fromkeys((one.name.lstrip(":"), one.name)))
        # What is packed cannot be judged; but beside a file it is nothing that anybody opens.
        size = one.size if "\\" in one.name or "/" in one.name else 0
        members.append(Member(called, size) if one.octets is None else held(called, one.octets))
    return Listing(tuple(members))


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
        at = signatures.next_tar(octets, at + max(512, size))
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
    common: dict[str, None] = {}  # names that a header of tar gives all members behind it
    for entry in read.ArchiveRead(reader, "utf-8"):
        if entry.isdir:
            yield None
            continue
        if ledger.unpacked_left <= 0 or not ledger.spend_member(place):
            return
        called = _called(entry.pathname)
        encrypted = bool(is_encrypted(entry._entry_p))
        size = int(entry.size or 0)
        content = b"" if encrypted else _content(entry.get_blocks(65536), len(octets), ledger, place)
        if form == "tar" and called:
            at = ffi.libarchive.archive_read_header_position(reader)
            if others := _other_names(octets, at, called[0], common):
                ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
                called = (*called, *others)
        yield Member(called, max(size, len(content)), encrypted, read=Held(content))


def _called(name: str | bytes | None) -> tuple[str, ...]:
    """A member's name in every reading: libarchive gives octets where they are not UTF-8."""
    if isinstance(name, bytes):
        return tuple(dict.fromkeys(charsets.text(name, charset) for charset in _CHARSETS))
    return (name,) if name else ()


def _other_names(octets: bytes, at: int, name: str, common: dict[str, None]) -> list[str]:
    """What programs call a member of tar that go by its own header, or another of those before it; none where it is no other file.

    `common` are names for all members, which are added to. The member's own header has room for 100 octets of the name, perhaps of
    ASCII, so that it may be the beginning alone.
    """
    found: list[str] = []
    for _ in range(_MAX_HEADERS):
        header = octets[at : at + 512]
        if len(header) < 512 or header[156] not in _ABOUT_THE_NEXT:
            break
        digits = header[124:136].strip(b"\0 ")
        size = int(digits, 8) if digits.isdigit() and not digits.strip(b"01234567") else 0
        said = octets[at + 512 : at + 512 + min(size, _LONGEST)]
        if header[156:157] in (b"L", b"N"):
            found.append(charsets.text(said.partition(b"\0")[0]))
        else:
            paths = map(charsets.text, _PAX_PATH.findall(said))
            common.update(dict.fromkeys(paths)) if header[156:157] == b"g" else found.extend(paths)
        at += 512 + (size + 511 & ~511)
    own = charsets.text(header[:100].partition(b"\0")[0]).rpartition("/")[2]
    last = name.rpartition("/")[2]
    if not any(one.startswith(own) for one in (last, last.encode("ascii", "replace").decode())):
        found.append(own)
    endings = {names.last_extension(last)}
    return [one for one in dict.fromkeys((*found, *common)) if "." in one and names.last_extension(one) not in endings]


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
