"""Line ends that browsers drop: beside a letter without width, or where a line may end within a word (CSS Text 3, 4.1.3).

Promises: linear, bounded.
"""

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate

from screener.anatomy.html.views import JOINT, NO_BORDERS

_NO_WIDTH = "\u200b"
_BLANKS = re.compile(f"[ \t\r\n{''.join(NO_BORDERS)}]++")
_MAX_CUTS = 20_000


def joined(pieces: list[str], chances: list[int]) -> dict[int, str]:
    """The pieces that show less, by number. `chances`: behind how many of them a line may end within a word."""
    text = "".join(pieces)
    if not chances and _NO_WIDTH not in text:
        return {}
    begins = [*accumulate(map(len, pieces), initial=0)]
    chances = [begins[at] for at in chances]
    cuts: dict[int, list[int]] = {}
    for blanks in _BLANKS.finditer(text):
        if "\n" not in blanks[0] and "\r" not in blanks[0]:
            continue
        start, end = blanks.span()
        is_beside = _NO_WIDTH in (text[start - 1 : start], text[end : end + 1])
        if is_beside or bisect_left(chances, start) < bisect_right(chances, end):
            at = bisect_right(begins, start) - 1
            while len(cuts) < _MAX_CUTS and at < len(pieces) and begins[at] < end:
                if pieces[at] not in NO_BORDERS:
                    cuts.setdefault(at, []).extend((max(start - begins[at], 0), min(end - begins[at], len(pieces[at]))))
                at += 1
    return {at: _without(pieces[at], places) for at, places in cuts.items()}


def _without(text: str, places: list[int]) -> str:
    """A text without what is between each two places."""
    kept = [text[start:end] for start, end in zip((0, *places[1::2]), (*places[::2], len(text)), strict=True)]
    return JOINT.join(kept)
