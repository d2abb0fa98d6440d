"""What aiosmtpd does wrong by itself (reference: libraries, the numbered list), each on the wire against ours."""

import asyncio
import errno
import logging
import re
import resource
import socket
import threading
import time
from pathlib import Path

import pytest
from fakes.listener import listening
from fakes.wire import Lost, Wire, stuffed

from screener.mail.address import Address
from screener.mail.reply import Reply
from screener.smtp.incoming import MAX_WAITING
from screener.smtp.session import Session


def _begun(wire: Wire, *recipients: str) -> None:
    """MAIL, RCPT, DATA."""
    wire.command("MAIL FROM:<a@example.net>")
    for recipient in recipients or ("b@example.org",):
        assert wire.command(f"RCPT TO:<{recipient}>").code == 250
    assert wire.command("DATA").code == 354


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def test_1_octets_without_a_line_end_do_not_gather_in_memory() -> None:
    with listening({"limits": {"message_size": "1 MiB"}}, drain=200_000_000) as there, there.client() as wire:
        _begun(wire)
        wire.write(b"x" * 2_000_000)
        before = _peak()
        for _ in range(20):
            wire.write(b"x" * 1_000_000)
        wire.write(b"\r\n.\r\n")
        assert wire.answer().text == "552 5.3.4 The message is bigger than this host takes"
        assert _peak() - before < 8_000_000
        assert wire.send("a@example.net", ["b@example.org"], b"x\r\n")[-1].code == 250
        (body,) = there.intake.bodies
        assert body.abandoned
        assert not body.path.exists()


def test_1_a_command_without_a_line_end_does_not_gather_either() -> None:
    with listening() as there, there.client() as wire:
        before = _peak()
        with pytest.raises(Lost):
            for _ in range(100):
                wire.write(b"N" * 1_000_000)
        assert _peak() - before < 8_000_000


def test_1_a_big_content_goes_to_a_file_while_it_comes() -> None:
    content = b"Subject: big\r\n\r\n" + b"".join(b"%070d\r\n" % number for number in range(80_000))
    with listening() as there, there.client() as wire:
        assert wire.send("a@example.net", ["b@example.org"], content)[-1].code == 250
        (mail,) = there.intake.mails
        assert mail.content.path
        assert bytes(mail.content.octets) == content
        assert there.intake.bodies[0].finished


@pytest.mark.parametrize("length", [1001, 70_000])
def test_2_a_long_line_is_taken(length: int) -> None:
    content = b"Subject: x\r\n\r\n" + b"x" * length + b"\r\n"
    with listening() as there, there.client() as wire:
        assert wire.send("a@example.net", ["b@example.org"], content)[-1].code == 250
        assert there.intake.mails[0].content.octets == content
        assert there.intake.mails[0].content.defects == {"long-line"}


@pytest.mark.parametrize("how", ["drop", "reset", "half-close"])
def test_3_a_client_that_goes_does_not_cancel_what_is_taken(how: str) -> None:
    with listening() as there:
        there.call(there.intake.go_on.clear)
        wire = there.client()
        _begun(wire)
        wire.write(b"x\r\n.\r\n")
        there.wait(there.intake.taking)
        match how:
            case "drop":
                wire.close()
            case "reset":
                wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
                wire.close()
            case _:
                wire.socket.shutdown(socket.SHUT_WR)
        time.sleep(0.05)  # the listener hears of it; the mail is taken all the same, however long that is
        there.call(there.intake.go_on.set)
        if how == "half-close":
            assert wire.answer().code == 250
            with pytest.raises(Lost):
                wire.answer()
            wire.close()
        _until(lambda: len(there.intake.mails) == 1)
        _until(lambda: not there.call(there.server.sessions))


@pytest.mark.parametrize("octets", [b"", b"half a li", b"x" * 300_000, b"whole\r\n.\r"])
def test_3_a_client_that_goes_within_the_data_leaves_nothing(octets: bytes) -> None:
    with listening() as there:
        wire = there.client()
        _begun(wire)
        wire.write(octets)
        wire.close()
        _until(lambda: not there.call(there.server.sessions))
        assert not there.intake.mails
        assert all(body.abandoned and not body.path.exists() for body in there.intake.bodies)


