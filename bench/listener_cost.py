"""What the listener alone costs: CPU per message with an intake that answers at once, in a process of its own.

    python bench/listener_cost.py [messages] [--reuse]

Each message is 4 KB and comes on a new connection (with --reuse: on one) with one command at a time, as smtp-source sends them.
The client is a thread of another process. Prints user and system time of the server by its message.
"""

import asyncio
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from screener.config.models import Config
from screener.mail.address import Address
from screener.mail.envelope import Client
from screener.mail.mail import Mail
from screener.mail.reply import Reply
from screener.smtp.access import Access
from screener.smtp.receiving import BodyFile
from screener.smtp.server import SmtpServer

CONTENT = b"From: a@example.net\r\nTo: b@example.org\r\nSubject: hello\r\n\r\n" + b"x" * 70 + b"\r\n"
CONTENT += (b"The quick brown fox jumps over the lazy dog and runs away from here. ok\r\n") * 54


class AtOnce:
    """An intake that takes everything."""

    def ready(self) -> Reply | None:
        return None

    def refuse_recipient(self, _client: Client, _sender: Address, _recipient: Address) -> Reply | None:
        return None

    def new_id(self) -> str:
        return "01ABCDEFGHJKMN"

    def new_body(self, mail_id: str) -> BodyFile:
        raise NotImplementedError(mail_id)

    async def take(self, mail: Mail) -> Reply:
        return Reply(250, "2.0.0", f"Ok: queued as {mail.id}")


class Uncounted:
    """Metrics that count nothing."""

    def connection(self, listener: str, result: str) -> None: ...

    def connections_in(self, listener: str, count: int) -> None: ...

    def refusal(self, listener: str, reason: str) -> None: ...


def settings() -> Config:
    """One listener on a free port."""
    return Config.model_validate(
        {
            "hostname": "hop.example.net",
            "listeners": [{"name": "inbound", "port": 0}],
            "domains": {"example.org": {"route": "inside"}},
            "routes": {"inside": {"maildir": "unused"}},
            "limits": {"messages_per_connection": 10_000_000, "octets_per_connection": "1000 GB"},
        }
    )


async def serve(tell: int) -> None:
    """Listen; write the port to the descriptor `tell`, and serve until killed."""
    config = settings()
    server = SmtpServer(config, AtOnce(), Access(config, None), Uncounted())
    await server.start()
    os.write(tell, f"{server.addresses['inbound'].port}\n".encode())
    await asyncio.Event().wait()


@contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    """A greeted and introduced connection."""
    with socket.create_connection(("127.0.0.1", port)) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wire.recv(1000)
        ask(wire, b"EHLO bench.example.net\r\n")
        yield wire
        ask(wire, b"QUIT\r\n")


def ask(wire: socket.socket, octets: bytes) -> bytes:
    """Send, and wait for the reply."""
    wire.sendall(octets)
    return wire.recv(4000)


def one(wire: socket.socket) -> None:
    """One message."""
    ask(wire, b"MAIL FROM:<sender@example.net>\r\n")
    ask(wire, b"RCPT TO:<anna@example.org>\r\n")
    ask(wire, b"DATA\r\n")
    answer = ask(wire, CONTENT + b".\r\n")
    assert answer.startswith(b"250 2.0.0 Ok: queued as"), answer


def main() -> None:
    """Run the server as a child, send, and print what it used."""
    numbers = [argument for argument in sys.argv[1:] if argument.isdigit()]
    messages = int(numbers[0]) if numbers else 5000
    reading, telling = os.pipe()
    child = os.fork()
    if child == 0:
        asyncio.run(serve(telling))
        return
    port = int(os.read(reading, 20))
    warm_up = 300
    with connected(port) as wire:
        for _ in range(warm_up):
            one(wire)
    before = used(child)
    if "--reuse" in sys.argv:
        with connected(port) as wire:
            for _ in range(messages):
                one(wire)
    else:
        for _ in range(messages):
            with connected(port) as wire:
                one(wire)
    user, system = (1000 * (after - was) / messages for after, was in zip(used(child), before, strict=True))
    os.kill(child, 9)
    _, _, usage = os.wait4(child, 0)
    print(f"{messages} messages of {len(CONTENT)} octets, {'one connection' if '--reuse' in sys.argv else 'new connections'}")  # noqa: T201
    print(f"CPU ms a message: {user + system:.3f} (user {user:.3f}, system {system:.3f}); peak memory {usage.ru_maxrss} KiB")  # noqa: T201


def used(pid: int) -> tuple[float, float]:
    """Seconds of user and system time of a process, to the nanosecond where the kernel has it."""
    whole = int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    user, system = int(fields[11]), int(fields[12])
    share = user / ((user + system) or 1)
    return whole * share, whole * (1 - share)


if __name__ == "__main__":
    main()
