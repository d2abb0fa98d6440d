"""What a screening process may say, and what is nonsense."""

import asyncio

import pytest

from screener.screeners.frames import LENGTH, read_answer

FACTS = b'"facts": ["", "", "", [], []], "ruleset": "x", "seconds": 0, "rule_seconds": []'
VERDICT = b'S{%b, "verdicts": [{"action": "hold", "rule": "%%b"}]}' % FACTS


async def said(payload: bytes) -> object:
    pipe = asyncio.StreamReader()
    pipe.feed_data(LENGTH.pack(len(payload)) + payload)
    return await read_answer(pipe)


@pytest.mark.parametrize("payload", [b"R" + b"[" * 100_000, b"E" + b'{"":' * 100_000, VERDICT % b"\\ud800"])
async def test_what_no_process_of_ours_says_is_nonsense(payload: bytes) -> None:
    assert await said(VERDICT % b"x")
    with pytest.raises(ValueError, match=r"brackets|surrogates"):
        await said(payload)
