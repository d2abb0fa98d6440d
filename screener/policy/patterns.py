"""Patterns on text, never longer than they may take: the only module that knows `regex`."""

import re
import time
import warnings
from functools import cache

import regex

from screener.anatomy.message import NotInline
from screener.frozen import dataclass
from screener.policy.folding import fold
from screener.policy.literals import required_literals
from screener.policy.pattern_time import PatternTime
from screener.policy.shapes import TABLE, required_shapes
from screener.policy.vocabulary import Vocabulary

MAX_PATTERN = 10_000  # characters
IN_A_HURRY = 0.05  # seconds that patterns may take while others wait, whatever the settings let one take

_OF_ONE, _OF_MAIL = "rules.pattern_time", "rules.pattern_time_of_mail"  # settings that evidence names
_FLAGS = regex.VERSION0 | regex.IGNORECASE | regex.MULTILINE


class OutOfTime(Exception):
    """A pattern took longer than it may: the mail cannot be judged by it."""


class AllOutOfTime(OutOfTime):
    """A mail's patterns together took longer than they may: none is run any more."""


@dataclass(slots=True)
class Watch:
    """The time patterns may take on one mail, in seconds, and what is left of it. `is_hurried`: others wait meanwhile, so what
    takes longer raises NotInline."""

    time: PatternTime
    left: float
    is_hurried: bool = False

    @classmethod
    def start(cls, time: PatternTime, *, is_hurried: bool = False) -> "Watch":
        """A fresh one for a mail. In a hurry all patterns together have the time of one, and no more than `IN_A_HURRY`."""
        return cls(time, min(time.call, IN_A_HURRY) if is_hurried else time.mail, is_hurried)

    def run_out(self, out: OutOfTime) -> OutOfTime | NotInline:
        """What is to be raised where a pattern took too long."""
        return NotInline(str(out)) if self.is_hurried else out


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """One compiled pattern. `needles`: at least one of them (literals, or shapes) is seen in every text it matches; empty: nothing
    is known, run it."""

    text: str
    compiled: "regex.Pattern[str]"
    needles: frozenset[int]

    @classmethod
    def compile(cls, text: str, vocabulary: Vocabulary) -> "Pattern":
        """Raises ValueError, in words for people."""
        if len(text) > MAX_PATTERN:
            raise ValueError(f"the pattern is longer than {MAX_PATTERN} characters")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about set syntax that a later version may read otherwise
                compiled = regex.compile(text, _FLAGS)
        except regex.error as error:
            raise ValueError(f"'{text[:80]}' is no pattern: {str(error).splitlines()[0]}") from error
        except (OverflowError, RecursionError, MemoryError) as error:
            raise ValueError(f"'{text[:80]}' is no pattern: it is too large") from error
        needles = [vocabulary.add(fold(literal)) for literal in required_literals(text)]
        return cls(text, compiled, frozenset(needles or map(vocabulary.add_shape, required_shapes(text))))

    @property
    def matches_all(self) -> bool:
        """Whether it matches about anything, the empty text included: a slip such as `a*`."""
        try:
            return all(self.compiled.search(text, timeout=0.05) for text in ("", "Qz7", "\u4e2d"))
        except TimeoutError:
            return False

    def search(self, text: str, watch: Watch) -> str | None:
        """What matched, or None; raises OutOfTime, and NotInline in a hurry."""
        limit = min(watch.time.call, watch.left)
        if limit <= 0:
            said = f"the patterns took longer than {watch.time.mail:.3g} s together ({_said(_OF_MAIL, watch.time)})"
            raise watch.run_out(AllOutOfTime(said))
        start = time.perf_counter()
        try:
            found = self.compiled.search(text, timeout=limit)
        except TimeoutError as error:
            setting = _OF_ONE if limit == watch.time.call else _OF_MAIL
            said = f"the pattern '{self.text[:80]}' took longer than {limit:.3g} s ({_said(setting, watch.time)})"
            raise watch.run_out(OutOfTime(said)) from error
        finally:
            watch.left -= time.perf_counter() - start
        return None if found is None else found[0]


def _said(setting: str, time: PatternTime) -> str:
    return setting if time.factor == 1.0 else f"{setting}, {time.factor:g} times as long at the second try"


def shape_of(text: str) -> bytes | None:
    """The shape of a text, an octet for each character (see `shapes`); None where it proves nothing."""
    try:
        return text.encode("latin-1").translate(TABLE)
    except UnicodeEncodeError:
        return None if _far().search(text) else text.encode("latin-1", "replace").translate(TABLE)


@cache
def _far() -> re.Pattern[str]:
    """Digits and white space from U+0100 on, as `regex` knows them, whose Unicode is newer than the standard library's. Beyond the
    Basic Multilingual Plane everything but emoji is taken for such: single characters there would make the search slow."""
    found = regex.findall(r"[\d\s]", "".join(map(chr, range(0x100, 0x10000))))
    return re.compile(f"[{''.join(found)}\U00010000-\U0001efff\U0001fb00-\U0010ffff]")
