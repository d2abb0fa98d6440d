"""The text that RTF shows (RTF 1.9.1), as far as words are looked for: control words gone, characters decoded, font lists left out.

Promises: linear, never raises; the reading in steps, which knows hidden text and how many characters stand for one in Unicode, is
bounded by the ledger. Files in RTF are `rtf`'s.
"""

import re
from itertools import islice

from screener.anatomy import charsets
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger

# Groups that show nothing: those a reader need not know, and the tables. What lies in them in groups of its own goes with them.
# A search that finds no end goes no further than the next such group.
_IN_GROUP = r"[^{}\\]*+(?:\\.[^{}\\]*+)*+"
_SILENT = re.compile(
    r"\{[\r\n]*+\\(?:\*[\r\n]*+\\[a-zA-Z]{1,32}|(?:fonttbl|colortbl|stylesheet|info|pict|objdata|objclass)(?![a-zA-Z]))"
    rf"{_IN_GROUP}(?:\{{{_IN_GROUP}\}}{_IN_GROUP})*+\}}",
    re.DOTALL,
)
_TOKEN = re.compile(
    r"((?:\\'[0-9a-fA-F]{2})+)|\\u(-?\d{1,6})(?: |\\'[0-9a-fA-F]{2}|\?)?|\\([a-zA-Z]{1,32})-?\d{0,10} ?|\\([^a-zA-Z])|[{}\r\n]+"
)
# Where steps show another text than tokens: something hidden, or what stands for a character in Unicode is not one "?".
_IN_STEPS = re.compile(r"\\(?:v(?![a-z0])|uc(?!1(?!\d))\d|u-?\d{1,6}+ ?(?!\\'|\?))")
_STEP = re.compile(
    r"\\'(?P<octet>[0-9a-fA-F]{2})|\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?|\\(?P<symbol>[^a-zA-Z])|(?P<brace>[{}])|"
    r"[\r\n]+|(?P<text>[^\\{}\r\n]+)|\\"
)
_BREAKS = frozenset(("par", "line", "page", "cell", "row", "sect"))
_CODE_PAGE = re.compile(r"\\ansicpg(\d{3,5})")
_HEAD = 1_000  # characters in which the code page is named
_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_KEPT = 10_000  # tokens
_MAX_REPLACED = 100  # characters that stand for one in Unicode


def read(source: str, ledger: Ledger, place: str) -> tuple[str, ...]:
    """The text, all that is hidden in it; and, where that differs, as a reader shows it that takes each step as it is meant."""
    codec = _codec(source)
    source = _SILENT.sub("", source)
    shown = _Shown(codec)
    whole = _paired(shown.read(source))
    if _IN_STEPS.search(source) is None:
        return (whole,)
    in_steps, end = _in_steps(source, codec, ledger)
    if end < len(source):
        ledger.note(Defect.TEXT_TRUNCATED, place)
        in_steps += shown.read(source[end:])
    return tuple(dict.fromkeys((whole, _paired(in_steps))))


def _codec(source: str) -> str:
    said = _CODE_PAGE.search(source, 0, _HEAD)
    return (charsets.codec(f"cp{said[1]}") if said is not None else "") or "cp1252"


class _Shown(dict[str, str]):
    """What tokens are in a text. Most come again and again."""

    def __init__(self, codec: str) -> None:
        self._codec = codec

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
            return bytes.fromhex(octets.replace("\\'", "")).decode(self._codec, "replace")
        if code:
            return chr(int(code) & 0xFFFF)
        if word:
            return "\n" if word in _BREAKS else "\t" if word == "tab" else ""
        return _symbol(symbol) if symbol else ""


def _symbol(symbol: str) -> str:
    return symbol if symbol in "\\{}" else "\u00a0" if symbol == "~" else "\u2011" if symbol == "_" else ""


def _paired(text: str) -> str:
    """Characters beyond the Basic Multilingual Plane are written as two (RTF 1.9.1, \\u)."""
    return text.encode("utf_16_le", "surrogatepass").decode("utf_16_le", "replace") if _SURROGATE.search(text) else text


def _in_steps(source: str, codec: str, ledger: Ledger) -> tuple[str, int]:
    """The text without what is hidden (\\v) and without the \\uc characters that stand for one in Unicode; where steps ended."""
    out: list[str] = []
    octets = bytearray()
    outer: list[tuple[bool, int]] = []
    hidden, replaced, skip, end = False, 1, 0, 0
    for step in islice(_STEP.finditer(source), ledger.rtf_steps):
        ledger.rtf_steps -= 1
        end = step.end()
        octet, word, value, symbol, brace, text = step.groups()
        if octets and not octet:
            out.append(octets.decode(codec, "replace"))
            octets.clear()
        if brace:
            skip = 0
            if brace == "{":
                outer.append((hidden, replaced))
            elif outer:
                hidden, replaced = outer.pop()
        elif word == "u" and value:
            skip = replaced
            if not hidden:
                out.append(chr(int(value) & 0xFFFF))
        elif word == "uc" and value:
            replaced = max(0, min(int(value), _MAX_REPLACED))
        elif word in ("v", "plain"):
            hidden = word == "v" and value != "0"
        elif text:
            left, skip = text[skip:], max(0, skip - len(text))
            if not hidden:
                out.append(left)
        elif skip and (octet or word or symbol):
            skip -= 1
        elif not hidden:
            if octet:
                octets.append(int(octet, 16))
            elif word in _BREAKS or word == "tab":
                out.append("\t" if word == "tab" else "\n")
            elif symbol:
                out.append(_symbol(symbol))
    out.append(octets.decode(codec, "replace"))
    return "".join(out), end
