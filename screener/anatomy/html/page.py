"""What a page shows while its elements come: which of them part words, which hide what is in them.

What words that makes is `views`' to say. Promises: linear; two texts, the displayed and the hidden, and what stands beside.
"""

import re

from screener.anatomy.html.colours import SHADES
from screener.anatomy.html.effects import NOTHING
from screener.anatomy.html.layout import PLAIN
from screener.anatomy.html.order import Order
from screener.anatomy.html.styles import Said, Styles
from screener.anatomy.html.tables import OF_TABLES, Tables
from screener.anatomy.html.views import APART, BREAK, MAYBE, Flow, tidy
from screener.anatomy.html.ways import Layer
from screener.frozen import dataclass

# All others join what they stand between, also those that do not exist.
_BREAKS_WORDS = (
    "address applet article aside blockquote body br button canvas caption center col colgroup dd details dialog dir div dl dt "
    "embed fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html img input isindex "
    "legend li link listing main map marquee math menu meta meter nav object ol optgroup option p param pre progress rt "
    "search section select sub summary sup svg table tbody td text textarea tfoot th thead tr ul video xmp"
)
_BREAKS = frozenset(_BREAKS_WORDS.split())
# Shown as nothing, ignored where they stand outside of what they belong to, or no wider than their style says: also as if they
# were not there (WHATWG HTML 13.2.6.4.7 and 15.3).
_DOUBTFUL_WORDS = (
    "applet body canvas col colgroup embed form frame frameset head html img input isindex link map math meta meter object "
    "optgroup option param progress rt sub sup svg text video"
)
_DOUBTFUL = frozenset(_DOUBTFUL_WORDS.split())
_SCOPED = frozenset(("dd", "dt", "li"))  # whose end is ignored within a list in them
_VOID_WORDS = "area base basefont bgsound br col embed frame hr image img input keygen link meta param source track wbr"
_VOID = frozenset(_VOID_WORDS.split())  # those that were elements once, too (WHATWG HTML 13.2.6.4.7)
# What stands between their tags is for readers that do not know them (mail readers run no script), or is not shown as it stands;
# of drawings and formulas only what is in certain elements is.
_FALLBACK_WORDS = (
    "annotation annotation-xml audio canvas datalist defs desc math metadata meter noscript object progress rp rt rtc svg video"
)
_FALLBACK = frozenset(_FALLBACK_WORDS.split())
_STRUCK = frozenset(("s", "strike", "del"))  # people read over what is struck out
_NOTHING = Said()
_FLOATS = "floats"  # behind the border of an element beside which the next one may stand
_FEW = 8  # borders and blanks at the ends of what stands in a line
# What an element may say in one that is hidden by its letters.
_SHOWS_AGAIN = re.compile(r"visibility\s*+:\s*+vis|font(?:-size)?\s*+:[^;\"']{0,40}?[1-9]|color|\bsize\s*+=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shown:
    """The text of an HTML document: as displayed; and hidden, with alternative texts and the addresses that links lead to.

    `joined` is the displayed text where borders that show nothing to some readers part no words; "" where that is no other text.
    """

    displayed: str
    hidden: str
    joined: str = ""
    otherwise: str = ""  # lines of it as they read without what may be hidden, and with what only some readers show
    is_cut: bool = False  # there is more than is read, or more ways to read it


class Page:
    """The texts of a page, as its tags and texts come."""

    def __init__(self, styles: Styles) -> None:
        self.styles = styles
        self.is_cut = False  # something is not read
        self.aside: list[str] = []  # what is no text of the page as it stands: attributes, titles, conditional comments
        self._shown = Flow()
        self._order = Order(styles, self._shown.pieces)
        self._hidden = Flow()
        self.flow = self._shown
        self.out = self.flow.pieces
        self._hiding = ""  # the name of the element that hides, …
        self._hiding_open = 0  # … how many of that name are open, …
        self._hidden_look = ""  # … its attributes, …
        self._hidden_from = 0  # … behind how many pieces it begins, …
        self._hidden_until = -1  # … behind how many it ends with an element around it, if with none of its own name, …
        self._within: dict[str, int] = {}  # … and how many elements have begun in it and not ended, by name
        self._again: list[str] = []  # what shows itself again in hidden text, …
        self._again_name = ""  # … the name of the element that does, …
        self._again_count = self._again_from = self._again_until = 0  # … which of that name, from where, and where the last ended
        self._open: dict[str, list[str]] = {}  # borders of the elements that have begun and not ended, by name
        self._arranged: list[int] = []  # how many elements are open in those whose style arranges what is in them
        self._line_begins = -_FEW  # behind how many pieces what may stand in a line begins
        self._tables = Tables(self._order)
        self._sheets_shown = 0
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
        before: tuple[str, ...] = ()
        after: tuple[str, ...] = ()
        sheets = self.styles.sheets
        effect = self.styles.of_sheets(name, attributes) if sheets.may_act else NOTHING
        if (sheets.adds or name == "q") and not flow.is_full:
            before, after = self.styles.added(name, attributes)
        if name not in _VOID:
            may_touch = flow.within_word() or (name not in _BREAKS and not flow.is_full)  # a word before it, or behind
            shade = -1
            if may_touch:
                if not hides:
                    shade = self._may_be_hidden(name, attributes)
                elif self._hiding:  # in hidden text, which some show
                    shade = SHADES + 1
            turned = may_touch and (said.moves or effect.layout.turns) and self.styles.layout(name, attributes).turns
            if after or shade >= 0 or turned:
                empty = shade <= SHADES or self.styles.effect(name, attributes).leaves_place
                flow.doubt(name, after, max(0, shade), attributes, empty=empty, turned=turned)
            elif flow.doubts:
                flow.again(name)
        is_arranged = self._arranged and self._arranged[-1] == 0
        if name in _BREAKS:
            if name == "table" or (name in OF_TABLES and self._tables.open):
                self._tables.enter(name, attributes, flow)
            joins = said.joins or effect.joins or (effect.is_gone and name in _VOID)  # what is not displayed has no borders
            doubtful = hides or joins or is_arranged or name in _DOUBTFUL or self._is_out_of_place(name)
            self._begin(name, MAYBE if doubtful else BREAK, in_line=joins or bool(is_arranged), floats=said.floats or effect.floats)
        elif said.parts or is_arranged or effect.parts or ((before or after) and name != "q"):
            self._begin(name, APART, in_line=True, floats=said.floats or effect.floats)
        elif name in self._open:
            self._open[name].append("")
        if said.moves or is_arranged or (effect is not NOTHING and effect.layout is not PLAIN):
            self._move(name, attributes)
        if name not in _VOID:
            if self._arranged:
                self._arranged[-1] += 1
            if said.arranges or effect.arranges:
                self._arranged.append(0)
        if sheets.first_letters and self.styles.may_hide_first_letter(name, attributes):
            flow.doubt_first_letter()
        if before:  # within the element's borders (CSS Generated Content 3, 2)
            flow.insert(Layer.ADDED, before[0], choices=before)
        if said.instead:
            flow.insert(Layer.INSTEAD, said.instead)
        if hides or self._hiding:
            self._enter_hidden(name, attributes)

    def close(self, name: str) -> None:
        """An element ends, if one of that name is open."""
        ended_hidden = bool(self._hiding) and self._leave_hidden(name)
        if (name in OF_TABLES or name == "table") and self._tables.open:
            self._tables.leave(name)
        if self._arranged:
            self._arranged[-1] -= 1
            if self._arranged[-1] < 0:
                self._arranged.pop()
                if self._arranged:
                    self._arranged[-1] -= 1
        inner = len(self.out)
        begun = self._open.get(name)
        if begun:
            if border := begun.pop():
                if border != BREAK:
                    self._end_line()
                self.out.append(MAYBE if ended_hidden or name in _SCOPED else border[0])
                if border.endswith(_FLOATS):
                    self._line_begins = len(self.out)
        elif name in _BREAKS:
            # An end tag of nothing is ignored, but that of a paragraph; also where what may be none stands around it.
            self.out.append(MAYBE if ended_hidden else BREAK if name in ("p", "br") else APART)
        if self.flow.doubts:
            self.flow.undoubt(name, inner)

    def read_sheet(self, sheet: str) -> None:
        """A style sheet stands here."""
        self.styles.read_sheet(sheet)
        self._show_sheets()

    def text(self) -> Shown:
        """What the page shows and holds."""
        self._tables.end()
        if self._hiding:
            self._show_hidden()
        self._shown.end()
        self._shown.by_place = self.styles.sheets.by_place
        displayed, joined, otherwise = self._shown.readings()
        if moved := tidy(BREAK.join(self._order.lines())):
            otherwise = f"{otherwise}\n{moved}" if otherwise else moved
        hidden = (*self._hidden.readings(), tidy("".join(self.aside).replace(MAYBE, BREAK).replace(APART, BREAK)))
        is_cut = self.is_cut or self._shown.is_cut or self._hidden.is_cut or self.styles.is_cut
        return Shown(displayed, "\n".join([text for text in hidden if text]), joined, otherwise, is_cut)

    def _show_sheets(self) -> None:
        shown = self.styles.sheets.shown
        if len(shown) > self._sheets_shown:
            self.aside.append(BREAK.join(("", *shown[self._sheets_shown :], "")))
            self._sheets_shown = len(shown)

    def _begin(self, name: str, border: str, *, in_line: bool, floats: bool) -> None:
        """An element with a border begins. Where one that stands in a line begins, those of blocks in it part nothing."""
        out = self.out
        begins_line = 0 <= len(out) - self._line_begins < _FEW and not any(map(str.strip, out[self._line_begins :]))
        if begins_line and border == BREAK:
            out[self._line_begins :] = [""] * (len(out) - self._line_begins)
        out.append(APART if begins_line and border == BREAK else border)
        if begins_line or in_line:
            self._line_begins = len(out)
        if name in self._open:
            self._open[name].append(border + _FLOATS if floats else border)
        elif name not in _VOID:
            self._open[name] = [border + _FLOATS if floats else border]

    def _end_line(self) -> None:
        """What may stand in a line ends: borders of blocks at its end part nothing."""
        out = self.out
        for at in range(len(out) - 1, max(-1, len(out) - 1 - _FEW), -1):
            if out[at] == BREAK:
                out[at:] = [APART, *[""] * (len(out) - at - 1)]
            elif out[at].strip():
                break

    def _is_out_of_place(self, name: str) -> bool:
        """Whether an element may be none where it stands: cells outside of tables, blocks in drawings, formulas and choices."""
        begun = self._open
        if name in OF_TABLES and not begun.get("table"):
            return True
        if "svg" not in begun and "select" not in begun and "math" not in begun:
            return False
        return bool(begun.get("svg") or begun.get("select") or begun.get("math"))

    def _may_be_hidden(self, name: str, attributes: str) -> int:
        """How light an element is that may be hidden; what is rather hidden than shown is the lightest. -1 where it is shown."""
        if name in OF_TABLES and self._open.get("table"):  # its neighbours part words without it
            return -1
        effect = self.styles.effect(name, attributes) if attributes or self.styles.sheets.texts else NOTHING
        if effect.doubt > 1 or name in _FALLBACK:
            return SHADES + 1
        if effect.doubt > (name in _BREAKS) or (name == "font" and attributes):
            return effect.shade
        return SHADES + 1 if name in _STRUCK else -1

    def _move(self, name: str, attributes: str) -> None:
        """An element, or what is in it, is perhaps shown in another place."""
        layout = self.styles.layout(name, attributes)
        self._order.is_turned = self._order.is_turned or layout.turns
        if layout.place and self.flow is self._shown:
            self._order.place(len(self.out), layout.place)

    def _enter_hidden(self, name: str, attributes: str) -> None:
        if name in _VOID:
            return
        # Within hidden text only elements of the same name are counted, so that its own end is found.
        if self._hiding == name:
            self._hiding_open += 1
        elif self._hiding:
            self._within[name] = count = self._within.get(name, 0) + 1
            if not self._again_name and self._shows_again(attributes):
                self._again_name, self._again_count, self._again_from = name, count, len(self.out)
        else:
            self._hiding = name
            self._hidden_until = -1
            self._within = {}
            self._hiding_open = 1
            self._hidden_look = attributes
            if self.styles.effect(name, attributes).leaves_place:
                self.out.append(APART)
            self.flow = self._hidden
            self.out = self.flow.pieces
            self._line_begins = -_FEW
            self._hidden_from = self._again_until = len(self.out)

    def _shows_again(self, attributes: str) -> bool:
        """Whether an element may show itself in one that is hidden: by what it says, or by a sheet."""
        return bool(self.styles.sheets.texts) or (attributes != "" and _SHOWS_AGAIN.search(attributes) is not None)

    def _leave_hidden(self, name: str) -> bool:
        """Whether hidden text ends with the element. Its style may be overruled: it is read where it stands, too."""
        if self._hiding != name:
            begun = self._within.get(name, 0)
            if self._again_name == name and begun == self._again_count:
                self._end_again()
            self._within[name] = max(0, begun - 1)
            if not begun and self._hidden_until < 0:
                self._hidden_until = len(self.out)
            return False
        self._hiding_open -= 1
        if self._hiding_open:
            return False
        self._show_hidden()
        return True

    def _end_again(self) -> None:
        """What showed itself again ends; borders between count, other letters do not."""
        between = "".join(self.out[self._again_until : self._again_from])
        self._again += (BREAK if BREAK in between else MAYBE if MAYBE in between else "", *self.out[self._again_from :])
        self._again_name, self._again_until = "", len(self.out)

    def _show_hidden(self) -> None:
        self._hiding = ""
        if self._again_name:
            self._end_again()
        if self._again:
            self.aside += (BREAK, *self._again, BREAK)
            self._again = []
        text = "".join(self.out[self._hidden_from :])
        behind = "".join(self.out[self._hidden_until :]) if self._hidden_until >= 0 else ""
        self.flow.end()
        choices = tuple([one for one in (text, behind, self.flow.without(self._hidden_from)) if one])
        self.flow = self._shown
        self.out = self.flow.pieces
        self._line_begins = -_FEW
        self.flow.insert(Layer.HIDDEN, text, choices=choices if len(choices) > 1 else (), look=self._hidden_look)
