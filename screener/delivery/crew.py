"""Who carries: tasks that take what waits in the lanes, as many side by side as each lane allows.

Promises that a mail stays claimed from when it is taken into a lane until what came of it is durable, and that an attempt does not
wait for the disk to be done with the one before. One mail is `carrying`'s, what follows for the queue the overseer's.
"""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Protocol

from screener.delivery.carrying import Attempted, Carrier
from screener.delivery.lanes import LOW, Claims, Due, Lane
from screener.delivery.recording import Recorder
from screener.log import trouble
from screener.store.errors import StoreError
from screener.store.records import Settle

RUNNING = 500  # mails carried at once, over all routes
PAUSE = 5.0  # seconds for what is broken off to be written down
READ_AGAIN = 1.0  # seconds before a lane goes on after a mail that the store could not give


class Overseer(Protocol):
    """Who is told what the crew did."""

    def carried(self, lane: Lane, due: Due) -> None:
        """An attempt is over."""
        ...

    def recorded(self, settle: Settle) -> None:
        """What came of it is durable."""
        ...

    def wants_more(self) -> None:
        """The store may have something for a lane."""
        ...


class Crew:
    """Belongs to the event loop's thread."""

    def __init__(self, carrier: Carrier, recorder: Recorder, overseer: Overseer) -> None:
        self.claims = Claims()
        self.is_stopping = False
        self._carrier, self._recorder, self._overseer = carrier, recorder, overseer
        self._lanes: list[Lane] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def serve(self, lane: Lane) -> Lane:
        """A lane whose mail is to be carried."""
        self._lanes.append(lane)
        return lane

    def take(self, lane: Lane, due: Due) -> None:
        """It waits in this lane now, and is begun if there is room."""
        self.claims.hold(due.mail_id)
        self.claims.octets += due.octets
        lane.waiting.append(due)
        self._begin(lane)

    def give_up_waiting(self) -> None:
        """Leave to the store whatever has not begun."""
        for lane in self._lanes:
            while lane.waiting:
                due = lane.waiting.popleft()
                self.claims.octets -= due.octets
                self.claims.release(due.mail_id)

    async def stop(self, grace: float, break_off: Callable[[], None]) -> None:
        """Begin nothing new; attempts may finish for `grace` seconds, then `break_off` ends them and they are settled so."""
        self.is_stopping = self._carrier.is_stopping = True
        pending = set(self._tasks)
        if pending:
            _, pending = await asyncio.wait(pending, timeout=grace)
        if pending:
            break_off()
            _, pending = await asyncio.wait(pending, timeout=PAUSE)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        await self._recorder.finish(PAUSE)

    def in_background(self, work: Coroutine[None, None, None]) -> None:
        """Work that `stop` waits for."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(tell)

    def _begin(self, lane: Lane) -> None:
        if lane.is_paused or self.is_stopping or lane.running >= lane.limit:
            return
        if not lane.running or len(self._tasks) < RUNNING:  # every lane may have one: none starves
            lane.running += 1
            self.in_background(self._work(lane))

    async def _work(self, lane: Lane) -> None:
        """Carry what waits in a lane until nothing does."""
        try:
            while lane.waiting and not lane.is_paused and not self.is_stopping:
                await self._carry(lane, lane.waiting.popleft())
                await self._recorder.room()
        finally:
            lane.running -= 1
            for other in self._lanes:
                if other.waiting:
                    self._begin(other)
            if lane.to_flush:
                lane.probe_at = 0.0
                self._overseer.wants_more()

    async def _carry(self, lane: Lane, due: Due) -> None:
        try:
            async for attempted in self._carrier.attempts(lane, due):
                self.claims.hold(due.mail_id)
                self._recorder.write_then(attempted.settle, partial(self._recorded, lane, attempted))
        except StoreError as error:
            trouble(error, id=due.mail_id)
            await asyncio.sleep(READ_AGAIN)
            self._overseer.wants_more()
        finally:
            self.claims.octets -= due.octets
            self._release(lane, due.mail_id)
        self._overseer.carried(lane, due)

    def _recorded(self, lane: Lane, attempted: Attempted) -> None:
        self._carrier.written_down(lane, attempted)
        self._release(lane, attempted.settle.mail_id)
        self._overseer.recorded(attempted.settle)

    def _release(self, lane: Lane, mail_id: str) -> None:
        """A part of a mail is done with; once all are, the store may be asked for more of it."""
        more = self.claims.release(mail_id)
        if more or (lane.is_behind and len(lane.waiting) < LOW):
            self._overseer.wants_more()


def tell(task: asyncio.Task[None]) -> None:
    """A task that ended by an exception must not do so in silence."""
    error = None if task.cancelled() else task.exception()
    if error is not None:
        trouble(error, room="delivery")
