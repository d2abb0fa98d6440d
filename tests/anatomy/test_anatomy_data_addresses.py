"""Files that stand in data: addresses, in the bodies of a mail and in pages that come as files."""

import base64

import pytest
from fakes.evasions.containers import zipped
from fakes.odd_mail import PROGRAM, TOP, attached
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.anatomy.budget import Budget
from screener.anatomy.defects import Defect
from screener.anatomy.html import data_addresses, markup
from screener.anatomy.ledger import Ledger
from screener.anatomy.message import Anatomy
from screener.anatomy.text import TextKind

ZIP = base64.b64encode(zipped(("evil.exe", PROGRAM)))
EXE = base64.b64encode(PROGRAM)
PIXEL = b"R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
SCRIPT = b"WScript.Echo(1)"


def body(page: bytes, media: bytes = b"text/html; charset=utf-8") -> bytes:
    return TOP + b"Content-Type: " + media + b"\r\n\r\n" + page


def test_a_file_in_a_body_is_one_in_a_container() -> None:
    anatomy = Anatomy(body(b'<p>Hello<a href="data:application/zip;base64,' + ZIP + b'" download="a.zip">x</a>'))
    packed, program = anatomy.attachments
    assert (packed.names, packed.declared_type, packed.type) == (("a.zip",), "application/zip", "application/zip")
    assert (packed.inside, packed.depth, packed.place) == (("text/html",), 1, "part 1 > text/html > a.zip")
    assert (program.names, program.octets(), program.inside) == (("evil.exe",), PROGRAM, ("text/html", "a.zip"))
    assert not anatomy.all_defects()


@pytest.mark.parametrize(
    ("page", "names"),
    [
        (b"<a download=a.js href=data:text/plain;base64,%s>", ("a.js",)),
        (b"<A DOWNLOAD='a.js' HREF='DATA:;BASE64,%s'>", ("a.js",)),
        (b"<area href='data:,%s' title='>' download=a.js>", ("a.js",)),
        (b"<a title='<b \">' download=a.js href='data:image/png;base64,%s'>", ("a.js",)),
        (b"<a title='&apos;>' download=a.js href='data:text/plain;base64,%s'>", ("a.js",)),
        (b"<a href='data:application/x-javascript;base64,%s'>", ("unnamed.js",)),
        (b"<a download href=' data: text/javascript ; charset=utf-8 ; base64 ,%s'>", ("unnamed.js",)),
        (b"<a href='data:application/octet-stream;name=a%%2ejs;base64,%s'>", ("a.js",)),
        (b"<a href='da\r\nta:application/octet-stream;base64,%s' download=a.js>", ("a.js",)),
        (b"<a href='d&#97;t&#x61;&colon;application/octet-stream;base64,%s' download=a.js>", ("a.js",)),
        (b"<meta http-equiv=refresh content='0; url=data:text/html;base64,%s'>", ("unnamed.htm",)),
        (b"<meta http-equiv=refresh content='0;data:text/html;base64,%s'>", ("unnamed.htm",)),
        (b"<a href='&#1;" + b" " * 30 + b"data:application/octet-stream;x=" + b"y" * 300 + b";base64,%s'>", ()),
        (b"<embed src=data:text/plain;base64,%s>", ()),
        (b"<object data='data:image/svg+xml;base64,%s'>", ("unnamed.svg",)),
    ],
)
def test_files_are_found_as_browsers_find_and_call_them(page: bytes, names: tuple[str, ...]) -> None:
    letters = SCRIPT if b"base64" not in page.lower() else base64.b64encode(SCRIPT)
    (only,) = Anatomy(body(page % letters), inline=True).attachments
    assert (only.octets(), only.names, only.depth) == (SCRIPT, names, 1)


