"""The end of the service: who is idle hears so, who is within a transaction may finish, what is taken is kept."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future

import pytest
from fakes.listener import Listening, listening
from fakes.wire import Lost, Wire

STOPPING = "421 4.3.2 The service stops; try again later"


def _begin_stop(there: Listening, grace: float) -> "Future[None]":
    return asyncio.run_coroutine_threadsafe(there.server.stop(grace), there.loop)


def _within_data(there: Listening) -> Wire:
    wire = there.client()
    wire.command("MAIL FROM:<a@example.net>")
    wire.command("RCPT TO:<b@example.org>")
    assert wire.command("DATA").code == 354
    return wire


def test_idle_sessions_hear_421_and_transactions_finish() -> None:
    with listening() as there:
        idle, busy, begun = there.client(), _within_data(there), there.client()
        begun.command("MAIL FROM:<a@example.net>")
        stopping = _begin_stop(there, 20)
        assert idle.answer().text == STOPPING
        with pytest.raises(Lost):
            idle.answer()
        with pytest.raises(Lost):
            there.connect()
        busy.write(b"x\r\n.\r\n")
        assert busy.answer().text == "250 2.0.0 Ok: queued as ID1"
        assert busy.answer().text == STOPPING
        with pytest.raises(Lost):
            busy.answer()
        assert begun.command("RCPT TO:<b@example.org>").code == 250
        assert begun.command("DATA").code == 354
        begun.write(b"y\r\n.\r\nQUIT\r\n")
        assert [begun.answer().code for _ in range(2)] == [250, 221]
        stopping.result(20)
        assert [mail.content.octets for mail in there.intake.mails] == [b"x\r\n", b"y\r\n"]


def test_who_is_not_done_in_time_is_cut() -> None:
    with listening() as there:
        slow = _within_data(there)
        slow.write(b"half")
        _begin_stop(there, 0.1).result(20)
        assert slow.answer().text == STOPPING
        with pytest.raises(Lost):
            slow.answer()
        assert not there.intake.mails


def test_a_mail_that_is_being_taken_is_waited_for_however_long() -> None:
    with listening() as there:
        there.call(there.intake.go_on.clear)
        wire = _within_data(there)
        wire.write(b"x\r\n.\r\n")
        there.wait(there.intake.taking)
        stopping = _begin_stop(there, 0.0)
        time.sleep(0.4)
        assert not stopping.done()
        there.call(there.intake.go_on.set)
        assert wire.answer().code == 250
        stopping.result(20)
        assert len(there.intake.mails) == 1


def test_and_also_when_its_client_has_gone() -> None:
    with listening() as there:
        there.call(there.intake.go_on.clear)
        wire = _within_data(there)
        wire.write(b"x\r\n.\r\n")
        there.wait(there.intake.taking)
        wire.close()
        stopping = _begin_stop(there, 0.0)
        time.sleep(0.2)
        assert not stopping.done()
        there.call(there.intake.go_on.set)
        stopping.result(20)
        assert len(there.intake.mails) == 1


def test_counts_are_shown_and_forgotten() -> None:
    with listening({"limits": {"idle": "2 s"}}) as there:
        wires = [there.client() for _ in range(3)]
        _until(lambda: there.metrics.gauges.get("inbound") == 3)
        for wire in wires:
            wire.close()
        _until(lambda: there.metrics.gauges.get("inbound") == 0)
        assert there.metrics.counted["connection", "accepted"] == 3


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_all_addresses_of_this_machine() -> None:
    """ "::" takes IPv4 too, and the client has its IPv4 address."""
    with listening({"listeners": [{"name": "inbound", "address": "::", "port": 0}]}) as there:
        for host, address in (("127.0.0.1", "127.0.0.1"), ("::1", "::1")):
            with Wire(there.port, host=host) as wire:
                wire.hello()
                assert wire.send("", ["b@example.org"], b"x\r\n")[-1].code == 250
                assert there.intake.mails[-1].envelope.client.address == address
        assert b"([IPv6:::1])" in there.intake.mails[-1].trace


def test_several_listeners_each_with_its_name() -> None:
    listeners = [{"name": "inbound", "port": 0}, {"name": "internal", "port": 0, "bare_line_ends": "refuse"}]
    with listening({"listeners": listeners}) as there, Wire(there.server.addresses["internal"].port) as wire:
        wire.hello()
        assert wire.send("", ["b@example.org"], b"a\nb\r\n")[-1].code == 554
        assert wire.send("", ["b@example.org"], b"x\r\n")[-1].code == 250
        assert there.intake.mails[0].envelope.client.listener == "internal"


def test_a_port_that_is_taken_opens_nothing() -> None:
    with listening() as there:
        listeners = [{"name": "inbound", "port": 0}, {"name": "second", "port": there.port}]
        with pytest.raises(OSError, match="in use"), listening({"listeners": listeners}):
            pass
