"""What attributes, and the sheets of its document, do to an element's text: hide it, join it, set it apart, add to it.

No cascade: a style that hides is believed where it stands alone, and what others may hide, a reader of this reads both ways
(`views`). What a style does is `effects`' to say, to what it does it `sheets`'. Promises: linear, bounded, never raises.
"""

from collections.abc import Set
from dataclasses import replace

from screener.anatomy.html import effects, layout, sheets
from screener.anatomy.html.effects import NOTHING, Effect
from screener.anatomy.html.entities import unescaped
from screener.anatomy.html.layout import PLAIN, Layout, Spacing
from screener.anatomy.html.sheets import Sheets
from screener.anatomy.html.tags import MAX_ATTRIBUTES, pairs
from screener.frozen import dataclass

# Attributes with text for people or an address to go to.
_TEXTS = frozenset(
    ("alt", "title", "href", "src", "string", "value", "action", "aria-label", "placeholder", "summary", "label", "background")
)
_MAX_KNOWN = 1_000


@dataclass(frozen=True, slots=True)
class Said:
    """What an element's attributes say of it."""

    hides: bool = False
    joins: bool = False  # its style takes a block's borders away
    floats: bool = False  # what comes behind it may stand beside it
    parts: bool = False  # its style sets apart what stands in a line
    arranges: bool = False  # its style puts what is in it side by side
    moves: bool = False  # it, or what is in it, may be shown in another place
    texts: tuple[str, ...] = ()  # of its attributes, for people or to go to
    instead: str = ""  # shown where a picture is not, or drawn


@dataclass(slots=True)
class _Told:
    """An element's style, and by what sheets may select it: ".class" or id, "[attribute"."""

    style: str
    keys: Set[str]
    effect: Effect | None = None  # of its style, if that was asked


_UNTOLD = _Told("", frozenset(), NOTHING)


