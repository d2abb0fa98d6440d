"""Values of a PDF as programs write them (ISO 32000-1 7.3): of what is written otherwise readers may make different things.

Promises: linear, bounded, never raises.
"""

import re
from typing import TypeAlias

from screener.anatomy.pdf import brackets, written
from screener.anatomy.pdf.strings import string_octets, text
from screener.anatomy.repeated import repeated

_TOKEN = re.compile(
    rb"[\t\n\f\r ]*+(?:(?P<open><<)|(?P<close>>>)|(?P<list>\[)|(?P<end>\])|(?P<flat>\([^()\\]*+\))|"
    rb"(?P<string>\()|(?P<digits><[0-9A-Fa-f\s]*+>)|"
    rb"/(?P<name>[^\x00-\x20/<>\[\](){}%]*+)|(?P<reference>\+?[0-9]{1,20}\s{1,99}\+?[0-9]{1,20}\s{0,99}R)" + written.END + rb"|"
    rb"(?P<other>[-+]?(?:[0-9]{1,20}(?:\.[0-9]*+)?|\.[0-9]++)|true|false|null)" + written.END + rb")"
)  # fmt: skip
_LETTERS = rb"[^()\\\r]++|\\(?:[nrtbf()\\]|[0-3][0-7]{2}|[0-7]{1,2}(?![0-7]))"
_IN_PARENS = rb"|\(" + repeated(_LETTERS) + rb"\)"
_STRING = re.compile(rb"\(" + repeated(_LETTERS + rb"|\(" + repeated(_LETTERS + _IN_PARENS) + rb"\)") + rb"\)")
_KEY = re.compile(repeated(rb"[^#]++|#[2-7][0-9A-Fa-f]"))
_BLANKS = b"\t\n\f\r "
_MAX_TOKENS, _MAX_DEPTH, _MAX_NAME = 8_000, 30, 1_000


class Text(bytes):
    """A string as it is written."""


class Reference(bytes):
    """The number of an object, without leading zeros."""


Value: TypeAlias = "bytes | list[Value] | dict[bytes, Value]"


def value(raw: bytes, begin: int, end: int) -> "Value | None":
    """What stands between two offsets, names' escapes undone; None where it is not one value that programs write so."""
    open_values: list[list[Value] | dict[bytes, Value]] = []
    keys: list[bytes | None] = []
    key: bytes | None = None
    at = begin
    for _ in range(_MAX_TOKENS):
        if (token := _TOKEN.match(raw, at, end)) is None:
            return None
        at = token.end()
        kind = token.lastgroup or ""
        found: Value
        if kind in ("open", "list"):
            if len(open_values) >= _MAX_DEPTH or (open_values and isinstance(open_values[-1], dict) and key is None):
                return None
            open_values.append({} if kind == "open" else [])
            keys.append(key)
            key = None
            continue
        if kind in ("close", "end"):
            if not open_values or key is not None or isinstance(open_values[-1], dict) != (kind == "close"):
                return None
            found = open_values.pop()
            key = keys.pop()
        elif kind == "string":
            at = brackets.string_end(raw, token.start(kind), end)
            if at < 0:
                return None
            found = Text(raw[token.start(kind) : at])
        elif kind == "reference":
            found = Reference(token[kind].split()[0].lstrip(b"+0"))
        else:
            found = Text(token[kind]) if kind in ("digits", "flat") else b"/" + token[kind] if kind == "name" else token[kind]
        if not open_values:
            return found if not raw[at:end].strip(_BLANKS) else None
        inner = open_values[-1]
        if isinstance(inner, list):
            inner.append(found)
        elif key is not None:
            if inner.setdefault(key, found) != found:
                return None
            key = None
        elif kind != "name" or _KEY.fullmatch(token[kind]) is None:
            return None
        else:
            key = token[kind]
    return None


def called(string: Text) -> str | None:
    """The name that a string is; None where readers may take it to be another."""
    if string[:1] == b"(" and _STRING.fullmatch(string) is None:
        return None
    if len(string) > _MAX_NAME or (string[:1] == b"<" and len(string.translate(None, _BLANKS)) % 2):
        return None
    name = text(string_octets(string, 0, _MAX_NAME)[0])
    return None if "\x1b" in name or "\0" in name else name
