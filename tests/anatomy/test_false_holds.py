"""Ordinary mail passes: of all messages of the corpus that are ham or bounces, the shipped safety rules hold none.

A message that they hold all the same stands in ARGUED with the reason why that is right.
"""

import gzip
from collections.abc import Callable

import pytest
from fakes.corpus import normalised, specimens
from fakes.evasions.containers import zipped
from fakes.evasions.judging import safety, screened
from fakes.odd_mail import attached

from screener.anatomy.defects import Severity
from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action

# Part of the specimen's path → why a person should look at it.
ARGUED = {
    "__lhost-exchange2007-02.": "the returned picture has dots in the midst of its base64: readers decode different octets",
}
# These files lie on a disk with CR as their line ends; over SMTP they come with CRLF, and so they pass.
ON_DISK = "__maildir__mac__"


@pytest.mark.parametrize("label", ["ham", "bounce"])
def test_no_ordinary_message_is_held(label: str) -> None:
    count = 0
    held: dict[str, str] = {}
    for specimen in specimens():
        if specimen.label != label:
            continue
        count += 1
        content = specimen.wire()
        (verdict,) = screened(safety(), normalised(content) if ON_DISK in specimen.path else content).verdicts
        if verdict.action is not Action.FORWARD:
            held[specimen.path] = f"{verdict.rule}: {'; '.join(f'{one.text} ({one.place})' for one in verdict.evidence)}"
    assert count > 200
    assert {path: why for path, why in held.items() if not any(mark in path for mark in ARGUED)} == {}


def test_what_is_argued_is_held() -> None:
    paths = [specimen for specimen in specimens() if any(mark in specimen.path for mark in ARGUED)]
    assert len(paths) == len(ARGUED)
    for specimen in paths:
        assert screened(safety(), specimen.wire()).verdicts[0].action is Action.HOLD


ORDINARY = {
    "a long name in continuations": 'filename*0="Protokoll der Versammlung vom 12. Maerz 2024 mit A"; filename*1="nlagen.pdf"',
    "the same with a charset": "filename*0*=utf-8''Angebot%20Nr.%203%20M%C3; filename*1*=%BCller.pdf",
    "a name in two encoded words": 'filename="=?utf-8?B?UmVjaG51bmcgTcO8bGw=?=\r\n =?utf-8?B?ZXIucGRm?="',
    "a name cut within a quantum": 'filename="=?utf-8?B?UmVjaG51bmcgZsO8ciBNw7xsbGVyL?=\r\n =?utf-8?B?nBkZg==?="',
    "the same in a charset of octets": 'filename="=?iso-8859-1?B?UmVjaG51bmc?= =?iso-8859-1?B?gZvxyIE38bGxlci5wZGY=?="',
    "a Hebrew name with a mark": "filename*=utf-8''%E2%80%8E%D7%90%D7%91.pdf",
    "an embedded name": "filename*=utf-8''%E2%80%AAWhatsApp%20Image%E2%80%AC.pdf",
    "a Hebrew name in an embedding": "filename*=utf-8''%E2%80%AB%D7%90%D7%91%20123%E2%80%AC.pdf",
    "a Hebrew name in an isolate": "filename*=utf-8''%E2%81%A7%D7%90%D7%91%20123%E2%81%A9.pdf",
    "a name in alike endings": 'filename="a.jpeg"\r\nContent-Type: image/jpeg; name="a.jpg"',
}


@pytest.mark.parametrize("disposition", ORDINARY.values(), ids=ORDINARY)
@pytest.mark.parametrize("behind", ["", "This mail was checked; a new era begins.\r\n"])
@pytest.mark.parametrize("encoding", ["7bit", "8-bit"])
def test_ordinary_attachments_are_not_ambiguous(disposition: str, behind: str, encoding: str) -> None:
    message = (
        "From: a@example.net\r\nTo: b@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n"
        f"--B\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: {encoding}\r\n\r\nhello\r\n"
        f"--B\r\nContent-Disposition: attachment; {disposition}\r\n\r\n%PDF-1.4\r\n%%EOF\r\n\r\n--B--\r\n{behind}"
    )
    found = Anatomy(message.encode()).all_defects()
    assert [one.defect for one in found if one.severity is not Severity.SLOPPY] == []


@pytest.mark.parametrize("encoding", ["utf-8", "ISO-8859-1", "8-bit"])
@pytest.mark.parametrize("attached", ["", "--B\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n%PDF-1.4\r\n%%EOF\r\n"])
def test_a_charset_is_no_unknown_encoding(encoding: str, attached: str) -> None:
    message = (
        "From: a@example.net\r\nTo: b@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n"
        f"--B\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
        f"grüße http://example.net/?a=b=3D\r\n{attached}--B--\r\n"
    )
    assert screened(safety(), message.encode()).verdicts[0].action is Action.FORWARD
    hidden = message.replace("grüße", "begin 644 a.exe\r\n#35H \r\n`\r\nend\r\n")
    assert any("a.exe" in one.names for one in Anatomy(hidden.encode()).attachments)


