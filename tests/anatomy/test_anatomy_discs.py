"""Images of discs: what each system shows of them, Windows, Unix or an old one."""

import lzma
import re
from pathlib import Path

import libarchive
import pytest
from fakes.odd_mail import attached

from screener.anatomy.budget import Budget
from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy

# By pycdlib 1.22: README.TXT in its tree of ISO 9660, evil.js in that of UDF, which Windows and macOS show.
BRIDGE = lzma.decompress((Path(__file__).parent / "discs" / "bridge.iso.xz").read_bytes())
# By bsdtar 3.6.2, with Rock Ridge and Joliet: two files, and two links to the first of them.
LINKS = lzma.decompress((Path(__file__).parent / "discs" / "links.iso.xz").read_bytes())
SECTOR = 2_048


def disc(**files: bytes) -> bytes:
    """With Rock Ridge and Joliet, by libarchive; "_" for the full stop in a name."""
    blocks: list[bytes] = []

    def write(block: bytes) -> int:
        blocks.append(bytes(block))
        return len(block)

    with libarchive.custom_writer(write, "iso9660") as archive:
        for name, content in files.items():
            archive.add_file_from_memory(name.replace("_", "."), len(content), content)
    return b"".join(blocks)


def wide(name: str) -> bytes:
    return name.encode("utf-16-be")


def seen(octets: bytes, budget: Budget | None = None) -> tuple[list[tuple[str, ...]], set[Defect]]:
    anatomy = Anatomy(attached(octets, "a.dat"), budget=budget or Budget())
    return [one.names for one in anatomy.attachments if one.depth], {one.defect for one in anatomy.all_defects()}


def without_iso(octets: bytes) -> bytes:
    """All its descriptors of ISO 9660 made blank."""
    blank = bytearray(octets)
    for found in re.finditer(b"CD001", octets):
        blank[found.start() - 1 : found.start() - 1 + SECTOR] = bytes(SECTOR)
    return bytes(blank)


def test_an_ordinary_disc_says_nothing() -> None:
    names, defects = seen(disc(index_html=b"page", note_txt=b"text", empty_py=b"", also_cfg=b"", copy_docx=b"text"))
    assert {one[0] for one in names} == {"index.html", "note.txt", "empty.py", "also.cfg", "copy.docx"}
    assert not defects


def test_links_that_only_one_system_follows_are_not_doubtful() -> None:
    names, defects = seen(LINKS)
    assert {one[0] for one in names} == {"index.html", "note.txt", "link.html", "a link with a long name.html"}
    assert not defects


@pytest.mark.parametrize(
    ("shown", "instead"), [(b"note.txt", b"evil.exe"), (b"NOTE.TXT", b"EVIL.EXE"), (wide("note.txt"), wide("evil.exe"))]
)
def test_every_name_that_some_system_shows_is_one(shown: bytes, instead: bytes) -> None:
    octets = disc(note_txt=b"new ActiveXObject('x');", other_txt=b"other")
    assert octets.count(shown) == 1
    (names,) = [one for one in seen(octets.replace(shown, instead))[0] if "note.txt" in one or "evil.exe" in one]
    assert {"note.txt", "evil.exe"} <= {one.lower() for one in names}
    assert Defect.SEVERAL_NAMES in seen(octets.replace(shown, instead))[1]


def test_names_of_files_that_are_alike() -> None:
    octets = disc(one_txt=b"same", two_txt=b"same", three_txt=b"same").replace(wide("two.txt"), wide("two.exe"))
    names, defects = seen(octets)
    assert "two.exe" in {name for one in names for name in one}
    assert Defect.SEVERAL_NAMES in defects


def test_what_lies_in_one_tree_alone_is_seen() -> None:
    octets = disc(note_txt=b"text")
    at = octets.index(wide("note.txt")) - 33  # Joliet's entry (ECMA-119 9.1): its extent and size, both in either order
    other = octets.index(b"text")
    extent, size = other // SECTOR, 5_000
    changed = bytearray(octets)
    changed[at + 2 : at + 18] = b"".join(one.to_bytes(4, order) for one in (extent, size) for order in ("little", "big"))
    names, defects = seen(bytes(changed))
    assert len(names) == 2
    assert Defect.CONTAINER_AMBIGUOUS in defects


def test_a_tree_that_has_other_files_than_that_of_udf_is_ambiguous() -> None:
    names, defects = seen(BRIDGE)
    assert names == [("evil.js",), ("README.TXT",)]
    assert defects == {Defect.CONTAINER_AMBIGUOUS}


def test_udf_that_cannot_be_read_beside_another_tree_is_ambiguous() -> None:
    octets = bytearray(BRIDGE)
    descriptors = BRIDGE.index(b"\0BEA01")
    octets[descriptors:descriptors] = (b"\2CD001\1".ljust(SECTOR, b"\0")) * 100  # those of ISO 9660 end with the one before
    octets[256 * SECTOR : 257 * SECTOR] = bytes(SECTOR)
    del octets[-SECTOR:]
    assert Defect.CONTAINER_AMBIGUOUS in seen(bytes(octets))[1]


def test_trees_are_read_within_the_budget() -> None:
    octets = disc(note_txt=b"text")
    at = octets.index(wide("note.txt")) - 33
    changed = bytearray(octets)
    changed[at + 10 : at + 18] = (300_000).to_bytes(4, "little") + (300_000).to_bytes(4, "big")
    assert Defect.CONTAINER_TOO_LARGE not in seen(bytes(changed))[1]
    assert Defect.CONTAINER_TOO_LARGE in seen(bytes(changed), Budget(container_octets=200_000))[1]
