"""Tables of text, and pages, that a spreadsheet opens as its own: whether a cell calls another program (DDE).

A cell that begins with "=", "+", "-" or "@" is a formula to Excel. What parts cells is a comma, a semicolon, a tab, or what a first
line `sep=` says; in quotes (RFC 4180) a cell holds any of it, and what stands behind them goes on with it. Promises: pure, linear,
never raises.
"""

import re
from collections.abc import Iterable, Iterator

from screener.anatomy.active import Active
from screener.anatomy.defects import Defect, Limit
from screener.anatomy.html.entities import unescaped
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing
from screener.anatomy.office import formulas, xml_source
from screener.anatomy.repeated import repeated

_LONGEST = 2 * 8_192  # characters of a formula as Excel has it, were they all doubled
_MARK = re.compile(rb"\xef\xbb\xbf|\xff\xfe|\xfe\xff")  # before a text in Unicode
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_SAID = re.compile(r"\"?sep=(.)", re.IGNORECASE)
_SIGNS = ("=", "+", "-", "@")
_BLANKS = " \t\xa0"
_QUOTED = r'"([^"]*+' + repeated(r'""[^"]*+') + r')"?'
# A page's blocks are cells, and no line ends in them.
_BLOCK_WORDS = "td th tr table html body p div br hr li h1 h2 h3 h4 h5 h6 pre center blockquote dd dt caption"
_BLOCK_TAG = re.compile(rf"</?(?:{'|'.join(_BLOCK_WORDS.split())})\b[^<>]*>", re.IGNORECASE)
_FORMULA = re.compile(r":fmla\s{0,9}=\s{0,9}(?:\"([^\"]*)|'([^']*))", re.IGNORECASE)  # of a cell of Excel's pages
_TAG = re.compile(r"<[/!]?[a-zA-Z-][^<>]{0,999}>")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_LINE_ENDS = re.compile(r"[\r\n]+")


def read(octets: bytes, ledger: Ledger, place: str) -> Listing:
    """Whether it calls; a table holds no files."""
    if len(octets) > ledger.budget.document_octets:
        ledger.note(Defect.CONTAINER_TOO_LARGE, place, Limit.DOCUMENT)
        octets = octets[: ledger.budget.document_octets]
    text = _MARK.sub(b"", octets, count=1).replace(b"\0", b"").decode("latin-1")
    texts = [text, xml_source.decoded(octets)[1:]] if octets.startswith(_WIDE) else [text]
    return Listing(active=(Active.DDE,) if any(_cells_call(one, ledger, place) for one in texts) else ())


def _cells_call(text: str, ledger: Ledger, place: str) -> bool:
    said = _SAID.match(text)
    if _calls(text, (",", ";", "\t", *(said[1] if said is not None else ""))):
        return True
    return _BLOCK_TAG.search(text) is not None and any(_calls(page, ("",)) for page in _pages(text, ledger, place))


def _pages(text: str, ledger: Ledger, place: str) -> Iterator[str]:
    """A page with a line for each cell; where it has comments, without them and with what stands in them."""
    written = [one or other for one, other in _FORMULA.findall(text)]
    text = _LINE_ENDS.sub(" ", text)
    for page in (text, _COMMENT.sub("", text)) if "<!--" in text else (text,):
        lines = "\n".join((_TAG.sub("", _BLOCK_TAG.sub("\n", page)), *written))
        references = lines.count("&")
        yield unescaped(lines) if references and ledger.spend_references(references, place) else lines


def _calls(text: str, marks: Iterable[str]) -> bool:
    """Whether a cell calls, parted by any of these marks."""
    if formulas.MAY_CALL.search(text) is None:
        return False
    return any(formulas.calls(one) for mark in dict.fromkeys(marks) for one in _formulas(text, mark))


def _formulas(text: str, mark: str) -> Iterator[str]:
    """What stands in the cells that may call, where cells are parted by this mark: those that begin as formulas, each once."""
    parting = ("\n", "\r", mark) if mark else ("\n", "\r")
    ends = re.escape("".join(parting))
    end = re.compile(rf"[{ends}]|\Z")
    cell = re.compile(rf"[{_BLANKS}]*+(?:{_QUOTED})?([^{ends}]*+)")
    in_quotes = re.compile(rf"(?:\A|[{ends}])[{_BLANKS}]*+(?=\"[{_BLANKS}]*+[{re.escape(''.join(_SIGNS))}])").finditer(text)
    opens = next(in_quotes, None)
    at = begin = quoted = behind = 0
    read = {-1}
    for place in formulas.MAY_CALL.finditer(text):
        if place.start() < behind:
            continue
        begin = max(begin, *(text.rfind(one, at, place.start()) + 1 for one in parting))
        at = place.start()
        behind = found.start() if (found := end.search(text, at)) is not None else len(text)
        while opens is not None and opens.end() < at:
            quoted = opens.end()
            opens = next(in_quotes, None)
        starts = {begin, quoted}
        for start in starts - read:
            if (found := cell.match(text, start, start + _LONGEST)) is not None:
                formula = (found[1] or "").replace('""', '"') + found[2]
                if formula.lstrip(_BLANKS)[:1] in _SIGNS:
                    yield formula
        read = starts
