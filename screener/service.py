"""The service: the only composition root. Opens the doors in order, keeps watch, closes them in reverse order.

Order of opening: store, metrics, delivery, rules with their screening processes, control, SMTP last: nobody is let in before mail
can be kept. Order of closing: SMTP first, then delivery, the writer last, so that what was accepted is durable.
"""

import asyncio
import contextlib
import errno
import gc
import logging
import resource
import signal
import time
from collections.abc import Callable, Coroutine
from importlib.metadata import version

from screener import files
from screener.config.models import Config
from screener.control import Answer, Control, Request
from screener.delivery.callout import Callout
from screener.delivery.queue import Delivery
from screener.heap import keep_what_is_freed
from screener.intake import Intake
from screener.log import say, trouble
from screener.metrics.figures import Health, Metrics
from screener.metrics.labels import Known
from screener.rulekeeper import RuleKeeper
from screener.smtp.access import Access
from screener.smtp.server import SmtpServer
from screener.store.errors import StoreUnavailable
from screener.store.folders import ORPHANS
from screener.store.queries import Quota, Retention
from screener.store.sqlite import SqliteStore
from screener.store.writer import Writer

COLLECT = (20_000, 20, 100)  # of the garbage collector: nothing here leaves cycles, message by message
SPARE_DESCRIPTORS = 512  # for bodies being written, deliveries, processes, pages, logs
EXPIRE_EVERY = 60.0  # seconds
WATCH_EVERY = 1.0  # seconds between looks at the rules folder, where it is watched
LOOK_EVERY = 1.0  # seconds between looks whether the command line changed the store
SAY_EVERY = 60.0  # seconds between complaints that no connection can be accepted: asyncio tries up to a thousand times a second


