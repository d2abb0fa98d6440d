"""A part whose only sign is its type: readers make a file of it, with the ending that is registered for the type."""

import pytest
from fakes.evasions.containers import zipped
from fakes.evasions.judging import safety, screened, shipped
from fakes.odd_mail import attached

from screener.anatomy.active import Active
from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action

SCRIPT = b"var a = 1; a = a + 1;\r\n"
SECOND = (
    b"From: a@example.net\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n"
    b"--B\r\nContent-Type: text/plain\r\n\r\nhello\r\n--B\r\nContent-Type: %b\r\n\r\n" + SCRIPT + b"\r\n--B--\r\n"
)
WHOLE = b"From: a@example.net\r\nMIME-Version: 1.0\r\nContent-Type: %b\r\n\r\n" + SCRIPT
SCRIPTS = [
    (b"text/javascript", "js"),
    (b"TEXT/JavaScript; charset=utf-8", "js"),
    (b"(a) text / javascript", "js"),
    (b"application/x-javascript", "js"),
    (b"text/jscript", "js"),
    (b"text/vbscript", "vbs"),
    (b"text/vbs", "vbs"),
    (b"text/scriptlet", "sct"),
    (b"text/x-msdos-batch", "bat"),
    (b"application/x-sh", "sh"),
    (b"text/plain\r\nContent-Type: text/vbscript", "vbs"),
]
SHOWN = [
    b"text/plain",
    b"text/html",
    b"text/enriched",
    b"text/calendar",
    b"text/x-amp-html",
    b"text/rfc822-headers",
    b"message/delivery-status",
    b"text",
    b"text/",
    b"text/pl@in",
]


@pytest.mark.parametrize("letter", [SECOND, WHOLE], ids=["second part", "whole body"])
@pytest.mark.parametrize(("media", "ending"), SCRIPTS)
def test_a_script_is_a_file_by_its_type_alone(letter: bytes, media: bytes, ending: str) -> None:
    content = letter % media
    (found,) = Anatomy(content).attachments
    assert found.extensions == {ending}
    assert found.octets().strip() == SCRIPT.strip()
    (verdict,) = screened(shipped(), content).verdicts
    assert verdict.action is Action.HOLD


@pytest.mark.parametrize("media", [b"text/x-patch", b"text/x-vertical", b"text/x-log"])
def test_another_text_is_a_file_without_a_name_and_passes(media: bytes) -> None:
    content = SECOND % media
    anatomy = Anatomy(content)
    (found,) = anatomy.attachments
    assert found.names == ()
    assert any("a + 1" in text.text for text in anatomy.texts)  # some readers show it
    assert screened(shipped(), content, anatomy).verdicts[0].action is Action.FORWARD


@pytest.mark.parametrize("letter", [SECOND, WHOLE], ids=["second part", "whole body"])
@pytest.mark.parametrize("media", SHOWN)
def test_what_readers_show_as_text_is_no_file(letter: bytes, media: bytes) -> None:
    assert Anatomy(letter % media).attachments == ()


def test_a_program_without_a_name_is_called_by_its_content() -> None:
    content = SECOND.replace(SCRIPT, b"MZ\x90\x00" + bytes(56) + b"\x40\0\0\0PE\0\0\x4c\x01" + bytes(200)) % b"image/png"
    (found,) = Anatomy(content).attachments
    assert found.names == ("unnamed.png", "unnamed.exe")
    assert screened(safety(), content).verdicts[0].action is Action.FORWARD


@pytest.mark.parametrize("field", [b"Content-Name: evil.js", b'X-Sun-Data-Name: "evil.js"', b"content-name: =?utf-8?q?evil=2Ejs?="])
@pytest.mark.parametrize("media", [b"application/octet-stream", b"text/plain"])
def test_a_file_is_called_by_older_fields_where_it_has_no_name(field: bytes, media: bytes) -> None:
    (found,) = Anatomy(SECOND % (media + b"\r\n" + field)).attachments
    assert found.names[0] == "evil.js"
    (found,) = Anatomy(SECOND % (media + b"; name=a.txt\r\n" + field)).attachments
    assert found.names == ("a.txt",)


ATTACHED = b"\r\nContent-Disposition: attachment"
_OFFICE = b"application/vnd.openxmlformats-officedocument."
REGISTERED = [
    (b"text/html", "htm"),
    (b"application/xhtml+xml", "htm"),
    (b"image/svg+xml", "svg"),
    (b"text/csv", "csv"),
    (b"text/comma-separated-values", "csv"),
    (b"text/tab-separated-values", "tsv"),
    (b"application/x-sylk", "slk"),
    (b"application/vnd.ms-excel", "xls"),
    (b"application/pdf", "pdf"),
    (b"application/msword", "doc"),
    (b"application/rtf", "rtf"),
    (_OFFICE + b"wordprocessingml.document", "docx"),
    (b"application/vnd.ms-excel.sheet.macroEnabled.12", "xlsm"),
    (b"text/calendar", "ics"),
    (b"image/png", "png"),
    (b"video/mp4", "mp4"),
]


@pytest.mark.parametrize("blank", [b"", b'; filename=" "'])
@pytest.mark.parametrize(("media", "ending"), REGISTERED)
def test_a_file_is_called_by_its_type(media: bytes, ending: str, blank: bytes) -> None:
    (found, *_) = Anatomy(SECOND % (media + ATTACHED + blank)).attachments
    assert found.names == (f"unnamed.{ending}",)
    assert found.extensions == {ending}


@pytest.mark.parametrize("media", [b"text/plain", b"application/octet-stream"])
def test_what_any_file_is_declared_as_calls_none(media: bytes) -> None:
    (found,) = Anatomy(SECOND % (media + ATTACHED)).attachments
    assert found.names == ()


def test_the_text_of_a_message_in_a_file_is_called_nothing() -> None:
    packed = zipped(("a.eml", b"From: a@example.net\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<p>hello</p>"))
    found = Anatomy(attached(packed, "a.zip")).attachments
    assert {name for one in found for name in one.names} == {"a.zip", "a.eml"}


TABLES = [
    b"text/csv",
    b"text/comma-separated-values",
    b"application/csv",
    b"text/tab-separated-values",
    b"application/vnd.ms-excel",
    b"application/x-msexcel",
]


@pytest.mark.parametrize("fields", [b"", ATTACHED, b"; name=report", b"; name=report.2026" + ATTACHED, b"; name=report.txt"])
@pytest.mark.parametrize("media", TABLES)
def test_a_table_is_one_by_its_type(media: bytes, fields: bytes) -> None:
    content = SECOND.replace(SCRIPT, b"a;b\r\n=cmd|'/c calc'!A0\r\n") % (media + fields)
    (found,) = Anatomy(content).attachments
    assert found.active_content == (Active.DDE,)
    assert screened(shipped(), content).verdicts[0].action is Action.HOLD
    quiet = SECOND.replace(SCRIPT, b"name;sum\r\n- Home|Yahoo! Japan;1\r\n") % (media + fields)
    assert screened(shipped(), quiet).verdicts[0].action is Action.FORWARD
