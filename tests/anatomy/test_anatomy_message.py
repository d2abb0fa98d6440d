"""The facade and the tree: places, offsets, laziness, maps, the list of defects."""

import mmap
from pathlib import Path

import pytest
from fakes.evasions.containers import zipped
from fakes.odd_mail import NAME, PROGRAM, TOP, attached, b64, evil, mixed, uu

from screener.anatomy.budget import Budget
from screener.anatomy.defects import DEFECTS, Defect, Severity
from screener.anatomy.ledger import Ledger
from screener.anatomy.message import Anatomy
from screener.anatomy.mime import structure
from screener.anatomy.mime.part import Part, walk
from screener.anatomy.text import TextKind

TREE = (
    TOP
    + b"Message-ID: <1@example.net>\r\nContent-Type: multipart/mixed; boundary=A\r\n\r\n"
    + b"--A\r\nContent-Type: multipart/alternative; boundary=AB\r\n\r\n"
    + b"--AB\r\nContent-Type: text/plain\r\n\r\nplain text\r\n"
    + b"--AB\r\nContent-Type: text/html\r\n\r\n<p>html</p>\r\n--AB--\r\n"
    + b"--A\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninner text\r\n"
    + b'--A\r\nContent-Type: application/pdf; name="a.pdf"\r\n\r\n%PDF-1.4\r\n--A--\r\n'
)


def shape(part: Part) -> list[tuple[str, str]]:
    return [(one.place, one.media_type) for one in walk(part)]


def test_an_ordinary_tree() -> None:
    anatomy = Anatomy(TREE)
    assert shape(anatomy.root) == [
        ("message", "multipart/mixed"),
        ("part 1", "multipart/alternative"),
        ("part 1.1", "text/plain"),
        ("part 1.2", "text/html"),
        ("part 2", "message/rfc822"),
        ("part 2.1", "text/plain"),
        ("part 3", "application/pdf"),
    ]
    assert [part.raw() for part in anatomy.leaves] == [b"plain text", b"<p>html</p>", b"inner text", b"%PDF-1.4"]
    assert [(text.place, text.kind, text.text) for text in anatomy.texts] == [
        ("part 1.1", TextKind.PLAIN, "plain text"),
        ("part 1.2", TextKind.HTML, "html"),
        ("part 2.1", TextKind.PLAIN, "inner text"),
        ("part 2.1", TextKind.PLAIN, "inner"),
    ]
    assert [(one.place, one.names, one.type) for one in anatomy.attachments] == [
        ("part 2", ("unnamed.eml",), "message/rfc822"),
        ("part 3", ("a.pdf",), "application/pdf"),
    ]
    assert anatomy.all_defects() == ()
    assert (anatomy.subject, anatomy.message_id, anatomy.size) == ("x", "<1@example.net>", len(TREE))


def test_line_feeds_alone_give_the_same_tree() -> None:
    anatomy = Anatomy(TREE.replace(b"\r\n", b"\n"))
    assert shape(anatomy.root) == shape(Anatomy(TREE).root)
    assert [part.raw() for part in anatomy.leaves] == [b"plain text", b"<p>html</p>", b"inner text", b"%PDF-1.4"]


def test_parts_lie_where_their_offsets_say() -> None:
    for part in walk(structure.read(TREE, Ledger(Budget(), len(TREE)))):
        assert part.start <= part.body_start <= part.end
        assert TREE[part.body_start : part.end] == part.raw()


def test_a_map_of_a_file_gives_the_same_facts(tmp_path: Path) -> None:
    path = tmp_path / "content"
    for content in (TREE, attached(PROGRAM * 3000, NAME), TOP + b"\r\n" + uu()):
        path.write_bytes(content)
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            theirs, ours = Anatomy(mapped), Anatomy(content)
            assert shape(theirs.root) == shape(ours.root)
            assert [(one.names, one.sha256, one.type, one.size) for one in theirs.attachments] == [
                (one.names, one.sha256, one.type, one.size) for one in ours.attachments
            ]
            assert theirs.texts == ours.texts
            assert theirs.all_defects() == ours.all_defects()


def test_much_base64_is_decoded_once() -> None:
    octets = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8000
    anatomy = Anatomy(attached(octets, "a.jpg"))
    attachment = anatomy.attachments[-1]
    assert (attachment.type, attachment.size) == ("image/jpeg", len(octets))
    assert attachment.octets() == octets
    assert attachment.octets() is anatomy.leaves[-1].contents(anatomy._ledger)[0]


def test_a_fault_in_the_middle_of_much_base64_is_seen() -> None:
    content = attached(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8000, "a.jpg")
    middle = len(content) // 2 // 4 * 4
    found = Anatomy(content[:middle] + b"*" + content[middle + 1 :]).all_defects()
    assert {Defect.DAMAGED_BASE64, Defect.SLOPPY_BASE64} & {one.defect for one in found}


def test_a_plain_mail_without_any_field_or_body() -> None:
    for content in (b"", b"\r\n", b"x", b"\r\n\r\n", b":", b"From"):
        anatomy = Anatomy(content)
        assert anatomy.leaves
        assert anatomy.subject == ""
        assert anatomy.message_id == ""
        assert anatomy.mailboxes("from") == ()


