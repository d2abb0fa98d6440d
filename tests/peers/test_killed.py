"""kill -9 of the service and of its screening processes at random while loaded: no acknowledged recipient is lost."""

import os
import random
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from fakes.exchange import Exchange, exchange
from fakes.load import RULES, Load
from fakes.service import Hop, running
from fakes.waiting import until

from screener.store.records import Entry, State

KILLS_OF_THE_SERVICE = 12
KILLS_OF_SCREENING = 16
STOPS = 5
CONNECTIONS = 6  # to the next hop: so many attempts may be under way when the service is killed


@pytest.fixture
def inside() -> Iterator[Exchange]:
    with exchange() as made:
        yield made


@pytest.fixture
def hop(tmp_path: Path, inside: Exchange) -> Iterator[Hop]:
    settings = {"routes": {"inside": {"next_hops": [f"127.0.0.1:{inside.port}"], "tls": "none", "connections": CONNECTIONS}}}
    with running(tmp_path, settings=settings, rules={"10-load.yaml": RULES}) as made:
        yield made


def _account(hop: Hop, inside: Exchange, load: Load) -> None:
    """Hold what the clients were told against what became of it."""
    until(lambda: not hop.entries(State.QUEUED), lambda: f"the queue runs empty:\n{hop.log()[-3_000:]}")
    told = load.told
    assert len(told.acknowledged) > 100, "there was a load"
    found: dict[tuple[str, str], Entry] = {(entry.recipient.address.text, entry.mail_id): entry for entry in hop.entries()}
    # A mail whose screening process was killed twice could not be judged: it is held, whatever its rule would have said.
    unsure = {recipient for (recipient, _), entry in found.items() if entry.verdict.unsure and entry.state is State.HELD}
    for recipient, mail_id in told.acknowledged.items():
        assert (recipient, mail_id) in found, "lost"
        assert recipient in unsure or found[recipient, mail_id].state.value == told.expected[recipient], recipient
    # Nothing is there that nobody sent: what was not acknowledged was at least sent whole.
    assert {recipient for recipient, _ in found.keys() - told.acknowledged.items()} <= told.unanswered
    copies = inside.copies()
    for recipient, state in told.expected.items():
        assert (copies[recipient] > 0) == (state == "delivered" and recipient not in unsure), recipient
    with hop.store() as store:
        assert store.check().problems == ()


@pytest.mark.timeout(300)
def test_the_service_is_killed(hop: Hop, inside: Exchange) -> None:
    chance = random.Random(11)
    with Load(hop.port, connections=8) as load:
        for _ in range(KILLS_OF_THE_SERVICE):
            load.more(chance.randrange(1, 150))
            hop.kill()
            hop.start()
    _account(hop, inside, load)
    copies = inside.copies()
    extra = {recipient: count - 1 for recipient, count in copies.items() if count > 1}
    counted = {entry.recipient.address.text: entry.doubtful for entry in hop.entries()}
    assert all(counted[recipient] >= count for recipient, count in extra.items()), "each extra copy is counted"
    # What had begun and was not written down yet: one for each connection, and what shares a commit.
    assert sum(counted.values()) <= KILLS_OF_THE_SERVICE * CONNECTIONS * 10


@pytest.mark.timeout(300)
def test_the_service_is_stopped(hop: Hop, inside: Exchange) -> None:
    """Where it may end in good order there is no second copy either: what was begun is finished, in and out."""
    chance = random.Random(13)
    with Load(hop.port, connections=8) as load:
        for _ in range(STOPS):
            load.more(chance.randrange(1, 150))
            assert hop.stop() == 0
            hop.start()
    _account(hop, inside, load)
    assert set(inside.copies().values()) == {1}


@pytest.mark.timeout(300)
def test_screening_processes_are_killed(hop: Hop, inside: Exchange) -> None:
    chance = random.Random(12)
    with Load(hop.port, connections=8) as load:
        for _ in range(KILLS_OF_SCREENING):
            load.more(chance.randrange(1, 100))
            for process in hop.screening_processes()[: chance.choice((1, 2, 2))]:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
    # Nothing of it reached a client: whoever was being judged was judged again, or told to come again.
    assert not load.told.unanswered
    assert all(refusal.startswith("451 4.3.0") for refusal in load.told.refused)
    _account(hop, inside, load)
    assert set(inside.copies().values()) == {1}
