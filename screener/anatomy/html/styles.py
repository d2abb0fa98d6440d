"""What attributes and style sheets of HTML do to an element's text: hide it, join it, change how it looks, add to it.

No cascade: a style that hides is believed where it stands alone, and what others may hide, a reader of this reads both ways
(`views`). Promises: linear, bounded, never raises.
"""

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass

from screener.anatomy.html.entities import unescaped
from screener.anatomy.html.tags import pairs, values
from screener.anatomy.repeated import repeated

# Looked for in lower case, which is faster than without regard to it.
_HIDING = re.compile(
    r"display\s*+:\s*+none|visibility\s*+:\s*+(?:hidden|collapse)|mso-hide\s*+:\s*+all|font-size\s*+:\s*+1p[xt]\b|(?:font-size|max-height|opacity|max-width)\s*+:\s*+"
    r"(?:0++(?:\.0*+)?|\.0++)(?:px|pt|em|%|rem)?\s*+(?:!important\s*+)?(?:[;\"'}]|\Z)"
)
# What may hide a text of lines of its own, or may not. Within a line any style may: by its colour, by letters that are thin or
# clipped, by taking them elsewhere.
_MAY_HIDE = re.compile(
    r"display\s*+:\s*+none|visibility\s*+:\s*+(?:hidden|collapse)|(?<![\w-])(?:font-size|font|zoom|width|height|opacity|max-width|max-height|line-height)"
    r"\s*+:[^;{}]{0,40}?(?<![\w.#%-])(?:0++(?:\.0*+)?(?![.\d])|0*+\.\d)|"
    r"position\s*+:\s*+(?:absolute|fixed)|(?:left|right|top|bottom|text-indent|margin[a-z-]{0,9})\s*+:[^;{}]{0,40}?-\s*+\d{3}|clip(?:-path)?\s*+:|"
    r"scale[xyz3d]{0,2}\s*+\(\s*+0|transparent|mso-hide"
)
_GONE = re.compile(r"display\s*+:\s*+none")
_JOINING = re.compile(r"display\s*+:\s*+(?:inline|contents)\b")
_SHEET_BEGINS = re.compile(r"<[sS][tT][yY][lL][eE](?=[\s/>])")
_SHEET_ENDS = re.compile(r"</style", re.IGNORECASE)
_BRACES = re.compile(r"[{}]")
_SELECTOR = re.compile(r"[.#]([A-Za-z_][\w-]*)\s*(?:,|\Z)")
_PSEUDO = re.compile(r"::?[\w-]++(?:\([^()]*+\))?")
_COMPOUND = re.compile(r"[^\s>+~]++\s*+\Z")
_KEY = re.compile(r"([.#\[]?)([\w-]++)")
_ADDS = re.compile(r":(before|after|marker)\b", re.IGNORECASE)
# Properties whose strings are shown, and their values, quoted ";" and "}" within.
_VALUE = r"\s*+:(" + repeated(r"[^;}\"']++|\"[^\"]*+\"|'[^']*+'", least=1) + ")"
_CONTENT = re.compile(r"(?<![\w-])content" + _VALUE, re.IGNORECASE)
_SHOWING = re.compile(
    r"(?<![\w-])(?:content|quotes|list-style(?:-type)?|(?:additive-)?symbols|prefix|suffix|--[\w-]++)" + _VALUE, re.IGNORECASE
)
_NAMES = ("content", "quotes", "list-style", "symbols", "prefix", "suffix", "--")  # that is in them all
_MARKS = ('"', "'", "attr(")
_ADDED = re.compile(r"url\([^()]*+\)|\"([^\"]*+)\"|'([^']*+)'|attr\(\s*+([\w-]++)", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_MEANING = frozenset("\"';{}")  # no letters of words; escaped, they would be taken for what they mean unescaped
_ESCAPE = re.compile(r"\\(?:([0-9A-Fa-f]{1,6}+)\s?|([^\r\n]))")
# Attributes with text for people or an address to go to.
_TEXTS = frozenset(
    ("alt", "title", "href", "src", "value", "action", "aria-label", "placeholder", "summary", "label", "background")
)
_ANY = "*"
_MAX_CLASSES = 500
_MAX_KNOWN = 1_000
_MAX_RULES = 5_000
_MAX_SELECTOR = 500
_MAX_LATE = 4  # sheets in one document whose tags have a ">" in their attributes
_MAX_PIECES = 16  # of what is added to an element, …
_MAX_ADDED = 64  # … and how much of it stands there: words are joined at its ends


@dataclass(frozen=True, slots=True)
class Said:
    """What an element's attributes say of it."""

    hides: bool = False
    joins: bool = False  # its style takes the borders away
    texts: tuple[str, ...] = ()  # of its attributes, for people or to go to
    instead: str = ""  # shown where a picture is not


@dataclass(frozen=True, slots=True)
class Added:
    """What a style sheet adds to an element's text: texts, and names of attributes whose values it adds."""

    before: tuple[tuple[str, str], ...] = ()
    after: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Told:
    """An element's style, and by what sheets may select it: ".class" or id, "[attribute"."""

    style: str
    keys: Set[str]
    doubt: int = -1  # what the style may do to it (see `_doubt`), if that was asked


_UNTOLD = _Told("", frozenset(), 0)


class Styles:
    """The styles of one document: those of its sheets, and of each element's attributes.

    Mail repeats itself, so answers are kept by the attributes as they are written.
    """

    def __init__(self, document: str) -> None:
        self._classes: set[str] = set()  # and ids that a sheet hides
        self._said: dict[str, Said] = {}
        self._told: dict[str, _Told] = {}
        self._added: dict[tuple[str, str], tuple[str, str]] = {}
        # Names of elements, ".classes" and "[attributes" that sheets may hide, in lines of their own and within; None: not read.
        self._doubted: tuple[frozenset[str], frozenset[str]] | None = None
        self._late = 0
        self._know(_sheets(document))

    def said(self, attributes: str) -> Said:
        """What attributes say, sheets before them in the document known."""
        said = self._said.get(attributes)
        if said is None:
            said = self._read(attributes)
            if len(self._said) < _MAX_KNOWN and len(attributes) < _MAX_KNOWN:
                self._said[attributes] = said
        return said

    def may_hide(self, name: str, attributes: str, *, within_line: bool) -> bool:
        """Whether an element's own style or any sheet, wherever it stands and whatever it asks of the screen, may hide it.

        Within a line any style may.
        """
        told = self._told_by(attributes) if attributes else _UNTOLD
        if told.doubt < 0:
            told.doubt = _doubt(_plain(unescaped(told.style)))
        if told.doubt > (not within_line):
            return True
        if not self._sheets:
            return False
        if self._doubted is None:
            self._doubted = _doubted(self._sheets)
        return _is_among(self._doubted[within_line], name, told)

    def may_join(self, name: str, attributes: str, *, is_void: bool) -> bool:
        """Whether any sheet takes an element's borders away: a void element has none where it is not displayed."""
        told = self._told_by(attributes) if attributes else _UNTOLD
        return _is_among(self._joined, name, told) or (is_void and _is_among(self._gone, name, told))

    def added(self, name: str, attributes: str) -> tuple[str, str]:
        """The texts that sheets put before and behind what an element shows."""
        texts = self._added.get((name, attributes))
        if texts is None:
            keys = sorted(self._told_by(attributes).keys & self.adds.keys()) if attributes else ()  # classes before attributes
            added = next((self.adds[key] for key in (*keys, name, _ANY) if key in self.adds), Added())
            texts = _resolved(added.before, attributes), _resolved(added.after, attributes)
            if len(self._added) < _MAX_KNOWN and len(attributes) < _MAX_KNOWN:
                self._added[name, attributes] = texts
        return texts

    def read_sheet(self, sheet: str) -> None:
        """Keep the classes and ids that are hidden outside of any @media block; and a sheet that was not known before."""
        if sheet not in self._sheets and self._late < _MAX_LATE:
            self._late += 1
            self._know([*self._sheets, sheet])
        if _HIDING.search((sheet := _plain(sheet)).lower()) is None:
            return
        depth = 0
        start = 0
        selector = ""
        for match in _BRACES.finditer(sheet):
            if match[0] == "{":
                if depth == 0:
                    selector = sheet[start : match.start()]
                depth += 1
            elif depth:
                depth -= 1
                if (
                    depth == 0
                    and "@" not in selector
                    and _HIDING.search(sheet[start : match.end()].lower())
                    and len(self._classes) < _MAX_CLASSES
                ):
                    self._classes.update(_SELECTOR.findall(selector.strip()))
                    self._said.clear()
            start = match.end()

    def _know(self, sheets: list[str]) -> None:
        self._sheets = frozenset(sheets)
        self._doubted = None
        self.adds = _added(sheets)
        # What sheets show, wherever that is, and the attributes whose values they show.
        self.shown, self._attributes = _strings(sheets)
        # Of what sheets take the borders away, and what they do not display.
        self._joined, self._gone = _without_borders(sheets)
        self.takes_borders = bool(self._joined or self._gone)
        self._added.clear()
        self._said.clear()

    def _told_by(self, attributes: str) -> _Told:
        told = self._told.get(attributes)
        if told is None:
            keys: set[str] = set()
            style = ""
            for name, value in pairs(attributes):
                keys.add("[" + name)
                match name:
                    case "style":
                        style = f"{style};{value}" if style else value
                    case "class" | "id":
                        keys |= {"." + one for one in unescaped(value).split()}
                    case _:
                        pass
            told = _Told(style, keys)
            if len(self._told) < _MAX_KNOWN and len(attributes) < _MAX_KNOWN:
                self._told[attributes] = told
        return told

    def _read(self, attributes: str) -> Said:
        joins = False
        hides = False
        instead = ""
        texts: list[str] = []
        for name, value in pairs(attributes):
            match name:
                case "hidden":
                    hides = True
                case "style":
                    style = _plain(unescaped(value))
                    lower = style.lower()
                    hides = hides or _HIDING.search(lower) is not None
                    joins = joins or _JOINING.search(lower) is not None
                    if "'" in style or '"' in style:
                        texts += _strings((style,))[0]
                case "class" | "id":
                    hides = hides or any(one in self._classes for one in value.split())
                case text if text in _TEXTS or text in self._attributes:
                    if value.strip():
                        texts.append(unescaped(value) if "&" in value else value)
                        if text == "alt":
                            instead = texts[-1]
                case _:
                    pass
        return Said(hides, joins, tuple(texts), instead)


def _sheets(document: str) -> list[str]:
    """All sheets of a document, wherever they stand, as if no attribute of their tags had a ">" in it."""
    found: list[str] = []
    at = 0
    while (begun := _SHEET_BEGINS.search(document, at)) is not None and (start := document.find(">", begun.end()) + 1):
        end = _SHEET_ENDS.search(document, start)
        at = len(document) if end is None else end.start()
        found.append(document[start:at])
    return found


def _resolved(added: tuple[tuple[str, str], ...], attributes: str) -> str:
    if not added:
        return ""
    resolved = "".join([text or "".join(values(attributes, name)[:1]) for text, name in added])
    half = _MAX_ADDED // 2
    return resolved if len(resolved) <= _MAX_ADDED else f"{resolved[:half]} {resolved[-half:]}"


def _is_among(named: frozenset[str], name: str, told: _Told) -> bool:
    return name in named or _ANY in named or not named.isdisjoint(told.keys)


def _keys(selector: str) -> set[str]:
    """The names by which a selector's last element is told; all of them where it has none."""
    compound = _COMPOUND.search(_PSEUDO.sub("", selector[-_MAX_SELECTOR:]).rstrip())
    keys: list[tuple[str, str]] = [] if compound is None else _KEY.findall(compound[0])
    named = {"[" + name.lower() if mark == "[" else "." + name for mark, name in keys if mark}
    return named or {name.lower() for _, name in keys} or {_ANY}


def _rules(sheet: str) -> list[tuple[str, str]]:
    """Selectors and body of each rule, those within @media and behind @import too."""
    rules = [rule.rpartition("{") for rule in sheet.split("}")]
    return [(before.rpartition("{")[2].rpartition(";")[2], body) for before, brace, body in rules if brace]


def _doubt(style: str) -> int:
    """0 where there is no style, 1 where it may hide a text within a line, 2 where also lines of their own."""
    return 2 if _MAY_HIDE.search(style.lower()) is not None else int(bool(style) and not style.isspace())


def _doubted(sheets: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Of what lines of their own and what within a line sheets may hide."""
    lines: set[str] = set()
    within: set[str] = set()
    for sheet in sheets:
        for selectors, body in _rules(_plain(sheet)):
            if (doubt := _doubt(body)) and len(lines) + len(within) <= _MAX_RULES:
                found = lines if doubt > 1 else within
                for selector in selectors.split(","):
                    found |= _keys(selector)
    return frozenset(lines), frozenset(lines | within)


def _without_borders(sheets: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Of what sheets take the borders away, and what they do not display."""
    joined: set[str] = set()
    gone: set[str] = set()
    for sheet in sheets:
        plain = _plain(sheet)
        if "display" not in plain.lower():
            continue
        for selectors, body in _rules(plain):
            if "display" in (lower := body.lower()) and len(joined) + len(gone) <= _MAX_RULES:
                keys = set().union(*map(_keys, selectors.split(",")))
                if _JOINING.search(lower) is not None:
                    joined |= keys
                if _GONE.search(lower) is not None:
                    gone |= keys
    return frozenset(joined), frozenset(gone)


def _added(sheets: Iterable[str]) -> dict[str, Added]:
    """What sheets put before and behind elements (CSS Generated Content 3)."""
    found: dict[str, Added] = {}
    for sheet in sheets:
        if _ADDS.search(sheet) is None or _CONTENT.search(plain := _plain(sheet)) is None:
            continue
        for selectors, body in _rules(plain):
            content = _CONTENT.search(body) if len(found) <= _MAX_RULES else None
            texts = () if content is None else _pieces(content[1])
            if not texts:
                continue
            for selector in selectors.split(","):
                if (where := _ADDS.search(selector)) is None:
                    continue
                for key in _keys(selector):
                    old = found.get(key, Added())
                    found[key] = Added(old.before, texts) if where[1].lower() == "after" else Added(texts, old.after)
    return found


def _pieces(content: str) -> tuple[tuple[str, str], ...]:
    """Texts, those in a row as one, and names of attributes."""
    pieces: list[tuple[str, str]] = []
    for double, single, name in _ADDED.findall(content):
        if pieces and not name and not pieces[-1][1]:
            pieces[-1] = (pieces[-1][0] + double + single, "")
        else:
            pieces.append((double + single, name.lower()))
    return tuple([one for one in pieces if one[0].strip() or one[1]][:_MAX_PIECES])


def _strings(sheets: Iterable[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """All texts that sheets may show, and the names of the attributes whose values they may."""
    pieces: dict[tuple[str, str], None] = {}
    for sheet in sheets:
        lower = (plain := _plain(sheet)).lower()
        if any(mark in lower for mark in _MARKS) and any(name in lower for name in _NAMES):
            for value in _SHOWING.findall(plain):
                pieces |= dict.fromkeys(_pieces(value))
    texts = tuple(text for text, _ in pieces if text)
    return texts, frozenset(name for _, name in pieces if name)


def _plain(style: str) -> str:
    """A style without comments and escapes (CSS Syntax 3, 4.3)."""
    if "/*" in style:
        style = _COMMENT.sub("", style)
    return _ESCAPE.sub(_unescaped, style) if "\\" in style else style


def _unescaped(escape: re.Match[str]) -> str:
    code = int(escape[1], 16) if escape[1] else 0
    letter = (chr(code) if code < 0x110000 else "\ufffd") if escape[1] else escape[2]
    return " " if letter in _MEANING else letter
