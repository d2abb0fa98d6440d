"""One SMTP connection to a next hop once it is set up: commands out, replies in, a time-out for each step.

Promises bounded memory whatever the other side sends, backpressure on big contents, and that nothing a next hop sends can be taken
for the answer to something it did not answer: what comes unasked while nobody uses the connection makes it unusable. Few
allocations: one timer for the connection, one future for each wait. What replies mean is `exchange`'s.
"""

import asyncio
import re
from collections.abc import Sequence
from functools import lru_cache

from screener.mail.reply import Reply

MAX_LINE = 4096  # octets of one line of a reply; RFC 5321 4.5.3.1.5 allows 512
MAX_REPLY = 32_768  # octets of all lines of one reply
MAX_TEXT = 512  # characters kept of one
HIGH_WATER = 524_288  # octets waiting in the transport before a writer has to wait

_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?: +|$)")  # RFC 2034


class Wire(asyncio.Protocol):
    """The protocol of an established connection. A time limit is for a whole reply, however many lines it comes in."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self.lost = ""  # why the connection cannot be used any more, for people; "" while it can
        self.idle = False  # nobody uses it: whatever comes now comes unasked
        self._transport = transport
        self._loop = loop
        self._rest = b""
        self._lines: list[bytes] = []
        self._lines_size = 0
        self._replies: list[Reply] = []
        self._limits: Sequence[float] = ()  # seconds for each reply that is waited for
        self._waiter: asyncio.Future[None] | None = None
        self._paused = False
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        transport.set_protocol(self)
        transport.set_write_buffer_limits(high=HIGH_WATER)
        if transport.is_closing():
            self.lost = "connection lost"

    @property
    def has_heard(self) -> bool:
        """Whether a reply is there that nobody has waited for yet."""
        return bool(self._replies)

    async def hear(self, limits: Sequence[float]) -> list[Reply]:
        """As many replies as there are limits (seconds for each); fewer when the connection was lost: see `lost`."""
        wanted = len(limits)
        if len(self._replies) < wanted and not self.lost:
            self._limits = limits
            await self._wait(limits[len(self._replies)])
            self._limits = ()
        heard, self._replies = self._replies[:wanted], self._replies[wanted:]
        return heard

    def write(self, octets: bytes) -> None:
        """Send; does nothing once the connection is lost."""
        if not self.lost:
            self._transport.write(octets)
            if self._transport.is_closing():  # asyncio tells `connection_lost` later; what was just written did not go out whole
                self._end("connection lost")

    async def drain(self, limit: float) -> None:
        """Wait, at most `limit` seconds, until the other side has taken enough of what was written; lets others run in any case."""
        if self._paused and not self.lost:
            await self._wait(limit)
        else:
            await asyncio.sleep(0)

    def abandon(self, why: str) -> None:
        """Drop the connection; whoever waits gets what has been heard so far."""
        self._end(why)
        self._transport.abort()

    async def quit(self, limit: float) -> None:
        """Take leave (RFC 5321 4.1.1.10) and close."""
        if not self.lost:
            self.idle = False
            self.write(b"QUIT\r\n")
            await self.hear((limit,))
        self._end("closed")
        self._transport.close()

    # asyncio.Protocol

    def data_received(self, data: bytes) -> None:
        """Complete lines become replies; a line that is none ends the connection."""
        if self.idle:
            text = data[:MAX_TEXT].decode("ascii", "replace").strip()
            self.abandon(f"unasked: {_printable(text)}")
            return
        before = len(self._replies)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line(line)
        if len(self._rest) > MAX_LINE:
            self.abandon("the next hop sent a line without end")
        elif self._waiter is not None and self._limits:
            if len(self._replies) >= len(self._limits):
                self._wake()
            elif len(self._replies) > before:
                self._arm(self._limits[len(self._replies)])

    def eof_received(self) -> bool:
        """The other side closed; the transport closes too."""
        self._end("the next hop closed the connection")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Also after `abandon`, and then it changes nothing."""
        self._end("connection lost" if exc is None else f"connection lost ({type(exc).__name__})")

    def pause_writing(self) -> None:
        """The transport has enough."""
        self._paused = True

    def resume_writing(self) -> None:
        """The transport takes more."""
        self._paused = False
        if not self._limits:
            self._wake()

    def _line(self, line: bytes) -> None:
        if self.lost:
            return
        line = line.rstrip(b"\r")
        self._lines_size += len(line)
        if not line[:3].isdigit() or line[3:4] not in (b" ", b"-", b"") or self._lines_size > MAX_REPLY:
            self.abandon("the next hop sent what is no SMTP reply")
            return
        if self._lines and self._lines[0][:3] != line[:3]:
            self.abandon("the next hop sent a reply whose lines have different codes")
            return
        self._lines.append(line)
        if line[3:4] != b"-":
            self._replies.append(read_reply(tuple(self._lines)))
            self._lines, self._lines_size = [], 0
            if len(self._replies) > max(len(self._limits), 1):
                self.abandon("the next hop sent more replies than there were commands")

    async def _wait(self, limit: float) -> None:
        self._waiter = self._loop.create_future()
        self._arm(limit)
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _arm(self, seconds: float) -> None:
        """Only an earlier deadline costs a new timer: a timer that comes too early looks at the deadline and waits on."""
        self._deadline = self._loop.time() + seconds
        if self._timer is None or self._timer.when() > self._deadline:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._loop.call_at(self._deadline, self._time)

    def _time(self) -> None:
        self._timer = None
        if self._waiter is None or self.lost:
            return
        if self._loop.time() >= self._deadline:
            self.abandon("time ran out")
        else:
            self._timer = self._loop.call_at(self._deadline, self._time)

    def _end(self, why: str) -> None:
        if not self.lost:
            self.lost = why
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        self._wake()


@lru_cache(maxsize=256)  # a next hop says the same to each MAIL, RCPT and DATA
def read_reply(lines: tuple[bytes, ...]) -> Reply:
    """A reply from its lines, without their CRLF: code, enhanced code if there is one, text made printable and cut."""
    code = int(lines[0][:3])
    texts = [line[4:].decode("ascii", "replace") for line in lines]
    found = _ENHANCED.match(texts[0])
    if found is None:
        return Reply(code, "", _printable("\n".join(texts)))
    enhanced = found[1]
    cut = [text[len(enhanced) :].lstrip() if text.startswith(enhanced) else text for text in texts]
    return Reply(code, enhanced, _printable("\n".join(cut)))


def _printable(text: str) -> str:
    text = text[:MAX_TEXT]
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if char == "\n" or (char.isascii() and char.isprintable()) else "?" for char in text)
