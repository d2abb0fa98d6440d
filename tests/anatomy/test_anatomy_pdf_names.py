"""The names of files embedded in a PDF, however their specifications are written (ISO 32000-1 7.11)."""

import pytest
from fakes.evasions.judging import safety, screened, shipped
from fakes.odd_mail import attached

from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action

SCRIPT = b"var a = new ActiveXObject('x');\n"
INVOICE = b'<?xml version="1.0"?><rsm:CrossIndustryInvoice xmlns:rsm="urn:x"/>'


def pdf(content: bytes, *objects: bytes, root: bytes = b"") -> bytes:
    """A PDF with a stream, number 5, and objects from 10 on."""
    stream = b"5 0 obj<</Type/EmbeddedFile/Length %d>>stream\n" % len(content) + content + b"\nendstream endobj\n"
    body = b"".join(b"%d 0 obj%s endobj\n" % (number, one) for number, one in enumerate(objects, 10))
    return b"%PDF-1.4\n" + body + stream + b"1 0 obj<</Type/Catalog" + root + b">>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.mark.parametrize(
    "description",
    [
        b"/Desc(Factur-X invoice)",
        b"/Desc(ZUGFeRD Rechnung)",
        b"/Desc(Invoice metadata conforming to ZUGFeRD standard (http://www.ferd-net.de))",
        b"/Desc()",
        b"",
    ],
)
def test_a_described_invoice_passes(description: bytes) -> None:
    written = b"<</Type/Filespec/F(factur-x.xml)/UF(factur-x.xml)/AFRelationship/Data" + description + b"/EF<</F 5 0 R/UF 5 0 R>>>>"
    root = b"/AF[10 0 R]/Names<</EmbeddedFiles<</Names[(factur-x.xml) 10 0 R]>>>>"
    content = attached(pdf(INVOICE, written, root=root), "Rechnung.pdf")
    assert Anatomy(content).attachments[-1].names == ("factur-x.xml",)
    assert screened(safety(), content).verdicts[0].action is Action.FORWARD


@pytest.mark.parametrize(
    "written",
    [
        (b"<</Desc(a.js)/EF<</F 5 0 R>>>>",),
        (b"<</F(a.txt)/UF(a.js)/Desc(a.txt)/EF<</F 5 0 R>>>>",),
        (b"<</F(a.js)/EF 11 0 R>>", b"<</F 5 0 R>>"),
        (b"<</F 11 0 R/EF<</F 5 0 R>>>>", b"(a.js)"),
        (b"<</F(a.js)/Desc(" + b"x" * 5_000 + b")/EF<</F 5 0 R>>>>",),
        (b"<</EF<</F 5 0 R>>/Desc(" + b"(x)" * 30_000 + b")/F(a.js)>>",),
        (b"<</F(a.js)/Desc(8 0 obj)/EF<</F 5 0 R>>>>",),
        (b"<</EF<</F 5 0 R>>/Desc(endobj)/F(a.js)>>",),
        (*(b"<</F(a%d.txt)/EF<</F 5 0 R>>>>" % number for number in range(30)), b"<</F(a.js)/EF<</F 5 0 R>>>>"),
    ],
)
def test_every_name_of_a_file_is_judged(written: tuple[bytes, ...]) -> None:
    content = attached(pdf(SCRIPT, *written), "a.pdf")
    assert any("a.js" in one.names for one in Anatomy(content).attachments)
    assert screened(shipped(), content).verdicts[0].action is Action.HOLD


@pytest.mark.parametrize("tree", [b"[(a.js) 10 0 R]", b"[<612e6a73> 10 0 R]"])
def test_the_name_of_a_file_may_stand_in_the_tree_alone(tree: bytes) -> None:
    root = b"/Names<</EmbeddedFiles<</Names" + tree + b">>>>"
    content = attached(pdf(SCRIPT, b"<</EF<</F 5 0 R>>>>", root=root), "a.pdf")
    assert any("a.js" in one.names for one in Anatomy(content).attachments)


def test_an_embedded_file_whose_name_is_not_found_is_held() -> None:
    content = attached(pdf(SCRIPT, b"<</EF<</F 5 0 R>>>>"), "a.pdf")
    assert Defect.CONTAINER_AMBIGUOUS in {one.defect for one in Anatomy(content).all_defects()}


