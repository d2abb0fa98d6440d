"""What Word and Excel open by name or content: tables that call programs, their own XML and web archives behind junk."""

import pytest
from fakes.evasions import containers
from fakes.odd_mail import PROGRAM, attached, evil

from screener.anatomy.active import Active
from screener.anatomy.defects import Severity
from screener.anatomy.message import Anatomy

CALLS = [
    "=cmd|'/C calc'!A0",
    "+cmd|'/C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "=10+20+cmd|'/C calc'!A0",
    "-MSEXCEL|'\\..\\cmd.exe'!''",
]


def active(content: str | bytes, name: str) -> tuple[Active, ...]:
    octets = content if isinstance(content, bytes) else content.encode()
    return Anatomy(attached(octets, name)).attachments[0].active_content


@pytest.mark.parametrize("call", CALLS)
def test_a_cell_that_calls_a_program_is_found(call: str) -> None:
    for content in (f"a,b\r\n1,{call},2\r\n", f"a;b\r\n{call};2\r\n", f'a,b\r\n"{call}",1\r\n', call, f"\ufeffa,b\n {call}"):
        assert active(content, "a.csv") == (Active.DDE,)
        assert active(content.encode("utf-16"), "a.csv") == (Active.DDE,)
    assert active(f"a\tb\r\n{call}\t1\r\n", "a.xls") == (Active.DDE,)
    assert active(f"<html><table><tr><td>{call}</td></tr></table></html>", "a.xls") == (Active.DDE,)
    assert active(f"<table><tr><td>{call}</td></tr></table>".replace("'", "&#39;"), "a.xls") == (Active.DDE,)


def test_a_quoted_cell_may_hold_what_parts_others() -> None:
    for cell in (
        "=rundll32|'URL.dll,OpenURL calc.exe'!A",
        "=1+\ncmd|'/C calc'!A0",
        '=""a""&cmd|\'/C calc\'!A0',
        '=1<2&""""&cmd|calc!A0',
        '=DDE(""cmd"";""/C calc"";""x"")',
        '=DDE((""cmd"");""/C calc (x)"";""x"")',
    ):
        assert active(f'a,b\r\n1,"{cell}"\r\n', "a.csv") == (Active.DDE,)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("sep=#\r\na#=cmd|'/C calc'!A0#b\r\n", "a.csv"),
        ("sep= \r\na =cmd|'/C'!A0\r\n", "a.csv"),
        ("a\t=SUM(1,2)+cmd|'/C calc'!A0\r\n", "a.xls"),
        ("a;=SUM(1,1)+cmd|'/C calc'!A0\r\n", "a.csv"),
        ("=" + "1+" * 3_000 + "cmd|'/C calc'!A0\r\n", "a.csv"),
        ("=cmd2|calc!A0+1\r\n", "a.csv"),
        ("sep=#\r\n=A1;1,2\t#=DDE(A1;B1;C1)\r\n", "a.csv"),
        ("<html><table><tr><td>=SUM(1,2;3)\t+cmd|'/C calc'!A0</td></tr></table>", "a.xls"),
        ("<td>,1\r\n2,=cmd|'/C calc'!A0\r\n", "a.csv"),
        ("GIF89a,=cmd|'/C calc'!A0\r\n", "a.csv"),
        ("<html><table><tr><td>=cmd<b>|</b>'/C calc'!A0</td></tr></table>", "a.xls"),
        ("<html><table><tr><td x:fmla=\"=cmd|'/C calc'!A0\">1</td></tr></table>", "a.xls"),
    ],
)
def test_a_cell_is_found_however_cells_are_parted(content: str, name: str) -> None:
    assert active(content, name) == (Active.DDE,)


