"""Office's old files that mislead who goes by one mark alone: files and texts in them are found as their programs find them."""

import random
import struct

import pytest
from fakes import secret_office
from fakes.compound_files import compound
from fakes.evasions.containers import ole_native, zipped
from fakes.odd_mail import PROGRAM, attached

from screener.anatomy.message import Anatomy
from screener.anatomy.office.compound import Compound

SCRIPT = b"new ActiveXObject('x');\n"
BESIDE = "__attach_version1.0_#00000000/"
LETTER = {
    "__properties_version1.0": bytes(32),
    "__substg1.0_0E1D001F": "about a nightjar".encode("utf-16-le"),
    f"{BESIDE}__properties_version1.0": bytes(8),
    f"{BESIDE}__substg1.0_3707001F": "evil.exe".encode("utf-16-le"),
    f"{BESIDE}__substg1.0_37010102": PROGRAM,
}
PACKED = ole_native("evil.js", SCRIPT)


def files(octets: bytes, name: str) -> dict[str, bytes]:
    return {one.names[0]: one.octets() for one in Anatomy(attached(octets, name)).attachments if one.names}


def texts(octets: bytes, name: str) -> list[str]:
    return [text.text for text in Anatomy(attached(octets, name)).attachment_texts]


@pytest.mark.parametrize("other", ["WordDocument", "Workbook", "Bookkeeping", "VisioDocument", "EncryptedPackage"])
def test_a_letter_is_read_whatever_else_is_in_it(other: str) -> None:
    octets = compound({**LETTER, other: bytes(100)})
    assert files(octets, "a.msg")["evil.exe"] == PROGRAM
    assert "about a nightjar" in texts(octets, "a.msg")


def test_a_letter_in_a_document_is_read() -> None:
    octets = compound({"WordDocument": bytes(600), **{f"ObjectPool/_1/{path}": one for path, one in LETTER.items()}})
    assert files(octets, "a.doc")["evil.exe"] == PROGRAM
    assert "about a nightjar" in texts(octets, "a.doc")


def test_a_package_that_opens_unasked_is_opened_whatever_else_is_in_it() -> None:
    locked = Compound(secret_office.standard("VelvetSweatshop"))
    streams = {one.name: locked.read(one, one.size) for one in locked.entries}
    assert Anatomy(attached(compound({**streams, "__properties_version1.0": bytes(32)}), "a.xls")).attachments[0].macros


@pytest.mark.parametrize(
    ("stream", "content"),
    [
        (struct.pack("<L", 10) + PACKED[4:], SCRIPT),
        (struct.pack("<L", len(PACKED) - 10) + PACKED[4:], SCRIPT),
        (PACKED[: PACKED.index(SCRIPT) - 4], PACKED[4 : PACKED.index(SCRIPT) - 4]),
    ],
)
def test_a_packaged_file_is_found_whatever_is_said_of_its_size(stream: bytes, content: bytes) -> None:
    assert files(compound({"WordDocument": bytes(600), "A/\x01Ole10Native": stream}), "a.doc")["evil.js"] == content


@pytest.mark.parametrize("stream", ["Package", "CONTENTS", "EmbeddedOdf"])
def test_a_file_in_a_stream_of_its_own_is_found(stream: str) -> None:
    octets = compound({"WordDocument": bytes(600), f"ObjectPool/_1/{stream}": zipped(("evil.js", SCRIPT))})
    assert files(octets, "a.doc")["evil.js"] == SCRIPT


@pytest.mark.parametrize("picture", [b"C:\\WINNT\\system32\\SHELL32.DLL", b"C:\\a.ico"])
def test_where_its_picture_is_from_is_no_name_of_a_packaged_file(picture: bytes) -> None:
    native = ole_native("a.pdf", b"%PDF-1.4").replace(b"C:\\a.pdf", picture, 1)
    anatomy = Anatomy(attached(compound({"WordDocument": bytes(600), "A/\x01Ole10Native": native}), "a.doc"))
    assert "a.pdf" in anatomy.attachments[1].names
    assert "pdf" in anatomy.attachments[1].last_extensions
    assert not anatomy.attachments[1].last_extensions & {"dll", "ico"}


