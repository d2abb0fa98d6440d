"""A source that speaks STARTTLS, and that can pace itself; it understands smtp-source's options as far as the benchmark uses them.

    python -m bench.tls_source [-d] [--plain] [--rate N] -s SESSIONS -m MESSAGES -r RECIPIENTS -f FROM -t TO -F FILE HOST:PORT

With --rate, so many messages a second are begun, whether or not earlier ones are through (as far as there are sessions), and at the
end a line of JSON tells how long the answer to the final dot took, and how late messages were begun ("late": 99 of 100 were not
later), in milliseconds.
"""

import argparse
import asyncio
import gc
import itertools
import json
import ssl
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path


class Refused(Exception):
    """A reply that is no success."""


class Source:
    """Sessions share what is left to send."""

    def __init__(self, given: argparse.Namespace) -> None:
        self._given = given
        self._host, _, port = given.address.rpartition(":")
        self._port = int(port)
        content = Path(given.content).read_bytes().replace(b"\n", b"\r\n")
        self._content = content.replace(b"\r\n.", b"\r\n..") + b".\r\n"
        self._context = ssl.create_default_context()
        self._context.check_hostname, self._context.verify_mode = False, ssl.CERT_NONE  # the bench's own certificate
        self._left = iter(range(given.messages))
        self._begun = time.monotonic()
        self.took: list[float] = []  # seconds from the final dot to its reply
        self.late: list[float] = []  # seconds between when a message was to begin and when it did

    async def session(self) -> None:
        """Send until nothing is left: on one connection, or on a new one each."""
        if self._given.reuse:
            async with self._connected() as (reader, writer):
                async for _ in self._numbers():
                    await self._send(reader, writer)
            return
        async for _ in self._numbers():
            async with self._connected() as (reader, writer):
                await self._send(reader, writer)

    async def _numbers(self) -> AsyncIterator[int]:
        """What falls to this session, each at its time."""
        for number in self._left:
            if self._given.rate:
                at = self._begun + number / self._given.rate
                await asyncio.sleep(max(0.0, at - time.monotonic()))
                self.late.append(time.monotonic() - at)
            yield number

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            await _reply(reader)
            await _ask(reader, writer, b"EHLO client.bench.example.net\r\n")
            if not self._given.plain:
                await _ask(reader, writer, b"STARTTLS\r\n")
                await writer.start_tls(self._context)
                await _ask(reader, writer, b"EHLO client.bench.example.net\r\n")
            yield reader, writer
            await _ask(reader, writer, b"QUIT\r\n")
        finally:
            writer.close()

    async def _send(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _ask(reader, writer, f"MAIL FROM:<{self._given.sender}>\r\n".encode())
        for recipient in _recipients(self._given.recipient, self._given.recipients):
            await _ask(reader, writer, f"RCPT TO:<{recipient}>\r\n".encode())
        await _ask(reader, writer, b"DATA\r\n")
        writer.write(self._content)
        await writer.drain()
        sent = time.perf_counter()
        await _reply(reader)
        self.took.append(time.perf_counter() - sent)


def _recipients(name: str, count: int) -> Iterator[str]:
    return iter([name]) if count == 1 else (f"{number}{name}" for number in range(count))


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, octets: bytes) -> None:
    writer.write(octets)
    await _reply(reader)


async def _reply(reader: asyncio.StreamReader) -> None:
    """Read a whole reply; raises Refused when it is no success."""
    while True:
        line = await reader.readline()
        if line[:1] not in (b"2", b"3"):
            raise Refused(line.decode("ascii", "replace").strip() or "the connection was closed")
        if line[3:4] != b"-":
            return


def _sorted(seconds: list[float]) -> list[float]:
    return sorted(1000 * one for one in seconds)


def _p99(ordered: list[float]) -> float:
    return ordered[len(ordered) * 99 // 100]


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-d", dest="reuse", action="store_true")
    parser.add_argument("--plain", action="store_true", help="without STARTTLS")
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("-s", dest="sessions", type=int, default=1)
    parser.add_argument("-m", dest="messages", type=int, default=1)
    parser.add_argument("-r", dest="recipients", type=int, default=1)
    parser.add_argument("-f", dest="sender", required=True)
    parser.add_argument("-t", dest="recipient", required=True)
    parser.add_argument("-F", dest="content", required=True)
    parser.add_argument("address")
    given = parser.parse_args()
    gc.disable()  # a pause of ours would be taken for one of the system's
    source = Source(given)
    await asyncio.gather(*itertools.starmap(source.session, [()] * given.sessions))
    if given.rate:
        took, late = _sorted(source.took), _sorted(source.late)
        said = {"messages": len(took), "p50": took[len(took) // 2], "p99": _p99(took), "max": took[-1], "late": _p99(late)}
        print(json.dumps(said))  # noqa: T201


if __name__ == "__main__":
    try:
        asyncio.run(_main())
    except (Refused, OSError, ssl.SSLError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
