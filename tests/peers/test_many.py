"""Ten thousand mails over twenty sessions: every one is counted at the sink, once."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fakes.service import running
from fakes.waiting import until
from peers import traffic

MESSAGES = 10_000


@pytest.mark.timeout(300)
def test_ten_thousand_messages_all_arrive_once(tmp_path: Path, needs: Callable[..., None]) -> None:
    needs(*traffic.COMMANDS)
    with traffic.sink() as sink:
        settings = {"routes": {"inside": {"next_hops": [f"127.0.0.1:{sink.port}"], "tls": "none"}}}
        with running(tmp_path, settings=settings) as hop:
            traffic.send(hop.port, messages=MESSAGES, sessions=20, octets=1_024, recipient="box@example.org")
            until(
                lambda: sum(sink.recipients().values()) >= MESSAGES,
                lambda: f"{MESSAGES} arrive; log ends:\n{hop.log()[-3000:]}",
                every=0.5,
            )
            assert hop.stop() == 0
        assert sink.recipients() == {f"{number}box@example.org": 1 for number in range(1, MESSAGES + 1)}
