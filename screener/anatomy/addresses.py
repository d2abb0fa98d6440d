"""The addresses in a From, Sender or Reply-To field, as any reader may find them (RFC 5322 3.4, 4.4).

Promises: linear, never raises. Display names and comments are no addresses while there is a better one; where nothing else can be
found, they are.
"""

import re
from collections.abc import Iterable

_ADDRESS = re.compile(
    r'(?:"((?:[^"\\\r\n]|\\.){1,256})"|([^\s<>,;:"()\[\]\\@]{1,256}))@((?:\[[^\]\s]{1,64}\]|[^\s<>,;:"()\[\]\\@]{1,255}))'
)
_DISPLAY = re.compile(r'"(?:[^"\\]|\\.){0,512}+"(?!@)')
_COMMENT = re.compile(r"\([^()]*\)")


def mailboxes(texts: Iterable[str]) -> tuple[str, ...]:
    """Every "local@domain" in some readings of a field, each once, in order."""
    texts = tuple(texts)
    found: dict[str, None] = {}
    for text in texts:
        if "@" in text:
            plain = _DISPLAY.sub(" ", _COMMENT.sub("", text)) if '"' in text or "(" in text else text
            for match in _ADDRESS.finditer(plain.replace("\0", "")):
                found.setdefault(_spec(match))
    if not found:
        for text in texts:
            for match in _ADDRESS.finditer(text):
                found.setdefault(_spec(match))
    return tuple(found)


def _spec(match: re.Match[str]) -> str:
    local = match[2] if match[1] is None else match[1].replace("\\", "")
    return f"{local}@{match[3].rstrip('.')}"
