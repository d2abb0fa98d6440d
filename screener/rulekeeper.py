"""The rules in force, and how new ones take their place.

Promises: a bad rule file changes nothing, over a restart neither: the last good set is kept beside the store and used until the
files on disk are good again. The whole set is checked, then swapped at once for this process and the screening processes; a list
that became empty is refused unless forced. People hear of each reload by its answer, the log and the metrics.
"""

import asyncio
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

from screener.config.models import Config
from screener.frozen import dataclass
from screener.heap import on_large_pages
from screener.intake import Intake, Rules
from screener.log import say
from screener.mail.address import Address
from screener.metrics.figures import Metrics
from screener.metrics.labels import RuleLabels
from screener.policy.changes import changes
from screener.policy.rulefile import Compiled, compile_source
from screener.policy.ruleset import RuleSet
from screener.policy.source import Source
from screener.screeners.frames import Order
from screener.screeners.pool import Screeners, ScreeningUnavailable
from screener.store.folders import RULES_IN_FORCE
from screener.yamlfile import Complaint, Complaints

TRY_AGAIN = 10.0  # seconds before rules are taken again that a start could not take for want of processes
LAST_GOOD = RULES_IN_FORCE  # in the store's folder


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What a reload came to, for people."""

    done: bool
    lines: tuple[str, ...]


def read_rules(config: Config, shown: str) -> Compiled:
    """Read and check the rules folder of a configuration, called `shown` in complaints; raises Complaints."""
    return compile_rules(config, Source.read(config.rules.folder, shown))


def compile_rules(config: Config, source: Source) -> Compiled:
    """Check rules that were read; a redirect must lead somewhere. Raises Complaints."""

    def routable(address: Address) -> bool:
        return config.route_of(address.domain or config.hostname) is not None

    listeners = tuple(listener.name for listener in config.listeners)
    pattern_time = config.rules.of_patterns
    return compile_source(source, routable=routable, listeners=listeners, pattern_time=pattern_time, now=time.time())


class RuleKeeper:
    """Loads rules at the start and again when asked; belongs to the event loop's thread."""

    def __init__(self, config: Config, intake: Intake, metrics: Metrics, *, clock: Callable[[], float] = time.time) -> None:
        self._config = config
        self._intake = intake
        self._metrics = metrics
        self._clock = clock
        self._turn = asyncio.Lock()
        self._last_good = config.store.folder / LAST_GOOD
        self._complaints: list[str] = []  # about the files on disk, when they are not what is in force
        self._loaded = False  # whether the files were good once since the start
        self._lacks_processes = False  # why the last reload failed, and not the files
        self._trying: asyncio.Task[None] | None = None
        self.screeners: Screeners | None = None

    @property
    def is_behind(self) -> bool:
        """Whether the rules on disk were bad when they were last read, and others are in force, or none."""
        return bool(self._complaints)

    async def reload(self, *, force: bool = False) -> Reloaded:
        """Check the rules on disk and put them in force."""
        async with self._turn:
            self._lacks_processes = False
            try:
                source = await asyncio.to_thread(Source.read, self._config.rules.folder, self._config.rules.folder.name)
                compiled = await asyncio.to_thread(compile_rules, self._config, source)
            except Complaints as complaints:
                return self._kept([str(complaint) for complaint in complaints.complaints])
            ruleset = compiled.ruleset
            old = self._intake.rules
            warned = asyncio.create_task(asyncio.to_thread(lambda: compiled.warnings))  # beside what follows
            lines: list[str] = []
            if old is not None:
                if old.ruleset.hash == ruleset.hash:
                    self._good(ruleset, warnings := await warned)  # after a failure: the files are good again
                    same = f"nothing has changed: rule set {ruleset.hash} stays in force"
                    return Reloaded(True, (*map(str, warnings), same))
                changed = changes(old.ruleset, ruleset)
                if changed.emptied and not force:
                    refused = [f"{path} has become empty: force the reload if that is meant (--force)" for path in changed.emptied]
                    return self._kept([*map(str, await warned), *refused])
                lines.extend(str(changed).splitlines())
            try:
                await self._put_in_force(source, compiled.ruleset)
            except ScreeningUnavailable as error:
                self._lacks_processes = True
                return self._kept([*map(str, await warned), *lines, str(error)])
            warnings = await warned
            await asyncio.to_thread(_keep_last_good, self._last_good, source)
            self._good(ruleset, warnings)
            in_force = f"rule set {ruleset.hash} with {len(ruleset.rules)} rules is in force"
            return Reloaded(True, (*map(str, warnings), *lines, in_force))

    async def start(self) -> None:
        """Put the last good rules in force, then those on disk if they are good: a restart is a reload like any other.

        Without either mail is deferred.
        """
        try:
            source = await asyncio.to_thread(_read_last_good, self._last_good)
            compiled = await asyncio.to_thread(compile_rules, self._config, source)
            await self._put_in_force(source, compiled.ruleset)
            self._metrics.rules_in_force(compiled.ruleset.hash, _labels(compiled.ruleset))
        except FileNotFoundError:
            pass  # the first start
        except (OSError, ValueError, Complaints, ScreeningUnavailable) as error:
            say("last-good-rules-unusable", level=logging.ERROR, file=str(self._last_good), complaints=str(error).splitlines()[:20])
        await self.reload()
        if self._lacks_processes:
            self._trying = asyncio.get_running_loop().create_task(self._try_again())

    async def _try_again(self) -> None:
        """A start has nobody who would reload when there is room for processes again."""
        while self._lacks_processes:
            await asyncio.sleep(TRY_AGAIN)
            await self.reload()

    async def stop(self) -> None:
        """End the screening processes."""
        if self._trying is not None:
            self._trying.cancel()
        if self.screeners is not None:
            await self.screeners.stop()

    async def _put_in_force(self, source: Source, ruleset: RuleSet) -> None:
        settings = self._config.screening
        if self.screeners is None:
            order = Order(source, self._config.rules.of_patterns, settings.memory, settings.budget.of_anatomy)
            screeners = Screeners(
                order, self._metrics, processes=settings.processes, seconds=settings.time, waiting=settings.waiting
            )
            await screeners.start()
            self.screeners = screeners
        else:
            await self.screeners.replace_rules(source)
        self._intake.rules = Rules(ruleset, self.screeners)
        await asyncio.to_thread(on_large_pages)

    def _kept(self, complaints: list[str]) -> Reloaded:
        self._metrics.reload(False)
        in_force = self._intake.rules
        stays = "no rule set is in force: mail is deferred"
        if in_force is not None:
            stays = f"rule set {in_force.ruleset.hash} stays in force"
        if complaints != self._complaints:  # said once, however often the same files are looked at
            say("reload-failed", level=logging.ERROR, complaints=complaints[:20], in_force=stays)
        self._complaints = complaints
        return Reloaded(False, (*complaints, stays))

    def _good(self, ruleset: RuleSet, warnings: tuple[Complaint, ...]) -> None:
        """The files on disk are what is in force."""
        self._complaints = []
        self._metrics.reload(True, ruleset.hash, _labels(ruleset))
        say("reloaded" if self._loaded else "loaded", ruleset=ruleset.hash, rules=len(ruleset.rules), warnings=len(warnings))
        self._loaded = True


def _labels(ruleset: RuleSet) -> list[RuleLabels]:
    return [RuleLabels(rule.name, rule.action or "", rule.observe) for rule in ruleset.rules]


def _keep_last_good(path: Path, source: Source) -> None:
    """Write the set beside the store, whole or not at all; a disk that is full now keeps the one before, and says so."""
    half_made = path.with_suffix(".new")
    try:
        with half_made.open("wb") as file:
            file.write(source.to_json())
            file.flush()
            os.fsync(file.fileno())
        half_made.replace(path)
    except OSError as error:
        say("store-unavailable", level=logging.ERROR, file=str(path), reason=error.strerror or "cannot be written")


def _read_last_good(path: Path) -> Source:
    return Source.from_json(path.read_bytes())
