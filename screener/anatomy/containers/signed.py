"""What opaque S/MIME wraps (RFC 8551 3.5.2 signed-data, 3.6 compressed-data; RFC 5652 5, RFC 3274): a MIME entity, which readers
show as if it were the mail; so some do with mere data and digested data (RFC 5652 4, 7), and with one of these in another. It comes
as octets or written as letters, which are PEM (RFC 7468 8, 9) or base64 alone.

Promises: linear, bounded by the ledger, never raises but NotInline; BER's indefinite lengths and strings in pieces (X.690 8.7.3)
are followed as far as they go. The signature is not verified: that is for the reader.
"""

import binascii
import re
import zlib

from screener.anatomy import filetype
from screener.anatomy.containers import unpacking
from screener.anatomy.defects import Defect, Limit
from screener.anatomy.ledger import Ledger

# Object identifiers without their tag and length, which BER writes in several ways.
_SIGNED = bytes.fromhex("2a864886f70d010702")
_COMPRESSED = bytes.fromhex("2a864886f70d0109100109")
_DIGESTED = bytes.fromhex("2a864886f70d010705")
_DATA = bytes.fromhex("2a864886f70d010701")
_HEAD = 64  # octets in which the type stands
_MAX_NESTED = 4  # that are unwrapped at once; more are files in files
_MAX_PIECES = 1_000_000
_BEGIN = re.compile(rb"-----BEGIN (?:PKCS ?#?7[A-Z ]{0,20}|CMS)-----[ \t]*[\r\n]")
_BEFORE = 4_096  # octets of explanations before it
_LETTERS = 512  # that hold the head
_NO_LETTERS = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_FIELD = re.compile(rb"(?:\r?\n|[!-9;-~]{1,76}[ \t]{0,9}:)")


def is_signed(head: bytes) -> bool:
    """Whether octets begin as data that are signed, compressed, digested, or nothing of all that."""
    head = unarmoured(head, _LETTERS)[:_HEAD]
    return head[:1] == b"0" and (_SIGNED in head or _COMPRESSED in head or _type(head) in (_DIGESTED, _DATA))


def unarmoured(octets: bytes, limit: int | None = None) -> bytes:
    """What stands there as letters, at most `limit` of them; the octets themselves where they are none."""
    if octets[:1] == b"0":
        return octets
    if (begin := _BEGIN.search(octets, 0, _BEFORE)) is not None:
        end = octets.find(b"-----END", begin.end())
        body = octets[begin.end() : end if end >= 0 else len(octets)][:limit]
    elif octets[:_HEAD].lstrip().startswith(b"MI"):  # a sequence of more than 127 octets
        body = octets[:limit]
    else:
        return octets
    letters = body.translate(None, _NO_LETTERS)
    return binascii.a2b_base64(letters[: len(letters) - (len(letters) % 4 == 1)] + b"==")


def content(octets: bytes, ledger: Ledger, place: str) -> bytes:
    """What is wrapped, b"" where nothing is (a signature that stands beside its content). May raise NotInline."""
    for _ in range(_MAX_NESTED):
        octets = _content(octets, ledger, place)
        if not is_signed(octets[:_BEFORE]):
            break
        ledger.spend_unpacked(len(octets), place)
    return octets


def _content(octets: bytes, ledger: Ledger, place: str) -> bytes:
    octets = unarmoured(octets)
    at = _wrapped_at(octets)
    found = _string(octets, at) if at >= 0 else b""
    if _COMPRESSED not in octets[:_HEAD] or _type(octets) == _DATA:
        return found
    ledger.refuse_inline(f"{place} is compressed")
    unpacked = unpacking.stream(zlib.decompressobj, found, 0, ledger.unpacked_left)
    if not unpacked.is_whole:
        ledger.note(Defect.CONTAINER_DAMAGED if unpacked.damage else Defect.CONTAINER_TOO_LARGE, place, Limit.UNPACKED)
    return unpacked.content


def is_entity(found: bytes) -> bool:
    """Whether what is wrapped is a MIME entity and not a mere file, as in signed invoices (ETSI EN 319 122)."""
    if is_signed(found[:_BEFORE]):
        return False
    if _FIELD.match(found) is not None:
        return True
    return found[:1] != b"<" and not filetype.identify(found[:8192]).types - {filetype.TEXT}


def _wrapped_at(octets: bytes) -> int:
    """Where the octet string of the encapsulated content begins, -1 where there is none."""
    at, _ = _length(octets, 1)
    at, _ = _length(octets, _behind(octets, at) + 1)  # past the type, into [0]
    if _type(octets) == _DATA:
        return at
    at, _ = _length(octets, at + 1)  # into SignedData or CompressedData
    at = _behind(octets, _behind(octets, at))  # past the version and the algorithms
    within, _ = _length(octets, at + 1)
    explicit = _behind(octets, within)  # past the content's type
    if octets[at : at + 1] == b"0" and octets[within : within + 1] == b"\x06":
        return _length(octets, explicit + 1)[0] if octets[explicit : explicit + 1] == b"\xa0" else -1
    # It is not as it should be; a tolerant reader finds it by the type of its content.
    at = octets.find(_DATA)
    while at >= 0:
        at += len(_DATA)
        if octets[at : at + 1] == b"\xa0":
            return _length(octets, at + 1)[0]
        at = octets.find(_DATA, at)
    return -1


def _type(octets: bytes) -> bytes:
    """The object identifier of the content's type, b"" where none stands first."""
    at, _ = _length(octets, 1)
    start, length = _length(octets, at + 1)
    return octets[start : start + max(0, length)] if octets[at : at + 1] == b"\x06" else b""


def _behind(octets: bytes, at: int) -> int:
    """The offset behind a value."""
    depth = 0
    while at < len(octets):
        if depth and octets[at : at + 2] == b"\0\0":
            depth -= 1
            at += 2
        else:
            start, length = _length(octets, at + 1)
            depth += length < 0
            at = start + max(0, length)
        if not depth:
            break
    return min(at, len(octets))


def _length(octets: bytes, at: int) -> tuple[int, int]:
    """Where the content begins, and its length; -1 where it is indefinite."""
    first = octets[at] if at < len(octets) else 0
    if first < 0x80:
        return at + 1, first
    if first == 0x80:
        return at + 1, -1
    count = first & 0x7F
    return at + 1 + count, int.from_bytes(octets[at + 1 : at + 1 + min(count, 8)], "big")


def _string(octets: bytes, at: int) -> bytes:
    """The octet string at an offset, its pieces joined."""
    pieces: list[bytes] = []
    ends: list[int] = []  # of the strings around that are made of others; -1 where only a mark ends one
    for _ in range(_MAX_PIECES):
        while ends and 0 <= ends[-1] <= at:
            ends.pop()
            if not ends:
                return b"".join(pieces)
        tag = octets[at : at + 1]
        start, length = _length(octets, at + 1)
        if tag == b"\x24":
            ends.append(-1 if length < 0 else start + length)
            at = start
        elif tag == b"\x04" and length >= 0:
            pieces.append(octets[start : start + length])
            at = start + length
        elif octets[at : at + 2] == b"\0\0" and ends and ends[-1] < 0:
            ends.pop()
            at += 2
        else:
            break
        if not ends:
            break
    return b"".join(pieces)
