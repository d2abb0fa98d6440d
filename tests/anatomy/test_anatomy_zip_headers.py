"""A ZIP describes each member twice, at the member and in the directory: what either description unpacks is identified."""

import io
import struct
import zipfile
import zlib

import pytest
from fakes.evasions.containers import archived, central_record, end_record, local_record, zip_of_two_minds
from fakes.evasions.judging import safety, screened
from fakes.odd_mail import NAME, PROGRAM, attached

from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action

FLAGS, METHOD, PACKED, SIZE = 6, 8, 18, 22  # offsets in a local header; the directory's lie two further on


@pytest.mark.parametrize("central", [False, True], ids=["local", "central"])
@pytest.mark.parametrize(
    ("at", "value"),
    [
        (FLAGS, b"\1"),
        (FLAGS, b"\x40"),
        (METHOD, b"\x63\0"),
        (METHOD, b"\0\0"),
        (METHOD, b"\x0c\0"),
        (PACKED, b"\5\0\0\0"),
        (SIZE, b"\5"),
    ],
    ids=["encrypted", "strongly encrypted", "AES", "stored", "bzip2", "packed size", "size"],
)
def test_each_header_is_believed_for_itself(central: bool, at: int, value: bytes) -> None:
    content = attached(zip_of_two_minds(NAME, PROGRAM, at + 2 * central, value, central=central), "a.zip")
    anatomy = Anatomy(content)
    assert PROGRAM in [one.octets() for one in anatomy.attachments if one.depth]
    assert Defect.CONTAINER_AMBIGUOUS in {one.defect for one in anatomy.all_defects()}
    assert screened(safety(), content).verdicts[0].action is Action.HOLD


def test_a_second_directory_is_believed_too() -> None:
    name = NAME.encode()
    local = local_record(name, PROGRAM)
    plain, locked = central_record(name, PROGRAM, 0), central_record(name, PROGRAM, 0, method=99, flags=1)
    for first, second in ((plain, locked), (locked, plain)):
        octets = local.replace(b"PK\3\4\x14\0\0", b"PK\3\4\x14\0\1", 1) + first + end_record(1, len(first), len(local))
        octets += second + end_record(1, len(second), len(octets))
        inside = [one for one in Anatomy(attached(octets, "a.zip")).attachments if one.depth]
        assert PROGRAM in [one.octets() for one in inside]
        assert any(one.is_locked for one in inside)


def test_a_member_without_sizes_at_its_head_is_ordinary() -> None:
    for flags in (b"\0", b"\x08"):  # some programs forget to say that the sizes come behind the data
        octets = zip_of_two_minds(NAME, PROGRAM, PACKED, b"\0" * 8, central=False)
        anatomy = Anatomy(attached(octets[:FLAGS] + flags + octets[FLAGS + 1 :], "a.zip"))
        assert [one.octets() for one in anatomy.attachments if one.depth] == [PROGRAM]
        assert not anatomy.all_defects()


def streamed(packed: bytes, described: tuple[int, int], behind: bytes = b"", descriptor: bytes = b"") -> bytes:
    """One member whose sizes stand behind its data (4.3.9), `described` otherwise, in the directory; `behind` both some junk."""
    head = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 8, 8, 0, 0, 0, 0, 0, len(NAME), 0) + NAME.encode()
    central = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 8, 8, 0, 0, 0, *described, len(NAME), 0, 0, 0, 0, 0, 0) + NAME.encode()
    octets = head + packed + (descriptor or struct.pack("<4s3L", b"PK\7\x08", 0, len(packed), len(PROGRAM))) + behind
    return octets + central + end_record(1, len(central), len(octets))


DEFLATED = zlib.compress(PROGRAM)[2:-4]
EMPTY = zlib.compress(b"")[2:-4]


@pytest.mark.parametrize("described", [(0, 0), (5, 5)], ids=["nothing", "a few octets"])
def test_what_a_stream_holds_beyond_its_directory_is_found(described: tuple[int, int]) -> None:
    content = attached(streamed(DEFLATED, described), "a.zip")
    anatomy = Anatomy(content)
    assert PROGRAM in [one.octets() for one in anatomy.attachments if one.depth]
    assert Defect.CONTAINER_AMBIGUOUS in {one.defect for one in anatomy.all_defects()}
    assert screened(safety(), content).verdicts[0].action is Action.HOLD


