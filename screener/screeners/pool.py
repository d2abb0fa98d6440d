"""The pool of screening processes.

Promises: every process holds the same rule set (by hash) as the service; a mail's time limit does not count its waiting; a death,
a time-out or an unsure answer is tried once more, alone, in a fresh process with a longer limit, then `NotJudged`; when no process
can be started or too many mails wait, `ScreeningUnavailable`, and the caller answers 451. A process that died is replaced. Clients
take turns: one that sends many costly mails lets those of others wait for one of them, not for all.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager

from screener.log import say
from screener.mail.mail import Mail
from screener.mail.verdict import Screening
from screener.metrics.figures import Metrics
from screener.screeners.frames import Sealed
from screener.screeners.process import Process, ProcessFailed, need_no_threads
from screener.screeners.turns import Turns, was_given

ALONE_FACTOR = 3  # how much longer a mail may take when it is tried once more
LONGEST_PAUSE = 30.0  # seconds between tries to start a process


class ScreeningUnavailable(Exception):
    """Screening itself is broken or full: the mail is to come again."""


class NotJudged(Exception):
    """This mail could not be judged, alone neither; the message says why, without a word of the mail."""


class Screeners:
    """The pool; all methods belong to the event loop's thread."""

    def __init__(self, order: Sealed, metrics: Metrics, *, processes: int, seconds: float, waiting: int) -> None:
        self._order = order
        self._metrics = metrics
        self._wanted = processes
        self._seconds = seconds  # wall clock for one mail
        self._max_waiting = waiting
        self._alive: set[Process] = set()
        self._idle: list[Process] = []
        self._turns: Turns[Process] = Turns()
        self._waiting = 0
        self._turns_alone: Turns[None] = Turns()
        self._waiting_alone = 0  # the one that is being tried included
        self._refilling: asyncio.Task[None] | None = None
        self._background: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._told_of_network = False

    @property
    def alive(self) -> int:
        """How many processes there are now."""
        return len(self._alive)

    @property
    def has_idle(self) -> bool:
        """Whether a mail would be judged at once."""
        return bool(self._idle)

    async def start(self) -> None:
        """Start the processes; those that cannot be started now are tried again and again."""
        need_no_threads()
        for started in await asyncio.gather(*(self._start_one(self._order) for _ in range(self._wanted)), return_exceptions=True):
            if isinstance(started, Process):
                self._join(started)
            elif isinstance(started, ScreeningUnavailable):
                say("screening-process-not-started", level=logging.ERROR, reason=str(started))
            else:
                raise started
        self._refill()

    async def stop(self) -> None:
        """End every process at once; mails in work fail with ScreeningUnavailable or NotJudged."""
        self._stopping = True
        refilling = () if self._refilling is None else (self._refilling,)
        for task in refilling:
            task.cancel()
        self._disappoint("the service stops")
        processes = tuple(self._alive)
        self._alive.clear()
        self._idle.clear()
        # `refilling` too: it may have a process that is only just starting, and has to end it.
        await asyncio.gather(*(process.end() for process in processes), *self._background, *refilling, return_exceptions=True)
        self._metrics.processes(0)

    async def replace_rules(self, order: Sealed) -> None:
        """Start processes with the new rules and let the old ones finish their mail; raises ScreeningUnavailable and then changes
        nothing."""
        fresh = await self._start_all(order)
        self._order = order
        old, self._idle = self._idle, []
        for process in old:
            self._leave(process)
        for process in fresh:
            self._join(process)

    async def screen(self, mail: Mail) -> Screening:
        """Judge one mail; raises NotJudged or ScreeningUnavailable."""
        process = await self._take(mail.envelope.client.address)
        try:
            screening = await process.screen(mail, self._seconds)
        except ProcessFailed as failure:
            self._lose(process, failure)
            return await self.screen_alone(mail)
        except BaseException:
            self._lose(process, ProcessFailed("abandoned", "was left in the middle of a mail"))
            raise
        self._offer(process)
        return await self.screen_alone(mail) if screening.unsure else screening

    async def screen_alone(self, mail: Mail) -> Screening:
        """Judge one mail in a fresh process of its own with a longer limit; raises NotJudged or ScreeningUnavailable.

        An answer that is still unsure is returned: it says itself what could not be judged.
        """
        async with self._alone(mail.envelope.client.address):
            process = await self._start_one(self._order)
            try:
                return await process.screen(mail, self._seconds * ALONE_FACTOR, pattern_factor=ALONE_FACTOR)
            except ProcessFailed as failure:
                self._metrics.process_replaced(failure.reason)
                raise NotJudged(f"the screening process {failure}, at the second try too") from failure
            finally:
                await process.end()

    @asynccontextmanager
    async def _alone(self, client: str) -> AsyncIterator[None]:
        """One mail at a time, the clients in turn."""
        if self._waiting_alone >= self._max_waiting:
            raise ScreeningUnavailable("too many mails wait to be tried once more")
        turn = self._turns_alone.wait(client) if self._waiting_alone else None
        self._waiting_alone += 1
        try:
            if turn is not None:
                await turn
            if self._stopping:
                raise ScreeningUnavailable("the service stops")
            yield
        finally:
            self._waiting_alone -= 1
            if (turn is None or was_given(turn)) and (following := self._turns_alone.next()) is not None:
                following.set_result(None)

    async def _start_one(self, order: Sealed) -> Process:
        try:
            return await Process.start(order)
        except (OSError, RuntimeError, ProcessFailed) as error:  # RuntimeError: no thread can be started
            raise ScreeningUnavailable(f"a screening process could not be started: {error}") from error

    async def _start_all(self, order: Sealed) -> list[Process]:
        started = await asyncio.gather(*(self._start_one(order) for _ in range(self._wanted)), return_exceptions=True)
        processes = [one for one in started if isinstance(one, Process)]
        failures = [one for one in started if isinstance(one, BaseException)]
        if failures:
            await asyncio.gather(*(process.end() for process in processes))
            raise failures[0]
        return processes

    async def _take(self, client: str) -> Process:
        """A process for one mail of this client; waits in line."""
        while self._idle:
            process = self._idle.pop()
            if process.is_alive:
                return process
            self._lose(process, ProcessFailed("died", "died while it was idle"))
        if self._stopping or self._waiting >= self._max_waiting:
            raise ScreeningUnavailable("the service stops" if self._stopping else "too many mails wait for a screening process")
        self._refill()
        waiter = self._turns.wait(client)
        self._waiting += 1
        try:
            return await waiter
        except asyncio.CancelledError:
            if was_given(waiter):
                self._offer(waiter.result())
            raise
        finally:
            self._waiting -= 1

    def _join(self, process: Process) -> None:
        self._alive.add(process)
        if process.has_network and not self._told_of_network:
            self._told_of_network = True
            say("screening-network-open", level=logging.WARNING, reason="the system lets no process leave the network (unshare(2))")
        self._in_background(self._watch(process))
        self._metrics.processes(len(self._alive))
        self._offer(process)

    async def _watch(self, process: Process) -> None:
        """Notice a death while nobody uses it; one in the middle of a mail is noticed there."""
        await process.ended()
        if process in self._idle:
            self._idle.remove(process)
            self._lose(process, ProcessFailed("died", "died while it was idle"))

    def _offer(self, process: Process) -> None:
        """The process is free: the first who waits gets it, unless it holds old rules."""
        if self._stopping or process.order is not self._order:
            self._leave(process)
            return
        waiter = self._turns.next()
        if waiter is None:
            self._idle.append(process)
        else:
            waiter.set_result(process)

    def _leave(self, process: Process) -> None:
        self._alive.discard(process)
        self._metrics.processes(len(self._alive))
        self._in_background(process.end())

    def _lose(self, process: Process, failure: ProcessFailed) -> None:
        self._leave(process)
        self._metrics.process_replaced(failure.reason)
        say("screening-process-died", level=logging.WARNING, pid=process.pid, reason=str(failure))
        self._refill()

    def _refill(self) -> None:
        if not self._stopping and len(self._alive) < self._wanted and (self._refilling is None or self._refilling.done()):
            self._refilling = asyncio.get_running_loop().create_task(self._start_missing())

    async def _start_missing(self) -> None:
        pause = 0.1
        while len(self._alive) < self._wanted:
            try:
                self._join(await self._start_one(self._order))
            except ScreeningUnavailable as error:
                say("screening-process-not-started", level=logging.ERROR, reason=str(error))
                if not self._alive:
                    self._disappoint(str(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    def _disappoint(self, reason: str) -> None:
        """Nobody will come for those who wait."""
        while (waiter := self._turns.next()) is not None:
            waiter.set_exception(ScreeningUnavailable(reason))

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
