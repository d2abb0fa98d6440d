"""OpenPGP messages that need no key to be shown: stored, compressed, signed, armoured or not."""

import base64
import bz2
import zlib

import pytest
from fakes.evasions.containers import zipped
from fakes.odd_mail import NAME, PROGRAM, attached, evil, mixed

from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy

ENTITY = mixed(b"Content-Type: text/plain\r\n\r\nthe nightjar sings", evil()).partition(b"MIME-Version: 1.0\r\n")[2]


def packet(tag: int, body: bytes) -> bytes:
    return bytes((0xC0 | tag, 255)) + len(body).to_bytes(4, "big") + body


def old(tag: int, body: bytes) -> bytes:
    """With the length that older programs write."""
    return bytes((0x80 | tag << 2 | 2,)) + len(body).to_bytes(4, "big") + body


def endless(tag: int, body: bytes) -> bytes:
    return bytes((0x80 | tag << 2 | 3,)) + body


def in_pieces(tag: int, body: bytes) -> bytes:
    pieces = b"".join(b"\xe9" + body[at : at + 512] for at in range(0, len(body) - 512, 512))
    last = body[len(pieces) // 513 * 512 :]
    return bytes((0xC0 | tag,)) + pieces + b"\xff" + len(last).to_bytes(4, "big") + last


def literal(content: bytes, name: bytes = b"") -> bytes:
    return b"b" + bytes((len(name),)) + name + bytes(4) + content


def armoured(packets: bytes, said: bytes = b"MESSAGE") -> bytes:
    lines = base64.encodebytes(packets).replace(b"\n", b"\r\n")
    return b"-----BEGIN PGP " + said + b"-----\r\nVersion: 1\r\n\r\n" + lines + b"=abcd\r\n-----END PGP " + said + b"-----\r\n"


def deflated(content: bytes) -> bytes:
    return zlib.compress(content)[2:-4]


MESSAGES = {
    "stored": lambda content: packet(11, literal(content, b"evil.exe")),
    "old": lambda content: old(11, literal(content, b"evil.exe")),
    "endless": lambda content: endless(11, literal(content, b"evil.exe")),
    "in pieces": lambda content: in_pieces(11, literal(content, b"evil.exe")),
    "signed": lambda content: packet(4, bytes(13)) + packet(11, literal(content, b"evil.exe")) + packet(2, bytes(99)),
    "zip": lambda content: packet(8, b"\1" + deflated(packet(11, literal(content, b"evil.exe")))),
    "zlib": lambda content: old(8, b"\2" + zlib.compress(packet(11, literal(content, b"evil.exe")))),
    "bzip2": lambda content: endless(8, b"\3" + bz2.compress(old(11, literal(content, b"evil.exe")))),
    "in one another": lambda content: packet(
        8, b"\0" + packet(8, b"\2" + zlib.compress(packet(11, literal(content, b"evil.exe"))))
    ),
}


@pytest.mark.parametrize("kind", MESSAGES)
@pytest.mark.parametrize("name", ["a.pgp", "a.gpg", "a.asc", "a.exe.gpg"])
def test_a_file_that_is_not_encrypted_is_opened(kind: str, name: str) -> None:
    packets = MESSAGES[kind](PROGRAM)
    for content in (packets, armoured(packets), b"\r\n" + armoured(packets), b"Hello\r\n" + armoured(packets)):
        for mail in (attached(content, name), attached(zipped((name, content)), "a.zip")):
            anatomy = Anatomy(mail)
            (found,) = [one for one in anatomy.attachments if one.octets() == PROGRAM]
            assert NAME in found.names
            assert not any(one.encrypted for one in anatomy.attachments)
            assert not anatomy.all_defects()


@pytest.mark.parametrize("kind", MESSAGES)
def test_pgp_mime_that_is_not_encrypted_is_opened(kind: str) -> None:
    head = b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=BB\r\n'
    body = b"Content-Type: application/octet-stream\r\n\r\n" + armoured(MESSAGES[kind](ENTITY))
    anatomy = Anatomy(mixed(b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n", body, head=head))
    assert any(NAME in one.names and one.octets() == PROGRAM for one in anatomy.attachments)
    assert any("nightjar" in one.text for one in (*anatomy.texts, *anatomy.attachment_texts))


@pytest.mark.parametrize("kind", MESSAGES)
def test_armour_in_a_text_that_is_not_encrypted_is_opened(kind: str) -> None:
    anatomy = Anatomy(b"Subject: x\r\n\r\nHello\r\n" + armoured(MESSAGES[kind](PROGRAM)) + b"bye\r\n")
    assert PROGRAM in [one.octets() for one in anatomy.attachments]


@pytest.mark.parametrize("said", [b"SIGNATURE", b"ARMORED FILE", b"PUBLIC KEY BLOCK", b"SIGNED MESSAGE"])
@pytest.mark.parametrize("kind", MESSAGES)
def test_a_message_that_calls_itself_something_else_is_opened(kind: str, said: bytes) -> None:
    armour = armoured(MESSAGES[kind](PROGRAM), said)
    for mail in (attached(armour, "a.asc"), b"Subject: x\r\n\r\nHello\r\n" + armour + b"bye\r\n"):
        anatomy = Anatomy(mail)
        assert PROGRAM in [one.octets() for one in anatomy.attachments]
        assert not anatomy.all_defects()


@pytest.mark.parametrize("tag", [12, 19])
def test_what_may_stand_before_a_message_is_passed_over(tag: int) -> None:
    packets = packet(tag, bytes(20)) + packet(11, literal(PROGRAM))
    for content in (packets, armoured(packets)):
        assert PROGRAM in [one.octets() for one in Anatomy(attached(content, "a.asc")).attachments]


def test_any_number_of_signatures_and_keys_is_none_too_many() -> None:
    blocks = armoured(packet(2, bytes(99)), b"SIGNATURE") + armoured(packet(6, bytes(99)), b"PUBLIC KEY BLOCK")
    for mail in (attached(blocks * 200, "a.asc"), b"Subject: x\r\n\r\nHello\r\n" + blocks * 200):
        assert not Anatomy(mail).all_defects()


@pytest.mark.parametrize("tag", [1, 3, 9, 18, 20])
def test_what_needs_a_key_is_encrypted_and_nothing_else(tag: int) -> None:
    packets = packet(tag, bytes(range(200)))
    for content in (packets, armoured(packets)):
        anatomy = Anatomy(attached(content, "a.gpg"))
        (one,) = anatomy.attachments
        assert one.encrypted
        assert not anatomy.all_defects()
    assert not Anatomy(b"Subject: x\r\n\r\nHello\r\n" + armoured(packets)).attachments


@pytest.mark.parametrize(
    "content", [b"ncols 480\r\nnrows 450\r\n", b"\x99\x01\x0d" + bytes(300), packet(2, bytes(99)), b"", b"\xcb"]
)
def test_other_files_called_so_say_nothing(content: bytes) -> None:
    anatomy = Anatomy(attached(content, "a.asc"))
    (one,) = anatomy.attachments
    assert not one.encrypted
    assert not anatomy.all_defects()


def test_what_is_packed_oddly_is_told() -> None:
    def defects(packets: bytes) -> set[Defect]:
        return {one.defect for one in Anatomy(attached(packets, "a.pgp")).all_defects()}

    assert defects(packet(8, b"\4" + bytes(99))) == {Defect.CONTAINER_METHOD}
    assert defects(packet(8, b"\2" + zlib.compress(PROGRAM)[:-20])) == {Defect.CONTAINER_DAMAGED}
    assert defects(packet(10, b"PGP") * 1_000 + packet(11, literal(PROGRAM))) == {Defect.CONTAINER_TOO_MANY_MEMBERS}
    packed = packet(8, b"\1" + deflated(packet(2, b"") * 600))
    assert defects(packed) == set()
    assert defects(packed * 2) == {Defect.CONTAINER_TOO_MANY_MEMBERS}
    assert defects(armoured(b"") * 100 + armoured(packet(11, literal(PROGRAM)))) == {Defect.CONTAINER_TOO_MANY_MEMBERS}
    deep = packet(11, literal(PROGRAM))
    for _ in range(12):
        deep = packet(8, b"\0" + deep)
    assert defects(deep) == {Defect.CONTAINER_TOO_DEEP}
