"""What grows out of little: letters that normalise to many, lines that begin files, lines of calendars, references. No clock is
looked at: what is made, and how often, is counted."""

import binascii

import pytest
from fakes.evasions.containers import zipped
from fakes.odd_mail import PROGRAM, attached

from screener.anatomy import invitation
from screener.anatomy.budget import Budget
from screener.anatomy.defects import Defect
from screener.anatomy.html import effects, sheets, styles, tags
from screener.anatomy.html import reader as html
from screener.anatomy.html.effects import Effect
from screener.anatomy.html.entities import unescaped
from screener.anatomy.ledger import Ledger
from screener.anatomy.message import Anatomy
from screener.anatomy.mime import blocks
from screener.anatomy.office import xml_parts
from screener.anatomy.rtf import objects as rtf
from screener.anatomy.text import normalise


def ledger(size: int = 10_000) -> Ledger:
    return Ledger(Budget(), size)


def test_letters_that_grow_make_no_text_of_another_size() -> None:
    text = "\ufdfa" * 400_000 + " nightj\u200bar"
    normalised = normalise(text)
    assert len(normalised) < 2 * len(text) + 2_000_000
    assert normalised.endswith("nightjar"), "what stands behind them is normalised as ever"
    assert normalise("\ufdfa" * 3_000).count(" ") == 3 * 3_000, "a few of them are, as Unicode says"


@pytest.mark.parametrize("between", [" ", "\n", "\u3042"])
def test_a_long_text_is_normalised_whole(between: str) -> None:
    text = f"\uff41\uff42{between}" * 60_000
    assert normalise(text) == f"ab{between}" * 60_000


