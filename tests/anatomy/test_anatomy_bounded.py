"""Whatever the octets are: no exception, and everything within its bounds."""

import bz2
from collections import Counter

import pytest
from fakes.evasions.containers import tarred
from fakes.evasions.containers import zipped as zip_file
from fakes.odd_mail import NAME, PROGRAM, attached
from fakes.odd_mail import tnef as tnef_file
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screener.anatomy import charsets, names
from screener.anatomy.budget import Budget
from screener.anatomy.containers import tnef, zipped
from screener.anatomy.defects import Defect
from screener.anatomy.html import reader as html
from screener.anatomy.ledger import Ledger
from screener.anatomy.message import Anatomy, NotInline
from screener.anatomy.mime import blocks, encoded_words, parameters, transfer
from screener.anatomy.text import normalise

PIECES = [
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b" ",
    b"\t",
    b":",
    b";",
    b"=",
    b'"',
    b"(",
    b")",
    b"\\",
    b"--",
    b"--B",
    b"--B--",
    b"B",
    b"\r\n\r\n",
    b"Content-Type: ",
    b"content-type:",
    b"Content-Type : ",
    b"Content-Transfer-Encoding: ",
    b"Content-Disposition: attachment; ",
    b"multipart/mixed",
    b"multipart/digest",
    b"message/rfc822",
    b"message/partial",
    b"text/html",
    b"text/plain",
    b"application/zip",
    b"; boundary=B",
    b'; boundary="B"',
    b"; boundary*0=B",
    b"; filename=a.exe",
    b"; filename*=utf-8''a%2Eexe",
    b"; charset=",
    b"utf-7",
    b"utf-16",
    b"idna",
    b"base64",
    b"quoted-printable",
    b"x-uuencode",
    b"QUFB",
    b"QQ==",
    b"=41",
    b"=\r\n",
    b"=?utf-8?Q?a?=",
    b"=?",
    b"?=",
    b"begin 644 a\r\n",
    b"end\r\n",
    b"=ybegin line=1 size=1 name=a\r\n",
    b"(This file must be converted with BinHex 4.0)\r\n\r\n:",
    b"<",
    b">",
    b"<!--",
    b"-->",
    b"<b",
    b"</b>",
    b"<style>",
    b"<script>",
    b"&#65;",
    b"PK\x03\x04",
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"MZ",
    b"%PDF-",
    b"From ",
    b"From: a@b\r\n",
    b"Subject: ",
    b"\xff",
    b"\xc3\xa4",
    b"\xef\xbb\xbf",
    b"\x78\x9f\x3e\x22",
    b"\x1f\x8b\x08",
    b"a" * 70,
]
MAIL = st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=12)), max_size=60).map(b"".join)
TEXT = st.lists(st.one_of(st.sampled_from([piece.decode("latin-1") for piece in PIECES]), st.text(max_size=8)), max_size=40).map(
    "".join
)
OFTEN = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@OFTEN
@given(MAIL)
def test_any_octets_are_some_mail(content: bytes) -> None:
    budget = Budget(parts=40, depth=6, names=10, container_members=20)
    anatomy = Anatomy(content, budget=budget)
    assert len(anatomy.message_id) <= 998
    assert anatomy.leaves
    for attachment in anatomy.attachments:
        assert len(attachment.names) <= 10
        assert len(attachment.sha256) == 64
        assert all(0 < len(one) <= names.MAX_EXTENSION for one in attachment.extensions)
        _ = (attachment.type, attachment.types, attachment.encrypted, attachment.size)
    for text in (*anatomy.texts, *anatomy.attachment_texts):
        normalise(text.text)
    kinds = Counter(one.defect for one in anatomy.all_defects())
    assert all(count <= budget.defects for count in kinds.values())
    for name in ("from", "subject", "content-type"):
        anatomy.header(name)
        anatomy.mailboxes(name)


@OFTEN
@given(TEXT)
def test_any_text_is_some_field(text: str) -> None:
    found = parameters.read(text)
    for name in ("filename", "name", "boundary", "charset"):
        assert all(isinstance(value, str) for value in found.readings(name))
    assert encoded_words.readings(text)
    assert len(names.forms([text], 8)) <= 8
    names.extensions([text])
    shown = html.read(text)
    assert isinstance(shown.displayed, str)
    normalise(text)


