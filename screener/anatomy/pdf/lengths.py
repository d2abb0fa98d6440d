"""Where the streams of a PDF end (ISO 32000-1 7.3.8.2): where a length says so, as all readers have it, if "endstream" follows
there; else where that word stands first.

The length may stand in an object of its own, and in an object stream (7.5.7). Promises: linear, never raises.
"""

import re
from collections.abc import Iterable, Iterator

from screener.anatomy.needle import Needle
from screener.anatomy.once import once
from screener.anatomy.pdf import brackets, written
from screener.anatomy.repeated import repeated
from screener.frozen import dataclass

_OBJ, _ENDSTREAM = Needle(b"obj"), Needle(b"endstream")
_KEY = b"/Length"
_LENGTH = frozenset((b"Length",))
_SIMPLE = re.compile(rb"/Length\s{1,99}([0-9]{1,12})\b(?!\.|\s{1,99}[+-]?[0-9]{1,20}\s{0,99}R)")
_TOLD = re.compile(rb"/Length" + written.END + rb"\s{0,99}+([-+0]*+[^/<>\[\](){}]{0,99})")
_VALUE = re.compile(rb"[-+]*+(?:0*+([0-9]{0,12})(?:\.[0-9]*+)?|0*?" + written.REFERENCE + rb"|null)\s*")
# What stands before "endstream" where the length is true: a line's end mostly, and what readers pass over.
_BLANK = re.compile(repeated(rb"[\x00\t\n\f\r ]++|%[^\r\n]*+"))
_LONGEST = 1_024  # octets of it that are looked at
_BEHIND = re.compile(b"obj" + repeated(rb"[\s\0]++|%[^\r\n]*+"))
_NUMERIC = re.compile(rb"[-+]*+[0-9]++\s++[-+]?[0-9]++\s*+R\b|[-+]*+[0-9]++(?:\.[0-9]*+)?")
_OBJECT = re.compile(written.OBJECT + rb"\Z")
_GENERATION = re.compile(rb"[\s\0][0-9]++[\s\0]*+\Z")
_BEFORE_OBJ = b"\0\t\n\f\r 0123456789."
_COMMENT = re.compile(rb"%[^\r\n]*+")
_WHITE = b"\0\t\n\f\r "
_NEAR, _AROUND = 24, 320  # octets around "obj" in which mostly its number stands, and what it is; or where there are comments
_MAX_TOLD = 16  # lengths in one dictionary, and of one number; more are doubtful
_MAX_LED = 64  # objects in which a length stands; more are, too, and kept for no stream
_MAX_ODD = 2_000  # objects with comments that are looked at
_MAX_CHAIN = 4  # references to references


@dataclass(frozen=True, slots=True)
class End:
    """Where a stream's octets end, and its "endstream" begins; whether a length says so for sure, or others may read more or less;
    the objects in which a length stands, and whether any of them is not found."""

    at: int
    behind: int
    is_sure: bool = False
    is_doubtful: bool = False
    led: frozenset[bytes] = frozenset()
    is_lost: bool = False


class Ahead:
    """Where a word stands next; asked with rising offsets, so that what is far or missing is looked for once."""

    __slots__ = ("_at", "_needle", "_octets")

    def __init__(self, octets: bytes, needle: Needle) -> None:
        self._octets = octets
        self._needle = needle
        self._at = -1

    def after(self, start: int) -> int:
        """Its next offset from `start` on, the end of the octets where there is none."""
        if self._at < start:
            at = self._needle.first(self._octets, start, is_far=True)
            self._at = len(self._octets) if at < 0 else at
        return self._at


