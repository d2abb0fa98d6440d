"""Letters of documents that nobody sees between others, and words that stand apart in the file and together on the page."""

import pytest
from fakes.evasions.containers import document, zipped
from fakes.evasions.documents import run
from fakes.odd_mail import attached

from screener.anatomy.message import Anatomy
from screener.anatomy.office import xml_text
from screener.anatomy.text import normalise


def texts(octets: bytes, name: str = "a.docx") -> list[str]:
    return [text.text for text in Anatomy(attached(octets, name)).attachment_texts]


def word(body: str) -> bytes:
    markup = (
        f'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{body}</w:body></w:document>'
    )
    return zipped(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", markup.encode()))


def cells(margin: str) -> str:
    """A table of two cells, with this between a cell's side and what is in it."""
    return (
        f'<w:tbl><w:tblPr><w:tblCellMar><w:top w:w="0"/><w:left w:w="{margin}" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tr>'
        f'<w:tc><w:tcPr><w:tcW w:w="9"/></w:tcPr><w:p>{run("night")}</w:p></w:tc>'
        f'<w:tc><w:tcPr><w:tcW w:w="9"/></w:tcPr><w:p>{run("jar")}</w:p></w:tc></w:tr></w:tbl>'
    )


UNSEEN = [
    '<w:color w:val="FFFFFF"/>',
    '<w:color w:val="F2f2f2"/>',
    '<w:color w:themeColor="background1"/>',
    '<w:color w:val="1F3864"/><w:shd w:val="clear" w:fill="1F3864"/>',
    '<w:sz w:val="1"/>',
    '<w:w w:val="1"/><w:spacing w:val="-200"/>',
    '<w:rStyle w:val="Hid"/>',
]


@pytest.mark.parametrize("properties", UNSEEN)
@pytest.mark.parametrize("own", ["", '<w:color w:val="333333"/>', '<w:rStyle w:val="Own"/>'])
@pytest.mark.parametrize("more", [0, 9])
def test_a_word_is_seen_without_what_is_not(properties: str, own: str, more: int) -> None:
    letters = "".join([run(letter, own) + run("xy", properties) for letter in "nightjar"])
    found = texts(word(f"<w:p>{letters}</w:p>" + f"<w:p>{run('a b', properties)}</w:p>" * more))
    assert any("nightjar" in one for one in found)
    assert any("nxyixy" in one for one in found)  # and with it, as ever


@pytest.mark.parametrize(
    "body",
    [
        f"<w:p>{run('xy', UNSEEN[0])}{run('nightjar')}</w:p>",
        f'<w:p><w:bdo w:val="rtl">{run("rajt")}{run("hgin")}</w:bdo></w:p>',
        f"<w:p><w:pPr><w:rPr><w:vanish/><w:specVanish/></w:rPr></w:pPr>{run('night')}</w:p><w:p>{run('jar')}</w:p>",
        f'<w:p><w:pPr><w:framePr w:dropCap="drop" w:lines="3"/></w:pPr>{run("n")}</w:p><w:p>{run("ightjar")}</w:p>',
        *map(cells, ("0", "00", "5", "-10", "0pt", "0.1mm", "0%")),
    ],
)
def test_a_word_is_seen_that_is_written_otherwise(body: str) -> None:
    assert any("nightjar" in normalise(one).split() for one in texts(word(body)))


@pytest.mark.parametrize("properties", UNSEEN)
@pytest.mark.parametrize("within", ["", run("y", '<w:sz w:val="2"/>')])
def test_what_is_not_seen_may_part_words(properties: str, within: str) -> None:
    gap = run("x", properties)
    body = f"<w:p>{run('the')}{gap}{run('night')}{within}{run('jar')}{gap}{run('is')}</w:p>"
    assert any("nightjar" in one.split() for one in texts(word(body)))


def test_white_letters_of_an_open_document_part_words() -> None:
    white = '<style:style style:name="T1"><style:text-properties fo:color="#ffffff"/></style:style>'
    span = '<text:span text:style-name="T1">x</text:span>'
    letter = f"<office:document-content>{white}<text:p>the{span}nightjar{span}is</text:p></office:document-content>"
    open_text = zipped(("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", letter.encode()))
    assert any("nightjar" in one.split() for one in texts(open_text, "a.odt"))


@pytest.mark.parametrize("margin", ["108", "20", "5.4pt", "1mm"])
def test_cells_with_margins_are_words_of_their_own(margin: str) -> None:
    assert not any("nightjar" in one for one in texts(word(cells(margin))))


def test_slides_and_sheets_and_open_documents_too() -> None:
    slide = (
        '<p:sld><a:p><a:r><a:t>night</a:t></a:r><a:r><a:rPr sz="100"/><a:t>xy</a:t></a:r><a:r><a:t>jar</a:t></a:r></a:p></p:sld>'
    )
    sheet = '<sst><si><r><t>night</t></r><r><rPr><color rgb="FFFFFFFF"/></rPr><t>xy</t></r><r><t>jar</t></r></si></sst>'
    letter = (
        '<office:document-content><text:p>night<text:span text:style-name="T1">xy</text:span>jar</text:p></office:document-content>'
    )
    assert any("nightjar" in one for one in texts(document(("ppt/slides/slide1.xml", slide.encode())), "a.pptx"))
    assert any("nightjar" in one for one in texts(document(("xl/sharedStrings.xml", sheet.encode())), "a.xlsx"))
    open_text = zipped(("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", letter.encode()))
    assert any("nightjar" in one for one in texts(open_text, "a.odt"))


@pytest.mark.parametrize(
    "looks",
    [
        "<a:noFill/>",
        "<a:ln><a:noFill/></a:ln><a:noFill/>",
        '<a:solidFill><a:srgbClr val="000000"><a:alpha val="0"/></a:srgbClr></a:solidFill>',
        '<a:solidFill><a:sysClr val="window" lastClr="FFFFFF"/></a:solidFill>',
        '<a:solidFill><a:prstClr val="white"/></a:solidFill>',
        '<a:solidFill><a:prstClr val="ghostWhite"/></a:solidFill>',
        '<a:solidFill><a:hslClr hue="0" sat="0" lum="100000"/></a:solidFill>',
        '<a:solidFill><a:hslClr hue="0" sat="0%" lum="100%"/></a:solidFill>',
        '<a:solidFill><a:scrgbClr r="100000" g="100000" b="100000"/></a:solidFill>',
        '<a:solidFill><a:schemeClr val="tx1"><a:lumMod val="0"/><a:lumOff val="100000"/></a:schemeClr></a:solidFill>',
        '<color theme="0"/>',
        '<color theme="4"/>',
        '<color rgb="FF123456"/>',
        '<color indexed="9"/>',
    ],
)
def test_letters_of_no_colour_but_that_behind_them_are_not_seen(looks: str) -> None:
    runs = f"<a:r><a:t>night</a:t></a:r><a:r><a:rPr>{looks}</a:rPr><a:t>xy</a:t></a:r><a:r><a:t>jar</a:t></a:r>"
    assert any("nightjar" in one for one in xml_text.read(f"<a:p>{runs}</a:p>", gaps=False))


@pytest.mark.parametrize(
    "looks",
    [
        "<a:ln><a:noFill/></a:ln>",
        "<a:ln><a:noFill/><a:round/></a:ln>",
        '<color theme="1"/>',
        '<color rgb="FF000000"/>',
        '<color indexed="8"/>',
        '<a:solidFill><a:hslClr hue="100000" sat="100000" lum="50000"/></a:solidFill>',
        '<a:solidFill><a:scrgbClr r="100000" g="0" b="0"/></a:solidFill>',
        '<a:solidFill><a:schemeClr val="tx1"><a:lumMod val="65000"/><a:lumOff val="35000"/></a:schemeClr></a:solidFill>',
    ],
)
def test_letters_without_a_border_and_of_a_colour_are_seen(looks: str) -> None:
    markup = f"<a:p><a:r><a:t>night</a:t></a:r><a:r><a:rPr>{looks}</a:rPr><a:t>xy</a:t></a:r></a:p>"
    assert [one for one in xml_text.read(markup, gaps=False) if one] == ["nightxy"]


def test_what_hides_nothing_is_read_once() -> None:
    styled = run("see ") + run("here", '<w:rStyle w:val="Hyperlink"/><w:color w:val="0000FF"/>') + run(" and ")
    titled = f"<w:p>{run('White title', UNSEEN[0])}</w:p><w:p><w:pPr><w:rPr><w:sz w:val='20'/></w:rPr></w:pPr>{styled}</w:p>"
    assert len(texts(word(titled))) == 1
    assert len(xml_text.read(titled, gaps=False)) == 2
