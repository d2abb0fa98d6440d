"""Dialogues with swaks: what goes well, what is refused and with which words, over TLS and without."""

import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fakes.certificate import certificate
from fakes.namespace import free_port
from fakes.service import Hop, running
from fakes.waiting import until

RULES = """
rules:
  - name: no-spammer
    about: Refused at RCPT, on the envelope alone.
    when: {sender: {address: [spammer@example.net]}}
    then: {reject: "Not from you"}
  - name: one-client
    about: A client known by XCLIENT only.
    when: {client: {address: [192.0.2.66]}}
    then: {reject: "Not from there"}
  - name: no-lottery
    about: Refused with words of its own.
    when: {subject: {words: [lottery]}}
    then: {reject: "No lotteries here"}
"""


@dataclass(frozen=True, slots=True)
class Said:
    """A dialogue as swaks shows it."""

    status: int
    text: str

    @property
    def last_refusal(self) -> str:
        """The last reply that was no success: swaks marks it with stars."""
        refusals = re.findall(r"^<(?:\*\*|~\*) +(.*)$", self.text, re.MULTILINE)
        assert refusals, self.text
        return str(refusals[-1])


@dataclass(frozen=True, slots=True)
class Swaks:
    """swaks against one hop."""

    hop: Hop
    tls_only_port: int

    def __call__(self, *arguments: str, to: str = "anna@example.org", sender: str = "ben@example.net", port: int = 0) -> Said:
        said = subprocess.run(
            [
                *("swaks", "--server", "127.0.0.1", "--port", str(port or self.hop.port), "--from", sender, "--to", to),
                *("--helo", "laptop.example.net", "--timeout", "60", *arguments),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
        )
        return Said(said.returncode, said.stdout + said.stderr)


@pytest.fixture(scope="module")
def swaks(tmp_path_factory: pytest.TempPathFactory, needs: Callable[..., None]) -> Iterator[Swaks]:
    needs("swaks", "openssl")
    pair = certificate(tmp_path_factory.mktemp("tls"), "hop.example.net")
    tls = {"certificate": str(pair.certificate), "key": str(pair.key)}
    port, tls_only = free_port(), free_port()
    settings = {
        "listeners": [
            {"name": "inbound", "address": "127.0.0.1", "port": port, "tls": tls},
            {"name": "tls-only", "address": "127.0.0.1", "port": tls_only, "tls": {**tls, "required": True}},
        ],
        "front_relays": ["127.0.0.1"],
        "limits": {"message_size": "100 KB", "bad_commands": 5},
    }
    with running(tmp_path_factory.mktemp("hop"), settings=settings, rules={"10-words.yaml": RULES}, port=port) as hop:
        yield Swaks(hop, tls_only)
        # Nothing in all these dialogues was answered with an exception.
        assert "Traceback" not in hop.log()
        assert hop.said("trouble") == []


def _delivered(hop: Hop) -> list[bytes]:
    return [path.read_bytes() for path in (hop.folder / "delivered").glob("new/*")]


@pytest.mark.parametrize(
    "how", [(), ("--pipeline",), ("--tls",), ("--tls", "--pipeline"), ("--tls-optional",), ("--protocol", "SMTP")]
)
def test_a_mail_goes_through(swaks: Swaks, how: tuple[str, ...]) -> None:
    subject = f"goes through {' '.join(how)}"
    said = swaks("--header", f"Subject: {subject}", "--body", "Hello.", *how)
    assert said.status == 0, said.text
    assert re.search(r"250 2\.0\.0 Ok: queued as \S+", said.text)
    until(lambda: any(f"Subject: {subject}\n".encode() in mail.replace(b"\r", b"") for mail in _delivered(swaks.hop)), "it arrives")


def test_tls_stands_in_the_received_field(swaks: Swaks) -> None:
    assert swaks("--header", "Subject: encrypted", "--body", "Hello.", "--tls").status == 0
    until(lambda: any(b"Subject: encrypted" in mail for mail in _delivered(swaks.hop)), "it arrives")
    (mail,) = (mail for mail in _delivered(swaks.hop) if b"Subject: encrypted" in mail)
    assert re.search(rb"^Received: from laptop\.example\.net[^:]*\n\s+\(using TLSv1\.[23] ", mail.replace(b"\r", b""), re.MULTILINE)
    assert b"with ESMTPS id" in mail


def test_where_tls_is_required_nothing_goes_without(swaks: Swaks) -> None:
    said = swaks(port=swaks.tls_only_port)
    assert said.status == 23, said.text
    assert said.last_refusal.startswith("530 5.7.0 ")
    assert swaks("--tls", port=swaks.tls_only_port).status == 0


def test_starttls_within_tls_is_not_offered(swaks: Swaks) -> None:
    said = swaks("--tls", "--quit-after", "HELO")
    before, _, after = said.text.partition("TLS started")
    assert "STARTTLS" in before
    assert "250-STARTTLS" not in after.replace("~", "")


def test_relaying_is_refused(swaks: Swaks) -> None:
    said = swaks(to="someone@example.com")
    assert said.status == 24, said.text
    assert re.match(r"55[04] 5\.7\.1 ", said.last_refusal)


def test_a_rule_on_the_envelope_refuses_at_rcpt(swaks: Swaks) -> None:
    said = swaks(sender="spammer@example.net")
    assert said.status == 24, said.text
    assert re.match(r"550 5\.7\.1 .*Not from you", said.last_refusal)


def test_a_rule_on_the_content_refuses_with_its_own_words(swaks: Swaks) -> None:
    said = swaks("--header", "Subject: win the LOTTERY now")
    assert said.status == 26, said.text
    assert re.match(r"550 5\.7\.1 .*No lotteries here", said.last_refusal)


def test_a_mail_that_is_too_big_is_refused(swaks: Swaks, tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_text(("x" * 70 + "\n") * 2_000, encoding="ascii")
    said = swaks("--body", f"@{body}")
    assert said.status in (23, 26), said.text
    assert said.last_refusal.startswith("552 5.3.4 ")


def test_xclient_tells_rules_who_it_is(swaks: Swaks) -> None:
    said = swaks("--xclient-addr", "192.0.2.66", "--xclient-name", "host.example.net")
    assert said.status == 24, said.text
    assert "Not from there" in said.last_refusal
    assert swaks("--xclient-addr", "192.0.2.67", "--xclient-name", "host.example.net").status == 0


def test_a_wrong_greeting_command_is_refused(swaks: Swaks) -> None:
    said = swaks("--protocol", "LMTP")
    assert said.status == 22, said.text
    assert re.match(r"50[02] 5\.5\.[12] ", said.last_refusal)


def test_auth_is_not_offered_and_not_accepted(swaks: Swaks) -> None:
    said = swaks("--auth", "LOGIN", "--auth-user", "a", "--auth-password", "b", "--tls")
    assert said.status == 28, said.text


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("HELP me", r"214 2\.0\.0 |50[02] 5\.5\.[12] "),
        ("VRFY root", r"252 2\.\d\.\d |50[02] 5\.5\.1 "),
        ("EXPN staff", r"50[02] 5\.5\.1 "),
        ("TURN", r"50[02] 5\.5\.1 "),
        ("", r"500 5\.5\.[12] "),
        ("\0\1\2", r"500 5\.5\.[12] "),
        ("MAIL FROM <a@example.net>", r"501 5\.5\.[24] "),
        ("MAIL FROM:<a@example.net> COLOUR=red", r"555 5\.5\.4 "),
        ("RCPT TO:<anna@example.org>", r"503 5\.5\.1 "),
        ("DATA", r"503 5\.5\.1 "),
        ("NOOP anything", r"250 2\.0\.0 "),
        ("RSET", r"250 2\.0\.0 "),
        ("BDAT 5 LAST", r"50[02] 5\.5\.1 |503 5\.5\.1 "),
        ("NOOP " + "x" * 5_000, r"500 5\.5\.[26] "),
        ("NOOP after", r"250 2\.0\.0 "),
    ],
)
def test_wrong_commands_are_answered_and_the_session_goes_on(swaks: Swaks, line: str, reply: str) -> None:
    with swaks.hop.connect() as wire:
        assert wire.hello().code == 250
        answer = wire.command(line)
        assert re.match(reply, answer.text), answer
        assert wire.command("NOOP").code == 250


def test_too_many_wrong_commands_end_the_session(swaks: Swaks) -> None:
    with swaks.hop.connect() as wire:
        wire.hello()
        codes: list[int] = []
        while not codes or codes[-1] != 421:
            assert len(codes) <= 6
            codes.append(wire.command("NONSENSE").code)
        assert set(codes[:-1]) == {500} or set(codes[:-1]) == {502}
    assert swaks().status == 0
