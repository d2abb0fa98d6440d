"""Parts that stand where only some readers find them, and what ordinary mail has there: dashes, fields, a programs' sentence."""

import base64
import random
import zipfile

import pytest
from fakes.evasions.containers import zipped
from fakes.evasions.draft import b64
from fakes.evasions.judging import safety, screened
from fakes.odd_mail import PROGRAM, TOP, uu

from screener.anatomy.defects import Defect, Severity
from screener.anatomy.message import Anatomy
from screener.anatomy.mime import boundaries
from screener.mail.verdict import Action

SCRIPT = b"@echo off\r\nstart calc\r\n"
FILE = b"Content-Type: application/octet-stream; name=a.bat\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b64(SCRIPT) + b"\r\n"
FIELDS = b"X-A: 1\r\nX-B: 2\r\nX-C: 3\r\n"
LONG = b"X-A: " + b"a" * 1200 + b"\r\n"
FOLDED = b"X-A: 1\r\n" + b" and on\r\n" * 30
NOTE = b"Content-Type: text/plain\r\n\r\nhello\r\n"
SENTENCE = b"This is a multi-part message in MIME format.\r\n"


def under(field: bytes, body: bytes) -> bytes:
    return TOP + field + b"\r\n\r\n" + body


def mixed(preamble: bytes = b"", part: bytes = NOTE, epilogue: bytes = b"") -> bytes:
    return under(b"Content-Type: multipart/mixed; boundary=B", preamble + b"--B\r\n" + part + b"--B--\r\n" + epilogue)


def assert_held(content: bytes, *defects: Defect) -> None:
    anatomy = Anatomy(content)
    assert any(one.octets().startswith(SCRIPT.strip()) for one in anatomy.attachments)
    assert {"a.bat"} <= {name for one in anatomy.attachments for name in one.names}
    assert {one.defect for one in anatomy.all_defects()} >= {*defects}
    assert screened(safety(), content).verdicts[0].action is Action.HOLD


@pytest.mark.parametrize("before", [b"", FIELDS], ids=["", "fields"])
@pytest.mark.parametrize("end", [b"", b"--B--\r\n"], ids=["open", "closed"])
def test_a_boundary_may_begin_with_a_blank(before: bytes, end: bytes) -> None:
    body = b"--B\r\n" + NOTE + end + b"-- B\r\n" + before + FILE + b"-- B--\r\n"
    assert_held(under(b'Content-Type: multipart/mixed; boundary=" B"', body), Defect.DUPLICATE_BOUNDARY_PARAMETER)
    coded = b"Content-Type: multipart/mixed; boundary*=us-ascii''%20B"
    assert_held(under(coded, body), Defect.DUPLICATE_BOUNDARY_PARAMETER)


@pytest.mark.parametrize("before", [b"", FIELDS, LONG, FOLDED], ids=["", "fields", "long", "folded"])
@pytest.mark.parametrize(
    ("content", "defect"),
    [
        (under(b"Content-Type: text/plain", b"--C\r\n%b--C--\r\n"), Defect.HIDDEN_MULTIPART),
        (under(b"Content-Type: mulipart/mixed", b"--C\r\n%b--C--\r\n"), Defect.HIDDEN_MULTIPART),
        (mixed(part=NOTE + b"--C\r\n%b--C--\r\n"), Defect.HIDDEN_MULTIPART),
        (mixed(part=NOTE + b"--Bxyz\r\n%b"), Defect.HIDDEN_MULTIPART),
        (mixed(b"--C\r\n%b--C--\r\n"), Defect.CONTENT_IN_PREAMBLE),
        (mixed(epilogue=b"--C\r\n%b--C--\r\n"), Defect.CONTENT_IN_EPILOGUE),
    ],
)
def test_fields_behind_dashes_begin_a_part_wherever_they_say_what_it_is(content: bytes, before: bytes, defect: Defect) -> None:
    assert_held(content.replace(b"%b", before + FILE), defect)


