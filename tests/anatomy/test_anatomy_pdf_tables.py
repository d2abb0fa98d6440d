"""PDFs whose tables of references lead into the midst of an object's number (ISO 32000-1 7.5.4, 7.5.8)."""

import struct
import zlib
from collections.abc import Callable

import pytest
from fakes.odd_pdf import FILE, NAMED, SHOWN, assert_found, defects, document, said, stream

from screener.anatomy.defects import Defect

Offsets = dict[int, int]
Way = Callable[[bytes, Offsets], bytes]
DECOY = b"6 0 obj" + stream(b"", b"nothing") + b"\nendobj\n8 0 obj null endobj\n"


def parts(octets: bytes, before: bytes = b"") -> tuple[bytes, Offsets]:
    """A PDF without a trailer, more in it before all objects; where they begin."""
    octets = octets[: octets.index(b"trailer")].replace(b"%PDF-1.7\n", b"%PDF-1.7\n" + before, 1)
    ends = [len(b"%PDF-1.7\n" + before)]
    while (at := octets.find(b"\nendobj\n", ends[-1])) >= 0:
        ends.append(at + 8)
    return octets, dict(enumerate(ends[:-1], 1))


def table(offsets: Offsets, at: int, shift: int = 0) -> bytes:
    """A table as objects follow one another, from some on in sections of their own."""
    out = b"xref\n0 1\n0000000000 65535 f \n"
    for number, offset in offsets.items():
        out += b"%d 1\n%010d 00000 n \n" % (number, offset + shift) if number > 5 else b""
    return out + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(offsets) + 1, at)


def plain(octets: bytes, offsets: Offsets) -> bytes:
    return octets + table(offsets, len(octets))


def in_a_stream(octets: bytes, offsets: Offsets) -> bytes:
    rows = b"".join(struct.pack(">BHB", 1, offset, 0) for offset in offsets.values())
    keys = b"/Type/XRef/W[1 2 1]/Index[1 2 3 %d]/Size 99/Root 1 0 R/Filter/FlateDecode" % (len(offsets) - 2)
    return octets + b"90 0 obj" + stream(keys, zlib.compress(rows)) + b"endobj\nstartxref\n%d\n%%%%EOF\n" % len(octets)


def linked(octets: bytes, offsets: Offsets, leads: bytes = b"/Prev %d", before: bytes = b"") -> bytes:
    """The table lies in a stream, and another leads to it."""
    old = before + table(offsets, 0).replace(b"startxref", b"x")
    octets += b"91 0 obj<</Length %d>>stream\n" % len(old)
    at = len(octets)
    octets += old + b"\nendstream endobj\n"
    new = b"xref\n0 1\n0000000000 65535 f \ntrailer\n<<" + leads + b"/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return octets + new % (at, len(octets))


WAYS: list[Way] = [plain, in_a_stream, linked]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("before", [b"", DECOY])
@pytest.mark.parametrize(
    ("file", "more", "number", "begins", "shift"),
    [
        (FILE, [], 6, b"16 0 obj", 1),
        (FILE, [], 6, b"1.6 0 obj", 2),
        (FILE, [], 6, b"6-1 0 obj", 0),
        (FILE, [], 6, b"6+1 0 obj", 0),
        (FILE, [], 6, b"6..1 0 obj", 0),
        (FILE, [b"<</F 6 0 R>>"], 8, b"18 0 obj", 1),
    ],
)
def test_a_table_that_leads_into_a_number_is_ambiguous(
    way: Way, before: bytes, file: bytes, more: list[bytes], number: int, begins: bytes, shift: int
) -> None:
    named = NAMED.replace(b"<</F 6 0 R>>", b" 8 0 R") if more else NAMED
    objects = {6: file, 8: more[0] if more else b""}
    written = document(*(b"%b\n%b" % (begins, one) if at == number else one for at, one in objects.items() if one), named=named)
    octets, offsets = parts(written, before)
    offsets[number] += shift
    assert Defect.CONTAINER_AMBIGUOUS in defects(way(octets, offsets))
    assert Defect.CONTAINER_AMBIGUOUS in defects(b"x" * 99 + way(octets, offsets))


def rewritten(way: Way, old: bytes, new: bytes) -> Way:
    def written_so(octets: bytes, offsets: Offsets) -> bytes:
        done = way(octets, offsets)
        at = done.index(old, done.rindex(b"/XRef" if way is in_a_stream else b"xref\n0 "))
        return done[:at] + new + done[at + len(old) :]

    return written_so


