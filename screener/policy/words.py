"""Words, substrings and patterns on text: the only module that knows `regex` and, beside `anatomy.needle`, `ahocorasick_rs`.

Promises one pass of one automaton over each view of a text for all rules together, whole-word borders in the sense of Unicode,
and patterns that run only where a literal or a shape they need was seen, never longer than they may. These views are looked at:
the text as written and, where it differs, the normalised one (`anatomy.text.normalise`), once more without what may stand between
letters and shows as none (`without_strays`, `closed_up`); which of them hit is told. For rules
that ask for homoglyphs there is a book of its own, with views in which letters that look alike are one. What a text is and where
it stands is `look`'s.
"""

import re
import time
import unicodedata
import warnings
from collections.abc import Collection, Iterator
from dataclasses import field
from enum import IntEnum, StrEnum
from functools import cache
from itertools import chain

import regex
from ahocorasick_rs import BytesAhoCorasick

from screener.anatomy.text import UNSPACED, closed_up, is_plain, normalise, with_blanks, without_strays
from screener.frozen import dataclass
from screener.policy import homoglyphs
from screener.policy.literals import required_literals
from screener.policy.pattern_time import PatternTime
from screener.policy.shapes import TABLE, required_shapes

MAX_PATTERN = 10_000  # characters
EXCERPT = 30  # octets shown on both sides of a hit

_FOLDED = bytes(ord(" ") if chr(code).isspace() else ord(chr(code).lower()) for code in range(0x80)) + bytes(0x80)
# The same with an octet that is nowhere else in place of what `without_strays` leaves out.
_STRAYS_TOLD = bytes(_FOLDED[code] if without_strays(chr(code)) else 0 for code in range(0x80)) + bytes(0x80)
# Written in several ways by the same people: the Turkish i, ё, the Persian letters of Arabic, Greek accents, quotes and hyphens.
_ONE_WAY = dict.fromkeys("‘’‛ʼ׳", "'") | dict.fromkeys("“”„‟״", '"') | dict.fromkeys("‐‑‒–−", "-")
_ONE_WAY |= dict(zip("ıёکیىάέήίϊόύϋώ", "iеكييαεηιιουυω", strict=True)) | {"i\u0307": "i"}  # the last is what İ is folded to
_FLAGS = regex.VERSION0 | regex.IGNORECASE | regex.MULTILINE


class View(StrEnum):
    """Which form of a text hit."""

    WRITTEN = "as written"
    NORMALISED = "normalised"
    LATIN = "look-alikes of Latin letters replaced"
    SKELETON = "look-alikes made one"  # where patterns have nothing to find: its letters are none a person would write


class OutOfTime(Exception):
    """A pattern took longer than it may: the mail cannot be judged by it."""


class AllOutOfTime(OutOfTime):
    """A mail's patterns together took longer than they may: none is run any more."""


def fold(text: str) -> str:
    """Case-folded, what a language writes in several ways in one, every run of white space one blank: how words are looked for."""
    folded = text.casefold()
    if not _is_latin(folded):
        for written, one in _ONE_WAY.items():  # faster than a pattern
            folded = folded.replace(written, one)
    return " ".join(folded.split())


def _is_latin(text: str) -> bool:
    try:
        text.encode("latin-1")  # as fast as a copy
    except UnicodeEncodeError:
        return False
    return True


def folded_octets(text: str, table: bytes = _FOLDED) -> bytes:
    """`fold` as UTF-8; `table` says what ASCII becomes."""
    if not text.isascii():
        return fold(text).encode("utf-8", "surrogatepass")
    octets = b" ".join(text.encode("ascii").splitlines()).translate(table)  # a line end is two octets: most runs are those
    while b"  " in octets:  # halves every run
        octets = octets.replace(b"  ", b" ")
    return octets.strip(b" ")


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


