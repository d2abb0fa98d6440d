"""The letters of a PDF's fonts (ISO 32000-1 9.6, 9.7, 9.10): by an encoding for codes of one octet, by a charset, by a map to
Unicode, by the collection whose letters are numbered.

Promises: pure, linear, never raises. Which font counts where is `text`'s to know.
"""

import re
import struct
import unicodedata
from collections.abc import Callable, Iterator

from screener.anatomy.pdf.strings import digits
from screener.anatomy.pdf.written import REFERENCE
from screener.frozen import dataclass

_HEX = re.compile(rb"<([0-9A-Fa-f\s]{0,1024})>")
_BLANK = rb"\s*+(?:%[^\r\n]{0,99}+[\r\n]\s*+){0,9}"
_CODE = rb"<([0-9A-Fa-f\s]{1,16})>"
_RANGE = re.compile(_CODE + _BLANK + _CODE + _BLANK + rb"(<[0-9A-Fa-f\s]{0,1024}>|\[[^\[\]]{0,20000}\])")
_LISTED = rb"\[([^\[\]]*+)"
_DIFFERENCES = re.compile(rb"/Differences\s*+(?:" + REFERENCE + b"|" + _LISTED + b")")
_LIST = re.compile(rb"\s*+" + _LISTED)
_CODE_OR_NAME = re.compile(REFERENCE + rb"|(?:0*+([1-9][0-9]{0,8}+)|0++)(?:\.[0-9]*+)?|/([^\s/\[\]<>()]{1,64})")
PLACE = "\ue000"  # letters go on elsewhere in the line: a blank, or nothing
_MOST = 65_536  # codes of one range


@dataclass(frozen=True, slots=True)
class Font:
    """Letters by their code, by each there is where it has one octet; octets a code has; the letters that are drawn where those
    are others; a charset where the codes are one's; by first octets, how many a code has where not all have the same."""

    letters: dict[int, str]
    width: int
    otherwise: dict[int, str] | None = None
    charset: str = ""
    sizes: bytes = b""

    def said(self, strings: list[bytes | None]) -> str:
        """What strings and the gaps between them say."""
        return "".join([self._text(one, self.letters) if one else " " if one is not None else PLACE for one in strings])

    def drawn(self, strings: list[bytes | None], said: str) -> str:
        """What they draw, where they say this."""
        letters = self.otherwise
        if letters is None:
            return said
        return "".join([self._text(one, letters) if one else " " if one is not None else PLACE for one in strings])

    def _text(self, octets: bytes, letters: dict[int, str]) -> str:
        if self.charset:
            return octets.decode(self.charset, "replace")
        if self.sizes:
            return "".join([letters.get(int.from_bytes(code, "big"), "") for code in _codes(octets, self.sizes)])
        if self.width == 1:
            return octets.decode("latin-1").translate(letters)
        return "".join([letters.get(code, "") for code in struct.unpack(f">{len(octets) // 2}H", octets[: len(octets) & ~1])])


def contradict(letters: dict[int, str], told: dict[int, str]) -> bool:
    """Whether a map tells other letters than the plain ones an encoding has."""
    return any(own.isascii() and own.isalnum() and own != told.get(code, own) for code, own in letters.items())


def told(content: bytes, limit: int) -> tuple[dict[int, str], int]:
    """A font's map to Unicode (9.10.3), at most so many codes; how many were read."""
    found: dict[int, str] = {}
    count = 0
    for block in content.split(b"beginbf")[1:]:
        for first, letters in _ranges(block.partition(b"endbf")[0]):
            letters = letters[: limit - count]
            count += len(letters) + 1
            found.update(enumerate((letter.decode("utf-16-be", "replace") for letter in letters), first))
            if count >= limit:
                return found, count
    return found, count


def _ranges(block: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """The first code and the letters of it and those that follow."""
    if block.startswith(b"char"):
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


def _codes(octets: bytes, sizes: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(octets):
        end = at + sizes[octets[at]]
        yield octets[at:end]
        at = end


def charset(encoding: bytes) -> str:
    """The charset whose codes those of a predefined map are (table 118), "" where there is none."""
    return next((charset for pattern, charset in _CHARSETS if pattern.search(encoding)), "")


def collected(content: bytes, is_map: bool, limit: int) -> tuple[dict[int, str], bytes]:
    """The letters that a collection has by their numbers (9.7.3), by the codes of a map; how many octets those have."""
    if not is_map:
        return _COLLECTED, b""
    sizes = bytearray(b"\2" * 256)
    for block in content.split(b"begincodespace")[1:]:
        values = [digits(match[1]) for match in _HEX.finditer(block.partition(b"endcodespace")[0])]
        for low, high in zip(values[::2], values[1::2], strict=False):
            for first in range(low[0], high[0] + 1) if low and high else ():
                sizes[first] = len(low)
    found: dict[int, str] = {}
    for block in content.split(b"begincid")[1:]:
        for one in _CID.finditer(block.partition(b"endcid")[0]):
            begin = int.from_bytes(digits(one[1]), "big")
            last = begin if one[2] is None else int.from_bytes(digits(one[2]), "big")
            number = int(one[3])
            more = min(last - begin + 1, len(_COLLECTED), limit - len(found))
            found.update((begin + at, _COLLECTED[number + at]) for at in range(more) if number + at in _COLLECTED)
    return found, bytes(sizes) if set(sizes) != {2} else b""


_CHARSETS = tuple(
    (re.compile(pattern), charset)
    for pattern, charset in (
        (rb"UTF16|UCS2", "utf-16-be"),
        (rb"UTF8", "utf-8"),
        (rb"UTF32", "utf-32-be"),
        (rb"RKSJ", "cp932"),
        (rb"GBK|GB-EUC|GBpc", "gb18030"),
        (rb"B5|HKscs", "big5hkscs"),
        (rb"KSC(?:ms|pc)?-(?:EUC|UHC)", "cp949"),
        (rb"Johab", "johab"),
        (rb"^EUC-", "euc_jp"),
    )
)
_CID = re.compile(_CODE + _BLANK + rb"(?:" + _CODE + _BLANK + rb")?([0-9]{1,5})(?![0-9])")
# What the collections of Adobe have in common: they begin with ASCII's letters; that of Japan has them once more, narrow.
_COLLECTED = {code - 31 + more: chr(code) for more in (230, 0) for code in range(32, 127)}

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
    letters.update((code, _glyph(name.decode("latin-1"))) for code, name in named(encoding, body_of))
    return letters


def named(encoding: bytes, body_of: Callable[[bytes], bytes]) -> Iterator[tuple[int, bytes]]:
    """The codes for which an encoding names a glyph, and the glyphs."""
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
            yield code, match[3]
            code += 1


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
