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
from screener.anatomy.pdf.objects import Objects
from screener.anatomy.pdf.streams import Stream, string
from screener.anatomy.pdf.streams import text as streams_text
from screener.anatomy.pdf.written import REFERENCE

Unpacked = Callable[[Stream], bytes]

_REFERENCE = re.compile(REFERENCE)
_NAMED = re.compile(rb"/([^\s/<>\[\]()%{}]{1,127})\s{0,99}" + REFERENCE)
_SAID = re.compile(
    rb"/(?:(Contents)|V|DV|RC|CA|Subj|Title|Subject|Keywords|Author|TU|Alt|ActualText)\s{0,9}(?:(?=\(|<(?!<))|" + REFERENCE + rb")"
)
_STRING = re.compile(rb"\s*+(?=\(|<(?!<))")
# A form; its type may be told elsewhere, and what is not called one be drawn as one: a pattern, what a comment looks like (12.5.5).
_FORM = re.compile(rb"/Form|/BBox|/Subtype\s{1,99}[-+0-9]")
_MAX_CODES = 200_000  # of all fonts' maps
_MAX_FONTS = 2_000
_LONG_STRING, _SHORT_STRING = 60_000, 2_000  # octets of a string that are read
_LONG_STRINGS = 400_000  # octets of all, until they are read as short ones
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
    objects = Objects(outside, packed, streams)
    document = _Document(objects, unpacked)
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
        for found in objects.drawn(numbers):
            streams_drawn += len(found)
            if streams_drawn > _MAX_DRAWN:
                break
            content = b"\n".join(map(unpacked, found))
            if is_page and not document.may_set_font(content):
                continue  # no reader shows a letter of it, whatever it is
            if is_page and drawing.is_noise(content):
                cut()  # what few readers would make something of is not read
                content = drawing.behind_noise(content)
            drawn = Drawing(content, partial(document.called, own), left)
            for shown in drawing.shown(drawn):
                left -= max(EACH, len(shown) + 1)
                out.append(shown)
    if streams_drawn > _MAX_DRAWN or objects.is_cut:
        cut()
    text = "\n".join(out)[:limit]
    if PLACE not in text:
        return text
    joined, parted = text.replace(PLACE, ""), text.replace(PLACE, " ")
    return f"{joined}\n{parted}"[:limit]


Fonts = dict[bytes, bytes]  # numbers of fonts by the names that a page has for them


