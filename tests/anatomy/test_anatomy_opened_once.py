"""A message in a file is read once, however many readings of the mail lead to it; but in each archive."""

import pytest
from fakes.corpus import Specimen, specimens
from fakes.evasions import containers
from fakes.odd_mail import NAME, PROGRAM, attached

from screener.anatomy.message import Anatomy

LETTER = b"From: a@example.net\r\nMIME-Version: 1.0\r\n" + attached(PROGRAM, NAME).partition(b"MIME-Version: 1.0\r\n")[2]


def test_a_message_in_an_archive_is_read_though_it_was_read_beside_it() -> None:
    archive = containers.zipped(("a.eml", LETTER), ("b.eml", LETTER))
    outer = containers.zipped(("a.eml", LETTER), ("inner.zip", archive))
    found = [one.inside for one in Anatomy(attached(outer, "outer.zip")).attachments if NAME in one.names]
    assert found == [("outer.zip", "a.eml"), ("outer.zip", "inner.zip", "a.eml")]


@pytest.mark.parametrize(
    "unit",
    [
        b"Content-Type: multipart/mixed\r\nContent-Type: text/plain\r\nContent-Type: message/rfc822\r\n\r\n",
        b"Content-Type: message/rfc822\r\n\tContent-Type: application/octet-stream\r\n\r\n",
        b"From a\r\nMIME-Version: 1.0\r\nContent-Type: application/x\r\nContent-Type: multipart/mixed\r\n\r\n",
        b'From: a\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream; name="a.eml"\r\n junk\r\n \r\n\r\n',
    ],
)
def test_messages_in_messages_in_several_readings_are_few(unit: bytes) -> None:
    anatomy = Anatomy(unit * 25 + LETTER)
    assert len(anatomy.attachments) < 5_000
    assert len(anatomy.attachment_texts) < 10_000


@pytest.mark.parametrize("specimen", [one for one in specimens() if one.path.startswith("mimekit/")], ids=lambda one: one.path)
def test_honest_folders_of_messages_have_few_files(specimen: Specimen) -> None:
    assert len(Anatomy(specimen.wire()).attachments) < 1_000
