"""ZIPs that look like documents: what is no part of the document is a file of its own, and what acts in its parts is found."""

import base64

import pytest
from fakes.evasions.containers import zipped
from fakes.odd_mail import PROGRAM, attached

from screener.anatomy.message import Anatomy

WORD = (("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w:document/>"))
TEXT = (("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<office:document-content/>"))
PAGE = b'<a href="data:;base64,' + base64.b64encode(PROGRAM) + b'">'
DRAWING = b"<svg>" + PAGE + b"</a></svg>"
PICTURE = b'<svg><image href="data:image/png;base64,' + base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(99)) + b'"/></svg>'
PACKAGE = (
    b'<?mso-application progid="Word.Document"?><pkg:package><pkg:part pkg:name="/word/vbaProject.bin"><pkg:binaryData>'
    + base64.b64encode(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(3_000))
    + b"</pkg:binaryData></pkg:part></pkg:package>"
)


def inside(octets: bytes, name: str) -> set[str]:
    """The names of all that lies in it."""
    return {called for one in Anatomy(attached(octets, name)).attachments if one.depth for called in one.names}


@pytest.mark.parametrize("decoy", [WORD, TEXT])
@pytest.mark.parametrize("name", ["a.zip", "a.docx"])
@pytest.mark.parametrize(
    ("member", "content"),
    [("invoice.html", PAGE), ("word/invoice.svg", DRAWING), ("invoice.jpg", zipped(("evil.exe", PROGRAM)))],
)
def test_a_file_beside_a_document(decoy: tuple[tuple[str, bytes], ...], name: str, member: str, content: bytes) -> None:
    found = Anatomy(attached(zipped(*decoy, (member, content)), name)).attachments
    assert [one for one in found if one.octets() == PROGRAM and member in one.inside], found


@pytest.mark.parametrize(("name", "member"), [("a.zip", "word/rechnung.xml"), ("a.docx", "rechnung.xml")])
def test_a_document_in_a_document(name: str, member: str) -> None:
    found = Anatomy(attached(zipped(*WORD, (member, PACKAGE)), name)).attachments
    assert any(one.macros for one in found if member in one.names), found


def test_rich_text_that_is_put_into_a_document_is_a_file() -> None:
    found = inside(zipped(*WORD, ("word/afchunk.xml", b"{\\rtf1 hello}")), "a.docx")
    assert found == {"word/afchunk.xml", "afchunk.xml"}


def test_parts_of_a_document_are_no_files() -> None:
    parts = [
        ("word/media/image1.svg", PICTURE),
        ("word/media/image1.png", b"\x89PNG\r\n\x1a\n" + bytes(99)),
        ("word/fonts/font1.odttf", bytes(99)),
        ("customXml/_rels/item1.xml.rels", b"<Relationships/>"),
        ("docProps/app.xml", b"<Properties/>"),
    ]
    assert inside(zipped(*WORD, *parts), "a.docx") == set()
    assert inside(zipped(*TEXT, ("Pictures/a.svg", PICTURE), ("Object 1/content.xml", b"<x/>")), "a.odt") == set()