def test_4_each_block_of_data_starts_the_idle_time_anew_and_its_end_is_said() -> None:
    with listening({"limits": {"idle": "600 ms"}}) as there, there.client() as wire:
        _begun(wire)
        for _ in range(8):
            wire.write(b"slow\r\n")
            time.sleep(0.15)
        wire.write(b".\r\n")
        assert wire.answer().code == 250
        assert there.intake.mails[0].content.octets == b"slow\r\n" * 8
        assert wire.answer().text == "421 4.4.2 Waited too long; try again later"
        with pytest.raises(Lost):
            wire.answer()


def test_4_a_slow_intake_does_not_count_as_an_idle_client() -> None:
    with listening({"limits": {"idle": "100 ms"}}) as there, there.client() as wire:
        there.call(there.intake.go_on.clear)
        _begun(wire)
        wire.write(b"x\r\n.\r\n")
        there.wait(there.intake.taking)
        time.sleep(0.5)
        there.call(there.intake.go_on.set)
        assert wire.answer().code == 250


def test_4_a_transaction_has_a_time_in_all() -> None:
    with listening({"limits": {"idle": "10 s", "transaction": "300 ms"}}) as there, there.client() as wire:
        _begun(wire)
        with pytest.raises(Lost):
            for _ in range(200):
                wire.write(b"drip\r\n")
                time.sleep(0.02)
        assert not there.intake.mails
        assert there.metrics.counted["refusal", "timeout"] == 1


@pytest.mark.parametrize("where", ["ready", "rcpt", "take"])
def test_5_an_exception_is_451_and_tells_nothing(where: str, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Reply:
        raise ValueError("secret in /etc/passwd")

    caplog.set_level(logging.INFO, "screener")

    with listening() as there, there.client() as wire:
        match where:
            case "ready":
                there.intake.ready = broken  # type: ignore[method-assign]
                wire.write(b"MAIL FROM:<a@example.net>\r\n")
            case "rcpt":
                there.intake.refuses = lambda *_: broken()
                wire.command("MAIL FROM:<a@example.net>")
                wire.write(b"RCPT TO:<b@example.org>\r\n")
            case _:
                there.intake.raises = ValueError("secret in /etc/passwd")
                _begun(wire)
                wire.write(b"x\r\n.\r\n")
        assert wire.answer().text == "451 4.3.0 Trouble at this host; try again later"
        assert wire.command("NOOP").code == 250
    (fields,) = [vars(record)["fields"] for record in caplog.records if record.msg == "trouble"]
    assert fields["exception"] == "ValueError"
    assert fields["place"]
    assert "secret" not in str(fields)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(errno.ENOSPC, "full", "/var/store/x"), "452 4.3.1 Not enough room to keep mail now; try again later"),
        (OSError(errno.EIO, "broken", "/var/store/x"), "451 4.3.0 Trouble at this host; try again later"),
    ],
)
def test_5_a_disk_that_fails_within_the_data_is_answered_at_its_end(error: OSError, expected: str) -> None:
    with listening() as there, there.client() as wire:
        there.intake.body_fails = error
        _begun(wire)
        wire.write(stuffed(b"RCPT TO:<no@command.example>\r\n" * 30_000) + b"NOOP\r\n")
        assert wire.answer().text == expected
        assert wire.answer().text == "250 2.0.0 Ok"
        assert there.intake.bodies[0].abandoned
        there.intake.body_fails = None
        assert wire.send("a@example.net", ["b@example.org"], b"x\r\n")[-1].code == 250


def test_5_there_is_no_hook_that_could_be_missing() -> None:
    """Every command there is has a method in one table; nothing is looked up by name at run time."""
    source = Path(Session.__module__.replace(".", "/") + ".py")
    assert "getattr(self" not in (Path(__file__).parents[2] / source).read_text(encoding="utf-8")


@pytest.mark.parametrize("parameter", ["AUTH=<>", "AUTH=anna+40example.net", "RET=FULL", "ENVID=abc", "SIZE=10 BODY=7BIT"])
def test_6_parameters_of_mail_are_read(parameter: str) -> None:
    with listening() as there, there.client() as wire:
        assert wire.command(f"MAIL FROM:<a@example.net> {parameter}").code == 250


@pytest.mark.parametrize("parameter", ["NOTIFY=NEVER", "NOTIFY=SUCCESS,FAILURE,DELAY", "ORCPT=rfc822;b+40example.org"])
def test_6_parameters_of_rcpt_are_read(parameter: str) -> None:
    with listening() as there, there.client() as wire:
        wire.command("MAIL FROM:<a@example.net>")
        assert wire.command(f"RCPT TO:<b@example.org> {parameter}").code == 250


