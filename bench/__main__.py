"""Our hop beside its peers, by the same source into the same kind of sink.

    make bench [PEERS="postfix postfix-checks rspamd amavis haraka"] [ROUNDS=3] [SECONDS_EACH=4] [CELLS=main|default|all]

Rounds are interleaved: each cell is measured on one system after the other before the next cell begins, and the order turns from
round to round. When a round knows the peak rate of each system, it asks how long acceptance takes at half of that. Results: the
figures in bench/results/beside.json, and from them bench/RESULTS.md with bench/results.svg and what the README quotes.
"""

import argparse
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from fakes.certificate import certificate

from bench import cells
from bench.alone import folder, stand_alone
from bench.cells import Cell
from bench.machine import Taken
from bench.page import BENCH, write
from bench.results import AcceptedAt, Beside, Kept, Measured
from bench.stand import Stand, standing
from bench.systems.amavis import PostfixAmavis
from bench.systems.haraka import Haraka
from bench.systems.hop import ROOT, Screener
from bench.systems.postfix import Postfix, PostfixChecks
from bench.systems.rspamd import PostfixRspamd
from bench.systems.system import System
from bench.traffic import SendingFailed

SYSTEMS: dict[str, Callable[[], System]] = {
    "postfix": Postfix,
    "postfix-checks": PostfixChecks,
    "rspamd": PostfixRspamd,
    "amavis": PostfixAmavis,
    "haraka": Haraka,
}
DEFAULT = ("postfix", "postfix-checks", "rspamd")
MEMORY = Cell("M", 50)
STEADY, STEADY_SECONDS = Cell("S", 50), 3.0  # for the accept time
CELLS = {"main": cells.MAIN, "default": cells.DEFAULT, "all": tuple(cells.every())}


def main() -> None:
    """Install, set up, measure, write."""
    given = arguments()
    systems: list[System] = [Screener(), *(SYSTEMS[name]() for name in dict.fromkeys(("postfix", *(given.peers or DEFAULT))))]
    _install(systems)
    stand_alone()
    results = Beside(Taken.now(), given.rounds, given.seconds)
    with folder() as place, ExitStack() as open_stands:
        pair = certificate(place, "localhost")
        pair.key.chmod(0o644)  # every system's own user reads it; it is worth nothing
        stands = []
        for system in systems:
            _say(f"starting {system.name}")
            stands.append(open_stands.enter_context(standing(system, place, pair)))
            results.versions[system.name] = (system.version(), system.about)
        _prove(stands)
        for number in range(given.rounds):
            turned = stands[number % len(stands) :] + stands[: number % len(stands)]
            for cell in CELLS[given.cells]:
                _measure(results, number, cell, turned, given.seconds)
            _accept(results, number, turned)
        for stand in stands:
            results.memory[stand.system.name] = stand.memory(MEMORY, 1000)
        _prove(stands)
    Kept(given.into / "results").keep(results)
    write(given.into)
    for seen in results.seen():
        _say(str(seen))
    _say(f"written to {given.into}")


def _prove(stands: list[Stand]) -> None:
    for stand in stands:
        stand.prove()
        _say(f"{stand.system.name}: the positive control is as it should be")


def _measure(results: Beside, number: int, cell: Cell, stands: list[Stand], seconds: float) -> None:
    """One cell of one round on every system. What fails is told and leaves a hole, which the results show."""
    for stand in stands:
        name = stand.system.name
        try:
            figure = stand.measure(cell, seconds)
        except SendingFailed as error:
            results.failed.append(f"round {number + 1}, {name}, {cell}: {error}")
            _say(results.failed[-1])
            continue
        results.measured.append(Measured(number, name, cell, figure))
        _say(f"round {number + 1}  {cell!s:<34}{name:<16}{figure.rate:>8.0f} msg/s {figure.cpu_ms:>8.2f} ms CPU")


def _accept(results: Beside, number: int, stands: list[Stand]) -> None:
    """How long acceptance takes at half of what each could do in this round."""
    for stand in stands:
        name = stand.system.name
        peak = results.peak(number, name)
        try:
            if peak is None:
                raise SendingFailed("its peak rate is not known")
            accepted = stand.accept_times(STEADY, peak / 2, STEADY_SECONDS)
        except SendingFailed as error:
            results.failed.append(f"round {number + 1}, {name}, accept time: {error}")
            _say(results.failed[-1])
            continue
        results.accepted.append(AcceptedAt(number, name, accepted))
        _say(f"round {number + 1}  accept time at {accepted.rate:>4.0f} msg/s       {name:<16}p99 {accepted.p99:>6.1f} ms")


def arguments() -> argparse.Namespace:
    """What the command was given."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peers", nargs="*", choices=[[], *SYSTEMS], default=[], metavar="|".join(SYSTEMS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="about how long one measurement sends")
    parser.add_argument("--cells", choices=CELLS, default="default")
    parser.add_argument("--into", type=Path, default=BENCH, help="folder of RESULTS.md, its pictures and results/")
    return parser.parse_args()


def _install(systems: list[System]) -> None:
    """What the systems need, as far as it is missing."""
    packages = dict.fromkeys(package for system in systems for package in ("postfix", *system.packages))
    subprocess.run(["sh", ROOT / "tests" / "install.sh", *packages], check=True)
    for system in systems:
        system.prepare()


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