@pytest.mark.parametrize(
    "way",
    [
        rewritten(plain, b" n ", b" x "),
        rewritten(plain, b" n ", b" nn"),
        rewritten(plain, b" n ", b" N "),
        rewritten(plain, b" n ", b"   "),
        rewritten(plain, b" n ", b" % "),
        rewritten(plain, b" 00000 n", b" 00000 1"),
        rewritten(plain, b" 00000 n", b"/xxxxx n"),
        rewritten(plain, b" 00000 n", b" -0000 n"),
        rewritten(plain, b" 00000 n", b" 0000. n"),
        rewritten(plain, b"xref\n0 1\n", b"xref0 1\n"),
        rewritten(plain, b"xref\n0 1\n", b"xref\n+0 1.0\n"),
        rewritten(plain, b"\n6 1\n0", b"\n6 1\n+"),
        rewritten(plain, b"\n6 1\n", b"\n6 1\n" + b"0" * 25),
        rewritten(in_a_stream, b"/W[1 2 1]", b"/W[+1 2.0 001 0]"),
        rewritten(in_a_stream, b"/W[1 2 1]", b"/W[1 1 1]/W[1 2 1]"),
        rewritten(in_a_stream, b"/W[1 2 1]", b"/X<</W[1 1 1]/Index[90 9]>>/W[1 2 1]"),
        rewritten(in_a_stream, b"/W[1 2 1]", b"/W[1 2 1]/Index[90 1]"),
        rewritten(in_a_stream, b"/W[1 2 1]", b"/W[1 1 1]/W[1 1 2]/W[1 1 3]/W[1 2 1]"),
        rewritten(in_a_stream, b"/Index[", b"/Index[" + b"000000090 000000000 " * 600),
        rewritten(in_a_stream, b"/Index[", b"/Index[9000000000 1 "),
        rewritten(in_a_stream, b"/W[1 2 1]", b"/W 77 0 R"),
        rewritten(in_a_stream, b"/W[1 2 1]", b"/W[1 2 0 1]"),
        rewritten(in_a_stream, b"/Size 99", b""),
    ],
)
def test_tables_are_read_as_lenient_readers_do(way: Way) -> None:
    octets, offsets = parts(document(b"16 0 obj\n" + FILE))
    offsets[6] += 1
    assert Defect.CONTAINER_AMBIGUOUS in defects(way(octets, offsets))


@pytest.mark.parametrize("begins", [b"6-1 0 obj", b"6+1 0 obj", b"6..1 0 obj"])
def test_a_number_that_readers_take_to_be_different_ones_is_ambiguous_without_a_table(begins: bytes) -> None:
    assert Defect.CONTAINER_AMBIGUOUS in defects(document(begins + FILE))
    by_dictionary = document(FILE, b"8" + begins[1:] + b"<</F 6 0 R>>", named=NAMED.replace(b"<</F 6 0 R>>", b" 8 0 R"))
    assert Defect.CONTAINER_AMBIGUOUS in defects(by_dictionary)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("begins", [b"6 0 obj", b"16 0 obj", b"6-1 0 obj"])
def test_a_table_that_leads_into_a_stream_is_ambiguous(way: Way, begins: bytes) -> None:
    """What lies in a stream is no object of the file, whatever it looks like."""
    around = stream(b"", b"x\n" + begins + FILE + b"\nendobj\n")
    octets, offsets = parts(document(b"6 0 obj" + stream(b"", b"nothing"), around))
    assert not defects(octets) or begins != b"6 0 obj"
    offsets[6] = octets.index(begins + FILE) + begins.index(b"6")
    assert Defect.CONTAINER_AMBIGUOUS in defects(way(octets, offsets))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("shift", range(-3, 4))
def test_tables_that_are_wrong_are_not(way: Way, shift: int) -> None:
    """As where line ends were changed, or something was put before the file: readers look for the objects themselves."""
    octets, offsets = parts(document(FILE, *[b"<</A %d>>" % number for number in range(8, 40)], page=stream(b"", SHOWN)))
    moved = {number: offset + shift for number, offset in offsets.items()}
    assert_found(way(octets, moved))
    assert not defects(way(octets, moved))


