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
# A picture, font or sound where an address stands, which nobody reads as text. A drawing (SVG) may hold text.
_PICTURE = re.compile(
    rf"((?:\b(?:src|srcset|href|background|poster|data){_BLANK}={_BLANK}[\"']?|url\({_BLANK}(?:[\"']|&quot;)?){_BLANK}"
    rf"data:(?:image|font|audio|video)/(?!svg)[a-z0-9.+;=-]{{1,80}};base64,)[a-z0-9+/=% \t\r\n]{{{_LONG},}}+",
    re.IGNORECASE,
)


def without_pictures(attributes: str) -> str:
    """Attributes without what is in the pictures that are written into them."""
    return attributes if len(attributes) < _LONG else _PICTURE.sub(r"\1", attributes)


def pairs(attributes: str) -> list[tuple[str, str]]:
    """Names in lower case, without the prefix that XML gives them, and values as they are written."""
    found = _ATTRIBUTE.findall(without_pictures(attributes)[:MAX_ATTRIBUTES])
    return [(name.rpartition(":")[2].lower(), double or single or bare) for name, double, single, bare in found]


def values(attributes: str, wanted: str) -> list[str]:
    """The values of attributes of one name."""
    return [unescaped(value) for name, value in pairs(attributes) if name == wanted]
