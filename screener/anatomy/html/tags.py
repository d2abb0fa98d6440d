"""How tags of HTML are written: where one ends, and what its attributes are, one by one (WHATWG HTML 13.2.5.8 and 13.2.5.32-40).

A quote begins a value only as the first character behind the "=" of a name; anywhere else it is a letter, so that nothing behind it
is swallowed. One that is never closed is a letter too: browsers show nothing behind it, plainer readers do. Promises: linear; of
each kind of quote only the last of a document can be open, so one that is costs one search.
"""

import re

from screener.anatomy.html.entities import unescaped
from screener.anatomy.repeated import repeated

_BLANK = r"[ \t\n\f\r]*+"
_NAMED = r"[ \t\n\f\r/]*+{}[^ \t\n\f\r/>][^ \t\n\f\r/>=]*+{}"
_VALUED = rf"(?>(?:{_BLANK}={_BLANK}(?>(?:\"{{0}}[^\"]*+{{1}}\"|'{{0}}[^']*+{{1}}'|{{0}}[^ \t\n\f\r>]++{{1}})?))?)"
_ATTRIBUTE = re.compile(_NAMED.format("(", ")") + _VALUED.format("(", ")"))
NAME = r"[a-zA-Z][^ \t\n\f\r/>]*+"
# From behind the name of a tag to its end: the attributes.
REST = rf"({repeated(_NAMED.format('', '') + _VALUED.format('', ''))}[ \t\n\f\r/]*+)>"
TO_THE_END = re.compile(REST)
MAX_ATTRIBUTES = 65_536
_LONG = 1_000  # letters
# A picture, font or sound, which nobody reads as text; a drawing (SVG) may hold some. What is as short as a word stays.
_MEDIUM = r"data:(?:image|font|audio|video)/(?!svg)[a-z0-9.+;=-]{1,80};base64,"
_OCTETS = repeated(r"[ \t\r\n]*+[a-z0-9+/=%]{60,}+", least=1)
_ADDRESS = re.compile(rf"(\A{_BLANK}{_MEDIUM}){_OCTETS}", re.IGNORECASE)
_IN_STYLE = re.compile(rf"(url\({_BLANK}(?:[\"']|&quot;)?{_BLANK}{_MEDIUM}){_OCTETS}", re.IGNORECASE)
_ADDRESSES = frozenset(("src", "srcset", "href", "background", "poster", "data"))


def without_pictures(attributes: str) -> str:
    """Attributes without what is in the pictures that are written into them as addresses, as many as are read."""
    if len(attributes) < _LONG:
        return attributes
    pieces: list[str] = []
    left = MAX_ATTRIBUTES
    for attribute in _ATTRIBUTE.finditer(attributes):
        pieces.append(_without_picture(attribute))
        left -= len(pieces[-1])
        if left < 0:
            break
    return "".join(pieces)


def _without_picture(attribute: re.Match[str]) -> str:
    name, *ways = attribute.groups(default="")
    value = "".join(ways)
    if len(value) < _LONG:
        return attribute[0]
    called = name.rpartition(":")[2].lower()
    if called in _ADDRESSES:
        return attribute[0].replace(value, _ADDRESS.sub(r"\1", value))
    if called == "style" and "content" not in value.lower():  # which styles show
        return attribute[0].replace(value, _IN_STYLE.sub(r"\1", value))
    return attribute[0]


def pairs(attributes: str) -> list[tuple[str, str]]:
    """Names in lower case, without the prefix that XML gives them, and values as they are written."""
    found = _ATTRIBUTE.findall(without_pictures(attributes)[:MAX_ATTRIBUTES])
    return [(name.rpartition(":")[2].lower(), double or single or bare) for name, double, single, bare in found]


def values(attributes: str, wanted: str) -> list[str]:
    """The values of attributes of one name."""
    return [unescaped(value) for name, value in pairs(attributes) if name == wanted]
