"""Office documents are ZIPs: in a container that packs nothing they show from outside, and are but its files."""

import gzip
import io
import lzma
import random
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes.evasions import documents
from fakes.evasions.containers import archived, tarred, zipped
from fakes.evasions.judging import safety, screened
from fakes.odd_mail import NAME, PROGRAM, attached, tnef
from libarchive import file_writer

from screener.anatomy.budget import Budget
from screener.anatomy.containers import behind, zip_headers
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action

FIRST = documents.word("<w:p><w:r><w:t>first nightjar</w:t></w:r></w:p>")
SECOND = documents.sheet("<si><t>second owl</t></si>")
PARTS = [(one, zipfile.ZipFile(io.BytesIO(FIRST)).read(one)) for one in zipfile.ZipFile(io.BytesIO(FIRST)).namelist()]
PICTURE = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(range(256)) * 9
FILES = (("a.docx", FIRST), ("b.xlsx", SECOND))
# What is exported daily: ZIPs of one shape, which end with the same record.
DAILY = [(f"{day:02}.zip", zipped(("a.bin", random.Random(day).randbytes(300)), method=zipfile.ZIP_STORED)) for day in range(20)]
# The same, each with the same ZIP in front.
ANNEXED = [(f"{day:02}.docx", zipped(("a.zip", DAILY[0][1]), *PARTS, ("b", b"%02d" % day), method=0)) for day in range(20)]


def winmail(*files: tuple[str, bytes]) -> bytes:
    """Outlook's, with some files."""
    head = tnef(b"", b"")[: tnef(b"", b"").find(b"\2\2\x90")]
    return head + b"".join(tnef(name.encode(), content)[len(head) :] for name, content in files)


def written(form: str, options: str = "", packing: str | None = None) -> Callable[..., bytes]:
    """As libarchive writes them."""

    def write(*files: tuple[str, bytes]) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            with file_writer(f"{folder}/a", form, packing, options=options) as archive:
                for name, content in files:
                    archive.add_file_from_memory(name, len(content), content)
            return Path(folder, "a").read_bytes()

    return write


CONTAINERS: dict[str, tuple[str, Callable[..., bytes]]] = {
    "winmail": ("winmail.dat", winmail),
    "tar": ("a.tar", tarred),
    "cpio": ("a.cpio", written("cpio")),
    "iso": ("a.iso", written("iso9660")),
    "7z": ("a.7z", written("7zip", "compression=store")),
}


PACKED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gz": ("a.docx.gz", gzip.compress),
    "gz plain": ("a.docx.gz", lambda document: gzip.compress(document, 0)),
    "tgz": ("a.tgz", lambda document: gzip.compress(tarred(("a.docx", document), ("b.docx", FIRST)))),
    "txz": ("a.txz", lambda document: lzma.compress(tarred(("a.docx", document), ("b.docx", FIRST)))),
    "7z lzma2": ("a.7z", lambda document: written("7zip", "compression=lzma2")(("a.docx", document), ("b.docx", FIRST))),
    "7z deflate": ("a.7z", lambda document: written("7zip", "compression=deflate")(("a.docx", document))),
    "zst": ("a.tar.zst", lambda document: written("ustar", packing="zstd")(("a.docx", document))),
    "lz4": ("a.tar.lz4", lambda document: written("ustar", packing="lz4")(("a.docx", document))),
    "xar": ("a.xar", lambda document: written("xar")(("a.docx", document))),
}


TWIN = zipped(("good.txt", b"x" * len(PROGRAM)), method=zipfile.ZIP_STORED)
EVIL = zipped((NAME, PROGRAM), method=zipfile.ZIP_STORED)


