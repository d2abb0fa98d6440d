"""Returned mail: what a bounce brings back reaches the rules, and neither its old forms nor that it is cut hold it.

Whoever only makes a mail look like a bounce gains nothing by it: what is hidden, damaged or parted otherwise is a defect as ever.
"""

import random
import zipfile
from collections.abc import Callable

import pytest
from fakes.evasions.containers import document, ole, pdf, streamed_zip, zipped
from fakes.evasions.draft import b64
from fakes.evasions.judging import safety, screened, shipped

from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action

NOISE = random.Random(7).randbytes(90_000)
REPORT = b"From: Mail Delivery System <MAILER-DAEMON@mx.example.net>\r\nTo: a@example.net\r\nSubject: failure notice\r\n"
QMAIL = (
    REPORT
    + b"\r\nHi. This is the qmail-send program at mx.example.net.\r\nI'm afraid I wasn't able to deliver your message.\r\n\r\n"
    b"<b@example.org>:\r\n192.0.2.1 does not like recipient.\r\n\r\n--- Below this line is a copy of the message.\r\n\r\n"
)
EXIM = (
    REPORT + b"Auto-Submitted: auto-replied\r\n\r\nThis message was created automatically by mail delivery software.\r\n\r\n"
    b"  b@example.org\r\n    unrouteable mail domain\r\n\r\n"
    b"------ This is a copy of the message, including all the headers. ------\r\n\r\n"
)
EXIM_CUT = EXIM[:-2] + (
    b"------ The body of the message is 204800 characters long; only the first\r\n------ 106496 or so are included here.\r\n\r\n"
)
SENDMAIL = (
    REPORT + b"\r\n   ----- Transcript of session follows -----\r\n550 unknown\r\n\r\n   ----- Unsent message follows -----\r\n"
)
TEXTS = {"qmail": QMAIL, "Exim": EXIM, "Exim with a limit": EXIM_CUT, "Sendmail": SENDMAIL}


def letter(name: bytes, octets: bytes, *, end: bytes = b"\r\n--X--\r\n") -> bytes:
    return (
        b"Return-Path: <a@example.net>\r\nReceived: from x by y; Mon, 1 Jan 2024 00:00:00 +0000\r\nFrom: a@example.net\r\n"
        b'Subject: the file\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="X"\r\n\r\n'
        b"This is a multi-part message in MIME format.\r\n"
        b"--X\r\nContent-Type: text/plain\r\n\r\nhello\r\n--X\r\nContent-Type: application/octet-stream\r\n"
        b"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=" + name + b"\r\n\r\n" + b64(octets) + end
    )


def reported(returned: bytes) -> bytes:
    """As Exim and others do now (RFC 3464)."""
    return (
        REPORT + b"MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=R\r\n\r\n--R\r\n"
        b"Content-Type: text/plain\r\n\r\nThis message was created automatically.\r\n--R\r\nContent-Type: message/delivery-status"
        b"\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n--R\r\nContent-Type: message/rfc822\r\n\r\n"
        + returned
        + b"\r\n--R--\r\n"
    )


def held(content: bytes) -> bool:
    return screened(safety(), content).verdicts[0].action is Action.HOLD


def stopped(content: bytes) -> bool:
    return screened(shipped(), content).verdicts[0].action is Action.HOLD


@pytest.mark.parametrize("top", TEXTS.values(), ids=TEXTS)
def test_a_bounce_that_is_a_text_passes_with_what_it_returns(top: bytes) -> None:
    content = top + letter(b"a.pdf", pdf())
    assert [one.names for one in Anatomy(content).attachments] == [("a.pdf",)]
    assert not held(content)
    assert stopped(top + letter(b"a.exe", b"MZ" + NOISE))


@pytest.mark.parametrize("top", [QMAIL, EXIM, EXIM_CUT], ids=["qmail", "Exim", "Exim with a limit"])
def test_what_is_no_multipart_is_returned_as_well(top: bytes) -> None:
    head = b"Received: from x by y\r\nFrom: a@example.net\r\nContent-Transfer-Encoding: base64\r\nContent-Type: "
    shown = Anatomy(top + head + b"text/plain\r\n\r\n" + b64(b"a nightjar sings\r\n"))
    assert any("nightjar" in text.text for text in shown.texts)
    assert not held(top + head + b"application/pdf; name=a.pdf\r\n\r\n" + b64(pdf()))
    assert stopped(top + head + b"application/octet-stream\r\n\r\n" + b64(b"MZ\x90\0" + NOISE))


