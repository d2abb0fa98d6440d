"""Encoded words and file names whose charset is unknown, missing, or none in which their octets are."""

import base64

import pytest

from screener.anatomy.message import Anatomy

TEXT = "соловей поёт ночью"
HEAD = b"From: a@example.net\r\nTo: b@example.org\r\nMIME-Version: 1.0\r\n"
OCTETS = [TEXT.encode(codec) for codec in ("utf-8", "koi8_r", "cp1251", "iso8859_5", "cp866")]
CHARSETS = ["", "utf-16", "utf-32", "us-ascii", "iso-8859-1", "windows-1252", "utf-8", "x-unknown", "unknown-8bit", "ansi", "_"]


def word(octets: bytes, charset: str, way: str) -> str:
    coded = base64.b64encode(octets).decode() if way == "B" else "".join(f"={one:02X}" for one in octets)
    return f"=?{charset}?{way}?{coded}?="


def names(fields: bytes) -> set[str]:
    return {name for one in Anatomy(HEAD + b"Subject: x\r\n" + fields + b"\r\n\r\nx\r\n").attachments for name in one.names}


@pytest.mark.parametrize("way", ["B", "Q"])
@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("octets", OCTETS)
def test_a_word_is_read_in_what_its_octets_are_in(octets: bytes, charset: str, way: str) -> None:
    coded = word(octets, charset, way)
    assert TEXT in Anatomy(HEAD + f"Subject: {coded}\r\n\r\nx\r\n".encode()).subjects
    assert TEXT in names(f'Content-Type: application/octet-stream; name="{coded}"'.encode())


@pytest.mark.parametrize("octets", OCTETS[1:])
def test_a_name_without_a_charset_is_read_in_what_its_octets_are_in(octets: bytes) -> None:
    percent = "".join(f"%{one:02X}" for one in octets).encode()
    said = b"Content-Type: application/octet-stream; name"
    assert TEXT in names(said + b'="' + octets + b'"')
    for charset in (b"us-ascii", b"x-unknown", b"iso-8859-1"):
        assert TEXT in names(said + b"*=" + charset + b"''" + percent)


@pytest.mark.parametrize("charset", ["", "utf-16", "utf-16le", "ucs-2", "utf-32", "cp037", "ibm500", "ebcdic-cp-us"])
def test_ascii_is_ascii_to_some_whatever_is_declared(charset: str) -> None:
    for way in "BQ":
        coded = word(b"evil.iqy", charset, way)
        assert "evil.iqy" in Anatomy(HEAD + f"Subject: {coded}\r\n\r\nx\r\n".encode()).subjects
        assert "evil.iqy" in names(f'Content-Disposition: attachment; filename="{coded}"'.encode())
    percent = "".join(f"%{one:02X}" for one in b"evil.iqy")
    assert "evil.iqy" in names(f"Content-Disposition: attachment; filename*={charset}''{percent}".encode())


def test_what_is_in_the_charset_it_declares_is_read_in_no_other() -> None:
    for text, charset in (("Grüße.txt", "iso-8859-1"), ("Résumé.txt", "utf-8"), ("nightjar.txt", "utf-16")):
        coded = word(text.encode(charset), charset, "B")
        assert Anatomy(HEAD + f"Subject: {coded}\r\n\r\nx\r\n".encode()).subjects == (text, coded)
