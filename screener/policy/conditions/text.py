"""`subject`, `body`, `text`, `attachment_text` and `header`: words, substrings and patterns.

The body is one thing: each key of a block may be satisfied by another of its parts, and `not` means "nowhere in the body". Of
`header`, each field of the name is a thing of its own.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from screener.anatomy.message import Anatomy
from screener.mail.address import Address
from screener.mail.verdict import Evidence
from screener.policy.conditions.pattern import Patterns, doubt, read_patterns, same_patterns
from screener.policy.look import Look, Passage, Passages
from screener.policy.reading import KeyReader, Reading, kind_of
from screener.policy.truth import NO, UNKNOWN, Answer, Condition, Keyed, any_of, covers, either, evidence, printable
from screener.policy.words import AllOutOfTime, OutOfTime, Sighting, View, fold
from screener.yamlfile import Mapping, Node, Sequence

_FIELD_NAME = re.compile(r"[!-9;-~]{1,76}")  # RFC 5322 2.2: printable US-ASCII except the colon


class Where(StrEnum):
    """Which texts of a mail a block speaks of."""

    SUBJECT = "subject"
    BODY = "body"
    TEXT = "text"  # subject and body
    ATTACHMENT_TEXT = "attachment_text"


@dataclass(frozen=True, slots=True)
class TextHas(Condition[Address]):
    """`body: …` and its like: the keys of the block, asked of those texts together."""

    where: Where
    inner: Condition[Passages]

    @property
    def label(self) -> str:
        return self.inner.label

    @property
    def cost(self) -> int:
        return 2 if self.where is Where.SUBJECT else 9 if self.where is Where.ATTACHMENT_TEXT else 5

    @property
    def reads_content(self) -> bool:
        return True

    def judge(self, look: Look, _of: Address) -> Answer:
        if look.anatomy is None:
            return UNKNOWN
        return self.inner.judge(look, self._passages(look, look.anatomy))

    @property
    def needed(self) -> frozenset[int] | None:
        return None if self.where is Where.ATTACHMENT_TEXT else self.inner.needed

    def _passages(self, look: Look, anatomy: Anatomy) -> Passages:
        match self.where:
            case Where.SUBJECT:
                return look.subject(anatomy)
            case Where.BODY:
                return look.body(anatomy)
            case Where.TEXT:
                return look.text(anatomy)
            case Where.ATTACHMENT_TEXT:
                return look.attachment_text(anatomy)
        assert_never(self.where)

    def covers(self, other: Condition[Address]) -> bool:
        if not isinstance(other, TextHas):
            return False
        wider = self.where is other.where
        if self.where is Where.TEXT and other.where in (Where.SUBJECT, Where.BODY):
            wider = isinstance(self.inner, Needles | PatternsIn)  # for `not` a wider text is the narrower condition
        return wider and covers(self.inner, other.inner)


@dataclass(frozen=True, slots=True)
class FieldHas(Condition[Address]):
    """`header: {name: …, …}`: some field of that name for which the other keys hold."""

    name: str  # lower case
    inner: Condition[Passages]

    @property
    def label(self) -> str:
        return self.inner.label

    @property
    def cost(self) -> int:
        return 2

    @property
    def reads_content(self) -> bool:
        return True

    def judge(self, look: Look, _of: Address) -> Answer:
        if look.anatomy is None:
            return UNKNOWN
        return any_of(self.inner.judge(look, one) for one in look.fields(look.anatomy, self.name))

    def covers(self, other: Condition[Address]) -> bool:
        return isinstance(other, FieldHas) and self.name == other.name and covers(self.inner, other.inner)


@dataclass(frozen=True, slots=True)
class FieldExists(Keyed[Address]):
    """`header: {name: …, exists: true}`, or false."""

    name: str  # lower case
    wanted: bool

    @property
    def cost(self) -> int:
        return 2

    @property
    def reads_content(self) -> bool:
        return True

    def judge(self, look: Look, _of: Address) -> Answer:
        if look.anatomy is None:
            return UNKNOWN
        if bool(look.anatomy.header(self.name)) is not self.wanted:
            return NO
        return evidence(self.key, f"there is {'a' if self.wanted else 'no'} field {self.name}", f"header {self.name}")

    def covers(self, other: Condition[Address]) -> bool:
        if isinstance(other, FieldHas):
            return self.wanted and self.name == other.name
        return isinstance(other, FieldExists) and (self.name, self.wanted) == (other.name, other.wanted)


@dataclass(frozen=True, slots=True)
class Needles(Keyed[Passages]):
    """`words` (whole words, phrases) or `contains` (substrings)."""

    entries: dict[int, tuple[str, str]]  # needle → the entry as written, its origin
    whole: bool

    def judge(self, _look: Look, of: Passages) -> Answer:
        if self.entries.keys().isdisjoint(of.seen):
            return NO
        for passage in of.passages:
            for sighting in passage.sightings:
                answer = self._in_sighting(passage, sighting)
                if answer is not None:
                    return answer
        return NO

    def _in_sighting(self, passage: Passage, sighting: Sighting) -> Answer | None:
        found = sighting.words if self.whole else sighting.anywhere
        hits = found.keys() & self.entries.keys()
        if not hits:
            return None
        first = min(hits, key=found.__getitem__)  # the first in the text, so that evidence does not depend on set order
        entry, origin = self.entries[first]
        what = "the word" if self.whole else "the text"
        text = f'{what} "{printable(entry, 80)}"{_view(sighting)}: {sighting.excerpt(found[first])}'
        return evidence(self.key, text, passage.place, origin)

    @property
    def needed(self) -> frozenset[int] | None:
        return frozenset(self.entries)

    def covers(self, other: Condition[Passages]) -> bool:
        """A substring is found wherever it is a whole word."""
        if not isinstance(other, Needles) or (self.whole and not other.whole):
            return False
        return other.entries.keys() <= self.entries.keys()


@dataclass(frozen=True, slots=True)
class PatternsIn(Keyed[Passages]):
    """`pattern`: regular expressions, run only on texts in which one of their literals was seen."""

    patterns: Patterns
    by_needle: dict[int, tuple[int, ...]]  # needle → patterns that may match where it is seen
    always: tuple[int, ...]  # patterns of which no literal is known

    @property
    def cost(self) -> int:
        return 6

    def judge(self, look: Look, of: Passages) -> Answer:
        if not self.always and not of.unfiltered and self.by_needle.keys().isdisjoint(of.seen):
            return NO
        doubts: list[Evidence] = []
        for passage in of.passages:
            for sighting in passage.sightings:
                for number in self._candidates(sighting):
                    pattern, origin = self.patterns[number]
                    try:
                        found = pattern.search(sighting.text, look.watch)
                    except AllOutOfTime as error:
                        return Answer(None, (doubt(self.key, error, passage.place, origin),))
                    except OutOfTime as error:
                        doubts.append(doubt(self.key, error, passage.place, origin))
                        continue
                    if found is not None:
                        text = f"'{printable(found, 160)}' fits the pattern{_view(sighting)}"
                        return evidence(self.key, text, passage.place, origin)
        return Answer(None, tuple(doubts)) if doubts else NO

    @property
    def needed(self) -> frozenset[int] | None:
        return None if self.always else frozenset(self.by_needle)

    def _candidates(self, sighting: Sighting) -> Iterator[int] | list[int] | tuple[int, ...]:
        if sighting.unfiltered:
            return iter(range(len(self.patterns)))
        seen = sighting.anywhere.keys() & self.by_needle.keys()
        if not seen:
            return self.always
        return sorted({number for needle in seen for number in self.by_needle[needle]}.union(self.always))

    def covers(self, other: Condition[Passages]) -> bool:
        return isinstance(other, PatternsIn) and same_patterns(self.patterns, other.patterns)


@dataclass(frozen=True, slots=True)
class IsValue(Keyed[Passages]):
    """`header: {name: …, value: …}`: the whole value, case-folded, white space as one blank."""

    entries: dict[str, str]  # folded → origin

    def judge(self, _look: Look, of: Passages) -> Answer:
        for passage in of.passages:
            for sighting in passage.sightings:
                folded = fold(sighting.text)
                origin = self.entries.get(folded)
                if origin is not None:
                    return evidence(self.key, f'the value is "{printable(folded, 160)}"', passage.place, origin)
        return NO

    def covers(self, other: Condition[Passages]) -> bool:
        return isinstance(other, IsValue) and other.entries.keys() <= self.entries.keys()


def _view(sighting: Sighting) -> str:
    return "" if sighting.view is View.WRITTEN else " (in the normalised text)"


def _needles(reading: Reading, node: Node, label: str, *, whole: bool) -> Condition[Passages]:
    def meaning(text: str) -> tuple[int, str]:
        return reading.vocabulary.entry(text, whole=whole), text

    entries: dict[int, tuple[str, str]] = {}
    for (number, text), origin in reading.values(node, "word" if whole else "substring", meaning):
        entries.setdefault(number, (text, origin))
    return Needles(label, entries, whole)


def _read_words(reading: Reading, node: Node, label: str) -> Condition[Passages]:
    return _needles(reading, node, label, whole=True)


def _read_contains(reading: Reading, node: Node, label: str) -> Condition[Passages]:
    return _needles(reading, node, label, whole=False)


def _read_pattern(reading: Reading, node: Node, label: str) -> Condition[Passages]:
    patterns = read_patterns(reading, node)
    by_needle: dict[int, list[int]] = {}
    always = []
    for number, (pattern, _) in enumerate(patterns):
        if not pattern.needles:
            always.append(number)
        for needle in pattern.needles:
            by_needle.setdefault(needle, []).append(number)
    return PatternsIn(label, patterns, {needle: tuple(numbers) for needle, numbers in by_needle.items()}, tuple(always))


def _read_value(reading: Reading, node: Node, label: str) -> Condition[Passages]:
    entries: dict[str, str] = {}
    for folded, origin in reading.values(node, "value", fold):
        entries.setdefault(folded, origin)
    return IsValue(label, entries)


TEXT_KEYS: dict[str, KeyReader[Passages]] = {"words": _read_words, "contains": _read_contains, "pattern": _read_pattern}
FIELD_KEYS: dict[str, KeyReader[Passages]] = TEXT_KEYS | {"value": _read_value}


def text_reader(where: Where) -> Callable[[Reading, Node, str], Condition[Address] | None]:
    """The reader of one of the text blocks."""

    def read(reading: Reading, node: Node, label: str) -> Condition[Address] | None:
        inner = reading.block(node, label, TEXT_KEYS)
        return None if inner is None else TextHas(where, inner)

    return read


def read_header(reading: Reading, node: Node, label: str) -> Condition[Address] | None:
    """The block `header`: `name`, and either `exists` or what the field must have. A list of such blocks means any of them."""
    if isinstance(node, Sequence) and node.items:
        blocks = [read_header(reading, item, label) for item in node.items]
        found = [block for block in blocks if block is not None]
        return either(found) if len(found) == len(blocks) else None
    if not isinstance(node, Mapping):
        reading.complain(
            node.place,
            f"expected keys under '{label}', not {kind_of(node)}; known here: {', '.join(['name', 'exists', *FIELD_KEYS])}",
        )
        return None
    name = _field_name(reading, node, label)
    exists = node.get("exists")
    rest = tuple(entry for entry in node.entries if entry.key.text not in ("name", "exists"))
    if name is None:
        return None
    if exists is not None:
        wanted = reading.boolean(exists)
        if rest:
            reading.complain(rest[0].key.place, f"'{rest[0].key.text}' says that the field exists: leave out 'exists'")
            return None
        return None if wanted is None else FieldExists(f"{label}.exists", name, wanted)
    if not rest:
        return FieldExists(f"{label}.name", name, True)
    inner = reading.block(Mapping(rest, node.place), label, FIELD_KEYS)
    return None if inner is None else FieldHas(name, inner)


def _field_name(reading: Reading, node: Mapping, label: str) -> str | None:
    value = node.get("name")
    if value is None:
        reading.complain(node.place, f"'{label}' has no 'name': expected the name of a header field, such as name: X-Mailer")
        return None
    text = reading.text(value, "the name of a header field, such as X-Mailer")
    if text is not None and _FIELD_NAME.fullmatch(text.rstrip(":")) is None:
        reading.complain(value.place, f"{text[:80]!r} is no name of a header field: expected one such as X-Mailer")
        return None
    return None if text is None else text.rstrip(":").lower()
