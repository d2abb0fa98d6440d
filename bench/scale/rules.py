"""Many rules: how long they take to load, and what they cost each message more than few."""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from fakes.certificate import Certificate

from bench.aims import Goal, Seen, shown
from bench.cells import Cell
from bench.machine import Taken
from bench.many_rules import rules
from bench.results import Part
from bench.stand import standing
from bench.systems.hop import Screener, command

FEW, MANY, WORDS, SENDERS = 10, 2_000, 50_000, 100_000
LOAD = Goal(f"read and compile {MANY:,} rules, {WORDS:,} words, {SENDERS:,} senders, once", " s", 5.0)
START = Goal("start until it listens, with all of them", " s", 5.0, 3.0)
RELOAD = Goal("screener reload of all of them and one more: the whole command", " s", 5.0, 3.0)
ROUNDS, SECONDS = 3, 1.5
_COST = 1.0  # milliseconds
_LOADING = """
import sys, time
from pathlib import Path
from screener.policy.rulefile import compile_source
from screener.policy.source import Source
begun = time.perf_counter()
compile_source(Source.read(Path(sys.argv[1]), "rules"))
print(time.perf_counter() - begun)
"""


def measure(place: Path, pair: Certificate) -> Part:
    """Two hops, one with few rules and one with many, in turn."""
    taken = Taken.now()
    cells = (Cell("S"), Cell("M"))
    costs: dict[tuple[str, Cell], list[float]] = {}
    few, many = Screener("few-rules", rules=rules(FEW)), Screener("many-rules", rules=rules(MANY, words=WORDS, senders=SENDERS))
    with standing(few, place, pair) as with_few, standing(many, place, pair) as with_many:
        loads = [_load(many.settings_file.parent / "rules") for _ in range(2)]
        for _ in range(ROUNDS):
            for stand in (with_few, with_many):
                for cell in cells:
                    costs.setdefault((stand.system.name, cell), []).append(stand.measure(cell, SECONDS).cpu_ms)
        memory = {stand.system.name: stand.system.tree.memory() / 1e6 for stand in (with_few, with_many)}
        reload = _reload(many)
    seen = [Seen(LOAD, max(loads)), Seen(START, many.start_seconds), Seen(RELOAD, reload)]
    told = []
    for cell in cells:
        cheap, dear = median(costs[few.name, cell]), median(costs[many.name, cell])
        seen.append(Seen(Goal(f"{cell}: more CPU a message than with {FEW} rules", " ms", _COST), dear - cheap))
        told.append(f"{cell}: {shown(dear)} ms CPU a message with all of them, {shown(cheap)} with {FEW} rules.")
    told.append(
        f"Start until it listens with {FEW} rules: {shown(few.start_seconds)} s; "
        f"memory {shown(memory[many.name])} MB with all of them, {shown(memory[few.name])} with {FEW} (PSS)."
    )
    return Part(taken, "Rules of eight kinds, none of which fits what is sent.", seen, told)


def _reload(hop: Screener) -> float:
    """Seconds of the command that takes new rules."""
    rules(MANY + 1, words=WORDS, senders=SENDERS)(hop.settings_file.parent / "rules")
    begun = time.monotonic()
    subprocess.run([command(), "reload", "--config", hop.settings_file], check=True, capture_output=True, timeout=120)
    return time.monotonic() - begun


def _load(folder: Path) -> float:
    """Seconds of reading and compiling the rules, in a process of its own."""
    ran = subprocess.run([sys.executable, "-c", _LOADING, folder], check=True, capture_output=True, text=True, timeout=120)
    return float(ran.stdout)
