"""PDFs that open without a password, whose key is told as no program tells it: what they hold is seen, or the mail is held."""

import hashlib
import re
from pathlib import Path

import pytest
from fakes.odd_pdf import defects, seen

from screener.anatomy.defects import Defect
from screener.anatomy.pdf import keys

OCTETS = (Path(__file__).parent / "locked_pdfs" / "rc4-128.pdf").read_bytes()
NEEDS_PASSWORD = (Path(__file__).parent / "locked_pdfs" / "password.pdf").read_bytes()
ONE = b"5fdd36ba062cd5e5e4817e9f5e574482"
TWO = b"<" + ONE + b"><" + ONE + b">"
UNSAID = (b"trailer << /Root 1 0 R", b"trailer << /Root 1 0 R >>\n(\ntrailer << /Root 1 0 R"), (b"startxref", b")\nstartxref")
FILTER_LED = (b"/Filter /Standard", b"/Filter 77 0 R"), (b"11 0 obj", b"77 0 obj\n/Standard\nendobj\n11 0 obj")


def changed(octets: bytes, *changes: tuple[bytes, bytes]) -> bytes:
    for old, new in changes:
        assert octets.count(old) == 1, old
        octets = octets.replace(old, new)
    return octets


def key_of(identifier: bytes, hidden: bytes = b"") -> bytes:
    owner = bytes.fromhex("23d51bb8081abde412d51dbf9017ccaa31e7762d4570dabe24b32e274e6be108")
    key = keys.md5(keys._PAD + owner + (-1028 & 0xFFFFFFFF).to_bytes(4, "little") + identifier + hidden)
    for _ in range(50):
        key = keys.md5(key)
    return key


def sealed_anew(identifier: bytes, hidden: bytes = b"") -> bytes:
    """With another key, its file with it."""
    old, new = key_of(bytes.fromhex(ONE.decode())), key_of(identifier, hidden)
    begin = OCTETS.index(b"stream\n", OCTETS.index(b"6 0 obj")) + 7
    content = OCTETS[begin : begin + 31]
    for key in (old, new):
        content = keys._rc4(hashlib.md5(key + b"\6\0\0\0\0", usedforsecurity=False).digest(), content)
    octets = OCTETS[:begin] + content + OCTETS[begin + 31 :]
    user = keys._chain(new, keys.md5(keys._PAD + identifier), range(20)).hex().encode()
    return re.sub(rb"/U <[0-9a-f]{32}", b"/U <" + user, octets)


def names(octets: bytes) -> set[bytes]:
    """The files that unpack to what they are."""
    return {one.octets()[:9] for one in seen(octets).attachments[1:]}


FILE = names(OCTETS)


def test_what_is_looked_for() -> None:
    assert len(FILE) == 1
    assert names(sealed_anew(bytes.fromhex(ONE.decode()))) == FILE
    assert Defect.CONTAINER_METHOD not in defects(NEEDS_PASSWORD)


@pytest.mark.parametrize(
    "changes",
    [
        [(TWO, b"78 0 R 78 0 R"), (b"11 0 obj", b"78 0 obj <" + ONE + b"> endobj 11 0 obj")],
        [(TWO, b"+078 0 R"), (b"11 0 obj", b"78 0 obj 79 0 R endobj 79 0 obj <" + ONE + b"> endobj 11 0 obj")],
        [(b"[" + TWO + b"]", b"78 0 R"), (b"11 0 obj", b"78 0 obj[79 0 R]endobj 79 0 obj<" + ONE + b">endobj 11 0 obj")],
        [(b"[" + TWO + b"]", b"78 0 R"), (b"11 0 obj", b"78 0 obj 79 0 R endobj 79 0 obj[<" + ONE + b">]endobj 11 0 obj")],
        [*FILTER_LED],
        [*UNSAID],
        [*FILTER_LED, *UNSAID],
        [(b"/Encrypt 11 0 R", b""), (b"%%EOF", b"(/Encrypt 11 0 R)%%EOF"), *FILTER_LED],
        [(b"/Filter /Standard", b"")],
        [(b"/Filter /Standard", b"/Filter /standard")],
        [(b"/Filter /Standard", b"/Filter (Standard)")],
        [(b"/Filter /Standard", b"/Filter [/Standard]")],
        [(TWO, b"null <" + ONE + b">")],
        [(b"[" + TWO + b"]", b"<" + ONE + b">")],
    ],
)
def test_what_stands_elsewhere(changes: list[tuple[bytes, bytes]]) -> None:
    assert names(changed(OCTETS, *changes)) >= FILE


