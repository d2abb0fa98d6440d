"""Honest PDFs that quote PDFs, carry some as they stand, or archives that are not packed: nothing is doubtful where a table leads
elsewhere, and all is where one leads there."""

import pytest
from fakes.evasions.containers import zipped
from fakes.evasions.judging import screened, shipped
from fakes.odd_mail import attached
from fakes.odd_pdf import PACKED, SHOWN, stream

from screener.anatomy.active import Active
from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.anatomy.pdf import filters, streams
from screener.anatomy.pdf.deflated import Packed
from screener.mail.verdict import Action

ROOT = b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[%b]>>>>>>"
PAGE = b"<</Type/Page/Parent 2 0 R/Contents 4 0 R>>"


def whole(*files: tuple[bytes, bytes], more: bytes = b"<<>>", lead: bytes = b"", root: bytes = b"") -> bytes:
    """A PDF as programs write it, with a table; its last entry leads to `lead`, where that stands."""
    names = b"".join(b"(%b) %d 0 R" % (name, 6 + 2 * number) for number, (name, _) in enumerate(files))
    objects = [root or ROOT % names, b"<</Type/Pages/Kids[3 0 R]/Count 1>>", PAGE, stream(b"", SHOWN), more]
    for number, (name, content) in enumerate(files):
        objects.append(b"<</Type/Filespec/F(%b)/UF(%b)/EF<</F %d 0 R>>>>" % (name, name, 7 + 2 * number))
        objects.append(stream(b"/Type/EmbeddedFile", content))
    out, table = b"%PDF-1.7\n", b""
    for number, one in enumerate(objects, 1):
        table += b"%010d 00000 n \n" % len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    table += b"%010d 00000 n \n" % out.index(lead) if lead else b""
    count = len(table) // 20 + 1
    return out + b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        count,
        table,
        count,
        len(out),
    )


def judged(octets: bytes) -> tuple[Action, set[Defect], list[tuple[str, ...]]]:
    mail = attached(octets, "a.pdf")
    anatomy = Anatomy(mail)
    found = {one.defect for one in anatomy.all_defects()}
    return screened(shipped(), mail).verdicts[0].action, found, [one.names for one in anatomy.attachments]


def zips(*names: str) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), zipped((f"{name}.txt", b"hello"), method=0)) for name in names]


def test_archives_that_are_not_packed_are_files_of_their_own() -> None:
    action, defects, names = judged(whole(*zips("a.zip", "b.docx")))
    assert (action, defects) == (Action.FORWARD, set())
    assert {("a.zip",), ("b.docx",), ("a.zip.txt",), ("b.docx.txt",)} <= set(names)
    octets = whole(*zips("a.zip"))
    assert Defect.CONTAINER_AMBIGUOUS in judged(octets.replace(b"%%EOF", b"%%EOF" + zips("b.zip")[0][1]))[1]


def test_a_pdf_that_is_embedded_as_it_stands_has_its_own_names() -> None:
    inner = whole((b"inner.txt", b"hello"), (b"more.csv", b"a;b"))
    action, defects, names = judged(whole((b"b.pdf", inner), (b"c.pdf", inner)))
    assert (action, defects) == (Action.FORWARD, set())
    assert names.count(("inner.txt",)) == 2 and ("b.pdf",) in names and ("c.pdf",) in names


def test_what_acts_in_one_is_found() -> None:
    inner = whole((b"docs.zip", PACKED), more=b"<</S/JavaScript/JS(app.alert(1))>>")
    anatomy = Anatomy(attached(whole((b"b.pdf", inner)), "a.pdf"))
    assert any("evil.exe" in one.names for one in anatomy.attachments)
    assert {act for one in anatomy.attachments for act in one.active_content} == {Active.JAVASCRIPT}


def test_what_a_table_leads_to_in_one_is_ambiguous() -> None:
    inner = b"%PDF-1.4\n" + b"9 0 obj" + stream(b"", PACKED) + b"endobj\n%%EOF\n"
    assert Defect.CONTAINER_AMBIGUOUS not in judged(whole((b"b.pdf", inner)))[1]
    assert Defect.CONTAINER_AMBIGUOUS in judged(whole((b"b.pdf", inner), lead=b"9 0 obj"))[1]
    within = whole((b"b.pdf", whole((b"docs.zip", PACKED))))
    other = within[: within.rindex(b"startxref")] + b"startxref\n%d\n%%%%EOF\n" % within.index(b"xref\n")
    assert Defect.SEVERAL_NAMES in judged(other)[1]  # its own trailer is read


