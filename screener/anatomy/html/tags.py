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
# A picture, font or sound, which nobody reads as text; of a drawing (SVG) or what is marked up some may be. What is as short as a
# word stays.
_MEDIUM = r"data:(?:image|font|audio|video)/(?![^,]{0,80}(?:svg|xml|html))[a-z0-9.+;=-]{1,80};base64,"
_OCTETS = repeated(r"[ \t\r\n]*+[a-z0-9+/=%]{60,}+", least=1)
_ADDRESS = re.compile(rf"(\A{_BLANK}{_MEDIUM}){_OCTETS}", re.IGNORECASE)
_IN_STYLE = re.compile(
    rf"(url\({_BLANK}([\"']|&quot;|){_BLANK}{_MEDIUM}){_OCTETS}([ \t\r\n]*+[a-z0-9+/=%]*+{_BLANK}\2{_BLANK}\))", re.IGNORECASE
)
_ADDRESSES = frozenset(("src", "srcset", "href", "background", "poster", "data"))
# What else of a style may be a string, which styles show, or hide one; and what may show the values of attributes.
_STRING = re.compile(r"[\"']|&quot;|/\*")
_SHOWS = re.compile(r"attr\(|\\|&(?!quot;|amp;)", re.IGNORECASE)


def without_pictures(attributes: str, *, are_shown: bool = False) -> str:
    """Attributes without what is in the pictures that are written into them as addresses, as many as are read.

    `are_shown`: a sheet shows values of attributes, pictures or not.
    """
    if are_shown or len(attributes) < _LONG:
        return attributes
    pieces: list[str] = []
    left = MAX_ATTRIBUTES
    for attribute in _ATTRIBUTE.finditer(attributes):
        name, *ways = attribute.groups(default="")
        called = name.rpartition(":")[2].lower()
        value = "".join(ways)
        if called == "style" and _SHOWS.search(value) is not None:
            return attributes
        pieces.append(attribute[0] if len(value) < _LONG else attribute[0].replace(value, _without_picture(called, value)))
        left -= len(pieces[-1])
        if left < 0:
            break
    return "".join(pieces)


def _without_picture(name: str, value: str) -> str:
    if name in _ADDRESSES:
        return _ADDRESS.sub(r"\1", value)
    if name == "style" and _STRING.search(_IN_STYLE.sub("", value)) is None:
        return _IN_STYLE.sub(r"\1\3", value)
    return value


def pairs(attributes: str, *, are_shown: bool = False) -> list[tuple[str, str]]:
    """Names in lower case, without the prefix that XML gives them, and values as they are written; `are_shown` as above."""
    found = _ATTRIBUTE.findall(without_pictures(attributes, are_shown=are_shown)[:MAX_ATTRIBUTES])
    return [(name.rpartition(":")[2].lower(), double or single or bare) for name, double, single, bare in found]


def values(attributes: str, wanted: str) -> list[str]:
    """The values of attributes of one name."""
    return [unescaped(value) for name, value in pairs(attributes) if name == wanted]
