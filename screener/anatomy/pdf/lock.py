"""PDFs that are encrypted but open without a password, because the user's password is empty (ISO 32000-1 7.6, ISO 32000-2 7.6.4).

Every object that looks like an encryption dictionary is tried with every identifier, since no cross-reference table is followed;
a key counts where the dictionary itself confirms it. Promises: bounded by the sizes here and the file's own, never raises but
NotInline. RC4 (40 and 128 bits), AES-128, AES-256; other lengths of keys, which nobody writes, are noted.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import StrEnum
from itertools import chain, islice

from screener.anatomy import ciphers
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.pdf import lock_identifiers
from screener.anatomy.pdf.deflated import Packed
from screener.anatomy.pdf.dictionaries import LONGEST, TWICE, Bodies, Value, nested, parsed
from screener.anatomy.pdf.keys import Unknown, integer, md5, modern_key, old_key
from screener.anatomy.pdf.streams import Stream
from screener.anatomy.pdf.strings import string_octets
from screener.anatomy.pdf.trailers import Said
from screener.anatomy.pdf.written import END, OBJECT
from screener.anatomy.repeated import repeated
from screener.frozen import dataclass

_BLANK = rb"[\x00\t\n\f\r ]"


def _escapable(name: bytes) -> bytes:
    return b"".join(b"(?:%c|#%02x|#%02X)" % (one, one, one) for one in name)


_NAMED = re.compile(b"/" + _escapable(b"Standard") + END)  # a name that documents have for their paragraphs, too
_STANDARD = re.compile(b"/" + _escapable(b"Filter") + repeated(_BLANK + rb"|%[^\r\n]*+[\r\n]") + _NAMED.pattern)
_USER = re.compile(b"/" + _escapable(b"U") + _BLANK + rb"{0,99}(?:\(|<(?!<)|\+?[0-9])")
_BEGINS = re.compile(rb"(?<=[^d]obj)|(?<=trailer)")
_OBJECT = re.compile(OBJECT)
_REFERENCED = re.compile(rb"/" + _escapable(b"Encrypt") + _BLANK + rb"{0,99}\+?0*+([0-9]{1,10})(?![0-9])")
_NAMED_DICTIONARY = 65_536
_MAX_DICTIONARIES, _MAX_IDENTIFIERS, _MAX_BEGINS = 16, 16, 16
_SECRET = re.compile(  # the number of an object, or a string that a key or a tree of names has
    OBJECT + rb"|(?:/[^\s/<>\[\]()%{}]{1,127}|\[|\bR|>>)\s{0,99}([(]|<(?!<))"
)
_MAX_STRINGS = 100_000
_CRYPT = re.compile(rb"/Crypt" + END)
_CRYPT_NAME = re.compile(rb"/Name\s{0,99}/([^\s/<>\[\]()%{}]{1,127})")
_XREF = re.compile(rb"/Type\s{0,99}/XRef" + END)


class Method(StrEnum):
    """How streams or strings are encrypted (7.6.5, table 25)."""

    NONE = "None"
    RC4 = "V2"
    AES_128 = "AESV2"
    AES_256 = "AESV3"


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
        salted = self.key + (self.number & 0xFFFFFF).to_bytes(3, "little") + (self.generation & 0xFFFF).to_bytes(2, "little")
        size = min(16, len(self.key) + 5)
        return ciphers.aes(md5(salted + b"sAlT")[:size], start) if start else ciphers.rc4(md5(salted)[:size])

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
    others: "tuple[Lock, ...]" = ()  # that open without a password, too, where no trailer tells which it is

    def open(self, streams: Iterable[Stream]) -> None:
        """Have streams read deciphered; where nothing comes out so, as if they were not encrypted, and the other way round."""
        for stream in streams:
            stream.ciphers = tuple(dict.fromkeys(one for lock in (self, *self.others) for one in lock._ciphers(stream)))

    def _ciphers(self, stream: Stream) -> Iterator["_Sealed | None"]:
        method = self._method(stream)
        for one in (method, self.streams if method is Method.NONE else Method.NONE):
            yield None if one is Method.NONE else _Sealed(self.key, one, int(stream.number or b"0"), stream.generation)

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
                number, generation = int(match[1]), int(match[2][-9:])
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


def find(raw: bytes, said: Said, ledger: Ledger, place: str) -> Lock | None:
    """The lock of a PDF that opens without a password, None where none does; `raw` is what is between its streams.

    Where no trailer says that it is encrypted, one may that only readers find: a key that is confirmed counts all the same.
    """
    is_said = said.encrypted
    is_named = (_NAMED if is_said else _STANDARD).search(raw) is not None
    is_other = (is_said or b"/Encrypt" in raw or b"#" in raw) and _USER.search(raw) is not None
    if not is_named and not is_other:
        return None
    ledger.refuse_inline(f"{place} is encrypted")
    found: dict[Lock, bool] = {}
    told, are_odd = lock_identifiers.found(raw, said.identifiers)
    identifiers = (b"", *told)
    named = {match[1].lstrip(b"0") for match in _REFERENCED.finditer(raw)}
    every = (one for one in _dictionaries(raw, named, is_other=is_other) if one[1] or (is_said and is_named))
    dictionaries = [*islice(every, _MAX_DICTIONARIES + 1)]
    if not dictionaries and is_said and is_named:  # one that is written so that it is not found
        ledger.note(Defect.CONTAINER_METHOD, place)
    if (dictionaries and len(identifiers) > _MAX_IDENTIFIERS) or len(dictionaries) > _MAX_DICTIONARIES:
        ledger.note(Defect.CONTAINER_TOO_MANY_MEMBERS, place)
    for number, values in dictionaries[:_MAX_DICTIONARIES]:
        try:
            lock = _lock(values, identifiers[:_MAX_IDENTIFIERS])
        except (Unknown, ValueError):
            lock, is_odd = None, is_said
        else:
            is_odd = are_odd
        if lock is not None:
            found[lock] = number in named
            if any(TWICE in one for one in nested(values)):
                ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
        elif is_odd or _is_odd(values):
            ledger.note(Defect.CONTAINER_METHOD, place)
    if len(found) > 1 and is_said:
        ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
    lock = next((lock for lock, is_led in reversed(found.items()) if is_led), next(reversed(found), None))
    return lock if lock is None or is_said else replace(lock, others=tuple(one for one in found if one != lock))


def _dictionaries(raw: bytes, named: set[bytes], *, is_other: bool) -> Iterator[tuple[bytes, dict[str, Value]]]:
    """Every dictionary of the standard way of encryption, with the number of its object, b"" without; first those that are named,
    also where they are none. `is_other`: one may not say plainly that it is one."""
    seen: set[int] = set()
    bodies = Bodies(raw)
    objects = (match for match in _OBJECT.finditer(raw) if match[1].lstrip(b"0") in named)
    for match in islice(objects, _MAX_BEGINS if named else 0):
        seen.add(match.end())
        found = [bodies.put(one) for one in nested(parsed(raw, match.end(), _NAMED_DICTIONARY)) if _may_be_standard(one)]
        yield from ((match[1].lstrip(b"0"), values) for values in found or [{}])
    marks = (islice(one.finditer(raw), 2 * _MAX_DICTIONARIES) for one in ((_STANDARD, _USER) if is_other else (_STANDARD,)))
    for match in chain.from_iterable(marks):
        near = [one.start() for one in _BEGINS.finditer(raw, max(0, match.start() - LONGEST), match.start())]
        for begin in near[-_MAX_BEGINS:]:
            if begin in seen:
                continue
            seen.add(begin)
            for values in nested(parsed(raw, begin)):
                if _may_be_standard(values):
                    number = re.search(OBJECT + rb"\Z", raw[max(0, begin - 250) : begin])
                    yield number[1].lstrip(b"0") if number is not None else b"", bodies.put(values)


def _may_be_standard(values: dict[str, Value]) -> bool:
    """Whether a dictionary is of the standard way of encryption: it says so, in any letters, or says nothing and has its keys."""
    name = values.get("Filter")
    if isinstance(name, str) and name.startswith("/"):
        return "U" in values and name.lower() == "/standard"
    return "U" in values and not {"P", "R"}.isdisjoint(values)


def _is_odd(values: dict[str, Value]) -> bool:
    """Whether what a key is made of is told twice, or leads to nothing."""
    return TWICE in values or any(isinstance(one, str) and one.endswith(" R") for one in values.values())


def _lock(values: dict[str, Value], identifiers: tuple[bytes, ...]) -> Lock | None:
    """The lock that an encryption dictionary describes, where a password of no letters opens it."""
    version, revision = integer(values, "V", 0), integer(values, "R", 0)
    if not _may_be_standard(values) or version not in (1, 2, 4, 5) or revision not in (2, 3, 4, 5, 6):
        raise Unknown
    key = modern_key(values, revision) if revision >= 5 else old_key(values, version, revision, identifiers)
    if key is None:
        return None
    if version < 4:
        return Lock(key, Method.RC4, Method.RC4, Method.RC4)
    ways = values.get("CF")
    methods = {"Identity": Method.NONE}
    for name, way in ways.items() if isinstance(ways, dict) else ():
        said = way.get("CFM", "/None") if isinstance(way, dict) else "/None"
        if not isinstance(said, str) or said[1:] not in set(Method):
            raise Unknown
        methods[name] = Method(said[1:])
    streams = _way(values, "StmF", "/Identity")
    names = (streams, _way(values, "StrF", "/Identity"), _way(values, "EFF", f"/{streams}"))
    if not methods.keys() >= set(names):
        raise Unknown
    of_streams, of_strings, of_files = (methods[name] for name in names)
    if len(key) == 5 and not {Method.AES_128, Method.AES_256}.isdisjoint(methods.values()):
        raise Unknown
    return Lock(key, of_streams, of_strings, of_files, tuple(methods.items()))


def _way(values: dict[str, Value], key: str, default: str) -> str:
    name = values.get(key, default)
    return name[1:] if isinstance(name, str) else ""
