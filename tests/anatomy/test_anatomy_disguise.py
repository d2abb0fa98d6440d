"""What pretends to be a document, what only looks so, and which mail is encrypted."""

from pathlib import Path

import pytest
from fakes.evasions import containers
from fakes.odd_mail import PROGRAM, attached

from screener.anatomy import disguise
from screener.anatomy.message import Anatomy

LISTS = Path(__file__).parents[2] / "rules" / "lists"

SHORTCUT = b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F" + bytes(60)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
HEBREW = "\u05d3\u05d5\u05d7\u200f.pdf"


def disguised(octets: bytes, name: str, declared: str = "application/octet-stream") -> str:
    field = name if name.isascii() else ""
    content = attached(octets, field).replace(b"Content-Type: application/octet-stream", f"Content-Type: {declared}".encode())
    if not field:
        content = content.replace(
            b'filename=""', b"filename*=utf-8''" + "".join(f"%{octet:02x}" for octet in name.encode()).encode()
        )
    return Anatomy(content).attachments[-1].disguised


@pytest.mark.parametrize(
    ("octets", "name"),
    [
        (PROGRAM, "invoice.pdf"),
        (PROGRAM, "holiday.JPG"),
        (PROGRAM, "notes.txt"),
        (SHORTCUT, "report.docx"),
        (b"@echo off\r\ndel x\r\n", "report.pdf"),
        (b"GIF89a" + bytes(500) + b"MZ" + bytes(58) + b"\x80\0\0\0" + bytes(64) + b"PE\0\0\x4c\x01", "logo.gif"),
        (b"go()", "invoice.pdf.js"),
        (b"go()", "invoice.doc .scr"),
        (b"go()", "invoice.pdf            .exe"),
        (b"go()", "invoice\u202efdp.exe"),
        (b"go()", "a\u2066b.txt"),
        (b"go()", "a\u202bb\u202c\u202efdp.exe"),
        (b"go()", "a\u202bb.\u202cexe"),
        (b"go()", "a\u2067b.pdf\u202c.exe"),
    ],
)
def test_programs_that_look_like_documents(octets: bytes, name: str) -> None:
    assert disguised(octets, name)


@pytest.mark.parametrize("extension", ["iqy", "py", "jnlp", "ps1xml", "cab", "slk", "xll", "diagcab", "js", "exe"])
def test_every_program_behind_the_ending_of_a_document(extension: str) -> None:
    assert disguised(b"x", f"invoice.pdf.{extension}") == f"it is called .pdf.{extension}"
    assert not disguised(b"x", f"report.v2.{extension}")
    assert not disguised(b"x", f"page.html.{extension}")


def test_what_runs_is_what_the_rules_list() -> None:
    listed = (LISTS / "program-extensions.txt").read_text().split("\n") + (LISTS / "program-names.txt").read_text().split("\n")
    assert {line.removeprefix("*.") for line in listed if line and not line.startswith("#")} == disguise._RUN


def test_programs_declared_as_pictures() -> None:
    assert disguised(PROGRAM, "setup.dat", "image/png") == "a Windows program declared as image/png"
    assert disguised(PROGRAM, "setup.dat", "application/x-msdownload") == ""


@pytest.mark.parametrize(
    ("octets", "name", "declared"),
    [
        (PROGRAM, "setup.exe", "application/octet-stream"),
        (PROGRAM, "setup.dat", "application/octet-stream"),
        (PROGRAM, "my.setup.1.2.exe", "application/x-msdownload"),
        (PNG, "photo.jpg", "image/jpeg"),
        (b"<html><body>x", "report.txt", "text/plain"),
        (b"<html><body>x", "report.xls", "application/vnd.ms-excel"),
        (b"{\\rtf1 x}", "letter.doc", "application/msword"),
        (containers.document(), "letter.doc", "application/msword"),
        (b"#!/bin/sh\nls\n", "install.txt", "text/plain"),
        (b"hello", "page.html.js", "text/javascript"),
        (b"%PDF-1.4", "J. Smith, 3.1.2026, v2.final.pdf", "application/pdf"),
        (b"%PDF-1.4", HEBREW, "application/pdf"),
        (b"%PDF-1.4", "www.example.com.pdf", "application/pdf"),
        (b"%PDF-1.4", "a    b.pdf", "application/pdf"),
    ],
)
def test_ordinary_sloppiness_is_no_disguise(octets: bytes, name: str, declared: str) -> None:
    assert disguised(octets, name, declared) == ""


