"""Where streams of a PDF end whose data has the word "endstream" in it (ISO 32000-1 7.3.8.2), wherever their length stands."""

import tracemalloc

import pytest
from fakes.odd_pdf import FILE, NAMED, PACKED, SHOWN, assert_found, defects, document, said, seen, stream

from screener.anatomy.active import Active
from screener.anatomy.defects import Defect
from screener.anatomy.pdf.streams import split

ENDS = b"nothing here\nendstream\nendobj\n"


def runs(content: bytes, first: int) -> bytes:
    """As RunLengthDecode has it, a number of octets first as they are."""
    pieces = [content[:first], *(content[at : at + 2] for at in range(first, len(content), 2))]
    return b"".join(bytes((len(one) - 1,)) + one for one in pieces) + b"\x80"


FILES = runs(ENDS + PACKED, len(ENDS))
SIZE = len(FILES)


def told(keys: bytes, content: bytes = FILES, behind: bytes = b"\nendstream") -> bytes:
    return b"<<%b>>stream\n%b%b" % (keys, content, behind)


def objects(*packed: tuple[int, bytes]) -> bytes:
    """An object stream."""
    head, body = b"", b""
    for number, one in packed:
        head += b"%d %d " % (number, len(body))
        body += one + b" "
    return stream(b"/Type/ObjStm/N %d/First %d" % (len(packed), len(head)), head + body)


@pytest.mark.parametrize(
    ("length", "more"),
    [
        (b"/Length 8 0 R", [b"%d" % SIZE]),
        (b"/Length +8 0 R", [b"%d" % SIZE]),
        (b"/Length 8 0 R", [b"8 %%x\n0 obj%%\n\0%d" % SIZE]),
        (b"/Length 8 0 R", [b"9 0 R", b"%d" % SIZE]),
        (b"/L#65ngth 8 0 R", [b"+000000000000000%d." % SIZE]),
        (b"/Length 8 0 R", [b"%d" % SIZE, b"8 0 obj 5"]),
        (b"/Length 8 0 R", [b"8 0 obj%d/X" % SIZE, b"8 0 obj 5"]),
        (b"/Length +%d" % SIZE, []),
        (b"/Length %020d" % SIZE, []),
        (b"/Length %d.0" % SIZE, []),
        (b"/Length%%\n%d" % SIZE, []),
        (b"/Length 3/Length %d" % SIZE, []),
        (b"/Length %d/Length 3" % SIZE, []),
        (b"/Length 1/Length 2/Length 3/Length %d" % SIZE, []),
        (b"/DecodeParms<</Length 3>>/Length %d" % SIZE, []),
        (b"/DecodeParms<</Length 12>>/Length %d" % SIZE, []),
        (b"/X(/Length 12)/Length %d" % SIZE, []),
        (b"/X<2f>/Y(>>)/Length1 12/Length %d" % SIZE, []),
    ],
)
@pytest.mark.parametrize("kind", [b"", b"/Type/EmbeddedFile"])
def test_a_file_goes_on_to_where_its_length_says(length: bytes, more: list[bytes], kind: bytes) -> None:
    octets = document(told(kind + b"/Filter/RunLengthDecode" + length), *more)
    if b"1/Length 2" in length:
        assert Defect.CONTAINER_AMBIGUOUS in defects(octets)  # so often no length is told
    else:
        assert_found(octets)


@pytest.mark.parametrize(
    "behind", [b"endstream", b" endstream", b"\r\n\r\n\t\0 endstream", b"\n%x\nendstream", b"%" * 2_000 + b"\nendstream"]
)
def test_what_readers_pass_over_before_the_word_makes_no_length_false(behind: bytes) -> None:
    for length in (b"%d" % SIZE, b"8 0 R"):
        octets = document(told(b"/Filter/RunLengthDecode/Length " + length, behind=behind), b"%d" % SIZE)
        if len(behind) < 1_000:
            assert_found(octets)
        else:
            assert Defect.CONTAINER_AMBIGUOUS in defects(octets)


def test_the_text_of_a_page_goes_on_to_where_its_length_says() -> None:
    content = b"BT /F1 9 Tf (x\nendstream\nendobj\n) Tj ET " + SHOWN
    octets = document(FILE, b"%d" % len(content), page=told(b"/Length 8 0 R", content))
    assert "nightjar" in said(octets)
    assert not defects(octets)


