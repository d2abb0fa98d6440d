"""The rules in force, and how new ones take their place.

Promises: a bad rule file changes nothing, over a restart neither: the last good set is kept beside the store and used until the
files on disk are good again. The whole set is checked, then swapped at once for this process and the screening processes; a list
that became empty is refused unless forced. People hear of each reload by its answer, the log and the metrics.
"""

import asyncio
import logging
import os
import time
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
from screener.screeners.frames import Order, Sealed
from screener.screeners.pool import Screeners, ScreeningUnavailable
from screener.store.folders import RULES_IN_FORCE, sync_folder
from screener.yamlfile import Complaint, Complaints

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
    """Loads rules whenever asked, at the start first; belongs to the event loop's thread."""

    def __init__(self, config: Config, intake: Intake, metrics: Metrics) -> None:
        self._config = config
        self._intake = intake
        self._metrics = metrics
        self._turn = asyncio.Lock()
        self._last_good = config.store.folder / LAST_GOOD
        self._complaints: list[str] = []  # about the files on disk, when they are not what is in force
        self._loaded = False  # whether the files were good once since the start
        self.screeners: Screeners | None = None

    @property
    def is_behind(self) -> bool:
        """Whether the rules on disk were bad when they were last read, and others are in force, or none."""
        return bool(self._complaints)

    async def reload(self, *, force: bool = False) -> Reloaded:
        """Check the rules on disk and put them in force. Where they are bad, those before stay; at the start, the last good ones
        come in force, and without them mail is deferred."""
        async with self._turn:
            try:
                source, compiled = await asyncio.to_thread(_read, self._config)
            except Complaints as complaints:
                return await self._kept([str(complaint) for complaint in complaints.complaints], await self._before(None))
            ruleset = compiled.ruleset
            warned = asyncio.create_task(asyncio.to_thread(lambda: compiled.warnings))  # beside what follows
            old = await self._before(ruleset)
            lines: list[str] = []
            if old is not None:
                if old.hash == ruleset.hash:
                    await asyncio.to_thread(_keep_last_good, self._last_good, source)  # a full disk may have kept it from that
                    self._good(ruleset, warnings := await warned)  # after a failure: the files are good again
                    same = f"nothing has changed: rule set {ruleset.hash} stays in force"
                    return Reloaded(True, (*map(str, warnings), same))
                changed = changes(old, ruleset)
                if changed.emptied and not force:
                    refused = [f"{path} has become empty: force the reload if that is meant (--force)" for path in changed.emptied]
                    return await self._kept([*map(str, await warned), *refused], old)
                lines.extend(str(changed).splitlines())
            try:
                await self._put_in_force(ruleset)
            except ScreeningUnavailable as error:
                return await self._kept([*map(str, await warned), *lines, str(error)], old)
            warnings = await warned
            await asyncio.to_thread(_keep_last_good, self._last_good, source)
            self._good(ruleset, warnings)
            in_force = f"rule set {ruleset.hash} with {len(ruleset.rules)} rules is in force"
            return Reloaded(True, (*map(str, warnings), *lines, in_force))

    async def stop(self) -> None:
        """End the screening processes."""
        if self.screeners is not None:
            await self.screeners.stop()

    async def _before(self, ruleset: RuleSet | None) -> RuleSet | None:
        """What is in force; at the start, the last good rules, unless those on disk are the same."""
        if self._intake.rules is not None:
            return self._intake.rules.ruleset
        try:
            source = await asyncio.to_thread(_read_last_good, self._last_good)
            if ruleset is not None and source.hash == ruleset.hash:
                return None
            return (await asyncio.to_thread(compile_rules, self._config, source)).ruleset
        except FileNotFoundError:
            return None  # the first start
        except (OSError, ValueError, Complaints) as error:
            say("last-good-rules-unusable", level=logging.ERROR, file=str(self._last_good), complaints=str(error).splitlines()[:20])
            return None

    async def _put_in_force(self, ruleset: RuleSet) -> None:
        settings = self._config.screening
        order = await asyncio.to_thread(Sealed.of, Order(ruleset, settings.memory, settings.budget.of_anatomy))
        if self.screeners is None:
            screeners = Screeners(
                order, self._metrics, processes=settings.processes, seconds=settings.time, waiting=settings.waiting
            )
            await screeners.start()
            self.screeners = screeners
        else:
            await self.screeners.replace_rules(order)
        self._intake.rules = Rules(ruleset, self.screeners)
        asyncio.get_running_loop().run_in_executor(None, on_large_pages)  # beside what follows: nobody need wait for it

    async def _kept(self, complaints: list[str], before: RuleSet | None) -> Reloaded:
        self._metrics.reload(False)
        stays = "no rule set is in force: mail is deferred"
        if before is not None:
            stays = f"rule set {before.hash} stays in force"
            if self._intake.rules is None:
                await self._put_in_force(before)
                self._metrics.rules_in_force(before.hash, _labels(before))
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
    """Write the set beside the store, whole or not at all, for good; a disk that is full now keeps the one before, and says so."""
    half_made, octets = path.with_suffix(".new"), source.to_json()
    try:
        if path.exists() and path.read_bytes() == octets:
            return
        with half_made.open("wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        half_made.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        say("store-unavailable", level=logging.ERROR, file=str(path), reason=error.strerror or "cannot be written")


def _read(config: Config) -> tuple[Source, Compiled]:
    source = Source.read(config.rules.folder, config.rules.folder.name)
    return source, compile_rules(config, source)


def _read_last_good(path: Path) -> Source:
    return Source.from_json(path.read_bytes())
