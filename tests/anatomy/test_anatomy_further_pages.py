"""Pages without a name behind the body of a mail: readers make a file of them, and a browser opens it."""

import base64

import pytest
from fakes.odd_mail import PROGRAM, TOP

from screener.anatomy.active import Active
from screener.anatomy.message import Anatomy

SCRIPT = b"<p>hi</p><script>var a = atob('TVqQ'); new Blob([a])</script>"
SMUGGLING = b"<p>hi</p><a download=a.exe href='data:application/octet-stream;base64," + base64.b64encode(PROGRAM) + b"'>x</a>"
TEXT = b"Content-Type: text/plain\r\n\r\nhello"
QUIET = b"<p>Kind regards</p>"


def page(content: bytes, fields: bytes = b"") -> bytes:
    return b"Content-Type: text/html; charset=utf-8\r\n" + fields + b"\r\n" + content


def of(kind: bytes, *parts: bytes, boundary: bytes = b"BB") -> bytes:
    inner = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    return b"Content-Type: multipart/" + kind + b"; boundary=" + boundary + b"\r\n\r\n" + inner + b"--" + boundary + b"--\r\n"


BODIES = of(b"alternative", TEXT, page(QUIET), boundary=b"CC")


@pytest.mark.parametrize("fields", [b"", b"Content-Disposition: inline\r\n", b"Content-ID: <a@example.net>\r\n"])
@pytest.mark.parametrize("kind", [b"mixed", b"related", b"x-unknown"])
@pytest.mark.parametrize("body", [TEXT, page(QUIET), BODIES])
def test_it_is_a_file_where_something_acts_in_it(kind: bytes, body: bytes, fields: bytes) -> None:
    (found,) = Anatomy(TOP + of(kind, body, page(SCRIPT, fields))).attachments
    assert (found.names, found.depth, found.declared_type) == (("unnamed.htm",), 0, "text/html")
    assert found.active_content == (Active.SCRIPT,)


@pytest.mark.parametrize("kind", [b"mixed", b"related", b"alternative"])
def test_it_is_one_in_a_multipart_of_its_own_too(kind: bytes) -> None:
    inner = of(kind, page(SCRIPT), boundary=b"CC")
    for letter in (of(b"mixed", TEXT, inner), of(b"mixed", TEXT, of(b"mixed", inner, boundary=b"DD"))):
        (found,) = Anatomy(TOP + letter).attachments
        assert (found.names, found.active_content) == (("unnamed.htm",), (Active.SCRIPT,))
    within = b"Content-Type: message/rfc822\r\n\r\n" + TOP + inner
    assert [one.type for one in Anatomy(TOP + of(b"mixed", TEXT, within)).attachments] == ["message/rfc822"]


def test_what_lies_in_it_is_found_once() -> None:
    found, program = Anatomy(TOP + of(b"mixed", TEXT, page(SMUGGLING))).attachments
    assert found.active_content == (Active.SMUGGLED_FILE,)
    assert (program.names, program.octets(), program.inside) == (("a.exe",), PROGRAM, ("unnamed.htm",))


@pytest.mark.parametrize(
    "letter",
    [
        page(SCRIPT),
        of(b"mixed", page(SCRIPT), TEXT),
        b"X: This\r\n" + of(b"mixed", page(SCRIPT)).replace(b"--BB", b"hello\r\n--BB", 1),
        of(b"alternative", TEXT, page(SCRIPT)),
        of(b"mixed", of(b"alternative", TEXT, page(SCRIPT), boundary=b"CC"), TEXT),
        of(b"mixed", of(b"related", page(SCRIPT), boundary=b"CC"), TEXT),
        of(b"mixed", page(QUIET), page(QUIET), page(QUIET)),
    ],
)
def test_bodies_and_quiet_pages_are_no_files(letter: bytes) -> None:
    anatomy = Anatomy(TOP + letter)
    assert anatomy.attachments == ()
    assert any(text.text.strip() for text in anatomy.texts)
