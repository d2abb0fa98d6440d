"""What two other parsers find in a mail: `email` (compat32), and `fast-mail-parser`."""

import email
import warnings
from collections.abc import Iterator
from email import policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from html.parser import HTMLParser
from typing import Protocol

import fast_mail_parser


class Oracle(Protocol):
    """One of them."""

    def names(self, content: bytes) -> Iterator[str]:
        """The name of every file."""

    def files(self, content: bytes) -> Iterator[bytes]:
        """The octets of every file."""

    def texts(self, content: bytes) -> Iterator[str]:
        """Every text that is no page, and every subject, in the charset it declares."""

    def pages(self, content: bytes) -> Iterator[str]:
        """The source of every text in HTML."""


class Email:
    """The standard library's."""

    def names(self, content: bytes) -> Iterator[str]:
        """See `Oracle`."""
        for part in _walk(content):
            if name := part.get_filename():
                yield _decoded(name)

    def files(self, content: bytes) -> Iterator[bytes]:
        """See `Oracle`."""
        for part in _walk(content):
            if not part.is_multipart() and (
                part.get_filename() or part.get_content_maintype() not in ("text", "multipart", "message")
            ):
                octets = part.get_payload(decode=True)
                assert isinstance(octets, bytes)
                yield octets

    def texts(self, content: bytes) -> Iterator[str]:
        """See `Oracle`."""
        for number, part in enumerate(_walk(content)):
            message = part if not number else part.get_payload(0) if part.get_content_type() == "message/rfc822" else None
            if isinstance(message, Message) and (subject := message["Subject"]):
                yield _decoded(subject)
            if not part.is_multipart() and part.get_content_maintype() == "text" and part.get_content_subtype() != "html":
                yield _text(part)

    def pages(self, content: bytes) -> Iterator[str]:
        """See `Oracle`."""
        for part in _walk(content):
            if not part.is_multipart() and part.get_content_type() == "text/html":
                yield _text(part)


class FastMailParser:
    """Rust's mailparse and encoding_rs."""

    def names(self, content: bytes) -> Iterator[str]:
        """See `Oracle`."""
        for part in _tree(content):
            if part.filename:
                yield part.filename

    def files(self, content: bytes) -> Iterator[bytes]:
        """See `Oracle`."""
        for part in _tree(content):
            is_file = part.filename or not part.content_type.startswith(("text/", "multipart/", "message/"))
            if is_file and part.content is not None and not part.children:
                yield bytes(part.content)

    def texts(self, content: bytes) -> Iterator[str]:
        """See `Oracle`."""
        for message in _messages(content):
            yield message.subject
            yield from message.text_plain

    def pages(self, content: bytes) -> Iterator[str]:
        """See `Oracle`."""
        for message in _messages(content):
            yield from message.text_html


ORACLES: dict[str, Oracle] = {"email": Email(), "fast-mail-parser": FastMailParser()}


def _walk(content: bytes) -> list[Message]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(email.message_from_bytes(content, policy=policy.compat32).walk())


def _text(part: Message) -> str:
    octets = part.get_payload(decode=True)
    assert isinstance(octets, bytes)
    try:
        return octets.decode(str(part.get_content_charset("ascii")), "replace")
    except (LookupError, UnicodeError):
        return octets.decode("ascii", "replace")


def _decoded(value: object) -> str:
    try:
        return str(make_header(decode_header(value)))  # type: ignore[arg-type]
    except (ValueError, LookupError, HeaderParseError):
        return str(value)


def _tree(content: bytes) -> Iterator[fast_mail_parser.PyMimePart]:
    try:
        yield from fast_mail_parser.walk(fast_mail_parser.parse_email_tree(content))
    except fast_mail_parser.ParseError:
        return


def _messages(content: bytes) -> Iterator[fast_mail_parser.PyMail]:
    """The message, and those in it."""
    try:
        message = fast_mail_parser.parse_email(content)
    except fast_mail_parser.ParseError:
        return
    yield message
    for attachment in message.attachments:
        if attachment.mimetype == "message/rfc822":
            yield from _messages(bytes(attachment.content))


class _Nodes(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.nodes: list[str] = []
        self._silent = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._silent = False

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.nodes.append(data)


def nodes(page: str) -> list[str]:
    """The texts between the tags of a page, as the standard library reads them."""
    parser = _Nodes()
    parser.feed(page)
    parser.close()
    return parser.nodes
