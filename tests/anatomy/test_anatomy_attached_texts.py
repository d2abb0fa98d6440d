"""What attached files and documents say: in the declared, the detected and their own charset, also inside containers."""

import pytest
from fakes.evasions import documents
from fakes.evasions.containers import zipped
from fakes.odd_mail import TOP, attached, mixed
from hypothesis import given
from hypothesis import strategies as st

from screener.anatomy import charsets, wide
from screener.anatomy.budget import Budget
from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy, NotInline
from screener.anatomy.office import xml_text
from screener.anatomy.text import TextKind


def file_part(head: bytes, octets: bytes) -> bytes:
    return mixed(b"Content-Type: " + head + b'\r\nContent-Disposition: attachment; filename="a.txt"\r\n\r\n' + octets)


def shown(content: bytes) -> set[str]:
    return {text.text for text in Anatomy(content).attachment_texts}


def test_the_declared_and_the_detected_charset_of_a_file_are_tried() -> None:
    assert shown(file_part(b"text/plain; charset=utf-7", b"+AGE-")) == {"a", "+AGE-"}
    assert shown(file_part(b"text/plain; charset=koi8-r", b"\xd0\xd2\xc9\xd7\xc5\xd4")) >= {"привет"}


def test_a_page_says_its_charset_itself() -> None:
    page = b'<html><meta charset="utf-7">+AGE-'
    assert shown(file_part(b"text/html; charset=us-ascii", page)) == {"+AGE-", "a"}
    bodies = {text.text for text in Anatomy(TOP + b"Content-Type: text/html; charset=us-ascii\r\n\r\n" + page).texts}
    assert bodies == {"+AGE-", "a"}


def test_a_page_that_says_another_charset_is_no_defect() -> None:
    """Whoever recodes a page on its way seldom changes what it says of itself."""
    page = '<html><meta charset="windows-1252">ä'.encode()
    assert not Anatomy(
        TOP + b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + page
    ).all_defects()


def test_a_file_in_a_container_has_no_declared_charset() -> None:
    content = attached(zipped(("a.dat", "ein Text in UTF-16".encode("utf-16-le"))), "a.zip")
    anatomy = Anatomy(content)
    assert "ein Text in UTF-16" in {text.text for text in anatomy.attachment_texts}
    assert {text.kind for text in anatomy.attachment_texts} == {TextKind.ATTACHMENT}
    assert {text.place for text in anatomy.attachment_texts} == {"part 2 > a.zip > a.dat"}