@pytest.mark.parametrize(
    "fields",
    [
        b"Content-Type: text/plain; name=a.bat\r\n\r\n",
        b"Content-Type: text/plain; charset=us-ascii;\r\n\tname*=us-ascii''a.bat\r\n\r\n",
        b"content-type : text/html\r\nContent-Disposition:\r\n attachment; filename=a.bat\r\n\r\n",
        b"Content-Disposition: inline\r\n ; filename=a.bat\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Disposition: attachment; filename=a.bat\r\n\r\n",
        b"POST HTTP/: 1\r\nContent-Disposition: attachment; filename=a.bat\r\n\r\n",
    ],
)
def test_a_far_name_is_one_of_a_file(fields: bytes) -> None:
    assert_held(under(b"Content-Type: text/plain", b"hi\r\n--C\r\n" + FIELDS + fields + SCRIPT + b"--C--\r\n"))


@pytest.mark.parametrize(
    "fields",
    [
        b"Content-Type: application/octet-stream; name=a.bat\r\n\r\n",
        b"Content-Disposition: attachment; filename=a.bat\r\n\r\n",
        b"Content-Type: application/octet-stream\r\nContent-Description: a.bat\r\nContent-Transfer-Encoding: base64\r\n\r\n",
    ],
)
@pytest.mark.parametrize("first", [b"HTTP/1.1 200\r\n", b"HTTP/1.1 200 OK\r\n", b"GET / HTTP/1.1\r\n"])
def test_a_file_behind_what_http_says_is_one(first: bytes, fields: bytes) -> None:
    script = base64.encodebytes(SCRIPT) if b"base64" in fields else SCRIPT
    assert_held(under(b"Content-Type: text/plain", b"hi\r\n--C\r\n" + first + FIELDS + fields + script + b"--C--\r\n"))


@pytest.mark.parametrize("dashes", [b"-----BEGIN x", b"-----BEGIN x-----", b"-----BEGIN PGP", b"-----BEGIN -----"])
def test_a_boundary_that_begins_like_armour_is_one(dashes: bytes) -> None:
    part = dashes + b"\r\nContent-Type: text/plain; name=a.bat\r\n\r\n" + SCRIPT + dashes + b"--\r\n"
    assert_held(under(b"Content-Type: text/plain", b"hi\r\n" + part))


@pytest.mark.parametrize("kind", [b"PGP SIGNED MESSAGE", b"PGP MESSAGE, PART 01/02", b"CERTIFICATE"])
def test_fields_in_armour_are_none(kind: bytes) -> None:
    text = b"-----BEGIN " + kind + b"-----\r\nHash: SHA256\r\n\r\nContent-Type: text/plain; name=a.txt\r\n\r\nhi\r\n"
    assert Anatomy(under(b"Content-Type: text/plain", text)).all_defects() == ()


@pytest.mark.parametrize("sentence", [SENTENCE, b"This is a MIME-encapsulated message\r\n\r\n"])
@pytest.mark.parametrize(
    "found",
    [
        uu(SCRIPT, b"a.bat"),
        FILE,
        b"--C\r\n" + FILE + b"--C--\r\n",
        b"--C\r\n" + FIELDS + FILE + b"--C--\r\n",
    ],
    ids=["uuencoded", "fields", "part", "part with fields"],
)
def test_beside_the_sentence_of_programs_is_looked(sentence: bytes, found: bytes) -> None:
    assert_held(mixed(sentence + found), Defect.CONTENT_IN_PREAMBLE)
    assert_held(mixed(found + sentence), Defect.CONTENT_IN_PREAMBLE)
    assert_held(mixed(epilogue=sentence + found), Defect.CONTENT_IN_EPILOGUE)


