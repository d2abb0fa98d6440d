"""What style sheets do to which elements, told by names, classes, ids and attributes (Selectors 4), and what they add to them.

No cascade, no tree: of a selector only its last element counts, and whatever any rule may do to an element is said of it.
Promises: linear, bounded, never raises; where there is more than is read, `is_cut` says so.
"""

import re
from collections.abc import Set
from itertools import groupby
from urllib.parse import unquote_to_bytes

from screener.anatomy.html import data_addresses, effects
from screener.anatomy.html.effects import NOTHING, Effect, plain, together
from screener.anatomy.html.entities import unescaped
from screener.anatomy.html.tags import pairs
from screener.anatomy.html.views import JOINT
from screener.anatomy.repeated import repeated
from screener.frozen import dataclass

_RULE_MARKS = re.compile(r"[{};]")
_STRING = re.compile(r"\"[^\"\n]*+\"|'[^'\n]*+'")
_FUNCTION = re.compile(r":[\w-]++\([^()]*+\)")
_NESTED = 4  # parentheses in one another
_PSEUDO = re.compile(r"::?[\w-]++")
_KEY = re.compile(r"([.#\[]?)([\w-]++)")
_BY_PLACE = re.compile(r":(?:nth|first|last|only)-|[+~]\s*+[\w.#*:\[][^;}]{0,99}\{")
_ASKED = re.compile(r"\[\s*+(?>(?:[\w*-]*+\|(?!=))?)\s*+([\w-]*+)[^\]]*+\]?+")  # an attribute, and perhaps its value
_COMBINATOR = re.compile(r"[\s>+~]")
_CLASS = re.compile(r"[.#]([A-Za-z_][\w-]*)\s*(?:,|\Z)")
_ADDS = re.compile(r":(before|after|marker)\b", re.IGNORECASE)
_FIRST_LETTER = re.compile(r":first-letter\b", re.IGNORECASE)
# Properties whose strings are shown, and their values, quoted ";" and "}" within.
_VALUE = r"\s*+:(" + repeated(r"[^;}\"']++|\"[^\"]*+\"|'[^']*+'", least=1) + ")"
_CONTENT = re.compile(r"(?<![\w-])content" + _VALUE, re.IGNORECASE)
_SHOWING = re.compile(
    r"(?<![\w-])(?:content|quotes|list-style(?:-type)?|(?:additive-)?symbols|prefix|suffix|--[\w-]++)" + _VALUE, re.IGNORECASE
)
_QUOTES = re.compile(r"(?<![\w-])quotes" + _VALUE, re.IGNORECASE)
_NAMES = ("content", "quotes", "list-style", "symbols", "prefix", "suffix", "--")  # that is in them all
_MARKS = ('"', "'", "attr(")
_ADDED = re.compile(r"url\([^()]*+\)|\"([^\"]*+)\"|'([^']*+)'|(?:attr\(|var\((?=\s*+--))\s*+([\w-]++)", re.IGNORECASE)
_VARIABLE = re.compile(r"(?<![\w-])(--[\w-]++)" + _VALUE)
_SHEET_BEGINS = re.compile(r"<[sS][tT][yY][lL][eE](?=[\s/>])")
_ADDRESSED = re.compile(r"data:text/css([^,\"'<>]{0,200}+),([^\"'<>]*+)", re.IGNORECASE)  # in a link or an @import
_SHEET_ENDS = re.compile(r"</style", re.IGNORECASE)
_ANY = "*"
_MAX_RULES = 10_000
_MAX_PIECES = 16  # of what is added to an element, …
_MAX_ADDED = 64  # … and how much of it stands there: words are joined at its ends
_MAX_CHOICES = 4  # that rules give of it: which of them counts says the cascade


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a sheet, comments and escapes resolved; `is_plain`: not within another, such as @media."""

    selectors: str
    body: str
    is_plain: bool


Pieces = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Added:
    """What style sheets add to an element's text, each rule another: texts, and names of attributes whose values are added."""

    before: tuple[Pieces, ...] = ()
    after: tuple[Pieces, ...] = ()


