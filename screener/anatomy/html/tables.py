"""The tables of a page while its elements come: what stands between cells, and which cells stand beside one another.

Promises: linear.
"""

from dataclasses import field

from screener.anatomy.html.flow import Flow
from screener.anatomy.html.names import CELLS
from screener.anatomy.html.order import BORDERS, Cell, Order
from screener.anatomy.html.ways import Layer
from screener.frozen import dataclass


@dataclass(slots=True)
class _Table:
    """An open table. What stands between its cells is shown before it (WHATWG HTML 13.2.6.1, foster parenting)."""

    flow: Flow
    source: Flow  # what is in it comes here: into another where it is hidden
    start: int  # behind how many pieces it begins
    read: int  # up to where they have been looked at
    is_between: bool = True
    cells: list[Cell] = field(default_factory=list)  # of the row that is open
    is_parted: bool = False  # something is written between them that is shown before it
    begun: int = -1  # behind how many pieces a cell has, if one is open

    def foster(self) -> None:
        """One of its parts begins or ends between cells."""
        pieces = self.source.pieces
        if "".join(pieces[self.read :]).strip(BORDERS):
            self.is_parted = True
            texts = self.source.ways(self.read, len(pieces))
            ways = [*dict.fromkeys(way for one in texts if (way := one.strip(BORDERS)))]
            self.flow.insert(Layer.INSTEAD, ways[0], self.start, tuple(ways) if len(ways) > 1 else ())
        self.read = len(pieces)

    def leave_cell(self) -> None:
        """What comes now is shown before it."""
        self.is_between = True
        self.read = len(self.source.pieces)

    def end_cell(self) -> None:
        """The cell that is open ends."""
        if self.begun >= 0:
            self.cells.append((self.begun, len(self.flow.pieces)))
            self.begun = -1


class Tables:
    """All that are open."""

    def __init__(self, order: Order) -> None:
        self.open: list[_Table] = []
        self._order = order

    def enter(self, name: str, flow: Flow) -> None:
        """A table begins, or a part of one."""
        tables = self.open
        if tables and tables[-1].is_between:
            tables[-1].foster()
            if name == "table":  # the one before ends
                self._end_row(tables.pop())
        if name == "table":
            at = len(flow.pieces)
            tables.append(_Table(flow, flow, at, at))
        elif name in CELLS:
            table = tables[-1]
            table.is_between = False
            table.end_cell()
            table.begun = len(table.flow.pieces)
        else:
            table = tables[-1]
            table.leave_cell()
            if table.cells or table.begun >= 0:
                self._end_row(table)

    def leave(self, name: str) -> None:
        """One ends, or a part of the innermost."""
        table = self.open[-1]
        if table.is_between:
            table.foster()
        if name in CELLS:
            table.end_cell()
        elif table.cells or table.begun >= 0:
            self._end_row(table)
        if name == "table":
            self.open.pop()
        else:
            table.leave_cell()

    def turn_to(self, flow: Flow) -> None:
        """The innermost, or a part of it, is hidden from here on, or no more."""
        table = self.open[-1] if self.open else None
        if table is None or table.source is flow or table.flow.pieces is not self._order.pieces:
            return
        if table.is_between:
            table.foster()
        table.source, table.read = flow, len(flow.pieces)

    def end(self) -> None:
        """The page ends."""
        for table in self.open:
            if table.is_between:
                table.foster()
            self._end_row(table)

    def _end_row(self, table: _Table) -> None:
        table.end_cell()
        if len(table.cells) > 1 and table.flow.pieces is self._order.pieces:
            self._order.row(table.cells, is_parted=table.is_parted)
        table.cells = []
        table.is_parted = False
