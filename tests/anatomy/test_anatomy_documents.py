"""What lies in documents, and what in them acts: PDF, old and new Office, .msg, RTF, OneNote, web pages, calendars."""

import base64
import io
import random
import struct
import zipfile
import zlib

import olefile
import pytest
from fakes.compound_files import compound
from fakes.evasions import containers
from fakes.evasions.containers import zipped
from fakes.odd_mail import NAME, PROGRAM, attached
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.anatomy import contents
from screener.anatomy.active import Active
from screener.anatomy.budget import Budget
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger, NotInline
from screener.anatomy.message import Anatomy, Attachment
from screener.anatomy.office.compound import Compound
from screener.anatomy.rtf import compressed as compressed_rtf

VBA = {"Macros/VBA/_VBA_PROJECT": b"\xcc\x61", "Macros/VBA/dir": b"x" * 80, "WordDocument": b"\xec\xa5\xc1\0" + bytes(60)}


def read(octets: bytes, name: str, **budget: int) -> tuple[Attachment, list[Attachment], set[Defect]]:
    """The file, what lies in it, and all defects."""
    anatomy = Anatomy(attached(octets, name), budget=Budget(**budget))
    first, *inside = anatomy.attachments
    for one in inside:
        one.octets()
    return first, inside, {one.defect for one in anatomy.all_defects()}


def assert_holds_program(octets: bytes, name: str, *, named: bool = True) -> Attachment:
    first, inside, defects = read(octets, name)
    found = [one for one in inside if one.octets() == PROGRAM]
    assert found, inside
    assert all(one.depth >= 1 and one.inside[0] == first.shown for one in found)
    assert not named or NAME in found[0].names
    assert not defects & {Defect.CONTAINER_DAMAGED, Defect.CONTAINER_METHOD}
    return first


# PDF


def pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    body = b"".join(b"%d 0 obj\n" % number + one + b"\nendobj\n" for number, one in enumerate(objects, 1))
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + body + b"trailer\n<< /Root 1 0 R " + trailer + b">>\n%%EOF\n"


def stream(keys: bytes, content: bytes) -> bytes:
    return b"<< " + keys + b" /Length %d >>\nstream\n" % len(content) + content + b"\nendstream"


def object_stream(content: bytes, *, predicted: bool = False) -> bytes:
    keys = b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode"
    if predicted:
        rows = [content[at : at + 8].ljust(8, b" ") for at in range(0, len(content), 8)]
        above = bytes(8)
        out = b""
        for row in rows:
            out += b"\x02" + bytes((value - up) & 255 for value, up in zip(row, above, strict=True))
            above = row
        content = out
        keys += b" /DecodeParms << /Predictor 12 /Columns 8 >>"
    return stream(keys, zlib.compress(content))


@pytest.mark.parametrize(
    ("octets", "kind"),
    [
        (pdf(b"<< /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> >>"), Active.JAVASCRIPT),
        (pdf(b"<< /OpenAction << /S /J#61vaScr#69pt /J#53 (x) >> >>"), Active.JAVASCRIPT),
        (pdf(b"<< >>", object_stream(b"9 0 << /S /JavaScript /JS (x) >>")), Active.JAVASCRIPT),
        (pdf(b"<< >>", object_stream(b"9 0 << /S /Java#53cript >>")), Active.JAVASCRIPT),
        (pdf(b"<< >>", object_stream(b"9 0 << /S /JavaScript /JS (x) >>", predicted=True)), Active.JAVASCRIPT),
        (pdf(b"% >>stream\n", b"<< /S /JavaScript >>", b"endstream"), Active.JAVASCRIPT),
        (pdf(b"<< /OpenAction << /S /Launch /F (cmd.exe) >> >>"), Active.LAUNCH),
        (pdf(b"<< /OpenAction 2 0 R >>", b"<< /S /URI /URI (http://bad.example/) >>"), Active.OPENS_ADDRESS),
        (pdf(b"<< /AA << /O << /S /SubmitForm /F (http://bad.example/) >> >> >>"), Active.OPENS_ADDRESS),
    ],
)
def test_what_acts_in_a_pdf(octets: bytes, kind: Active) -> None:
    first, _, _ = read(octets, "a.pdf")
    assert first.active_content == (kind,)


@pytest.mark.parametrize(
    "octets",
    [
        pdf(b"<< /Type /Catalog >>"),
        pdf(b"<< /OpenAction [3 0 R /Fit] >>", b"<< /A << /S /URI /URI (http://good.example/) >> >>"),
        pdf(b"<< /Title (JavaScript and Launch) /EncryptMetadata true /JSon 1 >>"),
        pdf(b"<< >>", stream(b"/Filter /FlateDecode", zlib.compress(b"BT (/JavaScript /Launch) Tj ET"))),
    ],
)
def test_ordinary_pdfs_do_not_act(octets: bytes) -> None:
    first, inside, defects = read(octets, "a.pdf")
    assert (first.active_content, inside, first.encrypted, defects) == ((), [], False, set())


