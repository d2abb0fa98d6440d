"""Discs of UDF: every file that Windows, macOS, Linux or an archiver shows, by name, size and octets."""

import lzma
import struct
from pathlib import Path

import pytest
from fakes import udf_discs
from fakes.odd_mail import attached
from fakes.udf_discs import Disc, disc, entry, identifier, long, name, relocated, short, tagged

from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy

DISCS = Path(__file__).parent / "discs"
# By genisoimage 1.1.11 -udf -J -R: a tree of UDF and three of ISO 9660 with the same files.
GENISOIMAGE = lzma.decompress((DISCS / "genisoimage.iso.xz").read_bytes())
# By mkudffs 2.3 -b 512 -r 1.50, a file put in by `fakes.udf_discs`; 7-Zip 16.02 lists evil.js of 15 octets.
MKUDFFS = lzma.decompress((DISCS / "mkudffs.img.xz").read_bytes())
SCRIPT = b"WScript.Echo(1)"
PROGRAM = b"MZ" + b"x" * 3_000
SECTOR = 2_048


def seen(octets: bytes, called: str = "a.dat") -> tuple[dict[str, bytes], set[Defect]]:
    anatomy = Anatomy(attached(octets, called))
    files = {one.names[0]: one.octets() for one in anatomy.attachments if one.depth}
    return files, {one.defect for one in anatomy.all_defects()}


def with_root(made: Disc, content: bytes, **how: int) -> Disc:
    """With another root: what it lists, or extents of that."""
    size = how.get("size", len(content))
    made.blocks[1] = relocated(entry(4, how.get("how", 3), size, content), 1)
    return made


@pytest.mark.parametrize("without_iso", [False, True])
def test_a_disc_as_others_make_it(without_iso: bool) -> None:
    octets = GENISOIMAGE.replace(b"CD001", b"CD00x") if without_iso else GENISOIMAGE
    files, defects = seen(octets)
    assert files == {
        "evil.js": SCRIPT,
        "note.txt": b"hello text nightjar",
        "sub/long.bin": b"nightjar " * 555,
        "sub/ünï 中文.exe": b"x",
    }
    assert not defects


def test_a_disc_is_opened_once_whatever_tells_that_it_is_one() -> None:
    anatomy = Anatomy(attached(GENISOIMAGE, "a.iso"))
    assert [one.names[0] for one in anatomy.attachments if one.depth] == list(seen(GENISOIMAGE)[0])


def test_a_disc_in_small_sectors() -> None:
    assert seen(MKUDFFS) == ({"evil.js": SCRIPT}, set())


@pytest.mark.parametrize("kind", ["plain", "virtual", "sparable", "metadata"])
@pytest.mark.parametrize("size", [512, 2_048])
@pytest.mark.parametrize(("how", "extended"), [(0, False), (1, True), (3, False), (3, True)])
def test_every_kind_of_partition_and_of_extents(kind: str, size: int, how: int, extended: bool) -> None:
    program = PROGRAM if how < 3 else b"MZxx"
    made = disc(("evil.js", SCRIPT), ("中.exe", program), kind=kind, size=size, how=how, extended=extended, folder="sub")
    assert seen(made.octets()) == ({"sub/evil.js": SCRIPT, "sub/中.exe": program}, set())


def test_a_partition_of_no_known_kind_cannot_be_read() -> None:
    assert Defect.CONTAINER_METHOD in seen(disc(("evil.js", SCRIPT), kind="odd").octets())[1]


def test_no_checksum_must_be_right() -> None:
    made = disc(("evil.js", SCRIPT))
    for at in range(4):
        block = made.blocks[at]
        made.blocks[at] = block[:4] + b"\x77\x77" + block[6:8] + b"\x77\x77" + block[10:]
    octets = bytearray(made.octets())
    for at in (256, udf_discs.SEQUENCE, udf_discs.SEQUENCE + 1):
        octets[at * SECTOR + 4] ^= 0xFF
    assert seen(bytes(octets)) == ({"evil.js": SCRIPT}, set())


