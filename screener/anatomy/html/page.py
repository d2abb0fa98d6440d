"""What a page shows while its elements come: which of them part words, which hide what is in them.

What happens within what is hidden is `hidden`'s to say, what words all that makes `views`'. Promises: linear; two texts, the
displayed and the hidden, and what stands beside.
"""

from screener.anatomy.html.colours import SHADES
from screener.anatomy.html.effects import NOTHING
from screener.anatomy.html.flow import Flow
from screener.anatomy.html.hidden import Hidden, may_show_again
from screener.anatomy.html.layout import PLAIN, RIGHT
from screener.anatomy.html.order import Order
from screener.anatomy.html.styles import Said, Styles
from screener.anatomy.html.tables import OF_TABLES, Tables
from screener.anatomy.html.views import APART, BREAK, MAYBE, tidy, unmarked
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
        self._hiding: Hidden | None = None
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
        is_arranged = bool(self._arranged) and self._arranged[-1] == 0
        if is_arranged and self.out and self.out[-1].isspace():
            self.out[-1] = ""  # no item by itself (CSS Flexbox 1, 4; CSS Grid 1, 6)
        joins = said.joins or effect.joins or is_arranged
        shows_again = self._hiding is not None and may_show_again(self.styles, name, attributes)
        shade = -1
        if name not in _VOID:
            is_block = name in _BREAKS and not joins and not shows_again
            moves = said.moves or effect.layout.turns
            shade = self._doubt(name, attributes, after, hides=hides, is_block=is_block, moves=moves)
        if name in _BREAKS:
            if name == "table" or (name in OF_TABLES and self._tables.open):
                self._tables.enter(name, attributes, flow)
            joins = joins or (effect.is_gone and name in _VOID)  # what is not displayed has no borders
            doubtful = hides or joins or name in _DOUBTFUL or self._is_out_of_place(name)
            self._begin(name, MAYBE if doubtful else BREAK, in_line=joins, floats=said.floats or effect.floats)
        elif said.parts or is_arranged or effect.parts or ((before or after) and name != "q"):
            pulls = (said.parts or effect.parts) and self.styles.effect(name, attributes).pulls
            self._begin(name, APART, in_line=True, floats=said.floats or effect.floats or pulls)
            if pulls:
                flow.doubt_blanks(behind=False)
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
        if hides or self._hiding is not None:
            self._enter_hidden(name, attributes, is_shown=shows_again and shade <= SHADES)

    def close(self, name: str) -> None:
        """An element ends, if one of that name is open."""
        if ended_hidden := self._hiding is not None and self._hiding.leave(name):
            self._leave_hidden()
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
                if border[0] != BREAK:
                    self.flow.doubt_blanks(behind=False)
                if border.endswith(_FLOATS):
                    self._line_begins = len(self.out)
                    self.flow.doubt_blanks(behind=True)
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
        self._leave_hidden()
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
            self.flow.doubt_blanks(behind=True)
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

    def _doubt(self, name: str, attributes: str, after: tuple[str, ...], *, hides: bool, is_block: bool, moves: bool) -> int:
        """An element begins that perhaps shows its text otherwise, or not; how light it is (as below)."""
        flow = self.flow
        shade = -1
        may_touch = flow.within_word() or (not is_block and not flow.is_full)  # a word before it, or behind
        if may_touch or (is_block and not flow.is_full):
            if not hides:
                shade = self._may_be_hidden(name, attributes, is_block=is_block)
            elif self._hiding is not None:  # in hidden text, which some show
                shade = SHADES + 1
        turned = may_touch and moves and self.styles.layout(name, attributes).turns
        if after or shade >= 0 or turned:
            effect = self.styles.effect(name, attributes) if shade > SHADES else NOTHING
            empty = shade <= SHADES or effect.leaves_place
            kind = {"empty": empty, "turned": turned, "squeezed": effect.squeezes, "is_block": name in _BREAKS}
            flow.doubt(name, after, max(0, shade), attributes, **kind)
        elif flow.doubts:
            flow.again(name)
        return shade

    def _may_be_hidden(self, name: str, attributes: str, *, is_block: bool) -> int:
        """How light an element is that may be hidden; what is rather hidden than shown is the lightest. -1 where it is shown."""
        if name in OF_TABLES and self._open.get("table"):  # its neighbours part words without it
            return -1
        effect = self.styles.effect(name, attributes) if attributes or self.styles.sheets.texts else NOTHING
        if effect.doubt > 1 or effect.layout.place == RIGHT or name in _FALLBACK:
            return SHADES + 1
        if effect.doubt > is_block or (name == "font" and attributes):
            return effect.shade
        return SHADES + 1 if name in _STRUCK else -1

    def _move(self, name: str, attributes: str) -> None:
        """An element, or what is in it, is perhaps shown in another place."""
        layout = self.styles.layout(name, attributes)
        self._order.is_turned = self._order.is_turned or layout.turns
        if layout.place and self.flow is self._shown:
            self._order.place(len(self.out), layout.place)

    def _enter_hidden(self, name: str, attributes: str, *, is_shown: bool) -> None:
        if name in _VOID:
            return
        if self._hiding is not None:
            self._hiding.enter(name, is_shown=is_shown)
            return
        if self.styles.effect(name, attributes).leaves_place:
            self.out.append(APART)
        self._hiding = Hidden(self._hidden, name, attributes)
        self._turn_to(self._hidden)

    def _leave_hidden(self) -> None:
        """Hidden text ends. Its style may be overruled: it is read where it stands, too."""
        hidden = self._hiding
        if hidden is None:
            return
        self._hiding = None
        texts = hidden.texts()
        if again := unmarked(hidden.again):
            self.aside += (BREAK, again, BREAK, again.replace(MAYBE, "").replace(APART, ""), BREAK)
        self._turn_to(self._shown)
        self.flow.insert(Layer.HIDDEN, texts[0] if texts else "", choices=texts if len(texts) > 1 else (), look=hidden.look)

    def _turn_to(self, flow: Flow) -> None:
        self.flow = flow
        self.out = flow.pieces
        self._line_begins = -_FEW
