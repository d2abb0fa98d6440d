"""Documents that are packed XML, made by hand: the planted word in all the places and pieces in which a program shows it whole."""

from collections.abc import Iterator

from fakes.evasions.containers import zipped

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_WORD = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}</w:body></w:document>'
_DRAWN = '<p:sld xmlns:p="p" xmlns:a="a"><p:txBody>{}</p:txBody></p:sld>'
_ODF = '<office:document-content xmlns:office="o" xmlns:text="t"><office:text>{}</office:text></office:document-content>'
_SHOWN = '<w:vanish w:val="0"/>'
_TYPES = ("[Content_Types].xml", b'<?xml version="1.0"?><Types/>')


def word(body: str, name: str = "word/document.xml", charset: str = "utf-8") -> bytes:
    """A .docx with this in its body, or in another file."""
    markup = (_XML.replace("UTF-8", charset) + _WORD.format(body)).encode(charset)
    files = [_TYPES, ("word/styles.xml", b"<w:styles/>"), (name, markup)]
    if name != "word/document.xml":
        files.append(("word/document.xml", _WORD.format("<w:p/>").encode()))
    return zipped(*files)


def run(text: str, properties: str = "") -> str:
    """A run of Word."""
    return f'<w:r>{properties and f"<w:rPr>{properties}</w:rPr>"}<w:t xml:space="preserve">{text}</w:t></w:r>'


def sheet(strings: str, cells: str = "") -> bytes:
    """A .xlsx."""
    return zipped(
        _TYPES,
        ("xl/workbook.xml", b"<workbook/>"),
        ("xl/sharedStrings.xml", f"{_XML}<sst>{strings}</sst>".encode()),
        ("xl/worksheets/sheet1.xml", f'{_XML}<worksheet><sheetData><row r="1">{cells}</row></sheetData></worksheet>'.encode()),
    )


def part(markup: str) -> bytes:
    """A .xlsx with this as one of its parts."""
    return zipped(_TYPES, ("xl/workbook.xml", b"<workbook/>"), ("xl/a.xml", (_XML + markup).encode()))


def slides(body: str, name: str = "ppt/slides/slide1.xml") -> bytes:
    """A .pptx."""
    return zipped(_TYPES, ("ppt/presentation.xml", b"<p/>"), (name, (_XML + _DRAWN.format(body)).encode()))


def open_document(body: str, name: str = "content.xml", kind: str = "text") -> bytes:
    """An .odt or its like."""
    mimetype = f"application/vnd.oasis.opendocument.{kind}".encode()
    return zipped(("mimetype", mimetype), (name, (_XML + _ODF.format(body)).encode()))


