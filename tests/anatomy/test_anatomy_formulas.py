"""Formulas of every kind of table: a call of another program is one whatever stands around it, and texts in quotes call nothing."""

import html

import pytest
from fakes.evasions.containers import document
from fakes.odd_mail import attached

from screener.anatomy.active import Active
from screener.anatomy.message import Anatomy
from screener.anatomy.office import formulas

TAILS = [
    "",
    "+Sheet2!B1",
    "&Sheet1!A1",
    "+@A1",
    "+(Sheet1!A1)",
    "+[Book1]Sheet1!A1",
    "-'My Sheet'!A1",
    "=x|y!z",
    "*1%",
    "|x",
    " B1",
]
CALLS = [
    *(f"=cmd|'/c calc'!A0{tail}" for tail in TAILS),
    "=SUM(cmd|'/c calc'!A0:Sheet2!B1)",
    "=cmd|'/c echo ''x'''!A0",
    "=cmd|'/c calc'!'it''s'",
    "='it''s'|calc!A0",
    "=Sheet1!A1+cmd|'/c calc'!A0",
    "=\"|\"&cmd|'/c calc'!A0+Sheet2!B1",
    '=""""&cmd|calc!A0+Sheet2!B1',
    "=cmd|calc!A0*Sheet2!B1",
    "=Table1[x'#]&cmd|'/c'!A0",
    "=Table1[a'[b]+cmd|'/c calc'!A0",
    "=Table1[[#All],[x'|y]]&cmd|'/c'!A0",
    "=cmd|'/c'!A0+Table1[it''s]",
    "=é|'/c'!A0",
    "=\u0416|'/c'!A0",
    "=\u6f22\u5b57|'/c'!A0",
    "=é1|'/c'!A0",
    "=cmd|\xe0\xc5!A0",
    "=cmd|a!\xe0",
]
NONE = [
    '=HYPERLINK("http://x","Foo|Wow! Great")',
    '=CONCAT("a|b! c";1)',
    '=IF(A1="x|y!z",1,0)',
    '=HYPERLINK("http://x","say ""Foo|Wow!Great"" now")',
    "- Home|Yahoo! Japan;1",
    "-Sale|Wow! x",
    "@nick|Hi! there",
    "- foo|bar! baz",
    "=SUM(T[Jan|Feb])+Sheet2!A1",
    "=SUM(T[it''s])+'a|b'!A1",
    '=A1&"|"&B1&"!"&C1',
    "='a|b'!A1",
    "='a''|''b'!A1",
    "=1|2!A1",
]


def acts(octets: bytes, name: str) -> set[Active]:
    return {kind for one in Anatomy(attached(octets, name)).attachments for kind in one.active_content}


def tables(formula: str) -> list[tuple[bytes, str]]:
    """A formula in every kind of table."""
    marked_up = html.escape(formula)
    sheet = f"<worksheet><sheetData><row><c><f>{html.escape(formula[1:], quote=False)}</f></c></row></sheetData></worksheet>"
    return [
        (f"a;b\r\n{formula}\r\n".encode(), "a.csv"),
        (f"a;b\r\n{formula}\r\n".encode("utf-16"), "a.csv"),
        (f"a;b\r\n{formula}\r\n".encode() + b"\xff", "a.csv"),
        ('a,b\r\n1,"{}",2\r\n'.format(formula.replace('"', '""')).encode(), "a.csv"),
        (f"<html><table><tr><td>{html.escape(formula, quote=False)}</td></tr></table>".encode(), "a.xls"),
        (document(("xl/worksheets/sheet1.xml", sheet.encode())), "a.xlsx"),
        (
            f'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Cell ss:Formula="{marked_up}"/></Workbook>'.encode(),
            "a.xml",
        ),
        (f"ID;P\r\nC;X1;Y1;E{formula[1:].replace(';', ';;')};K0\r\nE\r\n".encode(), "a.slk"),
    ]


@pytest.mark.parametrize("formula", CALLS)
def test_a_call_is_one_whatever_stands_around_it(formula: str) -> None:
    assert formulas.calls(formula)
    for octets, name in tables(formula):
        assert acts(octets, name) == {Active.DDE}, name


@pytest.mark.parametrize("formula", NONE)
def test_texts_and_sentences_call_nothing(formula: str) -> None:
    for octets, name in tables(formula):
        assert not acts(octets, name), name


@pytest.mark.parametrize(
    "content",
    [
        "a,\"=c\"md|'/c calc'!A0",
        "\"=SUM(1,1;2)\n+c\"md|'/c calc'!A0",
        "\"\"=cmd|'/c calc'!A0",
        '1;"=1+\n1"+SUM(1,"=2""")+cmd|\'/c calc\'!A0&"x"',
        "<html><p>=cmd|'/c calc'!A0</p></html>",
        "<html><table><td>=1+\r\ncmd|'/c calc'!A0</table>",
        "<html><table><td>=cmd<!-- > <b> -->|'/c calc'!A0</table>",
        "<html><table><td>=1<br>=cmd|&#39;/c calc&#39;!A0+Sheet1!A1</table>",
    ],
)
def test_a_cell_goes_on_behind_its_quotes_and_line_ends(content: str) -> None:
    assert acts(content.encode(), "a.xls") == {Active.DDE}