@dataclass(slots=True)
class Watch:
    """The time patterns may take on one mail, in seconds, and what is left of it."""

    time: PatternTime
    left: float

    @classmethod
    def start(cls, time: PatternTime) -> "Watch":
        """A fresh one for a mail."""
        return cls(time, time.mail)


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """One compiled pattern. `needles`: at least one of them (literals, or shapes) is seen in every text it matches; empty: nothing
    is known, run it."""

    text: str
    compiled: "regex.Pattern[str]"
    needles: frozenset[int]

    @classmethod
    def compile(cls, text: str, vocabulary: "Vocabulary") -> "Pattern":
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
        """What matched, or None; raises OutOfTime."""
        limit = min(watch.time.call, watch.left)
        if limit <= 0:
            raise AllOutOfTime(f"the patterns took longer than {watch.time.mail:.3g} s together")
        start = time.perf_counter()
        try:
            found = self.compiled.search(text, timeout=limit)
        except TimeoutError as error:
            raise OutOfTime(f"the pattern '{self.text[:80]}' took longer than {limit:.3g} s") from error
        finally:
            watch.left -= time.perf_counter() - start
        return None if found is None else found[0]


@dataclass(slots=True)
class Vocabulary:
    """Gathers what the automaton of a rule set looks for, while the rules are read."""

    needles: dict[bytes, int] = field(default_factory=dict)
    whole: set[int] = field(default_factory=set)  # needles some rule wants as whole words
    shapes: dict[bytes, int] = field(default_factory=dict)  # numbered below zero
    homoglyphs: bool = False  # of rules for which letters that look alike are one

    def add(self, folded: str, *, whole: bool = False) -> int:
        """The number of a needle (already folded)."""
        number = self.needles.setdefault(folded.encode("utf-8", "surrogatepass"), len(self.needles))
        if whole:
            self.whole.add(number)
        return number

    def add_shape(self, shape: str) -> int:
        """The number of a shape."""
        return self.shapes.setdefault(shape.encode("ascii"), -1 - len(self.shapes))

    def entry(self, text: str, *, whole: bool) -> int:
        """The number of a word or substring as an admin wrote it; raises ValueError where nothing of it is left."""
        folded = fold(normalise(text))
        if not folded:
            raise ValueError(f"{text[:80]!a} has nothing to look for")
        return self.add(folded, whole=whole)

    def entries(self, text: str, *, whole: bool) -> tuple[int, ...]:
        """All numbers of it, each of which is enough: with homoglyphs, that of its skeleton too."""
        number = self.entry(text, whole=whole)
        if not self.homoglyphs:
            return (number,)
        return (number, self.add(fold(homoglyphs.skeletons(normalise(text))[0]), whole=whole))


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen in one view of a text: needle → (first start, end), octets of `haystack`; a shape stands nowhere: (0, 0)."""

    view: View
    text: str
    haystack: bytes
    anywhere: dict[int, tuple[int, int]]
    words: dict[int, tuple[int, int]]  # the same as whole words

    @property
    def unfiltered(self) -> bool:
        """Whether literals prove nothing here: `regex` takes dotless ı and dotted İ for an i, folding does not."""
        return not self.text.isascii() and ("ı" in self.text or "İ" in self.text)

    def excerpt(self, found: tuple[int, int]) -> str:
        """The hit with a little of what stands around it."""
        start, end = found
        before, after = max(0, start - EXCERPT), min(len(self.haystack), end + EXCERPT)
        text = self.haystack[before:after].decode("utf-8", "ignore")
        return f"{'…' if before else ''}{text}{'…' if after < len(self.haystack) else ''}"


_NOWHERE = (0, 0)
_DIGITS = re.compile(b"0*")


class Wordbook:
    """The automaton over all words, substrings and literals of a rule set, and the shapes of its patterns."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        needles = sorted(vocabulary.needles, key=vocabulary.needles.__getitem__)
        self.size = len(needles)
        self._automaton = BytesAhoCorasick(needles) if needles else None
        self._whole = [number in vocabulary.whole for number in range(len(needles))]
        texts = [needle.decode("utf-8", "surrogatepass") for needle in needles]
        self._borders = [(_writing(text[0]), _writing(text[-1])) for text in texts]
        forms: dict[bytes, list[tuple[bytes, int]]] = {}  # by the digits in them: where those are not, none of these is
        for form, number in vocabulary.shapes.items():
            forms.setdefault(max(_DIGITS.findall(form), key=len), []).append((form, number))
        self._shapes = sorted(forms.items())  # few digits first: where those are not, more are not, either
        self._homoglyphs = vocabulary.homoglyphs

    def sightings(self, text: str) -> tuple[Sighting, ...]:
        """One for each view of the text in which something may stand."""
        if text.isascii() and not self._homoglyphs:
            haystack = folded_octets(text, _STRAYS_TOLD)
            if b"\0" not in haystack:  # all views are the same
                return (self._sighting(View.WRITTEN, text, haystack),)
        found = [self._sighting(View.WRITTEN, with_blanks(text))]
        normalised = normalise(text)
        bare = normalised if is_plain(normalised) else closed_up(without_strays(normalised))
        forms = (normalised,) if bare == normalised else (normalised, bare)
        found += [self._sighting(View.NORMALISED, form) for form in forms if form != found[0].text]
        if self._homoglyphs:
            found += chain.from_iterable(map(self._lookalikes, forms))
        return tuple(found)

    def seen(self, text: str) -> Collection[int] | None:
        """Needles and shapes in a short text as it is written; None where they prove nothing."""
        sighting = self._sighting(View.WRITTEN, text)
        return None if sighting.unfiltered else sighting.anywhere.keys()

    def _lookalikes(self, normalised: str) -> Iterator[Sighting]:
        latin = homoglyphs.latin(normalised)
        if latin != normalised:
            yield self._sighting(View.LATIN, latin)
        for skeleton in homoglyphs.skeletons(normalised):
            yield self._sighting(View.SKELETON, skeleton)

    def _sighting(self, view: View, text: str, haystack: bytes | None = None) -> Sighting:
        if haystack is None:
            haystack = folded_octets(text)
        anywhere: dict[int, tuple[int, int]] = {}
        words: dict[int, tuple[int, int]] = {}
        if self._automaton is not None:
            whole, borders = self._whole, self._borders
            for number, start, end in self._automaton.find_matches_as_indexes(haystack, overlapping=True):
                if number not in anywhere:
                    anywhere[number] = (start, end)
                if whole[number] and number not in words:
                    before, after = borders[number]
                    is_part = (before and _writing_before(haystack, start) is before) or (
                        after and _writing_at(haystack, end) is after
                    )
                    if not is_part:
                        words[number] = (start, end)
        if self._shapes:
            shape = shape_of(text)
            for digits, forms in self._shapes:
                if shape is not None and digits not in shape:
                    break
                anywhere.update((number, _NOWHERE) for form, number in forms if shape is None or form in shape)
        return Sighting(view, text, haystack, anywhere, words)


