"""Packed data that are damaged: what comes out before that is judged as the programs show it, and the damage is told."""

import bz2
import gzip
import lzma
import random
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import libarchive
import pytest
from fakes.evasions.containers import archived, tarred, zipped
from fakes.evasions.judging import safety, screened
from fakes.odd_mail import NAME, PROGRAM, attached

from screener.anatomy.containers import unpacking
from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action

TAR = tarred((NAME, PROGRAM))
NOISE = random.Random(1).randbytes(300_000)
PACKED: dict[str, tuple[Callable[[bytes], bytes], int]] = {  # and how many octets at the end are checksums
    "a.tgz": (gzip.compress, 8),
    "a.tbz2": (lambda octets: bz2.compress(octets, 1), 4),
    "a.txz": (lzma.compress, 28),
    "a.zz": (zlib.compress, 4),
}


def flipped(octets: bytes, at: int) -> bytes:
    at %= len(octets)
    return octets[:at] + bytes((octets[at] ^ 1,)) + octets[at + 1 :]


def defects(anatomy: Anatomy) -> set[Defect]:
    return {one.defect for one in anatomy.all_defects()}


@pytest.mark.parametrize("name", PACKED)
def test_a_wrong_checksum_hides_nothing(name: str) -> None:
    pack, checksums = PACKED[name]
    for at in range(2, checksums + 1):  # the last bits of bzip2 are none of its own
        mail = attached(flipped(pack(TAR), -at), name)
        anatomy = Anatomy(mail)
        assert any(NAME in one.names and one.octets() == PROGRAM for one in anatomy.attachments), at
        assert {Defect.CONTAINER_DAMAGED, Defect.CONTAINER_AMBIGUOUS} & defects(anatomy), at
        assert screened(safety(), mail).verdicts[0].action is Action.HOLD


@pytest.mark.parametrize("name", PACKED)
def test_what_stands_before_the_damage_is_kept(name: str) -> None:
    packed = PACKED[name][0](TAR + NOISE)
    for octets in (packed[:200_000], packed[:200_000] + bytes(60_000) + packed[-40_000:]):
        anatomy = Anatomy(attached(octets, name))
        inner = next(one for one in anatomy.attachments if one.depth == 1)
        assert (TAR + NOISE).startswith(inner.octets()[:95_000])
        assert len(inner.octets()) > 95_000
        assert Defect.CONTAINER_DAMAGED in defects(anatomy)


@pytest.mark.parametrize(
    "octets", [lzma.compress(TAR)[:40], bz2.compress(TAR)[:200], bz2.compress(TAR)[:10], gzip.compress(TAR)[:12]]
)
def test_where_nothing_comes_out_that_is_told(octets: bytes) -> None:
    assert defects(Anatomy(attached(octets, "a.dat"))) == {Defect.CONTAINER_DAMAGED}


def test_a_lack_of_memory_is_no_damage() -> None:
    tried = []

    class Lacking:
        eof, unused_data = False, b""

        def decompress(self, data: bytes | memoryview, max_length: int, /) -> bytes:
            tried.append(data)
            raise MemoryError

    with pytest.raises(MemoryError):
        unpacking.stream(Lacking, b"x" * 99, 0, 99)
    assert len(tried) == 1  # and not again, octet by octet


