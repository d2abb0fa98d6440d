"""Tables of text, and pages, that a spreadsheet opens as its own: whether a cell calls another program (DDE).

A cell that begins with "=", "+", "-" or "@" is a formula to Excel; `app|topic!item` in it starts the program, and so does `DDE(`
in LibreOffice. What parts cells is a comma, a semicolon, a tab, or what a first line `sep=` says; in quotes (RFC 4180) a cell holds
any of it. Promises: pure, linear, never raises.
"""

import re

from screener.anatomy.active import Active
from screener.anatomy.defects import Defect
from screener.anatomy.html.entities import unescaped
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing

_CALL = re.compile(r"\|(?<=[\w'.\])]\|)(?:'[^'\r\n]{1,2000}+'|[^\s|!'\",;<>]{1,2000}+)![^\r\n]|\bDDE[ \t]{0,99}\(", re.IGNORECASE)
_LONGEST = 8_192  # characters of a formula, as Excel has it
_MARK = re.compile(rb"\xef\xbb\xbf|\xff\xfe|\xfe\xff")  # before a text in Unicode
_SAID = re.compile(r"\"?sep=(.)", re.IGNORECASE)
_BLANKS = " \t\xa0"
_CELL_TAG = re.compile(r"</?t[dhr]\b[^<>]*>", re.IGNORECASE)
_FORMULA = re.compile(r":fmla\s{0,9}=\s{0,9}(?:\"([^\"]*)|'([^']*))", re.IGNORECASE)  # of a cell of Excel's pages
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,999}>")
_MOST_LOOKED_AT = 8 * 1024 * 1024  # characters before calls


def read(octets: bytes, _names: tuple[str, ...], ledger: Ledger, place: str) -> Listing:
    """Whether it calls; a table holds no files."""
    if len(octets) > ledger.budget.document_octets:
        ledger.note(Defect.CONTAINER_TOO_LARGE, place)
        octets = octets[: ledger.budget.document_octets]
    text = _MARK.sub(b"", octets, count=1).replace(b"\0", b"").decode("latin-1")
    if _CELL_TAG.search(text) is not None:
        formulas = [one or other for one, other in _FORMULA.findall(text)]
        text = "\n".join((_TAG.sub("", _CELL_TAG.sub("\n", text)), *formulas))
    if (references := text.count("&")) and ledger.spend_references(references, place):
        text = unescaped(text)
    said = _SAID.match(text)
    parting = ("", ",", ";", "\t", *(said[1] if said is not None else ""))
    left = _MOST_LOOKED_AT
    for call in _CALL.finditer(text):
        before = text[max(0, call.start() - _LONGEST) : call.start()]
        left -= len(before)
        if left < 0:
            ledger.note(Defect.CONTAINER_TOO_LARGE, place)
            break
        if any(_is_formula(before, mark) for mark in parting) or _is_quoted_formula(before, parting):
            return Listing(active=(Active.DDE,))
    return Listing()


def _is_formula(before: str, mark: str) -> bool:
    """Whether what stands before a call in its cell begins a formula, where cells are parted by this mark, or lines alone."""
    start = max(before.rfind("\n"), before.rfind("\r"), before.rfind(mark) if mark else -1) + 1
    return before[start:].lstrip(_BLANKS)[:1] in _SIGNS


def _is_quoted_formula(before: str, parting: tuple[str, ...]) -> bool:
    """The same of a cell in quotes, in which a quote is doubled: the last odd run of quotes begins it."""
    at = len(before)
    while (last := before.rfind('"', 0, at)) >= 0:
        at = len(before[: last + 1].rstrip('"'))
        if (last + 1 - at) % 2:
            ahead = before[:at].rstrip(" ")[-1:]
            return ahead in ("", "\n", "\r", *parting) and before[at + 1 :].lstrip(_BLANKS)[:1] in _SIGNS
    return False


_SIGNS = ("=", "+", "-", "@")
