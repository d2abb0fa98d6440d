"""What lies around a file: `inside`, `depth` and `attachments` mean what rules/README.md says of archives and attached messages."""

import base64

import pytest
from fakes.evasions.containers import zipped
from fakes.evasions.judging import screened
from fakes.odd_mail import PROGRAM, attached, mixed, tnef

from screener.anatomy.budget import Budget
from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action
from screener.policy.rulefile import compile_source
from screener.policy.source import Source

PACKED = base64.encodebytes(zipped(("q/z.js", b"1"), ("n.txt", b"hello")))
TEXT = b"Content-Type: text/plain\r\n\r\nhello"
LETTER = attached(PROGRAM, "evil.exe")
DATA = b'<a href="data:application/zip;base64,' + base64.b64encode(zipped(("a.txt", b"x"))) + b'" download=a.zip>x</a>'
CALLED = {
    "dots at the end": b'Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="a.zip."',
    "invisible": b"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename*=utf-8''a.z%E2%80%8Bip",
    "another name": b"Content-Type: application/zip; name=a.zip\r\nContent-Disposition: attachment; filename=b.dat",
    "two names": b"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=b.dat; filename=a.zip",
    "no name": b"Content-Type: application/zip\r\nContent-Disposition: attachment",
    "no name, an older type": b"Content-Type: application/x-zip-compressed\r\nContent-Disposition: attachment",
}


def hits(block: str, content: bytes) -> bool:
    """Whether some rule with this condition holds a mail."""
    source = Source.of((("rules/a.yaml", f"rules: [{{name: a, when: {block}, then: hold}}]".encode()),))
    return screened(compile_source(source).ruleset, content).verdicts[0].action is Action.HOLD


def forwarded(fields: bytes, letter: bytes = LETTER) -> bytes:
    return mixed(TEXT, fields + b"\r\n\r\n" + letter, boundary=b"F%d" % len(letter))


@pytest.mark.parametrize("fields", CALLED.values(), ids=CALLED)
def test_every_name_of_a_container_counts(fields: bytes) -> None:
    content = mixed(TEXT, fields + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + PACKED)
    assert hits('{attachment: {inside: "*.zip", extension: js}}', content)
    assert hits("{attachment: {inside: application/zip, extension: js}}", content)
    assert not hits('{attachment: {inside: "*.rar"}}', content)


def test_every_name_of_a_file_in_outlooks_container_counts() -> None:
    content = attached(tnef(b"a.zip", zipped(("z.js", b"1"))), "winmail.dat")
    assert hits('{attachment: {inside: "*.zip", extension: js}}', content)
    assert hits("{attachment: {inside: winmail.dat, extension: js, depth: 2}}", content)


def test_a_container_is_known_by_what_it_is_whatever_it_is_called() -> None:
    content = attached(zipped(("inner.dat", zipped(("z.js", b"1")))), "photo.jpg")
    assert hits("{attachment: {inside: application/zip, extension: js}}", content)
    assert hits("{attachment: {inside: inner.dat, extension: js}}", content)
    assert not hits("{attachment: {inside: inner.dat, extension: dat}}", content)  # nothing lies in itself


@pytest.mark.parametrize(
    "fields",
    [
        b"Content-Type: message/rfc822",
        b"Content-Type: message/rfc822; name=fw.eml",
        b"Content-Type: message/global",
        b"Content-Type: application/octet-stream; name=fw.eml",
    ],
)
def test_what_lies_in_an_attached_message_lies_one_deep(fields: bytes) -> None:
    content = forwarded(fields)
    assert hits("{attachment: {extension: exe, depth: 1}}", content)
    assert not hits("{attachment: {extension: exe, depth: 0}}", content)
    assert hits('{attachment: {extension: exe, inside: "*.eml"}}', content)
    assert hits("{attachment: {extension: exe, inside: message/rfc822}}", content)
    assert hits("{attachment: {type: message/rfc822, depth: 0}}", content)
    assert hits("{attachments: {count: 1}}", content)
    assert not hits("{attachments: {count: 2}}", content)


def test_depth_counts_all_containers() -> None:
    letter = attached(zipped(("evil.exe", PROGRAM)), "a.zip")
    whole = forwarded(b"Content-Type: message/rfc822", forwarded(b"Content-Type: message/rfc822; name=b.eml", letter))
    assert hits('{attachment: {extension: exe, depth: 3, inside: b.eml, not: {inside: "*.rar"}}}', whole)
    found = Anatomy(whole).attachments
    assert [(one.depth, one.inside) for one in found if "evil.exe" in one.names] == [(3, ("unnamed.eml", "b.eml", "a.zip"))]
    packed = attached(zipped(("fw.eml", whole)), "o.zip")
    assert hits("{attachment: {extension: exe, depth: 5, inside: o.zip}}", packed)


def test_digests_hold_messages() -> None:
    digest = mixed(b"\r\n" + LETTER, boundary=b"CC").replace(b"multipart/mixed", b"multipart/digest", 1)
    assert hits("{attachment: {extension: exe, depth: 1}}", digest)


def test_attached_messages_take_nothing_of_the_budget_for_archives() -> None:
    letter = attached(zipped(("a.zip", zipped(("evil.exe", PROGRAM)))), "b.zip")
    for _ in range(8):
        letter = forwarded(b"Content-Type: message/rfc822", letter)
    anatomy = Anatomy(letter, budget=Budget(container_depth=2))
    assert [one.depth for one in anatomy.attachments if "evil.exe" in one.names] == [10]
    assert Defect.CONTAINER_TOO_DEEP not in {found.defect for found in anatomy.all_defects()}


def test_what_a_page_holds_lies_in_it() -> None:
    content = b"From: a@example.net\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n" + DATA
    assert hits("{attachment: {inside: text/html, extension: zip}}", content)


def test_a_container_is_asked_once_however_much_lies_in_it() -> None:
    content = attached(zipped(*((f"{number}.txt", b"x") for number in range(300))), "a.dat")
    source = Source.of((("rules/a.yaml", b'rules: [{name: a, when: {attachment: {inside: "*.zip"}}, then: hold}]'),))
    anatomy = Anatomy(content)
    (container,) = (one for one in anatomy.attachments if not one.depth)
    asked = 0

    class Names(tuple[str, ...]):
        def __iter__(self):  # type: ignore[no-untyped-def]
            nonlocal asked
            asked += 1
            return super().__iter__()

    container.__dict__["names"] = Names(container.names)
    screened(compile_source(source).ruleset, content, anatomy)
    assert asked == 1
