"""The identifiers of a PDF, of the first of which its key is made (ISO 32000-1 7.5.5, 14.4), as any trailer may tell them.

Promises: bounded by the sizes here and the file's own, never raises.
"""

import re
from collections.abc import Iterable
from itertools import islice

from screener.anatomy.pdf.strings import string_octets
from screener.anatomy.pdf.written import OBJECT, REFERENCE

_OBJECT = re.compile(OBJECT)
_KEY = re.compile(rb"/(?:I|#49)(?:D|#44)(?=\s{0,99}\[|\s{1,99}[-+.0-9])")
_LIST = re.compile(rb"\s{0,99}\[\s{0,99}(?:null\s{1,99}){0,9}")
_STRING = re.compile(rb"\s{0,99}(?=\(|<(?!<))")
_LED = re.compile(rb"\s{0,99}\+?0*+(?:" + REFERENCE + b")")
_NONE = re.compile(rb"\s{0,99}(?:\]|null\b)")  # nothing, or none
_MAX_TRAILERS = 10_000
_MAX_CHAIN = 4  # references to references
_MAX_LED = 64  # objects of such numbers
_LONGEST = 65_536  # octets of one as it is written, …
_MOST = 4  # … and of all, in sizes of what is looked at


def found(raw: bytes, strings: Iterable[bytes]) -> tuple[tuple[bytes, ...], bool]:
    """All of them, and whether one is told so that it is not known; `strings` are told where lists should be.

    Of those one reader (pdf.js) takes the first octet, which it takes for the first of a list.
    """
    keys = [match.end() for match in islice(_KEY.finditer(raw), _MAX_TRAILERS)]
    lists, are_odd = _led(raw, keys, _LIST)
    begins, is_odd = _led(raw, lists, _STRING)
    told = {one: None for string in strings for whole in (string_octets(string, 0)[0],) for one in (whole[:1], whole)}
    are_odd = are_odd or bool(told)
    left = _MOST * len(raw)
    for begin in begins:
        identifier, length = string_octets(raw, begin, _LONGEST)
        is_odd = is_odd or length >= _LONGEST
        left -= length
        if left < 0:
            return tuple(told), True
        told[identifier] = None
    return tuple(told), are_odd or is_odd


def _led(raw: bytes, offsets: Iterable[int], begins: re.Pattern[bytes]) -> tuple[list[int], bool]:
    """What begins so at some offsets, or where references there lead; whether there is something else."""
    out: list[int] = []
    seen: set[bytes] = set()
    is_odd = False
    for _ in range(_MAX_CHAIN):
        numbers: set[bytes] = set()
        for offset in offsets:
            if (match := begins.match(raw, offset)) is not None:
                out.append(match.end())
            elif (led := _LED.match(raw, offset)) is not None:
                numbers.add(led[1].lstrip(b"0"))
            else:
                is_odd = is_odd or _NONE.match(raw, offset) is None
        if not (numbers := numbers - seen):
            return out, is_odd
        seen |= numbers
        led_to = [*islice((one for one in _OBJECT.finditer(raw) if one[1].lstrip(b"0") in numbers), _MAX_LED + 1)]
        is_odd = is_odd or len(led_to) > _MAX_LED or {one[1].lstrip(b"0") for one in led_to} != numbers
        offsets = [one.end() for one in led_to[:_MAX_LED]]
    return out, True
