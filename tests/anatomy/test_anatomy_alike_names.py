"""A file whose names mean the same to every reader is not ambiguous; one whose names do not is, and every name is judged."""

import struct

import pytest
from fakes.compound_files import compound
from fakes.evasions import containers
from fakes.evasions.judging import safety, screened
from fakes.odd_mail import attached, mixed

from screener.anatomy import names
from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action

TEXT = b"Content-Type: text/plain\r\n\r\nhello"
DOCUMENT = containers.document()


def held(content: bytes) -> bool:
    return screened(safety(), content).verdicts[0].action is Action.HOLD


@pytest.mark.parametrize(
    ("called", "differ"),
    [
        (("BERICH~1.DOC", "Bericht Januar.docx"), False),
        (("Seite.pages", "SEITE~12.PAG"), False),
        (("Rechnung", "Rechnung.pdf"), False),
        (("Rechnung", "Rechnung Nr. 5"), False),
        (("Quartal 3.docx", "Bericht v1.2"), False),
        (("Rechnung Nr. 5", "Rechnung vom 01.02.2024", "a.pdf"), False),
        (("image001.png", "image001.jpg"), False),
        (("BERICH~1.DOC", "Bericht.xlsx"), True),
        (("BERICH~1.JS", "Bericht.json"), True),
        (("Bericht.doc", "a.docx"), True),
        (("a.pdf", "a.docx"), True),
        (("a.001", "a.pdf"), True),
        (("a.txt", "a.exe "), True),
        (("a.png", "a.svg"), True),
    ],
)
def test_endings_that_mean_the_same(called: tuple[str, ...], differ: bool) -> None:
    assert names.differ(called) is differ
    assert names.differ(called[::-1]) is differ


@pytest.mark.parametrize(
    ("name", "is_held"),
    [
        ('Die \\"neue\\" Rechnung.pdf', False),
        ('a.txt\\" b.pdf', True),
        ("Foo    .pdf", False),
        ("Foo            .pdf", False),
        ("Nr.12    Rechnung.pdf", False),
        ("Dr.med   Meier.pdf", False),
        ("Foo            .js", True),
        ("Foo.pdf   .docx", True),
        ("Foo.pdf   x.docx", True),
        ("Foo.pdf            .docx", True),
        ("Foo.jpg   x.hta", True),
    ],
)
def test_quotes_and_blanks_in_names(name: str, is_held: bool) -> None:
    content = attached(b"%PDF-1.4\n%%EOF\n" if ".pdf" in name else b"hello", name)
    assert held(content) is is_held, Anatomy(content).all_defects()


def winmail(title: str, octets: bytes, **properties: str) -> bytes:
    """As Outlook writes it: the title in eight and three, the long name among the properties (MS-OXTNEF 2.1.3.4.2)."""

    def attribute(identifier: int, value: bytes) -> bytes:
        return struct.pack("<BLL", 2, identifier, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)

    listed = b""
    for key, text in properties.items():
        value = text.encode("utf-16-le") + b"\0\0"
        listed += struct.pack("<HHLL", 0x1F, int(key[1:], 16), 1, len(value)) + value + bytes(-len(value) % 4)
    return (
        b"\x78\x9f\x3e\x22\x01\x00"
        + attribute(0x00069002, bytes(14))
        + attribute(0x00018010, title.encode() + b"\0")
        + attribute(0x0006800F, octets)
        + attribute(0x00069005, struct.pack("<L", len(properties)) + listed)
    )


def letter(octets: bytes, **properties: str) -> bytes:
    """An Outlook message with one file (MS-OXMSG 2.2.2)."""
    streams = {"__properties_version1.0": bytes(32), "__substg1.0_0037001F": "Subject".encode("utf-16-le")}
    streams |= {
        f"__attach_version1.0_#00000000/__substg1.0_{key[1:]}001F": text.encode("utf-16-le") for key, text in properties.items()
    }
    return compound({**streams, "__attach_version1.0_#00000000/__substg1.0_37010102": octets})


