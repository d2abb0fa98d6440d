"""Recipients that a real Postfix does not know: asked before, they are refused at RCPT; afterwards, the sender gets a report."""

import email
import email.policy
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fakes.mails import mail
from fakes.service import running
from fakes.waiting import until
from peers import postfix
from peers.postfix import Postfix

from screener.store.records import State

UNKNOWN = "check_recipient_access inline:{ { nobody@example.org = 550 5.1.1 No such person here } }, permit_mynetworks, reject"


@pytest.fixture(scope="module")
def last(needs: Callable[..., None]) -> Iterator[Postfix]:
    needs(*postfix.COMMANDS)
    with postfix.next_hop(settings={"smtpd_recipient_restrictions": UNKNOWN}) as made:
        yield made


def test_the_sender_of_mail_to_nobody_gets_a_report(tmp_path: Path, last: Postfix) -> None:
    settings = {
        "routes": {"inside": {"next_hops": [f"127.0.0.1:{last.port}"], "tls": "none"}},
        "default_route": "inside",
        "postmaster": "postmaster@example.org",
    }
    with running(tmp_path, settings=settings) as hop:
        secret = "What was said stays unsaid.\r\n"
        answer = hop.send(
            mail("to somebody and nobody", secret), "anna@example.org", "nobody@example.org", sender="ben@example.net"
        )
        assert answer.code == 250
        until(lambda: len(last.received()) >= 2, lambda: f"the mail and its report arrive:\n{hop.log()}\n{last.log()}")
        states = {entry.recipient.address.text: entry.state for entry in hop.entries(mail_id=answer.id)}
    assert states == {"anna@example.org": State.DELIVERED, "nobody@example.org": State.FAILED}
    (report,) = (got for got in last.received() if b"\r\nDelivered-To: ben@example.net\r\n" in got)
    assert report.startswith(b"Return-Path: <>\r\n")
    parsed = email.message_from_bytes(report, policy=email.policy.default)
    assert parsed.get_content_type() == "multipart/report"
    assert parsed.get_param("report-type") == "delivery-status"
    assert parsed["To"] == "ben@example.net"
    assert parsed["Auto-Submitted"] == "auto-replied"
    people, status, headers = parsed.iter_parts()
    assert "nobody@example.org" in people.get_content()
    assert status.get_content_type() == "message/delivery-status"
    fields = [dict(block.items()) for block in status.get_payload()]  # type: ignore[union-attr]
    assert fields[0]["Reporting-MTA"] == "dns; hop.example.net"
    assert fields[1]["Final-Recipient"] == "rfc822; nobody@example.org"
    assert fields[1]["Action"] == "failed"
    assert fields[1]["Status"] == "5.1.1"
    assert "No such person here" in fields[1]["Diagnostic-Code"]
    assert headers.get_content_type() == "text/rfc822-headers"
    assert b"Subject: to somebody and nobody" in report
    assert secret.encode() not in report


def test_mail_from_nobody_to_nobody_is_not_reported_but_held(tmp_path: Path, last: Postfix) -> None:
    settings = {"routes": {"inside": {"next_hops": [f"127.0.0.1:{last.port}"], "tls": "none"}}, "default_route": "inside"}
    with running(tmp_path, settings=settings) as hop:
        before = len(last.received())
        answer = hop.send(mail("from the null sender"), "nobody@example.org", sender="")
        until(lambda: bool(hop.entries(State.HELD)), lambda: f"it is held:\n{hop.log()}")
        (entry,) = hop.entries(mail_id=answer.id)
        assert entry.state is State.HELD
        assert "No such person here" in entry.reply
        assert "undeliverable" in hop.command("hold", "list")
        assert len(last.received()) == before


def test_asked_by_callout_nobody_is_refused_at_rcpt(tmp_path: Path, last: Postfix) -> None:
    settings = {
        "routes": {"inside": {"next_hops": [f"127.0.0.1:{last.port}"], "tls": "none"}},
        "domains": {"example.org": {"route": "inside", "verify": "callout"}},
    }
    before = _asked(last)
    with running(tmp_path, settings=settings) as hop, hop.connect() as wire:
        wire.hello()
        for _ in range(3):
            first, nobody, anna, last_answer = wire.send(
                "ben@example.net", ["nobody@example.org", "anna@example.org"], mail("asked before")
            )
            assert (first.code, anna.code, last_answer.code) == (250, 250, 250)
            assert nobody.text.startswith("550 5.1.1 ")
        assert "/" not in nobody.text
    assert _asked(last) == before + 1, "the answer was kept"


def _asked(last: Postfix) -> int:
    """How often it was asked about nobody by the null sender."""
    return sum("NOQUEUE: reject" in line and "from=<>" in line and "nobody@" in line for line in last.log().splitlines())