@pytest.mark.parametrize(
    "address",
    [
        b"'data:!;base64,%s'",
        b"'data:application/x$y;base64,%s'",
        b"'data:a b;base64,%s'",
        b"'data:a/b;x=\"y\";base64,%s'",
        b"'data:a/b;;x=<;base64,%s'",
        b"'data:" + b"a" * 70_000 + b"/b;base64,%s'",
        b"'data:a/b;x=" + b"y" * 1_100 + b";base64,%s'",
        b"data:!;x='\"<;base64,%s ",
        b"' da\r\nta:!;base64,%s' title=\"data:'\"",
    ],
)
@pytest.mark.parametrize("mail", [attached, lambda page, _name: body(page)])
def test_no_address_is_refused_for_its_type(address: bytes, mail: object) -> None:
    assert callable(mail)
    for letters, at in ((EXE, b";base64"), (b"".join(b"%%%02x" % octet for octet in PROGRAM), b";x=base64")):
        link = (address % letters).replace(b";base64", at)
        anatomy = Anatomy(mail(b"<html><p>it's<a download=a.exe href=" + link + b">x</a>", "a.html"))
        assert (("a.exe",), PROGRAM) in [(one.names, one.octets()) for one in anatomy.attachments]
        assert Defect.CONTAINER_TOO_MANY_MEMBERS not in {one.defect for one in anatomy.all_defects()}


@pytest.mark.parametrize(
    "row", [b"=data:!,", b"'data:!", b"\"data:!,'data:!;base64,", b"<a href=data:!", b"<a download href='data:!,x'>"]
)
def test_rows_of_odd_addresses_are_read(row: bytes) -> None:
    assert len(Anatomy(attached(b"<html>" + row * 30_000, "a.html")).attachments) <= 201


@pytest.mark.parametrize(
    "stores",
    [b"l.download = 'run.application'", b"l.setAttribute('download', \"run.application\")", b"saveAs(b, 'run.application')"],
)
def test_what_a_script_stores_is_called_so_among_many_names(stores: bytes) -> None:
    names = b", ".join(b"'%d.min.js'" % number for number in range(40))
    page = b"<html><script>var n = [" + names + b"]; var b = atob('" + EXE + b"'); " + stores + b"</script>"
    assert "run.application" in Anatomy(attached(page, "a.html")).attachments[-1].names


def test_what_scripts_call_data_is_no_file() -> None:
    page = b"<html><script>$.ajax({data: {a: 'x/y', b: 2}, url: 'data: a!b, c', x: \"data:1/2 %,d\"})</script>" * 300
    (only,) = Anatomy(attached(page, "a.html")).attachments
    assert only.names == ("a.html",)


@pytest.mark.parametrize(
    "page",
    [
        b"<iframe src='data:application/x;base64,%s'>",
        b"<img alt=x src='data:image/png;base64,%s'>",
        b"<p style='background:url(data:image/png;base64,%s)'>",
        b"<style>p { background: url( data:;base64,%s ) }</style>",
    ],
)
def test_a_program_is_found_wherever_it_is_called_a_picture(page: bytes) -> None:
    (only,) = Anatomy(body(page % EXE)).attachments
    assert (only.octets(), only.type) == (PROGRAM, "application/x-dosexec")


@pytest.mark.parametrize("charset", ["utf-16", "utf-7", "cp037"])
def test_in_any_charset(charset: str) -> None:
    page = ("<p>ä<a href='data:;base64," + EXE.decode() + "'>x</a>").replace("ä" if charset == "cp037" else "-", "")
    octets = base64.encodebytes(page.encode(charset))
    mail = TOP + f"Content-Type: text/html; charset={charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode() + octets
    assert PROGRAM in [one.octets() for one in Anatomy(mail).attachments]


