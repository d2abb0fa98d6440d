"""Every defect of the list is noted for some message: a name that nothing notes is a promise not kept."""

from collections.abc import Callable

import pytest
from fakes.evasions import containers
from fakes.evasions.draft import NOTE, TOP, b64, mixed

from screener.anatomy.budget import Budget
from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.smtp.data import DataDecoder

FILE = b'Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="a.dat"\r\n'
B64 = b"Content-Transfer-Encoding: base64\r\n"
SMALL = Budget(
    header_octets=2_000,
    header_lines=30,
    field_octets=500,
    parts=8,
    depth=4,
    names=4,
    decoded_octets=20_000,
    container_members=5,
    container_depth=2,
    container_octets=5_000,
    text_octets=1_000,
)


def part(lines: bytes, body: bytes = b"x") -> bytes:
    """A message with a note and this part."""
    return mixed((NOTE, lines + b"\r\n" + body), b"BB")


def attached(octets: bytes, name: bytes) -> bytes:
    """A message with this file."""
    return part(b"Content-Type: application/octet-stream; name=" + name + b"\r\n" + B64, b64(octets))


def top(lines: bytes, body: bytes = b"x") -> bytes:
    """A message with these fields beside the usual ones."""
    return TOP + lines + b"\r\n" + body


def under(head: bytes, *parts: bytes, epilogue: bytes = b"", preamble: bytes = b"") -> bytes:
    """A multipart under this Content-Type line, whose delimiters are --BB."""
    return mixed(parts or (NOTE,), b"BB", top=head, epilogue=epilogue, preamble=preamble)


def text(octets: bytes, fields: bytes = b"") -> bytes:
    """A message that is one text."""
    return top(b"Content-Type: text/plain\r\n" + fields, octets)


def nested(levels: int) -> bytes:
    """Multiparts in one another."""
    out = b"Content-Type: text/plain\r\n\r\nx"
    for level in range(levels):
        mark = b"L%d" % level
        out = (
            b"Content-Type: multipart/mixed; boundary=" + mark + b"\r\n\r\n--" + mark + b"\r\n" + out + b"\r\n--" + mark + b"--\r\n"
        )
    return out


def zips(levels: int) -> bytes:
    """ZIPs in one another."""
    octets = b"x"
    for level in range(levels):
        octets = containers.zipped((f"{level}.zip" if level else "a.txt", octets))
    return octets