@pytest.mark.parametrize(
    "octets",
    [
        streamed(DEFLATED, (len(DEFLATED), len(PROGRAM))),
        streamed(DEFLATED, (len(DEFLATED), len(PROGRAM)), descriptor=bytes(range(12))),
        streamed(DEFLATED, (len(DEFLATED), len(PROGRAM)), descriptor=bytes(range(20))),
        streamed(DEFLATED, (len(DEFLATED), len(PROGRAM)), behind=b"APK Sig Block 42" * 9),
        streamed(DEFLATED, (len(DEFLATED), len(PROGRAM)), descriptor=bytes(range(12)), behind=b"APK Sig Block 42" * 9),
        streamed(EMPTY, (len(EMPTY), 0)),
        streamed(b"", (0, 0), descriptor=bytes(12)),
        streamed(b"", (0, 0), descriptor=bytes(20), behind=bytes(100)),
    ],
)
def test_ordinary_streams_are_not_ambiguous(octets: bytes) -> None:
    anatomy = Anatomy(attached(octets, "a.zip"))
    assert [one.octets() for one in anatomy.attachments if one.depth] in ([PROGRAM], [b""])
    assert Defect.CONTAINER_AMBIGUOUS not in {one.defect for one in anatomy.all_defects()}


@pytest.mark.parametrize("options", ["zip:zip64", "zip:zip64,zip:compression=store"])
def test_a_stream_with_wide_sizes_is_ordinary(options: str) -> None:
    """libarchive writes the size alone into the local header, and 0 for the packed one, which stands behind the data."""
    octets = archived("zip", NAME, PROGRAM, options)
    assert octets[PACKED:SIZE] == b"\xff" * 4
    anatomy = Anatomy(attached(octets, "a.zip"))
    assert [one.octets() for one in anatomy.attachments if one.depth] == [PROGRAM]
    assert not anatomy.all_defects()


def test_many_headers_that_differ_are_bounded() -> None:
    name = NAME.encode()
    octets = local_record(name, PROGRAM)
    size = len(octets)
    for method in range(60, 90):
        record = central_record(name, PROGRAM, 0, method=method)
        octets += record + end_record(1, len(record), size if method == 60 else len(octets))
    inside = [one for one in Anatomy(attached(octets, "a.zip")).attachments if one.depth]
    assert 1 < len(inside) <= 4


@pytest.mark.parametrize("wide", [False, True], ids=["last record", "zip64 record"])
def test_a_directory_that_points_into_another_member_is_listed(wide: bool) -> None:
    """Readers go by the last record, or by the zip64 record before it, and unpack what it points at."""
    filler = b"Quarterly figures. " * 5_000
    text = filler + local_record(NAME.encode(), PROGRAM) + filler
    octets = local_record(b"a.txt", text, method=0)
    within = len(octets) - len(text) + len(filler)
    shown, true = central_record(b"a.txt", text, 0, method=0), central_record(NAME.encode(), PROGRAM, within)
    first = len(octets)
    octets += shown + (b"" if wide else end_record(1, len(shown), first))
    second = len(octets)
    octets += true
    if wide:  # APPNOTE.TXT 4.3.14, 4.3.15
        octets += struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(true), second)
        octets += struct.pack("<4sLQL", b"PK\6\7", 0, second + len(true), 1) + end_record(1, len(shown), first)
    else:
        octets += end_record(1, len(true), second)
    with zipfile.ZipFile(io.BytesIO(octets)) as read:
        assert read.read(NAME) == PROGRAM
    anatomy = Anatomy(attached(octets, "a.zip"))
    assert {NAME, "a.txt"} <= {name for one in anatomy.attachments for name in one.names}
    assert Defect.CONTAINER_AMBIGUOUS in {one.defect for one in anatomy.all_defects()}