@OFTEN
@given(MAIL, st.sampled_from(["", "utf-8", "utf-7", "utf-16", "iso-2022-jp", "idna", "hz", "nothing", "big5"]))
def test_any_octets_are_some_text(octets: bytes, charset: str) -> None:
    assert charsets.readings(octets, charset).texts
    for encoding in transfer.Encoding:
        decoded = transfer.decode(octets, encoding)
        assert decoded.results
        assert len(decoded.results) == len(set(decoded.results))
        assert all(len(result) <= len(octets) * 64 for result in decoded.results)
    for block in blocks.find(octets):
        assert 0 <= block.end <= len(octets)
    blocks.binhex(octets)


@OFTEN
@given(MAIL)
def test_any_octets_are_some_container(octets: bytes) -> None:
    ledger = Ledger(Budget(container_members=20), len(octets))
    listing = zipped.listing(b"PK\x03\x04" + octets, ledger, "x")
    assert len(listing.members) <= 20
    for member in listing.members:
        assert len(member.read(100)) <= 100
    tnef.read(b"\x78\x9f\x3e\x22\0\0" + octets)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_real_container_damaged_anywhere_is_read(data: st.DataObject) -> None:
    good = data.draw(st.sampled_from([zip_file(("a.exe", PROGRAM), ("b.txt", b"b")), tarred((NAME, PROGRAM)), tnef_file()]))
    octets = bytearray(good)
    for _ in range(data.draw(st.integers(1, 6))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    content = b"Content-Type: application/octet-stream; name=a.bin\r\nContent-Transfer-Encoding: binary\r\n\r\n" + bytes(
        octets[: data.draw(st.integers(0, len(octets)))]
    )
    for attachment in Anatomy(content).attachments:
        _ = (attachment.octets(), attachment.type, attachment.encrypted)


# Each would take minutes where an octet is looked at once for every octet before it.
LONG = 1 << 18
SLOW_ONCE = {
    "yEnc": b"\r\n" + b"=ybegin name=" * (LONG // 13) + b"\r\n",
    "BinHex": b"\r\n" + b"(This file must be converted with BinHex" * (LONG // 40) + b"\r\n",
    "begin": b"\r\nbegin 644" + b" " * LONG + b"\r\n",
    "dashes": b"\r\n" + (b"--" + b"a" * 994 + b"\r\n") * (LONG // 998),
    "senders": (b"From: a@b " + b"a" * 900 + b"\r\n") * (LONG // 912) + b"\r\n",
    "names": b"Content-Type: multipart/mixed; boundary=B\r\n\r\n"
    + (b'--B\r\nContent-Disposition: attachment; filename="a' + b":" * 900 + b'!"\r\n\r\nx\r\n') * (LONG // 960),
}


@pytest.mark.parametrize("octets", SLOW_ONCE.values(), ids=SLOW_ONCE)
def test_long_hostile_lines_are_read_once(octets: bytes) -> None:
    anatomy = Anatomy(octets)
    anatomy.all_defects()
    assert set(anatomy.mailboxes("from")) <= {"a@b"}


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("a.exe:b", "a.exe"),
        ("a.exe::$DATA", "a.exe"),
        ("a.exe:b:$DATA", "a.exe"),
        ("a.exe:::", "a.exe"),
        ("a.exe:x!", "a.exe:x!"),
        (":a.exe", ""),
        ("b/a.exe/.", "a.exe"),
        ("a.exe\\. \\", "a.exe"),
    ],
)
def test_a_stream_ends_a_name(name: str, last: str) -> None:
    assert names.forms((name,), 8)[-1] == (last or name)


@pytest.mark.parametrize(
    ("octets", "name", "content"),
    [
        (b"=ybegin line=128 size=2 name=a.exe\r\n\x77\x84\r\n=yend size=2\r\n", "a.exe", b"MZ"),
        (b"x =ybegin line=128 name=" + b"a" * 700 + b"\n=ypart begin=1 end=2\n\x77\x84\n=yend\n", "a" * 500, b"MZ"),
        (b"=ybegin line=1\n=ybegin =ybegin name=b\n\x77\x84", "b", b"MZ"),
    ],
)
def test_yenc_however_long_its_line(octets: bytes, name: str, content: bytes) -> None:
    assert [(block.name, block.octets) for block in blocks.find(b"begin\r\n" + octets)] == [(name, content)]


MANY = {
    "parts": b"Content-Type: multipart/mixed; boundary=B\r\n\r\n" + b"--B\r\n\r\nx\r\n" * 65 + b"--B--\r\n",
    "octets of header": b"X-A: " + b"b" * 33_000 + b"\r\n\r\n",
    "fields": b"X-A: b\r\n" * 201 + b"\r\n",
    "findings": b"Content-Type: multipart/mixed; boundary=B\r\n\r\n" + b"--B\r\njunk\r\nmore : x\r\n\r\nx\r\n" * 30 + b"--B--\r\n",
}


@pytest.mark.parametrize("octets", MANY.values(), ids=MANY)
def test_what_is_odd_in_amount_is_for_a_screening_process(octets: bytes) -> None:
    with pytest.raises(NotInline):
        Anatomy(octets, inline=True).all_defects()
    Anatomy(octets).all_defects()


def test_ordinary_amounts_are_read_where_they_are() -> None:
    parts = b"--B\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 30 + b"--B--\r\n"
    octets = b"Received: x\r\n" * 100 + b"Content-Type: multipart/mixed; boundary=B\r\n\r\n" + parts
    assert len(Anatomy(octets, inline=True).leaves) == 30


def test_many_harmless_findings_hide_no_other() -> None:
    harmless = b"--B\r\nX-A : b\r\njunk\r\nX\xe9: y\r\n\r\nx\r\n" * 300
    last = b"--B\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: x-unheard-of\r\n\r\nx\r\n--B--\r\n"
    anatomy = Anatomy(b"Content-Type: multipart/mixed; boundary=B\r\n\r\n" + harmless + last)
    found = [one.defect for one in anatomy.all_defects()]
    assert found.count(Defect.SPACE_BEFORE_COLON) == Budget().defects
    assert Defect.UNKNOWN_TRANSFER_ENCODING in found


@pytest.mark.parametrize("key", [b"Content-Disposition: attachment", b"Content-Type: application/octet-stream"])
def test_more_parameters_than_are_read_are_said(key: bytes) -> None:
    fillers = b"".join(b"; p%d=%d" % (number, number) for number in range(250))
    octets = key + b'; q="\\a"' + fillers + b'; filename="x.js"\r\n\r\nx\r\n'
    assert Defect.TOO_MANY_PARAMETERS in {one.defect for one in Anatomy(octets).all_defects()}
    few = key + b'; q="\\a"' + fillers[:300] + b'; filename="x.js"\r\n\r\nx\r\n'
    assert Defect.TOO_MANY_PARAMETERS not in {one.defect for one in Anatomy(few).all_defects()}


def test_more_blocks_than_are_read_are_said() -> None:
    octets = b"\r\n" + b"begin 644 a.txt\r\n#86)C\r\nend\r\n" * (blocks.MAX_BLOCKS + 1)
    assert Defect.TOO_MANY_PARTS in {one.defect for one in Anatomy(octets).all_defects()}


@pytest.mark.parametrize("silent", [b"<!--%b-->", b"<style>%b</style>", b"<script>%b</script>"], ids=["comment", "style", "script"])
def test_what_shows_nothing_hides_no_words(silent: bytes) -> None:
    octets = b"Content-Type: text/html\r\n\r\n<p>a</p>" + silent % (b"x " * (Budget().text_read // 2)) + b"<p>nightjar</p>"
    anatomy = Anatomy(octets)
    assert anatomy.texts[0].text == "a\nnightjar"
    assert Defect.TEXT_TRUNCATED not in {one.defect for one in anatomy.all_defects()}


def test_text_that_is_cut_says_so() -> None:
    for fields in (b"", b"Content-Type: text/html\r\n"):
        anatomy = Anatomy(fields + b"\r\n" + b"word " * 2000, budget=Budget(text_octets=1_000))
        assert [len(text.text) for text in anatomy.texts] == [1_000]
        assert [one.defect for one in anatomy.all_defects()] == [Defect.TEXT_TRUNCATED]


@pytest.mark.parametrize(("size", "granted"), [(1_000, 16 << 20), (1 << 20, 24 << 20), (100 << 20, 192 << 20)])
def test_a_small_mail_is_not_decoded_to_much(size: int, granted: int) -> None:
    ledger = Ledger(Budget(), size)
    assert ledger.spend_decoded(1 << 30, "part 1") == granted
    assert [one.defect for one in ledger.found] == [Defect.TOO_MUCH_DECODED]


def test_a_kilobyte_that_is_text_in_every_charset_is_read_some_dozen_times_and_no_more() -> None:
    budget = Budget()
    text = b"\x81" + b"\x85" * 1_000_000 + bytes(35) + bytes(range(0x80, 0x100)) + b"\x85" * 1_300_000
    mail = Anatomy(attached(bz2.compress(text), "a.bz2"), budget=budget)
    letters = sum(len(one.text) for one in mail.attachment_texts)
    assert 8 * budget.text_floor < letters <= 16 * budget.text_floor
    assert Defect.TEXT_TRUNCATED in {one.defect for one in mail.all_defects()}
