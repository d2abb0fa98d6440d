"""Names and octets in archives that one program shows and another does not."""

import io
import struct
import tarfile
import zlib

import pytest
from fakes.evasions.containers import tnef
from fakes.odd_mail import attached

from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy

SCRIPT = b"new ActiveXObject('x');\n"


def seen(octets: bytes, name: str) -> tuple[list[tuple[str, ...]], set[Defect]]:
    anatomy = Anatomy(attached(octets, name))
    return [one.names for one in anatomy.attachments if one.depth], {one.defect for one in anatomy.all_defects()}


def tar_header(name: bytes, kind: bytes, content: bytes) -> bytes:
    info = tarfile.TarInfo(name.decode("latin-1"))
    info.type, info.size = kind, len(content)
    return info.tobuf(tarfile.USTAR_FORMAT, "latin-1", "strict") + content + bytes(-len(content) % 512)


def pax(kind: bytes, path: bytes) -> bytes:
    record = b" path=" + path + b"\n"
    length = len(record) + 2
    return tar_header(b"pax", kind, b"%d" % length + record)


def long(path: bytes) -> bytes:
    return tar_header(b"././@LongLink", b"L", path + b"\0")


@pytest.mark.parametrize(
    "before",
    [
        long(b"b.txt") + pax(b"x", b"a.js"),
        pax(b"x", b"a.js") + pax(b"x", b"b.txt"),
        pax(b"g", b"a.js"),
        tar_header(b"z.txt", b"0", b"x") + pax(b"g", b"a.js") + tar_header(b"y.txt", b"0", b"x"),
    ],
)
def test_a_tar_that_calls_a_member_twice(before: bytes) -> None:
    octets = before + tar_header(b"b.txt", b"0", SCRIPT) + bytes(1024)
    names, defects = seen(octets, "a.tar")
    assert "a.js" in names[-1]
    assert Defect.CONTAINER_AMBIGUOUS in defects


@pytest.mark.parametrize("kind", [b"x", b"X", b"g"])
@pytest.mark.parametrize(
    "record",
    [
        b"17  path=evil.js\n",
        b"17\tpath=evil.js\n",
        b"18 \tpath=evil.js\n",
        b" 17 path=evil.js\n",
        b"17 path=evil\n.js\n",
        b"99 path=evil.js\n",
        b"12 comment=x\n17 path=evil.js\n",
        b"27 GNU.sparse.name=evil.js\n",
        b"28  GNU.sparse.name=evil.js\n",
    ],
)
def test_a_name_in_a_record_of_pax_that_is_odd(record: bytes, kind: bytes) -> None:
    """GNU tar and Python's tarfile take these, libarchive does not."""
    before = tar_header(b"z.txt", b"0", b"x") + tar_header(b"pax", kind, record)
    names, defects = seen(before + tar_header(b"note.txt", b"0", SCRIPT) + bytes(1024), "a.tar")
    assert any(one.endswith(".js") for one in names[-1])
    assert Defect.CONTAINER_AMBIGUOUS in defects


@pytest.mark.parametrize("header", [pax(b"x", b"b.txt"), long(b"b.txt")])
@pytest.mark.parametrize("count", [7, 8, 16, 17, 24])
def test_a_tar_with_many_headers_about_a_member(header: bytes, count: int) -> None:
    """What stands behind them all is what programs that know none of them go by."""
    _, defects = seen(header * count + tar_header(b"a.js", b"0", SCRIPT) + bytes(1024), "a.tar")
    assert Defect.CONTAINER_AMBIGUOUS in defects


def test_a_tar_with_many_names_for_all_its_members() -> None:
    """A few are looked at for each: all of them took thirteen seconds for a mail of 62 KB."""
    paths = (b" path=b%07d.a%07d\n" % (number, number) for number in range(20_000))
    names_for_all = b"".join(b"%d" % (len(path) + 2) + path for path in paths)
    members = tar_header(b"n.txt", b"0", b"") * 5
    names, defects = seen(tar_header(b"g", b"g", names_for_all) + members + bytes(1024), "a.tar")
    assert Defect.CONTAINER_AMBIGUOUS in defects
    assert {len(one) for one in names} == {17}


