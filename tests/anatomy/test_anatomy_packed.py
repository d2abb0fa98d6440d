"""Archives and packed files of rare kinds: opened where they can be, told where they cannot, by content and by name."""

import base64
import bz2
import lzma
import random
import zlib

import pytest
from fakes.evasions.containers import rar4, rar5, tarred, zipped
from fakes.evasions.judging import safety, screened
from fakes.odd_mail import NAME, PROGRAM, attached

from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action

NOISE = random.Random(1).randbytes(3_000)
TAR, SMALL_TAR = tarred((NAME, PROGRAM)), tarred(("a.txt", b""))
UNKNOWN = (
    "lzma tlz lz zst tzst lz4 z taz zz lzh lha arj cpio xar zipx alz egg zoo sit tbz tbz2 txz bz2 xz gz tar.lz "
    "arc zpaq br squashfs wim esd swm cba cbr cbz cb7 cbt war ear kmz nupkg whl nrg daa uif isz bz lzo hqx uu mim b64 "
    "iso udf xip deb dmg qcow2 rpm vdi vhd vhdx vmdk bhx"
)
RAR4_FLAGS, RAR5_FLAGS = 10, 15  # offsets in the main header


def alone(**parameters: int) -> bytes:
    return lzma.compress(PROGRAM, lzma.FORMAT_ALONE, filters=[{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 20, **parameters}])


def old(tar: bytes) -> bytes:
    """A tar of before 1988, without "ustar"."""
    head = bytearray(tar[:512])
    head[257:345] = bytes(88)
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head) + tar[512:]


MORE = [b"SZDD\x88\xf0\x27\x33A\0", b"KWAJ\x88\xf0\x27\xd1\0\0", b"\x89LZO\0\r\n\x1a\n"]
IMAGES = [
    b"QFI\xfb\0\0\0\2",
    b"\xed\xab\xee\xdb\3\0",
    bytes(64) + b"\x7f\x10\xda\xbe",
    b"hsqs\x01\0\0\0",
    b"ArC\1",
    b"DAA\0\0\0\0\0",
    b"IsZ!\x40\0",
    b"\0" + b"\xff" * 10 + b"\0\0\2\0\1",
]


def zstandard(content: bytes) -> bytes:
    """One frame with one raw block (RFC 8878 3.1.1)."""
    return (
        b"\x28\xb5\x2f\xfd\x60"
        + (len(content) - 256).to_bytes(2, "little")
        + (len(content) << 3 | 1).to_bytes(3, "little")
        + content
    )


def defects(octets: bytes, name: str) -> set[Defect]:
    return {one.defect for one in Anatomy(attached(octets, name)).all_defects()}


@pytest.mark.parametrize(
    ("octets", "name"),
    [
        (alone(), "a.lzma"),
        (alone(lc=0, lp=2, pb=0), "a.lzma"),
        (alone(lc=0, lp=2, pb=0), "a.dat"),
        (alone(lc=4, lp=0, pb=4), "a.dat"),
        (zlib.compress(PROGRAM), "a.z"),
        (zlib.compress(PROGRAM, 1), "a.dat"),
        (bz2.compress(TAR), "a.tbz2"),
        (lzma.compress(TAR), "a.txz"),
        (lzma.compress(TAR, lzma.FORMAT_ALONE), "a.tlz"),
        (old(TAR), "a.dat"),
        (zlib.compress(old(TAR)), "a.dat"),
        (SMALL_TAR + TAR, "a.tar"),
        (SMALL_TAR + NOISE[:512] + TAR, "a.tar"),
    ],
)
def test_a_program_in_it_is_found(octets: bytes, name: str) -> None:
    assert PROGRAM in [one.octets() for one in Anatomy(attached(octets, name)).attachments if one.depth]


@pytest.mark.parametrize("extension", UNKNOWN.split())
def test_what_is_called_so_and_cannot_be_opened_is_held(extension: str) -> None:
    content = attached(NOISE, f"a.{extension}")
    assert {Defect.CONTAINER_DAMAGED, Defect.CONTAINER_METHOD} & {one.defect for one in Anatomy(content).all_defects()}
    assert screened(safety(), content).verdicts[0].action is Action.HOLD


@pytest.mark.parametrize(
    "octets", [b"EGGA\0\1", b"ALZ\1", b"SIT!......rLau", bytes(20) + b"\xdc\xa7\xc4\xfd", b"\x60\xea\x2c\0", *IMAGES, *MORE]
)
def test_what_nothing_here_opens_is_told_by_its_content(octets: bytes) -> None:
    assert defects(octets + NOISE, "a.dat") == {Defect.CONTAINER_METHOD}


