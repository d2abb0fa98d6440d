"""Documents that are encrypted, and that every program opens without asking: they are looked into as if they were not."""

import io
import re
import zlib
from pathlib import Path

import msoffcrypto
import pytest
from fakes import secret_office
from fakes.compound_files import compound
from fakes.odd_mail import attached
from fakes.secret_office import WAYS, WORD
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.anatomy.active import Active
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import NotInline
from screener.anatomy.message import Anatomy
from screener.anatomy.office import ole_lock
from screener.anatomy.office.compound import Compound

PDFS = Path(__file__).parent / "locked_pdfs"  # by qpdf 12, through pikepdf
EXCEL, POWERPOINT = "VelvetSweatshop", "/01Hannes Ruescher/01"


def read(octets: bytes, name: str) -> tuple[Anatomy, set[Defect]]:
    """A mail with this file, and its defects."""
    anatomy = Anatomy(attached(octets, name))
    return anatomy, {one.defect for one in anatomy.all_defects()}


def said(anatomy: Anatomy) -> str:
    return "\n".join(text.text for text in anatomy.attachment_texts)


@pytest.mark.parametrize(
    ("name", "password"),
    [
        *((name, EXCEL) for name in WAYS),
        ("agile.docx", POWERPOINT),
        ("crypto-api.ppt", POWERPOINT),
        ("rc4.xls", ""),
        ("rc4.doc", ""),
        ("crypto-api.ppt", ""),
    ],
)
def test_office_documents_with_a_password_that_office_tries_by_itself(name: str, password: str) -> None:
    octets = WAYS[name](password)
    if password:
        msoffcrypto.OfficeFile(io.BytesIO(octets)).load_key(password=password)  # another reader takes it for what it should be
    anatomy, defects = read(octets, name)
    first = anatomy.attachments[0]
    assert first.macros
    assert not first.encrypted
    assert WORD in said(anatomy)
    assert not defects & {Defect.CONTAINER_METHOD, Defect.CONTAINER_TOO_LARGE}
    assert first.type.startswith("application/vnd.ms-") or name.endswith(".doc")
    with pytest.raises(NotInline):
        _ = Anatomy(attached(octets, name), inline=True).attachments


@pytest.mark.parametrize("name", WAYS)
def test_office_documents_with_a_password_of_their_own(name: str) -> None:
    anatomy, defects = read(WAYS[name]("squirrels"), name)
    assert anatomy.attachments[0].encrypted
    assert WORD not in said(anatomy)
    assert not {Defect.CONTAINER_METHOD, Defect.CONTAINER_TOO_LARGE, Defect.CONTAINER_DAMAGED} & defects


def _described(octets: bytes, old: bytes, new: bytes) -> bytes:
    """A package whose description says something else."""
    found = Compound(octets)
    streams = {one.name: found.read(one, one.size) for one in found.entries if one.is_stream and len(one.path) == 1}
    assert old in streams["EncryptionInfo"]
    return compound({**streams, "EncryptionInfo": streams["EncryptionInfo"].replace(old, new)})


@pytest.mark.parametrize(
    ("old", "new", "defect"),
    [
        (b'spinCount="100000"', b'spinCount="10000000"', Defect.CONTAINER_TOO_LARGE),
        (b'cipherAlgorithm="AES"', b'cipherAlgorithm="DES"', Defect.CONTAINER_METHOD),
        (b'keyBits="256"', b'keyBits="many"', Defect.CONTAINER_METHOD),
        (b"keyData", b"keyDate", Defect.CONTAINER_METHOD),
    ],
)
def test_a_package_that_office_may_open_and_this_cannot_is_a_defect(old: bytes, new: bytes, defect: Defect) -> None:
    anatomy, defects = read(_described(secret_office.agile(EXCEL), old, new), "a.docx")
    assert defect in defects
    assert anatomy.attachments[0].encrypted


@pytest.mark.parametrize("path", sorted(PDFS.glob("[!p]*.pdf")), ids=lambda path: path.stem)
def test_pdfs_that_open_without_a_password(path: Path) -> None:
    anatomy, defects = read(path.read_bytes(), "a.pdf")
    first, inside = anatomy.attachments
    assert (inside.names, inside.octets()) == (("start.bat",), b"@echo off\r\nstart calc\r\n")
    assert Active.JAVASCRIPT in first.active_content
    assert not first.encrypted
    assert not inside.encrypted
    assert "the nightjar sings" in said(anatomy)
    assert "a corncrake (calls)" in said(anatomy)
    assert not defects
    with pytest.raises(NotInline):
        _ = Anatomy(attached(path.read_bytes(), "a.pdf"), inline=True).attachments


def test_a_pdf_that_needs_a_password() -> None:
    anatomy, defects = read((PDFS / "password.pdf").read_bytes(), "a.pdf")
    assert anatomy.attachments[0].encrypted
    assert "nightjar" not in said(anatomy)
    assert not defects


