"""What an element's name and attributes, and the sheets of its document, do to its text: hide it, join it, set it apart, add to it.

No cascade: a style that hides is believed where it stands alone, and what others may hide, a reader of this reads both ways
(`views`). What a style does is `effects`' to say, to what it does it `sheets`'. Promises: linear, bounded, never raises.
"""

import re
from collections.abc import Sequence, Set

from screener.anatomy.html import effects, layout, names, sheets
from screener.anatomy.html.colours import SHADES
from screener.anatomy.html.effects import NOTHING, Effect
from screener.anatomy.html.entities import unescaped
from screener.anatomy.html.layout import PLAIN, RIGHT, Layout
from screener.anatomy.html.sheets import Sheets
from screener.anatomy.html.tags import MAX_ATTRIBUTES, pairs, without_pictures
from screener.anatomy.once import once
from screener.frozen import dataclass

# Attributes with text for people or an address to go to.
_TEXTS = frozenset(
    ("alt", "title", "href", "src", "string", "value", "action", "aria-label", "placeholder", "summary", "label", "background")
)
# What an element may say in one that is hidden by its letters.
_SHOWS_AGAIN = re.compile(
    r"visibility\s*+:\s*+(?:vis|ini)|font(?:-size)?\s*+:[^;\"']{0,40}?(?:[1-9]|small|medium|large|initial|unset|var|calc|menu|icon|caption)|"
    r"color|letter-spacing|\ball\s*+:|\bsize\s*+=",
    re.IGNORECASE,
)
_MAX_KNOWN = 1_000


@dataclass(frozen=True, slots=True)
class _Style:
    """What the style of an element says."""

    effect: Effect
    hides: bool  # where no other says otherwise
    moves: bool  # it, or what is in it, may be shown in another place
    texts: tuple[str, ...]


class Styles:
    """The styles of one document: those of its sheets, and of each element's attributes.

    Mail repeats itself, so what is known of elements is kept by their tags as they are written.
    """

    def __init__(self, document: str) -> None:
        self.sheets = Sheets()
        self.hidden: set[str] = set()  # classes and ids
        self._is_cut = False
        self._elements: dict[tuple[str, str], Element] = {}
        self._styles: dict[str, _Style] = {}
        for sheet in sheets.find(document):
            self.sheets.add(sheet)

    @property
    def is_cut(self) -> bool:
        """Whether there is more of them than is read."""
        return self._is_cut or self.sheets.is_cut

    def element(self, name: str, attributes: str) -> "Element":
        """What is known of such an element, sheets before it in the document known."""
        element = self._elements.get((name, attributes))
        if element is None:
            element = Element(self, name, attributes)
            is_read = without_pictures(attributes, are_shown=bool(self.sheets.attributes))
            self._is_cut = self._is_cut or len(is_read) > MAX_ATTRIBUTES
            if len(self._elements) < _MAX_KNOWN and len(attributes) < _MAX_KNOWN:
                self._elements[name, attributes] = element
        return element

    def style(self, written: str) -> _Style:
        """What a style says, as it is written in an attribute."""
        style = self._styles.get(written)
        if style is None:
            plain = effects.plain(unescaped(written))
            lower = plain.lower()
            effect = effects.effect(lower)
            moves = (effect.joins and ("left" in lower or "right" in lower)) or "rtl" in lower or "-reverse" in lower
            texts = sheets.strings(plain)[0] if "'" in plain or '"' in plain else ()
            style = _Style(effect, effects.hides(lower), moves, texts)
            if len(self._styles) < _MAX_KNOWN and len(written) < _MAX_KNOWN:
                self._styles[written] = style
        return style

    def read_sheet(self, sheet: str) -> None:
        """Keep the classes and ids that are hidden outside of any @media block; and a sheet that was not known before."""
        is_new = sheet not in self.sheets.texts
        if is_new:
            self.sheets.add(sheet)
        hidden = sheets.hidden(sheet)
        if is_new or not hidden <= self.hidden:
            self._elements.clear()
        self.hidden |= hidden


