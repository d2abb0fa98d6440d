"""Dataclasses that are frozen to the type checker alone."""

from dataclasses import field, replace
from pathlib import Path

import pytest
from mypy import api

from screener.frozen import dataclass

CHANGES = """
from screener.frozen import dataclass

@dataclass(frozen=True, slots=True)
class Mail:
    size: int

Mail(1).size = 2
"""


@dataclass(frozen=True, slots=True)
class Mail:
    """As they are written."""

    size: int
    names: tuple[str, ...] = field(default=())


@dataclass(slots=True)
class Lane:
    """One that may change."""

    running: int = 0


def test_the_type_checker_refuses_a_change(tmp_path: Path) -> None:
    changes = tmp_path / "changes.py"
    changes.write_text(CHANGES, encoding="utf-8")
    said, _, code = api.run(["--config-file=", "--strict", "--no-incremental", str(changes)])
    assert code == 1
    assert 'Property "size" defined in "Mail" is read-only' in said


def test_they_are_values() -> None:
    assert {Mail(1), Mail(1), replace(Mail(2), size=1)} == {Mail(1)}
    assert not hasattr(Mail(1), "__dict__")
    with pytest.raises(TypeError, match="unhashable"):
        hash(Lane())
