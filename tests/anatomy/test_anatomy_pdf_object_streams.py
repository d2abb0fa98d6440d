"""Object streams (ISO 32000-1 7.5.7): objects are where their offsets say, and what is told oddly of them is said."""

import zlib

import pytest
from fakes.odd_pdf import FILE, NAMED, ROOT, assert_found, defects, document, said, seen, stream

from screener.anatomy.active import Active
from screener.anatomy.defects import Defect

SCRIPT = b"<</S/JavaScript/JS(app.alert(1))>>"
PAGE = b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
LED = NAMED.replace(b"<</F 6 0 R>>", b" 30 0 R")
DECOY = b"30 0 obj<</F 31 0 R>>endobj 31 0 obj" + stream(b"", b"nothing")
REAL = b"<</F 6 0 R>>"


def packed(head: bytes, body: bytes, first: bytes = b"", count: int = 0) -> bytes:
    keys = b"/Type/ObjStm/N %d/First %b/Filter/FlateDecode" % (count or len(head.split()) // 2, first or b"%d" % len(head))
    return stream(keys, zlib.compress(head + body, 9))


def acts(octets: bytes) -> set[Active]:
    return {act for one in seen(octets).attachments for act in one.active_content}


@pytest.mark.parametrize("before", [b"1 %", b"1 (", b"1 <", b"1 <z", b"<< %", b"(\\"])
def test_an_object_begins_where_it_is_said_to_whatever_is_before_it(before: bytes) -> None:
    octets = document(FILE, packed(b"40 0 41 %d " % len(before), before + SCRIPT), named=b"null", root=b"<</Pages 2 0 R>>")
    assert acts(octets) == {Active.JAVASCRIPT}


def test_an_action_on_opening_that_stands_in_a_stream() -> None:
    action = packed(b"40 0 41 5 ", b"null <</S/URI/URI(http://example.com)>>")
    assert acts(document(FILE, action, root=ROOT % b"/OpenAction 41 0 R")) == {Active.OPENS_ADDRESS}


@pytest.mark.parametrize("before", [b">>", b"(", b"<<", b"null"])
def test_what_a_file_is_led_by_counts_beside_an_object_that_is_not_whole(before: bytes) -> None:
    octets = document(FILE, packed(b"40 0 30 9 ", before.ljust(9) + REAL), DECOY, named=LED)
    assert_found(octets)
    assert (Defect.CONTAINER_METHOD in defects(octets)) == (before != b"null")


@pytest.mark.parametrize(
    "objects",
    [
        packed(b"30 0 ", REAL, b"21 0 R"),
        packed(b"30 0 ", REAL, b"+5"),
        packed(b"30 0 ", REAL, b"000000000005"),
        packed(b"30 0 ", REAL, b"99/First 5"),
        packed(b"30.0 0 ", REAL),
        packed(b"40 00000000000000 30 9 ", b"null".ljust(9) + REAL),
        packed(b"40 0%9 30\n30 9 ", b"null".ljust(9) + REAL, count=2),
        packed(b"30 0 40 5 ", REAL, count=1),
        packed(b"x", REAL, count=1),
        packed(b"30 0 31 13 ", REAL.ljust(13) + stream(b"", b"nothing")),
    ],
)
def test_a_head_that_is_written_oddly_is_said(objects: bytes) -> None:
    assert Defect.CONTAINER_METHOD in defects(document(FILE, objects, DECOY, named=LED))


def test_a_page_in_a_stream_is_read() -> None:
    octets = document(FILE, packed(b"3 0 ", PAGE)).replace(b"3 0 obj", b"33 0 obj", 1)
    assert "nightjar" in said(octets) and not defects(octets)


@pytest.mark.parametrize("size", [8_000_000, 20_000_000])
def test_what_is_behind_the_octets_that_are_unpacked_is_too_large(size: int) -> None:
    assert Defect.CONTAINER_TOO_LARGE in defects(document(FILE, packed(b"40 0 41 %d " % size, b" " * size + SCRIPT)))
    twice = zlib.compress(zlib.compress(b"40 0 41 9 " + bytes(size), 0), 9)
    assert Defect.CONTAINER_TOO_LARGE in defects(document(FILE, stream(b"/Type/ObjStm/N 2/First 10/Filter[/Fl/Fl]", twice)))


@pytest.mark.parametrize(
    ("head", "index", "is_other"),
    [(b"40 0 30 9 ", 1, False), (b"40 0 30 9 ", 0, True), (b"40 0 99 9 ", 1, True), (b"40 0 30 9 ", 7, False)],
)
def test_a_table_that_leads_to_an_object_by_another_number_than_its_own_is_ambiguous(
    head: bytes, index: int, is_other: bool
) -> None:
    kept = b"50 0 obj\n" + packed(head, b"null".ljust(9) + REAL)
    table = b"60 0 obj\n" + stream(b"/Type/XRef/Size 61/W[1 2 1]/Index[30 1]/Root 1 0 R", bytes((2, 0, 50, index)))
    assert (Defect.CONTAINER_AMBIGUOUS in defects(document(FILE, kept, table, named=LED))) is is_other


@pytest.mark.parametrize(
    ("body", "is_odd"), [(b"<</T(cin >> stream >> y)>>", False), (b"<</T(y)>>stream\n", True), (b"%(\n<<>>stream\n%)", True)]
)
def test_a_stream_among_them_is_one_outside_of_strings_alone(body: bytes, is_odd: bool) -> None:
    found = defects(document(FILE, packed(b"40 0 41 5 ", b"null " + body)))
    assert (Defect.CONTAINER_METHOD in found) is is_odd
