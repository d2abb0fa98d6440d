"""Words, substrings, and what patterns need, seen in a text: beside `anatomy.needle` the only module that knows `ahocorasick_rs`.

Promises one pass of one automaton over each view of a text for all rules together, and whole words by `borders`. These views are
looked at: the text as written and, where it differs, the normalised one (`anatomy.text.normalise`), once more without what may
stand between letters and shows as none (`without_strays`, `closed_up`); which of them hit is told. For rules that ask for
homoglyphs there is a book of its own, with views in which letters that look alike are one. A pattern runs only where a literal or
a shape it needs was seen (`patterns`). What a text is and where it stands is `look`'s.
"""

import re
from collections.abc import Collection, Iterator
from enum import StrEnum
from itertools import chain

from ahocorasick_rs import BytesAhoCorasick

from screener.anatomy.text import closed_up, is_plain, normalise, with_blanks, without_strays
from screener.frozen import dataclass
from screener.policy import homoglyphs
from screener.policy.borders import writing, writing_at, writing_before
from screener.policy.folding import STRAYS_TOLD, folded_octets
from screener.policy.patterns import shape_of
from screener.policy.vocabulary import Vocabulary

EXCERPT = 30  # octets shown on both sides of a hit


class View(StrEnum):
    """Which form of a text hit."""

    WRITTEN = "as written"
    NORMALISED = "normalised"
    LATIN = "look-alikes of Latin letters replaced"
    SKELETON = "look-alikes made one"  # where patterns have nothing to find: its letters are none a person would write


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen in one view of a text: needle → (first start, end), octets of `haystack`; a shape stands nowhere: (0, 0)."""

    view: View
    text: str
    haystack: bytes
    anywhere: dict[int, tuple[int, int]]
    words: dict[int, tuple[int, int]]  # the same as whole words
    whole: bool = False  # only these were looked for, patterns are not

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
        self._needles = needles
        self._automaton = _automaton(needles)
        self._whole = [number in vocabulary.whole for number in range(len(needles))]
        texts = [needle.decode("utf-8", "surrogatepass") for needle in needles]
        self._borders = [(writing(text[0]), writing(text[-1])) for text in texts]
        forms: dict[bytes, list[tuple[bytes, int]]] = {}  # by the digits in them: where those are not, none of these is
        for form, number in vocabulary.shapes.items():
            forms.setdefault(max(_DIGITS.findall(form), key=len), []).append((form, number))
        self._shapes = sorted(forms.items())  # few digits first: where those are not, more are not, either
        self._homoglyphs = vocabulary.homoglyphs

    def __getstate__(self) -> dict[str, object]:
        """To be pickled: all but the automaton, which `__setstate__` builds anew."""
        return {**self.__dict__, "_automaton": None}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._automaton = _automaton(self._needles)

    def sightings(self, text: str, *, whole: bool = False) -> tuple[Sighting, ...]:
        """One for each view of the text in which something may stand; `whole`: only whole words in it mean anything."""
        if text.isascii() and not self._homoglyphs:
            haystack = folded_octets(text, STRAYS_TOLD)
            if b"\0" not in haystack:  # all views are the same
                return (self._sighting(View.WRITTEN, text, haystack, whole=whole),)
        found = [self._sighting(View.WRITTEN, with_blanks(text), whole=whole)]
        normalised = normalise(text)
        bare = normalised if is_plain(normalised) else closed_up(without_strays(normalised))
        forms = (normalised,) if bare == normalised else (normalised, bare)
        found += [self._sighting(View.NORMALISED, form, whole=whole) for form in forms if form != found[0].text]
        if self._homoglyphs:
            found += chain.from_iterable([self._lookalikes(form, whole=whole) for form in forms])
        return tuple(found)

    def seen(self, text: str) -> Collection[int] | None:
        """Needles and shapes in a short text as it is written; None where they prove nothing."""
        sighting = self._sighting(View.WRITTEN, text)
        return None if sighting.unfiltered else sighting.anywhere.keys()

    def _lookalikes(self, normalised: str, *, whole: bool) -> Iterator[Sighting]:
        latin = homoglyphs.latin(normalised)
        if latin != normalised:
            yield self._sighting(View.LATIN, latin, whole=whole)
        for skeleton in homoglyphs.skeletons(normalised):
            yield self._sighting(View.SKELETON, skeleton, whole=whole)

    def _sighting(self, view: View, text: str, haystack: bytes | None = None, *, whole: bool = False) -> Sighting:
        if haystack is None:
            haystack = folded_octets(text)
        anywhere: dict[int, tuple[int, int]] = {}
        words: dict[int, tuple[int, int]] = {}
        if self._automaton is not None:
            wanted, borders = self._whole, self._borders
            for number, start, end in self._automaton.find_matches_as_indexes(haystack, overlapping=True):
                if number not in anywhere:
                    anywhere[number] = (start, end)
                if (wanted[number] or whole) and number not in words:
                    before, after = borders[number]
                    is_part = (before and writing_before(haystack, start) is before) or (
                        after and writing_at(haystack, end) is after
                    )
                    if not is_part:
                        words[number] = (start, end)
        if self._shapes and not whole:
            shape = shape_of(text)
            for digits, forms in self._shapes:
                if shape is not None and digits not in shape:
                    break
                anywhere.update((number, _NOWHERE) for form, number in forms if shape is None or form in shape)
        return Sighting(view, text, haystack, words if whole else anywhere, words, whole)


def _automaton(needles: list[bytes]) -> BytesAhoCorasick | None:
    return BytesAhoCorasick(needles) if needles else None
