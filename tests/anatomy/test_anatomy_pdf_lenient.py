"""PDFs that are written as no program writes them and are opened all the same (ISO 32000-1 7.3, 7.5)."""

import zlib

import pytest
from fakes.odd_pdf import FILE, LOCK, NAMED, PACKED, ROOT, SEALED, SHOWN, assert_found, defects, document, said, seen, stream

from screener.anatomy.defects import Defect


def test_an_ordinary_one() -> None:
    assert_found(document())
    assert "nightjar" in said(document())
    assert not defects(document())


DECOYS = [
    b"/X(see /Encrypt here)",
    b"/X(trailer /Encrypt)",
    b"/Encrypt 99 0 R",
    b"/Encrypt<</Filter/Foo/V 9>>",
    b"/X<</Encrypt 99 0 R>>",
]


@pytest.mark.parametrize("decoy", DECOYS)
def test_what_is_no_trailer_does_not_encrypt(decoy: bytes) -> None:
    octets = document(root=ROOT % decoy)
    assert_found(octets)
    assert not seen(octets).attachments[0].encrypted
    assert not defects(octets)


def test_a_file_that_unpacks_is_not_encrypted() -> None:
    """Whatever the trailer says: streams may be left as they are (7.6.5)."""
    octets = document(FILE, LOCK, trailer=b"/Encrypt 8 0 R")
    assert_found(octets)
    assert seen(octets).attachments[0].encrypted
    for locked in (document(SEALED, LOCK, trailer=b"/Encrypt 8 0 R"), document(SEALED, trailer=b"/Encrypt" + LOCK)):
        assert seen(locked).attachments[-1].encrypted
        assert not defects(locked)


def test_trailers_that_contradict_one_another_are_ambiguous() -> None:
    other = b"trailer<</Root 1 0 R/Encrypt" + LOCK + b">>\n"
    assert Defect.CONTAINER_AMBIGUOUS in defects(document() + other)
    table = stream(b"/Type/XRef/Root 1 0 R/Encrypt 9 0 R", b"")
    assert Defect.CONTAINER_AMBIGUOUS in defects(document(FILE, table, LOCK))
    assert not defects(document(FILE, table, LOCK, trailer=b"/Encrypt 9 0 R"))


def test_what_leads_to_no_key_does_not_encrypt() -> None:
    for key in (b"null", b"8 0 R"):
        octets = document(SEALED, b"null", trailer=b"/Encrypt " + key)
        assert not seen(octets).attachments[0].encrypted
        assert defects(octets) == {Defect.CONTAINER_METHOD}
    assert Defect.CONTAINER_AMBIGUOUS in defects(document(trailer=b"/Encrypt 99 0 R"))
    assert Defect.CONTAINER_AMBIGUOUS in defects(document(FILE, LOCK, b"8 0 obj null", trailer=b"/Encrypt 8 0 R"))


HEX = PACKED.hex().encode() + b">"
BOTH = zlib.compress(PACKED).hex().encode() + b">"


def rows(content: bytes, width: int) -> bytes:
    """As PNG's predictor "none" has them."""
    return b"".join(b"\0" + content[at : at + width] for at in range(0, len(content), width))


def in_objects(*objects: tuple[int, bytes]) -> bytes:
    """An object stream."""
    head, body = b"", b""
    for number, one in objects:
        head += b"%d %d " % (number, len(body))
        body += one + b" "
    return stream(b"/Type/ObjStm/N %d/First %d" % (len(objects), len(head)), head + body)


@pytest.mark.parametrize(
    ("file", "more"),
    [
        (stream(b"/Filter 8 0 R", HEX), [b"/ASCIIHexDecode"]),
        (stream(b"/Filter[8 0 R]", HEX), [b"/ASCIIHexDecode"]),
        (stream(b"/Filter[/ASCIIHexDecode 8 0 R]", BOTH), [b"/FlateDecode"]),
        (stream(b"/Filter 8 0 R", BOTH), [b"[/ASCIIHexDecode/FlateDecode]"]),
        (stream(b"/Filter 8 0 R", BOTH), [b"9 0 R", b"[10 0 R/FlateDecode]", b"/ASCIIHexDecode"]),
        (stream(b"/Filter 20 0 R", HEX), [in_objects((20, b"/ASCIIHexDecode"))]),
        (stream(b"/Filter 8 +0 R", HEX), [b"8 00000 obj /ASCIIHexDecode"]),
        (stream(b"/Filter/FlateDecode/DecodeParms 8 0 R", zlib.compress(rows(PACKED, 16))), [b"<</Predictor 12/Columns 16>>"]),
        (stream(b"/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 8 0 R>>", zlib.compress(rows(PACKED, 16))), [b"16"]),
        (stream(b"/Filter/Fl/DecodeParms<</X<<>>/Y(>>)/Predictor +12/Columns 16.>>", zlib.compress(rows(PACKED, 16))), []),
    ],
)  # fmt: skip
def test_how_a_file_is_packed_may_stand_elsewhere(file: bytes, more: list[bytes]) -> None:
    assert_found(document(file, *more))
    assert not defects(document(file, *more))