def embedded(keys: bytes, content: bytes, name: bytes = b"(evil.exe)") -> bytes:
    return pdf(b"<< /Type /Catalog >>", b"<< /Type /Filespec /F " + name + b" /EF << /F 3 0 R >> >>", stream(keys, content))


@pytest.mark.parametrize(
    "octets",
    [
        embedded(b"/Type /EmbeddedFile", PROGRAM),
        embedded(b"/Type /EmbeddedFile /Filter /FlateDecode", zlib.compress(PROGRAM)),
        embedded(b"/Type /Embedded#46ile /Filter [/Fl]", zlib.compress(PROGRAM)),
        embedded(b"/Filter /FlateDecode", zlib.compress(PROGRAM)),
        embedded(b"/Type /EmbeddedFile /Filter /ASCIIHexDecode", PROGRAM.hex().encode() + b">"),
        embedded(b"/Type /EmbeddedFile /Filter [/ASCII85Decode /FlateDecode]", base64.a85encode(zlib.compress(PROGRAM)) + b"~>"),
        embedded(b"/Type /EmbeddedFile", PROGRAM, b"<FEFF" + "evil.exe".encode("utf-16-be").hex().encode() + b">"),
        embedded(b"/Type /EmbeddedFile", PROGRAM, b"(evil\\056exe)"),
        pdf(stream(b"/Type /EmbeddedFile", PROGRAM), object_stream(b"9 0 << /UF (evil.exe) /EF << /UF 1 0 R >> >>")),
    ],
)
def test_files_embedded_in_a_pdf(octets: bytes) -> None:
    assert_holds_program(octets, "a.pdf")


def test_a_word_endstream_does_not_end_packed_octets() -> None:
    content = PROGRAM + random.Random(1).randbytes(400) + b"\nendstream\n" + PROGRAM
    packed = zlib.compress(content, 0)
    _, inside, _ = read(embedded(b"/Type /EmbeddedFile /Filter /FlateDecode", packed), "a.pdf")
    assert inside[0].octets() == content


def test_a_locked_pdf_is_encrypted_and_no_defect() -> None:
    first, inside, defects = read(
        pdf(b"<< >>", stream(b"/Type /ObjStm /Filter /FlateDecode", b"\x01\x02\x03"), trailer=b"/Encrypt << /Filter /Foo >> "),
        "a.pdf",
    )
    assert first.encrypted
    assert not inside
    assert Defect.CONTAINER_METHOD not in defects


def test_an_object_stream_that_cannot_be_unpacked_is_a_defect() -> None:
    _, _, defects = read(pdf(b"<< >>", stream(b"/Type /ObjStm /Filter /LZWDecode", b"\x80\x0b")), "a.pdf")
    assert Defect.CONTAINER_METHOD in defects


def test_a_bomb_in_object_streams_is_bounded() -> None:
    bomb = pdf(b"<< >>", *[object_stream(bytes(3_000_000)) for _ in range(4)])
    _, _, defects = read(bomb, "a.pdf", document_octets=5_000_000)
    assert Defect.CONTAINER_TOO_LARGE in defects


# Compound files


def test_a_compound_file_is_read_as_olefile_reads_it() -> None:
    """Another reader finds the same streams in ours, with the same octets: long and short ones, in storages."""
    streams = {"a": b"short", "b/c": b"x" * 63, "b/d/e": random.Random(2).randbytes(70_000), "f": b"y" * 4096, "b/g": b""}
    octets = compound(streams)
    ours = Compound(octets)
    with olefile.OleFileIO(io.BytesIO(octets)) as theirs:
        paths = {"/".join(path): theirs.openstream(path).read() for path in theirs.listdir()}
    found = {"/".join(one.path): ours.read(one, one.size) for one in ours.entries if one.is_stream}
    assert found == paths == streams
    assert not ours.damaged


def test_streams_that_no_storage_leads_to_are_read() -> None:
    octets = bytearray(compound({"\x01Ole10Native": containers.ole_native(NAME, PROGRAM), "b": b"b"}))
    root = octets.find("Root Entry".encode("utf-16-le"))
    struct.pack_into("<L", octets, root + 76, 0xFFFFFFFF)
    assert_holds_program(bytes(octets), "a.doc")


