"""Words that programs show of a PDF: by charsets, in forms where they are drawn, in glyphs drawn with fonts, in notes."""

import pytest
from fakes.odd_pdf import FILE, defects, document, said, stream

LATIN = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
WITHIN = b"<</Type/Font/Subtype/CIDFontType0/CIDSystemInfo<</Registry(Adobe)/Ordering(%b)/Supplement 0>>>>"
TYPE_0 = b"<</Type/Font/Subtype/Type0/BaseFont/F/Encoding%b/DescendantFonts[8 0 R]%b>>"
NUMBERS = "".join(f"{ord(letter) - 31:04x}" for letter in "nightjar").encode()
OWN = (
    b"begincmap 1 begincodespacerange <%b> <%b> endcodespacerange "
    b"2 begincidrange <%b41> <%b41> 79 <%b42> <%b43> 74 endcidrange endcmap"
)


def drawn(content: bytes, font: bytes = LATIN, *more: bytes, page: bytes = b"") -> str:
    """What is read of a page that draws this; the font's number is 5, more objects begin with 8."""
    octets = document(FILE, *more, named=b"null", page=stream(b"", content)).replace(LATIN, font)
    octets = octets.replace(b"/Resources<</Font", b"/Resources<<" + page + b"/Font", 1)
    assert not defects(octets)
    return said(octets)


@pytest.mark.parametrize(
    ("encoding", "charset", "word"),
    [
        (b"/90ms-RKSJ-H", "cp932", "nightjar ヨタカ"),
        (b"/EUC-V", "euc_jp", "ヨタカ"),
        (b"/GBK-EUC-H", "gbk", "夜鹰"),
        (b"/GBKp-EUC-V", "gbk", "夜鹰"),
        (b"/ETen-B5-H", "big5", "夜鷹"),
        (b"/KSCms-UHC-H", "cp949", "쏙독새"),
        (b"/UniJIS-UTF8-H", "utf-8", "ヨタカ"),
        (b"/UniJIS-UTF32-H", "utf-32-be", "ヨタカ"),
        (b" 9 0 R", "cp949", "쏙독새"),
    ],
)
def test_fonts_whose_codes_are_those_of_a_charset(encoding: bytes, charset: str, word: str) -> None:
    digits = word.encode(charset).hex().encode()
    font = TYPE_0 % (encoding, b"")
    assert word in drawn(b"BT /F1 9 Tf <%b> Tj ET" % digits, font, WITHIN % b"Japan1", b"/KSCms-UHC-H")


@pytest.mark.parametrize("collection", [b"Japan1", b"GB1", b"CNS1", b"Korea1"])
def test_letters_by_their_numbers_in_a_collection(collection: bytes) -> None:
    assert "nightjar" in drawn(b"BT /F1 9 Tf <%b> Tj ET" % NUMBERS, TYPE_0 % (b"/Identity-H", b""), WITHIN % collection)


@pytest.mark.parametrize("size", [1, 3])
def test_codes_of_a_map_of_its_own(size: int) -> None:
    zeros = b"00" * (size - 1)
    own = stream(b"/Type/CMap", OWN % (b"00" * size, b"ff" * size, *[zeros] * 4))
    shown = drawn(b"BT /F1 9 Tf <%b41%b42%b43> Tj ET" % (zeros, zeros, zeros), TYPE_0 % (b" 9 0 R", b""), WITHIN % b"Japan1", own)
    assert "nij" in shown


@pytest.mark.parametrize(
    "told", [b"9 beginbfchar <41> <006e> <42>%x\n<0069>", b"1 beginbfrange <41>%x\n<42>%x\n[<006e> <0069>] endbfrange"]
)
def test_a_map_to_unicode_that_does_not_end_or_has_comments(told: bytes) -> None:
    font = LATIN.replace(b">>", b"/ToUnicode 8 0 R>>")
    assert "ni" in drawn(b"BT /F1 9 Tf (AB) Tj ET", font, stream(b"", told))


FORM = b"/Subtype/Form/BBox[0 0 99 99]"
PART = b"BT /F1 12 Tf (%b) Tj ET"


@pytest.mark.parametrize(
    "content",
    [
        b"/X1 Do /X2 Do",
        b"q 1 0 0 1 90 600 cm /X2 Do Q q 1 0 0 1 72 600 cm /X1 Do Q",
        b"BT /F1 12 Tf 72 600 Td (nigh) Tj ET q 1 0 0 1 90 600 cm /X3 Do Q q 1 0 0 1 99 600 cm /X2 Do Q",
        b"/X1 Do /X4 Do",
    ],
)
def test_a_word_in_several_forms(content: bytes) -> None:
    forms = [stream(FORM, PART % letters) for letters in (b"night", b"jar", b"t")]
    nested = stream(FORM + b"/Resources<</XObject<</X1 9 0 R>>>>", b"/X1 Do")
    assert "nightjar" in drawn(content, LATIN, *forms, nested, page=b"/XObject<</X1 8 0 R/X2 9 0 R/X3 10 0 R/X4 11 0 R>>")


def test_forms_that_draw_themselves_end() -> None:
    loop = stream(FORM + b"/Resources<</XObject<</X1 8 0 R>>>>", PART % b"nightjar" + b" /X1 Do" * 20)
    assert drawn(b"/X1 Do " * 50, LATIN, loop, page=b"/XObject<</X1 8 0 R>>").count("nightjar") < 5_000


