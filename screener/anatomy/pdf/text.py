"""The text of a PDF's pages (ISO 32000-1 9), as its fonts tell letters: by a map to Unicode, or by a Latin encoding.

In the order of drawing; where letters are put side by side, which only their widths could tell from words, the text is given in
both ways. Where letters are said to be others than those that are drawn (by a map that contradicts the encoding, by the words that
stand for them, 14.9.4), both are given, too. What is drawn as a picture, or in a font that does not tell its letters, is not found.
Promises: linear, at most as many characters as asked for, never raises. Whether the file may be unpacked is the caller's to say:
`unpacked` gives a stream's octets.
"""

import re
import struct
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from screener.anatomy.pdf import streams as pdf_streams
from screener.anatomy.pdf.streams import Stream

Unpacked = Callable[[Stream], bytes]

_OBJECT = re.compile(rb"([0-9](?<![0-9][0-9])[0-9]{0,9})\s{1,99}[0-9]{1,5}\s{1,99}obj\b")  # a digit first: searched for fast
_REFERENCE = re.compile(rb"([0-9]{1,10})\s{1,99}[0-9]{1,5}\s{1,99}R\b")
_PAGE = re.compile(rb"/Type\s{0,99}/Page(?![A-Za-z])")
_NAMED = re.compile(rb"/([^\s/<>\[\]()%{}]{1,127})\s{0,99}([0-9]{1,10})\s{1,99}[0-9]{1,5}\s{1,99}R\b")
_SAID = re.compile(rb"/(?:Contents|V|Title|Subject|Keywords|Author|TU|Alt|ActualText)\s{0,9}(?=\(|<(?!<))")
_HEX = re.compile(rb"<([0-9A-Fa-f\s]{0,1024})>")
_RANGE = re.compile(rb"<([0-9A-Fa-f\s]{1,16})>\s*+<([0-9A-Fa-f\s]{1,16})>\s*+(<[0-9A-Fa-f\s]{0,1024}>|\[[^\[\]]{0,20000}\])")
_DIFFERENCES = re.compile(rb"/Differences\s{0,99}\[([^\]]{0,8000})\]")
_CODE_OR_NAME = re.compile(rb"([0-9]{1,3})|/([^\s/\[\]<>()]{1,64})")
# What shows text or moves to where it is shown; all else of a page draws.
_TOKEN = re.compile(
    rb"(?P<literal>\()|<(?P<hex>[0-9A-Fa-f\s]*+)>|"
    rb"/(?P<font>[^\s/<>\[\]()%{}]{1,127}+)\s++-?[0-9.]++\s++Tf\b|(?P<number>[-+]?(?:[0-9]++\.?[0-9]*+|\.[0-9]++))|"
    rb"(?<![A-Za-z0-9*'\"])(?P<operator>T[jJdDm*]|E(?:T|MC)|B(?:I|DC|MC)|['\"])(?![A-Za-z0-9*])",
    re.DOTALL,
)
_BEGIN = re.compile(rb"BT(?<![A-Za-z0-9]BT)(?![A-Za-z0-9])")  # letters first, which are searched for fast
_MARKS = re.compile(rb"(?:BDC|BMC|EMC)(?<![A-Za-z0-9]...)(?![A-Za-z0-9])")
_ACTUAL = re.compile(rb"/ActualText\s{0,9}(?=\(|<(?!<))")
# What sets a font, the second by a graphics state (8.4.5).
_SETS_FONT = re.compile(rb"Tf(?<![^\s\0\[\]<>(){}/%]Tf)(?![A-Za-z0-9])")
_SETS_STATE = re.compile(rb"gs(?<![^\s\0\[\]<>(){}/%]gs)(?![A-Za-z0-9])")
_IMAGE_END = re.compile(rb"\sEI(?=\s)")
_SIMPLE = re.compile(rb"[^()\\]*+\)")
_NESTED = re.compile(rb"\\.|([()])", re.DOTALL)
_LITERAL = re.compile(rb"\\([0-7]{1,3}|\r\n|(?s:.))")
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\r\n": b"", b"\n": b"", b"\r": b""}
_PLACE = "\ue000"  # letters go on elsewhere in the line: a blank, or nothing
_GAP = -180  # thousandths of a letter's height between two strings that show as a blank
_KEYS = 65_536  # octets of an object that are looked at
_MAX_OBJECTS = 200_000
_MAX_CODES = 200_000  # of all fonts' maps
_MAX_FONTS = 2_000
_MOST = 65_536  # codes of one range
_MAX_PARENTS = 20
_MAX_DRAWN = 200_000  # streams that pages name
_EACH = 8  # characters that a string counts as at least, because each costs