def hiding(planted: str) -> Iterator[tuple[str, str, bytes]]:
    """What it does, the file's name, its octets; each shows `planted`."""
    first, rest = planted[:4], planted[4:]
    paragraph = f"<w:p>{run(first)}{run(rest)}</w:p>"
    for about, octets in (
        ("plain", word(f"<w:p>{run(planted)}</w:p>")),
        ("runs", word(paragraph)),
        ("a-run-a-letter", word("<w:p>" + "".join(map(run, planted)) + "</w:p>")),
        ("runs-in-lines", word(paragraph.replace("<w:r>", "\n    <w:r>\n").replace("<w:t", "\n <w:t"))),
        ("proof-marks", word(f'<w:p>{run(first)}<w:proofErr w:type="spellStart"/><w:bookmarkStart w:id="0"/>{run(rest)}</w:p>')),
        ("greater-than", word(f'<w:p>{run(first)}<w:x w:y="a>b"/>{run(rest)}</w:p>')),
        ("comment", word(f"<w:p>{run(first)}<!-- x > y -->{run(rest)}</w:p>")),
        ("cdata", word(f"<w:p>{run(first)}{run(f'<![CDATA[{rest}]]>')}</w:p>")),
        ("references", word(f"<w:p>{run(''.join(f'&#{ord(one)};' for one in planted))}</w:p>")),
        ("deleted-between", word(f"<w:p>{run(first)}<w:del><w:r><w:delText>x</w:delText></w:r></w:del>{run(rest)}</w:p>")),
        ("hidden-between", word(f"<w:p>{run(first)}{run('xyz', '<w:vanish/>')}{run(rest)}</w:p>")),
        ("loose-end-tags", word(f"<w:p>{run(first)}{run('x', '<w:vanish/>').replace('</w:r>', '</w:r >')}{run(rest)}</w:p>")),
        ("hidden", word(f"<w:p>{run(planted, '<w:vanish/>')}</w:p>")),
        ("deleted", word(f"<w:p><w:del><w:r><w:delText>{planted}</w:delText></w:r></w:del></w:p>")),
        ("not-hidden", word(f"<w:p>{run(first)}{run(rest, _SHOWN)}</w:p>")),
        ("hard-hyphen", word(f"<w:p>{run(planted.replace('-', '</w:t><w:noBreakHyphen/><w:t>'))}</w:p>")),
        ("other-prefix", word(paragraph.replace("w:", "q:"))),
        ("utf-16", word(paragraph, charset="utf-16")),
        ("header", word(paragraph, "word/header1.xml")),
        ("footnote", word(paragraph, "word/footnotes.xml")),
        ("comments", word(paragraph, "word/comments.xml")),
        ("text-box", word(f"<w:p><w:r><w:txbxContent>{paragraph}</w:txbxContent></w:r></w:p>")),
        ("named-like-a-picture", word(paragraph, "word/media/image1.png")),
        ("elsewhere", word(paragraph, "custom/part.xml")),
        ("page-in-it", zipped(_TYPES, ("word/document.xml", b"<w/>"), ("word/a.htm", f"<html>{first}<b>{rest}</b>".encode()))),
        ("title", word(f"<dc:title>{planted}</dc:title>", "docProps/core.xml")),
        ("behind-much-style", zipped(_TYPES, ("word/styles.xml", b"<w/>" * 9_000), ("word/document.xml", paragraph.encode()))),
    ):
        yield f"docx-{about}", "note.docx", octets
    for about, octets in (
        ("shared", sheet(f"<si><t>x</t></si><si><t>{planted}</t></si>")),
        ("shared-runs", sheet(f"<si><r><t>{first}</t></r><r><rPr><b/></rPr><t>{rest}</t></r></si>")),
        ("inline", sheet("", f'<c r="A1"><v>1</v></c><c r="B1" t="inlineStr"><is><t>{planted}</t></is></c>')),
        ("formula", sheet("", f'<c r="A1"><f>"{first}"&amp;"x"</f><v>{planted}</v></c>')),
        ("phonetic-between", sheet(f'<si><t>{first}</t><rPh sb="0" eb="1"><t>x</t></rPh><t>{rest}</t></si>')),
        ("beside-another", sheet(f"<si><t>x</t></si><si><t>{planted}</t></si><si><t>y</t></si>")),
    ):
        yield f"xlsx-{about}", "note.xlsx", octets
    drawn = f"<a:p><a:r><a:t>{first}</a:t></a:r><a:r><a:t>{rest}</a:t></a:r></a:p>"
    yield "pptx-runs", "note.pptx", slides(drawn)
    yield "pptx-notes", "note.pptx", slides(drawn, "ppt/notesSlides/notesSlide1.xml")
    yield "pptx-beside-another", "note.pptx", slides("<a:p><a:r><a:t>x</a:t></a:r></a:p>" + drawn)
    spans = f"<text:p>{first}<text:span>{rest}</text:span></text:p>"
    yield "odt-spans", "note.odt", open_document(spans)
    yield "odt-footer", "note.odt", open_document(spans, "styles.xml")
    yield "odt-object", "note.odt", open_document(spans, "Object 1/content.xml")
    yield "ods-cells", "note.ods", open_document(f"<text:p>x</text:p>{spans}", kind="spreadsheet")
    yield "epub-page", "note.epub", zipped(("mimetype", b"application/epub+zip"), ("a.xhtml", f"<html>{first}<b>{rest}".encode()))
    yield "fodt-flat", "note.fodt", (_XML + _ODF.format(spans)).encode()
    yield "word-2003-flat", "note.xml", (_XML + "<?mso-application progid='Word.Document'?>" + _WORD.format(paragraph)).encode()
    yield "docx-in-zip", "note.zip", zipped(("note.docx", word(paragraph)))
    yield "docx-named-otherwise", "note.dat", word(paragraph)
