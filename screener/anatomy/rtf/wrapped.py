"""The page of HTML that RTF may be wrapped round (MS-OXRTFEX), as Outlook sends it.

Which part of the RTF is none of the page is said by a word that is switched on and off. To most readers it ends with its group, to
some it does not. Promises: linear, never raises; reading in steps is bounded by the ledger.
"""

import re
from itertools import islice

from screener.anatomy.ledger import Ledger
from screener.anatomy.rtf import letters, text

_FROM_HTML = re.compile(r"\\fromhtml1(?!\d)")
# What is RTF only, and what is HTML only (2.1.3.1).
_RTF_ONLY = re.compile(r"\\htmlrtf1?(?![a-z0-9]) ?.*?(?:\\htmlrtf0(?!\d) ?|\Z)", re.DOTALL)
_SWITCH = re.compile(r"\\(?:htmlrtf(?P<number>\d{0,9})(?![a-z0-9]) ?|[^a-zA-Z])|(?P<brace>[{}])", re.DOTALL)
_HTML_ONLY = re.compile(rf"\{{\s*+\\\*\s*+\\htmltag-?\d{{0,9}}+[ \r\n]?({text.nested(1)})\}}", re.DOTALL)
_MAX_SWITCHES = 500_000
_COUNT = re.compile(r"\\uc(\d)")


def pages(source: str, ledger: Ledger, place: str) -> tuple[str, ...]:
    """The page as readers have it that do not agree; () where there is none."""
    if _FROM_HTML.search(source) is None:
        return ()
    shown = letters.Shown(letters.codec(source))
    found: dict[str, None] = {}
    for one in dict.fromkeys((_by_group(source), _RTF_ONLY.sub("", source))):
        pieces = _HTML_ONLY.split(one)
        found[_page([shown.read(text.unsilenced(piece)) for piece in pieces])] = None
        if text.IN_STEPS.search(one) is not None:
            found[_page(_in_steps(pieces, shown, ledger, place))] = None
    return tuple(found)


def _page(pieces: list[str]) -> str:
    """What lies in the page's own groups is its source, all else is text in it."""
    read = map(letters.paired, pieces)
    return "".join([one if number % 2 else one.replace("&", "&amp;").replace("<", "&lt;") for number, one in enumerate(read)])


def _by_group(source: str) -> str:
    """Without what is RTF only, where that ends with its group."""
    out: list[str] = []
    outer: list[bool] = []
    off, at = False, 0
    for switch in islice(_SWITCH.finditer(source), _MAX_SWITCHES if "\\htmlrtf" in source else 0):
        number, brace = switch.groups()
        if number is None and brace is None:
            continue
        before = off
        if brace == "{":
            outer.append(off)
        elif brace:
            off = outer.pop() if outer else False
        else:
            off = number == "" or int(number) != 0
        if before:
            out.append(brace or "")
            at = switch.end()
        elif off:
            out.append(source[at : switch.start()])
            at = switch.end()
    return "".join((*out, "" if off else source[at:]))


def _in_steps(pieces: list[str], shown: letters.Shown, ledger: Ledger, place: str) -> list[str]:
    """With as many letters left out for one in Unicode as is said, be it in an earlier piece."""
    out = []
    count = "1"
    for piece in pieces:
        out.append(text.stepped(f"\\uc{count} {text.unsilenced(piece)}", shown, ledger, place))
        count = (_COUNT.findall(piece) or count)[-1]
    return out
