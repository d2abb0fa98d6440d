"""The operators of a content stream that show text or move to where it is shown (ISO 32000-1 7.8.2), as lenient readers find them.

Comments are white space, what is no digit in a string of digits is passed over, text is shown outside of text objects, too.
Promises: linear, never raises. What is passed over as a string, a comment or an image and seems to show text is given to be read,
too: readers do not agree where an image ends, and what begins in it swallows what is behind it.
"""

import re
from collections.abc import Iterator

from screener.anatomy.forward import NEVER, Next
from screener.anatomy.pdf.brackets import string_end
from screener.anatomy.pdf.ink import OPERATORS
from screener.anatomy.pdf.strings import digits, unescaped

SHOWS = frozenset((b"Tj", b"TJ", b"'", b'"'))
# The word, the strings and the last two numbers before it, where they begin behind the word before, and where it ends.
Operation = tuple[bytes, list[bytes | None], float, float, int, int]

_WORD = rb"[^\s\0/<>\[\]()%{}]"
_ALONE = rb"(?<![A-Za-z*'\"/]%b)"  # what a word begins with, no letter of a longer one or of a name
_ENDS = rb"(?![A-Za-z*])"
_BLANK = rb"[\s\0\x80\xff]*+(?:%[^\r\n]*+[\s\0\x80\xff]*+){0,9}"
_NAME = rb"/(?P<name>" + _WORD + rb"*+)"
_SET = (
    rb"(?:" + _BLANK + rb"[-+]*+(?P<size>[0-9]++\.?[0-9]*+)[-+.0-9]*+" + _BLANK + rb"Tf|" + _BLANK + rb"(?P<form>Do)" + _ENDS + b")"
)
_STRINGS = rb"\((?P<plain>[^()\\]*+)\)|\(|<(?P<hex>[0-9A-Fa-f\s]*+)>|<(?<!<<)(?!<)|%[^\r\n]*+|"
# Where no text is shown: what shows it has strings before it. All begin with a character, so that those which begin nothing are
# passed over fast.
_OUTSIDE = (
    _STRINGS + _NAME + _SET + rb"|T" + _ALONE % b"T" + b"[dDmL*]" + _ENDS
    + rb"|B" + _ALONE % b"B" + b"[TI]" + _ENDS + rb"|E" + _ALONE % b"E" + b"T" + _ENDS
)  # fmt: skip
_MARKS = rb"|B(?:DC|MC)" + _ALONE % b"..." + _ENDS + b"|EMC" + _ALONE % b"..." + _ENDS
_SAVES = rb"|[qQ](?<![^\s\0\[\]<>(){}][qQ])(?![^\s\0\[\]<>(){}/%])"
_WORDS = (
    _STRINGS + _NAME + b"(?>(?:" + _SET + rb")?)|[-+]*?(?P<number>[-+]?(?:[0-9]++\.?[0-9]*+|\.[0-9]++))|"
    rb"T[jJ]|(?:T[dDmfrL*]|E(?:T|MC)|B(?:T|I|DC|MC)|['\"]|" + OPERATORS + b")" + _ENDS
)
_OTHER = rb"|(?P<other>[^\s\0/<>\[\]()%{}\x80\xff]++)"
_AROUND = {False: re.compile(_OUTSIDE + _MARKS), True: re.compile(_OUTSIDE + _MARKS + _SAVES)}
_UNMARKED = re.compile(_OUTSIDE)
_WITHIN = {False: re.compile(_WORDS + _OTHER), True: re.compile(_WORDS + _SAVES + _OTHER)}
_RESTORE = re.compile(rb"Q(?<![^\s\0\[\]<>(){}]Q)(?![^\s\0\[\]<>(){}/%])")
_CLOSE = re.compile(rb"[)>]")
_SHOWN = re.compile(rb"T[jJ]")
_IMAGE = re.compile(rb"[\s\0\])>]ID(?=[\s\0])")
_IMAGE_END = re.compile(rb"\sEI(?=\s)")
_KEYS = 4_096  # octets in which an image says what it is
_NO_DIGITS = bytes({*range(256)} - {*b"0123456789abcdefABCDEF"})
_DIGITS = re.compile(rb"[0-9A-Fa-f\s]*+")
# Thousandths of a letter's height between two strings that show as a blank, and that do in some programs.
_GAP, _SMALL_GAP = -180, -100
_MAX_OPEN = 4  # strings without an end that are looked past


