"""The letters of a PDF's fonts (ISO 32000-1 9.6, 9.10): by an encoding for codes of one octet, by a map to Unicode.

Promises: pure, linear, never raises. Which font counts where is `text`'s to know.
"""

import re
import struct
import unicodedata
from collections.abc import Callable, Iterator

from screener.anatomy.pdf.written import REFERENCE
from screener.frozen import dataclass

_HEX = re.compile(rb"<([0-9A-Fa-f\s]{0,1024})>")
_RANGE = re.compile(rb"<([0-9A-Fa-f\s]{1,16})>\s*+<([0-9A-Fa-f\s]{1,16})>\s*+(<[0-9A-Fa-f\s]{0,1024}>|\[[^\[\]]{0,20000}\])")
_LISTED = rb"\[([^\[\]]*+)"
_DIFFERENCES = re.compile(rb"/Differences\s*+(?:" + REFERENCE + b"|" + _LISTED + b")")
_LIST = re.compile(rb"\s*+" + _LISTED)
_CODE_OR_NAME = re.compile(REFERENCE + rb"|(?:0*+([1-9][0-9]{0,8}+)|0++)(?:\.[0-9]*+)?|/([^\s/\[\]<>()]{1,64})")
_MOST = 65_536  # codes of one range


@dataclass(frozen=True, slots=True)
class Font:
    """Letters by their code, by each there is where it has one octet; octets a code has, 0 where the codes are UTF-16; the letters
    that are drawn where those are others."""

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
            return octets.decode("latin-1").translate(letters)
        if self.width == 0:
            return octets.decode("utf-16-be", "replace")
        return "".join([letters.get(code, "") for code in struct.unpack(f">{len(octets) // 2}H", octets[: len(octets) & ~1])])


def contradict(letters: dict[int, str], told: dict[int, str]) -> bool:
    """Whether a map tells other letters than the plain ones an encoding has."""
    return any(own.isascii() and own.isalnum() and own != told.get(code, own) for code, own in letters.items())


def told(content: bytes, limit: int) -> tuple[dict[int, str], int]:
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
        values = [digits(match[1]) for match in _HEX.finditer(block)]
        for code, letter in zip(values[::2], values[1::2], strict=False):
            yield int.from_bytes(code, "big"), [letter]
        return
    for match in _RANGE.finditer(block):
        first, last = (int.from_bytes(digits(one), "big") for one in (match[1], match[2]))
        letters = [digits(one[1]) for one in _HEX.finditer(match[3])]
        if match[3].startswith(b"<"):  # its last two octets count on
            begin, end = letters[0][:-2], int.from_bytes(letters[0][-2:], "big")
            letters = [begin + (end + more & 0xFFFF).to_bytes(2, "big") for more in range(min(last - first + 1, _MOST))]
        yield first, letters


def digits(text: bytes) -> bytes:
    digits = b"".join(text.split())
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))


_NONE = dict.fromkeys(range(32), "")
_LATIN = _NONE | {code: bytes((code,)).decode("cp1252", "ignore") for code in range(32, 256)}
_MAC = _NONE | {code: bytes((code,)).decode("mac_roman") for code in range(32, 256)}
_ACCENTS = {
    "acute": "\u0301",
    "grave": "\u0300",
    "dieresis": "\u0308",
    "circumflex": "\u0302",
    "tilde": "\u0303",
    "caron": "\u030c",
    "ring": "\u030a",
    "cedilla": "\u0327",
    "ogonek": "\u0328",
    "macron": "\u0304",
    "breve": "\u0306",
    "dotaccent": "\u0307",
    "hungarumlaut": "\u030b",
}
_GLYPHS_WORDS = (
    "space:  exclam:! quotedbl:\" numbersign:# dollar:$ percent:% ampersand:& quotesingle:' quoteright:\u2019 "
    "quoteleft:\u2018 parenleft:( parenright:) asterisk:* plus:+ comma:, hyphen:- minus:- period:. slash:/ zero:0 one:1 "
    "two:2 three:3 four:4 five:5 six:6 seven:7 eight:8 nine:9 colon:: semicolon:; less:< equal:= greater:> question:? "
    "at:@ bracketleft:[ backslash:\\ bracketright:] underscore:_ germandbls:\u00df ae:\u00e6 AE:\u00c6 oe:\u0153 "
    "OE:\u0152 oslash:\u00f8 Oslash:\u00d8 lslash:\u0142 Lslash:\u0141 dotlessi:\u0131 fi:fi fl:fl ff:ff ffi:ffi "
    "ffl:ffl Euro:\u20ac endash:\u2013 emdash:\u2014 bullet:\u2022 quotedblleft:\u201c quotedblright:\u201d"
)
_GLYPHS = {name: shown or " " for name, _, shown in (one.partition(":") for one in _GLYPHS_WORDS.split(" ") if one)}


def led(encoding: bytes) -> bytes:
    """What an encoding is known by whose differences stand in an object of their own, b"" without."""
    match = _DIFFERENCES.search(encoding)
    return b"" if match is None or match[1] is None else (b"/MacRoman " if b"/MacRoman" in encoding else b"/ ") + match[1]


def latin(encoding: bytes, body_of: Callable[[bytes], bytes] = lambda _: b"") -> dict[int, str]:
    """The letters of a font with codes of one octet (9.6.6); `body_of` gives what stands in an object."""
    letters = dict(_MAC if b"/MacRoman" in encoding else _LATIN)
    found = _DIFFERENCES.search(encoding)
    if found is not None and found[1] is not None:
        found = _LIST.match(body_of(found[1]))
    code = 0
    for one in _CODE_OR_NAME.finditer(found[found.re.groups]) if found is not None else ():
        match = one if one[1] is None else _CODE_OR_NAME.match(body_of(one[1]).lstrip())
        if match is None or match[1] is not None:
            continue
        if match[3] is None:
            code = int(match[2] or b"0")
        else:
            letters[code] = _glyph(match[3].decode("latin-1"))
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


PLAIN = Font(_LATIN, 1)
