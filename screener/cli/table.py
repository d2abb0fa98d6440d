"""Tables for people: the one door to rich.

Promises that nothing in a cell is taken for markup or for a control sequence, that columns which must stay whole (ids) do, and
that where no terminal is (a pipe, a file) each row is one line and nothing is cut.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import IO

from rich.cells import cell_len

from screener.cli.plain import plain


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
    cells = [[plain(cell) for cell in row] for row in rows]
    widths = [max(map(cell_len, (column.title, *(row[at] for row in cells)))) for at, column in enumerate(columns)]
    out = sys.stdout if file is None else file
    if out.isatty():
        _print_fitting(columns, widths, cells, out)
        return
    for row in ([column.title for column in columns], *cells):
        blanks = [" " * (width - cell_len(cell)) for width, cell in zip(widths, row, strict=True)]
        shown = (gap + cell if column.right else cell + gap for column, gap, cell in zip(columns, blanks, row, strict=True))
        out.write("  ".join(shown).rstrip() + "\n")


def _print_fitting(columns: Sequence[Column], widths: Sequence[int], cells: Iterable[Sequence[str]], out: IO[str]) -> None:
    """As the terminal's width allows."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold", show_edge=False)
    for column, width in zip(columns, widths, strict=True):
        table.add_column(
            Text(column.title),
            justify="right" if column.right else "left",
            no_wrap=column.fit is not Fit.WRAP,
            overflow="fold" if column.fit is Fit.WRAP else "ellipsis",
            min_width=width if column.fit is Fit.WHOLE else None,
        )
    for row in cells:
        table.add_row(*map(Text, row))
    Console(file=out, markup=False, highlight=False, emoji=False).print(table)
