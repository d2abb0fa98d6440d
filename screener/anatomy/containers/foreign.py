"""Archives that libarchive reads, which this module alone knows: 7z, RAR, tar, cab, ISO and others.

Promises: bounded by the ledger, never raises; what cannot be read is noted.
"""

import ctypes
import logging
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from screener.anatomy import names
from screener.anatomy.containers import links
from screener.anatomy.containers.tar_headers import Headers
from screener.anatomy.defects import Defect, Limit
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Held, Listing, Member

if TYPE_CHECKING:
    from libarchive.ffi import c_archive_p

_NEVER_EMPTY = frozenset(("7zip", "rar", "cab"))
_LOCKABLE = frozenset(("7zip", "rar"))  # formats that know encryption
_MAX_OPENED = 8  # times that one is opened: behind an encrypted member libarchive reads on only where it begins anew
_NO_LINKS: Mapping[str, str] = MappingProxyType({})


def listing(
    octets: bytes,
    form: str,
    compression: str,
    ledger: Ledger,
    place: str,
    options: str = "",
    copies: Mapping[str, str] = _NO_LINKS,
) -> tuple[Listing, int]:
    """Members by libarchive, in order, up to where the archive is damaged, encrypted or beyond the budget; and where it ends.

    `options` as archive_read_set_options takes them; `copies`: links that it does not know, by name.
    """
    from libarchive import ffi, read  # loads a C library
    from libarchive.exception import ArchiveError

    # Its warnings quote names out of the archive: hostile text that has no place in a log.
    logging.getLogger("libarchive").setLevel(logging.CRITICAL)
    found: list[tuple[Member | None, str]] = []
    size = 0
    for _ in range(_MAX_OPENED):
        before = len(found)
        try:
            with read.new_archive_read(form, compression) as reader:
                if options:
                    set_options = ffi.libarchive.archive_read_set_options  # not in libarchive-c's table
                    set_options.argtypes, set_options.restype = [ctypes.c_void_p, ctypes.c_char_p], ctypes.c_int
                    set_options(reader, options.encode())
                found.extend(_entries(reader, octets, form, before, ledger, place))
                size = ffi.filter_bytes(reader, 0)
        except (ArchiveError, UnicodeError, ValueError, OSError) as error:
            is_locked = _is_of_encryption(form, error)
            if is_locked and len(found) > before:
                continue
            if is_locked and not found:
                return Listing(encrypted=True), size
            ledger.note(Defect.CONTAINER_METHOD if is_locked else Defect.CONTAINER_DAMAGED, place)
        break
    else:
        ledger.note(Defect.CONTAINER_METHOD, place)
    if not found and form in _NEVER_EMPTY and len(octets) > 32:  # cut off before its list, which libarchive takes for the end
        ledger.note(Defect.CONTAINER_DAMAGED, place)
    named = [
        (member, link or copies.get(member.names[0] if member.names else "", "")) for member, link in found if member is not None
    ]
    members = links.followed(named, ledger, place)
    return Listing(members, any(member.encrypted for member in members)), size


def _is_of_encryption(form: str, error: Exception) -> bool:
    """Whether libarchive stopped because it has no password; its other messages may quote names."""
    message = str(getattr(error, "msg", "")).lower()
    return form in _LOCKABLE and any(word in message for word in ("encrypt", "passphrase", "password"))


def _entries(
    reader: "c_archive_p", octets: bytes, form: str, first: int, ledger: Ledger, place: str
) -> Iterator[tuple[Member | None, str]]:
    """Every entry as a member, from the given one on, and the path that it leads to if it is a link; None for a folder."""
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
    headers = Headers(octets) if form == "tar" else None
    for number, entry in enumerate(read.ArchiveRead(reader, "utf-8")):
        if number < first:
            continue
        called = _called(entry.pathname)
        if headers is not None:
            at = ffi.libarchive.archive_read_header_position(reader)
            called = (*called, *headers.read(at, "".join(called[:1]), entry.isdir))
            if headers.is_odd:
                ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
        if entry.isdir:
            yield None, ""
            continue
        if ledger.unpacked_left <= 0 or not ledger.spend_member(place):
            return
        encrypted = bool(is_encrypted(entry._entry_p))
        size = int(entry.size or 0)
        content, failure = b"", None
        if not encrypted:
            content, failure = _content(reader, size, len(octets), ledger, place)
        if failure is not None and _is_of_encryption(form, failure):
            raise failure
        read_all = Held(content)
        target = "".join(_called(entry.linkpath)[:1])
        link = links.beside("".join(called[:1]), target) if target and entry.issym else target
        yield Member(called, max(size, len(content)), encrypted, read=read_all, last=read_all.last), link
        if failure is not None:
            raise failure


def _called(name: str | bytes | None) -> tuple[str, ...]:
    """A member's name in every reading: libarchive gives octets where they are not UTF-8."""
    if isinstance(name, bytes):
        return names.readings(name)
    return (name,) if name else ()


def _content(reader: "c_archive_p", said: int, packed: int, ledger: Ledger, place: str) -> tuple[bytes, Exception | None]:
    """What comes out of an entry within the budget, holes as NULs, and the error that ended it. A wrong checksum is noted alone:
    the octets are there. (libarchive-c's own way gives others in their place, and takes one entry's end for the next one's.)"""
    from libarchive import ffi

    next_block = ffi.libarchive["archive_read_data_block"]  # one of our own, that raises nothing
    next_block.argtypes = [ctypes.c_void_p, *map(ctypes.POINTER, (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int64))]
    next_block.restype = ctypes.c_int
    block, length, offset = ctypes.c_void_p(), ctypes.c_size_t(), ctypes.c_int64()
    out: list[bytes] = []
    size = 0
    limit = min(ledger.unpacked_left, max(ledger.budget.container_ratio_floor, packed * ledger.budget.container_ratio))
    failure: Exception | None = None
    result = ffi.ARCHIVE_OK
    while result != ffi.ARCHIVE_EOF and size < limit:
        result = next_block(reader, ctypes.byref(block), ctypes.byref(length), ctypes.byref(offset))
        if result < ffi.ARCHIVE_WARN:
            failure = ffi.archive_error(reader, result)
            break
        if result == ffi.ARCHIVE_WARN:
            ledger.note(Defect.CONTAINER_DAMAGED, place)
        is_end = result == ffi.ARCHIVE_EOF
        hole = (min(offset.value, said) if is_end else offset.value) - size
        if hole > 0:
            out.append(bytes(min(hole, limit - size)))
            size += len(out[-1])
        if not is_end and length.value:
            out.append(ctypes.string_at(block, min(length.value, limit - size)))
            size += len(out[-1])
    if size >= limit:
        ledger.note(Defect.CONTAINER_TOO_LARGE, place, Limit.UNPACKED if limit == ledger.unpacked_left else Limit.RATIO)
    ledger.spend_unpacked(size, place)
    return b"".join(out), failure
