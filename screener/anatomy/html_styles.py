"""What attributes and style sheets of HTML do to an element's text: hide it, join it, change how it looks, add to it.

No cascade: a style that hides is believed where it stands alone, and what others may hide, a reader of this reads both ways
(`html_views`). Promises: linear, bounded, never raises.
"""

import re
from collections.abc import Set
from dataclasses import dataclass

from screener.anatomy.entities import unescaped
from screener.anatomy.html_tags import REST, pairs, values

_HIDING = re.compile(
    r"display\s*+:\s*+none|visibility\s*+:\s*+(?:hidden|collapse)|mso-hide\s*+:\s*+all|font-size\s*+:\s*+1p[xt]\b|(?:font-size|max-height|opacity|max-width)\s*+:\s*+"
    r"(?:0++(?:\.0*+)?|\.0++)(?:px|pt|em|%|rem)?\s*+(?:!important\s*+)?(?:[;\"'}]|\Z)",
    re.IGNORECASE,
)
# What may hide a text of lines of its own, or may not. Within a line any style may: by its colour, by letters that are thin or
# clipped, by taking them elsewhere.
_MAY_HIDE = re.compile(
    r"display\s*+:\s*+none|visibility\s*+:\s*+(?:hidden|collapse)|(?<![\w-])(?:font-size|font|zoom|width|height|opacity|max-width|max-height|line-height)"
    r"\s*+:[^;{}]{0,40}?(?<![\w.#%-])(?:0++(?:\.0*+)?(?![.\d])|0*+\.\d)|"
    r"position\s*+:\s*+(?:absolute|fixed)|(?:left|right|top|bottom|text-indent|margin[a-z-]{0,9})\s*+:[^;{}]{0,40}?-\s*+\d{3}|clip(?:-path)?\s*+:|"
    r"scale[xyz3d]{0,2}\s*+\(\s*+0|transparent|mso-hide",
    re.IGNORECASE,
)
_JOINING = re.compile(r"display\s*+:\s*+(?:inline|contents)\b", re.IGNORECASE)
_HAS_SHEETS = re.compile(r"<[sS][tT][yY][lL][eE]")
_SHEET = re.compile(rf"<style(?=[\s/>]){REST}(.*?)(?:</style|\Z)", re.IGNORECASE | re.DOTALL)
_BRACES = re.compile(r"[{}]")
_SELECTOR = re.compile(r"[.#]([A-Za-z_][\w-]*)\s*(?:,|\Z)")
_PSEUDO = re.compile(r"::?[\w-]++(?:\([^()]*+\))?")
_COMPOUND = re.compile(r"[^\s>+~]++\s*+\Z")
_KEY = re.compile(r"([.#\[]?)([\w-]++)")
_ADDS = re.compile(r":(before|after)\b", re.IGNORECASE)
_CONTENT = re.compile(r"(?<![\w-])content\s*+:([^;}]++)", re.IGNORECASE)
_ADDED = re.compile(r"\"([^\"]*+)\"|'([^']*+)'|attr\(\s*+([\w-]++)", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
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


@dataclass(frozen=True, slots=True)
class _Told:
    """What an element's style may do to it (see `_doubt`), and by what sheets may select it: ".class" or id, "[attribute"."""

    doubt: int
    keys: Set[str]


_UNTOLD = _Told(0, frozenset())


class Styles:
    """The styles of one document: those of its sheets, and of each element's attributes.

    Mail repeats itself, so answers are kept by the attributes as they are written.
    """

    def __init__(self, document: str) -> None:
        sheets = [sheet for _, sheet in _SHEET.findall(document)] if _HAS_SHEETS.search(document) is not None else []
        self._sheets: list[str] = sheets
        self._classes: set[str] = set()  # and ids that a sheet hides
        self._said: dict[str, Said] = {}
        self._told: dict[str, _Told] = {}
        self._added: dict[tuple[str, str], tuple[str, str]] = {}
        # Names of elements, ".classes" and "[attributes" that sheets may hide, in lines of their own and within; None: not read.
        self._doubted: tuple[frozenset[str], frozenset[str]] | None = None
        self.adds = _added(sheets) if sheets else {}

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
        if told.doubt > (not within_line):
            return True
        if not self._sheets:
            return False
        if self._doubted is None:
            self._doubted = _doubted(self._sheets)
        named = self._doubted[within_line]
        return name in named or _ANY in named or not named.isdisjoint(told.keys)

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
        """Keep the classes and ids that are hidden outside of any @media block."""
        if _HIDING.search(sheet := _plain(sheet)) is None:
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
                    and _HIDING.search(sheet, start, match.end())
                    and len(self._classes) < _MAX_CLASSES
                ):
                    self._classes.update(_SELECTOR.findall(selector.strip()))
                    self._said.clear()
            start = match.end()

    def _told_by(self, attributes: str) -> _Told:
        told = self._told.get(attributes)
        if told is None:
            keys: set[str] = set()
            doubt = 0
            for name, value in pairs(attributes):
                keys.add("[" + name)
                match name:
                    case "style":
                        doubt = max(doubt, _doubt(_plain(unescaped(value))))
                    case "class" | "id":
                        keys |= {"." + one for one in unescaped(value).split()}
                    case _:
                        pass
            told = _Told(doubt, keys)
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
                    hides = hides or _HIDING.search(style) is not None
                    joins = joins or _JOINING.search(style) is not None
                case "class" | "id":
                    hides = hides or any(one in self._classes for one in value.split())
                case text if text in _TEXTS:
                    if value.strip():
                        texts.append(unescaped(value) if "&" in value else value)
                        if text == "alt":
                            instead = texts[-1]
                case _:
                    pass
        return Said(hides, joins, tuple(texts), instead)


def _resolved(added: tuple[tuple[str, str], ...], attributes: str) -> str:
    return "".join([text or "".join(values(attributes, name)[:1]) for text, name in added])


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
    return 2 if _MAY_HIDE.search(style) is not None else int(bool(style) and not style.isspace())


def _doubted(sheets: list[str]) -> tuple[frozenset[str], frozenset[str]]:
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


def _added(sheets: list[str]) -> dict[str, Added]:
    """What sheets put before and behind elements (CSS Generated Content 3)."""
    found: dict[str, Added] = {}
    for sheet in sheets:
        if _ADDS.search(sheet) is None or _CONTENT.search(plain := _plain(sheet)) is None:
            continue
        for selectors, body in _rules(plain):
            content = _CONTENT.search(body) if len(found) <= _MAX_RULES else None
            pieces: list[tuple[str, str, str]] = [] if content is None else _ADDED.findall(content[1])
            texts = tuple((double or single, name.lower()) for double, single, name in pieces if (double or single).strip() or name)
            if not texts:
                continue
            for selector in selectors.split(","):
                if (where := _ADDS.search(selector)) is None:
                    continue
                for key in _keys(selector):
                    old = found.get(key, Added())
                    found[key] = Added(texts, old.after) if where[1].lower() == "before" else Added(old.before, texts)
    return found


def _plain(style: str) -> str:
    """A style without comments and escapes (CSS Syntax 3, 4.3)."""
    if "/*" in style:
        style = _COMMENT.sub("", style)
    return _ESCAPE.sub(_unescaped, style) if "\\" in style else style


def _unescaped(escape: re.Match[str]) -> str:
    code = int(escape[1], 16) if escape[1] else 0
    return (chr(code) if code < 0x110000 else "\ufffd") if escape[1] else escape[2]
