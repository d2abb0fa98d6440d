"""What is called an archive is searched for one, however far it stands behind something else that is known."""

from collections.abc import Callable

import pytest
from fakes.evasions.containers import archived, cab, document, rar4, rar5, zipped
from fakes.evasions.judging import safety, screened
from fakes.odd_mail import NAME, PROGRAM, attached

from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action

FAR = 100_000
HEADS = {"text": b"hello world \n" * (FAR // 13), "gif": b"GIF89a" + b"\1" * FAR, "pdf": b"%PDF-1.4\n" + b"x" * FAR}
PACKS: dict[str, Callable[[], bytes]] = {
    "a.zip": lambda: zipped((NAME, PROGRAM)),
    "a.docx": lambda: document((NAME, PROGRAM)),
    "a.jar": lambda: zipped(("META-INF/MANIFEST.MF", b"x"), (NAME, PROGRAM)),
    "a.rar": lambda: rar4(NAME, PROGRAM),
    "b.rar": lambda: rar5(NAME, PROGRAM),
    "a.7z": lambda: archived("7zip", NAME, PROGRAM),
    "a.cab": lambda: cab(NAME, PROGRAM),
}


@pytest.mark.parametrize("behind", [0, FAR], ids=["at the end", "in the midst"])
@pytest.mark.parametrize("name", PACKS)
@pytest.mark.parametrize("head", HEADS)
def test_an_archive_far_behind_something_else_is_opened(head: str, name: str, behind: int) -> None:
    anatomy = Anatomy(attached(HEADS[head] + PACKS[name]() + b"\0" * behind, name))
    assert PROGRAM in [one.octets() for one in anatomy.attachments if one.depth], anatomy.all_defects()
    types = {kind for one in anatomy.attachments if not one.depth for kind in one.types}
    assert any(kind.startswith("application/") and kind != "application/pdf" for kind in types)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("extension", ["zip", "docx", "xlsx", "odt", "rar", "7z", "cab", "tar"])
def test_what_is_called_an_archive_and_is_none_is_held(head: str, extension: str) -> None:
    content = attached(HEADS[head], f"a.{extension}")
    assert Defect.CONTAINER_DAMAGED in {one.defect for one in Anatomy(content).all_defects()}
    assert screened(safety(), content).verdicts[0].action is Action.HOLD


@pytest.mark.parametrize("content", [b"a\tb\n1\t2\n", b"<html><table><tr><td>1</table></html>", b"{\\rtf1 hello}"])
@pytest.mark.parametrize("name", ["a.doc", "a.xls", "a.txt", "a.csv"])
def test_what_programs_show_under_any_name_passes(name: str, content: bytes) -> None:
    assert screened(safety(), attached(content, name)).verdicts[0].action is Action.FORWARD


def test_a_size_that_lies_does_not_end_the_search() -> None:
    inner = HEADS["gif"] + zipped((NAME, PROGRAM)) + b"\0" * FAR
    outer = bytearray(zipped(("b.zip", inner)))
    outer[22:26] = outer[outer.rfind(b"PK\1\2") + 24 : outer.rfind(b"PK\1\2") + 28] = b"\5\0\0\0"
    assert PROGRAM in [one.octets() for one in Anatomy(attached(bytes(outer), "a.zip")).attachments]


def test_archives_under_the_names_of_others_pass() -> None:
    for name in ("a.rar", "a.7z", "a.docx", "a.gz"):
        assert not Anatomy(attached(zipped(("a.txt", b"hello")), name)).all_defects()


OWNER = (b"\x0aAnna Biene".ljust(54) + "\nAnna Biene".encode("utf-16-le")).ljust(165, b"\0")


@pytest.mark.parametrize("name", ["~$brief.docx", "~$Liste.xlsx", "~$brief.doc"])
def test_what_office_leaves_beside_an_open_document_passes(name: str) -> None:
    for content in (attached(OWNER, name), attached(zipped((f"folder/{name}", OWNER), ("folder/a.txt", b"hello")), "a.zip")):
        assert not Anatomy(content).all_defects()
        assert screened(safety(), content).verdicts[0].action is Action.FORWARD
    for other in (OWNER * 2, OWNER[:-1] + b"\1" + bytes(99)):
        assert screened(safety(), attached(other, name)).verdicts[0].action is Action.HOLD
    assert screened(safety(), attached(OWNER, name.replace("~$", "~"))).verdicts[0].action is Action.HOLD


def test_a_table_as_scripts_write_it_passes_and_a_macro_sheet_is_one() -> None:
    begin, end = b"\x09\x08\x08\0\0\0%b\0\0\0\0\0", b"\x0a\0\0\0"
    table = begin % b"\x10" + b"\x04\x02\x0b\0\0\0\0\0\0\0\x03\0abc" + end
    assert not Anatomy(attached(table, "a.xls")).all_defects()
    assert Anatomy(attached(begin % b"\x40" + end, "a.xls")).attachments[0].macros