def test_glyphs_that_are_drawn_with_a_font() -> None:
    font = (
        b"<</Type/Font/Subtype/Type3/CharProcs<</x 8 0 R/y 9 0 R>>/Encoding<</Differences[65/x/y]>>"
        b"/Resources<</Font<</F1 10 0 R/F2 5 0 R>>>>>>"
    )
    glyphs = (stream(b"", PART % b"night"), stream(b"", b"9 0 d0 " + PART % b"jar" + b" /F2 9 Tf (AB) Tj"))
    assert "nightjar" in drawn(b"BT /F1 9 Tf (AB) Tj ET", font, *glyphs, LATIN)


@pytest.mark.parametrize(
    "content",
    [
        b"[(night) -600 600 (jar)] TJ",
        b"[(night) -120 (jar)] TJ",
        b"(night) Tj 0 -3 Td (jar) Tj",
        b"-3 TL (night) Tj (jar) '",
        b"(night) Tj T* (jar) Tj",
        b"".join(b" 0 -12 Td (%c) Tj" % letter for letter in b"nightjar"),
        b"ET q 1 0 0 1 90 600 cm BT (jar) Tj ET Q q 1 0 0 1 72 600 cm BT (night) Tj ET Q BT",
        b"(x) (nightjar) Tj",
        b"(nightjar) \x80Tj",
    ],
)
def test_pieces_of_a_word(content: bytes) -> None:
    assert "nightjar" in drawn(b"BT /F1 12 Tf 72 700 Td " + content + b" ET").replace("\n", " ").split(" ")


@pytest.mark.parametrize("hyphen", [b"-", b"\\255"])
def test_a_word_that_is_parted_at_the_end_of_a_line(hyphen: bytes) -> None:
    content = b"BT /F1 12 Tf 72 700 Td (why the night" + hyphen + b") Tj 0 -14 Td (jar sings) Tj ET"
    assert "why the nightjar sings" in drawn(content)


def test_a_blank_before_the_first_string_of_a_list() -> None:
    """As cairo writes it."""
    assert "the nightjar" in drawn(b"BT /F1 12 Tf 72 700 Td [(the)] TJ [<> -250 (nightjar)] TJ ET")


@pytest.mark.parametrize("sets", [b"/F1 12-Tf", b"/F1 12.5-3 Tf", b"/F1 12 Tf72", b"/F1 12 Tfx", b"/F1 12\x80Tf", b"/F1\xff12 Tf"])
def test_a_font_that_is_set_for_some_programs(sets: bytes) -> None:
    assert "nightjar" in drawn(b"BT " + sets + b" 72 700 Td (nightjar) Tj ET")


@pytest.mark.parametrize(
    "held",
    [
        b"<</Type/Annot/Subtype/Text/T(nightjar)/Contents(x)>>",
        b"<</FT/Ch/Opt[(x)(nightjar)]>>",
        b"<</FT/Ch/Opt[[(1)(x)][(2)(\\(nightjar)]]>>",
        b"<</FT/Ch/Opt 9 0 R>>",
        b"<</FT/Ch/Opt[(x) 10 0 R]>>",
        b"<</FT/Ch/V[(x)<6e696768746a6172>]>>",
        b"<</Type/OCG/Name(nightjar)>>",
        b"<</Nums[0<</P(nightjar)>>]>>",
        b"<</Nums[0<</P 10 0 R>>]>>",
        b"<</Producer(nightjar)>>",
        b"<</Subtype/Stamp/Name/nightjar>>",
        b"<</Subtype/Redact/OverlayText(nightjar)>>",
        b"<</Subtype/FreeText/RC(<body><p>night<b>jar</b></p></body>)>>",
    ],
)
def test_what_is_said_elsewhere(held: bytes) -> None:
    assert "nightjar" in drawn(b"", LATIN, held, b"[(x)(nightjar)]", b"(nightjar)")


@pytest.mark.parametrize(
    "held", [b"<</Opt[[[[[(x)>>", b"<</Opt 8 0 R>>", b"<</Opt[8 0 R 99 0 R]]]>>", b"<</P[", b"<</T(", b"<</V[()<>]>>"]
)
def test_what_is_said_oddly_is_read_to_its_end(held: bytes) -> None:
    said(document(FILE, held))


def goes_on(begins: bytes) -> bytes:
    """A deflated block that says it is longer than the stream in which it stands."""
    return b"\x78\x01\x00" + (999).to_bytes(2, "little") + (999 ^ 0xFFFF).to_bytes(2, "little") + begins


def test_deflated_contents_that_go_on_behind_their_stream_end_with_it() -> None:
    page = stream(b"/Filter/FlateDecode", goes_on(b"BT /F1 9 Tf 9 9 Td (nightjar) Tj "))
    assert "nightjar" in said(document(b"(s) Tj null", named=b"null", page=page)).split()


def test_deflated_forms_that_go_on_behind_their_stream_end_with_it() -> None:
    form = stream(FORM + b"/Filter/FlateDecode", goes_on(b"BT /F1 9 Tf 9 9 Td (nightjar) Tj "))
    assert "nightjar" in drawn(b"/X1 Do", LATIN, form, b"(s) Tj null", page=b"/XObject<</X1 8 0 R>>").split()


@pytest.mark.parametrize("state", [b"9 0 R", b"<</LW 1/Font[8 0 R 9]>>"])
def test_fonts_that_states_set_tell_their_letters(state: bytes) -> None:
    font = b"<</Type/Font/Subtype/Type1/Encoding<</Differences[65/n/i/g/h/t/j/a/r]>>>>"
    page = b"/ExtGState<</G 9 0 R/H%b>>" % state
    assert "nightjar" in drawn(b"BT /H gs (ABCDEFGH) Tj ET", LATIN, font, b"<</Type/ExtGState/Font [ 8 0 R 9 ]>>", page=page)
