"""Letters in cells of old workbooks, and on old slides, that nobody sees between others."""

import struct

import pytest
from fakes.compound_files import compound
from fakes.evasions.containers import zipped
from fakes.odd_mail import attached

from screener.anatomy.message import Anatomy

VISIBLE = (200, 0x7FFF)
RUNS = ((7, 6), (9, 3))  # "a night" as the cell is, "xx" in the sixth font, which is called so as no font is the fourth; "jar"


def record(kind: int, value: bytes) -> bytes:
    return struct.pack("<HH", kind, len(value)) + value


def font(height: int, colour: int) -> bytes:
    return record(0x31, struct.pack("<HHH8xBB", height, 0, colour, 1, 0) + b"A")


def runs(form: str) -> bytes:
    return b"".join(struct.pack(form, *one) for one in RUNS)


PALETTE = record(0x92, struct.pack("<H", 1) + b"\xff\xff\xff\0")
FILLED = record(0xE0, bytes(17) + b"\4\x0a\0")
FILLED_BEFORE = record(0xE0, struct.pack("<8xHH4x", 10, 1))
UNSEEN = {
    "white": font(200, 9),
    "of the window": font(200, 65),
    "tiny": font(20, 0x7FFF),
    "of a palette": PALETTE + font(200, 8),
    "of what fills a cell": FILLED + font(200, 10),
}
TEXT = b"a nightxxjar"
CELLS = {
    "shared": record(0xFC, bytes(8) + struct.pack("<HBH", 12, 8, 2) + TEXT + runs("<HH")),
    "shared, gone on with": record(0xFC, bytes(8) + struct.pack("<HBH", 12, 8, 2) + TEXT + runs("<HH")[:3])
    + record(0x3C, runs("<HH")[3:]),
    "by itself": record(0xD6, bytes(6) + struct.pack("<HB", 12, 0) + TEXT + struct.pack("<H", 2) + runs("<HH")),
    "a note": record(0x1B6, bytes(10) + b"\x0c\0") + record(0x3C, b"\0" + TEXT) + record(0x3C, runs("<HH4x")),
}


def texts(name: str, stream: bytes) -> list[str]:
    return [text.text for text in Anatomy(attached(compound({name: stream}), "a.xls")).attachment_texts]


def book(*records: bytes, version: int = 0x600) -> list[str]:
    begin = record(0x809, struct.pack("<HH", version, 5) + bytes(12))
    return texts("Workbook", b"".join((begin, font(*VISIBLE) * 5, *records, record(0x0A, b""))))


@pytest.mark.parametrize("looks", UNSEEN.values(), ids=UNSEEN)
@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_letters_of_cells_that_are_not_seen_part_no_word(looks: bytes, cell: bytes) -> None:
    assert "a nightjar" in book(looks, cell)[0].split("\n")


def test_letters_of_cells_of_excel_95_too() -> None:
    cell = record(0xD6, bytes(6) + struct.pack("<H", 12) + TEXT + b"\2" + runs("<BB"))
    for looks in (font(200, 9), FILLED_BEFORE + font(200, 10)):
        assert "a nightjar" in book(looks, cell, version=0x500)[0].split("\n")