@pytest.mark.parametrize("record", [b"path=a%d.e%d\n", b"16 path=a%d.e%d\n"])
def test_a_tar_with_many_names_for_one_member(record: bytes) -> None:
    before = tar_header(b"pax", b"x", b"".join(record % (number, number) for number in range(1_000, 2_000)))
    names, defects = seen(before + tar_header(b"n.txt", b"0", b"") + bytes(1024), "a.tar")
    assert Defect.CONTAINER_AMBIGUOUS in defects
    assert len(names[-1]) <= 18


def test_a_tar_with_a_name_far_behind_in_a_header() -> None:
    record = b"24 comment=" + b"x" * 12 + b"\n"
    path = tar_header(b"pax", b"x", record * 10_000 + b"13 path=a.js\n")
    _, defects = seen(path + pax(b"x", b"b.txt") + tar_header(b"b.txt", b"0", SCRIPT) + bytes(1024), "a.tar")
    assert Defect.CONTAINER_AMBIGUOUS in defects


def test_a_folder_of_gnu_with_octets_is_a_file_to_others() -> None:
    _, defects = seen(tar_header(b"a.js", b"D", SCRIPT) + bytes(1024), "a.tar")
    assert Defect.CONTAINER_AMBIGUOUS in defects


def record(key: bytes, value: bytes) -> bytes:
    rest = b" " + key + b"=" + value + b"\n"
    return b"%d" % (len(rest) + 2) + rest


@pytest.mark.parametrize(
    "octets",
    [
        tar_header(b"a.zip", b"A", SCRIPT)
        + tar_header(b"b.zip", b"0", b"x"),  # libarchive passes over it, 7-Zip and GNU tar do not
        tar_header(b"pax", b"x", record(b"mtime", b"1.5")) + tar_header(b"a.zip", b"A", SCRIPT) + tar_header(b"b.zip", b"0", b"x"),
        long(b"a.js") + tar_header(b"a", b"D", SCRIPT),  # a folder's list to GNU tar, a file to Python
        tar_header(b"g", b"g", record(b"size", b"512"))
        + tar_header(b"n.txt", b"0", bytes(512) + tar_header(b"a.js", b"0", SCRIPT)),
        tar_header(b"x", b"x", record(b"GNU.sparse.size", b"512"))
        + tar_header(b"n.txt", b"0", bytes(512) + tar_header(b"a.js", b"0", SCRIPT)),
        tar_header(b"n.txt", b"1", tar_header(b"a.js", b"0", SCRIPT)),  # a link has no octets to some
        tar_header(b"n.txt", b"Z", tar_header(b"a.js", b"0", SCRIPT)),
    ],
)
def test_a_tar_whose_members_begin_elsewhere_to_some_programs(octets: bytes) -> None:
    assert Defect.CONTAINER_AMBIGUOUS in seen(octets + bytes(1024), "a.tar")[1]


def test_a_tar_whose_sizes_are_written_in_another_way() -> None:
    octets = bytearray(tar_header(b"n.txt", b"0", b"x" * 512))
    octets[124:136] = b"\x80" + (512).to_bytes(11, "big")  # as for sizes beyond 8 GiB
    octets[148:156] = b"%06o\0 " % (sum(octets[:148]) + 8 * 32 + sum(octets[156:512]))
    assert Defect.CONTAINER_AMBIGUOUS in seen(bytes(octets) + bytes(1024), "a.tar")[1]


def test_a_tar_with_holes_is_not_ambiguous() -> None:
    """As GNU tar and bsdtar write a file with holes: the map stands ahead of its pieces."""
    pieces = b"1\n0\n5\n".ljust(512, b"\0") + b"hello"
    said = record(b"GNU.sparse.major", b"1") + record(b"GNU.sparse.minor", b"0") + record(b"GNU.sparse.name", b"a.txt")
    said += record(b"GNU.sparse.realsize", b"9000")
    octets = tar_header(b"x", b"x", said) + tar_header(b"GNUSparseFile.0/a.txt", b"0", pieces) + tar_header(b"b.txt", b"0", b"x")
    names, defects = seen(octets + bytes(1024), "a.tar")
    assert names == [("a.txt",), ("b.txt",)]
    assert not defects


