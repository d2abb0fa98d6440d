"""Where the delimiter lines of a multipart stand (RFC 2046 5.1.1). Works on octets with CRLF and with LF alone; linear."""

from dataclasses import dataclass

from screener.anatomy.octets import Octets

_BLANK = b" \t\r\n\0"


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The delimiter lines of one boundary: (offset of the line end before, offset behind, whether final)."""

    lines: list[tuple[int, int, bool]]
    closed: bool  # one is final
    longer: bool  # there are lines that only begin with the boundary, beside exact ones: readers that compare prefixes part there
    cut: bool  # there are more than the limit


_WINDOW = 65_536


def find(source: Octets, needle: bytes, start: int, end: int) -> int:
    """`find` for what holds a dash: base64 holds none, so much of it is passed at the speed of a search for one octet."""
    while True:
        dash = source.find(b"-", start, end)
        if dash < 0:
            return -1
        start = max(start, dash - 1)
        at = source.find(needle, start, min(end, start + _WINDOW))
        if at >= 0 or start + _WINDOW >= end:
            return at
        start += _WINDOW - len(needle)


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
