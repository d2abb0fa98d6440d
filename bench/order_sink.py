"""A sink that says in which order mail came: a line for each on standard output, "mesg=COUNT NUMBER MOMENT".

    python -m bench.order_sink HOST:PORT

The number is that of the mail's field, the moment time.monotonic(). Commands may come in one piece, as our courier sends them.
"""

import asyncio
import itertools
import os
import re
import sys
import time

FIELD = "X-Bench-Number"
_NUMBER = re.compile(rb"^%s: (\d+)\r$" % FIELD.encode("ascii"), re.MULTILINE)
_END = b"\r\n.\r\n"
_REPLIES = {
    b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
    b"MAIL": b"250 ok\r\n",
    b"RCPT": b"250 ok\r\n",
    b"RSET": b"250 ok\r\n",
    b"NOOP": b"250 ok\r\n",
    b"DATA": b"354 go ahead\r\n",
    b"QUIT": b"221 bye\r\n",
}


class Session(asyncio.Protocol):
    """One connection; all share one count."""

    def __init__(self, counted: "itertools.count[int]") -> None:
        self._counted = counted
        self._come = b""
        self._content = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer every command, and every content once its end has come."""
        self._come += data
        while True:
            whole, end, rest = self._come.partition(_END if self._content else b"\r\n")
            if not end:
                return
            self._come = rest
            self._transport.write(self._accept(whole) if self._content else self._obey(whole[:4].upper()))

    def _accept(self, content: bytes) -> bytes:
        self._content = False
        found = _NUMBER.search(content)
        if found is None:
            return b"554 no number\r\n"
        os.write(1, b"mesg=%d %s %.6f\n" % (next(self._counted), found[1], time.monotonic()))
        return b"250 ok\r\n"

    def _obey(self, verb: bytes) -> bytes:
        self._content = verb == b"DATA"
        return _REPLIES.get(verb, b"500 unknown\r\n")


async def _main() -> None:
    host, _, port = sys.argv[1].rpartition(":")
    counted = itertools.count(1)
    server = await asyncio.get_running_loop().create_server(lambda: Session(counted), host, int(port), backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main())
