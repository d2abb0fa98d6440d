"""What more speed there is to be had: our hop, and the same without screening, without its store, and without both.

    make bench-bounds [CELL="S-reuse M-new"] [TURNS=5]       or  python -m bench.bounds [--cell S-reuse …] [--rounds 5]

Without screening every mail is forwarded unread; without a store each commit waits for the disk once and keeps nothing. So a gate
that is missed there too is not missed for that work. Rates are ratios to plain Postfix in the same round: median, least and most.
"""

import argparse
import sys
from contextlib import ExitStack
from statistics import median

from fakes.certificate import certificate

from bench.alone import folder, stand_alone
from bench.bare import program
from bench.cells import Cell, cell_of
from bench.stand import standing
from bench.systems.hop import Screener
from bench.systems.postfix import Postfix
from bench.traffic import SendingFailed

CELLS = ("S-new", "S-reuse", "M-new", "M-new-50", "S-new-1", "M-new-1")


def main() -> None:
    """Measure in turn, print."""
    parser = argparse.ArgumentParser(prog="bench.bounds", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cell", nargs="+", type=cell_of, default=[*map(cell_of, CELLS)], metavar="CELL", dest="cells")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.7, help="about how long one measurement sends")
    given = parser.parse_args()
    stand_alone()
    try:
        rates = _measured(given.cells, given.rounds, given.seconds)
    except SendingFailed as error:
        sys.exit(str(error))
    for cell in given.cells:
        for name, ratios in rates[cell].items():
            _say(f"{cell!s:<24}{name:<20}{median(ratios):>6.2f}  ({min(ratios):.2f} to {max(ratios):.2f})")


def _measured(cells: list[Cell], rounds: int, seconds: float) -> dict[Cell, dict[str, list[float]]]:
    """By cell and hop, the ratio to plain Postfix of each round; raises SendingFailed."""
    hops = (
        Screener("whole"),
        Screener("without-screening", program=program(screening=False, store=True)),
        Screener("without-store", program=program(screening=True, store=False)),
        Screener("without-both", program=program(screening=False, store=False)),
    )
    rates: dict[Cell, dict[str, list[float]]] = {cell: {hop.name: [] for hop in hops} for cell in cells}
    with folder() as place, ExitStack() as stands:
        pair = certificate(place, "localhost")
        postfix, *ours = [stands.enter_context(standing(system, place, pair)) for system in (Postfix(), *hops)]
        ours[0].prove()
        for number in range(rounds):
            for cell in cells:
                yardstick = postfix.measure(cell, seconds).rate
                for stand in ours if number % 2 else reversed(ours):
                    rates[cell][stand.system.name].append(stand.measure(cell, seconds).rate / yardstick)
            _say(f"round {number + 1} of {rounds}")
    return rates


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
