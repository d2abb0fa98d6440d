"""What RTF's tokens are in a text (RTF 1.9.1): letters, octets in the charset of the document or its font, characters in Unicode.

Promises: pure, linear, never raises; reading in steps is bounded by the ledger.
"""

import re
from functools import cache
from itertools import islice

from screener.anatomy.ledger import Ledger
from screener.anatomy.office import code_pages
from screener.anatomy.rtf import words

_TOKEN = re.compile(
    r"((?:\\'[0-9a-fA-F]{2})+)|"
    r"\\u(-?\d{1,250}+)(?: |\\'[0-9a-fA-F]{2}|\?)?|\\([a-zA-Z]{1,32})-?\d{0,250}+ ?|\\([^a-zA-Z])|[{}\r\n]+"
)
_STEP = re.compile(
    r"\\'(?P<octet>[0-9a-fA-F]{2})|\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,250}+)? ?|\\(?P<symbol>[^a-zA-Z])|(?P<brace>[{}])|"
    r"[\r\n]+|(?P<text>[^\\{}\r\n]+)|\\"
)
_CODE_PAGE = re.compile(r"\\ansicpg(\d{3,5})")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_KEPT = 10_000  # tokens
_MAX_REPLACED = 100  # characters that stand for one in Unicode


def codec(source: str) -> str:
    """The charset of its octets, unless a font has one of its own."""
    said = _CODE_PAGE.search(source)
    return code_pages.codec(int(said[1])) if said is not None else "cp1252"


def paired_octets(source: str, charset: str) -> str:
    """With both octets of a character in hexadecimal: many write the second as a letter of ASCII, or on the next line."""
    pairs = _pairs(charset) if "\\'" in source else None
    if pairs is None:
        return source
    return pairs.sub(lambda pair: pair[1] + (pair[2] or f"\\'{ord(pair[3] or pair[4]):02x}"), source)


@cache
def _pairs(charset: str) -> re.Pattern[str] | None:
    """A first octet of two and what stands for the second; None where the charset has no such pairs."""
    firsts = [
        f"{first:02x}"
        for first in range(0x80, 0x100)
        if not _is_text(bytes((first,)), charset) and any(_is_text(bytes((first, second)), charset) for second in range(0x40, 0x7F))
    ]
    if not firsts:
        return None
    return re.compile(rf"(\\'(?:{'|'.join(firsts)}))[\r\n]*+(?:(\\'[0-9a-f]{{2}})|([@-\[\]-z|~])|\\([\\{{}}]))", re.IGNORECASE)


def _is_text(octets: bytes, charset: str) -> bool:
    try:
        return len(octets.decode(charset)) == 1
    except UnicodeDecodeError:
        return False


class Shown(dict[str, str]):
    """What tokens are in a text. Most come again and again."""

    def __init__(self, codec: str) -> None:
        self.codec = codec

    def read(self, source: str) -> str:
        """The text of a source."""
        return _TOKEN.sub(lambda token: self[token[0]], source)

    def __missing__(self, token: str) -> str:
        shown = self._shown(token)
        if len(self) < _MAX_KEPT:
            self[token] = shown
        return shown

    def _shown(self, token: str) -> str:
        match = _TOKEN.match(token)
        octets, code, word, symbol = match.groups() if match is not None else ("", "", "", "")
        if octets:
            return bytes.fromhex(octets.replace("\\'", "")).decode(self.codec, "replace")
        if code:
            return chr(int(code) & 0xFFFF)
        if word:
            return words.LETTERS.get(word, "")
        return _symbol(symbol) if symbol else ""


def _symbol(symbol: str) -> str:
    return (
        symbol
        if symbol in "\\{}"
        else "\u00a0"
        if symbol == "~"
        else "\u2011"
        if symbol == "_"
        else "\n"
        if symbol in "\r\n"
        else ""
    )


def paired(text: str) -> str:
    """Characters beyond the Basic Multilingual Plane are written as two (RTF 1.9.1, \\u)."""
    return text.encode("utf_16_le", "surrogatepass").decode("utf_16_le", "replace") if _SURROGATE.search(text) else text


def in_steps(source: str, codec: str, ledger: Ledger, known: frozenset[str], stars: bool) -> tuple[str, int]:
    """The text without what is hidden (\\v), deleted or silent, or stands for a character in Unicode (\\uc); where steps ended.

    `known`: words that the reader knows to show nothing; `stars`: whether what stands behind "\\*" shows nothing to it, either.
    """
    out: list[str] = []
    octets = bytearray()
    outer: list[tuple[bool, bool, int]] = []
    hidden, silent, starred, replaced, skip, end = False, False, False, 1, 0, 0
    for step in islice(_STEP.finditer(source), ledger.rtf_steps):
        ledger.rtf_steps -= 1
        end = step.end()
        octet, word, value, symbol, brace, text = step.groups()
        if octets and not octet:
            out.append(octets.decode(codec, "replace"))
            octets.clear()
        if word:
            silent = silent or word in known or (starred and stars and word not in words.SHOWN)
        starred = symbol == "*"
        if brace:
            skip = 0
            if brace == "{":
                outer.append((hidden, silent, replaced))
            elif outer:
                hidden, silent, replaced = outer.pop()
        elif word == "u" and value:
            skip = replaced
            if not (hidden or silent):
                out.append(chr(int(value) & 0xFFFF))
        elif word == "uc" and value:
            replaced = max(0, min(int(value), _MAX_REPLACED))
        elif word in ("v", "deleted", "plain"):
            hidden = word != "plain" and value != "0"
        elif text:
            left, skip = text[skip:], max(0, skip - len(text))
            if not (hidden or silent):
                out.append(left)
        elif skip and (octet or word or symbol):
            skip -= 1
        elif not (hidden or silent):
            if octet:
                octets.append(int(octet, 16))
            elif word:
                out.append(words.LETTERS.get(word, ""))
            elif symbol:
                out.append(_symbol(symbol))
    out.append(octets.decode(codec, "replace"))
    return "".join(out), end
