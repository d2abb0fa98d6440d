"""The charsets that Office's files name by numbers: code pages. Pure, never raises."""

from screener.anatomy import charset_names

_ANSI = "cp1252"
_NUMBERS = {20127: _ANSI, 20866: "koi8_r", 21866: "koi8_u", 50220: "iso2022_jp", 51932: "euc_jp", 51949: "euc_kr", 65001: "utf_8"}
_NUMBERS |= {28590 + number: f"iso8859_{number}" for number in range(1, 17)}
_NUMBERS |= {10000: "mac_roman", 10007: "mac_cyrillic", 0x8000: "mac_roman", 0x8001: _ANSI}  # the last two Excel's own


def codec(number: int) -> str:
    """The charset of this number; Western Europe's where there is none."""
    return charset_names.codec(_NUMBERS.get(number, f"cp{number}")) or _ANSI
