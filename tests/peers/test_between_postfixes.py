"""A real Postfix hands mail to the hop, a real Postfix takes it from there: bodies arrive octet for octet, clients are known."""

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from fakes.service import Hop, running
from fakes.waiting import until
from fakes.wire import Answer, Wire
from peers import postfix
from peers.postfix import Postfix

RULES = """
rules:
  - name: one-client
    about: A rule that knows the real client only by the front relay's word.
    when: {client: {address: [127.0.0.66]}}
    then: hold
"""


@dataclass(frozen=True, slots=True)
class Chain:
    """The front relay, the hop, the next hop."""

    front: Postfix
    hop: Hop
    last: Postfix

    def send(self, content: bytes, *, recipient: str, source: str = "127.0.0.5") -> Answer:
        """Give a mail to the front relay."""
        with Wire(self.front.port, source=source) as wire:
            assert wire.hello("laptop.example.net").code == 250
            answers = wire.send("someone@example.net", [recipient], content, parameters=" BODY=8BITMIME")
        assert answers[-1].code == 250, answers
        return answers[-1]

    def arrived(self, token: bytes) -> bytes:
        """Wait for the mail with these octets at the next hop."""
        found: list[bytes] = []

        def seen() -> bool:
            found[:] = [mail for mail in self.last.received() if token in mail]
            return bool(found)

        until(
            seen, lambda: f"{token!r} arrives; front relay:\n{self.front.log()}\nhop:\n{self.hop.log()}\nlast:\n{self.last.log()}"
        )
        assert len(found) == 1
        return found[0]


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory, needs: Callable[..., None]) -> Iterator[Chain]:
    needs(*postfix.COMMANDS)
    with postfix.next_hop() as last:
        settings = {
            "front_relays": ["127.0.0.1"],
            "routes": {"inside": {"next_hops": [f"127.0.0.1:{last.port}"], "tls": "none"}},
        }
        folder = tmp_path_factory.mktemp("hop")
        with running(folder, settings=settings, rules={"10-client.yaml": RULES}) as hop, postfix.front_relay(hop.port) as front:
            yield Chain(front, hop, last)


def _octets(count: int) -> bytes:
    """Lines of 8-bit octets without CR, LF and NUL, none longer than 998."""
    chance = random.Random(7)
    octets = bytes(chance.choice(range(1, 256)) for _ in range(5_000)).translate(bytes(range(256)), b"\r\n")
    lines = []
    while count > 0:
        at, length = chance.randrange(len(octets) - 998), chance.choice((0, 1, 2, 76, 997, 998))
        lines.append(octets[at : at + length])
        count -= length + 2
    return b"\r\n".join(lines) + b"\r\n"


BODIES = {
    "text": b"Hello,\r\n\r\nhow are you?\r\n",
    "empty": b"",
    "only-empty-lines": b"\r\n\r\n\r\n",
    "dots": b".\r\n..\r\n...\r\n.a\r\n\r\n.\r\n",
    "ends-with-dot": b"the end\r\n.\r\n",
    "lines-of-998": b"".join(bytes([97 + at % 26]) * 998 + b"\r\n" for at in range(40)),
    "line-of-998-dots": b"." * 998 + b"\r\n",
    "eight-bit": bytes(octet for octet in range(1, 256) if octet not in b"\r\n") * 3 + b"\r\n",
    "utf-8": "Grüße aus Köln — 你好 — \N{ZERO WIDTH SPACE}\r\n".encode() * 20,
    "white-space-at-line-ends": b"a \r\nb\t\r\n \r\n\t\r\n",
    "looks-like-a-header": b"Received: from nowhere\r\nBcc: x@example.com\r\n\r\n",
    "from-line": b"From here on\r\n>From there\r\n",
    "around-the-spool-limit": _octets(262_144),
    "six-megabytes": _octets(6 * 1024 * 1024),
}