def test_a_report_may_call_what_it_returns_a_fragment() -> None:
    returned = reported(b"Subject: hello\r\n\r\nhello").replace(b"message/rfc822", b"message/partial")
    assert not held(returned)
    assert held(returned.replace(b"multipart/report", b"multipart/mixed"))
    assert held(returned.replace(b"message/partial", b"message/partial; id=x"))


def test_without_the_form_of_a_bounce_it_is_a_hidden_multipart() -> None:
    whole = letter(b"a.pdf", pdf())
    for content in (
        b"From: a@example.net\r\n\r\nSee below.\r\n\r\n" + whole,
        QMAIL.replace(b"MAILER-DAEMON", b"a") + whole,
        QMAIL.replace(b"--- Below this line is a copy of the message.", b"Below") + whole,
        QMAIL + whole.replace(b'boundary="X"', b'boundary="Y"'),
        QMAIL + b"--X\r\nContent-Type: text/plain\r\n\r\nx\r\n\r\n" + whole,
        QMAIL + whole + b"--Z\r\nContent-Type: application/pdf; name=b.pdf\r\n\r\n%PDF-1.4\r\n",
        QMAIL.replace(b"\r\n\r\nHi.", b"\r\n\r\n--Z\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.4\r\n\r\nHi.") + whole,
        QMAIL + b"Content-Type: text/plain\r\n" + whole,
    ):
        assert held(content)


FILES: dict[str, Callable[[], tuple[bytes, bytes]]] = {
    "docx": lambda: (b"a.docx", document(("word/media/a.png", NOISE))),
    "zip": lambda: (b"a.zip", zipped(("a.txt", b"hello"), ("b.bin", NOISE))),
    "stored": lambda: (b"a.zip", zipped(("a.txt", b"hello"), ("b.bin", NOISE), method=zipfile.ZIP_STORED)),
    "streamed": lambda: (b"a.odt", streamed_zip(("a.txt", b"hello" * 99), ("b.bin", NOISE))),
    "docx in zip": lambda: (b"a.zip", zipped(("a.docx", document(("word/media/a.png", NOISE))))),
    "xls": lambda: (b"a.xls", ole(("Workbook", NOISE))),
    "doc": lambda: (b"a.doc", ole(("WordDocument", NOISE))),
    "pdf": lambda: (b"a.pdf", pdf() + NOISE),
}


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("at", [40_000, 40_001, 40_002, 40_003, 61_111])
@pytest.mark.parametrize("form", ["report", "text"])
def test_a_bounce_that_is_cut_passes(file: str, at: int, form: str) -> None:
    returned = letter(*FILES[file]())[:at]
    content = reported(returned) if form == "report" else EXIM_CUT + returned
    anatomy = Anatomy(content)
    assert not held(content), anatomy.all_defects()
    assert FILES[file]()[0].decode() in anatomy.attachments[-1].names or anatomy.attachments[-1].inside


@pytest.mark.parametrize("file", ["docx", "streamed", "pdf"])
@pytest.mark.parametrize("form", ["report", "text"])
def test_a_bounce_that_is_cut_in_its_last_octets_passes(file: str, form: str) -> None:
    whole = letter(*FILES[file](), end=b"\r\n--X--\r\n").replace(b'"X"', b'"Inner/1.2=3"').replace(b"--X", b"--Inner/1.2=3")
    for missing in range(1, 70):
        returned = whole[:-missing]
        content = reported(returned) if form == "report" else EXIM_CUT + returned
        assert not held(content), (missing, Anatomy(content).all_defects())


