"""Office documents encrypted with a password that Office tries by itself (MS-OFFCRYPTO): opened, as Office opens them unasked.

Write-protected workbooks and presentations are encrypted with passwords that everybody knows; nobody is asked for one. Promises:
deciphers no more than the file holds, hashes within the ledger's account, never raises but ForeignParserNeeded. A way of
encryption that Office knows and this does not is noted, because such a password may open it. Word's XOR is not undone.
"""

import hashlib
import re
import struct
from base64 import b64decode
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count, product

from screener.anatomy import ciphers
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.office import xml_parts
from screener.anatomy.office.compound import Compound, Entry
from screener.anatomy.office.xml_source import ATTRIBUTES, TAG
from screener.frozen import dataclass

_EXCEL, _POWERPOINT = "VelvetSweatshop", "/01Hannes Ruescher/01"
_PASSWORDS = (_EXCEL, _POWERPOINT, "")
_INFO_LIMIT = 64 * 1024
_STREAM_LIMIT = 32 * 1024 * 1024  # octets of a stream that are deciphered; as many as are looked at
_MAX_RECORDS = 1_000_000
_MAX_OBJECTS = 100_000  # of a presentation
_MAX_EDITS = 1_000
_HASHES = frozenset(("md5", "sha1", "sha256", "sha384", "sha512"))
_STANDARD_HASHINGS = 50_000
_SEGMENT = 4096
_MAX_PAIRS = 4  # descriptions, and packages, and keys
_AES_KEYS = frozenset((128, 192, 256))
_AGILE_INPUT, _AGILE_HASH, _AGILE_KEY = (  # 2.3.4.13
    bytes.fromhex(one) for one in ("fea7d2763b4b9e79", "d7aa0f6d3061344e", "146e0be7abacd0d6")
)
_AGILE_SEALED = ("encryptedkeyvalue", "encryptedverifierhashinput", "encryptedverifierhashvalue")
_ELEMENT = re.compile(rf"{TAG}(keyData|encryptedKey)\s({ATTRIBUTES})>")
_BOF, _EOF, _FILE_PASS, _SHEET = 0x809, 0x0A, 0x2F, 0x85
_OPEN_RECORDS = frozenset((_BOF, 0x194, 0x195, 0xE1, 0x138, 0x196))  # never encrypted (MS-XLS 2.2.10)
_PASSED = 0x5C  # any record that says nothing: who wrote the book last
_PASSWORD_TOKEN, _TOKEN = b"\xdf\xc4\xd1\xf3", b"\x5f\xc0\x91\xe3"  # of CurrentUserAtom (MS-PPT 2.3.2)
_FIB_OPEN = 68  # octets of a Word document that are not encrypted (MS-DOC 2.2.6.2)
# What Excel's XOR of that password comes to (2.3.7.1, 2.3.7.2).
_XOR_VERIFIER = 0x9A0A
_XOR = bytes.fromhex("876b9ae21ee305621e699660986e9404")
_TURNED = bytes((value >> 5 | value << 3) & 255 for value in range(256))


Hash = Callable[[bytes], bytes]


class _Unknown(Exception):
    """A way of encryption that is not known here."""


def package(compound: Compound, ledger: Ledger, place: str) -> bytes | None:
    """The document in an encrypted package (2.3.4), None where it needs a password that must be asked for."""
    found: dict[str, list[Entry]] = {}
    for entry in sorted(compound.entries, key=_is_lost):  # programs look for those that the root leads to
        if entry.is_stream and len(entry.path) == 1:
            found.setdefault(entry.name.lower(), []).append(entry)
    if any(len(entries) > _MAX_PAIRS for entries in found.values()):
        ledger.note(Defect.CONTAINER_METHOD, place)
    told = [compound.read(entry, _INFO_LIMIT) for entry in found.get("encryptioninfo", ())[:_MAX_PAIRS]]
    for info, entry in product([info for info in told if len(info) >= 8], found.get("encryptedpackage", ())[:_MAX_PAIRS]):
        ledger.require_foreign(f"{place} is encrypted")
        content = _unpacked(info, compound.read(entry, max(0, ledger.unpacked_left)), ledger, place)
        if content is not None:
            return content
    return None


def _is_lost(entry: Entry) -> bool:
    return entry.is_lost


