"""Forms of PDF (XFA), whose scripts stand in the XML of streams, and PDFs of nothing but streams."""

import zlib

import pytest

from screener.anatomy.active import Active
from screener.anatomy.budget import Budget
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing
from screener.anatomy.pdf import reader as pdf

SCRIPTED = '<template xmlns="http://www.xfa.org/schema/xfa-template/3.3/"><event><{}script>x</{}script></event></template>'
CALLED = SCRIPTED.format("", "")


def packet(number: int, markup: bytes) -> bytes:
    return b"%d 0 obj << /Length %d >> stream\n%b\nendstream endobj\n" % (number, len(markup), markup)


def form(xfa: bytes, markup: bytes, *objects: bytes, packed: bool = True) -> bytes:
    """A PDF whose form has this list of packets, of which number 7 is this markup."""
    content = zlib.compress(markup) if packed else markup
    keys = b"<< /Length %d%s >>" % (len(content), b" /Filter /FlateDecode" if packed else b"")
    packet = b"7 0 obj\n" + keys + b" stream\n" + content + b"\nendstream endobj\n"
    return b"%PDF-1.7\n1 0 obj << /AcroForm << /Fields [] " + xfa + b" >> >> endobj\n" + packet + b"".join(objects) + b"%%EOF"


def read(octets: bytes) -> tuple[Listing, list[Defect]]:
    ledger = Ledger(Budget(), len(octets))
    return pdf.read(octets, ledger, "a.pdf"), [one.defect for one in ledger.found]


@pytest.mark.parametrize(
    "octets",
    [
        form(b"/XFA [(preamble) 5 0 R (template) 7 0 R]", CALLED.encode()),
        form(b"/XFA [(tem]plate) 007 0 R]", CALLED.encode(), packed=False),
        form(b"/X#46A 7 0 R", CALLED.encode()),
        form(b"/XFA 9 0 R", CALLED.encode(), b"9 0 obj [(template) 7 0 R] endobj\n"),
        form(b"/XFA 7 0 R", CALLED.encode("utf-16")),
        form(b"/XFA 7 0 R", SCRIPTED.format("xfa:", "xfa:").encode()),
        form(b"/XFA [(a) 7 0 R (b) 8 0 R]", b"<x><scr", packet(8, b"ipt contentType='x'>a</script></x>")),
        form(b"/XFA [(a) 8 0 R (b) 7 0 R]", b"cript>" + b"x" * 500, packet(8, b"<x>" + b" " * 500 + b"<xfa:s"), packet(7, b"c")),
        form(b"/XFA 9 0 R", b"<", b"9 0 obj [(a) 7 0 R (b) 8 0 R (c) 6 0 R] endobj\n", packet(8, b"s"), packet(6, b"cript/>")),
    ],
)
def test_a_form_with_script(octets: bytes) -> None:
    listing, defects = read(octets)
    assert listing.active == (Active.JAVASCRIPT,)
    assert not defects


@pytest.mark.parametrize(
    "octets",
    [
        form(b"/XFA 7 0 R", b"<template><field/><description>about a script</description></template>"),
        form(b"/XFA 8 0 R", CALLED.encode()),
        form(b"", CALLED.encode()),
    ],
)
def test_a_form_without(octets: bytes) -> None:
    assert read(octets) == (Listing(), [])


def test_a_script_of_what_is_drawn_in_three_dimensions() -> None:
    model = b"2 0 obj << /Type /3D /Subtype /U3D /OnInstantiate 7 0 R /Length 3 >> stream\nU3D\nendstream endobj\n"
    assert read(form(b"", b"host.x()", model))[0].active == (Active.JAVASCRIPT,)


@pytest.mark.parametrize("repeated", [b"/XFA[1 0 R", b"7 0 obj [7 0 R "])
def test_forms_without_end_are_bounded(repeated: bytes) -> None:
    listing, _ = read(form(b"/XFA 7 0 R", b"<x/>", repeated * 100_000))
    assert listing.active == ()


def test_more_streams_than_are_told_apart() -> None:
    stream = b"1 0 obj<</EF<</F 1 0 R>>>>stream\nendstream endobj\n"
    assert Defect.CONTAINER_TOO_MANY_MEMBERS in read(b"%PDF-1.4\n" + stream * 20_000)[1]
    plain = b"1 0 obj<</Length 60>>stream\n" + b"x" * 60 + b"\nendstream endobj\n"
    assert not read(b"%PDF-1.4\n" + plain * 9_000)[1]
