"""Reads YAML nodes into conditions and values, and gathers every complaint on the way.

Promises that a reader here never raises for what an admin wrote: it notes a complaint with `file:line:column` and returns None,
so that one run reports all errors at once. What the keys mean is left to `conditions/`, `actions` and `rulefile`.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from screener import values, yamlfile
from screener.policy import listfile
from screener.policy.combine import NotOf, either, together
from screener.policy.listfile import Entry
from screener.policy.patterns import Pattern
from screener.policy.source import Source, list_name
from screener.policy.truth import Condition
from screener.policy.vocabulary import Vocabulary
from screener.policy.words import Wordbook
from screener.yamlfile import Complaint, Complaints, Mapping, Node, Place, Scalar, Severity

T = TypeVar("T")
V = TypeVar("V")

MAX_ENTRY = 10_000  # characters of one entry


Values = list[tuple[V, str]]  # what entries mean, each with its origin
Join = Callable[[Iterable[Condition[T]]], Condition[T]]
KeyReader = Callable[["Reading", Node, str], Condition[T] | None]  # reading, value, label


@dataclass(slots=True)
class Reading:
    """One run over a source: the complaints, the lists, the words and patterns met so far."""

    source: Source
    complaints: list[Complaint] = field(default_factory=list)
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    lists: dict[str, tuple[Entry, ...]] = field(default_factory=dict)  # path as shown → its entries
    used: dict[str, Place] = field(default_factory=dict)  # path as shown → where it was first named
    listeners: tuple[str, ...] | None = None  # the names there are; None: not known
    _meanings: dict[tuple[str, str], Values[object]] = field(default_factory=dict)
    _patterns: dict[str, Pattern] = field(default_factory=dict)
    _alike: "Reading | None" = None

    @property
    def alike(self) -> "Reading":
        """The same run for blocks that ask for homoglyphs: their words and patterns are kept apart, complaints are not."""
        if self._alike is None:
            self._alike = replace(self, vocabulary=Vocabulary(homoglyphs=True), _meanings={}, _patterns={}, _alike=None)
        return self._alike

    @property
    def lookalikes(self) -> Wordbook | None:
        """The words of blocks that ask for homoglyphs; None where no block does."""
        return None if self._alike is None else Wordbook(self._alike.vocabulary)

    def complain(self, place: Place, text: str) -> None:
        """Note an error."""
        self.complaints.append(Complaint(place, text))

    def warn(self, place: Place, text: str) -> None:
        """Note something that works, but probably not as meant."""
        self.complaints.append(Complaint(place, text, Severity.WARNING))

    def text(self, node: Node, expected: str) -> str | None:
        """A single value as it was written."""
        if isinstance(node, Scalar) and not node.is_empty:
            return node.text
        self.complain(node.place, f"expected {expected}, not {kind_of(node)}")
        return None

    def word(self, node: Node, known: Iterable[str], expected: str) -> str | None:
        """One of a closed set of words."""
        text = self.text(node, expected)
        known = tuple(known)
        if text is None or text in known:
            return text
        self.complain(node.place, f"'{text}' is not known: expected {expected}{yamlfile.did_you_mean(text, known)}")
        return None

    def boolean(self, node: Node) -> bool | None:
        """true or false (and yes or no: people write them)."""
        text = self.text(node, "true or false")
        if text is None:
            return None
        meaning = {"true": True, "yes": True, "false": False, "no": False}.get(text.lower())
        if meaning is None:
            self.complain(node.place, f"'{text}' is neither true nor false")
        return meaning

    def comparison(self, node: Node, unit: str) -> values.Comparison | None:
        """A comparison of sizes (unit "size") or whole numbers ("count")."""
        text = self.text(node, f'a comparison such as "> {"1 MB" if unit == "size" else "3"}"')
        if text is None:
            return None
        try:
            comparison = values.comparison(text, unit)
        except ValueError as error:
            self.complain(node.place, str(error))
            return None
        if unit == "size" and text.lstrip()[0] not in "<>=":
            self.warn(
                node.place,
                f"'{text[:80]}' means exactly {comparison.value} octets: write \"> {text.strip()[:80]}\" for more than that",
            )
        return comparison

    def values(self, node: Node, kind: str, meaning: Callable[[str], V], doubt: Callable[[str], str] | None = None) -> Values[V]:
        """What the entries of a value mean: one entry, a list of them, `{file: lists/x.txt}`, or a list with such files in it.

        `meaning` raises ValueError for a bad entry; `doubt` says what about a good one is probably not meant ("": nothing). `kind`
        names both (two readers with one kind must agree), so that a list used by several rules is read, and complained about, once.
        """
        items = node.items if isinstance(node, yamlfile.Sequence) else (node,)
        if not items:
            self.warn(node.place, "the list is empty: the condition never holds")
        found: Values[V] = []
        for item in items:
            if isinstance(item, Mapping):
                found.extend(self._of_file(item, kind, meaning, doubt))
                continue
            text = self.text(item, "an entry, or {file: lists/x.txt}")
            if text is not None:
                place = item.place
                entry = Entry(text, f"{place.path}:{place.line}", place.path, place.line, place.column)
                self._add(entry, meaning, doubt, found)
        return found

    def _of_file(self, node: Mapping, kind: str, meaning: Callable[[str], V], doubt: Callable[[str], str] | None) -> Values[V]:
        reference = node.get("file")
        if reference is None or len(node.entries) != 1:
            extra = next((entry.key for entry in node.entries if entry.key.text != "file"), None)
            place = node.place if extra is None else extra.place
            what = "" if extra is None else f"unknown key '{extra.text}'{yamlfile.did_you_mean(extra.text, ['file'])}: "
            self.complain(place, f"{what}expected an entry, or {{file: lists/x.txt}}")
            return []
        text = self.text(reference, "the path of a list, such as lists/words.txt")
        if text is None:
            return []
        try:
            name = list_name(text)
        except ValueError as error:
            self.complain(reference.place, str(error))
            return []
        known: Values[V] | None = self._meanings.get((kind, name))  # type: ignore[assignment]  # one kind, one meaning
        if known is None:
            known = []
            for entry in self._entries(name, reference.place):
                self._add(entry, meaning, doubt, known)
            self._meanings[kind, name] = known  # type: ignore[assignment]
        return known

    def _entries(self, name: str, place: Place) -> tuple[Entry, ...]:
        path = f"{self.source.shown}/{name}"
        if path in self.lists:
            return self.lists[path]
        entries: tuple[Entry, ...] = ()
        octets = next((octets for shown, octets in self.source.files if shown == path), None)
        if octets is None:
            why = next((why for shown, why in self.source.unreadable if shown == path), "there is no such file or folder")
            self.complain(place, f"the list {path} cannot be read: {why}")
        else:
            try:
                entries = listfile.entries(octets, path, name)
            except Complaints as error:
                self.complaints.extend(error.complaints)
            self.used[path] = place
        self.lists[path] = entries
        return entries

    def _add(self, entry: Entry, meaning: Callable[[str], V], doubt: Callable[[str], str] | None, found: Values[V]) -> None:
        if len(entry.text) > MAX_ENTRY:
            self.complain(entry.place, f"the entry is longer than {MAX_ENTRY} characters")
            return
        try:
            found.append((meaning(entry.text), entry.origin))
        except ValueError as error:
            self.complain(entry.place, str(error))
            return
        doubtful = "" if doubt is None else doubt(entry.text)
        if doubtful:
            self.warn(entry.place, doubtful)

    def pattern(self, text: str) -> Pattern:
        """A compiled pattern, shared between the rules that use it; raises ValueError, also for one that matches any text."""
        pattern = self._patterns.get(text)
        if pattern is None:
            pattern = self._patterns[text] = Pattern.compile(text, self.vocabulary)
        if pattern.matches_all:
            raise ValueError(f"the pattern '{text[:80]}' matches any text, the empty one too: expected one that needs a character")
        return pattern

    def block(
        self, node: Node, label: str, keys: "dict[str, KeyReader[T]]", *, besides: tuple[str, ...] = ()
    ) -> Condition[T] | None:
        """A mapping whose keys must all hold, or a list of such mappings of which any must hold.

        Besides `keys`, `any`, `all` and `not` nest at every level. None after a complaint, which names the keys `besides`, too:
        those that the caller has read.
        """
        if isinstance(node, yamlfile.Sequence):
            return self._listed(node.items, node.place, label, keys, either)
        if not isinstance(node, Mapping):
            self.complain(node.place, f"expected keys under '{label}', not {kind_of(node)}{_known((*keys, *besides))}")
            return None
        if not node.entries:
            self.complain(node.place, f"'{label}' has no keys{_known((*keys, *besides))}")
            return None
        return joined([self._key(entry, label, keys, besides) for entry in node.entries], together)

    def _key(
        self, entry: yamlfile.Entry, label: str, keys: "dict[str, KeyReader[T]]", besides: tuple[str, ...]
    ) -> Condition[T] | None:
        name = entry.key.text
        match name:
            case "any" | "all":
                if not isinstance(entry.value, yamlfile.Sequence):
                    self.complain(entry.value.place, f"expected a list under '{name}', not {kind_of(entry.value)}")
                    return None
                join = either if name == "any" else together
                return self._listed(entry.value.items, entry.value.place, label, keys, join)
            case "not":
                inner = self.block(entry.value, label, keys)
                return None if inner is None else NotOf(inner)
        reader = keys.get(name)
        if reader is None:
            hint = yamlfile.did_you_mean(name, [*keys, *besides, "any", "all", "not"])
            self.complain(entry.key.place, f"unknown key '{name}' under '{label}'{hint}")
            return None
        return reader(self, entry.value, f"{label}.{name}" if label not in ROOTS else name)

    def _listed(
        self,
        items: Sequence[Node],
        place: Place,
        label: str,
        keys: "dict[str, KeyReader[T]]",
        join: Join[T],
    ) -> Condition[T] | None:
        if not items:
            self.complain(place, f"the list under '{label}' is empty")
            return None
        return joined([self.block(item, label, keys) for item in items], join)


def joined(parts: list[Condition[T] | None], join: Join[T]) -> Condition[T] | None:
    """Conditions as one; None where one of them was complained of."""
    found = [part for part in parts if part is not None]
    return join(found) if len(found) == len(parts) else None


_FIELD_NAME = re.compile(r"[!-9;-~]{1,76}")  # RFC 5322 2.2: printable US-ASCII except the colon


def field_name(text: str) -> str:
    """The name of a header field, its colon left out; raises ValueError."""
    name = text.rstrip(":")
    if _FIELD_NAME.fullmatch(name) is None:
        raise ValueError(f"{text[:80]!r} is no name of a header field: expected one such as X-Mailer")
    return name


ROOTS = ("when", "unless")  # labels of conditions start below these


def kind_of(node: Node) -> str:
    """What a node is, for people."""
    match node:
        case Scalar():
            return "nothing" if node.is_empty else f"'{node.text[:60]}'"
        case Mapping():
            return "keys and values"
        case _:
            return "a list"


def _known(keys: Iterable[str]) -> str:
    return f"; known here: {', '.join(sorted(keys))}"