def read(outside: bytes, streams: list[Stream], packed: Iterable[tuple[Stream, bytes]], unpacked: Unpacked, limit: int) -> str:
    """The text; `outside` is what is between streams, names' escapes undone, `packed` are object streams and what is in them."""
    document = _Document(_objects(outside, packed), _by_number(streams), unpacked)
    out = list(document.said(limit))
    left = limit - sum(max(_EACH, len(piece) + 1) for piece in out)
    seen: set[tuple[bytes, ...]] = set()
    streams_drawn = 0
    for own, numbers, is_page in document.pages():
        streams_drawn += len(numbers)
        if streams_drawn > _MAX_DRAWN or left <= 0:
            break
        found = [document.streams[number] for number in numbers if number in document.streams]
        if not found or (alike := tuple(numbers)) in seen:
            continue
        seen.add(alike)
        content = b"\n".join(map(unpacked, found))
        if is_page and not document.may_set_font(content):
            continue  # no reader shows a letter of it, whatever it is
        pieces = list(_shown(content, own, document, left))
        # As it is said to be, and as it is drawn.
        for shown in dict.fromkeys(("".join([said for said, _ in pieces]), "".join([drawn for _, drawn in pieces]))):
            left -= max(_EACH, len(shown) + 1)
            out.append(shown)
    text = "\n".join(out)[:limit]
    if _PLACE not in text:
        return text
    joined, parted = text.replace(_PLACE, ""), text.replace(_PLACE, " ")
    return f"{joined}\n{parted}"[:limit]


def _objects(outside: bytes, packed: Iterable[tuple[Stream, bytes]]) -> dict[bytes, bytes]:
    """Every object by its number, the last of a number; of a stream its dictionary."""
    found: dict[bytes, bytes] = {}
    begins = [*_OBJECT.finditer(outside)][-_MAX_OBJECTS:]
    ends = [*(one.start() for one in begins[1:]), len(outside)]
    for match, after in zip(begins, ends, strict=False):
        found[match[1].lstrip(b"0")] = outside[match.end() : min(after, match.end() + _KEYS)]
    for stream, content in packed:
        for number, body in stream.packed_objects(content):
            if len(found) < _MAX_OBJECTS:
                found[number] = pdf_streams.plain(body[:_KEYS])
    return found


def _by_number(streams: list[Stream]) -> dict[bytes, Stream]:
    """The last of a number, those before all others that may be none."""
    return {stream.number: stream for stream in sorted(streams, key=lambda one: not one.is_within)}


Fonts = dict[bytes, bytes]  # numbers of fonts by the names that a page has for them


