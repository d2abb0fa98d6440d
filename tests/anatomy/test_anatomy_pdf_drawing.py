"""Content streams as no program writes them: what readers show of them is read (ISO 32000-1 7.2, 7.3.4, 9.4)."""

import zlib

import pytest
from fakes.odd_pdf import FILE, defects, document, said, stream

WORDS = "the nightjar sings"
HEX = WORDS.encode().hex().encode()
OTHER = b"(the ABCDEFGH sings) Tj"
LETTERS = b"[65/n/i/g/h/t/j/a/r]"


def drawn(content: bytes, font: bytes = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", *more: bytes) -> bytes:
    """A page that draws this; the font's number is 5, more objects begin with 8."""
    packed = stream(b"/Filter/FlateDecode", zlib.compress(content))
    return document(FILE, *more, named=b"null", page=packed).replace(b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", font)


@pytest.mark.parametrize(
    "content",
    [
        b"BT /F1 9 Tf %(\n(the nightjar sings) Tj ET",
        b"BT /F1 9 Tf (the ) Tj %(\r(nightjar sings) Tj ET",
        b"BT /F1 9 Tf %(\n(the nightjar sings) Tj %)\n ET",
        b"BT /F1 9 Tf %BI ID \n(the nightjar sings) Tj ET",
        b"BT /F1 9 Tf %<\n(the nightjar sings) Tj ET",
        b"BT /F1 9 Tf %ET\n(the nightjar sings) Tj ET",
        b"%BT (\nBT /F1 9 Tf (the nightjar sings) Tj ET",
        b"%BT BI ID\nBT /F1 9 Tf (the nightjar sings) Tj ET",
        b"(BT <) BT /F1 9 Tf (the nightjar sings) Tj ET",
        b"(BT BI ID ) BT /F1 9 Tf (the nightjar sings) Tj ET",
        b"BT /F1 9 Tf /BI gs (the nightjar sings) Tj ET",
        b"BT /F1 9 Tf (the % nightjar) Tj ET BT 0 0 Td (the nightjar sings) Tj ET",
    ],
)
def test_what_only_seems_to_begin(content: bytes) -> None:
    assert WORDS in said(drawn(content))
    assert not defects(drawn(content))


@pytest.mark.parametrize(
    "written",
    [
        HEX,
        HEX[:6] + b"zz" + HEX[6:],
        HEX[:6] + b"%" + HEX[6:],
        HEX[:6] + b"\0(\n" + HEX[6:],
        HEX[:7] + b"/" + HEX[7:] + b"<",
        HEX[:6] + b"<<" + HEX[6:],
    ],
)
def test_strings_in_hexadecimal(written: bytes) -> None:
    for content in (
        b"BT /F1 9 Tf <%b> Tj ET",
        b"BT /F1 9 Tf [<%b>] TJ ET",
        b"BT /F1 9 Tf /P<</A<%b>>>BDC <%b> Tj EMC ET",
        b"/F1 9 Tf <%b> Tj",
    ):
        assert WORDS in said(drawn(content.replace(b"%b", written)))


def test_strings_that_do_not_end() -> None:
    for content in (b"BT /F1 9 Tf <%b Tj ET" % HEX, b"BT /F1 9 Tf ( (the nightjar sings) Tj ET"):
        assert WORDS in said(drawn(content))


@pytest.mark.parametrize(
    "content",
    [
        b"/F1 9 Tf (the nightjar sings) Tj",
        b"/F1 9 Tf [(the nightj)-20(ar)-300(sings)] TJ",
        b"BT /F1 9 Tf ET (the nightjar sings) Tj",
        b"/F1 9 Tf 12 TL (the nightjar sings) '",
        b'/F1 9 Tf 1 2 (the nightjar sings) " q',
        b"/F1 9 Tf 1 0 0 1 9 9 Tm (the night) Tj 8 0 Td (jar sings) Tj",
        b"BI /W 1 /H 1 ID (( EI /F1 9 Tf (the nightjar sings) Tj",
        b"q BT ET /F1 9 Tf(the nightjar sings)Tj Q",
        b"BT/F1 9Tf(the nightjar sings)TjET",
        b"BT/F1%x\n9%y\rTf 0 0Td(the nightjar sings)%z\nTj ET",
        b"BT /F1 9 Tf [(the night)()<>(jar sings)] TJ ET",
        b"BT /F1 +9 Tf (the nightjar sings) 5Tj ET",
    ],
)
def test_where_text_is_shown(content: bytes) -> None:
    assert WORDS in said(drawn(content))


def test_lines_outside_of_texts_are_apart() -> None:
    assert "the\nnightjar" in said(drawn(b"/F1 9 Tf 0 90 Td (the) Tj 0 -12 Td (nightjar) Tj"))


def test_a_font_that_is_set_before_its_text() -> None:
    font = b"<</Type/Font/Subtype/Type1/Encoding<</Differences%b>>>>" % LETTERS
    for content in (b"q /F1 9 Tf BT %b ET Q", b"/F1 9 Tf BT %b ET", b"BT /F1 9 Tf ET 0 0 m BT %b ET"):
        assert WORDS in said(drawn(content.replace(b"%b", OTHER), font))


@pytest.mark.parametrize(
    ("font", "more"),
    [
        (b"<</Type/Font/Subtype/Type1/Encoding<</Differences 8 0 R>>>>", (LETTERS,)),
        (b"<</Type/Font/Subtype/Type1/Encoding 8 0 R>>", (b"<</Differences 9 0 R>>", LETTERS)),
        (b"<</Type/Font/Subtype/Type1/Encoding 8 0 R>>", (b"<</Differences[65 9 0 R 10 0 R/g/h/t/j/a/r]>>", b"/n", b"/i")),
        (b"<</Type/Font/Subtype/Type1/Encoding<</Differences 8 0 R>>>>", (b"[9 0 R/n/i/g/h/t/j/a/r]", b"65")),
        (b"<</Type/Font/Subtype/Type1/Encoding<</Differences%x]\n[65%]\n/n/i/g/h/t/j/a/r]>>>>", ()),
    ],
)
def test_letters_that_stand_elsewhere(font: bytes, more: tuple[bytes, ...]) -> None:
    octets = drawn(b"BT /F1 9 Tf %b ET" % OTHER, font, *more)
    assert WORDS in said(octets)
    assert not defects(octets)


@pytest.mark.parametrize(
    "content",
    [
        b"BI /W 1 /H 1 ID abcEI BT /F1 9 Tf (the nightjar sings) Tj ET q EI Q",  # it ends at the first word for some
        b"BI /W 9 /H 9 ID a EI \x80(a EI BT /F1 9 Tf (the nightjar sings) Tj ET BT ) ET",  # and at the second for others
        b"BI /W 9 /H 9 ID a EI \x80<a EI BT /F1 9 Tf (the nightjar sings) Tj ET BT > ET",
        b"BI /W 9 /H 9 ID a EI \x80%a EI BT /F1 9 Tf (the nightjar sings) Tj ET ",
        b"BI /W 9 /H 9 ID a EI BI /W 9 /H 9 ID a (\\ EI \x80(a EI BT /F1 9 Tf (the nightjar sings) Tj ET EI ) EI ",
    ],
)
def test_what_an_image_swallows(content: bytes) -> None:
    assert WORDS in said(drawn(content))


@pytest.mark.parametrize(
    "content",
    [
        b"/F2 9 Tf q /F1 9 Tf Q BT (the nightjar sings) Tj ET",
        b"BT /F2 9 Tf q /F1 9 Tf Q (the nightjar sings) Tj ET",
        b"/F2 9 Tf q q/F1 9 Tf BT (x) Tj ET Q Q/P<</A(x)>>BDC BT (the nightjar sings) Tj ET",
        b"/F1 9 Tf q /F2 9 Tf (Q) pop BT (the nightjar sings) Tj ET Q",
        b"/F2 9 Tf q /F1 9 Tf (q) pop Q Q Q /F2 9 Tf BT (the nightjar sings) Tj ET Q",
        b"/F2 9 Tf q /F1 9 Tf Q/Span<</ActualText(x)>>BDC EMC BT (the nightjar sings) Tj ET",
    ],
)
def test_a_font_that_is_restored(content: bytes) -> None:
    page = b"3 0 obj<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R/F2 8 0 R>>>>>>"
    other = b"<</Type/Font/Subtype/Type1/Encoding<</Differences[97/z/z/z/z/z/z/z/z/z/z/z/z]>>>>"
    assert WORDS in said(drawn(content, other, b"<</Type/Font/Subtype/Type1/BaseFont/Times>>", page))
