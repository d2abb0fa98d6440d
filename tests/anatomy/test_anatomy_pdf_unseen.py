"""Letters that nobody sees on a page of a PDF: they are found, and so are the words that they part (ISO 32000-1 8.6.8, 9.3)."""

import pytest
from fakes.odd_pdf import defects, document, said, stream

PAGE = b"BT /F1 12 Tf 72 700 Td %b ET"


def shown(content: bytes) -> list[str]:
    octets = document(page=stream(b"", PAGE % content), named=b"null")
    assert not defects(octets)
    return said(octets).split("\n")


PARTED = [
    b"(night) Tj 3 Tr (xyz) Tj 0 Tr (jar) Tj",
    b"(night) Tj 7 Tr [(x) -9 (yz)] TJ 0 Tr (jar) Tj",
    b"(night) Tj 1 g (xyz) Tj 0 g (jar) Tj",
    b"(night) Tj 1. 1 1.00 rg (xyz) Tj 0 0 0 rg (jar) Tj",
    b"(night) Tj 0 0 0 0 k (xyz) Tj 0 0 0 1 k (jar) Tj",
    b"(night) Tj .99 0.98 1 scn (xyz) Tj .2 .3 .4 scn (jar) Tj",
    b"(night) Tj /F1 .1 Tf (xyz) Tj /F1 12 Tf (jar) Tj",
    b"(night) Tj 3 Tr 9 0 Td (xyz) Tj 0 Tr 9 0 Td (jar) Tj",
    b"(night) Tj 3 Tr 0 -50 Td (xyz) Tj 0 50 Td 0 Tr (jar) Tj",
    b"(night) Tj 3 Tr 0 -50 Td (x) Tj (yz) ' 0 50 Td 0 Tr (jar) Tj",
    b"(night) Tj ET 1 g BT 90 700 Td (xyz) Tj ET 0 g BT 99 700 Td (jar) Tj",
    b"(night) Tj ET q 3 Tr BT 90 700 Td (xyz) Tj ET Q BT 99 700 Td (jar) Tj",
    b"(night) Tj 11 g (xyz) Tj 0 g (jar) Tj",
    b"(night) Tj 1 2.5 1 rg (xyz) Tj 0 g (jar) Tj",
    b"(night) Tj 0 Tz (xyz) Tj 100 Tz (jar) Tj",
    b"(night) Tj /F1 0 Tf (xyz) Tj /F1 12 Tf (jar) Tj",
    # What hides them is not known, but that they are shown otherwise than those beside them: on a yellow ground, clipped.
    b"(night) Tj 1 1 0 rg (xyz) Tj 0 g (jar) Tj",
    b"/G1 gs (night) Tj /G0 gs (xyz) Tj /G1 gs (jar) Tj",
    b"(night) Tj /OC /L BDC (xyz) Tj EMC (jar) Tj",
    b"(night) Tj 1 Tr (xyz) Tj 0 Tr (jar) Tj",
    b"(night) Tj ET q 0 0 1 1 re W n BT 90 700 Td (xyz) Tj ET Q BT 99 700 Td (jar) Tj",
    b"(night) Tj ET q /G0 gs BT 90 700 Td (xyz) Tj ET Q BT 99 700 Td (jar) Tj",
    b"(night) Tj ET /OC /L BDC BT 90 700 Td (xyz) Tj ET EMC BT 99 700 Td (jar) Tj",
    b"(night) Tj ET q /P cs 1 sc BT 90 700 Td (xyz) Tj ET Q BT 99 700 Td (jar) Tj",
    b"(night) Tj ET q .001 0 0 .001 0 0 cm BT 90 700 Td (xyz) Tj ET Q BT 99 700 Td (jar) Tj",
    b"(night) Tj -5000 0 Td (xyz) Tj 5009 0 Td (jar) Tj",
    b"(night) Tj 0 -5000 Td (xyz) Tj 9 5000 Td (jar) Tj",
    b"/F1 1 Tf 12 0 0 12 72 700 Tm (night) Tj .1 0 0 .1 90 700 Tm (xyz) Tj 12 0 0 12 99 700 Tm (jar) Tj",
]


@pytest.mark.parametrize("content", PARTED)
def test_a_word_that_letters_part_which_nobody_sees(content: bytes) -> None:
    assert "nightjar" in shown(content)
    assert "xyz" in "".join(shown(content))


@pytest.mark.parametrize(
    "content",
    [
        b"(night) Tj 0 Tr (xyz) Tj (jar) Tj",
        b"0.5 g (night) Tj (xyz) Tj (jar) Tj",
        b"0 g (night) Tj 0 g (xyz) Tj (jar) Tj",
        b"/F1 1 Tf 12 0 0 12 72 700 Tm (night) Tj (xyz) Tj (jar) Tj",
    ],
)
def test_what_is_seen_is_no_other_reading(content: bytes) -> None:
    assert [line for line in shown(content) if line] == ["nightxyzjar"]


def test_a_page_of_which_nothing_is_seen_is_text() -> None:
    """As what a scanner's program puts over a picture."""
    assert [line for line in shown(b"3 Tr (night) Tj 9 0 Td (jar) Tj 0 -20 Td (sings) Tj") if line] == [
        "nightjar", "sings", "night jar", "sings"
    ]  # fmt: skip


@pytest.mark.parametrize("operand", [b"", b"x", b"- ", b"1.2.3 ", b"9" * 400 + b" "])
def test_operands_that_are_none(operand: bytes) -> None:
    content = b"/F1 %b Tf %b Tm %b rg %b Tr (nightjar) Tj" % (operand or b"1", operand, operand, operand)
    assert "nightjar" in "".join(shown(b"%b ET %b rg BT %b" % (content, operand, content)))
