"""How light the letters of a style are, roughly: enough to tell letters from what is coloured away between them.

What lies behind them is not known, so no colour hides by itself. Promises: linear, never raises.
"""

import re

SHADES = 6  # 1: black … 6: white; 7: seen through; 0: not known
_COLOUR = re.compile(r"(?<![\w-])(?:color|-webkit-text-fill-color)\s*+:\s*+([^;}]{1,99})")
_HEXADECIMAL = re.compile(r"#?([0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})(?![0-9a-z])")
_NUMBERS = re.compile(r"(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})(%?)")
_COVERS = 0.2  # how much of what lies behind them letters cover that are seen
_WHITE_NAMES = (
    "white snow ivory azure ghostwhite floralwhite mintcream seashell honeydew aliceblue whitesmoke linen lavenderblush oldlace "
    "cornsilk beige lightyellow lightgoldenrodyellow lightcyan lavender antiquewhite papayawhip lemonchiffon"
)
_WHITE = frozenset(_WHITE_NAMES.split())


def shade(style: str) -> int:
    """Of the last colour that a style in lower case gives its letters."""
    found = _COLOUR.findall(style) if "color" in style else []
    return _shade(found[-1]) if found else 0


def _shade(colour: str) -> int:
    name = colour.split()[0].removesuffix("!important") if not colour.isspace() else ""
    if name in _WHITE:
        return SHADES
    if name == "black":
        return 1
    written = _HEXADECIMAL.match(name)
    if written is not None:
        digits = written[1] if len(written[1]) > 4 else "".join(2 * digit for digit in written[1])
        red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
        cover = int(digits[6:], 16) / 255 if len(digits) > 6 else 1.0
    elif name.startswith(("rgb", "hsl")) and len(numbers := _NUMBERS.findall(colour)) >= 3:
        parts = [float(number) / (100 if percent else 255) for number, percent in numbers[:3]]
        red, green, blue = parts if name.startswith("rgb") else (parts[2],) * 3
        cover = min([float(number) / (100 if percent else 1) for number, percent in numbers[3:]], default=1.0)
    else:
        return 0
    if cover < _COVERS:
        return SHADES + 1
    light = 0.3 * min(red, 1) + 0.59 * min(green, 1) + 0.11 * min(blue, 1)
    return 1 + min(SHADES - 1, int(light * SHADES))
