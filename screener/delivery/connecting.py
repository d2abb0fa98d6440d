"""How a connection to a next hop is made: connect, greeting, EHLO, STARTTLS, AUTH. The only module that knows aiosmtplib.

aiosmtplib does these steps and nothing more: its sending changes the content and hides who was refused, so the transport is taken
over by a `Wire` once it stands. Promises that a password is read when it is needed, goes out only over TLS (the settings see to
it) and never into a reply, a log line or an error; and that whatever goes wrong is a NextHopTrouble.
"""

import asyncio
import os
import socket
import ssl
from typing import Literal, cast

import aiosmtplib
from aiosmtplib.response import SMTPResponse
from aiosmtplib.typing import Default

from screener import files
from screener.config.hostport import HostPort
from screener.config.models import Route, RouteAuth, RouteTls, Timeouts
from screener.delivery.exchange import Offers
from screener.delivery.lookup import Lookups
from screener.delivery.pool import Connection, NextHopTrouble
from screener.delivery.tls import context_of
from screener.delivery.unrepeated import could_repeat
from screener.delivery.wire import Wire, read_reply
from screener.mail.reply import Reply

MAX_PASSWORD_FILE = 65_536  # octets

_HIDDEN = "(its words could repeat what we sent, so they are not kept)"


class _TlsFailed(Exception):
    """STARTTLS was offered and did not come about."""


class Connector:
    """Opens connections to the next hops of one route."""

    def __init__(self, route: Route, hostname: str, timeouts: Timeouts) -> None:
        """`hostname` is what we say in EHLO."""
        self._route, self._hostname, self._timeouts = route, hostname, timeouts
        self._context: ssl.SSLContext | None = None
        self._lookups = Lookups()

    async def open(self, hop: HostPort) -> Connection:
        """A connection that is ready for MAIL; raises NextHopTrouble."""
        try:
            try:
                return await self._open(hop, with_tls=self._route.tls is not RouteTls.NONE)
            except _TlsFailed as failed:
                if self._route.tls is not RouteTls.OPPORTUNISTIC:
                    raise NextHopTrouble(Reply(451, "4.7.5", f"STARTTLS failed: {failed}"), heard=False) from failed
                return await self._open(hop, with_tls=False)
        except aiosmtplib.SMTPConnectResponseError as error:
            raise NextHopTrouble(_reply(error), heard=error.code > 0, refused=True) from error
        except aiosmtplib.SMTPResponseException as error:
            raise NextHopTrouble(_reply(error), heard=error.code > 0) from error
        except aiosmtplib.SMTPConnectTimeoutError as error:
            raise _trouble("No greeting came in time") from error
        except aiosmtplib.SMTPTimeoutError as error:
            raise _trouble("No reply came in time") from error
        except aiosmtplib.SMTPConnectError as error:
            raise NextHopTrouble(
                Reply(451, "4.4.2", "The connection was closed before a greeting"), heard=False, refused=True
            ) from error
        except aiosmtplib.SMTPServerDisconnected as error:
            raise _trouble("The connection was closed before MAIL") from error
        except aiosmtplib.SMTPException as error:
            raise _trouble(error.message) from error

    async def _open(self, hop: HostPort, *, with_tls: bool) -> Connection:
        client = _Client(
            hostname=hop.host,
            sock=await self._connect(hop),
            local_hostname=self._hostname,
            start_tls=False,
            timeout=self._timeouts.greeting,
        )
        try:
            await client.connect()
            await _hello(client)
            if with_tls:
                await self._start_tls(client)
            if self._route.auth is not None:
                await _authenticate(client, self._route.auth)
            if client.transport is None:
                raise aiosmtplib.SMTPServerDisconnected("lost")
            transport = cast(asyncio.Transport, client.transport)
            return Connection(Wire(transport, asyncio.get_running_loop()), Offers.read(client.esmtp_extensions))
        except BaseException:
            client.close()
            raise

    async def _connect(self, hop: HostPort) -> socket.socket:
        """A connected socket: the addresses of the name in order, each as long as the settings allow."""
        loop = asyncio.get_running_loop()
        why = "it has no address"
        try:
            async with asyncio.timeout(self._timeouts.connect):
                found = await self._lookups.addresses(hop)
        except (OSError, TimeoutError) as error:
            raise _trouble(f"Cannot find {hop.host}: {_why(error)}") from error
        for family, kind, protocol, _, address in found:
            connecting = socket.socket(family, kind, protocol)
            try:
                connecting.setblocking(False)
                connecting.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                async with asyncio.timeout(self._timeouts.connect):
                    await loop.sock_connect(connecting, address)
            except (OSError, TimeoutError) as error:
                connecting.close()
                why = _why(error)
            except BaseException:
                connecting.close()
                raise
            else:
                return connecting
        raise _trouble(f"Cannot connect: {why}")

    async def _start_tls(self, client: aiosmtplib.SMTP) -> None:
        """Encrypt, as the route wants it. Afterwards EHLO was said anew (RFC 3207 4.2)."""
        if not client.supports_extension("starttls"):
            if self._route.tls is RouteTls.OPPORTUNISTIC:
                return
            raise NextHopTrouble(Reply(451, "4.7.4", "The next hop offers no STARTTLS, which the route demands"), heard=False)
        try:
            if self._context is None:
                self._context = context_of(self._route)
            await client.starttls(tls_context=self._context, timeout=self._timeouts.connect)
        except ssl.SSLCertVerificationError as error:
            raise _TlsFailed(f"the certificate is not trusted: {error.verify_message}") from error
        except aiosmtplib.SMTPException as error:
            raise _TlsFailed(error.message if isinstance(error.message, str) else "refused") from error
        except OSError as error:
            raise _TlsFailed(_why(error)) from error
        await _hello(client)