def test_an_action_behind_the_word_in_an_object_stream() -> None:
    content = b"20 0 21 24 (\nendstream\nendobj\n)    <</S/Launch/F(cmd.exe)>>"
    packed = runs(content, 40)
    octets = document(FILE, told(b"/Type/ObjStm/N 2/First 11/Filter/RL/Length 9 0 R", packed), b"%d" % len(packed))
    assert Active.LAUNCH in {act for one in seen(octets).attachments for act in one.active_content}


@pytest.mark.parametrize(
    ("length", "more"),
    [
        (b"/Length 12/Length %d", []),
        (b"/Length 9 0 R", [b"%d", b"9 0 obj 12"]),
        (b"/Length 20 0 R", [objects((20, b"%d"))]),
        (b"/Length 20 0 R", [objects((20, b"%% x\n%d")), b"20 0 obj 12"]),
        (b"/Length 20 0 R", []),
        (b"/Length 20 0 R", [b"20 0 obj /X"]),
        (b"/Length 8.0 0 R", [b"%d"]),
        (b"/Length 9 0 R", [b"9 0 obj" + b" " * 500 + b"%d", b"9 0 obj 5"]),
        (b"/Length 9 0 R", [b"9 0 obj%" + b"x" * 500 + b"\n%d", b"9 0 obj 5"]),
        (b"/Length 9 0 R", [b"9 %" + b"x" * 500 + b"\n 0 obj %d", b"9 0 obj 5"]),
        (b"/Length 4e2", []),
        (b"/DecodeParms<</Length %d>>", []),
        (b"/X(/Length %d)", []),
    ],
)
def test_where_readers_may_read_more_or_less_it_is_ambiguous(length: bytes, more: list[bytes]) -> None:
    number = b"%d" % SIZE
    octets = document(
        told(b"/Filter/RunLengthDecode" + length.replace(b"%d", number)), b"null", *(one.replace(b"%d", number) for one in more)
    )
    assert Defect.CONTAINER_AMBIGUOUS in defects(octets)


@pytest.mark.parametrize(
    ("file", "more"),
    [
        (told(b"/Length 8 0 R", PACKED), [b"%d" % len(PACKED)]),
        (told(b"/Length 8 0 R", PACKED), [b"%d" % len(PACKED), b"8 0 obj 5"]),
        (told(b"/Length 8 0 R", PACKED), [b"5"]),
        (told(b"/Length 20 0 R", PACKED), [objects((20, b"%d" % len(PACKED)))]),
        (told(b"/Length 20 0 R", PACKED), [objects((20, b"5"))]),
        (told(b"/Length %d/Length %d" % (len(PACKED), len(PACKED)), PACKED), []),
        (told(b"/Length 5/Length1 %d" % len(PACKED), PACKED), []),
        (told(b"/Length -1", PACKED), []),
        (told(b"/Length null", PACKED), []),
        (told(b"/Length 0 0 R", PACKED), []),
        (told(b"", PACKED), []),
        (told(b"/Params<</Size 9>>/Length %d" % (len(ENDS) + len(PACKED)), ENDS + PACKED), []),
    ],
)
def test_what_honest_and_sloppy_programs_write_is_not(file: bytes, more: list[bytes]) -> None:
    assert not {one for one in defects(document(file, *more)) if one is Defect.CONTAINER_AMBIGUOUS}


def test_a_pdf_that_was_cut_off_is_not_ambiguous_for_a_length_that_is_lost() -> None:
    octets = document(FILE, stream(b"", b"x" * 9_000).replace(b"/Length 9000", b"/Length 9 0 R"), named=NAMED)
    assert Defect.CONTAINER_AMBIGUOUS not in defects(octets[: octets.index(b"x" * 99) + 5_000])


def test_lengths_that_lead_to_many_others_are_looked_up_once() -> None:
    chain = b"".join(
        b"%d 0 obj %d 0 R endobj\n" % (level * 100 + one, (level + 1) * 100 + other)
        for level in range(1, 6)
        for one in range(16)
        for other in range(16)
    )
    octets = document(FILE, chain, *[told(b"/Length %d 0 R" % (100 + one % 16), b"x") for one in range(300)])
    assert Defect.CONTAINER_AMBIGUOUS in defects(octets)


def test_what_leads_to_many_lengths_is_kept_for_no_stream() -> None:
    tree = b"".join(b"%d 0 obj %d 0 R\n" % (1 + one // 16, 2 + one) for one in range(2_000))
    octets = b"%PDF-1.7\n" + tree + b"9999 0 obj<</Length 1 0 R>>stream\nendstream\n" * 1_000
    tracemalloc.start()
    try:
        assert split(octets).is_doubtful
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
