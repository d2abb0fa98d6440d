"""Marks round the letters of a document that may not be seen, and what is seen then.

Whoever reads a format puts them into its source, each kind of such letters with its own, the most usual first; no text has them.
Promises: pure, linear, never raises.
"""

import re
from collections.abc import Iterator

from screener.anatomy.repeated import repeated
from screener.anatomy.text import turned

_BEGIN, STOP, _KINDS = "\1", "\2", [chr(code) for code in range(0x0E, 0x20)]
_ONE_BY_ONE = 3  # kinds, the first ones, of which each is left out, or kept, alone


def begin(kind: int) -> str:
    """The mark before letters of this kind; there are a few, the rest are one."""
    return _BEGIN + _KINDS[min(kind, len(_KINDS) - 1)]


def resolved(text: str) -> Iterator[str]:
    """A text with such marks as it is seen: without all that may not be, without one kind of it, and with one kind only."""
    kinds = [kind for kind in _KINDS if f"{_BEGIN}{kind}" in text]
    others = ["".join(kind for kind in kinds if kind != one) for one in kinds[:_ONE_BY_ONE]]
    for hidden in dict.fromkeys(("".join(kinds), *kinds[:_ONE_BY_ONE], *others)):
        shown = "".join(kind for kind in kinds if kind not in hidden)
        yield turned(_without(_unmarked(text, shown), hidden))


def _without(text: str, kinds: str) -> str:
    """Without what is of these kinds and stands beside a letter."""
    if not kinds:
        return text
    run = repeated(f"{_BEGIN}[{kinds}][^{_BEGIN}{STOP}\n]{{0,10000}}{STOP}", least=1)
    return _unmarked(re.sub(rf"(?<!{STOP})(?:(?<=\w){run}|{run}(?=\w))", "", text), kinds)


def _unmarked(text: str, kinds: str) -> str:
    return re.sub(f"{_BEGIN}[{kinds}]([^{_BEGIN}{STOP}]*+){STOP}", r"\1", text) if kinds else text
