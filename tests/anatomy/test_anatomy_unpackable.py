"""Members that cannot be unpacked, files that pretend to be a document's own, and files with nothing but a declared type."""

import io
import struct
import zipfile
from pathlib import Path

import pytest
from fakes.letters import anatomy_of
from fakes.mails import mail

from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.mail.address import Address
from screener.mail.envelope import Client, Envelope, Recipient
from screener.mail.mail import Content, Mail
from screener.mail.verdict import Action
from screener.policy.rulefile import compile_source
from screener.policy.source import Source

RULES = Path(__file__).parents[2] / "rules"


def zipped(*members: tuple[str, bytes], method: int = 0) -> bytes:
    """A ZIP; `method` is written over the true one in both headers."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, octets in members:
            archive.writestr(name, octets)
    packed = bytearray(out.getvalue())
    if method:
        struct.pack_into("<H", packed, packed.index(b"PK\x03\x04") + 8, method)
        struct.pack_into("<H", packed, packed.index(b"PK\x01\x02") + 10, method)
    return bytes(packed)


def mail_of(content: bytes) -> Mail:
    envelope = Envelope(Client("192.0.2.1"), Address.parse("a@b.example"), (Recipient(Address.parse("c@example.org")),))
    return Mail("0TEST0000001", 0.0, envelope, Content(content))


@pytest.mark.parametrize("method", [1, 6, 9, 93, 95, 98])
def test_a_member_packed_by_a_method_we_cannot_read_is_said(method: int) -> None:
    octets = zipped(("inner.zip", zipped(("invoice.js", b"x"))), method=method)
    anatomy = Anatomy(mail("x", attachment=("outer.zip", octets)))
    assert Defect.CONTAINER_METHOD in {found.defect for found in anatomy.all_defects()}


@pytest.mark.parametrize("method", [9, 14, 93])
def test_so_it_is_where_it_says_that_it_is_empty(method: int) -> None:
    packed = bytearray(zipped(("a.dat", b"x" * 4 + b"\xff" * 300), method=method))
    struct.pack_into("<L", packed, packed.index(b"PK\x03\x04") + 22, 0)
    struct.pack_into("<L", packed, packed.index(b"PK\x01\x02") + 24, 0)
    anatomy = Anatomy(mail("x", attachment=("outer.zip", bytes(packed))))
    assert Defect.CONTAINER_METHOD in {found.defect for found in anatomy.all_defects()}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_empty_member_is_one_that_is_packed_as_nothing(method: int) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("a.dat", b"")
    assert not [*Anatomy(mail("x", attachment=("outer.zip", out.getvalue()))).all_defects()]


@pytest.mark.parametrize("name", ["printerSettings.exe", "word/printerSettings/run.js", "printerSettings/printerSettings1.bin.exe"])
def test_only_real_printer_settings_belong_to_a_document(name: str) -> None:
    octets = zipped(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>"), (name, b"MZ"))
    anatomy = Anatomy(mail("x", attachment=("a.docx", octets)))
    assert any(name in one.names or name.rpartition("/")[2] in one.names for one in anatomy.attachments)


def test_printer_settings_themselves_are_no_file() -> None:
    settings = "xl/printerSettings/printerSettings1.bin"
    octets = zipped(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<w/>"), (settings, b"x"))
    anatomy = Anatomy(mail("x", attachment=("a.xlsx", octets)))
    assert not any("printerSettings" in name for one in anatomy.attachments for name in one.names)


@pytest.mark.parametrize("declared", ["application/hta", "application/javascript", "text/vbscript", "application/x-msdownload"])
def test_a_file_with_only_a_declared_type_of_programs_is_held(declared: str) -> None:
    content = f"Content-Type: {declared}\r\nContent-Disposition: attachment\r\n\r\nalert(1)\r\n".encode()
    ruleset = compile_source(Source.read(RULES, "rules")).ruleset
    held = mail_of(content)
    assert ruleset.screen(held, anatomy_of(held)).verdicts[0].action is Action.HOLD
