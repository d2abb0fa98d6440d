"""Writing down what came of attempts, without making the next attempt wait for the disk.

Promises that a change is tried until it is durable, with growing pauses while the store cannot; only a change that can never be
made is dropped, and said. Outcomes go with the commit of the next mail that comes in, or after some milliseconds; what a SIGKILL
takes with it in that time is delivered again, and counted (`store.underway`). Group commit is the writer's.
"""

import asyncio
import threading
from collections.abc import Callable

from screener.log import trouble
from screener.store.changes import Change
from screener.store.errors import StoreError, StoreRefused
from screener.store.writer import Writer

FIRST_PAUSE, LAST_PAUSE = 1.0, 30.0  # seconds between tries
GATHER = 0.05  # seconds that outcomes wait at most for a new mail's commit to go with: nobody waits for them, and one of their own
# costs more than the mail, and makes the next mail's wait
MAX_WAITING = 500  # changes on their way to the disk, beyond which couriers wait


class Recorder:
    """Belongs to the event loop's thread."""

    def __init__(self, writer: Writer) -> None:
        self.is_stopping = False
        self._writer = writer
        self._waiting = 0
        self._rest: asyncio.Event = asyncio.Event()
        self._hurrying: asyncio.TimerHandle | None = None
        self._again: set[asyncio.Task[None]] = set()

    def write_then(self, change: Change, then: Callable[[], None]) -> None:
        """Make a change durable; `then` is called in the loop's thread when it is, or when it is certain that it never will be."""
        loop = asyncio.get_running_loop()
        here = threading.get_ident()

        def told(error: Exception | None) -> None:
            if error is None or not self._is_worth_waiting(error):
                self._done(then)
            else:
                task = loop.create_task(self._try_again(change, then))
                self._again.add(task)
                task.add_done_callback(self._again.discard)

        def done(error: Exception | None) -> None:
            if threading.get_ident() == here:
                loop.call_soon(told, error)  # after the clients whose mail went with it: they wait, nobody waits for this
            else:
                loop.call_soon_threadsafe(told, error)

        self._waiting += 1
        try:
            self._writer.submit_patiently(change, done)
        except StoreError as error:
            done(error)
            return
        if self.is_stopping:
            self._writer.hurry()
        elif self._hurrying is None:
            self._hurrying = loop.call_later(GATHER, self._hurry)

    def _hurry(self) -> None:
        self._hurrying = None
        self._writer.hurry()

    async def write(self, change: Change) -> None:
        """The same, waited for."""
        durable = asyncio.Event()
        self.write_then(change, durable.set)
        self._writer.hurry()
        await durable.wait()

    async def room(self) -> None:
        """Wait while too much is on its way to the disk."""
        while self._waiting >= MAX_WAITING and not self.is_stopping:
            self._rest.clear()
            await self._rest.wait()

    async def finish(self, seconds: float) -> None:
        """Wait until everything is written down, at most so long."""
        self.is_stopping = True
        self._writer.hurry()
        self._rest.set()
        try:
            async with asyncio.timeout(seconds):
                while self._waiting:
                    self._rest.clear()
                    await self._rest.wait()
        except TimeoutError:
            for task in tuple(self._again):
                task.cancel()

    async def _try_again(self, change: Change, then: Callable[[], None]) -> None:
        pause = FIRST_PAUSE
        error: Exception | None = None
        while not self.is_stopping:
            await asyncio.sleep(pause)
            pause = min(pause * 2, LAST_PAUSE)
            try:
                await asyncio.wrap_future(self._writer.submit(change))
            except StoreError as raised:
                error = raised
            else:
                break
            if not self._is_worth_waiting(error):
                break
        self._done(then)

    def _is_worth_waiting(self, error: Exception) -> bool:
        trouble(error)
        return not isinstance(error, StoreRefused) and not self.is_stopping

    def _done(self, then: Callable[[], None]) -> None:
        self._waiting -= 1
        self._rest.set()
        then()
