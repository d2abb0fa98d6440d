"""What RTF names that fetches or starts something: its template and its fields' instructions (RTF 1.9.1 \\template, \\fldinst).

Letters are undone as Word does it: octets in hexadecimal, Unicode, words over several groups. Promises: linear; what is written
oddly is read in steps, bounded by the tokens there are; never raises.
"""

import re

from screener.anatomy.active import Active
from screener.anatomy.office import xml_parts
from screener.anatomy.repeated import repeated
from screener.frozen import dataclass

# Groups that are not part of the text around them; any other may be, where it begins with "\*" for those who do not know it.
DESTINATION = re.compile(
    rb"\s*+\\(?:\*|(?:object|objdata|objclass|objname|result|pict|nonshppict|shp|field|fldinst|fldrslt|footnote|annotation|comment|"
    rb"info|title|author|header|footer|fonttbl|colortbl|stylesheet|listtext|pntext|xe|tc|template)(?![A-Za-z]))",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(rb"(?:\\\*|\{)\s*+\\template(?![a-z])", re.IGNORECASE)
_INSTRUCTION = re.compile(rb"\\fldinst(?![a-z])", re.IGNORECASE)
# What nearly every field is: it begins, behind plain formatting, otherwise than DDE, DATABASE, QUOTE, LINK, RD, IMPORT, INCLUDE…
_OTHER_FIELD = re.compile(
    repeated(
        rb"[\s{}\"]|\\(?!u-?[0-9]|bin[0-9]|(?:fldinst|comment|info|pict|object|objdata|field|result|xe|tc|listtext|footnote)(?![a-z]))"
        rb"[a-z]{1,32}+(?:-?[0-9]{1,10}+)? ?"
    )
    + rb"(?:(?![DQLIR])[A-Z=]|R(?!D(?![A-Z]))|I(?:F|NDEX|NFO)(?![A-Z]))",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    rb"\\'(?P<octet>[0-9A-Fa-f]{2})|\\u(?P<code>-?[0-9]{1,10}) ?|\\bin(?P<raw>[0-9]{1,250}+) ?|\\(?P<word>[A-Za-z]{1,250})"
    rb"-?[0-9]{0,10} ?|\\(?P<symbol>[^A-Za-z])|(?P<brace>[{}])|[\r\n\0]+|(?P<text>[^\\{}\r\n\0]{1,1000})|\\"
)
_ELSEWHERE = re.compile(r"https?:|ftp:|file:|\\\\", re.IGNORECASE)
_DDE = re.compile(r"[^A-Za-z]*+DDE", re.IGNORECASE)
_BLANK = frozenset(("tab", "par", "line"))
_LETTERS = 400  # of a name or an instruction that are looked at


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    is_code: bool  # characters for those who know no Unicode follow
    is_apart: bool  # it stands in a destination of its own


def of_templates(octets: bytes, tokens: int) -> tuple[tuple[Active, ...], int]:
    """What it is to load the template that is named; and how many tokens are left."""
    counts = _counts(octets)
    found: dict[Active, None] = {}
    for word in _TEMPLATE.finditer(octets):
        pieces, tokens = _pieces(octets, word.end(), tokens)
        for one in _readings(pieces, counts):
            if (place := _ELSEWHERE.search(one)) is not None:
                found |= dict.fromkeys(xml_parts.loaded(one[place.start() :], is_template=True))
        if tokens <= 0:
            break
    return tuple(found), tokens


def of_fields(octets: bytes, tokens: int) -> tuple[tuple[Active, ...], int]:
    """What fields start or load; and how many tokens are left."""
    counts = _counts(octets)
    found: dict[Active, None] = {}
    for word in _INSTRUCTION.finditer(octets):
        if _OTHER_FIELD.match(octets, word.end()) is not None:
            continue
        pieces, tokens = _pieces(octets, word.end(), tokens)
        for one in _readings(pieces, counts):
            found |= dict.fromkeys((*((Active.DDE,) if _is_dde(one) else ()), *xml_parts.fields_put_in(one)))
        if tokens <= 0:
            break
    return tuple(found), tokens


def _is_dde(written: str) -> bool:
    return _DDE.match(written) is not None or ("QUOTE" in written[:_LETTERS].upper() and xml_parts.is_dde(written))


def _pieces(octets: bytes, at: int, tokens: int) -> tuple[list[_Piece], int]:
    """What is written from there to the end of the group, as far as it counts."""
    pieces: list[_Piece] = []
    depth = apart = letters = 0
    while tokens > 0 and letters < _LETTERS and (token := _TOKEN.match(octets, at)) is not None:
        tokens -= 1
        at = token.end()
        octet, code, raw, word, symbol, brace, text = token.groups()
        if brace == b"{":
            depth += 1
            if not apart and DESTINATION.match(octets, at) is not None:
                apart = depth
        elif brace:
            depth -= 1
            if depth < 0:
                break
            apart = apart if depth >= apart else 0
        elif raw:
            at = min(at + int(raw), len(octets))
        elif letter := _letter(octet, code, word, symbol, text):
            pieces.append(_Piece(letter, code is not None, apart > 0))
            letters += len(letter) if not apart and not letter.isspace() else 0
    return pieces, tokens


def _letter(octet: bytes | None, code: bytes | None, word: bytes | None, symbol: bytes | None, text: bytes | None) -> str:
    if octet:
        return bytes.fromhex(octet.decode("ascii")).decode("latin-1")
    if code:
        return chr(int(code) & 0xFFFF)
    if word:
        return " " if word.decode("ascii") in _BLANK else ""
    if symbol:
        return symbol.decode("latin-1") if symbol in b"\\{}" else " " if symbol == b"~" else ""
    return text.decode("latin-1") if text else ""


def _counts(octets: bytes) -> tuple[int, ...]:
    """How many characters may stand for one in Unicode: none, one, and whatever the file names."""
    return (0, 1, *(count for count in range(2, 10) if b"\\uc%d" % count in octets))


def _readings(pieces: list[_Piece], counts: tuple[int, ...]) -> dict[str, None]:
    """What they say, with and without what stands apart, and what stands for characters in Unicode."""
    if not any(one.is_code for one in pieces):
        counts = counts[:1]
    return dict.fromkeys(_joined(pieces, count, with_apart=with_apart) for count in counts for with_apart in (False, True))


def _joined(pieces: list[_Piece], count: int, *, with_apart: bool) -> str:
    out: list[str] = []
    skip = 0
    for piece in pieces:
        if piece.is_apart and not with_apart:
            continue
        if piece.is_code:
            out.append(piece.text)
            skip = count
        else:
            out.append(piece.text[skip:])
            skip = max(0, skip - len(piece.text))
    return "".join(out)
