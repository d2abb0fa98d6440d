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
# Characters that entities may add to a document, at most; in sizes of it; always.
_GROWTH, _GROWTH_FACTOR, _GROWTH_FLOOR = 1024 * 1024, 4, 8 * 1024
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
    return read(markup)[0]


def read(markup: str, *, defaults: bool = False) -> tuple[str, bool]:
    """The same; whether entities add more to it than is put in. `defaults`: with a tag in front, as browsers have it, for each
    element that has attributes by default (XML 1.0 3.3.2)."""
    limit = min(_GROWTH, max(_GROWTH_FLOOR, _GROWTH_FACTOR * len(markup)))
    subset, markup, is_cut = _parted(markup)
    if defaults:
        named = _ATTRIBUTE_LIST.findall(subset)
        markup = "".join([f"<{name}{_ATTRIBUTE_TYPE.sub('=', listed)}>" for name, listed in named]) + markup
    if "<!" in markup or "<?" in markup:
        markup = _UNSEEN.sub(_seen, markup)
    if entities := _entities(_ENTITY, subset):
        markup, is_more = _expanded(markup, entities, limit)
        is_cut = is_cut or is_more
    return markup, is_cut


def _parted(markup: str) -> tuple[str, str, bool]:
    """What a document type declares, its parameter entities put in, the markup behind it, and whether they are more than that."""
    if "<!DOCTYPE" not in markup or (declared := _DOCUMENT_TYPE.match(markup)) is None:
        return "", markup, False
    subset, is_cut = declared[1] or "", False
    for _ in range(_ROUNDS):
        if "%" in subset and (parameters := _entities(_PARAMETER, subset)):
            subset, is_cut = _expanded(subset, parameters, _GROWTH_FLOOR, _PARAMETER_REFERENCE)
            if is_cut:
                break
    return subset, markup[declared.end() :], is_cut


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


def _expanded(markup: str, entities: dict[str, str], limit: int, reference: re.Pattern[str] = _REFERENCE) -> tuple[str, bool]:
    """The markup with entities put in; whether they are more than is put in: the rest is not looked at."""
    left = limit
    for _ in range(_DEPTH):
        out: list[str] = []
        at = 0
        for match in reference.finditer(markup):
            found = entities.get(match[1], "")
            left -= len(found)
            if left <= 0:
                return "".join((*out, markup[at:])), True
            if found:
                out += (markup[at : match.start()], found)
                at = match.end()
        if not out:
            break
        markup = "".join((*out, markup[at:]))
    return markup, False
