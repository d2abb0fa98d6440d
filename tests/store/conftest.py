"""A store of each kind there is, for the suite that each must pass."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from screener.store.sqlite import SqliteStore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture(params=[SqliteStore])
def store(request: pytest.FixtureRequest, folder: Path) -> Iterator[SqliteStore]:
    opened = request.param.open(folder, serving=True, reserve=0)
    yield opened
    opened.close()
