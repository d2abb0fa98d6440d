"""Words that go on over the borders of elements, as if those parted nothing.

Where styles put elements is not worked out, so what follows in a page letter upon letter is read as one word, too. In honest pages
that is rare: mostly a blank or a stop is at a border. Promises: linear, bounded; what goes on over one border comes first.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise

from screener.anatomy.html.views import BREAK

_NO_WIDTH = "\u200b"  # beside it line ends are not shown (CSS Text 3, 4.1.3)
_NO_LETTERS = f" \t\r\n\f{_NO_WIDTH}"
_BLANKS = f" \t\r\n\f{BREAK}"
_LINE_ENDS = frozenset("\r\n")
_LONGEST = 32  # letters between two borders, and of a word that goes on over them
_MOST = 8  # stretches between borders in one word, unless all that follow one another are one
_NEAR = 40  # characters before and behind that are read with what goes on over one border
_GROWTH = 4  # readings in sizes of the text, …
_ROOM = 65_536  # … and so many characters more


def lines(texts: Iterable[Iterable[str]]) -> tuple[dict[str, None], bool]:
    """What is read as one of texts, each what stands between borders; and whether that is not all."""
    found: dict[str, None] = {}
    words: list[list[str]] = []
    room = _ROOM
    for text in texts:
        stretches = [one for stretch in text if (one := stretch.strip(_NO_LETTERS))]
        room += _GROWTH * sum(map(len, stretches))
        for run in _runs(stretches):
            words += _words(run)
            if len(run) > 2:
                found["".join(run)] = None
    for size in range(2, _MOST + 1):
        if size == 3:  # of the ends only what is of the word
            words = [[word[0].split()[-1], *word[1:-1], word[-1].split(None, 1)[0]] for word in words]
        words = [word for word in words if len(word) >= size]
        for word in words:
            for first in range(len(word) - size + 1):
                line = "".join(word[first : first + size])
                if line not in found and (size == 2 or len(line) <= _LONGEST):
                    room -= len(line)
                    if room < 0:
                        return found, True
                    found[line] = None
    return found, False


def split(text: str) -> list[str]:
    """What stands between the borders of a text, and between line ends that are not shown."""
    if _NO_WIDTH in text:
        pieces = text.split(_NO_WIDTH)
        for number, (before, behind) in enumerate(pairwise(pieces)):
            blanks = before[len(before.rstrip(_BLANKS)) :] + behind[: len(behind) - len(behind.lstrip(_BLANKS))]
            pieces[number] += _NO_WIDTH if _LINE_ENDS.isdisjoint(blanks) else BREAK
        text = "".join(pieces)
    return text.split(BREAK)


def _runs(stretches: list[str]) -> Iterator[list[str]]:
    """Stretches that follow one another letter upon letter."""
    run: list[str] = []
    for before, behind in pairwise(stretches):
        goes_on = _goes_on(before[-1], behind[0])
        if run and (not goes_on or len(before) > _LONGEST):
            yield [*run[:-1], _begin(before)]
            run = []
        if goes_on:
            run = run or [_end(before)]
            run.append(behind)
    if run:
        yield [*run[:-1], _begin(run[-1])]


def _words(run: list[str]) -> Iterator[list[str]]:
    """A run in parts of which all but the first and the last stretch are parts of one word."""
    first = 0
    for at in range(1, len(run) - 1):
        if len(run[at].split(None, 1)) > 1:
            yield run[first : at + 1]
            first = at
    yield run[first:]


def _goes_on(before: str, behind: str) -> bool:
    """Whether a word may: from letters, digits, marks and what nobody sees to such; numbers stand beside one another in tables."""
    return (
        unicodedata.category(before)[0] in "LMNC"
        and unicodedata.category(behind)[0] in "LMNC"
        and not (before.isdigit() and behind.isdigit())
    )


def _end(text: str) -> str:
    return text if len(text) <= _NEAR else text[-_NEAR:].partition(" ")[2] or text[-_NEAR:]


def _begin(text: str) -> str:
    return text if len(text) <= _NEAR else text[:_NEAR].rpartition(" ")[0] or text[:_NEAR]
