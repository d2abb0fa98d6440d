"""Opaque S/MIME: what it wraps is the mail's own, for texts, files and defects alike."""

import base64
import zlib
from collections.abc import Callable, Iterator

import pytest
from fakes.evasions import cms
from fakes.evasions.containers import zipped
from fakes.evasions.judging import safety, screened
from fakes.odd_mail import NAME, PROGRAM, TOP, attached, b64
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.anatomy import contents
from screener.anatomy.budget import Budget
from screener.anatomy.containers import signed
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.message import Anatomy, NotInline
from screener.mail.verdict import Action

OPAQUE = (
    b'Content-Type: application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
)
BODY = b"Content-Type: text/plain\r\n\r\nthe wrapped text"


def opaque(octets: bytes) -> bytes:
    """A mail that is one opaque part."""
    return TOP + OPAQUE + b64(octets)


def wrapped_ways() -> Iterator[tuple[str, bytes]]:
    return cms.wrapping(attached(PROGRAM, NAME))


@pytest.mark.parametrize(("about", "octets"), list(wrapped_ways()), ids=lambda one: one if isinstance(one, str) else "")
def test_files_behind_a_signature_are_the_mails_own(about: str, octets: bytes) -> None:
    anatomy = Anatomy(opaque(octets))
    found = [one for one in anatomy.attachments if one.octets() == PROGRAM]
    assert {(one.depth, NAME in one.names) for one in found} == {(0, True)}
    assert anatomy.attachments[0].names[0] == "smime.p7m"
    assert not anatomy.encryption


def pem(octets: bytes, label: bytes = b"PKCS7") -> bytes:
    return b"-----BEGIN " + label + b"-----\r\n" + b64(octets) + b"-----END " + label + b"-----\r\n"


@pytest.mark.parametrize(
    "written",
    [
        pem,
        lambda octets: pem(octets, b"CMS"),
        lambda octets: b"subject=/CN=Ann\r\n" + pem(octets, b"PKCS #7 SIGNED DATA"),
        b64,
        lambda octets: b"\r\n " + base64.b64encode(octets),
        lambda octets: base64.b64encode(octets).rstrip(b"="),
    ],
)
@pytest.mark.parametrize("entity", [attached(PROGRAM, NAME), attached(PROGRAM + b"x", NAME), attached(PROGRAM + b"xx", NAME)])
def test_a_signature_written_as_letters(written: Callable[[bytes], bytes], entity: bytes) -> None:
    mine = Anatomy(opaque(written(cms.signed(cms.der(4, entity))))).attachments
    assert [one.octets()[: len(PROGRAM)] for one in mine if NAME in one.names and not one.depth] == [PROGRAM]
    packed = Anatomy(attached(zipped(("a.p7m", written(cms.signed(cms.der(4, PROGRAM))))), "a.zip")).attachments
    assert PROGRAM in [one.octets() for one in packed]


def test_encrypted_mail_written_as_letters() -> None:
    sealed = cms.der(0x30, bytes.fromhex("06092a864886f70d010703") + cms.der(0xA0, bytes(200)))
    head = b"Content-Type: application/pkcs7-mime; name=smime.p7m\r\n\r\n"
    assert [one.way for one in Anatomy(TOP + head + pem(sealed)).encryption] == ["S/MIME"]


def test_text_behind_a_signature_is_the_body() -> None:
    anatomy = Anatomy(opaque(cms.signed(cms.der(4, BODY))))
    assert [(text.place, text.text) for text in anatomy.texts] == [("part 1.1", "the wrapped text")]
    assert anatomy.attachment_texts == ()
    assert contents.kinds(anatomy.attachments[0].types, frozenset(("p7m",)), ()) == ()


def test_parts_of_a_wrapped_multipart_have_numbers_of_their_own() -> None:
    anatomy = Anatomy(opaque(cms.signed(cms.der(4, attached(PROGRAM, NAME)))))
    assert [one.place for one in anatomy.attachments] == ["part 1", "part 1.2"]


def test_what_is_encrypted_behind_a_signature_is_encrypted() -> None:
    sealed = cms.der(0x30, bytes.fromhex("06092a864886f70d010703") + cms.der(0xA0, b"x"))
    inner = b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\n" + sealed
    assert [one.place for one in Anatomy(opaque(cms.signed(cms.der(4, inner)))).encryption] == ["part 1.1"]


def test_a_signature_in_a_container_wraps_a_file_of_the_container() -> None:
    anatomy = Anatomy(attached(zipped(("a.p7m", cms.signed(cms.der(4, BODY)))), "a.zip"))
    assert anatomy.texts[0].text != "the wrapped text"
    assert [(text.place, text.text) for text in anatomy.attachment_texts] == [
        ("part 2 > a.zip > a.p7m > part 1", "the wrapped text")
    ]


def test_the_body_of_a_message_in_a_container_is_a_text() -> None:
    message = b"Subject: x\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b64(b"hidden here")
    anatomy = Anatomy(attached(zipped(("a.eml", message)), "a.zip"))
    assert "hidden here" in {text.text for text in anatomy.attachment_texts}