@pytest.mark.parametrize(
    "path",
    [
        b"a@example.net",
        b"<a@example.net",
        b"a@example.net>",
        b"<a\0@example.net>",
        b"<a\r@example.net>",
        b"<a\n@example.net>",
        b"<a@example.net\0>",
        b"<a b@example.net>",
        b"<a@b@example.net>",
        b"<@example.net>",
        b"<a@>",
        b"<a@example..net>",
        b"<a@-example.net->",
        b"<\xff@example.net>",
        b"<b\xc3\xb6b@example.net>",
        b"<<a@example.net>>",
    ],
)
def test_7_what_is_no_path_is_refused(path: bytes) -> None:
    with listening() as there, there.client() as wire:
        answer = wire.command(b"MAIL FROM:" + path)
        assert answer.code in (500, 501, 553)
        assert re.match(r"5\.\d\.\d ", answer.lines[0])


def test_7_the_null_sender_is_null() -> None:
    with listening() as there, there.client() as wire:
        wire.send("", ["b@example.org"], b"x\r\n")
        assert there.intake.mails[0].envelope.sender.is_null
        assert there.intake.mails[0].envelope.sender.text == ""


@pytest.mark.parametrize("path", ["<@relay.example:b@example.org>", "<@x.example,@[192.0.2.1]:b@example.org>"])
def test_7_a_source_route_is_taken_off(path: str) -> None:
    with listening() as there, there.client() as wire:
        wire.command(f"MAIL FROM:{path.replace('org', 'net')}")
        assert wire.command(f"RCPT TO:{path}").code == 250
        wire.command("DATA")
        wire.command(b".")
        envelope = there.intake.mails[0].envelope
        assert (envelope.sender.text, envelope.recipients[0].address.text) == ("b@example.net", "b@example.org")


