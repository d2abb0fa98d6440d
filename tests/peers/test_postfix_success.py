"""A sender who asks for a report of success (RFC 3461) gets one: from the last host that knows of it."""

import email
import email.policy
from collections.abc import Callable
from pathlib import Path

from fakes.mails import mail
from fakes.service import running
from fakes.waiting import until
from fakes.wire import Wire
from peers import postfix, traffic

from screener.store.records import State

ASKING = (
    b"MAIL FROM:<ben@example.net> RET=HDRS ENVID=QQ314159\r\n"
    b"RCPT TO:<anna@example.org> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;anna+2Bnews@example.org\r\nDATA\r\n"
)


def _send(port: int, content: bytes) -> None:
    with Wire(port) as wire:
        assert "DSN" in wire.hello().lines
        wire.write(ASKING)
        assert [wire.answer().code for _ in range(3)] == [250, 250, 354]
        wire.write(content + b".\r\n")
        assert wire.answer().code == 250


def test_a_next_hop_that_can_is_asked_in_its_turn(tmp_path: Path, needs: Callable[..., None]) -> None:
    needs(*postfix.COMMANDS)
    with postfix.next_hop() as last:
        settings = {"front_relays": ["127.0.0.1"], "routes": {"inside": {"next_hops": [f"127.0.0.1:{last.port}"], "tls": "none"}}}
        with running(tmp_path, settings=settings) as hop, postfix.front_relay(hop.port) as front:
            _send(front.port, mail("tell me"))
            until(lambda: len(last.received()) == 2, lambda: f"{front.log()}\n{hop.log()}\n{last.log()}")
            assert hop.metric("screener_reports_total") == 0
            (report,) = (got for got in last.received() if b"\r\nDelivered-To: ben@example.net\r\n" in got)
    status = list(email.message_from_bytes(report, policy=email.policy.default).iter_parts())[1]
    fields = [dict(block.items()) for block in status.get_payload()]  # type: ignore[union-attr]
    assert fields[0]["Reporting-MTA"] == "dns; exchange.example.net"
    assert fields[0]["Original-Envelope-Id"] == "QQ314159"
    assert fields[1]["Original-Recipient"] == "rfc822;anna+news@example.org"
    assert fields[1]["Action"] == "delivered"


def test_for_a_next_hop_that_cannot_we_say_that_it_was_relayed(tmp_path: Path, needs: Callable[..., None]) -> None:
    needs(*traffic.COMMANDS)
    with traffic.sink("-N") as sink:
        settings = {"routes": {"inside": {"next_hops": [f"127.0.0.1:{sink.port}"], "tls": "none"}}, "default_route": "inside"}
        with running(tmp_path, settings=settings) as hop:
            _send(hop.port, mail("tell me"))
            until(lambda: not hop.entries(State.QUEUED) and len(hop.entries()) == 2, lambda: f"both arrive:\n{hop.log()}")
            assert hop.metric("screener_reports_total", kind="success") == 1
            report = next(entry for entry in hop.entries() if entry.recipient.address.text == "ben@example.net")
            with hop.store() as store:
                story = store.mail(report.mail_id)
        assert sink.recipients() == {"anna@example.org": 1, "ben@example.net": 1}
        text = sink.text()
    assert story is not None
    assert story.envelope.sender.is_null
    assert "Action: relayed" in text
    assert "Original-Envelope-Id: QQ314159" in text