QUOTES = [
    b"(5 0 obj)",
    b"(see 5 0 obj << here)",
    b"(>> stream)",
    b"(cin >> stream >> y)",
    b"(100 % \\(sure\\) obj >> stream)",
    b"(a (b >> stream c) 1 0 obj<<)",
    b"(<</Length 9>>stream\n123456789\nendstream)",
]


@pytest.mark.parametrize("quote", QUOTES)
def test_what_is_quoted_is_not_doubtful(quote: bytes) -> None:
    assert judged(whole(more=b"<</Title%b/X/Y>>" % quote))[:2] == (Action.FORWARD, set())
    assert judged(whole((b"a.txt", b"hello"), more=b"<</Title%b/X/Y>>" % quote))[:2] == (Action.FORWARD, set())


@pytest.mark.parametrize("quote", QUOTES)
def test_unless_no_table_leads_elsewhere(quote: bytes) -> None:
    octets = whole(more=b"<</Title%b/X/Y>>" % quote).replace(b"startxref", b"startxre_")
    assert Defect.CONTAINER_AMBIGUOUS in judged(octets)[1]


@pytest.mark.parametrize("blanks", [b" ", b" " * 200, b"\0"])
def test_a_string_to_which_a_table_leads_is_ambiguous(blanks: bytes) -> None:
    hidden = b"9%b0 obj" % blanks + stream(b"/Type/EmbeddedFile", PACKED)
    octets = whole(more=b"<</Title(%b)/X/Y>>" % hidden.replace(b"(", b"\\("), lead=b"9" + blanks)
    assert Defect.CONTAINER_AMBIGUOUS in judged(octets)[1]


@pytest.mark.parametrize("begin", [b"\n", b"\r", b"<", b"\n ", b"\n\t\0"])
def test_an_object_that_seems_to_begin_a_line_of_a_string_is_ambiguous(begin: bytes) -> None:
    assert Defect.CONTAINER_AMBIGUOUS in judged(whole(more=b"<</Title(a%b9 0 obj<</X 1>>)/X/Y>>" % begin))[1]


def test_parentheses_between_objects_hide_none() -> None:
    octets = whole(more=b"<<>>endobj (9 0 obj" + stream(b"/Type/EmbeddedFile", b"MZ" + bytes(99)) + b" endobj )", lead=b"9 0 obj")
    assert Defect.CONTAINER_AMBIGUOUS in judged(octets)[1]


class _Padded:
    """A cipher of which nothing comes but padding."""

    def whole(self, packed: Packed) -> bytes:
        return b""

    def pieces(self, packed: object) -> list[bytes]:
        return [b"\x10" * 16]


def test_what_is_empty_and_encrypted_is_empty() -> None:
    packed = bytes(range(32))
    keys = b"<</Type/EmbeddedFile/Filter/FlateDecode/Length 32>>"
    sealed = streams.Stream(b"1", keys, 0, 32, False, ciphers=(_Padded(), None))  # type: ignore[arg-type]
    found = sealed.content(packed, 100, 100)
    assert (found.content, found.is_damaged) == (b"", False)
    assert filters.undo(packed, 0, 32, sealed.filters, 100, 100, None).is_damaged


def test_a_file_of_many_files_has_all_their_names() -> None:
    files = [
        (b"Rechnung %05d vom 12. Maerz 2026 an die Stadtwerke der Gemeinde Musterhausen am Inn.txt" % one, b"%d" % one)
        for one in range(900)
    ]
    action, defects, names = judged(whole(*files))
    assert (action, defects, len(names)) == (Action.FORWARD, set(), 901)
    assert all((name.decode(),) in names for name, _ in files)


@pytest.mark.parametrize("name", [b"x endobj.txt", b"how endobj and endobj end.txt"])
def test_a_name_in_which_an_object_seems_to_end(name: bytes) -> None:
    names, led = b"/F(%b)/UF(%b)" % (name, name), b"/EF<</F 7 0 R>>"
    octets = whole((name, b"hello")).replace(names + led, led + names)
    assert judged(octets) == (Action.FORWARD, set(), [("a.pdf",), (name.decode(),)])
