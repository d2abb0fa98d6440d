"""What becomes of a mail, with a real store, real rules and real screening processes."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from fakes.mails import mail as content_of

from screener.config.keeping import HoldKeeping, StoreSettings
from screener.config.models import Config, Domain, Listener, Route
from screener.intake import Intake, Rules
from screener.mail.address import Address
from screener.mail.envelope import Client, Envelope, Recipient
from screener.mail.mail import Content, Mail
from screener.metrics.figures import Metrics
from screener.policy.rulefile import compile_source
from screener.policy.source import Source
from screener.screeners.frames import Order, Sealed
from screener.screeners.pool import Screeners
from screener.store.changes import Change
from screener.store.errors import StoreFull, StoreUnavailable
from screener.store.records import Keep, State
from screener.store.sqlite import SqliteStore
from screener.store.writer import Writer

RULES = r"""
rules:
  - name: refuse-sender
    about: At RCPT.
    when: {sender: {address: [spammer@bad.example]}}
    then: {reject: "Not from you"}
  - name: hold-word
    about: Held.
    when: {body: {words: [nightjar]}}
    then: hold
  - name: drop-word
    about: Dropped.
    when: {body: {words: [wryneck]}}
    then: drop
  - name: redirect-word
    about: Redirected.
    when: {body: {words: [bittern]}}
    then: {redirect: desk@example.org}
  - name: redirect-nowhere
    about: Redirected to a domain no route leads to.
    when: {body: {words: [dotterel]}}
    then: {redirect: desk@nowhere.example}
  - name: reject-word
    about: Rejected by content.
    when: {body: {words: [corncrake]}}
    then: reject
  - name: reject-word-for-one
    about: Rejected by content for one recipient.
    when: {body: {words: [curlew]}, recipient: {address: [anna@example.org]}}
    then: reject
  - name: programs
    about: Needs a look into attachments.
    when: {attachment: {extension: [exe]}}
    then: hold
  - name: slow
    about: A pattern that explodes.
    when: {body: {pattern: '(a|aa)+$'}}
    then: drop