def test_ordinary_tars_are_not_ambiguous() -> None:
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=form, pax_headers={"comment": "a.js\n17 path=b.js"}) as archive:
            for name in ("a.txt", "d/" * 40 + "a long name of more than a hundred letters.with.dots.txt"):
                archive.addfile(tarfile.TarInfo(name), io.BytesIO(b""))
        assert not seen(out.getvalue(), "a.tar")[1]


@pytest.mark.parametrize(("name", "shown"), [(b"\xdcbersicht.js", "\u00dcbersicht.js"), (b"\xdcevil.com", "\u00dcevil.com")])
def test_names_of_older_systems(name: bytes, shown: str) -> None:
    names, defects = seen(tar_header(name, b"0", SCRIPT) + bytes(1024), "a.tar")
    assert names[0][0] == shown
    assert all(one.endswith(shown[-4:]) for one in names[0])
    assert not defects


def vint(value: int) -> bytes:
    return (b"" if value < 128 else bytes((value & 127 | 128,))) + (vint(value >> 7) if value > 127 else bytes((value,)))


def rar_block(kind: int, flags: int, body: bytes, extra: bytes = b"", packed: bytes = b"") -> bytes:
    sizes = (vint(len(extra)) if flags & 1 else b"") + (vint(len(packed)) if flags & 2 else b"")
    head = vint(kind) + vint(flags) + sizes + body + extra
    head = vint(len(head)) + head
    return struct.pack("<L", zlib.crc32(head)) + head + packed


def rar_file(kind: int, name: bytes, content: bytes, extra: bytes = b"", method: int = 0) -> bytes:
    body = vint(4) + vint(len(content)) + vint(32) + struct.pack("<L", zlib.crc32(content)) + vint(method << 7) + vint(0)
    return rar_block(kind, 2 | (1 if extra else 0), body + vint(len(name)) + name, extra, content)


def rar_with(stream: bytes, method: int = 0) -> bytes:
    """A RAR 5 with a file and a stream of NTFS that belongs to it."""
    record = vint(7) + stream
    octets = b"Rar!\x1a\x07\1\0" + rar_block(1, 0, vint(0)) + rar_file(2, b"cv.pdf", b"%PDF-1.4 hello")
    return octets + rar_file(3, b"STM", SCRIPT, vint(len(record)) + record, method) + rar_block(5, 0, vint(0))


def test_a_stream_of_ntfs_in_a_rar_is_a_file() -> None:
    anatomy = Anatomy(attached(rar_with(b":..\\..\\Startup\\upd.bat"), "cv.rar"))
    found = anatomy.attachments[-1]
    assert "bat" in found.extensions
    assert found.octets() == SCRIPT
    assert Defect.CONTAINER_METHOD in seen(rar_with(b":..\\upd", 3), "cv.rar")[1]  # packed, which nothing here undoes
    assert not seen(rar_with(b":com.dropbox.attributes", 3), "cv.rar")[1]
    assert [names[0] for names in seen(rar_with(b":Zone.Identifier"), "cv.rar")[0]] == ["cv.pdf"]


def test_a_stream_of_ntfs_in_an_older_rar_is_a_file() -> None:
    name = ":upd.bat".encode("utf-16-le")
    head = struct.pack("<LLBLLBBHL", len(SCRIPT), len(SCRIPT), 2, zlib.crc32(SCRIPT), 0, 29, 0x30, 3, 0) + b"STM" + name
    block = struct.pack("<BHH", 0x7A, 0x8000, len(head) + 7) + head
    octets = (
        b"Rar!\x1a\x07\0" + b"\xcf\x90\x73\0\0\x0d\0" + bytes(6) + struct.pack("<H", zlib.crc32(block) & 0xFFFF) + block + SCRIPT
    )
    assert ("upd.bat", ":upd.bat") in seen(octets + b"\xc4\x3d\x7b\0\x40\7\0", "a.rar")[0]


def test_data_that_are_told_twice_in_winmail_dat() -> None:
    octets = tnef("a.html", SCRIPT)
    again = struct.pack("<BLL", 2, 0x0006800F, 5) + b"hello" + struct.pack("<H", sum(b"hello"))
    anatomy = Anatomy(attached(octets + again, "winmail.dat"))
    assert {one.octets() for one in anatomy.attachments if one.depth and one.names == ("a.html",)} == {SCRIPT, b"hello"}
