"""Next hops that are down: whether one is back, and what waited for that.

Promises that while all next hops of a route are down one mail at a time probes, besides which what falls due is deferred without a
try, and that once a next hop answers everything deferred before that is due at once, oldest first. Belongs to the event loop's
thread; the store is read in others.
"""

import asyncio
from collections.abc import Callable, Container, Mapping
from math import ceil, inf

from screener.delivery.backlog import Backlog
from screener.delivery.crew import Crew
from screener.delivery.lanes import Due, Lane
from screener.delivery.recording import Recorder
from screener.log import trouble
from screener.store.changes import Flush
from screener.store.errors import StoreError

PROBED = 1000  # mails remembered as probes
FLUSH = 10_000  # recipients made due in one change


class Probes:
    """For all lanes."""

    def __init__(
        self,
        lanes: Mapping[str, Lane],
        crew: Crew,
        backlog: Backlog,
        recorder: Recorder,
        clock: Callable[[], float],
        pauses: tuple[float, float],
        wake: Callable[[], None],
    ) -> None:
        """`pauses`: seconds between tries, the first and the longest; `wake` is called when something in the store is due now."""
        self._lanes, self._crew, self._backlog, self._recorder = lanes, crew, backlog, recorder
        self._clock, self._pauses, self._wake = clock, pauses, wake

    def start(self, queued: Container[str]) -> None:
        """Begin with the routes for which mail is queued."""
        for lane in self._lanes.values():
            # Why it waits nobody remembers: perhaps because the next hops were down when the service ended.
            lane.to_flush = lane.smtp is not None and lane.name in queued

    def lost(self, lane: Lane) -> None:
        """A next hop of this lane is down."""
        if lane.smtp is not None and lane.smtp.next_hops.all_down:
            lane.to_flush = True
            lane.probed.clear()

    def start_anew(self, now: float) -> None:
        """The clock was set back to `now`: times noted before say nothing any more."""
        for lane in self._lanes.values():
            if lane.smtp is None:
                self._crew.in_background(self._flush(lane, now))
            else:
                lane.to_flush, lane.probe_at = True, 0.0
                lane.smtp.answered = None

    async def send(self) -> float:
        """Begin the probes whose time has come; when the next one is to be sent, `inf` where none is."""
        for lane in self._lanes.values():
            if lane.to_flush and not lane.is_paused and not self._crew.is_stopping:
                await self._probe(lane)
        return min((lane.probe_at for lane in self._lanes.values() if lane.to_flush and not lane.is_paused), default=inf)

    def carried(self, lane: Lane, due: Due) -> None:
        """An attempt is over: whether a next hop is back. If it broke off, the mail may be to blame: the next probe is another."""
        if not lane.to_flush or lane.smtp is None:
            return
        since = lane.smtp.answered
        if since is not None and not lane.smtp.next_hops.all_down:
            lane.to_flush = False
            lane.probed.clear()
            self._crew.in_background(self._flush(lane, since))
        elif due.is_probe and lane.smtp.broke_off:
            if len(lane.probed) >= PROBED:
                lane.probed.clear()
            lane.probed.add(due.mail_id)

    async def _probe(self, lane: Lane) -> None:
        """When a next hop of this lane may be tried again and nobody does, send the oldest mail, due or not."""
        assert lane.smtp is not None
        hops = lane.smtp.next_hops
        now = self._clock()
        first_pause, last_pause = self._pauses
        at = hops.try_again_at(now) if hops.all_down else now
        if lane.running or lane.waiting or at is None:
            lane.probe_at = now + first_pause  # others are finding out
            return
        if at > now:
            lane.probe_at = at
            return
        others = self._lanes.keys() - {lane.name}
        due = await asyncio.to_thread(self._backlog.oldest, lane.name, others, lane.probed | self._crew.claims.mails)
        if due is not None and due.mail_id not in self._crew.claims:
            lane.probe_at = now + first_pause
            self._crew.take(lane, due)
        elif lane.probed:
            lane.probed.clear()
            lane.probe_at = now + first_pause
        else:
            lane.to_flush = hops.all_down  # nothing is queued; a new mail will find out
            lane.probe_at = now + last_pause

    async def _flush(self, lane: Lane, since: float) -> None:
        """A next hop answers `since` then: everything deferred before that for the route is due now."""
        try:
            waiting = await asyncio.to_thread(self._backlog.waiting)
            for _ in range(ceil(waiting.get(lane.name, 0) / FLUSH)):
                await self._recorder.write(Flush(self._clock(), route=lane.name, limit=FLUSH, tried_before=since))
                self._wake()
        except StoreError as error:
            trouble(error, route=lane.name)
            lane.to_flush = True
