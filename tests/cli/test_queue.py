"""`screener queue` and `screener route` over a real store."""

import asyncio
import json
import re
from collections.abc import Callable

from click.testing import Result
from fakes.filled_hop import Hop

from screener.control import Answer, Control, Request
from screener.store.records import Entry, Event, EventKind, State

Screener = Callable[..., Result]


def last(hop: Hop, mail_id: str) -> tuple[list[Entry], Event]:
    store = hop.store()
    try:
        return store.entries(mail_id), store.events(mail_id)[-1]
    finally:
        store.close()


def test_the_queue_is_listed_with_its_last_reply(hop: Hop, screener: Screener) -> None:
    result = screener("queue", "list")
    assert result.exit_code == 0
    _, row, total = result.stdout.splitlines()
    assert row.split()[0] == hop.queued
    assert re.search(r"  in [1-5]?\d min ", row)  # the store was filled up to an hour ago
    assert row.endswith("451 4.2.0 mailbox busy")
    assert total == "1 recipient"
    (one,) = [json.loads(line) for line in screener("queue", "list", "--json", "--route", "exchange").stdout.splitlines()]
    assert (one["id"], one["attempts"], one["route"]) == (hop.queued, 1, "exchange")
    assert screener("queue", "list", "--route", "local").stdout == "Nothing waits here.\n"


def test_retry_makes_it_due_and_records_who(hop: Hop, screener: Screener) -> None:
    assert screener("queue", "retry", hop.queued).stdout == f"{hop.queued} for carol@example.com: is tried now\n"
    store = hop.store()
    assert [entry.mail_id for entry in store.due(1e12, 10)] == [hop.queued]
    store.close()
    (entry,), event = last(hop, hop.queued)
    assert entry.next_attempt is not None
    assert entry.next_attempt == event.at
    assert (event.kind, event.who) == (EventKind.REQUEUED, "helen")


def test_retry_on_a_paused_route_says_who_paused_it(hop: Hop, screener: Screener) -> None:
    assert screener("route", "pause", "exchange", "--by", "Ivan", "--note", "new disks").exit_code == 0
    result = screener("queue", "retry", hop.queued)
    assert result.exit_code == 0
    assert "is tried now" not in result.stdout
    assert "is due now, but its route exchange was paused by Ivan 20" in result.stdout
    assert result.stdout.endswith("(new disks): it is tried after `screener route resume exchange`\n")
    assert last(hop, hop.queued)[1].kind is EventKind.REQUEUED


def test_retry_of_what_is_not_queued_says_where_it_is(hop: Hop, screener: Screener) -> None:
    result = screener("queue", "retry", hop.two)
    assert result.exit_code == 1
    assert f"mail {hop.two} has no queued recipient: bob@example.org is held; carol@example.com is delivered" in result.stderr


def test_flush(hop: Hop, screener: Screener) -> None:
    assert screener("queue", "flush", "--route", "local").stdout == "0 recipients due now\n"
    assert last(hop, hop.queued)[1].kind is EventKind.DEFERRED
    assert screener("route", "pause", "exchange").exit_code == 0
    assert screener("queue", "flush", "--by", "Ivan").stdout == "1 recipient due now; paused: exchange (by helen)\n"
    assert last(hop, hop.queued)[1].who == "Ivan"
    wrong = screener("queue", "flush", "--route", "exchnage")
    assert wrong.exit_code == 1
    assert wrong.stderr == "no route is named 'exchnage', did you mean 'exchange'?\n"


def test_discarding_queued_mail_always_asks(hop: Hop, screener: Screener) -> None:
    assert screener("queue", "discard", hop.queued, answer="n\n").exit_code == 1
    assert last(hop, hop.queued)[0][0].state is State.QUEUED
    assert screener("queue", "discard", hop.queued, "--note", "sent twice", answer="y\n").exit_code == 0
    (entry,), event = last(hop, hop.queued)
    assert entry.state is State.DISCARDED
    assert (event.who, event.detail) == ("helen", "was queued, sent twice")


def test_discarding_a_route_needs_all(hop: Hop, screener: Screener) -> None:
    assert screener("queue", "discard", "--route", "exchange").exit_code == 2
    assert screener("queue", "discard", "--route", "local", "--all", "--yes").exit_code == 1
    assert screener("queue", "discard", "--route", "exchange", "--all", "--yes").exit_code == 0
    assert last(hop, hop.queued)[0][0].state is State.DISCARDED