class _Document:
    """Objects and streams by their numbers; what many lead to is read once."""

    def __init__(self, objects: dict[bytes, bytes], streams: dict[bytes, Stream], unpacked: Unpacked) -> None:
        self.objects = objects
        self.streams = streams
        self.every: Fonts = {}  # of all pages, for what does not say its own
        self._unpacked = unpacked
        self._fonts: dict[bytes, _Font] = {}
        self._resources: dict[bytes, Fonts] = {}
        self._lists: dict[bytes, list[bytes]] = {}
        self._encodings: dict[bytes, dict[int, str]] = {}
        self._codes = _MAX_CODES
        self._has_states: bool | None = None

    def said(self, limit: int) -> Iterator[str]:
        """Texts that stand in objects: comments, fields, titles."""
        for body in self.objects.values():
            for match in _SAID.finditer(body) if b"(" in body or b"<" in body else ():
                text, looked = pdf_streams.string(body, match.end())
                limit -= max(_EACH, looked)
                if limit <= 0:
                    return
                if text:
                    yield text

    def may_set_font(self, content: bytes) -> bool:
        """Whether a font may be set in what a page draws."""
        if b"Tf" in content and _SETS_FONT.search(content) is not None:
            return True
        if self._has_states is None:
            self._has_states = any(b"/ExtGState" in body for body in self.objects.values())
        return self._has_states and _SETS_STATE.search(content) is not None

    def pages(self) -> Iterator[tuple[Fonts, list[bytes], bool]]:
        """Fonts, and the numbers of the streams that are drawn with them, as one (7.8.2): of pages, then of forms (8.10), which may
        have their font from where they are drawn."""
        for body in self.objects.values():
            if b"/Font" in body:
                self.every |= self._fonts_of(body)
        for body in self.objects.values():
            if b"/Page" in body and _PAGE.search(body) is not None:
                yield self._inherited(body), self._references(body, b"/Contents"), True
        for stream in self.streams.values():
            if b"/Form" in stream.keys:
                yield self._fonts_of(stream.keys), [stream.number], False

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
        if at < 0:
            return []
        rest = body[at + len(key) :].lstrip()
        if rest.startswith(b"["):
            return _listed(rest)
        match = _REFERENCE.match(rest)
        if match is None:
            return []
        number = match[1].lstrip(b"0")
        if number not in self._lists:
            target = self.objects.get(number, b"").lstrip()
            self._lists[number] = _listed(target) if target.startswith(b"[") else [number]
        return self._lists[number]

    def font(self, number: bytes) -> "_Font":
        """A font by its number, read once."""
        if number not in self._fonts:
            if len(self._fonts) >= _MAX_FONTS:
                return _PLAIN
            self._fonts[number] = self._font(self.objects.get(number, b""))
        return self._fonts[number]

    def _font(self, body: bytes) -> "_Font":
        composite = b"/Type0" in body or b"/DescendantFonts" in body
        letters: dict[int, str] = {}
        if not composite:
            letters = self._latin(body)
        elif b"UTF16" in body or b"UCS2" in body:
            return _Font(letters, 0)
        for number in self._references(body, b"/ToUnicode")[:1]:
            if (stream := self.streams.get(number)) is not None:
                told, count = _told(self._unpacked(stream), self._codes)
                self._codes -= count
                if not composite and _contradict(letters, told) and self._has_letters(body):
                    return _Font(letters | told, 1, letters)
                letters = letters | told
        return _Font(letters, 2 if composite else 1)

    def _has_letters(self, body: bytes) -> bool:
        """Whether a font with codes of one octet shows the letters of its encoding: it names one, or has no glyphs of its own."""
        descriptor = self.objects.get(next(iter(self._references(body, b"/FontDescriptor")), b""), b"")
        return b"/Type3" not in body and (b"/Encoding" in body or b"/FontFile" not in descriptor)

    def _latin(self, body: bytes) -> dict[int, str]:
        """The letters of a font with codes of one octet, by an encoding of its own or one that many have."""
        number = next(iter(self._references(body, b"/Encoding")), b"")
        if not number:
            return _latin(body)
        if number not in self._encodings:
            self._encodings[number] = _latin(self.objects.get(number, b""))
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


def _listed(text: bytes) -> list[bytes]:
    end = text.find(b"]")
    return [match[1].lstrip(b"0") for match in _REFERENCE.finditer(text, 0, end if end >= 0 else len(text))]


@dataclass(frozen=True, slots=True)
class _Font:
    """Letters by their code; octets a code has, 0 where the codes are UTF-16; the letters that are drawn where those are others."""

    letters: dict[int, str]
    width: int
    otherwise: dict[int, str] | None = None

    def said(self, strings: list[bytes]) -> str:
        """What strings and the gaps between them say."""
        return "".join([self._text(octets, self.letters) if octets else " " for octets in strings])

    def drawn(self, strings: list[bytes], said: str) -> str:
        """What they draw, where they say this."""
        letters = self.otherwise
        return said if letters is None else "".join([self._text(octets, letters) if octets else " " for octets in strings])

    def _text(self, octets: bytes, letters: dict[int, str]) -> str:
        if self.width == 1:
            return "".join([letters.get(code, "") for code in octets])
        if self.width == 0:
            return octets.decode("utf-16-be", "replace")
        return "".join([letters.get(code, "") for code in struct.unpack(f">{len(octets) // 2}H", octets[: len(octets) & ~1])])


def _contradict(letters: dict[int, str], told: dict[int, str]) -> bool:
    """Whether a map tells other letters than the plain ones an encoding has."""
    return any(own.isascii() and own.isalnum() and own != told.get(code, own) for code, own in letters.items())


