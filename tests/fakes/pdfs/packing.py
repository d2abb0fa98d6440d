"""Streams packed, and how that is told, as no program tells it (ISO 32000-1 7.3.8.2, 7.4)."""

import base64
import random
import zlib
from collections.abc import Callable

from fakes.pdfs.pen import Keys, Name, Value

PACKING_WAYS = ("filters", "filter-told", "filter-keys", "filter-names", "parameters", "numbers-of-parameters", "damage", "lies")


def _run(octets: bytes) -> bytes:
    pieces = (octets[at : at + 100] for at in range(0, len(octets), 100))
    return b"".join(b"%c%b" % (len(one) - 1, one) for one in pieces) + b"\x80"


def _lzw(octets: bytes) -> bytes:
    """With a code that clears before any could be long."""
    codes = [code for at in range(0, len(octets), 200) for code in (256, *octets[at : at + 200])] + [257]
    bits = "".join(f"{code:09b}" for code in codes)
    return int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")


def _rows(octets: bytes, columns: int) -> bytes:
    return b"".join(b"\0" + octets[at : at + columns] for at in range(0, len(octets), columns))


_FILTERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "FlateDecode": ("Fl", zlib.compress),
    "ASCIIHexDecode": ("AHx", lambda octets: octets.hex().encode() + b">"),
    "ASCII85Decode": ("A85", lambda octets: base64.a85encode(octets) + b"~>"),
    "RunLengthDecode": ("RL", _run),
    "LZWDecode": ("LZW", _lzw),
}
_COLUMNS = 8


class Packed:
    """A stream's octets packed, and the keys that tell how."""

    def __init__(self, chance: random.Random, ways: set[str], indirect: Callable[[Value], Value]) -> None:
        self._chance = chance
        self._ways = ways
        self._indirect = indirect

    def of(self, octets: bytes, keys: Keys) -> tuple[Keys, bytes]:
        """The keys with those that tell how, and the octets."""
        chance, ways = self._chance, self._ways
        if not ways.intersection(PACKING_WAYS):
            return (keys.put("Filter", Name("FlateDecode")), zlib.compress(octets)) if chance.random() < 0.5 else (keys, octets)
        many = chance.choice((1, 2, 2, 3, 9, 12)) if "filters" in ways else 1
        names = [chance.choice([*_FILTERS]) if "filters" in ways else "FlateDecode" for _ in range(many)]
        if many > 3:
            names = [chance.choice(("ASCIIHexDecode", "FlateDecode", "ASCII85Decode")) for _ in range(many)]
            names = [one if index in (0, many - 1) else "FlateDecode" for index, one in enumerate(names)]
        lies = "lies" in ways or (
            bool(ways & {"filter-keys", "filter-names", "filter-told", "parameters"}) and chance.random() < 0.2
        )
        parameters: list[Value] = []
        for name in names:
            is_predicted = bool(ways & {"parameters", "numbers-of-parameters"}) and name in ("FlateDecode", "LZWDecode")
            if not lies or chance.random() < 0.5:
                octets = _rows(octets, _COLUMNS) if is_predicted else octets
            if not lies or chance.random() < 0.5:
                octets = _FILTERS[name][1](octets)
            parameters.insert(0, self._parameters() if is_predicted else b"null")
        names.reverse()
        if "damage" in ways:
            octets = self._damaged(octets)
        told = self._names(names)
        key = chance.choice(("F", "Fl", "Filters", "FFilter", "filter")) if "filter-keys" in ways else "Filter"
        keys = keys.put(key, told)
        if "filter-keys" in ways and chance.random() < 0.4:
            keys.put("Filter", chance.choice((b"null", b"/X", b"[]", Name("ASCIIHexDecode"), b"[null]", b"(x)")))
        if any(one != b"null" for one in parameters) or chance.random() < 0.1:
            keys.put(self._key_of_parameters(), self._told_parameters(parameters))
        return keys, octets

    def _names(self, names: list[str]) -> Value:
        chance, ways = self._chance, self._ways
        told: list[Value] = [self._name(one) for one in names]
        if "filter-told" not in ways:
            return told if len(told) > 1 or chance.random() < 0.3 else told[0]
        match chance.randrange(9):
            case 0:
                return [list(told)]
            case 1:
                return self._indirect(list(told))
            case 2:
                return [self._indirect(one) for one in told]
            case 3:
                return [b"null", *told]
            case 4:
                return [*told, chance.choice((b"null", b"/X", b"7", b"()", b"/Crypt"))]
            case 5:
                return self._indirect(told[0])
            case 6:
                return b"(" + names[0].encode() + b")"
            case 7:
                return [[one] for one in told]
            case _:
                return [Name("Crypt"), *told]

    def _name(self, name: str) -> Value:
        if "filter-names" not in self._ways:
            return Name(name)
        short = _FILTERS[name][0]
        odd = (short, short, short.lower(), name.lower(), short + "-x", name + "x", short + "#00", name[:-6], f" {name}")
        return Name(self._chance.choice(odd))

    def _parameters(self) -> Keys:
        chance = self._chance
        columns: Value = _COLUMNS
        predictor: Value = chance.choice((10, 12, 15))
        if "numbers-of-parameters" in self._ways:
            match chance.randrange(4):
                case 0:
                    predictor = chance.choice(
                        (b"11", b"12.0", b"+12", b"012", b"12.9", b"16", b"9", b"3", b"(12)", b"-12", b"99", b"112")
                    )
                case 1:
                    columns = chance.choice((b"8.0", b"+8", b"08", b"8.9", b"4294967304", b"-8", b"--8", b"0.8", b"(8)", b"8e0"))
                case 2:
                    columns = self._indirect(_COLUMNS)
                case _:
                    predictor = self._indirect(predictor)
        keys = Keys([("Predictor", predictor), ("Columns", columns)])
        if chance.random() < 0.3:
            key = chance.choice(("Colors", "BitsPerComponent", "EarlyChange", "Columns", "Predictor"))
            value = chance.choice((b"1", b"8", b"2", b"0", b"null", b"-1", b"3", b"99"))
            keys.pairs.insert(chance.randint(0, 2), (key, value))
        return keys

    def _key_of_parameters(self) -> str:
        if "filter-keys" in self._ways or ("parameters" in self._ways and self._chance.random() < 0.3):
            return self._chance.choice(("DP", "FDecodeParms", "DecodeParams", "Parms", "decodeparms"))
        return "DecodeParms"

    def _told_parameters(self, parameters: list[Value]) -> Value:
        if "parameters" not in self._ways:
            return list(parameters) if len(parameters) > 1 else parameters[0]
        match self._chance.randrange(7):
            case 0:
                return list(parameters)
            case 1:
                return parameters[-1]
            case 2:
                return parameters[0]
            case 3:
                return self._indirect(list(parameters))
            case 4:
                return [self._indirect(one) for one in parameters]
            case 5:
                return [b"null", *parameters]
            case _:
                return [list(parameters)]

    def _damaged(self, octets: bytes) -> bytes:
        chance = self._chance
        match chance.randrange(7):
            case 0:
                return octets[:-4] + bytes(4)
            case 1:
                return octets + chance.randbytes(chance.randint(1, 40))
            case 2:
                return octets[2:]
            case 3:
                return chance.choice((b"\n", b"\r\n", b" ", b"\0", b"x")) + octets
            case 4:
                return octets[: -chance.randint(1, 6)]
            case 5:
                return bytes((octets[0], octets[1] ^ 1)) + octets[2:]
            case _:
                at = chance.randrange(len(octets))
                return octets[:at] + chance.choice((b"\n", b"\0", b"%", b" ")) + octets[at:]