def test_without_the_descriptors_at_the_beginning_it_is_known_by_its_name() -> None:
    octets = disc(("evil.js", SCRIPT)).octets()
    blank = octets[:32_768] + bytes(3 * SECTOR) + octets[32_768 + 3 * SECTOR :]
    assert seen(blank, "a.iso") == seen(blank, "a.img") == ({"evil.js": SCRIPT}, set())
    assert seen(octets[:32_768] + bytes(100_000), "a.img") == ({}, set())
    assert seen(octets[:32_768] + bytes(100_000), "a.iso")[1] == {Defect.CONTAINER_METHOD}


def test_a_small_disc_whose_anchor_is_the_last_sector() -> None:
    octets = disc(("evil.js", SCRIPT), size=512, is_small=True).octets()
    assert len(octets) < 16_000
    assert seen(octets, "a.iso") == ({"evil.js": SCRIPT}, set())


def test_what_is_something_else_too_is_a_disc_by_its_name() -> None:
    octets = disc(("evil.js", SCRIPT), size=512, is_small=True).octets()
    assert seen(b"%PDF-1.7\n" + octets[9:], "a.iso")[0] == {"evil.js": SCRIPT}
    assert not seen(b"%PDF-1.7\n" + bytes(10_000), "a.iso")[1] - seen(b"%PDF-1.7\n" + bytes(10_000), "a.pdf")[1]


def test_the_last_anchor_alone() -> None:
    made = disc(("evil.js", SCRIPT))
    assert seen(made.octets(anchor=max(made.blocks) + 258)) == ({"evil.js": SCRIPT}, set())


def test_descriptors_that_differ_are_ambiguous_and_both_are_read() -> None:
    made = disc(("evil.js", SCRIPT))
    other = disc(("good.txt", b"text"))
    made.blocks |= {500 + number: block for number, block in other.blocks.items()}
    made.reserve = [udf_discs.partition(udf_discs.START + 500, 100), made.descriptors[1]]
    files, defects = seen(made.octets())
    assert set(files) == {"evil.js", "good.txt"}
    assert defects == {Defect.CONTAINER_AMBIGUOUS}


def test_descriptors_that_go_on_elsewhere() -> None:
    made = disc(("evil.js", SCRIPT))
    for number, one in enumerate([*made.descriptors, tagged(8, 0, bytes(496))]):
        made.others[150 + number] = relocated(one, 150 + number)
    made.descriptors = [tagged(3, 0, struct.pack("<III", 1, 16 * SECTOR, 150) + bytes(484))]
    assert seen(made.octets()) == ({"evil.js": SCRIPT}, set())


def test_a_file_in_pieces_with_holes_and_extents_that_go_on_elsewhere() -> None:
    made = disc(("evil.js", SCRIPT))
    content = b"a" * SECTOR + bytes(SECTOR) + b"b" * 100
    made.blocks |= {50: b"a" * SECTOR, 60: b"b" * 100}
    more = tagged(258, 40, struct.pack("<II", 0, 8) + short(100, 60))
    made.blocks[40] = more
    extents = short(SECTOR, 50) + short(SECTOR | 1 << 30, 0) + short(SECTOR | 3 << 30, 40)
    made.blocks[3] = relocated(entry(5, 0, len(content), extents), 3)
    assert seen(made.octets()) == ({"evil.js": content}, set())


def test_more_octets_than_the_size_says() -> None:
    made = disc(("note.txt", b"x" * 5_000))
    made.blocks[3] = relocated(entry(5, 0, 10, short(5_000, 100)), 3)
    assert seen(made.octets()) == ({"note.txt": b"x" * 10}, {Defect.CONTAINER_AMBIGUOUS})


def test_fewer_octets_than_the_size_says() -> None:
    made = disc(("note.txt", b"x" * 5_000))
    made.blocks[3] = relocated(entry(5, 0, 50_000, short(5_000, 100)), 3)
    assert seen(made.octets()) == ({"note.txt": b"x" * 5_000}, {Defect.CONTAINER_DAMAGED})


