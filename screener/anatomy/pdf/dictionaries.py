"""Dictionaries of a PDF read as such (ISO 32000-1 7.3.7): strings, names, dictionaries in them; comments between.

Promises: bounded by octets and tokens, never raises. Lists are left out.
"""

import re
from collections.abc import Iterator
from typing import TypeAlias

from screener.anatomy.pdf import written
from screener.anatomy.pdf.streams import plain, string_octets

_TOKEN = re.compile(
    rb"(?P<blank>[\x00\t\n\f\r ]++|%[^\r\n]*+)|(?P<open><<)|(?P<close>>>)|(?P<string>[(<])|"
    rb"/(?P<name>[^\x00\t\n\f\r /<>\[\]()%{}]*+)|(?P<list>\[)|(?P<end>\])|(?P<word>[^\x00\t\n\f\r /<>\[\]()%{}]++)|(?P<stray>.)",
    re.DOTALL,
)
LONGEST = 8_192  # octets of a dictionary
_MAX_TOKENS = 400

Value: TypeAlias = "bytes | str | dict[str, Value]"


def nested(values: Value) -> Iterator[dict[str, Value]]:
    """A dictionary and all that are in it."""
    if isinstance(values, dict):
        yield values
        for value in values.values():
            yield from nested(value)


def parsed(raw: bytes, at: int, limit: int = LONGEST) -> dict[str, Value]:
    """The first dictionary behind an offset: strings as octets, names with their slash, references as "R", all else as written.

    Lists are left out.
    """
    stack: list[dict[str, Value]] = []
    keys: list[str] = []
    key = last = ""
    depth = 0
    end = at + limit
    for _ in range(_MAX_TOKENS):
        token = _TOKEN.match(raw, at, end)
        if token is None:
            break
        at = token.end()
        value: Value | None = None
        match token.lastgroup:
            case "open":
                stack.append({})
                keys.append(key)
                key = ""
                continue
            case "close" if stack:
                value = stack.pop()
                key = keys.pop()
                if not stack:
                    return value
            case "string":
                value, length = string_octets(raw, token.start())
                at = max(token.start() + length, written.string_end(raw, token.start(), end) if token[0] == b"(" else 0)
            case "name":
                name = plain(token["name"]).decode("latin-1")
                if stack and not depth and not key:
                    key = name
                    continue
                value = f"/{name}"
            case "list":
                depth += 1
                continue
            case "end":
                depth -= 1
                key = "" if depth <= 0 else key
                continue
            case "word":
                value = token["word"].decode("latin-1")
            case _:
                continue
        if stack and key and not depth:
            stack[-1][key] = value
            key, last = "", key
        elif stack and last and value == "R":
            stack[-1][last] = "R"
    return stack[0] if stack else {}
