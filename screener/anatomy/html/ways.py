"""What stands where some readers show another text, and which of it may be read together.

Promises: as many ways as there are kinds of doubt, each linear.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from enum import IntEnum
from itertools import pairwise

from screener.anatomy.html.colours import SHADES
from screener.frozen import dataclass

_MAX_SHADES = 5  # told apart in one line, …
_MAX_LOOKS = 4  # … and as many attributes, where they are no more
_MAX_ALONE = 6  # left out one by one


class Layer(IntEnum):
    """What only some readers show; elements that may be hidden have the layers behind, by how many of them lie around."""

    OUTLOOK = 0
    INSTEAD = 1  # of a picture or a frame
    ADDED = 2  # by a style sheet
    TURNED = 3  # blanks at the ends of what runs from right to left, which stand at the other end
    HIDDEN = 4
    FIRST = 5  # letters, which may have a style of their own
    SQUEEZED = 6  # blanks, which have no width


LAYERS = frozenset(Layer)
_NONE = -1  # for what stands in no span


@dataclass(frozen=True, slots=True)
class Span:
    """Pieces for which some readers show another text, by their numbers; none where it is shown between two."""

    start: int
    end: int
    text: str
    layer: int
    shade: int = 0  # of what may be hidden: the lightest last, and behind these what is rather hidden than shown
    look: str = ""  # its attributes
    choices: tuple[str, ...] = ()  # texts of which one is shown, where there are several
    empty: bool = False  # some leave its place empty


def ways(spans: list[Span], by_place: bool) -> Iterator[list[Span]]:
    """Which of the spans of a line may be read together: those of a layer, of a shade, alike; or by their places."""
    if len(spans) < 2:
        yield spans
        return
    layers = {span.layer for span in spans}
    inserted = layers & LAYERS
    ways: list[set[int]] = [{one} for one in layers]
    for shown in (inserted, inserted - {Layer.HIDDEN}) if Layer.HIDDEN in layers else (inserted,):
        if len(shown) > 1:
            ways.append(set(shown))
        if shown:
            ways += [shown | {level} for level in layers - inserted]
    yield from ([span for span in spans if span.layer in way] for way in ways)
    hidden = sorted([span for span in spans if span.layer >= len(LAYERS)], key=lambda span: (span.start, -span.end))
    rank = _ranks(hidden)
    if len(rank) > 1:
        for way in _stretches(max(rank.values())):
            yield [span for span in hidden if rank[span.shade] in way]
    for alike in (hidden, [span for span in spans if span.layer == Layer.HIDDEN]):
        looks = dict.fromkeys(span.look for span in alike)
        if 1 < len(looks) <= _MAX_LOOKS:
            yield from ([span for span in alike if span.look == look] for look in looks)
    if by_place and len(hidden) > 1:  # one, or every other
        yield from (hidden[::2], hidden[1::2])
        yield from ([span] for span in hidden[:_MAX_ALONE])


def chosen(spans: list[Span], by_place: bool) -> Iterator[list[Span]]:
    """The ways with the first choices of added texts, with the second ones, and so on."""
    yield from ways(spans, by_place)
    for number in range(1, max(len(span.choices) for span in spans)):
        yield from ways(
            [replace(span, text=span.choices[min(number, len(span.choices) - 1)]) if span.choices else span for span in spans],
            by_place,
        )


def again(spans: list[Span], start: int, end: int, parts_word: Callable[[int, int], bool]) -> Iterator[list[tuple[int, int, bool]]]:
    """Which pieces of a line are not shown where an element in one that is hidden shows itself again: stretches in order, and
    whether a colour leaves their blanks.

    By how light each piece's own element is, or the next around it of which that is known; where all are alike, by how many lie
    around. What stands in no span may be hidden, too, where it parts a word.
    """
    hidden = sorted([span for span in spans if span.layer >= len(LAYERS)], key=lambda span: (span.start, -span.end, span.layer))
    if not hidden:
        return
    nested = any(one.start < other.end for other, one in pairwise(hidden))
    rank = _ranks(hidden)
    known: set[tuple[tuple[int, int, bool], ...]] = set()
    for pieces in _innermost(hidden, start, end):
        numbers = [_NONE if span is None else rank[span.shade] for _, _, span in pieces]
        is_told = not nested or len({*numbers} - {_NONE}) > 1  # by light
        if not is_told:
            numbers = [_NONE if span is None else span.layer - len(LAYERS) for _, _, span in pieces]
        found = {*numbers}
        if len(found) < 2:
            continue
        numbered = [*zip(numbers, pieces, strict=True)]
        around = any(number == _NONE and parts_word(begin, stop) for number, (begin, stop, _) in numbered)
        if not nested and not around:
            continue
        shown = sorted(found - {_NONE})
        gone = [found.intersection(way) for way in _stretches(shown[-1])] + [found - {one, _NONE} for one in shown]
        if not is_told:
            parting = {number for number, (begin, stop, _) in numbered if parts_word(begin, stop)}
            gone = [one for one in gone if one & parting]
        ways = [*(gone if nested else ()), *([one | {_NONE} for one in (set(), *gone)] if around else ())]
        for way in {frozenset(one): None for one in ways if one < found}:
            gaps: list[tuple[int, int, bool]] = []
            for number, (begin, stop, span) in numbered:
                if number in way:
                    leaves_room = span is not None and 0 < span.shade <= SHADES
                    if gaps and gaps[-1][1] == begin:
                        begin, _, room = gaps.pop()
                        leaves_room = leaves_room or room
                    gaps.append((begin, stop, leaves_room))
            if gaps and (kept := tuple(gaps)) not in known:
                known.add(kept)
                yield gaps


def _innermost(hidden: list[Span], start: int, end: int) -> Iterator[list[tuple[int, int, Span | None]]]:
    """The pieces of a line with the innermost span around each; and with the innermost of which it is known how light it is."""
    own: list[tuple[int, int, Span | None]] = []
    coloured: list[tuple[int, int, Span | None]] = []
    open_spans: list[Span] = []
    lights: list[Span | None] = [None]
    at = start
    for span in (*hidden, Span(end, end, "", len(LAYERS))):
        while open_spans and open_spans[-1].end <= span.start:
            ended = open_spans.pop()
            if ended.end > at:
                own.append((at, ended.end, ended))
                coloured.append((at, ended.end, lights[-1]))
                at = ended.end
            lights.pop()
        if span.start > at:
            own.append((at, span.start, open_spans[-1] if open_spans else None))
            coloured.append((at, span.start, lights[-1]))
            at = span.start
        open_spans.append(span)
        lights.append(span if span.shade else lights[-1])
    yield own
    if not all(span.shade for span in hidden):
        yield coloured


def _ranks(hidden: list[Span]) -> dict[int, int]:
    """The shades of what may be hidden, numbered; of too many some have a number in common."""
    shades = sorted({span.shade for span in hidden})
    return {shade: number * _MAX_SHADES // max(len(shades), _MAX_SHADES) for number, shade in enumerate(shades)}


def _stretches(last: int) -> Iterator[Sequence[int]]:
    """Each number up to the last, all below it, all behind it and all but it."""
    for number in range(last + 1):
        yield range(number, number + 1)
        if number > 1:
            yield range(number)
        if 0 < number < last:
            yield range(number, last + 1)
            yield (*range(number), *range(number + 1, last + 1))
