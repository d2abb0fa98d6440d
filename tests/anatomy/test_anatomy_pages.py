"""Script in pages and drawings as browsers find it, however it is written, and whatever the file is called."""

import base64

import pytest
from fakes.evasions.containers import pdf, zipped
from fakes.odd_mail import B64, PROGRAM, attached, b64, mixed, uu
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.anatomy.active import Active
from screener.anatomy.budget import Budget
from screener.anatomy.defects import Defect
from screener.anatomy.html import markup
from screener.anatomy.ledger import Ledger
from screener.anatomy.message import Anatomy

DRAWING = '<svg xmlns="http://www.w3.org/2000/svg"><script>go()</script></svg>'
XHTML = b'<html xmlns="http://www.w3.org/1999/xhtml"><script>go()</script></html>'
DECLARED = b'<?xml version="1.0"?>'


def acting(octets: bytes, name: str) -> tuple[Active, ...]:
    anatomy = Anatomy(attached(octets, name))
    assert not anatomy.all_defects()
    return anatomy.attachments[0].active_content


@pytest.mark.parametrize(
    "value",
    [
        "(go)()",
        "`x`",
        "$('x')",
        "[1].map(go)",
        "_=1",
        "/x/.a",
        "1,go()",
        "{}",
        "!go()",
        "+go()",
        "~go()",
        "\\u0067o()",
        "ä()",
        "&#36;(1)",
    ],
)
def test_script_in_an_attribute_begins_with_anything(value: str) -> None:
    assert acting(f"<html><body><img src=x onerror={value}>".encode(), "a.html") == (Active.EVENT,)
    assert acting(f"<html><body><img src=x onerror{' ' * 300}=\n{value}>".encode(), "a.html") == (Active.EVENT,)


@pytest.mark.parametrize("page", [b"<img src=x onerror=>", b"<p>twenty-one = 21, only</p>", b"<p>The on = off, one==two</p>"])
def test_what_is_no_such_attribute(page: bytes) -> None:
    assert acting(b"<html><body>" + page, "a.html") == ()


@pytest.mark.parametrize(
    "address",
    ["java\tscript:go()", "java&Tab;script:go()", "j&#10;avascript&colon;go()", "vb\r\nscr\tipt\n:go()", "&#1;javascript:go()"],
)
def test_line_ends_in_an_address_mean_nothing(address: str) -> None:
    assert acting(f"<html><body><a href='{address}'>x</a>".encode(), "a.html") == (Active.SCRIPT_ADDRESS,)


def test_line_ends_in_an_address_of_data_mean_nothing() -> None:
    letters = base64.encodebytes(PROGRAM).decode()
    page = f"<html><a download='evil.exe' href='da\tta:application/octet-\nstream;base64,{letters}'>x</a>".encode()
    anatomy = Anatomy(attached(page, "a.html"))
    assert anatomy.attachments[0].active_content == (Active.SMUGGLED_FILE,)
    assert [one.octets() for one in anatomy.attachments[1:]] == [PROGRAM]
    assert Active.DATA_PAGE in acting(b"<html><a href='data:te\nxt/html,<b>x'>x</a>", "a.html")


