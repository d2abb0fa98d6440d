"""How the cost of a message grows: with rules, words, recipients, the queue, and the size of the body.

    make bench-growth       or  python -m bench.growth [--seconds 1] [--into DIR]

CPU a message of the whole hop, taken in a network that has only loopback. Results: bench/results/growth.json, from it the last part
of bench/RESULTS.md and bench/growth.svg. What costs more than in proportion is told at the end.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fakes.certificate import Certificate, certificate

from bench.alone import folder, stand_alone
from bench.cells import Cell
from bench.machine import Taken
from bench.many_rules import rules
from bench.page import BENCH, steepness, write
from bench.queued import queue_paused
from bench.results import Curve, Growth, Kept
from bench.stand import standing
from bench.systems.hop import ROOT, Screener

RULES, WORDS = (10, 100, 1_000, 2_000), (100, 10_000, 100_000)
RECIPIENTS, QUEUED, OCTETS = (1, 5, 20, 100), (1, 10_000, 100_000), (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
FEW = 10
PROPORTION = 1.15  # exponent beyond which something is said to grow more than in proportion
_LETTER = Cell("S")


@dataclass(frozen=True, slots=True)
class _Bench:
    """Where and how long is measured."""

    place: Path
    pair: Certificate
    seconds: float

    def cost(self, hop: Screener, cells: dict[int, Cell]) -> Iterator[tuple[float, float]]:
        """How much of it, and milliseconds of CPU a message: each cell on one hop."""
        with standing(hop, self.place, self.pair) as stand:
            for amount, cell in cells.items():
                yield amount, min(stand.measure(cell, self.seconds).cpu_ms for _ in range(2))

    def of_rules(self) -> Iterator[tuple[float, float]]:
        """Rules of eight kinds."""
        for count in RULES:
            yield from self.cost(Screener(f"rules-{count}", rules=rules(count)), {count: _LETTER})

    def of_words(self) -> Iterator[tuple[float, float]]:
        """Words in one list."""
        for count in WORDS:
            yield from self.cost(Screener(f"words-{count}", rules=rules(FEW, words=count)), {count: _LETTER})

    def of_recipients(self) -> Iterator[tuple[float, float]]:
        """Recipients of one message, all of one route."""
        cells = {count: Cell("S", recipients=count) for count in RECIPIENTS}
        yield from self.cost(Screener("recipients", rules=rules(FEW)), cells)

    def of_queued(self) -> Iterator[tuple[float, float]]:
        """Mails that wait for a route that is paused, while others pass."""
        away = {"routes": {"away": {"next_hops": ["127.0.0.1:9"]}}}
        for count in QUEUED:
            fill: Callable[[Path], None] = partial(queue_paused, count=count, now=time.time(), route="away")
            hop = Screener(f"queued-{count}", rules=rules(FEW), settings=away, store=fill)
            yield from self.cost(hop, {count: _LETTER})

    def of_octets(self) -> Iterator[tuple[float, float]]:
        """Octets of the file that is attached."""
        yield from self.cost(Screener("octets", rules=rules(FEW)), {octets: Cell(str(octets)) for octets in OCTETS})


def main() -> None:
    """Measure, keep, draw, tell."""
    parser = argparse.ArgumentParser(prog="bench.growth", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=0.6, help="about how long each measurement sends; each is made twice")
    parser.add_argument("--into", type=Path, default=BENCH, help="folder of RESULTS.md, growth.svg and results/")
    given = parser.parse_args()
    subprocess.run(["sh", ROOT / "tests" / "install.sh", "postfix"], check=True)
    stand_alone()
    found = Growth(Taken.now())
    with folder() as place:
        bench = _Bench(place, certificate(place, "localhost"), given.seconds)
        for of, measured in {
            "rules": bench.of_rules,
            "words": bench.of_words,
            "recipients": bench.of_recipients,
            "mails in the queue": bench.of_queued,
            "octets of the file": bench.of_octets,
        }.items():
            points = []
            for amount, cost in measured():
                points.append((amount, cost))
                _say(f"{amount:>12,.0f} {of:<20} {cost:>8.2f} ms CPU a message")
            found.curves.append(Curve(of, points))
    Kept(given.into / "results").keep(found)
    write(given.into)
    for curve in found.curves:
        if steepness(curve.points) > PROPORTION:
            _say(f"more than in proportion: {curve.of}, exponent {steepness(curve.points):.2f} at the end")
    _say(f"written to {given.into}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
