"""Where a style puts its element among others.

Promises: linear, never raises.
"""

import re

from screener.frozen import dataclass

RIGHT = float("inf")  # the place of what floats to the right
_LEFT = -RIGHT
_TURNING = re.compile(r"-reverse|direction\s*+:\s*+rtl")
_FLOATING = re.compile(r"float\s*+:\s*+(left|right)")
# Begun by letters, which is fast.
_ORDER = re.compile(r"order(?<![\w-]order)\s*+:\s*+(-?[0-9]{1,6})")
_COLUMN = re.compile(r"grid-column(?:-start)?\s*+:\s*+(-?[0-9]{1,6})")
_FROM_EDGE = re.compile(r"(?<![\w-])(left|right)\s*+:\s*+(-?[0-9]{1,6}(?:\.[0-9]{1,4})?)")


@dataclass(frozen=True, slots=True)
class Layout:
    """What a style may do to where its element is shown."""

    turns: bool = False  # what is set apart in it is read backwards
    place: float = 0.0  # among others in its line, where it has one


PLAIN = Layout()


def layout(style: str) -> Layout:
    """What a style in lower case, comments and escapes resolved, may do."""
    found = (_turns(style), _place(style))
    return Layout(*found) if any(found) else PLAIN


def together(layouts: list[Layout]) -> Layout:
    """What several styles may do."""
    layouts = [one for one in layouts if one is not PLAIN]
    if len(layouts) < 2:
        return layouts[0] if layouts else PLAIN
    return Layout(
        any(one.turns for one in layouts),
        next((one.place for one in layouts if one.place), 0.0),
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
