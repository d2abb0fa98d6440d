"""Many sessions: what idle ones cost in memory, and how much the hop takes with fifty busy ones."""

import resource
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fakes.certificate import Certificate

from bench.aims import MEMORY_GOAL, Goal, Seen, shown
from bench.cells import Cell
from bench.machine import Taken
from bench.results import Part
from bench.stand import standing
from bench.systems.hop import Screener

IDLE = 2_000
GOAL = Goal(f"{IDLE:,} idle sessions: more memory, all processes (PSS)", " MB", 30.0)
_LIMITS = {"connections": 3 * IDLE, "connections_per_client": 3 * IDLE, "messages_per_connection": 10_000_000}


def measure(place: Path, pair: Certificate) -> Part:
    """A hop with everything on: idle sessions first, then busy ones; another one for idle sessions over TLS."""
    taken = Taken.now()
    _allow(6 * IDLE)
    with standing(Screener("sessions", settings={"limits": _LIMITS}), place, pair) as stand:
        stand.prove()  # everything was used once; but no burst has left memory that sessions could take for nothing
        before = stand.system.tree.memory()
        with _sessions(stand.port) as idle:
            time.sleep(1)
            during = stand.system.tree.memory()
            with _sessions(stand.port):
                time.sleep(1)
                twice = stand.system.tree.memory()
            for session in idle:
                _say(session, b"NOOP\r\n")
        busy = stand.memory(Cell("M", 50), 1000)
    with standing(Screener("sessions-over-tls", settings={"limits": _LIMITS}), place, pair) as stand:
        stand.prove()
        clear = stand.system.tree.memory()
        with _sessions(stand.port, tls=True):
            time.sleep(1)
            secure = stand.system.tree.memory()
    seen = [Seen(GOAL, (during - before) / 1e6), Seen(MEMORY_GOAL, busy / 2**20)]
    told = [
        f"Before them {shown(before / 1e6)} MB, some of it free since the start; {IDLE:,} idle sessions more on top of them cost "
        f"{shown((twice - during) / 1e6)} MB. Every one answered afterwards.",
        f"Over TLS {IDLE:,} idle sessions cost {shown((secure - clear) / 1e6)} MB on top of {shown(clear / 1e6)}.",
    ]
    return Part(taken, "Sessions that have said EHLO and nothing since.", seen, told)


@contextmanager
def _sessions(port: int, *, tls: bool = False) -> Iterator[list[socket.socket]]:
    """So many, each greeted."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # it is our own
    opened: list[socket.socket] = []
    try:
        for _ in range(IDLE):
            opened.append(socket.create_connection(("127.0.0.1", port), 30))
            _reply(opened[-1])
            _say(opened[-1], b"EHLO client.bench.example.net\r\n")
            if tls:
                _say(opened[-1], b"STARTTLS\r\n")
                opened[-1] = context.wrap_socket(opened[-1])
                _say(opened[-1], b"EHLO client.bench.example.net\r\n")
        yield opened
    finally:
        for session in opened:
            session.close()


def _say(session: socket.socket, command: bytes) -> None:
    session.sendall(command)
    _reply(session)


def _reply(session: socket.socket) -> None:
    """A whole reply that is a success."""
    come = b""
    while not come.endswith(b"\r\n") or come.splitlines()[-1][3:4] != b" ":
        octets = session.recv(4096)
        assert octets, f"the session was closed after {come!r}"
        come += octets
    assert come[:1] == b"2", f"the answer was {come!r}"


def _allow(files: int) -> None:
    """Have so many files open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(files, hard)), hard))
