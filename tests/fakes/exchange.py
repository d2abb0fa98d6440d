"""A next hop in threads of the test's own, for tests of the whole service: it keeps what it takes, and can go down and come up.

What it does with a recipient stands in the address, so that every test reads by itself: `never-…` is refused for good, `later-…`
is put off until `relent`, a mail to `lost-…` is taken, but the first reply to its final dot is lost, and one to `mute-…` is taken,
but the first reply does not come for as long as the other side waits. `fakes.next_hop` is the one whose every reply is scripted.
"""

import contextlib
import re
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from fakes.namespace import free_port
from fakes.waiting import until

_PATH = re.compile(rb"<([^>]*)>")
_RECEIVED = re.compile(rb"Received: from [^\r\n]+\r\n(?:\t[^\r\n]+\r\n)+")
_OFFERS = (b"exchange.example.net", b"PIPELINING", b"SIZE 104857600", b"8BITMIME", b"SMTPUTF8", b"ENHANCEDSTATUSCODES", b"DSN")


@dataclass(frozen=True, slots=True)
class Taken:
    """One mail it has taken, the reply to it sent or lost."""

    recipients: tuple[str, ...]
    octets: bytes

    def carries(self, content: bytes, *, added: bytes = b"") -> bool:
        """Whether it is the hop's Received field, what a rule `added`, and this content: octet for octet, and nothing else."""
        top = self.octets[: len(self.octets) - len(added + content)]
        return self.octets == top + added + content and _RECEIVED.fullmatch(top) is not None


class Exchange:
    """Made by `exchange`."""

    def __init__(self) -> None:
        self.port = free_port()
        self.doubtful: set[str] = set()  # recipients of mails that were taken and whose final reply may never have arrived
        self._taken: list[Taken] = []
        self._forgiven: set[str] = set()
        self._relented = False
        self._lock = threading.Lock()
        self._listening: socket.socket | None = None
        self._connections: set[socket.socket] = set()
        self._torn: set[socket.socket] = set()

    def up(self) -> None:
        """Listen."""
        listening = socket.create_server(("127.0.0.1", self.port), backlog=1024)
        self._listening = listening
        threading.Thread(target=self._accept, args=(listening,), daemon=True).start()

    def down(self) -> None:
        """Refuse connections and drop those that are open, wherever they are: whoever waits for a reply has lost it."""
        if self._listening is not None:
            # shutdown, not close alone: a thread waits in accept.
            self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()
            self._listening = None
        with self._lock:
            self._torn |= self._connections
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def relent(self) -> None:
        """From now on `later-…` is accepted."""
        self._relented = True

    def taken(self) -> list[Taken]:
        """All mails so far, in the order in which they were taken."""
        with self._lock:
            return list(self._taken)

    def more(self, mails: int) -> None:
        """Wait until it has taken so many more."""
        goal = len(self.taken()) + mails
        until(lambda: len(self.taken()) >= goal, f"{mails} more mails arrive")

    def copies(self) -> Counter[str]:
        """How many copies each recipient has got."""
        with self._lock:
            return Counter(recipient for mail in self._taken for recipient in mail.recipients)

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        session = _Session(self, connection)
        # A connection that breaks is what these tests are about.
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as reading:
            session.run(reading)
        with self._lock:
            if connection in self._torn:
                self.doubtful.update(session.unconfirmed)
            self._torn.discard(connection)
            self._connections.discard(connection)

    def answer_to(self, recipient: str) -> bytes:
        """The reply to RCPT."""
        if recipient.startswith("never-"):
            return b"550 5.1.1 Nobody of that name"
        if recipient.startswith("later-") and not self._relented:
            return b"451 4.2.0 Come again"
        return b"250 2.1.5 Ok"

    def is_mute(self, mail: Taken) -> bool:
        """Whether a mail that was taken gets no reply while the connection lasts."""
        copies = self.copies()
        return any(recipient.startswith("mute-") and copies[recipient] == 1 for recipient in mail.recipients)

    def take(self, mail: Taken) -> bytes | None:
        """The reply to the final dot; None: it is lost."""
        with self._lock:
            self._taken.append(mail)
            unlucky = {recipient for recipient in mail.recipients if recipient.startswith("lost-")} - self._forgiven
            if unlucky:
                self._forgiven |= unlucky
                self.doubtful.update(mail.recipients)
                return None
            return b"250 2.0.0 Ok: taken as E%d" % len(self._taken)


class _Session:
    """One connection's dialogue."""

    def __init__(self, owner: Exchange, connection: socket.socket) -> None:
        self._owner = owner
        self._connection = connection
        self._recipients: list[str] = []
        self.unconfirmed: tuple[str, ...] = ()  # of the last mail, as long as nothing came after its final reply

    def run(self, reading: BinaryIO) -> None:
        """Until the other side leaves."""
        self._say(b"220 exchange.example.net ESMTP")
        while line := reading.readline():
            self.unconfirmed = ()
            verb = line[:4].upper()
            if verb == b"DATA" and self._recipients:
                self._say(b"354 Go on")
                content = _content(reading)
                self.unconfirmed, self._recipients = tuple(self._recipients), []
                mail = Taken(self.unconfirmed, content)
                reply = self._owner.take(mail)
                if reply is None:
                    return
                if self._owner.is_mute(mail):
                    reading.read()
                    return
                self._say(reply)
            elif verb == b"QUIT":
                self._say(b"221 2.0.0 Bye")
                return
            else:
                self._say(self._answer(verb, line))

    def _answer(self, verb: bytes, line: bytes) -> bytes:
        path = _PATH.search(line)
        address = path[1].decode("utf-8", "replace") if path else ""
        if verb == b"EHLO":
            return b"\r\n".join([*(b"250-" + offer for offer in _OFFERS[:-1]), b"250 " + _OFFERS[-1]])
        if verb == b"MAIL":
            self._recipients = []
            return b"250 2.1.0 Ok"
        if verb == b"RCPT":
            answer = self._owner.answer_to(address)
            if answer.startswith(b"250"):
                self._recipients.append(address)
            return answer
        if verb == b"RSET":
            self._recipients = []
        return b"554 5.5.1 No recipients" if verb == b"DATA" else b"250 2.0.0 Ok"

    def _say(self, line: bytes) -> None:
        self._connection.sendall(line + b"\r\n")


def _content(reading: BinaryIO) -> bytes:
    """The octets up to the final dot, dots undone; raises ConnectionError when they end before."""
    lines: list[bytes] = []
    while line := reading.readline():
        # A bare LF ends a readline, not an SMTP line: a dot after it neither ends the content nor was doubled.
        if line.startswith(b".") and (not lines or lines[-1].endswith(b"\r\n")):
            if line == b".\r\n":
                return b"".join(lines)
            line = line[1:]
        lines.append(line)
    raise ConnectionError("the content broke off")


@contextmanager
def exchange(*, up: bool = True) -> Iterator[Exchange]:
    """A next hop on a port of its own."""
    made = Exchange()
    if up:
        made.up()
    try:
        yield made
    finally:
        made.down()
