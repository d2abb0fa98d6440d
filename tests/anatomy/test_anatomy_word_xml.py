"""Macros in documents that are no ZIP and no compound file: Flat OPC, WordprocessingML 2003, ActiveMime, web archives, SYLK."""

import base64
import struct
import zlib

import pytest
from fakes.compound_files import compound
from fakes.evasions import containers
from fakes.odd_mail import NAME, PROGRAM, attached, mixed
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.anatomy import contents
from screener.anatomy.active import Active
from screener.anatomy.budget import Budget
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger, NotInline
from screener.anatomy.message import Anatomy, Attachment
from screener.anatomy.office import activemime, word_xml

VBA = compound({"Macros/VBA/_VBA_PROJECT": b"\xcc\x61", "Macros/VBA/dir": b"x" * 80})
PACKAGE = compound({"\x01Ole10Native": containers.ole_native(NAME, PROGRAM)})
PLAIN = compound({"\x01CompObj": b"x" * 80})
DECLARATION = b'<?xml version="1.0" standalone="yes"?>\r\n<?mso-application progid="Word.Document"?>\r\n'
MACROS = "application/vnd.ms-office.vbaProject"


def read(octets: bytes, name: str, **budget: int) -> tuple[list[Attachment], set[Defect]]:
    """The file and what lies in it, and all defects."""
    anatomy = Anatomy(attached(octets, name), budget=Budget(**budget))
    for one in anatomy.attachments:
        one.octets()
    return list(anatomy.attachments), {one.defect for one in anatomy.all_defects()}


def have_macros(octets: bytes, name: str) -> bool:
    found, defects = read(octets, name)
    assert not defects
    return any(one.macros for one in found)


def part(name: str, kind: str, content: bytes) -> bytes:
    return containers.flat_part(name, kind, content)


BODY = b'<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>hello</w:t></w:r></w:p></w:body></w:document>'


def flat(*parts: bytes) -> bytes:
    return containers.flat_opc(part("/word/document.xml", "application/xml", BODY), *parts)


def word_2003(content: bytes, name: str = "editdata.mso", more: bytes = b"") -> bytes:
    return containers.word_2003(name, content, more)


FLAT = flat(part("/word/vbaProject.bin", MACROS, VBA))
OLD = word_2003(containers.activemime(VBA))
WEB_ARCHIVE = mixed(
    b"Content-Type: text/html\r\n\r\n<html><link rel=Edit-Time-Data href=editdata.mso>x</html>",
    b"Content-Location: file:///C:/editdata.mso\r\nContent-Transfer-Encoding: base64\r\nContent-Type: application/x-mso\r\n\r\n"
    + base64.encodebytes(containers.activemime(VBA)).replace(b"\n", b"\r\n"),
    head=b'Content-Type: multipart/related; boundary="BB"\r\n',
)


@pytest.mark.parametrize("name", ["a.xml", "a.doc", "a.dat", "a"])
@pytest.mark.parametrize("octets", [FLAT, OLD, WEB_ARCHIVE, containers.activemime(VBA)], ids=["flat", "2003", "mht", "mso"])
def test_macros_are_found_whatever_the_file_is_called(octets: bytes, name: str) -> None:
    assert have_macros(octets, name)


