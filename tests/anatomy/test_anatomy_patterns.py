"""No pattern of ours repeats a group possessively: CPython 3.11.2 reads such a pattern wrongly, 3.11.7 fails in some."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from re import _constants, _parser  # the parser of patterns has no public name

import pytest

import screener
from screener.anatomy.repeated import repeated

_SINGLE = {_constants.LITERAL, _constants.NOT_LITERAL, _constants.IN, _constants.ANY}
_APART = {"screener.__main__", "screener.screeners.child"}  # modules that do their work when they are imported


def _patterns() -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes]]]:
    """Every pattern that a module of ours has by a name, or in a collection with a name."""
    for found in pkgutil.walk_packages(screener.__path__, "screener."):
        if found.name not in _APART:
            for name, value in vars(importlib.import_module(found.name)).items():
                within = value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list) else (value,)
                yield from ((f"{found.name}.{name}", one) for one in within if isinstance(one, re.Pattern))


def _possessive_groups(parsed: object) -> Iterator[object]:
    if isinstance(parsed, _parser.SubPattern | tuple | list):
        if isinstance(parsed, tuple) and len(parsed) == 2 and parsed[0] is _constants.POSSESSIVE_REPEAT:
            (*_, again) = parsed[1]
            if len(again) != 1 or again[0][0] not in _SINGLE:
                yield again
        for part in parsed:
            yield from _possessive_groups(part)


def test_no_group_is_repeated_possessively() -> None:
    patterns = list(_patterns())
    assert len(patterns) > 200
    assert not [name for name, one in patterns if list(_possessive_groups(_parser.parse(one.pattern, one.flags & ~re.UNICODE)))]


@pytest.mark.parametrize(("pattern", "sought"), [("(?:ab)*+", True), ("x(?:y(z)?+)*", True), ("(?:[ab]*+c++)*", False)])
def test_the_search_finds_what_it_is_for(pattern: str, *, sought: bool) -> None:
    assert bool(list(_possessive_groups(_parser.parse(pattern)))) is sought


@pytest.mark.parametrize("count", [0, 1, 998, 999, 1_000, 250_000])
def test_all_turns_are_taken(count: int) -> None:
    assert re.match(repeated(r"a\d"), "a1" * count + "a").end() == 2 * count  # type: ignore[union-attr]
    assert re.match(b"<" + repeated(rb"[^\"]|\"x\"") + b">", b"<" + b'"x"' * count + b'"') is None
