"""Words of documents in XML between whose letters something stands that is seen elsewhere or not at all, and texts taken in."""

import pytest
from fakes.evasions.containers import zipped
from fakes.odd_mail import attached

from screener.anatomy.message import Anatomy
from screener.anatomy.office import xml_text

BOX = "<w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent>"
FIELD = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'


def words(markup: str, *, gaps: bool = False) -> set[str]:
    return {word for text in xml_text.read(markup, gaps=gaps) for word in text.split()}


@pytest.mark.parametrize(
    "between",
    [
        f"<w:r><w:drawing><wp:posOffset>123</wp:posOffset>{BOX}</w:drawing></w:r>",
        f"<w:r><w:pict><v:textbox>{BOX}<w:pict>{BOX}</w:pict></v:textbox></w:pict></w:r>",
        "<w:r><w:object><o:LinkType>Picture</o:LinkType></w:object></w:r>",
        "<mc:AlternateContent><mc:Choice><w:r><w:t/></w:r></mc:Choice><mc:Fallback><w:r><w:t>x</w:t></w:r></mc:Fallback></mc:AlternateContent>",
        "<mc:AlternateContent><mc:Choice><w:r><w:t>x</w:t></w:r></mc:Choice><mc:Fallback><w:r><w:t/></w:r></mc:Fallback></mc:AlternateContent>",
        "<w:del><w:r><w:t>x</w:t></w:r></w:del>",
        "<x:y>other</x:y>",
        " x",
        f"{FIELD.format('begin')}<w:r><w:t>code</w:t></w:r>{FIELD.format('separate')}",
        f"{FIELD.format('begin')}<w:r><w:t>a</w:t></w:r>{FIELD.format('begin')}{FIELD.format('end')}<w:r><w:t>b</w:t></w:r>{FIELD.format('end')}",
    ],
)
def test_what_stands_between_letters_and_is_not_seen_there_parts_no_word(between: str) -> None:
    found = words(f"<w:p><w:r><w:t>night</w:t></w:r>{between}<w:r><w:t>jar</w:t></w:r></w:p>")
    assert "nightjar" in found
    assert "box" in found or "box" not in between


@pytest.mark.parametrize(
    "box",
    [
        "<draw:frame><draw:text-box><text:p>in a box</text:p></draw:text-box></draw:frame>",
        "<draw:g><draw:polygon><text:p>in a box</text:p></draw:polygon></draw:g>",
        "<text:script>box</text:script>",
    ],
)
def test_a_box_of_an_open_document_parts_no_word(box: str) -> None:
    assert {"nightjar", "box"} <= words(f"<text:p>night{box}jar</text:p>", gaps=True)


@pytest.mark.parametrize(
    "markup", ["<w:p><w:r><w:t>night</w:t></w:r><w:r><w:drawing/><w:t>jar</w:t></w:r></w:p>", "<w:p><w:del/></w:p>"]
)
def test_what_flows_anyhow_is_read_once(markup: str) -> None:
    assert len([text for text in xml_text.read(markup, gaps=False) if text]) <= 1


@pytest.mark.parametrize(
    ("name", "text"), [("a.xml", b"night, jar"), ("media/a.png", b"night, jar"), ("a.html", b"night<b>, jar</b>")]
)
@pytest.mark.parametrize("codec", ["ascii", "utf-16"])
def test_a_text_that_a_document_takes_in_is_read_whatever_it_is_called(name: str, text: bytes, codec: str) -> None:
    files = (("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w:p/>"), (f"word/{name}", text.decode().encode(codec)))
    anatomy = Anatomy(attached(zipped(*files), "a.docx"))
    assert any("night, jar" in one.text for one in anatomy.attachment_texts)


@pytest.mark.parametrize("kind", ["wordprocessingml.document", "wordprocessingml.template", "ms-word.document.macroEnabled"])
def test_a_text_that_a_document_of_words_takes_in_is_read_in_any_folder(kind: str) -> None:
    types = f'<Types><Override PartName="/xl/d.xml" ContentType="application/vnd.{kind}.main+xml"/></Types>'
    document = '<w:document><w:body><w:altChunk r:id="a"/></w:body></w:document>'
    octets = zipped(("[Content_Types].xml", types.encode()), ("xl/d.xml", document.encode()), ("xl/chunk.xml", b"nightjar"))
    assert "nightjar" in {word for text in Anatomy(attached(octets, "a.docx")).attachment_texts for word in text.text.split()}