def test_a_lack_of_memory_is_met_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def lacking(packed: bytes, method: int, limit: int) -> unpacking.Unpacked:
        tried.append(limit)
        raise MemoryError

    monkeypatch.setattr(unpacking, "unpack", lacking)
    with pytest.raises(MemoryError):
        screened(safety(), attached(zipped((NAME, PROGRAM)), "a.zip"))
    assert len(tried) == 1  # not by every rule that asks


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
@pytest.mark.parametrize("size", [None, 0, len(TAR)])
def test_a_member_of_a_zip_is_kept_up_to_its_damage(method: int, size: int | None) -> None:
    """Whatever size it says: bzip2 is checked behind what comes out, and deflated data may end in what is none."""
    octets = bytearray(zipped(("a.tar", TAR), method=method))
    central = octets.rfind(b"PK\1\2")
    for at, field in ((22, 0), (central + 24, 0)):
        if size is not None:
            struct.pack_into("<L", octets, at + field, size)
    octets[central - 1] ^= 1
    octets[central - 2] ^= 0xFF
    mail = attached(bytes(octets), "a.zip")
    anatomy = Anatomy(mail)
    assert any(NAME in one.names and one.octets() == PROGRAM for one in anatomy.attachments)
    assert {Defect.CONTAINER_DAMAGED, Defect.CONTAINER_AMBIGUOUS} & defects(anatomy)
    assert screened(safety(), mail).verdicts[0].action is Action.HOLD


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress], ids=["gzip", "bzip2", "xz"])
@pytest.mark.parametrize("behind", [b"", bytes(512), b"\r\n", b"garbage\n"])
def test_files_of_many_streams_are_one(pack: Callable[[bytes], bytes], behind: bytes) -> None:
    lines = [b"line %d\n" % number for number in range(300)]
    anatomy = Anatomy(attached(b"".join(map(pack, lines)) + behind, "a.log.dat"))
    assert anatomy.attachments[-1].octets() == b"".join(lines)
    assert not anatomy.all_defects()


def test_streams_beyond_the_limit_are_told() -> None:
    anatomy = Anatomy(attached(gzip.compress(b"") * 11_000, "a.gz"))
    _ = anatomy.attachments[-1].octets()
    assert defects(anatomy) == {Defect.CONTAINER_TOO_MANY_MEMBERS}


@pytest.mark.parametrize("limit", [0, 1, 1023, 1024, 1025, 65_536, 300_000, 400_000])
@pytest.mark.parametrize("damage", [0, 1])
def test_as_many_octets_as_asked(limit: int, damage: int) -> None:
    octets = flipped(zlib.compress(NOISE), -1) if damage else zlib.compress(NOISE)
    found = unpacking.stream(zlib.decompressobj, octets, 0, limit)
    assert found.content == NOISE[:limit]
    assert bool(found.damage) == (damage == 1 and limit > len(NOISE))


@pytest.mark.parametrize(
    ("form", "options", "cut"),
    [("7zip", "7zip:compression=store", 0), ("7zip", "7zip:compression=deflate", 0), ("cpio_newc", "", 500), ("ustar", "", 2_000)],
)
def test_a_member_that_libarchive_gives_in_part_is_kept(form: str, options: str, cut: int) -> None:
    packed = archived(form, "a.tar", TAR + NOISE, options)
    octets = packed[:-cut] if cut else packed.replace(NOISE[-5_000:], bytes(5_000)).replace(NOISE[200_000:200_100], bytes(100))
    assert octets != packed
    mail = attached(octets, "a.dat")
    anatomy = Anatomy(mail)
    assert any(NAME in one.names and one.octets() == PROGRAM for one in anatomy.attachments)
    assert Defect.CONTAINER_DAMAGED in defects(anatomy)
    assert screened(safety(), mail).verdicts[0].action is Action.HOLD


def test_members_of_a_xar_have_their_own_octets() -> None:
    """libarchive gives as many NULs behind each as came out before it."""
    files = {"a.txt": b"a" * 600, "b.txt": b"b" * 20, "c.txt": b"c" * 40 + bytes(5), "d.txt": b""}
    assert {one.names[0]: one.octets() for one in Anatomy(attached(xar(files), "a.xar")).attachments[1:]} == files


def xar(files: dict[str, bytes]) -> bytes:
    """A xar as libarchive writes it."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "a")
        with libarchive.file_writer(path, "xar") as archive:
            for name, content in files.items():
                archive.add_file_from_memory(name, len(content), content)
        return Path(path).read_bytes()