@pytest.mark.parametrize("declared", ["application/pkcs7-mime", "application/octet-stream"])
def test_a_signed_file_is_a_file(declared: str) -> None:
    """Invoices come so: the signature wraps a document, not a MIME entity."""
    head = f'Content-Type: {declared}; name="invoice.xml.p7m"\r\nContent-Transfer-Encoding: base64\r\n\r\n'.encode()
    for octets, name in ((b"<?xml version='1.0'?><a>a sum</a>", "invoice.xml"), (PROGRAM, "invoice.xml")):
        anatomy = Anatomy(TOP + head + b64(cms.signed(cms.der(4, octets))))
        assert [(one.names[0], one.octets(), one.depth) for one in anatomy.attachments[1:]] == [(name, octets, 1)]
        assert not anatomy.all_defects()
    assert not anatomy.texts


def test_a_signature_that_is_not_as_it_should_be_is_searched() -> None:
    octets = cms.signed(cms.der(4, BODY))
    assert Anatomy(opaque(octets.replace(b"\2\1\1\x31\0", b"\2\x7f\1\x31\0"))).texts


def test_signatures_and_certificates_alone_wrap_nothing() -> None:
    detached = cms.der(0x30, bytes.fromhex("06092a864886f70d010702") + cms.der(0xA0, cms.der(0x30, b"\2\1\1" + cms.der(0x31, b""))))
    anatomy = Anatomy(opaque(detached))
    assert anatomy.texts == ()
    assert len(anatomy.attachments) == 1
    assert not anatomy.all_defects()


def test_signatures_in_signatures_end() -> None:
    octets = cms.signed(cms.der(4, BODY))
    for _ in range(Budget().container_depth + 1):
        octets = cms.signed(cms.der(4, b"Content-Type: application/pkcs7-mime\r\n\r\n" + octets))
    anatomy = Anatomy(opaque(octets))
    assert anatomy.texts == ()
    assert Defect.CONTAINER_TOO_DEEP in {found.defect for found in anatomy.all_defects()}


def test_a_boundary_at_a_signature_hides_nothing() -> None:
    head = OPAQUE.replace(b"; name", b"; boundary=x; name")
    anatomy = Anatomy(TOP + head + b64(cms.signed(cms.der(4, attached(PROGRAM, NAME)))) + b"\r\n--x\r\n\r\nx\r\n--x--\r\n")
    assert any(one.octets() == PROGRAM for one in anatomy.attachments)


def test_what_unpacks_to_much_is_unpacked_no_further() -> None:
    octets = cms.compressed(b"Content-Type: text/plain\r\n\r\n" + b"a" * 4_000_000)
    small = Budget(container_octets=100_000)
    assert sum(len(text.text) for text in Anatomy(opaque(octets), budget=small).texts) < 100_000


def compressed(string: bytes) -> bytes:
    """Compressed data with this in them."""
    octets = cms.compressed(BODY)
    packed = zlib.compress(BODY)
    assert len(packed) == len(string) and octets.endswith(packed)
    return octets[: -len(packed)] + string


PACKED = zlib.compress(BODY)


@pytest.mark.parametrize(
    "octets",
    [
        compressed(zlib.compress(BODY, wbits=-15).ljust(len(PACKED), b"x")),  # without zlib's head
        compressed(PACKED[:20] + b"\xff" * (len(PACKED) - 20)),
        cms.compressed(BODY).replace(b"\x04" + bytes((len(PACKED),)), b"\x05" + bytes((len(PACKED),))),
        cms.compressed(BODY)[:-10],
        cms.compressed(BODY)[: -len(PACKED) - 8],
    ],
    ids=["another method", "damaged", "no string", "cut", "nothing"],
)
def test_what_is_compressed_and_cannot_be_unpacked_is_held(octets: bytes) -> None:
    for mail in (opaque(octets), attached(octets, "a.bin")):
        assert Defect.CONTAINER_DAMAGED in {found.defect for found in Anatomy(mail).all_defects()}
        assert screened(safety(), mail).verdicts[0].action is Action.HOLD
    assert not Anatomy(opaque(cms.compressed(BODY))).all_defects()
    with pytest.raises(NotInline):
        _ = Anatomy(opaque(octets), inline=True).texts


def test_much_that_is_signed_is_for_a_screening_process() -> None:
    content = opaque(cms.signed(cms.der(4, BODY + b" " * 70_000)))
    with pytest.raises(NotInline):
        _ = Anatomy(content, inline=True).texts
    assert Anatomy(opaque(cms.signed(cms.der(4, BODY))), inline=True).texts


@settings(deadline=None)
@given(st.data())
def test_damaged_signatures_never_raise(data: st.DataObject) -> None:
    _, octets = data.draw(st.sampled_from(list(cms.wrapping(BODY))))
    changed = bytearray(octets)
    for _ in range(data.draw(st.integers(1, 6))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    ledger = Ledger(Budget(container_octets=10_000), 0)
    assert len(signed.content(bytes(changed[: data.draw(st.integers(0, len(changed)))]), ledger, "x")) <= 10_000
    _ = Anatomy(opaque(bytes(changed))).all_defects()
