"""Promise 9: hostile input costs bounded time and memory.

Memory is the service's own peak, as the kernel measured it, beyond what it had before; time is bounded in that every answer comes
at all and the service still works for others.
"""

import base64
import io
import resource
import socket
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from fakes.mails import mail
from fakes.service import Hop, running
from fakes.waiting import until
from fakes.wire import Lost, Wire

MIB = 1024 * 1024
ROOM = 96 * MIB  # what one attack may add to the service: far below what it sends
LIMIT = 200 * MIB  # message_size here
RULES = """
rules:
  - name: words
    when: {text: {words: [neverthere], contains: [nowhere]}}
    then: hold
  - name: programs
    when: {attachment: {extension: [exe], type: [application/x-dosexec]}}
    then: hold
  - name: patterns
    when: {text: {pattern: 'q(u+)+v'}}
    then: hold
"""


@pytest.fixture(scope="module")
def hop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hop]:
    settings = {
        "limits": {"message_size": "200 MiB", "octets_per_connection": "4 GiB"},
        "screening": {"time": "5 s", "memory": "1 GiB"},
    }
    with running(tmp_path_factory.mktemp("hop"), settings=settings, rules={"10-rules.yaml": RULES}) as made:
        # Once through everything, so that what is loaded late is loaded.
        assert made.send(mail("first", attachment=("a.zip", _zip({"a.txt": b"x"})))).code == 250
        yield made


@pytest.fixture
def bounded(hop: Hop) -> Iterator[Hop]:
    """The hop; afterwards: it has not used more room than it may, and works."""
    hop.forget_peak_memory()
    before = hop.peak_memory()
    yield hop
    assert hop.peak_memory() - before < ROOM
    for process in hop.screening_processes():
        assert hop.peak_memory(process) < 1024 * MIB
    assert hop.send(mail("still there")).code == 250
    assert "Traceback" not in hop.log()


def _zip(members: dict[str, bytes]) -> bytes:
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return octets.getvalue()


def _begin(wire: Wire) -> None:
    wire.hello()
    wire.write(b"MAIL FROM:<ben@example.net>\r\nRCPT TO:<anna@example.org>\r\nDATA\r\n")
    assert [wire.answer().code for _ in range(3)] == [250, 250, 354]


def _pour(wire: Wire, block: bytes, octets: int) -> None:
    """Send that much, as far as the other side lets us."""
    with suppress(Lost):
        for _ in range(octets // len(block)):
            wire.write(block)


def test_a_line_without_end(bounded: Hop) -> None:
    with bounded.connect() as wire:
        _begin(wire)
        _pour(wire, b"x" * MIB, 150 * MIB)
        wire.write(b"\r\n.\r\n")
        assert wire.answer().code == 250


def test_more_than_the_limit(bounded: Hop) -> None:
    with bounded.connect() as wire:
        _begin(wire)
        _pour(wire, (b"x" * 98 + b"\r\n") * 10_000, LIMIT + 20 * MIB)
        try:
            wire.write(b".\r\n")
            assert wire.answer().code == 552
        except Lost:
            pass


def test_a_command_without_end(bounded: Hop) -> None:
    with bounded.connect() as wire:
        wire.hello()
        _pour(wire, b"M" * MIB, 150 * MIB)
        try:
            wire.write(b"\r\n")
            assert wire.answer().code in (500, 421)
        except Lost:
            pass


def test_pipelined_commands_without_reading_the_replies(bounded: Hop) -> None:
    with bounded.connect() as wire:
        wire.hello()
        wire.socket.settimeout(2)
        _pour(wire, b"NOOP\r\n" * 20_000, 100 * MIB)


def test_twenty_thousand_recipients(bounded: Hop) -> None:
    codes: dict[int, int] = {}
    with bounded.connect() as wire:
        wire.hello()
        wire.command("MAIL FROM:<ben@example.net>")
        with suppress(Lost):  # who goes on like this may be sent away
            for thousand in range(20):
                wire.write(b"".join(b"RCPT TO:<box-%d-%d@example.org>\r\n" % (thousand, at) for at in range(1_000)))
                for _ in range(1_000):
                    code = wire.answer().code
                    codes[code] = codes.get(code, 0) + 1
    assert codes[250] == 1_000
    assert codes.keys() <= {250, 452, 421}


def test_many_connections_that_say_nothing(bounded: Hop) -> None:
    connections: list[socket.socket] = []
    try:
        connections.extend(socket.create_connection(("127.0.0.1", bounded.port), 60) for _ in range(900))
        assert bounded.send(mail("in the crowd")).code == 250
    finally:
        for connection in connections:
            connection.close()


def test_more_connections_than_the_system_has_descriptors_for(bounded: Hop) -> None:
    before = resource.prlimit(bounded.pid, resource.RLIMIT_NOFILE)
    open_now = len(list(Path(f"/proc/{bounded.pid}/fd").iterdir()))
    said = len(bounded.log().splitlines())
    connections: list[socket.socket] = []
    try:
        resource.prlimit(bounded.pid, resource.RLIMIT_NOFILE, (open_now + 10, before[1]))
        connections.extend(socket.create_connection(("127.0.0.1", bounded.port), 60) for _ in range(300))
        until(lambda: "no connection can be accepted" in bounded.log(), "it says so")
    finally:
        for connection in connections:
            connection.close()
        resource.prlimit(bounded.pid, resource.RLIMIT_NOFILE, before)
    until(bounded.greets, "it lets clients in again")
    complaints = [line for line in bounded.log().splitlines()[said:] if '"level":"error"' in line.replace(" ", "")]
    assert len(complaints) == 1, "once a minute, not once for each try"


def test_many_mails_at_once_that_never_end(bounded: Hop) -> None:
    wires = []
    try:
        for _ in range(60):
            wire = bounded.connect()
            wires.append(wire)
            _begin(wire)
            _pour(wire, b"x" * MIB, 3 * MIB)
        assert bounded.send(mail("in the crowd")).code == 250
    finally:
        for wire in wires:
            wire.close()


HEAD = b"From: ben@example.net\r\nMIME-Version: 1.0\r\n"


def _deep(levels: int) -> bytes:
    text = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level) for level in range(levels))
    return HEAD + text + b"\r\ndeep\r\n"