def test_fields_by_name_in_any_case() -> None:
    anatomy = Anatomy(b"X-A: one\r\nx-a: =?utf-8?Q?tw=6F?=\r\n\r\n")
    assert anatomy.header("X-A")[:2] == ("one", "two")
    assert anatomy.header("x-b") == ()
    assert anatomy.headers.get("x-a")[1].text == "two"


def test_the_first_and_the_last_of_many_fields_are_seen() -> None:
    many = b"".join(b"Subject: s%d\r\n" % number for number in range(500))
    anatomy = Anatomy(many + b"\r\nx")
    assert (anatomy.subjects[0], anatomy.subjects[-1], len(anatomy.subjects)) == ("s0", "s499", 500)
    inner = [b"Content-Type: message/rfc822\r\n\r\n" + many + b"\r\nx", b"Content-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\nx"]
    texts = {text.text for text in Anatomy(mixed(inner[0], *[inner[1]] * 300, inner[0].replace(b"s499", b"last"))).texts}
    assert {"s0", "s499", "y", "last"} <= texts
    packed = attached(zipped(("a.eml", many + b"\r\nx")), "a.zip")
    assert {"s0", "s499"} <= {line for text in Anatomy(packed).attachment_texts for line in text.text.splitlines()}


@pytest.mark.parametrize(
    ("lines", "several"),
    [
        ("From: a@x.example, b@y.example", True),
        ("From: <a@x.example>,<b@y.example>", True),
        ("From: A <a@x.example> b@y.example", True),
        ("From: Us: a@x.example, b@y.example;", True),
        ("From: a@x.example, b@y.example\r\nSender:", True),
        ("From: a@x.example, b@y.example\r\nSender: c@z.example", False),
        ("From: a@x.example\r\nSender: a@x.example, c@z.example", True),
        ("From: a@x.example\r\nSender: a@x.example\r\nSender: c@z.example", True),
        ("From: a@x.example\r\nFrom: b@y.example\r\nSender: a@x.example", True),
        ("From: a@x.example\r\nFrom: a@x.example", False),
        ("From: a@x.example\r\nSender: c@z.example", False),
        ('From: "b@y.example" <a@x.example>', False),
        ("From: A@x.example <a@X.example>", False),
        ("From: a@x.example (b@y.example)", False),
        ("From: =?utf-8?q?b=40y=2Eexample?= <a@x.example>", False),
    ],
)
def test_several_senders_are_a_defect_where_no_one_is_named_as_such(lines: str, several: bool) -> None:
    assert ({one.defect for one in Anatomy(lines.encode() + b"\r\n\r\nx").defects} == {Defect.SEVERAL_FROM}) is several


def test_a_long_message_id_is_cut_and_printable() -> None:
    anatomy = Anatomy(b"Message-ID: <" + b"a" * 5000 + b">\r\n\r\n")
    assert len(anatomy.message_id) == 998
    assert Anatomy(b"Message-ID: <a\x01\x1b[b>\r\n\r\n").message_id == "<a[b>"


def test_defects_of_the_wire_stand_with_the_others() -> None:
    anatomy = Anatomy(TREE, defects=[Defect.BARE_LF])
    assert [(one.defect, one.place) for one in anatomy.defects] == [(Defect.BARE_LF, "content")]


def test_every_defect_has_a_meaning() -> None:
    assert set(DEFECTS) == set(Defect)
    for defect, meaning in DEFECTS.items():
        assert meaning.sentence.endswith(".")
        assert meaning.source
        assert isinstance(meaning.severity, Severity)
        assert defect.value == defect.value.lower()


@pytest.mark.parametrize("severity", Severity)
def test_every_severity_is_used(severity: Severity) -> None:
    assert any(meaning.severity is severity for meaning in DEFECTS.values())


def test_both_readings_of_doubled_types_are_texts() -> None:
    content = TOP + b"Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\n<b>x</b>"
    kinds = {text.kind: text.text for text in Anatomy(content).texts}
    assert kinds == {TextKind.PLAIN: "<b>x</b>", TextKind.HTML: "x"}


def test_text_attachments_are_texts_of_their_own() -> None:
    content = mixed(
        b"Content-Type: text/plain\r\n\r\nbody",
        b'Content-Type: text/csv\r\nContent-Disposition: attachment; filename="a.csv"\r\n\r\na;b',
        evil(),
    )
    anatomy = Anatomy(content)
    assert [text.text for text in anatomy.texts] == ["body"]
    assert [(text.place, text.kind, text.text) for text in anatomy.attachment_texts] == [("part 2", TextKind.ATTACHMENT, "a;b")]


def test_reports_are_texts() -> None:
    content = mixed(b"Content-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822;a@b\r\n")
    anatomy = Anatomy(content)
    assert "Final-Recipient" in anatomy.texts[0].text
    assert anatomy.attachments == ()


def test_what_a_name_and_a_type_say_is_kept_apart_from_what_it_is() -> None:
    content = mixed(b"Content-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b64())
    (attachment,) = Anatomy(content).attachments
    assert attachment.declared_type == "image/png"
    assert attachment.type == "application/x-dosexec"
    assert attachment.extensions == {"png"}


def test_ambiguous_octets_are_all_there() -> None:
    content = mixed(evil(body=b"TVqQAAMAAAA=\r\nVGhpcyBpcw==\r\n"))
    found = {one.octets() for one in Anatomy(content).attachments}
    assert {b"MZ\x90\0\x03\0\0\0", b"MZ\x90\0\x03\0\0\0This is"} <= found
