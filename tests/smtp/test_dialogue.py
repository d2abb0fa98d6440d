"""The commands, in and out of order, as a client sees them."""

import time

import pytest
from fakes.listener import listening
from fakes.wire import Lost, Wire

from screener.mail.envelope import Body, Notify, Return
from screener.mail.reply import Reply

CONTENT = b"Subject: hello\r\n\r\nA line.\r\n.A dot.\r\n..Two.\r\n"


def test_a_mail_comes_in_whole() -> None:
    with listening() as there, there.connect() as wire:
        assert wire.greeting.text == "220 hop.example.net ESMTP Screener"
        hello = wire.hello("client.example.net")
        assert hello.lines == (
            "hop.example.net",
            "PIPELINING",
            "SIZE 52428800",
            "8BITMIME",
            "SMTPUTF8",
            "ENHANCEDSTATUSCODES",
            "DSN",
        )
        answers = wire.send("anna@example.net", ["bert@example.org"], CONTENT, parameters=" SIZE=100 BODY=8BITMIME")
        assert [answer.text for answer in answers] == ["250 2.1.0 Ok", "250 2.1.5 Ok", "250 2.0.0 Ok: queued as ID1"]
        assert wire.command("QUIT").text == "221 2.0.0 Bye"
        (mail,) = there.intake.mails
        assert mail.id == "ID1"
        assert mail.content.octets == CONTENT
        assert mail.content.defects == frozenset()
        assert mail.received == 1_700_000_000.0
        assert mail.envelope.sender.text == "anna@example.net"
        assert [one.address.text for one in mail.envelope.recipients] == ["bert@example.org"]
        assert mail.envelope.body is Body.EIGHT_BIT
        assert mail.envelope.declared_size == 100
        client = mail.envelope.client
        assert (client.address, client.helo, client.protocol, client.listener) == (
            "127.0.0.1",
            "client.example.net",
            "ESMTP",
            "inbound",
        )
        head, _, date = mail.trace.rpartition(b";")
        assert head == (
            b"Received: from client.example.net ([127.0.0.1])\r\n\tby hop.example.net with ESMTP id ID1\r\n\tfor <bert@example.org>"
        )
        assert date.startswith(b"\r\n\t")
        assert date.endswith(b"\r\n")


def _answers(wire: Wire, *lines: str) -> list[str]:
    return [wire.command(line).text for line in lines]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["MAIL FROM:<a@b.example>"], "503 5.5.1 Say EHLO first"),
        (["EHLO x", "RCPT TO:<a@example.org>"], "503 5.5.1 MAIL first"),
        (["EHLO x", "DATA"], "503 5.5.1 MAIL first"),
        (["EHLO x", "MAIL FROM:<>", "DATA"], "503 5.5.1 RCPT first"),
        (["EHLO x", "MAIL FROM:<>", "MAIL FROM:<>"], "503 5.5.1 Nested MAIL; RSET ends the transaction before"),
        (["EHLO x", "MAIL FROM:<>", "RCPT TO:<a@elsewhere.example>", "DATA"], "554 5.5.1 No valid recipients"),
        (["EHLO x", "MAIL FROM:<>", "RSET", "RCPT TO:<a@example.org>"], "503 5.5.1 MAIL first"),
        (["EHLO x", "MAIL FROM:<>", "EHLO x", "RCPT TO:<a@example.org>"], "503 5.5.1 MAIL first"),
        (["EHLO x", "MAIL FROM:<>", "RCPT TO:<a@example.org>", "DATA now"], "501 5.5.4 No argument expected"),
        (["EHLO"], "501 5.5.4 Syntax: EHLO your-host-name"),
        (["HELO two words"], "501 5.5.4 Syntax: EHLO your-host-name"),
        (["helo x"], "250 hop.example.net"),
        (["NOOP whatever"], "250 2.0.0 Ok"),
        (["VRFY anna"], "252 2.5.0 Cannot verify; send mail and see"),
        (["VRFY"], "501 5.5.4 Syntax: VRFY address"),
        (["RSET"], "250 2.0.0 Ok"),
        (["RSET x"], "501 5.5.4 No argument expected"),
        (["QUIT x"], "501 5.5.4 No argument expected"),
        (["EXPN list"], "502 5.5.1 Command not implemented"),
        (["EHLO x", "STARTTLS"], "502 5.5.1 Command not implemented"),
        (["EHLO x", "AUTH PLAIN"], "502 5.5.1 Command not implemented"),
        (["EHLO x", "BDAT 3 LAST"], "502 5.5.1 Command not implemented"),
        (["EHLO x", "XCLIENT ADDR=192.0.2.1"], "550 5.7.0 Not from you"),
        (["HELP"], "214 2.0.0 Commands: EHLO HELO MAIL RCPT DATA RSET NOOP VRFY HELP STARTTLS QUIT (RFC 5321)"),
        (["FROBNICATE"], "500 5.5.2 Command not recognized"),
        ([""], "500 5.5.2 Command not recognized"),
        ([" MAIL FROM:<>"], "500 5.5.2 Command not recognized"),
        (["EHLO x", "MAIL FROM:a@b.example"], "501 5.5.4 Syntax: MAIL FROM:<address> [parameters]; the angle brackets are needed"),
        (["EHLO x", "MAIL FROM:<a@b.example> FOO=bar"], "555 5.5.4 Parameter FOO is not offered here"),
        (["EHLO x", "mail from:<a@b.example> size=1 body=7bit"], "250 2.1.0 Ok"),
        (["EHLO x", "MAIL FROM: <a@b.example>"], "250 2.1.0 Ok"),
        (["EHLO x", "MAIL FROM:<a@b.example> SIZE=99999999999"], "552 5.3.4 The message is bigger than this host takes"),
    ],
)
def test_each_command_has_its_reply(lines: list[str], expected: str) -> None:
    with listening() as there, there.connect() as wire:
        assert _answers(wire, *lines)[-1] == expected
        assert not there.intake.mails


