"""What a page shows while its elements come: which of them part words, which hide what is in them.

What happens within what is hidden is `hidden`'s to say, what words all that makes `views`'. Promises: linear; two texts, the
displayed and the hidden, and what stands beside.
"""

from collections.abc import Iterable
from itertools import chain

from screener.anatomy.html import seams
from screener.anatomy.html.colours import SHADES
from screener.anatomy.html.effects import NOTHING
from screener.anatomy.html.flow import Flow
from screener.anatomy.html.hidden import Hidden
from screener.anatomy.html.names import BREAKS, OF_TABLES, SCOPED
from screener.anatomy.html.nesting import Nesting
from screener.anatomy.html.order import Order
from screener.anatomy.html.styles import Element, Styles
from screener.anatomy.html.tables import Tables
from screener.anatomy.html.views import BREAK, MAYBE, borderless, parted, tidy, unmarked
from screener.anatomy.html.ways import Layer
from screener.frozen import dataclass

_FEW = 50  # blanks where what stands in a line begins


@dataclass(frozen=True, slots=True)
class Shown:
    """The text of an HTML document: as displayed; and hidden, with alternative texts and the addresses that links lead to.

    `joined` is the displayed text where borders that show nothing to some readers part no words; "" where that is no other text.
    """

    displayed: str
    hidden: str
    joined: str = ""
    otherwise: str = ""  # lines of it as they read without what may be hidden, and with what only some readers show
    seamless: str = ""  # words that go on over borders of elements, with what is near: true of whole words alone
    is_cut: bool = False  # there is more than is read, or more ways to read it