def test_where_it_is_said_in_two_ways_it_is_ambiguous() -> None:
    assert Defect.CONTAINER_AMBIGUOUS in defects(document(stream(b"/Filter/FlateDecode/Filter/ASCIIHexDecode", HEX)))
    assert Defect.CONTAINER_AMBIGUOUS in defects(
        document(stream(b"/Filter 8 0 R", HEX), b"/ASCIIHexDecode", b"8 0 obj /FlateDecode")
    )
    assert Defect.CONTAINER_METHOD in defects(document(stream(b"/Filter 8 0 R", HEX)))
    versions = [b"8 0 obj" + name for name in (b"/ASCIIHexDecode", b"/Fl", b"/Fl ", b"[/Fl]", b"/Fl%")]
    for more in (versions[:3], versions, [versions[1], b"8 0 obj 9 0 R", b"9 0 obj/AHx"]):
        assert Defect.CONTAINER_AMBIGUOUS in defects(document(stream(b"/Filter 8 0 R", HEX), *more))


def test_where_another_way_of_saying_it_makes_no_difference_it_is_not() -> None:
    """Numbers are used again when a document is changed; pictures are not unpacked here."""
    picture = stream(b"/Subtype/Image/Filter[/CCITTFaxDecode]/DecodeParms[9 0 R]", b"abc")
    assert not defects(document(FILE, picture, b"<</K -1/Columns 1728>>", b"9 0 obj<</K -1/Columns 2200>>"))
    assert not defects(document(stream(b"/Filter 8 0 R", HEX), b"/ASCIIHexDecode", b"8 0 obj [/ASCIIHexDecode]"))


@pytest.mark.parametrize(
    ("page", "more"),
    [
        (stream(b"/Filter 8 0 R", SHOWN.hex().encode()), [b"/ASCIIHexDecode"]),
        (stream(b"/Filter 20 0 R", zlib.compress(SHOWN)), [in_objects((20, b"/FlateDecode"))]),
        (stream(b"", SHOWN, b"stream junk\n"), []),
        (stream(b"/Filter/FlateDecode", zlib.compress(SHOWN), b"stream"), []),
        (stream(b"", SHOWN).replace(b"<<", b"4 00 0000000obj<<", 1), []),
    ],
)
def test_the_text_of_a_page_packed_oddly(page: bytes, more: list[bytes]) -> None:
    page = page if not page.startswith(b"4 00 ") else page.replace(b"4 00 ", b"4 ")
    assert "nightjar" in said(document(FILE, *more, page=page))


@pytest.mark.parametrize("begins", [b"stream junk\n", b"stream %j\n", b"stream"])
def test_a_stream_that_begins_behind_no_line_end_is_ambiguous(begins: bytes) -> None:
    for keys in (b"/Filter/FlateDecode", b"/Type/EmbeddedFile/Filter/FlateDecode"):
        octets = document(stream(keys, zlib.compress(PACKED), begins))
        assert_found(octets)
        assert Defect.CONTAINER_AMBIGUOUS in defects(octets)


@pytest.mark.parametrize("begins", [b"6 0obj", b"6 00000000 obj\n", b"6 +0 obj\n", b"00000000000006 0 obj", b"6 0 obj\n"])
@pytest.mark.parametrize("reference", [b"6 0 R", b"6 0000000 R", b"6 +0 R", b"6 0R", b"0000000000006 0 R", b"+6 0 R"])
def test_numbers_of_objects_written_oddly(begins: bytes, reference: bytes) -> None:
    octets = document(begins + FILE, named=NAMED.replace(b"6 0 R", reference))
    assert_found(octets)
    assert not defects(octets)


@pytest.mark.parametrize(
    ("files", "more"),
    [
        (b"<</Z(>>)/F 6 0 R>>", []),
        (b"<</Z<</A<</B<<>>>>>>/F 6 0 R>>", []),
        (b"<<" + b"/Z<<>>" * 25 + b"/F 6 0 R>>", []),
        (b"<</Z<" + b"41" * 400 + b">/F 6 0 R>>", []),
        (b"<</" + b"Z" * 11_000 + b"/A/F 6 0 R>>", []),
        (b" 8 0 R", [b"<</" + b"Z" * 600 + b"/A/F 6 0 R>>"]),
        (b" 8 0 R", [b"9 0 R", b"<</F 6 0 R>>"]),
        (b" 8 0 R", [b"<</F 9 0 R>>", b"6 0 R"]),
        (b"<</F 8 0 R>>", [b"6 0 R"]),
        (b" 20 0 R", [in_objects((20, b"<</F 6 0 R>>"))]),
    ],
)
def test_files_are_led_to_in_any_way(files: bytes, more: list[bytes]) -> None:
    octets = document(FILE, *more, named=NAMED.replace(b"<</F 6 0 R>>", files))
    assert_found(octets)
    assert not defects(octets)


