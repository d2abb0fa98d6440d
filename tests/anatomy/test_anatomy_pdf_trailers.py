"""PDFs whose trailers say in odd ways, or in odd places, that they are encrypted; every program opens them without asking."""

import re
import zlib
from pathlib import Path

import pytest
from fakes.odd_pdf import FILE, PACKED, SHOWN, assert_found, defects, document, said, seen, stream

from screener.anatomy.budget import Budget
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.pdf import lock
from screener.anatomy.pdf.streams import Stream
from screener.anatomy.pdf.trailers import Said

PDFS = Path(__file__).parent / "locked_pdfs"
WRITTEN = (PDFS / "rc4-128.pdf").read_bytes()
KEY = re.search(rb"(?s)\n11 0 obj\n(.*?)\nendobj", WRITTEN)[1]  # type: ignore[index]
ID = re.search(rb"/ID ?\[.*?\]", WRITTEN)[0]  # type: ignore[index]
LOCK = lock.find(WRITTEN, Said(True, False), Ledger(Budget(), len(WRITTEN)), "")
ENCRYPT = b"/Encrypt 11 0 R"


def sealed(number: int, content: bytes) -> bytes:
    """Encrypted, as object of this number."""
    assert LOCK is not None
    one = Stream(b"%d" % number, b"", 0, 0, False)
    LOCK.open([one])
    assert one.ciphers[0] is not None
    return one.ciphers[0].whole(content)


def locked(encrypt: bytes = ENCRYPT, *more: bytes) -> bytes:
    """A PDF that is encrypted."""
    name = b"<%b>" % sealed(7, b"docs.zip").hex().encode()
    return document(
        stream(b"/Type/EmbeddedFile", sealed(6, PACKED)),
        *(b"null",) * 3,
        KEY,
        *more,
        named=b"<</Type/Filespec/F %b/UF %b/EF<</F 6 0 R>>>>" % (name, name),
        page=stream(b"", sealed(4, SHOWN)),
        trailer=ID + encrypt,
    )


def assert_read(octets: bytes) -> None:
    assert_found(octets)
    assert "nightjar" in said(octets)
    assert any("docs.zip" in one.names for one in seen(octets).attachments)


@pytest.mark.parametrize(
    "key",
    [
        ENCRYPT,
        b"/Encrypt +11 0 R",
        b"/Encrypt 000000000000011 0 R",
        b"/Encrypt 11 0000000000000000000000000 R",
        b"/#45ncrypt 11 0 R",
        b"/Encrypt" + KEY,
    ],
)
def test_a_key_that_all_readers_find(key: bytes) -> None:
    octets = locked(key)
    assert_read(octets)
    assert not defects(octets)


@pytest.mark.parametrize(
    "key",
    [
        b"/Encrypt 11.0 0 R",
        b"/Encrypt null/Encrypt 11 0 R",
        b"/Encrypt 11 0 R/Encrypt null",
        b"/Encrypt/X 11 0 R",
        b"/Encrypt[11 0 R]",
        b"/Encrypt 12 0 R",
        b"",
    ],
)
def test_a_key_that_some_readers_find(key: bytes) -> None:
    octets = locked(key, b"11 0 R")
    assert_read(octets)
    assert Defect.CONTAINER_AMBIGUOUS in defects(octets)


@pytest.mark.parametrize(
    "within", [b"/X(trailer)", b"/X(trailer<</Root 1 0 R>>)", b"/trailer<</Root 1 0 R>>", b"/X/trailer", b"%trailer\n"]
)
def test_the_word_trailer_within_a_trailer(within: bytes) -> None:
    octets = locked(within + ENCRYPT)
    assert_read(octets)
    assert not defects(octets)


@pytest.mark.parametrize("generation", [b"0" * 30, b"70000", b"9" * 13, b"9" * 9_000])
@pytest.mark.parametrize("number", [6, 9_999_999_999])
def test_numbers_that_are_too_large_are_cut(number: int, generation: bytes) -> None:
    octets = locked().replace(b"6 0 R", b"%d %b R" % (number, generation))
    octets = octets.replace(b"\n6 0 obj", b"\n%d %b obj" % (number, generation)) + b"99 %b obj<</F(a)>>endobj" % generation
    assert [one.types for one in seen(octets).attachments]
    assert not any("judged" in str(one) for one in defects(octets))


@pytest.mark.parametrize("begins", [b"99 0 obj<</Length 0>>stream\n", b"99 0 obj<<>>\nstream\n", b"<<>>stream\n"])
def test_a_trailer_behind_a_stream_that_does_not_end(begins: bytes) -> None:
    octets = locked().replace(b"trailer\n", begins + b"trailer\n")
    assert_read(octets)
    assert not defects(octets)


def within(octets: bytes, keys: bytes = b"", *, leads: bool) -> bytes:
    """A PDF as a file in another without a trailer that says anything; the table is said to be that of either."""
    head = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n50 0 obj"
    at = len(head) + octets.find(b"trailer") if leads else 9
    return head + stream(keys, octets) + b"\nendobj\ntrailer<</Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % at


