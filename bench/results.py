"""What came out: the figures of each benchmark, kept as JSON in bench/results/, from which bench.page writes what people read.

Speed is given as the ratio to plain Postfix in the same round: how busy the machine was then has touched both alike. CPU a
message is the steadier figure. Both are medians over the rounds, with the least and the most.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from pydantic import TypeAdapter

from bench.aims import ACCEPT_GOAL, MEMORY_GOAL, Seen, cpu_goals, ratio_goals
from bench.cells import MAIN, Cell
from bench.machine import Taken
from bench.measure import Accepted, Figure

YARDSTICK, OURS = "postfix", "screener"


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure."""

    round: int
    system: str
    cell: Cell
    figure: Figure


@dataclass(frozen=True, slots=True)
class AcceptedAt:
    """Accept times of one round."""

    round: int
    system: str
    accepted: Accepted


@dataclass(slots=True)
class Beside:
    """The hop beside its peers: one run, as it comes in."""

    taken: Taken
    rounds: int
    seconds: float
    versions: dict[str, tuple[str, str]] = field(default_factory=dict)  # system → version, how it is set up
    memory: dict[str, int] = field(default_factory=dict)  # system → octets of PSS
    failed: list[str] = field(default_factory=list)
    accepted: list[AcceptedAt] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)

    def cells(self) -> list[Cell]:
        """What was measured, in its order."""
        return list(dict.fromkeys(one.cell for one in self.measured))

    def figures(self, cell: Cell, system: str) -> dict[int, Figure]:
        """By round."""
        return {one.round: one.figure for one in self.measured if one.cell == cell and one.system == system}

    def ratios(self, cell: Cell, system: str) -> list[float]:
        """To plain Postfix, of each round that has both."""
        plain = self.figures(cell, YARDSTICK)
        return [one.rate / plain[number].rate for number, one in self.figures(cell, system).items() if number in plain]

    def rates(self, cell: Cell, system: str) -> list[float]:
        """Messages a second."""
        return [one.rate for one in self.figures(cell, system).values()]

    def cpu(self, cell: Cell, system: str) -> list[float]:
        """Milliseconds a message."""
        return [one.cpu_ms for one in self.figures(cell, system).values()]

    def accept_times(self, system: str) -> list[Accepted]:
        """At half of the peak rate, by round."""
        return [one.accepted for one in self.accepted if one.system == system]

    def peak(self, number: int, system: str) -> float | None:
        """The most messages a second of that round, of those that came on new connections with 4 KB."""
        rates = [
            one.figure.rate
            for one in self.measured
            if (one.round, one.system) == (number, system) and one.cell in (MAIN[0], Cell("S", 50))
        ]
        return max(rates, default=None)

    def seen(self) -> list[Seen]:
        """Every goal, with what this run says to it."""
        return [*self._seen()]

    def _seen(self) -> Iterator[Seen]:
        for cell, goal in ratio_goals().items():
            yield Seen(goal, middle(self.ratios(cell, OURS)))
        for cell, goal in cpu_goals().items():
            yield Seen(goal, middle(self.cpu(cell, OURS)))
        yield Seen(MEMORY_GOAL, self.memory[OURS] / 2**20 if OURS in self.memory else None)
        yield Seen(ACCEPT_GOAL, middle([one.p99 for one in self.accept_times(OURS)]))


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the scale: its goals, and what else was seen."""

    taken: Taken
    about: str
    seen: list[Seen]
    told: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Scale:
    """All parts, each as it was measured last."""

    parts: dict[str, Part] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Curve:
    """How a cost grows: pairs of how much there is and milliseconds of CPU a message."""

    of: str
    points: list[tuple[float, float]]


@dataclass(slots=True)
class Growth:
    """All curves of one run."""

    taken: Taken
    curves: list[Curve] = field(default_factory=list)


def middle(values: list[float]) -> float | None:
    """The median, or None of nothing."""
    return median(values) if values else None


_BESIDE, _SCALE, _GROWTH = TypeAdapter(Beside), TypeAdapter(Scale), TypeAdapter(Growth)


@dataclass(frozen=True, slots=True)
class Kept:
    """The figures kept in a folder; what has not been measured yet is None."""

    folder: Path

    def beside(self) -> Beside | None:
        """Of `make bench`."""
        return _BESIDE.validate_json(text) if (text := self._text("beside")) else None

    def scale(self) -> Scale | None:
        """Of `make bench-scale`."""
        return _SCALE.validate_json(text) if (text := self._text("scale")) else None

    def growth(self) -> Growth | None:
        """Of `make bench-growth`."""
        return _GROWTH.validate_json(text) if (text := self._text("growth")) else None

    def keep(self, figures: Beside | Scale | Growth) -> None:
        """Write them over what there was."""
        match figures:
            case Beside():
                name, made = "beside", _BESIDE.dump_python(figures, mode="json")
            case Scale():
                name, made = "scale", _SCALE.dump_python(figures, mode="json")
            case Growth():
                name, made = "growth", _GROWTH.dump_python(figures, mode="json")
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{name}.json").write_text(_lines(made), encoding="utf-8")

    def _text(self, name: str) -> str:
        file = self.folder / f"{name}.json"
        return file.read_text(encoding="utf-8") if file.exists() else ""


def _lines(made: dict[str, object]) -> str:
    """JSON with a line for each entry of a list: neither one endless line nor a page for each figure."""
    fields = []
    for name, value in made.items():
        if isinstance(value, list):
            entries = ",\n".join("  " + json.dumps(one, ensure_ascii=False) for one in value)
            fields.append(f" {json.dumps(name)}: [\n{entries}\n ]")
        else:
            fields.append(f" {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(fields) + "\n}\n"
