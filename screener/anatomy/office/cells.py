"""Tables of text, and pages, that a spreadsheet opens as its own: whether a cell calls another program (DDE).

A cell that begins with "=", "+", "-" or "@" is a formula to Excel; `app|'topic'!item` in it starts the program. Promises: pure,
linear, never raises.
"""

import re

from screener.anatomy.active import Active
from screener.anatomy.defects import Defect
from screener.anatomy.html.entities import unescaped
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing

_FORMULA = r"(?:\"[ \t]{0,9}[=+@-][^\r\n\t|\"<>]{0,400}?|[ \t]{0,9}[=+@-][^\r\n\t|,;<>]{0,400}?)"
_CALL = re.compile(rf"(?<![^\r\n,;\t>]){_FORMULA}[\w'.]\|'[^'\r\n]{{1,1000}}'![\w'\"$#(]")
_MARK = re.compile(rb"\xef\xbb\xbf|\xff\xfe|\xfe\xff")  # before a text in Unicode


def read(octets: bytes, _names: tuple[str, ...], ledger: Ledger, place: str) -> Listing:
    """Whether it calls; a table holds no files."""
    if len(octets) > ledger.budget.document_octets:
        ledger.note(Defect.CONTAINER_TOO_LARGE, place)
        octets = octets[: ledger.budget.document_octets]
    text = _MARK.sub(b"", octets, count=1).replace(b"\0", b"").decode("latin-1")
    if (references := text.count("&")) and ledger.spend_references(references, place):
        text = unescaped(text)
    return Listing(active=(Active.DDE,) if "|" in text and _CALL.search(text) is not None else ())
