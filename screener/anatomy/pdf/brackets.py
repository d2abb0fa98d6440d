"""What brackets in a PDF hold: its dictionaries and their values, and where its strings end (ISO 32000-1 7.3.4.2, 7.3.7).

Promises: linear, never raises.
"""

import re

_PAREN = re.compile(rb"\\(?s:.)|[()]")
_BRACKET = re.compile(rb"\\(?s:.)|[()]|<<|<[0-9A-Fa-f\s]*+>|>>")
_MARK = re.compile(_BRACKET.pattern + rb"|[\[\]]|/[^\x00\t\n\f\r ()<>\[\]{}/%]*+")
_PARENS, _DEPTHS = {b"(": 1, b")": -1}, {b"<<": 1, b">>": -1}
_WHITE = b"\0\t\n\x0b\f\r "
_MAX_VALUES = 3  # of one key; that it has more than one is doubtful as it is


def own(keys: bytes) -> bytes:
    """A dictionary without what is in its strings, and in the dictionaries in it."""
    if b"(" not in keys and keys.count(b"<<") < 2:
        return keys
    out: list[bytes] = []
    at = parens = depth = 0
    for token in _BRACKET.finditer(keys):
        match token[0]:
            case b"(":
                if not parens and depth < 2:
                    out.append(keys[at : token.end()])
                parens += 1
            case b")" if parens:
                parens -= 1
                at = token.start() if not parens and depth < 2 else at
            case b"<<" if not parens:
                depth += 1
                if depth == 2:
                    out.append(keys[at : token.end()])
            case b">>" if not parens:
                depth -= 1
                at = token.start() if depth == 1 else at
    if not parens and depth < 2:
        out.append(keys[at:])
    return b"".join(out)


def values(keys: bytes, wanted: frozenset[bytes]) -> dict[bytes, list[bytes]]:
    """What some keys of the last dictionary have, as it is written, the first ones, once each: readers do not agree which
    counts of several."""
    found: dict[bytes, list[bytes]] = {}
    parens = depth = at = 0
    key = b""

    def end(offset: int, value: bytes = b"") -> None:
        if key in wanted and len(known := found.setdefault(key, [])) < _MAX_VALUES:
            value = value or keys[at:offset].strip(_WHITE)
            known += [value] if value not in known else []

    for token in _MARK.finditer(keys):
        mark = token[0]
        if mark in _PARENS:
            parens = max(0, parens + _PARENS[mark])
        elif parens or (mark[:1] == b"/" and depth > 1):
            continue
        elif mark[:1] == b"/" and key and not keys[at : token.start()].strip(_WHITE):
            end(token.end(), mark)
            key, at = b"", token.end()
        elif mark[:1] == b"/":
            end(token.start())
            key, at = mark[1:], token.end()
        elif mark in (b"<<", b"["):
            if not depth:
                found.clear()
                key = b""
            depth += 1
        elif mark in (b">>", b"]"):
            depth = max(0, depth - 1)
            if not depth:
                end(token.start())
                key = b""
    end(len(keys))
    return found


def dictionary_end(text: bytes, begin: int, end: int) -> int:
    """Behind the dictionary that begins with "<<" at an offset, -1 where it does not end before another."""
    parens = depth = 0
    for token in _BRACKET.finditer(text, begin, end):
        if token[0] in _PARENS:
            parens = max(0, parens + _PARENS[token[0]])
        elif not parens:
            depth += _DEPTHS.get(token[0], 0)
            if depth == 0:
                return token.end()
    return -1


def dictionary_around(text: bytes, begin: int, at: int) -> int:
    """Where the dictionary begins in which an offset stands; where it does before `begin`, that."""
    opened: list[int] = []
    parens = 0
    for token in _BRACKET.finditer(text, begin, at):
        if token[0] in _PARENS:
            parens = max(0, parens + _PARENS[token[0]])
        elif not parens and token[0] == b"<<":
            opened.append(token.start())
        elif not parens and token[0] == b">>" and opened:
            opened.pop()
    return opened[-1] if opened else begin


def is_whole(text: bytes) -> bool:
    """Whether every dictionary and string that begins in it ends in it, and none ends that began before."""
    parens = depth = 0
    for token in _BRACKET.finditer(text):
        if token[0] in _PARENS:
            parens += _PARENS[token[0]]
        elif not parens:
            depth += _DEPTHS.get(token[0], 0)
        if parens < 0 or depth < 0:
            return False
    return parens == 0 == depth


def string_end(text: bytes, begin: int, end: int) -> int:
    """Where a string ends that begins with a parenthesis, -1 where it does not."""
    depth = 0
    for paren in _PAREN.finditer(text, begin, end):
        depth += _PARENS.get(paren[0], 0)
        if depth == 0 and paren[0] == b")":
            return paren.end()
    return -1