def _quoted_zip(octets: bytes) -> bytes:
    return mail("zip", attachment=("a.zip", octets))


HOSTILE = {
    "header-of-20-MiB": lambda: HEAD + b"X-Long: " + b"a b=?utf-8?q?=41?= " * (MIB) + b"\r\n\r\nx\r\n",
    "a-million-header-lines": lambda: HEAD + b"a: b\r\n" * 1_000_000 + b"\r\nx\r\n",
    "folded-a-million-times": lambda: HEAD + b"Subject: x\r\n" + b" y\r\n" * 1_000_000 + b"\r\nx\r\n",
    "multiparts-10000-deep": lambda: _deep(10_000),
    "messages-10000-deep": lambda: HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 10_000 + b"x\r\n",
    "half-a-million-parts": lambda: (
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 500_000 + b"--b--\r\n"
    ),
    "parameters-without-end": lambda: HEAD + b"Content-Type: text/plain" + b"; a*0*=x''%41" * 500_000 + b"\r\n\r\nx\r\n",
    "encoded-words-without-end": lambda: HEAD + b"Subject: " + b"=?utf-7?b?K0FB?= " * 500_000 + b"\r\n\r\nx\r\n",
    "addresses-without-end": lambda: HEAD + b"From: " + b"a@b.c, (((" * 500_000 + b"\r\n\r\nx\r\n",
    "open-comments-in-html": lambda: HEAD + b"Content-Type: text/html\r\n\r\n" + b"<!--" * 2_000_000 + b"\r\n",
    "open-tags-in-html": lambda: HEAD + b"Content-Type: text/html\r\n\r\n" + b"<div a=" * 1_000_000 + b"\r\n",
    "entities-in-html": lambda: HEAD + b"Content-Type: text/html\r\n\r\n" + b"&" * 4_000_000 + b"&#1114112;" * 100_000 + b"\r\n",
    "twenty-mebibytes-of-text": lambda: HEAD + b"\r\n" + b"quuuuuuuuu nowher neverther\r\n" * 700_000,
    "zero-width-text": lambda: HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + "n\u200b".encode() * 2_000_000 + b"\r\n",
    "zip-bomb": lambda: _quoted_zip(_zip({f"{n}.txt": b"\0" * (64 * MIB) for n in range(4)})),
    "zip-in-zip-in-zip": lambda: _quoted_zip(_nested(b"\0" * (16 * MIB), 30)),
    "a-hundred-thousand-members": lambda: _quoted_zip(_zip({f"{n}.exe": b"" for n in range(100_000)})),
    "gzip-bomb": lambda: mail("gz", attachment=("a.gz", _gzip(512 * MIB))),
    "uuencoded-without-end": lambda: HEAD + b"\r\nbegin 644 a.exe\r\n" + b"M" + b"!" * 60 + b"\r\n" * 300_000,
    "base64-without-padding": lambda: (
        (
            HEAD
            + b"Content-Transfer-Encoding: base64\r\nContent-Type: text/plain\r\n\r\n"
            + base64.b64encode(b"neverther " * 2_000_000)
        )
        + b"\r\n"
    ),
}


def _nested(octets: bytes, times: int) -> bytes:
    for _ in range(times):
        octets = _zip({"a.zip": octets, "b.zip": octets})
    return octets


def _gzip(octets: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([packer.compress(b"\0" * MIB) for _ in range(octets // MIB)] + [packer.flush()])


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_content(bounded: Hop, name: str) -> None:
    content = HOSTILE[name]()
    with Wire(bounded.port, timeout=100) as wire:
        wire.hello()
        answer = wire.send("ben@example.net", ["anna@example.org"], content)[-1]
    # Taken, held, or put off for the moment: never refused for good, never an end without a word.
    assert answer.code in (250, 451), answer
    if answer.code == 250:
        until(lambda: bool(bounded.entries(mail_id=answer.id)), "it is kept")


def test_the_limits_of_one_message_are_settings(tmp_path: Path) -> None:
    """In the event loop and in a screening process alike."""
    rules = "rules: [{name: unreadable, when: {message: {defects: unreadable}}, then: hold}]"
    settings = {"screening": {"budget": {"parts": 3, "members": 2}}}
    many = "\r\n".join(f"--B\r\nContent-Type: text/plain\r\n\r\n{number}" for number in range(9))
    parts = f"From: a@example.net\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n{many}\r\n--B--\r\n"
    archive = _zip({f"{number}.txt": b"x" for number in range(5)})
    with running(tmp_path, settings=settings, rules={"10.yaml": rules}) as small:
        held = {small.send(parts.encode()).id, small.send(mail("archive", attachment=("a.zip", archive))).id}
        passed = small.send(mail("one", attachment=("b.zip", _zip({"x.txt": b"x"})))).id
        assert {entry.mail_id for entry in small.entries() if entry.state.value == "held"} == held
        assert passed not in held