class Writing(IntEnum):
    """Whether a character belongs to a word, and of which kind: a word ends where the other kind begins."""

    NONE = 0
    SPACED = 1  # letters, digits and marks upon them (Indic vowels), but no footnote sign
    UNSPACED = 2  # of scripts that put no blanks between words, and Korean, which puts none before its particles


_LETTERS = frozenset(("Ll", "Lu", "Lt", "Lm", "Lo", "Nd", "Nl", "Mn", "Mc", "Me"))
_ASCII_LETTERS = frozenset(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_UNSPACED = re.compile(f"[{UNSPACED}\u1100-\u11ff\uac00-\ud7ff]")


def _writing(char: str) -> Writing:
    if unicodedata.category(char) not in _LETTERS:
        return Writing.NONE
    return Writing.SPACED if _UNSPACED.match(char) is None else Writing.UNSPACED


def _writing_at(octets: bytes, at: int) -> Writing:
    if at >= len(octets):
        return Writing.NONE
    lead = octets[at]
    if lead < 0x80:
        return Writing.SPACED if lead in _ASCII_LETTERS else Writing.NONE
    length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    return _writing(octets[at : at + length].decode("utf-8", "surrogatepass"))


def _writing_before(octets: bytes, at: int) -> Writing:
    if at == 0:
        return Writing.NONE
    start = at - 1
    while octets[start] & 0xC0 == 0x80:
        start -= 1
    return _writing_at(octets, start)
