"""The texts of a page, each with how it is read."""

from collections.abc import Iterator

from screener.anatomy.defects import Defect, Limit
from screener.anatomy.html import reader as html
from screener.anatomy.html import turning
from screener.anatomy.ledger import Ledger
from screener.anatomy.text import Text, TextKind, turned

SEAMLESS = "as if no element parted words"
TURNED_BACK = "turned where it runs from right to left"


def views(page: str, place: str, kind: TextKind | None, as_read: str, ledger: Ledger, *, may_turn: bool = False) -> Iterator[Text]:
    """Every view of a page; `may_turn`: its lines may run from right to left."""
    shown = html.read(page)
    if shown.is_cut:
        ledger.note(Defect.TEXT_TRUNCATED, place, Limit.FIXED)
    yield Text(place, kind or TextKind.HTML, shown.displayed, as_read)
    if shown.joined:
        yield Text(place, kind or TextKind.HTML, shown.joined, both(as_read, "joined where borders show nothing"))
    if shown.otherwise:
        yield Text(place, kind or TextKind.HTML, shown.otherwise, both(as_read, "as some readers show it"))
    if shown.seamless:
        yield Text(place, kind or TextKind.HTML, shown.seamless, both(as_read, SEAMLESS), whole=True)
        if "\u202e" in shown.seamless:
            yield Text(place, kind or TextKind.HTML, turned(shown.seamless), both(TURNED_BACK, SEAMLESS), whole=True)
    if shown.hidden:
        yield Text(place, kind or TextKind.HTML_HIDDEN, shown.hidden, as_read)
    if "\u202e" in shown.displayed:
        yield Text(place, kind or TextKind.HTML, turned(shown.displayed), TURNED_BACK)
    if may_turn:
        yield Text(place, kind or TextKind.HTML, turning.lines(shown.displayed), TURNED_BACK)


def both(as_read: str, view: str) -> str:
    return f"{as_read}, {view}" if as_read else view
