"""The way of a mail from the store to a next hop and back into the store, over real sockets."""

import asyncio
import mmap
import os
import random
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.delivering import QUICK, TEXT, TRACE, Clock, delivering, make_keep, rcpt, route_to, settings
from fakes.next_hop import DROP, Behaviour, NextHop
from fakes.waiting import eventually

from screener.config.models import Retry, Route
from screener.delivery.courier import SmtpCourier
from screener.delivery.outcome import Answer, Parcel
from screener.mail.envelope import Notify
from screener.mail.mail import Content
from screener.mail.verdict import Edits
from screener.store.changes import Discard, PauseRoute, Requeue, ResumeRoute
from screener.store.connection import as_int, connect
from screener.store.folders import DATABASE
from screener.store.records import EventKind, State
from screener.store.sqlite import SqliteStore


async def test_a_mail_goes_out_octet_for_octet_and_is_delivered(tmp_path: Path) -> None:
    with NextHop() as hop:
        async with delivering(settings({"inside": route_to(hop.port)}), tmp_path) as hub:
            mail_id = await hub.keep("b@example.org")
            entries = await hub.until_state(mail_id, State.DELIVERED)
    assert [got.content for got in hop.mails] == [TRACE + TEXT]
    assert (hop.mails[0].sender, hop.mails[0].recipients) == ("sender@example.net", ["b@example.org"])
    assert entries[0].remote_id == "ABC123"
    assert entries[0].next_hop == f"127.0.0.1:{hop.port}"
    assert entries[0].reply == "250 2.0.0 Ok: queued as ABC123"
    assert hub.metric("screener_attempts_total", route="inside", outcome="delivered") == 1


@pytest.mark.parametrize(
    ("keywords", "transactions"),
    [
        (("PIPELINING",), {"": ["never@example.org"], "sender@example.net": ["b@example.org", "c@example.org"]}),
        (("DSN",), {"sender@example.net": ["b@example.org", "c@example.org", "never@example.org"]}),
    ],
    ids=["without DSN", "with DSN"],
)
async def test_a_next_hop_without_dsn_cannot_report_to_who_wants_no_report(
    tmp_path: Path, keywords: tuple[str, ...], transactions: dict[str, list[str]]
) -> None:
    """RFC 3461 5.2.2: those with NOTIFY=NEVER go in a transaction of their own, with the null sender."""
    with NextHop(Behaviour(keywords=keywords)) as hop:
        async with delivering(settings({"inside": route_to(hop.port)}), tmp_path) as hub:
            to = [rcpt("b@example.org"), rcpt("never@example.org", Notify.NEVER), rcpt("c@example.org", Notify.FAILURE)]
            await hub.until_state(await hub.keep(*to), State.DELIVERED)
    got: dict[str, list[str]] = {}
    for mail in hop.mails:
        got.setdefault(mail.sender, []).extend(mail.recipients)
    assert {sender: sorted(recipients) for sender, recipients in got.items()} == transactions


async def test_what_is_queued_is_found_after_a_restart(tmp_path: Path) -> None:
    with NextHop() as hop:
        config = settings({"inside": route_to(hop.port)})
        hop.down()
        async with delivering(config, tmp_path) as hub:
            mail_id = await hub.keep("b@example.org")
            await hub.until_attempts(mail_id, 1)
        hop.up()
        async with delivering(config, tmp_path) as hub:
            await hub.until_state(mail_id, State.DELIVERED)


async def test_an_offered_mail_starts_from_memory(tmp_path: Path) -> None:
    with NextHop() as hop:
        async with delivering(settings({"inside": route_to(hop.port)}), tmp_path) as hub:
            first = await hub.keep("b@example.org", offer=True)
            await hub.until_state(first, State.DELIVERED)
    assert len(hop.mails) == 1


