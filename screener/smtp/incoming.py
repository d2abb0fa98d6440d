"""What a client sent and nobody has read yet: lines for the commands, chunks for the data.

Promises that it never holds much more than MAX_WAITING octets: beyond that the transport is paused, and the client's own TCP
window fills. One reader at a time. Time limits are left to `session`.
"""

import asyncio

MAX_LINE = 4096  # octets of one command with its CRLF; RFC 5321 4.5.3.1.4 and the extensions' additions ask for about 1,500
MAX_WAITING = 131_072


class Incoming:
    """Octets of one connection, in order."""

    __slots__ = ("_buffer", "_ended", "_loop", "_paused", "_transport", "_waiter")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._buffer = bytearray()
        self._ended = False
        self._paused = False
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None

    def read_from(self, transport: asyncio.Transport) -> None:
        """Take octets from this transport from now on; forget those of the one before (RFC 3207 4.2: nothing that was
        injected before the handshake may count after it)."""
        self._transport = transport
        self._paused = False
        self._buffer.clear()

    def fed(self, octets: bytes) -> None:
        """Octets came."""
        self._buffer += octets
        if len(self._buffer) > MAX_WAITING and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        if self._waiter is not None:
            self._wake(self._waiter)

    def ended(self) -> None:
        """Nothing more will come."""
        self._ended = True
        if self._waiter is not None:
            self._wake(self._waiter)

    async def more(self) -> bool:
        """Wait for octets beyond those that are here; False when none will come."""
        if self._paused and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        if self._ended:
            return False
        self._waiter = self._loop.create_future()
        had = len(self._buffer)
        await self._waiter
        return len(self._buffer) > had

    def line(self) -> bytes | None:
        """The next line with its LF, if it is whole; or more than MAX_LINE octets without one."""
        end = self._buffer.find(b"\n", 0, MAX_LINE)
        if end < 0:
            return self.chunk() if len(self._buffer) >= MAX_LINE else None
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        return line

    def chunk(self) -> bytes:
        """Everything that is here."""
        octets = bytes(self._buffer)
        self._buffer.clear()
        return octets

    def put_back(self, octets: bytes) -> None:
        """These were read too far."""
        if octets:
            self._buffer[:0] = octets

    def _wake(self, waiter: "asyncio.Future[None]") -> None:
        self._waiter = None
        if not waiter.done():
            waiter.set_result(None)
