"""Polish, Czech, Hungarian and Turkish in the charsets of their systems, of which a mail says nothing, or something else."""

import base64

import pytest

from screener.anatomy import charsets, latin
from screener.anatomy.budget import Budget
from screener.anatomy.ledger import Ledger
from screener.anatomy.message import Anatomy, NotInline
from screener.anatomy.text import Text, TextKind

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
    with pytest.raises(NotInline):
        _ = Anatomy(long + b"Voil\xe0 \xfe\r\n" * 4_000, inline=True).texts


# Words, and in what they are.
_FOREIGN = [
    *[("соловей поёт ночью в тихом саду", codec) for codec in ("cp1251", "koi8_u", "cp866", "iso8859_5")],
    ("το αηδόνι τραγουδά στον κήπο", "cp1253"),
    ("العندليب يغني في الحديقة", "cp1256"),
    ("นกไนติงเกลร้องเพลง", "cp874"),
    ("夜鹰在花园里歌唱", "gb18030"),
    ("夜鶯在花園裡歌唱", "big5"),
    ("庭でナイチンゲールが鳴いています", "cp932"),
    ("庭でナイチンゲールが鳴いています", "euc_jp"),
    ("나이팅게일이 정원에서 노래합니다", "cp949"),
]


@pytest.mark.parametrize("at", [0, 300_000, 600_000])
@pytest.mark.parametrize(("text", "codec"), _FOREIGN)
def test_words_among_much_in_other_letters_are_found(text: str, codec: str, at: int) -> None:
    decoy = "<p>שלום חברים יקרים מה שלומכם היום</p>\r\n".encode("cp1255") * 16_000
    cut = decoy.rfind(b"\n", 0, at) + 1
    page = decoy[:cut] + b"<div>" + text.encode(codec) + b"</div>" + decoy[cut:]
    for media in ("text/html", "text/plain") if codec != "cp866" else ("text/plain",):  # one of its letters is a blank to pages
        anatomy = Anatomy(body(page, media, ""))
        assert any(text in one.text for one in anatomy.texts)
        assert [one.defect.value for one in anatomy.defects if one.severity != "sloppy"] == []


def test_letters_written_as_numbers_hide_none_beside_them() -> None:
    decoy = "<p>שלום חברים יקרים מה שלומכם היום</p>\r\n".encode("cp1255") * 16_000
    page = decoy + b"<p>&#9731;</p><p>" + "庭でナイチンゲール".encode("euc_jp") + "</p><p>сад &#9731;".encode("cp1251")
    texts = Anatomy(body(page, "text/html", "")).texts
    assert any("庭でナイチンゲール" in one.text for one in texts)
    assert any("сад ☃" in one.text for one in texts)


def test_charsets_in_which_nothing_reads_otherwise() -> None:
    ledger = Ledger(Budget(), 99)
    ledger.half_guessed["1"] = ("cp1252", "ascii", "latin_1", "cp1250")
    found = [Text("1", TextKind.PLAIN, "\u00b3\u00f3dka", charsets.as_read("cp1252"))]
    read = {one.text for one in latin.further(found, b"\xb3\xf3dka", ("x-unknown",), "1", ledger)}
    assert "łódka" in read
