"""Containers made by hand or by the standard library: ZIP in all its ways, tar, gzip, cab, RAR, TNEF, BinHex, yEnc, documents."""

import base64
import binascii
import bz2
import gzip
import io
import lzma
import os
import random
import struct
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path

from fakes.locked_archives import File, block_four, rar_five

Files = tuple[tuple[str, bytes], ...]
_DATE = (2024, 1, 1, 0, 0, 0)


def zipped(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    """A ZIP."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.comment = comment
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, _DATE), content, compress_type=method)
    return buffer.getvalue()


def streamed_zip(*files: tuple[str, bytes]) -> bytes:
    """A ZIP with its sizes behind the data (APPNOTE.TXT 4.3.9)."""

    class Unseekable(io.RawIOBase):
        def __init__(self) -> None:
            self.out = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, octets: object) -> int:
            assert isinstance(octets, bytes | bytearray | memoryview)
            self.out += octets
            return len(octets)

    sink = Unseekable()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, _DATE), content, compress_type=zipfile.ZIP_DEFLATED)
    return bytes(sink.out)


def local_record(name: bytes, content: bytes, *, flags: int = 0, method: int = 8) -> bytes:
    """One local header and its data (APPNOTE.TXT 4.3.7)."""
    packed = _deflated(content) if method == 8 else content
    header = struct.pack(
        "<4s5H3L2H", b"PK\x03\x04", 20, flags, method, 0, 0x5821, zlib.crc32(content), len(packed), len(content), len(name), 0
    )
    return header + name + packed


def central_record(name: bytes, content: bytes, offset: int, *, flags: int = 0, method: int = 8, extra: bytes = b"") -> bytes:
    """One central header (APPNOTE.TXT 4.3.12)."""
    packed = _deflated(content) if method == 8 else content
    sizes = (len(packed), len(content))
    header = struct.pack(
        "<4s6H3L5H2L",
        b"PK\x01\x02",
        20,
        20,
        flags,
        method,
        0,
        0x5821,
        zlib.crc32(content),
        *sizes,
        len(name),
        len(extra),
        0,
        0,
        0,
        0,
        offset,
    )
    return header + name + extra


def end_record(count: int, size: int, offset: int) -> bytes:
    """The end of the central directory (APPNOTE.TXT 4.3.16)."""
    return struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, size, offset, 0)


def _deflated(content: bytes) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return stream.compress(content) + stream.flush()


def zip_of(local_name: bytes, central_name: bytes, content: bytes, *, flags: int = 0, central_extra: bytes = b"") -> bytes:
    """A ZIP whose two headers may say different names."""
    local = local_record(local_name, content, flags=flags)
    central = central_record(central_name, content, 0, flags=flags, extra=central_extra)
    return local + central + end_record(1, len(central), len(local))


def zip_of_two_minds(name: str, content: bytes, at: int, value: bytes, *, central: bool) -> bytes:
    """A ZIP one of whose two headers says something else at this offset in it: flags, method, sizes."""
    octets = zip_of(name.encode(), name.encode(), content)
    at += octets.rfind(b"PK\x01\x02") if central else 0
    return octets[:at] + value + octets[at + len(value) :]


def encrypted_zip(name: str, content: bytes) -> bytes:
    """A ZIP whose member is encrypted (APPNOTE.TXT 4.4.4, bit 0): noise, as whoever has no password sees it."""
    packed = _deflated(content)
    return said_encrypted_zip(name, content).replace(packed, random.Random(1).randbytes(len(packed)))


def said_encrypted_zip(name: str, content: bytes, flags: int = 1, method: int = 8) -> bytes:
    """A ZIP that only says its member is encrypted: it is packed as any other."""
    raw = name.encode()
    local = local_record(raw, content, flags=flags, method=method)
    central = central_record(raw, content, 0, flags=flags, method=method)
    return local + central + end_record(1, len(central), len(local))


def zip64(name: str, content: bytes) -> bytes:
    """A ZIP with zip64 records (APPNOTE.TXT 4.3.14, 4.5.3)."""
    raw = name.encode()
    packed = _deflated(content)
    extra = struct.pack("<HHQQ", 1, 16, len(content), len(packed))
    full = 0xFFFFFFFF
    local = (
        struct.pack("<4s5H3L2H", b"PK\x03\x04", 45, 0, 8, 0, 0x5821, zlib.crc32(content), full, full, len(raw), len(extra))
        + raw
        + extra
        + packed
    )
    more = struct.pack("<HHQQQ", 1, 24, len(content), len(packed), 0)
    central = (
        struct.pack(
            "<4s6H3L5H2L",
            b"PK\x01\x02",
            45,
            45,
            0,
            8,
            0,
            0x5821,
            zlib.crc32(content),
            full,
            full,
            len(raw),
            len(more),
            0,
            0,
            0,
            0,
            full,
        )
        + raw
        + more
    )
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, len(central), len(local))
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(local) + len(central), 1)
    return local + central + record + locator + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, full, full, 0)


def hidden_member(name: str, content: bytes) -> bytes:
    """A ZIP whose only directory does not list the file that stands before it."""
    first = zipped((name, content))
    return first[: first.find(b"PK\x01\x02")] + zipped(("readme.txt", b"hello"))


def overlapped(name: str, content: bytes, count: int) -> bytes:
    """A ZIP with many names for one member's data."""
    local = local_record(name.encode(), content)
    central = b"".join(central_record(b"%d-" % number + name.encode(), content, 0) for number in range(count))
    return local + central + end_record(count, len(central), len(local))


def quoted_overlap(name: str, content: bytes, count: int) -> bytes:
    """A ZIP whose members' data hold the next members' headers, quoted in stored blocks of deflate (Fifield 2019)."""
    raw = name.encode()
    data = _deflated(content)
    crc, size = zlib.crc32(content), len(content)
    headers: list[tuple[bytes, int, int, int]] = []
    tail = b""
    local = b""
    for number in range(count):
        own = b"%d-" % number + raw if number else raw
        if number:
            quoted = struct.pack("<BHH", 0, len(local), len(local) ^ 0xFFFF) + local
            data = quoted + data
            size += len(local)
            crc = 0
        local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 0x5821, crc, len(data), size, len(own), 0) + own
        headers.append((own, crc, len(data), size))
    blob = local + data
    position = 0
    offsets = []
    for own, _, _, _ in reversed(headers):
        offsets.append(position)
        position += 30 + len(own) + 5
    for (own, crc, packed, full), offset in zip(reversed(headers), offsets, strict=True):
        tail += (
            struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 8, 0, 0x5821, crc, packed, full, len(own), 0, 0, 0, 0, 0, offset)
            + own
        )
    return blob + tail + end_record(count, len(tail), len(blob))


