"""PDFs that are encrypted but open without a password, because the user's password is empty (ISO 32000-1 7.6, ISO 32000-2 7.6.4).

Every object that looks like an encryption dictionary is tried with every identifier, since no cross-reference table is followed;
a key counts where the dictionary itself confirms it. Promises: bounded by the sizes here and the file's own, never raises but
ForeignParserNeeded. RC4 (40 and 128 bits), AES-128, AES-256; other lengths of keys, which nobody writes, are noted.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import TypeAlias

from screener.anatomy import ciphers
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.pdf import written
from screener.anatomy.pdf.filters import Packed
from screener.anatomy.pdf.streams import Stream, plain, string_octets
from screener.anatomy.repeated import repeated

_BLANK = rb"[\x00\t\n\f\r ]"
_END = rb"(?=[\x00\t\n\f\r ()<>\[\]{}/%]|\Z)"


def _escapable(name: bytes) -> bytes:
    return b"".join(b"(?:%c|#%02x|#%02X)" % (one, one, one) for one in name)


_NAMED = re.compile(b"/" + _escapable(b"Standard") + _END)  # a name that documents have for their paragraphs, too
_STANDARD = re.compile(b"/" + _escapable(b"Filter") + repeated(_BLANK + rb"|%[^\r\n]*+[\r\n]") + _NAMED.pattern)
_BEGINS = re.compile(rb"(?<=[^d]obj)|(?<=trailer)")
_IDENTIFIERS = re.compile(b"/" + _escapable(b"ID") + _BLANK + rb"{0,99}\[" + _BLANK + rb"{0,99}(?=[(<])")
_TOKEN = re.compile(
    rb"(?P<blank>[\x00\t\n\f\r ]++|%[^\r\n]*+)|(?P<open><<)|(?P<close>>>)|(?P<string>[(<])|"
    rb"/(?P<name>[^\x00\t\n\f\r /<>\[\]()%{}]*+)|(?P<list>\[)|(?P<end>\])|(?P<word>[^\x00\t\n\f\r /<>\[\]()%{}]++)|(?P<stray>.)",
    re.DOTALL,
)
_IDENTIFIERS_OF = re.compile(
    b"/" + _escapable(b"ID") + _BLANK + rb"{1,99}([0-9]{1,10})" + _BLANK + rb"{1,99}[0-9]{1,5}" + _BLANK + b"{1,99}R"
)
_OBJECT = re.compile(rb"([0-9](?<![0-9][0-9])[0-9]{0,9})\s{1,99}[0-9]{1,5}\s{1,99}obj\b")
_LIST = re.compile(_OBJECT.pattern + rb"\s{0,99}\[\s{0,99}(?=[(<])")
_REFERENCED = re.compile(rb"/" + _escapable(b"Encrypt") + _BLANK + rb"{1,99}([0-9]{1,10})" + _BLANK)
_DICTIONARY = 8_192  # octets of a dictionary
_NAMED_DICTIONARY = 65_536
_MAX_TOKENS = 400
_MAX_DICTIONARIES, _MAX_IDENTIFIERS, _MAX_BEGINS = 16, 16, 16
_MAX_TRAILERS = 10_000
_KEYS = frozenset((5, 16))  # octets
_PAD = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
_SECRET = re.compile(  # the number of an object, or a string that a key has
    rb"([0-9]{1,10})\s{1,99}([0-9]{1,5})\s{1,99}obj\b|/[^\s/<>\[\]()%{}]{1,127}\s{0,99}([(]|<(?!<))"
)
_MAX_STRINGS = 100_000
_CRYPT = re.compile(rb"/Crypt" + _END)
_CRYPT_NAME = re.compile(rb"/Name\s{0,99}/([^\s/<>\[\]()%{}]{1,127})")
_XREF = re.compile(rb"/Type\s{0,99}/XRef" + _END)

Value: TypeAlias = "bytes | str | dict[str, Value]"


class Method(StrEnum):
    """How streams or strings are encrypted (7.6.5, table 25)."""

    NONE = "None"
    RC4 = "V2"
    AES_128 = "AESV2"
    AES_256 = "AESV3"


class _Unknown(Exception):
    """An encryption that is not known here."""


@dataclass(frozen=True, slots=True)
class _Sealed:
    """What one object is encrypted with."""

    key: bytes
    method: Method
    number: int
    generation: int

    def _undoing(self, start: bytes) -> ciphers.Undoing:
        """The cipher (7.6.2, algorithms 1 and 1.A); `start` of AES are the 16 octets before."""
        if self.method is Method.AES_256:
            return ciphers.aes(self.key, start)
        salted = self.key + self.number.to_bytes(5, "little")[:3] + self.generation.to_bytes(5, "little")[:2]
        size = min(16, len(self.key) + 5)
        return ciphers.aes(_md5(salted + b"sAlT")[:size], start) if start else ciphers.rc4(_md5(salted)[:size])

    def pieces(self, packed: Iterable[Packed]) -> Iterator[bytes]:
        """Deciphered piece by piece, padding and all."""
        source = iter(packed)
        head = b""
        if self.method is not Method.RC4:
            for piece in source:
                head += bytes(piece)
                if len(head) >= 16:
                    break
            else:
                return
        undo = self._undoing(head[:16])
        yield undo(head[16:])
        for piece in source:
            yield undo(piece)

    def whole(self, packed: Packed) -> bytes:
        """Deciphered, without padding."""
        content = b"".join(self.pieces((packed,)))
        if self.method is Method.RC4 or not content or not 1 <= content[-1] <= 16:
            return content
        return content[: -content[-1]]


@dataclass(frozen=True, slots=True)
class Lock:
    """The key of a PDF, and what is encrypted in which way; `ways` are the ways by name."""

    key: bytes
    streams: Method
    strings: Method
    files: Method
    ways: tuple[tuple[str, Method], ...] = ()

    def open(self, streams: Iterable[Stream]) -> None:
        """Have streams read deciphered; where nothing comes out so, as if they were not encrypted, and the other way round."""
        for stream in streams:
            method = self._method(stream)
            other = self.streams if method is Method.NONE else Method.NONE
            stream.ciphers = tuple(
                None if one is Method.NONE else _Sealed(self.key, one, int(stream.number or b"0"), stream.generation)
                for one in dict.fromkeys((method, other))
            )

    def _method(self, stream: Stream) -> Method:
        """How a stream is encrypted; a table of references never is (7.5.8.2)."""
        if _XREF.search(stream.keys) is not None:
            return Method.NONE
        if _CRYPT.search(stream.keys) is not None:  # a way of its own (7.4.10)
            name = _CRYPT_NAME.search(stream.keys)
            return dict(self.ways).get(name[1].decode("latin-1"), Method.NONE) if name is not None else Method.NONE
        return self.files if stream.is_of(b"EmbeddedFile") else self.streams

    def opened(self, outside: bytes, ledger: Ledger, place: str) -> bytes:
        """What is between streams, with the strings that keys have deciphered, and written in hexadecimal."""
        if self.strings is Method.NONE:
            return outside
        out: list[bytes] = []
        at = strings = number = generation = 0
        for match in _SECRET.finditer(outside):
            if match.start() < at:
                continue
            if match[3] is None:
                number, generation = int(match[1]), int(match[2])
                continue
            strings += 1
            if strings > _MAX_STRINGS:
                ledger.note(Defect.CONTAINER_TOO_MANY_MEMBERS, place)
                break
            sealed, length = string_octets(outside, match.start(3))
            content = _Sealed(self.key, self.strings, number, generation).whole(sealed)
            out += (outside[at : match.start(3)], b"<", content.hex().encode("ascii"), b">")
            at = match.start(3) + length
        out.append(outside[at:])
        return b"".join(out)


def find(raw: bytes, ledger: Ledger, place: str) -> Lock | None:
    """The lock of a PDF that opens without a password, None where none does; `raw` is what is between its streams."""
    if _NAMED.search(raw) is None:
        return None
    ledger.require_foreign(f"{place} is encrypted")
    found: dict[Lock, bool] = {}
    trailers = [match.end() for match in islice(_IDENTIFIERS.finditer(raw), _MAX_TRAILERS)]
    trailers += [at.end() for at in _objects(raw, {match[1].lstrip(b"0") for match in _IDENTIFIERS_OF.finditer(raw)}, _LIST)]
    identifiers = (b"", *dict.fromkeys(string_octets(raw, at)[0] for at in trailers))
    named = {match[1].lstrip(b"0") for match in _REFERENCED.finditer(raw)}
    dictionaries = [*islice(_dictionaries(raw, named), _MAX_DICTIONARIES + 1)]
    if not dictionaries:  # one that is written so that it is not found
        ledger.note(Defect.CONTAINER_METHOD, place)
    if len(identifiers) > _MAX_IDENTIFIERS or len(dictionaries) > _MAX_DICTIONARIES:
        ledger.note(Defect.CONTAINER_TOO_MANY_MEMBERS, place)
    for number, values in dictionaries[:_MAX_DICTIONARIES]:
        try:
            lock = _lock(values, identifiers[:_MAX_IDENTIFIERS])
        except (_Unknown, ValueError):
            ledger.note(Defect.CONTAINER_METHOD, place)
            continue
        if lock is not None:
            found[lock] = number in named
    if len(found) > 1:
        ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
    return next((lock for lock, is_named in reversed(found.items()) if is_named), next(reversed(found), None))


def _objects(raw: bytes, numbers: set[bytes], begin: re.Pattern[bytes]) -> Iterator[re.Match[bytes]]:
    """Where objects of these numbers begin that begin so."""
    return (
        islice((match for match in begin.finditer(raw) if match[1].lstrip(b"0") in numbers), _MAX_BEGINS) if numbers else iter(())
    )


def _dictionaries(raw: bytes, named: set[bytes]) -> Iterator[tuple[bytes, dict[str, Value]]]:
    """Every dictionary of the standard way of encryption, with the number of its object, b"" without; first those that are named,
    also where they are none."""
    seen: set[int] = set()
    for match in _objects(raw, named, _OBJECT):
        seen.add(match.end())
        found = [values for values in _nested(_parsed(raw, match.end(), _NAMED_DICTIONARY)) if _is_standard(values)]
        yield from ((match[1].lstrip(b"0"), values) for values in found or [{}])
    for match in islice(_STANDARD.finditer(raw), 2 * _MAX_DICTIONARIES):
        near = [one.start() for one in _BEGINS.finditer(raw, max(0, match.start() - _DICTIONARY), match.start())]
        for begin in near[-_MAX_BEGINS:]:
            if begin in seen:
                continue
            seen.add(begin)
            for values in _nested(_parsed(raw, begin)):
                if _is_standard(values):
                    number = re.search(rb"([0-9]{1,10})\s{1,99}[0-9]{1,5}\s{1,99}obj\Z", raw[max(0, begin - 250) : begin])
                    yield number[1].lstrip(b"0") if number is not None else b"", values


def _is_standard(values: dict[str, Value]) -> bool:
    return values.get("Filter") == "/Standard" and "U" in values


def _nested(values: Value) -> Iterator[dict[str, Value]]:
    if isinstance(values, dict):
        yield values
        for value in values.values():
            yield from _nested(value)


def _parsed(raw: bytes, at: int, limit: int = _DICTIONARY) -> dict[str, Value]:
    """The first dictionary behind an offset: strings as octets, names with their slash, references as "R", all else as written.

    Lists are left out.
    """
    stack: list[dict[str, Value]] = []
    keys: list[str] = []
    key = last = ""
    depth = 0
    end = at + limit
    for _ in range(_MAX_TOKENS):
        token = _TOKEN.match(raw, at, end)
        if token is None:
            break
        at = token.end()
        value: Value | None = None
        match token.lastgroup:
            case "open":
                stack.append({})
                keys.append(key)
                key = ""
                continue
            case "close" if stack:
                value = stack.pop()
                key = keys.pop()
                if not stack:
                    return value
            case "string":
                value, length = string_octets(raw, token.start())
                at = max(token.start() + length, written.string_end(raw, token.start(), end) if token[0] == b"(" else 0)
            case "name":
                name = plain(token["name"]).decode("latin-1")
                if stack and not depth and not key:
                    key = name
                    continue
                value = f"/{name}"
            case "list":
                depth += 1
                continue
            case "end":
                depth -= 1
                key = "" if depth <= 0 else key
                continue
            case "word":
                value = token["word"].decode("latin-1")
            case _:
                continue
        if stack and key and not depth:
            stack[-1][key] = value
            key, last = "", key
        elif stack and last and value == "R":
            stack[-1][last] = "R"
    return stack[0] if stack else {}


def _lock(values: dict[str, Value], identifiers: tuple[bytes, ...]) -> Lock | None:
    """The lock that an encryption dictionary describes, where a password of no letters opens it."""
    version, revision = _number(values, "V", 0), _number(values, "R", 0)
    if version not in (1, 2, 4, 5) or revision not in (2, 3, 4, 5, 6):
        raise _Unknown
    key = _modern_key(values, revision) if revision >= 5 else _old_key(values, version, revision, identifiers)
    if key is None:
        return None
    if version < 4:
        return Lock(key, Method.RC4, Method.RC4, Method.RC4)
    ways = values.get("CF")
    methods = {"Identity": Method.NONE}
    for name, way in ways.items() if isinstance(ways, dict) else ():
        said = way.get("CFM", "/None") if isinstance(way, dict) else "/None"
        if not isinstance(said, str) or said[1:] not in set(Method):
            raise _Unknown
        methods[name] = Method(said[1:])
    streams = _way(values, "StmF", "/Identity")
    names = (streams, _way(values, "StrF", "/Identity"), _way(values, "EFF", f"/{streams}"))
    if not methods.keys() >= set(names):
        raise _Unknown
    of_streams, of_strings, of_files = (methods[name] for name in names)
    if len(key) == 5 and not {Method.AES_128, Method.AES_256}.isdisjoint(methods.values()):
        raise _Unknown
    return Lock(key, of_streams, of_strings, of_files, tuple(methods.items()))


def _way(values: dict[str, Value], key: str, default: str) -> str:
    name = values.get(key, default)
    return name[1:] if isinstance(name, str) else ""


def _number(values: dict[str, Value], key: str, default: int) -> int:
    value = values.get(key, str(default))
    if not isinstance(value, str) or re.fullmatch(r"[+-]?[0-9]{1,12}", value) is None:
        raise _Unknown
    return int(value)


def _string(values: dict[str, Value], key: str, size: int) -> bytes:
    value = values.get(key)
    if not isinstance(value, bytes) or len(value) < size:
        raise _Unknown
    return value[:size]


def _md5(octets: bytes) -> bytes:
    return hashlib.md5(octets, usedforsecurity=False).digest()


def _rc4(key: bytes, octets: bytes) -> bytes:
    return ciphers.rc4(key)(octets)


def _old_key(values: dict[str, Value], version: int, revision: int, identifiers: tuple[bytes, ...]) -> bytes | None:
    """The key by algorithm 2 (7.6.3.3), confirmed by algorithms 4 to 6; the owner's password may be the empty one, too."""
    owner, user = _string(values, "O", 32), _string(values, "U", 32 if revision == 2 else 16)
    rights = (_number(values, "P", 0) & 0xFFFFFFFF).to_bytes(4, "little")
    # Its length: as told (in bits, by some in octets), and those that programs take without looking.
    told = _number(values, "Length", 40)
    told = told if told <= 32 else told // 8
    sizes = (5,) if version == 1 or revision == 2 else tuple(dict.fromkeys((16 if version == 4 else told, 16, 5)))
    hidden = b"" if values.get("EncryptMetadata") != "false" or revision < 4 else b"\xff\xff\xff\xff"
    if not _KEYS.issuperset(sizes):
        raise _Unknown
    for size in sizes:
        for password in (_PAD, _padded(_owned(owner, revision, size))):
            for identifier in identifiers:
                key = _md5(password + owner + rights + identifier + hidden)
                for _ in range(50 if revision > 2 else 0):
                    key = _md5(key[:size])
                key = key[:size]
                if (_rc4(key, _PAD) if revision == 2 else _chain(key, _md5(_PAD + identifier), range(20))) == user:
                    return key
    return None