class _Document:
    """What is drawn with which fonts; each font is read once."""

    def __init__(self, objects: Objects, unpacked: Unpacked) -> None:
        self.objects = objects
        self.every: Fonts = {}  # of all pages, for what does not say its own
        self._unpacked = unpacked
        self._fonts: dict[bytes, Font] = {}
        self._resources: dict[bytes, Fonts] = {}
        self._long_left = _LONG_STRINGS
        self._values: set[bytes] = set()  # streams that are given as such
        self._encodings: dict[bytes, dict[int, str]] = {}
        self._codes = _MAX_CODES
        self._has_states: bool | None = None

    def said(self, limit: int) -> Iterator[str]:
        """Texts that stand in objects: comments, fields, titles."""
        for body in self.objects.bodies.values():
            for match in _SAID.finditer(body) if b"/" in body else ():
                text, looked = self._value(body, match)
                limit -= max(EACH, looked)
                if limit <= 0:
                    return
                if text:
                    yield text

    def _value(self, body: bytes, match: re.Match[bytes]) -> tuple[str, int]:
        """The text that a key has, in a string or a stream of its own, too; and how many octets were looked at."""
        number = match[2].lstrip(b"0") if match[2] is not None else None
        here = body if number is None else self.objects.bodies.get(number, b"")
        begin = _STRING.match(here, match.end() if number is None else 0)
        if begin is not None:
            is_signature = b"/ByteRange" in here  # whose long one is no text
            most = _SHORT_STRING if is_signature else max(_SHORT_STRING, min(_LONG_STRING, self._long_left))
            text, looked = string(here, begin.end(), most)
            self._long_left -= looked
            self.objects.is_cut = self.objects.is_cut or (looked >= most and not is_signature)
            return text, looked
        if number is None or match[1] is not None or number in self._values or number not in self.objects.streams:
            return "", 0
        self._values.add(number)
        content = self._unpacked(self.objects.streams[number])
        return streams_text(content), len(content)

    def may_set_font(self, content: bytes) -> bool:
        """Whether a font may be set in what a page draws."""
        if drawing.sets_font(content):
            return True
        if self._has_states is None:
            self._has_states = any(b"/ExtGState" in body for body in self.objects.bodies.values())
        return self._has_states and drawing.sets_state(content)

    def pages(self) -> Iterator[tuple[Fonts, list[bytes], bool]]:
        """Fonts, and the numbers of the streams that are drawn with them, as one (7.8.2): of pages, then of forms (8.10), which may
        have their font from where they are drawn."""
        for body in self.objects.bodies.values():
            if b"/Font" in body:
                self.every |= self._fonts_of(body)
        for body in chain(self.objects.bodies.values(), self.objects.older):
            if b"/Contents" in body and (numbers := self.objects.contents(body)):
                yield self._inherited(body), numbers, True
        for stream in self.objects.streams.values():
            if _FORM.search(stream.keys) is not None:
                yield self._fonts_of(stream.keys), [stream.number], False

    def _inherited(self, body: bytes) -> Fonts:
        """A page's fonts, or those of what it lies in (7.7.3.4)."""
        for _ in range(_MAX_PARENTS):
            if fonts := self._fonts_of(body):
                return fonts
            above = self.objects.references(body, b"/Parent")[:1]
            if not above or above[0] not in self.objects.bodies:
                break
            if (known := self._resources.get(above[0])) is not None:
                return known
            body = self.objects.bodies[above[0]]
            self._resources[above[0]] = self._fonts_of(body)
        return {}

    def _fonts_of(self, body: bytes) -> Fonts:
        """The fonts of the resources in an object, or of those it leads to (7.8.3)."""
        at = _font_at(body)
        number = b""
        if at < 0 and (resources := self.objects.references(body, b"/Resources")[:1]):
            number = resources[0]
        elif at >= 0 and (whole := _REFERENCE.match(body[at : at + 64].lstrip())) is not None:
            number = whole[1].lstrip(b"0")
        if not number:
            return _named(body, at) if at >= 0 else {}
        if number not in self._resources:
            self._resources[number] = {}  # one that leads to itself ends here
            target = self.objects.bodies.get(number, b"")
            self._resources[number] = _named(target, 0) if at >= 0 else self._fonts_of(target)
        return self._resources[number]

    def called(self, own: Fonts, name: bytes) -> Font:
        """The font that a page, or else any, calls by this name."""
        known = own.get(name) or self.every.get(name)
        return self.font(known) if known else fonts.PLAIN

    def font(self, number: bytes) -> Font:
        """A font by its number, read once."""
        if number not in self._fonts:
            if len(self._fonts) >= _MAX_FONTS:
                return fonts.PLAIN
            self._fonts[number] = self._font(self.objects.bodies.get(number, b""))
        return self._fonts[number]

    def _font(self, body: bytes) -> Font:
        composite = b"/Type0" in body or b"/DescendantFonts" in body
        letters: dict[int, str] = {}
        if not composite:
            letters = self._latin(body)
        elif b"UTF16" in body or b"UCS2" in body:
            return Font(letters, 0)
        for number in self.objects.references(body, b"/ToUnicode")[:1]:
            if (stream := self.objects.streams.get(number)) is not None:
                told, count = fonts.told(self._unpacked(stream), self._codes)
                self._codes -= count
                if not composite and fonts.contradict(letters, told) and self._has_letters(body):
                    return Font(letters | told, 1, letters)
                letters = letters | told
        return Font(letters, 2 if composite else 1)

    def _has_letters(self, body: bytes) -> bool:
        """Whether a font with codes of one octet shows the letters of its encoding: it names one, or has no glyphs of its own."""
        descriptor = self.objects.bodies.get(next(iter(self.objects.references(body, b"/FontDescriptor")), b""), b"")
        return b"/Type3" not in body and (b"/Encoding" in body or b"/FontFile" not in descriptor)

    def _latin(self, body: bytes) -> dict[int, str]:
        """The letters of a font with codes of one octet, by an encoding of its own or one that many have."""
        number = next(iter(self.objects.references(body, b"/Encoding")), b"")
        encoding = self.objects.bodies.get(number, b"") if number else body
        known = number or fonts.led(encoding)
        if known not in self._encodings:
            letters = fonts.latin(encoding, self._body)
            if not known:
                return letters
            self._encodings[known] = letters
        return self._encodings[known]

    def _body(self, number: bytes) -> bytes:
        return self.objects.bodies.get(number.lstrip(b"0"), b"")


def _font_at(body: bytes) -> int:
    """Where what "/Font" leads to begins, -1 without; "/FontName" is another key."""
    at = body.find(b"/Font")
    while at >= 0 and body[at + 5 : at + 6].isalnum():
        at = body.find(b"/Font", at + 5)
    return at + 5 if at >= 0 else -1


def _named(body: bytes, at: int) -> Fonts:
    end = body.find(b">>", at)
    return {match[1]: match[2].lstrip(b"0") for match in _NAMED.finditer(body, at, end if end >= 0 else len(body))}
