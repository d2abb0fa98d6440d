"""Promise 5: content goes out octet for octet as it came, with one Received field on top.

Unless a rule or a stated setting changes it, and then only as it says.
"""

import random
import re
from collections.abc import Iterator

import pytest
from fakes.corpus import normalised
from fakes.exchange import Exchange, Taken, exchange
from fakes.mails import mail
from fakes.namespace import free_port
from fakes.service import Hop, running
from fakes.waiting import until
from fakes.wire import Wire

RULES = """
rules:
  - name: marked
    when: {recipient: {address: [marked@example.org]}}
    also:
      add_header: {X-Screened: "yes, it was"}
      tag_subject: "[outside]"
"""
HEAD = b"From: ben@example.net\r\nSubject: =?utf-8?q?octets?=\r\n folded  twice \r\nX-Odd:\t\xe9\xff no charset \r\n\r\n"


def _noise() -> bytes:
    """A megabyte of every octet there is, CR and LF as CRLF only."""
    chance = random.Random(3)
    return chance.randbytes(1024 * 1024).replace(b"\r", b"").replace(b"\n", b"\r\n") + b"\r\n"


CONTENTS = {
    "plain": HEAD + b"Hello.\r\n",
    "no-body": HEAD,
    "begins-with-white-space": b" From: ben@example.net\r\nSubject: x\r\n\r\nHello.\r\n",
    "no-header": b"\r\nOnly a body.\r\n",
    "no-empty-line": b"From: ben@example.net\r\nSubject: nothing else\r\n",
    "nothing": b"",
    "one-line-end": b"\r\n",
    "dots": HEAD + b".\r\n..\r\n.x\r\n...\r\n\r\n.\r\n",
    "first-is-a-dot": b".\r\nFrom: x\r\n",
    "no-header-at-all": b"This is no header\r\nand neither is this\r\n",
    "nul": HEAD + b"a\0b\0\0\r\n\0\r\n",
    "line-of-100000": HEAD + b"x" * 100_000 + b"\r\nand another\r\n" + b"y" * 3_000_000 + b"\r\n",
    "long-header": b"Subject: " + b"s" * 50_000 + b"\r\n\r\nHello.\r\n",
    "many-headers": b"".join(b"X-%d: %d\r\n" % (n, n) for n in range(3_000)) + b"\r\nHello.\r\n",
    "received-by-others": b"Received: from a by b; Sun, 22 Nov 2026 03:00:00 +0000\r\n" * 5 + HEAD + b"Hello.\r\n",
    "trailing-white-space": HEAD + b"a \t \r\n   \r\n\t\r\n\r\n\r\n",
    "utf-8": HEAD + "Grüße 你好\r\n".encode() * 1_000,
    "noise": HEAD + _noise(),
    "broken-mime": b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\nContent-Type: text/plain\r\n--x\r\n\r\n--x-\r\n',
}
BARE = {
    "lf": HEAD + b"one\ntwo\r\nthree\n\nfour\r\n",
    "cr": HEAD + b"one\rtwo\r\r\nthree\r\n",
    "smuggled-lf": HEAD + b"one\n.\nMAIL FROM:<a@example.net>\r\n",
    "smuggled-lf-crlf": HEAD + b"one\n.\r\nMAIL FROM:<a@example.net>\r\n",
    "smuggled-crlf-lf": HEAD + b"one\r\n.\nMAIL FROM:<a@example.net>\r\n",
    "smuggled-cr": HEAD + b"one\r.\rMAIL FROM:<a@example.net>\r\n",
    "smuggled-crlf-cr": HEAD + b"one\r\n.\rMAIL FROM:<a@example.net>\r\n",
    "in-the-header": b"From: ben@example.net\nSubject: x\n\nbody\r\n",
    "all-lf": HEAD.replace(b"\r\n", b"\n") + b"one\ntwo\n\r\n",
}


@pytest.fixture(scope="module")
def inside() -> Iterator[Exchange]:
    with exchange() as made:
        yield made


@pytest.fixture(scope="module")
def strict_port() -> int:
    """Where bare line ends are refused."""
    return free_port()


@pytest.fixture(scope="module")
def hop(tmp_path_factory: pytest.TempPathFactory, inside: Exchange, strict_port: int) -> Iterator[Hop]:
    port = free_port()
    settings = {
        "listeners": [
            {"name": "inbound", "address": "127.0.0.1", "port": port},
            {"name": "strict", "address": "127.0.0.1", "port": strict_port, "bare_line_ends": "refuse"},
        ],
        "routes": {"inside": {"next_hops": [f"127.0.0.1:{inside.port}"], "tls": "none"}},
    }
    with running(tmp_path_factory.mktemp("hop"), settings=settings, rules={"10-marks.yaml": RULES}, port=port) as made:
        yield made


def _through(hop: Hop, inside: Exchange, content: bytes, recipient: str) -> Taken:
    """Send it and wait for it at the next hop."""
    answer = hop.send(content, recipient, parameters=" BODY=8BITMIME")
    assert answer.code == 250, answer
    until(lambda: inside.copies()[recipient] > 0, lambda: f"{recipient} arrives:\n{hop.log()[-2_000:]}")
    (taken,) = (taken for taken in inside.taken() if recipient in taken.recipients)
    assert taken.octets.startswith(b"Received: from client.example.net ([127.0.0.1])\r\n\tby hop.example.net with ")
    return taken


@pytest.mark.parametrize("name", CONTENTS)
def test_content_goes_out_as_it_came(hop: Hop, inside: Exchange, name: str) -> None:
    assert _through(hop, inside, CONTENTS[name], f"{name}@example.org").carries(CONTENTS[name])


@pytest.mark.parametrize("name", BARE)
def test_bare_line_ends_are_made_crlf_and_nothing_else(hop: Hop, inside: Exchange, name: str) -> None:
    before = len(inside.taken())
    taken = _through(hop, inside, BARE[name], f"bare-{name}@example.org")
    assert taken.carries(normalised(BARE[name]))
    assert len(inside.taken()) == before + 1


@pytest.mark.parametrize("name", BARE)
def test_bare_line_ends_are_refused_where_the_listener_says_so(hop: Hop, inside: Exchange, strict_port: int, name: str) -> None:
    before = len(inside.taken())
    with Wire(strict_port) as wire:
        wire.hello()
        final = wire.send("ben@example.net", [f"strict-{name}@example.org"], BARE[name])[-1]
        assert re.match(r"5\d\d 5\.\d\.\d ", final.text), final
        # Nothing in the content was taken for a command, and the session goes on.
        assert wire.command("NOOP").code == 250
        assert wire.send("ben@example.net", [f"good-{name}@example.org"], CONTENTS["dots"])[-1].code == 250
    until(lambda: inside.copies()[f"good-{name}@example.org"] == 1, "the good one arrives")
    assert len(inside.taken()) == before + 1


def test_a_rule_adds_what_it_says_for_whom_it_says_and_nothing_else(hop: Hop, inside: Exchange) -> None:
    content = mail("before and after", "Hello.\r\n.\r\n")
    answer = hop.send(content, "marked@example.org", "unmarked@example.org")
    assert answer.code == 250
    until(lambda: inside.copies().keys() >= {"marked@example.org", "unmarked@example.org"}, "both arrive")
    found = {name: taken for taken in inside.taken() for name in taken.recipients if "marked@" in name}
    assert found["unmarked@example.org"].carries(content)
    tagged = content.replace(b"Subject: before", b"Subject: [outside] before")
    assert found["marked@example.org"].carries(tagged, added=b"X-Screened: yes, it was\r\n")