@pytest.mark.parametrize("keywords", [("PIPELINING",), ()], ids=["pipelined", "stepwise"])
async def test_partial_refusals_are_told_apart(tmp_path: Path, keywords: tuple[str, ...]) -> None:
    refusals = {"no@example.org": "550 5.1.1 unknown", "later@example.org": "451 4.7.1 greylisted"}
    with NextHop(Behaviour(rcpt=refusals, keywords=keywords)) as hop:
        async with delivering(settings({"inside": route_to(hop.port)}), tmp_path) as hub:
            mail_id = await hub.keep("no@example.org", "b@example.org", "later@example.org", sender="")
            await hub.until_attempts(mail_id, 1, key=2)
            entries = hub.store.entries(mail_id)
    assert [entry.state for entry in entries] == [State.HELD, State.DELIVERED, State.QUEUED]
    assert entries[0].reply == "550 5.1.1 unknown"
    assert entries[2].reply == "451 4.7.1 greylisted"
    assert hop.mails[0].recipients == ["b@example.org"]


async def test_a_lost_final_reply_gives_a_second_copy_and_is_counted(tmp_path: Path) -> None:
    with NextHop(Behaviour(drop_after_final=True)) as hop:
        retry = Retry(intervals=(0.2,))
        async with delivering(settings({"inside": route_to(hop.port)}, retry=retry), tmp_path) as hub:
            mail_id = await hub.keep("b@example.org")
            entry = await hub.until_attempts(mail_id, 1)
            assert (entry.state, entry.doubtful) == (State.QUEUED, 1)
            hop.behaviour.drop_after_final = False
            (entry,) = await hub.until_state(mail_id, State.DELIVERED)
            assert entry.doubtful == 1
            assert EventKind.DOUBTFUL in [event.kind for event in hub.store.events(mail_id)]
            assert hub.metric("screener_attempts_total", route="inside", outcome="doubtful") == 1
    assert [got.acknowledged for got in hop.mails] == [False, True]


async def test_4yz_is_tried_again_on_the_schedule(tmp_path: Path) -> None:
    clock = Clock()
    with NextHop(Behaviour(rcpt=lambda _: "451 4.7.1 later")) as hop:
        async with delivering(settings({"inside": route_to(hop.port)}), tmp_path, clock=clock) as hub:
            mail_id = await hub.keep("b@example.org")
            waits = []
            for attempt in range(1, 6):
                entry = await hub.until_attempts(mail_id, attempt)
                assert entry.next_attempt is not None
                waits.append(round((entry.next_attempt - entry.changed) / 60))
                clock.ahead += entry.next_attempt - clock() + 0.001
                hub.delivery.wake()
    assert waits == [15, 30, 60, 240, 240]


async def test_the_sender_is_told_of_a_delay_once_and_of_the_end(tmp_path: Path) -> None:
    clock = Clock()
    with NextHop(Behaviour(rcpt=lambda address: "451 4.7.1 later" if address == "b@example.org" else "250 Ok")) as hop:
        config = settings({"inside": route_to(hop.port)}, domains={"example.org": "inside", "example.net": "inside"})
        async with delivering(config, tmp_path, clock=clock) as hub:
            mail_id = await hub.keep("b@example.org")
            attempts = 0
            while (entry := await hub.until_attempts(mail_id, attempts := attempts + 1)).state is State.QUEUED:
                assert entry.next_attempt is not None
                clock.ahead += max(entry.next_attempt - clock(), 0) + 0.001
                hub.delivery.wake()
            await eventually(lambda: len(hop.mails) == 2, "both reports are delivered")
        assert entry.state is State.FAILED
        assert entry.changed - entry.queued == pytest.approx(172_800, abs=5)
        assert hub.metric("screener_reports_total", kind="delay") == 1
        assert hub.metric("screener_reports_total", kind="failure") == 1
    delay, failure = hop.mails
    assert (delay.sender, delay.recipients) == ("", ["sender@example.net"])
    assert b"Action: delayed" in delay.content
    assert b"Action: failed" in failure.content
    assert b"Status: 4.4.7" in failure.content


