"""The delivery loop: what is due, oldest first, to the couriers and back into the store.

Promises that every queued recipient is tried when it is due, as long as its route is not paused; that nothing is tried twice at the
same time, and nothing again before its last attempt is durable; that memory stays bounded however much is queued: mail is read in
slices, and what comes in starts from memory only while its lane has room and nothing older waits in the store. Routes all of whose
next hops are down are `probes`'.

The crew carries; this module decides what it gets, and when. Belongs to the event loop's thread; the store is read in others.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from math import inf

from screener.config.hostport import HostPort
from screener.config.models import Config
from screener.delivery.backlog import Backlog
from screener.delivery.carrying import Carrier
from screener.delivery.courier import NoRoute, SmtpCourier
from screener.delivery.crew import Crew, tell
from screener.delivery.lanes import MAX_OCTETS, Due, Lane, in_memory
from screener.delivery.maildir import MaildirCourier
from screener.delivery.probes import Probes
from screener.delivery.recording import Recorder
from screener.delivery.routes import FIRST_PAUSE, LAST_PAUSE, NextHops, route_for
from screener.log import say, trouble
from screener.metrics.figures import Metrics
from screener.store.errors import StoreError
from screener.store.interface import Store
from screener.store.records import Entry, Keep, Settle, State
from screener.store.writer import Writer

DROP_AT_ONCE = 8  # files written into a Maildir at once
LOOK_AGAIN = 10.0  # seconds after which the store is asked in any case
CLOCK_BACK = 60.0  # seconds that the clock must go back to be heeded
LOOK_SOON = 0.5  # the same while it cannot tell when something is due next
PAUSE = 5.0  # seconds before the store is asked again when it could not answer


class Delivery:
    """Takes what is queued to where it belongs."""

    def __init__(
        self,
        config: Config,
        store: Store,
        writer: Writer,
        metrics: Metrics,
        *,
        clock: Callable[[], float] = time.time,
        probe_pauses: tuple[float, float] = (FIRST_PAUSE, LAST_PAUSE),
    ) -> None:
        """`probe_pauses`: seconds between tries of a next hop that is down, the first and the longest."""
        self._config, self._store, self._metrics, self._clock = config, store, metrics, clock
        self._probe_pauses = probe_pauses
        self._backlog = Backlog(store)
        self._recorder = Recorder(writer)
        self._crew = Crew(Carrier(config, store, metrics, clock), self._recorder, self)
        self._lanes = {name: self._crew.serve(self._lane(name)) for name in config.routes}
        self._probes = Probes(self._lanes, self._crew, self._backlog, self._recorder, clock, probe_pauses, self.wake)
        self._nowhere = self._crew.serve(Lane("", NoRoute(), limit=1))
        self._strays: dict[str, Lane] = {}  # routes that queued mail has and the settings lack → the lane taken instead
        self._loop_task: asyncio.Task[None] | None = None
        self._awake = asyncio.Event()
        self._unread = True  # the store may have something due that is not in memory
        self._alarm = 0.0  # when the store is to be asked next, seconds since the epoch
        self._turned = 0.0  # the time of the last turn
        self._is_blind = False  # the store could not tell when something is due next
        self._seen = -1  # Store.changed

    def _lane(self, name: str) -> Lane:
        route = self._config.routes[name]
        if route.maildir is not None:
            return Lane(name, MaildirCourier(route.maildir), DROP_AT_ONCE)
        for hop in route.next_hops:
            self._metrics.next_hop_up(name, str(hop), True)
        hops = NextHops(route.next_hops, *self._probe_pauses)
        courier = SmtpCourier(name, route, self._config.hostname, self._config.timeouts, self, self._clock, hops)
        return Lane(name, courier, route.connections)

    async def start(self) -> None:
        """Begin; whatever is queued is found in the store. Raises StoreUnavailable, StoreDamaged."""
        await self._count_broken_off()
        self._probes.start(await asyncio.to_thread(self._backlog.waiting))
        self._loop_task = asyncio.create_task(self._run(), name="delivery")
        self._loop_task.add_done_callback(tell)

    async def _count_broken_off(self) -> None:
        try:
            counted = await asyncio.to_thread(self._store.count_broken_off, self._clock())
        except StoreError as error:
            trouble(error)  # a full disk, which delivery is to empty: they stay noted, for the next start to count
            return
        for route, recipients in counted.items():
            self._metrics.broken_off(route, recipients)
            say(
                "doubtful",
                level=logging.WARNING,
                route=route,
                recipients=recipients,
                reason="the last service ended during attempts",
            )

    @property
    def is_alive(self) -> bool:
        """Whether the loop runs: for the health endpoint."""
        return self._loop_task is not None and not self._loop_task.done()

    async def stop(self, grace: float) -> None:
        """Begin nothing new; attempts may finish for `grace` seconds, then they are broken off and settled as such."""
        self._crew.is_stopping = True
        self._awake.set()
        if self._loop_task is not None:
            await asyncio.wait((self._loop_task,))  # what broke it was told, and does not keep the crew from its end
        await self._crew.stop(grace, self._break_off)
        await asyncio.gather(*(lane.courier.close() for lane in self._lanes.values()))

    def _break_off(self) -> None:
        for lane in self._lanes.values():
            if lane.smtp is not None:
                lane.smtp.abandon("the service is stopping")

    def wake(self) -> None:
        """Something in the store may be due now, or a route was paused or resumed."""
        self._unread = True
        self._awake.set()

    def offer(self, keep: Keep) -> None:
        """A mail that has just become durable: it starts from memory if nothing older waits, else the store has it."""
        now = self._clock()
        by_route: dict[str, list[Entry]] = {}
        for entry in keep.entries():
            if entry.state is State.QUEUED and (entry.next_attempt is None or entry.next_attempt <= now):
                by_route.setdefault(entry.route, []).append(entry)
        mail_id = keep.mail.id
        if not by_route or mail_id in self._crew.claims or self._crew.is_stopping:
            return
        stored = keep.stored()
        content = in_memory(keep.mail.content.octets) if self._crew.claims.octets < MAX_OCTETS else None
        taken = 0
        for route, entries in by_route.items():
            lane = self._lanes.get(route)
            if lane is not None and not (lane.is_full or lane.is_behind or lane.is_paused):
                self._crew.take(lane, Due(mail_id, entries, stored, content))
                taken += 1
            elif lane is not None and not lane.is_paused:
                lane.is_behind = True
        if taken < len(by_route):
            if taken:
                self._crew.claims.cut(mail_id)
            self.wake()

    # what couriers tell: see `courier.Watcher`

    def next_hop_up(self, route: str, hop: HostPort) -> None:
        """It answers again."""
        self._metrics.next_hop_up(route, str(hop), True)
        say("next-hop-up", route=route, next_hop=str(hop))

    def next_hop_down(self, route: str, hop: HostPort, why: str) -> None:
        """It does not answer."""
        self._metrics.next_hop_up(route, str(hop), False)
        say("next-hop-down", level=logging.WARNING, route=route, next_hop=str(hop), reason=why)
        self._probes.lost(self._lanes[route])

    def connections(self, route: str, count: int) -> None:
        """How many connections are open now."""
        self._metrics.connections_out(route, count)

    def eight_bit_unconverted(self, route: str) -> None:
        """An 8-bit content went unchanged to a next hop without 8BITMIME."""
        self._metrics.eight_bit_unconverted(route)

    # the loop

    async def _run(self) -> None:
        while not self._crew.is_stopping:
            self._awake.clear()
            try:
                pause = await self._turn()
            except StoreError as error:
                trouble(error)
                self._unread = True
                pause = PAUSE
            if pause > 0:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._awake.wait()

    async def _turn(self) -> float:
        """Read what is due, begin probes; returns the seconds until the next turn, if nobody wakes before."""
        await self._heed_changes()
        self._heed_clock()
        if self._alarm <= self._clock():
            self._unread = True
        while self._unread and not self._crew.is_stopping:
            await self._read()
        next_probe = await self._probes.send()
        return min(max(min(self._alarm, next_probe) - self._clock(), 0.0), LOOK_AGAIN)

    def _heed_clock(self) -> None:
        """When the clock was set back, what was put off before is due too late, by as much: it is tried anew, as after a start."""
        now = self._clock()
        if now < self._turned - CLOCK_BACK:
            say("clock-set-back", level=logging.WARNING, seconds=round(self._turned - now))
            self._alarm = 0.0
            self._probes.start_anew(now)
        self._turned = now

    async def _heed_changes(self) -> None:
        """When another process changed the store, what waits here may be discarded, redirected or paused: read it anew."""
        seen = self._store.changed()
        if seen == self._seen:
            return
        self._seen = seen
        paused = {one.route for one in await asyncio.to_thread(self._store.paused)}
        for lane in self._lanes.values():
            lane.is_paused = lane.name in paused
        self._crew.give_up_waiting()
        self._unread = True

    async def _read(self) -> None:
        """Bring one slice of what is due into the lanes."""
        self._unread = False
        self._alarm = inf
        now = self._clock()
        claims = self._crew.claims
        closed = {name for name, lane in (self._lanes | self._strays).items() if lane.is_full or lane.is_paused}
        claimed = claims.begin_reading()
        try:
            found = await asyncio.to_thread(self._backlog.read, now, closed, claimed, MAX_OCTETS - claims.octets)
        finally:
            ended = claims.end_reading()
        offered = {due.mail_id for due in found.dues if due.mail_id in claims}
        for due in found.dues:
            if due.mail_id in ended or due.mail_id in offered:
                self._unread = True  # it went by from memory meanwhile; its other recipients are read again
            else:
                self._crew.take(self._lane_of(due), due)
        if found.is_cut:
            self._unread = True
            if found.dues[-1].mail_id in claims:
                claims.cut(found.dues[-1].mail_id)
        for lane in self._lanes.values():
            lane.is_behind = found.is_cut or lane.name in closed
        # What is being carried is due in the store too, and hides what follows: then it is asked again soon.
        self._is_blind = found.next_due is not None and found.next_due <= now
        soon = inf if found.next_due is None else now + LOOK_SOON if self._is_blind else found.next_due
        self._alarm = min(self._alarm, soon, now + LOOK_AGAIN)

    def _lane_of(self, due: Due) -> Lane:
        """The lane of its route; for a route that is gone from the settings, where its recipient would go today."""
        name = due.entries[0].route
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes.get(route_for(self._config, due.entries[0].recipient.address) or "", self._nowhere)
            self._strays[name] = lane
        return lane

    # what the crew tells: see `crew.Overseer`

    def carried(self, lane: Lane, due: Due) -> None:
        """Whether a next hop is back after this."""
        self._probes.carried(lane, due)

    def recorded(self, settle: Settle) -> None:
        """What is to be tried later is not forgotten; reports are new mail."""
        times = [one.next_attempt for one in settle.outcomes if one.next_attempt is not None]
        if times and min(times) < self._alarm:
            self._alarm = min(times)
            self._awake.set()
        for report in settle.reports:
            self.offer(report)
        if self._is_blind and not self._crew.claims:
            self.wake()

    def wants_more(self) -> None:
        """A lane has room for what the store has."""
        self.wake()