@pytest.mark.parametrize("size", [1_990, 2_500, 60_000])
def test_identifiers_of_any_length(size: int) -> None:
    for written in (b"(" + b"A" * size + b")", b"<" + b"41" * size + b">"):
        assert names(sealed_anew(b"A" * size).replace(TWO, written * 2)) >= FILE


def test_the_first_octet_of_an_identifier_that_is_a_string() -> None:
    """As pdf.js takes it, which looks for the first of a list."""
    for told in (b"(An identifier)", b"<41>"):
        assert names(changed(sealed_anew(b"A"), (b"[" + TWO + b"]", told))) >= FILE


@pytest.mark.parametrize("told", [b"false", b"false/EncryptMetadata true", b"true/EncryptMetadata false", b"78 0 R", b"null"])
def test_whether_metadata_are_encrypted(told: bytes) -> None:
    octets = sealed_anew(bytes.fromhex(ONE.decode()), b"\xff" * 4)
    way = b"/CF<</StdCF<</CFM/V2/Length 16>>>>/StmF/StdCF/StrF/StdCF/EncryptMetadata " + told
    octets = changed(octets, (b"/V 2", b"/V 4" + way), (b"/R 3", b"/R 4"), (b"11 0 obj", b"78 0 obj false endobj 11 0 obj"))
    assert names(octets) >= FILE


@pytest.mark.parametrize(
    "changes",
    [
        [(b"/P -1028", b"/P -1028/P -4")],
        [(b"/U <64", b"/U <64>/U <65")],
        [(b"/R 3", b"/R 3/R 2")],
        [(b"/P -1028", b"/P 78 0 R")],
        [(b"/P -1028", b"/P 78 0 R"), (b"11 0 obj", b"78 0 obj -1028 endobj 78 0 obj -4 endobj 11 0 obj")],
        [(b"/P -1028", b"/P 78 0 R"), (b"11 0 obj", b"78 0 obj -4 endobj 78 0 obj -1028 endobj 11 0 obj")],
        [(b"/P -1028", b"/P 77 0 R"), (b"11 0 obj", b"77 0 obj 78 0 R endobj 78 0 obj -1028 endobj 78 0 obj -4 endobj 11 0 obj")],
        [(b"/R 3", b"/R 78 0 R"), (b"11 0 obj", b"78 0 obj 3 endobj 78 0 obj 2 endobj 11 0 obj")],
        [(b"/V 2", b"/V 78 0 R"), (b"11 0 obj", b"78 0 obj 2 endobj 78 0 obj 4 endobj 11 0 obj")],
        [(TWO, b"78 0 R")],
        [(TWO, b"(" + b"A" * 100_000 + b")")],
        [(TWO, b"[<" + ONE + b">]")],
        [(b"[" + TWO + b"]", b"(another)")],
        [(b"[" + TWO + b"]", b"78 0 R"), (b"11 0 obj", b"78 0 obj (another) endobj 11 0 obj")],
        [(b"[" + TWO + b"]", b"78.0 0 R"), (b"11 0 obj", b"78 0 obj[" + TWO + b"]endobj 11 0 obj")],
    ],
)
def test_a_key_that_is_not_found_where_it_is_told_oddly(changes: list[tuple[bytes, bytes]]) -> None:
    assert Defect.CONTAINER_METHOD in defects(changed(OCTETS, *changes))
    assert Defect.CONTAINER_METHOD in defects(changed(OCTETS, *changes, *UNSAID))


def test_units_of_measure_are_no_keys() -> None:
    """A dictionary of theirs has a "U", too (ISO 32000-1 12.9)."""
    octets = changed(OCTETS, (b"/Filter /Standard", b"/Filter /Other"), (b"11 0 obj", b"78 0 obj<</C 1/U(ft)>>endobj 11 0 obj"))
    assert Defect.CONTAINER_METHOD not in defects(octets)


@pytest.mark.parametrize("told", [b"/V 2/V 5", b"/V 5/V 2", b"/V 4/CF<</StdCF<</CFM/V2/CFM/AESV2>>>>/StmF/StdCF/StrF/StdCF"])
def test_what_is_told_twice_of_what_a_key_opens_is_ambiguous(told: bytes) -> None:
    changes = [(b"/R 3", b"/R 4")] if b"CFM" in told else []
    assert Defect.CONTAINER_AMBIGUOUS in defects(changed(OCTETS, (b"/V 2", told), *changes))