@pytest.mark.parametrize(
    "written",
    [
        (b"<</F(a.txt)/UF(" + b"a" * 2_100 + b"/a.js)/EF<</F 5 0 R>>>>",),
        (b"<</F(a.txt)/UF<" + b"61" * 2_100 + b"2f612e6a73>/EF<</F 5 0 R>>>>",),
        (b"<</F(a.txt)/UF<" + b" " * 40 + b"61" * 2_100 + b"2f612e6a73>/EF<</F 5 0 R>>>>",),
        (b"<</F(a.txt)/UF 11.0 0 R/EF<</F 5 0 R>>>>", b"(a.js)"),
        (b"<</F(a.txt)/UF +11 0 R/EF<</F 5 0 R>>>>", b"(a.js)"),
        (b"<</F(a.txt)/UF 11 0 R/EF<</F 5 0 R>>>>", b" 12 0 R", b"(a.js)"),
    ],
)
def test_a_name_that_is_not_read_to_its_end_or_led_to_oddly_is_ambiguous(written: tuple[bytes, ...]) -> None:
    content = attached(pdf(SCRIPT, *written), "a.pdf")
    assert Defect.CONTAINER_AMBIGUOUS in {one.defect for one in Anatomy(content).all_defects()}


def test_a_name_is_found_behind_a_long_string_of_digits() -> None:
    content = attached(pdf(SCRIPT, b"<</UF(a.js)/X<" + b"41" * 9_000 + b">/F(a.txt)/EF<</F 5 0 R>>>>"), "a.pdf")
    assert any("a.js" in one.names for one in Anatomy(content).attachments)


TREE = b"/Names<</EmbeddedFiles<</Names[%b 10 0 R]>>>>"
CALLED = b"<</Type/Filespec/F(a.txt)/UF(a.txt)/EF<</F 5 0 R>>>>"


@pytest.mark.parametrize("key", [b"(evil.js)", b"<6576696c2e6a73>", b"(e\\166il.js)", b"(\xfe\xff\0e\0v\0i\0l\0.\0j\0s)"])
def test_a_file_has_the_name_that_the_tree_has_for_it_too(key: bytes) -> None:
    """qpdf and MuPDF list it by that one."""
    mail = attached(pdf(SCRIPT, CALLED, root=TREE % key), "a.pdf")
    assert {"a.txt", "evil.js"} <= {name for one in Anatomy(mail).attachments for name in one.names}


@pytest.mark.parametrize(
    "specification",
    [
        b"<</F(evil\\\r.\\8js)/EF<</F 5 0 R>>>>",
        b"<</F(evil\rjs)/EF<</F 5 0 R>>>>",
        b"<</F(\xfe\xff\0\x1be\0n\0\x1b\0e\0v\0i\0l\0.\0j\0s)/EF<</F 5 0 R>>>>",
        b"<</UF[(evil.js)]/F(a.txt)/EF<</F 5 0 R>>>>",
        b"<</UF/evil.js/F(a.txt)/EF<</F 5 0 R>>>>",
        b"<</F(a.txt)/F(b.txt)/EF<</F 5 0 R>>>>",
        b"<</F(a.txt)/EF<</F 5 0 R/F null>>>>",
        b"<</F(a.txt)/EF<</F 5 0 R>>/Z>>",
        b"<</F(a.txt)/EF<</F 5 0 R>>]>>",
        b"<</UF(evil.js)/Z[" + b"<</Y 0>>" * 9_000 + b"]/F(a.txt)/EF<</F 5 0 R>>>>",
    ],
)
def test_a_specification_that_no_program_writes_so_is_ambiguous(specification: bytes) -> None:
    mail = attached(pdf(SCRIPT, specification, root=TREE % b"(a.txt)"), "a.pdf")
    assert Defect.CONTAINER_AMBIGUOUS in {one.defect for one in Anatomy(mail).all_defects()}


def test_a_specification_that_is_led_to_by_a_chain_is_ambiguous() -> None:
    """Its key in the tree is not found."""
    mail = attached(pdf(SCRIPT, b" 11 0 R", CALLED, root=TREE % b"(evil.js)"), "a.pdf")
    assert Defect.CONTAINER_AMBIGUOUS in {one.defect for one in Anatomy(mail).all_defects()}


@pytest.mark.parametrize("key", [b"(a.txt)", b"(0)", b"(Attachment 1)", b"(a \\(1\\).txt)", b"(a (1).txt)"])
def test_a_specification_as_programs_write_it_is_not(key: bytes) -> None:
    named = b"<< /Type /Filespec\n/F (a \\(1\\).txt) /UF <feff0061002e007400780074> /Desc (a\rb) /EF << /F 5 0 R /UF 5 0 R >> >>\n"
    mail = attached(pdf(SCRIPT, named, root=TREE % key), "a.pdf")
    assert not {one.defect for one in Anatomy(mail).all_defects()}
