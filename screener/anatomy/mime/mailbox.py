"""Several messages in one file, as mail programs export them: where each begins and ends (RFC 4155). Pure, linear."""

import re

from screener.anatomy.octets import Octets

ENDING = ".mbox"
# Behind an empty line, with a year in it and a field below it; a text may begin a line with "From ", too.
_BEGINS = re.compile(rb"(?<=\n)\r?\n(?=From [^\r\n]{1,200}?[0-9]{4}[^\r\n]{0,40}+\r?\n[A-Za-z][A-Za-z0-9-]{1,60}+:)")


def letters(source: Octets, start: int, end: int) -> list[tuple[int, int]]:
    """The offsets between which each message stands; those of all there is where it does not begin as the first of several."""
    if source[start : start + 5] != b"From ":
        return [(start, end)]
    marks = [match.end() for match in _BEGINS.finditer(source, start, end)]
    return list(zip((start, *marks), (*marks, end), strict=True))
