"""What is odd in a header matters to files where it concerns a field that says what they are: itself, or one behind it."""

import pytest
from fakes.evasions.judging import safety, screened
from fakes.odd_mail import B64, b64, mixed

from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
ODD = {
    "blank before the colon": b"X-Foo : b\r\n",
    "scanner": b"X-Virus-Scanned : by foo\r\n",
    "comment": b"X-Foo(c): b\r\n",
    "two words": b"X Foo: b\r\n",
    "8-bit": b"X-N\xfcm: x\r\n",
    "NUL": b"X-Foo: a\0b\r\n",
    "CR": b"X-Spam-Status: a\rb\r\n",
    "CR in a fold": b"X-Spam-Status: a\r\n\tb\r\r\n",
    "junk": b"what is this\r\n",
}
HARMLESS = {"comment"}  # the grammar allows it: no reader ends the header there
FIELDS = {"NUL", "CR", "CR in a fold"}  # to all readers fields of their own


def letter(
    top: bytes = b"", behind: bytes = b"", in_part: bytes = b"", last_in_part: bytes = b"", media: bytes = b"application/pdf"
) -> bytes:
    """A mail with a PDF, and what stands in its header before and behind the MIME fields, and so in the part's header."""
    return (
        b"From: a@example.net\r\nTo: b@example.org\r\nSubject: x\r\n"
        + top
        + b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=B\r\n"
        + behind
        + b"Date: Sun, 22 Nov 2026 10:00:00 +0000\r\n\r\n--B\r\nContent-Type: text/plain\r\n\r\nhello\r\n--B\r\n"
        + b"Content-Disposition: attachment; filename=a.pdf\r\nContent-Type: "
        + media
        + b"\r\n"
        + in_part
        + B64
        + last_in_part
        + b"\r\n"
        + b64(PDF)
        + b"--B--\r\n"
    )


def is_held(content: bytes) -> bool:
    """By the shipped safety rules."""
    return screened(safety(), content).verdicts[0].action is Action.HOLD


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_odd_field_behind_all_that_say_what_the_mail_is_holds_nothing(odd: bytes) -> None:
    anatomy = Anatomy(letter(behind=odd))
    assert not is_held(letter(behind=odd)), anatomy.all_defects()
    assert anatomy.all_defects()
    assert {one.octets() for one in anatomy.attachments if "a.pdf" in one.names} == {PDF}


@pytest.mark.parametrize("kind", [kind for kind in ODD if kind not in HARMLESS])
def test_an_odd_field_before_one_that_says_what_something_is_holds_files(kind: str) -> None:
    for content in (letter(top=ODD[kind]), letter(in_part=ODD[kind])):
        assert Defect.DOUBTFUL_MIME_FIELD in {one.defect for one in Anatomy(content).all_defects()}
        assert is_held(content)
    text = letter(top=ODD[kind]).partition(b"--B\r\n")[0].replace(b"multipart/mixed; boundary=B", b"text/plain") + b"hello\r\n"
    assert not is_held(text)


@pytest.mark.parametrize(
    "odd",
    [
        b"Content-Type : text/plain\r\n",
        b"Content-Type(x): text/plain\r\n",
        b"Content-Ty\0pe: text/plain\r\n",
        b"Content-\xa0Type: text/plain\r\n",
        b"Content-Type\r\n : text/plain\r\n",
        b"X-Foo: a\rContent-Type: text/plain\r\n",
        b"what is this\rContent-Type: text/plain\r\n",
        b"Content-Type: text/plain\0\r\n",
        b"Content-Type: text/plain;\r\n\tcharset=utf-8\r\r\n",
    ],
)
def test_an_odd_field_that_says_itself_what_something_is_holds_files(odd: bytes) -> None:
    for content in (letter(behind=odd), letter(last_in_part=odd)):
        assert Defect.DOUBTFUL_MIME_FIELD in {one.defect for one in Anatomy(content).all_defects()}
        assert is_held(content)


@pytest.mark.parametrize("kind", [kind for kind in ODD if kind not in HARMLESS | {"NUL", "CR in a fold"}])
def test_what_readers_decode_who_end_the_header_of_a_file_there_is_judged(kind: str) -> None:
    content = letter(last_in_part=ODD[kind])
    octets = {one.octets() for one in Anatomy(content).attachments if "a.pdf" in one.names}
    assert PDF in octets
    assert any(one != PDF and one.endswith(PDF[9:]) for one in octets) or is_held(content)