@pytest.mark.parametrize(
    ("short", "long", "display", "is_held"),
    [
        ("BERICH~1.DOC", "Bericht Januar.docx", "Bericht Januar.docx", False),
        ("QUARTA~1.DOC", "Quartal 3.docx", "Quartal 3", False),
        ("a.docx", "a.docx", "Bericht v1.2", False),
        ("BERICH~1.DOC", "Bericht.rtf", "Bericht", True),
    ],
)
def test_names_as_outlook_writes_them(short: str, long: str, display: str, is_held: bool) -> None:
    packed = winmail(short, DOCUMENT, x3704=short, x3707=long, x3001=display)
    assert held(attached(packed, "winmail.dat")) is is_held
    assert held(attached(letter(DOCUMENT, x3704=short, x3707=long, x3001=display), "Fw.msg")) is is_held
    inside = next(one for one in Anatomy(attached(packed, "winmail.dat")).attachments if one.depth == 1)
    assert {short, long, display} <= set(inside.names)


@pytest.mark.parametrize(
    ("label", "path", "is_held"),
    [
        ("Bericht.pdf", "C:\\x\\Bericht.pdf", False),
        ("Anlage 1", "C:\\x\\Bericht.pdf", False),
        ("Bericht v1.2", "C:\\x\\Bericht.pdf", False),
        ("Bericht.xlsx", "C:\\x\\BERICH~1.XLS", False),
        ("Bericht.pdf", "C:\\x\\Bericht.docx", True),
    ],
)
def test_captions_of_packages(label: str, path: str, is_held: bool) -> None:
    octets = b"%PDF-1.4\n%%EOF\n"
    body = struct.pack("<H", 2) + b"%s\0%s\0" % (label.encode(), path.encode()) + struct.pack("<LL", 0x30000, len(path) + 1)
    body += path.encode() + b"\0" + struct.pack("<L", len(octets)) + octets
    package = compound({"\x01Ole10Native": struct.pack("<L", len(body)) + body})
    content = attached(containers.document(("word/embeddings/oleObject1.bin", package)), "a.docx")
    assert (Defect.SEVERAL_NAMES in {one.defect for one in Anatomy(content).all_defects()}) is is_held


@pytest.mark.parametrize(
    ("first", "second", "is_held"),
    [
        (b'filename="Rechnung"', b'name="Rechnung.pdf"', False),
        (b'filename="image001.png"', b'name="image001.jpg"', False),
        (b'filename="Rechnung.pdf"', b'name="Rechnung.docx"', True),
    ],
)
def test_names_in_two_fields(first: bytes, second: bytes, is_held: bool) -> None:
    part = b"Content-Disposition: attachment; " + first + b"\r\nContent-Type: application/octet-stream; " + second
    assert held(mixed(TEXT, part + b"\r\n\r\n%PDF-1.4\r\n%%EOF\r\n")) is is_held


PAGE = b'hello <a download="invoice.exe" href="data:a/b;base64,TVqQAAMAAAAEAAAA//8AALgAAAA=">x</a>'


@pytest.mark.parametrize(
    "called",
    [
        (b"Rechnung", b"a.html"),
        (b"Bericht v1.2", b"a.html"),
        (b"a.12", b"a.htm"),
        (b"a.html.txt", b"a.html"),
        (b"a.txt", b"100%.html"),
        (b"a.txt", b"a''.html"),
        (b"a.txt", b"=?utf-8?q?a=2Ehtml?="),
    ],
)
def test_a_file_is_opened_as_what_each_of_its_names_says(called: tuple[bytes, bytes]) -> None:
    for one, other in (called, called[::-1]):
        fields = b'Content-Type: application/octet-stream; name="%b"\r\nContent-Disposition: attachment; filename="%b"\r\n'
        anatomy = Anatomy(mixed(TEXT, fields % (one, other) + b"\r\n" + PAGE))
        assert ("invoice.exe",) in [found.names for found in anatomy.attachments]


@pytest.mark.parametrize("name", ["100%.html", "a''.html", "x'y'z.html"])
def test_what_only_looks_encoded_is_a_name(name: str) -> None:
    assert names.differ(("a.txt", name))
    assert not names.differ(("a.html", "a%2Ehtml", "utf-8''a.htm%6C"))


@pytest.mark.parametrize("before", [b"GIF89a", b"\x89PNG\r\n\x1a\n", b"%PDF-1.4\n"])
@pytest.mark.parametrize("name", ["a.zip", "a.docx", "a.jar"])
def test_a_zip_by_its_name_is_held_without_an_end_too(before: bytes, name: str) -> None:
    packed = containers.zipped(("evil.js", b"go()"))
    content = attached(before + packed[: packed.index(b"PK\5\6")], name)
    assert ("evil.js",) in [found.names for found in Anatomy(content).attachments]
    assert held(content)
