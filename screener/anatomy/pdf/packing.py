"""How a PDF's streams are packed, as their dictionaries tell it (ISO 32000-1 7.3.8.2, 7.4): filters and their parameters.

Promises: linear in the dictionary, never raises.
"""

import re
from collections.abc import Iterator

from screener.anatomy.pdf import brackets
from screener.anatomy.repeated import repeated
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
_BITS = (1, 2, 4, 8, 16)
UNDONE = (1, 2, *range(10, 16))
_MAX_FILTERS, _MAX_COLUMNS, _MAX_COLOURS = 8, 1_000_000, 32
# As programs write it; what is told otherwise readers do not take alike.
_NAMES = re.compile(rb"/[A-Za-z0-9]+|null|\[" + repeated(rb"\s++|/[A-Za-z0-9]++") + rb"\]")
_SAID = re.compile(rb"null|<<|\[(?!\s*+\[)")


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


Packing = dict[bytes, list[bytes]]


def packing(keys: bytes) -> Packing:
    """What a stream's dictionary says of how it is packed, as it is written there, by key."""
    if b"/F" not in keys and b"/D" not in keys:
        return {}
    if b"(" not in keys and b"/Decode" not in keys and b"/DP" not in keys and keys.count(b"<<") < 2 and keys.count(b"/F") == 1:
        simple = _SIMPLE.search(keys)
        if simple is not None:
            return {_FILTER: [simple[1]]}
    return brackets.values(keys, _PACKING)


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
    """Whether readers may undo filters in different ways: what is told twice, or by keys that only some know; more than is undone
    here; parameters that only some know, or take to belong to a filter."""
    if any(len(several) > 1 for several in packing.values()):
        return True
    told, said = (packing.get(key, [b"null"])[0] for key in (_FILTER, _PARAMETERS[0]))
    if any(packing.get(key, [b"null"])[0] != b"null" for key in _PARAMETERS[1:]):
        return True
    if packing.get(_FILTER_TOO, [b""])[0][:1] in (b"/", b"[") or _NAMES.fullmatch(told) is None or told.count(b"/") > _MAX_FILTERS:
        return True
    if said == b"null" or told == b"null":
        return False
    parameters = [*_dictionaries(said)]
    if _SAID.match(said) is None or any(_are_odd_parameters(one) for one in parameters):
        return True
    is_list = said[:1] == b"["
    is_other = is_list != (told[:1] == b"[") or (is_list and len(parameters) != told.count(b"/"))
    return is_other and any(one.predictor > 1 or one.early != 1 for one in (_filter(b"LZW", each) for each in parameters))


def _are_odd_parameters(parameters: bytes) -> bool:
    told = brackets.values(parameters, _NUMBER_KEYS)
    numbers = {key: int(one[1]) for key, several in told.items() if (one := _PLAIN.fullmatch(several[0])) is not None}
    if any(len(several) > 1 for several in told.values()) or len(numbers) < len(told):
        return True
    predictor = numbers.get(b"Predictor", 1)
    bits = numbers.get(b"BitsPerComponent", 8)
    if predictor not in UNDONE or bits not in _BITS or (predictor == 2 and bits != 8) or numbers.get(b"EarlyChange", 1) > 1:
        return True
    return not (1 <= numbers.get(b"Colors", 1) <= _MAX_COLOURS and 1 <= numbers.get(b"Columns", 1) <= _MAX_COLUMNS)


def _dictionaries(said: bytes) -> Iterator[bytes]:
    """The dictionaries of a list, or the only one, without what is in others in them; b"" for a null."""
    at = 0
    for _ in range(_MAX_FILTERS):
        found = _NULL_OR_DICTIONARY.search(said, at)
        if found is None:
            return
        at = found.end() if found[0] == b"null" else brackets.dictionary_end(said, found.start(), len(said))
        yield b"" if found[0] == b"null" else brackets.own(said[found.start() : at if at >= 0 else len(said)])
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
