"""Formulas of spreadsheets, read as far as a call of another program asks for it: application|topic!item (DDE), and LibreOffice's
function of this name.

A text in quotes calls nothing, a name in quotes may hold anything, and in both a quote is doubled. An item ends at an operator,
so that what is added to a call hides none. Promises: pure, linear, never raises.
"""

import re

from screener.anatomy.repeated import repeated

_QUOTED = re.compile("|".join(rf"{mark}[^{mark}]*+{repeated(rf'{mark}{mark}[^{mark}]*+')}{mark}" for mark in "\"'"))
# A table's columns in brackets, of up to 255 characters: an apostrophe there says that the next one means itself (structured
# references, ECMA-376-1 18.17.2).
_BRACKETED = re.compile(rf"\[(?:'.|[^'\[\]]){{0,600}}\]|{_QUOTED.pattern}", re.DOTALL)
# Blanks of ASCII alone: a text may come as octets, of which letters have those of other blanks.
_NO_NAME = r" \t-\r|!'\",;<>()\[\]{}&+*/^=%@"  # what ends a name that stands without quotes; "-", ":" and "\" stand in paths
# In a formula, quoted names empty: behind "!" stands an item at once, where no quotes tell that it is no sentence.
_CALL = re.compile(
    r"\|(?<=[\w'.\])\s\x80-\U0010ffff]\|)\s*+''!\s*+[^\s|]|"
    rf"\|(?<=[\w'.\])\x80-\U0010ffff]\|)[^{_NO_NAME}]{{1,2000}}+!(?:''|[^\s|!@'\",;<>][^{_NO_NAME}:-]{{0,2000}}+(?![|!@]))|"
    # `DDE(` has arguments, which "4,4'-DDE (µg/kg)" of a laboratory has not.
    r"\bDDE\s*+\((?![^()\"';,\r\n]{0,999}+\))",
    re.IGNORECASE,
)
MAY_CALL = re.compile(rf"\|\s*+(?:'|[^{_NO_NAME}]{{1,2000}}+!)|\bDDE\s*+\(", re.IGNORECASE)
_NUMERALS = "0123456789.,"
_LONGEST = 300  # characters of an application's name


def calls(formula: str) -> bool:
    """Whether it calls another program."""
    if MAY_CALL.search(formula) is None:
        return False
    ways = (_QUOTED, _BRACKETED) if "[" in formula else (_QUOTED,)
    bare = [way.sub(_emptied, formula) for way in ways]
    return any(call[0][0] != "|" or not _is_number(one, call.start()) for one in bare for call in _CALL.finditer(one))


def _emptied(quoted: re.Match[str]) -> str:
    return quoted[0][0] * 2


def _is_number(formula: str, end: int) -> bool:
    """Whether a number stands before there, which is no program's name."""
    name = formula[max(0, end - _LONGEST) : end].rstrip()
    ahead = name.rstrip(_NUMERALS)
    return len(ahead) < len(name) and not (ahead[-1:].isalnum() or ahead[-1:] > "\x7f" or ahead.endswith(("_", "'")))