def _chain(key: bytes, octets: bytes, rounds: Iterable[int]) -> bytes:
    for number in rounds:
        octets = _rc4(bytes(one ^ number for one in key), octets)
    return octets


def _owned(owner: bytes, revision: int, size: int) -> bytes:
    """The user's password as an owner without password finds it (algorithm 7)."""
    key = _md5(_PAD)
    for _ in range(50 if revision > 2 else 0):
        key = _md5(key)
    return _chain(key[:size], owner, reversed(range(20)) if revision > 2 else (0,))


def _padded(password: bytes) -> bytes:
    return (password + _PAD)[:32]


def _modern_key(values: dict[str, Value], revision: int) -> bytes | None:
    """The key by algorithm 2.A (ISO 32000-2 7.6.4.3.3)."""
    user, owner = _string(values, "U", 48), _string(values, "O", 48)
    for told, sealed, more in ((user, "UE", b""), (owner, "OE", user)):
        if _hardened(told[32:40], more, revision) == told[:32]:
            return ciphers.aes(_hardened(told[40:48], more, revision), bytes(16))(_string(values, sealed, 32))
    return None


def _hardened(salt: bytes, more: bytes, revision: int) -> bytes:
    """The hash of a password of no letters (algorithm 2.B); what revision 5 took is its first round."""
    key = hashlib.sha256(salt + more).digest()
    if revision == 5:
        return key
    number = last = 0
    while number < 64 or last > number - 32:  # at most 287 rounds: an octet is at most 255
        made = ciphers.aes_made(key[:16], key[16:32], (key + more) * 64)
        key = (hashlib.sha256, hashlib.sha384, hashlib.sha512)[sum(made[:16]) % 3](made).digest()
        last = made[-1]
        number += 1
    return key[:32]
