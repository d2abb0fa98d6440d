"""What people read of the figures: bench/RESULTS.md with its pictures, and what the README quotes.

    python -m bench.page        writes them anew from bench/results/

Every benchmark does that at its end. A test holds the pages against the figures: nothing is copied by hand.
"""

import math
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench.aims import Verdict, shown, table
from bench.cells import MAIN, Cell
from bench.picture import bars, curves
from bench.results import OURS, YARDSTICK, Beside, Growth, Kept, Scale, middle
from bench.systems.hop import ROOT

BENCH = ROOT / "bench"
BEGIN, END = "<!-- begin: written by `python -m bench.page` -->", "<!-- end -->"


def write(folder: Path) -> None:
    """RESULTS.md and the pictures below `folder`, from `folder`/results; for our own folder the README's quotation, too."""
    kept = Kept(folder / "results")
    beside, scale, growth = kept.beside(), kept.scale(), kept.growth()
    (folder / "RESULTS.md").write_text(page(beside, scale, growth), encoding="utf-8")
    if beside is not None:
        (folder / "results.svg").write_text(_picture(beside), encoding="utf-8")
    if growth is not None:
        (folder / "growth.svg").write_text(_growth_picture(growth), encoding="utf-8")
    if folder == BENCH:
        readme = ROOT / "README.md"
        readme.write_text(quoted(readme.read_text(encoding="utf-8"), beside, scale), encoding="utf-8")


def page(beside: Beside | None, scale: Scale | None, growth: Growth | None) -> str:
    """RESULTS.md."""
    lines = [] if beside is None else _beside(beside)
    lines += [] if scale is None else _scale(scale)
    lines += [] if growth is None else _growth(growth)
    return "\n".join(lines)


def quoted(readme: str, beside: Beside | None, scale: Scale | None) -> str:
    """The README with the quotation as these figures say; raises ValueError when it has no place for it."""
    before, _, rest = readme.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"the README has no place for the figures: expected a line {BEGIN} and a line {END} after it")
    return "\n".join([before + BEGIN, *_quotation(beside, scale), END + after])


def _beside(found: Beside) -> list[str]:
    names = list(found.versions)
    memory = [f"{found.memory[name] / 2**20:.0f}" if name in found.memory else "failed" for name in names]
    lines = [
        "# Beside its peers",
        "",
        f"{found.taken} Source, system and sink share the cores. {found.rounds} interleaved rounds of about {found.seconds:g} s "
        "for each figure.",
        "",
        "`make bench` makes this page; `bench/measure.py` says how it measures, `bench/letters.py` what is sent: S is 4 KB of",
        "text, M 50 KB with HTML and a PDF, L 5.3 MB with a PDF. The sink's count is the clock. Planted bad letters proved, before",
        "and after, that each system stops what it should and that plain Postfix stops nothing.",
        "",
        "| system | version | how it is set up |",
        "|---|---|---|",
        *(f"| {name} | {version} | {about} |" for name, (version, about) in found.versions.items()),
        "",
        "![Speed beside plain Postfix, and CPU a message](results.svg)",
        "",
        "## What was to be reached",
        "",
        *table(found.seen()),
        "",
        "## Speed: messages a second at the sink, as a ratio to plain Postfix in the same round",
        "",
        "Median (least to most); behind plain Postfix its messages a second.",
        "",
        *_cells(found, lambda cell, name: _speed(found, cell, name)),
        "",
        "## CPU: milliseconds a message, the whole process tree",
        "",
        *_cells(found, lambda cell, name: _spread(found.cpu(cell, name), "{:.2f}")),
        "",
        "## Accept time: milliseconds from the final dot to its answer",
        "",
        "S on new connections, 50 sessions at most, each system at half of its own peak rate in the same round: medians of the",
        "rounds. The last row is how late the source began a message: what it adds by being late itself.",
        "",
        *_accept_table(found),
        "",
        "## Memory: MiB (PSS) at most while 50 sessions send M",
        "",
        f"| {' | '.join(names)} |",
        f"|{'--:|' * len(names)}",
        f"| {' | '.join(memory)} |",
        "",
    ]
    if found.failed:
        lines += ["## What failed", "", *(f"- {line}" for line in found.failed), ""]
    return lines


def _cells(found: Beside, told: Callable[[Cell, str], str]) -> list[str]:
    """A row for each cell, a column for each system."""
    names = list(found.versions)
    lines = [f"| | {' | '.join(names)} |", f"|---|{'--:|' * len(names)}"]
    lines += [f"| {cell} | {' | '.join(told(cell, name) for name in names)} |" for cell in found.cells()]
    return lines


def _speed(found: Beside, cell: Cell, name: str) -> str:
    if name == YARDSTICK:
        rates = found.rates(cell, name)
        return f"1 ({median(rates):.0f} msg/s)" if rates else "failed"
    return _spread(found.ratios(cell, name), "{:.2f}")


def _spread(values: list[float], form: str) -> str:
    if not values:
        return "failed"
    told = f"**{form.format(median(values))}**"
    return told if len(values) == 1 else f"{told} ({form.format(min(values))} to {form.format(max(values))})"


