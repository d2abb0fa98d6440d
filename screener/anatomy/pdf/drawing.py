"""What the operators of a content stream show (ISO 32000-1 9.4): strings as their fonts tell letters, in the order of drawing.

Promises: linear, at most as many characters as asked for, never raises. Widths of letters are not known here: whether two strings
side by side are one word is left open by PLACE.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from screener.anatomy.pdf.fonts import PLAIN, Font, digits
from screener.anatomy.pdf.ink import OPERATORS, Ink
from screener.anatomy.pdf.streams import plain, string
from screener.anatomy.repeated import repeated

FontOf = Callable[[bytes], Font]  # the font that a page calls by a name

PLACE = "\ue000"  # letters go on elsewhere in the line: a blank, or nothing
EACH = 8  # characters that a string counts as at least, because each costs
# What shows text or moves to where it is shown; all else of a page draws, or is a word in a name or a comment.
_WORD = rb"[^\s\0/<>\[\]()%{}]"
_TOKEN = re.compile(
    rb"(?P<literal>\()|%[^\r\n]*+|(?<!<)<(?P<hex>[^<>]*+)>|/(?P<name>"
    + _WORD
    + rb"*+)(?:\s++(?P<size>[0-9]++\.?[0-9]*+)\s++Tf(?![A-Za-z0-9*]))?+|[-+]*?(?P<number>[-+]?(?:[0-9]++\.?[0-9]*+|\.[0-9]++))|"
    rb"(?P<operator>T[jJdDmfr*]|E(?:T|MC)|B(?:I|DC|MC)|['\"]|" + OPERATORS + rb")(?![A-Za-z0-9*])|" + _WORD + rb"++",
    re.DOTALL,
)
_NO_DIGITS = bytes({*range(256)} - {*b"0123456789abcdefABCDEF"})
_BEGIN = re.compile(rb"BT(?<![A-Za-z0-9]BT)(?![A-Za-z0-9])")  # letters first, which are searched for fast
_MARKS = re.compile(rb"(?:BDC|BMC|EMC)(?<![A-Za-z0-9]...)(?![A-Za-z0-9])")
_ACTUAL = re.compile(rb"/ActualText\s{0,9}(?=\(|<(?!<))")
# What sets a font, the second by a graphics state (8.4.5).
_SETS_FONT = re.compile(rb"Tf(?<![^\s\0\[\]<>(){}/%0-9.]Tf)(?![A-Za-z0-9])")
_SETS_STATE = re.compile(rb"gs(?<![^\s\0\[\]<>(){}/%]gs)(?![A-Za-z0-9])")
_IMAGE_END = re.compile(rb"\sEI(?=\s)")
_SIMPLE = re.compile(rb"[^()\\]*+\)")
_NESTED = re.compile(rb"\\.|([()])", re.DOTALL)
_LITERAL = re.compile(rb"\\([0-7]{1,3}|\r\n|(?s:.))")
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\r\n": b"", b"\n": b"", b"\r": b""}
_LETTER = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"  # Hebrew, Arabic and their like
_RIGHT_TO_LEFT = re.compile(_LETTER + repeated(f"[ {PLACE}]*+{_LETTER}"))
_GAP = -180  # thousandths of a letter's height between two strings that show as a blank


def sets_font(content: bytes) -> bool:
    """Whether a font is set in what is drawn."""
    return b"Tf" in content and _SETS_FONT.search(content) is not None


def sets_state(content: bytes) -> bool:
    """Whether a graphics state is, which may have a font."""
    return _SETS_STATE.search(content) is not None


@dataclass(slots=True)
class _Instead:
    """The words that stand for what is drawn within a marked stretch (14.6, 14.9.4)."""

    depth: int = 0  # of stretches, from the one that has words
    words: str = ""  # until they are given

    def of(self, said: str) -> str:
        """What is said where this would be."""
        return self._given() if self.depth else said

    def begin(self, properties: bytes) -> None:
        """A stretch begins."""
        if self.depth:
            self.depth += 1
        elif (words := _ACTUAL.search(properties)) is not None:
            self.depth, self.words = 1, string(properties, words.end())[0]

    def end(self) -> str:
        """One ends: the words, where nothing was drawn there."""
        self.depth = max(0, self.depth - 1)
        return "" if self.depth else self._given()

    def pass_over(self, between: bytes) -> str:
        """What begins and ends outside of texts; the words as for `end`."""
        given: list[str] = []
        done = 0
        for mark in _MARKS.finditer(between):
            if mark[0] == b"EMC":
                given.append(self.end())
            else:
                self.begin(between[done : mark.start()])
            done = mark.end()
        return "".join(given)

    def _given(self) -> str:
        words, self.words = self.words, ""
        return words


@dataclass(slots=True)
class _Pen:
    """Where letters are shown, and what was shown in each line."""

    x: float = 0.0
    y: float = 0.0
    line: float = 0.0  # in which the last were shown
    moved: bool = False
    seen_line: float = 0.0  # the same of letters that people see
    seen_moved: bool = False
    lines: dict[int, list[tuple[float, str]]] = field(default_factory=dict)

    def move(self, operator: bytes, across: float, up: float) -> None:
        """Go to where the next letters are shown; numbers are the last two before the operator."""
        match operator:
            case b"Td" | b"TD":
                self.x, self.y = self.x + across, self.y + up
            case b"Tm":
                self.x, self.y = across, up
            case b"T*":
                self.y -= 10
            case _:
                self.x = self.y = 0.0
        self.moved = self.seen_moved = True

    def gap(self, operator: bytes) -> str:
        """What stands between the letters before and these."""
        if operator in (b"'", b'"') or abs(self.y - self.line) > 1:
            return "\n"
        return PLACE if self.moved else ""

    def see(self, operator: bytes, *, is_seen: bool) -> str:
        """The same for who sees but some of them."""
        if not is_seen:
            self.seen_moved = True  # these take their place
            return ""
        is_same = abs(self.y - self.seen_line) <= 1 and operator not in (b"'", b'"')
        gap = PLACE if is_same and self.seen_moved else "" if is_same else "\n"
        self.seen_line, self.seen_moved = self.y, False
        return gap

    def show(self, letters: str) -> None:
        """They were shown here."""
        line = self.lines.setdefault(round(min(max(self.y, -1e9), 1e9)), [])
        if self.moved or not line:
            line.append((self.x, letters))
        else:
            line[-1] = (line[-1][0], line[-1][1] + letters)
        self.line, self.moved = self.y, False


class Drawing:
    """A content stream that is read once, at most `limit` characters of it."""

    def __init__(self, content: bytes, font_of: FontOf, limit: int) -> None:
        self._content = content
        self._font_of = font_of
        self._left = limit
        self._name = b""  # the last
        self._font = PLAIN
        self._pen = _Pen()
        self._instead = _Instead() if b"/ActualText" in content else None
        self._ink = Ink(content)
        self._seen: list[str] = []
        self._hides = False

    def seen(self) -> str:
        """What people see of it, where that is not all."""
        return "".join(self._seen) if self._hides else ""

    def turned(self) -> str:
        """The lines whose letters were not shown from left to right, as they stand there."""
        found = (line for line in self._pen.lines.values() if any(after[0] < before[0] for before, after in pairwise(line)))
        return "\n".join(PLACE.join([letters for _, letters in sorted(line, key=_across)]) for line in found)

    def pieces(self) -> Iterator[tuple[str, str]]:
        """What it shows, as it is said to be and as it is drawn."""
        content = self._content
        pending: list[bytes] = []  # b"" is a gap
        number = before = 0.0
        at = done = 0  # where the last operator ends
        ended = True
        while self._left > 0:
            if ended:
                begin = _BEGIN.search(content, at)
                at = begin.end() if begin is not None else len(content)
                if self._instead is not None and (words := self._instead.pass_over(content[done:at])):
                    yield self._spent(f"\n{words}\n", "")
                self._ink.outside(done, at)
                done, ended = at, False
            if (token := _TOKEN.search(content, at)) is None:
                break
            at = token.end()
            if (written := token["number"]) is not None:
                before, number = number, float(written[:20])
                if pending and number < _GAP:
                    pending.append(b"")
                continue
            if token.lastgroup != "operator":
                octets, at = self._string(token, at)
                pending += [octets] if octets is not None else []
                continue
            match token["operator"]:
                case b"Tf":
                    self._set_font(number)
                case b"Tj" | b"TJ" | b"'" | b'"' as operator:
                    if gap := self._pen.gap(operator):
                        yield gap, gap
                    yield self._shown(operator, pending)
                case b"BDC" | b"BMC" | b"EMC" as mark:
                    if words := self._marked(mark, content[done:at]):
                        yield words, ""
                case b"BI":
                    at = end.end() if (end := _IMAGE_END.search(content, at)) is not None else len(content)
                case b"Tr" | b"g" | b"rg" | b"k" | b"sc" | b"scn" as operator:
                    self._ink.operate(operator, at, number)
                case operator:
                    ended = self._move(operator, at, before, number)
            pending, done = [], at

    def _string(self, token: re.Match[bytes], at: int) -> tuple[bytes | None, int]:
        """The octets of a string that begins here, None where it is none, and where it ends; names are kept."""
        if token["literal"] is not None:
            return _literal(self._content, at)
        if (written := token["hex"]) is not None:
            return digits(written.translate(None, _NO_DIGITS)), at
        self._name = token["name"] or self._name
        if (size := token["size"]) is not None:
            self._set_font(float(size[:20]))
        return None, at

    def _set_font(self, size: float) -> None:
        self._font = self._font_of(plain(self._name))
        self._ink.size = abs(size)

    def _move(self, operator: bytes, at: int, before: float, number: float) -> bool:
        """Go to where the next letters are shown; whether the text ends."""
        self._pen.move(operator, before, number)
        if operator in (b"Tm", b"ET"):
            self._ink.operate(operator, at, number)
        return operator == b"ET"

    def _shown(self, operator: bytes, strings: list[bytes]) -> tuple[str, str]:
        said = self._font.said(strings)
        drawn = self._font.drawn(strings, said)
        if gap := self._pen.see(operator, is_seen=(is_seen := self._ink.is_seen())):
            self._seen.append(gap)
        if is_seen:
            self._seen.append(drawn)
        self._hides = self._hides or not is_seen
        self._pen.show(drawn)
        return self._spent(said if self._instead is None else self._instead.of(said), drawn)

    def _marked(self, mark: bytes, properties: bytes) -> str:
        """A stretch that has words of its own begins or ends; the words, where nothing was drawn in it."""
        if self._instead is None:
            return ""
        if mark == b"EMC":
            return self._instead.end()
        self._instead.begin(properties)
        return ""

    def _spent(self, said: str, drawn: str) -> tuple[str, str]:
        self._left -= max(EACH, len(said) + 1, len(drawn) + 1)
        return said, drawn


def _across(piece: tuple[float, str]) -> float:
    return piece[0]


def _literal(content: bytes, at: int) -> tuple[bytes, int]:
    """The octets of the string that begins here (7.3.4.2), and where it ends: where nothing ends it, with the content."""
    if (simple := _SIMPLE.match(content, at)) is not None:
        return simple[0][:-1], simple.end()
    depth = 1
    end = len(content)
    for match in _NESTED.finditer(content, at):
        depth += (match[1] == b"(") - (match[1] == b")")
        if not depth:
            end = match.start()
            break
    return _LITERAL.sub(_escaped, content[at:end]), end + 1


def _escaped(match: re.Match[bytes]) -> bytes:
    escape = match[1]
    if escape.isdigit() and escape[:1] < b"8":
        return bytes((int(escape, 8) & 255,))
    return _ESCAPES.get(escape, escape)


def shown(drawn: Drawing) -> Iterable[str]:
    """What is drawn as it is said to be, as it is drawn, as it stands in its lines, and as people see it."""
    pieces = list(drawn.pieces())
    views = ("".join([said for said, _ in pieces]), "".join([letters for _, letters in pieces]), drawn.turned(), drawn.seen())
    return dict.fromkeys(one for view in views if view for one in (view, _turned(view)))


def _turned(shown: str) -> str:
    """With what is written from right to left the other way round: many put its letters where they are seen."""
    return shown if shown.isascii() else _RIGHT_TO_LEFT.sub(lambda run: run[0][::-1], shown)
