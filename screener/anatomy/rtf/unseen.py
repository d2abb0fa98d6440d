"""What RTF shows in no colour but its background's, or too small to be seen (RTF 1.9.1 "Font (Character) Formatting Properties").

Marks are put round it, as round runs of documents in XML. Promises: pure, linear, bounded, never raises.
"""

import re

from screener.anatomy.office import unseen

_COLOURS = re.compile(r"\{\\colortbl([^{}]{0,20000}+)\}")
_COLOUR = re.compile(r"\\(red|green|blue)(\d{1,3})")
_BEHIND = re.compile(r"\\(?:highlight|cb|chcbpat|cbpat|clcbpat)(\d{1,5})")
_LIGHT = 0xC0  # of each colour
_USED = re.compile(r"\\(?:cf[1-9]|fs[0-8](?!\d)|cs\d|charscalex\d(?!\d))")
# What changes the look of letters, and escapes, which are none of it. A blank belongs to the word.
_LOOK = re.compile(r"\\(?:(cf|fs|cs|charscalex)(\d{1,5}) ?|(plain)(?![a-zA-Z]) ?|[^a-zA-Z])|([{}])", re.DOTALL)
_MAX_CHANGES = 500_000
_SEEN: dict[str, str] = {}


def colours(source: str) -> frozenset[str]:
    """Numbers of the colours in which letters may not be seen: light ones, and those that lie behind letters."""
    found = {one[1].lstrip("0") or "0" for one in _BEHIND.finditer(source)} - {"0"}
    table = _COLOURS.search(source)
    for number, entry in enumerate(table[1].split(";") if table is not None else ()):
        parts = {one[1]: int(one[2]) for one in _COLOUR.finditer(entry)}
        if len(parts) == 3 and min(parts.values()) >= _LIGHT:
            found.add(str(number))
    return frozenset(found)


def marked(source: str, faint: frozenset[str]) -> str:
    """The source with marks round what may not be seen; "" where all of it is."""
    if _USED.search(source) is None:
        return ""
    pieces: list[str] = []
    kinds: dict[str, str] = {}
    outer: list[dict[str, str]] = []
    look, at, mark = _SEEN, 0, ""
    for count, found in enumerate(_LOOK.finditer(source)):
        word, number, plain, brace = found.groups()
        if not (word or plain or brace):
            continue
        if brace == "{":
            outer.append(look)
            after = look
        elif brace:
            after = outer.pop() if outer else _SEEN
        else:
            after = _SEEN if plain else _changed(look, word, number, faint)
        if after is look or count >= _MAX_CHANGES:
            continue
        behind = found.start() if brace else found.end()
        pieces += (source[at : found.start()], unseen.STOP if mark else "", source[found.start() : behind])
        key = "\n".join(after.values())
        mark = kinds.setdefault(key, unseen.begin(len(kinds))) if key else ""
        pieces.append(mark)
        look, at = after, behind
    return "".join((*pieces, source[at:], unseen.STOP if mark else "")) if kinds else ""


def _changed(look: dict[str, str], word: str, number: str, faint: frozenset[str]) -> dict[str, str]:
    """How letters look behind such a word: what may hide them."""
    number = number.lstrip("0") or "0"
    hides = number in faint if word == "cf" else number != "0" if word == "cs" else len(number) == 1 and number != "9"
    if not hides and word not in look:
        return look
    kept = {key: value for key, value in look.items() if key != word}
    return {**kept, word: word + number} if hides else kept
