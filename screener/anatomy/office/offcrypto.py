"""What the ways in which Office encrypts have in common (MS-OFFCRYPTO), and the passwords that it tries by itself.

Write-protected workbooks and presentations are encrypted with passwords that everybody knows; nobody is asked for one.
"""

import hashlib
import struct

from screener.frozen import dataclass

EXCEL, POWERPOINT = "VelvetSweatshop", "/01Hannes Ruescher/01"
INFO_LIMIT = 64 * 1024  # octets of what says how something is encrypted


class Unknown(Exception):
    """A way of encryption that is not known here."""


@dataclass(frozen=True, slots=True)
class Described:
    """What a binary header says: the cipher, its key's bits, and how a password is known to be the right one (2.3.2, 2.3.3)."""

    cipher: int
    bits: int
    salt: bytes
    told: bytes
    wanted: bytes


def described(info: bytes) -> Described:
    """Raises struct.error where it is too short."""
    (size,) = struct.unpack_from("<L", info, 8)
    _, _, cipher, _, bits = struct.unpack_from("<5L", info, 12)
    verifier = info[12 + size :]
    return Described(cipher, bits, verifier[4:20], verifier[20:36], verifier[40:72])


def sha1(octets: bytes) -> bytes:
    return hashlib.sha1(octets, usedforsecurity=False).digest()