def tarred(*files: tuple[str, bytes], form: int = tarfile.USTAR_FORMAT) -> bytes:
    """A tar."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def gz(octets: bytes, name: str = "") -> bytes:
    """A gzip stream, with its file's name where one is given (RFC 1952 2.3)."""
    packed = gzip.compress(octets, mtime=0)
    return packed[:3] + b"\x08" + packed[4:10] + name.encode("latin-1") + b"\0" + packed[10:] if name else packed


def bz(octets: bytes) -> bytes:
    """A bzip2 stream."""
    return bz2.compress(octets)


def xz(octets: bytes) -> bytes:
    """An xz stream."""
    return lzma.compress(octets)


def archived(form: str, name: str, content: bytes, options: str = "", passphrase: str | None = None) -> bytes:
    """An archive as libarchive writes it: "7zip", "iso9660", "cpio_newc", "xar" …"""
    from libarchive.write import file_writer

    handle, path = tempfile.mkstemp()
    os.close(handle)
    try:
        with file_writer(path, form, options=options, passphrase=passphrase) as archive:
            archive.add_file_from_memory(name, len(content), content)
        return Path(path).read_bytes()
    finally:
        Path(path).unlink()


def cab(name: str, content: bytes) -> bytes:
    """A cabinet, stored (MS-CAB 2)."""
    file_at = 36 + 8
    entry = struct.pack("<LLHHHH", len(content), 0, 0, 0x5821, 0, 0x20) + name.encode() + b"\0"
    data_at = file_at + len(entry)
    blocks = [content[at : at + 32768] for at in range(0, len(content), 32768)]
    data = b"".join(struct.pack("<LHH", 0, len(block), len(block)) + block for block in blocks)
    header = struct.pack("<4sLLLLLBBHHHHH", b"MSCF", 0, data_at + len(data), 0, file_at, 0, 3, 1, 1, 1, 0, 0, 0)
    return header + struct.pack("<LHH", data_at, len(blocks), 0) + entry + data