def test_a_file_behind_lines_that_begin_none(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    decode = blocks.uudecode

    def counted(octets: bytes, start: int, indent: bytes = b"") -> tuple[bytes, int, int]:
        looked.append(start)
        return decode(octets, start, indent)

    monkeypatch.setattr(blocks, "uudecode", counted)
    written = b"begin 644 a.exe\nM" + b"!" * 60 + b"\n`\nend\n"
    found = blocks.find(b"begin 644 a\n" * 50_000 + written)
    assert [(block.name, len(block.octets)) for block in found] == [("a.exe", 45)]
    assert len(looked) < 5_000
    short = b"begin 644 a.js\n" + b"".join(binascii.b2a_uu(PROGRAM[at : at + 9]) for at in range(0, len(PROGRAM), 9)) + b"`\nend\n"
    assert [(block.name, block.octets) for block in blocks.find(b"begin 644 a\n" * 3_000 + short)] == [("a.js", PROGRAM)]


@pytest.mark.parametrize(("line", "told"), [(b"begin 644 a.txt\n", True), (b"begin : block_1\n", False)])
def test_lines_that_may_begin_a_file_are_told_beyond_the_limit(line: bytes, told: bool) -> None:
    top = b"From: a@example.net\r\nSubject: x\r\n\r\n"
    few, many = (Anatomy(top + line * count).all_defects() for count in (100, 2_100))
    assert (bool(few), {one.defect for one in many} == {Defect.TOO_MANY_PARTS}) == (False, told)


def test_lines_of_a_calendar_without_files_are_bounded() -> None:
    spent = ledger()
    listing = invitation.read(b"BEGIN:VCALENDAR\n" + b"X:a:data:\n" * 30_000, spent, "here")
    assert listing.members == ()
    assert [one.defect for one in spent.found] == [Defect.CONTAINER_TOO_LARGE]
    spent = ledger()
    lines = b"ATTACH;VALUE=URI:QUJD\n" * 30_000 + b"ATTACH;FILENAME=a.exe;ENCODING=BASE64;VALUE=BINARY:\n TVqQ\n"
    listing = invitation.read(b"BEGIN:VCALENDAR\n" + lines, spent, "here")
    assert [member.names for member in listing.members] == [("a.exe",)]
    assert spent.found == []


def test_parameters_of_a_calendar_are_read_however_many_there_are() -> None:
    spent = ledger()
    names = b"".join(b";FILENAME=%d.exe" % number for number in range(60_000))
    (member,) = invitation.read(b"BEGIN:VCALENDAR\nATTACH" + names + b";ENCODING=BASE64:TVqQ\n", spent, "here").members
    assert len(member.names) == spent.budget.names + 1
    (member,) = invitation.read(b"BEGIN:VCALENDAR\nATTACH" + b";X=y" * 60_000 + b";ENCODING=BASE64:TVqQ\n", spent, "here").members
    assert member.read(9) == b"MZ\x90"


def test_objects_of_all_rtf_together_are_bounded() -> None:
    spent = ledger()
    for _ in range(6):
        rtf.read(b"{\\rtf1" + b"{\\object\\objdata 0" * 60_000, spent, "here")
    assert Defect.CONTAINER_TOO_LARGE in {one.defect for one in spent.found}
    assert spent.steps_left == 0


def test_little_mail_gives_little_text() -> None:
    assert ledger(30_000).text_left == 2 * 1024 * 1024
    assert ledger(100_000).text_left == 4_800_000
    assert ledger(5_000_000).text_left == Budget().text_read


@pytest.mark.parametrize("text", ["&#x41;&lt;b&amp;lt; &notit; &#0000000065 &copy &nosuch;", "a&b & &#; &#x; &", "&#99999999999;"])
def test_references_of_long_text_are_those_of_short_text(text: str) -> None:
    assert unescaped(text * 200) == unescaped(text) * 200


def test_fields_of_all_documents_together_are_bounded() -> None:
    field = b'<w:fldSimple w:instr="QUOTE 65 65"/>' * 100_000
    fields = zipped(
        ("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<x/>"), *[(f"word/{n}.xml", field) for n in range(2)]
    )
    anatomy = Anatomy(attached(zipped(("a.docx", fields), ("b.docx", fields)), "a.zip"))
    assert len(anatomy.attachments) == 3
    assert Defect.CONTAINER_TOO_LARGE in {one.defect for one in anatomy.all_defects()}


def test_numbers_and_formulas_are_told_apart_at_once() -> None:
    assert not xml_parts.is_dde("QUOTE 65 65 " * 50_000 + "x 68 68 69")
    assert xml_parts.is_dde("QUOTE 65 65 " * 50_000 + "quote 32 0100 100 0069 32")
    cell = "<Cell ss:Formula='{}'/>"
    assert not xml_parts.starts_program(cell.format("=&quot;cmd|a!b&quot;") * 1_000)
    assert xml_parts.starts_program(cell.format("=a|&quot;") + cell.format("=cmd|a!b"))
    assert not xml_parts.starts_program(cell.format("=a|") + cell.format("=b!c"))


@pytest.mark.parametrize("selector", ["p", "*", "[k]", "p,a,.c"])
def test_sheets_that_are_found_late_are_looked_at_once(monkeypatch: pytest.MonkeyPatch, selector: str) -> None:
    merged: list[int] = []

    def counted(found: list[Effect]) -> Effect:
        merged.append(len(found))
        return effects.together(found)

    monkeypatch.setattr(sheets, "together", counted)
    late = "".join(f"<style title='>'>{selector}{{color:#{one}}}</style><p k id=a{one} class=c>x" for one in range(500))
    shown = html.read(late + "night<p k class=c style='display:inline'>jar")
    assert ("nightjar" in shown.joined, shown.is_cut) == (True, False)
    assert sum(merged) < 20 * 500


@pytest.mark.parametrize("style", ["color:red", "display:none"])
def test_selectors_of_a_rule_with_many_in_it_are_read_once(monkeypatch: pytest.MonkeyPatch, style: str) -> None:
    split = sheets._selectors  # nothing else shows how much is read
    read: list[int] = []

    def counted(text: str) -> list[str]:
        read.append(len(text))
        return split(text)

    monkeypatch.setattr(sheets, "_selectors", counted)
    sheet = ",".join(f".a{one}" for one in range(500)) + "{" + f"{style};d{{e:f}}" * 500 + "}"
    shown = html.read(f"<style>{sheet}</style><p>night<b class=a499>xyz</b>jar")
    assert sum(read) < 2 * len(sheet)
    assert "nightjar" in shown.otherwise + shown.displayed


def test_a_rule_that_nothing_closes_has_all_its_pieces() -> None:
    assert [rule.body for rule in sheets.rules("a{b:c;d{e:f}g:h;i{j:k}l:m;n{")] == ["e:f", "j:k", "b:c;g:h;l:m"]


def test_attributes_that_a_sheet_shows_are_told_apart_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    pairs = tags.pairs

    def counted(attributes: str, *, are_shown: bool = False) -> list[tuple[str, str]]:
        told.append(attributes)
        return pairs(attributes, are_shown=are_shown)

    for module in (tags, sheets, styles):
        monkeypatch.setattr(module, "pairs", counted, raising=False)
    shown = html.read("<style>b:before{content:" + "attr(x)" * 15 + "attr(y)}</style><p><b y=n&#105;ght x='' x=a y=b>jar</b>")
    assert "nightjar" in shown.otherwise
    assert len(told) <= 4