@pytest.mark.parametrize("name", ["password-owner-40.pdf", "password-owner-128.pdf"])
def test_pdfs_whose_owner_has_no_password(name: str) -> None:
    """Written by hand; qpdf 12 opens them without a password."""
    anatomy, defects = read((PDFS / name).read_bytes(), "a.pdf")
    _, inside = anatomy.attachments
    assert (inside.names, inside.octets()) == (("a.bat",), b"@echo off")
    assert not defects


def test_the_word_encrypt_hides_no_text() -> None:
    page = b"BT /F1 12 Tf (the nightjar sings) Tj ET"
    octets = (
        b"%%PDF-1.4\n%%/Encrypt\n1 0 obj\n<</Type/Page/Contents 2 0 R/Resources<</Font<</F1 3 0 R>>>>>>\nendobj\n"
        b"3 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>\nendobj\n"
        b"2 0 obj\n<</Length %d/Filter/FlateDecode>>\nstream\n" % len(packed := zlib.compress(page))
    )
    anatomy, _ = read(octets + packed + b"\nendstream\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n", "a.pdf")
    assert "nightjar" in said(anatomy)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (rb"/Filter /Standard", rb"/Filter%c (\n/#53t#61ndard"),
        (rb"/Filter /Standard", rb"/X (5 0 obj) /Y [ /U (x) ] /Filter /Standard"),
        (rb"/CF ", rb"/#43F "),
        (rb"/U <", rb"/U < "),
    ],
)
def test_encryption_dictionaries_written_in_odd_ways(old: bytes, new: bytes) -> None:
    octets = (PDFS / "aes-128.pdf").read_bytes()
    assert len(re.findall(re.escape(old), octets)) == 1
    anatomy, _ = read(octets.replace(old, new.replace(rb"\n", b"\n")), "a.pdf")
    assert "start.bat" in anatomy.attachments[1].names
    assert "nightjar" in said(anatomy)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"/Filter /Standard", b"/Filter 90 0 R >>\nendobj\n90 0 obj\n/Standard\nendobj\n91 0 obj\n<<"),
        (b"/R 4", b"/R 3 0 R"),
        (b"/StmF /StdCF", b"/StmF 90 0 R"),
        (b"/O <", b"/O 90 0 R /X <"),
        (b"<< /CF ", b"<< /X (" + b"x" * 70_000 + b") /CF "),
    ],
)
def test_encryption_dictionaries_that_cannot_be_read_are_a_defect(old: bytes, new: bytes) -> None:
    octets = (PDFS / "aes-128.pdf").read_bytes()
    assert old in octets
    anatomy, defects = read(octets.replace(old, new), "a.pdf")
    assert Defect.CONTAINER_METHOD in defects
    assert anatomy.attachments[0].encrypted


def test_paragraphs_called_standard_hide_no_key() -> None:
    octets = (PDFS / "aes-128.pdf").read_bytes()
    paragraphs = b"".join(b"%d 0 obj\n<</S /Standard>>\nendobj\n" % number for number in range(100, 200))
    anatomy, defects = read(octets.replace(b"%%EOF", paragraphs) + octets[9:], "a.pdf")
    assert "start.bat" in anatomy.attachments[1].names
    assert not anatomy.attachments[0].encrypted
    assert Defect.CONTAINER_TOO_MANY_MEMBERS not in defects


def test_two_keys_that_fit_are_ambiguous() -> None:
    one, other = (re.search(rb"<<[^\n]*/Standard[^\n]*>>", (PDFS / name).read_bytes()) for name in ("rc4-128.pdf", "aes-256.pdf"))
    assert one is not None
    assert other is not None
    octets = (PDFS / "rc4-128.pdf").read_bytes() + b"\n77 0 obj\n" + other[0] + b"\nendobj\n"
    anatomy, defects = read(octets, "a.pdf")
    assert Defect.CONTAINER_AMBIGUOUS in defects
    assert "start.bat" in anatomy.attachments[1].names


SAMPLES = {name: make(EXCEL) for name, make in WAYS.items() if name != "agile.docx"}
SAMPLES |= {path.name: path.read_bytes() for path in PDFS.glob("*.pdf")}


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_damage_anywhere_raises_nothing(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(SAMPLES)))
    octets = bytearray(SAMPLES[name])
    for _ in range(data.draw(st.integers(1, 6))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    anatomy, _ = read(bytes(octets), name)
    _ = (said(anatomy), [one.octets() for one in anatomy.attachments])


def test_what_the_constants_come_from() -> None:
    from msoffcrypto.method.xor_obfuscation import DocumentXOR

    assert bytes(DocumentXOR.create_xor_array_method1(EXCEL)) == ole_lock._XOR
    assert DocumentXOR.verifypw(EXCEL, ole_lock._XOR_VERIFIER)
