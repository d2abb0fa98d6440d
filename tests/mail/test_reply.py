"""Replies on the wire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.mail.reply import Reply


def test_one_line_and_many() -> None:
    assert Reply(250, "2.0.0", "Ok").octets() == b"250 2.0.0 Ok\r\n"
    assert Reply(354, "", "Go on").octets() == b"354 Go on\r\n"
    assert Reply(550, "5.7.1", "one\ntwo").octets() == b"550-5.7.1 one\r\n550 5.7.1 two\r\n"
    assert Reply(550, "5.7.1", "one\ntwo").lines() == ("550-5.7.1 one", "550 5.7.1 two")
    assert str(Reply(550, "5.7.1", "one\ntwo")) == "550 5.7.1 one two"


@given(st.text(max_size=100))
def test_any_text_stays_within_its_lines(text: str) -> None:
    octets = Reply(550, "5.7.1", text).octets()
    lines = octets.split(b"\r\n")
    assert lines.pop() == b""
    assert len(lines) == text.count("\n") + 1
    assert all(line.startswith(b"550-5.7.1 ") for line in lines[:-1])
    assert lines[-1].startswith(b"550 5.7.1 ")
    assert all(32 <= octet < 127 for line in lines for octet in line)


@pytest.mark.parametrize(("code", "kinds"), [(250, ["completion"]), (354, []), (451, ["transient"]), (550, ["permanent"])])
def test_kinds(code: int, kinds: list[str]) -> None:
    reply = Reply(code, "", "x")
    assert [name for name in ("completion", "transient", "permanent") if getattr(reply, f"is_{name}")] == kinds
