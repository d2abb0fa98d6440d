"""What is to be reached, and whether it was: the gates, below which nothing may fall, and the aims."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bench.cells import ALONE, CROWD, MAIN, Cell


class Verdict(StrEnum):
    """What became of a goal."""

    AIM = "aim reached"
    GATE = "gate reached"  # and the aim not
    REACHED = "reached"  # there is no other aim
    MISSED = "not reached"
    UNKNOWN = "not measured"


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure and its bounds; the more the better where it `at_least` has to be that much, else the less."""

    what: str
    unit: str  # follows the figure: "", " ms", " MiB"
    gate: float
    aim: float | None = None
    at_least: bool = False

    def judge(self, value: float | None) -> Verdict:
        """What becomes of it with this figure."""
        if value is None:
            return Verdict.UNKNOWN
        if not self._keeps(value, self.gate):
            return Verdict.MISSED
        if self.aim is None:
            return Verdict.REACHED
        return Verdict.AIM if self._keeps(value, self.aim) else Verdict.GATE

    def _keeps(self, value: float, bound: float) -> bool:
        return value >= bound if self.at_least else value <= bound


@dataclass(frozen=True, slots=True)
class Seen:
    """A goal and what was measured; None: nothing could be."""

    goal: Goal
    value: float | None
    note: str = ""

    @property
    def verdict(self) -> Verdict:
        """What became of it."""
        return self.goal.judge(self.value)

    def __str__(self) -> str:
        """A line for people."""
        bound = f"{'at least' if self.goal.at_least else 'at most'} {shown(self.goal.gate)}{self.goal.unit}"
        aim = "" if self.goal.aim is None else f", aim {shown(self.goal.aim)}{self.goal.unit}"
        value = "nothing" if self.value is None else f"{shown(self.value)}{self.goal.unit}"
        return f"{self.verdict:<13} {self.goal.what}: {value} ({bound}{aim}){f'; {self.note}' if self.note else ''}"


def shown(value: float) -> str:
    """Three figures that count, thousands apart."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


# Cell of ten sessions → ratio to plain Postfix and CPU a message, gate and aim of each.
_RATIOS = dict(zip(MAIN, ((2.0, 3.0), (3.0, 4.5), (1.6, 2.5), (1.0, 1.3)), strict=True))
_CPU = dict(zip(MAIN, ((1.0, 0.7), (0.7, 0.45), (2.0, 1.1), (25.0, 15.0)), strict=True))


def ratio_goals() -> dict[Cell, Goal]:
    """Messages a second beside plain Postfix: fifty sessions must not be behind ten, one session not behind Postfix."""
    goals = {
        cell: Goal(f"{cell}: messages a second, × plain Postfix", "", gate, aim, at_least=True)
        for ten, fifty in zip(MAIN, CROWD, strict=True)
        for cell in (ten, fifty)
        for gate, aim in (_RATIOS[ten],)
    }
    goals |= {cell: Goal(f"{cell}: messages a second, × plain Postfix", "", 1.0, at_least=True) for cell in ALONE}
    return goals


def cpu_goals() -> dict[Cell, Goal]:
    """Milliseconds of CPU a message, the whole hop."""
    return {cell: Goal(f"{cell}: CPU a message", " ms", *bounds) for cell, bounds in _CPU.items()}


MEMORY_GOAL = Goal("memory while 50 sessions send M, all processes (PSS)", " MiB", 200.0)
ACCEPT_GOAL = Goal("p99 of the accept time at half of the peak rate", " ms", 50.0)


def table(seen: Sequence[Seen]) -> list[str]:
    """For the page: a row for each."""
    lines = ["| | measured | gate | aim | |", "|---|--:|--:|--:|---|"]
    for one in seen:
        goal = one.goal
        value = "" if one.value is None else f"{shown(one.value)}{goal.unit}"
        sign = "≥" if goal.at_least else "≤"
        aim = "" if goal.aim is None else f"{sign} {shown(goal.aim)}{goal.unit}"
        verdict = f"**{one.verdict}**" if one.verdict in (Verdict.MISSED, Verdict.UNKNOWN) else str(one.verdict)
        note = f"; {one.note}" if one.note else ""
        lines.append(f"| {goal.what} | {value} | {sign} {shown(goal.gate)}{goal.unit} | {aim} | {verdict}{note} |")
    return lines