@pytest.mark.parametrize("body", BODIES)
def test_bodies_arrive_octet_for_octet(chain: Chain, body: str) -> None:
    head = (
        f"From: =?utf-8?q?J=C3=B6rg?= <someone@example.net>\r\nTo: all@example.org\r\nSubject: {body}\r\n\tfolded  twice \r\n"
        f"X-Odd:no space\r\nMessage-ID: <{body}@laptop.example.net>\r\nDate: Sun, 22 Nov 2026 03:00:00 +0000\r\n\r\n"
    ).encode()
    chain.send(head + BODIES[body], recipient=f"{body}@example.org")
    arrived = chain.arrived(f"<{body}@laptop.example.net>".encode())
    assert arrived.endswith(head + BODIES[body])
    on_top = arrived.removesuffix(head + BODIES[body]).decode("ascii")
    fields = re.findall(r"^([\w-]+):", on_top, re.MULTILINE)
    assert fields == ["Return-Path", "X-Original-To", "Delivered-To", "Received", "Received", "Received"]
    last, ours, front = re.findall(r"^Received:.*\r\n(?:[ \t].*\r\n)*", on_top, re.MULTILINE)
    assert "by exchange.example.net (Postfix)" in last
    assert "by hop.example.net with ESMTP" in ours
    assert "by front.example.net (Postfix)" in front


def test_the_real_client_is_known_by_xforward(chain: Chain) -> None:
    head = b"From: someone@example.net\r\nSubject: who\r\nMessage-ID: <known@laptop.example.net>\r\n\r\n"
    answer = chain.send(head + b"It is me.\r\n", recipient="known@example.org", source="127.0.0.77")
    arrived = chain.arrived(b"<known@laptop.example.net>").decode("ascii")
    (story,) = map(json.loads, chain.hop.command("trace", answer.id, "--json").splitlines())
    client = story["client"]
    assert (client["address"], client["helo"]) == ("127.0.0.77", "laptop.example.net")
    assert (client["front"], client["front_id"]) == ("127.0.0.1", answer.id)
    # The trace field says who really connected (RFC 5321 4.4); the front relay's own one says whom it had from where.
    assert re.search(r"^Received: from front\.example\.net \(\[127\.0\.0\.1\]\)\r\n\tby hop\.example\.net", arrived, re.MULTILINE)
    assert re.search(r"^Received: from laptop\.example\.net \(unknown \[127\.0\.0\.77\]\)\r\n\tby front\.", arrived, re.MULTILINE)


def test_a_rule_on_the_client_sees_through_the_front_relay(chain: Chain) -> None:
    head = b"From: someone@example.net\r\nSubject: held\r\nMessage-ID: <seen@laptop.example.net>\r\n\r\n"
    answer = chain.send(head + b"Hold me.\r\n", recipient="seen@example.org", source="127.0.0.66")
    until(lambda: bool(_held(chain.hop, "seen@example.org")), lambda: f"the mail is held; its log:\n{chain.hop.log()}")
    # The operator who has only the front relay's id finds the whole story.
    assert "one-client" in chain.hop.command("trace", answer.id)
    assert "one-client" in chain.hop.command("trace", "<seen@laptop.example.net>")
    assert not any(b"<seen@laptop.example.net>" in mail for mail in chain.last.received())


def test_the_next_hops_id_finds_the_mail(chain: Chain) -> None:
    head = b"From: someone@example.net\r\nSubject: id\r\nMessage-ID: <their-id@laptop.example.net>\r\n\r\n"
    chain.send(head + b"Which?\r\n", recipient="their-id@example.org")
    arrived = chain.arrived(b"<their-id@laptop.example.net>").decode("ascii")
    theirs = re.search(r"by exchange\.example\.net \(Postfix\) with \w+ id (\w+)", arrived)
    assert theirs is not None, arrived
    until(lambda: theirs[1] in chain.hop.log(), "the delivery is logged")
    assert "their-id@example.org" in chain.hop.command("trace", theirs[1])


def _held(hop: Hop, recipient: str) -> list[object]:
    return [json.loads(line) for line in hop.command("hold", "list", "--recipient", recipient, "--json").splitlines()]
