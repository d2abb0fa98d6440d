"""Two trees beside each other: cells by name, and what the table says of the figures."""

from pathlib import Path

import pytest

from bench.cells import Cell, cell_of
from bench.compare import table, tree_of
from bench.measure import Figure

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("S-new", Cell("S")),
        ("M-reuse", Cell("M", reuse=True)),
        ("L-new-1", Cell("L", 1)),
        ("S-reuse-50-tls", Cell("S", 50, reuse=True, tls=True)),
    ],
)
def test_a_cell_has_a_name(name: str, cell: Cell) -> None:
    assert cell_of(name) == cell


@pytest.mark.parametrize("name", ["", "S", "XL-new", "S-old", "S-new-0", "S-new-tls-tls", "S-new-10-20"])
def test_what_is_no_cell_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no cell"):
        cell_of(name)


def test_the_ratio_is_that_of_each_round() -> None:
    a = [Figure(1000, seconds, cpu) for seconds, cpu in ((1.0, 1.0), (2.0, 2.0), (4.0, 4.0))]  # a machine that slows down
    b = [Figure(1000, seconds, cpu) for seconds, cpu in ((0.5, 0.9), (1.0, 1.8), (2.0, 3.0))]
    lines = [line.split() for line in table(Cell("S"), a, b)]
    assert lines[1][-4:] == ["A", "2.000", "1.000", "4.000"]
    assert lines[2][-4:] == ["B", "1.800", "0.900", "3.000"]
    assert lines[3] == ["B", ":", "A", "0.900", "0.750", "0.900", "by", "round:", "0.900", "0.900", "0.750"]
    assert lines[4][-4:] == ["A", "500", "250", "1000"]
    assert lines[6][3:6] == ["2.000", "2.000", "2.000"]


def test_a_tree_is_one_whose_program_runs(tmp_path: Path) -> None:
    assert tree_of(str(ROOT)) == ROOT
    with pytest.raises(ValueError, match="has no screener/"):
        tree_of(str(tmp_path))
