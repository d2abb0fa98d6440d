"""Asking the next hop whether it knows a recipient, before we accept one: MAIL with the null sender, RCPT, RSET, and no mail.

Promises that nobody is refused unless the next hop says to RCPT that it knows no such user. Any other refusal (policy, relaying,
a full mailbox) means that it could not be asked, is said in the log, and accepts: who it concerns is told by a report if need be.
Answers are remembered, each kind for its own time, and never more than allowed; many who ask for one address share one question,
and only few questions run at once. Whether a domain's recipients are asked for is `smtp.access`'s.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import partial

from screener.config.hostport import HostPort
from screener.config.models import Config, Timeouts
from screener.delivery.connecting import Connector
from screener.delivery.exchange import Offers, rcpt_command
from screener.delivery.pool import Connection, NextHopTrouble, Pool
from screener.delivery.routes import NextHops
from screener.frozen import dataclass
from screener.log import say, trouble
from screener.mail.address import Address
from screener.mail.envelope import Recipient
from screener.mail.reply import Reply

AT_ONCE = 10  # questions under way to one route
WAITING = 500  # who may wait for an answer, over all routes; beyond it nobody is asked

NO_OPINION = 60.0  # seconds at most for which a 5yz that says nothing of the user is remembered

UNKNOWN = Reply(550, "5.1.1", "No such user here")
# RFC 3463 3.2: what is wrong is the address itself. X.1.10 (a null MX, RFC 7505) is what Exchange says of a user it does not know.
_NO_SUCH_USER = frozenset({"5.1.0", "5.1.1", "5.1.3", "5.1.6", "5.1.10"})
_MAILBOX = frozenset({550, 551, 553})  # RFC 5321 4.2.3, for a next hop without enhanced codes


@dataclass(frozen=True, slots=True)
class _Heard:
    """What a next hop said of a recipient."""

    known: bool | None  # None: it has no opinion
    reply: Reply | None = None  # None: it was not asked at all
    next_hop: str = ""


def _known(reply: Reply) -> bool | None:
    """What a reply to RCPT says of the user; None: nothing."""
    if reply.code < 300:
        return True
    unknown = reply.enhanced in _NO_SUCH_USER if reply.enhanced else reply.code in _MAILBOX
    return False if unknown and reply.is_permanent else None


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
        self._answers: OrderedDict[tuple[str, str], tuple[float, bool | None]] = OrderedDict()  # (until, known)
        self._asked: dict[tuple[str, str], asyncio.Task[bool | None]] = {}
        self._excuses: dict[tuple[str, str], str] = {}  # (route, next hop) → the codes of the last answer that was none

    async def ask(self, recipient: Address, route: str) -> Reply | None:
        """550 5.1.1 when the next hop knows no such recipient; None: it does, or could not be asked."""
        asking = self._routes.get(route)
        if asking is None:
            return None
        key = (route, recipient.key)
        remembered = self._answers.get(key)
        if remembered is not None and remembered[0] > self._clock():
            return UNKNOWN if remembered[1] is False else None
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
        heard = _Heard(None)
        try:
            async with asyncio.timeout(self._settings.timeout):
                heard = await asking.ask(recipient, self._clock)
        except TimeoutError:
            say("callout-failed", level=logging.WARNING, recipient=recipient.text, route=key[0], reason="time ran out")
        except NextHopTrouble as error:
            say("callout-failed", level=logging.WARNING, recipient=recipient.text, route=key[0], reason=error.reply.text)
        except ValueError as error:
            trouble(error)
        self._tell(key[0], recipient, heard)
        self._remember(key, heard)
        return heard.known

    def _tell(self, route: str, recipient: Address, heard: _Heard) -> None:
        """Say who is unknown, and why there was no answer: the latter once, until the next hop says something else."""
        if heard.reply is None:
            return
        hop = (route, heard.next_hop)
        if heard.known is None:
            codes = f"{heard.reply.code} {heard.reply.enhanced}"
            if self._excuses.get(hop) == codes:
                return
            self._excuses[hop] = codes
            event, level = "callout-failed", logging.WARNING
        elif heard.known:
            self._excuses.pop(hop, None)
            return
        else:
            self._excuses.pop(hop, None)
            event, level = "callout-refused", logging.INFO
        say(event, level=level, recipient=recipient.text, route=route, next_hop=heard.next_hop, reply=str(heard.reply))

    def _remember(self, key: tuple[str, str], heard: _Heard) -> None:
        if heard.known is not None:
            lasts = self._settings.positive if heard.known else self._settings.negative
        elif heard.reply is not None and heard.reply.is_permanent:
            lasts = min(NO_OPINION, self._settings.positive)
        else:
            return
        self._answers[key] = (self._clock() + lasts, heard.known)
        self._answers.move_to_end(key)
        while len(self._answers) > self._settings.entries:
            self._answers.popitem(last=False)


class _Asking:
    """The next hops of one route, as they are asked."""

    def __init__(self, pools: dict[HostPort, Pool], next_hops: NextHops) -> None:
        self._pools, self._next_hops = pools, next_hops
        self._room = asyncio.Semaphore(AT_ONCE)

    async def ask(self, recipient: Address, clock: Callable[[], float]) -> _Heard:
        """Ask the next hops in order, until one has an opinion. Raises NextHopTrouble when none can be reached."""
        async with self._room:
            last: NextHopTrouble | None = None
            for hop in self._next_hops.candidates(clock()):
                self._next_hops.begin(hop)
                try:
                    known, reply = await self._at(self._pools[hop], recipient)
                except NextHopTrouble as error:
                    self._next_hops.failed(hop, clock(), error.reply.text)
                    last = error
                    continue
                finally:
                    self._next_hops.end(hop)
                self._next_hops.worked(hop)
                return _Heard(known, reply, str(hop))
            if last is not None:
                raise last
            return _Heard(None)

    async def close(self) -> None:
        await asyncio.gather(*(pool.close() for pool in self._pools.values()))

    async def _at(self, pool: Pool, recipient: Address) -> tuple[bool | None, Reply | None]:
        """Whether it is known, and the reply that said so."""
        connection = await pool.take()
        answered, known, reply = await self._over(pool, connection, recipient)
        if not answered and connection.mails > 1:
            connection = await pool.take(fresh=True)
            answered, known, reply = await self._over(pool, connection, recipient)
        if not answered:
            raise NextHopTrouble(Reply(451, "4.4.2", f"No reply to MAIL ({connection.wire.lost})"), heard=False)
        return known, reply

    async def _over(self, pool: Pool, connection: Connection, recipient: Address) -> tuple[bool, bool | None, Reply | None]:
        """(whether MAIL was answered, whether the recipient is known, the reply that decided)."""
        wire = connection.wire
        try:
            if not recipient.is_ascii and not connection.offers.smtputf8:
                return True, None, None
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
                return False, None, None
            if replies[0].code >= 300:
                return True, None, replies[0]
            if len(replies) < 2:
                return True, None, None
            return True, _known(replies[1]), replies[1]
        except BaseException:
            wire.abandon("the question was broken off")
            raise
        finally:
            pool.give_back(connection)


def _pool(config: Config, name: str, hop: HostPort, timeouts: Timeouts) -> Pool:
    route = config.routes[name]
    connector = Connector(route, config.hostname, timeouts)
    return Pool(route, partial(connector.open, hop), lambda _: None)