def showing(pack: Callable[[bytes], bytes]) -> bytes:
    """A container with a document of a size at which some of it is left as it stands, what hardly packs; its end if that can be."""
    found = []
    for size in range(10_000, 60_000, 5_000):
        pictures = [(f"word/media/image{number}.png", random.Random(number).randbytes(size + 4 * number)) for number in range(6)]
        found += [pack(zipped(*PARTS, *pictures, method=method)) for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED)]
    shown = [packed for packed in found if b"PK\3\4" in packed]
    return max(shown, key=lambda packed: b"PK\5\6" in packed)


@pytest.mark.parametrize("kind", PACKED)
def test_documents_that_show_through_what_packs_are_its_files_and_nothing_more(kind: str) -> None:
    name, pack = PACKED[kind]
    packed = showing(pack)
    anatomy = Anatomy(attached(packed, name))
    assert not anatomy.all_defects()
    assert screened(safety(), attached(packed, name)).verdicts[0].action is Action.FORWARD
    assert any("first nightjar" in text.text for text in anatomy.attachment_texts)
    assert NAME in names(Anatomy(attached(packed + zipped((NAME, PROGRAM)), name)))


@pytest.mark.parametrize("name", ["a", "a.gz", "a.dat", "a.cbz", "a.war", "a.kmz"])
def test_a_zip_behind_what_is_packed_is_opened_though_a_file_in_it_ends_alike(name: str) -> None:
    assert TWIN[-22:] == EVIL[-22:]
    assert NAME in names(Anatomy(attached(gzip.compress(TWIN) + EVIL, name)))
    behind_decoy = zipped(("good.txt", b""), ("PK\5\6.txt", b""))
    assert NAME in names(Anatomy(attached(gzip.compress(TWIN + behind_decoy) + EVIL, name)))


def test_a_zip_behind_what_is_packed_is_opened_where_a_part_of_it_is_damaged() -> None:
    evil = zipped((NAME, PROGRAM), ("other.txt", b"y" * 99), method=zipfile.ZIP_STORED).replace(b"y" * 99, b"z" * 99)
    twin = zipped(("good.txt", PROGRAM), ("other.txt", b"y" * 99), method=zipfile.ZIP_STORED)
    assert NAME in names(Anatomy(attached(gzip.compress(twin) + evil, "a.gz")))


def test_what_is_declared_a_zip_is_opened_as_one() -> None:
    files = ("a.bin", random.Random(1).randbytes(90_000)), ("b.txt", b"x" * 99)  # more than a block, which is what stays whole
    content = attached(gzip.compress(zipped(*files, method=zipfile.ZIP_STORED), 0), "a")
    assert not Anatomy(content).all_defects()
    assert Defect.CONTAINER_DAMAGED in {one.defect for one in Anatomy(content.replace(b"octet-stream", b"zip")).all_defects()}


def names(anatomy: Anatomy) -> list[str]:
    """Every file's, in order."""
    return [one.names[0] for one in anatomy.attachments if one.names]


@pytest.mark.parametrize("kind", CONTAINERS)
@pytest.mark.parametrize(
    "files",
    [FILES, (*FILES, ("c.jpg", PICTURE)), (("c.jpg", PICTURE), *FILES), (*FILES, ("d.docx", FIRST), ("e.xlsx", SECOND)), ANNEXED],
    ids=["two", "before", "behind", "twice", "alike"],
)
def test_documents_in_a_container_are_its_files_and_nothing_more(kind: str, files: tuple[tuple[str, bytes], ...]) -> None:
    name, pack = CONTAINERS[kind]
    content = attached(pack(*files), name)
    anatomy = Anatomy(content)
    assert Defect.CONTAINER_AMBIGUOUS not in {one.defect for one in anatomy.all_defects()}
    assert sorted(one.names[0] for one in anatomy.attachments if one.depth < 2) == sorted([name, *(called for called, _ in files)])
    assert any("first nightjar" in text.text for text in anatomy.attachment_texts)
    if kind != "iso":
        assert screened(safety(), content).verdicts[0].action is Action.FORWARD


