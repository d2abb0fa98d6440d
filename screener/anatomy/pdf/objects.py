"""The objects of a PDF by their numbers, and what its pages lead to (ISO 32000-1 7.3.10, 7.7.3.3), as lenient readers are led.

Promises: linear, never raises. `is_cut` tells that a page leads to something that is not read here.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from screener.anatomy.pdf.packed import objects as packed_objects
from screener.anatomy.pdf.streams import Stream, plain
from screener.anatomy.pdf.written import OBJECT, is_plain, spaced

Unpacked = Callable[[Stream], bytes]

_OBJECT = re.compile(OBJECT)
_CONTENTS = re.compile(rb"/Contents(?=[\s\[])\s*+(?=[-+.\[0-9])")
# A number by which an object is called, and what stands in a list: a sign, zeros, and a fraction are passed over.
_NUMBER = rb"[-+]*+(?=[0-9])0*+([0-9]{0,10}+)(?:\.[0-9]*+)?\s++[-+]*+[0-9]++(?:\.[0-9]*+)?\s*+R\b"
_REFERENCE = re.compile(rb"\s*+" + _NUMBER)
_ELEMENT = re.compile(_NUMBER + rb"|(?:null)(?![^\s\]])|([^\s\]]++)|(\])")
_LIST = re.compile(rb"\s*+\[")
_NOTHING = re.compile(rb"\s*+(?:null\b|\(|<(?!<)|endobj|\Z)")  # or a string, as an annotation has
_KEYS = 65_536  # octets of an object that are looked at
_MAX_OBJECTS = 200_000
_MAX_CHAIN = 4  # references to references


class Objects:
    """Objects and streams by their numbers; what many lead to is looked up once."""

    def __init__(self, outside: bytes, packed: Iterable[tuple[Stream, bytes]], streams: list[Stream]) -> None:
        self.is_cut = False
        self.bodies: dict[bytes, bytes] = {}  # the last of a number; of a stream its dictionary
        self.older: list[bytes] = []  # pages to which a table of references may lead
        self.streams: dict[bytes, Stream] = {}  # the last of a number, those before all others that may be none
        self._older_streams: dict[bytes, list[Stream]] = {}  # all others of a number
        for stream in sorted(streams, key=lambda one: not one.is_within):
            if stream.number in self.streams:
                self._older_streams.setdefault(stream.number, []).append(self.streams[stream.number])
            self.streams[stream.number] = stream
        self._meant: dict[bytes, _Led] = {}
        self._find(outside)
        for stream, content in packed:
            are_plain = is_plain(content)
            for number, body in packed_objects(stream.keys, content)[0]:
                text = body[:_KEYS]
                if not are_plain or b"%" in text or (b"(" in text and b"obj" in text):
                    text = spaced(text, is_object=True).text
                self._add(number, plain(text), body, _KEYS, len(body))

    def _find(self, outside: bytes) -> None:
        number, at = b"", len(outside)
        for match in _OBJECT.finditer(outside):
            self._add(number, outside[at : min(match.start(), at + _KEYS)], outside, at + _KEYS, match.start())
            number, at = match[1].lstrip(b"0"), match.end()
        self._add(number, outside[at : at + _KEYS], outside, at + _KEYS, len(outside))

    def _add(self, number: bytes, body: bytes, text: bytes, looked: int, end: int) -> None:
        """Another object, whose octets go on in `text` from where they were looked at to its end."""
        if len(self.bodies) + len(self.older) >= _MAX_OBJECTS:
            self.is_cut = self.is_cut or b"/Contents" in body
            return
        self.is_cut = self.is_cut or (looked < end and text.find(b"/Contents", looked - 9, end) >= 0)
        known = self.bodies.get(number)
        if known is not None and known != body and b"/Contents" in known:
            self.older.append(known)
        self.bodies[number] = body

    def contents(self, body: bytes) -> list[bytes]:
        """What a page draws: all that any key of this name leads to, in strings and annotations, too, which tells nobody a lie."""
        numbers: dict[bytes, None] = {}
        seen: set[bytes] = set()
        done = 0
        for key in _CONTENTS.finditer(body):
            reference = _REFERENCE.match(body, key.end())
            if key.start() < done or (reference is not None and reference[1] in seen):
                continue
            if reference is not None:
                seen.add(reference[1])
            else:
                done = body.find(b"]", key.end()) % (len(body) + 1)  # its end, or that of all
            led = self._led(body, key.end())
            self.is_cut = self.is_cut or led.is_odd
            numbers.update(dict.fromkeys(led.numbers))
        return list(numbers)

    def drawn(self, numbers: list[bytes]) -> Iterator[list[Stream]]:
        """The streams of these numbers, then the older ones, to which a table of references may lead; each of those once."""
        yield from filter(
            None,
            (
                [self.streams[number] for number in numbers if number in self.streams],
                [stream for number in numbers for stream in self._older_streams.pop(number, ())],
            ),
        )

    def reference(self, body: bytes, key: bytes) -> bytes | None:
        """What a key leads to, if it does: of several objects, listed there or in an object of its own, the first."""
        at = body.find(key)
        return next(iter(self._led(body, at + len(key)).numbers), None) if at >= 0 else None

    def stream(self, body: bytes, key: bytes) -> Stream | None:
        """The stream that a key leads to, if it does."""
        number = self.reference(body, key)
        return None if number is None else self.streams.get(number)

    def _led(self, body: bytes, at: int) -> "_Led":
        """What a reference or a list of them leads to that stands behind blanks."""
        if (begin := _LIST.match(body, at)) is not None:
            return self._listed(body, begin.end())
        if (match := _REFERENCE.match(body, at)) is None:
            return _Led([], True)
        if (known := self._meant.get(match[1])) is None:
            known = self._meant[match[1]] = self._target(match[1])
        return known

    def _target(self, number: bytes) -> "_Led":
        """What a number means: itself, or what is listed there, or where a reference there leads."""
        for _ in range(_MAX_CHAIN):
            body = self.bodies.get(number, b"")
            if (begin := _LIST.match(body)) is not None:
                listed = self._listed(body, begin.end())
                return _Led([number, *listed.numbers], listed.is_odd) if number in self.streams else listed
            led = _REFERENCE.match(body)
            if led is None or number in self.streams:
                break
            number = led[1]
        return _Led([number], not self._is_read(number))

    def _listed(self, text: bytes, at: int) -> "_Led":
        """What is listed behind an offset, to the end of the list."""
        found = _Led([], False)
        for one in _ELEMENT.finditer(text, at):
            if one[3] is not None:
                break
            if one[1] is not None:
                found.numbers.append(one[1])
            found.is_odd = found.is_odd or one[2] is not None or (one[1] is not None and not self._is_read(one[1]))
        return found

    def _is_read(self, number: bytes) -> bool:
        """Whether a stream of this number is read, or there is none to be read."""
        return number in self.streams or (number in self.bodies and _NOTHING.match(self.bodies[number]) is not None)


@dataclass(slots=True)
class _Led:
    """Numbers of objects; whether it is written oddly, or leads to what is not read."""

    numbers: list[bytes]
    is_odd: bool
