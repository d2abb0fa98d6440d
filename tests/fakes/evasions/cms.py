"""Cryptographic messages (RFC 5652, RFC 3274) made by hand, in DER and in BER's freer forms: what wraps a MIME entity, unsigned."""

import zlib
from collections.abc import Iterator

_SIGNED = bytes.fromhex("2a864886f70d010702")
_COMPRESSED = bytes.fromhex("2a864886f70d0109100109")
_DATA = bytes.fromhex("2a864886f70d010701")
_DIGESTED = bytes.fromhex("2a864886f70d010705")
_SHA1 = bytes.fromhex("2b0e03021a")
_ZLIB = bytes.fromhex("2a864886f70d0109100308")


def der(tag: int, content: bytes) -> bytes:
    """A value with its tag and its length, as short as it goes."""
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def ber(tag: int, content: bytes) -> bytes:
    """A value of indefinite length (X.690 8.1.3.6)."""
    return bytes((tag, 0x80)) + content + bytes(2)


def pieces(entity: bytes, size: int = 100) -> bytes:
    """An octet string in pieces."""
    return ber(0x24, b"".join(der(4, entity[at : at + size]) for at in range(0, len(entity), size)))


def signed(string: bytes, *, before: bytes = b"", oid: bytes = der(6, _DATA)) -> bytes:
    """Signed data around an octet string; `before`: what stands among the algorithms."""
    data = der(0x30, oid + der(0xA0, string))
    return der(0x30, der(6, _SIGNED) + der(0xA0, der(0x30, b"\2\1\1" + der(0x31, before) + data + der(0x31, b""))))


def compressed(entity: bytes) -> bytes:
    """Compressed data."""
    data = der(0x30, der(6, _DATA) + der(0xA0, der(4, zlib.compress(entity))))
    return der(0x30, der(6, _COMPRESSED) + der(0xA0, der(0x30, b"\2\1\0" + der(0x30, der(6, _ZLIB)) + data)))


def bare(string: bytes) -> bytes:
    """Data that are nothing but data (RFC 5652 4)."""
    return der(0x30, der(6, _DATA) + der(0xA0, string))


def digested(string: bytes) -> bytes:
    """Digested data (RFC 5652 7)."""
    data = der(0x30, der(6, _DATA) + der(0xA0, string))
    return der(0x30, der(6, _DIGESTED) + der(0xA0, der(0x30, b"\2\1\0" + der(0x30, der(6, _SHA1)) + data + der(4, bytes(20)))))


def wrapping(entity: bytes) -> Iterator[tuple[str, bytes]]:
    """What is odd about it, and the octets."""
    yield "der", signed(der(4, entity))
    yield "pieces", signed(pieces(entity))
    yield "pieces-in-pieces", signed(ber(0x24, pieces(entity[:50]) + pieces(entity[50:])))
    yield "definite-pieces", signed(der(0x24, der(0x24, der(4, entity[:50])) + der(0x24, der(4, entity[50:]))))
    yield "empty-pieces", signed(ber(0x24, der(4, b"") * 200 + der(4, entity)))
    yield (
        "indefinite",
        ber(0x30, der(6, _SIGNED) + ber(0xA0, ber(0x30, b"\2\1\1" + ber(0x30, der(6, _DATA) + ber(0xA0, der(4, entity)))))),
    )
    yield "decoy", signed(der(4, entity), before=der(0x30, der(6, _DATA) + der(0xA0, der(4, b"Subject: nothing\r\n\r\nnothing"))))
    yield "long-oid-length", signed(der(4, entity), oid=b"\x06\x81" + bytes((len(_DATA),)) + _DATA)
    yield "compressed", compressed(entity)
    inner = b"Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n\r\n" + signed(der(4, entity))
    yield "twice", signed(der(4, inner))
    yield "data", bare(der(4, entity))
    yield "data-indefinite", ber(0x30, b"\x06\x81\x09" + _DATA + ber(0xA0, pieces(entity)))
    yield "digested", digested(pieces(entity))
    yield "data-twice", bare(der(4, b"Content-Type: application/cms\r\n\r\n" + bare(der(4, entity))))
    yield "data-that-are-compressed", bare(der(4, compressed(entity)))