def test_a_file_in_this_one_is_no_other_reading_but_where_the_table_leads_there() -> None:
    assert_found(within(locked(), leads=False))
    assert not defects(within(locked(), leads=False))
    assert_found(within(locked(), leads=True))
    assert Defect.CONTAINER_AMBIGUOUS in defects(within(locked(), leads=True))
    for name in ("password", "aes-128", "rc4-128-packed", "aes-256"):
        assert not defects(within((PDFS / f"{name}.pdf").read_bytes(), b"/Type/EmbeddedFile", leads=False))


def test_one_that_needs_a_password_where_the_table_leads_is_encrypted() -> None:
    other = locked().replace(KEY, KEY.replace(b"/P ", b"/P 1"))
    assert not seen(within(other, leads=False)).attachments[0].encrypted
    assert seen(within(other, leads=True)).attachments[0].encrypted


@pytest.mark.parametrize("trailer", [b"", ID, ID + b"/Info(trailer<</Root 1 0 R/Encrypt 11 0 R>>)"])
@pytest.mark.parametrize("file", [FILE, stream(b"", PACKED)])
@pytest.mark.parametrize("page", [stream(b"", SHOWN), stream(b"/Filter/FlateDecode", zlib.compress(SHOWN))])
def test_a_key_that_nothing_needs_is_none(file: bytes, page: bytes, trailer: bytes) -> None:
    octets = document(file, *(b"null",) * 3, KEY, page=page, trailer=trailer)
    assert_read(octets)
    assert not defects(octets)


def test_a_stream_that_is_something_in_both_ways_is_ambiguous() -> None:
    """What the key makes a ZIP is an image without it."""
    prefix = sealed(6, b"\x89PNG\r\n\x1a\n" + bytes(8))
    old, new = (stream(b"/Type/EmbeddedFile", sealed(6, one)) for one in (PACKED, prefix + PACKED))
    octets = locked(b"").replace(old, new)
    assert_found(octets)
    assert Defect.CONTAINER_AMBIGUOUS in defects(octets)


def test_a_title_encrypts_nothing() -> None:
    octets = document(FILE, b"<</Title(How /Encrypt 5 0 R in a trailer<</Root works)/Author(trailer <</Encrypt 7 0 R>>)>>")
    assert_read(octets)
    assert not defects(octets)


def led_by(*keys: bytes) -> bytes:
    """Encrypted, where what some keys of its dictionary have stands in objects of their own, from 12 on."""
    own = KEY
    values = []
    for number, key in enumerate(keys, 12):
        value = re.search(rb"(?s)/" + key + rb"\s*(/\w+|<[^<>]*>|\((?:[^\\()]|\\.)*\)|-?\d+)", own)
        assert value is not None
        values.append(value[1])
        own = own.replace(value[0], b"/%b %d 0 R" % (key, number))
    return locked(ENCRYPT, *values).replace(KEY, own)


@pytest.mark.parametrize("keys", [(b"Filter",), (b"Filter", b"V", b"R"), (b"O", b"U", b"P", b"Length")])
def test_what_a_key_is_may_stand_elsewhere(keys: tuple[bytes, ...]) -> None:
    octets = led_by(*keys)
    assert_read(octets)
    assert not defects(octets)


def test_a_way_of_encryption_that_stands_where_it_is_not_found() -> None:
    assert_read(led_by(b"Filter").replace(b"12 0 obj", b"13 0 obj"))
    assert Defect.CONTAINER_METHOD in defects(led_by(b"Filter").replace(b"\n/Standard", b"\n/Stondard"))


@pytest.mark.parametrize("names", [("rc4-128", "aes-128"), ("rc4-40", "aes-256", "aes-128"), ("password", "aes-128", "rc4-128")])
def test_several_files_that_are_encrypted_in_one_that_is_not(names: tuple[str, ...]) -> None:
    """As who collects bank statements has them."""
    objects = [b"31 0 obj<</Type/Filespec/F(own.txt)/EF<</F 30 0 R>>>>", b"30 0 obj" + stream(b"", b"hello")]
    for number, name in enumerate(names, 40):
        objects.append(b"%d 0 obj" % number + stream(b"/Type/EmbeddedFile", (PDFS / f"{name}.pdf").read_bytes()))
        objects.append(b"%d 0 obj<</Type/Filespec/F(%d.pdf)/EF<</F %d 0 R>>>>" % (number + 10, number, number))
    octets = document(b"null", *objects, named=b"null")
    assert defects(octets) <= {Defect.SEVERAL_NAMES, Defect.DISGUISED_NAME}  # names by another's key are noise
    found = {name: one for one in seen(octets).attachments for name in one.names if one.types == {"application/pdf"}}
    assert [found[f"{number}.pdf"].encrypted for number in range(40, 40 + len(names))] == [name == "password" for name in names]


def test_a_key_among_others_that_readers_alone_find() -> None:
    """Where no trailer says so, any key that opens may be that of the file."""
    decoys = [re.search(rb"(?s)<<[^<>]*/Standard.*?>>\n", (PDFS / f"{name}.pdf").read_bytes()) for name in ("rc4-40",)]
    identifier = re.search(rb"/ID ?\[.*?\]", (PDFS / "rc4-40.pdf").read_bytes())
    for decoy in decoys:
        assert decoy is not None
        assert identifier is not None
        octets = locked(b"", decoy[0] + identifier[0])
        assert_found(octets)
        assert "nightjar" in said(octets)
        assert Defect.CONTAINER_AMBIGUOUS in defects(octets)
