"""The text of PDF pages: what fonts say their letters are, where it lies, how it is parted; and within which bounds."""

import zlib

import pytest
from fakes import corpus
from fakes.evasions.containers import zipped
from fakes.odd_mail import attached
from hypothesis import given
from hypothesis import strategies as st

from screener.anatomy.budget import Budget
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.message import Anatomy
from screener.anatomy.pdf import reader as pdf

REAL = {
    "spamassassin_t/00214_t__data__spam__extracttext__gtube_pdf.eml.eml": "This is the GTUBE, the",
    "rspamd/00027_test__functional__messages__content_url.eml.eml": "Lo http://www.example.com also http://8.8.8.8 kbye",
}
PAGE = b"<< /Type /Page /Contents 2 0 R /Resources << /Font << /F1 3 0 R >> >> >>"
STATES = b"<< /Type /Page /Contents 2 0 R /Resources << /ExtGState << /G 3 0 R >> >> >>"
LATIN = b"<< /Type /Font /Subtype /TrueType /Encoding /WinAnsiEncoding >>"
LIES = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 4 0 R >>"
WIDE = b"<< /Type /Font /Subtype /Type0 /DescendantFonts [9 0 R] /ToUnicode 4 0 R >>"
MAP = b"1 begincodespacerange <0000><ffff> endcodespacerange 2 beginbfchar <0001> <006e> <0002> <00660069> endbfchar "
MAP += b"2 beginbfrange <0010> <0012> <0434> <0020> <0021> [<0061> <D83DDE00>] endbfrange "
MAP += b"3 beginbfchar <6e> <007a> <69> <0074> <74> <0073> endbfchar"


def stream(content: bytes, keys: bytes = b"", *, packed: bool = True) -> bytes:
    content, keys = (zlib.compress(content), keys + b" /Filter /FlateDecode") if packed else (content, keys)
    return b"<< /Length %d %s >> stream\n" % (len(content), keys) + content + b"\nendstream"


def document(*objects: bytes, trailer: bytes = b"") -> bytes:
    numbered = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, one) for number, one in enumerate(objects, 1))
    return b"%PDF-1.7\n" + numbered + b"trailer << /Root 1 0 R " + trailer + b">>\n%%EOF\n"


def shown(content: bytes, font: bytes = LATIN) -> bytes:
    return document(PAGE, stream(b"q 1 0 0 1 0 0 cm BT /F1 12 Tf " + content + b" ET Q"), font, stream(MAP))


def texts(octets: bytes, name: str = "a.pdf") -> list[str]:
    return [text.text for text in Anatomy(attached(octets, name)).attachment_texts]