@pytest.mark.parametrize(
    "content",
    [
        "a|b!c,1\r\n5,x|y!z\r\n",
        "- first | really!\r\n- second | 'quoted' !",
        "=A1+B1,|,'x'!",
        "1,2,a=cmd|'/C calc'!A0\r\n",
        '1,"a=""cmd|\'/C calc\'!A0",2',
        "=A1,2\r\nx|'y'!z",
        "<table><tr><td>=A1<td>x|'y'!z</table>",
        "name|'it''s'\r\n+49 89 1234|'office'\r\n",
        "text = that says | 'this'!\r\n",
        "-;4,4'-DDE (µg/kg);0,01\r\n+;p,p'-DDE(ng);1\r\n",
        "id|delta|company\r\n-5|4|Yahoo!|Jeopardy!\r\n+1|Wham!X\r\n-12.50|Yahoo!Inc|x\r\n",
        "Name,Tel\r\nA,+49 30|Yahoo!x\r\n",
        "@nick|away!user@host\r\n",
        "-name|Yahoo!Inc|x\r\n",
    ],
)
def test_other_tables_pass(content: str) -> None:
    assert active(content, "a.csv") == ()
    assert active(content, "a.xls") == ()


@pytest.mark.parametrize("unit", ["=|", "=a|'", '"=', "=a|'b'", "&#39;=a|", ",=a' |", "a|b!c ", '""', '"a|b!c', "x<td>|"])
def test_long_tables_are_read_once(unit: str) -> None:
    assert active(unit * (300_000 // len(unit)), "a.csv") == ()


@pytest.mark.parametrize("before", [b" " * 600, b"<!-- " + b"x" * 5_000 + b" -->"])
@pytest.mark.parametrize("name", ["a.rtf", "a.wbk", "a.xls", "a.doc", "a.docx"])
def test_words_own_xml_is_opened_whatever_it_is_called(before: bytes, name: str) -> None:
    octets = before + containers.word_2003("editdata.mso", containers.activemime(containers.ole(("VBA", b"x"))))
    assert any(one.macros for one in Anatomy(attached(octets, name)).attachments)


JUNK = [b"hello\r\n", b"hello", b"hello\r\n" * 40, b"X-A: 1\r\n" * 70, b"\r\n\r\n"]


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("name", ["a.doc", "a.xls", "a.rtf"])
def test_a_web_archive_is_opened_behind_what_stands_before_it(junk: bytes, name: str) -> None:
    archive = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=B\r\n\r\n--B\r\n" + evil() + b"--B--\r\n"
    assert PROGRAM in [one.octets() for one in Anatomy(attached(junk + archive, name)).attachments]


@pytest.mark.parametrize(
    ("name", "junk"),
    [
        ("word/a.xml", b"hello\r\n"),
        ("word/a.html", b"<hello>\r\n"),
        ("word/media/a.png", b"\x89PNG\r\n\x1a\n\r\n"),
        ("a.txt", b""),
    ],
)
def test_a_web_archive_that_a_document_takes_in_is_opened_whatever_it_is_called(name: str, junk: bytes) -> None:
    archive = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=B\r\n\r\n--B\r\n" + evil() + b"--B--\r\n"
    octets = containers.zipped(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w:p/>"), (name, junk + archive))
    assert PROGRAM in [one.octets() for one in Anatomy(attached(octets, "a.docx")).attachments]


def test_a_document_that_speaks_of_web_archives_takes_none_in() -> None:
    text = b"<w:p><w:r><w:t>MIME-Version: 1.0</w:t></w:r></w:p>"
    octets = containers.zipped(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", text))
    assert len(Anatomy(attached(octets, "a.docx")).attachments) == 1


def test_apple_s_mails_and_pages_are_opened() -> None:
    letter = b"From: a@example.net\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n" + evil() + b"--B--\r\n"
    stored = b"%d   \r\n" % len(letter) + letter + b'<?xml version="1.0"?><plist/>'
    anatomy = Anatomy(attached(stored, "a.emlx"))
    assert PROGRAM in [one.octets() for one in anatomy.attachments]
    assert not {one.severity for one in anatomy.all_defects()} & {Severity.AMBIGUOUS, Severity.UNREADABLE}
    page = b"bplist00\xd1\1\2<html><script>go()</script></html>\0\0"
    assert active(page, "a.webarchive") == (Active.SCRIPT,)
