"""Tables for people; of rich only the widths of characters are used.

Promises that no cell is taken for a control sequence, that columns which must stay whole (ids) do, and that where no terminal is (a
pipe, a file) each row is one line and nothing is cut.
"""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import zip_longest
from typing import IO

from rich.cells import cell_len, chop_cells, set_cell_size

from screener.cli.plain import plain
from screener.frozen import dataclass

_GAP = 2  # blanks between columns
_LEAST = 4  # cells that a column keeps, however narrow the terminal
_BOLD, _USUAL = "\x1b[1m", "\x1b[0m"


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
    titles = [column.title for column in columns]
    cells = [[plain(cell) for cell in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(titles, *cells, strict=True)]
    out = sys.stdout if file is None else file
    bold, usual = "", ""
    if out.isatty():
        widths = _fitting(columns, widths, shutil.get_terminal_size().columns)
        if os.environ.get("TERM", "dumb") != "dumb":
            bold, usual = _BOLD, _USUAL
    for line in _lines(columns, widths, titles):
        out.write(f"{bold}{line}{usual}\n")
    for row in cells:
        for line in _lines(columns, widths, row):
            out.write(f"{line}\n")


def _fitting(columns: Sequence[Column], widths: Sequence[int], room: int) -> list[int]:
    """Widths that fit as far as they can: the widest columns give way first."""
    fitting = list(widths)
    while (over := sum(fitting) + _GAP * (len(fitting) - 1) - room) > 0:
        giving = {at: fitting[at] for at, column in enumerate(columns) if column.fit is not Fit.WHOLE and fitting[at] > _LEAST}
        if not giving:
            break
        most = max(giving.values())
        widest = [at for at, width in giving.items() if width == most]
        next_widest = max((width for width in giving.values() if width < most), default=_LEAST)
        for at in widest:
            fitting[at] -= min(most - next_widest, -(-over // len(widest)))
    return fitting


def _lines(columns: Sequence[Column], widths: Sequence[int], row: Sequence[str]) -> Iterator[str]:
    """A row, as many lines as its longest wrapped cell takes."""
    pieces = [_fitted(cell, column.fit, width) for cell, column, width in zip(row, columns, widths, strict=True)]
    for line in zip_longest(*pieces, fillvalue=""):
        blanks = (" " * (width - cell_len(piece)) for piece, width in zip(line, widths, strict=True))
        shown = (gap + piece if column.right else piece + gap for column, gap, piece in zip(columns, blanks, line, strict=True))
        yield (" " * _GAP).join(shown).rstrip()


def _fitted(cell: str, fit: Fit, width: int) -> list[str]:
    if cell_len(cell) <= width:
        return [cell]
    match fit:
        case Fit.WHOLE:
            return [cell]
        case Fit.CUT:
            return [set_cell_size(cell, width - 1).rstrip() + "…"]
        case Fit.WRAP:
            return _wrapped(cell, width)


def _wrapped(cell: str, width: int) -> list[str]:
    """Between words where that can be."""
    lines = [""]
    for word in cell.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(longer) <= width:
            lines[-1] = longer
        else:
            lines += chop_cells(word, width)
    return [line for line in lines if line]
