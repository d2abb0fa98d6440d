"""Mails that carry a program, built piece by piece, so that a test can bend one piece."""

import base64
import binascii
import struct

from fakes.evasions.containers import zipped

NAME = "evil.exe"
PROGRAM = b"MZ\x90\x00" + bytes(range(256)) * 2 + b"This program cannot be run in DOS mode." + b"\0" * 60
TOP = b"From: a@example.net\r\nTo: b@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
NAMED = b'Content-Disposition: attachment; filename="evil.exe"\r\n'
TYPE = b"Content-Type: application/octet-stream\r\n"
B64 = b"Content-Transfer-Encoding: base64\r\n"


def b64(octets: bytes = PROGRAM) -> bytes:
    return base64.encodebytes(octets).replace(b"\n", b"\r\n")


def evil(head: bytes = TYPE + NAMED + B64, body: bytes | None = None) -> bytes:
    """One part with the program."""
    return head + b"\r\n" + (b64() if body is None else body)


def mixed(*parts: bytes, boundary: bytes = b"BB", head: bytes | None = None, preamble: bytes = b"", epilogue: bytes = b"") -> bytes:
    """A message with these parts."""
    content_type = b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\r\n' if head is None else head
    inner = b"".join(b"\r\n--" + boundary + b"\r\n" + part for part in parts)
    return TOP + content_type + b"\r\n" + preamble + inner + b"\r\n--" + boundary + b"--\r\n" + epilogue


def uu(octets: bytes = PROGRAM, name: bytes = b"evil.exe") -> bytes:
    lines = [binascii.b2a_uu(octets[at : at + 45]).replace(b"\n", b"\r\n") for at in range(0, len(octets), 45)]
    return b"begin 644 " + name + b"\r\n" + b"".join(lines) + b"`\r\nend\r\n"


def yenc(octets: bytes = PROGRAM) -> bytes:
    out = bytearray()
    for octet in octets:
        shifted = (octet + 42) & 255
        out += b"=" + bytes(((shifted + 64) & 255,)) if shifted in b"\0\n\r=" else bytes((shifted,))
    return b"=ybegin line=128 size=%d name=evil.exe\r\n" % len(octets) + bytes(out) + b"\r\n=yend size=%d\r\n" % len(octets)


def attached(octets: bytes, name: str) -> bytes:
    """A message with one honest attachment."""
    head = f'Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="{name}"\r\n'.encode() + B64
    return mixed(b"Content-Type: text/plain\r\n\r\nhello", head + b"\r\n" + b64(octets))


def tnef(name: bytes = b"evil.exe", octets: bytes = PROGRAM) -> bytes:
    def attribute(level: int, identifier: int, value: bytes) -> bytes:
        return struct.pack("<BLL", level, identifier, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)

    return (
        b"\x78\x9f\x3e\x22\x01\x00"
        + attribute(1, 0x00089006, b"\0\0\1\0")
        + attribute(2, 0x00069002, b"\0" * 14)
        + attribute(2, 0x00018010, name + b"\0")
        + attribute(2, 0x0006800F, octets)
    )


def tnef_of_rtf(rtf: bytes) -> bytes:
    """A mail whose body is RTF in a winmail.dat, called packed and not packed."""
    said = struct.pack("<LL4sL", len(rtf) + 12, len(rtf), b"MELA", 0) + rtf
    value = struct.pack("<LHHLL", 1, 0x0102, 0x1009, 1, len(said)) + said + bytes(-len(said) % 4)
    octets = tnef()[:6] + struct.pack("<BLL", 1, 0x00069003, len(value)) + value + b"\0\0"
    return mixed(b"Content-Type: application/ms-tnef; name=winmail.dat\r\n" + B64 + b"\r\n" + b64(octets))


def hidden_member() -> bytes:
    """A ZIP whose only directory does not list the program that stands before it."""
    first, second = zipped((NAME, PROGRAM)), zipped(("readme.txt", b"hello"))
    return first[: first.find(b"PK\x01\x02")] + second


def local_name_differs() -> bytes:
    archive = zipped(("note.txt", PROGRAM))
    return archive.replace(b"note.txt", b"evil.exe", 1)
