"""Dictionaries of a PDF read as such (ISO 32000-1 7.3.7): strings, names, dictionaries in them; comments between.

Promises: bounded by octets and tokens, never raises. Lists are left out.
"""

import re
from collections.abc import Iterator
from typing import TypeAlias

from screener.anatomy.pdf import brackets, written
from screener.anatomy.pdf.streams import plain
from screener.anatomy.pdf.strings import string_octets

_TOKEN = re.compile(
    rb"(?P<blank>[\x00\t\n\f\r ]++|%[^\r\n]*+)|(?P<open><<)|(?P<close>>>)|(?P<string>[(<])|"
    rb"/(?P<name>[^\x00\t\n\f\r /<>\[\]()%{}]*+)|(?P<list>\[)|(?P<end>\])|(?P<word>[^\x00\t\n\f\r /<>\[\]()%{}]++)|(?P<stray>.)",
    re.DOTALL,
)
TWICE = " "  # the key, which no name is, of a dictionary that has a key with two values: readers do not agree which counts
LONGEST = 8_192  # octets of a dictionary
_MAX_TOKENS = 400
_MAX_ROUNDS = 3  # references in what references lead to
_REFERENCE = re.compile(r"\+?0*+([0-9]{1,10}) R")
_OBJECT = re.compile(written.OBJECT)

Value: TypeAlias = "bytes | str | dict[str, Value]"


def nested(values: Value) -> Iterator[dict[str, Value]]:
    """A dictionary and all that are in it."""
    if isinstance(values, dict):
        yield values
        for value in values.values():
            yield from nested(value)


class Bodies:
    """What references in dictionaries lead to, looked up in a text in which objects stand; to one of several nothing leads."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._begins: dict[bytes, int] | None = None  # of the only object of a number, -1 where there are several

    def put(self, values: dict[str, Value], rounds: int = _MAX_ROUNDS) -> dict[str, Value]:
        """The dictionary with what it leads to in the place of references, where that is found."""
        return {key: self._meant(value, rounds) for key, value in values.items()}

    def _meant(self, value: Value, rounds: int) -> Value:
        if isinstance(value, dict):
            return self.put(value, rounds)
        if not rounds or not isinstance(value, str) or (reference := _REFERENCE.fullmatch(value)) is None:
            return value
        if self._begins is None:
            self._begins = {}
            for match in _OBJECT.finditer(self._raw):
                number = match[1].lstrip(b"0")
                self._begins[number] = -1 if number in self._begins else match.end()
        at = self._begins.get(reference[1].encode("ascii"), -1)
        if at < 0:
            return value
        found = parsed(b"<</X " + self._raw[at : at + LONGEST].partition(b"endobj")[0] + b">>", 0).get("X", value)
        return self._meant(found, rounds - 1)


def parsed(raw: bytes, at: int, limit: int = LONGEST) -> dict[str, Value]:
    """The first dictionary behind an offset: strings as octets, names with their slash, references as "9 R", all else as such."""
    stack: list[dict[str, Value]] = []
    keys: list[str] = []
    key = last = ""
    depth = 0
    end = at + limit
    for _ in range(_MAX_TOKENS):
        if (token := _TOKEN.match(raw, at, end)) is None:
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
                at = max(token.start() + length, brackets.string_end(raw, token.start(), end) if token[0] == b"(" else 0)
            case "name":
                name = plain(token["name"]).decode("latin-1")
                if stack and not depth and not key:
                    key = name
                    continue
                value = f"/{name}"
            case "list" | "end":
                depth += 1 if token.lastgroup == "list" else -1
                key = "" if depth <= 0 else key
                continue
            case "word":
                value = token["word"].decode("latin-1")
            case _:
                continue
        if stack and key and not depth:
            if stack[-1].setdefault(key, value) != value:
                stack[-1] |= {key: value, TWICE: key}
            key, last = "", key
        elif stack and value == "R" and last in stack[-1]:
            number = stack[-1][last]
            stack[-1][last] = f"{number} R" if isinstance(number, str) else "R"
    return stack[0] if stack else {}
