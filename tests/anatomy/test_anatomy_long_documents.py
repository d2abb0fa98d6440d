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