@pytest.mark.parametrize(
    "octets",
    [
        FLAT.removeprefix(DECLARATION),
        b"<!-- <svg> -->" + FLAT.removeprefix(DECLARATION),
        FLAT.replace(b"<pkg:package", b"<!-- <svg --><pkg:package"),
        FLAT.replace(b"pkg:", b"q-1:"),
        FLAT.replace(b"pkg:", b""),
        FLAT.replace(b"vbaProject.bin", b"vba&#80;roject.bin"),
        FLAT.replace(b"vbaProject.bin", b"image1.png"),
        FLAT.replace(b"vbaProject.bin", b"other.xml"),
        FLAT.replace(b"<pkg:binaryData>", b'<pkg:binaryData x="a>b">'),
        FLAT.replace(b"<pkg:binaryData>", b"<pkg:binaryData\r\n>\r\n<![CDATA[").replace(
            b"</pkg:binaryData>", b"]]></pkg:binaryData>"
        ),
        FLAT.replace(b"<pkg:binaryData>", b"<pkg:binaryData>&#48;<!-- < > -->&#77;<?x y?>").replace(b"&#77;<?x y?>0M8", b"M8"),
        FLAT.replace(b"<pkg:package", b"<![CDATA[<!--]]><pkg:package"),
        FLAT.replace(b"<pkg:package", b'<!DOCTYPE x [<!ENTITY y "<!--">]><pkg:package'),
        b"\xff\xfe" + FLAT.decode().encode("utf-16-le"),
        b"\xfe\xff" + FLAT.decode().encode("utf-16-be"),
        OLD.replace(b"w:", b"ns0:"),
        OLD.replace(b"w:macrosPresent", b"w:other"),
        word_2003(b"no ActiveMime"),
        word_2003(b"").replace(b'"yes"', b"'&#121;es'"),
        OLD.removeprefix(DECLARATION),
    ],
)
def test_macros_are_found_however_the_xml_is_written(octets: bytes) -> None:
    assert any(one.macros for one in read(octets, "a.doc")[0])


