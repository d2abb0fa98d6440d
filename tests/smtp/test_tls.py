"""STARTTLS: offered only with a certificate, everything said before it forgotten, nothing injected before it obeyed."""

import os
import ssl
import time
import tracemalloc
from asyncio.sslproto import SSLProtocol
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from fakes.certificate import Certificate, certificate
from fakes.listener import Listening, listening, settings
from fakes.wire import Lost, Wire

from screener.smtp.access import Access
from screener.smtp.server import SmtpServer
from screener.yamlfile import Complaints

NAME = "hop.example.net"
FRONT = "127.0.0.9"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate(tmp_path_factory.mktemp("tls"), NAME)


def _settings(pair: Certificate, *, required: bool = False, **more: object) -> dict[str, object]:
    tls = {"certificate": str(pair.certificate), "key": str(pair.key), "required": required}
    return {"listeners": [{"name": "inbound", "port": 0, "tls": tls}], "front_relays": [FRONT], **more}


@pytest.fixture
def there(pair: Certificate) -> Iterator[Listening]:
    with listening(_settings(pair)) as listener:
        yield listener


@pytest.fixture
def context(pair: Certificate) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(pair.certificate))


def test_mail_over_tls(there: Listening, context: ssl.SSLContext) -> None:
    with there.connect() as wire:
        assert "STARTTLS" in wire.hello("before.example").lines
        assert wire.starttls(context, NAME).text == "220 2.0.0 Ready to start TLS"
        assert wire.command("MAIL FROM:<>").text == "503 5.5.1 Say EHLO first"
        assert "STARTTLS" not in wire.hello("after.example").lines
        assert wire.command("STARTTLS").text == "503 5.5.1 TLS is active already"
        content = b"x" * 70 + b"\r\n"
        assert wire.send("a@example.net", ["b@example.org"], content * 10_000)[-1].code == 250
        wire.send("b\u00f6b@example.net", ["b@example.org"], b"x\r\n", parameters=" SMTPUTF8")
        assert wire.command("QUIT").code == 221
    first, second = there.intake.mails
    assert bytes(first.content.octets) == content * 10_000
    client = first.envelope.client
    assert (client.protocol, client.helo) == ("ESMTPS", "after.example")
    assert client.tls.startswith("TLSv1.")
    assert b"\r\n\t(using TLSv1." in first.trace
    assert b" with ESMTPS id " in first.trace
    assert b" with UTF8SMTPS id " in second.trace
    _ended(there)


def test_what_came_along_in_clear_is_forgotten(there: Listening, context: ssl.SSLContext) -> None:
    with there.connect() as wire:
        wire.hello()
        wire.write(b"STARTTLS\r\nEHLO injected.example\r\nMAIL FROM:<injected@example.net>\r\n")
        assert wire.answer().code == 220
        _handshake(wire, context)
        assert wire.command("RCPT TO:<b@example.org>").text == "503 5.5.1 Say EHLO first"
        wire.hello()
        assert wire.command("RCPT TO:<b@example.org>").text == "503 5.5.1 MAIL first"


def _handshake(wire: Wire, context: ssl.SSLContext) -> None:
    wire._reading.close()
    wire.socket = context.wrap_socket(wire.socket, server_hostname=NAME)
    wire._reading = wire.socket.makefile("rb")


def test_what_xclient_said_in_clear_is_forgotten(there: Listening, context: ssl.SSLContext) -> None:
    with there.client(FRONT) as wire:
        assert wire.command("XCLIENT ADDR=198.51.100.7").code == 220
        assert wire.command("XFORWARD ADDR=198.51.100.8").code == 250
        wire.hello()
        assert wire.starttls(context, NAME).code == 220
        wire.hello()
        wire.send("", ["b@example.org"], b"x\r\n")
        assert there.intake.mails[0].envelope.client.address == FRONT


def test_within_a_transaction_it_is_refused(there: Listening) -> None:
    with there.client() as wire:
        wire.command("MAIL FROM:<>")
        assert wire.command("STARTTLS").text == "503 5.5.1 Not within a transaction"
        wire.command("RSET")
        assert wire.command("STARTTLS now").text == "501 5.5.4 No argument expected"


def test_a_listener_may_require_it(pair: Certificate, context: ssl.SSLContext) -> None:
    with listening(_settings(pair, required=True)) as there, there.client() as wire:
        for line in ("MAIL FROM:<>", "RCPT TO:<b@example.org>", "DATA"):
            assert wire.command(line).text == "530 5.7.0 Issue STARTTLS first"
        for line in ("NOOP", "RSET", "HELP"):
            assert wire.command(line).code < 300
        assert wire.starttls(context, NAME).code == 220
        wire.hello()
        assert wire.send("", ["b@example.org"], b"x\r\n")[-1].code == 250