@pytest.mark.parametrize("mark", [b"\x50", b"\x5f"])
def test_what_begins_with_a_frame_that_is_passed_over_is_opened_or_told(mark: bytes) -> None:
    frame = mark + b"\x2a\x4d\x18\4\0\0\0abcd"
    anatomy = Anatomy(attached(frame + zstandard(PROGRAM), "a.dat"))
    assert PROGRAM in [one.octets() for one in anatomy.attachments] or anatomy.all_defects()
    assert defects(b"\x02\x21\x4c\x18" + NOISE, "a.dat")


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("line", [b"\n", b"\r\n", b""])
@pytest.mark.parametrize("armour", [b"", b"-----BEGIN CERTIFICATE-----\n", b"Content-Transfer-Encoding: base64\r\n\r\n"])
def test_what_is_called_base64_is_decoded(armour: bytes, line: bytes, nested: bool) -> None:
    octets = armour + base64.encodebytes(PROGRAM).replace(b"\n", line)
    content = attached(zipped(("evil.exe.b64", octets)), "a.zip") if nested else attached(octets, "evil.exe.b64")
    found = [one for one in Anatomy(content).attachments if one.octets() == PROGRAM]
    assert found
    assert found[-1].names in (("evil.exe",), ("unnamed.exe",))


def test_a_certificate_or_a_text_in_base64_says_nothing() -> None:
    assert defects(base64.encodebytes(NOISE), "a.b64") == set()
    assert defects(b"begin-base64 644 a.txt\n" + base64.encodebytes(b"hello") + b"====\n", "a.b64") == {Defect.UUENCODED_BLOCK}


HOW_TO = b"Run: base64 -d < file.b64 > file\nThen look at what is in it; padding is done with = at the end.\n"
TOKEN = base64.urlsafe_b64encode(NOISE[:600]).rstrip(b"=")


@pytest.mark.parametrize(
    "octets", [HOW_TO, HOW_TO * 50, TOKEN, TOKEN + b"\n", TOKEN + b"." + TOKEN, base64.urlsafe_b64encode(NOISE)[:301], b"notes\n"]
)
def test_a_text_or_a_token_called_so_says_nothing(octets: bytes) -> None:
    assert defects(octets, "a.b64") == set()


@pytest.mark.parametrize(
    "octets",
    [
        base64.urlsafe_b64encode(PROGRAM + NOISE),
        base64.urlsafe_b64encode(PROGRAM + NOISE).rstrip(b"=") + b"\n",
        b"! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! " + base64.b64encode(PROGRAM)[:200],
    ],
)
def test_what_some_programs_decode_is_found(octets: bytes) -> None:
    found = [one for one in Anatomy(attached(octets, "evil.exe.b64")).attachments if one.octets()[:100] == PROGRAM[:100]]
    assert found[0].type == "application/x-dosexec"


@pytest.mark.parametrize("octets", [SMALL_TAR, SMALL_TAR + bytes(9_000), SMALL_TAR + b"\r\n"])
def test_an_ordinary_tar_says_nothing(octets: bytes) -> None:
    assert defects(octets, "a.tar") == set()


def test_a_second_tar_is_told() -> None:
    assert defects(SMALL_TAR + TAR, "a.tar") == {Defect.CONTAINER_AMBIGUOUS}


def flagged(rar: bytes, at: int) -> bytes:
    return rar[:at] + bytes((rar[at] | 1,)) + rar[at + 1 :]


@pytest.mark.parametrize(
    ("octets", "name"),
    [
        (b"7", "a.7z.001"),
        (NOISE, "a.7z.002"),
        (b"hello", "a.zip.017"),
        (zipped(("a.txt", b"x")), "a.zip.002"),
        (NOISE, "a.exe.001"),
        (NOISE, "a.001"),
        (NOISE, "a.r00"),
        (NOISE, "a.z01"),
        (flagged(rar4("a.txt", b"x"), RAR4_FLAGS), "a.part1.rar"),
        (flagged(rar5("a.txt", b"x"), RAR5_FLAGS), "a.rar"),
    ],
)
def test_a_piece_of_an_archive_is_held(octets: bytes, name: str) -> None:
    assert Defect.CONTAINER_VOLUME in defects(octets, name)
    assert screened(safety(), attached(octets, name)).verdicts[0].action is Action.HOLD


@pytest.mark.parametrize(
    ("octets", "name"),
    [
        (zipped(("a.txt", b"x")), "a.zip.001"),
        (rar4("a.txt", b"x"), "a.rar"),
        (rar5("a.txt", b"x"), "a.part1.rar"),
        (b"hello there", "a.001"),
        (b"%PDF-1.4", "drawing.r01"),
        (NOISE, "31.12.2024"),
        (b"hello", "a.gz"),
        (b"SIT! STAY!\n", "a.dat"),
        (b"x^2 + y^2 = z^2\n", "a.dat"),
        (b"XG, hC and 8O\n", "a.dat"),
    ],
)
def test_what_only_looks_like_one_passes(octets: bytes, name: str) -> None:
    assert defects(octets, name) == set()


BEGINNINGS = [
    alone(),
    zlib.compress(PROGRAM),
    old(TAR),
    rar4("a", b"x"),
    rar5("a", b"x"),
    bz2.compress(b"x"),
    lzma.compress(b"x"),
]


@pytest.mark.parametrize("octets", BEGINNINGS, ids=range(len(BEGINNINGS)))
@pytest.mark.parametrize("name", ["a.dat", "a.rar", "a.lzma", "a.r00"])
def test_however_short_it_is_nothing_raises(octets: bytes, name: str) -> None:
    for size in (*range(1, 40), 155, 156, 500, 511, 512, 513):
        defects(octets[:size], name)
