"""PDFs that are damaged, lie in archives, or whose pages are led to in several ways."""

import base64
import gzip
import random
import zlib
from collections.abc import Callable

import pytest
from fakes.evasions.containers import tarred, zipped
from fakes.evasions.judging import screened, shipped
from fakes.odd_mail import attached
from fakes.odd_pdf import FILE, LOCK, PACKED, SEALED, SHOWN, assert_found, defects, document, said, stream

from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action


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


@pytest.mark.parametrize("keys", [b"", b"/Params<</Size 0>>"])
@pytest.mark.parametrize(
    ("how", "packed"),
    [
        (b"", b""),
        (b"/Filter/FlateDecode", zlib.compress(b"")),
        (b"/Filter/FlateDecode", b""),
        (b"/Filter/AHx", b">"),
        (b"/Filter/RL", b"\x80"),
    ],
)
def test_an_empty_file_is_no_fault(keys: bytes, how: bytes, packed: bytes) -> None:
    assert not defects(document(stream(b"/Type/EmbeddedFile" + keys + how, packed)))


@pytest.mark.parametrize(
    "file", [stream(b"/Filter/X", b"x"), stream(b"/Filter/FlateDecode", b"x" * 60), stream(b"/Filter/Fl/Params<</Size 9>>", b"")]
)
def test_a_file_of_which_nothing_comes_out_is_not_empty(file: bytes) -> None:
    assert Defect.CONTAINER_METHOD in defects(document(file))


def stored(*files: tuple[str, bytes]) -> bytes:
    return zipped(*files, method=0)


@pytest.mark.parametrize(
    ("name", "packed"), [("a.zip", stored), ("a.tar", tarred), ("a.tgz", lambda *files: gzip.compress(tarred(*files), 0))]
)
def test_pdfs_among_other_files_are_files_of_their_own(name: str, packed: Callable[..., bytes]) -> None:
    """What lies between two of them is no text of theirs, nor does the trailer of one say how the other is encrypted."""
    picture = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + random.Random(5).randbytes(50_000)
    locked = document(SEALED, trailer=b"/Encrypt" + LOCK)
    files = [("a.pdf", document(named=b"null", root=b"<</Pages 2 0 R>>")), ("b.jpg", picture), ("c.pdf", locked)]
    anatomy = Anatomy(attached(packed(*files), name))
    assert {"a.pdf", "b.jpg", "c.pdf"} <= {called for one in anatomy.attachments for called in one.names}
    assert not anatomy.all_defects()
    files[0] = ("a.pdf", document())
    assert any("evil.exe" in one.names for one in Anatomy(attached(packed(*files), name)).attachments)


def test_an_archive_that_is_called_a_pdf_is_read_as_one() -> None:
    inside = stored(("a.txt", b"hello"))
    assert_found(inside + document())
    both = inside + document() + b"trailer<</Root 1 0 R/Encrypt" + LOCK + b">>"
    assert Defect.CONTAINER_AMBIGUOUS in defects(both)


PAGE = b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
OTHER = stream(b"", b"BT /F1 12 Tf 72 700 Td (other) Tj ET")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (PAGE, PAGE.replace(b"/Type/Page", b"")),
        (PAGE, PAGE.replace(b"/Contents", b"/Annots[<</Contents(a note)>>]/Contents")),
        (PAGE, PAGE.replace(b"/Contents", b"/X(/Contents 8 0 R)/Contents")),
        (PAGE, PAGE.replace(b"/Contents", b"/Contents 8 0 R/Contents")),
        (PAGE, PAGE.replace(b"/Contents 4 0 R", b"/Contents 4 0 R/Contents 8 0 R")),
        (b"trailer", b"4 0 obj" + OTHER + b"endobj\ntrailer"),
        (b"trailer", b"3 0 obj" + PAGE.replace(b"4 0 R", b"8 0 R") + b"endobj\ntrailer"),
    ],
)
def test_the_text_of_every_page_that_a_table_may_lead_to(old: bytes, new: bytes) -> None:
    octets = document(FILE, OTHER)
    assert octets.count(old) == 1
    assert "nightjar" in said(octets.replace(old, new))


