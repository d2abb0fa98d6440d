"""Next hops that can little or do odd things: smtp-sink in every mood. All mail arrives in each of them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fakes.service import running
from fakes.waiting import until
from peers import traffic

from screener.store.records import State

MESSAGES = 200
MOODS = {
    "plain": (),
    "without-pipelining": ("-p",),
    "without-8bitmime": ("-8",),
    "without-esmtp": ("-e",),
    "behind-a-pix": ("-P",),
    "without-enhanced-codes": ("-E",),
    "few-at-once": ("-m", "3"),
    "small-window": ("-T", "512"),
}


@pytest.mark.parametrize("mood", MOODS)
def test_everything_arrives(tmp_path: Path, needs: Callable[..., None], mood: str) -> None:
    needs(*traffic.COMMANDS)
    with traffic.sink(*MOODS[mood]) as sink:
        route = {"next_hops": [f"127.0.0.1:{sink.port}"], "tls": "opportunistic", "connections": 10, "idle": "1 s"}
        with running(tmp_path, settings={"routes": {"inside": route}}) as hop:
            traffic.send(hop.port, messages=MESSAGES, sessions=5, octets=2_000, recipient="box@example.org")
            until(lambda: not hop.entries(State.QUEUED), lambda: f"the queue runs empty:\n{hop.log()[-2_000:]}")
            assert len(hop.entries(State.DELIVERED)) == MESSAGES
            assert "Traceback" not in hop.log()
        assert sink.recipients() == {f"{number}box@example.org": 1 for number in range(1, MESSAGES + 1)}
