"""The way of a mail from the store to a next hop and back into the store, over real sockets."""

from pathlib import Path

import pytest
from fakes.delivering import TEXT, TRACE, delivering, route_to, settings
from fakes.next_hop import Behaviour, NextHop

from screener.store.records import State


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
    assert entries[0].reply == "undeliverable: 550 5.1.1 unknown"
    assert entries[2].reply == "451 4.7.1 greylisted"
    assert hop.mails[0].recipients == ["b@example.org"]