@pytest.mark.parametrize(
    ("octets", "found"),
    [
        (shown(b"(nightjar) Tj"), "nightjar"),
        (shown(b"(gr\xfc\\337e \\(a\\\\\\)) Tj"), "grüße (a\\)"),
        (shown(b"(a(b(c(d(e)))))Tj"), "a(b(c(d(e))))"),
        (shown(b"<6e6967 68746a6172> Tj"), "nightjar"),
        (shown(b"[(ni) -20 (ght) 90 (jar)] TJ"), "nightjar"),
        (shown(b"[(night) -300 (jar)] TJ"), "night jar"),
        (shown(b"1 0 0 1 72 700 Tm (night) Tj 1 0 0 1 72 688 Tm (jar) Tj"), "night\njar"),
        (shown(b"12 TL 72 700 Td (night) Tj 0 -12 Td (jar) Tj T* (so) Tj (b) '"), "night\njar\nso\nb"),
        (shown(b"72 700 Td (night) Tj 9 0 Td (jar) Tj"), "nightjar"),
        (shown(b"72 700 Td (night) Tj 9 0 Td (jar) Tj"), "night jar"),
        (shown(b"90 700 Td" + b"".join(b" (%c) Tj -9 0 Td" % letter for letter in b"rajthgin")), "nightjar"),
        (shown(b"1 0 0 1 200 700 Tm (jar) Tj 1 0 0 1 72 688 Tm (x) Tj 1 0 0 1 180 700 Tm (night) Tj"), "nightjar"),
        (shown(b"<05DD05D505DC05E9> Tj", b"<< /Subtype /Type0 /Encoding /UniJIS-UTF16-H >>"), "\u05e9\u05dc\u05d5\u05dd"),
        (shown(b"<05E905DC05D505DD> Tj", b"<< /Subtype /Type0 /Encoding /UniJIS-UTF16-H >>"), "\u05e9\u05dc\u05d5\u05dd"),
        (shown(b"BI /W 1 ID (xx) Tj EI (night) Tj ET BT (jar) Tj"), "nightjar"),
        (shown(b"<0001 0002 0010 0011 0012 0020 0021 0099> Tj", WIDE), "nfiдежa\U0001f600"),
        (shown(b"<006e0069> Tj", b"<< /Subtype /Type0 /Encoding /UniJIS-UTF16-H >>"), "ni"),
        (
            shown(b"(\x8a\x01\x02) Tj", b"<< /Encoding << /BaseEncoding /MacRomanEncoding /Differences [1 /f_i /uni0416] >> >>"),
            "äЖ",
        ),
        (shown(b"(abcd) Tj", b"<< /Encoding << /Differences [97 /adieresis /one /fi 100 /germandbls.alt] >> >>"), "ä1fiß"),
        (shown(b"/Span << /ActualText (nightjar) >> BDC (x) Tj (y) Tj EMC"), "nightjar"),
        (shown(b"(night) Tj /Span << /ActualText <feff006a> >> BDC (xx) Tj EMC (ar) Tj"), "nightjar"),
        (shown(b"(night) Tj /Span << /ActualText (x) >> BDC /P BMC (ja) Tj EMC (r) Tj EMC"), "nightjar"),
        (shown(b"ET /Span << /ActualText (night) >> BDC BT (x) Tj ET EMC BT (jar) Tj"), "nightjar"),
        (shown(b"ET /Span << /ActualText (nightjar) >> BDC /I Do EMC BT (x) Tj"), "nightjar"),
        (shown(b"/P << /Lang (en) >> BDC (nightjar) Tj EMC"), "nightjar"),
        (shown(b"(nightjar) Tj", LIES), "nightjar"),
        (shown(b"(nightjar) Tj", LIES), "ztghsjar"),
        (shown(b"/F9 1 Tf (nightjar) Tj"), "nightjar"),
        (
            document(PAGE.replace(b"2 0 R", b"[2 0 R 4 0 R]"), stream(b"BT /F1 9 Tf (night) Tj"), LATIN, stream(b"(jar) Tj ET")),
            "nightjar",
        ),
        (document(STATES, stream(b"/G gs BT (nightjar) Tj ET"), b"<< /Font [4 0 R 9] >>"), "nightjar"),
        (document(PAGE.replace(b"2 0 R", b"4 0 R"), stream(b"BT /F1 9 Tf (nightjar) Tj ET"), LATIN, b"[2 0 R]"), "nightjar"),
        (document(stream(b"BT /F1 9 Tf (nightjar) Tj ET", b"/Type /XObject /Subtype /Form")), "nightjar"),
        (document(b"<< /Type /Annot /Contents (nightjar) >>"), "nightjar"),
        (document(b"<< /Title <feff006e0069> >>"), "ni"),
        (document(b"<< /FT /Tx /V (nightjar) >>"), "nightjar"),
        (document(PAGE, stream(b"BT /F1 9 Tf (nightjar) Tj ET", packed=False), LATIN), "nightjar"),
        (document(PAGE.replace(b"Page", b"P#61ge"), stream(b"BT /F1 9 Tf (nightjar) Tj ET"), LATIN), "nightjar"),
    ],
)
def test_texts(octets: bytes, found: str) -> None:
    assert found in [line for text in texts(octets) for line in (text.strip("\n"), *text.split("\n"))]


def test_fonts_of_what_a_page_lies_in_and_of_object_streams() -> None:
    above = b"<< /Type /Pages /Kids [1 0 R] /Resources 6 0 R >>"
    page = b"<< /Type /Page /Parent 5 0 R /Contents 2 0 R >>"
    inner = b"6 0 3 31 " + b"<< /Font << /F1 3 0 R >> >>    " + WIDE
    packed = stream(inner, b"/Type /ObjStm /N 2 /First 9")
    octets = document(page, stream(b"BT /F1 1 Tf <00010001> Tj ET"), packed, stream(MAP), above)
    assert texts(octets) == ["\nnn"] or texts(octets) == ["nn"]


