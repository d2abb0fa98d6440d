"""Files that the headers of a RAR name, where nothing here can unpack them."""

import struct
import zlib
from collections.abc import Callable

import pytest
from fakes.locked_archives import File, block_four, file_five, rar_five, rar_four, vint
from fakes.odd_mail import attached

from screener.anatomy.containers import rar, rar_names
from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy

SOLID, WIDE = 0x10, 0x200  # flags of a file


def old(*files: tuple[bytes, int], flags: int = 0) -> bytes:
    """A RAR of version 4: names and flags of stored files."""
    out = b"Rar!\x1a\7\0" + block_four(0x73, flags, bytes(6))
    for name, told in files:
        fields = struct.pack("<LLBLLBBHL", 5, 5, 2, zlib.crc32(b"hello"), 0x58210000, 29, 0x30, len(name), 0x20)
        out += block_four(0x74, 0x8000 | told, fields + name) + b"hello"
    return out + block_four(0x7B, 0x4000, b"")


def names(octets: bytes) -> tuple[set[str], set[Defect]]:
    anatomy = Anatomy(attached(octets, "a.rar"))
    found = {name for one in anatomy.attachments if one.depth for name in one.names}
    return found, {one.defect for one in anatomy.all_defects()}


def quick(header: bytes, back: int) -> bytes:
    """The data of a quick open record with a copy of one header, which stands so many octets before it."""
    record = b"\0" + vint(back) + vint(len(header)) + header
    return bytes(4) + vint(len(record)) + record


def test_files_of_a_solid_rar_are_named() -> None:
    found, defects = names(old((b"a.txt", 0), (b"in\\b.exe", SOLID), (b"c.js", SOLID)))
    assert {"a.txt", "in/b.exe", "c.js"} <= found
    assert Defect.CONTAINER_METHOD in defects


@pytest.mark.parametrize(
    ("packed", "name"),
    [
        (b"\4\x55\x49\x47\x32\x37\x55.exe", "щчвз"),  # octets of the page that is named first
        (b"\4\xff\x05", "a_b.exe"),  # those of the plain name
        (b"\0\xaa\x49\x04\x47\x04\x37\x04\x35\x04", "щчзе"),  # two octets each
        (b"\4\xc0\x80\x01", "ѢѠ"),  # the plain ones and a difference
    ],
)
def test_names_in_unicode_are_read_as_they_are_packed(packed: bytes, name: str) -> None:
    found, _ = names(old((b"a.txt", 0), (b"a_b.exe\0" + packed, SOLID | WIDE)))
    assert any(one.startswith(name) for one in found)
    assert "a_b.exe" in found


@pytest.mark.parametrize("is_locked", [False, True])
def test_names_that_winrar_shows_from_copies_of_headers_count(is_locked: bool) -> None:
    noise = b"\x81\x92\x13\x44\x99" if is_locked else b""
    real, shown = (File(name, b"hello", locked=is_locked, packed=noise) for name in ("a.txt", "a.exe"))
    same = File("QO", quick(file_five(real), len(file_five(real))), is_service=True)
    other = File("QO", quick(file_five(shown), len(file_five(real))), is_service=True)
    assert names(rar_five(real, same)) == ({"a.txt"}, set())
    assert names(rar_five(real, other))[0] == {"a.txt", "a.exe"}
    assert names(rar_five(real, File("b.txt", b""), other)) == (
        {"a.txt", "b.txt", "a.exe"},
        {Defect.CONTAINER_AMBIGUOUS, Defect.CONTAINER_METHOD},
    )


def test_copies_of_headers_that_are_others_are_ambiguous() -> None:
    real, longer = (File("a.txt", content) for content in (b"hello", b"hello, hello"))
    other = File("QO", quick(file_five(longer)[:-12], len(file_five(real))), is_service=True)
    assert names(rar_five(real, other)) == ({"a.txt"}, {Defect.CONTAINER_AMBIGUOUS})


def test_copies_of_headers_are_where_the_main_header_says() -> None:
    copies = file_five(File("QO", quick(file_five(File("a.exe", b"hello")), 9), is_service=True))
    at = rar_five(File("a.txt", copies), copies_at=100).index(copies)
    found, defects = names(rar_five(File("a.txt", copies), copies_at=at))
    assert found == {"a.txt", "a.exe"}
    assert Defect.CONTAINER_AMBIGUOUS in defects


def test_a_copy_of_a_header_ends_with_its_record() -> None:
    """Each would else be read with all that follow."""
    other = file_five(File("b.exe", b"hello"))
    cut = b"\0" + vint(9) + vint(1_000)
    octets = rar_five(File("a.txt", b"hello"), File("QO", (bytes(4) + vint(len(cut)) + cut) * 3 + quick(other, 9), is_service=True))
    assert [one.names for one in rar_names.shown(octets)] == [("b.exe",)]
    assert rar_names.are_shown_otherwise(rar_five(File("QO", bytes(4) + vint(len(cut)) + cut, is_service=True)))


def test_a_name_ends_with_its_header() -> None:
    header = bytearray(file_five(File("a.txt", b"")))
    header[header.index(b"\5a.txt")] = 100
    assert [one.name for one in rar.headers_of_five(rar.FIVE + bytes(header) + bytes(200))] == [b"a.txt"]


@pytest.mark.parametrize("make", [rar_five, rar_four])
def test_a_long_main_header_does_not_stand_before_each_member_that_is_encrypted(make: Callable[..., bytes]) -> None:
    octets = make(*[File("a.txt", b"hello", locked=True)] * 50)
    at = 7 if make is rar_four else 8
    main = block_four(0x73, 0, bytes(6 + 20_000)) if make is rar_four else long_main(20_000)
    octets = octets[:at] + main + octets[at + (13 if make is rar_four else 8) :]
    pieces = rar.part(octets).locked
    assert len(pieces) == 50
    assert sum(len(one.octets) for one in pieces) < len(octets)
    assert names(octets)[0] == {"a.txt"}


def long_main(size: int) -> bytes:
    """A main header of version 5 with so many octets behind it."""
    header = b"\1\1" + vint(size) + b"\0" + bytes(size)
    sized = vint(len(header)) + header
    return struct.pack("<L", zlib.crc32(sized)) + sized


def test_nothing_is_named_behind_an_encrypted_list_nor_twice() -> None:
    assert names(old((b"a.txt", 0), (b"b.txt", 0))) == ({"a.txt", "b.txt"}, set())
    assert names(rar_five(File("a.txt", b"x"), File("b.txt", b"y"), File("a.txt", b"z"))) == ({"a.txt", "b.txt"}, set())
    encrypted = old((b"b.txt", 0), flags=0x80)
    assert names(encrypted[:20] + b"\0\0" + encrypted[22:]) == (set(), set())