def test_8_what_is_announced_is_true() -> None:
    with listening() as there, there.connect() as wire:
        keywords = {line.split()[0] for line in wire.hello().lines[1:]}
        assert keywords == {"PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "DSN"}
        wire.write(b"NOOP\r\n" * 50)
        assert [wire.answer().code for _ in range(50)] == [250] * 50
        for command in ("BDAT 3 LAST", "AUTH PLAIN AAAA", "STARTTLS", "XFORWARD ADDR=192.0.2.1"):
            assert wire.command(command).code in (502, 550)


_BARE = [b"a\nb", b"a\rb", b"a\n.\nb", b"a\r.\rb", b"a\n.\r\nb", b"a\r\n.\nb", b"a\r\n.\rb", b"a\r.\r\nb", b"a\r\r\n.\r\r\nb"]


@pytest.mark.parametrize("text", _BARE)
def test_9_bare_line_ends_are_made_whole_and_noted(text: bytes) -> None:
    with listening() as there, there.client() as wire:
        _begun(wire)
        wire.write(text + b"\r\nMAIL FROM:<smuggled@example.net>\r\n.\r\n")
        assert wire.answer().code == 250
        content = there.intake.mails[0].content
        assert re.search(rb"\r(?!\n)|(?<!\r)\n", content.octets) is None
        assert b"smuggled" in content.octets[:]
        assert content.defects <= {"bare-cr", "bare-lf"}
        assert content.defects
        assert wire.command("NOOP").code == 250
        assert len(there.intake.mails) == 1


@pytest.mark.parametrize("text", _BARE)
def test_9_or_refused_when_the_listener_is_told_so(text: bytes) -> None:
    with listening({"listeners": [{"name": "inbound", "port": 0, "bare_line_ends": "refuse"}]}) as there, there.client() as wire:
        _begun(wire)
        wire.write(text + b"\r\nMAIL FROM:<smuggled@example.net>\r\n.\r\n")
        assert wire.answer().text == "554 5.6.0 A CR or LF stands alone in the message (RFC 5321 2.3.8)"
        assert not there.intake.mails
        assert wire.send("a@example.net", ["b@example.org"], b"x\r\n")[-1].code == 250


def test_10_auth_is_neither_offered_nor_half_there() -> None:
    with listening() as there, there.client() as wire:
        assert wire.command("auth plain AGEAYg==").text == "502 5.5.1 Command not implemented"
        assert wire.send("a@example.net", ["x@elsewhere.example"], b"x\r\n")[1].code == 550


def test_11_many_sessions_do_not_change_each_others_limits() -> None:
    long = "MAIL FROM:<a@example.net> ENVID=" + "e" * 100 + " AUTH=" + "a" * 500
    with listening() as there:
        first = there.client()
        for _ in range(30):
            there.client().close()
            first.hello()
        assert first.command(long).code == 250
        assert first.command("NOOP " + "x" * 4000).code == 250
        assert first.command("NOOP " + "x" * 5000).text == "500 5.5.2 Line too long"
        assert first.command("NOOP").code == 250
        first.close()


def test_12_recipients_have_a_limit() -> None:
    with listening({"limits": {"recipients": 3}}) as there, there.client() as wire:
        wire.command("MAIL FROM:<a@example.net>")
        answers = [wire.command(f"RCPT TO:<b{number}@example.org>").text for number in range(5)]
        assert answers[:3] == ["250 2.1.5 Ok"] * 3
        assert answers[3:] == ["452 4.5.3 Too many recipients; send the others in another transaction"] * 2
        assert wire.command("DATA").code == 354
        assert wire.command(b"x\r\n.").code == 250
        assert len(there.intake.mails[0].envelope.recipients) == 3


def test_12_refused_recipients_are_not_endless() -> None:
    with listening({"limits": {"recipients": 5, "bad_commands": 4}}) as there, there.client() as wire:
        wire.command("MAIL FROM:<a@example.net>")
        codes = []
        with pytest.raises(Lost):
            while True:
                codes.append(wire.command("RCPT TO:<x@elsewhere.example>").code)
        assert codes == [550] * 8 + [421]


_TO_NOBODY = ("MAIL FROM:<a@example.net>", "RCPT TO:<x@elsewhere.example>")


@pytest.mark.parametrize(
    ("before", "line", "expected"),
    [
        ((), "MAIL FROM:<a@example.net> SIZE=99999999999", [552] * 6),
        ((), "MAIL FROM:<b\u00f6b@example.net>", [553] * 6),
        (_TO_NOBODY[:1], "RCPT TO:<b\u00f6b@example.org>", [553] * 8),
        (_TO_NOBODY[:1], "RCPT TO:<b@example.org>", [250] * 5 + [452] * 8),
        (_TO_NOBODY, "DATA", [554] * 7),
        ((), "XCLIENT ADDR=192.0.2.1", [550] * 102),
    ],
)
def test_12_what_brings_no_mail_is_not_answered_for_ever(before: tuple[str, ...], line: str, expected: list[int]) -> None:
    limits = {"recipients": 5, "bad_commands": 4, "messages_per_connection": 6}
    with listening({"limits": limits}) as there, there.client() as wire:
        for command in before:
            wire.command(command)
        assert [wire.command(line.encode()).code for _ in range(len(expected) + 1)] == [*expected, 421]
        with pytest.raises(Lost):
            wire.answer()


def test_12_one_big_mail_after_another_is_no_bad_command() -> None:
    with listening() as there, there.client() as wire:
        assert [wire.command("MAIL FROM:<a@example.net> SIZE=99999999999").code for _ in range(300)] == [552] * 300
        assert wire.send("a@example.net", ["b@example.org"], b"x\r\n")[-1].code == 250


@pytest.mark.parametrize("line", ["FROBNICATE", "MAIL", "RCPT TO:<a@example.org>", "NOOP \x01"])
def test_12_bad_commands_have_a_limit(line: str) -> None:
    with listening({"limits": {"bad_commands": 4}}) as there, there.client() as wire:
        answers = [wire.command(line) for _ in range(4)]
        assert [answer.code // 100 for answer in answers] == [5, 5, 5, 4]
        assert answers[-1].text == "421 4.7.0 Too many bad commands"
        with pytest.raises(Lost):
            wire.answer()


def test_12_idle_chatter_has_a_limit() -> None:
    with listening({"limits": {"bad_commands": 3}}) as there, there.client() as wire:
        codes = []
        with pytest.raises(Lost):
            while True:
                codes.append(wire.command("NOOP").code)
        assert codes[-1] == 421
        assert 100 <= len(codes) <= 103
        assert there.metrics.counted["refusal", "limit"] == 1


def test_12_connections_have_limits() -> None:
    limits = {"connections": 5, "connections_per_client": 3}
    with listening({"limits": limits}) as there:
        wires = [there.connect("127.0.0.2") for _ in range(3)]
        refused = there.connect("127.0.0.2")
        assert refused.greeting.text == "421 4.7.0 Too many connections from your address; try again later"
        with pytest.raises(Lost):
            refused.answer()
        wires += [there.connect("127.0.0.3") for _ in range(2)]
        assert there.connect("127.0.0.4").greeting.text == "421 4.3.2 Too many connections; try again later"
        wires.pop().close()
        _until(lambda: there.connect("127.0.0.4").greeting.code == 220)
        assert there.metrics.counted["connection", "too_many"] >= 1
        assert there.metrics.counted["connection", "too_many_client"] == 1
        for wire in wires:
            wire.close()


def test_12_a_front_relay_has_its_own() -> None:
    limits = {"connections": 1, "connections_per_client": 1, "front_relay_connections": 4}
    with listening({"limits": limits, "front_relays": ["127.0.0.9"]}) as there:
        stranger = there.connect("127.0.0.2")
        fronts = [there.connect("127.0.0.9") for _ in range(4)]
        assert [front.greeting.code for front in fronts] == [220] * 4
        assert there.connect("127.0.0.9").greeting.code == 421
        assert there.connect("127.0.0.3").greeting.code == 421
        for wire in (stranger, *fronts):
            wire.close()


@pytest.mark.parametrize("limits", [{"messages_per_connection": 2}, {"octets_per_connection": 14}])
def test_12_messages_and_octets_of_a_connection_have_limits(limits: dict[str, int]) -> None:
    with listening({"limits": limits}) as there, there.client() as wire:
        for _ in range(2):
            assert wire.send("a@example.net", ["b@example.org"], b"12345\r\n")[-1].code == 250
        answer = wire.command("MAIL FROM:<a@example.net>")
        assert answer.text == "421 4.7.0 Enough mail for one connection; go on in a new one"
        with pytest.raises(Lost):
            wire.answer()


def test_13_a_session_starts_without_looking_through_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """`dir()` of an object calls its class's `__dir__`."""
    looked: list[object] = []

    def counted(self: object) -> list[str]:
        looked.append(self)
        return list(object.__dir__(self))

    monkeypatch.setattr(Session, "__dir__", counted)
    with listening() as there, there.client() as wire:
        assert wire.command("NOOP").code == 250
    assert not looked


def test_14_a_burst_of_connections_waits_for_nobody() -> None:
    with listening({"limits": {"connections_per_client": 2000}}) as there:
        held = threading.Event()
        there.loop.call_soon_threadsafe(held.wait, 20)  # nobody accepts meanwhile: the kernel has to keep them all
        sockets = []
        try:
            for _ in range(600):
                one = socket.socket()
                sockets.append(one)
                one.settimeout(0.9)  # before a lost SYN would be sent again
                one.connect(("127.0.0.1", there.port))
        finally:
            held.set()
        for one in sockets:
            one.settimeout(20)
            assert one.recv(100).startswith(b"220 ")
            one.close()


def test_15_nothing_more_is_read_than_can_be_used() -> None:
    """A client that goes on sending while its mail is taken is not read from without bound."""
    with listening() as there, there.client() as wire:
        there.call(there.intake.go_on.clear)
        _begun(wire)
        wire.write(b"x\r\n.\r\n")
        there.wait(there.intake.taking)
        before = _peak()
        wire.socket.settimeout(0.5)
        with pytest.raises(Lost):
            for _ in range(200):
                wire.write(b"NOOP\r\n" * 20_000)
        assert _peak() - before < 4_000_000 + 4 * MAX_WAITING


def test_15_a_client_that_does_not_read_is_not_written_to_without_bound() -> None:
    with listening({"limits": {"idle": "1 s", "bad_commands": 1_000_000}}) as there, there.client() as wire:
        before = _peak()
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with pytest.raises(Lost):
            while True:
                wire.write(b"HELP\r\n" * 10_000)
        assert _peak() - before < 16_000_000
        _until(lambda: not there.call(there.server.sessions))


def _until(holds: object) -> None:
    """Soon."""
    assert callable(holds)
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_an_address_that_waits_for_the_next_hop_does_not_hold_back_earlier_replies() -> None:
    settings = {
        "domains": {"example.org": {"route": "inside"}, "asked.example": {"route": "inside", "verify": "callout"}},
        "routes": {"inside": {"next_hops": ["127.0.0.1"]}},
    }
    with listening(settings) as there, there.client() as wire:
        gate = asyncio.Event()

        async def ask(recipient: Address, route: str) -> Reply | None:
            await gate.wait()
            return None

        there.callout.ask = ask  # type: ignore[method-assign]
        wire.write(b"MAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.org>\r\nRCPT TO:<c@asked.example>\r\n")
        assert [wire.answer().code for _ in range(2)] == [250, 250]
        there.call(gate.set)
        assert wire.answer().code == 250
