"""`pattern` on short texts: addresses, file names. (On the texts of a mail see `text`, where the automaton runs first.)"""

from collections.abc import Iterable

from screener.mail.verdict import Evidence
from screener.policy.patterns import AllOutOfTime, OutOfTime, Pattern, Watch
from screener.policy.reading import Reading
from screener.policy.signs import one_of
from screener.policy.truth import NO, Answer, Needs, evidence, printable
from screener.yamlfile import Node

Patterns = tuple[tuple[Pattern, str], ...]  # each with its origin


def read_patterns(reading: Reading, node: Node) -> Patterns:
    """One pattern, a list of them, or lists in files."""
    return tuple(reading.values(node, "pattern", reading.pattern))


def first_match(patterns: Patterns, texts: Iterable[str], watch: Watch, key: str, place: str) -> Answer:
    """The first pattern that matches one of the texts; not known where one ran out of time and none matched."""
    doubts: list[Evidence] = []
    for text in texts:
        for pattern, origin in patterns:
            try:
                found = pattern.search(text, watch)
            except AllOutOfTime as error:
                return Answer(None, (doubt(key, error, place, origin),))
            except OutOfTime as error:
                doubts.append(doubt(key, error, place, origin))
                continue
            if found is not None:
                return evidence(key, f"'{printable(found, 80)}' in {printable(text, 120)} fits the pattern", place, origin)
    return Answer(None, tuple(doubts)) if doubts else NO


def needles_of(patterns: Patterns) -> Needs:
    """Needles of which one is seen in every text that one of the patterns matches."""
    return (
        one_of({needle for pattern, _ in patterns for needle in pattern.needles}) if all(one.needles for one, _ in patterns) else ()
    )


def doubt(key: str, error: OutOfTime, place: str, origin: str) -> Evidence:
    """Why a pattern could not be judged."""
    return Evidence(key, printable(f"could not be judged: {error}"), printable(place), origin)


def same_patterns(wide: Patterns, narrow: Patterns) -> bool:
    """Whether every pattern of `narrow` is, letter for letter, one of `wide`."""
    return {pattern.text for pattern, _ in narrow} <= {pattern.text for pattern, _ in wide}