def test_sectors_in_a_circle_end() -> None:
    octets = bytearray(compound({"a": b"x" * 9_000}))
    fat = octets.find(struct.pack("<3L", 1, 2, 3))
    struct.pack_into("<L", octets, fat + 12, 0)
    found = Compound(bytes(octets))
    assert len(found.read(found.entries[0], 9_000)) == 9_000


def test_macros_in_old_documents() -> None:
    assert read(compound(VBA), "a.doc")[0].macros
    assert not read(compound({"WordDocument": b"\xec\xa5\xc1\0" + bytes(60)}), "a.doc")[0].macros


def record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def test_old_workbooks_macro_sheets_and_passwords() -> None:
    begin, end = record(0x809, b"\0\6\5\0" + bytes(12)), record(0x0A, b"")
    plain = begin + record(0x85, struct.pack("<LBB", 0, 0, 0) + b"\1\0A") + end
    sheets = begin + record(0x85, struct.pack("<LBB", 0, 0, 1) + b"\1\0A") + end
    locked = begin + record(0x2F, bytes(6)) + end
    found = [read(compound({"Workbook": one}), "a.xls")[0] for one in (plain, sheets, locked)]
    assert [(one.macros, one.encrypted) for one in found] == [(False, False), (True, False), (False, True)]
    assert all(one.type == "application/vnd.ms-excel" for one in found)


MACRO_SHEET = record(0x85, struct.pack("<LBB", 0, 0, 1) + b"\1\0A")


def test_macro_sheets_behind_other_records() -> None:
    begin, end, other = record(0x809, b"\0\6\5\0" + bytes(12)), record(0x0A, b""), record(0x1B7, b"\0\0")
    for records in (other * 30_000, begin + other + end, record(0x3C, bytes(8_000)) * 600):
        found, _, defects = read(compound({"Workbook": begin + records + MACRO_SHEET + end}), "a.xls")
        assert found.macros and not defects
    records = other * 101_000
    assert read(compound({"Workbook": begin + records + MACRO_SHEET + end}), "a.xls")[2] == {Defect.CONTAINER_TOO_LARGE}


@pytest.mark.parametrize(
    "octets",
    [
        record(0x09, b"\0\2\x40\0") + bytes(99),
        record(0x209, b"\0\3\x40\0\0\0") + bytes(99),
        record(0x409, b"\0\4\x40\0\0\0") + bytes(99),
        record(0x409, b"\0\4\0\1\0\0") + record(0x8F, bytes(9)) + record(0x409, b"\0\4\x40\0\0\0") + record(0x0A, b""),
        record(0x809, b"\0\5\5\0\0\0\0\0") + MACRO_SHEET + record(0x0A, b""),
    ],
)
@pytest.mark.parametrize("name", ["a.xls", "a.xla", "a.csv"])
def test_macro_sheets_without_a_compound_file(octets: bytes, name: str) -> None:
    assert read(octets, name)[0].macros
    assert not read(octets.replace(b"\x40\0", b"\x10\0").replace(b"\0\1\1\0A", b"\0\0\1\0A"), name)[0].macros


@pytest.mark.parametrize(
    "streams",
    [
        {"EncryptedPackage": b"x", "EncryptionInfo": b"x"},
        {"WordDocument": b"\xec\xa5\xc1\0" + bytes(6) + b"\x00\x01" + bytes(60)},
        {"PowerPoint Document": b"x", "EncryptedSummary": b"x"},
    ],
)
def test_documents_that_need_a_password(streams: dict[str, bytes]) -> None:
    assert read(compound(streams), "a.doc")[0].encrypted


def test_packages_in_documents() -> None:
    first = assert_holds_program(
        compound({"WordDocument": b"\xec\xa5" + bytes(60), "ObjectPool/_1/\x01Ole10Native": containers.ole_native(NAME, PROGRAM)}),
        "a.doc",
    )
    assert first.active_content == (Active.PACKAGED_FILE,)


def test_a_linked_object_is_told() -> None:
    moniker = bytes(30) + bytes.fromhex("e0c9ea79f9bace118c8200aa004ba90b") + "http://bad.example/a.hta".encode("utf-16-le")
    assert read(compound({"\x01Ole": moniker}), "a.doc")[0].active_content == (Active.LINKED_OBJECT,)


def test_macros_of_a_presentation() -> None:
    inner = compound(VBA)
    packed = struct.pack("<L", len(inner)) + zlib.compress(inner)
    content = b"\x0f\0\xe8\x03" + bytes(4) + b"\x10\0\x11\x10" + struct.pack("<L", len(packed)) + packed
    _, inside, _ = read(compound({"PowerPoint Document": content, "Current User": bytes(20)}), "a.ppt")
    assert any(one.macros for one in inside)


