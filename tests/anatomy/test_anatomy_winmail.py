"""What winmail.dat says of its texts and files beside their octets: how they end, their charsets, paths and types."""

import struct

import pytest
from fakes.odd_mail import attached

from screener.anatomy.message import Anatomy

OCTETS, TEXT, WIDE = 0x0102, 0x001E, 0x001F


def prop(kind: int, identifier: int, octets: bytes) -> bytes:
    return struct.pack("<HHLL", kind, identifier, 1, len(octets)) + octets + bytes(-len(octets) % 4)


def winmail(level: int, *props: bytes) -> Anatomy:
    value = struct.pack("<L", len(props)) + b"".join(props)
    of_file = struct.pack("<BLL", 2, 0x00069002, 14) + bytes(16) if level == 2 else b""
    octets = of_file + struct.pack("<BLL", level, 0x00069003 if level == 1 else 0x00069005, len(value)) + value + b"\0\0"
    mail = attached(b"\x78\x9f\x3e\x22\x01\x00" + octets, "winmail.dat")
    return Anatomy(mail.replace(b"application/octet-stream", b"application/ms-tnef"))


@pytest.mark.parametrize("kind", [TEXT, WIDE])
def test_texts_that_a_nul_ends_are_in_their_charset(kind: int) -> None:
    written = "Grüße, planted-word\0"
    found = winmail(1, prop(kind, 0x1000, written.encode("cp1252" if kind == TEXT else "utf-16-le")))
    assert (written[:-1], "") in [(one.text, one.view) for one in found.texts]
    assert found.attachments[-1].type == "text/plain"
    assert not [*found.all_defects()]


@pytest.mark.parametrize(("number", "page"), [(65000, b"<p>pl+AGE-nted"), (28592, b"<p>\xb6planted")])
def test_a_page_is_in_the_charset_that_is_said_for_it(number: int, page: bytes) -> None:
    said = struct.pack("<HHL", 3, 0x3FDE, number)
    for props in ((prop(OCTETS, 0x1013, page), said), (said, prop(OCTETS, 0x1013, page))):
        assert any(one.text in ("planted", "\u015bplanted") for one in winmail(1, *props).texts)


def test_paths_and_types_of_files_count() -> None:
    paths = prop(TEXT, 0x3708, b"\\\\host\\EVIL.EXE\0"), prop(WIDE, 0x370D, "https://host/a.com\0".encode("utf-16-le"))
    found = winmail(2, *paths, prop(TEXT, 0x370E, b"Application/X-MSDownload; x=y\0")).attachments[-1]
    assert found.names == ("\\\\host\\EVIL.EXE", "EVIL.EXE")
    assert found.declared_types == ("application/x-msdownload",)


def attribute(level: int, identifier: int, value: bytes) -> bytes:
    return struct.pack("<BLL", level, identifier, len(value)) + value + b"\0\0"


def listed(*props: bytes) -> bytes:
    return struct.pack("<L", len(props)) + b"".join(props)


PEOPLE = (
    b"\x78\x9f\x3e\x22\x01\x00"
    + attribute(1, 0x00069007, struct.pack("<LL", 1251, 0))
    + attribute(1, 0x00008000, struct.pack("<4H", 4, 40, 6, 14) + b"\xc0\xed\xed\xe0 A\0\0SMTP:a@a.example\0" + bytes(8))
    + attribute(1, 0x00069003, listed(prop(WIDE, 0x0C1A, "Béla\0".encode("utf-16-le")), prop(TEXT, 0x0E04, b"Carla; Dora\0")))
    + attribute(
        1,
        0x00069004,
        struct.pack("<L", 2)
        + listed(struct.pack("<HHL", 3, 0x0C15, 1), prop(TEXT, 0x3001, b"Carla\0"), prop(TEXT, 0x39FE, b"c@c.example\0"))
        + listed(prop(TEXT, 0x3003, b"d@d.example\0"), prop(TEXT, 0x1000, b"no body\0")),
    )
)


def test_people_are_read_of_messages_that_are_files() -> None:
    people = "Анна A\nSMTP:a@a.example\nBéla\nCarla; Dora\nCarla\nc@c.example\nd@d.example"
    found = Anatomy(attached(PEOPLE, "message.dat"))
    assert people in [one.text for one in found.attachment_texts]
    data = prop(0x000D, 0x3701, bytes(16) + PEOPLE)
    found = winmail(2, data)
    assert people in [one.text for one in found.attachment_texts]
    assert not [*found.all_defects()]


def test_people_of_the_mail_itself_are_those_of_its_fields() -> None:
    mail = attached(PEOPLE, "winmail.dat").replace(b"application/octet-stream", b"application/ms-tnef")
    found = Anatomy(mail)
    assert not any("Carla" in one.text for one in (*found.texts, *found.attachment_texts))


@pytest.mark.parametrize("cut", [5, 20, 60])
def test_a_list_of_recipients_that_ends_early_is_damaged(cut: int) -> None:
    value = struct.pack("<L", 1) + listed(prop(TEXT, 0x3001, b"Carla\0"), prop(TEXT, 0x39FE, b"somebody@long.name.example\0"))
    octets = PEOPLE[:6] + attribute(1, 0x00069004, value[:-cut])
    assert "tnef-damaged" in [str(one.defect) for one in Anatomy(attached(octets, "message.dat")).all_defects()]


def test_more_people_than_are_read_are_told() -> None:
    named = attribute(1, 0x00008000, bytes(8) + b"a\0" * 1_000)
    for count, told in ((9, []), (11, ["tnef-damaged"])):
        assert [str(one.defect) for one in Anatomy(attached(PEOPLE[:6] + named * count, "message.dat")).all_defects()] == told
