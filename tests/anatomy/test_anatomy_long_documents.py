"""Documents as long as people write them: a book in Word, a table of 20,000 rows; what acts at their end is found."""

from collections.abc import Callable

import pytest
from fakes.evasions.containers import zipped
from fakes.odd_mail import attached

from screener.anatomy.active import Active
from screener.anatomy.defects import Defect, Severity
from screener.anatomy.message import Anatomy

_FIELD = '<w:r><w:instrText>DDEAUTO c:\\\\x.exe "/k"</w:instrText></w:r>'
_SOURCE = '<table:table-cell table:formula="of:=DDE(&quot;soffice&quot;;&quot;x&quot;;&quot;y&quot;)"/>'
MIB = 1024 * 1024


def _word(size: int, end: str) -> bytes:
    run = '<w:r w:rsidRPr="00{:06}"><w:rPr><w:sz w:val="20"/><w:lang w:val="de-DE"/></w:rPr><w:t>word {} </w:t></w:r>'
    one = f"<w:p>{''.join([run.format(number * 7_919 % 999_983, number) for number in range(2_000)])}</w:p>"
    body = one * (size // len(one))
    content = f'<w:document xmlns:w="x"><w:body>{body}{end}</w:body></w:document>'.encode()
    return zipped(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", content))


def _table(size: int, end: str) -> bytes:
    cell = '<table:table-cell office:value-type="float" office:value="{0}"><text:p>{0}</text:p></table:table-cell>'
    row = "".join([cell.format(number * 7_919 % 99_991) for number in range(2_000)])
    content = f"<office:document-content>{row * (size // len(row))}{end}</office:document-content>".encode()
    return zipped(("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", content))


@pytest.mark.parametrize(("written", "acting", "name"), [(_word, _FIELD, "a.docx"), (_table, _SOURCE, "a.ods")])
def test_a_long_document_is_read_to_its_end(written: Callable[[int, str], bytes], acting: str, name: str) -> None:
    for end, wanted in (("", ()), (acting, (Active.DDE,))):
        anatomy = Anatomy(attached(written(28 * MIB, end), name))
        assert anatomy.attachments[0].active_content == wanted
        assert not any(one.severity is Severity.UNREADABLE for one in anatomy.all_defects())


def test_one_that_is_longer_than_is_read_says_so() -> None:
    anatomy = Anatomy(attached(_word(65 * MIB, _FIELD), "a.docx"))
    assert Defect.CONTAINER_TOO_LARGE in {one.defect for one in anatomy.all_defects()}


def test_a_sheet_with_all_its_links_is_read_to_its_end() -> None:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}"
    one = (
        '<Relationship Id="rId{0}" Type="'
        + kind.format("hyperlink")
        + '" Target="https://example.net/item/{0}" TargetMode="External"/>'
    )
    links = "".join([one.format(number * 7_919 % 999_983) for number in range(65_530)])
    for end, wanted in (("", ()), (one.replace("hyperlink", "oleObject").format(0), (Active.LINKED_OBJECT,))):
        relations = f"<Relationships>{links}{end}</Relationships>".encode()
        octets = zipped(("[Content_Types].xml", b"<Types/>"), ("xl/worksheets/_rels/sheet1.xml.rels", relations))
        anatomy = Anatomy(attached(octets, "a.xlsx"))
        assert anatomy.attachments[0].active_content == wanted
        assert not any(one.severity is Severity.UNREADABLE for one in anatomy.all_defects())


def test_links_that_are_nothing_but_many_are_not_all_read() -> None:
    relations = b"<Relationships>" + b'<Relationship Id="a" Target="b"/>' * 450_000
    parts = [(f"xl/worksheets/_rels/sheet{number}.xml.rels", relations) for number in range(7)]
    anatomy = Anatomy(attached(zipped(("[Content_Types].xml", b"<Types/>"), *parts), "a.xlsx"))
    assert Defect.CONTAINER_TOO_LARGE in {one.defect for one in anatomy.all_defects()}