class _Client(aiosmtplib.SMTP):
    """Notes what it sends while it authenticates."""

    credentials: list[bytes] | None = None

    async def execute_command(
        self,
        *args: bytes,
        timeout: float | Literal[Default.token] | None = Default.token,  # noqa: ASYNC109 - the library's own signature
    ) -> SMTPResponse:
        """Send a command: credentials are what stands behind AUTH and its mechanism, and what answers a challenge."""
        if self.credentials is not None:
            self.credentials.extend(args[2:] if args[0] == b"AUTH" else args)
        return await super().execute_command(*args, timeout=timeout)


async def _authenticate(client: _Client, auth: RouteAuth) -> None:
    """AUTH (RFC 4954). What a next hop says when it refuses is kept unless it could repeat what we sent."""
    password = _password(auth)
    sent: list[bytes] = []
    client.credentials = sent
    try:
        await client.login(auth.user, password)
    except aiosmtplib.SMTPAuthenticationError as error:
        reply = _reply(error)
        hidden = could_repeat(error.message, auth.user, password, sent)
        words = f"{reply.code} {_HIDDEN}" if hidden else str(reply)
        raise NextHopTrouble(Reply(reply.code, "4.7.8", f"AUTH was refused: {words}"), heard=False) from None
    finally:
        client.credentials = None


async def _hello(client: aiosmtplib.SMTP) -> None:
    """EHLO, or HELO to those who do not know it (RFC 5321 4.1.1.1)."""
    try:
        await client.ehlo()
    except aiosmtplib.SMTPHeloError as error:
        if error.code not in (500, 501, 502, 504) or not client.is_connected:
            raise
        await client.helo()


def _password(auth: RouteAuth) -> str:
    try:
        lines = files.octets(auth.password_file, MAX_PASSWORD_FILE).decode("utf-8").splitlines()
    except OSError as error:
        raise _trouble(f"The password file cannot be read: {_why(error)}") from error
    except UnicodeError as error:
        raise _trouble("The password file is no UTF-8 text") from error
    if not lines or not lines[0]:
        raise _trouble("The password file is empty")
    return lines[0]


def _reply(error: aiosmtplib.SMTPResponseException) -> Reply:
    if error.code < 200 or error.code > 599:  # the library's own code for what it could not read
        return Reply(451, "4.5.0", "What the next hop said is no SMTP reply")
    return read_reply(tuple(f"{error.code} {line}".encode("ascii", "replace") for line in error.message.split("\n")))


def _trouble(text: str) -> NextHopTrouble:
    return NextHopTrouble(Reply(451, "4.4.1", text), heard=False)


def _why(error: OSError) -> str:
    """In few words. asyncio puts addresses into the text of some, and none at all into its TimeoutError."""
    if error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return error.strerror or ("time ran out" if isinstance(error, TimeoutError) else type(error).__name__)
