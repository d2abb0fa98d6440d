"""What a screening process may say, and what is nonsense."""

import asyncio
import io

import pytest

from screener.mail.address import Address
from screener.mail.envelope import Body, Client, Envelope, Notify, Recipient, Return
from screener.mail.mail import Content, Mail
from screener.screeners.frames import LENGTH, Task, read_answer, read_request, request

FACTS = b'"facts": ["", "", "", [], []], "ruleset": "%b", "seconds": %b, "rule_seconds": [["x", %b]]'
VERDICT = b'S{%b, "verdicts": [{"action": "hold", "rule": "%%b"}]}' % (FACTS % (b"x", b"0", b"0"))
OTHER = b'S{%b, "verdicts": [{"action": "%%b"}]}' % FACTS


async def said(payload: bytes) -> object:
    pipe = asyncio.StreamReader()
    pipe.feed_data(LENGTH.pack(len(payload)) + payload)
    return await read_answer(pipe)


@pytest.mark.parametrize(
    "payload",
    [
        b"R" + b"[" * 100_000,
        b"E" + b'{"":' * 100_000,
        VERDICT % b"\\ud800",
        OTHER % (b"\\ud800", b"0", b"0", b"hold"),
        OTHER % (b"x", b"NaN", b"0", b"hold"),
        OTHER % (b"x", b"0", b"1" * 400, b"hold"),
        OTHER % (b"x", b"0", b"0", b"redirect"),
    ],
)
async def test_what_no_process_of_ours_says_is_nonsense(payload: bytes) -> None:
    assert await said(VERDICT % b"x")
    with pytest.raises(ValueError, match=r"brackets|surrogates|seconds|redirect"):
        await said(payload)


@pytest.mark.parametrize("ret", [None, *Return])
def test_a_task_comes_as_it_was_sent(ret: Return | None) -> None:
    client = Client("192.0.2.9", 25, "a.example", "helo", "ESMTPS", "anna", "TLSv1.3", "inbound", "192.0.2.1", "id")
    to = (
        Recipient(Address.parse('"b n"@example.org'), frozenset((Notify.DELAY, Notify.SUCCESS)), "rfc822;ben@example.org"),
        Recipient(Address("", "", "")),
    )
    envelope = Envelope(client, Address.parse("anna@example.net"), to, Body.EIGHT_BIT, True, 50_000, ret, "QQ314159")
    content = Content(b"\0\r\n" * 20_000, "/var/body", frozenset(("nul", "bare-cr")))
    task = Task(Mail("id", 1.5, envelope, content, b"Received: x\r\n"), 2.5, 3.0)
    came = read_request(io.BytesIO(request(task)))
    assert came == task
    assert isinstance(came, Task)
    assert isinstance(came.mail.envelope.body, Body)
    assert {*map(type, came.mail.envelope.recipients[0].notify)} == {Notify}
    assert came.mail.envelope.ret is ret