BEGIN_2, BEGIN_3, BEGIN_4 = b"\x09\0\4\0" + bytes(4), b"\x09\2\6\0" + bytes(6), b"\x09\4\6\0" + bytes(6)
BEGIN_8 = b"\x09\x08\x10\0\0\6\5\0" + bytes(12)


@pytest.mark.parametrize(
    ("begin", "text"),
    [
        (BEGIN_2, b"\4\0\x10\0" + bytes(7) + b"\x08nightjar"),
        (BEGIN_2, b"\7\0\x09\0\x08nightjar"),
        (BEGIN_3, b"\4\2\x10\0" + bytes(6) + b"\x08\0nightjar"),
        (BEGIN_4, b"\4\2\x10\0" + bytes(6) + b"\x08\0nightjar"),
        (BEGIN_8, b"\7\2\x0b\0\x08\0\0nightjar"),
    ],
)
def test_workbooks_that_are_nothing_but_records_have_text(begin: bytes, text: bytes) -> None:
    assert texts(begin + text + b"\x0a\0\0\0", "a.xls") == ["nightjar"]


OBJECT = struct.pack("<LLL", 0x501, 2, 8) + b"Package\0" + struct.pack("<LLL", 0, 0, len(PACKED) - 4) + PACKED[4:]


@pytest.mark.parametrize("digits", ["1" + OBJECT.hex() + "00", OBJECT[:4].hex() + "03" + OBJECT[5:].hex(), "aabb" + OBJECT.hex()])
def test_a_package_in_rtf_is_found_wherever_it_is_named(digits: str) -> None:
    rtf = b"{\\rtf1{\\object\\objemb{\\*\\objdata " + digits.encode() + b"}}}"
    assert files(rtf, "a.rtf")["evil.js"] == SCRIPT


def test_a_presentation_may_have_zips_in_sectors_that_are_not_in_order() -> None:
    packed = zipped(("[Content_Types].xml", b"<Types/>"), ("drs/shapexml.xml", random.Random(1).randbytes(2_000)))
    octets = bytearray(compound({"PowerPoint Document": struct.pack("<HHL", 0, 0x41E, len(packed)) + packed + bytes(4_096)}))
    at = octets.index(packed) // 512 * 512 + 512
    octets[at : at + 1_024] = octets[at + 512 : at + 1_024] + octets[at : at + 512]
    number = at // 512 - 1  # of the first of the two, which follows the other now
    struct.pack_into("<3L", octets, len(octets) - 512 + 4 * (number - 1), number + 1, number + 2, number)
    anatomy = Anatomy(attached(bytes(octets), "a.ppt"))
    assert Compound(bytes(octets)).read(Compound(bytes(octets)).entries[0], 9_999)[8:].startswith(packed)
    assert [one.names[0] for one in anatomy.attachments] == ["a.ppt", "[Content_Types].xml"]
    assert anatomy.all_defects() == ()


def binary(kind: int, value: bytes) -> bytes:
    """A record of a binary workbook (MS-XLSB 2.1.4)."""
    return struct.pack("<BB", kind & 0x7F | 0x80, kind >> 7) + bytes((len(value) & 0x7F | 0x80, len(value) >> 7)) + value


def wide(text: str) -> bytes:
    return struct.pack("<L", len(text)) + text.encode("utf-16-le")


@pytest.mark.parametrize(
    ("begin", "record"),
    [
        (159, binary(19, b"\0" + wide("nightjar"))),
        (129, binary(6, bytes(8)) + binary(6, bytes(8) + wide("nightjar"))),
        (129, binary(62, bytes(9) + wide("nightjar"))),
        (129, binary(8, bytes(8) + wide("nightjar"))),
        (129, binary(479, b"\0\0" + wide("&Cnight&Bjar") + b"\xff" * 20)),
        (131, binary(156, bytes(8) + wide("rId1") + wide("nightjar"))),
        (628, binary(637, b"\0" + wide("nightjar"))),
        (278, binary(44, b"\xa4\0" + wide('"night"\\j"ar"'))),
    ],
)
def test_the_text_of_a_binary_workbook_is_read_whatever_it_is_called(begin: int, record: bytes) -> None:
    files = (("[Content_Types].xml", b"<Types/>"), ("xl/a.dat", binary(begin, b"") + record))
    assert "nightjar" in "\n".join(texts(zipped(*files), "a.xls")).split("\n")
