"""The size of a file in a container is what comes out of it, not what the container says."""

import bz2
import gzip
import lzma
import random
import struct
import zipfile
import zlib

import pytest
from fakes.evasions.containers import streamed_zip, tarred, zipped
from fakes.evasions.judging import safety, screened
from fakes.odd_mail import NAME, PROGRAM, attached

from screener.anatomy.budget import Budget
from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action
from screener.policy.rulefile import compile_source
from screener.policy.ruleset import RuleSet
from screener.policy.source import Source

NOISE = random.Random(1).randbytes(300_000)
TAR = tarred((NAME, PROGRAM))
EVERY_FIELD = b"\x1f\x8b\x08\x1e" + bytes(6) + b"\2\0XXa.txt\0said\0"  # of gzip's header (RFC 1952 2.3), before its checksum


def asking(size: str) -> RuleSet:
    rule = f'rules: [{{name: a, when: {{attachment: {{depth: "> 0", size: "{size}"}}}}, then: hold}}]'
    return compile_source(Source.of((("rules/a.yaml", rule.encode()),))).ruleset


def saying(size: int, content: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP whose headers agree on a size."""
    packed = bytearray(zipped(("a.txt", content), method=method))
    struct.pack_into("<L", packed, 22, size)
    struct.pack_into("<L", packed, packed.rfind(b"PK\1\2") + 24, size)
    return bytes(packed)


def gzip_saying(size: int, content: bytes) -> bytes:
    return gzip.compress(content)[:-4] + struct.pack("<L", size)


@pytest.mark.parametrize(
    ("octets", "name", "size"),
    [
        (lzma.compress(NOISE), "a.txt.xz", len(NOISE)),
        (bz2.compress(NOISE), "a.txt.bz2", len(NOISE)),
        (lzma.compress(NOISE, lzma.FORMAT_ALONE), "a.txt.lzma", len(NOISE)),
        (lzma.compress(TAR), "x.tar.xz", len(TAR)),
        (bz2.compress(gzip.compress(NOISE)), "a.gz.bz2", len(gzip.compress(NOISE))),
        (gzip.compress(NOISE), "a.txt.gz", len(NOISE)),
        (gzip.compress(NOISE[:-10]) + gzip.compress(NOISE[-10:]), "a.txt.gz", len(NOISE)),
        (gzip.compress(NOISE) + b"\r\n" * 4, "a.txt.gz", len(NOISE)),
        (zipped(("a.txt", NOISE)), "a.zip", len(NOISE)),
        (zipped(("a.txt", NOISE), method=zipfile.ZIP_STORED), "a.zip", len(NOISE)),
        (streamed_zip(("a.txt", NOISE)), "a.zip", len(NOISE)),
    ],
)
def test_a_size_is_what_comes_out(octets: bytes, name: str, size: int) -> None:
    content = attached(octets, name)
    anatomy = Anatomy(content)
    assert next(one.size for one in anatomy.attachments if one.depth) == size
    assert not anatomy.all_defects()
    assert screened(asking(f"> {size - 1}"), content).verdicts[0].action is Action.HOLD
    assert screened(asking("< 100"), content).verdicts[0].action is Action.FORWARD


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("said", [0, 10, len(NOISE) - 1, len(NOISE) + 1, 400_000])
def test_a_zip_that_says_another_size_is_ambiguous(said: int, method: int) -> None:
    content = attached(saying(said, NOISE, method), "a.zip")
    anatomy = Anatomy(content)
    assert [one.size for one in anatomy.attachments if one.depth] == [len(NOISE)]
    assert Defect.CONTAINER_AMBIGUOUS in {one.defect for one in anatomy.all_defects()}


@pytest.mark.parametrize(
    "octets", [saying(10, NOISE), saying(0, NOISE), gzip_saying(10, NOISE[:300]), gzip_saying(0, NOISE[:300])], ids=range(4)
)
def test_a_size_that_is_a_lie_is_held(octets: bytes) -> None:
    content = attached(octets, "a.zip" if octets.startswith(b"PK") else "a.txt.gz")
    assert next(one.defect for one in Anatomy(content).all_defects()) is Defect.CONTAINER_AMBIGUOUS
    assert screened(safety(), content).verdicts[0].action is Action.HOLD


@pytest.mark.parametrize(
    ("octets", "name"),
    [
        (gzip_saying(10, NOISE), "a.txt.gz"),
        (gzip.compress(NOISE)[:-8] + bytes(8), "a.txt.gz"),
        (EVERY_FIELD + struct.pack("<L", zlib.crc32(EVERY_FIELD))[:2] + gzip.compress(NOISE)[10:-8] + bytes(8), "a.txt.gz"),
        (zlib.compress(NOISE)[:-4] + bytes(4), "a.z"),
    ],
    ids=["length", "checksum", "all fields", "zlib"],
)
def test_a_wrong_checksum_costs_nothing_of_what_stands_before_it(octets: bytes, name: str) -> None:
    assert [one.octets() == NOISE for one in Anatomy(attached(octets, name)).attachments if one.depth] == [True]


def test_where_the_budget_ends_it_is_at_least_what_is_said() -> None:
    budget = Budget(container_octets=100_000)
    for octets, name, least in ((zipped(("a.txt", NOISE)), "a.zip", len(NOISE)), (lzma.compress(NOISE), "a.txt.xz", 100_000)):
        anatomy = Anatomy(attached(octets, name), budget=budget)
        assert next(one.size for one in anatomy.attachments if one.depth) >= least
        assert Defect.CONTAINER_TOO_LARGE in {one.defect for one in anatomy.all_defects()}


def test_nothing_is_unpacked_that_no_rule_asks_for() -> None:
    """A picture in a ZIP that would be beyond the budget: its beginning says what it is."""
    picture = b"\x89PNG\r\n\x1a\n" + NOISE
    anatomy = Anatomy(attached(zipped(("a.png", picture)), "a.zip"), budget=Budget(container_octets=100_000))
    assert [one.type for one in anatomy.attachments if one.depth] == ["image/png"]
    assert [one.declared_size for one in anatomy.attachments if one.depth] == [len(picture)]
    assert not anatomy.all_defects()


def test_a_streamed_zip_that_is_cut_off_says_no_size() -> None:
    """Its sizes stand behind what is lost, so that nothing is another than said."""
    octets = streamed_zip(("a.txt", NOISE))[:200_000]
    defects = {one.defect for one in Anatomy(attached(octets, "a.zip")).all_defects()}
    assert defects == {Defect.CONTAINER_DAMAGED}
