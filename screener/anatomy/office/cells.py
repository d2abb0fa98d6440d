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

# Behind "!" stands an item, and behind that an operator or the cell's end; `DDE(` has arguments, which "4,4'-DDE (µg/kg)" of a
# laboratory has not.
_TOPIC, _ITEM = r"(?:'[^'\r\n]{1,2000}+'|[^\s|!'\",;<>]{1,2000}+)", r"(?:'[^'\r\n]{0,2000}+'|[^\s|!@'\",;<>]{1,2000}+(?![|!@]))"
_CALL = re.compile(
    rf"\|(?<=[\w'.\])]\|){_TOPIC}![ \t]{{0,99}}{_ITEM}|\bDDE[ \t]{{0,99}}\((?![^()\"';,\r\n]{{0,999}}+\))", re.IGNORECASE
)
_NUMERALS = "0123456789.,"
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
    has_tags = _CELL_TAG.search(text) is not None
    if has_tags:
        formulas = [one or other for one, other in _FORMULA.findall(text)]
        text = "\n".join((_TAG.sub("", _CELL_TAG.sub("\n", text)), *formulas))
    if (references := text.count("&")) and ledger.spend_references(references, place):
        text = unescaped(text)
    said = _SAID.match(text)
    parting = (",", ";", "\t", *(said[1] if said is not None else ""), *("\n" if has_tags else ""))
    left = _MOST_LOOKED_AT
    for call in _CALL.finditer(text):
        before = text[max(0, call.start() - _LONGEST) : call.start()]
        left -= len(before)
        if left < 0:
            ledger.note(Defect.CONTAINER_TOO_LARGE, place)
            break
        if call[0][0] == "|" and _is_number(before):
            continue
        if any(_is_formula(before, mark) for mark in parting) or _is_quoted_formula(before, parting):
            return Listing(active=(Active.DDE,))
    return Listing()


def _is_number(before: str) -> bool:
    """Whether a number stands there, which is no program's name."""
    ahead = before.rstrip(_NUMERALS)
    return len(ahead) < len(before) and not (ahead[-1:].isalnum() or ahead.endswith(("_", "'")))


def _is_formula(before: str, mark: str) -> bool:
    """Whether what stands before a call in its cell begins a formula, where cells are parted by this mark."""
    start = max(before.rfind("\n"), before.rfind("\r"), before.rfind(mark)) + 1
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
