"""The filters of a PDF's streams undone (ISO 32000-1 7.4): Flate, LZW, their predictors, hexadecimal, base 85, runs.

Promises: gives at most what it is asked for, never raises; linear. Damage ends it early. `Unfiltered.steps` tells how many octets
were made one by one by this program and not by a library, which costs 30 times as much: who asks keeps an account of them.
"""

import base64
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Protocol

from screener.anatomy.pdf import deflated, predictors, written
from screener.anatomy.pdf.deflated import Packed
from screener.frozen import dataclass

_SIMPLE = re.compile(rb"/Filter\s{0,9}(/[A-Za-z0-9]+(?=[\s/>])|\[[\s/A-Za-z0-9]*\])")
_FILTER, _FILTER_TOO = b"Filter", b"F"  # the other as some take it where there is no filter
_PARAMETERS = (b"DecodeParms", b"DP", b"FDecodeParms")
_PACKING = frozenset((_FILTER, _FILTER_TOO, *_PARAMETERS))
_NAME = re.compile(rb"/([A-Za-z0-9]+)")
_NULL_OR_DICTIONARY = re.compile(rb"null(?![A-Za-z])|<<")
_NUMBERS = {
    key: re.compile(rb"/" + key + rb"\s{0,99}[+]?0{0,99}([0-9]{1,7})(?:\.0{0,9}+)?(?![0-9.])(?!\s{1,99}[0-9]{1,20}\s{0,99}R\b)")
    for key in (b"Predictor", b"Columns", b"Colors", b"BitsPerComponent", b"EarlyChange")
}
_NUMBER_KEYS, _PLAIN = frozenset(_NUMBERS), re.compile(rb"\+?0*([0-9]{1,9})(?:\.0*)?")
_PREDICTORS = (1, 2, *range(10, 16))
_MAX_FILTERS, _MAX_COLUMNS, _MAX_COLOURS = 8, 1_000_000, 32
_STEP = 64 * 1024
_LONGEST_END = 8  # octets that may say that nothing comes


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter and its parameters (7.4.1, tables 8 and 11)."""

    name: bytes
    predictor: int = 1
    columns: int = 1
    colours: int = 1
    bits: int = 8
    early: int = 1
    is_headless: bool = False  # what is deflated has lost its first octets

    @property
    def is_stepped(self) -> bool:
        """Whether it is undone octet by octet here, or what it was predicted from is."""
        return self.predictor > 1 or self.is_unpacked_here

    @property
    def is_unpacked_here(self) -> bool:
        """Whether it is unpacked octet by octet here."""
        return self.name in (b"LZWDecode", b"LZW", b"RunLengthDecode", b"RL")


class Cipher(Protocol):
    """What a stream is encrypted with."""

    def whole(self, packed: Packed) -> bytes:
        """Deciphered, without padding."""

    def pieces(self, packed: Iterable[Packed]) -> Iterator[bytes]:
        """Deciphered piece by piece, padding and all."""


@dataclass(frozen=True, slots=True)
class Unfiltered:
    """What came out; how many octets went in, which may be more than the stream has; how many were made one by one; any damage;
    whether more may come out than was asked for."""

    content: bytes
    consumed: int = 0
    steps: int = 0
    is_damaged: bool = False
    is_cut: bool = False


Packing = dict[bytes, list[bytes]]


def packing(keys: bytes) -> Packing:
    """What a stream's dictionary says of how it is packed, as it is written there, by key."""
    if b"(" not in keys and b"/Decode" not in keys and keys.count(b"<<") < 2 and keys.count(b"/F") == 1:
        simple = _SIMPLE.search(keys)
        if simple is not None:
            return {_FILTER: [simple[1]]}
    return written.values(keys, _PACKING)


