"""Contents of a page in which words stand that are no operators: in names, comments, strings (ISO 32000-1 7.2, 7.8.2)."""

import pytest
from fakes.odd_pdf import FILE, defects, document, said, stream

from screener.anatomy.defects import Defect

FONT = b"<</Type/Font/Subtype/Type1/Encoding<</Differences[65/n/i/g/h/t/j/a/r]>>>>"


def shown(content: bytes, *more: bytes) -> str:
    octets = document(FILE, *more, page=stream(b"", b"BT /F1 12 Tf 72 700 Td " + content + b" ET"), named=b"null")
    assert not defects(octets)
    return said(octets)


@pytest.mark.parametrize(
    "content",
    [
        b"/ET BMC (nightjar) Tj EMC",
        b"/BI BMC (nightjar) Tj EMC",
        b"/x-ET BMC (nightjar) Tj EMC",
        b"/x.BI BMC (nightjar) Tj EMC",
        b"%ET\n(nightjar) Tj",
        b"% BI \r(nightjar) Tj",
        b"%(\n(nightjar) Tj",
        b"(night) Tj %(x) Tj\n(jar) Tj",
        b"<6e69 67 68 74x 6a 61 72> Tj",
        b"<6e696768\x00" + b"746a6172>Tj",
        b"/P <</MCID 0>> BDC (nightjar) Tj EMC",
        b"/P <</Lang <656e>>> BDC <6e6967 68746a6172> Tj EMC",
        b"[(night)%)\n(jar)]TJ",
    ],
)
def test_what_is_no_operator(content: bytes) -> None:
    assert "nightjar" in shown(content)


@pytest.mark.parametrize("nothing", [b"'", b'"', b"''", b"Tj", b"TJ", b"[]TJ", b"[-400]TJ", b'1 2 "', b"/A ' %x)\n '"])
def test_what_shows_text_but_has_no_string_shows_nothing(nothing: bytes) -> None:
    assert "the nightjar sings" in shown(b"(the night) Tj " + nothing + b" (jar sings) Tj")


@pytest.mark.parametrize("nothing", [b"()'", b"<> '", b'0 0 ()"', b"(\\\n)'", b"< x >'"])
def test_an_empty_string_is_a_line_of_its_own(nothing: bytes) -> None:
    assert "night\n" in shown(b"12 TL (the night) Tj " + nothing + b" (jar sings) Tj")


@pytest.mark.parametrize(
    "sets", [b"/F2 9 Tf", b"/F#32 9 Tf", b"/F2 +9 Tf", b"/F2\0009\0Tf", b"/F2 --9 Tf", b"/F2%x\n9 Tf", b"/F2 9%x\nTf", b"/F2 9Tf"]
)
def test_a_font_that_is_set_oddly(sets: bytes) -> None:
    page = b"3 0 obj<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R/F2 8 0 R>>>>>>"
    assert "nightjar" in shown(sets + b" (ABCDEFGH) Tj", FONT, page)


def test_texts_in_objects_are_read_to_their_end() -> None:
    long = b"a " * 3_000 + b"nightjar"
    for key in (b"/V", b"/Contents", b"/RC", b"/DV"):
        assert "nightjar" in shown(b"", b"<<%b(%b)>>" % (key, long))
        assert "nightjar" in shown(b"", b"<<%b<%b>>>" % (key, long.hex().encode()))
        assert "nightjar" in shown(b"", b"<<%b 9 0 R>>" % key, b"(%b)" % long)


def test_the_text_of_a_field_may_be_a_stream() -> None:
    assert "nightjar" in shown(b"", b"<</FT/Tx/V 9 0 R>>", stream(b"", b"\xfe\xff" + "the nightjar".encode("utf-16-be")))


def test_the_label_of_a_button_is_text() -> None:
    assert "nightjar" in shown(b"", b"<</FT/Btn/MK<</CA(nightjar)>>>>")


def test_texts_that_are_too_long_are_said() -> None:
    octets = document(FILE, b"<</V(%b)>>" % (b"a " * 40_000), named=b"null")
    assert defects(octets) == {Defect.TEXT_TRUNCATED}
    signature = b"<</Type/Sig/ByteRange[0 1 2 3]/Contents<%b>>>" % (b"30" * 40_000)
    assert not defects(document(FILE, signature, named=b"null"))