@pytest.mark.parametrize("kind", CONTAINERS)
@pytest.mark.parametrize(
    "files", [DAILY, DAILY[::-1], DAILY[:1] * 9, [*DAILY, *FILES]], ids=["20", "from the end", "one", "and others"]
)
def test_zips_of_one_shape_in_a_container_are_its_files_and_nothing_more(kind: str, files: list[tuple[str, bytes]]) -> None:
    name, pack = CONTAINERS[kind]
    packed = pack(*((f"{number}{called}", octets) for number, (called, octets) in enumerate(files)))
    assert not Anatomy(attached(packed, name)).all_defects()
    assert behind.are_files(packed, [octets for _, octets in sorted(files)], Ledger(Budget(), len(packed)))
    evil = zipped(("a.bin", random.Random(99).randbytes(300)), method=zipfile.ZIP_STORED)
    hidden = packed.replace(DAILY[0][1], evil)
    assert hidden != packed
    assert not behind.are_files(hidden, [octets for _, octets in files], Ledger(Budget(), len(packed)))


@pytest.mark.parametrize("kind", ["winmail", "tar"])
@pytest.mark.parametrize(
    "bend",
    [
        lambda packed: packed + zipped((NAME, PROGRAM)),
        lambda packed: packed[: -len(PROGRAM)] + zipped((NAME, PROGRAM)),
        lambda packed: packed.replace(PICTURE[-900:], zipped((NAME, PROGRAM), method=0)[:900].ljust(900, b"\0")),
    ],
    ids=["behind", "at the end", "a member between"],
)
def test_a_zip_that_is_no_file_of_the_container_is_opened(kind: str, bend: Callable[[bytes], bytes]) -> None:
    name, pack = CONTAINERS[kind]
    files = (*FILES, ("c.jpg", PICTURE))
    packed = bend(pack(*files))
    assert packed != pack(*files)
    assert not behind.are_files(packed, [octets for _, octets in files], Ledger(Budget(), len(packed)))
    assert NAME in names(Anatomy(attached(packed, name)))


def test_a_picture_with_a_zip_behind_it_is_opened_as_both_in_a_container_too() -> None:
    files = (*FILES, ("c.jpg", PICTURE * 40 + zipped((NAME, PROGRAM))))
    assert NAME in names(Anatomy(attached(tarred(*files), "a.tar")))


HIDDEN = zipped((NAME, PROGRAM), method=zipfile.ZIP_STORED)
LOCAL, ENTRY = HIDDEN[: HIDDEN.find(b"PK\1\2")], HIDDEN[HIDDEN.find(b"PK\1\2") : HIDDEN.find(b"PK\5\6")]


def with_extra(extra: bytes, **end: int) -> bytes:
    """A ZIP of one text with this in an extra field of its member, and numbers of its last record otherwise than they are."""
    data = b"x" * 40
    field = struct.pack("<HH", 0xCAFE, len(extra)) + extra
    numbers = struct.pack("<5HLLLHH", 10, 0, 0, 0, 0x21, zlib.crc32(data), len(data), len(data), 5, len(field))
    member = b"PK\3\4" + numbers + b"a.txt" + field + data
    comment = end.pop("comment", 0)
    numbers = struct.pack("<6HLLL5HLL", 10, 10, 0, 0, 0, 0x21, zlib.crc32(data), len(data), len(data), 5, 0, comment, 0, 0, 0, 0)
    directory = b"PK\1\2" + numbers + b"a.txt"
    about = {"size": len(directory), "where": len(member), **end}
    return member + directory + b"PK\5\6" + struct.pack("<4HLLH", 0, 0, 1, 1, about["size"], about["where"], 0)


def pointing(entry: bytes, offset: int) -> bytes:
    """An entry of a directory whose member stands there."""
    return entry[:42] + struct.pack("<L", offset) + entry[46:]