@pytest.mark.parametrize(
    ("octets", "name"),
    [
        (DECLARED + XHTML, "a.xml"),
        (XHTML.replace(b"<html", b"<x:html").replace(b"xmlns", b"xmlns:x").replace(b"<script", b"<x:script"), "a.xml"),
        (DECLARED + XHTML, "a.dat"),
        (DECLARED + XHTML.replace(b"xhtml", b"xhtm&#108;"), "a.xml"),
        (DECLARED + b"<x>" + XHTML + b"</x>", "a.xml"),
        (DECLARED + b'<!DOCTYPE x [<!ENTITY y "1999/xhtml">]>' + XHTML.replace(b"1999/xhtml", b"&y;"), "a.xml"),
        (DECLARED + b'<?xml-stylesheet type="text/xsl" href="#s"?><x><script>go()</script></x>', "a.xml"),
        (DECLARED + b'<s:stylesheet xmlns:ms="urn:schemas-microsoft-com:xslt"><ms:script>x</ms:script></s:stylesheet>', "a.xsl"),
        (DECLARED + f"<x-very-long.prefix_2:{DRAWING[1:]}".encode(), "a.svg"),
        (DRAWING.replace("<script", "<x-very-long.prefix_2:script").encode(), "a.svg"),
        (DRAWING.replace("<script", "<ä:script").encode(), "a.svg"),
        (DRAWING.encode("utf-16"), "a.svg"),
        (DRAWING.encode("utf-32"), "a.svg"),
        (('<?xml version="1.0" encoding="cp037"?>' + DRAWING).encode("cp037"), "a.svg"),
        (b'<?xml version="1.0" encoding="UTF-7"?>' + DRAWING.replace("<script>", "+ADw-script+AD4-").encode(), "a.svg"),
        (b"<html><meta charset=iso-2022-jp><scr\x1b(Bipt>go()</script>", "a.html"),
        (b"<html><scr\x1b$@\x1b(Jipt>go()</script>", "a.html"),
    ],
)
def test_script_is_found_in_what_a_browser_shows(octets: bytes, name: str) -> None:
    assert acting(octets, name) == (Active.SCRIPT,)


def test_the_declared_type_makes_it_a_page() -> None:
    page = XHTML.replace(b"<html", b"<x:html").replace(b"xmlns", b"xmlns:x").replace(b"<script", b"<x:script")
    mail = b'From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: application/xml; name="a.dat"\r\n\r\n' + page
    (only,) = Anatomy(mail).attachments
    assert only.active_content == (Active.SCRIPT,)


@pytest.mark.parametrize(
    "body",
    [
        b"<project><script language='x'>data:abc,def</script></project>",
        b"<invoice><note>href='javascript:x'</note><x onload='1'/></invoice>",
        b'<w:wordDocument xmlns:w="w"><w:body onset="1"/></w:wordDocument>',
    ],
)
def test_xml_that_only_holds_data_does_not_act(body: bytes) -> None:
    assert acting(DECLARED + body, "a.xml") == ()


@pytest.mark.parametrize(
    ("page", "defect"),
    [
        (b"<html>" + b"data:,x " * 12_000, Defect.CONTAINER_TOO_MANY_MEMBERS),
        (b"<html>" + b"&#65;" * 1_200_000, Defect.CONTAINER_TOO_LARGE),
    ],
)
def test_what_is_looked_into_in_all_pages_together_is_bounded(page: bytes, defect: Defect) -> None:
    spent = Ledger(Budget(), len(page))
    for _ in range(3):
        markup.read(page, spent, "here")
    assert {one.defect for one in spent.found} == {defect}


def test_a_file_behind_many_addresses_of_nothing_is_found() -> None:
    file = b"<a href='DATA:application/Octet-Stream;Base64," + base64.b64encode(PROGRAM) + b"'>"
    listing = markup.read(b"<html>" + b"<a href='data:;base64,'>" * 100_000 + file, Ledger(Budget(), 9_000), "here")
    assert [member.read(len(PROGRAM)) for member in listing.members] == [PROGRAM]


@pytest.mark.parametrize(
    "page",
    [
        b"<iframe src='data:text/html,<p>night<b id=\"x\">jar</b>'></iframe>",
        b'<iframe src=" data:text/html,<p>night&lt;b>jar"></iframe>',
        b"<iframe src=data:text/html,%3Cp%3Enight%3Cb%3Ejar></iframe>",
        b"<a href='data:text/html;base64," + base64.b64encode(b"<p>night<b>jar</b></p>") + b"'>x</a>",
        b'"data:,x' * 9 + b"<iframe src='data:text/html,<p>night<b>jar</b>'>",
    ],
)
def test_a_page_in_an_address_is_read(page: bytes) -> None:
    assert any("nightjar" in text.text for text in Anatomy(attached(b"<html>" + page, "a.html")).attachment_texts)