def test_show_and_raw(hop: Hop, screener: Screener) -> None:
    assert "Late news" in screener("queue", "show", hop.queued).stdout
    assert screener("queue", "show", "--raw", f"4F{hop.queued}").stdout_bytes.endswith(b"Subject: late\r\n\r\n3\r\n")


def test_routes_are_paused_and_resumed(hop: Hop, screener: Screener) -> None:
    before = [json.loads(line) for line in screener("route", "list", "--json").stdout.splitlines()]
    assert [(one["route"], one["queued"], one["paused"]) for one in before] == [("local", 0, None), ("exchange", 1, None)]
    assert before[1]["next_hops"] == ["127.0.0.1:2526"]
    assert before[0]["maildir"] == str(hop.folder / "var" / "delivered")
    assert screener("route", "pause", "exchange", "--note", "new disks").exit_code == 0
    listed = screener("route", "list").stdout.splitlines()
    assert listed[2].startswith("exchange")
    assert "paused by helen" in listed[2]
    assert listed[2].endswith(": new disks")
    assert "paused" in screener("queue", "list").stdout
    again = screener("route", "pause", "exchange", "--by", "Ivan")
    assert again.stdout.startswith("route exchange was paused already, by helen ")
    assert again.stdout.endswith(": new disks\n")
    assert "paused by helen" in screener("route", "list").stdout
    assert screener("route", "resume", "exchange").exit_code == 0
    again = screener("route", "resume", "exchange")
    assert (again.exit_code, again.stderr) == (1, "route exchange is not paused\n")
    assert screener("route", "pause", "nowhere").exit_code == 1


def test_who_paused_and_resumed_a_route_is_told(hop: Hop, screener: Screener) -> None:
    assert screener("route", "history").stdout == "Nobody has paused a route.\n"
    screener("route", "pause", "exchange", "--note", "new \x1bdisks")
    screener("route", "resume", "exchange", "--by", "Ivan")
    header, *rows = screener("route", "history", "exchange").stdout.splitlines()
    assert header.split() == ["WHEN", "ROUTE", "WHAT", "WHO", "NOTE"]
    assert [row.split()[2:] for row in rows] == [
        ["exchange", "resumed", "Ivan"],
        ["exchange", "paused", "helen", "new", r"\x1bdisks"],
    ]
    (latest,) = [json.loads(line) for line in screener("route", "history", "--json", "--limit", "1").stdout.splitlines()]
    assert latest.pop("at").endswith("Z")
    assert latest == {"route": "exchange", "kind": "resumed", "who": "Ivan", "note": ""}
    assert screener("route", "history", "local").stdout == "Nobody has paused it.\n"
    assert "did you mean 'exchange'" in screener("route", "history", "exchnage").stderr


def test_a_route_that_left_the_settings_is_still_shown(hop: Hop, screener: Screener) -> None:
    settings = hop.config.read_text().replace("  example.com: {route: exchange}\n", "")
    hop.config.write_text("\n".join(line for line in settings.splitlines() if "exchange" not in line) + "\n")
    listed = [json.loads(line) for line in screener("route", "list", "--json").stdout.splitlines()]
    assert [(one["route"], one["queued"], one["configured"]) for one in listed] == [("local", 0, True), ("exchange", 1, False)]
    assert "not in the settings any more" in screener("route", "list").stdout
    assert screener("route", "pause", "exchange").exit_code == 0


async def test_the_running_service_is_woken_by_changes_only(hop: Hop, screener: Screener) -> None:
    asked: list[str] = []

    async def wake(request: Request) -> Answer:
        asked.append(request.command)
        return Answer(True)

    control = Control(hop.folder / "var" / "control.sock", {"wake": wake})
    await control.start()
    try:
        await asyncio.to_thread(screener, "queue", "list")
        assert asked == []
        assert (await asyncio.to_thread(screener, "queue", "retry", hop.queued)).exit_code == 0
        assert asked == ["wake"]
        assert (await asyncio.to_thread(screener, "hold", "release", hop.held)).exit_code == 0
        assert (await asyncio.to_thread(screener, "route", "pause", "local")).exit_code == 0
        assert asked == ["wake"] * 3
    finally:
        await control.stop()