def test_fonts_of_one_name_on_two_pages() -> None:
    second = b"<< /Type /Page /Contents 6 0 R /Resources << /Font << /F1 7 0 R >> >> >>"
    octets = document(
        PAGE, stream(b"BT /F1 1 Tf (aa) Tj ET"), LATIN, stream(MAP), second, stream(b"BT /F1 1 Tf <00010001> Tj ET"), WIDE
    )
    assert texts(octets) == ["aa\nnn"]


@pytest.mark.parametrize("path", REAL)
def test_real_ones(path: str) -> None:
    content = next(one for one in corpus.specimens() if one.path == path).wire()
    assert any(REAL[path] in text.text for text in Anatomy(content).attachment_texts)


def test_in_an_archive() -> None:
    assert texts(zipped(("a.pdf", shown(b"(nightjar) Tj"))), "a.zip") == ["nightjar"]


@pytest.mark.parametrize(
    "octets",
    [
        shown(b"(" * 90_000),
        shown(b"(\\" * 90_000),
        document(),
        document(b"<< /Encrypt 2 0 R >>"),
        document(PAGE, stream(b"\x80\x07BT (\xe4\x02nightjar) Tj ET", packed=False), LATIN),  # no font
    ],
)
def test_nothing_where_nothing_is(octets: bytes) -> None:
    assert texts(octets) == []
    assert not Anatomy(attached(octets, "a.pdf")).all_defects()


@pytest.mark.parametrize(
    "octets",
    [
        shown(b"(nightjar) Tj " * 50_000),
        shown(b"<0001> Tj" * 20_000, WIDE),
        document(*[b"<< /Title (nightjar) >>"] * 20_000),
        document(*[PAGE] * 20_000, stream(b"BT /F1 9 Tf (nightjar) Tj ET")),
    ],
)
def test_no_more_than_is_read_for_words(octets: bytes) -> None:
    anatomy = Anatomy(attached(octets, "a.pdf"), budget=Budget(text_floor=2_000, text_factor=0))
    assert sum(len(text.text) for text in anatomy.attachment_texts) <= 2_000


def test_ranges_that_are_told_again_and_again() -> None:
    ranges = b"beginbfrange " + b"<0000> <ffff> <0041>" * 20_000 + b" endbfrange"
    assert texts(document(PAGE, stream(b"BT /F1 1 Tf <0001> Tj ET"), WIDE, stream(ranges))) == ["B"]


def test_packed_octet_by_octet_more_than_may_be_is_cut_and_said() -> None:
    page = b"BT /F1 9 Tf (nightjar) Tj ET".ljust(2_000)
    runs = b"".join(b"\x7f" + page[at : at + 128].ljust(128) for at in range(0, len(page), 128)) + b"\x80"
    octets = document(PAGE, stream(runs, b"/Filter /RunLengthDecode", packed=False), LATIN)
    assert texts(octets) == ["nightjar"]
    anatomy = Anatomy(attached(octets, "a.pdf"), budget=Budget(stepped_octets=1_000))
    assert anatomy.attachment_texts[0].text == "nightjar"
    assert {one.defect for one in anatomy.all_defects()} == {Defect.TEXT_TRUNCATED}


def test_text_that_is_cut_is_said() -> None:
    anatomy = Anatomy(attached(shown(b"(nightjar) Tj " * 1_000), "a.pdf"), budget=Budget(text_octets=100))
    assert len(anatomy.attachment_texts[0].text) == 100
    assert {one.defect for one in anatomy.all_defects()} == {Defect.TEXT_TRUNCATED}


@given(st.data())
def test_noise_is_read_to_its_end(data: st.DataObject) -> None:
    octets = bytearray(
        document(PAGE, stream(b"BT /F1 1 Tf [(a) -999 <62>] TJ 1 2 Td (c\\7) ' ET", packed=False), WIDE, stream(MAP, packed=False))
    )
    for at, value in data.draw(st.lists(st.tuples(st.integers(9, len(octets) - 1), st.integers(0, 255)), max_size=20)):
        octets[at] = value
    ledger = Ledger(Budget(), len(octets))
    for read in pdf.read(bytes(octets), ledger, "a").texts:
        assert len(read(100)) <= 100