def _told(content: bytes, limit: int) -> tuple[dict[int, str], int]:
    """A font's map to Unicode (9.10.3), at most so many codes; how many were read."""
    found: dict[int, str] = {}
    count = 0
    at = content.find(b"beginbf")
    while at >= 0 and (end := content.find(b"endbf", at)) >= 0:
        for first, letters in _ranges(content[at:end]):
            letters = letters[: limit - count]
            count += len(letters) + 1
            found.update(enumerate((letter.decode("utf-16-be", "replace") for letter in letters), first))
            if count >= limit:
                return found, count
        at = content.find(b"beginbf", end)
    return found, count


def _ranges(block: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """The first code and the letters of it and those that follow."""
    if block.startswith(b"beginbfchar"):
        values = [_digits(match[1]) for match in _HEX.finditer(block)]
        for code, letter in zip(values[::2], values[1::2], strict=False):
            yield int.from_bytes(code, "big"), [letter]
        return
    for match in _RANGE.finditer(block):
        first, last = (int.from_bytes(_digits(one), "big") for one in (match[1], match[2]))
        letters = [_digits(one[1]) for one in _HEX.finditer(match[3])]
        if match[3].startswith(b"<"):  # its last two octets count on
            begin, end = letters[0][:-2], int.from_bytes(letters[0][-2:], "big")
            letters = [begin + (end + more & 0xFFFF).to_bytes(2, "big") for more in range(min(last - first + 1, _MOST))]
        yield first, letters


def _digits(text: bytes) -> bytes:
    digits = b"".join(text.split())
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))


_LATIN = {code: bytes((code,)).decode("cp1252", "ignore") for code in range(32, 256)}
_MAC = {code: bytes((code,)).decode("mac_roman") for code in range(32, 256)}
_ACCENTS = {
    "acute": "\u0301",
    "grave": "\u0300",
    "dieresis": "\u0308",
    "circumflex": "\u0302",
    "tilde": "\u0303",
    "caron": "\u030c",
}
_ACCENTS |= {
    "ring": "\u030a",
    "cedilla": "\u0327",
    "ogonek": "\u0328",
    "macron": "\u0304",
    "breve": "\u0306",
    "dotaccent": "\u0307",
}
_ACCENTS |= {"hungarumlaut": "\u030b"}
_GLYPHS_WORDS = (
    "space:  exclam:! quotedbl:\" numbersign:# dollar:$ percent:% ampersand:& quotesingle:' quoteright:\u2019 "
    "quoteleft:\u2018 parenleft:( parenright:) asterisk:* plus:+ comma:, hyphen:- minus:- period:. slash:/ zero:0 one:1 "
    "two:2 three:3 four:4 five:5 six:6 seven:7 eight:8 nine:9 colon:: semicolon:; less:< equal:= greater:> question:? "
    "at:@ bracketleft:[ backslash:\\ bracketright:] underscore:_ germandbls:\u00df ae:\u00e6 AE:\u00c6 oe:\u0153 "
    "OE:\u0152 oslash:\u00f8 Oslash:\u00d8 lslash:\u0142 Lslash:\u0141 dotlessi:\u0131 fi:fi fl:fl ff:ff ffi:ffi "
    "ffl:ffl Euro:\u20ac endash:\u2013 emdash:\u2014 bullet:\u2022 quotedblleft:\u201c quotedblright:\u201d"
)
_GLYPHS = {name: shown or " " for name, _, shown in (one.partition(":") for one in _GLYPHS_WORDS.split(" ") if one)}


def _latin(encoding: bytes) -> dict[int, str]:
    """The letters of a font with codes of one octet (9.6.6)."""
    letters = dict(_MAC if b"/MacRoman" in encoding else _LATIN)
    if (differences := _DIFFERENCES.search(encoding)) is not None:
        code = 0
        for match in _CODE_OR_NAME.finditer(differences[1]):
            if match[1] is not None:
                code = int(match[1])
            else:
                letters[code] = _glyph(match[2].decode("latin-1"))
                code += 1
    return letters


def _glyph(name: str) -> str:
    """The letter that a glyph's name means (Adobe Glyph List), "" where it is not known."""
    name = name.partition(".")[0]
    if len(name) == 1 or name in _GLYPHS:
        return _GLYPHS.get(name, name)
    if name[1:] in _ACCENTS and name[0].isalpha():
        return unicodedata.normalize("NFC", name[0] + _ACCENTS[name[1:]])
    match = re.fullmatch(r"u(?:ni)?([0-9A-F]{4,6})", name)
    code = int(match[1], 16) if match is not None else 0
    return chr(code) if 0 < code < 0xD800 or 0xE000 <= code < 0x110000 else ""


_PLAIN = _Font(_LATIN, 1)


