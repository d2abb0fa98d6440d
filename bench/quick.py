"""The budget that stays: CPU a message of our own hop, compared with what was recorded. About a minute.

    make bench-quick [RECORD=1]       or  python -m bench.quick [--record] [--into recorded.json]

Each figure is the best of several short runs: nothing but the code makes the best one dearer. A yardstick, work that never changes,
tells how fast the machine is just now; the recorded figures are scaled by it before they are compared, so that a busy neighbour is
not taken for a change of ours. Ends with 1 when, on a machine like the recorded one, something got dearer by more than a tenth and
by more than a twentieth of a millisecond. A new kernel is no other machine: what it changes is told with the rest.
"""

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from fakes.certificate import certificate

from bench.alone import folder, stand_alone
from bench.cells import MAIN, Cell
from bench.machine import load, machine, yardstick
from bench.stand import Stand, standing
from bench.systems.hop import Screener

RECORDED = Path(__file__).with_name("recorded.json")
RUNS, SECONDS = 4, 1.5
DEARER, LEAST = 1.10, 0.05  # as a ratio, and in milliseconds
_LIKE = ("processor", "cores")  # of a machine: how much memory is left for it depends on the kernel


def main() -> None:
    """Measure, then compare or record."""
    parser = argparse.ArgumentParser(prog="bench.quick", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", action="store_true", help="keep these figures as those to compare with")
    parser.add_argument("--into", type=Path, default=RECORDED, help="where they are kept")
    given = parser.parse_args()
    stand_alone()
    busy, speeds = load(), [yardstick()]
    with folder() as place, standing(Screener(), place, certificate(place, "localhost")) as stand:
        stand.prove()
        figures = _best(stand, speeds)
    now = {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "machine": asdict(machine()),
        "load": busy,
        "yardstick_ms": min(speeds),
        "cpu_ms": {str(cell): round(figure, 4) for cell, figure in figures.items()},
    }
    dearer = compare(now, json.loads(given.into.read_text(encoding="utf-8")) if given.into.exists() else None)
    if given.record:
        given.into.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")
        _say(f"recorded in {given.into.name}")
    elif dearer:
        sys.exit(f"dearer: {', '.join(dearer)}")


def _best(stand: Stand, speeds: list[float]) -> dict[Cell, float]:
    """The least of some runs of each; the yardstick is laid on between them."""
    best: dict[Cell, float] = {}
    for _ in range(RUNS):
        for cell in MAIN:
            ms = stand.measure(cell, SECONDS).cpu_ms
            best[cell] = min(ms, best.get(cell, ms))
        speeds.append(yardstick())
    return best


def compare(now: dict[str, object], recorded: dict[str, object] | None) -> list[str]:
    """Print the table; returns what got dearer."""
    figures, before = now["cpu_ms"], (recorded or {}).get("cpu_ms", {})
    assert isinstance(figures, dict) and isinstance(before, dict)
    scale = _speed(now) / _speed(recorded) if recorded is not None else 1.0
    _say(f"load {now['load']:.2f}, yardstick {_speed(now):.2f} ms")
    if recorded is not None:
        system = _machine(recorded)["system"]
        _say(f"recorded {recorded['date']}: load {recorded['load']:.2f}, yardstick {_speed(recorded):.2f} ms, {system}")
        if [_machine(recorded)[what] for what in _LIKE] == [_machine(now)[what] for what in _LIKE]:
            _say(f"what is expected is scaled by {scale:.2f}")
        else:
            _say("another machine than the recorded one: the figures cannot be compared")
            before = {}
    dearer = []
    _say(f"{'CPU ms a message':<24}{'now':>9}{'expected':>10}{'change':>9}")
    for cell, ms in figures.items():
        expected = before[cell] * scale if cell in before else None
        change = f"{100 * (ms / expected - 1):+.0f} %" if expected else ""
        _say(f"{cell:<24}{ms:>9.3f}{f'{expected:.3f}' if expected else '':>10}{change:>9}")
        if expected and ms > expected * DEARER and ms - expected > LEAST:
            dearer.append(f"{cell} {change}")
    return dearer


def _machine(figures: dict[str, object]) -> dict[str, object]:
    here = figures["machine"]
    assert isinstance(here, dict)
    return here


def _speed(figures: dict[str, object]) -> float:
    speed = figures["yardstick_ms"]
    assert isinstance(speed, float)
    return speed


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