@pytest.mark.parametrize(
    "octets",
    [
        flat(),
        flat(part("/word/media/image1.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(20))),
        word_2003(containers.activemime(PLAIN), "oledata.mso").replace(b'"yes"', b'"no"'),
        b'<?xml version="1.0"?><w:wordDocument xmlns:w="w" w:macrosPresent="no"><w:body/></w:wordDocument>',
        b'<?xml version="1.0"?><score><part id="P1"><binaryData>aGVsbG8=</binaryData></part></score>',
        b'<?xml version="1.0"?><package name="x"><part>macrosPresent</part></package>',
        containers.activemime(PLAIN),
    ],
)
def test_ordinary_documents_have_none(octets: bytes) -> None:
    found, defects = read(octets, "a.xml")
    assert not any(one.macros or one.active_content for one in found)
    assert not defects


@pytest.mark.parametrize(
    "octets",
    [
        flat(part("/word/embeddings/oleObject1.bin", "application/vnd.openxmlformats-officedocument.oleObject", PACKAGE)),
        flat(part("/word/embeddings/evil.exe", "application/octet-stream", PROGRAM)),
        flat(part("/word/media/image1.png", "image/png", PROGRAM)),
        word_2003(containers.activemime(PACKAGE), "oledata.mso"),
    ],
)
def test_files_in_them_are_found(octets: bytes) -> None:
    found, _ = read(octets, "a.xml")
    assert PROGRAM in [one.octets() for one in found]


@pytest.mark.parametrize(
    ("header", "gap"),
    [(50, b""), (0x22A, b""), (50, b"\0" * 9), (300, b"\x78junk"), (70, b"")],
    ids=["usual", "long", "gap", "junk", "other"],
)
def test_wrapped_octets_are_found_wherever_they_begin(header: int, gap: bytes) -> None:
    assert have_macros(containers.activemime(VBA, header=header, gap=gap), "x.mso")
    assert have_macros(containers.activemime(VBA, header=header, gap=gap, said=3), "x.mso")


@pytest.mark.parametrize("octets", [b"ActiveMime" + bytes(90), b"\x01\x02\x03 nothing known"])
def test_what_cannot_be_unwrapped_is_a_defect(octets: bytes) -> None:
    assert Defect.CONTAINER_DAMAGED in read(octets, "x.mso")[1]


def test_a_bomb_is_bounded() -> None:
    bomb = b"ActiveMime" + bytes(20) + struct.pack("<H", 4) + bytes(18) + zlib.compress(bytes(30_000_000))
    found, defects = read(bomb, "x.mso", container_octets=5_000_000)
    assert Defect.CONTAINER_TOO_LARGE in defects
    assert sum(one.size for one in found) < 6_000_000


def test_many_parts_are_bounded() -> None:
    _, defects = read(b"<package>" + b"<part xmlData='' />" * 9_000 + b"</package>", "a.xml")
    assert defects == {Defect.CONTAINER_TOO_MANY_MEMBERS}
    _, defects = read(b"<wordDocument>" + b"<binData></binData>" * 9_000 + b"</wordDocument>", "a.xml")
    assert defects == {Defect.CONTAINER_TOO_MANY_MEMBERS}


def test_unwrapping_is_for_a_screening_process() -> None:
    octets = containers.activemime(VBA)
    with pytest.raises(NotInline):
        activemime.read(octets, Ledger(Budget(), len(octets), inline=True), "x")


@settings(max_examples=200, deadline=None)
@given(
    seed=st.sampled_from((("text/xml", FLAT), ("text/xml", OLD), ("application/x-mso", containers.activemime(VBA)))),
    cuts=st.lists(st.tuples(st.integers(0, 20_000), st.binary(max_size=9), st.integers(0, 40)), max_size=8),
)
def test_damage_never_raises(seed: tuple[str, bytes], cuts: list[tuple[int, bytes, int]]) -> None:
    kind, octets = seed
    for at, put, lost in cuts:
        at %= len(octets) + 1
        octets = octets[:at] + put + octets[at + lost :]
    contents.listing(kind, octets, (), Ledger(Budget(), len(octets)), "x")


def test_the_mere_word_costs_nothing_else() -> None:
    ledger = Ledger(Budget(container_members=0), 10, inline=True)
    assert word_xml.read(b"<html>A package of wordDocuments</html>", ledger, "x").members == ()
    assert not ledger.found


# SYLK


HEAD = b"ID;PWXL;N;E\r\n"


@pytest.mark.parametrize("name", ["a.slk", "a.csv", "a.xls", "a.txt", "a"])
@pytest.mark.parametrize(
    "lines",
    [
        b'NN;NAuto_open;ER101C1\r\nC;X1;Y101;K0;EEXEC("calc")\r\nE\r\n',
        b"O;E\r\nE\r\n",
        b"O;P;E;V0\nE\n",
        b"NN;ER1C1;NAUTO_CLOSE\rE\r",
        b'C;X1;Y1;ECALL("x")\nE\n',
        b'C;Y1;X1;K"a;;b";EA1("x;;y")&REGISTER ("k")\nE\n',
        b"NN;N\x1b$1uto_open;ER1C1\nE\n",
    ],
)
@pytest.mark.parametrize("head", [HEAD, b"ID;N;PWXL\n", b"ID\r\n", b"ID; ;E\r\n"])
def test_macros_of_sheets_in_lines(lines: bytes, head: bytes, name: str) -> None:
    assert have_macros(head + lines, name)


@pytest.mark.parametrize(
    "octets",
    [
        HEAD + b'C;Y1;X1;K"Please call (030) 12"\nC;X2;K3;ESUM(A1:A2)\nNN;Nsums;ER1C1\nO;V0;C0\nE\n',
        b"ID;Product;Email\n1;Call (x);E\nC;2;a@b.example\n",
        b"ID;Name\nNN;NAuto_open\n",
        b"ID;E;Name\nO;Ost;E;x\n",
    ],
)
def test_tables_have_none(octets: bytes) -> None:
    assert not have_macros(octets, "a.csv")


def test_a_package_says_what_acts_in_it() -> None:
    control = part("/word/activeX/activeX1.xml", "application/xml", b"<x/>")
    assert read(flat(control), "a.doc")[0][0].active_content == (Active.ACTIVEX,)


@pytest.mark.parametrize(
    ("more", "active"),
    [
        (b'<w:docPr><w:attachedTemplate w:val="https://bad.example/a.dot"/></w:docPr>', (Active.TEMPLATE,)),
        (b'<w:docPr><w:attachedTemplate w:val="C:\\a.dot"/></w:docPr>', ()),
        (b"<w:r><w:instrText>DD</w:instrText></w:r><w:r><w:instrText>EAUTO c:\\\\x.exe</w:instrText></w:r>", (Active.DDE,)),
    ],
)
def test_what_acts_in_the_xml_of_2003(more: bytes, active: tuple[Active, ...]) -> None:
    assert read(word_2003(b"", more=more), "a.doc")[0][0].active_content == active