@dataclass(slots=True)
class _Instead:
    """The words that stand for what is drawn within a marked stretch (14.6, 14.9.4)."""

    depth: int = 0  # of stretches, from the one that has words
    words: str = ""  # until they are given

    def of(self, said: str) -> str:
        """What is said where this would be."""
        return self._given() if self.depth else said

    def begin(self, properties: bytes) -> None:
        """A stretch begins."""
        if self.depth:
            self.depth += 1
        elif (words := _ACTUAL.search(properties)) is not None:
            self.depth, self.words = 1, pdf_streams.string(properties, words.end())[0]

    def end(self) -> str:
        """One ends: the words, where nothing was drawn there."""
        self.depth = max(0, self.depth - 1)
        return "" if self.depth else self._given()

    def pass_over(self, between: bytes) -> str:
        """What begins and ends outside of texts; the words as for `end`."""
        given: list[str] = []
        done = 0
        for mark in _MARKS.finditer(between):
            if mark[0] == b"EMC":
                given.append(self.end())
            else:
                self.begin(between[done : mark.start()])
            done = mark.end()
        return "".join(given)

    def _given(self) -> str:
        words, self.words = self.words, ""
        return words


def _shown(content: bytes, own: Fonts, document: _Document, limit: int) -> Iterator[tuple[str, str]]:
    """What a content stream shows, as it is said to be and as it is drawn, at most so many characters."""
    font = _PLAIN
    pending: list[bytes] = []  # b"" is a gap
    number = y = last = 0.0
    moved = False
    instead = _Instead() if b"/ActualText" in content else None
    at = done = 0  # where the last operator ends
    ended = True
    while limit > 0:
        if ended:
            begin = _BEGIN.search(content, at)
            at = begin.end() if begin is not None else len(content)
            if instead is not None and (words := instead.pass_over(content[done:at])):
                limit -= max(_EACH, len(words) + 1)
                yield f"\n{words}\n", ""
            done, ended = at, False
        if (token := _TOKEN.search(content, at)) is None:
            break
        at = token.end()
        if (digits := token["number"]) is not None:
            number = float(digits[:20])
            if pending and number < _GAP:
                pending.append(b"")
            continue
        if token["literal"] is not None:
            octets, at = _literal(content, at)
            pending.append(octets)
            continue
        if (digits := token["hex"]) is not None:
            pending.append(_digits(digits))
            continue
        if (name := token["font"]) is not None:
            known = own.get(name) or document.every.get(name)
            font = document.font(known) if known else _PLAIN
        match token["operator"]:
            case b"Tj" | b"TJ" | b"'" | b'"' as operator:
                if operator in (b"'", b'"') or abs(y - last) > 1:
                    yield "\n", "\n"
                elif moved:
                    yield _PLACE, _PLACE
                said = font.said(pending)
                drawn = font.drawn(pending, said)
                if instead is not None:
                    said = instead.of(said)
                limit -= max(_EACH, len(said) + 1, len(drawn) + 1)
                yield said, drawn
                last, moved = y, False
            case b"Td" | b"TD":
                y, moved = y + number, True
            case b"Tm":
                y, moved = number, True
            case b"T*":
                y, moved = y - 10, True
            case b"BDC" | b"BMC" if instead is not None:
                instead.begin(content[done:at])
            case b"EMC" if instead is not None:
                if words := instead.end():
                    yield words, ""
            case b"BI":
                end = _IMAGE_END.search(content, at)
                at = end.end() if end is not None else len(content)
            case b"ET":
                ended = True
                y, moved = 0.0, True
            case _:
                pass
        pending, done = [], at


def _literal(content: bytes, at: int) -> tuple[bytes, int]:
    """The octets of the string that begins here (7.3.4.2), and where it ends: where nothing ends it, with the content."""
    if (simple := _SIMPLE.match(content, at)) is not None:
        return simple[0][:-1], simple.end()
    depth = 1
    end = len(content)
    for match in _NESTED.finditer(content, at):
        depth += (match[1] == b"(") - (match[1] == b")")
        if not depth:
            end = match.start()
            break
    return _LITERAL.sub(_escaped, content[at:end]), end + 1


def _escaped(match: re.Match[bytes]) -> bytes:
    escape = match[1]
    if escape.isdigit() and escape[:1] < b"8":
        return bytes((int(escape, 8) & 255,))
    return _ESCAPES.get(escape, escape)
