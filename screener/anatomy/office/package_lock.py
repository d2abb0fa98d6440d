"""The document in a package encrypted with a password that Office tries by itself (MS-OFFCRYPTO 2.3.4), as Office opens it unasked.

Promises: deciphers no more than the file holds, hashes within the ledger's account, never raises but NotInline. A way of encryption
that Office knows and this does not is noted, because such a password may open it.
"""

import hashlib
import re
import struct
from base64 import b64decode
from collections.abc import Callable
from functools import partial
from itertools import count, product

from screener.anatomy import ciphers
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.office import xml_parts
from screener.anatomy.office.compound import Compound, Entry
from screener.anatomy.office.offcrypto import EXCEL, INFO_LIMIT, POWERPOINT, Unknown, described, sha1
from screener.anatomy.office.xml_source import ATTRIBUTES, TAG

_PASSWORDS = (EXCEL, POWERPOINT)
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

Hash = Callable[[bytes], bytes]


def package(compound: Compound, ledger: Ledger, place: str) -> bytes | None:
    """The document in an encrypted package (2.3.4), None where it needs a password that must be asked for."""
    found: dict[str, list[Entry]] = {}
    for entry in sorted(compound.entries, key=lambda entry: entry.is_lost):  # programs look for those that the root leads to
        if entry.is_stream and len(entry.path) == 1:
            found.setdefault(entry.name.lower(), []).append(entry)
    if any(len(entries) > _MAX_PAIRS for entries in found.values()):
        ledger.note(Defect.CONTAINER_METHOD, place)
    told = [compound.read(entry, INFO_LIMIT) for entry in found.get("encryptioninfo", ())[:_MAX_PAIRS]]
    for info, entry in product([info for info in told if len(info) >= 8], found.get("encryptedpackage", ())[:_MAX_PAIRS]):
        ledger.refuse_inline(f"{place} is encrypted")
        content = _unpacked(info, compound.read(entry, max(0, ledger.unpacked_left)), ledger, place)
        if content is not None:
            return content
    return None


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
    except (Unknown, ValueError, struct.error):
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
        raise Unknown
    # Without a count they are for the holders of certificates.
    opened = (_agile_opened(data, lock, ledger, place) for lock in locks[:_MAX_PAIRS])
    return next((undo for undo in opened if undo is not None), None)


def _agile_opened(data: dict[str, str], lock: dict[str, str], ledger: Ledger, place: str) -> Callable[[bytes], bytes] | None:
    of_key, of_data = _hash(lock), _hash(data)
    bits, data_bits, spins = int(lock.get("keybits", "0")), int(data.get("keybits", "0")), int(lock["spincount"])
    salt, data_salt = b64decode(lock.get("saltvalue", "")), b64decode(data.get("saltvalue", ""))
    sealed, told, wanted = (b64decode(lock.get(key, "")) for key in _AGILE_SEALED)
    if bits not in _AES_KEYS or data_bits not in _AES_KEYS or spins < 0:
        raise Unknown
    for password in _PASSWORDS:
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
    """The hash that an element names; raises Unknown where it or the cipher is another than those Office writes by itself."""
    name = tag.get("hashalgorithm", "").replace("-", "").lower()
    if name not in _HASHES or tag.get("cipheralgorithm") != "AES" or tag.get("cipherchaining") != "ChainingModeCBC":
        raise Unknown
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
    said = described(info)
    if said.cipher not in (0, 0x660E, 0x660F, 0x6610) or said.bits not in _AES_KEYS or len(said.wanted) < 32:
        raise Unknown
    for password in _PASSWORDS:
        if not ledger.spend_hashings(_STANDARD_HASHINGS, place):
            return None
        hashed = sha1(_spun(sha1, said.salt, password, _STANDARD_HASHINGS) + bytes(4))
        halves = (
            sha1(bytes(one ^ mask for one, mask in zip(hashed.ljust(64, b"\0"), bytes((pad,)) * 64, strict=True)))
            for pad in (0x36, 0x5C)
        )
        key = b"".join(halves)[: said.bits // 8]
        if ciphers.aes(key, None)(said.wanted).startswith(sha1(ciphers.aes(key, None)(said.told))):
            return ciphers.aes(key, None)
    return None