def message(properties: dict[str, str | bytes], prefix: str = "") -> dict[str, bytes]:
    return {
        f"{prefix}__substg1.0_{key}": value.encode("utf-16-le") if isinstance(value, str) else value
        for key, value in properties.items()
    }


def test_outlook_messages_and_those_in_them() -> None:
    inner = "__attach_version1.0_#00000001/__substg1.0_3701000D/"
    octets = compound(
        {
            "__properties_version1.0": bytes(32),
            **message({"0037001F": "Project Nightjar", "1000001F": "all about nightjars"}),
            **message({"3707001F": "letter.txt", "37010102": b"hello"}, "__attach_version1.0_#00000000/"),
            **message({"3001001F": "inner"}, "__attach_version1.0_#00000001/"),
            **message({"0037001F": "Inner subject"}, inner),
            **message({"3707001F": NAME, "3704001F": "EVIL~1.EXE", "37010102": PROGRAM}, f"{inner}__attach_version1.0_#00000000/"),
        }
    )
    first = assert_holds_program(octets, "a.msg")
    assert first.type == "application/vnd.ms-outlook"
    _, inside, _ = read(octets, "a.msg")
    assert {"letter.txt", "inner", NAME} <= {name for one in inside for name in one.names}
    texts = " ".join(one.text for one in Anatomy(attached(octets, "a.msg")).attachment_texts)
    assert "nightjars" in texts
    assert "Inner subject" in texts


def test_outlook_messages_show_who_they_are_from_and_to_and_what_their_files_are() -> None:
    attached_to, recipient = "__attach_version1.0_#00000000/", "__recip_version1.0_#00000000/"
    octets = compound(
        {
            "__properties_version1.0": bytes(32),
            **message({"0C1A001F": "Ann Sender", "0C1F001F": "/O=ORG/CN=ANN", "5D01001F": "ann@example.net"}),
            **message({"5D02001F": "boss@example.net", "0E04001F": "Ben To", "0E03001F": "Cora Copy"}),
            **message({"3001001F": "Dora Named", "39FE001F": "dora@example.net"}, recipient),
            **message(
                {"3707001F": "a.txt", "370D001F": r"\\host\evil.exe", "370E001F": "Text/HTML;x", "37010102": b"x"}, attached_to
            ),
        }
    )
    anatomy = Anatomy(attached(octets, "a.msg"))
    texts = " ".join(one.text for one in anatomy.attachment_texts)
    people = ("Ann Sender", "ann@example.net", "boss@example.net", "Ben To", "Cora Copy", "Dora Named", "dora@example.net")
    assert all(name in texts for name in people)
    (file,) = (one for one in anatomy.attachments if "a.txt" in one.names)
    assert "evil.exe" in file.names
    assert file.declared_types == ("text/html",)


def test_pages_of_outlook_messages_are_read_in_their_own_code_page() -> None:
    pages = struct.pack("<HHLLLHHLLL", 3, 0x3FFD, 6, 1252, 0, 3, 0x3FDE, 6, 65000, 0)
    page = b"+ADw-p+AD4-all about <b>+AG4AaQ-</b>ghtjars+ADw-/p+AD4-"
    octets = compound({"__properties_version1.0": bytes(32) + pages, **message({"10130102": page})})
    assert any("all about nightjars" in one.text for one in Anatomy(attached(octets, "a.msg")).attachment_texts)


def test_what_is_too_much_of_a_body_of_an_outlook_message_is_told() -> None:
    octets = compound({"__properties_version1.0": bytes(32), **message({"1000001F": "word " * 500_000 + "nightjar"})})
    anatomy = Anatomy(attached(octets, "a.msg"))
    assert not any("nightjar" in one.text for one in anatomy.attachment_texts)
    assert Defect.TEXT_TRUNCATED in [found.defect for found in anatomy.all_defects()]


@pytest.mark.parametrize("address", ["https://1drv.ms/w/s!AbC.dE", "HTTP://example.com"])
def test_the_address_of_a_file_in_the_web_is_no_name(address: str) -> None:
    octets = compound(
        {
            "__properties_version1.0": bytes(32),
            **message({"3707001F": "a.docx", "370D001F": address}, "__attach_version1.0_#00000000/"),
        }
    )
    anatomy = Anatomy(attached(octets, "a.msg"))
    assert anatomy.attachments[-1].names == ("a.docx",)
    assert not list(anatomy.all_defects())


