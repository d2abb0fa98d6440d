"""Who carries a parcel out: one attempt over the next hops of a route.

Promises an answer for each recipient; whoever is neither delivered nor failed nor in doubt at one next hop is tried at the next
one. A connection that had been idle and answers nothing is stale: the parcel goes over a fresh one before anything counts. How a
connection is made is `connecting`'s, how a transaction runs `exchange`'s, what to do with the answers the queue's.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Protocol

from screener.config.hostport import HostPort
from screener.config.models import Route, Timeouts
from screener.delivery.connecting import Connector
from screener.delivery.exchange import Result, exchange
from screener.delivery.outcome import Answer, Fate, Parcel, deferred
from screener.delivery.pool import Connection, NextHopTrouble, Pool
from screener.delivery.routes import NextHops


class Courier(Protocol):
    """A route's way out."""

    async def deliver(self, parcel: Parcel) -> tuple[Answer, ...]:
        """One attempt; an answer for each recipient, in order. Raises only what nobody expects."""
        ...

    async def close(self) -> None:
        """Give back what is kept between attempts."""
        ...


class Watcher(Protocol):
    """Who is told what a courier learns of its next hops."""

    def next_hop_up(self, route: str, hop: HostPort) -> None:
        """It answers again."""
        ...

    def next_hop_down(self, route: str, hop: HostPort, why: str) -> None:
        """It does not answer."""
        ...

    def connections(self, route: str, count: int) -> None:
        """How many connections are open now."""
        ...

    def eight_bit_unconverted(self, route: str) -> None:
        """An 8-bit content went unchanged to a next hop without 8BITMIME."""
        ...


class NoRoute:
    """The courier for recipients to whom no route leads any more."""

    async def deliver(self, parcel: Parcel) -> tuple[Answer, ...]:
        """See `courier.Courier.deliver`."""
        answer = deferred("4.4.4", "Its route is gone from the settings, and no other leads to its domain", tried=False)
        return (answer,) * len(parcel.recipients)

    async def close(self) -> None:
        """Nothing is kept."""