class Content:
    """A content stream that is read once."""

    def __init__(self, content: bytes) -> None:
        self.name = b""  # the last
        self._passed: list[bytes] = []
        self._content = content
        self._last_close = content.rfind(b">")
        self._open = 0
        self._restores = Next(_RESTORE, content)
        self._images, self._image_ends = Next(_IMAGE, content), Next(_IMAGE_END, content)

    def between(self, begin: int, end: int) -> bytes:
        """What stands there."""
        return self._content[begin:end]

    def restores_after(self, at: int) -> int:
        """Where a state seems to be restored next (8.4.2); asked with rising offsets."""
        return self._restores.after(at)

    def operations(self, *, marks: bool, saves: bool) -> Iterator[Operation]:
        """Each operator with what stands before it, those of marked stretches, and those that save and restore a state, if asked;
        a string that is b"" is a gap, None what may be one."""
        content = self._content
        outside, within = _AROUND[saves] if marks or saves else _UNMARKED, _WITHIN[saves]
        strings: list[bytes | None] = []
        number = before = gap = 0.0
        at = done = 0  # where the last operator ends
        is_text = has_string = False  # one may be empty
        while (token := (within if is_text or has_string else outside).search(content, at)) is not None:
            word, at, octets = token[0], token.end(), None
            match token.lastgroup:
                case "plain":
                    octets = token["plain"]
                    if b"T" in octets:
                        self._pass(token.start(), at)
                case "number":
                    before, number = number, float(token["number"][:20])
                    gap += number
                    continue
                case "hex":
                    octets = digits(token["hex"])
                case "name":
                    self.name = token["name"]
                    continue
                case "other":
                    gap = 0.0
                    continue
                case "form":
                    self.name, word = token["name"], b"Do"
                case "size":
                    self.name, number, word = token["name"], float(token["size"][:20]), b"Tf"
                case _ if word[:1] in b"(<":
                    octets, at = self._literal(at) if word == b"(" else self._odd_digits(at)
                case _ if word[:1] == b"%":
                    self._pass(token.start(), at)
                    continue
                case _ if not has_string and word in SHOWS:
                    continue
            if octets is not None:
                has_string = True
                if octets:
                    strings += (_gap(gap) if strings else None, octets) if gap < _SMALL_GAP else (octets,)
                    gap = 0.0
                continue
            is_text = word != b"ET" and (is_text or word == b"BT" or word in SHOWS)
            at = self._image_end(at) if word == b"BI" else at
            yield word, _ended(strings, gap, word) if strings else strings, before, number, done, at
            strings, has_string, done, gap = [], False, at, 0.0

    def passed(self) -> bytes:
        """What was passed over and may show text, each with an end to what may begin in it."""
        return b"\n)>\n".join(self._passed)

    def _pass(self, begin: int, end: int) -> None:
        ends = _CLOSE.search(self._content, begin + 1, end)
        if ends is not None and _SHOWN.search(self._content, ends.end(), end) is not None:
            self._passed.append(self._content[begin + 1 : end])

    def _literal(self, at: int) -> tuple[bytes, int]:
        """The octets of the string that begins here (7.3.4.2), and where it ends; one that does not may be none."""
        end = string_end(self._content, at - 1, len(self._content))
        if end < 0 and self._open < _MAX_OPEN:
            self._open += 1
            return b"", at
        end = end if end >= 0 else len(self._content) + 1
        self._pass(at - 1, end)
        return unescaped(self._content[at : end - 1]), end

    def _odd_digits(self, at: int) -> tuple[bytes, int]:
        """The same of a string of digits and something else; of one that does not end the digits."""
        if at <= self._last_close:
            end = self._content.index(b">", at) + 1
            self._pass(at - 1, end)
            return digits(self._content[at:end].translate(None, _NO_DIGITS)), end
        found = _DIGITS.match(self._content, at)
        return (digits(found[0]), found.end()) if found is not None else (b"", at)

    def _image_end(self, at: int) -> int:
        """Behind the image that begins here (8.9.7); where it has no data, or they do not end, it may be none."""
        begin = self._images.after(at)
        if begin > at + _KEYS or (end := self._image_ends.after(begin + 3)) == NEVER:
            return at
        self._pass(at, end)
        return end + 3


def _ended(strings: list[bytes | None], gap: float, word: bytes) -> list[bytes | None]:
    """The strings before an operator, with the gap behind them; where it shows one of several, as most programs the last, each may
    be parted from the others."""
    if gap < _SMALL_GAP:
        strings.append(_gap(gap))
    return [one for string in strings for one in (None, string)] if word != b"TJ" and len(strings) > 1 else strings


def _gap(gap: float) -> bytes | None:
    """What it shows as: a blank is b"", None what may be one."""
    return b"" if gap < _GAP else None