def test_a_folder_that_leads_to_itself() -> None:
    made = disc(("evil.js", SCRIPT))
    listed = identifier(name("again"), long(SECTOR, 1), 2) + identifier(name("evil.js"), long(SECTOR, 3))
    assert seen(with_root(made, listed).octets())[0] == {"evil.js": SCRIPT}


@pytest.mark.parametrize("flags", [1, 4, 16])
def test_hidden_and_deleted_files_that_are_there(flags: int) -> None:
    made = with_root(disc(("evil.js", SCRIPT)), identifier(name("evil.js"), long(SECTOR, 3), flags))
    assert seen(made.octets())[0] == {"evil.js": SCRIPT}


def test_a_file_that_is_said_to_be_a_folder() -> None:
    made = with_root(disc(("evil.js", SCRIPT)), identifier(name("evil.js"), long(SECTOR, 3), 2))
    files, defects = seen(made.octets())
    assert files == {"evil.js": SCRIPT}
    assert Defect.CONTAINER_AMBIGUOUS in defects


def test_streams_beside_a_file() -> None:
    made = disc(("note.txt", b"text"))
    made.blocks[10] = relocated(entry(13, 3, 0, b""), 10)
    listed = identifier(name("evil.js"), long(SECTOR, 11))
    made.blocks[10] = relocated(entry(4, 3, len(listed), listed), 10)
    made.blocks[11] = relocated(entry(5, 3, len(SCRIPT), SCRIPT), 11)
    made.blocks[3] = relocated(entry(5, 0, 4, short(4, 100), extended=True, streams=long(SECTOR, 10)), 3)
    assert seen(made.octets())[0] == {"note.txt": b"text", "note.txt/evil.js": SCRIPT}


def test_entries_that_are_written_anew_behind_the_first() -> None:
    made = disc(("evil.js", b"text"))
    first = bytearray(entry(5, 3, 4, b"text"))
    first[20:22] = (4_096).to_bytes(2, "little")
    made.blocks[3] = bytes(first)
    made.blocks[4] = tagged(248, 4, bytes(20) + long(SECTOR, 70))
    made.blocks[70] = relocated(entry(5, 3, len(SCRIPT), SCRIPT), 70)
    anatomy = Anatomy(attached(made.octets(), "a.dat"))
    assert [one.octets() for one in anatomy.attachments if one.depth] == [b"text", SCRIPT]


@pytest.mark.parametrize("called", [b"\x09evil.js", b"evil.js", b"\x10" + "evil.js".encode("utf-16-be")])
def test_names_in_any_way(called: bytes) -> None:
    made = with_root(disc(("evil.js", SCRIPT)), identifier(called, long(SECTOR, 3)))
    anatomy = Anatomy(attached(made.octets(), "a.dat"))
    (member,) = [one for one in anatomy.attachments if one.depth]
    assert "evil.js" in {one.strip("\t") for one in member.names}


def test_what_is_listed_and_not_there_is_damage() -> None:
    made = with_root(disc(("evil.js", SCRIPT)), identifier(name("evil.js"), long(SECTOR, 9_999)))
    assert seen(made.octets())[1] == {Defect.CONTAINER_DAMAGED}


@pytest.mark.parametrize("odd", [b"\1\2" * 30, identifier(b"", long(SECTOR, 1), 10)[:19] + b"\xc8" + bytes(20)])
def test_a_list_that_goes_on_otherwise_is_damage(odd: bytes) -> None:
    made = with_root(disc(("evil.js", SCRIPT)), odd + identifier(name("evil.js"), long(SECTOR, 3)))
    assert seen(made.octets())[1] == {Defect.CONTAINER_DAMAGED}


def test_a_folder_of_many_lists_of_the_same_files_is_too_much() -> None:
    listed = b"".join(identifier(name(f"{number}.txt"), long(SECTOR, 3)) for number in range(40))
    made = disc(("evil.js", SCRIPT))
    made.blocks[200] = listed
    with_root(made, b"".join(short(len(listed), 200) for _ in range(200)), how=0, size=200 * len(listed))
    assert Defect.CONTAINER_TOO_LARGE in seen(made.octets())[1]