def _unpacked(info: bytes, packed: bytes, ledger: Ledger, place: str) -> bytes | None:
    """A package deciphered as its description says."""
    try:
        match struct.unpack_from("<HH", info):
            case (4, 4):
                undo = _agile(info[8:], ledger, place)
            case (2 | 3 | 4, 2):
                undo = _standard(info, ledger, place)
            case _:  # rights that a server gives
                undo = None
        content = undo(packed[8:]) if undo is not None else b""
    except (_Unknown, ValueError, struct.error):
        ledger.note(Defect.CONTAINER_METHOD, place)
        return None
    if undo is None:
        return None
    ledger.spend_unpacked(len(content), place)
    return content[: int.from_bytes(packed[:8], "little")]


def _agile(info: bytes, ledger: Ledger, place: str) -> Callable[[bytes], bytes] | None:
    """How a package is deciphered whose description is XML (2.3.4.10)."""
    found = [(match[1], dict(xml_parts.attributes(match[2]))) for match in _ELEMENT.finditer(xml_parts.plain(info))]
    data = next((values for name, values in found if name == "keyData"), {})
    keys = [values for name, values in found if name == "encryptedKey"]
    locks = [values for values in keys if "spincount" in values]
    if not keys or len(locks) > _MAX_PAIRS:
        raise _Unknown
    # Without a count they are for the holders of certificates.
    opened = (_agile_opened(data, lock, ledger, place) for lock in locks[:_MAX_PAIRS])
    return next((undo for undo in opened if undo is not None), None)


