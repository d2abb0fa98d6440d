"""The listeners: open them, let sessions in, end them.

Promises that a stop loses no mail whose final dot came: idle sessions hear 421, transactions may finish within the grace, the rest
is cut and left to the client's retry, and mails that are being taken are waited for.
"""

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Final

from screener.config.hostport import HostPort
from screener.config.models import Config, Listener, ListenerTls
from screener.smtp.access import Access
from screener.smtp.connections import Connections
from screener.smtp.entrance import Counting, Entrance, Intake
from screener.smtp.session import Session
from screener.smtp.stream import Door
from screener.yamlfile import Complaint, Complaints, Place

BACKLOG: Final = 1024  # aiosmtpd's and asyncio's 100 lets a burst wait a second for the next SYN
DRAIN: Final = 256 * 1024 * 1024  # octets read beyond the size limit, so that the client hears 552 and not only a lost connection
_LOOKS: Final = 20  # how often the sessions are looked at within the shortest time limit


class Sessions:
    """The sessions that have begun and not yet ended."""

    def __init__(self) -> None:
        self.stopping = False
        self._sessions: set[Session] = set()
        self._none_left: asyncio.Future[None] | None = None

    def begun(self, session: Session) -> None:
        """One more."""
        self._sessions.add(session)

    def ended(self, session: Session) -> None:
        """One less: its connection is gone, and nothing runs for it."""
        self._sessions.discard(session)
        if not self._sessions and self._none_left is not None and not self._none_left.done():
            self._none_left.set_result(None)

    def now(self) -> tuple[Session, ...]:
        """Those there are."""
        return tuple(self._sessions)

    async def all_ended(self, seconds: float) -> None:
        """Wait until none is left, or as long as that."""
        if self._sessions:
            self._none_left = asyncio.get_running_loop().create_future()
            await asyncio.wait((self._none_left,), timeout=seconds)


class SmtpServer:
    """All listeners of one service."""

    def __init__(
        self,
        config: Config,
        intake: Intake,
        access: Access,
        metrics: Counting,
        *,
        clock: Callable[[], float] = time.time,
        drain: int = DRAIN,
    ) -> None:
        """Raises Complaints when a certificate cannot be used."""
        self._config = config
        self._intake = intake
        self._access = access
        self._metrics = metrics
        self._clock = clock
        self._drain = drain
        self._connections = Connections(config.limits, config.front_connections)
        self._contexts = {listener.name: _tls(listener.tls) if listener.tls else None for listener in config.listeners}
        self._doors: list[Door] = []
        self._sessions = Sessions()
        self._looking: asyncio.TimerHandle | None = None
        self._addresses: dict[str, HostPort] = {}

    @property
    def addresses(self) -> Mapping[str, HostPort]:
        """Where each listener really listens, by its name."""
        return self._addresses

    def sessions(self) -> int:
        """How many sessions there are."""
        return len(self._sessions.now())

    async def start(self) -> None:
        """Open all listeners; raises OSError, and then none is open."""
        loop = asyncio.get_running_loop()
        try:
            for listener in self._config.listeners:
                self._open(loop, listener)
        except OSError:
            await self.stop(0.0)
            raise
        self._look(loop)

    async def stop(self, grace: float) -> None:
        """Close; `grace` is in seconds."""
        self._sessions.stopping = True
        for door in self._doors:
            door.close()
        for session in self._sessions.now():
            session.stop()
        await self._sessions.all_ended(grace)
        while sessions := self._sessions.now():
            for session in sessions:
                session.stop_now()
            await self._sessions.all_ended(0.1)
        if self._looking is not None:
            self._looking.cancel()

    def _open(self, loop: asyncio.AbstractEventLoop, listener: Listener) -> None:
        entrance = Entrance(
            self._config,
            listener,
            self._intake,
            self._access,
            self._metrics,
            self._connections,
            self._clock,
            loop,
            self._contexts[listener.name],
            self._sessions,
            self._drain,
        )
        listening = _bound(listener.address, listener.port)
        door = Door(loop, listening, lambda: Session(entrance))
        self._doors.append(door)
        door.open(BACKLOG)
        self._addresses[listener.name] = HostPort(*listening.getsockname()[:2])

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """End sessions that are beyond a time limit: one timer for all, where one for each would cost every connection."""
        limits = self._config.limits
        self._looking = loop.call_later(min(5.0, min(limits.idle, limits.transaction) / _LOOKS), self._look, loop)
        now = loop.time()
        counts = dict.fromkeys(self._addresses, 0)
        for session in self._sessions.now():
            counts[session.listener] += 1
            session.expire(now)
        for name, count in counts.items():
            self._metrics.connections_in(name, count)


def _bound(address: str, port: int) -> socket.socket:
    """A socket on that address; "::" takes IPv4 too."""
    family = socket.AF_INET6 if ip_address(address).version == 6 else socket.AF_INET
    with contextlib.ExitStack() as undo:
        listening = undo.enter_context(socket.socket(family, socket.SOCK_STREAM))
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, address != "::")
        listening.setblocking(False)
        try:
            listening.bind((address, port))
        except OSError as error:
            raise OSError(error.errno, f"cannot listen on {HostPort(address, port)}: {error.strerror}") from error
        undo.pop_all()
    return listening


def _tls(settings: ListenerTls) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.certificate, settings.key)
    except (ssl.SSLError, OSError) as error:
        shown = f"with the key {settings.key} is no certificate that can be used: {error.strerror or error}"
        raise Complaints([Complaint(Place(str(settings.certificate)), shown)]) from error
    return context
