"""SYLK, the spreadsheets in lines of text that Excel opens whatever they are called: whether they have Excel 4 macros.

A macro is a name that runs by itself ("Auto_open"), the option that makes the sheet one of macros, or an expression that calls a
program; a call of DDE is an expression, too. Octets may be written as an escape and two characters. Promises: pure, linear, never
raises.
"""

import re

from screener.anatomy.active import Active
from screener.anatomy.defects import Defect, Limit
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing
from screener.anatomy.office import formulas

_ESCAPED = re.compile(rb"\x1b([\x20-\x2f])([\x30-\x3f])")
_RUNS = re.compile(rb"^[ \t]*(?:NN;(?:[^\n]*;)?N[\"']?(?:_xlnm\.)?auto_|O;(?:[^\n]*;)?E[;\s])", re.IGNORECASE | re.MULTILINE)
_CALLS = re.compile(
    rb";E[^;\n]*?(?:(?<![A-Z0-9_.])|(?<=;E))(?:EXEC|CALL|REGISTER(?:\.ID)?|RUN|FORMULA(?:\.FILL)?|FOPEN|INITIATE)[ \t]*\(",
    re.IGNORECASE,
)
_EXPRESSION = re.compile(rb";E([^;\n]{1,4000})")


def read(octets: bytes, ledger: Ledger, place: str) -> Listing:
    """Whether it has macros; a sheet holds no files."""
    if len(octets) > ledger.budget.document_octets:
        ledger.note(Defect.CONTAINER_TOO_LARGE, place, Limit.DOCUMENT)
        octets = octets[: ledger.budget.document_octets]
    lines = octets.replace(b"\0", b"").replace(b"\r", b"\n").replace(b";;", b",") + b"\n"
    if b"\x1b" in lines:
        lines = _ESCAPED.sub(_octet, lines)
    calls = b"|" in lines and any(formulas.calls(one[1].decode("latin-1")) for one in _EXPRESSION.finditer(lines))
    macros = _RUNS.search(lines) is not None or _CALLS.search(lines) is not None
    return Listing(macros=macros, active=(Active.DDE,) if calls else ())


def _octet(match: re.Match[bytes]) -> bytes:
    return bytes((((match[1][0] & 15) << 4) | (match[2][0] & 15),))