def test_blanks_in_an_address_mean_nothing() -> None:
    letters = base64.b64encode(PROGRAM)
    page = b'<html><a href="data:application/octet-stream;base64,' + letters[:2] + b" " + letters[2:] + b'">x</a>'
    assert [one.octets() for one in Anatomy(attached(page, "a.html")).attachments[1:]] == [PROGRAM]


@pytest.mark.parametrize(
    ("page", "found"),
    [
        (b"<X:SCRIPT >", Active.SCRIPT),
        (b"<p\nOnClick = go()>", Active.EVENT),
        (b"VBScript :go", Active.SCRIPT_ADDRESS),
        (b"DATA: Text/HTML,x", Active.DATA_PAGE),
        (b"URL.createObjectURL(b)", Active.SMUGGLED_FILE),
        (b"a.DOWNLOAD ='x'", Active.SMUGGLED_FILE),
    ],
)
def test_capitals_mean_nothing(page: bytes, found: Active) -> None:
    assert found in markup.read(b"<html>" + page, Ledger(Budget(), 99), "here").active


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from((DRAWING.encode(), b"\x1b(B", b"\0", b"&#", b"+AD", b"data:,", b"<?xml encoding='utf-7'", b" on", b"=")),
        max_size=9,
    )
)
def test_no_page_raises(pieces: list[bytes]) -> None:
    octets = b"".join(pieces)
    for reader in (markup.read, markup.read_xml):
        reader(octets, Ledger(Budget(), len(octets)), "x")


BEGINNINGS = [b"GIF89a", b"%PDF-1.4\n", b"ID3", b"\0\0\1\0", b"\xff\xd8\xff", b"8BPS", b"%!PS\n", b"\0\0\0\x18ftyp", b"PK\5\6"]


@pytest.mark.parametrize("beginning", BEGINNINGS)
@pytest.mark.parametrize(
    "field",
    [
        b"application/octet-stream; name=a.html",
        b"image/gif; name=a.xhtml",
        b"image/gif; name=a.xhtm",
        b"text/x-html; name=a",
        b"application/octet-stream; name=a.hta",
        b"text/html; name=a",
        b"application/xhtml+xml; name=a.dat",
        b"image/svg+xml; name=a",
    ],
)
def test_what_is_called_or_declared_a_page_is_one_whatever_it_begins_with(beginning: bytes, field: bytes) -> None:
    page = (
        beginning + b'<html><a download="invoice.exe" href="data:a/b;base64,' + b64(PROGRAM).translate(None, b"\r\n") + b'">x</a>'
    )
    mail = mixed(b"Content-Type: " + field + b"\r\nContent-Disposition: attachment\r\n" + B64 + b"\r\n" + b64(page))
    assert ("invoice.exe",) in [one.names for one in Anatomy(mail).attachments]


def test_what_is_written_as_text_is_found_behind_any_beginning_in_an_archive() -> None:
    found = Anatomy(attached(zipped(("a.uue", b"GIF89a\r\n" + uu())), "a.zip")).attachments
    assert ("evil.exe",) in [one.names for one in found]


@pytest.mark.parametrize("header", [b"%XYZ-1.7", b"hello world", b"GIF89a\0", b"%pdf-1.7", b"%!PS-Adobe-3.0 PDF-1.4", b""])
@pytest.mark.parametrize("field", [b"application/octet-stream; name=a.pdf", b"application/pdf", b"application/x-pdf; name=a"])
def test_what_is_called_or_declared_a_pdf_is_one_whatever_it_begins_with(header: bytes, field: bytes) -> None:
    octets = pdf(embedded=("evil.js", b"go()"), launch=True).replace(b"%PDF-1.7", header, 1)
    assert b"%PDF-" not in octets
    mail = mixed(b"Content-Type: " + field + b"\r\nContent-Disposition: attachment\r\n" + B64 + b"\r\n" + b64(octets))
    found = Anatomy(mail).attachments
    assert found[0].active_content == (Active.LAUNCH,)
    assert "evil.js" in {name for one in found for name in one.names}