class Sheets:
    """The sheets of a document, wherever they stand and whatever they ask of the screen."""

    def __init__(self) -> None:
        self.is_cut = False
        self.texts: set[str] = set()
        # What they put before and behind elements, by key: the name of an element, ".class" or id, "[attribute".
        self.adds: dict[str, Added] = {}
        self.first_letters: set[str] = set()  # the keys of elements whose first letter has a style of its own
        # What they show, wherever that is, and the attributes whose values they show.
        self.shown: list[str] = []
        self.attributes: set[str] = set()
        self.by_place = False  # whether any asks for an element's place among others
        self._quotes = [('"', '"')]  # around quotations (CSS Generated Content 3, 2.4)
        self._variables: dict[str, str] = {}
        self._bodies: list[str] = []
        self._effects: dict[int, Effect] = {}
        self._numbers: dict[str, list[int]] = {}  # of the bodies that concern a key
        self._known: dict[str, tuple[int, Effect]] = {}  # of so many of these

    def add(self, sheet: str) -> None:
        """One more."""
        self.texts.add(sheet)
        sheet = plain(sheet)
        shown, attributes = strings(sheet)
        self.shown += shown
        self.attributes |= attributes
        if "var(" in sheet:
            for name, value in _VARIABLE.findall(sheet):
                self._variables[name.lower()] = "".join([text for text, _ in _pieces(value)])[:_MAX_ADDED]
        lower = sheet.lower()
        if "quotes" in lower:
            said = [[text[1:-1][:_MAX_ADDED] for text in _STRING.findall(value)[:2]] for value in _QUOTES.findall(sheet)]
            self._quotes = [*self._quotes, *[(one[0], one[1]) for one in said if len(one) == 2]][: _MAX_CHOICES + 1]
        self.by_place = self.by_place or _BY_PLACE.search(lower) is not None
        self._index(rules(sheet))

    def effect(self, name: str, keys: Set[str]) -> Effect:
        """What any rule may do to an element of this name with these classes, ids and attributes."""
        concerned = [*sorted(keys & self._numbers.keys()), *[key for key in (name, _ANY) if key in self._numbers]]
        return together([self._of(key) for key in concerned]) if concerned else NOTHING

    def may_hide_first_letter(self, name: str, keys: Set[str]) -> bool:
        """Whether any rule has a style for the first letter of such an element (CSS Pseudo-Elements 4, 2.1)."""
        return name in self.first_letters or _ANY in self.first_letters or not self.first_letters.isdisjoint(keys)

    def added(self, name: str, keys: Set[str], attributes: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The texts of which one is put before, and one behind what an element shows; that which rather counts first."""
        found = [self.adds[key] for key in (*sorted(keys & self.adds.keys()), name, _ANY) if key in self.adds]
        before = self._choices([pieces for one in found for pieces in reversed(one.before)], attributes)
        after = self._choices([pieces for one in found for pieces in reversed(one.after)], attributes)
        if name == "q":
            before += tuple([begins or JOINT for begins, _ in self._quotes])
            after += tuple([ends or JOINT for _, ends in self._quotes])
        return before, after

    def _choices(self, every: list[Pieces], attributes: str) -> tuple[str, ...]:
        if not every:
            return ()
        self.is_cut = self.is_cut or len(every) > _MAX_CHOICES
        resolved = [self._resolved(pieces, attributes) for pieces in every[:_MAX_CHOICES]]
        return tuple(dict.fromkeys([one for one in resolved if one and not one.isspace()]))

    def _resolved(self, added: Pieces, attributes: str) -> str:
        values = dict(reversed(pairs(attributes, are_shown=True))) if any(name for _, name in added) else {}  # of several the first
        texts = [text or self._variables.get(name) or unescaped(values.get(name, "")) for text, name in added]
        resolved = JOINT.join(texts)
        half = _MAX_ADDED // 2
        return resolved if len(resolved) <= _MAX_ADDED else f"{resolved[:half]} {resolved[-half:]}"

    def _index(self, found: list[Rule]) -> None:
        room = _MAX_RULES - len(self._bodies)
        self.is_cut = self.is_cut or len(found) > room
        for rule in found[:room]:
            number = len(self._bodies)
            self._bodies.append(rule.body)
            said = map(_pieces, reversed(_CONTENT.findall(rule.body))) if ":" in rule.selectors else ()
            added = next(filter(None, said), ())  # the last that readers understand
            self.is_cut = self.is_cut or len(added) > _MAX_PIECES
            for selector in _selectors(rule.selectors):
                keys = _keys(selector)
                if _FIRST_LETTER.search(selector) is not None:
                    self.first_letters |= keys
                for key in keys:
                    numbers = self._numbers.setdefault(key, [])
                    if not numbers or numbers[-1] != number:
                        numbers.append(number)
                    if added and (where := _ADDS.search(selector)) is not None:
                        self._add(key, added[:_MAX_PIECES], is_behind=where[1].lower() == "after")

    def _add(self, key: str, texts: Pieces, *, is_behind: bool) -> None:
        """What a rule puts before or behind elements (CSS Generated Content 3)."""
        old = self.adds.get(key, Added())
        if texts in (old.after if is_behind else old.before):
            return
        if len(old.after if is_behind else old.before) >= _MAX_CHOICES:
            self.is_cut = True
            return
        self.adds[key] = Added(old.before, (*old.after, texts)) if is_behind else Added((*old.before, texts), old.after)

    def _of(self, key: str) -> Effect:
        """What the bodies known so far do; each is looked at once, however many sheets and elements follow."""
        numbers = self._numbers[key]
        count, known = self._known.get(key, (0, NOTHING))
        if count < len(numbers):
            known = together([known, *[self._of_body(number) for number in numbers[count:]]])
            self._known[key] = (len(numbers), known)
        return known

    def _of_body(self, number: int) -> Effect:
        known = self._effects.get(number)
        if known is None:
            known = self._effects[number] = effects.effect(self._bodies[number].lower())
        return known


def find(document: str) -> list[str]:
    """All sheets of a document, wherever they stand, as if no attribute of their tags had a ">" in it; those in addresses, too."""
    found: list[str] = []
    at = 0
    while (begun := _SHEET_BEGINS.search(document, at)) is not None and (start := document.find(">", begun.end()) + 1):
        end = _SHEET_ENDS.search(document, start)
        at = len(document) if end is None else end.start()
        found.append(document[start:at])
    if "text/css" in document and "data:" in document:
        found += [_addressed(address[1], address[2]) for address in _ADDRESSED.finditer(document)]
    return found


def _addressed(parameters: str, letters: str) -> str:
    octets = unescaped(letters).encode("utf-8", "replace")
    content = data_addresses.decoded(octets) if "base64" in parameters.lower() else unquote_to_bytes(octets)
    return content.decode("utf-8", "replace")


def hidden(sheet: str) -> set[str]:
    """The classes and ids that a sheet hides outside of any other rule, such as @media."""
    sheet = plain(sheet)
    if not effects.hides(sheet.lower()):
        return set()
    found = [rule for rule in rules(sheet) if rule.is_plain and "@" not in rule.selectors]
    return {one for rule in found if effects.hides(rule.body.lower()) for one in _CLASS.findall(rule.selectors.strip())}


def rules(sheet: str) -> list[Rule]:
    """All rules of a sheet, comments and escapes resolved; the pieces of a body that holds others are one (CSS Nesting 1)."""
    found: list[Rule] = []
    around: list[str] = []  # selectors of the rules that are open
    pieces: dict[int, list[str]] = {}  # of their bodies, by how deep they are
    for piece in _STRING.sub(_without_marks, sheet).split("}"):
        *opened, rest = piece.split("{")
        for text in opened:
            before, _, selectors = text.rpartition(";")
            if around and before.strip():
                pieces.setdefault(len(around), []).append(before)
            around.append(selectors)
        if around:
            begun = pieces.pop(len(around), None) if pieces else None
            selectors = around.pop()
            body = rest if begun is None else ";".join((*begun, rest))
            if body.strip():
                found.append(Rule(selectors, body, not around))
    found += [Rule(around[depth - 1], ";".join(begun), depth == 1) for depth, begun in pieces.items()]
    return found


def strings(sheet: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """All texts that a sheet, comments and escapes resolved, may show, and the names of the attributes whose values it may."""
    lower = sheet.lower()
    if not any(mark in lower for mark in _MARKS) or not any(name in lower for name in _NAMES):
        return (), frozenset()
    pieces = dict.fromkeys(piece for value in _SHOWING.findall(sheet) for piece in _pieces(value))
    return tuple(text for text, _ in pieces if text), frozenset(name for _, name in pieces if name and not name.startswith("--"))


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
    if "[" in selector:
        selector = _ASKED.sub(r"[\1]", selector)
    if ":" in selector:
        selector = _PSEUDO.sub("$", selector)
    keys = _KEY.findall(_COMBINATOR.split(selector.strip().lower())[-1])
    named = {"[" + name if mark == "[" else "." + name for mark, name in keys if mark}
    return named or {name for _, name in keys} or {_ANY}


def _pieces(content: str) -> Pieces:
    """Texts, those in a row as one, and names of attributes and variables ("--a")."""
    pieces: list[tuple[str, str]] = []
    for is_text, found in groupby(_ADDED.findall(content), lambda one: not one[2]):
        if is_text:
            pieces.append(("".join([double + single for double, single, _ in found]), ""))
        else:
            pieces += [("", name.lower()) for _, _, name in found]
    return tuple([one for one in pieces if one[0].strip() or one[1]])
