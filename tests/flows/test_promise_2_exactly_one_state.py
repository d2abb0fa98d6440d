"""Promise 2: after the 250 each accepted recipient is at all times in exactly one durable state. Before it we own nothing."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.exchange import Exchange, exchange
from fakes.load import PLACES, RULES, Load
from fakes.mails import mail
from fakes.service import Hop, running
from fakes.waiting import until

from screener.store.records import State

PLACING = """
rules:
  - name: held-people
    when: {recipient: {address: [held@example.org, freed@example.org, ended@example.org]}}
    then: hold
  - name: dropped-people
    when: {recipient: {address: [dropped@example.org]}}
    then: drop
  - name: moved-people
    when: {recipient: {address: [old@example.org]}}
    then: {redirect: new@example.org}
  - name: refused-words
    when: {subject: {words: [refused]}}
    then: {reject: "Not this"}
"""


@pytest.fixture
def inside() -> Iterator[Exchange]:
    with exchange() as made:
        yield made


@pytest.fixture
def hop(tmp_path: Path, inside: Exchange) -> Iterator[Hop]:
    routes = {"inside": {"next_hops": [f"127.0.0.1:{inside.port}"], "tls": "none"}}
    rules = {"10-places.yaml": PLACING, "20-load.yaml": RULES}
    # Reports to senders elsewhere take the default route.
    with running(tmp_path, settings={"routes": routes, "default_route": "inside"}, rules=rules) as made:
        yield made


def _states(hop: Hop, mail_id: str) -> dict[str, State]:
    entries = hop.entries(mail_id=mail_id)
    states = {entry.recipient.address.text: entry.state for entry in entries}
    assert len(states) == len(entries), "no recipient stands there twice"
    return states


def test_each_recipient_goes_its_own_way(hop: Hop, inside: Exchange) -> None:
    names = ("anna", "held", "freed", "ended", "dropped", "old", "never-there", "later-maybe")
    answer = hop.send(mail("ways"), *(f"{name}@example.org" for name in names))
    assert answer.code == 250, answer
    until(lambda: _states(hop, answer.id)["anna@example.org"] is State.DELIVERED, "the mail goes")
    hop.command("hold", "release", answer.id, "--recipient", "freed@example.org", "--by", "operator")
    hop.command("hold", "discard", answer.id, "--recipient", "ended@example.org", "--by", "helpdesk", "--yes")
    expected = {
        "anna@example.org": State.DELIVERED,
        "held@example.org": State.HELD,
        "freed@example.org": State.DELIVERED,
        "ended@example.org": State.DISCARDED,
        "dropped@example.org": State.DROPPED,
        "old@example.org": State.REDIRECTED,
        "new@example.org": State.DELIVERED,
        "never-there@example.org": State.FAILED,
        "later-maybe@example.org": State.QUEUED,
    }
    until(lambda: _states(hop, answer.id) == expected, lambda: f"all are there: {_states(hop, answer.id)}")
    # The failure was reported to the sender, and the discard has a name.
    story = json.loads(hop.command("trace", answer.id, "--json").splitlines()[0])
    kinds = {event["kind"]: event for event in story["events"]}
    assert "reported" in kinds
    assert kinds["discarded"]["who"] == "helpdesk"
    assert kinds["released"]["who"] == "operator"
    # The same after the power went.
    hop.kill()
    assert _states(hop, answer.id) == expected
    hop.start()
    inside.relent()
    until(lambda: _states(hop, answer.id)["later-maybe@example.org"] is State.DELIVERED, "the late one arrives")
    copies = inside.copies()
    assert {name: copies[f"{name}@example.org"] for name in ("anna", "freed", "new", "later-maybe")} == {
        "anna": 1,
        "freed": 1,
        "new": 1,
        "later-maybe": 1,
    }
    assert not {f"{name}@example.org" for name in ("held", "ended", "dropped", "old", "never-there")} & copies.keys()


def test_before_the_250_we_own_nothing(hop: Hop, inside: Exchange) -> None:
    assert hop.send(mail("this is refused")).code == 550
    with hop.connect() as wire:
        wire.hello()
        wire.write(b"MAIL FROM:<ben@example.net>\r\nRCPT TO:<anna@example.org>\r\nDATA\r\n")
        assert [wire.answer().code for _ in range(3)] == [250, 250, 354]
        wire.write(b"Subject: breaks off\r\n\r\n" + b"A line.\r\n" * 100_000)
    with hop.connect() as wire:
        wire.hello()
        wire.write(b"MAIL FROM:<ben@example.net>\r\nRCPT TO:<anna@example.org>\r\n")
        assert [wire.answer().code for _ in range(2)] == [250, 250]
        wire.command("QUIT")
    # A later mail went through all the same steps: what had to come of the others has come.
    answer = hop.send(mail("whole"))
    until(lambda: _states(hop, answer.id) == {"anna@example.org": State.DELIVERED}, "the whole one arrives")
    assert [entry.mail_id for entry in hop.entries() if entry.state is not State.REJECTED] == [answer.id]
    assert len(inside.taken()) == 1
    bodies = [path for path in (hop.folder / "store").rglob("*") if path.is_file() and path.stat().st_size > 500_000]
    assert all("mail.db" in path.name or "reserve" in path.name for path in bodies), bodies


def test_under_load_every_acknowledged_recipient_ends_in_its_one_state(hop: Hop, inside: Exchange) -> None:
    with Load(hop.port, connections=5, mails=400) as load:
        load.join()
    told = load.told
    assert not told.refused
    assert not told.unanswered
    until(lambda: not hop.entries(State.QUEUED), lambda: f"the queue runs empty:\n{hop.log()[-2_000:]}")
    found = {entry.recipient.address.text: (entry.mail_id, entry.state.value) for entry in hop.entries()}
    assert found == {name: (told.acknowledged[name], state) for name, state in told.expected.items()}
    assert set(told.expected.values()) == set(PLACES.values())
    assert inside.copies() == {name: 1 for name, state in told.expected.items() if state == "delivered"}