def test_how_a_page_is_packed_is_ambiguous_where_it_is_said_in_two_ways() -> None:
    page = stream(b"/Filter/ASCIIHexDecode/Filter/FlateDecode", zlib.compress(SHOWN))
    assert Defect.CONTAINER_AMBIGUOUS in defects(document(page=page))


@pytest.mark.parametrize(
    "keys",
    [
        b"/Filter/Fl/DecodeParms<</Predictor 3>>",
        b"/Filter/Fl/DecodeParms<</Predictor 20/Columns 4>>",
        b"/Filter/Fl/DecodeParms<</Predictor 12/Predictor 1>>",
        b"/Filter/Fl/DecodeParms<</Colors 64>>",
        b"/Filter/Fl/DecodeParms<</Predictor 12/Columns 8/BitsPerComponent 0>>",
        b"/Filter/Fl/DecodeParms<</Predictor 12/Columns 0>>",
        b"/Filter/Fl/DecodeParms<</Predictor 12/Colors 0>>",
        b"/Filter/Fl/DecodeParms<</EarlyChange 2>>",
        b"/Filter/Fl/DecodeParms<</Predictor 2/BitsPerComponent 4>>",
        b"/Filter/Fl/DecodeParms<</Predictor 1>>/DP<</Predictor 12>>",
        b"/Filter/Fl/F/AHx",
        b"/F/Fl",
        b"/Filter/Fl-x",
        b"/Filter[[/Fl]]",
        b"/Filter/Fl/DP<</Predictor 12/Columns 4>>",
        b"/Filter/Fl/FDecodeParms[<</Predictor 10/Columns 8>>]",
        b"/Filter[/Fl]/DecodeParms<</Predictor 12/Columns 4>>",
        b"/Filter[/Fl null]/DecodeParms<</Predictor 12/Columns 4>>",
        b"/Filter/Fl/DecodeParms[<</Predictor 12/Columns 4>>]",
        b"/Filter[/Fl]/DecodeParms[[<</Predictor 12/Columns 4>>]]",
        b"/Filter[/Fl]/DecodeParms[null<</Predictor 12/Columns 4>>]",
        b"/Filter[" + b"/Crypt" * 8 + b"/Fl]",
    ],
)
def test_how_a_stream_is_packed_is_ambiguous_where_readers_take_it_differently(keys: bytes) -> None:
    assert Defect.CONTAINER_AMBIGUOUS in defects(document(stream(keys, zlib.compress(PACKED))))
    assert Defect.TEXT_TRUNCATED in defects(document(page=stream(keys, zlib.compress(SHOWN))))


@pytest.mark.parametrize(
    ("how", "packed"),
    [
        (b"/ASCII85Decode", base64.a85encode(PACKED)[:20] + b"\x80" + base64.a85encode(PACKED)[20:] + b"~>"),
        (b"/ASCII85Decode", base64.a85encode(PACKED)[:20] + b"uuuuu" + base64.a85encode(PACKED)[20:] + b"~>"),
        (b"/ASCIIHexDecode", PACKED.hex().encode().replace(b"504b", b"50\x804b", 1) + b">"),
    ],
)
def test_what_is_no_digit_in_a_file_of_digits_is_damage(how: bytes, packed: bytes) -> None:
    """Readers pass over it, end there, or read on."""
    octets = document(stream(b"/Filter" + how, packed))
    assert Defect.CONTAINER_DAMAGED in defects(octets)
    assert screened(shipped(), attached(octets, "a.pdf")).verdicts[0].action is Action.HOLD


@pytest.mark.parametrize(
    ("keys", "packed"),
    [
        (b"/Filter[/A85/Fl]/DecodeParms[null null]", base64.a85encode(zlib.compress(PACKED)) + b"~>"),
        (b"/Filter[/Fl]/DecodeParms<</Predictor 1>>", zlib.compress(PACKED)),
        (b"/Filter /FlateDecode/DecodeParms null/F null", zlib.compress(PACKED)),
        (b"/Filter[ /FlateDecode ]/DecodeParms[<</Predictor 1/Columns +0004.0>>]", zlib.compress(PACKED)),
    ],
)
def test_how_a_stream_is_packed_is_plain_where_all_readers_take_it_alike(keys: bytes, packed: bytes) -> None:
    assert not defects(document(stream(keys, packed)))
