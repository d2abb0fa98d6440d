"""A second look at the runs of a document in XML: letters that may not be seen between others, and what joins or turns some.

A run of a light colour, of the colour of a background, of a tiny size or a style of its own stands between letters and is not seen;
a paragraph whose mark is hidden goes on with the next, cells without margins touch, `bdo` turns letters round (ECMA-376-1 17.3).
Promises: linear, never raises.
"""

import re
from collections import Counter
from collections.abc import Iterator

from screener.anatomy.office import unseen
from screener.anatomy.office.xml_source import PREFIX

_RUN = re.compile(rf"<({PREFIX}(?:r|span))((?:\s[^<>]*)?)(?<!/)>")
# A style, which may hide it; a size or width; a colour. Each begins with letters, which are found fast.
_VALUE = r"[^<>]{0,200}?\bval\s*=\s*[\"']"
_HIDES = [
    re.compile(one)
    for one in (
        r"rStyle\s[^<>]{0,300}",
        r"style-name\s*=\s*[\"'][^\"'<>]{0,300}",
        rf"sz\s{_VALUE}[0-8][\"']",
        rf":w\s{_VALUE}[0-9][\"']",
        r"sz\s*=\s*[\"'][1-4]?\d\d[\"']",
        r"themeColor\s*=\s*[\"'](?:background|light)",
        rf"schemeClr\s{_VALUE}(?:bg|lt)",
        rf"(?:sys|prst)Clr\s{_VALUE}(?:window|[a-z]{{0,9}}[wW]hite(?:Smoke)?|snow|ivory|mintCream|azure|aliceBlue)[\"']",
        r"hslClr\s[^<>]{0,200}?\blum\s*=\s*[\"'](?:7[5-9]|[89]\d|100)(?:\d{3}|%)[\"']",
        r"scrgbClr(?:\s+[rgb]\s*=\s*[\"'](?:5[3-9]|[6-9]\d|100)(?:\d{3}|%)[\"']){3}",
        rf"lumOff\s{_VALUE}(?:7[5-9]|[89]\d|100)(?:\d{{3}}|%)[\"']",  # to any colour
        # Of Excel's runs: what is not black may have the colour of the cell, which is told in another part.
        r"olor\s[^<>]{0,200}?\b(?:theme\s*=\s*[\"'](?!1[\"'])|indexed\s*=\s*[\"'](?!(?:0|8|64|81)[\"'])|"
        r"rgb\s*=\s*[\"'](?![0-9A-Fa-f]{0,2}000000[\"'])[0-9A-Fa-f]{5})[0-9A-Fa-f]{1,3}[\"']",
        rf"noFill\s*/>(?!\s*(?:<{PREFIX}(?:prstDash|round|bevel|miter|headEnd|tailEnd)[\s/>]|</{PREFIX}ln>))",
        rf"alpha\s{_VALUE}\d{{1,4}}[\"']",
    )
]
_COLOURS = [
    re.compile(rf"{one}\s[^<>]{{0,200}}?\b(?:val|rgb)\s*=\s*[\"'](?:FF)?([0-9A-Fa-f]{{6}})[\"']") for one in ("olor", "srgbClr")
]
_FILL = re.compile(r"(?:\bfill|background\s[^<>]{0,200}?\bcolor)\s*=\s*[\"']([0-9A-Fa-f]{6})[\"']")
_LIGHT = 0xC0  # of each colour
_MAX_NAMES = 8  # of elements that have no end
_LONGEST = 4_000  # characters of a paragraph's properties
_MAY_DIFFER = ("rStyle", "sz", ":w ", "olor", "Clr", "span", "noFill")
_PROPERTIES = re.compile(rf"<({PREFIX}pPr)>")
# A paragraph whose end is hidden, or which is but the first letter of the next, large and sunk.
_HIDDEN = re.compile(rf"<{PREFIX}(?:(?:v|specV)anish[\s/>]|framePr\s[^<>]{{0,400}}?\bdropCap\s*=\s*[\"'](?:drop|margin)[\"'])")
_NEXT = re.compile(rf"\s*</{PREFIX}p>\s*<{PREFIX}p(?:\s[^<>]*)?>")
_END = re.compile(rf"</{PREFIX}p>")
_MARGINS = re.compile(rf"<{PREFIX}(?:tblCellMar|tcMar)(?:\s[^<>]*)?>((?>(?:[^<]|<(?!/{PREFIX}(?:tblCellMar|tcMar))){{0,600}}))")
# None, or one that nobody sees: up to 10 twentieths of a point, or less than one of any unit (ECMA-376-1 22.9.2.14).
_NO_MARGIN = re.compile(
    rf"<{PREFIX}(?:left|right|start|end)\s[^<>]{{0,200}}?\bw\s*=\s*[\"']"
    r"-?0*+(?:[1-9]|10|(?:\.[0-9]*+)?(?:mm|cm|in|p[tci]|%))?[\"']"
)
_CELLS = re.compile(
    rf"</{PREFIX}p>\s*</{PREFIX}tc>\s*<{PREFIX}tc(?:\s[^<>]*)?>\s*(?:<{PREFIX}tcPr>.{{0,500}}?</{PREFIX}tcPr>\s*)?<{PREFIX}p(?:\s[^<>]*)?>",
    re.DOTALL,
)
_TURNS = re.compile(rf"<{PREFIX}bdo\s[^<>]{{0,200}}?\bval\s*=\s*[\"']rtl[\"'][^<>]*>")
_TURNS_BACK = re.compile(rf"</{PREFIX}bdo\s*>")


