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
from itertools import chain, pairwise

from screener.anatomy.pdf import drawing, fonts
from screener.anatomy.pdf.drawing import EACH, Drawing, FontOf, Form, FormOf
from screener.anatomy.pdf.fonts import PLACE, Font
from screener.anatomy.pdf.objects import Objects, Unpacked
from screener.anatomy.pdf.resources import Named, Resources
from screener.anatomy.pdf.said import Said
from screener.anatomy.pdf.streams import Stream
from screener.anatomy.pdf.written import REFERENCE

# A form; its type may be told elsewhere, and what is not called one be drawn as one: a pattern, what a comment looks like (12.5.5).
_FORM = re.compile(rb"/Form|/BBox|/Subtype\s{1,99}[-+0-9]")
_NAME = re.compile(rb"\s*+/([^\s/<>\[\]()%{}]{1,127})")
_STATE_FONT = re.compile(rb"/Font\s{0,99}\[\s{0,99}" + REFERENCE)
_STATE_WITHIN = re.compile(_NAME.pattern + rb"\s{0,99}<<[^<>]{0,999}" + _STATE_FONT.pattern)  # one that is no object of its own
_ENCODING = re.compile(rb"/Encoding" + _NAME.pattern)
_COLLECTION = re.compile(rb"/Ordering\s*+\((?:Japan1|GB1|CNS1|Korea1|KR)\)")
_MAX_CODES = 200_000  # of all fonts' maps
_MAX_FONTS = 2_000
_MAX_DEPTH, _MAX_GLYPH = 3, 500  # fonts whose glyphs are drawn with others; characters of a glyph
_MAX_AGAIN, _SHORT_FORM = 1_000, 500  # forms that are read again where they are drawn again; octets of one that is short
_MAX_DRAWN = 200_000  # streams that pages name


def read(
    outside: bytes,
    streams: list[Stream],
    packed: Iterable[tuple[Stream, bytes]],
    unpacked: Unpacked,
    within: dict[int, bytes],
    limit: int,
    cut: Callable[[], None] = lambda: None,
) -> str:
    """The text; `outside` is what is between streams, names' escapes undone, `packed` are object streams and what is in them.

    `within` has, by where they start, streams whose data go on behind them, up to their ends, once they are unpacked: readers end
    there, so that all is drawn again with them. `cut` is told where pages draw more streams than are read.
    """
    objects = Objects(outside, packed, streams)
    out = list(Said(objects, unpacked).texts(limit))
    left = limit - sum(max(EACH, len(piece) + 1) for piece in out)
    left = _draw(_Document(objects, unpacked), unpacked, out, left, cut)
    if within:
        ended = partial(_ended, unpacked, within)
        _draw(_Document(objects, ended), ended, out, left, cut)
    if objects.is_cut:
        cut()
    text = "\n".join(out)[:limit]
    if PLACE in text:
        joined, parted = text.replace(PLACE, ""), text.replace(PLACE, " ")
        text = f"{joined}\n{parted}"
    return "\n".join((text, *drawing.unbroken(text)))[:limit]


def _ended(unpacked: Unpacked, within: dict[int, bytes], stream: Stream) -> bytes:
    """What is in a stream, up to its end."""
    return within[stream.start] if stream.start in within else unpacked(stream)


def _draw(document: "_Document", unpacked: Unpacked, out: list[str], left: int, cut: Callable[[], None]) -> int:
    """Put what the pages show into `out`, `left` characters at the most, and tell how many are left then."""
    seen: set[tuple[bytes, ...]] = set()
    streams_drawn = 0
    for body, numbers, is_page in document.pages():
        streams_drawn += len(numbers)
        if streams_drawn > _MAX_DRAWN or left <= 0:
            break
        if (alike := tuple(numbers)) in seen:
            continue
        seen.add(alike)
        for found in document.objects.drawn(numbers):
            streams_drawn += len(found)
            if streams_drawn > _MAX_DRAWN:
                break
            for content in _contents([*map(unpacked, found)]):
                if is_page and not document.may_set_font(content):
                    continue  # no reader shows a letter of it, whatever it is
                if is_page and drawing.is_noise(content):
                    cut()  # what few readers would make something of is not read
                    content = drawing.behind_noise(content)
                drawn = Drawing(content, *document.called(body, is_page=is_page), left)
                for shown in drawing.shown(drawn):
                    left -= max(EACH, len(shown) + 1)
                    out.append(shown)
    if streams_drawn > _MAX_DRAWN:
        cut()
    return left