def rar4(name: str, content: bytes, *, encrypted: bool = False) -> bytes:
    """A RAR 4 archive, stored."""
    raw = name.encode()
    fields = struct.pack("<LLBLLBBHL", len(content), len(content), 2, zlib.crc32(content), 0x58210000, 20, 0x30, len(raw), 0x20)
    flags = 0x8000 | (0x04 if encrypted else 0)
    main, end = block_four(0x73, 0, b"\0" * 6), block_four(0x7B, 0x4000, b"")
    return b"Rar!\x1a\x07\x00" + main + block_four(0x74, flags, fields + raw) + content + end


def rar5(name: str, content: bytes) -> bytes:
    """A RAR 5 archive, stored."""
    return rar_five(File(name, content))


def tnef(name: str, content: bytes, *, unicode_name: bool = False, cut: int = 0) -> bytes:
    """Outlook's winmail.dat (MS-OXTNEF 2.1); `unicode_name`: only the long name in the properties tells it."""

    def attribute(level: int, identifier: int, value: bytes) -> bytes:
        return struct.pack("<BLL", level, identifier, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)

    out = b"\x78\x9f\x3e\x22\x01\x00" + attribute(1, 0x00089006, b"\0\0\1\0") + attribute(2, 0x00069002, b"\0" * 14)
    if unicode_name:
        raw = (name + "\0").encode("utf-16-le")
        value = struct.pack("<LHHLL", 1, 0x001F, 0x3707, 1, len(raw)) + raw + b"\0" * (-len(raw) % 4)
        out += attribute(2, 0x00018010, b"ATT1.DAT\0") + attribute(2, 0x0006800F, content) + attribute(2, 0x00069005, value)
    else:
        out += attribute(2, 0x00018010, name.encode() + b"\0") + attribute(2, 0x0006800F, content)
    return out[: len(out) - cut] if cut else out


def yenc(octets: bytes, name: str, *, parts: bool = False) -> bytes:
    """A yEnc block in lines of 128 (yEnc draft 1.3)."""
    lines: list[bytes] = []
    line = bytearray()
    for octet in octets:
        shifted = (octet + 42) & 255
        line += b"=" + bytes(((shifted + 64) & 255,)) if shifted in b"\0\n\r=." else bytes((shifted,))
        if len(line) >= 128:
            lines.append(bytes(line))
            line.clear()
    lines.append(bytes(line))
    part = b" part=1 total=1" if parts else b""
    head = b"=ybegin%s line=128 size=%d name=%s\r\n" % (part, len(octets), name.encode())
    head += b"=ypart begin=1 end=%d\r\n" % len(octets) if parts else b""
    return head + b"\r\n".join(lines) + b"\r\n=yend size=%d crc32=%08x\r\n" % (len(octets), zlib.crc32(octets))


_HQX = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
_B64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def binhex(octets: bytes, name: str) -> bytes:
    """A BinHex 4.0 stream (RFC 1741)."""
    raw = name.encode()
    header = bytes((len(raw),)) + raw + b"\0" + b"BINA" + b"dosa" + b"\0\0" + struct.pack(">LL", len(octets), 0)
    plain = b"".join(fork + struct.pack(">H", binascii.crc_hqx(fork + b"\0\0", 0)) for fork in (header, octets, b""))
    packed = (
        binascii.b2a_base64(plain.replace(b"\x90", b"\x90\0"), newline=False).rstrip(b"=").translate(bytes.maketrans(_B64, _HQX))
    )
    lines = [(b":" + packed + b":")[at : at + 64] for at in range(0, len(packed) + 2, 64)]
    return b"(This file must be converted with BinHex 4.0)\r\n\r\n" + b"\r\n".join(lines) + b"\r\n"


