"""Where a PDF's table of references stands (ISO 32000-1 7.5.5). Promises: linear, never raises."""

import re

from screener.anatomy.needle import Needle
from screener.anatomy.repeated import repeated

_TABLE = re.compile(rb"startxref" + repeated(rb"[\s\0]++|%[^\r\n]*+") + rb"\+?([0-9]{1,40}+)")
_AT_END = Needle(b"startxref")
_HEADER = b"%PDF-"
_NEAR_END = 4_096  # octets in which it mostly stands where the table is


def table_starts(octets: bytes) -> tuple[int, ...]:
    """Where the table of references stands, as the end of the file says: from the first octet, or from where the PDF begins."""
    at = octets.find(b"startxref", max(0, len(octets) - _NEAR_END))
    at = octets.rfind(b"startxref") if at < 0 and _AT_END.is_in(octets) else at
    told = [int(match[1]) for match in _TABLE.finditer(octets, at)][-1:] if at >= 0 else []
    return (told[0], told[0] + max(0, octets.find(_HEADER))) if told else ()
