"""What a page shows while its elements come: which of them part words, which hide what is in them.

What words that makes is `views`' to say. Promises: linear; two texts, the displayed and the hidden, and what stands beside.
"""

from dataclasses import dataclass

from screener.anatomy.html.styles import Said, Styles
from screener.anatomy.html.views import BREAK, MAYBE, Flow, Layer, tidy

# All others join what they stand between, also those that do not exist.
_BREAKS_WORDS = (
    "address article aside blockquote body br button caption center col colgroup dd details dialog dir div dl dt "
    "fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html img input "
    "isindex legend li link main map marquee menu meta nav ol optgroup option p param pre section select summary table "
    "tbody td tfoot th thead tr ul"
)
_BREAKS = frozenset(_BREAKS_WORDS.split())
# Shown as nothing, ignored where they stand outside of what they belong to, or no wider than their style says: also as if they
# were not there (WHATWG HTML 13.2.6.4.7 and 15.3).
_DOUBTFUL_WORDS = "body col colgroup frame frameset head html img input isindex link map meta optgroup option param"
_DOUBTFUL = frozenset(_DOUBTFUL_WORDS.split())
_CELLS = frozenset(("caption", "td", "th"))
_BORDERS = BREAK + MAYBE + " \t\r\n\f"
_OF_TABLES = frozenset(("caption", "tbody", "td", "tfoot", "th", "thead", "tr"))
_VOID = frozenset(("area", "base", "br", "col", "embed", "frame", "hr", "img", "input", "link", "meta", "param", "source", "wbr"))
# What stands between their tags is for readers that do not know them (mail readers run no script), or is not shown as it stands.
_FALLBACK_WORDS = (
    "annotation annotation-xml audio canvas datalist defs desc metadata meter noscript object progress rp rt rtc video"
)
_FALLBACK = frozenset(_FALLBACK_WORDS.split())
_MAX_OPEN = 256  # hidden elements in one another
_NOTHING = Said()


@dataclass(frozen=True, slots=True)
class Shown:
    """The text of an HTML document: as displayed; and hidden, with alternative texts and the addresses that links lead to.

    `joined` is the displayed text where borders that show nothing to some readers part no words; "" where that is no other text.
    """

    displayed: str
    hidden: str
    joined: str = ""
    otherwise: str = ""  # lines of it as they read without what may be hidden, and with what only some readers show


@dataclass(slots=True)
class _Table:
    """An open table. What stands between its cells is shown before it (WHATWG HTML 13.2.6.1, foster parenting)."""

    flow: Flow
    start: int  # behind how many pieces it begins
    read: int  # up to where they have been looked at
    is_between: bool = True

    def foster(self) -> None:
        """One of its parts begins or ends between cells."""
        pieces = self.flow.pieces
        if text := "".join(pieces[self.read :]).strip(_BORDERS):
            self.flow.insert(Layer.INSTEAD, text, self.start)
        self.read = len(pieces)

    def leave_cell(self) -> None:
        """What comes now is shown before it."""
        self.is_between = True
        self.read = len(self.flow.pieces)


