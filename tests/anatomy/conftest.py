"""The table of what was hidden, and what became of it."""

import pytest
from fakes.evasions.judging import CAPTION, SCORES


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if SCORES.cases:
        terminalreporter.section("ways to hide content")
        terminalreporter.write_line(CAPTION)
        for line in SCORES.table():
            terminalreporter.write_line(line)