WORD = '<w:document xmlns:w="x"><w:body><w:p><w:r><w:t>night</w:t>{}<w:t>ar</w:t></w:r></w:p></w:body></w:document>'


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        (WORD.format("<w:sym w:font='Arial' w:char='006A'/>"), "nightjar"),
        (WORD.format("<w:sym w:char='F06A' w:font='Calibri'></w:sym>"), "nightjar"),
        (WORD.format("<w:sym w:font='Wingdings' w:char='F04A'/>"), "nightar"),
        ('<!DOCTYPE w [<!ENTITY j "j">]>' + WORD.format("<w:t>&j;</w:t>"), "nightjar"),
        ('<!DOCTYPE w [<!ENTITY a "<!--"><!ENTITY j "&k;"><!ENTITY k "j">]>' + WORD.format("<w:t>&j;</w:t>"), "nightjar"),
        ('<!DOCTYPE w [<!ENTITY j "j"><!ENTITY j "x"><!ENTITY lt "j">]>' + WORD.format("<w:t>&j;&lt;</w:t>"), "nightj<ar"),
        (WORD.format("<w:t><![CDATA[<!--]]></w:t><w:t>j</w:t>"), "night<!--jar"),
        (WORD.format("<w:t>&j;</w:t>"), "night&j;ar"),
    ],
)
def test_letters_written_in_other_ways(markup: str, text: str) -> None:
    octets = zipped(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", markup.encode()))
    assert text in shown(attached(octets, "a.docx"))


def test_entities_that_grow_are_bounded() -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    shown_text, _ = xml_text.read(f'<!DOCTYPE w [<!ENTITY a0 "{"x" * 100}">{entities}]><t>&a9; ende</t>')
    assert len(shown_text) < 2**21
    assert shown_text.endswith("ende")


def test_binaries_are_no_texts() -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
    assert not shown(attached(picture, "a.png"))
    assert not shown(attached(bytes(range(256)) * 8, "a.dat"))


def test_what_is_only_called_text_comes_last() -> None:
    picture = b'Content-Type: text/plain; name="a.txt"\r\n\r\nGIF89a\x01 x'
    note = b'Content-Type: text/plain; name="b.txt"\r\n\r\nnote'
    places = [text.place for text in Anatomy(mixed(picture, note)).attachment_texts]
    assert places[0] == "part 2"
    assert set(places[1:]) == {"part 1"}


@pytest.mark.parametrize("codec", ["utf_16_le", "utf_16_be", "utf_32_le", "utf_32_be"])
@pytest.mark.parametrize(
    "text",
    ["hello there, my friend", "Добрый день, коллеги", "你好，世界。这是一个测试文件，请不要回复。", "안녕하세요 반갑습니다"],
)
def test_wide_texts_without_a_mark_are_told(codec: str, text: str) -> None:
    octets = text.encode(codec)
    assert text in charsets.readings(octets).texts
    assert text in charsets.readings(octets, "iso-8859-1").texts
    assert codec in wide.codecs(octets)


@pytest.mark.parametrize(
    "octets",
    [
        b"hello there, my friend\r\n",
        "Größe und Änderung".encode("latin-1"),
        "Добрый день".encode("koi8-r"),
        bytes(range(256)),
        b"\x1b[31mred\x1b[0m",
        b"a long log line with one \x07 bell in it, and much more behind it",
        b"",
        b"\x00",
    ],
)
def test_ordinary_texts_are_not_wide(octets: bytes) -> None:
    assert wide.codecs(octets) == ()


def test_switches_within_ascii_are_followed_undeclared() -> None:
    assert "移動" in charsets.readings("移動".encode("iso-2022-jp")).texts
    assert "移动" in charsets.readings("移动".encode("hz"), "us-ascii").texts
    assert charsets.readings(b"about ~ 5 \x1b[0m").texts == ("about ~ 5 \x1b[0m",)


def test_a_wide_file_that_says_ascii_is_in_the_wrong_charset() -> None:
    found = Anatomy(file_part(b"text/plain; charset=us-ascii", "Добрый день".encode("utf-16-le"))).all_defects()
    assert Defect.WRONG_CHARSET in {one.defect for one in found}


# Documents


HEADER = "<worksheet><sheetData/><headerFooter><oddHeader>{}</oddHeader></headerFooter></worksheet>"
PARAGRAPH = "<w:p>" + documents.run("night") + "{}" + documents.run("jar") + "</w:p>"


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (documents.part("<workbook><sheets><sheet name='night&#106;ar' sheetId='1'/></sheets></workbook>"), "nightjar"),
        (documents.open_document("<table:table table:name='nightjar'/>", kind="spreadsheet"), "nightjar"),
        (documents.word('<w:pict><v:shape id="a"><v:textpath style="x" string="nightjar"/></v:shape></w:pict>'), "nightjar"),
        (documents.word('<wp:docPr id="1" name="Picture 1" descr="nightjar"/>'), "nightjar"),
        (documents.part("<pivot><sharedItems><s v='nightjar'/></sharedItems></pivot>"), "nightjar"),
        (documents.part("<table><tableColumns><tableColumn id='1' name='nightjar'/></tableColumns></table>"), "nightjar"),
        (documents.part("<x><dataValidation promptTitle='nightjar' prompt='x'/></x>"), "nightjar\nx"),
        (documents.part("<x><numFmt numFmtId='164' formatCode='[Red]&quot;night&quot;#\\j\\a\\r;&quot;x&quot;'/></x>"),
         "nightjar\nx"),
        (documents.part("<x><numFmt numFmtId='164' formatCode='yyyy\\-mm\\-dd'/>nightjar</x>"), "nightjar"),
        (documents.part("<w:lvl><w:lvlText w:val='%1.nightjar'/></w:lvl>"), ".nightjar"),
        (documents.word("<w:sdt><w:sdtPr><w:listItem w:displayText='nightjar' w:value='1'/></w:sdtPr></w:sdt>"), "nightjar"),
        (documents.word("<m:oMath><m:r><m:t>night</m:t></m:r><m:r><m:t>jar</m:t></m:r></m:oMath>"), "nightjar"),
        (documents.sheet("<si><t>night_x006A_ar</t></si>"), "nightjar"),
        (documents.sheet("<si><t>night_x005F_x006A_ar_xD83D__xDE00_</t></si>"), "night_x006A_ar\U0001f600"),
        (documents.part(HEADER.format("&amp;Cnight&amp;Bjar")), "nightjar"),
        (documents.part(HEADER.format('&amp;L&amp;"-,Bold"&amp;12nightjar&amp;K00-024')), "nightjar"),
        (documents.part(HEADER.format("a&amp;&amp;b&amp;Rc&amp;P")), "a&b\nc"),
        (documents.word(PARAGRAPH.format("<w:sdt><w:sdtPr><w:text/></w:sdtPr></w:sdt>")), "nightjar"),
        (documents.word(PARAGRAPH.format("<w:moveFrom w:id='1'>" + documents.run("x") + "</w:moveFrom>")), "nightjar"),
        (documents.word(PARAGRAPH.format(
            f"<w:r><w:ruby><w:rt>{documents.run('x')}</w:rt><w:rubyBase></w:rubyBase></w:ruby></w:r>"
        )), "nightjar"),
        (documents.word(PARAGRAPH.format("<w:r/>").replace("w:", "w-x\u00e0:")), "nightjar"),
        (documents.part("<Shapes><Shape><Text>night<cp IX='1'/>jar</Text></Shape></Shapes>"), "nightjar"),
        (documents.open_document("<text:p>night<office:annotation><text:p>x</text:p></office:annotation>jar</text:p>"), "nightjar"),
        (documents.open_document("<text:p>night<text:note><text:p>x</text:p></text:note>jar</text:p>"), "nightjar"),
        (documents.open_document("<text:p>night<text:ruby-text>x</text:ruby-text>jar</text:p>"), "nightjar"),
    ],
)  # fmt: skip
def test_what_documents_show_in_other_places(octets: bytes, text: str) -> None:
    assert text in {one.strip() for one in shown(attached(octets, "a.dat"))}