@pytest.mark.parametrize("files", [b"<</" + b"Z" * 20_000 + b"/A/F 6 0 R>>", b"<</F 6.0 0 R>>", b" 60 0 R", b"<</A(x)/F 6 0e0 R>>"])
def test_where_no_file_is_found_there_may_be_one(files: bytes) -> None:
    assert Defect.CONTAINER_AMBIGUOUS in defects(document(named=NAMED.replace(b"<</F 6 0 R>>", files)))


@pytest.mark.parametrize("files", [b" null", b"<<>>", b"<</F 6 0 R/UF 6 0 R>>", b"<</F 8 0 R>>", b"<</F 60 0 R>>", b"<</F 0 0 R>>"])
def test_ordinary_ways_to_files(files: bytes) -> None:
    assert not defects(document(FILE, b"null", named=NAMED.replace(b"<</F 6 0 R>>", files)))
    assert not defects(document(root=ROOT % b"/Title(Where /EF is: the key of 1 file)"))


@pytest.mark.parametrize("odd", [b" 8.0 0 R", b" -8 0 R", b" 8 0.0 R", b" 8-1 0 R", b"[8 0 R]", b"<</Z 8 0 R>>"])
@pytest.mark.parametrize("far", [b"", b"/X 1" * 9_000, b"/X(" + b"x" * 40_000 + b")", b"/X<<" + b"/Y<<>>" * 9_000 + b">>"])
def test_a_file_that_is_led_to_oddly_is_ambiguous_however_far_its_names_are(odd: bytes, far: bytes) -> None:
    named = b"<</Type/Filespec/F(docs.zip)/UF(docs.zip)" + far + b"/EF" + odd + far + b">>"
    assert Defect.CONTAINER_AMBIGUOUS in defects(document(FILE, b"<</F 6 0 R>>", named=named))
    named = b"<<" + far + b"/EF" + odd + far + b"/UF(docs.zip)>>"
    assert Defect.CONTAINER_AMBIGUOUS in defects(document(FILE, b"<</F 6 0 R>>", named=named))


def test_a_file_that_stands_nowhere_is_none_only_where_all_numbers_are_known() -> None:
    gone = NAMED.replace(b"6 0 R", b"60 0 R")
    assert not defects(document(FILE, in_objects((20, gone)), named=b"null"))
    for more in (b"60e0 0 obj" + FILE, b"60 0e0 obj" + FILE, in_objects((20, gone), (60, b"<<"), (61, b"6 0 R>>"))):
        assert Defect.CONTAINER_AMBIGUOUS in defects(document(FILE, more, named=gone))


QUOTED = [
    b"BT /F1 9 Tf (1 0 obj << /Length 5 >> stream foo endobj) Tj ET",
    b"<x:xmpmeta>the stream obj of 1 0 obj << >> and >>stream</x:xmpmeta>",
    b"<x:xmpmeta>trailer <</Root 1 0 R/Encrypt 7 0 R>></x:xmpmeta>",
]


@pytest.mark.parametrize("quoted", QUOTED)
def test_what_is_quoted_in_a_stream_is_not_doubtful_where_its_length_is_true(quoted: bytes) -> None:
    for keys in (b"/Type/Metadata/Subtype/XML", b""):
        assert not defects(document(FILE, stream(keys, quoted)))
    told = document(FILE, stream(b"", QUOTED[0]).replace(b"/Length", b"/Length 1/X"))
    assert Defect.CONTAINER_AMBIGUOUS in defects(told)


@pytest.mark.parametrize(
    "between",
    [
        b"%" + b"x" * 600 + b"\n",
        b"%x\r" * 300,
        b" " * 600 + b"%x\n",
        b"\n%>>\n" * 200,
        b"%" + b">>" * 900 + b"x\n" + b" \0\t" * 9,
        b"%\n\n" * 90_000,
    ],
)
def test_comments_of_any_length_stand_before_a_stream(between: bytes) -> None:
    octets = document(stream(b"/Filter 8 0 R", zlib.compress(PACKED), between + b"stream\n"), b"/FlateDecode")
    assert_found(octets)
    assert "nightjar" in said(document(page=stream(b"", SHOWN, between + b"stream\n")))


