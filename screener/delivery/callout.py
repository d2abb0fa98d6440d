"""Asking the next hop whether it knows a recipient, before we accept one: MAIL with the null sender, RCPT, RSET, and no mail.

Promises that only a 5yz to RCPT refuses anybody: whoever cannot be asked is accepted, and told by a report if need be. Answers are
remembered, each kind for its own time, and never more than allowed; many who ask for one address share one question, and only few
questions run at once. Whether a domain's recipients are asked for is `smtp.access`'s.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import partial

from screener.config import Config, HostPort, Timeouts
from screener.delivery.connecting import Connector
from screener.delivery.exchange import Offers, rcpt_command
from screener.delivery.pool import Connection, NextHopTrouble, Pool
from screener.delivery.routes import NextHops
from screener.log import say, trouble
from screener.mail.address import Address
from screener.mail.envelope import Recipient
from screener.mail.reply import Reply

AT_ONCE = 10  # questions under way to one route
WAITING = 500  # who may wait for an answer, over all routes; beyond it nobody is asked

UNKNOWN = Reply(550, "5.1.1", "No such user here")


class Callout:
    """Belongs to the event loop's thread."""

    def __init__(self, config: Config, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` is for the cache and the pauses."""
        settings = config.callout
        self._settings, self._clock = settings, clock
        limit = settings.timeout
        timeouts = Timeouts(connect=limit, greeting=limit, mail=limit, rcpt=limit, data=limit, block=limit, final=limit)
        self._routes = {
            name: _Asking({hop: _pool(config, name, hop, timeouts) for hop in route.next_hops}, NextHops(route.next_hops))
            for name, route in config.routes.items()
            if route.next_hops
        }
        self._answers: OrderedDict[tuple[str, str], tuple[float, bool]] = OrderedDict()  # (until, known)
        self._asked: dict[tuple[str, str], asyncio.Task[bool | None]] = {}

    async def ask(self, recipient: Address, route: str) -> Reply | None:
        """550 5.1.1 when the next hop knows no such recipient; None: it does, or could not be asked."""
        asking = self._routes.get(route)
        if asking is None:
            return None
        key = (route, recipient.key)
        remembered = self._answers.get(key)
        if remembered is not None and remembered[0] > self._clock():
            return None if remembered[1] else UNKNOWN
        task = self._asked.get(key)
        if task is None:
            if len(self._asked) >= WAITING:
                return None
            task = asyncio.get_running_loop().create_task(self._question(key, recipient, asking))
            self._asked[key] = task
            task.add_done_callback(lambda _: self._asked.pop(key, None))
        # Shielded: a client that goes away must not take the answer from the others who wait for it.
        known = await asyncio.shield(task)
        return UNKNOWN if known is False else None

    async def close(self) -> None:
        """Take leave of the next hops."""
        for task in tuple(self._asked.values()):
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)
        for asking in self._routes.values():
            await asking.close()

    async def _question(self, key: tuple[str, str], recipient: Address, asking: "_Asking") -> bool | None:
        """Whether it is known; None: could not be asked. Never raises: nobody may be refused for our own mistakes."""
        known: bool | None = None
        try:
            async with asyncio.timeout(self._settings.timeout):
                known = await asking.ask(recipient, self._clock)
        except TimeoutError:
            say("callout-failed", level=logging.WARNING, recipient=recipient.text, route=key[0], reason="time ran out")
        except NextHopTrouble as error:
            say("callout-failed", level=logging.WARNING, recipient=recipient.text, route=key[0], reason=error.reply.text)
        except ValueError as error:
            trouble(error)
        if known is not None:
            lasts = self._settings.positive if known else self._settings.negative
            self._answers[key] = (self._clock() + lasts, known)
            self._answers.move_to_end(key)
            while len(self._answers) > self._settings.entries:
                self._answers.popitem(last=False)
        return known


class _Asking:
    """The next hops of one route, as they are asked."""

    def __init__(self, pools: dict[HostPort, Pool], next_hops: NextHops) -> None:
        self._pools, self._next_hops = pools, next_hops
        self._room = asyncio.Semaphore(AT_ONCE)

    async def ask(self, recipient: Address, clock: Callable[[], float]) -> bool | None:
        """Ask the next hops in order, until one has an opinion. Raises NextHopTrouble when none can be reached."""
        async with self._room:
            last: NextHopTrouble | None = None
            for hop in self._next_hops.candidates(clock()):
                self._next_hops.begin(hop)
                try:
                    known = await self._at(self._pools[hop], recipient)
                except NextHopTrouble as error:
                    self._next_hops.failed(hop, clock(), error.reply.text)
                    last = error
                    continue
                finally:
                    self._next_hops.end(hop)
                self._next_hops.worked(hop)
                return known
            if last is not None:
                raise last
            return None

    async def close(self) -> None:
        await asyncio.gather(*(pool.close() for pool in self._pools.values()))

    async def _at(self, pool: Pool, recipient: Address) -> bool | None:
        connection = await pool.take()
        answered, known = await self._over(pool, connection, recipient)
        if not answered and connection.mails > 1:
            connection = await pool.take(fresh=True)
            answered, known = await self._over(pool, connection, recipient)
        if not answered:
            raise NextHopTrouble(Reply(451, "4.4.2", f"No reply to MAIL ({connection.wire.lost})"), heard=False)
        return known

    async def _over(self, pool: Pool, connection: Connection, recipient: Address) -> tuple[bool, bool | None]:
        """(whether MAIL was answered, what was said of the recipient)."""
        wire = connection.wire
        try:
            if not recipient.is_ascii and not connection.offers.smtputf8:
                return True, None
            mail = b"MAIL FROM:<>" + (b"\r\n" if recipient.is_ascii else b" SMTPUTF8\r\n")
            lines = [mail, rcpt_command(Recipient(recipient), Offers()), b"RSET\r\n"]
            limit = 3600.0  # `_question` has the time-out
            replies: list[Reply] = []
            if connection.offers.pipelining:
                wire.write(b"".join(lines))
                replies = await wire.hear((limit,) * 3)
            else:
                for line in lines:
                    wire.write(line)
                    replies += await wire.hear((limit,))
                    if wire.lost:
                        break
            if len(replies) < 3 or replies[2].code >= 300 or any(reply.code == 421 for reply in replies):
                wire.abandon("the question was not answered whole")
            if not replies or replies[0].code == 421:
                return False, None
            if replies[0].code >= 300 or len(replies) < 2:
                return True, None
            code = replies[1].code
            return True, True if code < 300 else False if code >= 500 else None
        except BaseException:
            wire.abandon("the question was broken off")
            raise
        finally:
            pool.give_back(connection)


def _pool(config: Config, name: str, hop: HostPort, timeouts: Timeouts) -> Pool:
    route = config.routes[name]
    connector = Connector(route, config.hostname, timeouts)
    return Pool(route, partial(connector.open, hop), lambda _: None)
