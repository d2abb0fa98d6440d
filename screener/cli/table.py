"""Tables for people: the one door to rich.

Promises that nothing in a cell is taken for markup or for a control sequence, that columns which must stay whole (ids) do, and
that where no terminal is (a pipe, a file) each row is one line and nothing is cut.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import StringIO
from typing import IO

from screener.cli.plain import plain

_NO_TERMINAL_WIDTH = 100_000  # columns; rows are only as wide as their cells


class Fit(StrEnum):
    """What happens to a cell that is wider than the terminal allows."""

    WHOLE = "whole"  # never cut or wrapped
    CUT = "cut"  # ends with an ellipsis
    WRAP = "wrap"  # goes on in the next line


@dataclass(frozen=True, slots=True)
class Column:
    """One column's title and how it fits."""

    title: str
    fit: Fit = Fit.CUT
    right: bool = False  # numbers


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[str]], file: IO[str] | None = None) -> None:
    """Print the table to `file` (standard output); cells are escaped here."""
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    cells = [[plain(cell) for cell in row] for row in rows]
    console = Console(file=file, markup=False, highlight=False, emoji=False)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold", show_edge=False)
    for at, column in enumerate(columns):
        widest = max((cell_len(row[at]) for row in cells), default=0)
        table.add_column(
            Text(column.title),
            justify="right" if column.right else "left",
            no_wrap=column.fit is not Fit.WRAP,
            overflow="fold" if column.fit is Fit.WRAP else "ellipsis",
            min_width=max(widest, len(column.title)) if column.fit is Fit.WHOLE else None,
        )
    for row in cells:
        table.add_row(*map(Text, row))
    if console.is_terminal:
        console.print(table)
        return
    wide = Console(file=StringIO(), markup=False, highlight=False, emoji=False, width=_NO_TERMINAL_WIDTH, color_system=None)
    with wide.capture() as captured:
        wide.print(table)
    console.file.write("\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n")
