"""A sink behind STARTTLS: takes everything, counts it on standard output as smtp-sink -c does.

python -m bench.tls_sink HOST:PORT CERTIFICATE KEY
"""

import asyncio
import itertools
import ssl
import sys

_LINE = 2**16
_REPLIES = {
    b"MAIL": b"250 ok\r\n",
    b"RCPT": b"250 ok\r\n",
    b"RSET": b"250 ok\r\n",
    b"NOOP": b"250 ok\r\n",
    b"HELO": b"250 sink\r\n",
}


class Sink:
    """Its connections share one count."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._counted = itertools.count(1)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass  # the client has gone: nothing of it was counted
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink ESMTP\r\n")
        offer = b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 STARTTLS\r\n"
        while line := await reader.readline():
            match line[:4].upper():
                case b"EHLO":
                    writer.write(offer)
                case b"STAR":
                    writer.write(b"220 go ahead\r\n")
                    await writer.drain()
                    await writer.start_tls(self._context)
                    offer = b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
                case b"DATA":
                    writer.write(b"354 go ahead\r\n")
                    await _content(reader)
                    writer.write(b"250 ok\r\n")
                    print(f"mesg={next(self._counted)}", end="\r", flush=True)  # noqa: T201
                case b"QUIT":
                    writer.write(b"221 bye\r\n")
                    await writer.drain()
                    return
                case verb:
                    writer.write(_REPLIES.get(verb, b"500 unknown\r\n"))


async def _content(reader: asyncio.StreamReader) -> None:
    """Read up to the dot that stands alone."""
    end = b"\r\n.\r\n"
    while True:
        try:
            await reader.readuntil(end)
        except asyncio.LimitOverrunError as error:
            await reader.readexactly(error.consumed)
        else:
            return


async def _main() -> None:
    address, certificate, key = sys.argv[1:]
    host, _, port = address.rpartition(":")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    server = await asyncio.start_server(Sink(context).serve, host, int(port), limit=_LINE, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main())
