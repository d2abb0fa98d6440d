"""Two trees of this project against each other: what a change costs or saves, message by message.

    make bench-compare BASE=main~3 [CELL="S-new M-reuse"] [TURNS=8]     this tree against another revision
    PYTHONPATH=tests python -m bench.compare TREE_A TREE_B [--cell S-new …] [--rounds 8] [--seconds 1.5]

Both hops stand at the same time, each with the rules of its own tree beside the benchmark's words, senders and patterns, and with a
sink of its own. In each round each cell is measured on one and then on the other, and the order turns from round to round: what
the machine does meanwhile meets both alike, so the ratio of a round says more than the figures. CPU is the whole process tree's.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from fakes.certificate import certificate

from bench.alone import folder, stand_alone
from bench.cells import Cell, cell_of
from bench.measure import Figure
from bench.stand import Stand, standing
from bench.systems.hop import Screener
from bench.traffic import SendingFailed


def main() -> None:
    """Measure in turn, print."""
    parser = argparse.ArgumentParser(
        prog="bench.compare", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("trees", nargs=2, metavar="TREE")
    parser.add_argument("--cell", nargs="+", default=["S-new", "S-reuse"], metavar="CELL", dest="cells")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=1.5, help="about how long one measurement sends")
    given = parser.parse_args()
    try:
        trees = {name: tree_of(text) for name, text in zip("AB", given.trees, strict=True)}
        cells = [cell_of(text) for text in given.cells]
    except ValueError as error:
        parser.error(str(error))
    stand_alone()
    for name, tree in trees.items():
        _say(f"{name} = {tree} ({_revision(tree)})")
    with folder() as place:
        pair = certificate(place, "localhost")
        a, b = (Screener(name, source=tree) for name, tree in trees.items())
        with standing(a, place, pair) as with_a, standing(b, place, pair) as with_b:
            try:
                figures = _in_turn((with_a, with_b), cells, given.rounds, given.seconds)
            except SendingFailed as error:
                sys.exit(str(error))
    for cell in cells:
        for line in table(cell, figures["A", cell], figures["B", cell]):
            _say(line)


def _in_turn(stands: Sequence[Stand], cells: Sequence[Cell], rounds: int, seconds: float) -> dict[tuple[str, Cell], list[Figure]]:
    """The figures of each tree and cell, round by round; raises SendingFailed."""
    for stand in stands:
        stand.prove()
    figures: dict[tuple[str, Cell], list[Figure]] = {}
    for number in range(rounds):
        for cell in cells:
            for stand in stands if number % 2 == 0 else reversed(stands):
                figures.setdefault((stand.system.name, cell), []).append(stand.measure(cell, seconds))
        _say(f"round {number + 1} of {rounds}")
    return figures


def table(cell: Cell, a: Sequence[Figure], b: Sequence[Figure]) -> list[str]:
    """Median, least and most of both; then B : A of each round."""
    lines = [f"{cell!s:<24}{'median':>9}{'least':>9}{'most':>9}"]
    for what, of_a, of_b in (
        ("CPU ms a message", [one.cpu_ms for one in a], [one.cpu_ms for one in b]),
        ("messages a second", [one.rate for one in a], [one.rate for one in b]),
    ):
        for name, of in (("A", of_a), ("B", of_b)):
            shown = "".join(f"{value:>9.0f}" if value >= 100 else f"{value:>9.3f}" for value in (median(of), min(of), max(of)))
            lines.append(f"  {what:<19}{name:>3}{shown}")
        ratios = [after / before for before, after in zip(of_a, of_b, strict=True)]
        shown = "".join(f"{value:>9.3f}" for value in (median(ratios), min(ratios), max(ratios)))
        lines.append(f"  {'':<17}B : A{shown}   by round: {' '.join(f'{value:.3f}' for value in ratios)}")
    return lines


def tree_of(text: str) -> Path:
    """A tree whose `screener` is what runs when it is asked for (one .venv serves all: another's could); raises ValueError."""
    tree = Path(text).resolve()
    asked = [sys.executable, "-c", "import screener; print(screener.__file__)"]
    ran = subprocess.run(asked, env={**os.environ, "PYTHONPATH": str(tree)}, cwd="/", capture_output=True, text=True, check=True)
    if Path(ran.stdout.strip()) != tree / "screener" / "__init__.py":
        raise ValueError(f"{tree} has no screener/: expected a tree of this project")
    return tree


def _revision(tree: Path) -> str:
    ran = subprocess.run(["git", "-C", tree, "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return ran.stdout.strip() or "no revision"


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
