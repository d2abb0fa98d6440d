"""What flows in a document in XML as its program shows it: drawings and boxes stand in the midst of a word and are seen elsewhere,
of alternatives one is seen, codes of fields are not, and letters count only where they stand in an element of text (ECMA-376-1 17,
ECMA-376-3 7.5; ODF 1.3 part 3, 10.4).

Promises: linear, never raises.
"""

import re

from screener.anatomy.office.xml_source import ATTRIBUTES, PREFIX

# By whether the document is one of ODF; elements of one name may lie in one another.
_OPEN_WORDS = (
    "frame custom-shape caption rect ellipse circle line polyline polygon regular-polygon path connector measure g script math"
)
_WORDS = "drawing pict object del moveFrom fldChar"
_BOUNDS = {
    name: re.compile(rf"<(/?){PREFIX}({'|'.join(words.split())})(?=[\s/>])({ATTRIBUTES})>")
    for name, words in (
        ("open", _OPEN_WORDS),
        ("", _WORDS),
        ("Fallback", f"{_WORDS} Fallback"),
        ("Choice", f"{_WORDS} Choice"),
    )
}
_MARKS = {True: _OPEN_WORDS.split(), False: [*_WORDS.split(), "Fallback", "Choice"]}
_STEP = re.compile(r"\bfldCharType\s*=\s*[\"'](begin|separate|end)")
_TEXT = re.compile(rf"<{PREFIX}t(?:\s{ATTRIBUTES})?(?<!/)>")
_STRAY = re.compile(rf"(<{PREFIX}(?:t|v)(?:\s{ATTRIBUTES})?(?<!/)>[^<]*+)|(<{ATTRIBUTES}>)(?=\s*+[^<\s])[^<]++")
_LEVELS = 3  # boxes in boxes


def flowing(markup: str, *, is_open: bool) -> list[str]:
    """The markup in which what stands elsewhere is behind the rest; one for each choice between alternatives."""
    if is_open:
        ways = ["open"]
    else:
        ways = [name for name in ("Fallback", "Choice") if name in markup] or [""]
        if _TEXT.search(markup) is not None:
            markup = _STRAY.sub(r"\1\2", markup)
    return [_flowing(markup, _BOUNDS[way]) if any(one in markup for one in _MARKS[is_open]) else markup for way in ways]


def _flowing(markup: str, bounds: re.Pattern[str]) -> str:
    out: list[str] = []
    pending = [markup]
    for _ in range(_LEVELS):
        aside: list[str] = []
        out += [_parted(one, bounds, aside) for one in pending]
        pending = aside
        if not pending:
            break
    return "<br/>".join((*out, *pending))


def _parted(markup: str, bounds: re.Pattern[str], aside: list[str]) -> str:
    """Without what stands elsewhere, which is told by itself."""
    kept: list[str] = []
    name = ""
    at = start = depth = 0
    for bound in bounds.finditer(markup):
        change = _change(bound)
        if not change or (depth and bound[2] != name):
            continue
        if not depth:
            if change > 0:
                name, depth, start = bound[2], 1, bound.end()
                kept.append(markup[at : bound.start()])
                at = bound.start()
            continue
        depth += change if change > -2 or depth == 1 else 0
        if depth <= 0:
            depth = 0
            aside.append(markup[start : bound.start()])
            at = bound.end()
    return "".join((*kept, markup[at:]))


def _change(bound: re.Match[str]) -> int:
    """How many more, or fewer, are open behind it: -2 behind a field's code, where only the outermost counts."""
    if bound[2] == "fldChar":
        step = _STEP.search(bound[3])
        return {"begin": 1, "separate": -2, "end": -1}[step[1]] if step is not None and not bound[1] else 0
    return -1 if bound[1] else 0 if bound[3].endswith("/") else 1
