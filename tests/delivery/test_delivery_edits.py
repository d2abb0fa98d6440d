"""Copies as rules want them: only what was asked for changes."""

import email
import email.policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.delivery.edits import edited
from screener.mail.verdict import Edits

TRACE = b"Received: x\r\n"


def _copy(content: bytes, edits: Edits) -> bytes:
    return b"".join(span.octets[span.start : span.end] for span in edited(TRACE, content, edits))


def _tagged(content: bytes, tag: str = "[spam]") -> bytes:
    return _copy(content, Edits(subject_tag=tag))


@pytest.mark.parametrize(
    ("content", "copy"),
    [
        (b"Subject: hello\r\n\r\nx", b"Subject: [spam] hello\r\n\r\nx"),
        (b"A: 1\r\nsUBJECT:hello\r\nB: 2\r\n\r\nSubject: y", b"A: 1\r\nsUBJECT:[spam] hello\r\nB: 2\r\n\r\nSubject: y"),
        (b"Subject :  two\r\n folded\r\n\r\n", b"Subject :  [spam] two\r\n folded\r\n\r\n"),
        (b"Subject:\r\n folded\r\n\r\n", b"Subject:[spam]\r\n folded\r\n\r\n"),
        (b"Subject:\r\n\r\nx", b"Subject:[spam]\r\n\r\nx"),
        (b"Subject: [spam] hello\r\n\r\n", b"Subject: [spam] hello\r\n\r\n"),
        (b"A: 1\r\n\r\nSubject: no", b"Subject: [spam]\r\nA: 1\r\n\r\nSubject: no"),
        (b"\r\nSubject: no", b"Subject: [spam]\r\n\r\nSubject: no"),
        (b"", b"Subject: [spam]\r\n"),
        (b"Subject: a\r\nSubject: b\r\n\r\n", b"Subject: [spam] a\r\nSubject: b\r\n\r\n"),
        (b"X-Subject: a\r\n\r\n", b"Subject: [spam]\r\nX-Subject: a\r\n\r\n"),
    ],
)
def test_the_subject_is_tagged(content: bytes, copy: bytes) -> None:
    assert _tagged(content) == TRACE + copy


def test_a_subject_that_would_become_too_long_is_folded() -> None:
    content = b"Subject: " + b"y" * 988 + b"\r\n\r\n"
    assert _tagged(content) == TRACE + b"Subject: [spam]\r\n " + b"y" * 988 + b"\r\n\r\n"


def test_a_tag_that_is_not_ascii_is_an_encoded_word() -> None:
    copy = _tagged(b"Subject: hello\r\n\r\n", "[müll]")
    assert copy.isascii()
    assert email.message_from_bytes(copy, policy=email.policy.SMTP)["Subject"] == "[müll] hello"


def test_fields_are_added_below_ours_and_above_the_content() -> None:
    edits = Edits(headers=(("X-Rule", "spam words"), ("X-Note", "mit ü und \r\nX-Evil: 1")))
    copy = _copy(b"Subject: s\r\n\r\nbody", edits)
    assert copy.startswith(TRACE + b"X-Rule: spam words\r\nX-Note: ")
    assert copy.endswith(b"\r\nSubject: s\r\n\r\nbody")
    parsed = email.message_from_bytes(copy, policy=email.policy.SMTP)
    assert parsed["X-Note"] == "mit ü und   X-Evil: 1"
    assert parsed["X-Evil"] is None


def test_a_long_value_is_folded_into_lines() -> None:
    copy = _copy(b"\r\n", Edits(headers=(("X-List", "word " * 400),)))
    assert all(len(line) <= 998 for line in copy.split(b"\r\n"))


@pytest.mark.parametrize("name", ["", "a b", "a:", "ä", "x\r\ny"])
def test_a_name_that_is_none_is_an_error(name: str) -> None:
    with pytest.raises(ValueError, match="no field name"):
        _copy(b"", Edits(headers=((name, "x"),)))


def test_without_edits_nothing_is_copied() -> None:
    content = b"Subject: s\r\n\r\nbody"
    spans = edited(TRACE, content, Edits())
    assert [(span.octets, span.start, span.end) for span in spans] == [(TRACE, 0, len(TRACE)), (content, 0, len(content))]


@given(
    st.lists(st.sampled_from([b"Subject:", b"a", b" ", b"\r\n", b"\n", b"\r", b":", b"\xff", b"[t]"]), max_size=25),
    st.text(max_size=30),
    st.text(max_size=30),
)
@settings(max_examples=300, deadline=None)
def test_everything_else_stays_octet_for_octet(pieces: list[bytes], tag: str, value: str) -> None:
    content = b"".join(pieces)
    spans = edited(b"", content, Edits(headers=(("X-A", value),), subject_tag=tag))
    kept = b"".join(span.octets[span.start : span.end] for span in spans if span.octets is content)
    assert kept == content
    added = b"".join(span.octets[span.start : span.end] for span in spans if span.octets is not content)
    assert added.isascii()
    for line in added.split(b"\r\n"):
        assert b"\r" not in line
        assert b"\n" not in line
