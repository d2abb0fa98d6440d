"""What a client sent and nobody has read yet: lines for the commands, chunks for the data.

Promises that it never holds much more than MAX_WAITING octets: beyond that the transport is paused, and the client's own TCP
window fills. What is read as it comes is not copied. Time limits are left to `session`.
"""

import asyncio

MAX_LINE = 4096  # octets of one command with its CRLF; RFC 5321 4.5.3.1.4 and the extensions' additions ask for about 1,500
MAX_WAITING = 131_072


class Incoming:
    """Octets of one connection, in order."""

    __slots__ = ("_at", "_octets", "_paused", "_transport")

    def __init__(self) -> None:
        self._octets = b""
        self._at = 0  # before it everything was read
        self._paused = False
        self._transport: asyncio.Transport | None = None

    def read_from(self, transport: asyncio.Transport) -> None:
        """Take octets from this transport from now on; forget those of the one before (RFC 3207 4.2: nothing that was
        injected before the handshake may count after it)."""
        self._transport = transport
        self._paused = False
        self._octets = b""
        self._at = 0

    def fed(self, octets: bytes) -> None:
        """Octets came."""
        if self._at == len(self._octets):
            self._octets = octets
        else:
            self._octets = self._octets[self._at :] + octets
            if len(self._octets) > MAX_WAITING and not self._paused and self._transport is not None:
                self._paused = True
                self._transport.pause_reading()
        self._at = 0

    def line(self) -> bytes | None:
        """The next line with its LF, if it is whole; or MAX_LINE octets or more without one."""
        start = self._at
        end = self._octets.find(b"\n", start, start + MAX_LINE) + 1
        if end == 0:
            return self.chunk() if len(self._octets) - start >= MAX_LINE else None
        self._at = end
        return self._octets[start:end]

    def chunk(self) -> bytes:
        """Everything that is here."""
        octets = self._octets[self._at :] if self._at else self._octets
        self._octets = b""
        self._at = 0
        return octets

    def put_back(self, octets: bytes) -> None:
        """These were read too far, to the end of what was here."""
        self._octets = octets + self.chunk()

    def go_on(self) -> None:
        """What was here has been read: let more come."""
        if self._paused and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