def test_packed_rtf_is_unpacked() -> None:
    """The example of MS-OXRTFCP 3.1.1."""
    packed = bytes.fromhex("2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0")
    assert compressed_rtf.unpack(packed, 1_000) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert compressed_rtf.unpack(packed, 5) == b"{\\rtf"
    assert compressed_rtf.unpack(packed[:20], 1_000) in b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert compressed_rtf.unpack(b"", 9) == b""


# RTF, OneNote


@pytest.mark.parametrize(
    "bend",
    [
        lambda rtf: rtf,
        lambda rtf: rtf.replace(b"objdata ", b"objdata\r\n"),
        lambda rtf: rtf.replace(b"objdata ", b"objdata{\\*\\foo }").replace(b"5061", b"50 {}\\par \t61"),
        lambda rtf: b"{\\rtf1" + rtf[6:].upper().replace(b"OBJDATA", b"objdata"),
        lambda rtf: rtf.replace(b"{\\*\\objclass Package}", b""),
        lambda rtf: rtf.replace(b"5061", b"{\\*\\zzz 4444}50{\\*\\zzz {4444} 44}61"),
        lambda rtf: rtf.replace(b"5061", b"50{\\pict 00}61"),
        lambda rtf: rtf.replace(b"objdata ", b"objdata {\\object{\\*\\objdata 41414141}}"),
        lambda rtf: rtf.replace(b"objdata ", b"objdata 41{\\object{\\*\\objdata ").replace(b"}}}", b"}}4141}}}"),
        lambda rtf: rtf.replace(b"5061", b"50{\\b 61").replace(b"}}}", b"}}}}"),
        lambda rtf: rtf.replace(b"5061", b"50{\\*\\zzz\\bin4 {{{{}61"),
        lambda rtf: rtf.replace(b"objdata ", b"objdata0 "),
        lambda rtf: rtf.replace(b"objdata ", b"objdata-5 "),
        lambda rtf: rtf.replace(b"objdata ", b"objdata"),
        lambda rtf: rtf.replace(b"objdata ", b"objdata \\bin" + b"0" * 200 + b" "),
        lambda rtf: rtf.replace(b"5061", b"50\\bin" + b"0" * 20 + b"1 a"),
        lambda rtf: rtf.replace(b"080000005061636b61676500", b"d00700005061636b61676500" + b"00" * 1_992),
    ],
)  # fmt: skip
def test_packages_in_rtf(bend: object) -> None:
    assert callable(bend)
    first = assert_holds_program(bend(containers.rtf(NAME, PROGRAM)), "a.rtf")
    assert Active.OBJECT in first.active_content


def test_a_package_in_rtf_is_a_packaged_file() -> None:
    for rtf in (containers.rtf(NAME, PROGRAM), containers.rtf(NAME, PROGRAM).replace(b"5061636b616765", b"5041434b414745")):
        assert Active.PACKAGED_FILE in read(rtf, "a.rtf")[0].active_content
    other = containers.rtf(NAME, PROGRAM).replace(b"5061636b616765", b"5061636b616764")
    assert Active.PACKAGED_FILE not in read(other, "a.rtf")[0].active_content


def test_compound_files_in_rtf_are_opened() -> None:
    inner = compound({"\x01Ole10Native": containers.ole_native(NAME, PROGRAM)})
    header = struct.pack("<LLL", 0x501, 2, 5) + b"Foo.1"[:5] + struct.pack("<LLL", 0, 0, len(inner))
    assert_holds_program(b"{\\rtf1 {\\object{\\*\\objdata " + (header + inner).hex().encode() + b"}}}", "a.doc")
    assert_holds_program(b"{\\rtf1 {\\object{\\*\\objdata " + b"\\bin%d " % len(inner) + inner + b"}}}", "a.doc")


@pytest.mark.parametrize(
    "begin",
    [
        b"{\\rtf1{\\*\\template ",
        b"\xef\xbb\xbf{\\rtf1{\\*\\template ",
        b"\r\n {\\rt{\\*\\template ",
        b"{\\RTF1{\\*\\template ",
        b"{\\rtf1{\\*" + b"\r\n" * 99 + b"\\template ",
        b"{\\rtf1{\\*\\template {\\*\\x " + b"y" * 500 + b"}",
    ],
)
def test_templates_of_rtf_however_they_begin(begin: bytes) -> None:
    assert read(begin + b"http://bad.example/a.dotm}}", "a.doc")[0].active_content == (Active.TEMPLATE,)


