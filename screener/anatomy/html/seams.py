"""Words that go on over the borders of elements, as if those parted nothing.

Where styles put elements is not worked out, so what follows in a page letter upon letter is read as one word, too. In honest pages
that is rare: mostly a blank or a stop is at a border. Promises: linear, bounded; what goes on over one border comes first.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise

from screener.anatomy.html.views import BREAK
from screener.anatomy.text import unpadded

APART = " ;\n"  # between what is read as one: no white space alone, which Chinese is read over, and phrases
_NO_WIDTH = "\u200b"  # beside it line ends are not shown (CSS Text 3, 4.1.3)
_NO_LETTERS = f" \t\r\n\f{_NO_WIDTH}"
_BLANKS = f" \t\r\n\f{BREAK}"
_LINE_ENDS = frozenset("\r\n")
_WITHIN = frozenset("-'\u2019._@&")  # of words, too: of names of hosts, of compounds
_LETTER = re.compile(r"[^\W\d_]")
_LONGEST = 32  # letters between two borders, and of a word that goes on over them
_FEW = 8  # stretches between borders in one word, …
_MOST_LINES = 200_000  # … unless there are no more than so many longer ones
_NEAR = 40  # characters before and behind that are read with what goes on over one border
_GROWTH = 4  # readings in sizes of the text, …
_ROOM = 65_536  # … and so many characters more


def lines(texts: Iterable[Iterable[str]]) -> tuple[dict[str, None], bool]:
    """What is read as one of texts, each what stands between borders; and whether that is not all."""
    found: dict[str, None] = {}
    words: list[list[str]] = []
    room = _ROOM
    for text in texts:
        stretches, blanks = _stretches(text)
        room += _GROWTH * sum(map(len, stretches))
        runs = [*_runs(stretches)]
        for first, last in runs:
            run = [_end(stretches[first]), *stretches[first + 1 : last], _begin(stretches[last])]
            words += _words(run)
            if len(run) > 2:
                found["".join(run)] = None
        found |= dict.fromkeys(_phrases(runs, stretches, blanks))
    left = _MOST_LINES
    for size in range(2, _LONGEST + 1):
        if size == 3:  # of the ends only what is of the word
            words = [[word[0].split()[-1], *word[1:-1], word[-1].split(None, 1)[0]] for word in words]
        words = [word for word in words if len(word) >= size]
        if not words:
            break
        for word in words:
            if size > _FEW:
                left -= len(word)
            for first in range(len(word) - size + 1):
                line = "".join(word[first : first + size])
                if line not in found and (size == 2 or len(line) <= _LONGEST) and _LETTER.search(line) is not None:
                    room -= len(line)
                    if room < 0:
                        return found, True
                    found[line] = None
            if left < 0:
                return found, True
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


def _stretches(text: Iterable[str]) -> tuple[list[str], list[bool]]:
    """What is no blank between borders, and whether one is behind it."""
    stretches: list[str] = []
    blanks: list[bool] = []
    for piece in text:
        stretch = unpadded(piece).strip(_NO_LETTERS)
        if blanks and piece[:1].isspace():
            blanks[-1] = True
        if stretch:
            stretches.append(stretch)
            blanks.append(piece[-1].isspace())
    return stretches, blanks


def _runs(stretches: list[str]) -> Iterator[tuple[int, int]]:
    """The first and the last of stretches that follow one another letter upon letter."""
    first = -1
    has_letter = False  # in the word that goes on
    for at, (before, behind) in enumerate(pairwise(stretches)):
        if goes_on := _meet(before, behind):
            word = before.rsplit(None, 1)[-1]
            has_letter = _LETTER.search(word) is not None or (has_letter and first >= 0 and len(word) == len(before))
            # Numbers stand beside one another in tables.
            goes_on = has_letter or _LETTER.search(behind.split(None, 1)[0]) is not None
        if first >= 0 and (not goes_on or len(before) > _LONGEST):
            yield first, at
            first = -1
        if goes_on and first < 0:
            first = at
    if first >= 0:
        yield first, len(stretches) - 1


def _phrases(runs: list[tuple[int, int]], stretches: list[str], blanks: list[bool]) -> Iterator[str]:
    """What goes on over some borders near to one another, with the blanks between."""
    chains: list[list[int]] = []
    for first, last in runs:
        if chains and sum(map(len, stretches[chains[-1][1] : first + 1])) <= _NEAR:
            chains[-1][1] = last
        else:
            chains.append([first, last])
    for first, last in chains:
        if last - first > 1 and not all(blanks[first:last]):
            words = [stretches[at] + " " * blanks[at] for at in range(first + 1, last)]
            yield "".join((_end(stretches[first]), " " * blanks[first], *words, _begin(stretches[last])))


def _words(run: list[str]) -> Iterator[list[str]]:
    """A run in parts of which all but the first and the last stretch are parts of one word."""
    first = 0
    for at in range(1, len(run) - 1):
        if len(run[at].split(None, 1)) > 1:
            yield run[first : at + 1]
            first = at
    yield run[first:]


def _meet(before: str, behind: str) -> bool:
    """Whether letters, digits, marks and what nobody sees do, perhaps with what stands within words."""
    end, begin = before[-1], behind[0]
    if end in _WITHIN:
        if end == "." and begin.isupper():  # a sentence behind another
            return False
        end = before[-2:-1] or begin
    if begin in _WITHIN:
        begin = behind[1:2] or end
    return unicodedata.category(end)[0] in "LMNC" and unicodedata.category(begin)[0] in "LMNC"


def _end(text: str) -> str:
    return text if len(text) <= _NEAR else text[-_NEAR:].partition(" ")[2] or text[-_NEAR:]


def _begin(text: str) -> str:
    return text if len(text) <= _NEAR else text[:_NEAR].rpartition(" ")[0] or text[:_NEAR]
