"""Addresses beyond ASCII between two real Postfixes, and what becomes of them where the next hop cannot (RFC 6531)."""

from collections.abc import Callable
from pathlib import Path

from fakes.mails import mail
from fakes.service import Hop, running
from fakes.waiting import until
from fakes.wire import Wire
from peers import postfix, traffic

from screener.store.records import State

SENDER, RECIPIENT = "jörg@exämple.net", "grüße@example.org"
PARAMETERS = " SMTPUTF8 BODY=8BITMIME"


def _refuses(hop: Hop) -> str:
    """What it says to the sender of such a mail."""
    with hop.connect() as wire:
        wire.hello()
        return wire.command(f"MAIL FROM:<{SENDER}>").text


def test_such_mail_goes_through(tmp_path: Path, needs: Callable[..., None]) -> None:
    needs(*postfix.COMMANDS)
    with postfix.next_hop() as last:
        settings = {"front_relays": ["127.0.0.1"], "routes": {"inside": {"next_hops": [f"127.0.0.1:{last.port}"], "tls": "none"}}}
        with running(tmp_path, settings=settings) as hop, postfix.front_relay(hop.port) as front:
            content = "Subject: Grüße\r\nFrom: Jörg <jörg@exämple.net>\r\n\r\nHallo.\r\n".encode()
            with Wire(front.port) as wire:
                wire.hello()
                answers = wire.send(SENDER, [RECIPIENT], content, parameters=PARAMETERS)
            assert answers[-1].code == 250, answers
            until(lambda: bool(last.received()), lambda: f"it arrives:\n{front.log()}\n{hop.log()}\n{last.log()}")
            (got,) = last.received()
            assert got.endswith(content)
            assert f"Delivered-To: {RECIPIENT}\r\n".encode() in got
            assert b"by hop.example.net with UTF8SMTP id " in got
            # Without the parameter such an address is no address.
            assert _refuses(hop).startswith(("553 5.6.7 ", "550 5.6.7 ", "501 5.1.7 "))


def test_to_a_next_hop_that_cannot_it_is_reported_and_not_changed(tmp_path: Path, needs: Callable[..., None]) -> None:
    needs(*traffic.COMMANDS)
    with traffic.sink() as sink:
        settings = {"routes": {"inside": {"next_hops": [f"127.0.0.1:{sink.port}"], "tls": "none"}}, "default_route": "inside"}
        with running(tmp_path, settings=settings) as hop:
            answer = hop.send(mail("to a next hop of old"), RECIPIENT, sender="ben@example.net", parameters=PARAMETERS)
            assert answer.code == 250, answer
            until(lambda: bool(hop.entries(State.FAILED, mail_id=answer.id)), lambda: f"it fails:\n{hop.log()}")
            until(lambda: sink.recipients()["ben@example.net"] == 1, "the report arrives")
        assert list(sink.recipients()) == ["ben@example.net"]