class Styles:
    """The styles of one document: those of its sheets, and of each element's attributes.

    Mail repeats itself, so answers are kept by the attributes as they are written.
    """

    def __init__(self, document: str) -> None:
        self._is_cut = False
        self._hidden: set[str] = set()  # classes and ids
        self._said: dict[str, Said] = {}
        self._told: dict[str, _Told] = {}
        self._layouts: dict[tuple[str, str], Layout] = {}
        self._of_sheets: dict[tuple[str, str], Effect] = {}
        self._effects: dict[tuple[str, str], Effect] = {}
        self._added: dict[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]] = {}
        self.sheets = Sheets()
        for sheet in sheets.find(document):
            self.sheets.add(sheet)

    @property
    def is_cut(self) -> bool:
        """Whether there is more of them than is read."""
        return self._is_cut or self.sheets.is_cut

    def said(self, attributes: str) -> Said:
        """What attributes say, sheets before them in the document known."""
        said = self._said.get(attributes)
        if said is None:
            said = self._read(attributes)
            if len(self._said) < _MAX_KNOWN and len(attributes) < _MAX_KNOWN:
                self._said[attributes] = said
        return said

    def of_sheets(self, name: str, attributes: str) -> Effect:
        """What any sheet, wherever it stands and whatever it asks of the screen, may do to an element."""
        effect = self._of_sheets.get((name, attributes))
        if effect is None:
            effect = self.sheets.effect(name, self._told_by(attributes).keys)
            if len(self._of_sheets) < _MAX_KNOWN and len(attributes) < _MAX_KNOWN:
                self._of_sheets[name, attributes] = effect
        return effect

    def effect(self, name: str, attributes: str) -> Effect:
        """What an element's own style or any sheet may do to it."""
        effect = self._effects.get((name, attributes))
        if effect is None:
            told = self._told_by(attributes)
            if told.effect is None:
                told.effect = effects.effect(effects.plain(unescaped(told.style)).lower())
            effect = effects.together([told.effect, self.of_sheets(name, attributes)]) if self.sheets.texts else told.effect
            if len(self._effects) < _MAX_KNOWN and len(attributes) < _MAX_KNOWN:
                self._effects[name, attributes] = effect
        return effect

    def layout(self, name: str, attributes: str) -> Layout:
        """Where an element's attributes and sheets put it; what it says itself of the space in a cell counts."""
        found = self._layouts.get((name, attributes))
        if found is None:
            found = self._laid_out(name, attributes)
            if len(self._layouts) < _MAX_KNOWN and len(attributes) < _MAX_KNOWN:
                self._layouts[name, attributes] = found
        return found

    def _laid_out(self, name: str, attributes: str) -> Layout:
        style = ""
        for key, value in pairs(attributes):
            match key:
                case "style":
                    style += f";{effects.plain(unescaped(value)).lower()}"
                case "dir":
                    style += f";direction:{value.lower()}"
                case "cellspacing":
                    style += f";border-spacing:{value}"
                case _:
                    pass
        own = layout.layout(style) if style else PLAIN
        if not self.sheets.texts:
            return own
        together = layout.together([own, self.of_sheets(name, attributes).layout])
        return replace(together, spacing=own.spacing) if own.spacing is Spacing.NONE else together

    def added(self, name: str, attributes: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The texts of which sheets put one before and one behind what an element shows."""
        texts = self._added.get((name, attributes))
        if texts is None:
            texts = self.sheets.added(name, self._told_by(attributes).keys, attributes)
            if len(self._added) < _MAX_KNOWN and len(attributes) < _MAX_KNOWN:
                self._added[name, attributes] = texts
        return texts

    def may_hide_first_letter(self, name: str, attributes: str) -> bool:
        """Whether a sheet has a style for the first letter of an element."""
        return self.sheets.may_hide_first_letter(name, self._told_by(attributes).keys)

    def read_sheet(self, sheet: str) -> None:
        """Keep the classes and ids that are hidden outside of any @media block; and a sheet that was not known before."""
        if sheet not in self.sheets.texts:
            self.sheets.add(sheet)
            self._of_sheets.clear()
            self._effects.clear()
            self._layouts.clear()
            self._added.clear()
        self._hidden |= sheets.hidden(sheet)
        self._said.clear()

    def _told_by(self, attributes: str) -> _Told:
        if not attributes:
            return _UNTOLD
        told = self._told.get(attributes)
        if told is None:
            keys: set[str] = set()
            style = ""
            for name, value in pairs(attributes):
                keys.add("[" + name)
                match name:
                    case "style":
                        style = f"{style};{value}" if style else value
                    case "color":  # of <font>
                        style = f"color:{value};{style}"
                    case "class" | "id":
                        keys |= {"." + one for one in unescaped(value).lower().split()}
                    case _:
                        pass
            told = _Told(style, keys)
            if len(self._told) < _MAX_KNOWN and len(attributes) < _MAX_KNOWN:
                self._told[attributes] = told
        return told

    def _read(self, attributes: str) -> Said:
        hides = joins = floats = parts = arranges = moves = False
        instead = ""
        texts: list[str] = []
        self._is_cut = self._is_cut or len(attributes) > MAX_ATTRIBUTES
        for name, value in pairs(attributes):
            match name:
                case "hidden":
                    hides = True
                case "style":
                    style = effects.plain(unescaped(value))
                    lower = style.lower()
                    hides = hides or effects.hides(lower)
                    joins = joins or effects.joins(lower)
                    floats = floats or effects.floats(lower)
                    parts = parts or effects.parts(lower)
                    arranges = arranges or effects.arranges(lower)
                    if (joins and ("left" in lower or "right" in lower)) or "rtl" in lower or "-reverse" in lower:
                        moves = True
                    if "'" in style or '"' in style:
                        texts += sheets.strings(style)[0]
                case "dir":
                    moves = moves or value.lower() == "rtl"
                case "class" | "id":
                    hides = hides or any(one in self._hidden for one in value.split())
                case text if text in _TEXTS or text in self.sheets.attributes:
                    if value.strip():
                        texts.append(unescaped(value) if "&" in value else value)
                        if text == "alt" or text == "string":  # of a picture, of letters that Outlook draws (VML's textpath)
                            instead = texts[-1]
                case _:
                    pass
        return Said(hides, joins, floats, parts, arranges, moves, tuple(texts), instead)
