"""Pages whose text is led to as no program writes it: what readers show is read, or said not to be (ISO 32000-1 7.7.3.3)."""

import random
import zlib

import pytest
from fakes.odd_pdf import FILE, SHOWN, defects, document, said, stream

from screener.anatomy.defects import Defect
from screener.anatomy.pdf import drawing
from screener.anatomy.pdf.streams import split

PAGE = b"<</Type/Page/Parent 2 0 R/Contents%b/Resources<</Font<</F1 5 0 R>>%b>>>>"
CATALOG = b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"


def led(contents: bytes, begins: bytes = b"6 0 obj", *more: bytes) -> bytes:
    """A page whose contents are object 6; 7 leads there, 8 lists it."""
    page = b"3 0 obj" + PAGE % (contents, b"")
    return document(
        b"0 0 obj null endobj\n" + begins + stream(b"", SHOWN), b"6 0 R", b"[6 0 R]", page, *more, named=b"null", page=b"null"
    )


def documented(*objects: bytes) -> bytes:
    """A PDF of these objects, as they are written."""
    font = b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
    return b"%PDF-1.7\n" + b"".join((CATALOG, font, *objects)) + b"trailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n"


@pytest.mark.parametrize(
    "contents",
    [
        b" 6 0 R",
        b" 6.0 0 R",
        b" 6. 0.0 R",
        b" 6 " + b"0" * 25 + b" R",
        b" " + b"0" * 25 + b"6 0 R",
        b" +6 0 R",
        b" --6 --0 R",
        b"[6.0 0 R]",
        b"[null 6 0R]",
        b"%x\n6 0 R",
        b" 8 0 R",
        b" 9 0 R",
    ],
)
def test_contents_are_led_to_in_any_way(contents: bytes) -> None:
    assert "nightjar" in said(led(contents))
    assert not defects(led(contents))


@pytest.mark.parametrize("begins", [b"6.0 0", b"6 0.0", b"6 --0", b"6 " + b"0" * 25, b"0" * 25 + b"6 0", b"6 " + b"9" * 9_000])
def test_contents_are_numbered_in_any_way(begins: bytes) -> None:
    assert "nightjar" in said(led(b" 6 0 R", begins + b" obj"))
    assert not defects(led(b" 6 0 R", begins + b" obj"))


@pytest.mark.parametrize(
    "contents", [b" 6e0 0 R", b" 60 0 R", b"[(]) 6 0 R]", b"[[8 0 R] 6 0 R]", b"[6e0 0 R]", b" 1 0 R", b"[9 0 R]"]
)
def test_what_is_led_to_and_not_read_is_said(contents: bytes) -> None:
    assert defects(led(contents)) == {Defect.TEXT_TRUNCATED}


@pytest.mark.parametrize("contents", [b" null", b"[]", b"[null]", b" 7 0 R", b"(a)", b"<61>"])
def test_a_page_may_be_empty(contents: bytes) -> None:
    assert not defects(led(contents))


def test_a_comment_may_stand_in_an_object_of_its_own() -> None:
    note = b"<</Type/Annot/Subtype/Text/Contents 11 0 R>>"
    octets = document(FILE, note, b"null", b"11 0 obj(a nightjar)", page=b"null")
    assert "a nightjar" in said(octets)


def test_contents_far_behind_in_a_page_are_said() -> None:
    far = b"[]/Annots[" + b"70 0 R " * 12_000 + b"]/Contents 6 0 R"
    assert defects(led(far)) == {Defect.TEXT_TRUNCATED}


