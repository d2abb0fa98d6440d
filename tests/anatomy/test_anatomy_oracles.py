"""Two other parsers over the corpus: every attachment name they find is in our union, and every word that email finds.

Where an oracle is wrong, `differential.tsv` beside this file says where and why; an entry that no longer makes a difference fails
the test.
"""

import email
import re
import unicodedata
import warnings
from collections.abc import Callable
from email import policy
from email.header import decode_header, make_header
from email.message import Message

import fast_mail_parser
import pytest
from fakes.corpus import specimens
from fakes.differences import ORACLES, explained

from screener.anatomy.message import Anatomy
from screener.anatomy.names import forms


def plain(name: str) -> str:
    """Without blanks and compatibility forms: folding and decoding of blanks differ between parsers without meaning anything."""
    return "".join(unicodedata.normalize("NFKC", name).split())


def by_email(content: bytes) -> list[str]:
    message = email.message_from_bytes(content, policy=policy.compat32)
    found = []
    for part in message.walk():
        name = part.get_filename()
        if name:
            found.append(str(name))
    return found


def by_fast_mail_parser(content: bytes) -> list[str]:
    try:
        message = fast_mail_parser.parse_email(content)
    except fast_mail_parser.ParseError:
        return []
    return [attachment.filename for attachment in message.attachments if attachment.filename]


def decoded(name: str) -> str:
    try:
        return str(make_header(decode_header(name)))
    except (ValueError, LookupError):
        return name


@pytest.mark.parametrize(("oracle", "find"), [*zip(ORACLES, (by_email, by_fast_mail_parser), strict=True)])
def test_every_name_an_oracle_finds_is_ours(oracle: str, find: Callable[[bytes], list[str]]) -> None:
    compared = 0
    missed: dict[str, list[str]] = {}
    for specimen in specimens():
        content = specimen.wire()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = find(content)
        if not theirs:
            continue
        ours = {plain(name) for attachment in Anatomy(content).attachments for name in attachment.names}
        for name in theirs:
            compared += 1
            candidates = {plain(name), plain(decoded(name)), *map(plain, forms([name], 8))}
            if not candidates & ours:
                missed.setdefault(specimen.path, []).append(name)
    assert compared > 400
    assert set(missed) == explained(oracle, "names"), missed


WORDS = re.compile(r"\w{4,}")


def test_every_word_email_finds_is_in_our_texts() -> None:
    compared = 0
    missed: dict[str, list[str]] = {}
    for specimen in specimens():
        content = specimen.wire()
        theirs = [text for part in email.message_from_bytes(content, policy=policy.compat32).walk() if (text := plain_text(part))]
        if not theirs:
            continue
        anatomy = Anatomy(content)
        texts = (*(text.text for text in anatomy.texts), *(text.text for text in anatomy.attachment_texts), *anatomy.subjects)
        ours = {word for text in texts for word in WORDS.findall(text)}
        for text in theirs:
            compared += 1
            if missing := set(WORDS.findall(text)) - ours:
                missed.setdefault(specimen.path, []).extend(sorted(missing)[:5])
    assert compared > 2_500
    assert set(missed) == explained("email", "words of all scripts"), missed


def plain_text(part: Message) -> str:
    if part.is_multipart() or part.get_content_type() != "text/plain":
        return ""
    octets = part.get_payload(decode=True)
    try:
        return octets.decode(str(part.get_content_charset() or "utf-8")) if isinstance(octets, bytes) else ""
    except (UnicodeError, LookupError):
        return ""