class Element:
    """What is known of all elements of one name with the same attributes."""

    def __init__(self, styles: Styles, name: str, attributes: str) -> None:
        self.name = name
        self.attributes = attributes
        self.is_void = name in names.VOID
        self.breaks = name in names.BREAKS
        self.hides = name == "template" or (name == "dialog" and "open" not in attributes.lower())
        self.texts: Sequence[str] = ()  # of its attributes, for people or to go to
        self.instead = ""  # shown where a picture is not, or drawn
        self._moves = False  # it, or what is in it, may be shown in another place
        self._keys: Set[str] = frozenset()  # by which sheets may select it: ".class" or id, "[attribute"
        self._sheets = sheets = styles.sheets
        own = self._read(styles) if attributes else NOTHING
        self._of_sheets = sheets.effect(name, self._keys) if sheets.texts else NOTHING
        self.effect = effects.together([own, self._of_sheets])  # what its own style or any sheet may do to it
        # Its borders may be none; those of what is not displayed, too.
        self.joins = self.effect.joins or (self.is_void and self._of_sheets.is_gone)
        self.turns = self._moves or self._of_sheets.layout.turns  # perhaps: its layout says
        self.moves = self._moves or self._of_sheets.layout is not PLAIN
        self.may_be_none = self.hides or name in names.DOUBTFUL
        # Texts of which one is put before, and one behind what it shows.
        self.before, self.after = sheets.added(name, self._keys, attributes) if sheets.adds or name == "q" else ((), ())
        self.may_hide_first_letter = bool(sheets.first_letters) and sheets.may_hide_first_letter(name, self._keys)

    def _read(self, styles: Styles) -> Effect:
        """Its attributes; answers what its own style may do to it."""
        keys: set[str] = set()
        texts: list[str] = []
        written: list[str] = []
        style: _Style | None = None
        for name, value in pairs(self.attributes, are_shown=bool(self._sheets.attributes)):
            keys.add("[" + name)
            if name == "color":  # of <font>
                written.insert(0, f"color:{value}")
            elif name == "align" and self.name == "table":
                written.insert(0, f"float:{value}")
                self._moves = True
            match name:
                case "hidden":
                    self.hides = True
                case "style":
                    style = styles.style(value)
                    written.append(value)
                    self.hides = self.hides or style.hides
                    self._moves = self._moves or style.moves
                    texts += style.texts
                case "dir":
                    self._moves = self._moves or value.lower() == "rtl"
                case "class" | "id":
                    self.hides = self.hides or not styles.hidden.isdisjoint(value.split())
                    keys |= {"." + one for one in unescaped(value).lower().split()}
                case text if text in _TEXTS or text in self._sheets.attributes:
                    if value.strip():
                        texts.append(unescaped(value) if "&" in value else value)
                        if text == "alt" or text == "string":  # of a picture, of letters that Outlook draws (VML's textpath)
                            self.instead = texts[-1]
                case _:
                    pass
        self._keys = keys
        self.texts = texts
        if not written:
            return NOTHING
        return style.effect if style is not None and len(written) == 1 else styles.style(";".join(written)).effect

    @once
    def shades(self) -> tuple[int, int]:
        """How light it is where it may be hidden, -1 where it may not: in a line, and as a block of its own.

        What is rather hidden than shown is the lightest.
        """
        effect = self.effect
        if effect.doubt > 1 or effect.layout.place == RIGHT or self.name in names.FALLBACK:
            return SHADES + 1, SHADES + 1
        rest = SHADES + 1 if self.name in names.STRUCK else -1
        if self.name == "font" and self.attributes:
            return effect.shade, effect.shade
        return effect.shade if effect.doubt else rest, rest

    @once
    def layout(self) -> Layout:
        """Where its attributes and sheets put it."""
        style = ""
        for key, value in pairs(self.attributes):
            match key:
                case "style":
                    style += f";{effects.plain(unescaped(value)).lower()}"
                case "dir":
                    style += f";direction:{value.lower()}"
                case "align" if self.name == "table":
                    style = f"float:{value.lower()}{style}"
                case _:
                    pass
        own = layout.layout(style) if style else PLAIN
        return layout.together([own, self._of_sheets.layout])

    @once
    def may_show_again(self) -> bool:
        """Whether it may show itself in one that is hidden: by what it says, or by a sheet."""
        return self._of_sheets is not NOTHING or _SHOWS_AGAIN.search(self.attributes) is not None