async def serve(config: Config, announce: Callable[[str], None]) -> None:
    """Run the hop until SIGTERM or SIGINT. `announce` is told in a few lines where everything is, once it is there.

    Raises StoreUnavailable or OSError when a door cannot be opened; everything opened before is closed again.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, lambda: None)  # until there are rules to reload: they are read by the start itself
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.set_exception_handler(_Astray())
    keep_what_is_freed()
    gc.set_threshold(*COLLECT)
    async with contextlib.AsyncExitStack() as doors:
        _raise_descriptor_limit(config)
        service = Service(config)
        await service.open(doors)
        for line in service.places():
            announce(line)
        gc.collect()
        gc.freeze()  # rules and settings stay: the collector need not look at them again
        say("started", version=version("screener"), hostname=config.hostname)
        await stop.wait()
        say("stopping")
    say("stopped")


class Service:
    """All rooms of one hop, put together."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._metrics = Metrics(_known(config))
        self._store = SqliteStore.open(config.store.folder, serving=True, reserve=config.store.reserve)
        self._writer = Writer(self._store, announce=asyncio.get_running_loop().call_soon_threadsafe, on_commit=self._metrics.commit)
        self._delivery = Delivery(config, self._store, self._writer, self._metrics)
        self._intake = Intake(config, self._writer, self._store.bodies, self._metrics, offer=self._delivery.offer)
        self._rules = RuleKeeper(config, self._intake, self._metrics)
        self._callout = Callout(config)
        self._access = Access(config, self._callout, self._metrics.recipient_list)
        self._smtp = SmtpServer(config, self._intake, self._access, self._metrics)
        self._control = Control(config.control, {"reload": self._reload, "wake": self._wake, "status": self._status})
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, doors: contextlib.AsyncExitStack) -> None:
        """Open every door; what closes it again is put on the stack."""
        config = self._config
        doors.callback(self._store.close)
        if orphans := self._store.orphans:
            say("orphans", level=logging.WARNING, contents=len(orphans), folder=str(config.store.folder / ORPHANS), ids=orphans)
        doors.push_async_callback(asyncio.to_thread, self._writer.close)
        await asyncio.to_thread(self._store.lengthen_log)
        self._metrics.watch_store(self._store.counts, self._store.bodies.free)
        self._metrics.watch_health(self._health)
        if config.metrics is not None:
            self._metrics.serve(config.metrics)
            doors.callback(self._metrics.close)
        await self._count_held()
        await self._delivery.start()
        doors.push_async_callback(self._delivery.stop, config.stop)
        doors.push_async_callback(self._callout.close)
        doors.push_async_callback(self._rules.stop)
        before = await asyncio.to_thread(files.state, config.rules.folder)
        await self._rules.reload()
        await self._control.start()
        doors.push_async_callback(self._control.stop)
        doors.push_async_callback(self._stop_watching)
        for watch in (self._expire(), self._look(), *([self._watch_rules(before)] if config.rules.watch else [])):
            self._in_background(watch)
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, lambda: self._in_background(self._reload_quietly()))
        await self._smtp.start()
        doors.push_async_callback(self._smtp.stop, config.stop)

    def places(self) -> list[str]:
        """Where everything is, for people."""
        config = self._config
        smtp = ", ".join(f"{address} ({name})" for name, address in self._smtp.addresses.items())
        rules = self._intake.rules
        in_force = "NONE IS GOOD: mail is deferred"
        if rules is not None:
            count = len(rules.ruleset.rules)
            in_force = f"{count} {'rule' if count == 1 else 'rules'}, {rules.ruleset.hash}"
        if rules is not None and self._rules.is_behind:
            in_force += ", the last good ones: the files have errors, see `screener check`"
        lines = [
            f"Screener {version('screener')} as {config.hostname}",
            f"  SMTP     {smtp}",
            f"  metrics  {f'http://{config.metrics}/metrics' if config.metrics else 'off'}",
            f"  rules    {config.rules.folder} ({in_force})",
            f"  store    {config.store.folder}",
        ]
        for domain, settings in config.domains.items():
            route = config.routes[settings.route]
            goal = f"maildir {route.maildir}" if route.maildir else ", ".join(map(str, route.next_hops))
            lines.append(f"  {domain} → {settings.route}: {goal}")
        return lines

    async def _reload(self, request: Request) -> Answer:
        reloaded = await self._rules.reload(force=request.force)
        lines = reloaded.lines
        if request.settings not in ("", self._config.fingerprint):
            lines = (
                *lines,
                "the settings are others than when the service started: they hold after a restart, reload takes rules alone",
            )
        return Answer(reloaded.done, lines)

    async def _reload_quietly(self) -> None:
        """For SIGHUP and `rules.watch`: log and metrics tell what came of it."""
        await self._rules.reload()

    async def _wake(self, _request: Request) -> Answer:
        self._delivery.wake()
        return Answer(True, ())

    async def _status(self, _request: Request) -> Answer:
        health = self._health()
        return Answer(not health.reasons, tuple(health.reasons) or tuple(self.places()))

    def _health(self) -> Health:
        reasons = []
        if self._intake.rules is None:
            reasons.append("no rule set is in force: mail is deferred")
        elif self._rules.screeners is not None and not self._rules.screeners.alive:
            reasons.append("no screening process is alive")
        if not self._delivery.is_alive:
            reasons.append("delivery has stopped: mail is taken but does not go out")
        if self._store.damage:
            reasons.append(f"{self._store.damage}; mail is deferred")
        if not self._intake.has_room():
            reasons.append("free space is below store.free_space: new mail gets 452")
        if self._intake.held.is_full:
            reasons.append("hold has no room within store.hold.size: mail to be held gets 452")
        return Health(tuple(reasons))

    async def _expire(self) -> None:
        """End what is older or more than it may be, again and again."""
        store = self._config.store
        retention = Retention(
            hold=Quota(store.hold.age, store.hold.size),
            dropped=Quota(store.dropped.age, store.dropped.size),
            history=Quota(store.history.age, store.history.size),
        )
        while True:
            try:
                expired = await asyncio.to_thread(self._store.expire, time.time(), retention)
                await self._count_held()
                if expired.held or expired.dropped:
                    say("expired", held=expired.held, dropped=expired.dropped)
                if expired.more:
                    continue
            except StoreUnavailable as error:
                trouble(error)
            await asyncio.sleep(EXPIRE_EVERY)

    async def _look(self) -> None:
        """Tell delivery, and count what is held, when the command line has changed the store."""
        seen, told = -1, False
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if self._store.damage and not told:
                told = True
                say("store-damaged", level=logging.ERROR, reason=self._store.damage)
            try:
                now = self._store.changed()
                if now != seen:
                    seen = now
                    self._delivery.wake()
                    await self._count_held()
            except StoreUnavailable as error:
                trouble(error)

    async def _count_held(self) -> None:
        """How much is held, as the store knows it: at the start, after people changed something, and now and then."""
        held = self._intake.held
        begun = held.begin_count()
        held.count(await asyncio.to_thread(self._store.held_octets), begun)

    async def _watch_rules(self, seen: object) -> None:
        """Reload when the folder is other than `seen`. It is polled: a folder that is swapped for another has to be noticed too."""
        while True:
            await asyncio.sleep(WATCH_EVERY)
            now = await asyncio.to_thread(files.state, self._config.rules.folder)
            if now != seen:
                seen = now
                await self._rules.reload()

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(_tell)

    async def _stop_watching(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class _Astray:
    """Told of what the event loop caught and nobody waits for."""

    def __init__(self) -> None:
        self._said = -SAY_EVERY

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
            if loop.time() - self._said >= SAY_EVERY:
                self._said = loop.time()
                advice = "raise LimitNOFILE (ulimit -n) or lower limits.connections; clients wait in the meantime"
                say("few-descriptors", level=logging.ERROR, reason="no connection can be accepted", advice=advice)
        elif isinstance(error, BaseException):
            trouble(error)
        else:
            say("trouble", level=logging.ERROR, reason=str(context.get("message")))


def _raise_descriptor_limit(config: Config) -> None:
    """Let this process have as many descriptors as the limits may need: at 1,024, some hundred idle clients would end everything.

    Where the system forbids it, say so: connections beyond it cannot be accepted, and nothing else can be opened either.
    """
    needed = (
        config.limits.connections
        + config.front_connections
        + sum(route.connections * 2 for route in config.routes.values())
        + SPARE_DESCRIPTORS
    )
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    possible = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (possible, hard))
    if possible < needed:
        advice = f"raise it (LimitNOFILE, ulimit -n) to {needed} or lower limits.connections"
        say("few-descriptors", level=logging.ERROR, limit=possible, needed=needed, advice=advice)


def _known(config: Config) -> Known:
    """What may be a label, and the limits shown beside what they limit."""
    return Known(
        listeners=tuple(listener.name for listener in config.listeners),
        next_hops={name: tuple(map(str, route.next_hops)) or ("maildir",) for name, route in config.routes.items()},
        processes=config.screening.processes,
        connections=config.limits.connections,
        hold_octets=config.store.hold.size,
        free_floor=config.store.free_space,
        listed=tuple(name for name, domain in config.domains.items() if domain.recipients is not None),
    )


def _tell(task: asyncio.Task[None]) -> None:
    """No exception is lost."""
    if not task.cancelled() and (error := task.exception()) is not None:
        trouble(error)
