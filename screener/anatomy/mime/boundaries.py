"""The boundaries of multiparts: what is said to be one, and where delimiter lines stand (RFC 2046 5.1.1).

Works on octets with CRLF and with LF alone; linear.
"""

import re
from collections.abc import Iterable
from itertools import islice

from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.mime import encoded_words
from screener.anatomy.octets import Octets
from screener.frozen import dataclass

_BLANK = b" \t\r\n\0"
_BAD = re.compile(r"[^A-Za-z0-9'()+_,./:=? *&%#~^!$@{}|\[\]<>-]")
_LONGEST = 70
_MUCH_TOO_LONG = 200
_MAX = 6  # of one multipart
_MAX_LINES = 20_000  # of dashes, that are looked at as ends
# The literal stands first: that way the search runs at memory speed.
# A signed text begins with dashes and may go on with fields, but it is no multipart (RFC 4880 7).
# Far behind the dashes, up to the first blank line, a field counts if it makes more than a text of the part: people quote whole
# headers in their mails, and what HTTP says: of such, by its first line, a type alone tells nothing. No further line of dashes lies
# between, so each line is looked at for one of them.
_NEAR = rb"(?:[^\n]{0,998}+\n){0,2}content-[a-z-]{1,40}+[ \t]*+:"
_LINES = rb"(?:(?!--|\r?\n)[^\n]*+\n)*?content-(?:"
_FILE = (
    rb"type[ \t]*+:(?:[^\n]|\n(?=[ \t]))*?\bname\*?[0-9*]*+[ \t]*+="
    rb"|disposition[ \t]*+:(?!\s*+inline[ \t]*+\r?\n(?![ \t]))"
    rb"|transfer-encoding[ \t]*+:\s*+(?!7bit|8bit|binary|quoted)"
)
_QUOTED_HTTP = rb"HTTP/[0-9.]{1,3} |[A-Z]{3,7} [^\n]{1,2000} HTTP/[0-9.]{1,3}\r?\n"
_OF_HTTP = rb"(?=" + _QUOTED_HTTP + rb")" + _LINES + _FILE + rb")"
_FAR = rb"(?!" + _QUOTED_HTTP + rb")" + _LINES + rb"type[ \t]*+:\s*+(?!text/(?:plain|html)\b|multipart/)|" + _FILE + rb")"
_DASH_THEN_FIELD = re.compile(
    rb"--(?<![^\n]--)(?!(?-i:---BEGIN [A-Z][A-Z0-9 ,/]{0,60}+-----))([^\r\n]{0,300}+)[^\r\n]*+\r?\n(?="
    + b"|".join((_NEAR, _OF_HTTP, _FAR))
    + rb")",
    re.IGNORECASE,
)
_FIELD = re.compile(rb"--(?<![^\n]--)(?!---BEGIN )([^\r\n]{0,300}+)[^\r\n]*+\r?\n(?=" + _NEAR + rb"|" + _FAR + rb")", re.IGNORECASE)
_FIELD = re.compile(
    rb"^content-[a-z-]{1,40}+[ \t]*+:(?:(?:[^\n]|\n(?=[ \t]))*?\bname[*0-9]*+[ \t]*+(=))?", re.IGNORECASE | re.MULTILINE
)
_DASH_LINE = re.compile(rb"--(?<![^\n]--)([^\r\n]{0,300}+)")


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The delimiter lines of one boundary: (offset of the line end before, offset behind, whether final)."""

    lines: list[tuple[int, int, bool]]
    closed: bool  # one is final
    longer: bool  # there are lines that only begin with the boundary, beside exact ones: readers that compare prefixes part there
    cut: bool  # there are more than the limit


_FIRST_WINDOW, _WINDOW = 1_024, 65_536  # octets that are looked at behind a dash: at first, and at most


def find(source: Octets, needle: bytes, start: int, end: int) -> int:
    """`find` for what holds a dash: base64 holds none, so much of it is passed at the speed of a search for one octet."""
    least = _FIRST_WINDOW + len(needle)
    window = least
    while True:
        dash = source.find(b"-", start, end)
        if dash < 0:
            return -1
        # Text has dashes all over, and is passed in larger and larger steps.
        window = min(2 * window, _WINDOW + least) if dash - start < _FIRST_WINDOW else least
        start = max(start, dash - 1)
        at = source.find(needle, start, min(end, start + window))
        if at >= 0 or start + window >= end:
            return at
        start += window - len(needle)


def delimiters(source: Octets, start: int, end: int, boundary: bytes, limit: int) -> Delimiters:
    """The delimiter lines of a boundary (without its dashes) between two offsets, at most `limit` of each kind."""
    line = b"--" + boundary
    needle = b"\n" + line
    exact: list[tuple[int, int, bool]] = []
    loose: list[tuple[int, int, bool]] = []
    at = start - 1 if source[start : start + len(line)] == line else find(source, needle, start, end)
    seen = at >= 0 or (at == start - 1 and source[start : start + len(line)] == line)
    while seen and len(exact) < limit and len(loose) < limit:
        after = at + len(needle)
        line_end = source.find(b"\n", after, end)
        line_end = end if line_end < 0 else line_end + 1
        rest = source[after : min(line_end, after + 200)].strip(_BLANK)
        before = at - 1 if at > start and source[at - 1 : at] == b"\r" else at
        (loose if rest not in (b"", b"--") else exact).append((max(start, before), line_end, rest.startswith(b"--")))
        at = find(source, needle, line_end - 1, end)
        seen = at >= 0
    lines = exact or loose
    return Delimiters(lines, any(closes for _, _, closes in lines), bool(exact and loose), cut=seen)


def signs(octets: bytes, marks: Iterable[bytes]) -> tuple[int, int]:
    """How many lines begin like a delimiter of these boundaries; how many are MIME fields, those with a name counted twice."""
    lines = sum(octets.count(b"\n--" + mark) + octets.startswith(b"--" + mark) for mark in marks)
    return lines, sum(1 + (match[1] is not None) for match in _FIELD.finditer(octets))


def said(candidates: Iterable[str], encoded: bool, ledger: Ledger, place: str) -> tuple[list[bytes], bool]:
    """The boundaries of a multipart by every reading of its parameter, and whether readers choose differently between them.

    `encoded`: it comes in an RFC 2231 form.
    """
    found: dict[bytes, None] = {}
    doubtful = encoded
    for value in dict.fromkeys(candidates):
        stripped = value.rstrip(" \t")
        if len(stripped) > _LONGEST:
            ledger.note(Defect.LONG_BOUNDARY, place)
            doubtful = True
        if not stripped or len(stripped) > _MUCH_TOO_LONG or _BAD.search(stripped):
            ledger.note(Defect.INVALID_BOUNDARY, place)
            doubtful = True
        encoded = encoded or ("=?" in value and encoded_words.decode(value) != value)
        found.setdefault(stripped.encode("utf-8", "replace"))
        if stripped[:1] in (" ", "\t"):  # part of it (RFC 2046 5.1.1: bchars), but some readers strip it
            found.setdefault(stripped.lstrip(" \t").encode("utf-8", "replace"))
        if "\0" in stripped:
            found.setdefault(stripped.partition("\0")[0].encode("utf-8", "replace"))
    if encoded:
        ledger.note(Defect.ENCODED_BOUNDARY, place)
    if len(found) > 1:
        ledger.note(Defect.DUPLICATE_BOUNDARY_PARAMETER, place)
        doubtful = True
    return list(found)[:_MAX], doubtful


@dataclass(frozen=True, slots=True)
class Start:
    """A line of dashes with fields behind it: its offset, that of the next line, and what stands behind the dashes."""

    at: int
    behind: int
    token: bytes


def starts(source: Octets, start: int, end: int, limit: int) -> list[Start]:
    """The lines that begin a part for any reader, at most `limit`."""
    found = islice(_DASH_THEN_FIELD.finditer(source, start, end), max(0, limit))
    return [Start(match.start(), match.end(), match[1].rstrip(_BLANK)) for match in found]


def first_start(source: Octets, start: int, end: int) -> int:
    """Where the first of them stands, -1 where there is none."""
    found = _DASH_THEN_FIELD.search(source, start, end)
    return -1 if found is None else found.start()


def ends(source: Octets, start: int, end: int, boundaries: set[bytes], begun: Iterable[Start]) -> list[int]:
    """Where the lines stand that are a delimiter of any of these boundaries, or of what stands in a line that begins a part."""
    marks = boundaries | {one.token for one in begun}
    found = islice(_DASH_LINE.finditer(source, start, end), _MAX_LINES)
    lines = ((match.start(), match[1].rstrip(_BLANK)) for match in found)
    # The last one, too, whatever stands behind all of them.
    return [at for at, line in lines if not marks.isdisjoint((line, line.removesuffix(b"--"), line.replace(b"-- ", b" ", 1)))]