ENVELOPED = bytes.fromhex("3080 0609 2a864886f70d010703 a080 3080".replace(" ", "")) + bytes(40)
SIGNED = bytes.fromhex("3080 0609 2a864886f70d010702 a080 3080".replace(" ", "")) + bytes(40)


def way(content_type: bytes, body: bytes) -> list[str]:
    head = b"From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: " + content_type + b"\r\n\r\n"
    return [one.way for one in Anatomy(head + body).encryption]


def test_encrypted_mail() -> None:
    assert way(b"application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", b"x") == ["S/MIME"]
    assert way(b"application/x-pkcs7-mime; name=smime.p7m", ENVELOPED) == ["S/MIME"]
    assert way(b'multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b', b"--b\r\n\r\nx\r\n--b--\r\n")[:1] == [
        "PGP/MIME"
    ]
    assert way(b"text/plain", b"hello\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQ\r\n-----END PGP MESSAGE-----\r\n") == ["PGP"]


@pytest.mark.parametrize(
    "page",
    [
        b"<pre>-----BEGIN PGP MESSAGE-----<br>\r\nhQ",
        b"<html><body><p>hello</p><br>&nbsp; -----BEGIN PGP MESSAGE-----<br>hQ",
        b"<div>\r\n  -----BEGIN PGP MESSAGE, PART 01/02-----</div>",
    ],
)
def test_armour_in_a_page_is_encrypted(page: bytes) -> None:
    assert way(b"text/html", page) == ["PGP"]
    assert way(b"text/html", page.replace(b"-----BEGIN", b"say -----BEGIN")) == []
    assert way(b"text/plain", page.replace(b"\r\n", b"")) == []


@pytest.mark.parametrize("first", ["8501 0c03", "c1c0 4c03", "a803 504750 8501 0c", "8c0d 0409", "8c02 c3"])
def test_packets_that_need_a_key_are_encrypted(first: str) -> None:
    octets = bytes.fromhex(first) + bytes(300)
    for name, is_one in (("a.pdf.gpg", True), ("a.PGP", True), ("a.asc", True), ("a.pdf", False)):
        assert [one.way for one in Anatomy(attached(octets, name)).encryption] == ["PGP"] * is_one, name
    for other in (b"ncols 480\r\n", b"\x99\x01\x0d" + bytes(300), b"\xcb\x08b\0\0\0\0\0hi", b""):
        assert not Anatomy(attached(other, "a.gpg")).encryption


def test_signed_mail_is_not_encrypted() -> None:
    assert way(b"application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", SIGNED) == []
    assert way(b"application/pkcs7-mime; name=smime.p7m", SIGNED) == []
    assert way(b"text/plain", b"-----BEGIN PGP SIGNED MESSAGE-----\r\nhello\r\n-----BEGIN PGP SIGNATURE-----\r\n") == []
    assert way(b"text/plain", b"say -----BEGIN PGP MESSAGE----- to begin\r\n") == []
    assert not Anatomy(attached(b"x", "a.txt")).encryption


SCRIPT = b"<html><script>go()</script></html>"


@pytest.mark.parametrize(
    ("octets", "name"),
    [
        (SCRIPT, "invoice.pdf.html"),
        (SCRIPT, "invoice.pdf____.htm"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='go()'/>", "scan.pdf.svg"),
        (b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n" + SCRIPT, "a.docx.mht"),
        (PROGRAM, "a.pdf" + "_" * 80 + ".exe"),
        (PROGRAM, "a.pdf" + "." * 20 + "exe"),
    ],
)
def test_a_second_ending_disguises_what_acts(octets: bytes, name: str) -> None:
    assert disguised(octets, name)


@pytest.mark.parametrize("name", ["report.2025.html", "page.html", "data.csv.html", "..html", "notes.tar.gz", "a__.html"])
def test_what_acts_under_a_plain_name_is_not_disguised(name: str) -> None:
    assert not disguised(SCRIPT, name)


def test_a_page_in_which_nothing_acts_may_be_called_anything() -> None:
    assert not disguised(b"<html><p>Hello</p></html>", "invoice.pdf.html")


def test_macros_may_be_called_as_they_are_but_no_pdf() -> None:
    macros = containers.document(("word/vbaProject.bin", containers.ole(("VBA", bytes(5000)))))
    assert Anatomy(attached(macros, "a.pdf.docm")).attachments[0].disguised
    assert not Anatomy(attached(macros, "a.doc.docm")).attachments[0].disguised
    assert not Anatomy(attached(containers.document(), "a.pdf.docm")).attachments[0].disguised