HEADER = (
    b"Received: from a.example by b.example; Mon, 1 Jan 2024 00:00:00 +0000\r\nFrom: a@example.net\r\nTo: b@example.org\r\n"
    b"Subject: hello\r\nMIME-Version: 1.0\r\n%b\r\n\r\nhello there\r\n\r\n-- \r\nA. Bee\r\nPhone: 1\r\n"
)
QUOTED = [
    HEADER % b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable",
    HEADER % b"Content-Type: TEXT/PLAIN; format=flowed\r\nContent-Disposition: inline\r\nContent-Transfer-Encoding: 8bit",
    HEADER % b"Content-Type: text/html;\r\n charset=utf-8\r\nContent-Language: en",
    HEADER % b'Content-Type: multipart/alternative;\r\n boundary="=_x"',
    b"HTTP/1.1 200 OK\r\nDate: now\r\nServer: x\r\nVary: *\r\nContent-Type: application/json\r\n\r\n{}\r\n",
    b"POST /x HTTP/1.1\r\nHost: x\r\nAccept: */*\r\nX-A: 1\r\nContent-Type: application/json\r\n\r\n{}\r\n",
]


@pytest.mark.parametrize("dashes", [b"-----Original Message-----", b"--", b"-- ", b"---------- Forwarded message ----------"])
@pytest.mark.parametrize("quoted", QUOTED)
def test_headers_that_are_quoted_in_a_text_pass(dashes: bytes, quoted: bytes) -> None:
    text = b"See what I got:\r\n\r\n" + dashes + b"\r\n" + quoted
    for content in (under(b"Content-Type: text/plain", text), mixed(part=NOTE + text), mixed(epilogue=text)):
        anatomy = Anatomy(content)
        assert anatomy.attachments == ()
        assert [one.defect for one in anatomy.all_defects() if one.severity is not Severity.SLOPPY] == []


@pytest.mark.parametrize(
    "said",
    [
        SENTENCE,
        b"\r\n" + SENTENCE + b"\r\n",
        b"This is a multi-part message in MIME format. Your mail reader does not\r\nunderstand MIME message format.\r\n",
        b"This is a MIME-encapsulated message.\r\n\r\n",
        b"_______________________________________________\r\nexample mailing list\r\nhttps://lists.example/listinfo/example\r\n",
        b"-- \r\nYou get this because you subscribed.\r\nTo unsubscribe: mail to x@example.org\r\n",
    ],
)
def test_ordinary_words_around_the_parts_pass(said: bytes) -> None:
    for content in (mixed(said), mixed(epilogue=said)):
        anatomy = Anatomy(content)
        assert anatomy.attachments == ()
        assert [one.defect for one in anatomy.all_defects()] == []


def test_lines_of_dashes_and_fields_are_looked_at_once() -> None:
    for octets in (
        b"--x\na: b\n" * 60_000,
        b"--x\n" + b"a: b\n" * 200_000,
        b"--x\n" + b"content-type:\n text/plain; name\n" * 60_000,
    ):
        assert len(boundaries.starts(octets, 0, len(octets), 10)) <= 1


def encoded(name: bytes, body: bytes) -> bytes:
    return under(b"Content-Type: multipart/mixed; boundary=B\r\nContent-Transfer-Encoding: " + name, body)


PLAIN = b"Content-Type: application/octet-stream; name=a.bat\r\n\r\n" + SCRIPT
FIRST = b"--B\r\n" + NOTE
ALIGNED = b"--B\r\nContent-Type: text/plain\r\n\r\nhelloo\r\n"  # base64 letters in whole quads, to readers that skip the rest


