"""Two other parsers over the whole corpus: every file, octet for octet, and every word of a text that either finds is in our union.

Names are compared in test_anatomy_oracles.py. Where an oracle is wrong, `differential.tsv` beside this file says where and why; an
entry that no longer makes a difference fails the test.
"""

import email
import hashlib
import re
import warnings
from collections.abc import Iterator
from email import policy
from functools import cache

import fast_mail_parser
import pytest
from fakes.corpus import Specimen, specimens
from fakes.differences import ORACLES, explained

from screener.anatomy.html import reader as html
from screener.anatomy.message import Anatomy
from screener.anatomy.text import normalise

WORDS = re.compile(
    r"(?<![\w\x80-\U0010ffff])[A-Za-z0-9]{4,40}(?![\w\x80-\U0010ffff])"
)  # none with a letter beyond ASCII: charsets are compared elsewhere
_EMPTY = hashlib.sha256(b"").hexdigest()


@cache
def corpus() -> tuple[tuple[Specimen, bytes, Anatomy], ...]:
    """Every message with our view of it, made once for all comparisons."""
    made = []
    for specimen in specimens():
        content = specimen.wire()
        made.append((specimen, content, Anatomy(content)))
    return tuple(made)


def files(oracle: str, content: bytes) -> Iterator[bytes]:
    """The octets of every file the oracle finds."""
    if oracle == "email":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for part in email.message_from_bytes(content, policy=policy.compat32).walk():
                if not part.is_multipart() and (
                    part.get_filename() or part.get_content_maintype() not in ("text", "multipart", "message")
                ):
                    octets = part.get_payload(decode=True)
                    if isinstance(octets, bytes):
                        yield octets
        return
    try:
        message = fast_mail_parser.parse_email(content)
    except fast_mail_parser.ParseError:
        return
    for attachment in message.attachments:
        if attachment.filename or not attachment.mimetype.startswith(("text/", "multipart/", "message/")):
            yield bytes(attachment.content)


def texts(oracle: str, content: bytes) -> Iterator[str]:
    """Every body text the oracle finds, HTML as displayed."""
    if oracle == "email":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for part in email.message_from_bytes(content, policy=policy.compat32).walk():
                kind = part.get_content_type()
                if kind in ("text/plain", "text/html") and not part.is_multipart():
                    octets = part.get_payload(decode=True)
                    if isinstance(octets, bytes):
                        text = octets.decode("latin-1")
                        yield html.read(text).displayed if kind == "text/html" else text
        return
    try:
        message = fast_mail_parser.parse_email(content)
    except fast_mail_parser.ParseError:
        return
    yield from message.text_plain
    for markup in message.text_html:
        yield html.read(markup).displayed
    yield message.subject


def words(text: str) -> set[str]:
    """Its words."""
    return {word.lower() for word in WORDS.findall(text)}


@pytest.mark.parametrize("oracle", ORACLES)
def test_every_file_an_oracle_finds_is_ours(oracle: str) -> None:
    compared = 0
    missed: dict[str, int] = {}
    for specimen, content, anatomy in corpus():
        theirs = {hashlib.sha256(octets).hexdigest() for octets in files(oracle, content)} - {_EMPTY}
        if theirs:
            compared += len(theirs)
            ours = {attachment.sha256 for attachment in anatomy.attachments}
            if theirs - ours:
                missed[specimen.path] = len(theirs - ours)
    assert compared > 400
    assert set(missed) == explained(oracle, "files")


@pytest.mark.parametrize("oracle", ORACLES)
def test_every_word_an_oracle_finds_is_ours(oracle: str) -> None:
    compared = 0
    missed: dict[str, list[str]] = {}
    for specimen, content, anatomy in corpus():
        theirs = set().union(*(words(text) for text in texts(oracle, content)))
        if theirs:
            compared += 1
            ours = set().union(
                *(words(text.text) for text in (*anatomy.texts, *anatomy.attachment_texts)), *map(words, anatomy.subjects)
            )
            if theirs - ours and (lacking := theirs - ours - set().union(*(words(normalise(text.text)) for text in anatomy.texts))):
                missed[specimen.path] = sorted(lacking)[:6]
    assert compared > 2_000
    assert set(missed) == explained(oracle, "words"), missed
