"""A next hop on a real socket that does what it is told: replies by command, delays, drops, keywords, TLS, AUTH.

It runs in a thread of its own, so that tests of every kind can use it, and records all it got. `Behaviour` is looked at anew for
each command: a test may change `hop.behaviour` while mail flows.

    with NextHop(Behaviour(rcpt={"bad@example.org": "550 5.1.1 unknown"})) as hop:
        ... send to 127.0.0.1:hop.port ...
        assert hop.mails[0].content == octets
"""

import base64
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

DROP = ""  # instead of a reply: close the connection without a word


@dataclass
class Behaviour:
    """What it does. A reply is its lines joined by "\\n"; DROP closes the connection instead; a callable is asked each time."""

    greeting: "str | Callable[[], str]" = "220 hop.example.net ESMTP"
    keywords: tuple[str, ...] = ("PIPELINING", "8BITMIME", "SMTPUTF8", "DSN", "SIZE 52428800", "ENHANCEDSTATUSCODES")
    ehlo: str | None = None  # instead of the keywords
    helo: str = "250 hop.example.net"
    mail: "str | Callable[[str], str]" = "250 2.1.0 Ok"
    rcpt: "dict[str, str] | Callable[[str], str]" = field(default_factory=dict)  # by address; others "250 2.1.5 Ok"
    data: "str | Callable[[], str]" = "354 Go ahead"
    final: "str | Callable[[Got], str]" = "250 2.0.0 Ok: queued as ABC123"
    rset: str = "250 2.0.0 Ok"
    starttls: str = "220 2.0.0 Go"
    auth: "str | Callable[[str], str]" = "235 2.7.0 Ok"  # asked for AUTH and for each line after a 334
    certificate: tuple[str, str] | None = None  # files: certificate, key; offers STARTTLS
    drop_in_content: int = 0  # close after so many octets of a content
    goodbye_in_content: str = ""  # say this before that
    reply_in_content: str = ""  # say this after the content's first octets, and go on
    data_anyway: bool = False  # 354 also without any recipient
    drop_after_final: bool = False  # takes the mail, and closes before it says so: the final reply is lost
    drop_after_mails: int = 0  # close a connection, silently, after so many mails
    goodbye_after_mails: str = ""  # say this unasked after each mail, and close
    delay: dict[str, float] = field(default_factory=dict)  # seconds before the reply, by verb, "greeting" or "final"
    drip: tuple[str, float] | None = None  # a line said again and again instead of a reply to MAIL, and the seconds between
    accept: bool = True  # False: connections are closed as soon as they come


@dataclass
class Got:
    """One mail it has said 250 to, or would have."""

    connection: int
    sender: str
    parameters: str  # what stood behind the path in MAIL
    recipients: list[str]
    rcpt_parameters: list[str]
    content: bytes  # dots undone, with its final CRLF
    acknowledged: bool = True  # False: the final reply was lost
    tls: bool = False


