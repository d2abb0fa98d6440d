"""Text of a page that runs from right to left by force: by elements, by styles, or by what is around it.

Promises: linear, never raises.
"""

import re

# <bdo dir="rtl"> … </bdo>: shown as the characters for it would have it.
_TURNED = re.compile(r"<bdo\b(?=[^<>]{0,300}?\brtl\b)[^<>]{0,600}+>", re.IGNORECASE)
_OVERRIDDEN = re.compile(
    r"(<[a-z][a-z0-9]{0,20}+\b(?=[^<>]{0,600}?\b(?:bidi|isolate)-override)(?=[^<>]{0,600}?\brtl\b)[^<>]{0,600}+>)([^<>]{1,10000}+)",
    re.IGNORECASE,
)
_TURNED_END = re.compile(r"</bdo\s{0,9}>", re.IGNORECASE)
_ESCAPED = re.compile(r"\\[0-9a-z]")  # whatever a style sheet may say with it
_SPELT = re.compile(r"(?:dir|style)\s{0,9}=[^<>&]{0,300}+&#(?!(?:34|39|x2[27]);)")  # whatever a tag may say with it


def marked(page: str) -> str:
    """The page with the characters of Unicode (TR9 2.2) for what its tags say."""
    if "bdo" in page.lower():
        page = _TURNED_END.sub("\u202c", _TURNED.sub("\u202e", page))
    if "-override" in page:
        page = _OVERRIDDEN.sub("\\1\u202e\\2\u202c", page)
    return page


def may_turn(page: str) -> bool:
    """Whether letters of some element may run from right to left, as a style sheet or what is around it may say."""
    page = page.lower()
    if "rtl" in page and ("-override" in page or "<bdo" in page):
        return True
    if "&#" in page and _SPELT.search(page) is not None:
        return True
    return "<style" in page and _ESCAPED.search(page) is not None


def lines(displayed: str) -> str:
    """Each line from its end."""
    return "\n".join([line[::-1] for line in displayed.split("\n")])