"""


def config(folder: Path) -> Config:
    return Config(
        hostname="hop.example.org",
        listeners=(Listener(name="inbound", port=0),),
        domains={"example.org": Domain(route="exchange")},
        routes={"exchange": Route(maildir=folder / "delivered")},
        store=StoreSettings(folder=folder / "store", free_space=0, reserve=0),
    )


@dataclass
class Hop:
    """An intake with everything below it."""

    intake: Intake
    store: SqliteStore
    metrics: Metrics
    screeners: Screeners
    offered: list[Keep] = field(default_factory=list)

    async def take(self, content: bytes, *recipients: str, path: str = "", sender: str = "ben@example.net") -> tuple[str, str]:
        """The mail's id and the reply; what follows the reply has been done."""
        mail = Mail(
            self.intake.new_id(),
            1_000_000.0,
            Envelope(
                Client("192.0.2.1", listener="inbound"),
                Address.parse(sender),
                tuple(Recipient(Address.parse(one)) for one in recipients or ("anna@example.org",)),
            ),
            Content(content, path),
        )
        if path == "file":
            body = self.intake.new_body(mail.id)
            body.write(content)
            mail = replace(mail, content=body.finish())
        reply = await self.intake.take(mail)
        await asyncio.sleep(0)
        return mail.id, str(reply)

    def states(self, mail_id: str) -> list[tuple[str, State, str]]:
        return [(str(entry.recipient.address), entry.state, entry.verdict.rule) for entry in self.store.entries(mail_id)]

    def sample(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(name, labels) or 0.0


def said(caplog: pytest.LogCaptureFixture, event: str) -> list[dict[str, object]]:
    """The fields of the log lines of one event."""
    return [vars(record)["fields"] for record in caplog.records if record.getMessage() == event]


@asynccontextmanager
async def hop(folder: Path, change: Callable[[Config], Config] = lambda same: same) -> AsyncIterator[Hop]:
    settings = change(config(folder))
    rules = folder / "rules"
    rules.mkdir()
    (rules / "10-test.yaml").write_text(RULES)
    metrics = Metrics()
    store = SqliteStore.open(settings.store.folder, serving=True, reserve=0)
    writer = Writer(store, announce=asyncio.get_running_loop().call_soon_threadsafe)
    ruleset = compile_source(Source.read(rules, "rules")).ruleset
    screeners = Screeners(Sealed.of(Order(ruleset, 1024**3)), metrics, processes=1, seconds=20.0, waiting=10)
    await screeners.start()
    offered: list[Keep] = []
    intake = Intake(settings, writer, store.bodies, metrics, offer=offered.append)
    intake.rules = Rules(ruleset, screeners)
    try:
        yield Hop(intake, store, metrics, screeners, offered)
    finally:
        await screeners.stop()
        await asyncio.to_thread(writer.close)
        store.close()


async def test_each_action_leads_to_its_state(tmp_path: Path) -> None:
    async with hop(tmp_path) as it:
        for body, state, rule in [
            ("lark", State.QUEUED, ""),
            ("nightjar", State.HELD, "hold-word"),
            ("wryneck", State.DROPPED, "drop-word"),
        ]:
            mail_id, reply = await it.take(content_of("x", f"{body}\r\n"))
            assert reply == f"250 2.0.0 Ok: queued as {mail_id}", "the client must not learn which it was"
            assert it.states(mail_id) == [("anna@example.org", state, rule)]
        assert [keep.recipients[0].state for keep in it.offered] == [State.QUEUED, State.HELD, State.DROPPED]


async def test_a_redirect_is_two_recipients(tmp_path: Path) -> None:
    async with hop(tmp_path) as it:
        mail_id, reply = await it.take(content_of("x", "bittern\r\n"))
        assert reply.startswith("250 ")
        assert it.states(mail_id) == [
            ("anna@example.org", State.REDIRECTED, "redirect-word"),
            ("desk@example.org", State.QUEUED, "redirect-word"),
        ]


async def test_a_redirect_that_leads_nowhere_is_held(tmp_path: Path) -> None:
    async with hop(tmp_path) as it:
        mail_id, reply = await it.take(content_of("x", "dotterel\r\n"))
        assert reply.startswith("250 ")
        assert it.states(mail_id) == [("anna@example.org", State.HELD, "redirect-nowhere")]
        assert "no route" in it.store.entries(mail_id)[0].verdict.evidence[-1].text


async def test_a_mail_rejected_for_all_is_refused_and_only_its_history_kept(tmp_path: Path) -> None:
    async with hop(tmp_path) as it:
        mail_id, reply = await it.take(content_of("x", "corncrake\r\n" * 40_000), path="file")
        assert reply == "550 5.7.1 Refused by the rules of this site"
        assert it.states(mail_id) == [("anna@example.org", State.REJECTED, "reject-word")]
        assert not list((tmp_path / "store" / "bodies").iterdir())


async def test_a_rejection_stands_where_the_disk_fails_after_its_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with hop(tmp_path) as it:
        bodies, remove = it.store.bodies, it.store.bodies.remove
        files = tmp_path / "store" / "bodies"

        def remove_and_fail(mail_ids: list[str]) -> None:
            remove(mail_ids)
            files.rename(tmp_path / "no longer there")

        monkeypatch.setattr(bodies, "remove", remove_and_fail)
        mail_id, reply = await it.take(content_of("x", "corncrake\r\n" * 40_000), path="file")
        assert reply == "550 5.7.1 Refused by the rules of this site"
        assert it.states(mail_id) == [("anna@example.org", State.REJECTED, "reject-word")]
        assert not list((tmp_path / "no longer there").iterdir())
        with pytest.raises(StoreUnavailable):
            bodies.remove([mail_id])


async def test_a_mail_rejected_for_some_is_held_for_those(tmp_path: Path) -> None:
    async with hop(tmp_path) as it:
        mail_id, reply = await it.take(content_of("x", "curlew\r\n"), "anna@example.org", "otto@example.org")
        assert reply.startswith("250 ")
        assert it.states(mail_id) == [
            ("anna@example.org", State.HELD, "reject-word-for-one"),
            ("otto@example.org", State.QUEUED, ""),
        ]
        assert "reject not possible" in it.store.entries(mail_id)[0].verdict.evidence[-1].text


async def test_what_needs_a_foreign_parser_is_judged_by_a_process(tmp_path: Path) -> None:
    async with hop(tmp_path) as it:
        await it.take(content_of("x", "lark\r\n"))
        assert it.sample("screener_screening_seconds_count", place="process") == 0
        mail_id, _ = await it.take(content_of("x", attachment=("a.exe", b"PK\x03\x04 no zip at all")))
        assert it.states(mail_id) == [("anna@example.org", State.HELD, "programs")]
        assert it.sample("screener_screening_seconds_count", place="process") == 1


async def test_a_mail_that_cannot_be_judged_is_held_after_one_more_try_alone(tmp_path: Path) -> None:
    async with hop(tmp_path) as it:
        mail_id, reply = await it.take(content_of("slow", "a" * 60 + "!\r\n"))
        assert reply.startswith("250 ")
        (entry,) = it.store.entries(mail_id)
        assert (entry.state, entry.verdict.unsure) == (State.HELD, True)
        assert it.sample("screener_screening_seconds_count", place="process") == 1, "tried once more"


async def test_mails_that_come_together_are_judged_side_by_side_as_far_as_processes_are_idle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2, 3})

    def judged(it: Hop) -> tuple[float, float]:
        return tuple(it.sample("screener_screening_seconds_count", place=place) for place in ("inline", "process"))  # type: ignore[return-value]

    async with hop(tmp_path) as it:
        big, small = content_of("x", "b\r\n" * 8_000), content_of("x")
        await it.take(big)
        assert judged(it) == (1, 0), "one alone is judged at once"
        replies = [reply for _, reply in await asyncio.gather(*(it.take(big) for _ in range(6)))]
        inline, process = judged(it)
        assert (inline + process, process) == (7, it.screeners.alive)
        await asyncio.gather(*(it.take(small) for _ in range(6)))
        assert judged(it) == (inline + 6, process)
        it.screeners._idle.clear()
        replies += [reply for _, reply in await asyncio.gather(*(it.take(big) for _ in range(6)))]
        assert judged(it) == (inline + 12, process), "none waits for a process"
        assert all(reply.startswith("250 ") for reply in replies)


