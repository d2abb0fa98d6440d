"""XCLIENT and XFORWARD: who the client is behind a trusted front relay."""

import pytest
from fakes.listener import listening
from fakes.wire import Lost

from screener.mail.envelope import Client
from screener.mail.reply import Reply
from screener.smtp.xclient import XCLIENT, XFORWARD, parse_attributes

FRONT = "127.0.0.9"
SETTINGS: dict[str, object] = {"front_relays": ["127.0.0.8/31"]}


def test_only_front_relays_are_told_of_them() -> None:
    with listening(SETTINGS) as there:
        with there.connect(FRONT) as wire:
            lines = wire.hello().lines
            assert "XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT REVERSE_NAME" in lines
            assert "XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE" in lines
        with there.connect("127.0.0.10") as wire:
            assert not any(line.startswith("X") for line in wire.hello().lines)


def test_xclient_makes_it_another_clients_session() -> None:
    with listening(SETTINGS) as there, there.client(FRONT) as wire:
        answer = wire.command("XCLIENT NAME=mail.example.net ADDR=IPV6:2001:DB8::7 PORT=4711 PROTO=ESMTP HELO=spoofed LOGIN=a+2Bb")
        assert answer.text == "220 hop.example.net ESMTP Screener"
        assert wire.command("MAIL FROM:<>").text == "503 5.5.1 Say EHLO first"
        wire.hello("mail.example.net")
        for _ in range(2):
            wire.send("", ["b@example.org"], b"x\r\n")
        for mail in there.intake.mails:
            assert mail.envelope.client == Client(
                "2001:db8::7",
                4711,
                "mail.example.net",
                "mail.example.net",
                "ESMTP",
                authenticated="a+b",
                listener="inbound",
                front=FRONT,
            )
            assert mail.trace.startswith(b"Received: from mail.example.net (mail.example.net [IPv6:2001:db8::7])\r\n")


def test_xforward_speaks_of_the_next_mail_only() -> None:
    with listening(SETTINGS) as there, there.client(FRONT) as wire:
        assert wire.command("XFORWARD NAME=mail.example.net ADDR=198.51.100.7 PORT=4711 PROTO=ESMTP").text == "250 2.0.0 Ok"
        assert wire.command("XFORWARD HELO=there.example IDENT=4B3F7 SOURCE=REMOTE").code == 250
        wire.send("", ["b@example.org"], b"x\r\n")
        wire.send("", ["b@example.org"], b"x\r\n")
        first, second = there.intake.mails
        client = first.envelope.client
        assert (client.address, client.port, client.name) == ("198.51.100.7", 4711, "mail.example.net")
        assert (client.helo, client.front, client.front_id) == ("there.example", FRONT, "4B3F7")
        assert first.trace.startswith(b"Received: from client.example.net ([127.0.0.9])\r\n")
        assert (second.envelope.client.address, second.envelope.client.front) == (FRONT, "")


def test_unknown_is_said_in_two_ways() -> None:
    with listening(SETTINGS) as there, there.client(FRONT) as wire:
        assert wire.command("XFORWARD NAME=[UNAVAILABLE] ADDR=[TEMPUNAVAIL] HELO=[UNAVAILABLE] IDENT=+5BUNAVAILABLE+5D").code == 250
        wire.send("", ["b@example.org"], b"x\r\n")
        client = there.intake.mails[0].envelope.client
        assert (client.address, client.name, client.helo, client.front_id, client.front) == ("", "", "", "", FRONT)


@pytest.mark.parametrize("verb", ["XCLIENT", "XFORWARD"])
@pytest.mark.parametrize(
    "argument",
    [
        "",
        "ADDR",
        "ADDR=",
        "ADDR=nonsense",
        "ADDR=256.1.1.1",
        "PORT=65536",
        "PORT=-1",
        "PORT=²",
        "PROTO=HTTP",
        "NAME=two+20words",
        "NAME=<script>",
        "HELO=+0D+0A",
        "HELO=+00",
        "HELO=+FF",
        "FOO=bar",
        "ADDR=fe80::1%x+29+20by+20elsewhere",
        "NAME=" + "n" * 300,
    ],
)
def test_nonsense_is_refused(verb: str, argument: str) -> None:
    with listening(SETTINGS) as there, there.client(FRONT) as wire:
        assert wire.command(f"{verb} {argument}").text.startswith("501 5.5.4 ")


@pytest.mark.parametrize("verb", ["XCLIENT", "XFORWARD"])
def test_not_within_a_transaction(verb: str) -> None:
    with listening(SETTINGS) as there, there.client(FRONT) as wire:
        wire.command("MAIL FROM:<>")
        assert wire.command(f"{verb} ADDR=192.0.2.1").text == "503 5.5.1 Not within a transaction"


def test_a_client_behind_a_front_relay_has_its_own_limit() -> None:
    with listening(SETTINGS | {"limits": {"connections_per_client": 2}}) as there:
        wires = [there.client(FRONT) for _ in range(3)]
        answers = [wire.command("XCLIENT ADDR=198.51.100.7").code for wire in wires]
        assert answers == [220, 220, 421]
        with pytest.raises(Lost):
            wires[2].answer()
        assert wires[1].command("XCLIENT ADDR=198.51.100.8").code == 220
        with there.client(FRONT) as another:
            assert another.command("XCLIENT ADDR=198.51.100.7").code == 220
        for wire in wires:
            wire.close()


def test_attributes_are_xtext() -> None:
    assert parse_attributes("HELO=a+3Db NAME=x.example", XCLIENT) == {"HELO": "a=b", "NAME": "x.example"}
    assert parse_attributes("addr=::ffff:192.0.2.1", XFORWARD) == {"ADDR": "192.0.2.1"}
    assert isinstance(parse_attributes("LOGIN=x", XFORWARD), Reply)


def test_what_a_later_xclient_does_not_name_stays() -> None:
    with listening(SETTINGS) as there, there.connect(FRONT) as wire:
        wire.hello()
        for command in ("XCLIENT ADDR=198.51.100.7", "XCLIENT NAME=mail.example.net", "EHLO x", "MAIL FROM:<a@b.example>"):
            assert wire.command(command).code < 300
        for command in ("RCPT TO:<anna@example.org>", "DATA", "."):
            assert wire.command(command).code < 400
        client = there.intake.mails[0].envelope.client
        assert (client.address, client.name) == ("198.51.100.7", "mail.example.net")
