"""How the pieces of a text read: as they stand, to whom borders show nothing, with and without what may be hidden, and with
what only some readers show.

Promises: linear; as many readings as there are kinds of doubt, and of each only the lines in which a word reads otherwise, of long
ones what is near to it; where not all are made, `is_cut` says so.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from operator import attrgetter

from screener.anatomy.html.ways import LAYERS, Span, again, chosen, ways

# Private, so no text means anything by them.
BREAK = "\ue000"  # stands for a block's border until blanks are tidied
MAYBE = "\ue001"  # the border of what may show nothing where it stands: to some readers, or by its style, there is none
JOINT = "\ue003"  # no border: some readers show less here, or more
TAKEN = "\ue004"  # some readers show nothing of what stands here, …
EMPTY = "\ue005"  # … or leave its place empty
NO_BORDERS = frozenset(("", MAYBE))
_LETTER = f"[^\\s{BREAK}{MAYBE}]"
# Borders right between characters; begins with one, so what lies between is skipped fast.
_JOINABLE = re.compile(f"{MAYBE}(?<={_LETTER}{MAYBE}){MAYBE}*+{_LETTER}")
# What of a line is read otherwise, and is within a word or beside one; begun by a mark, so what lies between is skipped fast.
_MARK = f"[{JOINT}{TAKEN}{EMPTY}]"
_SHOWN = f"[^\\s{BREAK}{JOINT}{TAKEN}{EMPTY}]"
_REREAD = re.compile(
    f"{_MARK}(?:(?<={_SHOWN}{_MARK}){_MARK}*+{_SHOWN}|(?<=[{TAKEN}{EMPTY}])(?:(?<=[\\w{MAYBE}].)|(?=[{MAYBE}]*+\\w)))"
)
_BLANK = re.compile(f"[\\s{BREAK}]")
_MARKS = re.compile(_MARK)
_NEAR = 4_096  # characters before and behind what reads otherwise, at most
# What shows as nothing or parts words: of many in a row a few count, and of these kinds one each.
_GAP = re.compile(r"[\W_\u0640\u115f\u1160\u3164\uffa0]{8,}+")
_PARTING = (BREAK, MAYBE, *"\u2800\u3164\u115f\u1160\uffa0")
_FEW = 50  # borders in a row that are looked behind
_GROWTH = 4  # readings in sizes of the text, …
_ROOM = 65_536  # … and so many characters more


class Views:
    """All readings of a text: its pieces, and what of them some readers show otherwise."""

    def __init__(self, pieces: list[str], spans: list[Span], by_place: bool, has_choices: bool) -> None:
        self.pieces = pieces
        self.is_cut = False  # some readings are not made
        self._spans = spans
        self._by_place = by_place  # what may be hidden may be so for its place among others
        self._has_choices = has_choices  # of added texts at one place

    def readings(self) -> tuple[str, str, str]:
        """The text; where borders that may be none part no words; its lines that read otherwise. "" for no other text."""
        text = "".join(self.pieces)
        lines = self._otherwise(_GROWTH * len(text) + _ROOM) if self._spans else {}
        displayed = tidy(parted(text))
        joined = tidy(borderless(text)) if _JOINABLE.search(text) is not None else ""
        return displayed, joined, tidy(BREAK.join(lines))

    def _otherwise(self, room: int) -> dict[str, None]:
        """The lines in which a word reads otherwise: those with a span, in each way."""
        pieces = [*self.pieces, BREAK]
        spans = sorted(self._spans, key=attrgetter("start", "end"))
        lines: dict[str, None] = {}
        line = 0
        first = 0
        while first < len(spans):
            # All spans that have a line in common.
            while (end := pieces.index(BREAK, line)) < spans[first].start:
                line = end + 1
            last = first
            while last < len(spans) and spans[last].start <= end:
                if spans[last].end > end:
                    end = pieces.index(BREAK, spans[last].end)
                last += 1
            _shorten(pieces, line, end, spans[first:last])
            for way in self._ways(spans[first:last], line, end):
                if room < 0:
                    self.is_cut = True
                    return lines
                text = replaced(pieces, line, end, way)
                if _REREAD.search(text) is not None:
                    found = [
                        one
                        for form in {parted(text): 0, borderless(text): 0}
                        for one in form.split(BREAK)
                        if _REREAD.search(one) is not None
                    ]
                    room -= sum(map(len, found))
                    lines |= dict.fromkeys(_MARKS.sub("", one) for one in found)
                    emptied = [one for one in found if EMPTY in one]
                    room -= sum(map(len, emptied))
                    lines |= dict.fromkeys(_MARKS.sub("", one.replace(EMPTY, " ")) for one in emptied)
            first = last
            line = end
        return lines

    def _ways(self, spans: list[Span], start: int, end: int) -> Iterator[list[Span]]:
        """What may be left out of a stretch together, and shown in it."""
        yield from (chosen if self._has_choices else ways)(spans, self._by_place)
        for gaps in again(spans, start, end, self._parts_word):
            yield [Span(begin, stop, self._left(begin, stop, room), len(LAYERS), empty=True) for begin, stop, room in gaps]

    def _left(self, start: int, end: int, leaves_room: bool) -> str:
        """What is left of some pieces that are not shown, for whose blanks there may be room; "" where they part a word."""
        if self._parts_word(start, end):
            return ""
        return " " if leaves_room and _BLANK.search("".join(self.pieces[start:end])) is not None else JOINT

    def _parts_word(self, start: int, end: int) -> bool:
        """Whether a word goes on in some pieces, or behind them with no blank between, if borders that may be none are none."""
        pieces = self.pieces
        before = last(pieces, start)[-1:].isalnum()
        if before and first(pieces, start)[:1].isalnum():
            return True
        if not first(pieces, end)[:1].isalnum():
            return False
        return last(pieces, end)[-1:].isalnum() or (before and _BLANK.search("".join(pieces[start:end])) is None)


def last(pieces: list[str], end: int) -> str:
    """The last of so many pieces that is no border that may be none."""
    for at in range(end - 1, max(0, end - _FEW) - 1, -1):
        if pieces[at] not in NO_BORDERS:
            return pieces[at]
    return ""


def first(pieces: list[str], start: int) -> str:
    """The first behind so many pieces that is no border that may be none."""
    for at in range(start, min(len(pieces), start + _FEW)):
        if pieces[at] not in NO_BORDERS:
            return pieces[at]
    return ""


def _shorten(pieces: list[str], line: int, end: int, spans: list[Span]) -> None:
    """Take out of a long line what is far from all that some readers show otherwise; it still has as many pieces."""
    if sum(map(len, pieces[line:end])) <= 2 * _NEAR:
        return
    for start, stop in pairwise(sorted({line, end, *[span.start for span in spans], *[span.end for span in spans]})):
        text = "".join(pieces[start:stop])
        if len(text) <= 2 * _NEAR:
            continue
        text = _GAP.sub(_closer, text)
        if len(text) > 2 * _NEAR:
            # Words are whole, unless they are long, too.
            begin = text.rfind(" ", _NEAR // 2, _NEAR)
            rest = text.find(" ", len(text) - _NEAR, len(text) - _NEAR // 2)
            text = text[: begin if begin > 0 else _NEAR] + BREAK + text[rest if rest > 0 else -_NEAR :]
        pieces[start:stop] = [text, *[""] * (stop - start - 1)]


def _closer(gap: re.Match[str]) -> str:
    """A few of many blanks, borders and what nobody sees."""
    found = gap[0]
    blank = "" if _BLANK.search(found) is None else " "
    return found[:2] + "".join([one for one in _PARTING if one in found]) + blank + found[-2:]


def parted(text: str) -> str:
    """A text with a line end for each border."""
    return text.replace(MAYBE, BREAK)


def borderless(text: str) -> str:
    """A text without borders that may be none."""
    return text.replace(MAYBE, "")


def unmarked(text: str) -> str:
    """A text without the marks of what is left out of it."""
    return _MARKS.sub("", text)


def replaced(pieces: list[str], start: int, end: int, spans: list[Span]) -> str:
    """A stretch of a text, with other texts for some of its pieces."""
    found: list[str] = []
    at = start
    for span in spans:
        if span.start >= at:
            found += pieces[at : span.start]
            found += (JOINT, span.text, JOINT) if span.text else (EMPTY if span.empty else TAKEN,)
            at = span.end
    return "".join((*found, *pieces[at:end]))


def tidy(text: str) -> str:
    """Blanks as browsers show them: one for many, a line end for a block."""
    if not text:
        return ""
    lines = [" ".join(line.split()) for line in text.split(BREAK)]
    return "\n".join([line for line in lines if line])
