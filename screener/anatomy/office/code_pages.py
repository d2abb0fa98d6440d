"""The charsets that Office's files name by numbers: code pages, charsets of fonts, languages. Pure, bounded, never raises."""

import struct

from screener.anatomy import charset_names

_ANSI = "cp1252"
_NUMBERS = {20127: _ANSI, 20866: "koi8_r", 21866: "koi8_u", 50220: "iso2022_jp", 51932: "euc_jp", 51949: "euc_kr", 65001: "utf_8"}
_NUMBERS |= {28590 + number: f"iso8859_{number}" for number in range(1, 17)}
_NUMBERS |= {10000: "mac_roman", 10007: "mac_cyrillic", 0x8000: "mac_roman", 0x8001: _ANSI}  # the last two Excel's own
# By what a font says that it is for, and by a language without its country.
_BY_FONT = {
    77: 10000, 128: 932, 129: 949, 130: 1361, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258, 177: 1255, 178: 1256, 186: 1257,
    204: 1251, 222: 874, 238: 1250,
}  # fmt: skip
_BY_LANGUAGE = {
    1: 1256, 2: 1251, 4: 936, 5: 1250, 8: 1253, 13: 1255, 14: 1250, 17: 932, 18: 949, 21: 1250, 24: 1250, 25: 1251, 26: 1250,
    27: 1250, 28: 1250, 30: 874, 31: 1254, 32: 1256, 34: 1251, 35: 1251, 36: 1250, 37: 1257, 38: 1257, 39: 1257, 41: 1256, 42: 1258,
    47: 1251,
}  # fmt: skip
_LANGUAGE, _FONTS = 0x06, 0xD0  # where a document of Word's up to 95 says its language and where its fonts stand
_MAX_FONTS, _MAX_CHARSETS = 1_000, 5


def of_word(document: bytes) -> tuple[str, ...]:
    """The charsets in which a document of Word's up to 95 may be written: Western Europe's, those of its language and its fonts."""
    numbers = [1252]
    if len(document) >= _FONTS + 8:
        numbers.append(_BY_LANGUAGE.get(document[_LANGUAGE], 1252))
        at, size = struct.unpack_from("<LL", document, _FONTS)
        fonts = document[at + 2 : at + size]
        at = 0
        for _ in range(_MAX_FONTS):
            if at + 4 >= len(fonts):
                break
            numbers.append(_BY_FONT.get(fonts[at + 4], 1252))
            at += fonts[at] + 1
    return tuple(dict.fromkeys(map(codec, numbers)))[:_MAX_CHARSETS]


def codec(number: int) -> str:
    """The charset of this number; Western Europe's where there is none."""
    return charset_names.codec(_NUMBERS.get(number, f"cp{number}")) or _ANSI
