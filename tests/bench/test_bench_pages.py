"""What people read of the benchmark's figures is what the figures say: nothing is copied by hand."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.aims import Goal, Seen, Verdict, shown, table
from bench.cells import CROWD, MAIN, Cell
from bench.machine import BUSY, Machine, Taken
from bench.measure import Accepted, Figure
from bench.page import BEGIN, BENCH, END, page, quoted, steepness, write
from bench.results import OURS, YARDSTICK, AcceptedAt, Beside, Curve, Growth, Kept, Measured, Part, Scale

ROOT = Path(__file__).resolve().parents[2]
TAKEN = Taken(1_750_000_000.0, 0.1, Machine("a processor", 2, 2**34, "Linux"))


def beside() -> Beside:
    """Two rounds of one cell: we are twice as fast as plain Postfix in one and three times in the other."""
    found = Beside(TAKEN, 2, 1.0, {OURS: ("Screener 1", "all on"), YARDSTICK: ("Postfix 3", "plain")})
    for number, ours in enumerate((200, 300)):
        found.measured.append(Measured(number, OURS, MAIN[0], Figure(ours, 1.0, ours * 0.0005)))
        found.measured.append(Measured(number, YARDSTICK, MAIN[0], Figure(100, 1.0, 0.2)))
        found.accepted.append(AcceptedAt(number, OURS, Accepted(ours / 2, 100, 1.0, 20.0 + 60 * number, 90.0, 0.5)))
    found.memory[OURS] = 150 * 2**20
    return found


def scale() -> Scale:
    return Scale({"queue": Part(TAKEN, "Mails wait.", [Seen(Goal("start", " s", 60.0), 12.3)], ["Each came once."])})


def test_the_page_says_what_the_figures_say() -> None:
    kept = Kept(BENCH / "results")
    wanted = page(kept.beside(), kept.scale(), kept.growth())
    assert (BENCH / "RESULTS.md").read_text(encoding="utf-8") == wanted, "run `python -m bench.page`"


def test_the_readme_quotes_the_figures() -> None:
    kept = Kept(BENCH / "results")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme == quoted(readme, kept.beside(), kept.scale()), "run `python -m bench.page`"


def test_a_changed_figure_changes_the_quotation() -> None:
    readme = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    first = quoted(readme, beside(), scale())
    dearer = beside()
    dearer.measured = [replace(one, figure=replace(one.figure, cpu=one.figure.cpu * 2)) for one in dearer.measured]
    assert first.startswith(f"before\n{BEGIN}\n") and first.endswith(f"{END}\nafter\n") and "old" not in first
    assert "| screener: messages a second, × plain Postfix | 2.50 |" in first
    assert "| screener: CPU ms a message | 0.50 |" in first
    assert "Queue, taken 2025-06-15:\n\n- start: 12.3 s" in first
    assert "| screener: CPU ms a message | 1.00 |" in quoted(first, dearer, scale())


def test_a_readme_without_a_place_is_an_error() -> None:
    with pytest.raises(ValueError, match="no place for the figures"):
        quoted(f"before\n{BEGIN}\n", beside(), scale())


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "results")
    growth = Growth(TAKEN, [Curve("rules", [(10.0, 1.0), (100.0, 2.0)])])
    assert (kept.beside(), kept.scale(), kept.growth()) == (None, None, None)
    for figures in (beside(), scale(), growth):
        kept.keep(figures)
    assert (kept.beside(), kept.scale(), kept.growth()) == (beside(), scale(), growth)
    write(tmp_path)
    assert "Each came once." in (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert "<svg" in (tmp_path / "results.svg").read_text(encoding="utf-8")
    assert ">rules</text>" in (tmp_path / "growth.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("value", "at_least", "verdict"),
    [
        (3.0, True, Verdict.AIM),
        (2.9, True, Verdict.GATE),
        (2.0, True, Verdict.GATE),
        (1.9, True, Verdict.MISSED),
        (None, True, Verdict.UNKNOWN),
        (3.1, False, Verdict.MISSED),
    ],
)
def test_a_goal_judges(value: float | None, at_least: bool, verdict: Verdict) -> None:
    bounds = (2.0, 3.0) if at_least else (3.0, 2.0)
    assert Goal("speed", "", *bounds, at_least=at_least).judge(value) is verdict


def test_a_goal_without_an_aim_is_reached_or_not() -> None:
    goal = Goal("memory", " MiB", 200.0)
    assert [goal.judge(value) for value in (200.0, 200.1)] == [Verdict.REACHED, Verdict.MISSED]
    assert table([Seen(goal, 250.0, "a leak")])[-1] == "| memory | 250 MiB | ≤ 200 MiB |  | **not reached**; a leak |"


def test_every_goal_of_the_table_is_judged() -> None:
    seen = {one.goal.what: one for one in beside().seen()}
    assert len(seen) == 3 * len(MAIN) + len(MAIN) + 2  # speed at 10, 50 and 1 sessions; CPU; memory and accept time
    assert seen[f"{MAIN[0]}: messages a second, × plain Postfix"].verdict is Verdict.GATE
    assert seen[f"{CROWD[0]}: messages a second, × plain Postfix"].verdict is Verdict.UNKNOWN
    assert seen[f"{Cell('S', 1)}: messages a second, × plain Postfix"].goal.gate == 1.0
    assert seen[f"{MAIN[0]}: CPU a message"].verdict is Verdict.AIM
    assert seen["p99 of the accept time at half of the peak rate"].value == 50.0


def test_the_peak_rate_is_of_one_round_and_one_system() -> None:
    assert [beside().peak(number, OURS) for number in range(3)] == [200, 300, None]


def test_a_busy_machine_is_told() -> None:
    assert "**The machine was busy" in str(replace(TAKEN, load=BUSY + 0.1))
    assert "busy" not in str(TAKEN)


def test_steepness_is_the_exponent() -> None:
    assert steepness([(1.0, 9.0), (10.0, 2.0), (100.0, 200.0)]) == pytest.approx(2.0)


@pytest.mark.parametrize(("value", "text"), [(0.123, "0.12"), (12.34, "12.3"), (1234.5, "1,234"), (-3.0, "-3.00")])
def test_figures_are_shown_short(value: float, text: str) -> None:
    assert shown(value) == text
