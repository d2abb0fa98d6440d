"""Promise 8: nothing relays that was not allowed to. A default smart host never makes a domain acceptable."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.mails import mail
from fakes.service import Hop, running
from fakes.wire import Wire

SENDERS = ("", "someone@example.net", "anna@example.org", "postmaster@hop.example.net")

# Every form in which a relay was ever talked into carrying mail to victim@example.com.
FORMS = (
    "<victim@example.com>",
    "victim@example.com",
    "<victim@EXAMPLE.COM>",
    "<victim@example.com.>",
    "<victim@[192.0.2.1]>",
    "<victim@192.0.2.1>",
    "<victim@[IPv6:2001:db8::1]>",
    "<victim@[127.0.0.1]>",
    "<victim@localhost>",
    "<victim@127.0.0.1>",
    "<victim@[::1]>",
    "<victim>",
    "<victim@>",
    "<@example.com>",
    "<>",
    "",
    "<victim%example.com@hop.example.net>",
    "<victim%example.com@example.net>",
    "<victim%example.com@[127.0.0.1]>",
    "<victim%example.com>",
    "<example.com!victim>",
    "<example.com!victim@hop.example.net>",
    "<example.com!victim@localhost>",
    "<example.com!victim@[127.0.0.1]>",
    "<hop.example.net!example.com!victim>",
    "<@hop.example.net:victim@example.com>",
    "<@example.org:victim@example.com>",
    "<@example.org,@hop.example.net:victim@example.com>",
    "<@[127.0.0.1]:victim@example.com>",
    "<@localhost:victim@example.com>",
    '<"victim@example.com">',
    '<"victim%example.com">',
    '<"victim@example.com"@hop.example.net>',
    '<"victim%example.com"@hop.example.net>',
    '<"victim@example.com"@[127.0.0.1]>',
    '<"victim@example.com"@example.org>',
    "<victim%example.com@example.org>",
    "<example.com!victim@example.org>",
    '<"victim"@example.com>',
    '<"vic\\tim"@example.com>',
    '<"<victim@example.com>"@hop.example.net>',
    "<victim@example.com@hop.example.net>",
    "<victim@example.com@example.org>",
    "<victim@example.org@example.com>",
    "<victim@@example.com>",
    "<victim@example.com,anna@example.org>",
    "<anna@example.org,victim@example.com>",
    "<victim@example.com anna@example.org>",
    "<victim@example.com> <anna@example.org>",
    "<anna@example.org> <victim@example.com>",
    "<anna@example.org>,<victim@example.com>",
    "<victim@example.com;anna@example.org>",
    "<<victim@example.com>>",
    "<anna@example.org><victim@example.com>",
    "<victim@example.com(anna@example.org)>",
    "<victim@example.com (comment)>",
    "(anna@example.org)<victim@example.com>",
    "Anna <victim@example.com>",
    "<victim@sub.example.org.example.com>",
    "<victim@example.org.example.com>",
    "<victim@notexample.org>",
    "<victim@sub.example.org>",
    "<victim@example.org.>",
    "<victim@.example.org>",
    "<victim@example..org>",
    "<victim@example.org/example.com>",
    "<victim@example.org:25>",
    "<victim@example.com\0@example.org>",
    "<victim@example.com\0.example.org>",
    "<victim@example.com\t@example.org>",
    "<victim@ехample.org>",
    "<victim@example。com>",
    "<victim@exаmple.org>",
    "<victim@xn--xmple-4ve.org>",
    "<victim@hop.example.net>",
    "<victim@example>",
    "<victim@org>",
    "<victim@com>",
    "<victim@#3221225985>",
    "<victim@ example.com>",
    "<victim @example.com>",
    "<victim@example.com",
    "victim@example.com>",
    "<root>",
    "<abuse>",
    "<mailer-daemon@example.com>",
    "<postmaster@example.com>",
    "<victim@example.com> NOTIFY=NEVER",
    "<victim@example.com> ORCPT=rfc822;anna@example.org",
    "<victim@example.com>\rRCPT TO:<anna@example.org>",
)


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hop]:
    """A hop with a default route, and with relay clients that the test is none of."""
    settings = {
        "routes": {"inside": {"maildir": "delivered"}, "outside": {"maildir": "outside"}},
        "default_route": "outside",
        "relay_clients": ["127.0.0.99"],
        "limits": {"bad_commands": 10_000},
    }
    with running(tmp_path_factory.mktemp("hop"), settings=settings) as made:
        yield made


def test_there_are_enough_forms() -> None:
    assert len(set(FORMS)) == len(FORMS) >= 60


@pytest.mark.parametrize("sender", SENDERS)
def test_no_form_of_a_foreign_recipient_is_accepted(closed: Hop, sender: str) -> None:
    with closed.connect() as wire:
        assert wire.hello().code == 250
        for form in FORMS:
            assert wire.command(f"MAIL FROM:<{sender}> SMTPUTF8").code == 250
            answer = wire.command(f"RCPT TO:{form}")
            assert 500 <= answer.code < 560, (form, answer)
            assert wire.command("DATA").code in (503, 554), form
            assert wire.command("RSET").code == 250
    assert closed.entries() == []
    assert not list((closed.folder / "outside").glob("new/*"))


def test_a_foreign_recipient_does_not_come_in_beside_an_own_one(closed: Hop) -> None:
    with closed.connect() as wire:
        wire.hello()
        answers = wire.send("ben@example.net", ["victim@example.com", "anna@example.org", "victim@example.net"], mail("both"))
    assert [answer.code for answer in answers] == [250, answers[1].code, 250, answers[3].code, 250]
    assert {answers[1].code, answers[3].code} <= {550, 554}
    assert [entry.recipient.address.text for entry in closed.entries(mail_id=answers[-1].id)] == ["anna@example.org"]


@pytest.mark.parametrize("form", ["<Postmaster@example.org>", "<postmaster>", "<POSTMASTER>"])
def test_postmaster_is_ours_with_and_without_a_domain(closed: Hop, form: str) -> None:
    with closed.connect() as wire:
        wire.hello()
        wire.command("MAIL FROM:<ben@example.net>")
        assert wire.command(f"RCPT TO:{form}").code == 250


def test_who_may_relay_may(closed: Hop) -> None:
    with Wire(closed.port, source="127.0.0.99") as wire:
        wire.hello()
        assert wire.send("ben@example.org", ["friend@example.com"], mail("out"))[-1].code == 250


def test_xclient_and_xforward_of_a_stranger_make_nobody_a_relay_client(tmp_path: Path, closed: Hop) -> None:
    for line in ("XCLIENT ADDR=127.0.0.99", "XFORWARD ADDR=127.0.0.99"):
        with closed.connect() as wire:
            hello = wire.hello()
            assert not any(text.startswith(("XCLIENT", "XFORWARD")) for text in hello.lines)
            assert wire.command(line).code >= 500
            wire.hello()
            wire.command("MAIL FROM:<ben@example.net>")
            assert wire.command("RCPT TO:<victim@example.com>").code >= 550