MULTIPART = b"Content-Type: multipart/mixed; boundary=BB\r\n"
CASES: dict[Defect, Callable[[], bytes]] = {
    Defect.BARE_CR_IN_HEADER: lambda: top(b"X-A: a\rX-B: b\r\n"),
    Defect.BARE_LF_IN_HEADER: lambda: top(b"X-A: a\nX-B: b\r\n"),
    Defect.NUL_IN_HEADER: lambda: top(b"X-A: a\0b\r\n"),
    Defect.EIGHT_BIT_IN_HEADER: lambda: top(b"X-A: \xff\r\n"),
    Defect.HEADER_TOO_LARGE: lambda: top(b"X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n" * 60),
    Defect.TOO_MANY_FIELDS: lambda: top(b"X-A: a\r\n" * 60),
    Defect.FIELD_TOO_LONG: lambda: top(b"X-A: " + b"a" * 900 + b"\r\n"),
    Defect.INVALID_HEADER: lambda: top(b"what is this\r\n"),
    Defect.SPACE_BEFORE_COLON: lambda: top(b"X-A : a\r\n"),
    Defect.ODD_FIELD_NAME: lambda: top(b"X-A(c): a\r\n"),
    Defect.DOUBTFUL_MIME_FIELD: lambda: top(b"X-A : a\r\nContent-Type: text/plain\r\n"),
    Defect.INDENTED_FIELD: lambda: top(b"X-A: a\r\n Content-Type: text/html\r\n"),
    Defect.BLANK_FOLDED_LINE: lambda: top(b"X-A: a\r\n \r\n b\r\n"),
    Defect.MBOX_FROM_LINE: lambda: b"From a@b Mon Jan  1 00:00:00 2024\r\n" + top(b""),
    Defect.BOM_BEFORE_HEADER: lambda: b"\xef\xbb\xbf" + top(b""),
    Defect.BLANK_BEFORE_HEADER: lambda: b"\r\n" + top(b""),
    Defect.MISSING_BODY_SEPARATOR: lambda: TOP,
    Defect.MALFORMED_ENCODED_WORD: lambda: b"Subject: =?utf-8?X?abc?=\r\n\r\nx",
    Defect.SEVERAL_FROM: lambda: top(b"From: c@example.net\r\n"),
    Defect.DUPLICATE_SUBJECT: lambda: top(b"Subject: y\r\n"),
    Defect.DUPLICATE_CONTENT_TYPE: lambda: top(b"Content-Type: text/plain\r\nContent-Type: text/html\r\n"),
    Defect.DUPLICATE_CONTENT_DISPOSITION: lambda: part(FILE + b'Content-Disposition: attachment; filename="a.exe"\r\n'),
    Defect.DUPLICATE_TRANSFER_ENCODING: lambda: part(FILE + B64 + b"Content-Transfer-Encoding: 7bit\r\n"),
    Defect.INVALID_CONTENT_TYPE: lambda: part(b"Content-Type: text\r\n"),
    Defect.MISSING_BOUNDARY_PARAMETER: lambda: under(b"Content-Type: multipart/mixed\r\n"),
    Defect.DUPLICATE_BOUNDARY_PARAMETER: lambda: under(b"Content-Type: multipart/mixed; boundary=BB; boundary=CC\r\n"),
    Defect.ENCODED_BOUNDARY: lambda: under(b"Content-Type: multipart/mixed; boundary*=us-ascii''BB\r\n"),
    Defect.INVALID_BOUNDARY: lambda: under(b'Content-Type: multipart/mixed; boundary="B\xe4B"\r\n'),
    Defect.LONG_BOUNDARY: lambda: mixed((NOTE,), b"B" * 80),
    Defect.MISSING_BOUNDARY: lambda: under(b"Content-Type: multipart/mixed; boundary=other\r\n"),
    Defect.NO_PARTS: lambda: top(MULTIPART, b"nothing"),
    Defect.MISSING_FINAL_BOUNDARY: lambda: mixed((NOTE,), b"BB", end=b""),
    Defect.BOUNDARY_REUSED: lambda: part(MULTIPART, b"--BB\r\n" + NOTE + b"\r\n--BB--\r\n"),
    Defect.BOUNDARY_WITHOUT_MULTIPART: lambda: under(b"Content-Type: text/plain; boundary=BB\r\n"),
    Defect.PARTS_AFTER_END: lambda: under(MULTIPART, epilogue=b"--BB\r\n" + NOTE + b"\r\n--BB--\r\n"),
    Defect.CONTENT_IN_PREAMBLE: lambda: under(MULTIPART, preamble=FILE + b"\r\nx"),
    Defect.CONTENT_IN_EPILOGUE: lambda: under(MULTIPART, epilogue=FILE + b"\r\nx"),
    Defect.HIDDEN_MULTIPART: lambda: under(b"Content-Type: text/plain\r\n", FILE + b"\r\nx"),
    Defect.ENCODED_MULTIPART: lambda: top(MULTIPART + B64, b64(b"--BB\r\n" + NOTE + b"\r\n--BB--\r\n")),
    Defect.ENCODED_MESSAGE: lambda: part(
        b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: quoted-printable\r\n", top(b"")
    ),
    Defect.PARTIAL_MESSAGE: lambda: part(b"Content-Type: message/partial; id=x; number=1\r\n", top(b"")),
    Defect.EXTERNAL_BODY: lambda: part(b"Content-Type: message/external-body; access-type=URL\r\n", FILE + b"\r\n"),
    Defect.TOO_MANY_PARTS: lambda: mixed([NOTE] * 20, b"BB"),
    Defect.TOO_DEEP: lambda: nested(8),
    Defect.TOO_MUCH_STRUCTURE: lambda: top(
        b"Content-Type: multipart/mixed; boundary=a; boundary=b; boundary=c\r\n", b"--a\r\n\r\nx\r\n" * 50
    ),
    Defect.INVALID_TRANSFER_ENCODING: lambda: part(FILE + b"Content-Transfer-Encoding: base-64\r\n", b64(b"x")),
    Defect.UNKNOWN_TRANSFER_ENCODING: lambda: part(FILE + b"Content-Transfer-Encoding: x-none\r\n"),
    Defect.SLOPPY_BASE64: lambda: part(FILE + B64, b64(b"hello there, all of you").replace(b"=", b"")),
    Defect.DAMAGED_BASE64: lambda: part(FILE + B64, b64(b"hello") + b64(b"there, all of you")),
    Defect.SLOPPY_QUOTED_PRINTABLE: lambda: part(FILE + b"Content-Transfer-Encoding: quoted-printable\r\n", b"a\xe4b"),
    Defect.DAMAGED_QUOTED_PRINTABLE: lambda: part(FILE + b"Content-Transfer-Encoding: quoted-printable\r\n", b"a= \r\nb"),
    Defect.UUENCODED_BLOCK: lambda: text(b"begin 644 a.txt\r\n#86)C\r\n`\r\nend\r\n"),
    Defect.YENC_BLOCK: lambda: text(containers.yenc(b"abc", "a.txt")),
    Defect.BINHEX_BLOCK: lambda: text(containers.binhex(b"abc", "a.txt")),
    Defect.UNEXPECTED_BINARY_CONTENT: lambda: text(b"a\xe4b"),
    Defect.TOO_MUCH_DECODED: lambda: attached(b"abc" * 10_000, b"a.dat"),
    Defect.SEVERAL_NAMES: lambda: part(FILE + b"Content-Type: application/octet-stream; name=a.exe\r\n"),
    Defect.DISGUISED_NAME: lambda: part('Content-Disposition: attachment; filename="a\u202efdp.exe"\r\n'.encode()),
    Defect.IRREGULAR_PARAMETER: lambda: part(b'Content-Type: text/plain; charset="us-ascii" (x); format\r\n'),
    Defect.TOO_MANY_PARAMETERS: lambda: part(
        b'Content-Type: a/b; x="\\a"' + b"".join(b"; p%d=1" % n for n in range(300)) + b"\r\n"
    ),
    Defect.TOO_MANY_NAMES: lambda: part(
        b"Content-Disposition: attachment" + b"".join(b"; filename=%d.txt" % n for n in range(9)) + b"\r\n"
    ),
    Defect.UNKNOWN_CHARSET: lambda: top(b"Content-Type: text/plain; charset=x-none\r\n"),
    Defect.WRONG_CHARSET: lambda: top(b"Content-Type: text/plain; charset=utf-8\r\n", b"gr\xfc\xdfe aus k\xf6ln"),
    Defect.DAMAGED_TEXT: lambda: text(b"a=c3=bcb=\nc", b"Content-Transfer-Encoding: quoted-printable\r\n"),
    Defect.TEXT_TRUNCATED: lambda: text(b"many words " * 200),
    Defect.CONTAINER_DAMAGED: lambda: attached(b"\x01\x02\x03 nothing of a zip", b"a.zip"),
    Defect.CONTAINER_AMBIGUOUS: lambda: attached(containers.zip_of(b"a.exe", b"a.txt", b"abc"), b"a.zip"),
    Defect.CONTAINER_OVERLAP: lambda: attached(containers.overlapped("a.txt", b"abc", 50), b"a.zip"),
    Defect.CONTAINER_TOO_MANY_MEMBERS: lambda: attached(containers.zipped(*[(f"{n}.txt", b"") for n in range(9)]), b"a.zip"),
    Defect.CONTAINER_TOO_DEEP: lambda: attached(zips(5), b"a.zip"),
    Defect.CONTAINER_TOO_LARGE: lambda: attached(containers.gz(containers.gz(bytes(50_000))), b"a.gz"),
    Defect.CONTAINER_METHOD: lambda: attached(b"**ACE**".rjust(14, b"\1") + b"x" * 40, b"a.ace"),
    Defect.CONTAINER_VOLUME: lambda: attached(b"7", b"a.7z.001"),
    Defect.RETURNED_CUT: lambda: (
        TOP
        + b"Content-Type: multipart/report; boundary=R\r\n\r\n--R\r\nContent-Type: message/rfc822\r\n\r\n"
        + attached(containers.zipped(("a.txt", b"abc"), ("b.txt", b"abc")), b"a.zip")[:-60]
        + b"\r\n--R--\r\n"
    ),
    Defect.TNEF_DAMAGED: lambda: attached(containers.tnef("a.txt", b"abc", cut=20), b"winmail.dat"),
}
OTHER_BUDGETS = {
    Defect.TOO_MUCH_STRUCTURE: Budget(scanned_factor=1, scanned_floor=100),
    Defect.TOO_MANY_PARAMETERS: Budget(),
    Defect.CONTAINER_OVERLAP: Budget(),
}
WIRE = {
    Defect.BARE_CR: b"Subject: x\r\n\r\na\rb\r\n",
    Defect.BARE_LF: b"Subject: x\r\n\r\na\nb\r\n",
    Defect.NUL: b"Subject: x\r\n\r\na\0b\r\n",
    Defect.LONG_LINE: b"Subject: x\r\n\r\n" + b"a" * 1_200 + b"\r\n",
}


@pytest.mark.parametrize("defect", CASES, ids=str)
def test_it_is_noted(defect: Defect) -> None:
    anatomy = Anatomy(CASES[defect](), budget=OTHER_BUDGETS.get(defect, SMALL))
    for attachment in anatomy.attachments:
        attachment.octets()
    assert defect in {found.defect for found in anatomy.all_defects()}


@pytest.mark.parametrize("defect", WIRE, ids=str)
def test_it_is_noted_on_the_wire(defect: Defect) -> None:
    decoder = DataDecoder()
    decoder.feed(WIRE[defect] + b".\r\n")
    assert defect in {Defect(name) for name in decoder.defects}


def test_none_is_left_out() -> None:
    assert CASES.keys() | WIRE.keys() == set(Defect)


@pytest.mark.parametrize("message", [mixed((NOTE,), b"BB"), top(b"")], ids=["multipart", "text"])
def test_none_is_noted_where_there_is_none(message: bytes) -> None:
    assert Anatomy(message).all_defects() == ()
