"""Where a word begins and ends, in the sense of Unicode, in octets of UTF-8. Pure."""

import re
import unicodedata
from enum import IntEnum

from screener.anatomy.text import UNSPACED


class Writing(IntEnum):
    """Whether a character belongs to a word, and of which kind: a word ends where the other kind begins."""

    NONE = 0
    SPACED = 1  # letters, digits and marks upon them (Indic vowels), but no footnote sign
    UNSPACED = 2  # of scripts that put no blanks between words, and Korean, which puts none before its particles


_LETTERS = frozenset(("Ll", "Lu", "Lt", "Lm", "Lo", "Nd", "Nl", "Mn", "Mc", "Me"))
_ASCII_LETTERS = frozenset(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_UNSPACED = re.compile(f"[{UNSPACED}\u1100-\u11ff\uac00-\ud7ff]")


def writing(char: str) -> Writing:
    """Of a character."""
    if unicodedata.category(char) not in _LETTERS:
        return Writing.NONE
    return Writing.SPACED if _UNSPACED.match(char) is None else Writing.UNSPACED


def writing_at(octets: bytes, at: int) -> Writing:
    """Of the character that begins there; NONE at the end."""
    if at >= len(octets):
        return Writing.NONE
    lead = octets[at]
    if lead < 0x80:
        return Writing.SPACED if lead in _ASCII_LETTERS else Writing.NONE
    length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    return writing(octets[at : at + length].decode("utf-8", "surrogatepass"))


def writing_before(octets: bytes, at: int) -> Writing:
    """Of the character that ends there; NONE at the beginning."""
    if at == 0:
        return Writing.NONE
    start = at - 1
    while octets[start] & 0xC0 == 0x80:
        start -= 1
    return writing_at(octets, start)
