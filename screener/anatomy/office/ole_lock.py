"""Old Office documents encrypted with a password that Office tries by itself (MS-OFFCRYPTO): opened, as Office opens them unasked.

Promises: deciphers no more than the file holds, never raises but NotInline. A way of encryption that Office knows and
this does not is noted, because such a password may open it. Word's XOR is not undone.
"""

import hashlib
import struct
from collections.abc import Callable, Iterator

from screener.anatomy import ciphers
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.office.compound import Compound, Entry
from screener.anatomy.office.offcrypto import EXCEL, INFO_LIMIT, POWERPOINT, Unknown, described, sha1
from screener.frozen import dataclass

_PASSWORDS = (EXCEL, POWERPOINT, "")
_STREAM_LIMIT = 32 * 1024 * 1024  # octets of a stream that are deciphered; as many as are looked at
_MAX_RECORDS = 1_000_000
_MAX_OBJECTS = 100_000  # of a presentation
_MAX_EDITS = 1_000
_BOF, _EOF, _FILE_PASS, _SHEET = 0x809, 0x0A, 0x2F, 0x85
_OPEN_RECORDS = frozenset((_BOF, 0x194, 0x195, 0xE1, 0x138, 0x196))  # never encrypted (MS-XLS 2.2.10)
_PASSED = 0x5C  # any record that says nothing: who wrote the book last
_PASSWORD_TOKEN, _TOKEN = b"\xdf\xc4\xd1\xf3", b"\x5f\xc0\x91\xe3"  # of CurrentUserAtom (MS-PPT 2.3.2)
_FIB_OPEN = 68  # octets of a Word document that are not encrypted (MS-DOC 2.2.6.2)
# What the XOR of Excel's password comes to (2.3.7.1, 2.3.7.2).
_XOR_VERIFIER = 0x9A0A
_XOR = bytes.fromhex("876b9ae21ee305621e699660986e9404")
_TURNED = bytes((value >> 5 | value << 3) & 255 for value in range(256))


