"""RARs and 7z archives whose members are encrypted, or only said to be (RAR 5.0 technical note; 7zFormat.txt)."""

import struct
import zlib
from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """A member: stored, or `packed` as it is; in version 5 perhaps one that is another over again."""

    name: str
    content: bytes
    locked: bool = False
    packed: bytes = b""
    has_checksum: bool = True
    copy_of: str = ""
    is_hard_link: bool = False
    is_service: bool = False

    @property
    def data(self) -> bytes:
        """What lies in the archive."""
        return self.packed or self.content


def vint(value: int) -> bytes:
    """A number as version 5 writes it."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes((*out, value))


def _five(header: bytes) -> bytes:
    sized = vint(len(header)) + header
    return struct.pack("<L", zlib.crc32(sized)) + sized


LOCK_FIVE = _five(bytes((4, 0, 0, 0, 15)) + bytes(range(16)))  # the header of encryption: what follows is encrypted


def file_five(one: File) -> bytes:
    """The header of a file or service of version 5, and its octets."""
    record = bytes((1, 0, 1, 15)) + bytes(range(44))
    extra = vint(len(record)) + record if one.locked else b""
    if one.copy_of:
        record = bytes((5, 4 if one.is_hard_link else 5, 0)) + vint(len(one.copy_of.encode())) + one.copy_of.encode()
        extra += vint(len(record)) + record
    raw = one.name.encode()
    about = vint(4 if one.has_checksum else 0) + vint(len(one.content)) + vint(0x20)
    about += struct.pack("<L", zlib.crc32(one.content)) if one.has_checksum else b""
    sizes = (vint(len(extra)) if extra else b"") + vint(len(one.data))
    return (
        _five(vint(3 if one.is_service else 2) + vint(3 if extra else 2) + sizes + about + b"\0\0" + vint(len(raw)) + raw + extra)
        + one.data
    )


def rar_five(*files: File, before: bytes = b"", behind_main: bytes = b"", copies_at: int = 0) -> bytes:
    """A RAR of version 5, with these octets before its main header and behind it, which says where copies of headers are."""
    blocks = b"".join(map(file_five, files))
    locator = b"\1\1" + vint(max(0, copies_at - 8))
    main = b"\1\1" + vint(len(locator) + 1) + b"\0" + vint(len(locator)) + locator if copies_at else b"\1\0\0"
    return b"Rar!\x1a\7\1\0" + before + _five(main) + behind_main + blocks + _five(b"\5\0\0")


def block_four(kind: int, flags: int, rest: bytes) -> bytes:
    """A block of version 4."""
    body = struct.pack("<BHH", kind, flags, 7 + len(rest)) + rest
    return struct.pack("<H", zlib.crc32(body) & 0xFFFF) + body


def _file_four(one: File) -> bytes:
    raw = one.name.encode()
    sizes = (len(one.data), len(one.content), 2, zlib.crc32(one.content))
    fields = struct.pack("<LLBLLBBHL", *sizes, 0x58210000, 29, 0x30, len(raw), 0x20)
    salt = bytes(range(8)) if one.locked else b""
    return block_four(0x74, 0x8404 if one.locked else 0x8000, fields + raw + salt) + one.data


def rar_four(*files: File, list_locked: bool = False) -> bytes:
    """A RAR of version 4."""
    main = block_four(0x73, 0x80 if list_locked else 0, bytes(6))
    return b"Rar!\x1a\7\0" + main + b"".join(map(_file_four, files)) + block_four(0x7B, 0x4000, b"")


def _number(value: int) -> bytes:
    assert value < 0x200000
    if value < 0x4000:
        return bytes((value,)) if value < 0x80 else bytes((0x80 | value >> 8, value & 0xFF))
    return bytes((0xC0 | value >> 16, value & 0xFF, value >> 8 & 0xFF))


def seven(*files: File) -> bytes:
    """A 7z archive, each member in a folder of its own."""
    locked = b"\1\x24\x06\xf1\x07\x01\x12\x53\x0f" + bytes(range(16))
    count = _number(len(files))
    pack = b"\6\0" + count + b"\x09" + b"".join(_number(len(one.data)) for one in files) + b"\0"
    folders = b"\7\x0b" + count + b"\0" + b"".join(locked if one.locked else b"\1\1\0" for one in files)
    sizes = b"\x0c" + b"".join(_number(len(one.content)) for one in files)
    checksums = b"\x0a\1" + b"".join(struct.pack("<L", zlib.crc32(one.content)) for one in files)
    names = b"\0" + b"".join(one.name.encode("utf-16-le") + b"\0\0" for one in files)
    listed = b"\5" + count + b"\x11" + _number(len(names)) + names + b"\0"
    header = b"\1\4" + pack + folders + sizes + checksums + b"\0\x08\0\0" + listed + b"\0"
    data = b"".join(one.data for one in files)
    start = struct.pack("<QQL", len(data), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<L", zlib.crc32(start)) + start + data + header
