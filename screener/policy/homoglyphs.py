"""Letters that look alike (Unicode TR39 4): the only module that knows `confusable_homoglyphs`, which has Unicode's table.

A skeleton is what remains of a text when all that looks alike is one and the same; two texts that look alike have the same. It is
made as TR39 makes it, and told in small letters, for words are looked for in any case. `latin` is for patterns, which cannot be
folded: only letters beyond ASCII that look like ASCII are replaced. Promises: linear; the table is loaded when it is first needed.
"""

import re
import unicodedata
from functools import cache

from screener.frozen import dataclass

# A capital I among small letters is meant for an l, and what looks like an l among capitals for an I.
_AMONG_SMALL = re.compile(r"(?<=[a-z])I|I(?=[a-z])")
_AMONG_CAPITALS = re.compile(r"(?<=[A-Z])l|l(?=[A-Z])")
_DIRECTION = "\u200e"  # the table marks right-to-left letters with it
_LIKE_L, _LIKE_M = "l", "rn"


@dataclass(frozen=True, slots=True)
class _Table:
    """Letters by what they look like: one for one (ASCII alone goes fast so), the rest, and those that look like ASCII."""

    single: dict[int, str]
    ascii_many: tuple[tuple[str, str], ...]  # of ASCII: what looks like several letters
    latin: dict[int, str]


def skeletons(text: str) -> tuple[str, ...]:
    """The skeletons of a normalised text: one, or two where an I may be meant for an l, or an l for an I."""
    seen = _seen(text)
    first = _seen(seen.casefold())
    meant = _AMONG_SMALL.sub("l", _AMONG_CAPITALS.sub("I", seen))
    if meant == seen:
        return (first,)
    return tuple(dict.fromkeys((first, _seen(meant.casefold()))))


def latin(text: str) -> str:
    """The text with each letter that looks like one of ASCII replaced by that."""
    return text if text.isascii() else text.translate(_table().latin)


def _seen(text: str) -> str:
    """The text with each letter replaced by what stands for all that look like it."""
    table = _table()
    if not text.isascii():
        text = unicodedata.normalize("NFD", text)
    for letter, others in table.ascii_many:
        text = text.replace(letter, others)
    return text.translate(table.single)


@cache
def _table() -> _Table:
    from confusable_homoglyphs.confusables import confusables_data  # nearly a megabyte, read when it is imported

    data = {key.strip(_DIRECTION): [one["c"].strip(_DIRECTION) for one in others] for key, others in confusables_data.items()}
    found: dict[str, str] = {}
    for letter, others in data.items():
        # Each letter has one prototype; a prototype has all its letters. A lone pair is told apart by what comes first.
        if len(letter) == 1 and len(others) == 1 and _first(letter, others[0], data.get(others[0], [])):
            found[letter] = others[0]
    for letter in [one for one, prototype in found.items() if prototype == _LIKE_L and one.lower() != one]:
        found[letter] = "I"  # see _AMONG_SMALL
    found.pop("I", None)
    ascii_many = tuple((one, other) for one, other in found.items() if one.isascii() and other.isascii() and len(other) > 1)
    single = {ord(one): other for one, other in found.items() if not (one.isascii() and len(other) > 1)}
    like_ascii = {ord(one): other for one, other in found.items() if not one.isascii() and other.isascii()}
    return _Table(single, ascii_many, {one: "m" if other == _LIKE_M else other for one, other in like_ascii.items()})


def _first(letter: str, other: str, letters_of_other: list[str]) -> bool:
    """Whether `other` is the prototype of the two."""
    if len(other) > 1 or len(letters_of_other) > 1:
        return True
    return (not other.isascii(), other) < (not letter.isascii(), letter)