class Ends:
    """The ends of streams, asked for in their order."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._words = Ahead(octets, _ENDSTREAM)
        self._known: dict[tuple[bytes, int], _Meant] = {}

    def of(self, start: int, keys: bytes) -> End:
        """The end of a stream that begins at an offset, with these keys."""
        if _KEY not in keys:
            return self._first(start)
        simple = _SIMPLE.search(keys)
        if simple is None or not _is_simple(keys, simple.start()):
            return self._told(start, keys)
        true = true_end(self._octets, start, int(simple[1]))
        if true is None:
            return self._first(start)
        return End(*true, True) if true[1] >= 0 else self._told(start, keys)

    def _told(self, start: int, keys: bytes) -> End:
        """The same, where there are several lengths, or one is written in an unusual way."""
        own = brackets.values(keys, _LENGTH).get(b"Length", [])
        meant = [self._meant(value) for value in own]
        every = [one[1] for one, _ in zip(_TOLD.finditer(keys), range(_MAX_TOLD + 1), strict=False)]
        ends: dict[int, int] = {}
        is_sure = bool(own)
        for one in meant:
            true = [true_end(self._octets, start, length) for length in one.lengths]
            is_sure = is_sure and len(true) == 1 and not one.is_odd and true[0] is not None and true[0][1] >= 0
            ends.update((behind, at) for at, behind in filter(None, true))
        best = max(ends, default=-1)
        others = [self._meant(value) for value in every if value not in own]
        true = [true_end(self._octets, start, length) for one in others for length in one.lengths]
        ends.update((behind, at) for at, behind in filter(None, true))
        if not is_sure:
            first = self._first(start)
            ends.setdefault(first.behind, first.at)
            best = best if best >= 0 else first.behind
        is_doubtful = len(ends) > 1 or len(every) > _MAX_TOLD or any(one.is_odd for one in meant)
        led = meant[0].led if len(meant) == 1 else frozenset(number for one in meant for number in one.led)
        return End(ends[best], best, is_sure, is_doubtful, led, any(not one.lengths and one.led for one in meant))

    def _first(self, start: int) -> End:
        octets = self._octets
        end = self._words.after(start)
        if end == len(octets):
            return End(end, end)
        return End(end - (2 if octets[end - 2 : end] == b"\r\n" else 1 if octets[end - 1 : end] in (b"\r", b"\n") else 0), end)

    def _meant(self, value: bytes, chain: int = _MAX_CHAIN) -> "_Meant":
        """The lengths that are meant by a number, or a reference to one."""
        match = _VALUE.fullmatch(value)
        if match is None:
            return _Meant(is_odd=True)
        if match[1] is not None:
            return _Meant(frozenset((int(match[1] or b"0"),)))
        number = (match[2] or b"").lstrip(b"0")
        if not number:
            return _Meant()
        if (known := self._known.get((number, chain))) is not None:
            return known
        every, is_odd = self._numbers
        values = every.get(number, []) if chain else []
        found = [self._meant(one, chain - 1) for one in values]
        lengths = frozenset(length for one in found for length in one.lengths)
        led = frozenset((number, *(other for one in found for other in one.led)))
        is_odd = is_odd or max(len(values), len(lengths)) > _MAX_TOLD or len(led) > _MAX_LED or any(one.is_odd for one in found)
        led = led if len(led) <= _MAX_LED else frozenset()
        return self._known.setdefault((number, chain), _Meant(frozenset([*lengths][:_MAX_TOLD]), led, is_odd))

    @once
    def _numbers(self) -> tuple[dict[bytes, list[bytes]], bool]:
        """What objects are that are numbers, or references; whether of some it is not known which these are."""
        found: dict[bytes, list[bytes]] = {}
        is_odd = False
        for number, value in _near_numbers(self._octets):
            known = found.setdefault(number, []) if number else [value]
            is_odd = is_odd or not number
            if value not in known and len(known) <= _MAX_TOLD:
                known.append(value)
        return found, is_odd


def _is_simple(keys: bytes, at: int) -> bool:
    """Whether the length at an offset is the only one, and that of the dictionary itself; no strings stand in it."""
    count = keys.count(_KEY)
    if count > 1:
        count -= sum(keys.count(_KEY + digit) for digit in (b"1", b"2", b"3"))  # of a font's program (9.9, table 127)
    opened, closed = keys.count(b"<<"), keys.count(b">>")
    if count != 1 or b"(" in keys or keys.count(b"<") != 2 * opened or keys.count(b">") != 2 * closed:
        return False
    return opened < 2 or keys.count(b"<<", 0, at) == keys.count(b">>", 0, at) + 1


@dataclass(frozen=True, slots=True)
class _Meant:
    """Some lengths, the objects in which they stand, and whether they are written in a way that readers take differently."""

    lengths: frozenset[int] = frozenset()
    led: frozenset[bytes] = frozenset()
    is_odd: bool = False


def _near_numbers(octets: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The number of each object that is one, or a reference, b"" where it is not found, and what it is, b"?" likewise."""
    left = _MAX_ODD
    for at in _OBJ.every(octets):
        if at == 0 or octets[at - 1] not in _BEFORE_OBJ:
            continue
        behind = _BEHIND.match(octets, at, at + _AROUND)
        assert behind is not None  # it begins so
        value = _NUMERIC.match(octets, behind.end())
        if value is None and behind.end() < at + _AROUND:
            continue
        begin = _OBJECT.search(octets[max(0, at - _NEAR) : at + 3])
        if begin is None and left > 0:
            left -= 1
            begin = _OBJECT.search(_COMMENT.sub(b" ", octets[max(0, at - _AROUND) : at + 3]).replace(b"\0", b" "))
        if begin is not None:
            yield begin[1].lstrip(b"0"), b"?" if value is None else value[0]
        elif left == 0 or _GENERATION.search(octets[max(0, at - _NEAR) : at]) is not None:
            yield b"", b"?"


def are_doubtful(octets: bytes, led: Iterable[tuple[int, End]], packed: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether streams that begin at some offsets may end elsewhere, as their lengths are found nowhere, or among some packed
    objects others that are true."""
    wanted = frozenset(number for _, end in led for number in end.led)
    values: dict[bytes, list[bytes]] = {}
    for number, body in packed:
        if number in wanted and len(known := values.setdefault(number, [])) <= _MAX_TOLD:
            value = _NUMERIC.match(_COMMENT.sub(b" ", body[:_AROUND]).strip(_WHITE))
            known.append(b"?" if value is None else value[0])
    for start, end in led:
        told = [_VALUE.fullmatch(value) for number in end.led for value in values.get(number, ())]
        if (end.is_lost and not told and end.behind < len(octets)) or len(told) > _MAX_TOLD:
            return True
        for one in told:
            true = true_end(octets, start, int(one[1])) if one is not None and one[1] else None
            if one is None or one[2] or (true is not None and true[1] != end.behind):
                return True
    return False


def true_end(octets: bytes, start: int, length: int) -> tuple[int, int] | None:
    """Where a stream of this length ends, and its "endstream" begins, -1 where it may behind what is looked at; None without."""
    end = start + length
    blank = _BLANK.match(octets, end, end + _LONGEST)
    if blank is None or end > len(octets):
        return None
    if octets.startswith(b"endstream", blank.end()):
        return end, blank.end()
    return (end, -1) if blank.end() == end + _LONGEST else None
