"""Quoted strings, comments and escapes in a structured field (RFC 5322 3.2.1, 3.2.2, 3.2.4): what in it is a mark and what is text.

Promises: one pass, never raises. A quote in a comment is none, a parenthesis in a quoted string neither.
"""

import re
from collections.abc import Iterator

_SPECIAL = re.compile(r'["();\\]')


def marks(text: str, *, quotes: bool, comments: bool) -> Iterator[tuple[str, int, int]]:
    """Each "(" and ")" of a comment and each ";" outside of comments: which, its offset, how many comments are open behind it.

    `quotes`, `comments`: whether the reader knows them.
    """
    depth = 0
    quoted = False
    skip = -1
    for match in _SPECIAL.finditer(text):
        at = match.start()
        if at == skip:
            continue
        match text[at]:
            case "\\":
                skip = at + 1
            case '"' if quotes and not depth:
                quoted = not quoted
            case "(" if comments and not quoted:
                depth += 1
                yield "(", at, depth
            case ")" if depth:
                depth -= 1
                yield ")", at, depth
            case ";" if not quoted and not depth:
                yield ";", at, 0
            case _:
                pass
