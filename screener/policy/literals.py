"""The literals a pattern cannot match without, read from the standard library's parse of it.

Promises soundness, not completeness: wherever the pattern matches a text, one of the literals, folded, is in the folded text
(see `folding.fold`). Where that cannot be shown, for instance for syntax that only `regex` knows, there are none and the pattern
always runs.
"""

import re
import re._constants as sre  # type: ignore[import-not-found]  # the standard library has no public door to its parse
import re._parser as parser  # type: ignore[import-not-found]
import warnings
from collections.abc import Iterable, Iterator

MIN_LITERAL = 3  # characters; shorter ones are seen in every text
MAX_ALTERNATIVES = 64

# Here `regex` means something else than `re`: POSIX classes, fuzzy counts, set operations.
_ONLY_REGEX = (
    "[:",
    "{e",
    "{i",
    "{d",
    "{s",
    "{c",
    "{1e",
    "{2",
    "(?r",
    "(?V",
    "(?b",
    "(?e",
    "(?p",
    "(?w",
    "(?f",
    "--",
    "&&",
    "||",
    "~~",
)

# Letters whose case partners differ between Unicode versions, or that do not fold to the same text as their partner.
_ODD = frozenset("ßẞıİƛɤɷɼ")

Required = tuple[str, ...]  # one of these is in every matching text; () means nothing is known
Parsed = Iterable[tuple[object, object]]  # operations, each with its argument


def required_literals(pattern: str) -> Required:
    """At most 64 texts of at least three characters, of which every match holds one; () where none are known."""
    items = parsed(pattern)
    return () if items is None else _of_sequence(items)


def parsed(pattern: str) -> Parsed | None:
    """The standard library's parse of a pattern; None where `regex` may read it otherwise."""
    if any(sign in pattern for sign in _ONLY_REGEX if not sign.startswith("{")) or _fuzzy(pattern):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = parser.parse(pattern, re_flags())
    except (re.error, ValueError, Warning, OverflowError, RecursionError):  # whatever `re` cannot parse, or doubts, always runs
        return None
    # In verbose patterns comments and blanks are read differently in corner cases.
    return None if found.state.flags & sre.SRE_FLAG_VERBOSE else list(found)


def re_flags() -> int:
    """The flags under which rules' patterns are read: case does not matter, ^ and $ hold at every line."""
    return re.IGNORECASE | re.MULTILINE | re.UNICODE


def _fuzzy(pattern: str) -> bool:
    """Whether a brace is more than a plain repeat: `regex` reads {e<=1} and the like as fuzzy matching."""
    at = pattern.find("{")
    while at != -1:
        end = pattern.find("}", at)
        inner = pattern[at + 1 : end] if end != -1 else "x"
        if not all(char.isdigit() or char == "," for char in inner):
            return True
        at = pattern.find("{", at + 1)
    return False


def _of_sequence(items: Parsed) -> Required:
    """The best of what the parts of a sequence need."""
    best: Required = ()
    for candidate in _candidates(items):
        if _worth(candidate) > _worth(best):
            best = candidate
    return best


def _candidates(items: Parsed) -> Iterator[Required]:
    run: list[str] = []
    for operation, argument in items:
        if operation is sre.LITERAL and isinstance(argument, int) and _steady(chr(argument)):
            run.append(chr(argument))
            continue
        yield _literal(run)
        run = []
        yield _of_part(operation, argument)
    yield _literal(run)


def _of_part(operation: object, argument: object) -> Required:
    if operation in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT) and isinstance(argument, tuple):
        least, _, inner = argument
        return _of_sequence(inner) if least >= 1 else ()
    if operation is sre.SUBPATTERN and isinstance(argument, tuple):
        return _of_sequence(argument[3])
    if operation is sre.ATOMIC_GROUP:
        return _of_sequence(argument)  # type: ignore[arg-type]  # a parsed sequence
    if operation is sre.BRANCH and isinstance(argument, tuple):
        found: list[str] = []
        for branch in argument[1]:
            needed = _of_sequence(branch)
            if not needed:
                return ()
            found.extend(needed)
        return tuple(dict.fromkeys(found)) if len(found) <= MAX_ALTERNATIVES else ()
    return ()


def _literal(run: list[str]) -> Required:
    text = " ".join("".join(run).split())
    return (text,) if len(text) >= MIN_LITERAL else ()


def _worth(required: Required) -> int:
    """Long and few is best."""
    return min(map(len, required)) * 100 - len(required) if required else 0


def _steady(char: str) -> bool:
    """Whether every case partner of the letter folds to the same text, whatever Unicode version a library knows."""
    if char in _ODD:
        return False
    return char < "\u0530" or "\u0590" <= char < "\u10a0" or "\u2e80" <= char < "\ua000" or "\uac00" <= char < "\ud7a4"