class NextHop:
    """Listens from the start; `down` and `up` close and open its port again."""

    def __init__(self, behaviour: Behaviour | None = None, port: int = 0, host: str = "127.0.0.1") -> None:
        self.behaviour = behaviour or Behaviour()
        self.mails: list[Got] = []
        self.commands: list[str] = []
        self.writes: list[bytes] = []  # what came in one piece, for pipelining
        self.connections = 0
        self.most_at_once = 0
        self.credentials: list[str] = []
        self._host = host
        self.port = port
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listening: socket.socket | None = None
        self.up()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.down()

    def up(self) -> None:
        """Listen, on the same port as before."""
        listening = socket.socket(socket.AF_INET6 if ":" in self._host else socket.AF_INET)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((self._host, self.port))
        listening.listen(1024)
        self.port = listening.getsockname()[1]
        self._listening = listening
        threading.Thread(target=self._accept, args=(listening,), daemon=True).start()

    def down(self) -> None:
        """Close the port and every connection."""
        if self._listening is not None:
            self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()
            self._listening = None
        self.hang_up()

    def hang_up(self) -> None:
        """Close every connection; the port stays open."""
        with self._lock:
            for one in self._open:
                _shut(one)

    @property
    def open_connections(self) -> int:
        """How many there are now."""
        with self._lock:
            return len(self._open)

    def verbs(self) -> list[str]:
        """The verbs it got, in order."""
        return [command.split(" ")[0].split(":")[0].upper() for command in list(self.commands)]

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            if not self.behaviour.accept:
                connection.close()
                continue
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self.connections += 1
                self._open.add(connection)
                self.most_at_once = max(self.most_at_once, len(self._open))
                number = self.connections
            threading.Thread(target=self._serve, args=(connection, number), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            _Session(self, connection, number).run()
        except (OSError, EOFError, ssl.SSLError):
            pass
        finally:
            with self._lock:
                self._open.discard(connection)
            _shut(connection)
            connection.close()


class _Session:
    """One connection."""

    def __init__(self, hop: NextHop, connection: socket.socket, number: int) -> None:
        self._hop, self._raw, self._number = hop, connection, number
        self._socket: socket.socket = connection
        self._buffer = b""
        self._tls = False
        self._mails = 0
        self._reset()

    def _reset(self) -> None:
        self._sender: str | None = None
        self._parameters = ""
        self._recipients: list[str] = []
        self._rcpt_parameters: list[str] = []

    def run(self) -> None:
        greeting = self._hop.behaviour.greeting
        self._reply(greeting() if callable(greeting) else greeting, "greeting")
        while True:
            line = self._line().decode("utf-8", "replace")
            self._hop.commands.append(line)
            verb = line.split(" ")[0].upper()
            match verb:
                case "EHLO":
                    self._reply(self._ehlo(), verb)
                case "HELO":
                    self._reply(self._hop.behaviour.helo, verb)
                case "STARTTLS":
                    self._start_tls()
                case "AUTH":
                    self._auth(line)
                case "MAIL":
                    self._mail(line)
                case "RCPT":
                    self._rcpt(line)
                case "DATA":
                    self._data()
                case "RSET":
                    self._reset()
                    self._reply(self._hop.behaviour.rset, verb)
                case "QUIT":
                    self._reply("221 2.0.0 Bye", verb)
                    return
                case _:
                    self._reply("500 5.5.1 What?", verb)

    def _ehlo(self) -> str:
        behaviour = self._hop.behaviour
        if behaviour.ehlo is not None:
            return behaviour.ehlo
        keywords = behaviour.keywords
        if behaviour.certificate is not None and not self._tls:
            keywords = (*keywords, "STARTTLS")
        texts = ["hop.example.net", *keywords]
        return "\n".join(f"250{' ' if at == len(texts) - 1 else '-'}{text}" for at, text in enumerate(texts))

    def _start_tls(self) -> None:
        behaviour = self._hop.behaviour
        self._reply(behaviour.starttls, "STARTTLS")
        if behaviour.starttls.startswith("220") and behaviour.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*behaviour.certificate)
            self._socket = context.wrap_socket(self._raw, server_side=True)
            self._tls = True
            self._reset()

    def _auth(self, line: str) -> None:
        if line.upper().startswith("AUTH PLAIN "):
            self._hop.credentials.append(base64.b64decode(line.split(" ")[2]).decode())
        told = self._hop.behaviour.auth
        reply = told(line) if callable(told) else told
        self._reply(reply, "AUTH")
        if reply.startswith("334"):
            self._auth(self._line().decode())

    def _mail(self, line: str) -> None:
        path, _, parameters = line.partition(":")[2].strip().partition("> ")
        while (drip := self._hop.behaviour.drip) is not None:
            self._socket.sendall(f"{drip[0]}\r\n".encode())
            time.sleep(drip[1])
        told = self._hop.behaviour.mail
        reply = told(line) if callable(told) else told
        if reply.startswith("250"):
            self._reset()
            self._sender, self._parameters = path.strip("<>"), parameters
        self._reply(reply, "MAIL")

    def _rcpt(self, line: str) -> None:
        if self._sender is None:
            self._reply("503 5.5.1 MAIL first", "RCPT")
            return
        path, _, parameters = line.partition(":")[2].strip().partition("> ")
        address = path.strip("<>")
        told = self._hop.behaviour.rcpt
        reply = told(address) if callable(told) else told.get(address, "250 2.1.5 Ok")
        if reply.startswith("250"):
            self._recipients.append(address)
            self._rcpt_parameters.append(parameters)
        self._reply(reply, "RCPT")

    def _data(self) -> None:
        behaviour = self._hop.behaviour
        told = behaviour.data() if callable(behaviour.data) else behaviour.data
        if not self._recipients and told.startswith("354") and not behaviour.data_anyway:
            self._reply("503 5.5.1 RCPT first", "DATA")
            return
        self._reply(told, "DATA")
        if not told.startswith("354"):
            return
        content = self._content(behaviour.drop_in_content)
        got = Got(
            self._number, self._sender or "", self._parameters, self._recipients, self._rcpt_parameters, content, tls=self._tls
        )
        self._reset()
        self._mails += 1
        final = behaviour.final(got) if callable(behaviour.final) else behaviour.final
        if behaviour.drop_after_final or final.startswith("250"):
            got.acknowledged = not behaviour.drop_after_final
            self._hop.mails.append(got)
        if behaviour.drop_after_final:
            raise EOFError
        self._reply(final, "final")
        if behaviour.goodbye_after_mails:
            self._reply(behaviour.goodbye_after_mails, "goodbye")
            raise EOFError
        if behaviour.drop_after_mails and self._mails >= behaviour.drop_after_mails:
            raise EOFError

    def _content(self, drop_after: int) -> bytes:
        pieces = [b"\r\n", self._buffer]  # the line end before the content, so that a lone dot is found at its start too
        size = len(self._buffer)
        self._buffer = b""
        tail = b"".join(pieces)[-8:]
        while b"\r\n.\r\n" not in tail:
            piece = self._receive()
            pieces.append(piece)
            size += len(piece)
            tail = tail[-8:] + piece
            if (early := self._hop.behaviour.reply_in_content) and len(pieces) == 3:
                self._reply(early, "early")
            if drop_after and size >= drop_after:
                if goodbye := self._hop.behaviour.goodbye_in_content:
                    self._reply(goodbye, "goodbye")
                    time.sleep(0.3)  # closing with unread octets sends a reset, which may overtake the reply
                raise EOFError
        octets = b"".join(pieces)
        end = octets.index(b"\r\n.\r\n")
        self._buffer = octets[end + 5 :]
        return octets[: end + 2].replace(b"\r\n.", b"\r\n")[2:]

    def _line(self) -> bytes:
        while b"\r\n" not in self._buffer:
            self._buffer += self._receive()
        line, self._buffer = self._buffer.split(b"\r\n", 1)
        return line

    def _receive(self) -> bytes:
        octets = self._socket.recv(262_144)
        if not octets:
            raise EOFError
        self._hop.writes.append(octets[:4096])
        return octets

    def _reply(self, text: str, step: str) -> None:
        if delay := self._hop.behaviour.delay.get(step):
            time.sleep(delay)
        if text == DROP:
            raise EOFError
        self._socket.sendall("".join(f"{line}\r\n" for line in text.split("\n")).encode("utf-8", "surrogateescape"))


def _shut(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
