"""Polish, Czech, Hungarian and Turkish in the charsets of their systems, of which a mail says nothing, or something else."""

import base64

import pytest

from screener.anatomy.message import Anatomy, ForeignParserNeeded

_TEXTS = [
    ("tajny projekt żółtej łódki, źródło", ("cp1250", "iso8859_2")),
    ("příliš žluťoučký kůň úpěl ďábelské ódy", ("cp1250", "iso8859_2")),
    ("árvíztűrő tükörfúrógép", ("cp1250", "iso8859_2")),
    ("gizli proje için çalışıyoruz, ışık", ("cp1254",)),
]
CASES = [(text, codec) for text, codecs in _TEXTS for codec in codecs]
DECLARED = ["", "us-ascii", "iso-8859-1", "windows-1252", "utf-8", "utf-16", "x-unknown"]
HEAD = "From: a@example.net\r\nMIME-Version: 1.0\r\n"


def body(octets: bytes, media: str, charset: str) -> bytes:
    said = f"; charset={charset}" if charset else ""
    return f"{HEAD}Content-Type: {media}{said}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n".encode() + octets + b"\r\n"


@pytest.mark.parametrize("charset", DECLARED)
@pytest.mark.parametrize(("text", "codec"), CASES)
def test_words_are_found_whatever_is_declared(text: str, codec: str, charset: str) -> None:
    octets = text.encode(codec)
    assert any(text in one.text for one in Anatomy(body(octets, "text/plain", charset)).texts)
    page = b"<p>one</p><p>" + octets.replace(b" ", b"&#32;") + b"</p><p>two</p>"
    assert any(text in one.text for one in Anatomy(body(page, "text/html", charset)).texts)
    file = body(octets, "text/plain", charset).replace(
        b"\r\n\r\n", b"\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\n", 1
    )
    assert any(text in one.text for one in Anatomy(file).attachment_texts)
    word = f"Subject: =?{charset}?B?{base64.b64encode(octets).decode()}?=\r\n"
    assert text in Anatomy((word + HEAD).encode() + b"\r\nx").subjects


@pytest.mark.parametrize(("text", "codec"), CASES)
def test_subjects_without_a_charset(text: str, codec: str) -> None:
    assert text in Anatomy(b"Subject: " + text.encode(codec) + b"\r\n" + HEAD.encode() + b"\r\nx").subjects


def test_letters_that_are_written_as_numbers_stay() -> None:
    page = "<p>żółtej &#322;ódki &#8470; 1</p>".encode("cp1250")
    assert any("żółtej łódki № 1" in one.text for one in Anatomy(body(page, "text/html", "")).texts)


def test_only_lines_that_read_otherwise_are_told() -> None:
    lines = "Grüße aus Köln\r\nVoilà un été\r\n".encode("cp1252")
    assert [one.text for one in Anatomy(body(lines, "text/plain", "iso-8859-1")).texts] == [
        "Grüße aus Köln\r\nVoilà un été\r\n\r\n",
        "Voilŕ un été\r",
    ]
    for charset, text in (("iso-8859-1", "Grüße aus Köln"), ("utf-8", "Voilà un été"), ("koi8-r", "соловей")):
        assert len(Anatomy(body(text.encode(charset), "text/plain", charset)).texts) == 1, charset


def test_much_text_is_not_read_anew_in_the_event_loop() -> None:
    long = body("Voilà un été.\r\n".encode("cp1252") * 6_000, "text/plain", "iso-8859-1")
    assert len(Anatomy(long).texts) == 2
    with pytest.raises(ForeignParserNeeded):
        _ = Anatomy(long + b"Voil\xe0 \xfe\r\n" * 4_000, foreign=False).texts