def before_the_file() -> bytes:
    """The directory that is found by its size stands in another file, which is a text."""
    files = ("a.txt", pointing(ENTRY, 99_999)), ("b.docx", with_extra(LOCAL))
    packed = tarred(*files)
    away = packed.find(b"PK\5\6") - packed.find(ENTRY[:4])
    shift = packed.find(ENTRY[:4]) - files[1][1].find(b"PK\1\2")  # as the record says where it is
    entry = pointing(ENTRY, packed.find(LOCAL) - shift)
    return tarred(("a.txt", entry), ("b.docx", with_extra(LOCAL, size=away)))


def by_its_offset() -> bytes:
    """The directory stands in the file, where its offset leads from the beginning of the tar."""
    files = ("a.txt", b"x"), ("b.docx", with_extra(LOCAL + ENTRY))
    packed = tarred(*files)
    entry = pointing(ENTRY, packed.find(LOCAL))
    return tarred(files[0], ("b.docx", with_extra(LOCAL + entry, where=packed.find(ENTRY[:30]))))


def data_past_its_end() -> bytes:
    """A member of the file stands in the next one."""
    first, second = with_extra(b""), with_extra(LOCAL)
    packed = tarred(("a.docx", first), ("b.docx", second))
    entry = pointing(ENTRY, packed.find(LOCAL) - packed.find(b"PK\3\4"))
    end = first[first.find(b"PK\5\6") :]
    both = struct.pack("<HHLLH", 2, 2, len(first) - 22 - first.find(b"PK\1\2") + len(entry), first.find(b"PK\1\2"), 0)
    grown = first[: -len(end)] + entry + end[:8] + both
    assert len(grown) < 512
    return tarred(("a.docx", grown), ("b.docx", second))


def over_its_end() -> bytes:
    """The directory goes on in the next file, past the end of its own."""
    second = with_extra(LOCAL + ENTRY)
    packed = tarred(("a.docx", with_extra(b"")), ("b.docx", second))
    shift = packed.find(b"PK\3\4")
    entry = pointing(ENTRY, packed.find(LOCAL) - shift)
    comment = packed.find(ENTRY[:30]) - packed.find(b"PK\5\6")
    return tarred(("a.docx", with_extra(b"", comment=comment)), ("b.docx", with_extra(LOCAL + entry)))


@pytest.mark.parametrize("forge", [before_the_file, by_its_offset, data_past_its_end, over_its_end])
def test_a_directory_that_says_more_of_a_container_than_of_its_file_is_followed(forge: Callable[[], bytes]) -> None:
    packed = forge()
    assert NAME in [entry.name.decode() for _, entries in zip_headers.directories(packed, 100) for entry in entries]
    for name in ("a.zip", "a.tar"):
        assert NAME in names(Anatomy(attached(packed, name))), name


def test_a_member_that_goes_on_behind_its_file_is_read_on() -> None:
    cut = zipped(("a.js", b"x" * 3000), method=zipfile.ZIP_STORED)
    data = cut.find(b"x" * 99)
    cut = cut[: data + 10] + cut[data + 3000 :]
    end = cut[:-6] + struct.pack("<LH", cut.find(b"PK\1\2"), 0)
    anatomy = Anatomy(attached(tarred(("a.docx", end), ("b.txt", PROGRAM)), "a.zip"))
    assert any(one.names[0] == "a.js" and PROGRAM in one.octets() for one in anatomy.attachments)


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("a.zip", lambda name, content: zipped((name, content), method=zipfile.ZIP_STORED)),
        ("a.7z", lambda name, content: archived("7zip", name, content, "compression=lzma2")),
        ("winmail.dat", lambda name, content: tnef(name.encode(), content)),
    ],
    ids=["zip", "7z", "winmail"],
)
def test_a_zip_far_behind_a_picture_is_opened_in_a_container_too(name: str, pack: Callable[[str, bytes], bytes]) -> None:
    content = PICTURE * 40 + zipped((NAME, PROGRAM))
    assert NAME in names(Anatomy(attached(pack("b.jpg", content), name)))
