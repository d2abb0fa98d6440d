"""What a style may do to the text of its element: hide it, take its borders away, set it apart, colour it, move it.

Promises: linear, never raises.
"""

import re

from screener.anatomy.html import colours, layout
from screener.anatomy.html.layout import PLAIN, Layout
from screener.frozen import dataclass

# Looked for in lower case, which is faster than without regard to it.
_HIDING = re.compile(
    r"display\s*+:\s*+none|visibility\s*+:\s*+(?:hidden|collapse)|mso-hide\s*+:\s*+all|font-size\s*+:\s*+1p[xt]\b|(?:font-size|max-height|opacity|max-width)\s*+:\s*+"
    r"(?:0++(?:\.0*+)?|\.0++)(?:px|pt|em|%|rem)?\s*+(?:!important\s*+)?(?:[;\"'}]|\Z)"
)
# What may hide a text of lines of its own, or may not. Within a line any style may: by its colour, by letters that are thin or
# clipped, by taking them elsewhere.
_MAY_HIDE = re.compile(
    r"display\s*+:\s*+(?:none|var\b)|visibility\s*+:\s*+(?:hidden|collapse|var\b)|(?<![\w-])(?:font-size|font|zoom|width|height|opacity|max-width|max-height|line-height)"
    r"\s*+:[^;{}]{0,40}?(?<![\w.#%-])(?:0++(?:\.0*+)?(?![.\d])|0*+\.(?:[0-4]|\d++p[xt]))|"
    r"position\s*+:\s*+(?:absolute|fixed)|(?:left|right|top|bottom|text-indent|margin[a-z-]{0,9})\s*+:[^;{}]{0,40}?-\s*+\d{3}|clip(?:-path)?\s*+:|"
    r"(?:letter|word)-spacing\s*+:\s*+-(?:(?:0?+\.[3-9]|[1-9])[\d.]*+r?em|[4-9]|\d\d)|"
    r"scale[xyz3d]{0,2}\s*+\(\s*+0|transparent|mso-hide"
)
# What hides letters and leaves their place: where it stands between words it parts them.
_LEAVES_PLACE = re.compile(r"visibility\s*+:|opacity\s*+:|transparent")
_GONE = re.compile(r"display\s*+:\s*+(?:none|var\b)")
# What puts a block into a line or beside its neighbour, and what sets a text in a line apart from its neighbours.
_JOINING = re.compile(
    r"display\s*+:\s*+(?:-[a-z]++-)?(?:inline|initial|unset|inherit|contents\b|table-cell|ruby|run-in)|(?<![\w-])all\s*+:|float\s*+:\s*+[lri]|position\s*+:\s*+(?:absolute|fixed)"
)
_PARTING = re.compile(
    r"display\s*+:\s*+(?!inline\b(?!\s*+-|\s++[a-z])|contents|none|in(?:herit|itial)|unset|revert)[a-z-]|float\s*+:\s*+[lri]|"
    r"position\s*+:\s*+(?:absolute|fixed|relative)|(?:margin|padding)(?!-top|-bottom)[a-z-]*+\s*+:[^;{}]{0,60}?[1-9]|mso-tab-count|"
    r"border(?:-left|-right|-inline[a-z-]{0,20}+)?(?:-width|-style)?\s*+:[^;{}]{0,60}?(?:(?<![#\w.])[1-9]|thi[cn]|medium|solid|d[aot]|groove|ridge|[io][nu]t?set)|"
    r"content\s*+:\s*+(?:\"\s++\"|'\s++')"
)
# What takes away blanks in an element.
_SQUEEZING = re.compile(r"word-spacing\s*+:\s*+-")
# What puts elements in it beside one another, and what stands in it apart.
_ARRANGING = re.compile(r"display\s*+:\s*+(?:inline)?[\s-]?(?:-webkit-|-ms-)?(?:inline-)?(?:flex|grid|box)")
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_MEANING = frozenset("\"';{}")  # no letters of words; escaped, they would be taken for what they mean unescaped
_ESCAPE = re.compile(r"\\(?:([0-9A-Fa-f]{1,6}+)\s?|([^\r\n]))")


@dataclass(frozen=True, slots=True)
class Effect:
    """What a style may do to an element."""

    doubt: int = 0  # 0: it hides nothing; 1: it may hide a text within a line; 2: lines of their own, too
    shade: int = 0  # how light its letters are (`colours`)
    is_gone: bool = False  # it may not be displayed
    leaves_place: bool = False  # what it hides may take the room it would take
    joins: bool = False  # a block may have no borders
    parts: bool = False  # what stands in a line may have some
    squeezes: bool = False  # blanks in it may have no width
    arranges: bool = False  # the elements in it may stand beside one another, and each apart
    layout: Layout = PLAIN


NOTHING = Effect()


def effect(style: str) -> Effect:
    """What a style in lower case, comments and escapes resolved, may do."""
    if not style or style.isspace():
        return NOTHING
    is_placed = "display" in style or "float" in style or "position" in style
    is_spaced = "margin" in style or "padding" in style or "border" in style or "content" in style or "mso-tab" in style
    return Effect(
        2 if _MAY_HIDE.search(style) is not None else 1,
        colours.shade(style),
        _GONE.search(style) is not None,
        _LEAVES_PLACE.search(style) is not None,
        (is_placed or "all" in style) and _JOINING.search(style) is not None,
        (is_placed or is_spaced) and _PARTING.search(style) is not None,
        "word-spacing" in style and _SQUEEZING.search(style) is not None,
        "display" in style and _ARRANGING.search(style) is not None,
        layout.layout(style),
    )


def hides(style: str) -> bool:
    """Whether a style in lower case hides, where no other says otherwise."""
    return _HIDING.search(style) is not None


def together(effects: list[Effect]) -> Effect:
    """What several styles may do; the first that has a colour gives it."""
    found = NOTHING
    for one in effects:
        if found is NOTHING:
            found = one
        elif one is not NOTHING:
            found = Effect(
                max(found.doubt, one.doubt),
                found.shade or one.shade,
                found.is_gone or one.is_gone,
                found.leaves_place or one.leaves_place,
                found.joins or one.joins,
                found.parts or one.parts,
                found.squeezes or one.squeezes,
                found.arranges or one.arranges,
                layout.together([found.layout, one.layout]),
            )
    return found


def plain(style: str) -> str:
    """A style without comments and escapes (CSS Syntax 3, 4.3)."""
    if "/*" in style:
        style = _COMMENT.sub("", style)
    return _ESCAPE.sub(_unescaped, style) if "\\" in style else style


def _unescaped(escape: re.Match[str]) -> str:
    code = int(escape[1], 16) if escape[1] else 0
    letter = (chr(code) if code < 0x110000 else "\ufffd") if escape[1] else escape[2]
    return " " if letter in _MEANING else letter
