"""The budget that stays: what is told to have become dearer, and beside which figures."""

from dataclasses import asdict, replace

import pytest

from bench.machine import Machine
from bench.quick import compare

MACHINE = Machine("AMD EPYC", 2, 25_276_510_208, "Linux 6.1.0-18")


def figures(ms: float, *, machine: Machine = MACHINE, yardstick: float = 2.0) -> dict[str, object]:
    return {
        "date": "2025-06-15",
        "machine": asdict(machine),
        "load": 0.1,
        "yardstick_ms": yardstick,
        "cpu_ms": {"S, new, 10 sessions": ms, "L, new, 10 sessions": 20.0 * yardstick},
    }


@pytest.mark.parametrize("ms", [0.6, 0.64])
def test_what_costs_as_much_as_before_is_not_dearer(ms: float) -> None:
    assert compare(figures(ms), figures(0.6)) == []


def test_what_became_dearer_is_named() -> None:
    assert compare(figures(0.72), figures(0.6)) == ["S, new, 10 sessions +20 %"]


def test_a_slower_moment_is_no_change() -> None:
    assert compare(figures(0.9, yardstick=3.0), figures(0.6)) == []
    assert compare(figures(0.9, yardstick=2.0), figures(0.9, yardstick=3.0)) == ["S, new, 10 sessions +50 %"]


def test_a_new_kernel_is_no_other_machine(capsys: pytest.CaptureFixture[str]) -> None:
    now = figures(0.72, machine=replace(MACHINE, system="Linux 6.1.0-19", memory=25_276_502_016))
    assert compare(now, figures(0.6)) == ["S, new, 10 sessions +20 %"]
    assert "Linux 6.1.0-18" in capsys.readouterr().out


def test_beside_another_machine_nothing_is_expected(capsys: pytest.CaptureFixture[str]) -> None:
    assert compare(figures(0.72, machine=replace(MACHINE, cores=8)), figures(0.6)) == []
    said = capsys.readouterr().out
    assert "cannot be compared" in said and "%" not in said and "nan" not in said
