"""The text that RTF shows (RTF 1.9.1), as far as words are looked for: control words gone, characters decoded, font lists left out.

Promises: linear, never raises. Files in RTF are `rtf`'s.
"""

import re

# Groups that show nothing: those a reader need not know, and the tables. What lies in them in groups of its own goes with them.
_SILENT = re.compile(
    r"\{\\(?:\*\\[a-z]{1,32}|fonttbl|colortbl|stylesheet|info|pict|object)"
    r"[^{}]{0,20000}+(?:\{[^{}]{0,20000}+\}[^{}]{0,20000}+){0,200}+\}"
)
_TOKEN = re.compile(
    r"\\'([0-9a-fA-F]{2})|\\u(-?\d{1,6})(?: |\\'[0-9a-fA-F]{2}|\?)?|\\([a-zA-Z]{1,32})-?\d{0,10} ?|\\([^a-zA-Z])|[{}\r\n]"
)
_BREAKS = frozenset(("par", "line", "page", "cell", "row", "sect"))


def read(source: str) -> str:
    """The text."""
    return _TOKEN.sub(_shown, _SILENT.sub("", source))


def _shown(match: re.Match[str]) -> str:
    octet, code, word, symbol = match.groups()
    if octet:
        return bytes((int(octet, 16),)).decode("cp1252", "replace")
    if code:
        character = int(code) & 0xFFFF
        return "" if 0xD800 <= character < 0xE000 else chr(character)
    if word:
        return "\n" if word in _BREAKS else "\t" if word == "tab" else ""
    if symbol:
        return symbol if symbol in "\\{}" else "\u00a0" if symbol == "~" else "\u2011" if symbol == "_" else ""
    return ""
