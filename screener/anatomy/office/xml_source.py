"""XML before its elements count: comments and instructions gone, literal sections written out, and the entities of a document type
put in (XML 1.0 2.5 to 2.8, 4.4). Promises: linear, bounded, never raises.
"""

import re

from screener.anatomy.html.entities import unescaped
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
_PARAMETER = re.compile(rf"<!ENTITY\s++%\s++([^ \t\r\n%&;<>\"']++)\s++({_WRITTEN})\s*+>")
_VALUES = repeated(r"\"[^\"<]*+\"|'[^'<]*+'|[^<>\"']++")  # there is no "<" in an attribute (3.1)
_ATTRIBUTE_LIST = re.compile(rf"<!ATTLIST\s++([^ \t\r\n%&;<>\"']++)({_VALUES})>")
_ATTRIBUTE_TYPE = re.compile(r"(?<!\s)\s++(?:[A-Z]{2,9}|(?:NOTATION\s++)?\([^()]*+\))\s++(?:#FIXED\s++)?(?=[\"'])")
_NUMBER = re.compile(r"&#(?:[0-9]{1,9}|[xX][0-9a-fA-F]{1,9});")
_PARAMETER_REFERENCE = re.compile(r"%([^ \t\r\n%&;<>\"']++);")
_REFERENCE = re.compile(r"&([^ \t\r\n&;<>\"']++);")
_BEFORE = (b"<", b" ", b"\t", b"\r", b"\n")  # what markup may begin with
_GROWTH = 1024 * 1024  # characters that entities may add
_ROUNDS = 2  # of parameter entities, which declare others
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
    subset, markup = _parted(markup)
    return _written_out(markup, subset)


def as_shown(markup: str) -> str:
    """The same as a browser has it, with a tag in front for each element that has attributes by default (XML 1.0 3.3.2)."""
    subset, markup = _parted(markup)
    defaults = [f"<{name}{_ATTRIBUTE_TYPE.sub('=', listed)}>" for name, listed in _ATTRIBUTE_LIST.findall(subset)]
    return _written_out("".join(defaults) + markup, subset)


def _parted(markup: str) -> tuple[str, str]:
    """What a document type declares, its parameter entities put in, and the markup behind it."""
    if "<!DOCTYPE" not in markup or (declared := _DOCUMENT_TYPE.match(markup)) is None:
        return "", markup
    subset = declared[1] or ""
    for _ in range(_ROUNDS):
        if "%" in subset and (parameters := _entities(_PARAMETER, subset)):
            subset = _expanded(subset, parameters, _PARAMETER_REFERENCE)
    return subset, markup[declared.end() :]


def _written_out(markup: str, subset: str) -> str:
    if "<!" in markup or "<?" in markup:
        markup = _UNSEEN.sub(_seen, markup)
    return _expanded(markup, entities) if (entities := _entities(_ENTITY, subset)) else markup


def _entities(declared: re.Pattern[str], subset: str) -> dict[str, str]:
    """The entities that are declared, and what they stand for: of each the first counts, with characters put in (4.2, 4.4.5)."""
    found: dict[str, str] = {}
    for match in declared.finditer(subset):
        if match[1] not in _OWN and match[1] not in found:
            found[match[1]] = _NUMBER.sub(lambda number: unescaped(number[0]), match[2][1:-1])
    return found


def _seen(match: re.Match[str]) -> str:
    literal: str | None = match[1]
    return "" if literal is None else literal.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _expanded(markup: str, entities: dict[str, str], reference: re.Pattern[str] = _REFERENCE) -> str:
    left = _GROWTH

    def value(match: re.Match[str]) -> str:
        nonlocal left
        found = entities.get(match[1], "")
        left -= len(found)
        return found if found and left > 0 else match[0]

    for _ in range(_DEPTH):
        before = left
        markup = reference.sub(value, markup)
        if left == before or left <= 0:
            break
    return markup
