"""The text of documents in XML as their programs show it: OOXML (ECMA-376), ODF 1.3, and whatever else comes as XML.

Runs join and paragraphs, cells and breaks part, as in `html`; what a document keeps but does not show (deleted text, field codes,
runs that are hidden, phonetic hints) stands apart, so that it parts no word. Promises: linear, never raises.
"""

import re

from screener.anatomy import xml_source
from screener.anatomy.entities import unescaped

# Between elements of OOXML white space means nothing, but it does in a run's text (ECMA-376-1 17.3.3.31).
_GAP = re.compile(r">\s+<(?!/(?:\w{1,20}:)?t>)")
_PREFIX = r"(?:\w{1,20}:)?"
_BREAK_WORDS = (
    "p h br cr tab line-break s ptab si c v f is text row tr tc txBody title subject creator description keywords category "
    "lastModifiedBy lpwstr lpstr comment"
)
_BREAK = re.compile(rf"</?{_PREFIX}(?:{'|'.join(_BREAK_WORDS.split())})(?:/?>|\s(?:[^<>\"']|\"[^\"]*\"|'[^']*')*+>)")
_SYMBOL = re.compile(rf"<{_PREFIX}sym\s([^<>]{{1,400}})>(?:</{_PREFIX}sym>)?")
_CHARACTER = re.compile(r"\bchar\s{0,9}=\s{0,9}[\"'](?:0{0,4})(?:[Ff]0)?([0-9A-Fa-f]{2,4})[\"']")
_PICTURES = re.compile(r"\bfont\s{0,9}=\s{0,9}[\"'](?:wingdings|webdings|symbol|marlett|zapf|mt extra|bookshelf)", re.IGNORECASE)
_HYPHEN = re.compile(rf"<{_PREFIX}noBreakHyphen\s{{0,9}}/>")
_TAG = re.compile(r"<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*+>")
# What is not shown begins with one of these.
_APART = re.compile(rf"<({_PREFIX}(?:delText|instrText|rPh|tracked-changes))(?:\s[^<>]*)?(?<!/)>")
_RUN = re.compile(rf"<({_PREFIX}r)(?:\s[^<>]*)?(?<!/)>")
_OFF = rf"(?!{_PREFIX}val\s{{0,9}}=\s{{0,9}}[\"'](?:0|false|off)[\"'])"
_VANISH = re.compile(rf"<{_PREFIX}(?:vanish|specVanish|webHidden)(?:\s{{0,9}}/?>|\s{{1,9}}{_OFF}[^\s/>])")
_LOOSE_END = re.compile(r"(</[\w:.-]{1,64})\s+>")
_MAX_NAMES = 8  # of elements that have no end


def read(markup: str, *, gaps: bool = True) -> tuple[str, str]:
    """What is shown and what is not; `gaps`: white space between elements is shown (ODF), or it is not (OOXML)."""
    markup = xml_source.plain(markup)
    if not gaps:
        markup = _GAP.sub("><", markup)
    hidden: list[str] = []
    if "anish" in markup or "webHidden" in markup:
        markup = _without(_LOOSE_END.sub(r"\1>", markup), _RUN, hidden, _VANISH)
    if "Text" in markup or "rPh" in markup or "tracked-changes" in markup:
        markup = _without(_LOOSE_END.sub(r"\1>", markup), _APART, hidden)
    return _plain(markup), _plain("<br/>".join(hidden)) if hidden else ""


def _without(markup: str, begin: re.Pattern[str], hidden: list[str], only: re.Pattern[str] | None = None) -> str:
    """Without the elements that begin so (and have what `only` finds); those of one name do not lie in one another."""
    kept: list[str] = []
    endless: set[str] = set()
    at = start = 0
    while len(endless) < _MAX_NAMES and (tag := begin.search(markup, at)) is not None:
        at = tag.end()
        if tag[1] in endless:
            continue
        end = markup.find(f"</{tag[1]}>", at)
        if end < 0:
            endless.add(tag[1])
            continue
        if only is None or only.search(markup, at, end) is not None:
            kept.append(markup[start : tag.start()])
            hidden.append(markup[at:end])
            start = end + len(tag[1]) + 3
        at = end
    return "".join((*kept, markup[start:]))


def _plain(markup: str) -> str:
    """Without its elements."""
    if "noBreakHyphen" in markup:
        markup = _HYPHEN.sub("-", markup)
    if ":sym" in markup or "<sym" in markup:
        markup = _SYMBOL.sub(_character, markup)
    broken, breaks = _BREAK.subn("\n", markup)
    return unescaped(_TAG.sub("" if breaks else "\n", broken)).strip()


def _character(symbol: re.Match[str]) -> str:
    """The letter that a symbol is (ECMA-376-1 17.3.3.30), from U+F000 on, too; nothing of a font of pictures."""
    code = _CHARACTER.search(symbol[1])
    return f"&#x{code[1]};" if code is not None and _PICTURES.search(symbol[1]) is None else symbol[0]
