"""PDFs that are written as no program writes them and are opened all the same (ISO 32000-1 7.3, 7.5)."""

import gzip
import io
import random
import tarfile
import zlib
from collections.abc import Callable

import pytest
from fakes.evasions.containers import zipped
from fakes.evasions.judging import screened, shipped
from fakes.odd_mail import attached

from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action

PACKED = zipped(("evil.exe", b"MZ" + bytes(200)))
NAMED = b"<</Type/Filespec/F(docs.zip)/UF(docs.zip)/EF<</F 6 0 R>>>>"
ROOT = b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[(docs.zip) 7 0 R]>>>>%b>>"
SHOWN = b"BT /F1 12 Tf 72 700 Td (the nightjar sings) Tj ET"


def stream(keys: bytes, content: bytes, begins: bytes = b"stream\n") -> bytes:
    return b"<<%b/Length %d>>\n%b%b\nendstream" % (keys, len(content), begins, content)


FILE = stream(b"/Filter/FlateDecode", zlib.compress(PACKED))


def document(
    file: bytes = FILE, *more: bytes, named: bytes = NAMED, root: bytes = ROOT % b"", trailer: bytes = b"", page: bytes = b""
) -> bytes:
    """A PDF with a page (object 4), a file (6) that is named (7), and more (from 8 on); an object may say its own number."""
    objects = [
        root,
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        page or stream(b"", SHOWN),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        file,
        named,
        *more,
    ]
    body = b"".join(
        (one if b"obj" in one[:12] else b"%d 0 obj\n%b" % (number, one)) + b"\nendobj\n" for number, one in enumerate(objects, 1)
    )
    return b"%PDF-1.7\n" + body + b"trailer\n<</Root 1 0 R%b>>\nstartxref\n0\n%%%%EOF\n" % trailer


def seen(octets: bytes) -> Anatomy:
    return Anatomy(attached(octets, "a.pdf"))


def defects(octets: bytes) -> set[Defect]:
    return {one.defect for one in seen(octets).all_defects()}


def said(octets: bytes) -> str:
    return "\n".join(one.text for one in seen(octets).attachment_texts)


def assert_found(octets: bytes) -> None:
    assert any("evil.exe" in one.names for one in seen(octets).attachments)
    assert screened(shipped(), attached(octets, "a.pdf")).verdicts[0].action is Action.HOLD


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


LOCK = b"<</Filter/Foo/V 9>>"  # of a way that is not known
SEALED = stream(b"/Filter/FlateDecode", bytes(range(7, 90)))


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
        (stream(b"/F 8 0 R", HEX), [b"/ASCIIHexDecode"]),
        (stream(b"/Filter/FlateDecode/DecodeParms 8 0 R", zlib.compress(rows(PACKED, 16))), [b"<</Predictor 12/Columns 16>>"]),
        (stream(b"/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 8 0 R>>", zlib.compress(rows(PACKED, 16))), [b"16"]),
        (stream(b"/Filter/Fl/DecodeParms<</X<<>>/Y(>>)/Predictor +12/Columns 16.>>", zlib.compress(rows(PACKED, 16))), []),
        (stream(b"/Filter/Fl/A<</DP<<>>>>/DP[<</Predictor 12/Columns 16>>]", zlib.compress(rows(PACKED, 16))), []),
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


@pytest.mark.parametrize(
    "files", [b"<</" + b"Z" * 20_000 + b"/A/F 6 0 R>>", b"<</F 6.0 0 R>>", b"<</F 60 0 R>>", b" 60 0 R", b"<</A(x)/F 6 0e0 R>>"]
)
def test_where_no_file_is_found_there_may_be_one(files: bytes) -> None:
    assert Defect.CONTAINER_AMBIGUOUS in defects(document(named=NAMED.replace(b"<</F 6 0 R>>", files)))


@pytest.mark.parametrize("files", [b" null", b"<</F 6 0 R/UF 6 0 R>>", b"<</F 8 0 R>>"])
def test_ordinary_ways_to_files(files: bytes) -> None:
    assert not defects(document(FILE, b"null", named=NAMED.replace(b"<</F 6 0 R>>", files)))
    assert not defects(document(root=ROOT % b"/Title(Where /EF is: the key of 1 file)"))


def test_of_a_wrong_sum_no_reader_asks() -> None:
    packed = zlib.compress(PACKED)[:-4] + bytes(4)
    assert_found(document(stream(b"/Filter/FlateDecode", packed)))
    assert not defects(document(stream(b"/Filter/FlateDecode", packed)))
    page = stream(b"/Filter/FlateDecode", zlib.compress(SHOWN + b" BT (more) Tj ET" * 9_000)[:-4] + bytes(4))
    assert "nightjar" in said(document(page=page))
    assert "more" in said(document(page=page))


@pytest.mark.parametrize("before", [0, 1, 5_000, 100_000])
def test_what_comes_out_before_damage_is_read(before: int) -> None:
    shown = random.Random(1).randbytes(before).hex().encode() + b" " + SHOWN
    packer = zlib.compressobj()
    packed = packer.compress(shown) + packer.flush(zlib.Z_FULL_FLUSH) + b"\xff" * 99
    assert "nightjar" in said(document(page=stream(b"/Filter/FlateDecode", packed)))
    assert Defect.CONTAINER_DAMAGED in defects(document(stream(b"/Filter/FlateDecode", packed)))
    assert Defect.CONTAINER_DAMAGED not in defects(document(page=stream(b"/Filter/FlateDecode", packed)))


def test_a_file_that_nothing_leads_to_is_not_doubtful() -> None:
    """As one that was taken out again: it is looked into all the same."""
    octets = document(stream(b"/Type/EmbeddedFile", PACKED), named=b"null", root=b"<</Type/Catalog/Pages 2 0 R>>")
    assert_found(octets)
    assert not defects(octets)


def stored(files: list[tuple[str, bytes]]) -> bytes:
    return zipped(*files, method=0)


def tarred(files: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "packed"), [("a.zip", stored), ("a.tar", tarred), ("a.tgz", lambda files: gzip.compress(tarred(files), 0))]
)
def test_pdfs_among_other_files_are_files_of_their_own(name: str, packed: Callable[[list[tuple[str, bytes]]], bytes]) -> None:
    """What lies between two of them is no text of theirs, nor does the trailer of one say how the other is encrypted."""
    picture = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + random.Random(5).randbytes(50_000)
    locked = document(SEALED, trailer=b"/Encrypt" + LOCK)
    files = [("a.pdf", document(named=b"null", root=b"<</Pages 2 0 R>>")), ("b.jpg", picture), ("c.pdf", locked)]
    anatomy = Anatomy(attached(packed(files), name))
    assert {"a.pdf", "b.jpg", "c.pdf"} <= {called for one in anatomy.attachments for called in one.names}
    assert not anatomy.all_defects()
    files[0] = ("a.pdf", document())
    assert any("evil.exe" in one.names for one in Anatomy(attached(packed(files), name)).attachments)


def test_an_archive_that_is_called_a_pdf_is_read_as_one() -> None:
    inside = stored([("a.txt", b"hello")])
    assert_found(inside + document())
    both = inside + document() + b"trailer<</Root 1 0 R/Encrypt" + LOCK + b">>"
    assert Defect.CONTAINER_AMBIGUOUS in defects(both)
