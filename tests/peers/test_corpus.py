"""All 2,597 messages of the corpus: over SMTP with nothing lost or changed, and through `screener screen` without an exception."""

import json
import re
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from fakes import corpus
from fakes.corpus import Specimen
from fakes.exchange import Exchange, exchange
from fakes.service import Hop, running
from fakes.waiting import until
from fakes.wire import Answer

from screener.store.records import State

MESSAGES = 2_597
CONNECTIONS = 8
RULES = Path(__file__).resolve().parents[2] / "rules"


@pytest.fixture(scope="module")
def specimens() -> Mapping[str, Specimen]:
    """The corpus, each message with an address of its own."""
    found = {f"c{number}@example.org": specimen for number, specimen in enumerate(corpus.specimens())}
    assert len(found) == MESSAGES
    return found


@pytest.fixture(scope="module")
def inside() -> Iterator[Exchange]:
    with exchange() as made:
        yield made


@pytest.fixture(scope="module")
def hop(tmp_path_factory: pytest.TempPathFactory, inside: Exchange) -> Iterator[Hop]:
    """A hop with the rules that are shipped; what they hold is released to see its octets as well."""
    settings = {
        "routes": {"inside": {"next_hops": [f"127.0.0.1:{inside.port}"], "tls": "none"}},
        "rules": {"folder": str(RULES)},
    }
    with running(tmp_path_factory.mktemp("hop"), settings=settings) as made:
        yield made


def _send_all(hop: Hop, specimens: Mapping[str, Specimen]) -> dict[str, Answer]:
    """Over several connections at once; the final answer for each."""
    waiting = iter(specimens.items())
    lock = threading.Lock()
    answers: dict[str, Answer] = {}

    def client() -> None:
        with hop.connect() as wire:
            wire.hello()
            while True:
                with lock:
                    recipient, specimen = next(waiting, ("", None))
                if specimen is None:
                    return
                answers[recipient] = wire.send("corpus@example.net", [recipient], specimen.wire(), parameters=" BODY=8BITMIME")[-1]

    clients = [threading.Thread(target=client) for _ in range(CONNECTIONS)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    return answers


@pytest.mark.timeout(300)
def test_over_smtp_nothing_is_lost_and_nothing_changed(hop: Hop, inside: Exchange, specimens: Mapping[str, Specimen]) -> None:
    answers = _send_all(hop, specimens)
    assert answers.keys() == specimens.keys(), "every message was answered"
    # Only a rule says no: every other message is accepted, however odd.
    refused = {recipient: answer for recipient, answer in answers.items() if answer.code != 250}
    assert all(re.match(r"550 5\.7\.1 |554 5\.4\.6 ", answer.text) for answer in refused.values()), refused
    until(lambda: not hop.entries(State.QUEUED), lambda: f"the queue runs empty:\n{hop.log()[-3_000:]}")
    states: dict[str, State] = {}
    with hop.store() as store:
        for entry in hop.entries():
            recipient = entry.recipient.address.text
            if entry.state is State.REJECTED:
                continue
            assert recipient not in states
            states[recipient] = entry.state
            assert entry.mail_id == answers[recipient].id
            if entry.state in (State.HELD, State.DROPPED):
                assert store.content(entry.mail_id)[:] == corpus.normalised(specimens[recipient].wire())
    assert states.keys() == answers.keys() - refused.keys()
    arrived = {taken.recipients[0]: taken for taken in inside.taken()}
    assert len(arrived) == len(inside.taken())
    assert arrived.keys() == {recipient for recipient, state in states.items() if state is State.DELIVERED}
    assert len(arrived) > 1_000
    for recipient, taken in arrived.items():
        content = specimens[recipient].wire()
        if corpus.has_bare_line_ends(content):
            content = corpus.normalised(content)
        assert taken.carries(content), specimens[recipient].path
    assert "Traceback" not in hop.log()
    assert hop.said("trouble") == []


@pytest.mark.timeout(300)
def test_screener_screen_judges_every_message(hop: Hop, specimens: Mapping[str, Specimen]) -> None:
    printed = hop.command("screen", str(corpus.FOLDER), "--to", "anna@example.org", "--json")
    lines = [json.loads(line) for line in printed.splitlines()]
    judged = {str(Path(line["path"]).resolve().relative_to(corpus.FOLDER.resolve())): line for line in lines}
    for specimen in specimens.values():
        line = judged[specimen.path]
        assert [one["address"] for one in line["recipients"]] == ["anna@example.org"]
        assert {one["action"] for one in line["recipients"]} <= {"forward", "redirect", "hold", "drop", "reject"}
        assert not any("could not be judged" in str(one["evidence"]) for one in line["recipients"]), specimen.path
        assert line["ms"] >= 0
