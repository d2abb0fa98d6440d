"""What an opaque S/MIME signature wraps (RFC 8551 3.5.2, RFC 5652 5): a MIME entity, which readers show as if it were the mail.

Promises: linear, never raises; BER's indefinite lengths and strings in pieces (X.690 8.7.3) are followed as far as they go. The
signature is not verified: that is for the reader.
"""

_SIGNED = bytes.fromhex("06092a864886f70d010702")
_DATA = bytes.fromhex("06092a864886f70d010701")
_HEAD = 64  # octets in which the type stands
_MAX_PIECES = 1_000_000


def is_signed(head: bytes) -> bool:
    """Whether octets begin as signed data."""
    return head[:1] == b"0" and _SIGNED in head[:_HEAD]


def entity(octets: bytes) -> bytes:
    """The MIME entity that is signed, b"" where there is none."""
    at = octets.find(_DATA)
    if at < 0 or octets[at + len(_DATA) : at + len(_DATA) + 1] != b"\xa0":
        return b""
    start, _ = _length(octets, at + len(_DATA) + 1)
    return _string(octets, start)


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
    end = len(octets)
    for _ in range(_MAX_PIECES):
        tag = octets[at : at + 1]
        start, length = _length(octets, at + 1)
        if tag == b"\x24":
            if length >= 0:
                end = min(end, start + length)
            at = start
            continue
        if tag != b"\x04" or length < 0 or at >= end:
            break
        pieces.append(octets[start : start + length])
        at = start + length
        if len(pieces) == 1 and end == len(octets) and octets[at : at + 1] != b"\x04":
            break
    return b"".join(pieces)
