"""How the text of a PDF may be written: comments, white space, strings (ISO 32000-1 7.2, 7.3.4.2).

Promises: linear, never raises. Strings stay what they are; what else means the same is written in one way, so that others need but
one pattern for it.
"""

import re
from typing import NamedTuple

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
_PAREN = re.compile(rb"\\(?s:.)|[()]")
_BRACKET = re.compile(rb"\\(?s:.)|[()]|<<|<[0-9A-Fa-f\s]*+>|>>")
_MARK = re.compile(_BRACKET.pattern + rb"|[\[\]]|/[^\x00\t\n\f\r ()<>\[\]{}/%]*+")
_WHITE = b"\0\t\n\x0b\f\r "
_PARENS, _DEPTHS = {b"(": 1, b")": -1}, {b"<<": 1, b">>": -1}
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
_MAX_VALUES = 3  # of one key; that it has more than one is doubtful as it is
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
    odd = _has_odd_blanks(text)
    apart = _ALL_APART if _has_odd_digits(text) else APART
    if not odd and b"(" not in text and b"%" not in text and apart is APART:
        return Spaced(text)
    if not odd and apart is APART and b"%" not in text and b"obj" not in text and _CLOSED_STRINGS.fullmatch(text) is not None:
        return Spaced(text)
    out: list[bytes] = []
    at = done = unclosed = looked = junk = 0
    hides = has_junk = False
    while (found := apart.search(text, at)) is not None:
        begin, at = found.span()
        is_comment = found.lastindex == 1
        if found.lastindex == 2:
            end = text.find(b">", begin) + 1
            if not end:  # none of them does
                apart, at = APART, begin
            elif _is_odd(text, begin):
                if (word := text.rfind(b"obj", looked, begin)) >= 0:
                    is_object = text[max(0, word - 3) : word] != b"end"
                looked = begin
                written, hides_here = _digits(text, begin, end)
                has_junk = has_junk or is_object
                out += (_ODD_BLANK.sub(b" ", text[done:begin]) if odd else text[done:begin], written)
                hides, at, done = hides or hides_here, end, end
                junk += has_junk
                if junk > _MAX_JUNK:
                    apart = APART
            continue
        if not is_comment and at - begin == 1 and (at := string_end(text, begin, len(text))) < 0:
            unclosed += 1
            if unclosed > _MAX_OPEN:
                break
            at = begin + 1
            continue
        written = text[begin:at]
        has_word = b"obj" in written
        if is_comment:
            hides = hides or (has_word and begins(text, begin, at)) or _hides_stream(text, begin, at)
        elif has_word and not hides and written.translate(None, b"\r\n<") != written:
            hides = begins(text, begin, at, _BEGINS_LINE)
        if is_comment or odd or has_word:
            written = b" " if is_comment else _WORD.sub(b"\\" + OTHERWISE, written) if has_word else written
            out += (_ODD_BLANK.sub(b" ", text[done:begin]) if odd else text[done:begin], written)
            done = at
        unclosed += is_comment and at == len(text)
    if not done and not odd:
        return Spaced(text, hides, unclosed > 0)
    out.append(_ODD_BLANK.sub(b" ", text[done:]) if odd else text[done:])
    return Spaced(b"".join(out), hides, unclosed > 0, has_junk)


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


def own(keys: bytes) -> bytes:
    """A dictionary without what is in its strings, and in the dictionaries in it."""
    if b"(" not in keys and keys.count(b"<<") < 2:
        return keys
    out: list[bytes] = []
    at = parens = depth = 0
    for token in _BRACKET.finditer(keys):
        match token[0]:
            case b"(":
                if not parens and depth < 2:
                    out.append(keys[at : token.end()])
                parens += 1
            case b")" if parens:
                parens -= 1
                at = token.start() if not parens and depth < 2 else at
            case b"<<" if not parens:
                depth += 1
                if depth == 2:
                    out.append(keys[at : token.end()])
            case b">>" if not parens:
                depth -= 1
                at = token.start() if depth == 1 else at
    if not parens and depth < 2:
        out.append(keys[at:])
    return b"".join(out)


def values(keys: bytes, wanted: frozenset[bytes]) -> dict[bytes, list[bytes]]:
    """What some keys of the last dictionary have, as it is written, the first ones, once each: readers do not agree which
    counts of several."""
    found: dict[bytes, list[bytes]] = {}
    parens = depth = at = 0
    key = b""

    def end(offset: int, value: bytes = b"") -> None:
        if key in wanted and len(known := found.setdefault(key, [])) < _MAX_VALUES:
            value = value or keys[at:offset].strip(_WHITE)
            known += [value] if value not in known else []

    for token in _MARK.finditer(keys):
        mark = token[0]
        if mark in _PARENS:
            parens = max(0, parens + _PARENS[mark])
        elif parens or (mark[:1] == b"/" and depth > 1):
            continue
        elif mark[:1] == b"/" and key and not keys[at : token.start()].strip(_WHITE):
            end(token.end(), mark)
            key, at = b"", token.end()
        elif mark[:1] == b"/":
            end(token.start())
            key, at = mark[1:], token.end()
        elif mark in (b"<<", b"["):
            if not depth:
                found.clear()
                key = b""
            depth += 1
        elif mark in (b">>", b"]"):
            depth = max(0, depth - 1)
            if not depth:
                end(token.start())
                key = b""
    end(len(keys))
    return found


def dictionary_end(text: bytes, begin: int, end: int) -> int:
    """Behind the dictionary that begins with "<<" at an offset, -1 where it does not end before another."""
    parens = depth = 0
    for token in _BRACKET.finditer(text, begin, end):
        if token[0] in _PARENS:
            parens = max(0, parens + _PARENS[token[0]])
        elif not parens:
            depth += _DEPTHS.get(token[0], 0)
            if depth == 0:
                return token.end()
    return -1


def dictionary_around(text: bytes, begin: int, at: int) -> int:
    """Where the dictionary begins in which an offset stands; where it does before `begin`, that."""
    opened: list[int] = []
    parens = 0
    for token in _BRACKET.finditer(text, begin, at):
        if token[0] in _PARENS:
            parens = max(0, parens + _PARENS[token[0]])
        elif not parens and token[0] == b"<<":
            opened.append(token.start())
        elif not parens and token[0] == b">>" and opened:
            opened.pop()
    return opened[-1] if opened else begin


def is_whole(text: bytes) -> bool:
    """Whether every dictionary and string that begins in it ends in it, and none ends that began before."""
    parens = depth = 0
    for token in _BRACKET.finditer(text):
        if token[0] in _PARENS:
            parens += _PARENS[token[0]]
        elif not parens:
            depth += _DEPTHS.get(token[0], 0)
        if parens < 0 or depth < 0:
            return False
    return parens == 0 == depth


def string_end(text: bytes, begin: int, end: int) -> int:
    """Where a string ends that begins with a parenthesis, -1 where it does not."""
    depth = 0
    for paren in _PAREN.finditer(text, begin, end):
        depth += _PARENS.get(paren[0], 0)
        if depth == 0 and paren[0] == b")":
            return paren.end()
    return -1
