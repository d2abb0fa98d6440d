"""How the text of a PDF may be written: comments, white space, strings (ISO 32000-1 7.2, 7.3.4.2).

Promises: linear, never raises. Strings stay what they are; what else means the same is written in one way, so that others need but
one pattern for it.
"""

import re
from typing import NamedTuple

from screener.anatomy.pdf.brackets import string_end
from screener.anatomy.repeated import repeated

# What ends a name (7.2.2, table 2); a reference, and the beginning of an object, as lenient as readers are with them (7.3.10).
END = rb"(?=[\x00\t\n\x0b\f\r ()<>\[\]{}/%]|\Z)"
REFERENCE = rb"([0-9][0-9]{0,9}+)\s{1,99}+[+-]?[0-9]++\s{0,99}+R\b"
OBJECT = rb"([0-9][0-9]{0,9}+)(?:\.[0-9]*+)?\s{1,99}+[-+]{0,9}+([0-9]++)(?:\.[0-9]*+)?\s{0,99}+obj\b"
_GOES_ON = re.compile(rb"[-+.0-9][-+.]\Z")
# Comments; a string without another in it; the beginning of any, and of one of digits in which something else stands.
APART = re.compile(rb"(%(?>[^\r\n]*(?:[\s\0]+%[^\r\n]*)*))|\((?:" + repeated(rb"[^()\\]++|\\(?s:.)") + rb"\))?")
_CLOSED_STRINGS = re.compile(repeated(rb"[^()]++|\((?:" + repeated(rb"[^()\\]++|\\(?s:.)") + rb")\)"))
_ODD_DIGITS = re.compile(rb"(<)(?!<)(?:(?<!<<)|(?<=<<<))[0-9A-Fa-f\s\0]*+(?!>)")
_ALL_APART = re.compile(APART.pattern + b"|" + _ODD_DIGITS.pattern)
_NO_DIGITS = bytes({*range(256)} - {*b"<0123456789abcdefABCDEF>"})
_WHITE = b"\0\t\n\x0b\f\r "
# White space (7.2.2, table 1) has the NUL in it, which `\s` has not; patterns take it to be short.
_MANY, _EVERY = 50, 6  # blanks; where there are so many, they are all of some that stand at a distance
_ODD_BLANK = re.compile(rb"\0[\s\0]*+|\s{%d,}+" % _MANY)
_ALL = b" " * (_MANY // _EVERY)
_BLANKS = bytes.maketrans(b"\t\n\x0b\f\r", b"     ")
# What makes a string or a comment another's beginning: a stream has a dictionary before it, an object is something (7.3.8, 7.3.10).
_NUMBERED = rb"[0-9]\.?[\s\0]{1,99}+[-+]{0,9}+[0-9]++(?:\.[0-9]*+)?[\s\0]{0,99}+obj"
_BEGINS = re.compile(_NUMBERED + rb"(?:[\s\0)>]{0,99}(?:[<\[(%/+\-.0-9]|true|false|null)|[\s\0)>]{100})")
_BEGINS_LINE = re.compile(rb"[\r\n<][\x00\t\x0b\f ]*+[-+.0-9]*?" + _BEGINS.pattern)
_STREAM = re.compile(rb"stream")
_FOLLOWS = 102  # octets behind "obj" that say whether it begins one
_WORD = re.compile(rb"(?<![A-Za-z])obj")
OTHERWISE = b"\\157bj"  # the same word in a string (7.3.4.2), which no pattern takes for an object
_LINE_END = re.compile(rb"[\r\n]")
_NO_COMMENT = re.compile(rb"[\r\n][\x00\t\x0b\f ]*+(?=[^%\r\n])")  # a line that is neither blank nor a comment
_CLOSED = re.compile(rb">>[\x00\t\x0b\f ]*+[%\r\n]")  # a dictionary that ends before a comment, or a line does
_NEAR = 64  # octets before a word that are looked at first
_MAX_OPEN = 2  # strings without an end that are looked past
_MAX_JUNK = 200  # strings of digits with something else among them that are written plainly


class Spaced(NamedTuple):
    """A text without comments, with plain blanks and digits; whether an object or a stream seems to begin in a comment, or an
    object with a line of a string; whether a string does not end, or a comment but where the text does; whether anything but digits
    stands in a string of digits of an object: some readers pass over it, some take it for a digit, some read on in it."""

    text: bytes
    hides: bool = False
    is_open: bool = False
    has_junk: bool = False


def spaced(text: bytes, *, is_object: bool = False) -> Spaced:
    """The text without what means nothing; `is_object`: an object has begun before it.

    No program needs either, and readers do not agree where to begin there: by its table of references, or by the words that begin
    lines. What stands in the midst of a line of a string only tables lead to: those are `quotes`.
    """
    is_odd = _has_odd_blanks(text)
    apart = _ALL_APART if _has_odd_digits(text) else APART
    if not is_odd and apart is APART and _is_plain_to_see(text):
        return Spaced(text)
    writer = _Writer(text, is_odd, is_object)
    at = unclosed = 0
    while (found := apart.search(text, at)) is not None:
        begin, at = found.span()
        if found.lastindex == 2:
            end = text.find(b">", begin) + 1
            if not end:  # none of them does
                at = begin
            elif _is_odd(text, begin):
                writer.digits(begin, end)
                at = end
            apart = _ALL_APART if end and writer.junk <= _MAX_JUNK else APART
            continue
        is_comment = found.lastindex == 1
        if not is_comment and at - begin == 1 and (at := string_end(text, begin, len(text))) < 0:
            unclosed += 1
            if unclosed > _MAX_OPEN:
                break
            at = begin + 1
            continue
        if is_comment or is_odd or text.find(b"obj", begin, at) >= 0:  # others stay what they are
            writer.apart(begin, at, is_comment=is_comment)
        unclosed += is_comment and at == len(text)
    return Spaced(writer.text(), writer.hides, unclosed > 0, writer.junk > 0)


class _Writer:
    """Writes a text plainly, from its beginning on."""

    def __init__(self, text: bytes, is_odd: bool, is_object: bool) -> None:
        self.hides = False
        self.junk = 0  # strings of digits with something else in them, from the first in an object on
        self._text, self._is_odd, self._is_object = text, is_odd, is_object
        self._out: list[bytes] = []
        self._done = self._looked = 0

    def digits(self, begin: int, end: int) -> None:
        """A string of digits in which something else stands."""
        if (word := self._text.rfind(b"obj", self._looked, begin)) >= 0:
            self._is_object = self._text[max(0, word - 3) : word] != b"end"
        self._looked = begin
        self.junk += self._is_object or self.junk > 0
        written, hides = _digits(self._text, begin, end)
        self.hides = self.hides or hides
        self._put(begin, end, written)

    def apart(self, begin: int, end: int, *, is_comment: bool) -> None:
        """A comment, or another string."""
        text, written = self._text, self._text[begin:end]
        has_word = b"obj" in written
        if is_comment:
            self.hides = self.hides or (has_word and begins(text, begin, end)) or _hides_stream(text, begin, end)
            self._put(begin, end, b" ")
            return
        if has_word and not self.hides and written.translate(None, b"\r\n<") != written:
            self.hides = begins(text, begin, end, _BEGINS_LINE)
        self._put(begin, end, _WORD.sub(b"\\" + OTHERWISE, written) if has_word else written)

    def text(self) -> bytes:
        """All of it."""
        if not self._done and not self._is_odd:
            return self._text
        self._put(len(self._text), len(self._text), b"")
        return b"".join(self._out)

    def _put(self, begin: int, end: int, written: bytes) -> None:
        """This between two offsets, and what is before it."""
        before = self._text[self._done : begin]
        self._out += (_ODD_BLANK.sub(b" ", before) if self._is_odd else before, written)
        self._done = end


def _is_plain_to_see(text: bytes) -> bool:
    """Whether no comment stands in it, nor a string that does not end or in which an object may begin or end."""
    return b"%" not in text and (b"(" not in text or (b"obj" not in text and _CLOSED_STRINGS.fullmatch(text) is not None))


def is_plain(text: bytes) -> bool:
    """Whether it is written plainly but for its strings and comments."""
    return not _has_odd_blanks(text) and not _has_odd_digits(text)


def _has_odd_digits(text: bytes) -> bool:
    """Whether something else stands in a string of digits; brackets of dictionaries, which are many, are passed over."""
    return text.count(b"<") != 2 * text.count(b"<<") and _ODD_DIGITS.search(text.replace(b"<<", b"()")) is not None


def _is_odd(text: bytes, at: int) -> bool:
    """Whether a bracket is an odd one, and begins no dictionary with the one before."""
    begin = at
    while begin and text[begin - 1] == text[at]:
        begin -= 1
    return (at - begin) % 2 == 0


def _digits(text: bytes, begin: int, end: int) -> tuple[bytes, bool]:
    """A string of digits without what else stands in it, which most readers pass over (7.3.4.3); as it stands where an object or a
    trailer seems to begin in it, and whether one does."""
    written = text[begin:end]
    hides = b"trailer" in written or (b"obj" in written and begins(text, begin, end))
    return written if hides else b"<" + written.translate(None, _NO_DIGITS).lstrip(b"<"), hides


def begins(text: bytes, begin: int, end: int, what: re.Pattern[bytes] = _BEGINS) -> bool:
    """Whether an object seems to begin between two offsets."""
    seeming = what.search(text, begin, end + _FOLLOWS)
    return seeming is not None and seeming.start() < end


def goes_on(text: bytes, at: int) -> bool:
    """Whether the number of an object at an offset is the end of one that some readers take to be another: 6-1, 6..1."""
    return text[at - 1 : at] in (b"-", b"+", b".") and _GOES_ON.match(text, max(0, at - 2), at) is not None


def _hides_stream(text: bytes, begin: int, end: int) -> bool:
    """Whether a stream seems to begin behind a dictionary that ends between two offsets."""
    if text.find(b">>", begin, end) < 0:
        return False
    for word in _STREAM.finditer(text, begin, end + _FOLLOWS):
        if may_stand(text, begin, word.start()) and text.rfind(b">>", begin, word.start()) < end:
            return True
    return False


def may_stand(octets: bytes, low: int, word: int) -> bool:
    """Whether blanks and comments, of any length, are all that stands between a dictionary and a word; in a comment one may seem
    to end.

    What is looked at for one word is hardly for the next: a line in which a word may stand is neither blank nor a comment.
    """
    size = _NEAR
    while True:
        begin = max(low, word - size)
        near = octets[begin:word]
        bare = near.rstrip(_WHITE)
        if octets.endswith(b">>", low, begin + len(bare)):
            return True
        is_in_it = begin == low or b"\n" in bare or b"\r" in bare  # the last line that is not blank
        if bare and (_LINE_END.search(near, len(bare)) is None or (is_in_it and b"%" not in bare)):
            return False
        at = 0 if begin == low else -1
        for other in _NO_COMMENT.finditer(bare):
            at = other.start()
        if at >= 0:
            return _CLOSED.search(near, at) is not None
        size *= 4


def _has_odd_blanks(text: bytes) -> bool:
    if b"\0" in text:
        return True
    return _ALL in text[::_EVERY].translate(_BLANKS) and _ODD_BLANK.search(text) is not None
