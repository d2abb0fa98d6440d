"""The key of a PDF that opens with a password of no letters (ISO 32000-1 7.6.3, ISO 32000-2 7.6.4).

Promises: bounded (at most 287 rounds); raises Unknown for what is not known here, ValueError for octets of a wrong size.
"""

import hashlib
import re
from collections.abc import Iterable
from itertools import product

from screener.anatomy import ciphers
from screener.anatomy.pdf.dictionaries import Value

_KEYS = frozenset((5, 16))  # octets
_PAD = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")


class Unknown(Exception):
    """An encryption that is not known here."""


def integer(values: dict[str, Value], key: str, default: int) -> int:
    """A number that a key has."""
    value = values.get(key, str(default))
    if not isinstance(value, str) or re.fullmatch(r"[+-]?[0-9]{1,12}", value) is None:
        raise Unknown
    return int(value)


def _string(values: dict[str, Value], key: str, size: int) -> bytes:
    value = values.get(key)
    if not isinstance(value, bytes) or len(value) < size:
        raise Unknown
    return value[:size]


def md5(octets: bytes) -> bytes:
    """The digest that older keys are made of."""
    return hashlib.md5(octets, usedforsecurity=False).digest()


def _rc4(key: bytes, octets: bytes) -> bytes:
    return ciphers.rc4(key)(octets)


def old_key(values: dict[str, Value], version: int, revision: int, identifiers: tuple[bytes, ...]) -> bytes | None:
    """The key by algorithm 2 (7.6.3.3), confirmed by algorithms 4 to 6; the owner's password may be the empty one, too."""
    owner, user = _string(values, "O", 32), _string(values, "U", 32 if revision == 2 else 16)
    rights = (integer(values, "P", 0) & 0xFFFFFFFF).to_bytes(4, "little")
    # Its length: as told (in bits, by some in octets), and those that programs take without looking.
    told = integer(values, "Length", 40)
    told = told if told <= 32 else told // 8
    sizes = (5,) if version == 1 or revision == 2 else tuple(dict.fromkeys((16 if version == 4 else told, 16, 5)))
    # Whether metadata are encrypted may be told twice, or elsewhere.
    hidden = (b"",) if revision < 4 else (b"", b"\xff\xff\xff\xff")
    if not _KEYS.issuperset(sizes):
        raise Unknown
    for size in sizes:
        for password in (_PAD, _padded(_owned(owner, revision, size))):
            for identifier, more in product(identifiers, hidden):
                key = md5(password + owner + rights + identifier + more)
                for _ in range(50 if revision > 2 else 0):
                    key = md5(key[:size])
                key = key[:size]
                if (_rc4(key, _PAD) if revision == 2 else _chain(key, md5(_PAD + identifier), range(20))) == user:
                    return key
    return None


def _chain(key: bytes, octets: bytes, rounds: Iterable[int]) -> bytes:
    for number in rounds:
        octets = _rc4(bytes(one ^ number for one in key), octets)
    return octets


def _owned(owner: bytes, revision: int, size: int) -> bytes:
    """The user's password as an owner without password finds it (algorithm 7)."""
    key = md5(_PAD)
    for _ in range(50 if revision > 2 else 0):
        key = md5(key)
    return _chain(key[:size], owner, reversed(range(20)) if revision > 2 else (0,))


def _padded(password: bytes) -> bytes:
    return (password + _PAD)[:32]


def modern_key(values: dict[str, Value], revision: int) -> bytes | None:
    """The key by algorithm 2.A (ISO 32000-2 7.6.4.3.3)."""
    user, owner = _string(values, "U", 48), _string(values, "O", 48)
    for told, sealed, more in ((user, "UE", b""), (owner, "OE", user)):
        if _hardened(told[32:40], more, revision) == told[:32]:
            return ciphers.aes(_hardened(told[40:48], more, revision), bytes(16))(_string(values, sealed, 32))
    return None


def _hardened(salt: bytes, more: bytes, revision: int) -> bytes:
    """The hash of a password of no letters (algorithm 2.B); what revision 5 took is its first round."""
    key = hashlib.sha256(salt + more).digest()
    if revision == 5:
        return key
    number = last = 0
    while number < 64 or last > number - 32:  # at most 287 rounds: an octet is at most 255
        made = ciphers.aes_made(key[:16], key[16:32], (key + more) * 64)
        key = (hashlib.sha256, hashlib.sha384, hashlib.sha512)[sum(made[:16]) % 3](made).digest()
        last = made[-1]
        number += 1
    return key[:32]