def test_a_comment_in_a_page_in_an_object_stream() -> None:
    packed = zlib.compress(b"3 0 " + PAGE % (b"%x\n6 0 R", b""))
    objects = b"9 0 obj" + stream(b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode", packed) + b"endobj\n"
    assert "nightjar" in said(documented(objects, b"6 0 obj" + stream(b"", SHOWN) + b"endobj\n"))


@pytest.mark.parametrize("table", [b"", b"/Type/XRef/W[1 1 1]/Root 1 0 R"])
def test_pages_in_a_stream_in_which_the_table_of_references_is(table: bytes) -> None:
    page = CATALOG + b"3 0 obj" + PAGE % (b" 6 0 R", b"") + b"endobj\n6 0 obj" + stream(table, SHOWN) + b"endobj\n"
    begin = b"%PDF-1.7\n9 0 obj" + stream(b"", page + b"xref\n0 0\ntrailer<</Root 1 0 R>>\n") + b"endobj\n"
    for end in (b"", b"trailer<</Root 1 0 R>>"):
        assert "nightjar" in said(begin + end + b"startxref\n%d\n%%%%EOF" % begin.find(b"xref\n0 0"))


def test_pages_in_streams_that_are_many() -> None:
    page = CATALOG + b"3 0 obj" + PAGE % (b" 6 0 R", b"") + b"endobj\n6 0 obj" + stream(b"", SHOWN) + b"endobj\n"
    many = (b"%d 0 obj" % number + stream(b"", b"q Q") + b"endobj\n" for number in range(100, 3_100))
    octets = documented(b"9 0 obj" + stream(b"", page) + b"endobj\n", *many)
    assert "nightjar" in said(octets)


@pytest.mark.parametrize("keys", [b"/Subtype 11 0 R", b"/BBox[0 0 900 900]", b"/PatternType 1/BBox[0 0 9 9]"])
def test_what_is_drawn_and_not_called_a_form(keys: bytes) -> None:
    octets = led(b" 10 0 R", b"6 0 obj<<" + keys + b">>%", b"10 0 obj" + stream(b"", b"/X Do"), b"11 0 obj/Form")
    assert "nightjar" in said(octets.replace(b">>%<<", b""))


def test_a_generation_of_many_digits_is_a_number() -> None:
    assert split(b"%PDF-1.7\n6 " + b"9" * 9_000 + b" obj" + stream(b"", b"x")).streams[0].generation == 999_999_999


def in_one_stream(*objects: tuple[int, int], body: bytes) -> bytes:
    """An object stream of objects that begin where they are said to."""
    head = b"".join(b"%d %d " % one for one in objects)
    return b"9 0 obj" + stream(b"/Type/ObjStm/N %d/First %d" % (len(objects), len(head)), head + body) + b"endobj\n"


def test_objects_in_a_stream_end_where_any_other_begins() -> None:
    page = PAGE % (b" 6 0 R", b"")
    font = b"<</Type/Font/Subtype/Type1>> "
    objects = in_one_stream((3, len(font)), (15, 0), body=font + page)
    assert "nightjar" in said(documented(objects, b"6 0 obj" + stream(b"", SHOWN) + b"endobj\n"))


def test_many_objects_at_one_place_in_a_stream_are_read_a_few_times_only() -> None:
    many = [(number, 0 if number % 2 else 90_000) for number in range(10, 5_000)]
    octets = documented(in_one_stream(*many, body=(b"<<>> " * 20_000)))
    assert defects(octets) == {Defect.CONTAINER_METHOD}


DEFLATED = zlib.compress(SHOWN)


@pytest.mark.parametrize("content", [b"\0\0" + DEFLATED[2:], b"x\x9d" + DEFLATED[2:], DEFLATED[2:], DEFLATED[2:-4]])
@pytest.mark.parametrize("keys", [b"/Filter/FlateDecode", b"/Filter[/ASCIIHexDecode/Fl]"])
def test_deflated_contents_whose_first_octets_are_damaged(content: bytes, keys: bytes) -> None:
    content = content.hex().encode() if b"Hex" in keys else content
    octets = document(page=stream(keys, content))
    assert "nightjar" in said(octets)
    assert not defects(octets)


@pytest.mark.parametrize(
    ("keys", "content"),
    [
        (b"/Filter/FlateDecode", b"\n" + DEFLATED),
        (b"/Filter/FlateDecode", b"\xff" * 99),
        (b"/Filter/Foo", SHOWN),
        (b"/Filter/ASCII85Decode", b"zuuuuu" * 9),
    ],
)
def test_contents_that_cannot_be_unpacked_are_said(keys: bytes, content: bytes) -> None:
    assert defects(document(page=stream(keys, content))) == {Defect.TEXT_TRUNCATED}


def test_contents_of_nothing_are_whole() -> None:
    for keys, content in ((b"/Filter/FlateDecode", zlib.compress(b"")), (b"/Filter/ASCII85Decode", b"~>"), (b"", b"")):
        assert not defects(document(page=stream(keys, content)))


NOISE = bytes(value for value in random.Random(1).randbytes(40_000) if value not in b"()<>%")


def drawn(content: bytes) -> bytes:
    page = b"3 0 obj" + PAGE % (b" 6 0 R", b"") + b"endobj\n"
    return documented(page, b"6 0 obj" + stream(b"", content) + b"\nendobj\n")


def test_contents_that_nobody_wrote_are_said() -> None:
    """A picture, say: in which some octets look as if a font were set, and others as if text were shown."""
    noise = drawn(NOISE + b" 0 Tf (n)Tj " + NOISE)
    assert Defect.TEXT_TRUNCATED in defects(noise) and "n" not in said(noise)


def test_noise_in_which_text_or_an_image_seems_to_begin_is_none() -> None:
    """One in some 300 KB has such a word between such octets; what is read behind it costs as if it were text."""
    for begins in (b"]BT(", b" EI ", b"BT%\xff\n/F"):
        assert drawing.behind_noise(NOISE + begins + b"\xff" + NOISE + b"\n" + SHOWN) == SHOWN


def test_what_is_written_within_noise_is_read() -> None:
    shown = drawn(NOISE + b"\n" + SHOWN + b"\n" + NOISE)
    assert "nightjar" in said(shown) and not defects(shown)


@pytest.mark.parametrize("font", [b"/F1 %\n9 Tf", b"/F1 9 9 Tf", b"/F1 9e0 Tf", b"/F1 (x) 9 Tf", b"/F1" + b" " * 300 + b"9 Tf"])
def test_text_behind_a_picture_in_the_contents_is_read_however_its_font_is_set(font: bytes) -> None:
    picture = b"q BI /W 100 /H 100 /BPC 8 /CS /G ID " + NOISE + NOISE + b" EI Q\n"
    for begins in (b"BT ", b"]BT", b"BT%\xff\xfe\n", b"BT", b" "):
        assert "nightjar" in said(drawn(picture + begins + font + b" (nightjar) Tj ET\n" + NOISE))


def test_contents_with_letters_of_two_octets_are_written() -> None:
    letters = b"".join(b"(%b)Tj " % "свидание".encode("utf-16-be") for _ in range(2_000))
    assert not defects(drawn(b"BT /F1 12.5 Tf " + letters + b"ET"))


@pytest.mark.parametrize("parted_at", range(3, len(SHOWN) - 2))
def test_contents_of_several_streams_that_are_parted_anywhere(parted_at: int) -> None:
    """Between streams there is a blank (7.8.2), to pdf.js none."""
    page = b"3 0 obj" + PAGE % (b"[6 0 R 7 0 R]", b"") + b"endobj\n"
    first, second = (stream(b"", one) for one in (SHOWN[:parted_at], SHOWN[parted_at:]))
    assert "nightjar" in said(documented(page, b"6 0 obj" + first + b"endobj\n", b"7 0 obj" + second + b"endobj\n"))