def test_parameters_are_kept() -> None:
    with listening() as there, there.client() as wire:
        wire.command("MAIL FROM:<a@b.example> RET=HDRS ENVID=QQ+2B1 AUTH=<> SMTPUTF8")
        assert wire.command("RCPT TO:<x@example.org> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;x+2By@example.org").code == 250
        assert wire.command("RCPT TO:<böb@example.org> NOTIFY=NEVER").code == 250
        assert wire.command("DATA").code == 354
        wire.write(b".\r\n")
        assert wire.answer().code == 250
        envelope = there.intake.mails[0].envelope
        assert (envelope.ret, envelope.envid, envelope.smtputf8) == (Return.HEADERS, "QQ+2B1", True)
        assert envelope.client.protocol == "UTF8SMTP"
        first, second = envelope.recipients
        assert first.notify == {Notify.SUCCESS, Notify.DELAY}
        assert first.orcpt == "rfc822;x+2By@example.org"
        assert second.notify == {Notify.NEVER}
        assert there.intake.mails[0].content.octets == b""
        assert b" for <" not in there.intake.mails[0].trace


def test_pipelined_replies_keep_their_order_and_a_second_mail_may_follow() -> None:
    with listening() as there, there.client() as wire:
        one = b"MAIL FROM:<a@b.example>\r\nRCPT TO:<x@example.org>\r\nRCPT TO:<y@elsewhere.example>\r\nDATA\r\n"
        wire.write(one)
        assert [wire.answer().code for _ in range(4)] == [250, 250, 550, 354]
        wire.write(b"first\r\n.\r\n" + one)
        assert [wire.answer().code for _ in range(5)] == [250, 250, 250, 550, 354]
        wire.write(b"second\r\n.\r\nNOOP\r\nQUIT\r\n")
        assert [wire.answer().code for _ in range(3)] == [250, 250, 221]
        assert [mail.content.octets for mail in there.intake.mails] == [b"first\r\n", b"second\r\n"]


def test_a_recipient_named_twice_gets_one_copy() -> None:
    with listening() as there, there.client() as wire:
        answers = wire.send("a@b.example", ["x@example.org", "x@example.org", "y@example.org"], b"x\r\n")
        assert [answer.code for answer in answers] == [250, 250, 250, 250, 250]
        assert [one.address.text for one in there.intake.mails[0].envelope.recipients] == ["x@example.org", "y@example.org"]


def test_a_recipient_put_off_never_makes_the_mail_fail_for_good() -> None:
    with listening() as there, there.client() as wire:
        there.intake.refuses = lambda *_: Reply(451, "4.3.0", "later")
        wire.write(b"MAIL FROM:<a@b.example>\r\nRCPT TO:<x@example.org>\r\nRCPT TO:<x@elsewhere.example>\r\nDATA\r\n")
        assert [wire.answer().code for _ in range(4)] == [250, 451, 550, 451]


def test_a_mail_by_helo_is_no_esmtp() -> None:
    with listening() as there, there.connect() as wire:
        assert wire.command("HELO old.example").lines == ("hop.example.net",)
        wire.send("a@b.example", ["x@example.org"], b"x\r\n")
        assert there.intake.mails[0].envelope.client.protocol == "SMTP"
        assert b" with SMTP id ID1" in there.intake.mails[0].trace


def test_a_command_letter_by_letter_does_not_start_the_idle_time_anew() -> None:
    with listening({"limits": {"idle": "500 ms"}}) as there, there.client() as wire:
        with pytest.raises(Lost):
            for _ in range(1000):
                wire.write(b"N")
                time.sleep(0.02)
        assert there.metrics.counted["refusal", "timeout"] == 1


def test_lines_end_with_crlf_alone() -> None:
    with listening() as there, there.connect() as wire:
        for line in (b"EHLO x\n", b"EHLO x\rMAIL FROM:<>\r\n", b"EHLO x\0\r\n", b"\n"):
            wire.write(line)
            assert wire.answer().text == "500 5.5.2 A command is one line of printable characters that ends with CRLF"
        wire.write(b"EH")
        wire.write(b"LO x\r")
        wire.write(b"\nNOOP\r")
        assert wire.answer().code == 250
        wire.write(b"\n")
        assert wire.answer().code == 250
