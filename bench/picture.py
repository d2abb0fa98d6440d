"""Charts as SVG, written by hand: no package draws them. Light and dark are both readable."""

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


def curves(measure: str, drawn: Sequence[tuple[str, Sequence[tuple[float, float]]]]) -> str:
    """Small charts beside each other, two in a row: a title, points of both axes logarithmic, each with its figure."""
    rows = math.ceil(len(drawn) / 2)
    height = 40 + rows * (_HEIGHT + 100)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="20" y="24">{escape(measure)}; dashed: in proportion</text>',
    ]
    for index, (title, points) in enumerate(drawn):
        lines += _curve(title, points, 20 + index % 2 * _WIDTH // 2, 60 + index // 2 * (_HEIGHT + 100))
    return "\n".join([*lines, "</svg>", ""])


def _curve(title: str, points: Sequence[tuple[float, float]], left: int, top: int) -> list[str]:
    """Both axes are logarithmic: what grows in proportion climbs like the dashed line."""
    foot, wide = top + 30 + _HEIGHT, _WIDTH // 2 - 60
    least, most = points[0][0], points[-1][0]
    decade = wide / max(math.log10(most / least), 1.0)
    lowest = min(y for _, y in points) / 1.5
    unit = min(decade, _HEIGHT / max(math.log10(max(y for _, y in points) / lowest), 1.0))
    placed = [(left + 10 + decade * math.log10(x / least), foot - unit * math.log10(y / lowest)) for x, y in points]
    slope = min(wide, decade * (placed[0][1] - top - 20) / unit)
    way = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
    lines = [
        f'<text x="{left}" y="{top}" font-size="14" font-weight="bold">{escape(title)}</text>',
        f'<line x1="{left}" x2="{left + wide + 20}" y1="{foot}" y2="{foot}" stroke="#495057"/>',
        f'<line x1="{placed[0][0]:.1f}" y1="{placed[0][1]:.1f}" x2="{placed[0][0] + slope:.1f}" '
        f'y2="{placed[0][1] - slope * unit / decade:.1f}" stroke="#adb5bd" stroke-dasharray="4 3"/>',
        f'<polyline points="{way}" fill="none" stroke="{_COLOURS[0]}" stroke-width="2"/>',
    ]
    for (x, y), (across, up) in zip(points, placed, strict=True):
        shown = f"{y:.2f}" if y < 10 else f"{y:.0f}"
        lines.append(f'<circle cx="{across:.1f}" cy="{up:.1f}" r="3" fill="{_COLOURS[0]}"/>')
        lines.append(f'<text x="{across:.1f}" y="{up - 7:.1f}" text-anchor="middle" font-size="10">{shown}</text>')
        lines.append(f'<text x="{across:.1f}" y="{foot + 16}" text-anchor="middle" font-size="10">{x:,.0f}</text>')
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