def test_templates_of_rtf() -> None:
    assert read(b"{\\rtf1{\\*\\template http://bad.example/a.dotm}}", "a.doc")[0].active_content == (Active.TEMPLATE,)
    assert read(b"{\\rtf1{\\*\\template C:\\\\Normal.dotm} hello}", "a.doc")[0].active_content == ()
    for place, active in (
        (b"file:///C:/Normal.dotm", ()),
        (rb"\\\\fileserver\\s\\x.dotm", (Active.SHARE,)),
        (rb"\\\\bad.example\\s\\x.dotm", (Active.TEMPLATE,)),
    ):
        assert read(b"{\\rtf1{\\*\\template " + place + b"} hello}", "a.doc")[0].active_content == active


def test_files_in_onenote_have_every_name_of_the_section() -> None:
    octets = containers.onenote(PROGRAM) + "evil.exe".encode("utf-16-le") + b"\0\0"
    first = assert_holds_program(octets, "a.one")
    assert first.active_content == (Active.PACKAGED_FILE,)


# Office Open XML, OpenDocument


def merged(source: str) -> tuple[str, bytes]:
    """Settings of letters in series."""
    written = f'<w:settings><w:mailMerge><w:connectString w:val="{source}"/></w:mailMerge></w:settings>'
    return "word/settings.xml", written.encode()


def relations(kind: str, target: str) -> tuple[str, bytes]:
    url = f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"
    relation = f'<Relationship Id="r" Type="{url}" Target="{target}" TargetMode="External"/>'
    return "word/_rels/settings.xml.rels", f"<Relationships>{relation}</Relationships>".encode()


@pytest.mark.parametrize(
    ("member", "active"),
    [
        (relations("attachedTemplate", "http://bad.example/a.dotm"), (Active.TEMPLATE,)),
        (relations("attachedTemplate", "file:///\\\\bad.example\\a.dotm"), (Active.TEMPLATE,)),
        (relations("attachedTemplate", "file://bad.example/s/a.dotm"), (Active.TEMPLATE,)),
        (relations("attachedTemplate", "\\\\203.0.113.5\\s\\a.dotm"), (Active.TEMPLATE,)),
        (relations("attachedTemplate", "\\\\10.bad.example\\s\\a.dotm"), (Active.TEMPLATE,)),
        (relations("attachedTemplate", "\\\\10.1.2.3@80\\s\\a.dotm"), (Active.TEMPLATE,)),
        (relations("attachedTemplate", "file:///\\\\fileserver\\s\\a.dotm"), (Active.SHARE,)),
        (relations("attachedTemplate", "file:///\\\\firm.local\\s\\a.dotm"), (Active.SHARE,)),
        (relations("attachedTemplate", "\\\\192.168.1.2\\s\\a.dotm"), (Active.SHARE,)),
        (relations("oleObject", "file:///\\\\bad.example\\s\\a.xlsx"), (Active.LINKED_OBJECT,)),
        (relations("oleObject", "file:///\\\\fileserver\\s\\a.xlsx"), (Active.SHARE,)),
        (relations("image", "file:///\\\\firm.local\\a.png"), ()),
        (relations("attachedTemplate", "file:///C:\\Templates\\Letter.dotx"), ()),
        (relations("image", "file:///\\\\bad.example\\a.png"), (Active.SHARE,)),
        (relations("image", "file://bad.example/a.png"), (Active.SHARE,)),
        (relations("video", "\\\\bad.example@80\\a.mp4"), (Active.SHARE,)),
        (relations("image", "\\\\0x7f000001\\a\\a.png"), (Active.SHARE,)),
        (relations("image", "file:///\\\\fileserver\\logos\\a.png"), ()),
        (relations("image", "file:///C:\\logos\\a.png"), ()),
        (relations("image", "file:///a.png"), ()),
        (relations("image", "http://example.net/a.png"), ()),
        (relations("mailMergeSource", "http://bad.example/a.accdb"), (Active.LINKED_OBJECT,)),
        (relations("mailMergeHeaderSource", "http://bad.example/a.docx"), (Active.LINKED_OBJECT,)),
        (merged("Provider=Microsoft.ACE.OLEDB.12.0;Data Source=http://bad.example/a.accdb;Mode=Read"), (Active.LINKED_OBJECT,)),
        (merged("Provider=Microsoft.ACE.OLEDB.12.0;Data Source=&quot;\\\\bad.example\\s\\a.xlsx&quot;"), (Active.LINKED_OBJECT,)),
        (merged("Provider=Microsoft.ACE.OLEDB.12.0;Data Source=C:\\a.xlsx;Extended Properties=&quot;HDR=YES;&quot;"), ()),
        (relations("mailMergeSource", "file:///C:\\\\a.accdb"), ()),
        (relations("oleObject", "mhtml:http://bad.example/a.html!x"), (Active.LINKED_OBJECT,)),
        (relations("hyperlink", "http://good.example/"), ()),
        (("word/activeX/activeX1.xml", b"<x/>"), (Active.ACTIVEX,)),
        (("word/footnotes.xml", b"<w:instrText> DDEAUTO c:\\\\windows\\\\cmd.exe</w:instrText>"), (Active.DDE,)),
    ],
)
def test_what_acts_in_office_documents(member: tuple[str, bytes], active: tuple[Active, ...]) -> None:
    assert read(containers.document(member), "a.docx")[0].active_content == active