class Page:
    """The texts of a page, as its tags and texts come."""

    def __init__(self, styles: Styles) -> None:
        self.styles = styles
        self.aside: list[str] = []  # what is no text of the page as it stands: attributes, titles, conditional comments
        self._shown = Flow()
        self._hidden = Flow()
        self.flow = self._shown
        self.out = self.flow.pieces
        self._hiding: list[str] = []  # open elements of the name that hides, innermost last
        self._hidden_from = 0
        self._open: dict[str, int] = {}  # elements with borders that have begun and not ended, by name
        self._joining: dict[str, int] = {}  # those of them whose style takes the borders away
        self._tables: list[_Table] = []
        self._sheets_shown: tuple[str, ...] = ()
        self._show_sheets()

    def open(self, name: str, attributes: str) -> None:
        """An element begins."""
        said = _NOTHING
        if attributes:
            said = self.styles.said(attributes)
            if said.texts:
                self.aside += (BREAK, BREAK.join(said.texts), BREAK)
        hides = said.hides or name == "template" or (name == "dialog" and "open" not in attributes.lower())
        flow = self.flow
        after = ""
        if self.styles.adds and not flow.is_full:
            before, after = self.styles.added(name, attributes)
            flow.insert(Layer.ADDED, before)
        if name not in _VOID:
            if after or (not hides and flow.within_word() and self._may_be_hidden(name, attributes)):
                flow.doubt(name, after)
            else:
                flow.again(name)
        if name in _BREAKS:
            joins = said.joins or (self.styles.takes_borders and self.styles.may_join(name, attributes, is_void=name in _VOID))
            doubtful = hides or joins or name in _DOUBTFUL or (name in _OF_TABLES and not self._open.get("table"))
            if name == "table" or (self._tables and name in _OF_TABLES):
                self._enter_table(name)
            self.out.append(MAYBE if doubtful else BREAK)
            self._open[name] = self._open.get(name, 0) + 1
            if joins:
                self._joining[name] = self._joining.get(name, 0) + 1
        if said.instead:
            flow.insert(Layer.INSTEAD, said.instead)
        if hides or self._hiding:
            self._enter_hidden(name, hides)

    def close(self, name: str) -> None:
        """An element ends, if one of that name is open."""
        ended_hidden = bool(self._hiding) and self._leave_hidden(name)
        if name in _BREAKS:
            if self._tables and (name in _OF_TABLES or name == "table"):
                self._leave_table(name)
            begun = self._open.get(name, 0)
            if begun:
                self._open[name] = begun - 1
            # An end tag of nothing is ignored, but that of a paragraph.
            joins = self._joining.get(name, 0)
            if joins:
                self._joining[name] = joins - 1
            doubtful = ended_hidden or joins > 0 or name in _DOUBTFUL or not (begun or name == "p" or name == "br")
            self.out.append(MAYBE if doubtful else BREAK)
        self.flow.undoubt(name)

    def read_sheet(self, sheet: str) -> None:
        """A style sheet stands here."""
        self.styles.read_sheet(sheet)
        self._show_sheets()

    def text(self) -> Shown:
        """What the page shows and holds."""
        displayed, joined, otherwise = self._shown.readings()
        hidden = (*self._hidden.readings(), tidy("".join(self.aside).replace(MAYBE, BREAK)))
        return Shown(displayed, "\n".join([text for text in hidden if text]), joined, otherwise)

    def _show_sheets(self) -> None:
        if self._sheets_shown is not self.styles.shown:
            self._sheets_shown = self.styles.shown
            self.aside.append(BREAK.join(("", *self._sheets_shown, "")))

    def _may_be_hidden(self, name: str, attributes: str) -> bool:
        if name in _OF_TABLES and self._open.get("table"):  # its neighbours part words without it
            return False
        if name in _FALLBACK or (name == "font" and attributes):
            return True
        return self.styles.may_hide(name, attributes, within_line=name not in _BREAKS)

    def _enter_table(self, name: str) -> None:
        tables = self._tables
        if tables and tables[-1].is_between:
            tables[-1].foster()
            if name == "table":  # the one before ends
                tables.pop()
        if name == "table":
            tables.append(_Table(self.flow, len(self.out), len(self.out)))
        elif name in _CELLS:
            tables[-1].is_between = False
        else:
            tables[-1].leave_cell()

    def _leave_table(self, name: str) -> None:
        table = self._tables[-1]
        if table.is_between:
            table.foster()
        if name == "table":
            self._tables.pop()
        else:
            table.leave_cell()

    def _enter_hidden(self, name: str, hides: bool) -> None:
        if name in _VOID or len(self._hiding) >= _MAX_OPEN:
            return
        # Within hidden text only elements of the same name are counted, so that its own end is found.
        if hides and not self._hiding:
            self._hiding.append(name)
            self.flow = self._hidden
            self.out = self.flow.pieces
            self._hidden_from = len(self.out)
        elif self._hiding and self._hiding[-1] == name:
            self._hiding.append(name)

    def _leave_hidden(self, name: str) -> bool:
        """Whether hidden text ends with the element. Its style may be overruled: it is read where it stands, too."""
        if self._hiding[-1] != name:
            return False
        self._hiding.pop()
        if self._hiding:
            return False
        text = "".join(self.out[self._hidden_from :])
        self.flow.end()
        self.flow = self._shown
        self.out = self.flow.pieces
        self.flow.insert(Layer.HIDDEN, text)
        return True
