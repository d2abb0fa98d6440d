"""The text of documents in XML as their programs show it: OOXML (ECMA-376), ODF 1.3, and whatever else comes as XML.

Runs join and paragraphs, cells and breaks part, as in `html`; what a document keeps but does not show (deleted text, field codes,
runs that are hidden, phonetic hints) stands apart, so that it parts no word, and so does what is shown elsewhere (notes, comments).
What is shown of attributes (names of sheets, watermarks, alternative texts) comes last. Promises: linear, never raises.
"""

import re
from collections.abc import Iterator

from screener.anatomy.html.entities import unescaped
from screener.anatomy.office import unseen, xml_flow, xml_runs, xml_source
from screener.anatomy.office.xml_source import ATTRIBUTES, PREFIX

# Between elements of OOXML white space means nothing, but it does in a run's text (ECMA-376-1 17.3.3.31).
_GAP = re.compile(rf">\s+<(?!/{PREFIX}t>)")
_BREAK_WORDS = (
    "p h br cr tab line-break s ptab si c v f is text Text row tr tc txBody title subject creator description keywords category "
    "lastModifiedBy lpwstr lpstr comment"
)
_BREAK = re.compile(rf"</?{PREFIX}(?:{'|'.join(_BREAK_WORDS.split())})(?:/?>|\s{ATTRIBUTES}>)")
_SYMBOL = re.compile(rf"<{PREFIX}sym\s([^<>]{{1,400}})>(?:</{PREFIX}sym>)?")
_CHARACTER = re.compile(r"\bchar\s{0,9}=\s{0,9}[\"'](?:0{0,4})(?:[Ff]0)?([0-9A-Fa-f]{2,4})[\"']")
_PICTURES = re.compile(r"\bfont\s{0,9}=\s{0,9}[\"'](?:wingdings|webdings|symbol|marlett|zapf|mt extra|bookshelf)", re.IGNORECASE)
_HYPHEN = re.compile(rf"<{PREFIX}noBreakHyphen\s{{0,9}}/>")
_TAG = re.compile(rf"<{ATTRIBUTES}>")
# What is not shown, or elsewhere, begins with one of these.
_APART_WORDS = "rt delText instrText rPh tracked-changes sdtPr moveFrom annotation note ruby-text hidden-text"
_APART = re.compile(rf"<({PREFIX}(?:{'|'.join(_APART_WORDS.split())}))(?:\s[^<>]*)?(?<!/)>")
_APART_MARKS = {  # by whether white space between elements is shown
    True: ("Text", "rPh", "tracked-changes", "annotation", ":note", "ruby-text", "hidden-text"),
    False: ("Text", "rPh", "sdtPr", "moveFrom", "rubyBase"),
}
# Attributes that are shown: sheets' names, WordArt and watermarks, alternative texts, what is said at an input.
_SPOKEN = {
    "sheet": ("name",),
    "table": ("name",),
    "Worksheet": ("name",),
    "tableColumn": ("name",),
    "textpath": ("string",),
    "docPr": ("descr", "title"),
    "cNvPr": ("descr", "title"),
    "dataValidation": ("prompt", "promptTitle", "error", "errorTitle"),
    "s": ("v",),  # of what a pivot table sums up
    "Header": ("Data",),
    "Footer": ("Data",),
    "numFmt": ("formatCode",),
    "lvlText": ("val",),  # what stands before the paragraphs of a list
    "listItem": ("displayText",),
}
_SPEAKS = re.compile(rf"<{PREFIX}({'|'.join(_SPOKEN)})\s({ATTRIBUTES})>")
_SPEAKS_MARKS = {
    True: (":table ",),
    False: ("sheet ", "tableColumn ", "textpath ", "descr=", "rompt", "sharedItems", "formatCode=", "lvlText "),
}
_SPOKEN_IN = re.compile(r"(?<![\w.-])(\w{1,20})\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)')")
# Codes in what Excel prints above and below: sections, values, formats (ECMA-376-1 18.3.1.46).
_PRINTED = re.compile(rf"<{PREFIX}(?:odd|even|first)(?:Header|Footer)(?:\s[^<>]*)?>([^<]*)")
_CODE = re.compile(r"&(?:([LCR])|([PNDTFAZG])|(&)|\"[^\"]*\"|K(?:[0-9A-Fa-f]{6}|\d\d[+-]\d{3})|\d{1,3}|.)", re.DOTALL)
# What formats of numbers add to these, and what stands for digits, colours, widths (ECMA-376-1 18.8.31).
_FORMAT = re.compile(r"\"([^\"]*)\"|\\(.)|\[[^\[\]]*\]|[_*].|[#?]|(;)", re.DOTALL)
_LEVEL = re.compile(r"%\d")  # the number of a list's level
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # in strings of Excel (ECMA-376-1 22.9.2.19)
_SURROGATE = re.compile("[\ud800-\udfff]")
_RUN = re.compile(rf"<({PREFIX}r)(?:\s[^<>]*)?(?<!/)>")
_OFF = rf"(?!{PREFIX}val\s{{0,9}}=\s{{0,9}}[\"'](?:0|false|off)[\"'])"
_VANISH = re.compile(rf"<{PREFIX}(?:vanish|specVanish|webHidden)(?:\s{{0,9}}/?>|\s{{1,9}}{_OFF}[^\s/>])")
_LOOSE_END = re.compile(r"(</[^ \t\r\n<>]++)\s+>")
_MAX_NAMES = 8  # of elements that have no end