def _contents(pieces: list[bytes]) -> list[bytes]:
    """What several streams draw as one: with a blank between them (7.8.2), and as pdf.js joins them, if one may end in a token."""
    whole = [b"\n".join(pieces)]
    if any(one[-1:].isalnum() and other[:1].isalnum() for one, other in pairwise(pieces)):
        whole.append(b"".join(pieces))
    return whole


_FONT, _DRAWN, _STATE = b"/Font", b"/XObject", b"/ExtGState"


class _Document:
    """What is drawn with which fonts; each font is read once."""

    def __init__(self, objects: Objects, unpacked: Unpacked) -> None:
        self.objects = objects
        self._resources = Resources(objects)
        self._every: dict[bytes, Named] = {_FONT: {}, _DRAWN: {}, _STATE: {}}  # of all pages, for what does not say its own
        self._set: Named = {}  # fonts that states set, which are no objects of their own
        self._forms: dict[bytes, bytes] = {}  # that were drawn where they are called, and what they draw if it is short
        self._again = _MAX_AGAIN
        self._unpacked = unpacked
        self._fonts: dict[bytes, Font] = {}
        self._encodings: dict[bytes, dict[int, str]] = {}
        self._glyphs: dict[bytes, str] = {}  # what they show
        self._depth = 0  # of fonts whose glyphs are drawn with others
        self._codes = _MAX_CODES
        self._has_states: bool | None = None

    def may_set_font(self, content: bytes) -> bool:
        """Whether a font may be set in what a page draws, or in a form."""
        if drawing.sets_font(content) or (self._every[_DRAWN] and drawing.draws_forms(content)):
            return True
        if self._has_states is None:
            self._has_states = any(_STATE in body for body in self.objects.bodies.values())
        return self._has_states and drawing.sets_state(content)

    def pages(self) -> Iterator[tuple[bytes, list[bytes], bool]]:
        """What has the resources, and the numbers of the streams that are drawn with them, as one (7.8.2): of pages, then of forms
        (8.10) that no page draws, which may have their font from where they are drawn."""
        for body in self.objects.bodies.values():
            for kind, named in self._every.items():
                if kind in body:
                    named |= self._resources.named(body, kind)
            if _STATE in body:
                self._set.update((one[1], one[2].lstrip(b"0")) for one in _STATE_WITHIN.finditer(body))
        for body in chain(self.objects.bodies.values(), self.objects.older):
            if b"/Contents" in body and (numbers := self.objects.contents(body)):
                yield body, numbers, True
        for stream in self.objects.streams.values():
            if stream.number not in self._forms and _FORM.search(stream.keys) is not None:
                yield stream.keys, [stream.number], False

    def called(self, body: bytes, *, is_page: bool) -> tuple[FontOf, FormOf]:
        """What a page, or a form, calls by names."""
        own = {
            kind: self._resources.inherited(body, kind) if is_page else self._resources.named(body, kind)
            for kind, known in self._every.items()
            if known
        }
        return partial(self._font_of, own), partial(self._form_of, own.get(_DRAWN, {}))

    def _font_of(self, own: dict[bytes, Named], word: bytes, name: bytes) -> Font | None:
        """The font that a page, or else any, calls by this name; or that a state so called sets (8.4.5), if it does."""
        kind = _STATE if word == b"gs" else _FONT
        known = own.get(kind, {}).get(name) or self._every[kind].get(name)
        if kind == _FONT:
            return self.font(known) if known else fonts.PLAIN
        state = _STATE_FONT.search(self.objects.bodies.get(known, b"")) if known else None
        number = self._set.get(name) if state is None else state[1].lstrip(b"0")
        return self.font(number) if number else None

    def _form_of(self, own: Named, name: bytes) -> Form | None:
        """The form that a page, or else any, calls by this name: once, if it is short some times more."""
        number = own.get(name) or self._every[_DRAWN].get(name, b"")
        stream = self.objects.streams.get(number)
        if stream is None or _FORM.search(stream.keys) is None:
            return None
        if (content := self._forms.get(number)) is None:
            content = self._unpacked(stream)
            self._forms[number] = content if len(content) <= _SHORT_FORM else b""
        else:
            self._again -= 1
            if self._again < 0 or not content:
                return None
        return (content, *self.called(stream.keys, is_page=False))

    def font(self, number: bytes) -> Font:
        """A font by its number, read once."""
        if number not in self._fonts:
            if len(self._fonts) >= _MAX_FONTS:
                return fonts.PLAIN
            self._fonts[number] = fonts.PLAIN  # one whose glyphs are drawn with itself ends here
            self._fonts[number] = self._font(self.objects.bodies.get(number, b""))
        return self._fonts[number]

    def _font(self, body: bytes) -> Font:
        if not (composite := b"/Type0" in body or b"/DescendantFonts" in body):
            letters, sizes = self._latin(body), b""
        elif charset := fonts.charset(self._encoding(body)):
            return Font({}, 0, charset=charset)
        else:
            letters, sizes = self._collected(body)
        if (stream := self.objects.stream(body, b"/ToUnicode")) is not None:
            told, count = fonts.told(self._unpacked(stream), self._codes)
            self._codes -= count
            if not composite and fonts.contradict(letters, told) and self._has_letters(body):
                return Font(letters | told, 1, letters)
            letters = letters | told
        shown = self._shown_by_glyphs(body) if b"/CharProcs" in body else {}
        return Font(letters, 2 if composite else 1, letters | shown if shown else None, sizes=sizes)

    def _shown_by_glyphs(self, body: bytes) -> dict[int, str]:
        """What the glyphs of a font show that are drawn with other fonts (9.6.5), by code."""
        found: dict[int, str] = {}
        if self._depth >= _MAX_DEPTH or (b"/Resources" in body and not self._resources.named(body, _FONT)):
            return found
        self._depth += 1
        font_of, form_of = self.called(body, is_page=False)
        glyphs = self._resources.named(body, b"/CharProcs")
        number = self.objects.reference(body, b"/Encoding")
        for code, name in fonts.named(self._body(number) if number else body, self._body):
            self._codes -= 1
            if self._codes <= 0:
                break
            if (stream := self.objects.streams.get(glyph := glyphs.get(name, b""))) is not None:
                if glyph not in self._glyphs:
                    drawn = Drawing(self._unpacked(stream), font_of, form_of, _MAX_GLYPH)
                    self._glyphs[glyph] = "".join([said for said, _ in drawn.pieces()]).strip()
                if self._glyphs[glyph]:
                    found[code] = self._glyphs[glyph]
        self._depth -= 1
        return found

    def _encoding(self, body: bytes) -> bytes:
        """The name of a font's encoding, b"" where it has none."""
        number = self.objects.reference(body, b"/Encoding")
        named = _ENCODING.search(body) if number is None else _NAME.match(self._body(number))
        return b"" if named is None else named[1]

    def _collected(self, body: bytes) -> tuple[dict[int, str], bytes]:
        """The letters of a collection that a font with codes of several octets has, by a map of its own; how many those are."""
        of = self.objects.reference(body, b"/DescendantFonts")
        is_of = of is not None and self._is_of_collection(of)
        stream = self.objects.stream(body, b"/Encoding")
        if stream is None and not is_of:
            return {}, b""
        content = b"" if stream is None else self._unpacked(stream)
        letters, sizes = fonts.collected(content, stream is not None, self._codes)
        self._codes -= len(letters) if stream is not None else 0
        return letters if is_of else {}, sizes

    def _is_of_collection(self, number: bytes) -> bool:
        """Whether the letters of a font are those of a collection (9.7.3)."""
        body = self._body(number)
        apart = self._body(self.objects.reference(body, b"/CIDSystemInfo") or b"")
        return any(_COLLECTION.search(one) is not None for one in (body, apart))

    def _has_letters(self, body: bytes) -> bool:
        """Whether a font with codes of one octet shows the letters of its encoding: it names one, or has no glyphs of its own."""
        descriptor = self._body(self.objects.reference(body, b"/FontDescriptor") or b"")
        return b"/Type3" not in body and (b"/Encoding" in body or b"/FontFile" not in descriptor)

    def _latin(self, body: bytes) -> dict[int, str]:
        """The letters of a font with codes of one octet, by an encoding of its own or one that many have."""
        number = self.objects.reference(body, b"/Encoding")
        encoding = self._body(number) if number else body
        known = number or fonts.led(encoding)
        if known not in self._encodings:
            letters = fonts.latin(encoding, self._body)
            if not known:
                return letters
            self._encodings[known] = letters
        return self._encodings[known]

    def _body(self, number: bytes) -> bytes:
        return self.objects.bodies.get(number.lstrip(b"0"), b"")
