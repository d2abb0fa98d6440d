"""What styles do to text, and what style sheets do to which elements, told by names, classes, ids and attributes (Selectors 4).

No cascade, no tree: of a selector only its last element counts, and whatever any rule may do to an element is said of it.
Promises: linear, bounded, never raises; where there is more than is read, `is_cut` says so.
"""

import re
from collections.abc import Set
from dataclasses import dataclass
from itertools import groupby

from screener.anatomy.html import colours
from screener.anatomy.html.tags import values
from screener.anatomy.html.views import JOINT
from screener.anatomy.repeated import repeated

# Looked for in lower case, which is faster than without regard to it.
HIDING = re.compile(
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
# What puts a block into a line or beside its neighbour, and what sets a text in a line apart from its neighbours.
_JOINING = re.compile(
    r"display\s*+:\s*+(?:inline|contents\b|table-cell|ruby|run-in)|float\s*+:\s*+[lri]|position\s*+:\s*+(?:absolute|fixed)"
)
_PARTING = re.compile(
    r"display\s*+:\s*+(?!inline\b(?!\s*+-|\s++[a-z])|contents|none|in(?:herit|itial)|unset|revert)[a-z-]|float\s*+:\s*+[lri]|"
    r"position\s*+:\s*+(?:absolute|fixed|relative)|(?:margin|padding)(?!-top|-bottom)[a-z-]*+\s*+:[^;{}]{0,60}?[1-9]|mso-tab-count"
)
# What puts elements in it beside one another, and what stands in it apart.
_ARRANGING = re.compile(r"display\s*+:\s*+(?:inline)?[\s-]?(?:-webkit-|-ms-)?(?:inline-)?(?:flex|grid|box)")
_RULE_MARKS = re.compile(r"[{};]")
_STRING = re.compile(r"\"[^\"\n]*+\"|'[^'\n]*+'")
_FUNCTION = re.compile(r":[\w-]++\([^()]*+\)")
_NESTED = 4  # parentheses in one another
_PSEUDO = re.compile(r"::?[\w-]++")
_KEY = re.compile(r"([.#\[]?)([\w-]++)")
_COMBINATOR = re.compile(r"[\s>+~]")
_CLASS = re.compile(r"[.#]([A-Za-z_][\w-]*)\s*(?:,|\Z)")
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
_SHEET_BEGINS = re.compile(r"<[sS][tT][yY][lL][eE](?=[\s/>])")
_SHEET_ENDS = re.compile(r"</style", re.IGNORECASE)
_ANY = "*"
_MAX_RULES = 10_000
_MAX_PIECES = 16  # of what is added to an element, …
_MAX_ADDED = 64  # … and how much of it stands there: words are joined at its ends


@dataclass(frozen=True, slots=True)
class Effect:
    """What a style may do to an element."""

    doubt: int = 0  # 0: it hides nothing; 1: it may hide a text within a line; 2: lines of their own, too
    shade: int = 0  # how light its letters are (`colours`)
    is_gone: bool = False  # it may not be displayed
    joins: bool = False  # a block may have no borders
    parts: bool = False  # what stands in a line may have some
    arranges: bool = False  # the elements in it may stand beside one another, and each apart


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a sheet, comments and escapes resolved; `is_plain`: not within another, such as @media."""

    selectors: str
    body: str
    is_plain: bool


@dataclass(frozen=True, slots=True)
class Added:
    """What a style sheet adds to an element's text: texts, and names of attributes whose values it adds."""

    before: tuple[tuple[str, str], ...] = ()
    after: tuple[tuple[str, str], ...] = ()


NOTHING = Effect()


class Sheets:
    """The sheets of a document, wherever they stand and whatever they ask of the screen."""

    def __init__(self) -> None:
        self.is_cut = False
        self.texts: set[str] = set()
        # What they put before and behind elements, by key: the name of an element, ".class" or id, "[attribute".
        self.adds: dict[str, Added] = {}
        # What they show, wherever that is, and the attributes whose values they show.
        self.shown: list[str] = []
        self.attributes: set[str] = set()
        self.may_join = False
        self.may_part = False
        self.may_arrange = False
        self._bodies: list[str] = []
        self._effects: dict[int, Effect] = {}
        self._numbers: dict[str, list[int]] = {}  # of the bodies that concern a key
        self._known: dict[str, Effect] = {}

    def add(self, sheet: str) -> None:
        """One more."""
        self.texts.add(sheet)
        shown, attributes = strings(sheet)
        self.shown += shown
        self.attributes |= attributes
        lower = plain(sheet).lower()
        self.may_join = self.may_join or joins(lower) or _GONE.search(lower) is not None
        self.may_part = self.may_part or parts(lower)
        self.may_arrange = self.may_arrange or arranges(lower)
        self._index(rules(sheet))
        self._known.clear()

    def effect(self, name: str, keys: Set[str]) -> Effect:
        """What any rule may do to an element of this name with these classes, ids and attributes."""
        concerned = [*sorted(keys & self._numbers.keys()), *[key for key in (name, _ANY) if key in self._numbers]]
        return together([self._of(key) for key in concerned]) if concerned else NOTHING

    def added(self, name: str, keys: Set[str], attributes: str) -> tuple[str, str]:
        """The texts that are put before and behind what an element shows."""
        added = next((self.adds[key] for key in (*sorted(keys & self.adds.keys()), name, _ANY) if key in self.adds), Added())
        return _resolved(added.before, attributes), _resolved(added.after, attributes)

    def _index(self, found: list[Rule]) -> None:
        room = _MAX_RULES - len(self._bodies)
        self.is_cut = self.is_cut or len(found) > room
        for rule in found[:room]:
            number = len(self._bodies)
            self._bodies.append(rule.body)
            content = _CONTENT.search(rule.body) if ":" in rule.selectors else None
            added = () if content is None else _pieces(content[1])
            self.is_cut = self.is_cut or len(added) > _MAX_PIECES
            for selector in _selectors(rule.selectors):
                for key in _keys(selector):
                    numbers = self._numbers.setdefault(key, [])
                    if not numbers or numbers[-1] != number:
                        numbers.append(number)
                    if added and (where := _ADDS.search(selector)) is not None:
                        self._add(key, added[:_MAX_PIECES], is_behind=where[1].lower() == "after")

    def _add(self, key: str, texts: tuple[tuple[str, str], ...], *, is_behind: bool) -> None:
        """What a rule puts before or behind elements (CSS Generated Content 3)."""
        old = self.adds.get(key, Added())
        self.adds[key] = Added(old.before, texts) if is_behind else Added(texts, old.after)

    def _of(self, key: str) -> Effect:
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = together([self._of_body(number) for number in self._numbers[key]])
        return known

    def _of_body(self, number: int) -> Effect:
        known = self._effects.get(number)
        if known is None:
            known = self._effects[number] = effect(self._bodies[number].lower())
        return known


def arranges(style: str) -> bool:
    """Whether the elements in one with a style in lower case may stand beside one another."""
    return "display" in style and _ARRANGING.search(style) is not None


def find(document: str) -> list[str]:
    """All sheets of a document, wherever they stand, as if no attribute of their tags had a ">" in it."""
    found: list[str] = []
    at = 0
    while (begun := _SHEET_BEGINS.search(document, at)) is not None and (start := document.find(">", begun.end()) + 1):
        end = _SHEET_ENDS.search(document, start)
        at = len(document) if end is None else end.start()
        found.append(document[start:at])
    return found


def effect(style: str) -> Effect:
    """What a style in lower case, comments and escapes resolved, may do."""
    if not style or style.isspace():
        return NOTHING
    return Effect(
        2 if _MAY_HIDE.search(style) is not None else 1,
        colours.shade(style),
        _GONE.search(style) is not None,
        joins(style),
        parts(style),
        arranges(style),
    )


def _is_placed(style: str) -> bool:
    return "display" in style or "float" in style or "position" in style


def joins(style: str) -> bool:
    """Whether a block with a style in lower case may have no borders."""
    return _is_placed(style) and _JOINING.search(style) is not None


def parts(style: str) -> bool:
    """Whether what stands in a line with a style in lower case may be set apart."""
    spaced = _is_placed(style) or "margin" in style or "padding" in style or "mso-tab" in style
    return spaced and _PARTING.search(style) is not None


def together(effects: list[Effect]) -> Effect:
    """What several styles may do; the first that has a colour gives it."""
    if len(effects) == 1:
        return effects[0]
    return Effect(
        max([one.doubt for one in effects], default=0),
        next((one.shade for one in effects if one.shade), 0),
        any(one.is_gone for one in effects),
        any(one.joins for one in effects),
        any(one.parts for one in effects),
        any(one.arranges for one in effects),
    )


def hidden(sheet: str) -> set[str]:
    """The classes and ids that a sheet hides outside of any other rule, such as @media."""
    if HIDING.search(plain(sheet).lower()) is None:
        return set()
    found = [rule for rule in rules(sheet) if rule.is_plain and "@" not in rule.selectors]
    return {one for rule in found if HIDING.search(rule.body.lower()) for one in _CLASS.findall(rule.selectors.strip())}


def rules(sheet: str) -> list[Rule]:
    """All rules of a sheet, one for each piece of a body where others stand within (CSS Nesting 1)."""
    sheet = plain(sheet)
    found: list[Rule] = []
    around: list[str] = []  # selectors of the rules that are open
    for piece in _STRING.sub(_without_marks, sheet).split("}"):
        *opened, rest = piece.split("{")
        for text in opened:
            before, _, selectors = text.rpartition(";")
            if around and before.strip():
                found.append(Rule(around[-1], before, len(around) == 1))
            around.append(selectors)
        if around:
            selectors = around.pop()
            if rest.strip():
                found.append(Rule(selectors, rest, not around))
    return found


def strings(sheet: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """All texts that a sheet may show, and the names of the attributes whose values it may."""
    lower = (resolved := plain(sheet)).lower()
    if not any(mark in lower for mark in _MARKS) or not any(name in lower for name in _NAMES):
        return (), frozenset()
    pieces = dict.fromkeys(piece for value in _SHOWING.findall(resolved) for piece in _pieces(value))
    return tuple(text for text, _ in pieces if text), frozenset(name for _, name in pieces if name)


def plain(style: str) -> str:
    """A style without comments and escapes (CSS Syntax 3, 4.3)."""
    if "/*" in style:
        style = _COMMENT.sub("", style)
    return _ESCAPE.sub(_unescaped, style) if "\\" in style else style


def _unescaped(escape: re.Match[str]) -> str:
    code = int(escape[1], 16) if escape[1] else 0
    letter = (chr(code) if code < 0x110000 else "\ufffd") if escape[1] else escape[2]
    return " " if letter in _MEANING else letter


def _without_marks(string: re.Match[str]) -> str:
    return _RULE_MARKS.sub(" ", string[0])


def _selectors(text: str) -> list[str]:
    """Selectors one by one, without strings and what stands in parentheses."""
    if '"' in text or "'" in text:
        text = _STRING.sub("", text)
    for _ in range(_NESTED if "(" in text else 0):
        text = _FUNCTION.sub("$", text)
    return text.split(",") if "(" not in text else [_ANY]


def _keys(selector: str) -> set[str]:
    """The names by which a selector's last element is told, in lower case; all of them where it has none."""
    if ":" in selector:
        selector = _PSEUDO.sub("$", selector)
    keys = _KEY.findall(_COMBINATOR.split(selector.strip().lower())[-1])
    named = {"[" + name if mark == "[" else "." + name for mark, name in keys if mark}
    return named or {name for _, name in keys} or {_ANY}


def _pieces(content: str) -> tuple[tuple[str, str], ...]:
    """Texts, those in a row as one, and names of attributes."""
    pieces: list[tuple[str, str]] = []
    for is_text, found in groupby(_ADDED.findall(content), lambda one: not one[2]):
        if is_text:
            pieces.append(("".join([double + single for double, single, _ in found]), ""))
        else:
            pieces += [("", name.lower()) for _, _, name in found]
    return tuple([one for one in pieces if one[0].strip() or one[1]])


def _resolved(added: tuple[tuple[str, str], ...], attributes: str) -> str:
    if not added:
        return ""
    resolved = JOINT.join([text or "".join(values(attributes, name)[:1]) for text, name in added])
    half = _MAX_ADDED // 2
    return resolved if len(resolved) <= _MAX_ADDED else f"{resolved[:half]} {resolved[-half:]}"
