"""The connections to one next hop: kept while they are useful, never more than allowed, each used by one transaction at a time.

Promises: the last used idle connection first; an idle one is closed with QUIT after the route's `idle`, a used one after its
`messages_per_connection`; who finds no room waits for it in order. A next hop that refuses a further connection while others
work is not down but full: then the limit sinks to what it takes, and rises again as mail goes through. Opening is `connecting`'s.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from screener.config.models import Route
from screener.delivery.exchange import Offers
from screener.delivery.wire import Wire
from screener.mail.reply import Reply

QUIT_LIMIT = 5.0  # seconds for the answer to QUIT
RISE_AFTER = 20  # mails that went through before a lowered limit rises by one


class NextHopTrouble(Exception):
    """The next hop cannot be used now; `reply` says why, `heard` whether the next hop said it itself."""

    def __init__(self, reply: Reply, *, heard: bool, refused: bool = False) -> None:
        super().__init__(str(reply))
        self.reply = reply
        self.heard = heard
        self.refused = refused  # it answered, and refused the connection by its greeting


@dataclass(slots=True)
class Connection:
    """An established connection and what the next hop offered."""

    wire: Wire
    offers: Offers
    mails: int = 0  # transactions so far
    since: float = 0.0  # idle since, the loop's time


class Pool:
    """The connections of one route to one next hop."""

    def __init__(self, route: Route, open_one: Callable[[], Awaitable[Connection]], changed: Callable[[int], None]) -> None:
        """`changed` is told by how much the number of open connections changed."""
        self._route = route
        self._open_one = open_one
        self._changed = changed
        self._limit = route.connections
        self._count = 0  # open, or being opened
        self._through = 0
        self._idle: deque[Connection] = deque()
        self._busy: set[Wire] = set()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._spare: set[asyncio.Task[Connection | None]] = set()  # being opened for mails that found another one meanwhile
        self._leaving: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def take(self, *, fresh: bool = False) -> Connection:
        """A connection to use alone until `give_back`. `fresh`: none that was idle. Raises NextHopTrouble."""
        while True:
            while self._idle:
                connection = self._idle.pop()
                if fresh or connection.wire.lost:
                    self._dismiss(connection)
                    continue
                connection.wire.idle = False
                self._busy.add(connection.wire)
                return connection
            if self._count >= self._limit:
                await self._wait()
            else:
                self._count += 1
                opened = await (self._open() if fresh else self._open_or_wait())
                if opened is not None:
                    return opened

    def give_back(self, connection: Connection) -> None:
        """The transaction is over."""
        connection.mails += 1
        self._busy.discard(connection.wire)
        self._rise()
        if connection.wire.lost or connection.mails >= self._route.messages_per_connection or self._count > self._limit:
            self._dismiss(connection)
        else:
            self._rest(connection)

    def _rest(self, connection: Connection) -> None:
        """Nobody uses it now."""
        connection.wire.idle = True
        connection.since = asyncio.get_running_loop().time()
        self._idle.append(connection)
        self._watch()
        self._admit()

    def abandon(self, why: str) -> None:
        """Drop all that are in use."""
        for wire in tuple(self._busy):
            wire.abandon(why)

    async def close(self) -> None:
        """Take leave on all idle connections."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for opening in self._spare:
            opening.cancel()
        if self._spare:
            await asyncio.wait(self._spare)
        while self._idle:
            self._dismiss(self._idle.pop())
        if self._leaving:
            await asyncio.gather(*self._leaving, return_exceptions=True)

    async def _open(self) -> Connection | None:
        """A new connection, already counted; None when the next hop takes no more than there are: wait for one of those then."""
        try:
            connection = await self._open_one()
        except NextHopTrouble as trouble:
            self._count -= 1
            if trouble.refused and self._count:
                self._limit = self._count
                self._through = 0
                return None
            self._admit()
            raise
        except BaseException:
            self._count -= 1
            self._admit()
            raise
        self._changed(1)
        self._busy.add(connection.wire)
        return connection

    async def _open_or_wait(self) -> Connection | None:
        """A new connection, already counted, or None as soon as one that is there may have become free.

        So a next hop that is slow to greet keeps no mail from connections that work; what is being opened is for the next one then.
        """
        opening = asyncio.create_task(self._open())
        waiting = asyncio.create_task(self._wait())
        try:
            await asyncio.wait({opening, waiting}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            self._pass_on(waiting)
            self._leave_to_others(opening)
            raise
        if opening.done():
            self._pass_on(waiting)
            return opening.result()
        self._leave_to_others(opening)
        return None

    def _pass_on(self, waiting: "asyncio.Task[None]") -> None:
        """Nobody waits there any more: if it has had its turn, it is the next one's."""
        if waiting.done():
            self._admit()
        waiting.cancel()

    def _leave_to_others(self, opening: "asyncio.Task[Connection | None]") -> None:
        self._spare.add(opening)
        opening.add_done_callback(self._opened_for_others)

    def _opened_for_others(self, opening: "asyncio.Task[Connection | None]") -> None:
        self._spare.discard(opening)
        if opening.cancelled() or opening.exception() is not None:
            return  # whoever asks next will see for himself
        connection = opening.result()
        if connection is not None:
            self._busy.discard(connection.wire)
            self._rest(connection)

    async def _wait(self) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self._admit()
            raise
        finally:
            if waiter in self._waiting:
                self._waiting.remove(waiter)

    def _admit(self) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    def _rise(self) -> None:
        if self._limit < self._route.connections:
            self._through += 1
            if self._through >= RISE_AFTER:
                self._through = 0
                self._limit += 1
                self._admit()

    def _dismiss(self, connection: Connection) -> None:
        self._count -= 1
        self._changed(-1)
        if not connection.wire.lost:
            task = asyncio.get_running_loop().create_task(connection.wire.quit(QUIT_LIMIT))
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)
        self._admit()

    def _watch(self) -> None:
        if self._timer is None and self._idle:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(self._idle[0].since + self._route.idle, self._sweep)

    def _sweep(self) -> None:
        """Take leave where nothing was to do for long; the longest idle ones are at the left."""
        self._timer = None
        now = asyncio.get_running_loop().time()
        while self._idle and (self._idle[0].wire.lost or self._idle[0].since + self._route.idle <= now + 0.01):
            self._dismiss(self._idle.popleft())
        self._watch()