@pytest.mark.parametrize("leads", [b"/Pr#65v %d", b"/Prev%%\n%d", b"/A(" + b"x" * 5_000 + b")/Prev %d", b"/A(xref 0 0)/Prev %d"])
@pytest.mark.parametrize("before", [b"", b"\n" * 2_000, b"%c\n"])
def test_a_table_to_which_another_leads_oddly_is_read(leads: bytes, before: bytes) -> None:
    octets, offsets = parts(document(b"16 0 obj\n" + FILE))
    offsets[6] += 1
    assert Defect.CONTAINER_AMBIGUOUS in defects(linked(octets, offsets, leads, before))


@pytest.mark.parametrize(
    "told", [b"startxref%%\n%d", b"startxref" + b" " * 120 + b"%d", b"startxref\0 %d", b"startxref\n%d\nstartxref"]
)
@pytest.mark.parametrize("comment", [b"", b"%c"])
def test_a_table_in_a_stream_to_which_the_end_of_the_file_leads_is_read(told: bytes, comment: bytes) -> None:
    octets, offsets = parts(document(b"16 0 obj\n" + FILE))
    offsets[6] += 1
    written = table(offsets, 0).replace(b"xref\n0 1", b"xref" + comment + b"\n0 1" + comment).replace(b"startxref", b"x")
    octets += b"91 0 obj<</Length %d>>stream\n" % len(written)
    octets += written + b"\nendstream endobj\n" + told % len(octets) + b"\n%%EOF\n"
    assert Defect.CONTAINER_AMBIGUOUS in defects(octets)


@pytest.mark.parametrize("keys", [b"/W[1 0 0]", b"/W[0 1 0]", b"/W[1 2 1]"])
def test_a_table_that_leads_to_more_than_a_file_can_hold_is_ambiguous(keys: bytes) -> None:
    packed = stream(b"/Type/XRef/Size 9%b/Root 1 0 R/Filter/FlateDecode" % keys, zlib.compress(b"\1" * 100_000))
    assert Defect.CONTAINER_AMBIGUOUS in defects(document(FILE, packed))


def test_a_table_of_objects_that_stand_in_streams_is_not() -> None:
    keys = b"/Type/XRef/Size 9/W[1 2 1]/Root 1 0 R/Filter/FlateDecode"
    assert not defects(document(FILE, stream(keys, zlib.compress(b"\2\0\7\1\0\0\0\0" * 20_000))))


@pytest.mark.parametrize(
    "leads", [b"xref 0 9 " + b"0000000015 00000 n " * 500, b"".join(b"/Prev %d " % at for at in range(9, 900))]
)
def test_much_that_leads_to_the_same_blanks_is_ambiguous(leads: bytes) -> None:
    assert Defect.CONTAINER_AMBIGUOUS in defects(document(FILE).replace(b"\n", b"\n" + b" " * 3_000, 1) + leads)
    assert not defects(document(FILE).replace(b"\n", b"\n" + b" " * 300, 1) + leads)


@pytest.mark.parametrize("digits", [12, 13, 18, 19, 20, 40])
def test_a_table_that_is_said_to_stand_far_behind_the_file_is_none(digits: int) -> None:
    octets = document(FILE).replace(b"startxref\n0", b"startxref\n" + b"9" * digits)
    assert not defects(octets) and "nightjar" in said(octets)


@pytest.mark.parametrize("keys", [b"/N 1", b"/type/OBJSTM/N 1/first 4", b"/Type/X/N 1"])
def test_a_table_that_leads_into_what_is_no_object_stream_is_ambiguous(keys: bytes) -> None:
    """MuPDF takes it for one by the table alone, and what it lacks for 0."""
    rows = b"\1\0\0" + b"\2\0\x09"
    packed = b"9 0 obj" + stream(keys, b"8 4 <</S/JavaScript/JS(app.alert\\(1\\))>>")
    table = stream(b"/Type/XRef/Size 9/Index[7 2]/W[1 2 0]/Root 1 0 R", rows)
    assert Defect.CONTAINER_AMBIGUOUS in defects(document(FILE, packed, table))
    whole = b"9 0 obj" + stream(b"/Type/ObjStm/N 1/First 4", b"8 0 <</S/JavaScript/JS(app.alert\\(1\\))>>")
    assert Defect.CONTAINER_AMBIGUOUS not in defects(document(FILE, whole, table))
