"""Fields behind fields: each is read as a part once, however many readings of the whole begin with them."""

import pytest

from screener.anatomy.message import Anatomy

FIELDS = b"Content-Type: multipart/mixed\r\nContent-Type: text/plain\r\nContent-Type: message/rfc822\r\n\r\n"
FILE = b"Content-Type: application/pdf; name=a.pdf\r\n\r\n%PDF-1.4\r\n"


@pytest.mark.parametrize("count", [5, 10, 20, 40])
def test_parts_are_as_many_as_there_are_fields(count: int) -> None:
    anatomy = Anatomy(b"From: a@example.net\r\n\r\n" + FIELDS * count + FILE)
    assert [one.names for one in anatomy.attachments][-1] == ("a.pdf",)
    assert len(anatomy.attachments) <= 2 * count + 2