def marked(markup: str) -> str:
    """The markup with marks round such runs and what is joined in one; "" where there is nothing of the kind."""
    before = markup
    if any(word in markup for word in _MAY_DIFFER):
        markup = _with_marks(markup)
    if "anish" in markup or "dropCap" in markup:
        markup = _with_hidden_ends(markup)
    if "Mar" in markup and any(_NO_MARGIN.search(one[1]) is not None for one in _MARGINS.finditer(markup)):
        markup = _CELLS.sub("", markup)
    if "bdo " in markup:
        markup = _TURNS_BACK.sub("\u202c", _TURNS.sub("\u202e", markup))
    return markup if markup is not before else ""


def _with_marks(markup: str) -> str:
    """Runs that differ in more than letters do, each kind with its own mark."""
    runs = [one for one in _runs(markup) if one[2]]
    counted = Counter(key for _, _, key in runs).most_common()
    marks = {key: unseen.begin(number) for number, (key, _) in enumerate(counted)}
    pieces: list[str] = []
    at = 0
    for start, end, key in runs:
        pieces += (markup[at:start], marks[key], markup[start:end], unseen.STOP)
        at = end
    return "".join((*pieces, markup[at:])) if pieces else markup


def _runs(markup: str) -> Iterator[tuple[int, int, str]]:
    """Where those are that may be hidden, and by what."""
    hides = iter(sorted(_hides(markup)))
    at, one = 0, next(hides, None)
    endless: set[str] = set()
    while one is not None and (tag := _RUN.search(markup, at)) is not None:
        at = tag.end()
        end = markup.find(f"</{tag[1]}>", at) if tag[1] not in endless and len(endless) < _MAX_NAMES else -1
        if end < 0:
            endless.add(tag[1])
            continue
        at = end
        found: list[str] = []
        while one is not None and one[0] < end:
            found += (one[1],) if one[0] > tag.start() else ()
            one = next(hides, None)
        if found:
            yield tag.start(), end, "\n".join(found)


def _hides(markup: str) -> Iterator[tuple[int, str]]:
    """What may hide a run, and where it stands."""
    for pattern in _HIDES:
        for one in pattern.finditer(markup):
            yield one.start(), one[0]
    fills = {one[1].upper() for one in _FILL.finditer(markup)}
    for pattern in _COLOURS:
        for one in pattern.finditer(markup):
            if one[1].upper() in fills or _is_light(one[1]):
                yield one.start(), one[0]


def _is_light(colour: str) -> bool:
    return min(bytes.fromhex(colour)) >= _LIGHT


def _with_hidden_ends(markup: str) -> str:
    """Paragraphs whose mark is hidden, and so does not end them, and those of one sunken letter."""
    pieces: list[str] = []
    at = begin = 0
    last: re.Match[str] | None = None
    while (properties := _PROPERTIES.search(markup, at)) is not None:
        at = properties.end()
        end = markup.find(f"</{properties[1]}>", at, at + _LONGEST)
        if end < 0:
            continue
        hidden = _HIDDEN.search(markup, at, end)
        at = end
        if hidden is None:
            continue
        if last is None or last.start() < end:
            last = _END.search(markup, end)
        if last is None:
            break
        if last.start() >= begin and (joint := _NEXT.match(markup, last.start())) is not None:
            pieces.append(markup[begin : joint.start()])
            begin = joint.end()
    return "".join((*pieces, markup[begin:])) if pieces else markup
