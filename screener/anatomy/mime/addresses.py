"""The addresses in a From, Sender or Reply-To field, as any reader may find them (RFC 5322 3.4, 4.4).

Promises: linear, never raises. Display names and comments are no addresses while there is a better one; where nothing else can be
found, they are.
"""

import re
from collections.abc import Iterable

from screener.anatomy.mime import quoting
from screener.anatomy.repeated import repeated
from screener.anatomy.text import normalise

_DOMAIN = r'(?:\[[^\]\s]{1,64}\]|[^\s<>,;:"()\[\]\\@]{1,255})'
# It begins where its local part does, and possessive: no octet is looked at twice.
_ADDRESS = re.compile(rf'(?<![^\s<>,;:"()\[\]\\@])([^\s<>,;:"()\[\]\\@]++)@({_DOMAIN})')
# A quoted string, a local part or a name. It matches from every quote on, closed or not: no octet is looked at twice.
_QUOTED = re.compile(r'"([^"\\]*+' + repeated(r'\\.[^"\\]*+') + rf')(?:"(?:@({_DOMAIN}))?)?')
# In a name it may stand in quotes of any kind.
_ANYWHERE = re.compile(r"(?<![^\s<>,;:\"'()\[\]\\@])([^\s<>,;:\"'()\[\]\\@]++)@([^\s<>,;:\"()\[\]\\@]{1,255})")
_AROUND_AT = re.compile(r"(?<![ \t])[ \t]*+@[ \t]*+")  # blanks around the "@" (RFC 5322 4.4)
_AROUND_DOT = re.compile(r"(?<![ \t])[ \t]*+\.[ \t]*+")  # and around the dots of either side
# As nearly all mail has it: one address, in angles behind a name or by itself.
_PLAIN = re.compile(
    r"(?>(?:(?:\"[A-Za-z0-9 _.,-]*+\"|[A-Za-z0-9 _.-]*+) *+<)?)([A-Za-z0-9._+=-]++@[A-Za-z0-9-]++"
    + repeated(r"\.[A-Za-z0-9-]++")
    + r")>?"
)
_MAX_LOCAL = 256


def mailboxes(texts: Iterable[str]) -> tuple[str, ...]:
    """Every "local@domain" in some readings of a field, each once, in order."""
    texts = tuple(texts)
    if len(texts) == 1 and (only := _PLAIN.fullmatch(texts[0])) is not None:
        return (only[1],)
    found: dict[str, None] = {}
    for text in texts:
        if "@" not in text:
            continue
        text = text.replace("\0", "")
        for view in _views(text):
            plain = view
            if '"' in plain:
                for string in _QUOTED.finditer(plain):
                    if string[2] and len(string[1]) <= _MAX_LOCAL:
                        found.setdefault(_spec(string[1].replace("\\", ""), string[2]))
                plain = _QUOTED.sub(_without_name, plain)
            for match in _ADDRESS.finditer(plain):
                found.setdefault(_spec(match[1], match[2]))
    if not found:
        for text in texts:
            for match in _ADDRESS.finditer(text):
                found.setdefault(_spec(match[1], match[2]))
    return tuple(found)


def displayed(texts: Iterable[str]) -> tuple[str, ...]:
    """Every "local@domain" that stands anywhere in a field, in names and comments too, where mail readers display it."""
    found: dict[str, None] = {}
    for text in texts:
        if not text.isascii():
            text = normalise(text)
        if "@" in text:
            for match in _ANYWHERE.finditer(_AROUND_AT.sub("@", text.replace("\0", ""))):
                found.setdefault(_spec(match[1], match[2].rstrip("'")))
    return tuple(found)


def _views(text: str) -> tuple[str, ...]:
    """The text without comments, those in quotes included or not, and without blanks around "@" and dots."""
    views = dict.fromkeys((_bare(text, quotes=False), _bare(text, quotes=True))) if "(" in text else {text: None}
    joined = dict.fromkeys(_AROUND_AT.sub("@", view) for view in views)
    if any(" ." in view or ". " in view or "\t" in view for view in joined):
        joined |= dict.fromkeys(_AROUND_DOT.sub(".", view) for view in tuple(joined))
    return tuple(joined)


def _bare(text: str, *, quotes: bool) -> str:
    """The text without its comments, which may lie in one another (RFC 5322 3.2.2); `quotes`: a string in quotes has none."""
    opened: list[int] = []
    comments: list[tuple[int, int]] = []
    for mark, at, _ in quoting.marks(text, quotes=quotes, comments=True):
        if mark == "(":
            opened.append(at)
        elif mark == ")":
            start = opened.pop()
            while comments and comments[-1][0] > start:
                comments.pop()
            comments.append((start, at + 1))
    pieces = []
    end = 0
    for start, stop in comments:
        pieces.append(text[end:start])
        end = stop
    return "".join((*pieces, text[end:]))


def _without_name(string: re.Match[str]) -> str:
    """What a quoted string leaves behind: a name nothing, an open one its text."""
    return " " if (string[0].endswith('"') and len(string[0]) > 1) or string[2] else string[0][1:]


def _spec(local: str, domain: str) -> str:
    return f"{local}@{domain.rstrip('.')}"
