"""A boundary that is that of a multipart outside of a message, too: a file ends where any reader lets it end (RFC 2046 5.1.2).

Readers that keep the boundaries they have entered on a stack take the inner multipart's delimiters for its own; others take
them for the outer one's, and what closes the multipart between them for octets of the file.
"""

import pytest

from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy

FILE = b"a;report\r\nof;two;lines\r\nand;a;third"
HEAD = b"Content-Type: text/csv\r\nContent-Disposition: attachment; filename=a.csv\r\n\r\n"
TOP = b"From: a@example.net\r\nMIME-Version: 1.0\r\n"
BETWEEN = {
    "closed": b"\r\n--mid--\r\n",
    "followed by a part without fields": b"\r\n--mid\r\n\r\nbye\r\n--mid--\r\n",
    "followed by a part": b"\r\n--mid\r\nContent-Type: text/plain\r\n\r\nbye\r\n--mid--\r\n",
}


def letter(between: bytes, kind: bytes) -> bytes:
    middle = (
        TOP
        + b"Content-Type: multipart/mixed; boundary=mid\r\n\r\n--mid\r\n\r\nhello\r\n"
        + b"--mid\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\n"
        + HEAD
        + FILE
        + between
    )
    return (
        TOP
        + b"Content-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\n\r\nhello\r\n--in\r\nContent-Type: "
        + kind
        + b"\r\n\r\n"
        + middle
        + b"--in--\r\n"
    )


@pytest.mark.parametrize("kind", [b"message/rfc822", b"message/global"])
@pytest.mark.parametrize("between", BETWEEN.values(), ids=BETWEEN)
def test_the_file_ends_at_every_delimiter_around_it(between: bytes, kind: bytes) -> None:
    anatomy = Anatomy(letter(between, kind))
    assert FILE in [one.octets() for one in anatomy.attachments if "a.csv" in one.names]
    assert Defect.BOUNDARY_REUSED in {one.defect for one in anatomy.all_defects()}


@pytest.mark.parametrize("before", [False, True])
def test_parts_of_another_boundary_outside_are_content_there(before: bool) -> None:
    other = b"--other\r\n" + HEAD + FILE + b"\r\n"
    letter = (
        TOP
        + b"Content-Type: multipart/mixed; boundary=B\r\n\r\n"
        + (other if before else b"")
        + b"--B\r\nContent-Type: text/plain\r\n\r\nhello\r\n--B--\r\n"
        + (b"" if before else other)
    )
    anatomy = Anatomy(letter)
    assert "a.csv" in [name for one in anatomy.attachments for name in one.names]
    wanted = Defect.CONTENT_IN_PREAMBLE if before else Defect.CONTENT_IN_EPILOGUE
    assert wanted in {one.defect for one in anatomy.all_defects()}
