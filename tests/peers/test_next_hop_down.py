"""The next hop is down for a while under load, then up: all accepted mail arrives, the oldest first, once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.exchange import Exchange, exchange
from fakes.load import Load
from fakes.service import Hop, running
from fakes.waiting import until

from screener.store.records import State


@pytest.fixture
def inside() -> Iterator[Exchange]:
    with exchange() as made:
        yield made


def _hop(folder: Path, inside: Exchange, connections: int, interval: str) -> Iterator[Hop]:
    route = {"next_hops": [f"127.0.0.1:{inside.port}"], "tls": "none", "connections": connections}
    with running(folder, settings={"routes": {"inside": route}, "retry": {"intervals": [interval]}}) as made:
        yield made


@pytest.fixture
def hop(tmp_path: Path, inside: Exchange) -> Iterator[Hop]:
    yield from _hop(tmp_path, inside, 5, "1 s")


@pytest.fixture
def single(tmp_path: Path, inside: Exchange) -> Iterator[Hop]:
    """A hop with one connection to its next hop, so that the order of arrival can be seen; nothing falls due by itself."""
    yield from _hop(tmp_path, inside, 1, "1 h")


@pytest.mark.timeout(300)
def test_everything_arrives_and_second_copies_have_their_reason(hop: Hop, inside: Exchange) -> None:
    with Load(hop.port, connections=6) as load:
        for _ in range(4):
            inside.more(50)
            inside.down()
            load.more(100)
            inside.up()
    told = load.told
    assert not told.refused
    assert not told.unanswered
    until(lambda: not hop.entries(State.QUEUED), lambda: f"the queue runs empty:\n{hop.log()[-3_000:]}")
    copies = inside.copies()
    assert copies.keys() == told.acknowledged.keys()
    twice = {recipient for recipient, count in copies.items() if count > 1}
    assert twice <= inside.doubtful
    # Whatever arrived twice is known to the hop as such an attempt.
    doubtful = {entry.recipient.address.text for entry in hop.entries() if entry.doubtful}
    assert twice <= doubtful
    assert hop.metric("screener_attempts_total", outcome="doubtful") >= (1 if doubtful else 0)


def test_the_oldest_goes_first(single: Hop, inside: Exchange) -> None:
    inside.down()
    with Load(single.port, connections=1, mails=150, attachments=False) as load:
        load.join()
    until(lambda: bool(single.said("next-hop-down")), lambda: f"it is known to be down:\n{single.log()}")
    assert inside.taken() == []
    inside.up()
    until(lambda: not single.entries(State.QUEUED), "the queue runs empty")
    arrived = [recipient for taken in inside.taken() for recipient in taken.recipients]
    assert sorted(arrived) == sorted(load.told.order)
    first = {taken.recipients[0]: at for at, taken in enumerate(inside.taken())}
    in_order = [first[recipient] for recipient in load.told.order if recipient in first]
    assert in_order == sorted(in_order)
