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
    """A text with such marks as it is seen: without all that may not be; and the lines with marks without one kind of it, or with
    one kind only. What is not seen leaves no gap, or one; or one kind of it does, or all others."""
    kinds = [kind for kind in _KINDS if f"{_BEGIN}{kind}" in text]
    every, some = "".join(kinds), kinds[:_ONE_BY_ONE]
    others = [every.replace(one, "") for one in some]
    yield turned(_without(text, every))
    lines = "\n".join([line for line in text.split("\n") if _BEGIN in line or STOP in line])
    known = {_unmarked(lines, every), _without(lines, every)}
    for hidden in dict.fromkeys((every, *some, *others)):
        shown = _unmarked(lines, "".join(kind for kind in kinds if kind not in hidden))
        for gaps in dict.fromkeys(("", hidden, *((*some, *others) if hidden == every else ()))):
            if (seen := _without(shown, hidden, gaps)) not in known:
                known.add(seen)
                yield turned(seen)


def _without(text: str, kinds: str, gaps: str = "") -> str:
    """Without what is of these kinds and stands beside a letter; some of them leave a gap."""
    if not kinds:
        return text
    run = repeated(f"{_BEGIN}[{kinds}][^{_BEGIN}{STOP}\n]{{0,10000}}{STOP}", least=1)
    leaves = re.compile(f"{_BEGIN}[{gaps}][^{STOP}]") if gaps else None
    unseen = re.compile(rf"(?<!{STOP})(?:(?<=\w){run}|{run}(?=\w))")
    return _unmarked(unseen.sub("" if leaves is None else lambda one: " " if leaves.search(one[0]) else "", text), kinds)


def _unmarked(text: str, kinds: str) -> str:
    return re.sub(f"{_BEGIN}[{kinds}]([^{_BEGIN}{STOP}]*+){STOP}", r"\1", text) if kinds else text