class Page:
    """The texts of a page, as its tags and texts come."""

    def __init__(self, styles: Styles) -> None:
        self.styles = styles
        self.is_cut = False  # something is not read
        self.seamless: list[str] = []  # words over borders, of pages in this one
        self.aside: list[str] = []  # what is no text of the page as it stands: attributes, titles, conditional comments
        self._shown = Flow()
        self._order = Order(self._shown.pieces)
        self._hidden = Flow()
        self.flow = self._shown
        self.out = self.flow.pieces
        self._hiding: Hidden | None = None
        self._open: dict[str, list[str]] = {}  # borders of the elements that have begun and not ended, by name; "" for none
        self._nesting = Nesting()
        self._line_begins = -_FEW  # behind how many pieces what may stand in a line begins
        self._tables = Tables(self._order)
        self._sheets_shown = 0
        self._show_sheets()

    def open(self, name: str, attributes: str) -> None:
        """An element begins."""
        element = self.styles.element(name, attributes)
        if element.texts:
            self.aside += (BREAK, BREAK.join(element.texts), BREAK)
        self._end_hidden(name, begins=True)
        flow = self.flow
        self._nesting.imply(name, is_block=element.breaks)
        is_arranged = self._nesting.is_arranged
        joins = element.joins or is_arranged
        shows_again = self._hiding is not None and element.may_show_again
        shade = -1
        if not element.is_void:
            shade = self._doubt(element, is_block=element.breaks and not joins and not shows_again)
        if element.breaks:
            self._begin_block(element, joins=joins)
        elif element.effect.parts or is_arranged or ((element.before or element.after) and name != "q" and not flow.is_full):
            self._begin(element, MAYBE)
        elif name in self._open:
            self._open[name].append("")
        if element.moves or is_arranged:
            self._move(element)
        if not element.is_void:
            self._nesting.enter(name, arranges=element.effect.arranges)
        if element.may_hide_first_letter:
            flow.doubt_first_letter()
        if element.before:  # within the element's borders (CSS Generated Content 3, 2)
            flow.insert(Layer.ADDED, element.before[0], choices=element.before)
        if element.instead:
            flow.insert(Layer.INSTEAD, element.instead)
        if element.hides or self._hiding is not None:
            self._enter_hidden(element, is_shown=shows_again and shade <= SHADES)

    def close(self, name: str) -> None:
        """An element ends, if one of that name is open."""
        if self._open.get(name):
            self._end_hidden(name, begins=False)
        if ended_hidden := self._hiding is not None and self._hiding.leave(name):
            self._leave_hidden()
        if (name in OF_TABLES or name == "table") and self._tables.open:
            self._tables.leave(name)
        self._nesting.leave(name)
        inner = len(self.out)
        begun = self._open.get(name)
        if begun:
            if border := begun.pop():
                self.out.append(MAYBE if border == BREAK and (ended_hidden or name in SCOPED) else border)
        elif name in BREAKS:
            # An end tag of nothing is ignored, but that of a paragraph; also where what may be none stands around it.
            self.out.append(BREAK if name in ("p", "br") and not ended_hidden else MAYBE)
        if self.flow.doubts:
            self.flow.undoubt(name, inner)

    def read_sheet(self, sheet: str) -> None:
        """A style sheet stands here."""
        self.styles.read_sheet(sheet)
        self._show_sheets()

    def text(self) -> Shown:
        """What the page shows and holds."""
        self._tables.end()
        self._leave_hidden()
        self._shown.end()
        self._shown.by_place = self.styles.sheets.by_place
        displayed, joined, otherwise = self._shown.readings()
        hidden = (*self._hidden.readings(), tidy(parted("".join(self.aside))))
        moved = [*self._order.moved()]
        if placed := tidy(BREAK.join(map(BREAK.join, moved))):
            otherwise = f"{otherwise}\n{placed}" if otherwise else placed
        over, is_cut = seams.lines(chain(self._shown.stretches(), self._hidden.stretches(), moved, self._order.beside()))
        self.seamless.append(tidy(BREAK.join(over)).replace("\n", seams.APART))
        is_cut = is_cut or self.is_cut or self._shown.is_cut or self._hidden.is_cut or self.styles.is_cut
        return Shown(displayed, _lines(hidden), joined, otherwise, seams.APART.join(filter(None, self.seamless)), is_cut)

    def _show_sheets(self) -> None:
        shown = self.styles.sheets.shown
        if len(shown) > self._sheets_shown:
            self.aside.append(BREAK.join(("", *shown[self._sheets_shown :], "")))
            self._sheets_shown = len(shown)

    def _begin_block(self, element: Element, *, joins: bool) -> None:
        """An element begins that has borders by its name."""
        name = element.name
        if name == "table" or (name in OF_TABLES and self._tables.open):
            self._tables.enter(name, self.flow)
        may_be_none = element.may_be_none or joins or self._is_out_of_place(name)
        self._begin(element, MAYBE if may_be_none else BREAK)

    def _begin(self, element: Element, border: str) -> None:
        """An element with a border begins. Where one that may stand in a line begins, those of blocks in it part nothing."""
        if border == BREAK and self._is_at_start():
            border = MAYBE
        self.out.append(border)
        if not element.is_void:
            if border != BREAK:
                self._line_begins = len(self.out)
            self._open.setdefault(element.name, []).append(border)

    def _is_at_start(self) -> bool:
        """Whether nothing stands yet in what may stand in a line."""
        return 0 <= len(self.out) - self._line_begins < _FEW and not any(map(str.strip, self.out[self._line_begins :]))

    def _is_out_of_place(self, name: str) -> bool:
        """Whether an element may be none where it stands: cells outside of tables, blocks in drawings, formulas and choices."""
        begun = self._open
        if name in OF_TABLES and not begun.get("table"):
            return True
        if "svg" not in begun and "select" not in begun and "math" not in begun:
            return False
        return bool(begun.get("svg") or begun.get("select") or begun.get("math"))

    def _doubt(self, element: Element, *, is_block: bool) -> int:
        """An element begins that perhaps shows its text otherwise, or not; how light it is (`Element.shades`)."""
        flow = self.flow
        shade = -1
        turned = False
        if not flow.is_full:
            if element.hides:
                shade = -1 if self._hiding is None else SHADES + 1  # in hidden text, which some show
            elif element.name not in OF_TABLES or not self._open.get("table"):  # whose neighbours part words without it
                shade = element.shades[is_block]
            turned = element.turns and element.layout.turns and (not is_block or flow.within_word())
        if shade >= 0 or turned or (element.after and not flow.is_full):
            effect = element.effect if shade > SHADES else NOTHING
            flow.doubt(
                element.name,
                element.after,
                max(0, shade),
                element.attributes,
                empty=shade <= SHADES or effect.leaves_place,
                turned=turned,
                squeezed=effect.squeezes,
                is_block=element.breaks,
            )
        elif flow.doubts:
            flow.again(element.name)
        return shade

    def _move(self, element: Element) -> None:
        """An element, or what is in it, is perhaps shown in another place."""
        self._order.is_turned = self._order.is_turned or element.layout.turns
        if element.layout.place and self.flow is self._shown:
            self._order.place(len(self.out), element.layout.place)

    def _enter_hidden(self, element: Element, *, is_shown: bool) -> None:
        if element.is_void:
            return
        if self._hiding is not None:
            self._hiding.enter(element.name, is_shown=is_shown)
            return
        if element.effect.leaves_place:
            self.out.append(MAYBE)
        self._hiding = Hidden(self._hidden, element.name, element.attributes)
        self._turn_to(self._hidden)
        if element.name == "table" or element.name in OF_TABLES:
            self._tables.turn_to(self._hidden)

    def _end_hidden(self, name: str, *, begins: bool) -> None:
        """An element begins, or ends, and with it perhaps what is hidden."""
        if self._hiding is not None and self._hiding.is_ended_by(name, begins=begins, in_table=bool(self._tables.open)):
            self._leave_hidden()

    def _leave_hidden(self) -> None:
        """Hidden text ends. Its style may be overruled: it is read where it stands, too."""
        hidden = self._hiding
        if hidden is None:
            return
        self._hiding = None
        self._tables.turn_to(self._shown)
        texts = hidden.texts()
        if again := unmarked(hidden.again):
            self.aside += (BREAK, again, BREAK, borderless(again), BREAK)
        self._turn_to(self._shown)
        self.flow.insert(Layer.HIDDEN, texts[0] if texts else "", choices=texts if len(texts) > 1 else (), look=hidden.look)

    def _turn_to(self, flow: Flow) -> None:
        self._line_begins = -_FEW
        self.flow = flow
        self.out = flow.pieces


def _lines(texts: Iterable[str]) -> str:
    return "\n".join([text for text in texts if text])
