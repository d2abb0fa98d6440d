"""What came out: raw figures, the table, and what it is drawn from.

Speed is given as the ratio to plain Postfix in the same round: how busy the machine was then has touched both alike. CPU a
message is the steadier figure. Both are medians over the rounds, with the least and the most.
"""

import json
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from bench.cells import MAIN, Cell
from bench.machine import load, machine
from bench.measure import Figure
from bench.picture import bars
from bench.systems.hop import ROOT

YARDSTICK = "postfix"
BUSY = 0.5  # load from which the page says so


@dataclass(slots=True)
class Results:
    """All figures of one run, as they come in."""

    rounds: int
    seconds: float
    versions: dict[str, tuple[str, str]] = field(default_factory=dict)  # system → version, how it is set up
    figures: dict[Cell, dict[str, dict[int, Figure]]] = field(default_factory=dict)  # cell → system → round → figure
    memory: dict[str, int] = field(default_factory=dict)  # system → octets of PSS
    failed: list[str] = field(default_factory=list)
    begun: float = field(default_factory=time.time)
    load: float = field(default_factory=load)  # of the machine, before we began

    def add(self, number: int, system: str, cell: Cell, figure: Figure) -> None:
        """Keep one figure."""
        self.figures.setdefault(cell, defaultdict(dict))[system][number] = figure

    def ratios(self, cell: Cell, system: str) -> list[float]:
        """To plain Postfix, of each round that has both."""
        plain = self.figures[cell].get(YARDSTICK, {})
        return [one.rate / plain[number].rate for number, one in self.figures[cell].get(system, {}).items() if number in plain]

    def rates(self, cell: Cell, system: str) -> list[float]:
        """Messages a second."""
        return [one.rate for one in self.figures[cell].get(system, {}).values()]

    def cpu(self, cell: Cell, system: str) -> list[float]:
        """Milliseconds a message."""
        return [one.cpu_ms for one in self.figures[cell].get(system, {}).values()]


def write(results: Results, into: Path) -> None:
    """RESULTS.md and results.svg into a folder, raw figures into build/bench/."""
    raw = ROOT / "build" / "bench"
    raw.mkdir(parents=True, exist_ok=True)
    (raw / "figures.json").write_text(json.dumps(_raw(results), indent=1), encoding="utf-8")
    into.mkdir(parents=True, exist_ok=True)
    (into / "RESULTS.md").write_text(page(results), encoding="utf-8")
    (into / "results.svg").write_text(_picture(results), encoding="utf-8")


def page(results: Results) -> str:
    """RESULTS.md."""
    names = list(results.versions)
    memory = [f"{results.memory[name] / 2**20:.0f}" if name in results.memory else "failed" for name in names]
    lines = [
        "# Beside its peers",
        "",
        *_how(results),
        "",
        "| system | version | how it is set up |",
        "|---|---|---|",
        *(f"| {name} | {version} | {about} |" for name, (version, about) in results.versions.items()),
        "",
        "![Speed beside plain Postfix, and CPU a message](results.svg)",
        "",
        "## Speed: messages a second at the sink, as a ratio to plain Postfix in the same round",
        "",
        "Median (least to most); behind plain Postfix its messages a second.",
        "",
        *_table(results, lambda cell, name: _speed(results, cell, name)),
        "",
        "## CPU: milliseconds a message, the whole process tree",
        "",
        *_table(results, lambda cell, name: _spread(results.cpu(cell, name), "{:.2f}")),
        "",
        "## Memory: MiB (PSS) at most while 50 sessions send M",
        "",
        f"| {' | '.join(names)} |",
        f"|{'--:|' * len(names)}",
        f"| {' | '.join(memory)} |",
        "",
    ]
    if results.failed:
        lines += ["## What failed", "", *(f"- {line}" for line in results.failed), ""]
    return "\n".join(lines)


def _how(results: Results) -> list[str]:
    """When, where and how."""
    here = machine()
    begun = time.strftime("%Y-%m-%d %H:%M", time.gmtime(results.begun))
    busy = f"**The machine was busy with other work: load {results.load:.2f} before it began.**"
    calm = f"Load before it began: {results.load:.2f}."
    return [
        f"Taken {begun} UTC on {here.cores} cores of {here.processor}, {here.memory / 2**30:.0f} GiB, {here.system}. "
        f"{busy if results.load > BUSY else calm} Source, system and sink share the cores. "
        f"{results.rounds} interleaved rounds of about {results.seconds:g} s for each figure.",
        "",
        "`make bench` makes this page; `bench/measure.py` says how it measures, `bench/letters.py` what is sent: S is 4 KB of",
        "text, M 50 KB with HTML and a PDF, L 5.3 MB with a PDF. The sink's count is the clock. Planted bad letters proved, before",
        "and after, that each system stops what it should and that plain Postfix stops nothing.",
    ]


def _table(results: Results, shown: Callable[[Cell, str], str]) -> list[str]:
    """A row for each cell, a column for each system."""
    names = list(results.versions)
    lines = [f"| | {' | '.join(names)} |", f"|---|{'--:|' * len(names)}"]
    lines += [f"| {cell} | {' | '.join(shown(cell, name) for name in names)} |" for cell in results.figures]
    return lines


def _speed(results: Results, cell: Cell, name: str) -> str:
    if name == YARDSTICK:
        rates = results.rates(cell, name)
        return f"1 ({median(rates):.0f} msg/s)" if rates else "failed"
    return _spread(results.ratios(cell, name), "{:.2f}")


def _spread(values: list[float], form: str) -> str:
    if not values:
        return "failed"
    middle = f"**{form.format(median(values))}**"
    return middle if len(values) == 1 else f"{middle} ({form.format(min(values))} to {form.format(max(values))})"


def _picture(results: Results) -> str:
    """Both figures of the four cells that matter most, a group of bars each."""
    shown = [cell for cell in MAIN if cell in results.figures]
    names = list(results.versions)
    speed = [(str(cell), [_median(results.ratios(cell, name)) for name in names]) for cell in shown]
    cpu = [(str(cell), [_median(results.cpu(cell, name)) for name in names]) for cell in shown]
    return bars(
        names,
        [
            ("Speed: ratio to plain Postfix (more is better)", speed, 1.0),
            ("CPU: ms a message, logarithmic (less is better)", cpu, None),
        ],
    )


def _median(values: list[float]) -> float | None:
    return median(values) if values else None


def _raw(results: Results) -> dict[str, object]:
    return {
        "begun": results.begun,
        "load": results.load,
        "machine": asdict(machine()),
        "rounds": results.rounds,
        "versions": results.versions,
        "memory": results.memory,
        "failed": results.failed,
        "figures": [
            {"cell": asdict(cell), "system": name, "round": number, **asdict(figure)}
            for cell, systems in results.figures.items()
            for name, rounds in systems.items()
            for number, figure in rounds.items()
        ],
    }