async def test_where_there_are_but_two_processors_mails_that_come_together_are_judged_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    async with hop(tmp_path) as it:
        await asyncio.gather(*(it.take(content_of("x", "b\r\n" * 8_000)) for _ in range(6)))
        assert it.sample("screener_screening_seconds_count", place="inline") == 6
        assert it.sample("screener_screening_seconds_count", place="process") == 0


async def test_a_mail_with_an_odd_header_that_cannot_be_judged_is_held_with_its_subject(tmp_path: Path) -> None:
    async with hop(tmp_path) as it:
        it.screeners._seconds = 0.000_01
        odd = b"Subject: a subject\r\n" + b"X-A: b\r\n" * 300 + b"odd : c\r\nodd(1): c\r\n" * 200
        odd += b"Subject: \xcc\xee\xf1\xea\xe2\xe0\r\n" * 300 + b"\r\nx\r\n"
        mail_id, reply = await it.take(odd)
        assert reply.startswith("250 ")
        (entry,) = it.store.entries(mail_id)
        assert entry.state is State.HELD
        stored = it.store.mail(mail_id)
        assert stored is not None
        assert stored.facts.subject == "a subject"


async def test_a_mail_whose_process_takes_too_long_twice_is_held_with_its_subject(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "screener")
    async with hop(tmp_path) as it:
        it.screeners._seconds = 0.000_01
        mail_id, reply = await it.take(content_of("a subject", attachment=("a.exe", b"PK\x03\x04 no zip at all")))
        assert reply.startswith("250 ")
        (entry,) = it.store.entries(mail_id)
        assert entry.state is State.HELD
        assert "could not be judged" in entry.verdict.evidence[0].text
        stored = it.store.mail(mail_id)
        assert stored is not None
        assert stored.facts.subject == "a subject"
        reason = "could not be judged: the screening process took longer than 3e-05 s, at the second try too"
        assert [line["reason"] for line in said(caplog, "held")] == [reason]


async def test_the_log_names_no_reason_where_a_rule_does(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "screener")
    async with hop(tmp_path) as it:
        await it.take(content_of("x", "nightjar"))
        await it.take(content_of("x", "dotterel"))
        by_rule, nowhere = said(caplog, "held")
        assert (by_rule["rule"], by_rule["reason"]) == ("hold-word", None)
        assert nowhere["reason"] == "no route leads to the domain of desk@nowhere.example"
        assert "dotterel" not in str(nowhere)


