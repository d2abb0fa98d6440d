"""Two other parsers over the corpus: every attachment name they find is in our union, or the difference has its reason here."""

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

from screener.anatomy.message import Anatomy
from screener.anatomy.names import forms

# Where an oracle is wrong: a part of the file's path → why.
LOST_OCTETS = "email replaces raw 8-bit octets by U+FFFD; ours are decoded"
WRONG = {
    "stalwart_mail_parser/00016_": LOST_OCTETS,
    "stalwart_mail_parser/00023_": LOST_OCTETS,
    "stalwart_mail_parser/00026_": LOST_OCTETS,
    "enmime/00050_": LOST_OCTETS,
    "ruby_mail/": LOST_OCTETS,
    "zbateson/00016_": LOST_OCTETS,
    "webklex_php_imap/00016_": LOST_OCTETS,
    "flanker/00062_": LOST_OCTETS,
    "webklex_php_imap/00021_": "fast-mail-parser leaves an opening quote in the name; ours is without",
}


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


@pytest.mark.parametrize("oracle", [by_email, by_fast_mail_parser])
def test_every_name_an_oracle_finds_is_ours(oracle: Callable[[bytes], list[str]]) -> None:
    compared = 0
    missed = []
    for specimen in specimens():
        content = specimen.wire()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = oracle(content)
        if not theirs:
            continue
        ours = {plain(name) for attachment in Anatomy(content).attachments for name in attachment.names}
        for name in theirs:
            compared += 1
            candidates = {plain(name), plain(decoded(name)), *map(plain, forms([name], 8))}
            if not candidates & ours and not any(mark in specimen.path for mark in WRONG):
                missed.append((specimen.path, name))
    assert compared > 400
    assert not missed


WORDS = re.compile(r"\w{4,}")
# Where email shows a text that no reader of MIME does: a part of the file's path → why.
WRONG_TEXT = {
    "mime4j/": "email shows encoded messages and multiparts as the base64 they are; ours are decoded",
    "enmime/00051_": "quoted-printable declared as base64; email gives it undecoded, ours as base64 and as it stands",
    "enmime/00080_": "one base64 character too many; email gives up decoding, ours drops it",
    "haraka/0000": "a NUL in the header makes email take an attachment's base64 for text",
    "ruby_mail/00095_": "email takes a header line with a blank in its name for text; ours is a field and a text from there on",
    "tika/00013_": "email shows an encoded multipart as the base64 it is",
}


def test_every_word_email_finds_is_in_our_texts() -> None:
    compared = 0
    missed = []
    for specimen in specimens():
        if any(mark in specimen.path for mark in WRONG_TEXT):
            continue
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
                missed.append((specimen.path, sorted(missing)[:5]))
    assert compared > 2_500
    assert not missed


def plain_text(part: Message) -> str:
    if part.is_multipart() or part.get_content_type() != "text/plain":
        return ""
    octets = part.get_payload(decode=True)
    try:
        return octets.decode(str(part.get_content_charset() or "utf-8")) if isinstance(octets, bytes) else ""
    except (UnicodeError, LookupError):
        return ""
