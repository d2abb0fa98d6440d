"""How the hop stands much of everything.

    make bench-scale [PARTS="queue history rules sessions"]
    python -m bench.scale [queue history rules sessions] [--queued 100000] [--history 1000000] [--into DIR]

Each part measures the whole program, in a network that has only loopback. Results: bench/results/scale.json, and from it the second
part of bench/RESULTS.md; a part that is not asked for keeps the figures it had.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from fakes.certificate import certificate

from bench.alone import folder, stand_alone
from bench.page import BENCH, write
from bench.results import Kept, Part, Scale
from bench.scale import history, queue, rules, sessions
from bench.systems.hop import ROOT

PARTS = ("queue", "history", "rules", "sessions")


def main() -> None:
    """Measure, keep, print."""
    given = arguments()
    subprocess.run(["sh", ROOT / "tests" / "install.sh", "postfix"], check=True)
    stand_alone()
    kept = Kept(given.into / "results")
    whole = kept.scale() or Scale()
    with folder() as place:
        pair = certificate(place, "localhost")
        for name in given.parts or PARTS:
            _say(f"{name} …")
            match name:
                case "queue":
                    part = queue.measure(place, pair, given.queued)
                case "history":
                    part = history.measure(place, given.history)
                case "rules":
                    part = rules.measure(place, pair)
                case _:
                    part = sessions.measure(place, pair)
            whole.parts[name] = part
            _tell(part)
            kept.keep(whole)
    write(given.into)
    _say(f"written to {given.into}")


def arguments() -> argparse.Namespace:
    """What the command was given."""
    parser = argparse.ArgumentParser(prog="bench.scale", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], default=[], metavar="|".join(PARTS))
    parser.add_argument("--queued", type=int, default=100_000)
    parser.add_argument("--history", type=int, default=1_000_000)
    parser.add_argument("--into", type=Path, default=BENCH, help="folder of RESULTS.md and results/")
    return parser.parse_args()


def _tell(part: Part) -> None:
    for line in (*map(str, part.seen), *part.told):
        _say(f"  {line}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
