"""Bar charts as SVG, written by hand: no package draws them. Light and dark are both readable."""

import math
from collections.abc import Sequence
from html import escape

Group = tuple[str, Sequence[float | None]]  # its name, a value for each system
Chart = tuple[str, Sequence[Group], float | None]  # title, groups, a value to draw a line at; without one the scale is logarithmic

_COLOURS = ("#0b7285", "#adb5bd", "#868e96", "#e8590c", "#9c36b5", "#e03131")
_WIDTH, _HEIGHT, _TOP, _BAR, _GAP = 860, 190, 64, 22, 34


def bars(names: Sequence[str], charts: Sequence[Chart]) -> str:
    """One picture: a legend, then each chart below the other."""
    height = _TOP + len(charts) * (_HEIGHT + 90)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
    ]
    for index, name in enumerate(names):
        lines.append(f'<rect x="{20 + index * 135}" y="16" width="14" height="14" fill="{_colour(index)}"/>')
        lines.append(f'<text x="{40 + index * 135}" y="28">{escape(name)}</text>')
    for index, chart in enumerate(charts):
        lines += _chart(chart, _TOP + index * (_HEIGHT + 90))
    return "\n".join([*lines, "</svg>", ""])


def _chart(chart: Chart, top: int) -> list[str]:
    title, groups, line = chart
    lines = [f'<text x="20" y="{top}" font-size="14" font-weight="bold">{escape(title)}</text>']
    foot = top + 30 + _HEIGHT
    values = [value for _, group in groups for value in group if value is not None]
    if not values:
        return lines
    scale = _Scale(values, logarithmic=line is None)
    left = 20
    for name, group in groups:
        for index, value in enumerate(group):
            x = left + index * _BAR
            if value is None:
                lines.append(f'<text x="{x + _BAR / 2}" y="{foot - 4}" text-anchor="middle" font-size="10">×</text>')
                continue
            tall = scale(value)
            lines.append(f'<rect x="{x}" y="{foot - tall:.1f}" width="{_BAR - 3}" height="{tall:.1f}" fill="{_colour(index)}"/>')
            shown = f"{value:.2f}" if value < 10 else f"{value:.0f}"
            lines.append(
                f'<text x="{x + _BAR / 2 - 1}" y="{foot - tall - 4:.1f}" text-anchor="middle" font-size="9">{shown}</text>'
            )
        lines.append(f'<text x="{left}" y="{foot + 18}">{escape(name)}</text>')
        left += max(len(group) * _BAR + _GAP, 7 * len(name) + 10)
    if line is not None:
        y = foot - scale(line)
        lines.append(f'<line x1="20" x2="{left}" y1="{y:.1f}" y2="{y:.1f}" stroke="#495057" stroke-dasharray="4 3"/>')
    lines.append(f'<line x1="20" x2="{left}" y1="{foot}" y2="{foot}" stroke="#495057"/>')
    return lines


class _Scale:
    """Value to height; a logarithmic one begins at a third of the least value, so that the least still has a bar."""

    def __init__(self, values: Sequence[float], *, logarithmic: bool) -> None:
        self._logarithmic = logarithmic
        self._least = min(values) / 3 if logarithmic else 0.0
        self._most = max(values)

    def __call__(self, value: float) -> float:
        if self._logarithmic:
            return _HEIGHT * math.log(value / self._least) / math.log(self._most / self._least)
        return _HEIGHT * value / max(self._most, 1.0)


def _colour(index: int) -> str:
    return _COLOURS[index % len(_COLOURS)]
