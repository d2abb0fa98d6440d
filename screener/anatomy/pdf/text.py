"""The text of a PDF's pages (ISO 32000-1 9), as its fonts tell letters: by a map to Unicode, or by a Latin encoding.

In the order of drawing; where letters are put side by side, which only their widths could tell from words, the text is given in
both ways; so it is where a line is not drawn from left to right. Where letters are said to be others than those that are drawn (by
a map that contradicts the encoding, by the words that stand for them, 14.9.4), both are given, too. What is drawn as a picture, or
in a font that does not tell its letters, is not found.
Promises: linear, at most as many characters as asked for, never raises. Whether the file may be unpacked is the caller's to say:
`unpacked` gives a stream's octets.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain

from screener.anatomy.pdf import drawing, fonts
from screener.anatomy.pdf.drawing import EACH, PLACE, Drawing
from screener.anatomy.pdf.fonts import Font
from screener.anatomy.pdf.streams import Stream, plain, string
from screener.anatomy.pdf.written import OBJECT, REFERENCE

Unpacked = Callable[[Stream], bytes]

_OBJECT = re.compile(OBJECT)
_REFERENCE = re.compile(REFERENCE)
_CONTENTS = re.compile(rb"/Contents\s{0,99}+[+]?(?=[\[0-9])")
_NAMED = re.compile(rb"/([^\s/<>\[\]()%{}]{1,127})\s{0,99}" + REFERENCE)
_SAID = re.compile(rb"/(?:Contents|V|Title|Subject|Keywords|Author|TU|Alt|ActualText)\s{0,9}(?=\(|<(?!<))")
_BEGIN = re.compile(rb"\s*+[+]?([\[0-9])")
_KEYS = 65_536  # octets of an object that are looked at
_MAX_OBJECTS = 200_000
_MAX_CODES = 200_000  # of all fonts' maps
_MAX_FONTS = 2_000
_MAX_PARENTS = 20
_MAX_DRAWN = 200_000  # streams that pages name


def read(
    outside: bytes,
    streams: list[Stream],
    packed: Iterable[tuple[Stream, bytes]],
    unpacked: Unpacked,
    limit: int,
    cut: Callable[[], None] = lambda: None,
) -> str:
    """The text; `outside` is what is between streams, names' escapes undone, `packed` are object streams and what is in them.

    `cut` is told where pages draw more streams than are read.
    """
    objects, older = _objects(outside, packed)
    document = _Document(objects, older, streams, unpacked)
    out = list(document.said(limit))
    left = limit - sum(max(EACH, len(piece) + 1) for piece in out)
    seen: set[tuple[bytes, ...]] = set()
    streams_drawn = 0
    for own, numbers, is_page in document.pages():
        streams_drawn += len(numbers)
        if streams_drawn > _MAX_DRAWN or left <= 0:
            break
        if (alike := tuple(numbers)) in seen:
            continue
        seen.add(alike)
        for found in document.drawn(numbers):
            streams_drawn += len(found)
            if streams_drawn > _MAX_DRAWN:
                break
            content = b"\n".join(map(unpacked, found))
            if is_page and not document.may_set_font(content):
                continue  # no reader shows a letter of it, whatever it is
            drawn = Drawing(content, partial(document.called, own), left)
            for shown in drawing.shown(drawn):
                left -= max(EACH, len(shown) + 1)
                out.append(shown)
    if streams_drawn > _MAX_DRAWN:
        cut()
    text = "\n".join(out)[:limit]
    if PLACE not in text:
        return text
    joined, parted = text.replace(PLACE, ""), text.replace(PLACE, " ")
    return f"{joined}\n{parted}"[:limit]


def _objects(outside: bytes, packed: Iterable[tuple[Stream, bytes]]) -> tuple[dict[bytes, bytes], list[bytes]]:
    """Every object by its number, the last of a number; of a stream its dictionary. And older pages: a table may lead to them."""
    found: dict[bytes, bytes] = {}
    older: list[bytes] = []

    def add(number: bytes, body: bytes) -> None:
        known = found.get(number)
        if known is not None and known != body and b"/Contents" in known:
            older.append(known)
        found[number] = body

    number, at = b"", len(outside)
    for match in _OBJECT.finditer(outside):
        add(number, outside[at : min(match.start(), at + _KEYS)])
        number, at = match[1].lstrip(b"0"), match.end()
        if len(found) + len(older) >= _MAX_OBJECTS:
            break
    add(number, outside[at : at + _KEYS])
    for stream, content in packed:
        for number, body in stream.packed_objects(content):
            if len(found) + len(older) < _MAX_OBJECTS:
                add(number, plain(body[:_KEYS]))
    return found, older


Fonts = dict[bytes, bytes]  # numbers of fonts by the names that a page has for them


class _Document:
    """Objects and streams by their numbers; what many lead to is read once."""

    def __init__(self, objects: dict[bytes, bytes], older: list[bytes], streams: list[Stream], unpacked: Unpacked) -> None:
        self.objects = objects
        self.streams: dict[bytes, Stream] = {}  # the last of a number, those before all others that may be none
        self._older_pages = older
        self._older: dict[bytes, list[Stream]] = {}  # all others of a number
        for stream in sorted(streams, key=lambda one: not one.is_within):
            if stream.number in self.streams:
                self._older.setdefault(stream.number, []).append(self.streams[stream.number])
            self.streams[stream.number] = stream
        self.every: Fonts = {}  # of all pages, for what does not say its own
        self._unpacked = unpacked
        self._fonts: dict[bytes, Font] = {}
        self._resources: dict[bytes, Fonts] = {}
        self._lists: dict[bytes, list[bytes]] = {}
        self._encodings: dict[bytes, dict[int, str]] = {}
        self._codes = _MAX_CODES
        self._has_states: bool | None = None

    def said(self, limit: int) -> Iterator[str]:
        """Texts that stand in objects: comments, fields, titles."""
        for body in self.objects.values():
            for match in _SAID.finditer(body) if b"(" in body or b"<" in body else ():
                text, looked = string(body, match.end())
                limit -= max(EACH, looked)
                if limit <= 0:
                    return
                if text:
                    yield text

    def may_set_font(self, content: bytes) -> bool:
        """Whether a font may be set in what a page draws."""
        if drawing.sets_font(content):
            return True
        if self._has_states is None:
            self._has_states = any(b"/ExtGState" in body for body in self.objects.values())
        return self._has_states and drawing.sets_state(content)

    def pages(self) -> Iterator[tuple[Fonts, list[bytes], bool]]:
        """Fonts, and the numbers of the streams that are drawn with them, as one (7.8.2): of pages, then of forms (8.10), which may
        have their font from where they are drawn."""
        for body in self.objects.values():
            if b"/Font" in body:
                self.every |= self._fonts_of(body)
        for body in chain(self.objects.values(), self._older_pages):
            if b"/Contents" in body and (numbers := self._contents(body)):
                yield self._inherited(body), numbers, True
        for stream in self.streams.values():
            if b"/Form" in stream.keys:
                yield self._fonts_of(stream.keys), [stream.number], False

    def _contents(self, body: bytes) -> list[bytes]:
        """What a page draws: all that any key of this name leads to, in strings and annotations, too, which tells nobody a lie."""
        numbers: dict[bytes, None] = {}
        seen: set[bytes] = set()
        done = 0
        for key in _CONTENTS.finditer(body):
            reference = _REFERENCE.match(body, key.end())
            if key.start() < done or (reference is not None and reference[1].lstrip(b"0") in seen):
                continue
            if reference is not None:
                seen.add(reference[1].lstrip(b"0"))
            else:
                done = body.find(b"]", key.end()) % (len(body) + 1)  # its end, or that of all
            numbers.update(dict.fromkeys(self._led_to(body, key.end())))
        return list(numbers)

    def drawn(self, numbers: list[bytes]) -> Iterator[list[Stream]]:
        """The streams of these numbers, then the older ones, to which a table of references may lead; each of those once."""
        yield from filter(
            None,
            (
                [self.streams[number] for number in numbers if number in self.streams],
                [stream for number in numbers for stream in self._older.pop(number, ())],
            ),
        )

    def _inherited(self, body: bytes) -> Fonts:
        """A page's fonts, or those of what it lies in (7.7.3.4)."""
        for _ in range(_MAX_PARENTS):
            if fonts := self._fonts_of(body):
                return fonts
            above = self._references(body, b"/Parent")[:1]
            if not above or above[0] not in self.objects:
                break
            if (known := self._resources.get(above[0])) is not None:
                return known
            body = self.objects[above[0]]
            self._resources[above[0]] = self._fonts_of(body)
        return {}

    def _fonts_of(self, body: bytes) -> Fonts:
        """The fonts of the resources in an object, or of those it leads to (7.8.3)."""
        at = _font_at(body)
        number = b""
        if at < 0 and (resources := self._references(body, b"/Resources")[:1]):
            number = resources[0]
        elif at >= 0 and (whole := _REFERENCE.match(body[at : at + 64].lstrip())) is not None:
            number = whole[1].lstrip(b"0")
        if not number:
            return _named(body, at) if at >= 0 else {}
        if number not in self._resources:
            self._resources[number] = {}  # one that leads to itself ends here
            target = self.objects.get(number, b"")
            self._resources[number] = _named(target, 0) if at >= 0 else self._fonts_of(target)
        return self._resources[number]

    def _references(self, body: bytes, key: bytes) -> list[bytes]:
        """What a key leads to: one object or several, a list in an object of its own."""
        at = body.find(key)
        return self._led_to(body, at + len(key)) if at >= 0 else []

    def _led_to(self, body: bytes, at: int) -> list[bytes]:
        """The objects that a reference or a list of them leads to that stands behind blanks."""
        begin = _BEGIN.match(body, at)
        if begin is None:
            return []
        if begin[1] == b"[":
            return _listed(body, begin.end())
        match = _REFERENCE.match(body, begin.start(1))
        if match is None:
            return []
        number = match[1].lstrip(b"0")
        if number not in self._lists:
            target = self.objects.get(number, b"").lstrip()
            self._lists[number] = _listed(target, 1) if target.startswith(b"[") else [number]
        return self._lists[number]

    def called(self, own: Fonts, name: bytes) -> Font:
        """The font that a page, or else any, calls by this name."""
        known = own.get(name) or self.every.get(name)
        return self.font(known) if known else fonts.PLAIN

    def font(self, number: bytes) -> Font:
        """A font by its number, read once."""
        if number not in self._fonts:
            if len(self._fonts) >= _MAX_FONTS:
                return fonts.PLAIN
            self._fonts[number] = self._font(self.objects.get(number, b""))
        return self._fonts[number]

    def _font(self, body: bytes) -> Font:
        composite = b"/Type0" in body or b"/DescendantFonts" in body
        letters: dict[int, str] = {}
        if not composite:
            letters = self._latin(body)
        elif b"UTF16" in body or b"UCS2" in body:
            return Font(letters, 0)
        for number in self._references(body, b"/ToUnicode")[:1]:
            if (stream := self.streams.get(number)) is not None:
                told, count = fonts.told(self._unpacked(stream), self._codes)
                self._codes -= count
                if not composite and fonts.contradict(letters, told) and self._has_letters(body):
                    return Font(letters | told, 1, letters)
                letters = letters | told
        return Font(letters, 2 if composite else 1)

    def _has_letters(self, body: bytes) -> bool:
        """Whether a font with codes of one octet shows the letters of its encoding: it names one, or has no glyphs of its own."""
        descriptor = self.objects.get(next(iter(self._references(body, b"/FontDescriptor")), b""), b"")
        return b"/Type3" not in body and (b"/Encoding" in body or b"/FontFile" not in descriptor)

    def _latin(self, body: bytes) -> dict[int, str]:
        """The letters of a font with codes of one octet, by an encoding of its own or one that many have."""
        number = next(iter(self._references(body, b"/Encoding")), b"")
        if not number:
            return fonts.latin(body)
        if number not in self._encodings:
            self._encodings[number] = fonts.latin(self.objects.get(number, b""))
        return self._encodings[number]


def _font_at(body: bytes) -> int:
    """Where what "/Font" leads to begins, -1 without; "/FontName" is another key."""
    at = body.find(b"/Font")
    while at >= 0 and body[at + 5 : at + 6].isalnum():
        at = body.find(b"/Font", at + 5)
    return at + 5 if at >= 0 else -1


def _named(body: bytes, at: int) -> Fonts:
    end = body.find(b">>", at)
    return {match[1]: match[2].lstrip(b"0") for match in _NAMED.finditer(body, at, end if end >= 0 else len(body))}


def _listed(text: bytes, at: int) -> list[bytes]:
    end = text.find(b"]", at)
    return [match[1].lstrip(b"0") for match in _REFERENCE.finditer(text, at, end if end >= 0 else len(text))]
