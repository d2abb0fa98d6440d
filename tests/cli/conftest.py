"""What the tests of the command line share: a hop's folder, and the command run in it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from fakes.filled_hop import SETTINGS, Hop, fill

from screener.cli.program import program


@pytest.fixture
def hop(tmp_path: Path) -> Hop:
    """A hop's folder with mail in its store."""
    hop = Hop(tmp_path)
    hop.contents[hop.held] = b"Subject: Your invoice\r\n\r\n\xff 8-bit, and a lone \r here\r\n"
    (tmp_path / "rules").mkdir()
    hop.config.write_text(SETTINGS)
    (tmp_path / "var" / "store").mkdir(parents=True)
    fill(hop)
    return hop


@pytest.fixture
def screener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """`screener("hold", "list")`: the command run in the hop's folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SCREENER_CONFIG", raising=False)
    monkeypatch.setenv("SUDO_USER", "helen")
    monkeypatch.setenv("TZ", "UTC")
    runner = CliRunner()

    def screener(*arguments: str | Path, answer: str = "") -> Result:
        result = runner.invoke(program, [os.fspath(one) for one in arguments], input=answer, prog_name="screener")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return screener
