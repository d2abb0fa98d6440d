"""The parts of the benchmark that a wrong figure could come from: the paced source, the sink of orders, made rules and queues."""

import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes.certificate import certificate
from fakes.namespace import free_port

import bench.__main__
import bench.scale.__main__
from bench.bare import program
from bench.cells import Cell
from bench.letters import VOCABULARY, letter
from bench.lists import made
from bench.many_rules import rules
from bench.measure import accept_times
from bench.queued import queue
from bench.stand import standing
from bench.systems.hop import Screener, write_rules
from bench.traffic import OrderSink, SendingFailed, Source
from screener.anatomy.message import Anatomy
from screener.mail.address import Address
from screener.mail.envelope import Client, Envelope, Recipient
from screener.mail.mail import Content, Mail
from screener.mail.verdict import Action
from screener.policy.rulefile import compile_source
from screener.policy.ruleset import RuleSet
from screener.policy.source import Source as Rules
from screener.store.queries import SearchFor
from screener.store.records import State
from screener.store.sqlite import SqliteStore

NOW = 1_750_000_000.0


@pytest.fixture(autouse=True)
def _at_root(monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(__file__).resolve().parents[2]
    monkeypatch.chdir(root)
    monkeypatch.setenv("PYTHONPATH", f"{root}:{root / 'tests'}")


def test_the_paced_source_says_how_long_acceptance_took(tmp_path: Path) -> None:
    port = free_port()
    sink = OrderSink(port, tmp_path)
    (tmp_path / "letter-S").write_bytes(b"X-Bench-Number: 1\n" + letter("S"))
    sink.start()
    try:
        found = accept_times(port, sink, Cell("S", 5), 50.0, 0.4, tmp_path)
    finally:
        sink.stop()
    assert (found.rate, found.messages) == (50.0, 20)
    assert 0 < found.p50 <= found.p99 <= found.most


def test_screening_and_store_can_be_left_out(tmp_path: Path) -> None:
    hop = Screener("bare", rules=_none_may_pass, program=program(screening=False, store=False))
    with standing(hop, tmp_path, certificate(tmp_path, "localhost")) as stand:
        assert stand.measure(Cell("S", 2), 0.1).messages >= 100  # more where the machine is fast
    assert not SqliteStore.open(tmp_path / "bare" / "store").search(SearchFor(states=tuple(State)))
    assert (tmp_path / "bare" / "store" / "waited-for").exists()


def _none_may_pass(folder: Path) -> None:
    write_rules(folder, [{"name": "all", "when": {"message": {"size": "> 1"}}, "then": "hold"}])


def test_the_sink_keeps_the_order(tmp_path: Path) -> None:
    port = free_port()
    sink = OrderSink(port, tmp_path)
    sink.start()
    try:
        for number in (2, 0, 1):
            (tmp_path / "letter-S").write_bytes(b"X-Bench-Number: %d\n" % number + letter("S"))
            source = Source(Cell("S", 1), 1, port, tmp_path, rate=10.0)
            source.finish()
        sink.quiet(0.1)
        arrived = sink.arrived()
    finally:
        sink.stop()
    assert [number for number, _ in arrived] == [2, 0, 1]
    assert sorted(moment for _, moment in arrived) == [moment for _, moment in arrived]


def test_a_refused_message_is_no_figure(tmp_path: Path) -> None:
    port = free_port()
    sink = OrderSink(port, tmp_path)
    sink.start()
    try:
        (tmp_path / "letter-S").write_bytes(b"Subject: no number\n\nx\n")
        source = Source(Cell("S", 1), 1, port, tmp_path, rate=10.0)
        with pytest.raises(SendingFailed, match="554 no number"):
            source.finish()
    finally:
        sink.stop()


def test_the_queue_lies_as_a_killed_service_leaves_it(tmp_path: Path) -> None:
    queue(tmp_path / "store", 1_005, NOW)
    store = SqliteStore.open(tmp_path / "store", serving=True)
    try:
        due = store.due(NOW, 2_000)
        first = store.content(due[0].mail_id)[:]
    finally:
        store.close()
    assert len(due) == 1_005 and [one.queued for one in due] == sorted(one.queued for one in due)
    assert b"\r\nX-Bench-Number: 0\r\n" in first


def test_made_words_are_in_no_letter() -> None:
    words = made(5_000, "some seed")
    assert len(set(words)) == 5_000 and not VOCABULARY.intersection(words)


def test_made_rules_compile_and_let_the_letters_pass(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    rules(40, words=500, senders=300)(tmp_path)
    ruleset = compile_source(Rules.read(tmp_path, "rules")).ruleset
    assert len(ruleset.rules) == 42
    assert _verdict(ruleset, letter("S")) is Action.FORWARD
    word = made(80, "rules")[6]  # of the fourth rule
    assert _verdict(ruleset, letter("S") + word.encode() + b"\n") is Action.HOLD


def _verdict(ruleset: RuleSet, octets: bytes) -> Action:
    recipient = Recipient(Address.parse("recipient@example.org"))
    envelope = Envelope(Client("127.0.0.1"), Address.parse("sender@bench.example.net"), (recipient,))
    content = octets.replace(b"\n", b"\r\n")
    (verdict,) = ruleset.screen(Mail("x", NOW, envelope, Content(content)), Anatomy(content)).verdicts
    return verdict.action


@pytest.mark.parametrize("command", [bench.__main__.arguments, bench.scale.__main__.arguments])
def test_all_that_can_be_named_may_be_left_out(command: Callable[[], Namespace], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["bench"])
    command()
