"""How letters of a Word document look, as far as that hides them (MS-DOC 2.8.6, 2.9.33, 2.6.1): hidden, deleted, light, tiny.

Promises: linear, bounded, never raises.
"""

import struct
from bisect import bisect
from collections import Counter
from collections.abc import Iterator

from screener.anatomy.office import unseen

_PLACES = 0xFA  # where a document says where in the table it stands which pages tell of looks
_PAGE = 512
_MAX_WORDS = 256  # of one page: it has no room for more
_VANISH, _SPECIAL, _DELETED = 0x083C, 0x0818, 0x0800
_COLOUR, _WHITE, _TRUE_COLOUR = 0x2A42, 8, 0x6870
_LIGHT = 0xC0  # of each of red, green, blue
_LEAST = {0x4A43: 9, 0x4852: 10}  # size in half points, width in percent: what is less is not seen
_STYLE = 0x4A30
_SIZES = (1, 1, 2, 4, 2, 2, 0, 3)  # of what stands behind a word, by its upper three bits; 0: that says so
# Marks until the text is joined, which no text has; then those of `unseen`.
_STOP, _KIND, _MOST = "\ufdd0", 0xFDD1, 18
_MARKS = {ord(_STOP): unseen.STOP, **{_KIND + one: unseen.begin(one) for one in range(_MOST)}}
_UNMARKED = dict.fromkeys(_MARKS)

Looks = tuple[list[int], list[tuple[int, int, str]]]


def faint(stream: bytes, table: bytes) -> Looks:
    """Where octets of letters begin that may not be seen, and for each where they end and the mark for that."""
    at, size = struct.unpack_from("<LL", stream, _PLACES) if len(stream) >= _PLACES + 8 else (0, 0)
    places = table[at : at + size]
    count = max(0, (len(places) - 4) // 8)
    pages = dict.fromkeys(one & 0x3FFFFF for one in struct.unpack_from(f"<{count}L", places, 4 * (count + 1))) if count else {}
    runs: list[tuple[int, int, str]] = []
    for start, stop, kind in sorted(run for page in pages for run in _runs(stream[page * _PAGE : (page + 1) * _PAGE])):
        if runs and runs[-1][1:] == (start, kind):
            start = runs.pop()[0]
        runs.append((start, stop, kind))
    kinds = [kind for kind, _ in Counter(kind for _, _, kind in runs).most_common()]
    marks = {kind: chr(_KIND + min(number, _MOST - 1)) for number, kind in enumerate(kinds)}
    return [start for start, _, _ in runs], [(start, stop, marks[kind]) for start, stop, kind in runs]


def _runs(page: bytes) -> Iterator[tuple[int, int, str]]:
    """The runs of one page that may not be seen."""
    count = page[-1] if len(page) == _PAGE else 0
    if not 0 < count <= (_PAGE - 5) // 5:
        return
    borders = struct.unpack_from(f"<{count + 1}L", page)
    known = {0: ""}
    left = _MAX_WORDS
    for number, place in enumerate(page[4 * (count + 1) : 4 * (count + 1) + count]):
        if place not in known:
            known[place], left = _hides(page[2 * place + 1 : 2 * place + 1 + page[2 * place]], left)
        if known[place] and borders[number] < borders[number + 1]:
            yield borders[number], borders[number + 1], known[place]


def _hides(words: bytes, left: int) -> tuple[str, int]:
    """What hides letters that look so; and how many words there may still be: what has too many may do anything."""
    found: list[str] = []
    at = 0
    while at + 3 <= len(words):
        if left <= 0:
            return "?", 0
        left -= 1
        (word,) = struct.unpack_from("<H", words, at)
        size = _SIZES[word >> 13] or words[at + 2] + 1
        value = int.from_bytes(words[at + 2 : at + 2 + size], "little")
        at += 2 + size
        if (
            (word in (_VANISH, _SPECIAL, _DELETED) and value & 1)
            or (word == _COLOUR and value == _WHITE)
            or (word == _TRUE_COLOUR and value < 1 << 24 and min(value.to_bytes(4, "little")[:3]) >= _LIGHT)
            or value < _LEAST.get(word, 0)
            or word == _STYLE
        ):
            found.append(f"{word}:{value}")
    return "".join(found), left


def pieces(looks: Looks, begin: int, end: int) -> Iterator[tuple[int, int, str]]:
    """A stretch of octets parted where its looks change: where each part begins and ends, its mark or ""."""
    starts, runs = looks
    for start, stop, mark in runs[max(0, bisect(starts, begin) - 1) : bisect(starts, end)]:
        if start > begin:
            yield begin, min(start, end), ""
        if min(stop, end) > max(start, begin):
            yield max(start, begin), min(stop, end), mark
        begin = max(begin, min(stop, end))
    if begin < end:
        yield begin, end, ""


def between(text: str, mark: str) -> str:
    """A text between its marks."""
    return f"{mark}{text}{_STOP}" if mark else text


def plain(text: str) -> str:
    """A text without such marks."""
    return text.translate(_UNMARKED) if _STOP in text else text


def marked(text: str) -> str:
    """A text with the marks of `unseen` instead."""
    return text.translate(_MARKS)