@pytest.mark.parametrize("odd", [*(ODD[kind] for kind in ODD if kind not in FIELDS), b"\x01x: y\r\n"])
@pytest.mark.parametrize(
    "fields",
    [
        b"Content-Type: application/octet-stream\r\nContent-Disposition: attachment;\r\n%s filename=evil.js\r\n",
        b"Content-Disposition: attachment\r\nContent-Type: application/octet-stream;\r\n%s name=evil.js\r\n",
        b"Content-Disposition: attachment;\r\n%s\tfilename*0=evil.;\r\nwhat is that\r\n filename*1=js\r\n",
    ],
)
def test_what_continues_an_odd_line_continues_the_field_before_for_readers_that_drop_it(odd: bytes, fields: bytes) -> None:
    content = mixed(b"Content-Type: text/plain\r\n\r\nhello", fields.replace(b"%s", odd) + b"\r\nvar a = 1;")
    anatomy = Anatomy(content)
    assert any("evil.js" in one.names for one in anatomy.attachments)
    assert Defect.DOUBTFUL_MIME_FIELD in {one.defect for one in anatomy.all_defects()}
    assert is_held(content)


@pytest.mark.parametrize("odd", [*ODD.values(), b"\x01x: y\r\n"])
def test_what_continues_an_odd_line_behind_another_field_holds_nothing(odd: bytes) -> None:
    content = letter(behind=b"X-Mailer: one\r\n" + odd + b"\tof two lines\r\n")
    assert not is_held(content), Anatomy(content).all_defects()


@pytest.mark.parametrize(("behind", "held"), [(b"", False), (b"Content-Type: text/plain\r\n", True)])
def test_a_line_of_blanks_behind_all_that_say_what_the_mail_is(behind: bytes, held: bool) -> None:
    assert is_held(letter(behind=b"Thread-Topic: x\r\n \r\n" + behind)) is held


SHOWN = b"the\r\nnightjar\r\nsings\r\nloud\r\nand\r\nclear\r\n"  # faultless base64
COVERED = {
    "base64": b"Content-Type: text/plain\r\n" + B64 + b"\r\n" + SHOWN,
    "image": b"Content-Type: image/png\r\n\r\nthe nightjar sings\r\n",
    "comment": b"Content-Type: text/html\r\n\r\n<p>hello <!-- the nightjar sings --></p>\r\n",
    "multipart": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + B64 + b"\r\n" + SHOWN + b"--b--\r\n",
}


@pytest.mark.parametrize("kind", COVERED)
@pytest.mark.parametrize("blank", [b" ", b"\t"])
def test_readers_that_end_the_header_at_a_line_of_blanks_show_all_below_as_it_stands(blank: bytes, kind: str) -> None:
    content = b"Subject: s\r\n" + blank + b"\r\nMIME-Version: 1.0\r\n" + COVERED[kind]
    assert any("nightjar" in one.text for one in Anatomy(content).texts)
    within = mixed(b"X-A: 1\r\n" + blank + b"\r\n" + COVERED[kind])
    assert any("nightjar" in one.text for one in Anatomy(within).texts)


def test_of_much_below_a_line_of_blanks_the_beginning_is_read() -> None:
    def mail(octets: bytes) -> Anatomy:
        return Anatomy(b"Subject: s\r\n \r\nContent-Type: image/png\r\n" + B64 + b"\r\n" + octets)

    beginning, all_of_it = mail(SHOWN + b64(bytes(2**20))), mail(SHOWN)
    assert any("nightjar" in one.text for one in beginning.texts)
    assert Defect.TEXT_TRUNCATED in {one.defect for one in beginning.all_defects()}
    assert Defect.TEXT_TRUNCATED not in {one.defect for one in all_of_it.all_defects()}


def test_what_is_folded_by_a_bare_cr_goes_on() -> None:
    anatomy = Anatomy(b"X-A: a\rSubject: =?utf-8?q?pass?=\r =?utf-8?q?word?=\rContent-Type: image/x;\r\tname=evil.exe\r\n\r\nx\r\n")
    assert anatomy.subject == "password"
    assert {"evil.exe"} in [set(one.names) for one in anatomy.attachments]