@pytest.mark.parametrize("how", ["nonsense", "goes away"])
def test_a_handshake_that_fails_ends_the_connection_alone(there: Listening, how: str) -> None:
    wire = there.client()
    assert wire.command("STARTTLS").code == 220
    if how == "nonsense":
        wire.write(b"NOOP\r\n" * 10)
        with pytest.raises(Lost):
            wire.answer()
    wire.close()
    _ended(there)
    assert there.metrics.counted["refusal", "tls"] == 1
    with there.client() as another:
        assert another.command("NOOP").code == 250


def test_a_handshake_has_the_idle_time(pair: Certificate) -> None:
    with listening(_settings(pair, limits={"idle": "200 ms"})) as there, there.client() as wire:
        assert wire.command("STARTTLS").code == 220
        with pytest.raises(Lost):
            wire.answer()
        _ended(there)


def test_a_client_that_goes_within_the_data_over_tls_leaves_nothing(there: Listening, context: ssl.SSLContext) -> None:
    with there.client() as wire:
        wire.starttls(context, NAME)
        wire.hello()
        wire.command("MAIL FROM:<>")
        wire.command("RCPT TO:<b@example.org>")
        assert wire.command("DATA").code == 354
        wire.write(b"x" * 400_000)
    _ended(there)
    assert not there.intake.mails
    assert all(body.abandoned for body in there.intake.bodies)


def test_a_client_that_goes_after_the_data_over_tls_loses_nothing(there: Listening, context: ssl.SSLContext) -> None:
    there.call(there.intake.go_on.clear)
    with there.client() as wire:
        wire.starttls(context, NAME)
        wire.hello()
        wire.command("MAIL FROM:<>")
        wire.command("RCPT TO:<b@example.org>")
        wire.command("DATA")
        wire.write(b"x\r\n.\r\n")
        there.wait(there.intake.taking)
    there.call(there.intake.go_on.set)
    _ended(there)
    assert len(there.intake.mails) == 1


def test_sessions_over_tls_cost_little_and_each_hears_its_own(there: Listening, context: ssl.SSLContext) -> None:
    with ExitStack() as open_wires:
        tracemalloc.start()
        try:
            wires = [open_wires.enter_context(there.connect()) for _ in range(10)]
            for wire in wires:
                wire.hello()
                wire.starttls(context, NAME)
            cost, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert cost < len(wires) * SSLProtocol.max_size / 2
        for number, wire in enumerate(wires):
            wire.hello()
            wire.write(b"MAIL FROM:<a%d@example.net>\r\n" % number)
        for wire in wires:
            assert wire.answer().code == 250
            wire.write(b"RCPT TO:<b@example.org>\r\nDATA\r\n")
        for number, wire in enumerate(wires):
            assert [wire.answer().code for _ in range(2)] == [250, 354]
            wire.write(b"%d\r\n" % number * 30_000)
        for wire in wires:
            wire.write(b".\r\n")
            assert wire.answer().code == 250
    told = {str(mail.envelope.sender): set(bytes(mail.content.octets).split()) for mail in there.intake.mails}
    assert told == {f"a{number}@example.net": {b"%d" % number} for number in range(len(wires))}


def test_idle_over_tls_hears_421(pair: Certificate, context: ssl.SSLContext) -> None:
    with listening(_settings(pair, limits={"idle": "500 ms"})) as there, there.client() as wire:
        wire.starttls(context, NAME)
        wire.hello()
        assert wire.answer().text == "421 4.4.2 Waited too long; try again later"
        with pytest.raises(Lost):
            wire.answer()


def test_a_certificate_that_cannot_be_used_is_told_with_its_place(tmp_path: Path) -> None:
    broken = Certificate(tmp_path / "a.pem", tmp_path / "a.key")
    broken.certificate.write_bytes(os.urandom(10))
    broken.key.write_bytes(b"")
    config = settings(_settings(broken))
    with listening() as there, pytest.raises(Complaints, match="is no certificate that can be used") as raised:
        SmtpServer(config, there.intake, Access(config, None), there.metrics)
    assert str(raised.value).startswith(f"{broken.certificate}:1:1: ")


def _ended(there: Listening) -> None:
    _until(lambda: there.call(there.server.sessions) == 0)


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)
