"""How a table gives way to a narrow terminal: ids never, the widest columns first, nothing of what wraps is lost."""

from io import StringIO

import pytest
from rich.cells import cell_len

from screener.cli.table import Column, Fit, print_table

COLUMNS = (Column("ID", Fit.WHOLE), Column("N", Fit.WHOLE, right=True), Column("SUBJECT"), Column("NOTE", Fit.WRAP))
NOTE = "stopped while the next hop is mended, see 中文字中文字中文字 and " + "x" * 50
ROWS = (("0HE1D000000001", "7", "Ünïcödé subject of some length", NOTE), ("0TW0000000002A", "12", "short", ""))


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def printed(monkeypatch: pytest.MonkeyPatch, columns: int) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "dumb")
    file = Terminal()
    print_table(COLUMNS, ROWS, file)
    return file.getvalue().splitlines()


@pytest.mark.parametrize("columns", [32, 40, 60, 79, 120])
def test_it_fits_and_loses_nothing_that_wraps(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    lines = printed(monkeypatch, columns)
    assert max(map(cell_len, lines)) <= columns
    assert [line.split()[:2] for line in lines if line[0] == "0"] == [[row[0], row[1]] for row in ROWS]
    end = next(number for number, line in enumerate(lines) if line.startswith(ROWS[1][0]))
    wrapped = "".join("".join(line.split()) for line in lines[2:end])
    assert len(wrapped) >= 50
    assert NOTE.replace(" ", "").endswith(wrapped)


def test_the_widest_gives_way_first(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = printed(monkeypatch, 90)
    assert ROWS[0][2] in lines[1]
    narrow = printed(monkeypatch, 60)
    assert "…" in narrow[1]
    assert "short" in "\n".join(narrow)


def test_with_room_enough_it_is_what_a_pipe_gets(monkeypatch: pytest.MonkeyPatch) -> None:
    file = StringIO()
    print_table(COLUMNS, ROWS, file)
    assert printed(monkeypatch, 200) == file.getvalue().splitlines()
    assert file.getvalue().splitlines()[2] == "0TW0000000002A  12  short"


def test_no_rows_are_the_titles(monkeypatch: pytest.MonkeyPatch) -> None:
    file = StringIO()
    print_table(COLUMNS, (), file)
    assert file.getvalue() == "ID  N  SUBJECT  NOTE\n"