def _agile_opened(data: dict[str, str], lock: dict[str, str], ledger: Ledger, place: str) -> Callable[[bytes], bytes] | None:
    of_key, of_data = _hash(lock), _hash(data)
    bits, data_bits, spins = int(lock.get("keybits", "0")), int(data.get("keybits", "0")), int(lock["spincount"])
    salt, data_salt = b64decode(lock.get("saltvalue", "")), b64decode(data.get("saltvalue", ""))
    sealed, told, wanted = (b64decode(lock.get(key, "")) for key in _AGILE_SEALED)
    if bits not in _AES_KEYS or data_bits not in _AES_KEYS or spins < 0:
        raise _Unknown
    for password in _PASSWORDS[:2]:
        if not ledger.spend_hashings(spins, place):
            return None
        hashed = _spun(of_key, salt, password, spins)

        def undo(octets: bytes, purpose: bytes, hashed: bytes = hashed) -> bytes:
            key = _filled(of_key(hashed + purpose), bits // 8)
            return ciphers.aes(key, _filled(salt, 16))(octets)

        digest = of_key(undo(told, _AGILE_INPUT))
        if undo(wanted, _AGILE_HASH).startswith(digest):
            return partial(_segments, undo(sealed, _AGILE_KEY)[: data_bits // 8], data_salt, of_data)
    return None


def _segments(key: bytes, salt: bytes, hashed: Hash, packed: bytes) -> bytes:
    """A package in segments, each chained from a beginning of its own (2.3.4.15)."""
    starts = (_filled(hashed(salt + struct.pack("<L", number)), 16) for number in count())
    return b"".join(
        ciphers.aes(key, start)(packed[at : at + _SEGMENT])
        for at, start in zip(range(0, len(packed), _SEGMENT), starts, strict=False)
    )


def _hash(tag: dict[str, str]) -> Hash:
    """The hash that an element names; raises _Unknown where it or the cipher is another than those Office writes by itself."""
    name = tag.get("hashalgorithm", "").replace("-", "").lower()
    if name not in _HASHES or tag.get("cipheralgorithm") != "AES" or tag.get("cipherchaining") != "ChainingModeCBC":
        raise _Unknown
    made = getattr(hashlib, name)
    return lambda octets: bytes(made(octets, usedforsecurity=False).digest())


def _spun(hashed: Hash, salt: bytes, password: str, times: int) -> bytes:
    """A password hashed so many times (2.3.4.11)."""
    value = hashed(salt + password.encode("utf-16-le"))
    pack = struct.Struct("<L").pack
    for number in range(times):
        value = hashed(pack(number) + value)
    return value


def _filled(octets: bytes, size: int) -> bytes:
    return octets[:size].ljust(size, b"\x36")


def _standard(info: bytes, ledger: Ledger, place: str) -> Callable[[bytes], bytes] | None:
    """How a package is deciphered whose description is binary (2.3.4.5)."""
    (size,) = struct.unpack_from("<L", info, 8)
    _, _, cipher, _, bits = struct.unpack_from("<5L", info, 12)
    verifier = info[12 + size :]
    salt, told, wanted = verifier[4:20], verifier[20:36], verifier[40:72]
    if cipher not in (0, 0x660E, 0x660F, 0x6610) or bits not in _AES_KEYS or len(wanted) < 32:
        raise _Unknown
    for password in _PASSWORDS[:2]:
        if not ledger.spend_hashings(_STANDARD_HASHINGS, place):
            return None
        hashed = _sha1(_spun(_sha1, salt, password, _STANDARD_HASHINGS) + bytes(4))
        halves = (
            _sha1(bytes(one ^ mask for one, mask in zip(hashed.ljust(64, b"\0"), bytes((pad,)) * 64, strict=True)))
            for pad in (0x36, 0x5C)
        )
        key = b"".join(halves)[: bits // 8]
        if ciphers.aes(key, None)(wanted).startswith(_sha1(ciphers.aes(key, None)(told))):
            return ciphers.aes(key, None)
    return None


def _sha1(octets: bytes) -> bytes:
    return hashlib.sha1(octets, usedforsecurity=False).digest()


def _md5(octets: bytes) -> bytes:
    return hashlib.md5(octets, usedforsecurity=False).digest()


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
        key = _sha1(self.secret + number)[: self.bits // 8]
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
            (size,) = struct.unpack_from("<L", header, 8)
            _, _, cipher, _, bits = struct.unpack_from("<5L", header, 12)
            verifier = header[12 + size :]
            salt, told, wanted, bits = verifier[4:20], verifier[20:36], verifier[40:60], bits or 40
            if cipher not in (0, 0x6801) or bits % 8 or bits // 8 not in ciphers.RC4_KEYS:
                raise _Unknown
        case _:
            raise _Unknown
    if len(told) < 16 or len(wanted) < 16:
        raise _Unknown
    for password in _PASSWORDS:
        written = password.encode("utf-16-le")
        secret = _sha1(salt + written) if bits else _md5((_md5(written)[:5] + salt) * 16)[:5]
        found = _Key(secret, bits)
        opened = found.undo(told + wanted, 0)
        if opened[16:] == (_sha1 if bits else _md5)(opened[:16]):
            return found
    return None


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
        except (_Unknown, ValueError, struct.error):
            ledger.note(Defect.CONTAINER_METHOD, place)
    return unlocked


def _unlock_book(compound: Compound, entry: Entry, ledger: Ledger, place: str) -> bool:
    stream = compound.read(entry, _STREAM_LIMIT)
    if (at := _file_pass(stream)) < 0:
        return False
    ledger.require_foreign(f"{place} is encrypted")
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
    ledger.require_foreign(f"{place} is encrypted")
    names = ("1table" if head[11] & 2 else "0table", "data")
    near = [
        one for one in sorted(compound.entries, key=_is_lost, reverse=True) if one.is_stream and one.path[:-1] == entry.path[:-1]
    ]
    streams = {one.name.lower(): one for one in near if one.name.lower() in names}
    table = streams.get(names[0])
    if table is None or (key := _key(compound.read(table, _INFO_LIMIT))) is None:
        return False
    for one in streams.values():
        compound.replace(one, key.undo_all(compound.read(one, _STREAM_LIMIT), 512))
    opened = key.undo_all(compound.read(entry, _STREAM_LIMIT), 512)
    compound.replace(entry, head[:11] + bytes((head[11] & 0xFE,)) + head[12:] + opened[_FIB_OPEN:])
    return True


def _unlock_slides(compound: Compound, entry: Entry, ledger: Ledger, place: str) -> bool:
    """A presentation: each of its objects has the key of its number (MS-PPT 2.3.7)."""
    near = [one for one in sorted(compound.entries, key=_is_lost) if one.is_stream and one.path[:-1] == entry.path[:-1]]
    user = next((one for one in near if one.name.lower() == "current user"), None)
    head = compound.read(user, 4096) if user is not None else b""
    if user is None or head[12:16] != _PASSWORD_TOKEN:
        return False
    ledger.require_foreign(f"{place} is encrypted")
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
        raise _Unknown
    header = objects.pop(session)
    if (key := _key(stream[header + 8 : header + 8 + _INFO_LIMIT])) is None:
        return False
    opened = bytearray(stream)
    left = 4 * len(stream)
    for number, at in objects.items():
        (size,) = struct.unpack("<4xL", key.undo(stream[at : at + 8], number))
        left -= size
        if left < 0:
            raise _Unknown
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