def test_a_dictionary_that_ends_in_a_comment_is_none() -> None:
    for before in (b"%>>\n", b"%>>\n%" + b"x" * 600 + b"\n"):
        assert Defect.CONTAINER_AMBIGUOUS in defects(document(FILE, before + b"stream\n<</A 1>>"))


def test_what_files_lead_to_and_is_no_stream_is_ambiguous() -> None:
    for file in (b"<</Filter 8 0 R>>stroam\n", b"<</F 8 0 R>>", b"[8 0 R]", b"/X", b"(x)"):
        assert Defect.CONTAINER_AMBIGUOUS in defects(document(file, FILE))
    for odd in (b"<</Z 8 0 R>>", b"[6 0 R]"):
        assert Defect.CONTAINER_AMBIGUOUS in defects(document(named=NAMED.replace(b"<</F 6 0 R>>", odd)))


def test_an_escaped_delimiter_ends_no_name() -> None:
    for files in (b"<</Z#3e#3E/F 6 0 R>>", b"<</Z#28/F 6 0 R>>"):
        for key in (b"/EF", b"/E#46"):
            assert_found(document(named=b"<</F(docs.zip)" + key + files + b">>"))


# What documents have of this name that is no file: fonts, graphics states, layers, states of a box, places, kinds of paragraphs.
CALLED_SO = [
    (b"<</Font<</EF 5 0 R/F 5 0 R>>>>", b"null"),
    (b"<</ExtGState<</EF 9 0 R/F1 9 0 R>>>>", b"<</Type/ExtGState/CA 0.5/LW 1>>"),
    (b"<</ColorSpace<</EF 9 0 R>>>>", b"[/ICCBased 10 0 R]"),
    (b"<</Properties<</EF 9 0 R>>>>", b"<</Type/OCG/Name(Ebene 1)>>"),
    (b"<</FT/Btn/T(stand)/AS/EF/AP<</N<</EF 9 0 R/Off 9 0 R>>>>>>", stream(b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]", b"q Q")),
    (b"<</Dests<</EF 9 0 R>>>>", b"[3 0 R/XYZ 10 20 null]"),
    (b"<</Dests<</EF[3 0 R/XYZ 10 20 null]/F[3 0 R/Fit]>>>>", b"null"),
    (b"<</ClassMap<</EF<</O/Layout/SpaceAfter 12>>>>/RoleMap<</EF/P>>>>", b"null"),
    (b"<</Type/Font/CharProcs<</EF 9 0 R/F 9 0 R>>/Encoding<</Differences[0/EF 1/F 2]>>>>", stream(b"", b"0 0 d0")),
    (b"<</FT/Ch/V/EF/T(x)>>", b"null"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), CALLED_SO)
def test_other_things_than_files_may_be_called_ef(one: bytes, other: bytes) -> None:
    octets = document(FILE, one, other, stream(b"/N 3", b"icc"))
    assert not defects(octets)
    assert len(seen(octets).attachments) == len(seen(document()).attachments)
    removed = document(stream(b"/Type/EmbeddedFile", b"hello"), one, other, stream(b"/N 3", b"icc"), named=b"null")
    assert not defects(removed)


def test_many_pages_with_a_font_called_ef() -> None:
    assert not defects(document(FILE, *[b"<</Type/Page/Resources<</Font<</EF 5 0 R>>/ExtGState<</EF 2 0 R>>>>>>"] * 4_000))


def test_pages_that_draw_more_streams_than_are_read_are_told() -> None:
    many = b"".join(b"%d 0 R " % number for number in range(1_000, 1_600))
    pages = b"".join(b"%d 0 obj<</Type/Page/Contents[8 0 R %d 0 R %b]>>endobj\n" % (one, one, many) for one in range(20, 400))
    octets = document(FILE, b"null", pages)
    assert "nightjar" in said(octets)
    assert Defect.TEXT_TRUNCATED in defects(octets)


def test_files_that_go_on_over_others_are_unpacked_a_few_times_only() -> None:
    one = b"\nendstream endobj %03d 0 obj<</Type/EmbeddedFile/Filter/FlateDecode>>stream\nx\x9c"
    block = b"\0" + len(one).to_bytes(2, "little") + (len(one) ^ 0xFFFF).to_bytes(2, "little")
    files = b"".join(block + one % number for number in range(100, 400))
    octets = document(b"<</Type/EmbeddedFile/Filter/FlateDecode>>stream\nx\x9c" + files + b"\0\0\0\xff\xff" * 20_000)
    assert Defect.CONTAINER_TOO_LARGE in defects(octets)
