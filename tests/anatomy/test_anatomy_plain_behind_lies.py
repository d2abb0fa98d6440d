"""A field that says base64 before what is not: readers that do not know it, or go by another one, show what stands there."""

import base64
from itertools import permutations

import pytest
from fakes.evasions.judging import safety, screened
from fakes.odd_mail import TOP

from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action

TEXT = "Dear Anna,\r\n\r\nmore on project nightjar next week.\r\n\r\nBen\r\n"
PAGE = '<html><body onload="go()"><p>nightjar</p><script>go()</script>Dear Anna, see you next week.</body></html>\r\n'
DOUBLED = ["base64", "quoted-printable", "7bit", "8bit", "binary"]
MISSPELT = [
    "base64;x",
    '"base64"',
    "(c)base64",
    "base645",
    "junk64",
    "base64\0",
    "base 64",
    "8bit base64",
    "base64=",
    "=?utf-8?Q?base64?=",
    "base64, 7bit",
    "quoted-printable, base64",
    "x-gzip64",
]


def letter(media: str, encodings: tuple[str, ...], body: str) -> bytes:
    """A mail of one text with these transfer encodings, each in a field."""
    fields = "".join(f"Content-Transfer-Encoding: {encoding}\r\n" for encoding in encodings)
    return TOP + f"Content-Type: {media}\r\n{fields}\r\n{body}".encode()


@pytest.mark.parametrize(
    "encodings",
    [*((one, other) for one, other in permutations(DOUBLED, 2)), *((encoding,) for encoding in (*MISSPELT, "base64"))],
    ids="~".join,
)
@pytest.mark.parametrize("body", [TEXT, "nightjar\r\n", "night jar nightjar abcd efgh\r\n"])
def test_a_text_is_read_as_it_stands_whatever_says_to_be_encoded(encodings: tuple[str, ...], body: str) -> None:
    if encodings == ("base64",) and body is not TEXT:
        return  # nobody shows the letters of what is base64 and says so
    texts = [text.text for text in Anatomy(letter("text/plain", encodings, body)).texts]
    assert any("nightjar" in text for text in texts), texts


@pytest.mark.parametrize("packed", [PAGE, base64.encodebytes(PAGE.encode()).decode()], ids=["plain", "packed"])
@pytest.mark.parametrize(
    "encodings",
    [
        *((one, other) for one, other in permutations(DOUBLED, 2) if {one, other} - {"7bit", "8bit", "binary"} == {"base64"}),
        *((encoding,) for encoding in MISSPELT),
    ],
    ids="~".join,
)
def test_a_page_that_some_show_and_some_do_not_is_held_in_any_order_of_the_fields(encodings: tuple[str, ...], packed: str) -> None:
    content = letter("text/html", encodings, packed)
    assert screened(safety(), content).verdicts[0].action is Action.HOLD, Anatomy(content).all_defects()


def test_lower_case_digits_of_quoted_printable_are_the_same_to_all() -> None:
    content = letter("text/html", ("quoted-printable",), PAGE.replace("Dear", "D=65ar =c3=a4 =3d"))
    assert [one.defect for one in Anatomy(content).all_defects()] == [Defect.SLOPPY_QUOTED_PRINTABLE]
    assert screened(safety(), content).verdicts[0].action is Action.FORWARD