def _accept_table(found: Beside) -> list[str]:
    times = {name: found.accept_times(name) for name in found.versions}
    rows: dict[str, Callable[[str], list[float]]] = {
        "messages a second": lambda name: [one.rate for one in times[name]],
        "p50": lambda name: [one.p50 for one in times[name]],
        "p99": lambda name: [one.p99 for one in times[name]],
        "at most": lambda name: [one.most for one in times[name]],
        "source late, p99": lambda name: [one.late for one in times[name]],
    }
    lines = [f"| | {' | '.join(times)} |", f"|---|{'--:|' * len(times)}"]
    for what, of in rows.items():
        told = [middle(of(name)) for name in times]
        lines.append(f"| {what} | {' | '.join('not measured' if one is None else shown(one) for one in told)} |")
    return lines


def _scale(found: Scale) -> list[str]:
    lines = ["# Scale", "", "`make bench-scale` makes this part.", ""]
    for name, part in found.parts.items():
        lines += [f"## {name.capitalize()}", "", f"{part.about} {part.taken}", "", *table(part.seen), ""]
        if part.told:
            lines += [*(f"- {line}" for line in part.told), ""]
    return lines


def _growth(found: Growth) -> list[str]:
    lines = [
        "# Growth",
        "",
        f"`make bench-growth` makes this part: CPU a message of the whole hop against how much there is of what. {found.taken}",
        "",
        "![CPU a message against the number of rules, words, recipients, queued mails, and the size of the body](growth.svg)",
        "",
        "| | CPU ms a message | times the cost for ten times as much, at the end |",
        "|---|---|--:|",
    ]
    for curve in found.curves:
        points = ", ".join(f"{x:,.0f}: {shown(y)}" for x, y in curve.points)
        lines.append(f"| {curve.of} | {points} | {10 ** steepness(curve.points):.1f} |")
    return [*lines, ""]


def steepness(points: list[tuple[float, float]]) -> float:
    """The exponent between the last two points: 0 costs nothing, 1 is in proportion, more than 1 is a fault."""
    (x, y), (further, dearer) = points[-2:]
    return math.log(dearer / y) / math.log(further / x)


def _quotation(beside: Beside | None, scale: Scale | None) -> list[str]:
    """Speed and CPU of the four cells that matter most, then what else was to be reached."""
    lines = []
    if beside is not None:
        cells = [cell for cell in MAIN if cell in beside.cells()]
        lines += [
            str(beside.taken),
            "",
            f"| | {' | '.join(map(str, cells))} |",
            f"|---|{'--:|' * len(cells)}",
            *(f"| {name}: messages a second, × plain Postfix | {_row(beside.ratios, cells, name)} |" for name in beside.versions),
            *(f"| {name}: CPU ms a message | {_row(beside.cpu, cells, name)} |" for name in beside.versions),
            "",
            *_sentences(beside),
        ]
    if scale is not None:
        for name, part in scale.parts.items():
            lines += [f"{name.capitalize()}, {part.taken.day()}:", ""]
            lines += [f"- {one.goal.what}: {shown(one.value)}{one.goal.unit}" for one in part.seen if one.value is not None]
            lines.append("")
    return [
        *lines,
        "S is 4 KB of text, M 50 KB, L 5.3 MB. All cells, peers, versions and goals: [bench/RESULTS.md](bench/RESULTS.md).",
    ]


def _row(values: Callable[[Cell, str], list[float]], cells: list[Cell], name: str) -> str:
    told = [middle(values(cell, name)) for cell in cells]
    return " | ".join("failed" if one is None else f"{one:.2f}" for one in told)


def _sentences(found: Beside) -> list[str]:
    verdicts = [one.verdict for one in found.seen()]
    missed = sum(one in (Verdict.MISSED, Verdict.UNKNOWN) for one in verdicts)
    lines = [f"Of {len(verdicts)} gates {len(verdicts) - missed} are reached."]
    for system, name in ((OURS, "Screener"), (YARDSTICK, "plain Postfix")):
        p99 = middle([one.p99 for one in found.accept_times(system)])
        if p99 is not None and system in found.memory:
            lines[0] += (
                f" {name}: accepted within {shown(p99)} ms (p99 at half of the peak rate), {found.memory[system] / 2**20:.0f} MiB."
            )
    return [*lines, ""]


def _picture(found: Beside) -> str:
    """Both figures of the four cells that matter most, a group of bars each."""
    cells = [cell for cell in MAIN if cell in found.cells()]
    names = list(found.versions)
    speed = [(str(cell), [middle(found.ratios(cell, name)) for name in names]) for cell in cells]
    cpu = [(str(cell), [middle(found.cpu(cell, name)) for name in names]) for cell in cells]
    return bars(
        names,
        [
            ("Speed: ratio to plain Postfix (more is better)", speed, 1.0),
            ("CPU: ms a message, logarithmic (less is better)", cpu, None),
        ],
    )


def _growth_picture(found: Growth) -> str:
    return curves("CPU, ms a message", [(curve.of, curve.points) for curve in found.curves])


if __name__ == "__main__":
    write(BENCH)
