"""Hostile documents, one family for each pattern and parser that looks into them: the worst input for it that could come by mail.

Each gives a message of about a size. Measured by `anatomy_families`.
"""

import base64
import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

from fakes.evasions import containers

from bench.fact_families import filled, packed

_ONENOTE = bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3") + b"\0" * 1008
_ONENOTE_FILE = bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac") + struct.pack("<QLQ", 0, 0, 0)
_BOMB = zlib.compress(bytes(4_000_000), 9)
_COPIES = b"\xff" + b"\x10\x1f" * 8  # eight times 17 octets that were there before (MS-OXRTFCP 2.2)
_NUMBER = b"=1|'a'!b\r\n"
_UNSEEN = b'<w:p><w:r><w:rPr><w:color w:val="FFFFFF"/></w:rPr><w:t>a</w:t></w:r>'
_SIGNED = bytes.fromhex("308006092a864886f70d010702a080") + bytes.fromhex("06092a864886f70d010701a0802480")


def _file(name: bytes, unit: bytes, before: bytes = b"", after: bytes = b"") -> Callable[[int], bytes]:
    """A file of a unit repeated, which in base64 is a message of that size."""
    return lambda size: packed(before + filled(unit, size * 3 // 4) + after, name)


def _word(unit: bytes, before: bytes = b"<w:p>") -> Callable[[int], bytes]:
    """A document of Word with a unit repeated, not packed."""
    return _office("word/document.xml", unit, before)


def _office(member: str, unit: bytes, before: bytes, after: bytes = b"") -> Callable[[int], bytes]:
    return lambda size: packed(
        containers.zipped(("[Content_Types].xml", b"<Types/>"), (member, before + filled(unit, size * 3 // 4) + after), method=0),
        b"a.docx",
    )


def _formula(unit: bytes) -> Callable[[int], bytes]:
    """A formula of one cell, which is looked into for what it calls: a number does not."""
    return _office("xl/worksheets/sheet1.xml", unit, b"<worksheet><c><f>1|a!b+", b"</f></c></worksheet>")


def _unseen(unit: bytes) -> Callable[[int], bytes]:
    """RTF with letters that nobody sees."""
    return _file(b"a.rtf", unit, b"{\\rtf1{\\colortbl;\\red255\\green255\\blue255;}{\\stylesheet{\\*\\cs1 \\v Hid;}}a{\\cf1 b}c")


def _running_on(count: int) -> bytes:
    """Embedded files each of which goes on over all that follow."""
    out = b"9 0 obj<</Type/EmbeddedFile/Filter/FlateDecode>>stream\nx\x9c"
    for number in range(count):
        head = b"\nendstream endobj %05d 0 obj<</Type/EmbeddedFile/Filter/FlateDecode>>stream\nx\x9c" % number
        out += b"\0" + len(head).to_bytes(2, "little") + (len(head) ^ 0xFFFF).to_bytes(2, "little") + head
    return out


def _pdf(unit: bytes, before: bytes = b"", after: bytes = b"") -> Callable[[int], bytes]:
    return _file(b"a.pdf", unit, b"%PDF-1.7\n" + before, after)


# What encrypts a PDF that opens without a password, by qpdf.
_LOCKED = (Path(__file__).parents[1] / "tests/anatomy/locked_pdfs/rc4-128.pdf").read_bytes()
_KEY = _LOCKED[_LOCKED.index(b"11 0 obj") : _LOCKED.index(b"endobj", _LOCKED.index(b"11 0 obj"))] + b"endobj\n"
_KEY += b"trailer<<" + _LOCKED[_LOCKED.index(b"/ID") : _LOCKED.index(b"]", _LOCKED.index(b"/ID"))] + b"]/Root 1 0 R>>\n"


def _stream(number: int, keys: bytes, content: bytes) -> bytes:
    return b"%d 0 obj\n<<%s/Length %d>>\nstream\n%s\nendstream\nendobj\n" % (number, keys, len(content), content)


def _object_streams(keys: bytes, content: bytes) -> Callable[[int], bytes]:
    """Object streams, each a bomb of its own."""

    def made(size: int) -> bytes:
        one = _stream(1, b"/Type/ObjStm" + keys, content)
        return packed(b"%PDF-1.7\n" + filled(one, size * 3 // 4), b"a.pdf")

    return made


def _drawn(unit: bytes, before: bytes = b"BT /F 1 Tf ", after: bytes = b"") -> Callable[[int], bytes]:
    """What a page draws."""
    return _pdf(unit, b"1 0 obj<</Contents 2 0 R>>endobj 2 0 obj<<>>stream\n" + before, after + b"\nendstream endobj\n")


def _streams_in_one_another(size: int) -> bytes:
    """Each stream's data goes on over all that follow: stored blocks hold the next header (RFC 1951 3.2.4)."""
    empty = b"\0\0\0\xff\xff" * 300
    one = b"\nendstream 1 0 obj\n<</Type/ObjStm/Filter/FlateDecode>>\nstream\n\x78\x01"
    stored = b"\0" + struct.pack("<HH", len(one), len(one) ^ 0xFFFF) + one
    return packed(b"%PDF-1.7\n" + one + filled(empty + stored, size * 3 // 4), b"a.pdf")


def _lzw(size: int) -> bytes:
    """The code that grows fastest: each is the one before and one more (7.4.4.2)."""
    bits, width, value, count = 0, 9, 0, 0
    out = bytearray()
    codes = [256, 0, *range(258, 4094)]
    for index, code in enumerate(codes):
        value, bits = value << width | code, bits + width
        while bits >= 8:
            bits -= 8
            out.append(value >> bits & 255)
            value &= (1 << bits) - 1
        count = 257 + max(0, index - 1)
        width = 9 if count < 510 else 10 if count < 1022 else 11 if count < 2046 else 12
    return _object_streams(b"/Filter/LZWDecode", bytes(out))(size)


def _compound(name: bytes, *streams: tuple[str, Callable[[int], bytes]]) -> Callable[[int], bytes]:
    return lambda size: packed(
        containers.ole(*[(called, content(size * 3 // 4 // len(streams))) for called, content in streams]), name
    )


def _record(kind: int, value: bytes) -> bytes:
    return struct.pack("<HH", kind, len(value)) + value


# A text in whose cell, or on whose slide, each letter looks otherwise.
_RICH = struct.pack("<HBH", 100, 8, 100) + b"ab" * 50 + b"".join(struct.pack("<HH", number, number % 4) for number in range(100))
_RUNS = struct.pack("<L6x", 101) + b"".join(struct.pack("<LLH", 1, 1 << 17, number % 9) for number in range(100))
_STYLED = struct.pack("<LL", 0x0FA80000, 100) + b"ab" * 50 + struct.pack("<LL", 0x0FA10000, len(_RUNS)) + _RUNS


def _looks(size: int) -> bytes:
    """A document in which every letter looks otherwise, each page that tells of it with as many words as there is room for."""
    count = max(1, size // 1_500)
    hidden = struct.pack("<HB", 0x0835, 0) * 35 + struct.pack("<HB", 0x083C, 1)
    begin = 4 * 512
    pages = b""
    for number in range(count):
        borders = struct.pack("<80L", *range(begin + 79 * number, begin + 79 * number + 80))
        page = borders + bytes((200, 0)) * 40
        pages += page[:399].ljust(400, b"\0") + bytes((len(hidden),)) + hidden.ljust(110, b"\0") + b"\x4f"
    letters = (b"ab" * (40 * count)).ljust(-(-80 * count // 512) * 512, b" ")
    first = 4 + len(letters) // 512
    places = struct.pack("<LLHLH", 0, 79 * count, 0, 2 * begin | 0x40000000, 0)
    clx = b"\2" + struct.pack("<L", len(places)) + places
    table = clx + struct.pack(f"<{2 * count + 1}L", *range(begin, begin + count + 1), *range(first, first + count))
    stream = struct.pack("<HH6xH", 0xA5EC, 0xC1, 0x200).ljust(0xFA, b"\0") + struct.pack("<LL", len(clx), 8 * count + 4)
    stream = (stream.ljust(0x1A2, b"\0") + struct.pack("<LL", 0, len(clx))).ljust(begin, b"\0")
    return packed(containers.ole(("WordDocument", stream + letters + pages), ("1Table", table)), b"a.doc")


def _entries(size: int) -> bytes:
    """A directory as long as the file, each of its streams the whole file."""
    out = bytearray(containers.ole(*[(f"__substg1.0_{n:04X}001F", b"") for n in range(2, max(3, size // 6_500))]))
    return packed(bytes(out), b"a.msg")


def _relations(unit: bytes, member: str = "word/_rels/document.xml.rels", count: int = 1) -> Callable[[int], bytes]:
    """Members stored, so that their size is the message's."""

    def made(size: int) -> bytes:
        content = filled(unit, size * 3 // 4 // count)
        members = [(member.replace("1", str(number)), content) for number in range(count)]
        return packed(containers.zipped(("[Content_Types].xml", b"<Types/>"), *members, method=0), b"a.docx")

    return made


def _tnef_rtf(size: int) -> bytes:
    """Packed RTF (MS-OXRTFCP) that becomes eight times as much."""
    content = filled(_COPIES, size * 3 // 4)
    header = struct.pack("<LL4sL", len(content) + 12, len(content) * 8, b"LZFu", 0)
    value = header + content
    properties = struct.pack("<LHHLL", 1, 0x0102, 0x1009, 1, len(value)) + value + b"\0" * (-len(value) % 4)
    attribute = struct.pack("<BLL", 1, 0x00069003, len(properties)) + properties + struct.pack("<H", sum(properties) & 0xFFFF)
    return packed(b"\x78\x9f\x3e\x22\0\0" + attribute, b"winmail.dat")


def _calendar(unit: bytes, before: bytes = b"", after: bytes = b"") -> Callable[[int], bytes]:
    return _file(b"a.ics", unit, b"BEGIN:VCALENDAR\r\n" + before, after + b"\r\nEND:VCALENDAR\r\n")


FAMILIES: dict[str, Callable[[int], bytes]] = {
    # PDF
    "pdf-opens": _pdf(b"/AA<<"),
    "pdf-opens-blanks": _pdf(b"/OpenAction" + b" " * 99 + b"1234567890" + b" " * 99 + b"5 "),
    "pdf-opens-objects": _pdf(b"1 0 obj ", b"/OpenAction 1 0 R /S /URI "),
    "pdf-goes": _pdf(b"/S" + b" " * 99, b"/AA<<"),
    "pdf-files": _pdf(b"/EF<<" + b"1 0 R " * 80),
    "pdf-file-names": _pdf(b"/F(", b"/EF<<>>"),
    "pdf-escapes": _pdf(b"#41#", b"/EF<<"),
    "pdf-word-stream": _pdf(b"stream\n"),
    "pdf-lengths-lie": _pdf(b"<</Length 9>>stream\n"),
    "pdf-lengths-elsewhere": _pdf(b"8 0 obj 9 endobj 7 0 obj<</Length 8 0 R>>stream\nendstream\n"),
    "pdf-lengths-told-often": _pdf(b"<<" + b"/Length 1 0 R" * 20 + b">>stream\nendstream\n", b"1 0 obj 9 endobj 1 0 obj 8 endobj "),
    "pdf-lengths-and-blanks": _pdf(b"<</Length 9/Length +9>>stream\n" + b" " * 99 + b"%" * 99),
    "pdf-lengths-numbers": _pdf(b"obj 1", b"7 0 obj<</Length 8 0 R>>stream\nendstream\n"),
    "pdf-lengths-comments": _pdf(b"8 0 obj%\n1", b"7 0 obj<</Length 8 0 R>>stream\nendstream\n"),
    "pdf-tables": _pdf(b"xref 0 1 0000000021 00000 n trailer<</Prev 9>>1 0 obj "),
    "pdf-table-long": _pdf(b"0000000010 00000 n ", b"16 0 obj xref 0 9 "),
    "pdf-table-sections": _pdf(b"0 0 ", b"16 0 obj xref "),
    "pdf-tables-in-streams": _pdf(_stream(6, b"/Type/XRef/Size 9/W[1 1 0]", b"\1\x0a" * 9), b"16 0 obj"),
    "pdf-tables-blanks": lambda size: _pdf(
        b"0000000015 00000 n ", b" " * (size // 8) + b"xref 0 9 ", b"".join(b"/Prev %d " % at for at in range(9, size // 32))
    )(size // 3),
    "pdf-tables-previous": _pdf(b"xref 0 0 /Prev 1\n"),
    "pdf-tables-bombs": _pdf(_stream(6, b"/Type/XRef/Size 9/W[1 0 0]/Filter/Fl", zlib.compress(b"\1" * 200_000, 9))),
    "pdf-tables-to-blanks": lambda size: _pdf(b"0000000015 00000 n ", b" " * (size // 4) + b"xref 0 9 ")(size * 2 // 3),
    "pdf-tables-to-numbers": lambda size: _pdf(b"0000000015 00000 n ", b"1." * (size // 8) + b" xref 0 9 ")(size * 2 // 3),
    "pdf-streams-unended": _pdf(b"<<>>stream\nendstrea"),
    "pdf-streams-empty": _pdf(b"<<>>stream\nendstream\n"),
    "pdf-streams-keys": _pdf(b"<</Filter[" + b"/Fl " * 60 + b"]/Length " + b" " * 90 + b"1 0 R>>stream\nendstream\n"),
    "pdf-numbers": _pdf(b"1234567890" + b" " * 99),
    "pdf-embedded": _pdf(b"1 0 obj\n<</Type/EmbeddedFile/Length 1>>\nstream\nx\nendstream\nendobj\n"),
    "pdf-bombs": _object_streams(b"/Filter/FlateDecode", zlib.compress(bytes(40_000), 9)),
    "pdf-files-names": _pdf(b"/EF<</F("),
    "pdf-comments": _pdf(b"%stream\n", b">>"),
    "pdf-lengths-and-ends": _pdf(b"<</Length " + b"9" * 12 + b">>stream\n" + b"endstream" * 9),
    "pdf-bombs-names": _object_streams(b"/Filter/FlateDecode", zlib.compress(b"/AA 1 0 R /S /URI 1 0 obj " * 100_000, 9)),
    "pdf-bombs-chained": _object_streams(
        b"/Filter[/FlateDecode/FlateDecode/ASCIIHexDecode]", zlib.compress(zlib.compress(b"41" * 500_000, 9), 9)
    ),
    "pdf-streams-nested": _streams_in_one_another,
    "pdf-hex": _object_streams(b"/Filter/ASCIIHexDecode", b"41 " * 10_000),
    "pdf-ascii85": _object_streams(b"/Filter/ASCII85Decode", b"z5sdq," * 5_000),
    "pdf-lzw": _lzw,
    "pdf-runs": _object_streams(b"/Filter/RunLengthDecode", b"\x81A" * 10_000),
    **{
        f"pdf-predictor-{kind}-{width}": _object_streams(
            b"/Filter/FlateDecode/DecodeParms<</Predictor 15/Columns %d>>" % width,
            zlib.compress((bytes((kind,)) + b"ab" * (width // 2)) * (300_000 // width), 9),
        )
        for kind, width in ((1, 4), (2, 4), (3, 50), (4, 4), (4, 5_000))
    },
    "pdf-comments-streams": _pdf(b">>%stream"),
    "pdf-comments-lines": _pdf(b">>%" + b">>x" * 16 + b"\nstream"),
    "pdf-comments-before": _pdf(b">>%x\n" + b"%>>\n" * 60 + b"y\nstream\n"),
    "pdf-comments-one-block": _pdf(b"%>>\n", b"(", b"stream\n" * 90),
    "pdf-comments-and-words": _pdf(b"%\nstream\r"),
    "pdf-filters-many": lambda size: _pdf(
        b" ", b"1 0 obj<<" + b"".join(b"/Filter/A%d" % one for one in range(size // 24)), b">>stream\nx"
    )(8),
    "pdf-contents-older-pages": lambda size: _pdf(
        b" ",
        b"".join(b"8 0 obj<<>>stream\nBT /F 1 Tf (a%d) Tj ET\nendstream endobj\n" % one for one in range(size // 180))
        + b"".join(b"%d 0 obj<</Contents[8 0 R %d 0 R]>>endobj\n" % (one, one) for one in range(9, size // 120)),
    )(8),
    "pdf-embedded-beyond": lambda size: _pdf(
        b"\0\0\0\xff\xff", _running_on(min(900, size // 320)), b"\nendstream\n"
    )(size // 2),
    "pdf-strings-words": _pdf(b"stream\n", b"(>>%", b")"),
    "pdf-files-none": _pdf(b"/EF 1 0 R/EF<</A/B>>", b"1 0 obj<</Type/Font>>endobj "),
    "pdf-files-odd": _pdf(b"<</EF[1 0 R]/A<<"),
    "pdf-strings-streams": _pdf(b">>%x\n>>stream ", b"(", b")"),
    "pdf-strings-objects": _pdf(b"obj>>>>%%EOF/F1 9 Tf"),
    "pdf-streams-no-line": _pdf(b"<<>>streamx"),
    "pdf-elsewhere": _pdf(
        b"1 0 obj<</First 4/Filter[" + b"8 0 R " * 8 + b"]>>stream\nx\nendstream endobj\n", b"8 0 obj[8 0 R 9 0 R]"
    ),
    "pdf-parameters": _pdf(
        b"1 0 obj<</First 4/Filter/Fl/DecodeParms[<<" + b"<<>>(" * 40 + b">>stream\nx\nendstream endobj\n"
    ),
    "pdf-contents": _pdf(b"/Contents[9 0 R", b"1 0 obj<<"),
    "pdf-contents-objects": _pdf(b"1 0 obj<</Contents[9 0 R]/Contents 9 0 R>>endobj "),
    "pdf-contents-lists": _pdf(b"1 0 obj<</Contents 2 0 R/Contents 3 0 R>>endobj ", b"2 0 obj[" + b"9 0 R " * 9_000 + b"]endobj "),
    "pdf-contents-older": _pdf(_stream(1, b"/Contents 1 0 R", b"BT /F1 9 Tf (a) Tj" * 9)),
    "pdf-drawn-within": _drawn(b"(()Tj)"),
    "pdf-drawn-within-words": _drawn(b"(((a)Tj)Tj)"),
    "pdf-drawn-saved": _drawn(b"q/F 1 Tf Q(a)Tj "),
    "pdf-drawn-line": _drawn(b"(a)Tj"),
    "pdf-drawn-nothing": _drawn(b"'"),
    "pdf-drawn-nothing-outside": _drawn(b"' ", b"/F 1 Tf "),
    "pdf-drawn-comments": _drawn(b"/a%\n1%(Tj\n"),
    "pdf-drawn-open": _drawn(b"(Tj"),
    "pdf-drawn-images": _drawn(b"BI ID "),
    "pdf-drawn-images-in": _drawn(b"BI ID ", after=b" EI "),
    "pdf-drawn-digits": _drawn(b"<T"),
    "pdf-drawn-digits-in": _drawn(b"<T", after=b">"),
    "pdf-drawn-outside": _drawn(b"B E T ' \" <</ BTx EMC ", b"/F 1 Tf "),
    "pdf-differences": _pdf(b"1 0 obj<</Font<</A 1 0 R>>/Encoding<</Differences 2 0 R>>>>endobj ", b"2 0 obj[" + b"3 0 R " * 9_000),
    "pdf-files-nested": _pdf(b"/EF<<"),
    "pdf-files-chained": _pdf(b"1 0 obj<</EF 1 0 R/F 2 0 R>>endobj 2 0 obj<</F 1 0 R>>endobj "),
    "pdf-trailers": _pdf(b"trailer<</Encrypt 1 0 R/A(", after=b">>trailer<</Root 1 0 R>>"),
    "pdf-damaged": _pdf(
        b"1 0 obj<</First 4/Filter/Fl>>stream\n" + zlib.compress(bytes(range(256)) * 8)[:-9] + b"\xff" * 9 + b"endstream endobj\n"
    ),
    "pdf-damaged-bombs": _object_streams(b"/Filter/FlateDecode", zlib.compress(bytes(400_000), 9)[:-9] + b"\xff" * 9),
    "pdf-encrypted": _pdf(
        b"1 0 obj<</Type/EmbeddedFile/Filter/FlateDecode>>stream\n" + zlib.compress(bytes(60_000), 9) + b"\nendstream endobj\n",
        after=b"trailer<</Root 1 0 R/Encrypt 2 0 R>>",
    ),
    "pdf-encrypted-trailers": _pdf(b"trailer<</Root 1 0 R/Encrypt 2 0 R "),
    "pdf-encrypted-odd": _pdf(b"/Encrypt/A", b"trailer<</Root 1 0 R"),
    "pdf-encrypted-identifiers": _pdf(b"/ID[2 0 R]", b"".join(b"%d 0 obj<</ID[(%b)]>>endobj " % (one, b"%d" % one * 20_000)
        for one in range(10, 26)) + _KEY.replace(b"/P -1028", b"/P 5/V 4/R 4").replace(b"/R 3", b"").replace(b"/V 2", b"") * 16),
    "pdf-encrypted-strings": _pdf(b"trailer<</Encrypt 2 0 R(", after=b")>>"),
    "pdf-encrypted-unsaid": _pdf(b"1 0 obj<</Type/EmbeddedFile>>stream\n" + bytes(range(240)) + b"\nendstream endobj\n", _KEY),
    "pdf-encrypted-within": _pdf(
        b"1 0 obj<</Filter/Fl>>stream\ntrailer<</Root 1 0 R/Encrypt 9 0 R>>" + zlib.compress(bytes(60_000), 9)[:-9], _KEY
    ),
    "pdf-web-archive": _pdf(b"MIME-Version: " + b"1" + b" " * 90),
    # RTF
    "rtf-objects": _file(b"a.rtf", b"{\\object{\\*\\objdata 01050000}}", b"{\\rtf1 "),
    "rtf-digits": _file(b"a.rtf", b"0 1\\a", b"{\\rtf1{\\*\\objdata "),
    "rtf-bin": _file(b"a.rtf", b"\\bin1 x", b"{\\rtf1{\\*\\objdata "),
    "rtf-bin-long": _file(b"a.rtf", b"\\objdata\\bin999999999 x", b"{\\rtf1 "),
    "rtf-half": _file(b"a.rtf", b"d0cf11e0a1b11ae", b"{\\rtf1{\\*\\objdata 1"),
    "rtf-template": _file(b"a.rtf", b"\\*\\template ", b"{\\rtf1 "),
    "rtf-template-blanks": _file(b"a.rtf", b"\\*" + b" " * 99, b"{\\rtf1 "),
    "rtf-fields": _file(b"a.rtf", b"\\fldinst" + b"\\1 " * 8, b"{\\rtf1 "),
    "rtf-fields-blanks": _file(b"a.rtf", b"\\fldinst" + (b"\\a" + b" " * 99) * 8, b"{\\rtf1 "),
    "rtf-fields-braces": _file(b"a.rtf", b"\\fldinst" + b"{" * 30 + (b"\\1" + b"{" * 99) * 9, b"{\\rtf1 "),
    "rtf-fields-starts": _file(b"a.rtf", b"\\fldinst\\1 ", b"{\\rtf1 "),
    "rtf-fields-in-fields": _file(b"a.rtf", b"{\\field{\\*\\fldinst { ", b"{\\rtf1 "),
    "rtf-fields-quoted": _file(b"a.rtf", b"{\\fldinst QUOTE 1", b"{\\rtf1 "),
    "rtf-fields-letters": _file(b"a.rtf", b"\\fldinst L\\'49\\u78?", b"{\\rtf1 "),
    "rtf-fields-open": _file(b"a.rtf", b"\\fldinst{", b"{\\rtf1 "),
    "rtf-text-groups": _file(b"a.rtf", b"{\\*\\a{b}", b"{\\rtf1 "),
    "rtf-text-closed": _file(b"a.rtf", b"{\\*\\a" + b"{b}" * 200, b"{\\rtf1 "),
    "rtf-text-words": _file(b"a.rtf", b"\\'41\\u65 \\par", b"{\\rtf1 "),
    "rtf-text-steps": _file(b"a.rtf", b"{\\v a}\\u65 b", b"{\\rtf1 "),
    "rtf-text-escapes": _file(b"a.rtf", b"{\\*\\a\\}", b"{\\rtf1 "),
    "rtf-text-raw": _file(b"a.rtf", b"a\\bin1 {b", b"{\\rtf1 "),
    "rtf-text-starred": _file(b"a.rtf", b"{\\*\\b a}{\\b\\author b}", b"{\\rtf1 "),
    "rtf-text-pairs": _file(b"a.rtf", b"\\'83e\\'83\r\n", b"{\\rtf1\\ansicpg932 "),
    "rtf-text-wrapped": _file(b"a.rtf", b"{\\htmlrtf a}{\\*\\htmltag {b}}\\u65 b", b"{\\rtf1\\fromhtml1 "),
    "rtf-text-unseen": _file(b"a.rtf", b"a{\\cf1 b}\\fs1 c\\fs9 ", b"{\\rtf1{\\colortbl;\\red255\\green255\\blue255;}"),
    "rtf-unseen-once": _unseen(b"a\\cf1 b\\cf0 "),
    "rtf-unseen-open": _unseen(b"{\\cf1 "),
    "rtf-unseen-sizes": _unseen(b"\\fs1 "),
    "rtf-unseen-closed": _unseen(b"}"),
    "rtf-unseen-plain": _unseen(b"\\cf1 a\\plain"),
    "rtf-unseen-styles": _unseen(b"{\\cs1 a}{\\cs2 b}"),
    "rtf-unseen-controls": _unseen(b"\\\1\\cf1 "),
    "rtf-unseen-words": _unseen(b"\\cf1\\cs1\\fs1"),
    # Tables
    "csv-calls": _file(b"a.csv", b"=1|'a'!b,"),
    "csv-calls-bare": _file(b"a.csv", b"=a|b!c|"),
    "csv-quoted": _file(b"a.csv", b',"=a|b'),
    "csv-apostrophes": _file(b"a.csv", b"=|'\""),
    "csv-page": _file(b"a.xls", b"<td>=1|'a'!b<br>&amp;<!--"),
    "csv-quoted-bare": _file(b"a.csv", b',"=a|', _NUMBER),
    "csv-calls-once": _file(b"a.csv", b"=a|b!"),
    "csv-quoted-open": _file(b"a.csv", b';"=1|"', _NUMBER),
    "csv-names": _file(b"a.csv", b"x|'", _NUMBER),
    "csv-numbers": _file(b"a.csv", b",=1|'b'!c"),
    "csv-empty": _file(b"a.csv", b'"",', _NUMBER),
    "csv-doubled": _file(b"a.csv", b'"=""', _NUMBER),
    "formula-apostrophes": _formula(b"'"),
    "formula-quotes": _formula(b'"'),
    "formula-quotes-both": _formula(b"\"'"),
    "formula-quotes-crossed": _formula(b"'\""),
    "formula-topics": _formula(b"|'"),
    "formula-topics-bare": _formula(b"|a!"),
    "formula-topics-empty": _formula(b"a|''!"),
    "formula-topics-blanks": _formula(b"|''! "),
    "formula-topics-apart": _formula(b"| '"),
    "formula-names": _formula(b"a|a"),
    # Word
    "docx-runs-unseen": _word(b'<w:r><w:rPr><w:color w:val="FFFFFF"/></w:rPr><w:t>a</w:t></w:r><w:r><w:t>b</w:t></w:r>'),
    "xlsb-strings": lambda size: packed(
        containers.zipped(
            ("[Content_Types].xml", b"<Types/>"),
            ("xl/a.bin", b"\x9f\1\0" + filled(b"\xdf\3\x0c\0\0" + b"\xff\xff\xff\x7f" * 2 + b"aa", size * 3 // 4)),
            method=0,
        ),
        b"a.xls",
    ),
    "docx-boxes": _word(b"<w:p><w:pict>"),
    "docx-boxes-apart": _word(b"a<w:drawing>b</w:drawing><mc:Fallback><mc:Choice>"),
    "docx-codes": _word(b'<w:fldChar w:fldCharType="begin"/><w:instrText>LINK "</w:instrText>'),
    "docx-letters-apart": _word(b"<w:t>a</w:t> b"),
    "docx-ends-hidden": _word(b"<w:p><w:pPr><w:vanish/></w:pPr>a</w:p>"),
    "docx-hidden-marks": _word(b"<w:pPr><vanish/></w:pPr>", _UNSEEN),
    "docx-marks-crossed": _word(b"<w:pPr></a>", _UNSEEN),
    "docx-margins-cells": _word(b'<tcMar><left w="0"/></p></tc><tc><tcPr>', _UNSEEN),
    "docx-margins": _word(b"<tcMar>", _UNSEEN),
    "docx-margins-open": _word(b"<tcMar ", _UNSEEN),
    "docx-attributes": _word(b"<tblCellMar><w w w=", _UNSEEN),
    "docx-colours": _word(b"<x olor srgbClr olor ", _UNSEEN),
    "docx-controls": _word(b"<w:r>\1\x0ea\2", _UNSEEN),
    # Compound files
    "ole-entries": _entries,
    "ole-presentation": _compound(b"a.ppt", ("PowerPoint Document", lambda size: filled(b"\0\0\x11\x10\xff\xff\xff\x7f", size))),
    "ole-presentation-packed": _compound(
        b"a.ppt",
        ("PowerPoint Document", lambda size: filled(b"\x10\0\x11\x10\xff\xff\xff\x7f0000" + _BOMB, size)),
    ),
    "ole-looks": _looks,
    "ole-runs": _compound(
        b"a.xls", ("Workbook", lambda size: b"\x31\0\6\0\1\0\0\0\x09\0" * 9 + filled(_record(0xFC, bytes(8) + _RICH), size))
    ),
    "ole-styles": _compound(b"a.ppt", ("PowerPoint Document", lambda size: filled(_STYLED, size))),
    "ole-text-atoms": _compound(b"a.ppt", ("PowerPoint Document", lambda size: filled(b"\0\0\xa8\x0f\xff\xff\x1f\0", size))),
    "ole-drawn": _compound(b"a.ppt", ("PowerPoint Document", lambda size: filled(b"\xf3\x0f\x0b\xf0\xc0\x80\xff\xff", size))),
    "ole-boxes": _compound(b"a.xls", ("Workbook", lambda size: filled(b"\xb6\1\0\0\x3c\0\2\0\0a", size))),
    "ole-zips": _compound(b"a.ppt", ("PowerPoint Document", lambda size: filled(containers.zipped(("a.xml", b"a")), size))),
    "xls-records": _file(b"a.xls", b"\x04\2\x09\0" + bytes(6) + b"\1\0a", b"\x09\4\6\0" + bytes(6)),
    "ole-workbook": _compound(b"a.xls", ("Workbook", lambda size: filled(b"\x85\0\0\0", size))),
    "ole-packages": lambda size: packed(
        containers.ole(*[("\x01Ole10Native", containers.ole_native("a.exe", b"x")) for _ in range(max(1, size // 6_000))]), b"a.doc"
    ),
    "ole-fat": lambda size: packed(
        containers.ole(("WordDocument", bytes(size // 4)))[:76] + b"\0\0\0\0" * (size // 6), b"a.doc"
    ),
    "ole-signatures": _file(b"a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    "msg-rtf": lambda size: packed(
        containers.ole(
            ("__properties_version1.0", b""),
            ("__substg1.0_10090102", struct.pack("<LL4sL", size, size, b"LZFu", 0) + filled(_COPIES, size * 3 // 4)),
        ),
        b"a.msg",
    ),
    # OneNote
    "onenote-files": _file(b"a.one", _ONENOTE_FILE, _ONENOTE),
    "onenote-names": _file(b"a.one", ("a." * 150 + "!").encode("utf-16-le") + b"\0\0", _ONENOTE + _ONENOTE_FILE),
    "onenote-texts": _file(b"a.one", b"a\0b\0c\0\x01\0", _ONENOTE + _ONENOTE_FILE),
    "onenote-letters": _file(b"a.one", b"a\0", _ONENOTE + _ONENOTE_FILE),
    # Pages and drawings
    "page-scripts": _file(b"a.html", b"< x:scrip", b"<html>"),
    "page-events": _file(b"a.html", b" onabcdefghijk" + b" " * 99, b"<html>"),
    "page-data": _file(b"a.html", b"data:" + b"a" * 99 + b";b=c" * 8, b"<html><script>"),
    "page-data-open": _file(b"a.html", b"data:,", b"<html><script>"),
    "page-data-files": _file(b"a.html", b"<a href='data:application/zip;base64," + b"UEsDBAo" * 20 + b"'>", b"<html>"),
    "page-blobs-short": _file(b"a.html", b"A" * 95 + b"-", b"<html><script>"),
    "page-blobs": _file(b"a.html", b"'TVqQAA" + b"A" * 130 + b"' ", b"<html><script>"),
    "page-blobs-joined": _file(b"a.html", b"'TVqQAAAA'+", b"<html><script>"),
    "page-joints": _file(b"a.html", b"'" + b" " * 99 + b"+" + b" " * 99, b"<html><script>"),
    "page-names": _file(b"a.html", b"'" + b"." * 120, b"<html><a href='data:a/b;base64,TVqQAA'>"),
    "page-references": _file(b"a.html", b"&" + b"a" * 32, b"<html>"),
    "page-numbers": _file(b"a.html", b"&#0000000000000065", b"<html>"),
    "page-makes": _file(b"a.html", b".download" + b" " * 9, b"<html><script>"),
    "page-bdo": _file(b"a.html", b"<bdo" + b" rtl" * 70, b"<html>"),
    "page-meta": _file(b"a.html", b"<meta charset  ", b"<html>"),
    "page-utf-16": lambda size: packed(b"\xff\xfe" + filled("<script>a</script>".encode("utf-16-le"), size * 3 // 4), b"a.html"),
    "drawing": _file(b"a.svg", b"<a xlink:href='javascript :'>", b"<svg>"),
    # Office
    "office-relations": _relations(b"<Relationship TargetMode='External' Type='/oleObject' Target='x'>"),
    "office-relation-long": _relations(b"<Relationship External " + b" Target = ' " * 330),
    "office-relations-open": _relations(b"<Relationship External"),
    "office-fields": _relations(b"<w:instrText" + b" " * 200 + b">" + b"DDE1 " * 40, "word/document.xml"),
    "office-fields-attribute": _relations(b"w:instr='" + b"DDE1 " * 19, "word/document.xml"),
    "office-headers": _relations(b"DDE <w:instrText>", "word/header1.xml", 50),
    "office-names": lambda size: packed(
        containers.zipped(
            ("[Content_Types].xml", b"<Types/>"),
            *[(f"word/embeddings/{n}/_rels/a.rels", b"") for n in range(size // 200)],
            method=0,
        ),
        b"a.docx",
    ),
    "opendocument": lambda size: packed(
        containers.zipped(
            ("mimetype", b"application/vnd.oasis.opendocument.text"),
            ("META-INF/manifest.xml", filled(b"<manifest:encryption-dat", size * 3 // 4)), method=0,
        ),
        b"a.odt",
    ),
    "opendocument-many": lambda size: packed(
        containers.zipped(
            ("mimetype", b"application/vnd.oasis.opendocument.text"), *[(f"Basic/{n}.xml", b"") for n in range(size // 170)]
        ),
        b"a.odt",
    ),
    # Calendars, cards
    "calendar-attached": _calendar(b"ATTACH;ENCODING=BASE64;X-FILENAME=a.exe:TVqQAA==\r\n"),
    "calendar-parameters": _calendar(b"ATTACH;" + b"FILENAME=;" * 190 + b"\r\n"),
    "calendar-one-line": _calendar(b"A", b"ATTACH;ENCODING=BASE64:", b"*"),
    "calendar-folds": _calendar(b"ATTACH;\r\n "),
    "calendar-signs": _calendar(b"X:a:data:\r\n"),
    "calendar-quoted": _calendar(b"A;QUOTED-PRINTABLE:=6A=\r\n"),
    "calendar-quoted-open": _calendar(b";QUOTED-PRINTABLE"),
    # The rest of what looks into files
    "armour": _file(b"a.asc", b"-----BEGIN PGP MESSAGE, PART 1/2\n"),
    "signed-pieces": lambda size: packed(_SIGNED + filled(b"\x04\x01x", size * 3 // 4), b"smime.p7m"),
    "signed-nested": lambda size: packed(_SIGNED + filled(b"\x24\x80", size * 3 // 4), b"smime.p7m"),
    "comments-in-page": _file(b"a.bin", b"<!---->" + b" " * 500),
    "tnef-rtf": _tnef_rtf,
    "zip-extras": lambda size: packed(
        filled(b"PK\x03\x04" + b"\0" * 22 + struct.pack("<HH", 0, 65_532) + b"\x01\0\0\0" * 16_383, size * 3 // 4), b"a.zip"
    ),
    "zip-names": lambda size: packed(
        containers.zipped(*[("a" * 200 + f".{n}" * 20, b"") for n in range(max(1, size // 1_000))], method=0), b"a.zip"
    ),
    "random": lambda size: packed(random.Random(1).randbytes(size * 3 // 4), b"a.bin"),
    "base64-in-page": _file(b"a.html", base64.b64encode(bytes(57)) + b"\n", b"<html><script>"),
}  # fmt: skip