def test_a_picture_that_is_a_program_among_embeddings_is_found() -> None:
    _, inside, _ = read(containers.document(("word/embeddings/a.gif", PROGRAM)), "a.docx")
    assert [one.octets() for one in inside] == [PROGRAM]


def open_document(*more: tuple[str, bytes]) -> bytes:
    return zipped(
        ("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<x/>"), *more, method=zipfile.ZIP_STORED
    )


def test_open_documents() -> None:
    lists = ("Basic/script-lc.xml", b"<x/>"), ("Basic/Standard/script-lb.xml", b"<x/>")
    locked = ("META-INF/manifest.xml", b"<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>")
    assert not read(open_document(*lists), "a.odt")[0].macros
    assert read(open_document(*lists, ("Basic/Standard/Module1.xml", b"<x/>")), "a.odt")[0].macros
    assert read(open_document(locked), "a.odt")[0].encrypted
    assert not read(open_document(("META-INF/manifest.xml", b"<x/>")), "a.odt")[0].encrypted


# Web pages, calendars


def page(body: bytes) -> bytes:
    return b"<!DOCTYPE html><html><body>" + body + b"</body></html>"


B64 = base64.b64encode(PROGRAM)


@pytest.mark.parametrize(
    ("body", "active"),
    [
        (b"<p>Hello</p>", ()),
        (b"<script>go()</script>", (Active.SCRIPT,)),
        (b"<img src=x onerror=go()>", (Active.EVENT,)),
        (b"<a href='java&#115;cript:go()'>x</a>", (Active.SCRIPT_ADDRESS,)),
        (b"<a href='javascript&colon;go()'>x</a>", (Active.SCRIPT_ADDRESS,)),
        (b"<meta http-equiv=refresh content='0;url=data:text/html,hi'>", (Active.DATA_PAGE, Active.SMUGGLED_FILE)),
        (b"<script>URL.createObjectURL(x)</script>", (Active.SCRIPT, Active.SMUGGLED_FILE)),
        (b"<img src='data:image/png;base64,iVBORw0KGgo='>", ()),
    ],
)
def test_what_acts_in_a_page(body: bytes, active: tuple[Active, ...]) -> None:
    assert read(page(body), "a.html")[0].active_content == active
    assert read(b"\xff\xfe" + page(body).decode("latin-1").encode("utf-16-le"), "a.html")[0].active_content == active
    assert read(b"hello " + page(body), "a.svg")[0].active_content == active


@pytest.mark.parametrize(
    "body",
    [
        b"<a download='evil.exe' href='data:application/octet-stream;base64," + B64 + b"'>x</a>",
        b"<script>var n='evil.exe', b=atob('" + B64 + b"')</script>",
        b"<script>var n=\"evil.exe\"; b=atob(\"" + B64[:200] + b"\" +\r\n \"" + B64[200:] + b"\")</script>",
    ],
)  # fmt: skip
def test_files_smuggled_in_a_page(body: bytes) -> None:
    first = assert_holds_program(page(body), "a.html")
    assert Active.SMUGGLED_FILE in first.active_content