def test_names_that_are_not_shown_are_no_text() -> None:
    picture = '<w:p><w:drawing><wp:docPr id="1" name="nightjar"/></w:drawing></w:p>'
    assert not any("nightjar" in text for text in shown(attached(documents.word(picture), "a.docx")))


def test_what_a_document_keeps_hidden_parts_no_word_and_is_found() -> None:
    body = f"<w:p>{documents.run('shown')}{documents.run('kept', '<w:vanish/>')}{documents.run(' on')}</w:p>"
    assert shown(attached(documents.word(body), "a.docx")) == {"shown on", "kept"}


def test_paragraphs_cells_and_slides_part_words() -> None:
    assert shown(attached(documents.word(f"<w:p>{documents.run('one')}</w:p><w:p>{documents.run('two')}</w:p>"), "a.docx")) == {
        "one\n\ntwo"
    }
    cells = documents.sheet("<si><t>one</t></si><si><t>two</t></si>", '<c r="A1"><v>17</v></c><c r="B1"><v>18</v></c>')
    words = [text.split() for text in shown(attached(cells, "a.xlsx"))]
    assert sorted(words) == [["17", "18"], ["one", "two"]]


def test_white_space_between_elements_is_shown_in_open_documents_alone() -> None:
    spans = "<text:p><text:span>one</text:span> <text:span>two</text:span></text:p>"
    assert shown(attached(documents.open_document(spans), "a.odt")) == {"one two"}
    runs = f"<w:p>{documents.run('one')}\n  {documents.run('two')}{documents.run(' ')}{documents.run('three')}</w:p>"
    assert shown(attached(documents.word(runs), "a.docx")) == {"onetwo three"}


def test_pictures_and_fonts_in_documents_are_no_text() -> None:
    files = (
        ("[Content_Types].xml", b"<T/>"),
        ("word/document.xml", b"<w:t>x</w:t>"),
        ("word/media/a.png", b"\x89PNG\r\n\x1a\n<w:t>y"),
    )
    assert shown(attached(zipped(*files), "a.docx")) == {"x"}


def test_much_markup_is_cut_and_says_so() -> None:
    octets = documents.word(documents.run("a") * 2_000 + "<w:p/>" * 20 + documents.run("end"))
    content = attached(octets, "a.docx")
    anatomy = Anatomy(content, budget=Budget(document_text=40_000))
    assert "end" not in "".join(text.text for text in anatomy.attachment_texts)
    assert Defect.TEXT_TRUNCATED in {found.defect for found in anatomy.all_defects()}
    assert "end" in "".join(text.text for text in Anatomy(content).attachment_texts)


def test_a_page_that_unpacks_to_much_is_unpacked_no_further() -> None:
    octets = documents.word("<w:t> </w:t>" * 4_000_000)
    assert len(octets) < 200_000
    anatomy = Anatomy(attached(octets, "a.docx"))
    assert sum(len(text.text) for text in anatomy.attachment_texts) <= Budget().text_octets
    assert Defect.TEXT_TRUNCATED in {found.defect for found in anatomy.all_defects()}


def test_documents_are_for_a_screening_process() -> None:
    with pytest.raises(NotInline):
        _ = Anatomy(attached(documents.word("x"), "a.docx"), inline=True).attachment_texts


_PIECES = (
    "<w:r>",
    "</w:r>",
    "</w:r >",
    "<w:vanish/>",
    "<w:delText>",
    "</w:delText>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    '"',
    "'",
    "<",
    ">",
)


@given(st.lists(st.sampled_from((*_PIECES, "<w:p>", "<rPh>", "a", " ", "&#x41;", "&", "<tracked-changes>", "\x00"))))
def test_any_markup_has_a_text(pieces: list[str]) -> None:
    for gaps in (False, True):
        text, kept = xml_text.read("".join(pieces), gaps=gaps)
        assert text.count("a") + kept.count("a") <= sum(piece.count("a") for piece in pieces)


def test_elements_of_many_names_without_end_cost_no_more() -> None:
    endless = "".join(f"<n{number}:rPh>" for number in range(20_000))
    assert xml_text.read(f"{endless}<t>x</t>") == ("x", "")
