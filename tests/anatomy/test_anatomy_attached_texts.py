"""What attached files and documents say: in the declared, the detected and their own charset, also inside containers."""

import pytest
from fakes.odd_mail import TOP, attached, mixed, zipped

from screener.anatomy import charsets
from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.anatomy.text import TextKind


def file_part(head: bytes, octets: bytes) -> bytes:
    return mixed(b"Content-Type: " + head + b'\r\nContent-Disposition: attachment; filename="a.txt"\r\n\r\n' + octets)


def shown(content: bytes) -> set[str]:
    return {text.text for text in Anatomy(content).attachment_texts}


def test_the_declared_and_the_detected_charset_of_a_file_are_tried() -> None:
    assert shown(file_part(b"text/plain; charset=utf-7", b"+AGE-")) == {"a", "+AGE-"}
    assert shown(file_part(b"text/plain; charset=koi8-r", b"\xd0\xd2\xc9\xd7\xc5\xd4")) >= {"привет"}


def test_a_page_says_its_charset_itself() -> None:
    page = b'<html><meta charset="utf-7">+AGE-'
    assert shown(file_part(b"text/html; charset=us-ascii", page)) == {"+AGE-", "a"}
    bodies = {text.text for text in Anatomy(TOP + b"Content-Type: text/html; charset=us-ascii\r\n\r\n" + page).texts}
    assert bodies == {"+AGE-", "a"}


def test_a_page_that_says_another_charset_is_no_defect() -> None:
    """Whoever recodes a page on its way seldom changes what it says of itself."""
    page = '<html><meta charset="windows-1252">ä'.encode()
    assert not Anatomy(TOP + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + page).all_defects()


def test_a_file_in_a_container_has_no_declared_charset() -> None:
    content = attached(zipped(("a.dat", "ein Text in UTF-16".encode("utf-16-le"))), "a.zip")
    anatomy = Anatomy(content)
    assert "ein Text in UTF-16" in {text.text for text in anatomy.attachment_texts}
    assert {text.kind for text in anatomy.attachment_texts} == {TextKind.ATTACHMENT}
    assert {text.place for text in anatomy.attachment_texts} == {"part 2 > a.zip > a.dat"}


def test_binaries_are_no_texts() -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
    assert not shown(attached(picture, "a.png"))
    assert not shown(attached(bytes(range(256)) * 8, "a.dat"))


def test_what_is_only_called_text_comes_last() -> None:
    picture = b'Content-Type: text/plain; name="a.txt"\r\n\r\nGIF89a\x01 x'
    note = b'Content-Type: text/plain; name="b.txt"\r\n\r\nnote'
    places = [text.place for text in Anatomy(mixed(picture, note)).attachment_texts]
    assert places[0] == "part 2"
    assert set(places[1:]) == {"part 1"}


@pytest.mark.parametrize("codec", ["utf_16_le", "utf_16_be", "utf_32_le", "utf_32_be"])
@pytest.mark.parametrize(
    "text",
    ["hello there, my friend", "Добрый день, коллеги", "你好，世界。这是一个测试文件，请不要回复。", "안녕하세요 반갑습니다"],
)
def test_wide_texts_without_a_mark_are_told(codec: str, text: str) -> None:
    octets = text.encode(codec)
    assert text in charsets.readings(octets).texts
    assert text in charsets.readings(octets, "iso-8859-1").texts
    assert codec in charsets.wide_codecs(octets)


@pytest.mark.parametrize(
    "octets",
    [
        b"hello there, my friend\r\n",
        "Größe und Änderung".encode("latin-1"),
        "Добрый день".encode("koi8-r"),
        bytes(range(256)),
        b"\x1b[31mred\x1b[0m",
        b"a long log line with one \x07 bell in it, and much more behind it",
        b"",
        b"\x00",
    ],
)
def test_ordinary_texts_are_not_wide(octets: bytes) -> None:
    assert charsets.wide_codecs(octets) == ()


def test_switches_within_ascii_are_followed_undeclared() -> None:
    assert "移動" in charsets.readings("移動".encode("iso-2022-jp")).texts
    assert "移动" in charsets.readings("移动".encode("hz"), "us-ascii").texts
    assert charsets.readings(b"about ~ 5 \x1b[0m").texts == ("about ~ 5 \x1b[0m",)


def test_a_wide_file_that_says_ascii_is_in_the_wrong_charset() -> None:
    found = Anatomy(file_part(b"text/plain; charset=us-ascii", "Добрый день".encode("utf-16-le"))).all_defects()
    assert Defect.WRONG_CHARSET in {one.defect for one in found}