CALENDAR = (
    b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nATTACH;FMTTYPE=application/octet-stream;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=evil.exe:"
    + B64[:70]
    + b"\r\n "
    + b"\r\n ".join(B64[at : at + 70] for at in range(70, len(B64), 70))
    + b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def test_files_in_calendars() -> None:
    assert_holds_program(CALENDAR, "a.ics")
    invitation = b"From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\n" + CALENDAR
    (program,) = Anatomy(invitation).attachments
    assert (program.octets(), program.names) == (PROGRAM, (NAME,))


@pytest.mark.parametrize(
    "said",
    [
        b'X-NOTE="see: this; that";ENCODING=BASE64;FILENAME="evil.exe":',
        b'FILENAME="evil.exe";X="http://a/":data:application/x;base64,',
    ],
)
def test_a_colon_in_a_quoted_parameter_ends_no_property(said: bytes) -> None:
    calendar = b"BEGIN:VCALENDAR\r\nATTACH;" + said + B64.replace(b"\r\n", b"") + b"\r\nEND:VCALENDAR\r\n"
    assert_holds_program(calendar, "a.ics")


def test_numbers_too_long_for_any_character_do_not_stop_the_reader() -> None:
    octets = page(b"<p>&#" + b"1" * 5_000 + b";&#x" + b"f" * 5_000 + b"; <script>")
    assert contents.listing("text/html", octets, (), Ledger(Budget(), len(octets)), "x").active == (Active.SCRIPT,)


# All of them


@pytest.mark.parametrize("name", ["a.docx", "a.xlsm", "a.zip", "a.odt", "a.doc", "a.xls", "a.msg", "a.rar", "a.7z", "a.cab"])
def test_what_is_nothing_known_under_a_containers_name_cannot_be_judged(name: str) -> None:
    _, _, defects = read(b"\x01\x02\x03\x04 nothing of the kind \x00\x01" * 9, name)
    assert Defect.CONTAINER_DAMAGED in defects
    assert not read(b"", name)[2]
    assert (Defect.CONTAINER_DAMAGED in read(b"Just a text.\r\n", name)[2]) == (name == "a.odt")
    assert Defect.CONTAINER_DAMAGED not in read(b"{\\rtf1 hello}", name)[2]


def test_much_of_a_document_is_for_a_screening_process() -> None:
    big = pdf(b"<< >>", stream(b"", bytes(300_000)))
    with pytest.raises(NotInline):
        _ = Anatomy(attached(big, "a.pdf"), inline=True).attachments
    bomb = pdf(b"<< >>", object_stream(bytes(3_000_000)))
    with pytest.raises(NotInline):
        _ = Anatomy(attached(bomb, "a.pdf"), inline=True).attachments
    assert Anatomy(attached(pdf(b"<< /S /Launch >>"), "a.pdf"), inline=True).attachments[-1].active_content == (Active.LAUNCH,)


SEEDS = [
    (kind, octets)
    for kind, samples in {
        "application/pdf": [
            embedded(b"/Type /EmbeddedFile /Filter /FlateDecode", zlib.compress(PROGRAM)),
            pdf(object_stream(b"9 0 /JS"), object_stream(b"9 0 /JS", predicted=True)),
        ],
        "application/x-ole-storage": [
            compound({**VBA, "\x01Ole10Native": containers.ole_native(NAME, PROGRAM), "Workbook": bytes(99)}),
            compound({"__properties_version1.0": b"", **message({"37010102": b"x"}, "__attach_version1.0_#00000000/")}),
        ],
        "text/rtf": [containers.rtf(NAME, b"MZ")],
        "application/onenote": [containers.onenote(b"MZ") + "a.exe".encode("utf-16-le")],
        "text/html": [page(b"<a download='a.exe' href='data:x/y;base64,TVqQAAMAAAA='>&#1;</a><script>'QUJD'+'REVG'</script>")],
        "text/calendar": [CALENDAR],
    }.items()
    for octets in samples
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    seed=st.sampled_from(SEEDS),
    cuts=st.lists(st.tuples(st.integers(0, 20_000), st.binary(max_size=9), st.integers(0, 40)), max_size=8),
)
def test_damaged_documents_never_raise(seed: tuple[str, bytes], cuts: list[tuple[int, bytes, int]]) -> None:
    kind, octets = seed
    for at, put, lost in cuts:
        at %= len(octets) + 1
        octets = octets[:at] + put + octets[at + lost :]
    ledger = Ledger(Budget(), len(octets))
    for member in contents.listing(kind, octets, (), ledger, "x").members:
        assert len(member.read(10_000)) <= 10_000


LAUNCHES = pdf(b"<< /OpenAction << /S /Launch /F (cmd.exe) >> >>")


@pytest.mark.parametrize("prolog", [b"", b'<?xml version="1.0"?>'])
def test_a_pdf_in_a_form(prolog: bytes) -> None:
    chunk = b"<chunk>" + base64.encodebytes(LAUNCHES) + b"</chunk>"
    space = b'<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"><pdf xmlns="http://ns.adobe.com/xdp/pdf/"><document>'
    _, inside, defects = read(prolog + space + chunk + b"</document></pdf></xdp:xdp>", "a.xdp")
    assert [(one.type, one.active_content) for one in inside] == [("application/pdf", (Active.LAUNCH,))]
    assert not defects


def test_forms_of_data_have_scripts() -> None:
    octets = b"%FDF-1.2\n1 0 obj<</FDF<</F(x.pdf)/JavaScript<</After(app.alert\\(1\\))>>>>>>endobj\ntrailer<</Root 1 0 R>>"
    found, _, defects = read(octets, "a.fdf")
    assert (found.type, Active.JAVASCRIPT in found.active_content, defects) == ("application/vnd.fdf", True, set())
