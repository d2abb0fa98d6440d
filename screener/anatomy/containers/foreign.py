"""Archives that libarchive reads, which this module alone knows: 7z, RAR, tar, cab, ISO and others.

Promises: bounded by the ledger, never raises; what cannot be read is noted.
"""

import ctypes
import itertools
import logging
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from screener.anatomy import charsets, names
from screener.anatomy.defects import Defect, Limit
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Held, Listing, Member

if TYPE_CHECKING:
    from libarchive.ffi import c_archive_p

_NEVER_EMPTY = frozenset(("7zip", "rar", "cab"))
_LOCKABLE = frozenset(("7zip", "rar"))  # formats that know encryption
_MAX_OPENED = 8  # times that one is opened: behind an encrypted member libarchive reads on only where it begins anew
_ABOUT_THE_NEXT = frozenset(b"xXgLKN")  # headers of tar that say something of the member behind them, …
_MAX_HEADERS = 16  # … and how many of them, and of names for all members
_RECORD = re.compile(rb"([0-9]{1,9}) ([^\s=][^=\n]*+)=")  # of a header of pax: its length, a keyword, a value up to its line end
_NAMING = (b"path", b"GNU.sparse.name")
_ODD_PATH = re.compile(rb"(?:path|GNU\.sparse\.name)[ \t]*+=([^\n]++)")
_LONGEST = 1024 * 1024  # octets of one of them that are looked at
_CHARSETS = ("cp1252", "cp437")  # of names that are not UTF-8


def listing(octets: bytes, form: str, compression: str, ledger: Ledger, place: str, options: str = "") -> tuple[Listing, int]:
    """Members by libarchive, in order, up to where the archive is damaged, encrypted or beyond the budget; and where it ends.

    `options` as archive_read_set_options takes them.
    """
    from libarchive import ffi, read  # loads a C library
    from libarchive.exception import ArchiveError

    # Its warnings quote names out of the archive: hostile text that has no place in a log.
    logging.getLogger("libarchive").setLevel(logging.CRITICAL)
    found: list[Member | None] = []
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
    members = tuple(member for member in found if member is not None)
    return Listing(members, any(member.encrypted for member in members)), size


def _is_of_encryption(form: str, error: Exception) -> bool:
    """Whether libarchive stopped because it has no password; its other messages may quote names."""
    message = str(getattr(error, "msg", "")).lower()
    return form in _LOCKABLE and any(word in message for word in ("encrypt", "passphrase", "password"))


def _entries(reader: "c_archive_p", octets: bytes, form: str, first: int, ledger: Ledger, place: str) -> Iterator[Member | None]:
    """Every entry as a member, from the given one on; None for a folder."""
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
    for number, entry in enumerate(read.ArchiveRead(reader, "utf-8")):
        if number < first:
            continue
        if entry.isdir:
            # A folder of GNU tar's with a list of its files: to programs that do not know it, a file.
            if form == "tar" and entry.size and octets.startswith(b"D", ffi.libarchive.archive_read_header_position(reader) + 156):
                ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
            yield None
            continue
        if ledger.unpacked_left <= 0 or not ledger.spend_member(place):
            return
        called = _called(entry.pathname)
        encrypted = bool(is_encrypted(entry._entry_p))
        size = int(entry.size or 0)
        content, failure = b"", None
        if not encrypted:
            content, failure = _content(reader, size, len(octets), ledger, place)
        if failure is not None and _is_of_encryption(form, failure):
            raise failure
        if form == "tar" and called:
            at = ffi.libarchive.archive_read_header_position(reader)
            others, is_odd = _other_names(octets, at, called[0], common)
            if is_odd or others:
                ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
                called = (*called, *others)
        read_all = Held(content)
        yield Member(called, max(size, len(content)), encrypted, read=read_all, last=read_all.last)
        if failure is not None:
            raise failure


def _called(name: str | bytes | None) -> tuple[str, ...]:
    """A member's name in every reading: libarchive gives octets where they are not UTF-8."""
    if isinstance(name, bytes):
        return tuple(dict.fromkeys(charsets.text(name, charset) for charset in _CHARSETS))
    return (name,) if name else ()


def _other_names(octets: bytes, at: int, name: str, common: dict[str, None]) -> tuple[list[str], bool]:
    """What programs call a member of tar that go by its own header, or another of those before it; none where it is no other file.
    And whether these are odd, or more than are looked at.

    `common` are names for all members, which are added to. The member's own header has room for 100 octets of the name, perhaps of
    ASCII, so that it may be the beginning alone.
    """
    found: list[str] = []
    is_odd = False
    for number in itertools.count():
        header = octets[at : at + 512]
        if len(header) < 512 or header[156] not in _ABOUT_THE_NEXT:
            break
        digits = header[124:136].strip(b"\0 ")
        size = int(digits, 8) if digits.isdigit() and not digits.strip(b"01234567") else 0
        if number >= _MAX_HEADERS or size > _LONGEST:
            return [], True
        said = octets[at + 512 : at + 512 + size]
        if header[156:157] in (b"L", b"N"):
            found.append(charsets.text(said.partition(b"\0")[0]))
        elif header[156:157] != b"K":
            paths, is_record = _paths(said)
            if header[156:157] == b"g":
                common.update(dict.fromkeys(paths[: _MAX_HEADERS - len(common)]))
                is_odd = is_odd or not common.keys() >= set(paths)
            else:
                found.extend(paths)
            is_odd = is_odd or not is_record
        at += 512 + (size + 511 & ~511)
    own = charsets.text(header[:100].partition(b"\0")[0]).rpartition("/")[2]
    last = name.rpartition("/")[2]
    if not any(one.startswith(own) for one in (last, last.encode("ascii", "replace").decode())):
        found.append(own)
    endings = {names.last_extension(last)}
    return [one for one in dict.fromkeys((*found, *common)) if "." in one and names.last_extension(one) not in endings], is_odd


def _paths(said: bytes) -> tuple[list[str], bool]:
    """The names that a header of pax tells; and whether it is made of records as it must be, and of few names: others are read by
    some programs."""
    found: list[bytes] = []
    at = 0
    while at < len(said) and len(found) < _MAX_HEADERS and (record := _RECORD.match(said, at)) is not None:
        end = at + int(record[1])
        if not record.end() < end <= len(said) or said[end - 1] != 0x0A:
            break
        if record[2] in _NAMING:
            found.append(said[record.end() : end - 1])
        at = end
    odd = itertools.islice(_ODD_PATH.finditer(said, at), _MAX_HEADERS - len(found))
    return [charsets.text(one) for one in (*found, *[path[1] for path in odd])], at == len(said)


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
