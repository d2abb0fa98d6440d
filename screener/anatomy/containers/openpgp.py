"""OpenPGP messages that are not encrypted: literal data, perhaps compressed or signed, which programs show without any key.

RFC 4880. Promises: linear, bounded by the ledger, never raises but NotInline; nothing is decrypted, no signature checked.
"""

import bz2
import zlib
from collections.abc import Callable

from screener.anatomy import charsets
from screener.anatomy.containers import unpacking
from screener.anatomy.containers.unpacking import Unpacker
from screener.anatomy.defects import Defect, Limit
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, Member, held
from screener.anatomy.mime import encoded_words

BEGIN = b"-----BEGIN PGP "
_MESSAGE = b"MESSAGE"  # what it says behind that, though programs take what others have for one
_ENDINGS = (".pgp", ".gpg", ".asc")
_SEALED = frozenset((1, 3, 9, 18, 20))  # session keys, and what they encrypt (4.3)
_COMPRESSED, _LITERAL = _OPEN = 8, 11
_BESIDE = frozenset((2, 4, 10, 12, 13, 19))  # signatures, markers, trust, names, a check
_WAYS: dict[int, Callable[[], Unpacker]] = {  # 9.3
    1: lambda: zlib.decompressobj(-zlib.MAX_WBITS),
    2: zlib.decompressobj,
    3: bz2.BZ2Decompressor,
}
_HEAD = 4_096  # octets in which the first packets are told, …
_FIRST = 4  # … and how many
_MAX_DEPTH = 8  # packets in one another
_MAX_PACKETS = 1_000  # in one file, with those that are packed in others
_MAX_BLOCKS = 100  # armoured, in one file


def read(octets: bytes, names: tuple[str, ...], ledger: Ledger, place: str) -> Listing:
    """What lies open in a file, armoured or not; `encrypted` where there is something that needs a key."""
    members: list[Member] = []
    is_sealed = False
    called = [name[:-4] for name in names if name.lower().endswith(_ENDINGS)]
    messages = _messages(octets)
    if len(messages) > _MAX_BLOCKS:
        ledger.note(Defect.CONTAINER_TOO_MANY_MEMBERS, place)
    left = _MAX_PACKETS
    for message in messages[:_MAX_BLOCKS]:
        pending = [(message, 0)]
        while pending:
            packets, depth = pending.pop()
            found = _packets(packets, left)
            left -= len(found)
            if left <= 0:
                ledger.note(Defect.CONTAINER_TOO_MANY_MEMBERS, place)
            for tag, body in found:
                is_sealed = is_sealed or tag in _SEALED
                if tag == _LITERAL and len(body) > 1:
                    start = 2 + body[1]
                    content = body[start + 4 :]
                    ledger.spend_unpacked(len(content), place)
                    if ledger.unpacked_left <= 0 or not ledger.spend_member(place):
                        return Listing(tuple(members), is_sealed)
                    members.append(held((charsets.text(body[2:start]), *called), content))
                elif tag == _COMPRESSED and depth >= _MAX_DEPTH:
                    ledger.note(Defect.CONTAINER_TOO_DEEP, place)
                elif tag == _COMPRESSED and left > 0 and ledger.spend_member(place):
                    pending.append((_unpacked(body, ledger, place), depth + 1))
    return Listing(tuple(members), is_sealed)


def is_sealed(octets: bytes) -> bool:
    """Whether octets that are no armour begin as something that needs a key."""
    return any(tag in _SEALED for tag, _ in _packets(octets[:_HEAD], _FIRST))


def _messages(octets: bytes) -> list[bytes]:
    """The packets of each message: those between the lines of armour (6.2), or all octets."""
    pieces = octets.split(BEGIN)
    if len(pieces) == 1:
        return [octets]
    found = []
    for piece in pieces[1:]:
        lines = piece[: piece.find(b"-----END") if b"-----END" in piece else len(piece)].splitlines()[1:]
        lines = [line for line in lines if b":" not in line and not line.startswith(b"=")]  # its fields, its checksum
        packets = encoded_words.base64(b"".join(lines))
        if piece.startswith(_MESSAGE) or any(tag in _OPEN for tag, _ in _packets(packets, _FIRST)):
            found.append(packets)
        if len(found) > _MAX_BLOCKS:
            break
    return found


def _packets(octets: bytes, most: int) -> list[tuple[int, bytes]]:
    """Every packet by its tag (4.2), up to what is none, or that many."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while at + 1 < len(octets) and octets[at] & 0x80 and len(found) < most:
        first = octets[at]
        tag = first & 0x3F if first & 0x40 else first >> 2 & 0x0F
        if tag not in _SEALED | _BESIDE | {_COMPRESSED, _LITERAL}:
            break
        at += 1
        pieces: list[bytes] = []
        is_partial = True
        while is_partial and at < len(octets):
            at, size, is_partial = _length(octets, at, first)
            pieces.append(octets[at : at + size])
            at += size
        found.append((tag, b"".join(pieces)))
        if tag in _SEALED - {1, 3}:
            break
    return found


def _length(octets: bytes, at: int, first: int) -> tuple[int, int, bool]:
    """Where a packet's body, or a piece of it, begins, how long it is, and whether another follows (4.2.1, 4.2.2)."""
    if not first & 0x40:
        width = (1, 2, 4, 0)[first & 3]
        return at + width, int.from_bytes(octets[at : at + width], "big") if width else len(octets) - at, False
    one = octets[at]
    if one < 192:
        return at + 1, one, False
    if one < 224:
        return at + 2, (one - 192 << 8) + 192 + (octets[at + 1] if at + 1 < len(octets) else 0), False
    if one < 255:
        return at + 1, 1 << (one & 0x1F), True
    return at + 5, int.from_bytes(octets[at + 1 : at + 5], "big"), False


def _unpacked(body: bytes, ledger: Ledger, place: str) -> bytes:
    """The packets in compressed data (5.6)."""
    way = body[0] if body else 0
    if not way:
        return body[1:]
    if way not in _WAYS:
        ledger.note(Defect.CONTAINER_METHOD, place)
        return b""
    ledger.refuse_inline(f"{place} is compressed")
    limit = min(ledger.unpacked_left, max(ledger.budget.container_ratio_floor, len(body) * ledger.budget.container_ratio))
    found = unpacking.stream(_WAYS[way], body, 1, limit)
    if not found.is_whole:
        ledger.note(Defect.CONTAINER_DAMAGED if found.damage else Defect.CONTAINER_TOO_LARGE, place, Limit.RATIO)
    ledger.spend_unpacked(len(found.content), place)
    return found.content
