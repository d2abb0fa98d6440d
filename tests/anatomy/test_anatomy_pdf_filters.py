"""A PDF's filters: against what packs, on damage, and within their limits."""

import base64
import itertools
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.anatomy.active import Active
from screener.anatomy.budget import Budget
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.pdf import filters as pdf_filters
from screener.anatomy.pdf import packing, predictors
from screener.anatomy.pdf.reader import read

OBJECTS = b"9 0 << /S /JavaScript /JS (app.alert\\(1\\)) >> " * 3
_PIECES = [OBJECTS[at : at + 9] for at in range(0, len(OBJECTS), 9)]
RUNS = b"".join(bytes((len(piece) - 1,)) + piece for piece in _PIECES) + b"\x80"


def lzw(content: bytes, early: int = 1) -> bytes:
    """As an encoder writes it (7.4.4.2)."""
    out: list[int] = []
    bits = ""
    table = {bytes((value,)): value for value in range(256)}
    width, following = 9, 258
    bits += f"{256:09b}"
    run = b""
    for value in content:
        longer = run + bytes((value,))
        if longer in table:
            run = longer
            continue
        bits += f"{table[run]:0{width}b}"
        table[longer] = following
        following += 1
        width = 9 if following + early <= 512 else 10 if following + early <= 1024 else 11 if following + early <= 2048 else 12
        if following >= 4094:
            bits += f"{256:0{width}b}"
            table = {bytes((value,)): value for value in range(256)}
            width, following = 9, 258
        run = bytes((value,))
    if run:
        bits += f"{table[run]:0{width}b}"
        following += 1
        width = 9 if following + early <= 512 else 10 if following + early <= 1024 else 11 if following + early <= 2048 else 12
    bits += f"{257:0{width}b}"
    bits += "0" * (-len(bits) % 8)
    out = [int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)]
    return bytes(out)


