"""Where a style puts its element among others, and what space it leaves about the text in cells.

Promises: linear, never raises.
"""

import re
from enum import IntEnum

from screener.frozen import dataclass

RIGHT = float("inf")  # the place of what floats to the right
_LEFT = -RIGHT
_TURNING = re.compile(r"-reverse|direction\s*+:\s*+rtl")
_FLOATING = re.compile(r"float\s*+:\s*+(left|right)")
# Begun by letters, which is fast.
_ORDER = re.compile(r"order(?<![\w-]order)\s*+:\s*+(-?[0-9]{1,6})")
_COLUMN = re.compile(r"grid-column(?:-start)?\s*+:\s*+(-?[0-9]{1,6})")
_FROM_EDGE = re.compile(r"(?<![\w-])(left|right)\s*+:\s*+(-?[0-9]{1,6}(?:\.[0-9]{1,4})?)")
_PADDING = re.compile(r"padding(?:-(?:left|right))?\s*+:([^;{}!]{0,80})")
# No width, in any unit, or less than one is seen as.
_NO_WIDTH = r"(?=[+-]?\.?[0-9])[+-]?0*+(?:\.0?[0-9]*+p[xt]|\.0[0-9]*+(?:[a-z]{1,4}|%)?|(?:[a-z]{1,4}|%)?)"
_NOUGHT = re.compile(_NO_WIDTH)
_WIDTH = re.compile(r"(?<![\w-])(?:min-)?width\s*+:\s*+([^\s;!]{1,80})")
_BORDER = re.compile(r"(?<![\w-])border(?:-left|-right)?(?:-width|-style)?\s*+:([^;{}!]{0,80})")
_DRAWN = re.compile(r"solid|d(?:otted|ashed|ouble)|groove|ridge|inset|outset")
_LENGTH = re.compile(r"\+?([0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})([a-z%]*+)")
_POINTS = frozenset(("", "px", "pt", "%"))  # a hundredth is not much more
_EM = 16  # points, roughly as many as in other units
_THICK = 3  # a border of which nothing else is said
_UNSPACED = re.compile(rf"border-(?:collapse\s*+:\s*+collapse|spacing\s*+:\s*+{_NO_WIDTH}(?![\w.%]))")


class Spacing(IntEnum):
    """Whether there is space before or behind the text in a cell."""

    UNSAID = 0
    NONE = 1
    SOME = 2


@dataclass(frozen=True, slots=True)
class Layout:
    """What a style may do to where its element is shown."""

    turns: bool = False  # what is set apart in it is read backwards
    place: float = 0.0  # among others in its line, where it has one
    spacing: Spacing = Spacing.UNSAID  # of the text in a cell
    is_unspaced: bool = False  # no space parts the cells of a table


PLAIN = Layout()


def layout(style: str) -> Layout:
    """What a style in lower case, comments and escapes resolved, may do."""
    is_unspaced = "border-" in style and _UNSPACED.search(style) is not None
    found = (_turns(style), _place(style), _spacing(style), is_unspaced)
    return Layout(*found) if any(found) else PLAIN


def together(layouts: list[Layout]) -> Layout:
    """What several styles may do; there is space in a cell where any leaves some."""
    layouts = [one for one in layouts if one is not PLAIN]
    if len(layouts) < 2:
        return layouts[0] if layouts else PLAIN
    return Layout(
        any(one.turns for one in layouts),
        next((one.place for one in layouts if one.place), 0.0),
        max(one.spacing for one in layouts),
        any(one.is_unspaced for one in layouts),
    )


def _turns(style: str) -> bool:
    return ("rtl" in style or "-reverse" in style) and _TURNING.search(style) is not None


def _place(style: str) -> float:
    if "float" in style and (side := _FLOATING.search(style)) is not None:
        return RIGHT if side[1] == "right" else _LEFT
    found = _ORDER.search(style) if "order" in style else None
    if found is None and "grid-column" in style:
        found = _COLUMN.search(style)
    if found is not None:
        return float(found[1])
    if "position" not in style or (edge := _FROM_EDGE.search(style)) is None:
        return 0.0
    return float(edge[2]) if edge[1] == "left" else -float(edge[2])


def gap(style: str) -> float:
    """How many points wide an empty cell of this style is."""
    widths = _WIDTH.findall(style)[-1:] if "width" in style else []
    if "padding" in style:
        widths += _paddings(style)
    points = sum(map(_points, widths))
    if "border" in style and _DRAWN.search(borders := " ".join(_BORDER.findall(style))) is not None:
        lengths = [one for one in borders.split() if _LENGTH.fullmatch(one) is not None]
        points += max(map(_points, lengths), default=_THICK)
    return points


def _points(length: str) -> float:
    written = _LENGTH.fullmatch(length)
    if written is None:
        return 0
    return float(written[1]) * (1 if written[2] in _POINTS else _EM)


def _paddings(style: str) -> list[str]:
    """The widths of space beside a text: of several the second and the fourth."""
    return [width for values in map(str.split, _PADDING.findall(style)) for width in (values[1::2] or values)]


def _spacing(style: str) -> Spacing:
    widths = _paddings(style) if "padding" in style else ()
    if not widths:
        return Spacing.UNSAID
    return Spacing.NONE if all(map(_NOUGHT.fullmatch, widths)) else Spacing.SOME