@pytest.mark.parametrize("file", ["docx", "streamed", "pdf"])
@pytest.mark.parametrize("line", [b"\r\n--- Rest of message truncated.\r\n", b"\r\n\r\n--- Rest of message truncated.\r\n\r\n"])
def test_what_qmail_writes_where_it_cuts_is_no_part_of_the_file(file: str, line: bytes) -> None:
    whole = letter(*FILES[file]())
    for at in (2_000, 40_000, 40_001, 40_002, 61_111, len(whole) - 30):
        content = QMAIL + whole[:at] + line
        assert not held(content), (at, Anatomy(content).all_defects())
        assert held(content + b"--X\r\nContent-Type: application/pdf; name=b.pdf\r\n\r\n%PDF-1.4\r\n")
    assert stopped(QMAIL + letter(b"a.exe", b"MZ" + NOISE)[:40_000] + line)


SMALL: dict[str, tuple[bytes, bytes]] = {
    "docx": (b"a.docx", document(("word/media/a.png", NOISE[:500]))),
    "zip": (b"a.zip", zipped(("a.txt", b"hello" * 9), ("b.bin", NOISE[:500]), ("c.txt", b"some words " * 30))),
    "docx stored in zip": (
        b"a.zip",
        zipped(("a.docx", document(("word/media/a.png", NOISE[:500]))), ("b.txt", b"x"), method=zipfile.ZIP_STORED),
    ),
    "xls": (b"a.xls", ole(("Workbook", NOISE[:500]))),
}


@pytest.mark.parametrize("file", SMALL)
def test_a_bounce_that_is_cut_anywhere_in_a_small_file_passes(file: str) -> None:
    whole = letter(*SMALL[file])
    begin = whole.index(b"filename=") + 16
    for at in range(begin, min(len(whole), begin + 2_000)):
        if whole[at - 1 : at] != b"\r":  # within a line end: to some readers there are two then
            assert not held(reported(whole[:at])), (at, Anatomy(reported(whole[:at])).all_defects())


def test_a_member_that_cannot_be_unpacked_is_held_wherever_the_bounce_is_cut() -> None:
    octets = zipped(("a.txt", b"hello"), ("b.exe", NOISE))
    second = octets.index(b"PK\x03\x04", 4)
    unknown = octets[: second + 8] + b"\x09" + octets[second + 9 :]  # Deflate64
    damaged = octets[: second + 35] + b"\xff" * 20 + octets[second + 55 :]
    for one in (unknown, damaged):
        cut = letter(b"a.zip", one)
        at = cut.index(b64(one)[:70]) + (second + 60) * 4 // 3
        assert held(reported(cut[: at + 80]))
        assert held(reported(cut[:40_000]))


def test_what_is_complete_before_the_cut_is_found() -> None:
    octets = zipped(("evil.exe", b"MZ" + NOISE[:900]), ("b.bin", NOISE))
    assert stopped(reported(letter(b"a.zip", octets)[:40_000]))
    assert stopped(EXIM_CUT + letter(b"a.zip", octets)[:40_000])


def test_damage_that_is_no_cut_or_no_bounce_is_held() -> None:
    name, octets = FILES["docx"]()
    second = octets.index(b"PK\x03\x04", 4)
    cut = letter(name, octets)[:40_000]
    assert held(cut)
    assert held(reported(letter(name, octets[:30_000])))  # the file is damaged, the message whole
    assert held(reported(cut).replace(b"multipart/report", b"multipart/mixed"))
    assert held(reported(reported(cut).replace(b"boundary=R", b"boundary=Q").replace(b"--R", b"--Q")))  # in what the bounce returns
    assert held(reported(cut).replace(b"\r\n--R--", b"\r\n--R\r\nContent-Type: text/plain\r\n\r\nmore\r\n--R--"))
    for damaged in (
        NOISE,
        b"PK\x03\x04" + NOISE,
        octets[:second] + NOISE[:900] + octets[second:],
        NOISE[:100] + octets,
        octets[:300] + b"PK\x03\x04" + NOISE[:5_000] + zipped(("evil.exe", b"MZ")) + NOISE,
    ):
        assert held(reported(letter(name, damaged)[:40_000])), damaged[:40]


def test_that_it_is_cut_is_said() -> None:
    found = Anatomy(reported(letter(*FILES["docx"]())[:40_000])).all_defects()
    assert Defect.RETURNED_CUT in {one.defect for one in found}