FILE = (
    b"Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
    b"--B\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n%PDF-1.4\r\n%%EOF\r\n--B--\r\n"
)


@pytest.mark.parametrize(
    ("before", "action"),
    [
        (b"DKIM-Signature: v=1; h=From:Content-Type;\r\n\t\r\n\tb=abc\r\n", Action.FORWARD),
        (b"Thread-Topic: x\r\n \r\n", Action.FORWARD),
        (b"Thread-Topic: x\r\n \r\nbegin 644 a.exe\r\n", Action.HOLD),
        (b"Content-Type: text/plain\r\nThread-Topic: x\r\n \r\n", Action.HOLD),
        (b"Content-Transfer-Encoding: base64\r\nThread-Topic: x\r\n \r\n", Action.HOLD),
        (b"(x)Content-Type: text/plain\r\nThread-Topic: x\r\n \r\n", Action.HOLD),
    ],
)
def test_a_folded_blank_line_before_all_that_says_what_it_is(before: bytes, action: Action) -> None:
    content = b"From: a@example.net\r\n" + before + b"MIME-Version: 1.0\r\nX-Note: nightjar\r\n" + FILE
    assert screened(safety(), content).verdicts[0].action is action, Anatomy(content).all_defects()
    assert action is Action.HOLD or any("nightjar" in text.text for text in Anatomy(content).texts)


LINE = b"2026-01-01 00:00:00 INFO heartbeat ok\n"


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("log.zip", lambda: zipped(("log.txt", LINE * 600_000))),
        ("log.gz", lambda: gzip.compress(LINE * 600_000)),
        ("disk.zip", lambda: zipped(("db.bak", bytes(30_000_000)))),
        ("many.zip", lambda: zipped(*[(f"{number}.txt", b"x") for number in range(3_000)])),
    ],
)
def test_much_of_the_same_and_many_small_files_are_no_bomb(name: str, packed: Callable[[], bytes]) -> None:
    assert screened(safety(), attached(packed(), name)).verdicts[0].action is Action.FORWARD


PLAIN_PDF = (
    b"%PDF-1.7\r\n1 0 obj\r\n<</Type/Catalog/Pages 2 0 R>>\r\nendobj\r\n2 0 obj\r\n<</Type/Pages/Kids[]/Count 0>>\r\nendobj\r\n"
    b"trailer\r\n<</Root 1 0 R>>\r\n%%EOF\r\n"
)


@pytest.mark.parametrize("forwarded", [1, 2, 8])
def test_a_document_as_it_stands_in_attached_messages_is_read_once(forwarded: int) -> None:
    """It begins within the first KiB of the messages around it, each of which is looked at for a document, too."""
    content = b"Content-Type: application/pdf; name=scan.pdf\r\n\r\n" + PLAIN_PDF
    for number in range(forwarded):
        content = b"From: a%d@example.net\r\nMIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n" % number + content
    assert screened(safety(), content).verdicts[0].action is Action.FORWARD, Anatomy(content).all_defects()
    assert screened(safety(), attached(content, "a.eml")).verdicts[0].action is Action.FORWARD


LETTER = (
    b"From a@example.net Mon Jan  1 00:00:00 2024\nFrom: a@example.net\nSubject: x\nMIME-Version: 1.0\n"
    b"Content-Type: multipart/mixed; boundary=%b\n\n--%b\nContent-Type: text/plain\n\nhello\n\nFrom here on it is short.\n"
    b"--%b\nContent-Type: application/pdf; name=%b.pdf\nContent-Transfer-Encoding: base64\n\nJVBERi0xLjQK\n--%b--\n\n"
)
MAILBOX = b"".join(LETTER % (mark, mark, mark, mark, mark) for mark in (b"A", b"B", b"A", b"C"))


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
def test_a_mailbox_is_read_message_by_message(ends: bytes) -> None:
    octets = MAILBOX.replace(b"\n", ends)
    for content, held in (
        (attached(octets, "a.mbox"), False),
        (attached(zipped(("a.mbox", octets)), "a.zip"), False),
        (attached(octets, "a.eml"), True),
    ):
        names = [name for one in Anatomy(content).attachments for name in one.names if name.endswith(".pdf")]
        assert (screened(safety(), content).verdicts[0].action is Action.HOLD) is held
        assert held or names == ["A.pdf", "B.pdf", "A.pdf", "C.pdf"]
