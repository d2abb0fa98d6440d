"""The sockets of clients: a door that lets them in, a stream for each.

Promises of a stream what asyncio promises of its own transport for a socket, as far as sessions and TLS need it, for less: on a
hop that takes each mail on a new connection, asyncio's task, futures and call-backs for one connection cost as much as several
SMTP commands. Octets are read and written where the event loop tells that they can be; what a client does not
take waits here, and beyond HIGH octets the protocol is told to pause. What the octets mean is the protocol's.
"""

import asyncio
import errno
import socket
from asyncio.sslproto import SSLProtocol
from collections.abc import Callable
from typing import Final, Protocol, cast

AT_ONCE: Final = 64  # connections let in before others are heard again
PIECE: Final = 65_536  # octets read at once
HIGH: Final = 65_536  # octets that wait to be sent: beyond it the protocol is told to pause
LOW: Final = 16_384  # and here to go on
PATIENCE: Final = 1.0  # seconds without letting anybody in when descriptors or memory are used up

# Where the TLS of all clients reads to: what was read is taken before anybody reads again.
_FOR_TLS: Final = memoryview(bytearray(SSLProtocol.max_size))

_USED_UP = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM))


class _Reading(Protocol):
    """Where asyncio's TLS reads to: 256 KiB for each connection, and most have nothing to say."""

    _ssl_buffer: bytearray
    _ssl_buffer_view: memoryview


class Door:
    """A listening socket that makes a session of each connection."""

    def __init__(self, loop: asyncio.AbstractEventLoop, listening: socket.socket, session: Callable[[], asyncio.Protocol]) -> None:
        """Takes the bound socket over: `close` closes it."""
        self._loop = loop
        self._listening = listening
        self._session = session
        self._closed = False

    def open(self, backlog: int) -> None:
        """Listen; raises OSError."""
        self._listening.listen(backlog)
        self._listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # what comes of it inherits that
        self._loop.add_reader(self._listening, self._let_in)

    def close(self) -> None:
        """Let nobody in any more."""
        if not self._closed:
            self._closed = True
            self._loop.remove_reader(self._listening)
            self._listening.close()

    def _let_in(self) -> None:
        for _ in range(AT_ONCE):
            try:
                accepted, peer = self._listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in _USED_UP:
                    raise
                self._loop.remove_reader(self._listening)
                self._loop.call_later(PATIENCE, self._open_again)
                self._loop.call_exception_handler({"message": "no connection can be accepted", "exception": error})
                return
            accepted.setblocking(False)
            Stream(self._loop, accepted, self._session(), peer)

    def _open_again(self) -> None:
        if not self._closed:
            self._loop.add_reader(self._listening, self._let_in)


class Stream(asyncio.Transport):
    """One client's connected TCP socket."""

    __slots__ = (
        "_closing",
        "_descriptor",
        "_ended",
        "_into",
        "_loop",
        "_paused",
        "_protocol",
        "_socket",
        "_told_to_pause",
        "_unsent",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, connected: socket.socket, protocol: asyncio.Protocol, peer: object) -> None:
        """Begins to read, and tells the protocol so."""
        super().__init__({"peername": peer, "socket": connected})
        self._loop = loop
        self._socket = connected
        self._descriptor = connected.fileno()  # the event loop looks a socket up by its repr, with two system calls
        self._protocol = protocol
        self._into: asyncio.BufferedProtocol | None = None  # a protocol that gives the place to read into: TLS
        self._unsent = bytearray()
        self._told_to_pause = False
        self._paused = False  # nothing is read
        self._closing = False  # nothing is read, what waits is sent
        self._ended = False  # the protocol is told, or will be
        loop.add_reader(self._descriptor, self._readable)
        protocol.connection_made(self)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = cast(asyncio.Protocol, protocol)
        self._into = protocol if isinstance(protocol, asyncio.BufferedProtocol) else None
        if isinstance(protocol, SSLProtocol):
            reading = cast(_Reading, protocol)
            reading._ssl_buffer, reading._ssl_buffer_view = cast(bytearray, _FOR_TLS.obj), _FOR_TLS

    def is_closing(self) -> bool:
        return self._closing

    # Reading.

    def is_reading(self) -> bool:
        return not self._paused and not self._closing

    def pause_reading(self) -> None:
        if self.is_reading():
            self._paused = True
            self._loop.remove_reader(self._descriptor)

    def resume_reading(self) -> None:
        if self._paused and not self._closing:
            self._paused = False
            self._loop.add_reader(self._descriptor, self._readable)

    def _readable(self) -> None:
        try:
            came = self._read()
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._force_close(error)
            return
        if not came and not self._closing:
            if self._protocol.eof_received():  # it may still listen
                self._loop.remove_reader(self._descriptor)
            else:
                self.close()

    def _read(self) -> int:
        """Take what is there to the protocol; 0: the client will say no more."""
        into = self._into
        if into is not None:
            count = self._socket.recv_into(into.get_buffer(-1))
            if count:
                into.buffer_updated(count)
            return count
        octets = self._socket.recv(PIECE)
        if octets:
            self._protocol.data_received(octets)
        return len(octets)

    # Writing.

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._ended:
            return
        if not self._unsent:
            try:
                sent = self._socket.send(data)
            except (BlockingIOError, InterruptedError):
                sent = 0
            except OSError as error:
                self._force_close(error)
                return
            if sent == len(data):
                return
            data = memoryview(data)[sent:]
            self._loop.add_writer(self._descriptor, self._writable)
        self._unsent += data
        if len(self._unsent) > HIGH and not self._told_to_pause:
            self._told_to_pause = True
            self._protocol.pause_writing()

    def get_write_buffer_size(self) -> int:
        return len(self._unsent)

    def _writable(self) -> None:
        try:
            del self._unsent[: self._socket.send(self._unsent)]
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._force_close(error)
            return
        if not self._unsent:
            self._loop.remove_writer(self._descriptor)
            if self._closing:
                self._end(None)
        if self._told_to_pause and len(self._unsent) <= LOW:
            self._told_to_pause = False
            self._protocol.resume_writing()

    # The end.

    def close(self) -> None:
        """Send what waits, then end."""
        if not self._closing:
            self._closing = True
            self._loop.remove_reader(self._descriptor)
            if not self._unsent:
                self._end(None)

    def abort(self) -> None:
        """End at once; what waits is not sent."""
        self._force_close(None)

    def _force_close(self, error: Exception | None) -> None:
        """The name is asyncio's: its TLS calls it."""
        if not self._ended:
            self._closing = True
            self._loop.remove_reader(self._descriptor)
            if self._unsent:
                self._unsent.clear()
                self._loop.remove_writer(self._descriptor)
            self._end(error)

    def _end(self, error: Exception | None) -> None:
        if not self._ended:
            self._ended = True
            self._loop.call_soon(self._lost, error)

    def _lost(self, error: Exception | None) -> None:
        """The protocol hears of it when whatever it is doing just now is done."""
        try:
            self._protocol.connection_lost(error)
        finally:
            self._socket.close()
            del self._protocol, self._into  # each knows the other: without this they would wait for the garbage collector