def png(content: bytes, columns: int, colours: int, kinds: list[int]) -> bytes:
    """PNG's filters put on, a kind a row (PNG 9.2)."""
    width = columns * colours
    above = bytes(width)
    out = bytearray()
    for number, at in enumerate(range(0, len(content), width)):
        row = content[at : at + width].ljust(width, b"\0")
        kind = kinds[number % len(kinds)]
        out.append(kind)
        for index, value in enumerate(row):
            left = row[index - colours] if index >= colours else 0
            corner = above[index - colours] if index >= colours else 0
            up = above[index]
            nearest = min((left, up, corner), key=lambda one: abs(left + up - corner - one))
            out.append((value - (0, left, up, (left + up) // 2, nearest)[kind]) & 255)
        above = row
    return bytes(out)


def undone(keys: bytes, packed: bytes, limit: int = 1_000_000, steps: int = 1_000_000) -> bytes:
    return pdf_filters.undo(packed, 0, len(packed), packing.filters(packing.packing(b"<<" + keys + b">>")), limit, steps).content


@given(st.binary(max_size=3_000) | st.integers(1, 40_000).map(lambda size: (b"abcab" * 8_000)[:size]), st.integers(0, 1))
def test_lzw(content: bytes, early: int) -> None:
    keys = b"/Filter /LZWDecode /DecodeParms << /EarlyChange %d >>" % early
    assert undone(keys, lzw(content, early)) == content


def test_lzw_grows_early_unless_it_is_told_otherwise() -> None:
    content = bytes(range(256)) * 20
    assert undone(b"/Filter/LZWDecode", lzw(content)) == content
    assert undone(b"/Filter /LZW", lzw(content, 0)) != content


def test_lzw_of_many_tables() -> None:
    content = b"".join(number.to_bytes(3, "big") for number in range(40_000))
    assert undone(b"/Filter /LZWDecode", lzw(content)) == content
    assert undone(b"/Filter /LZWDecode", lzw(content), limit=1_000) == content[:1_000]


@given(
    st.binary(max_size=400),
    st.integers(1, 9) | st.just(80),
    st.integers(1, 4),
    st.lists(st.integers(0, 4), min_size=1, max_size=5),
)
def test_differences_of_png(content: bytes, columns: int, colours: int, kinds: list[int]) -> None:
    keys = b"/Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns %d /Colors %d >>" % (columns, colours)
    found = undone(keys, zlib.compress(png(content, columns, colours, kinds)))
    assert found.startswith(content)
    assert not found[len(content) :].strip(b"\0")


@given(st.binary(min_size=1, max_size=300), st.integers(1, 80), st.integers(1, 4))
def test_differences_of_tiff(content: bytes, columns: int, colours: int) -> None:
    width = columns * colours
    packed = bytearray()
    for at in range(0, len(content), width):
        row = content[at : at + width]
        packed += bytes((value - (row[index - colours] if index >= colours else 0)) & 255 for index, value in enumerate(row))
    keys = b"/Filter [/LZWDecode] /DecodeParms [<< /Predictor 2 /Columns %d /Colors %d >>]" % (columns, colours)
    assert undone(keys, lzw(bytes(packed))) == content


@given(st.binary(max_size=500))
def test_any_octets_are_undone_without_an_exception(octets: bytes) -> None:
    for name, predictor in itertools.product((b"Fl", b"LZW", b"AHx", b"A85", b"RL", b"DCTDecode"), (1, 2, 12)):
        keys = b"/Filter /%s /DecodeParms << /Predictor %d /Columns 3 >>" % (name, predictor)
        assert len(undone(keys, octets, limit=50)) <= 50


@pytest.mark.parametrize(
    ("keys", "packed"),
    [
        (b"/Filter /LZWDecode", lzw(OBJECTS)),
        (b"/Filter /LZWDecode /DecodeParms << /EarlyChange 0 >>", lzw(OBJECTS, 0)),
        (b"/Filter /LZW", lzw(OBJECTS)),
        (b"/Filter /LZWDecode /DecodeParms << /Predictor 12 /Columns 5 >>", lzw(png(OBJECTS, 5, 1, [2]))),
        (b"/Filter /Fl /DecodeParms << /Predictor 15 /Colors 3 /Columns 4 >>", zlib.compress(png(OBJECTS, 4, 3, [4, 1, 3, 2]))),
        (b"/Filter[/ASCIIHexDecode/FlateDecode]/DecodeParms[null<</Predictor 12/Columns 7>>]",
         zlib.compress(png(OBJECTS, 7, 1, [2])).hex().encode() + b">"),
        (b"/Filter [/FlateDecode /FlateDecode]", zlib.compress(zlib.compress(OBJECTS))),
        (b"/Filter [/A85 /LZW]", base64.a85encode(lzw(OBJECTS)) + b"~>"),
        (b"/Filter /RunLengthDecode", RUNS),
        (b"/#46ilter /Flate#44ecode", zlib.compress(OBJECTS)),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "between",
    [b"\n", b"", b" " * 5_000, b"%note\n", b"\r\n% stream \n\t"],
)
def test_scripts_in_object_streams_are_seen(keys: bytes, packed: bytes, between: bytes) -> None:
    for kind in (b"/Type /ObjStm /N 1 /First 4 ", b"/N 1 /First 4 ", b"/Type/Obj#53tm" + b" " * 6_000):
        octets = b"%PDF-1.7\n1 0 obj\n<< " + kind + keys + b" >>" + between + b"stream\n" + packed + b"\nendstream\nendobj\n"
        listing = read(octets, Ledger(Budget(), len(octets)), "a.pdf")
        assert listing.active == (Active.JAVASCRIPT,)


@pytest.mark.parametrize(
    "keys",
    [
        b"/Filter /Unknown",
        b"/Filter /LZWDecode /DecodeParms << /Predictor 2 /BitsPerComponent 4 >>",
        b"/Filter 7 0 R",
        b"/Filter /LZWDecode /DecodeParms 7 0 R",
        b"/Filter /LZWDecode /DecodeParms << /Predictor 7 0 R >>",
    ],
)
def test_object_streams_that_cannot_be_unpacked_are_told(keys: bytes) -> None:
    octets = b"%PDF-1.7\n1 0 obj\n<< /Type /ObjStm " + keys + b" >>\nstream\n" + lzw(OBJECTS) + b"\nendstream\nendobj\n"
    ledger = Ledger(Budget(), len(octets))
    read(octets, ledger, "a.pdf")
    assert Defect.CONTAINER_METHOD in {one.defect for one in ledger.found}


def test_what_is_unpacked_one_by_one_has_a_limit_and_says_so() -> None:
    packed = zlib.compress(png(OBJECTS * 400, 4, 1, [4]))
    stream = (
        b"1 0 obj\n<< /Type /ObjStm /Filter /FlateDecode /DecodeParms << /Predictor 14 /Columns 4 >> >>\nstream\n%s\nendstream\n"
    )
    octets = b"%PDF-1.7\n" + stream % packed * 200
    ledger = Ledger(Budget(), len(octets))
    read(octets, ledger, "a.pdf")
    assert Defect.CONTAINER_TOO_LARGE in {one.defect for one in ledger.found}
    assert ledger.steps_left == 0


@pytest.mark.parametrize("kind", [0, 2])
def test_a_table_of_many_objects_is_undone_as_programs_write_it(kind: int) -> None:
    rows = b"\0\0\0\0\1\0" * 150_000
    octets = b"%%PDF-1.7\n1 0 obj\n<</Type/XRef/Size 150000/W[1 4 1]/Root 2 0 R/Filter/FlateDecode/DecodeParms<<%b>>>>stream\n%b"
    parameters = b"/Predictor 12/Columns 6"
    octets %= (parameters, zlib.compress(png(rows, 6, 1, [kind]), 9) + b"\nendstream\nendobj\n")
    ledger = Ledger(Budget(), len(octets))
    read(octets + b"\n" * 50_000, ledger, "a.pdf")
    assert ledger.found == []
    assert Budget().stepped_octets - ledger.steps_left <= len(rows) // 6


@pytest.mark.parametrize(("kinds", "cost"), [([2], 8), ([0], 8), ([2, 4], 1), ([1], 1), ([2, 0], 1)])
def test_what_is_predicted_is_undone_as_far_as_the_steps_go(kinds: list[int], cost: int) -> None:
    content = bytes(range(256)) * 50
    packed = png(content, 4, 1, kinds)
    found, steps = predictors.unpredicted(packed, 15, 4, 1, 8, 500)
    assert steps == 500 and content.startswith(found) and len(found) == 500 * cost * 4 // 5
    assert predictors.unpredicted(packed, 15, 4, 1, 8, 1_000_000) == (content, len(packed) // cost)
    assert len(predictors.unpredicted(content, 2, 4, 1, 8, 500)[0]) == 500


def test_rows_as_long_as_they_say_are_no_longer_than_what_there_is() -> None:
    for predictor in (2, 12):
        assert len(predictors.unpredicted(b"\2abc", predictor, 1_000_000, 32, 9_999_999 if predictor > 2 else 8, 99)[0]) in (3, 4)


def test_data_that_goes_on_over_other_streams_is_unpacked_a_few_times_only() -> None:
    """Empty blocks (RFC 1951 3.2.4) give nothing, so that no limit of what comes out is reached."""
    one = b"\nendstream 1 0 obj\n<</Type/ObjStm/Filter/FlateDecode>>\nstream\n\x78\x01"
    block = b"\0" + len(one).to_bytes(2, "little") + (len(one) ^ 0xFFFF).to_bytes(2, "little") + one
    octets = b"%PDF-1.7\n" + one + (b"\0\0\0\xff\xff" * 300 + block) * 200
    ledger = Ledger(Budget(), len(octets))
    read(octets, ledger, "a.pdf")
    assert Defect.CONTAINER_TOO_LARGE in {one.defect for one in ledger.found}