async def test_5yz_is_reported_to_the_sender(tmp_path: Path) -> None:
    with NextHop(Behaviour(rcpt=lambda address: "550 5.1.1 who" if address == "b@example.org" else "250 Ok")) as hop:
        config = settings({"inside": route_to(hop.port)}, default_route="inside")
        async with delivering(config, tmp_path) as hub:
            mail_id = await hub.keep("b@example.org")
            await hub.until_state(mail_id, State.FAILED)
            await eventually(lambda: len(hop.mails) == 1, "the report is delivered")
            (report,) = [one for one in hub.store.events(mail_id) if one.kind is EventKind.REPORTED]
    assert (hop.mails[0].sender, hop.mails[0].recipients) == ("", ["sender@example.net"])
    assert "sender@example.net" in report.detail


async def test_what_cannot_be_reported_is_held(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with NextHop(Behaviour(rcpt=lambda _: "550 5.1.1 who")) as hop:
        async with delivering(settings({"inside": route_to(hop.port)}), tmp_path) as hub:
            null = await hub.keep("b@example.org", sender="")
            nowhere = await hub.keep("b@example.org", sender="a@elsewhere.example")
            (entry,) = await hub.until_state(null, State.HELD)
            assert entry.reply == "550 5.1.1 who"
            (entry,) = await hub.until_state(nowhere, State.HELD)
            why = "550 5.1.1 who; no route for the report to elsewhere.example: set `default_route`"
            assert entry.reply == why
            assert [one.detail for one in hub.store.events(nowhere) if one.kind is EventKind.HELD] == [f"{entry.next_hop}: {why}"]
    said = [vars(one)["fields"]["reply"] for one in caplog.records if one.message == "held"]
    assert sorted(said) == ["550 5.1.1 who", why]  # the two go at once


async def test_a_report_that_cannot_be_delivered_is_held(tmp_path: Path) -> None:
    with NextHop(Behaviour(rcpt=lambda _: "550 5.1.1 who")) as hop:
        async with delivering(settings({"inside": route_to(hop.port)}, default_route="inside"), tmp_path) as hub:
            await hub.keep("b@example.org")
            await eventually(lambda: hub.store.counts().held.recipients == 1, "the report is held")
    assert len([command for command in hop.commands if command.startswith("RCPT")]) == 2


async def test_a_next_hop_that_comes_back_gets_everything_oldest_first(tmp_path: Path) -> None:
    with NextHop() as hop:
        hop.down()
        async with delivering(settings({"inside": route_to(hop.port, connections=1)}), tmp_path) as hub:
            mail_ids = [await hub.keep(f"r{number}@example.org") for number in range(30)]
            for mail_id in mail_ids:
                await hub.until_attempts(mail_id, 1)
            hop.up()
            for mail_id in mail_ids:
                await hub.until_state(mail_id, State.DELIVERED)
            assert hub.metric("screener_next_hop_up", route="inside", next_hop=f"127.0.0.1:{hop.port}") == 1
    order = [got.recipients[0] for got in hop.mails]
    assert order == [f"r{number}@example.org" for number in range(30)]


async def test_after_a_restart_mail_deferred_for_a_lost_next_hop_does_not_wait_for_its_time(tmp_path: Path) -> None:
    with NextHop() as hop:
        config = settings({"inside": route_to(hop.port)})
        hop.down()
        async with delivering(config, tmp_path) as hub:
            mail_ids = [await hub.keep(f"r{number}@example.org") for number in range(5)]
            for mail_id in mail_ids:
                await hub.until_attempts(mail_id, 1)
        async with delivering(config, tmp_path) as hub:
            await asyncio.sleep(0.1)
            hop.up()
            for mail_id in mail_ids:
                await hub.until_state(mail_id, State.DELIVERED)
    assert len(hop.mails) == 5


async def test_what_was_just_tried_is_not_tried_again_by_the_flush(tmp_path: Path) -> None:
    """After a restart the oldest mail finds out that the next hop is there, and is put off: that was its attempt."""
    with NextHop(Behaviour(rcpt={"r0@example.org": "451 4.7.1 later"})) as hop:
        config = settings({"inside": route_to(hop.port)})
        hop.down()
        async with delivering(config, tmp_path) as hub:
            mail_ids = [await hub.keep(f"r{number}@example.org") for number in range(5)]
            for mail_id in mail_ids:
                await hub.until_attempts(mail_id, 1)
        hop.up()
        async with delivering(config, tmp_path) as hub:
            for mail_id in mail_ids[1:]:
                await hub.until_state(mail_id, State.DELIVERED)
            await asyncio.sleep(0.2)
            assert hub.entry(mail_ids[0]).attempts == 2
    assert [command for command in hop.commands if "r0@" in command] == ["RCPT TO:<r0@example.org>"]


async def test_probes_are_no_attempts(tmp_path: Path) -> None:
    with NextHop() as hop:
        hop.down()
        async with delivering(settings({"inside": route_to(hop.port)}), tmp_path) as hub:
            mail_id = await hub.keep("b@example.org")
            await hub.until_attempts(mail_id, 1)
            await asyncio.sleep(1)
            assert hub.entry(mail_id).attempts == 1


async def test_a_mail_that_makes_a_next_hop_break_off_does_not_keep_it_down(tmp_path: Path) -> None:
    """The oldest mail is the probe, and each time it is the one that the next hop cannot stand: others probe too."""

    def poison(address: str) -> str:
        return DROP if address.startswith("poison") else "250 2.1.5 Ok"

    with NextHop(Behaviour(rcpt=poison)) as hop:
        hop.down()
        async with delivering(settings({"inside": route_to(hop.port)}), tmp_path) as hub:
            mail_ids = [await hub.keep(f"{name}@example.org") for name in ("poison", "b", "c")]
            for mail_id in mail_ids:
                await hub.until_attempts(mail_id, 1)
            hop.up()
            for mail_id in mail_ids[1:]:
                await hub.until_state(mail_id, State.DELIVERED)
            assert hub.entry(mail_ids[0]).state is State.QUEUED


async def test_recipients_with_other_edits_or_routes_get_copies_of_their_own(tmp_path: Path) -> None:
    with NextHop() as inside, NextHop() as outside:
        config = settings(
            {"inside": route_to(inside.port), "outside": route_to(outside.port)},
            domains={"example.org": "inside", "example.com": "outside"},
        )
        async with delivering(config, tmp_path) as hub:
            tagged = Edits(headers=(("X-Rule", "spam words"),), subject_tag="[spam]")
            mail_id = await hub.keep(
                "a@example.org", "b@example.org", "c@example.com", "d@example.org", edits=[Edits(), tagged, Edits(), tagged]
            )
            await hub.until_state(mail_id, State.DELIVERED)
    edited = TRACE + b"X-Rule: spam words\r\n" + TEXT.replace(b"Subject: hello", b"Subject: [spam] hello")
    assert sorted((got.recipients, got.content) for got in inside.mails) == [
        (["a@example.org"], TRACE + TEXT),
        (["b@example.org", "d@example.org"], edited),
    ]
    assert [(got.recipients, got.content) for got in outside.mails] == [(["c@example.com"], TRACE + TEXT)]


async def test_a_big_body_goes_from_the_store_s_file(tmp_path: Path) -> None:
    content = b"Subject: big\r\n\r\n" + (b"." * 70 + b"\r\n") * 80_000
    assert len(content) > 5_300_000
    with NextHop() as hop:
        async with delivering(settings({"inside": route_to(hop.port)}), tmp_path) as hub:
            mail_id = await hub.keep("b@example.org", content=content)
            await hub.until_state(mail_id, State.DELIVERED)
            keep = make_keep(hub.config, [rcpt("c@example.org")], hub.clock(), content=content)
            file = hub.store.bodies.create(keep.mail.id)
            file.write(content)
            written: Content = file.finish()
            assert isinstance(written.octets, mmap.mmap)
            keep = replace(keep, mail=replace(keep.mail, content=written))
            await asyncio.wrap_future(hub.writer.submit(keep))
            hub.delivery.offer(keep)
            await hub.until_state(keep.mail.id, State.DELIVERED)
    assert [got.content == TRACE + content for got in hop.mails] == [True, True]


async def test_a_paused_route_waits_for_a_person(tmp_path: Path) -> None:
    with NextHop() as hop:
        async with delivering(settings({"inside": route_to(hop.port)}), tmp_path) as hub:
            other = SqliteStore.open(tmp_path)  # the command line
            assert other.apply([PauseRoute("inside", hub.clock(), "anna")]) == [None]
            hub.delivery.wake()
            await asyncio.sleep(0.2)
            mail_id = await hub.keep("b@example.org", offer=True)
            await asyncio.sleep(0.3)
            assert (hub.entry(mail_id).attempts, hop.connections) == (0, 0)
            assert other.apply([ResumeRoute("inside", hub.clock(), "anna")]) == [None]
            hub.delivery.wake()
            await hub.until_state(mail_id, State.DELIVERED)
            other.close()


async def test_what_a_person_discards_while_it_waits_is_not_sent(tmp_path: Path) -> None:
    with NextHop(Behaviour(delay={"final": 0.5})) as hop:
        async with delivering(settings({"inside": route_to(hop.port, connections=1)}), tmp_path) as hub:
            first = await hub.keep("a@example.org")
            await eventually(lambda: "DATA" in hop.verbs(), "the first is under way")
            second = await hub.keep("b@example.org")
            await asyncio.sleep(0.1)
            other = SqliteStore.open(tmp_path)
            assert other.apply([Discard(second, hub.clock(), "anna", (0,))]) == [None]
            other.close()
            hub.delivery.wake()
            await hub.until_state(first, State.DELIVERED)
            await asyncio.sleep(0.3)
            assert hub.entry(second).state is State.DISCARDED
    assert len(hop.mails) == 1


async def test_mail_of_a_route_that_is_gone_takes_today_s(tmp_path: Path) -> None:
    with NextHop() as hop:
        async with delivering(settings({"inside": route_to(hop.port)}), tmp_path) as hub:
            known = await hub.keep("b@example.org", route="old-name")
            await hub.until_state(known, State.DELIVERED)
            unknown = await hub.keep("b@elsewhere.example", route="old-name")
            entry = await hub.until_attempts(unknown, 1)
            assert entry.state is State.QUEUED
            assert "no other leads to its domain" in entry.reply


async def test_a_mail_whose_content_is_gone_is_held(tmp_path: Path) -> None:
    with NextHop() as hop:
        async with delivering(settings({"inside": route_to(hop.port)}), tmp_path) as hub:
            keep = make_keep(hub.config, [rcpt("b@example.org")], hub.clock(), content=b"x" * 300_000 + b"\r\n")
            await asyncio.wrap_future(hub.writer.submit(keep))
            hub.store.bodies.path(keep.mail.id).unlink()
            hub.delivery.wake()
            (entry,) = await hub.until_state(keep.mail.id, State.HELD)
            assert entry.reply.startswith("the content of mail")


async def test_a_mail_whose_content_cannot_be_read_holds_up_no_other(tmp_path: Path) -> None:
    """An input or output error may pass: the mail is put off."""
    with NextHop() as hop:
        hop.down()
        async with delivering(settings({"inside": route_to(hop.port)}), tmp_path) as hub:
            unreadable = make_keep(hub.config, [rcpt("b@example.org")], hub.clock() - 50, content=b"x" * 300_000 + b"\r\n")
            await asyncio.wrap_future(hub.writer.submit(unreadable))
            path = hub.store.bodies.path(unreadable.mail.id)
            path.rename(tmp_path / "aside")
            path.symlink_to(path.name)  # a loop
            others = [await hub.keep(f"c{number}@example.org") for number in range(10)]
            hop.up()
            hub.delivery.wake()
            for other in others:
                await hub.until_state(other, State.DELIVERED)
            entry = await hub.until_attempts(unreadable.mail.id, 1)
            assert entry.state is State.QUEUED
            assert "cannot be read" in entry.reply
            path.unlink()
            (tmp_path / "aside").rename(path)
            await asyncio.wrap_future(hub.writer.submit(Requeue(unreadable.mail.id, hub.clock(), "anna", (0,))))
            hub.delivery.wake()
            await hub.until_state(unreadable.mail.id, State.DELIVERED)


async def test_a_content_cut_short_while_it_goes_out_ends_nothing(tmp_path: Path) -> None:
    """Of a mapped file this would end the process (SIGBUS), as a bad sector does."""
    begun = threading.Event()
    go_on = threading.Event()

    def mail(_line: str) -> str:
        begun.set()
        return "250 2.1.0 Ok" if go_on.wait(30) else DROP

    with NextHop(Behaviour(mail=mail)) as hop:
        async with delivering(settings({"inside": route_to(hop.port)}), tmp_path) as hub:
            cut = await hub.keep("a@example.org", content=b"x" * 3_000_000 + b"\r\n")
            assert await asyncio.to_thread(begun.wait, 30)
            os.truncate(hub.store.bodies.path(cut), 1_000_000)
            go_on.set()
            entry = await hub.until_attempts(cut, 1)
            assert entry.state is State.QUEUED
            other = await hub.keep("b@example.org")
            await hub.until_state(other, State.DELIVERED)
        assert [got.recipients for got in hop.mails] == [["b@example.org"]]


async def test_one_damaged_page_of_contents_concerns_its_mail_alone(tmp_path: Path) -> None:
    with NextHop() as hop:
        config = settings({"inside": route_to(hop.port)})
        hop.down()
        async with delivering(config, tmp_path) as hub:
            mails = [await hub.keep(f"c{number}@example.org", content=b"Subject: x\r\n\r\n" + b"y" * 9_000) for number in range(8)]
            for mail in mails:
                await hub.until_attempts(mail, 1)
        database = tmp_path / DATABASE
        connection = connect(database)
        pages = [
            as_int(number)
            for (number,) in connection.execute(
                "SELECT pageno FROM dbstat WHERE name = 'body' AND pagetype = 'overflow' ORDER BY pageno"
            ).fetchall()
        ]
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        with database.open("r+b") as file:
            file.seek((pages[0] - 1) * 4096)
            file.write(bytes([255] * 4096))
        hop.up()
        async with delivering(config, tmp_path) as hub:
            states: dict[str, State] = {}
            async with asyncio.timeout(60):
                while sum(state is State.DELIVERED for state in states.values()) < len(mails) - 1:
                    states = {mail: hub.store.entries(mail)[0].state for mail in mails}
                    await asyncio.sleep(0.05)
            assert set(states.values()) <= {State.DELIVERED, State.QUEUED, State.HELD}


async def test_big_contents_that_wait_take_no_descriptors(tmp_path: Path) -> None:
    answer = threading.Event()
    with NextHop(Behaviour(mail=lambda _: "250 2.1.0 Ok" if answer.wait(30) else DROP)) as hop:
        async with delivering(settings({"inside": route_to(hop.port, connections=1)}), tmp_path) as hub:
            before = len(list(Path("/proc/self/fd").iterdir()))
            content = b"x" * 300_000 + b"\r\n"
            mails = [await hub.keep(f"a{number}@example.org", content=content) for number in range(60)]
            assert len(list(Path("/proc/self/fd").iterdir())) < before + 20
            answer.set()
            for mail in mails:
                await hub.until_state(mail, State.DELIVERED)
            assert all(got.content.endswith(content) for got in hop.mails)


async def test_what_was_put_off_before_the_clock_was_set_back_does_not_wait_for_it(tmp_path: Path) -> None:
    clock = Clock()
    clock.ahead = 86_400.0
    with NextHop(Behaviour(final="451 4.3.0 not now")) as hop:
        async with delivering(settings({"inside": route_to(hop.port)}), tmp_path, clock=clock) as hub:
            put_off = await hub.keep("a@example.org")
            await hub.until_attempts(put_off, 1)
            hop.down()
            refused = await hub.keep("b@example.org")
            await hub.until_attempts(refused, 1)
            hop.behaviour = Behaviour()
            hop.up()
            clock.ahead = 0.0
            hub.delivery.wake()
            await hub.until_state(put_off, State.DELIVERED)
            await hub.until_state(refused, State.DELIVERED)


async def test_a_mail_that_breaks_the_code_is_put_off_and_others_go_on(tmp_path: Path) -> None:
    with NextHop() as hop:
        async with delivering(settings({"inside": route_to(hop.port)}), tmp_path) as hub:
            broken = await hub.keep("a@example.org", edits=[Edits(headers=(("no field name", "x"),))])
            sound = await hub.keep("b@example.org")
            await hub.until_state(sound, State.DELIVERED)
            entry = await hub.until_attempts(broken, 1)
            assert (entry.state, entry.reply) == (State.QUEUED, "an unexpected ValueError here: see the log")
            assert entry.doubtful == 0, "it broke before anything was sent"


async def test_what_breaks_during_the_attempt_may_have_left_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def deliver(_self: SmtpCourier, _parcel: Parcel) -> list[Answer]:
        raise KeyError("a fault of ours")

    monkeypatch.setattr(SmtpCourier, "deliver", deliver)
    with NextHop() as hop:
        async with delivering(settings({"inside": route_to(hop.port)}), tmp_path) as hub:
            entry = await hub.until_attempts(await hub.keep("a@example.org"), 1)
            assert (entry.state, entry.doubtful) == (State.QUEUED, 1)
            async with asyncio.timeout(20):
                while hub.delivery._crew.claims:  # the store has it a moment before the loop hears of it
                    await asyncio.sleep(0.01)
            assert hub.store.count_broken_off(hub.clock()) == {}, "it is written down, and no longer under way"


async def test_more_than_fits_into_memory_is_read_in_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screener.delivery.backlog.SLICE", 7)
    monkeypatch.setattr("screener.delivery.lanes.FULL", 10)
    monkeypatch.setattr("screener.delivery.crew.LOW", 3)
    monkeypatch.setattr("screener.delivery.queue.MAX_OCTETS", 500)
    with NextHop() as hop:
        config = settings({"inside": route_to(hop.port, connections=2)})
        hop.down()
        async with delivering(config, tmp_path) as hub:
            mail_ids = [await hub.keep(*(f"r{at}n{number}@example.org" for number in range(3))) for at in range(40)]
        hop.up()
        async with delivering(config, tmp_path) as hub:
            for mail_id in mail_ids:
                await hub.until_state(mail_id, State.DELIVERED)
    assert sorted(recipient for got in hop.mails for recipient in got.recipients) == sorted(
        f"r{at}n{number}@example.org" for at in range(40) for number in range(3)
    )


async def test_offered_and_read_mail_is_never_sent_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screener.delivery.lanes.FULL", 5)
    monkeypatch.setattr("screener.delivery.crew.LOW", 2)
    with NextHop() as hop:
        async with delivering(settings({"inside": route_to(hop.port, connections=3)}), tmp_path) as hub:
            mail_ids = [await hub.keep(f"r{number}@example.org", offer=number % 3 > 0) for number in range(200)]
            for mail_id in mail_ids:
                await hub.until_state(mail_id, State.DELIVERED)
    assert sorted(got.recipients[0] for got in hop.mails) == sorted(f"r{number}@example.org" for number in range(200))


async def test_stop_lets_attempts_finish(tmp_path: Path) -> None:
    with NextHop(Behaviour(delay={"final": 0.5})) as hop:
        config = settings({"inside": route_to(hop.port)})
        async with delivering(config, tmp_path, grace=10) as hub:
            mail_id = await hub.keep("b@example.org")
            await eventually(lambda: "DATA" in hop.verbs(), "it is under way")
        store = SqliteStore.open(tmp_path)
        assert store.entries(mail_id)[0].state is State.DELIVERED
        store.close()


async def test_stop_breaks_off_what_takes_too_long_and_says_so(tmp_path: Path) -> None:
    with NextHop(Behaviour(delay={"final": 20})) as hop:
        config = settings({"inside": route_to(hop.port)}, timeouts=QUICK.model_copy(update={"final": 60}))
        async with delivering(config, tmp_path, grace=0.1) as hub:
            mail_id = await hub.keep("b@example.org")
            await eventually(lambda: "DATA" in hop.verbs(), "it is under way")
        store = SqliteStore.open(tmp_path)
        (entry,) = store.entries(mail_id)
        store.close()
    assert (entry.state, entry.doubtful) == (State.QUEUED, 1)
    assert entry.next_attempt == entry.changed
    assert entry.reply == "The content was sent and no reply came (the service is stopping)"


async def test_a_maildir_route(tmp_path: Path) -> None:
    route = Route(maildir=tmp_path / "drop")
    async with delivering(settings({"drop": route}), tmp_path / "store") as hub:
        mail_id = await hub.keep("b@example.org", "c@example.org")
        entries = await hub.until_state(mail_id, State.DELIVERED)
    (file,) = (tmp_path / "drop" / "new").iterdir()
    assert file.read_bytes() == (
        b"Return-Path: <sender@example.net>\r\nDelivered-To: b@example.org\r\nDelivered-To: c@example.org\r\n" + TRACE + TEXT
    )
    assert entries[0].remote_id == file.name
    assert list((tmp_path / "drop" / "tmp").iterdir()) == []


async def test_a_maildir_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "drop").write_text("a file, no folder")
    route = Route(maildir=tmp_path / "drop")
    config = settings({"drop": route}, retry=Retry(intervals=(0.2,)))
    async with delivering(config, tmp_path / "store") as hub:
        mail_id = await hub.keep("b@example.org")
        entry = await hub.until_attempts(mail_id, 1)
        assert entry.reply.startswith("The Maildir cannot be written: ")
        (tmp_path / "drop").unlink()
        await hub.until_state(mail_id, State.DELIVERED)


