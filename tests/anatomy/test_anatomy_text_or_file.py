"""What is told fast of a text - that it is no file - is what the whole table says."""

import pytest
from fakes.evasions.judging import safety, screened
from fakes.odd_mail import attached, evil, mixed
from hypothesis import given
from hypothesis import strategies as st

from screener.anatomy import filetype, signatures, text_types
from screener.anatomy.message import Anatomy

ROWS = b";a;b\r\n1;2;3\r\n" * 30
TEXTS = [
    b"070707-1234;Anna",
    b"070701",
    b"070702 Meier",
    b"FWS",
    b"CWS 2024",
    b"ITSF Turnier",
    b"conectix",
    b"xar!",
    b"dex\n",
    b"LZIP",
    b"KDMV",
    b"MZ",
    b"`\xea",
    b"**ACE** of spades",
    b"#! Wichtig",
    b"From here on\r\nthere are rows",
    b"<jobs><job/></jobs>",
    b"<job><id>1</id></job>",
    b"<components/>",
    b"<JobPosting/>",
    b"hsqs",
    b"sqsh 2024",
]
NO_TEXTS = [
    (b"0707070" + b"0" * 69 + b"a.txt\0", "application/x-cpio"),
    (b"070701" + b"0" * 104 + b"a.txt\0", "application/x-cpio"),
    (b"FWS\x06\x40\0\0\0" + ROWS, "application/x-shockwave-flash"),
    (b"LZIP\1\x0c" + ROWS, "application/x-lzip"),
    (b"xar!\0\x1c\0\1" + ROWS, "application/x-xar"),
    (b"\x60\xea\x2d\0\x1e\x07\1\0" + ROWS, "application/x-arj"),
    (b"#!/bin/sh\necho", "text/x-script"),
    (b"#! /usr/bin/env python3\n", "text/x-script"),
    (b"#!python\nimport os", "text/x-script"),
    (b"<job id='a'>" + ROWS + b"<SCRIPT language='x'>", "text/x-windows-script"),
    (b"<package>\n<job><script>", "text/x-windows-script"),
    (b"\xeb\x3c\x90MSDOS5.0".ljust(510, b"\0") + b"\x55\xaa", "application/x-disk-image"),
    (b"\xfa".ljust(446, b"\x90") + b"\x80\1\1\0\x0c".ljust(64, b"\0") + b"\x55\xaa", "application/x-disk-image"),
]
EXT = bytes(1024) + b"\x10\0\0\0" * 6 + b"\2\0\0\0" + bytes(28) + b"\x53\xef\1\0" + bytes(16) + b"\1\0\0\0" + bytes(99)
NO_TEXTS += [
    (b"hsqs\7\0\0\0" + ROWS, "application/x-squashfs-image"),
    (b"\x45\x3d\xcd\x28\0\0" + ROWS, "application/x-cramfs-image"),
    (bytes(32) + b"NXSB\0\x10\0\0", "application/x-apfs-image"),
    (b"<<< image >>>\n".ljust(64, b"\0") + b"\x7f\x10\xda\xbe\1\0", "application/x-vdi"),
    (bytes(1024) + b"H+\0\4" + bytes(99), "application/x-hfs-image"),
    (EXT, "application/x-ext-image"),
]
_SIGNATURES = [mark for mark, _ in (*signatures._AT_START, *filetype._ANYWHERE)]


@pytest.mark.parametrize("mark", _SIGNATURES)
@pytest.mark.parametrize("before", [b"", b"a line of text\r\n" * 3])
@pytest.mark.parametrize("behind", [b"", b" and more text\r\n" * 3, b"\0" * 100])
def test_no_file_is_taken_for_a_text(mark: bytes, before: bytes, behind: bytes) -> None:
    octets = before + mark + behind
    types = filetype.identify(octets).types
    if filetype.TEXT not in types and types:
        assert not filetype.is_text_at_most(octets)


@given(st.lists(st.one_of(st.sampled_from(_SIGNATURES), st.text().map(str.encode), st.binary(max_size=600)), max_size=4))
def test_nor_any_other(pieces: list[bytes]) -> None:
    octets = b"".join(pieces)
    if filetype.is_text_at_most(octets):
        found = filetype.identify(octets).types
        assert not found or filetype.TEXT in found
        assert all(
            one.startswith("text/") or one in {name for _, name in text_types._TEXT_MARKS} for one in found - {"application/hta"}
        )


@pytest.mark.parametrize("beginning", TEXTS)
def test_a_text_that_begins_like_a_file_is_a_text(beginning: bytes) -> None:
    for octets in (beginning, beginning + ROWS):
        assert filetype.identify(octets).types <= {filetype.TEXT, "text/xml"}


@pytest.mark.parametrize(("octets", "kind"), NO_TEXTS)
def test_a_file_is_one(octets: bytes, kind: str) -> None:
    assert kind in filetype.identify(octets).types


def test_two_octets_by_chance_make_no_disk() -> None:
    assert filetype.identify(bytes(1080) + b"\x53\xef").types == frozenset()
    for beginning in (b"%PDF-1.4", b"\xff\xd8\xff\xe0", b"PK\3\4", b"\x12"):
        assert "application/x-disk-image" not in filetype.identify(beginning.ljust(510, b"\x77") + b"\x55\xaa" + ROWS).types


def test_a_message_that_is_called_a_text_is_shown_as_it_stands() -> None:
    letter = b"From: a@example.net\r\nSubject: x\r\nContent-Type: text/html is what it says\r\n" + ROWS
    for name in ("a.txt", "a.CSV", "a.log"):
        assert not screened(safety(), attached(letter, name)).verdicts[0].hits
    assert Anatomy(attached(mixed(evil()), "a.bin")).attachments[-1].names == ("evil.exe",)