def read(markup: str, *, gaps: bool = True) -> tuple[str, ...]:
    """What is shown and what is not; and, where letters may not be seen or are turned, what is shown then. `gaps`: white space
    between elements is shown (ODF), or it is not (OOXML)."""
    markup = xml_source.plain(markup)
    if not gaps:
        markup = _GAP.sub("><", markup)
    hidden: list[str] = []
    if "anish" in markup or "webHidden" in markup:
        markup = _without(_LOOSE_END.sub(r"\1>", markup), _RUN, hidden, _VANISH)
    if any(mark in markup for mark in _APART_MARKS[gaps]):
        markup = _without(_LOOSE_END.sub(r"\1>", markup), _APART, hidden)
    if not gaps and "headerFooter" in markup:
        markup = _PRINTED.sub(_printed, markup)
    shown = _plain(markup)
    seen: dict[str, None] = {}
    for flow in xml_flow.flowing(markup, is_open=gaps):
        if flow != markup:
            seen.setdefault(_plain(flow))
        if doubtful := xml_runs.marked(flow):
            seen |= dict.fromkeys(unseen.resolved(_plain(doubtful)))
    seen.pop(shown, None)
    chosen = [kept for kept in hidden if "displayText=" in kept]  # what may be chosen stands among properties
    if chosen or any(mark in markup for mark in _SPEAKS_MARKS[gaps]):
        spoken = [one for piece in (markup, *chosen) for one in _spoken(piece)]
        shown = "\n".join(dict.fromkeys((shown, *spoken))).strip()
    return (shown, _plain("<br/>".join(hidden)) if hidden else "", *seen)


def _spoken(markup: str) -> Iterator[str]:
    """What attributes show."""
    for tag in _SPEAKS.finditer(markup):
        for given in _SPOKEN_IN.finditer(tag[2]):
            if given[1] in _SPOKEN[tag[1]] or given[1].lower() in _SPOKEN[tag[1]]:
                value = unescaped(given[2] if given[2] is not None else given[3])
                if given[1] == "Data":
                    value = printed(value)
                elif given[1] == "formatCode":
                    value = added(value)
                elif tag[1] == "lvlText":
                    value = _LEVEL.sub("", value)
                yield _unescaped(value)


def added(code: str) -> str:
    """What a format of numbers adds to them, if letters are in that: digits that may be none part nothing."""
    if not any(letter.isalpha() for piece in _FORMAT.finditer(code) for letter in piece[1] or piece[2] or ""):
        return ""
    return _FORMAT.sub(lambda piece: piece[1] or piece[2] or ("\n" if piece[3] else ""), code)


def _printed(part: re.Match[str]) -> str:
    text = printed(unescaped(part[1]))
    return "<br/>" + text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") + "<br/>"


def printed(text: str) -> str:
    """What stands above or below what Excel prints, without its codes."""
    return _CODE.sub(_coded, text)


def _coded(code: re.Match[str]) -> str:
    return "\n" if code[1] else " " if code[2] else "&" if code[3] else ""


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
    return _unescaped(unescaped(_TAG.sub("" if breaks or "oMath" in broken else "\n", broken)).strip())


def _unescaped(text: str) -> str:
    """With Excel's own numbers for letters undone, two for one beyond the first plane."""
    if "_x" not in text:
        return text
    text = _ESCAPED.sub(lambda escape: chr(int(escape[1], 16)), text)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") if _SURROGATE.search(text) else text


def _character(symbol: re.Match[str]) -> str:
    """The letter that a symbol is (ECMA-376-1 17.3.3.30), from U+F000 on, too; nothing of a font of pictures."""
    code = _CHARACTER.search(symbol[1])
    return f"&#x{code[1]};" if code is not None and _PICTURES.search(symbol[1]) is None else symbol[0]