@pytest.mark.parametrize("keywords", [("PIPELINING",), ()], ids=["pipelined", "stepwise"])
async def test_chaos_loses_nothing_and_repeats_only_what_was_in_doubt(tmp_path: Path, keywords: tuple[str, ...]) -> None:
    """A next hop that drops, refuses for now, loses replies and goes away: every mail arrives, and each extra copy was counted."""
    draw = random.Random(20)

    def rcpt_reply(_: str) -> str:
        return draw.choices(["250 2.1.5 Ok", "451 4.3.0 later", DROP], [8, 1, 1])[0]

    def final_reply(_: object) -> str:
        return draw.choices(["250 2.0.0 Ok: queued as X", "451 4.3.0 later", "250"], [8, 1, 0])[0]

    def data_reply() -> str:
        hop.behaviour.drop_after_final = draw.random() < 0.15
        return draw.choices(["354 go", "451 4.3.0 later", DROP], [8, 1, 1])[0]

    with NextHop(Behaviour(keywords=keywords, rcpt=rcpt_reply, data=data_reply, final=final_reply)) as hop:
        config = settings({"inside": route_to(hop.port, connections=4)}, retry=Retry(intervals=(0.05,)))
        async with delivering(config, tmp_path) as hub:
            mail_ids = []
            for number in range(120):
                mail_ids.append(await hub.keep(f"r{number}@example.org", offer=number % 2 == 0))
                if number % 40 == 20:
                    hop.down()
                    await asyncio.sleep(0.1)
                    hop.up()
            for mail_id in mail_ids:
                await hub.until_state(mail_id, State.DELIVERED)
            doubtful = {mail_id: hub.entry(mail_id).doubtful for mail_id in mail_ids}
    copies = Counter(got.recipients[0] for got in hop.mails)
    assert set(copies) == {f"r{number}@example.org" for number in range(120)}
    assert sum(doubtful.values()) > 0
    for number, mail_id in enumerate(mail_ids):
        assert copies[f"r{number}@example.org"] <= 1 + doubtful[mail_id]
