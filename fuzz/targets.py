"""What is held to its promises on any octets: the anatomy never raises, stays within its time, and the rules can judge every mail.

Each target takes octets and raises Broken where a promise does not hold. They are pure, so that a finding can be run again as a
test.
"""

import base64
import contextlib
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

from screener.anatomy.budget import Budget
from screener.anatomy.defects import DEFECTS
from screener.anatomy.message import Anatomy, NotInline
from screener.anatomy.text import normalise
from screener.mail.address import Address
from screener.mail.envelope import Client, Envelope, Recipient
from screener.mail.mail import Content, Mail
from screener.mail.verdict import screening_from_json, screening_to_json
from screener.policy.rulefile import compile_source
from screener.policy.ruleset import RuleSet
from screener.policy.source import Source

RULES = Path(__file__).resolve().parents[1] / "rules"
_ENVELOPE = Envelope(Client("192.0.2.9"), Address.parse("a@example.net"), (Recipient(Address.parse("b@example.org")),))
_FLOOR = 3.0  # seconds of CPU any message may take here, instrumented
_EACH = 30e-6  # and for each octet,
_LETTER = 100e-9  # and for each letter of its texts, in every charset they are read in: how many these are is bounded
_SMALL = Budget(container_octets=8 * 1024 * 1024, decoded_octets=8 * 1024 * 1024)


class Broken(AssertionError):
    """A promise that did not hold."""


@cache
def rules() -> RuleSet:
    """The shipped ones."""
    return compile_source(Source.read(RULES, "rules")).ruleset


def message(octets: bytes) -> None:
    """The octets as a whole message."""
    start = time.process_time()
    letters = _facts(Anatomy(octets, budget=_SMALL))
    with contextlib.suppress(NotInline):
        _facts(Anatomy(octets, inline=True))
    spent = time.process_time() - start
    if spent > _FLOOR + _EACH * len(octets) + _LETTER * letters:
        raise Broken(f"{spent:.1f} s for {len(octets)} octets")


def file(octets: bytes) -> None:
    """The octets as an attached file, whose name the first of them chooses."""
    endings = (
        "zip",
        "docx",
        "gz",
        "tar",
        "7z",
        "rar",
        "cab",
        "iso",
        "dat",
        "doc",
        "pdf",
        "rtf",
        "one",
        "msg",
        "eml",
        "html",
        "xz",
        "bz2",
    )
    ending = endings[octets[0] % len(endings)] if octets else "bin"
    head = f'Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="a.{ending}"\r\n'.encode()
    message(head + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(octets[1:]))


def markup(octets: bytes) -> None:
    """The octets as HTML."""
    message(b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + octets)


def field(octets: bytes) -> None:
    """The octets as the values of MIME fields, a line each."""
    names = (b"Content-Type", b"Content-Disposition", b"Content-Transfer-Encoding", b"Subject", b"From", b"Content-Type")
    lines = octets.split(b"\n")
    head = b"".join(name + b": " + line.replace(b"\r\n\r\n", b"") + b"\r\n" for name, line in zip(names, lines, strict=False))
    message(head + b"\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n")


def _facts(anatomy: Anatomy) -> int:
    """Everything there is to ask; and each text can be told and kept. How many letters all texts have."""
    _told(anatomy.subject, anatomy.message_id, *anatomy.mailboxes("from"), *anatomy.header("received"))
    for attachment in anatomy.attachments:
        _told(
            *attachment.names,
            *attachment.extensions,
            *attachment.types,
            attachment.place,
            attachment.declared_type,
            attachment.sha256,
            *attachment.inside,
        )
        if attachment.depth != len(attachment.inside) or attachment.size < 0 or len(attachment.octets()) < 0:
            raise Broken(f"{attachment!r} contradicts itself")
    texts = (*anatomy.texts, *anatomy.attachment_texts)
    for text in texts:
        normalise(text.text)
        _told(text.place)
    if any(found.defect not in DEFECTS for found in anatomy.all_defects()):
        raise Broken("a defect that is not on the list")
    screening = rules().screen(Mail("fuzz", 1_750_000_000.0, _ENVELOPE, Content(bytes(anatomy.content))), anatomy)
    (verdict,) = screening.verdicts
    if verdict.unsure:
        raise Broken(f"could not be judged: {[one.text for one in verdict.evidence]}")
    if screening_from_json(screening_to_json(screening)) != screening:
        raise Broken("the answer does not survive its way")
    return sum(len(text.text) for text in texts)


def _told(*texts: str) -> None:
    for text in texts:
        text.encode()


TARGETS: dict[str, Callable[[bytes], None]] = {"message": message, "file": file, "markup": markup, "field": field}