async def test_rules_on_the_envelope_answer_at_rcpt(tmp_path: Path) -> None:
    async with hop(tmp_path) as it:
        client, anna = Client("192.0.2.1", listener="inbound"), Address.parse("anna@example.org")
        refused = it.intake.refuse_recipient(client, Address.parse("spammer@bad.example"), anna)
        assert str(refused) == "550 5.7.1 Not from you"
        assert it.intake.refuse_recipient(client, Address.parse("ben@example.net"), anna) is None
        assert it.sample("screener_refusals_total", listener="other", reason="rule") == 1


async def test_without_rules_mail_is_deferred(tmp_path: Path) -> None:
    async with hop(tmp_path) as it:
        it.intake.rules = None
        assert str(it.intake.ready()).startswith("451 4.3.0")
        assert (await it.take(content_of("x")))[1].startswith("451 4.3.0")


async def test_when_screening_is_broken_mail_is_deferred(tmp_path: Path) -> None:
    async with hop(tmp_path) as it:
        await it.screeners.stop()
        mail_id, reply = await it.take(content_of("x", attachment=("a.exe", b"PK\x03\x04 no zip at all")))
        assert reply.startswith("451 4.3.0")
        assert it.states(mail_id) == []
        assert (await it.take(content_of("x")))[1].startswith("250 "), "short text needs no process"


async def test_when_the_store_cannot_keep_mail_is_deferred(tmp_path: Path) -> None:
    async with hop(tmp_path) as it:
        for error, reply in [(StoreUnavailable("input/output error"), "451 4.3.0"), (StoreFull("the disk is full"), "452 4.3.1")]:

            def failing(changes: Sequence[Change], error: Exception = error) -> list[Exception | None]:
                return [error] * len(changes)

            it.store.apply = failing  # type: ignore[method-assign]
            assert (await it.take(content_of("x")))[1].startswith(reply)
        assert not it.offered


async def test_below_the_floor_of_free_space_mail_is_deferred(tmp_path: Path) -> None:
    def greedy(settings: Config) -> Config:
        return settings.model_copy(update={"store": settings.store.model_copy(update={"free_space": 2**62})})

    async with hop(tmp_path, greedy) as it:
        assert str(it.intake.ready()).startswith("452 4.3.1")


def with_hold(octets: int) -> Callable[[Config], Config]:
    def change(settings: Config) -> Config:
        store = settings.store.model_copy(update={"hold": HoldKeeping(size=octets)})
        return settings.model_copy(update={"store": store})

    return change


HELD = content_of("x", "nightjar\r\n" + ("b" * 70 + "\r\n") * 100)


async def test_hold_is_full_at_the_mail_that_would_exceed_it(tmp_path: Path) -> None:
    async with hop(tmp_path, with_hold(2 * len(HELD) + 100)) as it:
        replies = [(await it.take(HELD))[1] for _ in range(4)]
        assert [reply[:4] for reply in replies] == ["250 ", "250 ", "452 ", "452 "]
        assert it.intake.held.is_full
        assert it.store.held_octets() == 2 * len(HELD) == it.intake.held.octets
        assert (await it.take(content_of("x", "lark\r\n")))[1].startswith("250 "), "only what would be held is deferred"


async def test_mails_that_come_at_once_do_not_overshoot_hold(tmp_path: Path) -> None:
    async with hop(tmp_path, with_hold(3 * len(HELD))) as it:
        replies = await asyncio.gather(*(it.take(HELD) for _ in range(8)))
        assert sorted(reply[:3] for _, reply in replies) == ["250"] * 3 + ["452"] * 5
        assert it.store.held_octets() == 3 * len(HELD)


async def test_what_could_not_be_kept_takes_no_room_in_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with hop(tmp_path, with_hold(2 * len(HELD))) as it:
        first, reply = await it.take(HELD)
        assert reply.startswith("250 ")
        monkeypatch.setattr(it.intake, "new_id", lambda: first)
        assert (await it.take(HELD))[1].startswith("451 "), "the store refuses a second mail of this id"
        assert it.intake.held.octets == len(HELD)