def filters(packing: Packing) -> tuple[Filter, ...]:
    """The filters in order; parameters that belong to none of them are the last one's."""
    told = packing.get(_FILTER) or [one for one in packing.get(_FILTER_TOO, ()) if one[:1] in (b"/", b"[")]
    names = [name[1] for name in _NAME.finditer(told[0])][:_MAX_FILTERS] if told else []
    said = next((packing[key][0] for key in _PARAMETERS if key in packing), b"")
    parameters = list(_dictionaries(said)) if names else []
    if not said.startswith(b"["):
        parameters = [b""] * (len(names) - 1) + (parameters[:1] or [b""])
    return tuple(_filter(name, parameters[index] if index < len(parameters) else b"") for index, name in enumerate(names))


def are_odd(packing: Packing) -> bool:
    """Whether readers may undo filters in different ways: what is told twice, or in two keys; more than is undone here; parameters
    that only some know."""
    filters = packing.get(_FILTER, []) + [one for one in packing.get(_FILTER_TOO, ()) if one[:1] in (b"/", b"[")]
    said = [one for key in _PARAMETERS for one in packing.get(key, ())]
    if len(filters) > 1 or len(said) > 1 or any(len(_NAME.findall(one)) > _MAX_FILTERS for one in filters):
        return True
    return any(_are_odd_parameters(one) for one in _dictionaries(said[0])) if said and filters else False


def _are_odd_parameters(parameters: bytes) -> bool:
    told = written.values(parameters, _NUMBER_KEYS)
    numbers = {key: int(one[1]) for key, several in told.items() if (one := _PLAIN.fullmatch(several[0])) is not None}
    if any(len(several) > 1 for several in told.values()) or len(numbers) < len(told):
        return True
    predictor = numbers.get(b"Predictor", 1)
    is_other = predictor not in _PREDICTORS or (predictor == 2 and numbers.get(b"BitsPerComponent", 8) != 8)
    return is_other or numbers.get(b"Colors", 1) > _MAX_COLOURS or numbers.get(b"Columns", 1) > _MAX_COLUMNS


def _dictionaries(said: bytes) -> Iterator[bytes]:
    """The dictionaries of a list, or the only one, without what is in others in them; b"" for a null."""
    at = 0
    for _ in range(_MAX_FILTERS):
        found = _NULL_OR_DICTIONARY.search(said, at)
        if found is None:
            return
        at = found.end() if found[0] == b"null" else written.dictionary_end(said, found.start(), len(said))
        yield b"" if found[0] == b"null" else written.own(said[found.start() : at if at >= 0 else len(said)])
        if at < 0:
            return


def _filter(name: bytes, parameters: bytes) -> Filter:
    def number(key: bytes, default: int) -> int:
        match = _NUMBERS[key].search(parameters)
        return default if match is None else int(match[1])

    if name not in (b"FlateDecode", b"Fl", b"LZWDecode", b"LZW"):
        return Filter(name)
    return Filter(
        name,
        number(b"Predictor", 1),
        min(max(1, number(b"Columns", 1)), _MAX_COLUMNS),
        min(max(1, number(b"Colors", 1)), _MAX_COLOURS),
        number(b"BitsPerComponent", 8),
        min(1, number(b"EarlyChange", 1)),
    )