@dataclass(frozen=True, slots=True)
class _Key:
    """A key of RC4, which has another for each block of a stream (2.3.5.2, 2.3.6.2)."""

    secret: bytes
    bits: int  # 0: the older way

    def undo(self, octets: bytes, block: int) -> bytes:
        """Octets of one block."""
        number = struct.pack("<L", block)
        if not self.bits:
            return ciphers.rc4(_md5(self.secret + number))(octets)
        key = sha1(self.secret + number)[: self.bits // 8]
        return ciphers.rc4(key.ljust(16, b"\0") if self.bits == 40 else key)(octets)

    def undo_all(self, octets: bytes, size: int) -> bytes:
        """A stream of blocks of this size."""
        return b"".join(self.undo(octets[at : at + size], at // size) for at in range(0, len(octets), size))


def _key(header: bytes) -> _Key | None:
    """The key that a header of RC4 encryption and one of the passwords give (2.3.5.1, 2.3.6.1); None where no password does."""
    match struct.unpack_from("<HH", header):
        case (1, 1):
            salt, told, wanted, bits = header[4:20], header[20:36], header[36:52], 0
        case (2 | 3 | 4, 2):
            said = described(header)
            salt, told, wanted, bits = said.salt, said.told, said.wanted[:20], said.bits or 40
            if said.cipher not in (0, 0x6801) or bits % 8 or bits // 8 not in ciphers.RC4_KEYS:
                raise Unknown
        case _:
            raise Unknown
    if len(told) < 16 or len(wanted) < 16:
        raise Unknown
    for password in _PASSWORDS:
        written = password.encode("utf-16-le")
        secret = sha1(salt + written) if bits else _md5((_md5(written)[:5] + salt) * 16)[:5]
        found = _Key(secret, bits)
        opened = found.undo(told + wanted, 0)
        if opened[16:] == (sha1 if bits else _md5)(opened[:16]):
            return found
    return None


def _md5(octets: bytes) -> bytes:
    return hashlib.md5(octets, usedforsecurity=False).digest()


def unlock(compound: Compound, ledger: Ledger, place: str) -> bool:
    """Have the streams of an old document read deciphered where no password must be asked for; whether that was so anywhere."""
    unlocked = False
    for entry in compound.entries:
        if not entry.is_stream:
            continue
        opening = _OPENINGS.get(entry.name.lower())
        if opening is None:
            continue
        try:
            unlocked |= opening(compound, entry, ledger, place)
        except (Unknown, ValueError, struct.error):
            ledger.note(Defect.CONTAINER_METHOD, place)
    return unlocked


def _unlock_book(compound: Compound, entry: Entry, ledger: Ledger, place: str) -> bool:
    stream = compound.read(entry, _STREAM_LIMIT)
    if (at := _file_pass(stream)) < 0:
        return False
    ledger.refuse_inline(f"{place} is encrypted")
    (size,) = struct.unpack_from("<H", stream, at + 2)
    record = stream[at + 4 : at + 4 + size]
    if len(record) < 6:
        return False
    key = None
    if record[:2] == b"\0\0":
        if int.from_bytes(record[-2:], "little") != _XOR_VERIFIER:
            return False
    elif (key := _key(record[2:])) is None:
        return False
    opened = bytearray(stream if key is None else key.undo_all(stream, 1024))
    for begin, kind, length in _records(stream):
        kept = length if kind in _OPEN_RECORDS or kind == _FILE_PASS else 4 if kind == _SHEET else 0
        if key is None:
            opened[begin + 4 + kept : begin + 4 + length] = _unxored(stream, begin + 4, length)[kept:]
        opened[begin : begin + 4 + kept] = stream[begin : begin + 4 + kept]
    struct.pack_into("<H", opened, at, _PASSED)
    compound.replace(entry, bytes(opened))
    return True


def _file_pass(stream: bytes) -> int:
    """Where the record stands that says that a workbook is encrypted (MS-XLS 2.4.117), -1 without: before the book's own end."""
    depth = 0
    for begin, kind, _ in _records(stream):
        if kind == _FILE_PASS:
            return begin
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0:
            break
    return -1


def _records(stream: bytes) -> Iterator[tuple[int, int, int]]:
    """Where each record begins, its kind, how many octets it has."""
    at = 0
    for _ in range(_MAX_RECORDS):
        if at + 4 > len(stream):
            break
        kind, length = struct.unpack_from("<HH", stream, at)
        yield at, kind, min(length, len(stream) - at - 4)
        at += 4 + length


def _unxored(stream: bytes, start: int, length: int) -> bytes:
    first = (start + length) % 16
    mask = (_XOR[first:] + _XOR * (length // 16 + 1))[:length]
    mixed = int.from_bytes(stream[start : start + length], "little") ^ int.from_bytes(mask, "little")
    return mixed.to_bytes(length, "little").translate(_TURNED)


def _unlock_word(compound: Compound, entry: Entry, ledger: Ledger, place: str) -> bool:
    head = compound.read(entry, _FIB_OPEN)
    if len(head) < _FIB_OPEN or not head[11] & 1 or head[11] & 0x80:  # fEncrypted, fObfuscation (MS-DOC 2.5.2)
        return False
    ledger.refuse_inline(f"{place} is encrypted")
    names = ("1table" if head[11] & 2 else "0table", "data")
    near = sorted(_beside(compound, entry), key=lambda one: one.is_lost, reverse=True)
    streams = {one.name.lower(): one for one in near if one.name.lower() in names}
    table = streams.get(names[0])
    if table is None or (key := _key(compound.read(table, INFO_LIMIT))) is None:
        return False
    for one in streams.values():
        compound.replace(one, key.undo_all(compound.read(one, _STREAM_LIMIT), 512))
    opened = key.undo_all(compound.read(entry, _STREAM_LIMIT), 512)
    compound.replace(entry, head[:11] + bytes((head[11] & 0xFE,)) + head[12:] + opened[_FIB_OPEN:])
    return True


def _beside(compound: Compound, entry: Entry) -> list[Entry]:
    """The streams of its storage."""
    return [one for one in compound.entries if one.is_stream and one.path[:-1] == entry.path[:-1]]


def _unlock_slides(compound: Compound, entry: Entry, ledger: Ledger, place: str) -> bool:
    """A presentation: each of its objects has the key of its number (MS-PPT 2.3.7)."""
    near = sorted(_beside(compound, entry), key=lambda one: one.is_lost)
    user = next((one for one in near if one.name.lower() == "current user"), None)
    head = compound.read(user, 4096) if user is not None else b""
    if user is None or head[12:16] != _PASSWORD_TOKEN:
        return False
    ledger.refuse_inline(f"{place} is encrypted")
    stream = compound.read(entry, _STREAM_LIMIT)
    objects: dict[int, int] = {}
    (edit,) = struct.unpack_from("<L", head, 16)
    session = None
    for _ in range(_MAX_EDITS):
        (size,) = struct.unpack_from("<L", stream, edit + 4)
        earlier, directory = struct.unpack_from("<LL", stream, edit + 16)
        if session is None and size >= 32:
            (session,) = struct.unpack_from("<L", stream, edit + 36)
        objects = {**dict(_persisted(stream, directory)), **objects}
        if not earlier or len(objects) > _MAX_OBJECTS:
            break
        edit = earlier
    if session not in objects:
        raise Unknown
    header = objects.pop(session)
    if (key := _key(stream[header + 8 : header + 8 + INFO_LIMIT])) is None:
        return False
    opened = bytearray(stream)
    left = 4 * len(stream)
    for number, at in objects.items():
        (size,) = struct.unpack("<4xL", key.undo(stream[at : at + 8], number))
        left -= size
        if left < 0:
            raise Unknown
        opened[at : at + 8 + size] = key.undo(stream[at : at + 8 + size], number)
    compound.replace(entry, bytes(opened))
    compound.replace(user, head[:12] + _TOKEN + head[16:])
    return True


def _persisted(stream: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Numbers of objects and where they stand (MS-PPT 2.3.4)."""
    (size,) = struct.unpack_from("<L", stream, at + 4)
    end = min(at + 8 + size, len(stream))
    at += 8
    while at + 4 <= end:
        (word,) = struct.unpack_from("<L", stream, at)
        count = min(word >> 20, (end - at - 4) // 4)
        yield from enumerate(struct.unpack_from(f"<{count}L", stream, at + 4), word & 0xFFFFF)
        at += 4 + 4 * (word >> 20)


_OPENINGS: dict[str, Callable[[Compound, Entry, Ledger, str], bool]] = {
    "workbook": _unlock_book,
    "book": _unlock_book,
    "worddocument": _unlock_word,
    "powerpoint document": _unlock_slides,
}