_XX = b"+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def xxencoded(octets: bytes, name: str) -> bytes:
    """xxencode: uuencode in another alphabet."""
    lines = []
    for at in range(0, len(octets), 45):
        piece = octets[at : at + 45]
        packed = binascii.b2a_base64(piece + b"\0" * (-len(piece) % 3), newline=False)
        lines.append(_XX[len(piece) : len(piece) + 1] + packed.translate(bytes.maketrans(_B64, _XX)))
    return b"begin 644 " + name.encode() + b"\r\n" + b"\r\n".join(lines) + b"\r\n+\r\nend\r\n"


_TYPES_XML = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def document(*more: tuple[str, bytes]) -> bytes:
    """A Word document with these members beside its own."""
    return zipped(
        ("[Content_Types].xml", _TYPES_XML), ("word/document.xml", b"<w:document><w:body>hello</w:body></w:document>"), *more
    )


def ole(*streams: tuple[str, bytes]) -> bytes:
    """A compound file with these streams in its root (MS-CFB): 512-octet sectors, no mini stream, so each has 4,096 or more."""
    sector = 512
    bodies = [content + b"\0" * (max(4096, -(-len(content) // sector) * sector) - len(content)) for _, content in streams]
    entries = [_entry("Root Entry", 5, 1 if streams else 0xFFFFFFFF, 0xFFFFFFFE, 0)]
    fat: list[int] = []
    position = 0
    starts = []
    for body in bodies:
        starts.append(position)
        count = len(body) // sector
        fat += [*range(position + 1, position + count), 0xFFFFFFFE]
        position += count
    for number, (name, _) in enumerate(streams):
        right = number + 2 if number + 1 < len(streams) else 0xFFFFFFFF
        entries.append(_entry(name, 2, 0xFFFFFFFF, starts[number], len(bodies[number]), right))
    while len(entries) % 4:
        entries.append(b"\0" * 64 + struct.pack("<HBB3L", 0, 0, 0, *[0xFFFFFFFF] * 3) + b"\0" * 48)
    directory = b"".join(entries)
    directory_at = position
    count = len(directory) // sector
    fat += [*range(position + 1, position + count), 0xFFFFFFFE]
    position += count
    fat_at = position
    fat_sectors = 1
    while len(fat) + fat_sectors > fat_sectors * 128:
        fat_sectors += 1
    fat += [0xFFFFFFFD] * fat_sectors
    fat += [0xFFFFFFFF] * (fat_sectors * 128 - len(fat))
    mark = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    header = struct.pack("<8s16sHHHHH6s", mark, b"", 62, 3, 0xFFFE, 9, 6, b"")
    header += struct.pack("<9L", 0, fat_sectors, directory_at, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    difat = [*range(fat_at, fat_at + fat_sectors)]
    header += struct.pack("<109L", *difat, *[0xFFFFFFFF] * (109 - len(difat)))
    return header + b"".join(bodies) + directory + struct.pack(f"<{len(fat)}L", *fat)


def _entry(name: str, kind: int, child: int, start: int, size: int, right: int = 0xFFFFFFFF) -> bytes:
    raw = name.encode("utf-16-le")
    return (
        raw.ljust(64, b"\0")
        + struct.pack("<HBB3L", len(raw) + 2, kind, 1, 0xFFFFFFFF, right, child)
        + b"\0" * 36
        + struct.pack("<LQ", start, size)
    )


def ole_native(name: str, content: bytes) -> bytes:
    """The stream "\\x01Ole10Native" of a packaged file (MS-OLEDS 2.3.6)."""
    raw = name.encode() + b"\0"
    rest = (
        struct.pack("<H", 2)
        + raw
        + b"C:\\"
        + raw
        + struct.pack("<LL", 0x30000, len(raw) + 3)
        + b"C:\\"
        + raw
        + struct.pack("<L", len(content))
        + content
    )
    return struct.pack("<L", len(rest)) + rest


def onenote(content: bytes) -> bytes:
    """The head of a OneNote section, and one embedded file (MS-ONESTORE 2.3.1, 2.6.13)."""
    head = bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3") + b"\0" * 1008
    guid = bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac")
    footer = bytes.fromhex("22a7fb71790f0b4abb13899256426b24")
    return head + guid + struct.pack("<QLQ", len(content), 0, 0) + content + b"\0" * (-len(content) % 8) + footer


def pdf(
    *, embedded: tuple[str, bytes] | None = None, javascript: bool = False, launch: bool = False, encrypted: bool = False
) -> bytes:
    """A PDF, with what is asked for in it (ISO 32000-1)."""
    catalog = b"<< /Type /Catalog /Pages 2 0 R"
    objects = [b"<< /Type /Pages /Kids [] /Count 0 >>"]
    if javascript:
        catalog += b" /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>"
    if launch:
        catalog += b" /OpenAction << /S /Launch /F (cmd.exe) >>"
    if embedded is not None:
        name, content = embedded
        packed = zlib.compress(content)
        catalog += b" /Names << /EmbeddedFiles << /Names [(" + name.encode() + b") 3 0 R] >> >>"
        objects.append(b"<< /Type /Filespec /F (" + name.encode() + b") /EF << /F 4 0 R >> >>")
        stream = b"<< /Type /EmbeddedFile /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed) + packed + b"\nendstream"
        objects.append(stream)
    objects.insert(0, catalog + b" >>")
    body = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    for number, one in enumerate(objects, 1):
        body += b"%d 0 obj\n" % number + one + b"\nendobj\n"
    encrypt = b" /Encrypt << /Filter /Foo >>" if encrypted else b""
    return body + b"trailer\n<< /Root 1 0 R /Size %d%s >>\nstartxref\n0\n%%%%EOF\n" % (len(objects) + 1, encrypt)


def rtf(name: str, content: bytes) -> bytes:
    """An RTF with a packaged file as an object (RTF 1.9.1 \\objdata; MS-OLEDS 2.2.5)."""
    native = ole_native(name, content)[4:]
    package = struct.pack("<LLL", 0x501, 2, 8) + b"Package\0" + struct.pack("<LLL", 0, 0, len(native)) + native
    return b"{\\rtf1\\ansi hello {\\object\\objemb{\\*\\objclass Package}{\\*\\objdata " + package.hex().encode() + b"}}}"


_WORD_XML = b'<?xml version="1.0" standalone="yes"?>\r\n<?mso-application progid="Word.Document"?>\r\n'


def flat_part(name: str, kind: str, content: bytes) -> bytes:
    """A part of a Flat OPC: XML as it is, anything else as base64."""
    body = (
        b"<pkg:xmlData>" + content + b"</pkg:xmlData>"
        if content.startswith(b"<")
        else b"<pkg:binaryData>" + base64.encodebytes(content) + b"</pkg:binaryData>"
    )
    return f'<pkg:part pkg:name="{name}" pkg:contentType="{kind}">'.encode() + body + b"</pkg:part>"


def flat_opc(*parts: bytes) -> bytes:
    """A Word document that is one file of XML (Flat OPC)."""
    opening = b'<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">'
    return _WORD_XML + opening + b"".join(parts) + b"</pkg:package>"


def word_2003(name: str, content: bytes, more: bytes = b"") -> bytes:
    """A Word document in the XML of 2003 with a file in it, which says that it has macros."""
    opening = b'<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml" w:macrosPresent="yes">'
    data = f'<w:docSuppData><w:binData w:name="{name}">'.encode() + base64.encodebytes(content) + b"</w:binData></w:docSuppData>"
    return _WORD_XML + opening + data + more + b"</w:wordDocument>"


def activemime(content: bytes, *, header: int = 50, gap: bytes = b"", said: int | None = None) -> bytes:
    """Octets as Word wraps them in web pages and XML; `said`: the length of the header but for 46, where it is not the true one."""
    length = struct.pack("<H", (header - 46 if said is None else said) & 0xFFFF)
    return (b"ActiveMime" + bytes(20) + length).ljust(header, b"\0") + gap + zlib.compress(content)
