"""Documents made to be costly: bounded in what is made of them, and what is in them is found all the same."""

import re
import struct
import zlib

import pytest
from fakes.compound_files import compound

from screener.anatomy.active import Active
from screener.anatomy.budget import Budget
from screener.anatomy.containers import unpacking
from screener.anatomy.defects import Defect
from screener.anatomy.forward import NEVER, Next
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing
from screener.anatomy.office import ole, onenote
from screener.anatomy.office.compound import SIGNATURE
from screener.anatomy.rtf import objects as rtf

PLAIN, PACKED = b"\0\0\x11\x10", b"\x10\0\x11\x10"


def ledger(octets: bytes) -> Ledger:
    return Ledger(Budget(), len(octets))


def presentation(content: bytes) -> tuple[Listing, set[Defect]]:
    octets = compound({"PowerPoint Document": content, "Current User": bytes(20)})
    spent = ledger(octets)
    return ole.read(octets, spent, "a.ppt"), {one.defect for one in spent.found}


def test_objects_of_a_presentation_among_marks_that_are_none() -> None:
    noise = (PLAIN + b"\xff\xff\xff\x7f") * 500 + (PACKED + b"\xff\xff\xff\x7f0000" + zlib.compress(bytes(9_000))) * 300
    objects = PLAIN + struct.pack("<L", 40) + SIGNATURE + b"one".ljust(32, b"\0")
    packed = zlib.compress(SIGNATURE + b"two".ljust(32, b"\0"))
    objects += PACKED + struct.pack("<LL", 4 + len(packed), 40) + packed
    listing, defects = presentation(noise + objects + noise)
    assert [member.read(100)[8:].rstrip(b"\0") for member in listing.members] == [b"one", b"two"]
    assert not defects


@pytest.mark.parametrize("size", [10, 1_000_000])
def test_many_objects_of_a_presentation_are_told(size: int) -> None:
    packed = zlib.compress(SIGNATURE + bytes(size), 9)
    listing, defects = presentation((PACKED + struct.pack("<LL", 4 + len(packed), size) + packed) * 150)
    assert sum(member.size for member in listing.members) <= Budget().document_octets + Budget().container_ratio_floor
    assert len(listing.members) <= 100
    assert Defect.CONTAINER_TOO_MANY_MEMBERS in defects


def test_nothing_is_inflated_where_nothing_may_be() -> None:
    assert unpacking.inflate(zlib.compress(bytes(1_000_000)), 0, zlib.MAX_WBITS) == b""


@pytest.mark.parametrize(
    "field",
    [
        b"\\fldinst DDEAUTO cmd",
        b"\\fldinst{DDE cmd}",
        b"{\\*\\fldinst {\\rtlch\\fcs1 \\af0 \\ltrch\\fcs0 \\insrsid1 DDEAUTO c:}}",
        b'\\fldinst{{\\b}}{"DDEAUTO"}',
        b"\\fldinst" + b" " * 90 + b"\\a" + b" " * 90 + b"DDE",
        b"\\fldinst \\fldinst DDE",
        b"{\\*\\fldinst D\\'44EAUTO c cmd}",
        b"{\\*\\fldinst DD{\\b E}AUTO c cmd}",
        b"{\\*\\fldinst D\r\nDE c cmd}",
        b"{\\*\\fldinst \\u68?\\u-65468?E c cmd}",
        b"{\\uc0\\*\\fldinst \\u68DE c cmd}",
        b"{\\*\\fldinst {\\*\\x PAGE}DDE c cmd}",
        b"{\\*\\fldinst {\\comment PAGE}{" + b"\\b " * 500 + b"DDE} c cmd}",
        b"{\\*\\fldinst D{\\*\\x {zz}}DE c cmd}",
        b"{\\*\\fldinst{QUOTE 68 68 69}{ x}}",
        b"{\\*\\fldinst \\bin3 PAGDDE c cmd}",
    ],
)
def test_fields_of_rtf_that_start_programs(field: bytes) -> None:
    octets = b"{\\rtf1 \\fldinst" + b"\\a " * 50 + field + b"}"
    assert rtf.read(octets, ledger(octets), "a.rtf").active == (Active.DDE,)


@pytest.mark.parametrize(
    "field", [b"\\fldinst HYPERLINK DDE", b"\\fldinst PAGE} DDE", b"\\fldinst DATE}DDE", b"DDEAUTO", b"\\fldinst QUOTE 68 68}"]
)
def test_fields_of_rtf_that_do_not(field: bytes) -> None:
    octets = b"{\\rtf1 {" + field + b"}}"
    assert rtf.read(octets, ledger(octets), "a.rtf").active == ()


@pytest.mark.parametrize(
    ("template", "found"),
    [
        (b"{\\*\\template http://bad.example/a.dotm}", True),
        (b"{\\*  \\TEMPLATE\n \\\\\\\\bad.example\\\\a}", True),
        (b"{\\*\\template C:\\\\Normal.dotm}{http://good.example/}", False),
        (b"{\\*\\template x}" * 500 + b"{\\*\\template ftp://bad.example/}", True),
        (b"{\\*\\template x}{x http://good.example/}", False),
        (b"{\\*\\template \\'68ttp://bad.example/a}", True),
        (b"{\\*\\template \\u104?ttp://bad.example/a}", True),
        (b"{\\*\\template\\uc2\\u104 xxt\\u116 yyp://bad.example/a}", True),
        (b"{\\*\\template ht{\\x}t\np://bad.example/a}", True),
        (b"{\\*\\template{{http://bad.example/a}}}", True),
        (b"{\\template ht{\\*\\x zz}tp://bad.example/a}", True),
        (b"{\\*\\template C:\\'5cNormal.dotm}{\\info http://good.example/}", False),
    ],
)
def test_templates_of_rtf_that_lie_elsewhere(template: bytes, found: bool) -> None:
    octets = b"{\\rtf1 " + template + b"}"
    assert rtf.read(octets, ledger(octets), "a.rtf").active == ((Active.TEMPLATE,) if found else ())


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a.exe", "a.exe"),
        ("C:\\x\\a b.exe", "a b.exe"),
        ("two.dots.exe", "two.dots.exe"),
        ("..............exe", "..............exe"),
        ("b" * 250 + ".exe", "b" * 200 + ".exe"),
        ("a.exe!", ""),
        ("a." + "e" * 11, ""),
        ("\\.exe", ""),
        (".exe", ""),
        ("no name", ""),
    ],
)
def test_names_in_onenote(text: str, name: str) -> None:
    file = bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac") + struct.pack("<QLQ", 2, 0, 0) + b"MZ"
    octets = file + b"\1\0" + text.encode("utf-16-le") + b"\0\0"
    listing = onenote.read(octets, ledger(octets), "a.one")
    assert [member.names for member in listing.members] == [(name,) if name else ()]


def test_what_stands_next() -> None:
    following = Next(re.compile(rb"[{}]"), b"a{b}c")
    assert [following.after(at) for at in (0, 1, 2, 3, 4, 9)] == [1, 1, 3, 3, NEVER, NEVER]
