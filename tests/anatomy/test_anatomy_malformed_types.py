"""A Content-Type that is none: some readers take it for what it looks like, others for text/plain."""

import pytest
from fakes.evasions.judging import safety, screened
from fakes.odd_mail import B64, TOP, attached, b64

from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PAGE = b'<p onclick="go()">nightjar</p><script>go()</script>\r\n'
PARTS = (
    b"--B\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
    b'--B\r\nContent-Type: application/pdf; name="a.pdf"\r\nContent-Disposition: attachment; filename="a.pdf"\r\n'
    + B64
    + b"\r\n"
    + b64(PDF)
    + b"--B--\r\n"
)


def found(content: bytes) -> set[Defect]:
    """What is odd about a mail."""
    return {one.defect for one in Anatomy(content).all_defects()}


def is_held(content: bytes) -> bool:
    """By the shipped safety rules."""
    return screened(safety(), content).verdicts[0].action is Action.HOLD


@pytest.mark.parametrize(
    "value",
    [
        b"multiparts/mixed; boundary=B",
        b'"multipart/mixed"; boundary=B',
        b"'multipart/mixed'; boundary=B",
        b"multipart/mixed, boundary=B",
        b"multipart/mixed boundary=B",
        b"multipart / mixed; boundary=B",
        b"multipart/mixed/x; boundary=B",
        b"multipart/mixed, text/plain; boundary=B",
        b"mul(c)tipart/mixed; boundary=B",
        b"multipart; boundary=B",
    ],
)
def test_a_multipart_that_is_none_to_some_readers_is_ambiguous(value: bytes) -> None:
    content = TOP + b"Content-Type: " + value + b"\r\n\r\n" + PARTS
    assert Defect.INVALID_CONTENT_TYPE in found(content)
    assert is_held(content)
    assert PDF in [one.octets() for one in Anatomy(content).attachments]


@pytest.mark.parametrize(
    "value", [b'"text/html"', b"text/html charset=utf-8", b"text/html, text/plain", b"text/html/x", b"text / html"]
)
def test_a_page_that_is_none_to_some_readers_is_looked_into_and_held_where_it_acts(value: bytes) -> None:
    content = TOP + b"Content-Type: " + value + b"\r\n\r\n"
    assert Anatomy(content + PAGE).active_bodies
    assert is_held(content + PAGE)
    assert not is_held(content + b"<p>hello</p>\r\n")
    assert found(content + b"<p>hello</p>\r\n") & {Defect.INVALID_CONTENT_TYPE, Defect.DAMAGED_TEXT}


@pytest.mark.parametrize(
    "value",
    [b"text/plain charset=utf-8", b'"text/plain"', b"text/plain (of old)", b'text/plain charset="iso-2022-jp"', b"text / plain"],
)
def test_a_text_that_is_one_to_all_readers_is_sloppy(value: bytes) -> None:
    content = attached(PDF, "a.pdf").replace(b"Content-Type: text/plain", b"Content-Type: " + value)
    assert found(content) == {Defect.IRREGULAR_PARAMETER}
    assert not is_held(content)


@pytest.mark.parametrize(
    "value", [b'application/pdf name="a.pdf"', b'"application/pdf"', b"application/pdf, application/octet-stream"]
)
@pytest.mark.parametrize("named", [True, False], ids=["named", "nameless"])
def test_a_file_that_is_one_to_all_readers_is_sloppy(value: bytes, named: bool) -> None:
    disposition = b'Content-Disposition: attachment; filename="a.pdf"\r\n' if named else b""
    content = attached(PDF, "a.pdf").replace(b'Content-Disposition: attachment; filename="a.pdf"\r\n', disposition)
    content = content.replace(b"application/octet-stream", value)
    assert is_held(content) is not named
    assert PDF in [one.octets() for one in Anatomy(content).attachments]
    assert "application/pdf" in Anatomy(content).attachments[0].declared_types