@pytest.mark.parametrize(
    ("name", "body"),
    [
        (b"quoted-printable", FIRST + b"=2D-B\r\n" + PLAIN.replace(b"=", b"=3D") + b"--B--\r\n"),
        (b"Quoted-Printable (x)", FIRST + b"--=42\r\n" + PLAIN.replace(b"=", b"=3D") + b"--B--\r\n"),
        (b"quoted-printable", FIRST + b"--B\r\n" + PLAIN.replace(b"=", b"=3D").replace(b"C", b"=43") + b"--B--\r\n"),
        (b"quoted-printable", FIRST + b"--B\r\n" + PLAIN.replace(b"=", b"=3D").replace(b"name", b"n=61me") + b"--B--\r\n"),
        (b"base64", FIRST + b"--B--\r\n" + b64(b"\r\n--B\r\n" + PLAIN + b"\r\n--B--\r\n")),
        (b"base64", ALIGNED + b64(b" \r\n--B\r\n" + PLAIN + b"\r\n--B--\r\n").rstrip(b"=\r\n") + b"\r\n--B--\r\n"),
    ],
)
def test_a_multipart_that_is_encoded_as_a_whole_is_split_both_ways(name: bytes, body: bytes) -> None:
    assert sum(octets in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" for octets in ALIGNED) % 4 == 0
    assert_held(encoded(name, body), Defect.ENCODED_MULTIPART)
    anatomy = Anatomy(encoded(name, body))
    assert any("hello" in text.text for text in anatomy.texts)


@pytest.mark.parametrize("name", [b"quoted-printable", b"base64"])
def test_a_multipart_that_only_says_so_is_what_it_looks_like(name: bytes) -> None:
    page = b'<p class=3D"x" na=\r\nme=3D"y">Content-Type: =E4</p>=\r\n=20\r\n'
    parts = b"Content-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + page
    named = b'Content-Type: image/gif; name="=?utf-8?Q?a=2Egif?="\r\nContent-Transfer-Encoding: base64\r\n\r\n' + b64(
        b"GIF89a" * 99
    )
    anatomy = Anatomy(encoded(name, FIRST + b"--B\r\n" + parts + b"--B\r\n" + named + b"--B--\r\n"))
    assert [one.names[:1] for one in anatomy.attachments] == [("a.gif",)]
    assert [one.defect for one in anatomy.all_defects() if one.severity is not Severity.SLOPPY] == []


ATTACHED = b"Content-Type: image/gif; name=a.gif\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b64(b"GIF89a" * 9)


@pytest.mark.parametrize(
    "quoted",
    [
        b"My mail:\r\n\r\n--abc\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>hi</p>\r\n--abc--\r\n",
        b"See\r\n\r\n-----Original Message-----\r\nFrom: a@example.net\r\nContent-Type: text/plain\r\n\r\nhi\r\n",
    ],
)
def test_texts_quoted_as_parts_are_no_hidden_ones(quoted: bytes) -> None:
    note = b"Content-Type: text/plain\r\n\r\n" + quoted
    content = mixed(part=note + b"--B\r\n" + ATTACHED)
    assert [one.defect for one in Anatomy(content).all_defects()] == []
    assert screened(safety(), content).verdicts[0].action is Action.FORWARD


def test_a_message_attached_in_clean_base64_is_read_and_no_defect() -> None:
    letter = b64(mixed(part=NOTE + b"--B\r\n" + ATTACHED))
    fields = b"Content-Type: message/rfc822; name=a.eml\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    anatomy = Anatomy(mixed(part=NOTE + b"--B\r\n" + fields + letter))
    assert [one.names[:1] for one in anatomy.attachments] == [("a.eml",), ("a.gif",)]
    assert [one.defect for one in anatomy.all_defects()] == []


@pytest.mark.parametrize("between", [b"\r\n", b"\r\n" * 2_000, b" \r\n" * 900 + b"\r\n"])
@pytest.mark.parametrize("before", [FIELDS, LONG * 3], ids=["fields", "long"])
def test_fields_behind_a_blank_line_are_found_behind_any_blanks_and_fields(between: bytes, before: bytes) -> None:
    assert_held(mixed(part=NOTE + b"--B\r\n" + between + before + FILE), Defect.BLANK_BEFORE_HEADER)
    assert_held(under(b"X-Z: 1", between + before + FILE), Defect.BLANK_BEFORE_HEADER)


@pytest.mark.parametrize("count", [9, 50, 800, 20_000])
@pytest.mark.parametrize("apart", [b"\r\n", b"\r\nreference:\r\n"])
def test_base64_outside_of_the_parts_is_found_behind_much_that_is_none(apart: bytes, count: int) -> None:
    noise = random.Random(1)
    lines = apart.join(base64.b64encode(noise.randbytes(33)) for _ in range(count))
    outside = lines + apart + b64(PROGRAM)
    head = TOP + b'Content-Type: multipart/mixed; boundary="B"\r\n\r\n'
    parts = b"\r\n--B\r\n\r\nx\r\n--B--\r\n"
    for mail in (head + outside + parts, head + parts + outside, head + outside):
        anatomy = Anatomy(mail)
        assert PROGRAM in [one.octets() for one in anatomy.attachments] or count > 800
        assert {Defect.CONTENT_IN_PREAMBLE, Defect.CONTENT_IN_EPILOGUE} & {one.defect for one in anatomy.all_defects()}


@pytest.mark.parametrize("end", [b"\r", b"\n\r", b"\n"])
@pytest.mark.parametrize(
    "field",
    [b"message/rfc822", b"application/octet-stream; name=a.eml", b"multipart/mixed; boundary=B"],
    ids=["message", "file", "multipart"],
)
def test_what_is_encoded_is_split_at_line_ends_that_no_listener_saw(end: bytes, field: bytes) -> None:
    whole = mixed(part=FILE)
    inner = whole.partition(b"\r\n\r\n")[2] if field.startswith(b"multipart") else whole
    encoded = b64(inner.replace(b"\r\n", end))
    part = b"Content-Type: " + field + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded + b"\r\n"
    found = Anatomy(under(b"Content-Type: multipart/mixed; boundary=OUTER", b"--OUTER\r\n" + part + b"--OUTER--\r\n")).attachments
    assert ("a.bat", SCRIPT.replace(b"\r\n", b"")) in [
        (one.names[0], one.octets().replace(b"\r\n", b"")) for one in found if one.names
    ]


@pytest.mark.parametrize("lines", [(b"\r\n--B", b"\r--B"), (b"--B\r\n", b"--B\r"), (b"\r\nContent-", b"\rContent-")])
def test_a_letter_whose_parts_only_some_readers_see_is_split_in_base64(lines: tuple[bytes, bytes]) -> None:
    head, gap, body = mixed(part=FILE).partition(b"\r\n\r\n")
    encoded = b64(head + gap + body.replace(*lines))
    part = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded + b"\r\n"
    found = Anatomy(under(b"Content-Type: multipart/mixed; boundary=OUTER", b"--OUTER\r\n" + part + b"--OUTER--\r\n")).attachments
    assert "a.bat" in [name for one in found for name in one.names]


def test_a_binary_file_in_a_letter_in_base64_is_read_as_it_stands() -> None:
    file = b"Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    file += zipped(("inner.txt", b"one\rtwo\r" * 99), method=zipfile.ZIP_STORED)
    encoded = b64(mixed(part=file))
    part = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded + b"\r\n"
    anatomy = Anatomy(under(b"Content-Type: multipart/mixed; boundary=OUTER", b"--OUTER\r\n" + part + b"--OUTER--\r\n"))
    assert Defect.CONTAINER_DAMAGED not in {one.defect for one in anatomy.all_defects()}
    assert "inner.txt" in [name for one in anatomy.attachments for name in one.names]


TYPES = [b"Content-Type: multipart/mixed; boundary=B", b"Content-Type: application/octet-stream; name=a.bat"]


@pytest.mark.parametrize("types", [TYPES, TYPES[::-1]], ids=["file last", "file first"])
@pytest.mark.parametrize("encodings", [b"base64", b"quoted-printable", b"base64\r\nContent-Transfer-Encoding: quoted-printable"])
def test_what_is_a_multipart_to_some_is_a_file_to_others(types: list[bytes], encodings: bytes) -> None:
    body = b64(SCRIPT) if encodings == b"base64" else SCRIPT.replace(b"a", b"=61")
    fields = b"\r\n".join((*types, b"Content-Transfer-Encoding: " + encodings))
    assert_held(under(fields, body + b"\r\n--B\r\n" + NOTE + b"--B--\r\n"), Defect.DUPLICATE_CONTENT_TYPE)


@pytest.mark.parametrize("passed", [b":x", b"From x"])
def test_a_header_that_ends_at_its_second_odd_line(passed: bytes) -> None:
    fields = passed + b"\r\nContent-Disposition: attachment; filename=a.bat\r\nContent-Transfer-Encoding: base64\r\n"
    assert_held(TOP + fields + b")\r\n" + b64(SCRIPT), Defect.INVALID_HEADER)
