"""Letters of Word's old documents that nobody sees between others."""

import struct

import pytest
from fakes.compound_files import compound
from fakes.odd_mail import attached

from screener.anatomy.message import Anatomy

LOOKS = {
    "hidden": struct.pack("<HB", 0x083C, 1),
    "deleted": struct.pack("<HB", 0x0800, 1),
    "white": struct.pack("<HL", 0x6870, 0xFFFFFF),
    "white of sixteen": struct.pack("<HBHB", 0x0835, 1, 0x2A42, 8),
    "tiny": struct.pack("<HH", 0x4A43, 2),
    "a style": struct.pack("<HH", 0x4A30, 11),
}


def texts(octets: bytes) -> list[str]:
    return [text.text for text in Anatomy(attached(octets, "a.doc")).attachment_texts]


def looking(looks: bytes, codec: str) -> bytes:
    """A document in which two letters in the midst of a word look like that."""
    before, letters, behind = (part.encode(codec) for part in ("a night", "xx", "jar"))
    stream = struct.pack("<HH6xH", 0xA5EC, 0xC1, 0x200).ljust(1_024, b"\0")
    borders = [1_024 + len(part) for part in (b"", before, before + letters, before + letters + behind)]
    page = struct.pack("<4L", *borders) + bytes((0, 100, 0))
    page = page.ljust(200, b"\0") + bytes((len(looks),)) + looks
    offset = 1_024 if codec == "utf-16-le" else 2_048 | 0x40000000
    places = struct.pack("<LLHLH", 0, 12, 0, offset, 0)
    clx = b"\2" + struct.pack("<L", len(places)) + places
    stream = (
        stream[:0xFA] + struct.pack("<LL", len(clx), 12) + stream[0x102:0x1A2] + struct.pack("<LL", 0, len(clx)) + stream[0x1AA:]
    )
    stream += (before + letters + behind).ljust(1_024, b"\0") + page.ljust(511, b"\0") + b"\3"
    return compound({"WordDocument": stream, "1Table": clx + struct.pack("<LLL", borders[0], borders[-1], 4)})


@pytest.mark.parametrize("looks", LOOKS.values(), ids=LOOKS)
@pytest.mark.parametrize("codec", ["cp1252", "utf-16-le"])
def test_letters_that_are_not_seen_part_no_word(looks: bytes, codec: str) -> None:
    assert "a nightjar" in texts(looking(looks, codec))[0].split("\n")


@pytest.mark.parametrize("looks", [struct.pack("<HB", 0x083C, 0), struct.pack("<HH", 0x4A43, 24), struct.pack("<HL", 0x6870, 0xFF)])
def test_letters_that_are_seen_are_read_once(looks: bytes) -> None:
    assert texts(looking(looks, "cp1252")) == ["a nightxxjar"]
