"""Ways to hide content put together at random, three and more at a time, and then damaged: what hypothesis finds.

    .venv/bin/python fuzz/composed.py --minutes 10

Undamaged, what is hidden must be identified or held; damaged, the promises of `targets` must hold.
"""

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from fakes.evasions.cases import Case, all_techniques, common_carrier, fit  # noqa: E402
from fakes.evasions.draft import Carrier, Technique  # noqa: E402
from fakes.evasions.judging import judge  # noqa: E402
from hypothesis import HealthCheck, Phase, given, seed, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from fuzz import targets  # noqa: E402

TECHNIQUES = [technique for technique in all_techniques() if not technique.alone]
ROWS = {row: [one for one in TECHNIQUES if one.row == row] for row in sorted({one.row for one in TECHNIQUES})}
# Every technique, and every row, as often as any other: some rows have ten times as many techniques.
DRAWN = st.one_of(st.sampled_from(TECHNIQUES), st.sampled_from(list(ROWS)).flatmap(lambda row: st.sampled_from(ROWS[row])))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Up to four techniques that fit together."""
    chosen: list[Technique] = []
    for technique in draw(st.lists(DRAWN, min_size=2, max_size=4, unique_by=str)):
        if all(fit(technique, other) for other in chosen) and common_carrier((*chosen, technique), Carrier.BASE64) is not None:
            chosen.append(technique)
    chosen.sort(key=lambda technique: technique.stage)
    carrier = common_carrier(tuple(chosen), draw(st.sampled_from(list(Carrier))))
    assert carrier is not None
    return Case(tuple(chosen), carrier, draw(st.sampled_from(("program", "program", "pdf"))))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A case with octets taken out, put in, doubled or cut."""
    octets = draw(cases()).built().message
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(octets) - 1)))
        to = min(len(octets), at + draw(st.integers(0, 80)))
        match draw(st.integers(0, 4)):
            case 0:
                octets = octets[:at] + octets[to:]
            case 1:
                octets = octets[:at] + draw(st.binary(max_size=8)) + octets[at:]
            case 2:
                octets = octets[:to] + octets[at:]
            case 3:
                octets = octets[:at]
            case _:
                octets = (
                    octets[:at]
                    + draw(st.sampled_from((b"\0", b"\r", b"\n", b"\r\n\r\n", b"--", b'"', b"(", b";", b"=?utf-8?Q?")))
                    + octets[to:]
                )
    return octets


def main() -> None:
    """Run both for half of the time each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", choices=["identified", "damaged"])
    arguments = parser.parse_args()
    batch = settings(
        max_examples=500,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    count = 0

    @batch
    @given(cases())
    def identified(case: Case) -> None:
        nonlocal count
        count += 1
        judged = judge(case)
        if judged.missing and not judged.held:
            raise targets.Broken(f"{case}: {judged.missing}")

    @batch
    @given(damaged())
    def bounded(octets: bytes) -> None:
        nonlocal count
        count += 1
        targets.message(octets)

    tests = {"identified": identified, "damaged": bounded}
    for name, test in tests.items():
        if arguments.only not in (None, name):
            continue
        end = time.monotonic() + arguments.minutes * 60 / (1 if arguments.only else 2)
        number = arguments.seed
        while time.monotonic() < end:
            number += 1
            seed(number)(test)()
        print(f"{name}: {count} cases without a finding, seeds from {arguments.seed + 1} to {number}")  # noqa: T201
        count = 0


if __name__ == "__main__":
    main()