@pytest.mark.parametrize(
    ("text", "looks"),
    [("xxa nightjar", ((2, 0),)), ("\U0001f426 a nightxxjar", ((10, 6), (12, 3)))],
    ids=["before the first run", "behind a letter of two halves"],
)
def test_letters_of_cells_wherever_they_stand(text: str, looks: tuple[tuple[int, int], ...]) -> None:
    octets = text.encode("utf-16-le")
    cell = struct.pack("<HBH", len(octets) // 2, 9, len(looks)) + octets + b"".join(struct.pack("<HH", *one) for one in looks)
    assert any(line.endswith("a nightjar") for line in book(font(200, 9), record(0xFC, bytes(8) + cell))[0].split("\n"))


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_letters_of_cells_that_are_seen_are_read_once(cell: bytes) -> None:
    assert book(font(200, 10), cell) == ["a nightxxjar"]


def atom(kind: int, value: bytes) -> bytes:
    return struct.pack("<HHL", 0, kind, len(value)) + value


def slides(text: str, looks: bytes, behind: int, between: bytes = b"") -> list[str]:
    """A text of one paragraph; how its letters look, then how so many behind them do."""
    paragraphs = struct.pack("<LHL", len(text) + 1, 0, 0x300881) + struct.pack("<HHHHLH", 1, 8226, 0, 1, 0, 0)
    styles = paragraphs + struct.pack("<LL", 7, 0x10001) + bytes(4) + looks + struct.pack("<LL", behind, 0)
    stream = atom(0x0FA0, text.encode("utf-16-le")) + between + atom(0x0FA1, styles)
    return texts("PowerPoint Document", stream)


ON_SLIDES = {
    "white": struct.pack("<LLL", 2, 1 << 18, 0xFEFFFFFF),
    "white, bold and raised": struct.pack("<LLHHLH", 2, 0xE0001, 1, 24, 0xFEFFFFFF, 9),
    "of the ground": struct.pack("<LLL", 2, 1 << 18, 0x000000FF),
    "tiny": struct.pack("<LLH", 2, 1 << 17, 1),
}


@pytest.mark.parametrize("looks", ON_SLIDES.values(), ids=ON_SLIDES)
def test_letters_on_slides_that_are_not_seen_part_no_word(looks: bytes) -> None:
    assert "a nightjar" in slides("a nightxxjar", looks, 4)[0].split("\n")
    assert "a nightjar" in slides("a nightxxjar", looks, 4, atom(0x0FA6, bytes(3)))[0].split("\n")


@pytest.mark.parametrize("looks", [struct.pack("<LLL", 2, 1 << 18, 0xFE0000FF), struct.pack("<LLH", 2, 1 << 17, 24)])
def test_letters_on_slides_that_are_seen_are_read_once(looks: bytes) -> None:
    assert slides("a nightxxjar", looks, 4) == ["a nightxxjar"]


def binary(kind: int, value: bytes = b"") -> bytes:
    """A record of a binary workbook."""
    number = bytes((kind,)) if kind < 0x80 else struct.pack("<BB", kind & 0x7F | 0x80, kind >> 7)
    return number + bytes((len(value),)) + value


def binary_font(height: int, colour: bytes) -> bytes:
    return binary(43, struct.pack("<H10x", height) + colour)


def binary_book(styles: bytes) -> list[str]:
    fonts = binary_font(200, b"\1" + bytes(7)) * 5
    looks = struct.pack("<L4H", 2, 7, 5, 9, 3)
    cell = binary(19, b"\1" + struct.pack("<L", len(TEXT)) + TEXT.decode().encode("utf-16-le") + looks)
    parts = (("xl/s.bin", binary(278) + fonts + styles), ("xl/t.bin", binary(159) + cell), ("xl/u.bin", binary(278)))
    return [one.text for one in Anatomy(attached(zipped(("[Content_Types].xml", b"<Types/>"), *parts), "a.xlsb")).attachment_texts]


UNSEEN_BINARY = {
    "white": binary_font(200, b"\5\xff\0\0\xff\xff\xff\xff"),
    "white of a book's": binary_font(200, b"\3\x09" + bytes(6)),
    "of a theme": binary_font(200, b"\7\0" + bytes(6)),
    "tiny": binary_font(20, bytes(8)),
    "of what fills a cell": binary_font(200, b"\3\x0a" + bytes(6)) + binary(45, b"\1\0\0\0\3\x0a" + bytes(62)),
}


@pytest.mark.parametrize("looks", UNSEEN_BINARY.values(), ids=UNSEEN_BINARY)
def test_letters_in_binary_workbooks_that_are_not_seen_part_no_word(looks: bytes) -> None:
    assert any("a nightjar" in text.split("\n") for text in binary_book(looks))


def test_letters_in_binary_workbooks_that_are_seen_are_read_once() -> None:
    assert binary_book(binary_font(200, b"\5\xff\0\0\xff\0\0\xff"))[-1] == "a nightxxjar"