@pytest.mark.parametrize(
    "page",
    [
        b"<p>Ordinary &#8217; words, a database: 1,2</p>",
        b"<p>We wrote data:text/html,x and data:application/zip;base64,UEsDBBQ...</p>",
        b"<img src='data:image/gif;base64," + PIXEL + b"' alt='download' width=1>" * 500,
        b"<a download='app.apk' href='https://example.org/'><img src='data:image/gif;base64," + PIXEL + b"'></a>",
        b"<style>@font-face { src: url(data:font/woff2;base64,d09GMgABAAA) } p { x: url(data:text/css,p) }</style>",
        b"<a href='data:,'>x</a><img src='data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22/%3E'>",
    ],
)
def test_what_a_page_shows_is_no_file(page: bytes) -> None:
    anatomy = Anatomy(body(page), inline=True)
    assert not anatomy.attachments
    assert not anatomy.all_defects()


def test_only_bodies_in_html_have_addresses() -> None:
    link = b"<a href='data:;base64," + EXE + b"'>"
    assert not Anatomy(body(link, b"text/plain")).attachments
    assert [one.octets() for one in Anatomy(body(link, b"application/xhtml+xml")).attachments] == [PROGRAM]


@pytest.mark.parametrize(
    "page",
    [
        b"<iframe src='data:text/html,<p>night<b>jar</b>'></iframe>",
        b"<iframe src='data:;base64,bmlnaHRqYXI='></iframe>",
        b"<object data=' data:image/svg+xml,%3Ctext>night%3Ctspan>jar%3C/tspan>'>x</object>",
        b"<div><embed src=data:text/html;charset=utf-16le;base64," + base64.b64encode("night<b>jar".encode("utf-16-le")) + b">",
    ],
)
def test_what_a_frame_shows_is_text_of_the_body(page: bytes) -> None:
    texts = Anatomy(body(b"<p>Hello" + page)).texts
    assert any("nightjar" in text.text.split() for text in texts if text.kind is TextKind.HTML)


@pytest.mark.parametrize("mail", [attached, lambda page, _name: body(page)])
def test_a_page_is_one_by_its_declared_type(mail: object) -> None:
    assert callable(mail)
    page = b"<html><a href='data:text/html;charset=utf-7;base64," + base64.b64encode(b"night<b>jar+ACE-</b>") + b"'>x</a>"
    anatomy = Anatomy(mail(page, "a.html"))
    assert anatomy.attachments[-1].declared_types == ("text/html",)
    assert any(text.text == "nightjar!" for text in anatomy.attachment_texts)


def test_a_script_that_a_page_runs_is_no_file_of_that_type() -> None:
    page = b"<html><script src='data:text/javascript;base64," + base64.b64encode(SCRIPT) + b"'></script>"
    _, script = Anatomy(attached(page, "a.html")).attachments
    assert (script.names, script.declared_types) == ((), ())


def test_a_body_with_a_large_picture_is_not_too_large() -> None:
    picture = base64.b64encode(base64.b64decode(PIXEL) + bytes(13_000_000))
    anatomy = Anatomy(body(b"<p>Hello<img src='data:image/gif;base64," + picture + b"'><a href='data:;base64," + EXE + b"'>"))
    assert [one.octets() for one in anatomy.attachments] == [PROGRAM]
    assert {one.defect for one in anatomy.defects} <= {Defect.TEXT_TRUNCATED}


def test_what_is_looked_into_in_a_body_is_bounded() -> None:
    anatomy = Anatomy(body(b"<a href='data:,x'>" * 30_000))
    assert len(anatomy.attachments) == 200
    assert Defect.CONTAINER_TOO_MANY_MEMBERS in {one.defect for one in anatomy.defects}


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            (
                b"<a ",
                b"download",
                b"=",
                b"'",
                b'"',
                b">",
                b" data:",
                b"data:text/html",
                b";base64",
                b",",
                b"x",
                b"%3",
                b"&quot;",
                b"\n",
            )
        ),
        max_size=20,
    )
)
def test_no_body_raises(pieces: list[bytes]) -> None:
    octets = b"".join(pieces)
    _ = list(markup.addressed(octets, ("utf-8",), Ledger(Budget(), 99, inline=True), "x"))
    _ = data_addresses.document(octets.decode())