class SmtpCourier:
    """Carries parcels over SMTP to the next hops of one route."""

    def __init__(
        self,
        name: str,
        route: Route,
        hostname: str,
        timeouts: Timeouts,
        watcher: Watcher,
        clock: Callable[[], float],
        next_hops: NextHops | None = None,
    ) -> None:
        """`clock` gives seconds since the epoch; it is the time of `next_hops`."""
        self.next_hops = NextHops(route.next_hops) if next_hops is None else next_hops
        self._name, self._timeouts, self._watcher, self._clock = name, timeouts, watcher, clock
        connector = Connector(route, hostname, timeouts)
        self._pools = {hop: Pool(route, partial(connector.open, hop), self._count) for hop in route.next_hops}
        self._open = 0
        self.answered: float | None = None  # when a next hop first went through a transaction since all were down, or the start
        self.broke_off = False  # whether the last transaction was broken off by the next hop

    async def deliver(self, parcel: Parcel) -> tuple[Answer, ...]:
        """See `Courier.deliver`."""
        candidates = self.next_hops.candidates(self._clock())
        if not candidates:
            none = deferred("4.4.1", f"No next hop can be reached ({self.next_hops.why})", tried=False)
            return (none,) * len(parcel.recipients)
        answers: list[Answer] = []
        left = list(range(len(parcel.recipients)))
        for hop in candidates:
            heard = await self._at(
                hop, replace(parcel, recipients=tuple(parcel.recipients[at] for at in left)) if answers else parcel
            )
            if not answers:
                answers = list(heard)
            else:
                for at, answer in zip(left, heard, strict=True):
                    if answer.heard or answer.fate is Fate.DOUBTFUL or not answers[at].heard:
                        answers[at] = answer
            left = [at for at, answer in enumerate(answers) if answer.fate is Fate.DEFERRED]
            if not left:
                break
        return tuple(answers)

    async def close(self) -> None:
        """Take leave of all next hops."""
        await asyncio.gather(*(pool.close() for pool in self._pools.values()))

    def abandon(self, why: str) -> None:
        """End running transactions where they stand; their attempts answer at once."""
        for pool in self._pools.values():
            pool.abandon(why)

    async def _at(self, hop: HostPort, parcel: Parcel) -> tuple[Answer, ...]:
        """What one next hop answers. Recipients beyond its limit go in further transactions (RFC 5321 4.5.3.1.10)."""
        self.next_hops.begin(hop)
        answers: list[Answer] = []
        try:
            answers += await self._once(hop, parcel)
            while rest := _over_limit(answers):
                more = await self._once(hop, replace(parcel, recipients=tuple(parcel.recipients[at] for at in rest)))
                for at, answer in zip(rest, more, strict=True):
                    answers[at] = answer
                if all(answer.fate is Fate.DEFERRED for answer in more):
                    break
        except NextHopTrouble as trouble:
            self.broke_off = False
            self._failed(hop, str(trouble.reply) if trouble.heard else trouble.reply.text)
            # In a further transaction it says nothing of those who were answered in the first.
            answers = answers or [Answer(Fate.DEFERRED, trouble.reply, str(hop), heard=trouble.heard)] * len(parcel.recipients)
        finally:
            self.next_hops.end(hop)
        return tuple(answers)

    async def _once(self, hop: HostPort, parcel: Parcel) -> tuple[Answer, ...]:
        """One transaction, twice if the first connection was stale. Raises NextHopTrouble."""
        pool = self._pools[hop]
        connection = await pool.take()
        result = await self._over(pool, connection, parcel, str(hop))
        if connection.mails > 1 and (result.unanswered or _is_closing(result)):
            connection = await pool.take(fresh=True)
            result = await self._over(pool, connection, parcel, str(hop))
        self._learn(hop, result)
        if parcel.eight_bit and not connection.offers.eight_bit and any(one.fate is Fate.DELIVERED for one in result.answers):
            self._watcher.eight_bit_unconverted(self._name)
        return result.answers

    async def _over(self, pool: Pool, connection: Connection, parcel: Parcel, next_hop: str) -> Result:
        try:
            return await exchange(connection.wire, connection.offers, parcel, self._timeouts, next_hop)
        except BaseException:
            connection.wire.abandon("the attempt was broken off")
            raise
        finally:
            pool.give_back(connection)

    def _learn(self, hop: HostPort, result: Result) -> None:
        """What the transaction tells of the next hop's health."""
        self.broke_off = bool(result.dropped)
        if result.about_us:
            self._failed(hop, str(result.answers[0].reply))
        elif result.dropped:
            if self.next_hops.dropped(hop):
                self._failed(hop, result.dropped)
        else:
            if self.answered is None:
                self.answered = self._clock()
            if self.next_hops.worked(hop):
                self._watcher.next_hop_up(self._name, hop)

    def _failed(self, hop: HostPort, why: str) -> None:
        is_news = self.next_hops.failed(hop, self._clock(), why)
        if self.next_hops.all_down:
            self.answered = None
        if is_news:
            self._watcher.next_hop_down(self._name, hop, why)

    def _count(self, more: int) -> None:
        self._open += more
        self._watcher.connections(self._name, self._open)


def _is_closing(result: Result) -> bool:
    """Whether all it said was 421: a server that has just closed an idle connection."""
    return all(answer.heard and answer.reply.code == 421 for answer in result.answers)


def _over_limit(answers: list[Answer]) -> list[int]:
    """Those refused as too many, when others of the same transaction were taken."""
    if not any(answer.fate is Fate.DELIVERED for answer in answers):
        return []
    return [at for at, one in enumerate(answers) if one.fate is Fate.DEFERRED and one.heard and one.reply.code in (452, 552)]