def undo(
    octets: bytes, start: int, end: int, filters: tuple[Filter, ...], limit: int, steps: int, cipher: Cipher | None = None
) -> Unfiltered:
    """The stream between two offsets, at most `limit` octets, `steps` of them made one by one; b"" where a filter is not known."""
    view = memoryview(octets)
    # A word "endstream" among deflated octets does not end them: unpacking does.
    content = b""
    if not filters or filters[0].name not in (b"FlateDecode", b"Fl") or filters[0].is_headless:
        content = bytes(view[start:end]) if cipher is None else cipher.whole(view[start:end])
    consumed, left = len(content), steps
    is_damaged, is_cut = False, not filters and len(content) > limit
    for index, one in enumerate(filters):
        allowed = min(limit, left) if one.is_unpacked_here else limit
        size = len(content)
        match one.name:
            case b"FlateDecode" | b"Fl" if one.is_headless:
                content, is_damaged = deflated.headless(content, allowed)
            case b"FlateDecode" | b"Fl":
                pieces = _pieces(view, start, end) if index == 0 else (content,)
                content, used, damaged = deflated.inflated(pieces if cipher is None or index else cipher.pieces(pieces), allowed)
                consumed += used if index == 0 else 0
                is_damaged = is_damaged or damaged
            case b"LZWDecode" | b"LZW":
                content = _unlzw(content, allowed, one.early)
            case b"ASCIIHexDecode" | b"AHx":
                content = _unhexed(content, allowed)
            case b"ASCII85Decode" | b"A85":
                content = _unascii85(content, allowed)
            case b"RunLengthDecode" | b"RL":
                content = _unrun(content, allowed)
            case b"Crypt":  # undone before all others, as it stands before them
                pass
            case _:
                return Unfiltered(b"", consumed, steps - left, True)
        is_damaged = is_damaged or (size > _LONGEST_END and not content)
        is_cut = is_cut or len(content) >= allowed
        if one.is_unpacked_here:
            left -= len(content)
        if one.predictor in _PREDICTORS[1:]:
            content, used = predictors.unpredicted(content, one.predictor, one.columns, one.colours, one.bits, left)
            left -= used
            is_cut = is_cut or left <= 0
    return Unfiltered(content[:limit], consumed, steps - left, is_damaged, is_cut)


def _pieces(view: memoryview, start: int, end: int) -> Iterator[memoryview]:
    """A stream in pieces, then what follows it."""
    for at in chain(range(start, end, _STEP), range(end, len(view), _STEP)):
        yield view[at : min(at + _STEP, end) if at < end else at + _STEP]


def _unlzw(packed: bytes, limit: int, early: int) -> bytes:
    """LZW with codes of 9 to 12 bits, the highest first; `early` 1 where they grow one code too soon (7.4.4.2)."""
    table: list[bytes] = [*(bytes((value,)) for value in range(256)), b"", b""]
    out = bytearray()
    previous = b""
    value = bits = 0
    width = 9
    for octet in packed:
        value = (value << 8 | octet) & 0xFFFFF
        bits += 8
        if bits < width:
            continue
        bits -= width
        code = value >> bits & (1 << width) - 1
        if code == 256:
            del table[258:]
            previous, width = b"", 9
            continue
        if code == 257 or code > len(table) or (code == len(table) and not previous):
            break
        entry = table[code] if code < len(table) else previous + previous[:1]
        if previous and len(table) < 4096:
            table.append(previous + entry[:1])
        out += entry
        previous = entry
        if len(out) >= limit:
            break
        size = len(table) + early
        width = 9 if size < 512 else 10 if size < 1024 else 11 if size < 2048 else 12
    return bytes(out[:limit])


def _unhexed(octets: bytes, limit: int) -> bytes:
    digits = re.sub(rb"[^0-9A-Fa-f]", b"", octets.partition(b">")[0][: 4 * limit])
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))[:limit]


def _unascii85(octets: bytes, limit: int) -> bytes:
    body = octets.partition(b"~>")[0].strip().removeprefix(b"<~")
    try:
        return base64.a85decode(re.sub(rb"[^!-uz]", b"", body)[: 2 * limit])[:limit]
    except ValueError:
        return b""


def _unrun(packed: bytes, limit: int) -> bytes:
    """Runs (7.4.5): a length, and so many octets, or one that is repeated; 128 ends it."""
    out = bytearray()
    at = 0
    while at < len(packed) and packed[at] != 128 and len(out) < limit:
        length = packed[at]
        out += packed[at + 1 : at + 2 + length] if length < 128 else packed[at + 1 : at + 2] * (257 - length)
        at += 2 + length if length < 128 else 2
    return bytes(out[:limit])
