"""Words, substrings, patterns and whole values, asked of passages of text: the keys that the text blocks and `header` share."""

import re
from collections.abc import Iterator

from screener.frozen import dataclass
from screener.mail.verdict import Evidence
from screener.policy.conditions.pattern import Patterns, doubt, read_patterns, same_patterns
from screener.policy.folding import fold
from screener.policy.look import Look, Passage, Passages
from screener.policy.patterns import AllOutOfTime, OutOfTime
from screener.policy.reading import KeyReader, Reading
from screener.policy.signs import one_of
from screener.policy.truth import NO, Answer, Condition, Keyed, Needs, evidence, printable
from screener.policy.words import Sighting, View
from screener.yamlfile import Node

_WILDCARD = re.compile(r"(?<!\*)\*(?=\w)|(?<=\w)\*(?!\*)")  # one asterisk at a letter; "***" and "* * *" are ornament


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
    def needs(self) -> Needs:
        return one_of(self.entries)

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
    def needs(self) -> Needs:
        return () if self.always else one_of(self.by_needle)

    def _candidates(self, sighting: Sighting) -> Iterator[int] | list[int] | tuple[int, ...]:
        if sighting.view is View.SKELETON or sighting.whole:
            return ()
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

    @property
    def needs(self) -> Needs:
        return one_of([entry.encode("utf-8", "surrogatepass") for entry in self.entries])

    def covers(self, other: Condition[Passages]) -> bool:
        return isinstance(other, IsValue) and other.entries.keys() <= self.entries.keys()


_VIEWS = {
    View.WRITTEN: "",
    View.NORMALISED: " (in the normalised text)",
    View.LATIN: " (with look-alike letters)",
    View.SKELETON: " (with look-alike letters)",
}


def _view(sighting: Sighting) -> str:
    return _VIEWS[sighting.view]


def _needles(reading: Reading, node: Node, label: str, *, whole: bool) -> Condition[Passages]:
    def meaning(text: str) -> tuple[tuple[int, ...], str]:
        return reading.vocabulary.entries(text, whole=whole), text

    entries: dict[int, tuple[str, str]] = {}
    kind, doubtful = ("word", _wildcard) if whole else ("substring", None)
    for (numbers, text), origin in reading.values(node, kind, meaning, doubtful):
        for number in numbers:
            entries.setdefault(number, (text, origin))
    return Needles(label, entries, whole)


def _wildcard(text: str) -> str:
    """A word with an asterisk that looks like a wildcard."""
    if _WILDCARD.search(text) is None:
        return ""
    return f"'{text[:80]}': the * is taken as it is, not as a wildcard: for other endings use 'contains' or 'pattern'"


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
