"""The names of a PDF's files as all readers have them: in objects that are written as programs write them."""

import re
from collections.abc import Iterator

from screener.anatomy.pdf import plainly
from screener.anatomy.pdf.views import MAX_KEYS, Called, View

_OBJECT_OCTETS = 65_536  # of one with names
_MAX_ENDS = 12  # words that may end it
_NAMES = frozenset((b"F", b"UF", b"DOS", b"Mac", b"Unix"))
_COST = 8  # octets of an object that cost as much as one of a name
_LONGEST_NAME = 2_000  # octets of one


def plain_names(view: View, match: re.Match[bytes], found: Called) -> dict[str, None]:
    """The names in the object in which an /EF stands, and those that lead to it, as all readers have them; odd where it is not
    written as programs write it."""
    begin, number = view.around(match.start())
    if begin not in view.plain:
        whole = _whole(view, begin, match.end(), found) if number is not None else None
        strings = [*_strings(whole, view, found)] if whole is not None else [None]
        names = [plainly.called(one) if one is not None else None for one in strings]
        names += _keys(view, number or b"", found)
        view.plain[begin] = {name: None for name in names if name}
        found.is_odd = found.is_odd or None in names or number in view.aliases
    return view.plain[begin]


def _whole(view: View, begin: int, at: int, found: Called) -> "plainly.Value | None":
    """What stands in an object, to its end behind an offset: the word may stand in a few of its strings, too."""
    for _ in range(_MAX_ENDS):
        end = view.text.find(b"endobj", at, begin + _OBJECT_OCTETS)
        if end < 0:
            break
        found.left -= (end - begin) // _COST
        if (whole := plainly.value(view.text, begin, end)) is not None:
            return whole
        at = end + 6
    return None


def _keys(view: View, number: bytes, found: Called) -> list[str | None]:
    """The names in the tree that lead to an object, read once for all of its number; None where they are more than may be."""
    if number not in view.called:
        keys = view.keys_of(number)
        found.left -= sum(len(key[1]) for key in keys)
        are_all = len(keys) < MAX_KEYS and found.left > 0
        names = [plainly.called(plainly.Text(key[1])) for key in keys] if are_all else [None]
        view.called[number] = [*dict.fromkeys(names)]
    return view.called[number]


def _strings(value: plainly.Value, view: View, found: Called) -> Iterator[plainly.Text | None]:
    """The strings that are names of files in a value; None for one that is no string."""
    if isinstance(value, dict):
        for key, one in value.items():
            if b"EF" in value and key in _NAMES:
                yield from _named(one, view, found)
            else:
                yield from _strings(one, view, found)
    elif isinstance(value, list):
        is_tree = any(isinstance(one, dict) for one in value)
        for one in value:
            if isinstance(one, plainly.Text) and is_tree:
                yield one
            else:
                yield from _strings(one, view, found)


def _named(value: plainly.Value, view: View, found: Called) -> Iterator[plainly.Text | None]:
    """The string that a name is, or that a reference leads to."""
    if isinstance(value, plainly.Reference):
        begins = view.at(value, found)
        ends = [view.text.find(b"endobj", begin, begin + _LONGEST_NAME) for begin in begins[:1]]
        led = plainly.value(view.text, begins[0], ends[0]) if len(begins) == 1 else None
        value = led if led is not None else b""
    yield value if isinstance(value, plainly.Text) else None
