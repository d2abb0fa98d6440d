"""XML before its elements count: comments and instructions gone, literal sections written out, and the entities of a document type
put in (XML 1.0 2.5 to 2.8, 4.4). Promises: linear, bounded, never raises.
"""

import re

from screener.anatomy.repeated import repeated

_UNSEEN = re.compile(r"<!--.*?(?:-->|\Z)|<!\[CDATA\[(.*?)(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)", re.DOTALL)
# Any prefix or none (Namespaces in XML 1.0, 4), behind a "<", which bounds it. Not "\s", which has octets of letters among it.
PREFIX = r"(?:[^ \t\r\n<>/:\"'=]++:)?"
TAG = "<" + PREFIX
_WRITTEN = r"\"[^\"]*+\"|'[^']*+'"
# Each to its end: no octet is looked at twice.
_COMMENTS = r"<!--" + repeated(r"[^-]++|-(?!->)") + r"(?:-->|\Z)|<\?" + repeated(r"[^?]++|\?(?!>)") + r"(?:\?>|\Z)"
_DECLARED = rf"{_WRITTEN}|[^\[>\"']++"
_SUBSET = rf"{_COMMENTS}|{_WRITTEN}|[^\]\"'<]++|<"
ATTRIBUTES = r"[^<>\"']*+" + repeated(r"(?:\"[^\"]*+\"|'[^']*+')[^<>\"']*+")  # what may stand in a tag behind its name
_DOCUMENT_TYPE = re.compile(
    r"[^<]{0,8}+" + repeated(rf"\s++|{_COMMENTS}") + rf"<!DOCTYPE{repeated(_DECLARED)}(?:\[({repeated(_SUBSET)})\]\s*+)?>"
)
_ENTITY = re.compile(rf"<!ENTITY\s++([^ \t\r\n%&;<>\"']++)\s++({_WRITTEN})\s*+>")
_REFERENCE = re.compile(r"&([^ \t\r\n&;<>\"']++);")
_BEFORE = (b"<", b" ", b"\t", b"\r", b"\n")  # what markup may begin with
_GROWTH = 1024 * 1024  # characters that entities may add
_DEPTH = 8  # of entities in entities
_OWN = frozenset(("lt", "gt", "amp", "quot", "apos"))


def decoded(content: bytes) -> str:
    """The markup: UTF-16 as letters, anything else as octets, because all that tells something is ASCII; no markup needs NULs."""
    first, second = content[:1], content[1:2]
    if content.startswith(b"\xff\xfe") or (second == b"\0" and first in _BEFORE):
        return content.decode("utf-16-le", "replace").replace("\0", "")
    if content.startswith(b"\xfe\xff") or (first == b"\0" and second in _BEFORE):
        return content.decode("utf-16-be", "replace").replace("\0", "")
    return (content.replace(b"\0", b"") if b"\0" in content[:64] else content).decode("latin-1")


def plain(markup: str) -> str:
    """The markup as an application gets it from a parser."""
    entities: dict[str, str] = {}
    if "<!DOCTYPE" in markup and (declared := _DOCUMENT_TYPE.match(markup)) is not None:
        for match in _ENTITY.finditer(declared[1] or ""):
            if match[1] not in _OWN:
                entities.setdefault(match[1], match[2][1:-1])  # the first counts (4.2)
        markup = markup[declared.end() :]
    if "<!" in markup or "<?" in markup:
        markup = _UNSEEN.sub(_seen, markup)
    return _expanded(markup, entities) if entities else markup


def _seen(match: re.Match[str]) -> str:
    literal: str | None = match[1]
    return "" if literal is None else literal.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _expanded(markup: str, entities: dict[str, str]) -> str:
    left = _GROWTH

    def value(match: re.Match[str]) -> str:
        nonlocal left
        found = entities.get(match[1], "")
        left -= len(found)
        return found if found and left > 0 else match[0]

    for _ in range(_DEPTH):
        before = left
        markup = _REFERENCE.sub(value, markup)
        if left == before or left <= 0:
            break
    return markup
