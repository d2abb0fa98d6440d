"""An SMTP client that sends exactly the octets it is told, one reply at a time: what smtplib would put right stays wrong."""

import re
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Self


class Lost(Exception):
    """The other side closed the connection, or a reply did not come."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply as it came."""

    code: int
    lines: tuple[str, ...]  # without the code

    @property
    def text(self) -> str:
        """All lines, with the code."""
        return f"{self.code} {' '.join(self.lines)}"

    @property
    def id(self) -> str:
        """The id in `250 2.0.0 Ok: queued as ID`."""
        match = re.search(r"queued as (\S+)", self.text)
        assert match is not None, self.text
        return match[1]


class Wire:
    """One connection."""

    def __init__(self, port: int, *, host: str = "127.0.0.1", source: str = "", timeout: float = 60.0) -> None:
        try:
            self.socket = socket.create_connection((host, port), timeout, source_address=(source, 0) if source else None)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._reading = self.socket.makefile("rb")
        except OSError as error:
            raise Lost(str(error)) from error
        self.greeting = self.answer()

    def write(self, octets: bytes) -> None:
        """Send these octets."""
        try:
            self.socket.sendall(octets)
        except OSError as error:
            raise Lost(str(error)) from error

    def answer(self) -> Answer:
        """Read one reply; raises Lost."""
        lines = []
        while True:
            try:
                line = self._reading.readline(65_536)
            except OSError as error:
                raise Lost(str(error)) from error
            if not line.endswith(b"\r\n"):
                raise Lost(f"the connection ended after {line!r}")
            lines.append(line[4:-2].decode("utf-8", "replace"))
            if line[3:4] != b"-":
                return Answer(int(line[:3]), tuple(lines))

    def command(self, line: str | bytes) -> Answer:
        """Send one line and read its reply."""
        self.write((line.encode() if isinstance(line, str) else line) + b"\r\n")
        return self.answer()

    def hello(self, name: str = "client.example.net") -> Answer:
        """EHLO."""
        return self.command(f"EHLO {name}")

    def starttls(self, context: ssl.SSLContext, name: str) -> Answer:
        """STARTTLS and the handshake."""
        answer = self.command("STARTTLS")
        if answer.code == 220:
            self._reading.close()
            self.socket = context.wrap_socket(self.socket, server_hostname=name)
            self._reading = self.socket.makefile("rb")
        return answer

    def send(self, sender: str, recipients: Iterable[str], content: bytes, *, parameters: str = "") -> list[Answer]:
        """One transaction, MAIL, RCPTs and DATA in one write. The answers to MAIL, to each RCPT, and the final one.

        The final answer is the one to DATA itself when that was refused.
        """
        lines = [f"MAIL FROM:<{sender}>{parameters}", *(f"RCPT TO:<{recipient}>" for recipient in recipients), "DATA"]
        self.write("".join(f"{line}\r\n" for line in lines).encode())
        answers = [self.answer() for _ in lines]
        if answers[-1].code == 354:
            self.write(stuffed(content))
            answers[-1] = self.answer()
        return answers

    def close(self) -> None:
        """Drop the connection."""
        self._reading.close()
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def stuffed(content: bytes) -> bytes:
    """Content as it goes over the wire: dots doubled (RFC 5321 4.5.2), the final dot at its end."""
    doubled = content.replace(b"\r\n.", b"\r\n..")
    return (b"." if doubled.startswith(b".") else b"") + doubled + b".\r\n"
