"""Calendars and address cards: files in them (RFC 5545 3.8.1.1 ATTACH, RFC 6350 6.2.4 PHOTO …), and their text as it is shown.

Promises: linear, bounded by the ledger, never raises.
"""

import binascii
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote_to_bytes

from screener.anatomy import charsets
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, Member, held
from screener.anatomy.mime import encoded_words
from screener.anatomy.needle import Needles
from screener.anatomy.repeated import repeated

_LINE_END = re.compile(rb"(?<!\r)\r++\n")
_FOLD = re.compile(rb"\n[ \t]+")
_TEXT_FOLD = re.compile(r"(?:(?<!\r)\r*+\n|\r)[ \t]")
# A property: its name, its parameters, whose values may be quoted; behind the colon stands its value.
_PROPERTY = re.compile(rb"([^\s:;\"]{1,100}+)[ \t]*+(" + repeated(rb";[^:\";]*+" + repeated(rb"\"[^\"]*+\"[^:\";]*+")) + rb"):")
_PARAMETER = re.compile(rb";\s*+([A-Za-z0-9-]{1,60}+)\s*+=(?:\s*+\"([^\"]*+)\"|([^;]*+))")
# That a value is in base64: its encoding, or its type, which some readers ask alone (ical.js).
_BASE64 = rb";\s*+(?:ENCODING\s*+=\s*+[\"']?b(?:ase64)?|b(?:ase64)?|VALUE\s*+=\s*+[\"']?BINARY)[\"']?\s*+"
_CODED = re.compile(_BASE64 + rb"(?:;|\Z)", re.IGNORECASE)
_PAGES = (b"X-ALT-DESC", b"STYLED-DESCRIPTION")  # (RFC 9073 6.5)
# A line that has a file, or the page; and what stands in every such line.
_LINE = re.compile(
    rb"(?:(?=X-ALT-DESC|STYLED-DESC)|(?=[^\n]*?" + _BASE64 + rb"[;:])|(?=[^\n]*?:[ \t]*+data:))[^\s:;][^\n]*+", re.IGNORECASE
)
_SIGNS = Needles(
    b"x-alt-desc", b"styled-desc", b"base64", b"data:", b"binary", b"=b:", b"=b;", b";b:", b";b;", b'b":', b'b";', b"= b", b"; b",
    b"b :",
)  # fmt: skip
_STEPS = 32  # a line with one of them costs as much as so many octets unpacked one by one
_NAMES = (b"FILENAME", b"LABEL", b"NAME", b"FILE")  # FILENAME (RFC 8607 4.2), X-FILENAME, X-ORACLE-FILENAME, X-LABEL …
_WIDE_HEAD = 64  # octets
_MAX_NAME = 1_000
_MAX_PAGES = 500  # read one by one; the others are read as one
# Values in quoted-printable, whose lines go on behind a "=" (vCalendar 1.0 and vCard 2.1, 2.1).
_QUOTED = re.compile(
    r"^([^\n:]{1,500}?;(?:ENCODING=)?\"?QUOTED-PRINTABLE\"?(?:;[^\n:]{0,500}+)?:)(" + repeated(r"[^\n]*=[ \t]*\r*\n") + r"[^\n]*)",
    re.IGNORECASE | re.MULTILINE,
)
_PAGE = re.compile(
    r"^[ \t]*+(?:X-ALT-DESC|(?:STYLED-)?DESCRIPTION)[ \t]*+(?>(?:;[^:\"\n]*+"
    + repeated(r"\"[^\"\n]*+\"[^:\"\n]*+")
    + r")?):([^\n]*<[^\n]*+)",
    re.IGNORECASE | re.MULTILINE,
)
_CHARSET = re.compile(r";CHARSET=\"?([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "N": "\n"}


def read(octets: bytes, ledger: Ledger, place: str) -> Listing:
    """Every file in it, and the page that some readers show in place of its text, as a file without a name."""
    members: list[Member] = []
    for line in _lines(octets, ledger, place):
        match = _PROPERTY.match(line)
        if match is None:
            continue
        said, value = match[2], line[match.end() :].strip()
        if value[:5].lower() == b"data:":  # RFC 2397
            kind, _, data = value[5:].partition(b",")
            said += b";" + kind
            content = _base64(data) if kind.lower().rstrip().endswith(b"base64") else unquote_to_bytes(data)
        elif _CODED.search(said) is not None:
            content = _base64(value)
        elif match[1].upper() in _PAGES:
            content = shown(charsets.text(value)).encode("utf-8", "replace")
        else:
            continue
        ledger.spend_unpacked(len(content), place)
        if ledger.unpacked_left <= 0 or not ledger.spend_member(place):
            break
        members.append(held(_names_in(said)[: ledger.budget.names + 1], content))
    return Listing(tuple(members))


def _lines(octets: bytes, ledger: Ledger, place: str) -> Iterable[bytes]:
    """The lines that may have a file, unfolded; where some end in CR alone, to those to whom they do and to others."""
    octets = _narrow(octets)
    if b"\r" in octets:
        octets = _LINE_END.sub(b"\n", octets)
        if b"\r" in octets:
            forms = (octets.replace(b"\r", b"\n"), octets.replace(b"\r", b""))
            return dict.fromkeys(line for form in forms for line in _unfolded(form, ledger, place))
    return _unfolded(octets, ledger, place)


def _unfolded(octets: bytes, ledger: Ledger, place: str) -> Iterator[bytes]:
    if b"\n " in octets or b"\n\t" in octets:
        octets = _FOLD.sub(b"", octets)
    small, end = octets.lower(), 0
    while (sign := _SIGNS.first(small, end)) >= 0:
        start = small.rfind(b"\n", end, sign) + 1 or end
        end = small.find(b"\n", sign) + 1 or len(small)
        ledger.spend_inline(1, ledger.budget.inline_fields, "lines of calendars and cards that may have files")
        ledger.spend_steps(_STEPS, place)
        if not ledger.steps_left:
            break
        if (line := _LINE.match(octets, start, end)) is not None:
            yield line[0]


def _narrow(octets: bytes) -> bytes:
    """The same in UTF-8, where it is in UTF-16 or UTF-32, with a mark or without."""
    if b"\0" not in octets[:_WIDE_HEAD]:
        return octets
    return charsets.readings(octets, detect=lambda _: ()).texts[0].replace("\0", "").encode("utf-8", "replace")


def _base64(value: bytes) -> bytes:
    return encoded_words.base64(unquote_to_bytes(value) if b"%" in value else value)


def _names_in(parameters: bytes) -> list[str]:
    found = {
        (quoted or plain)[:_MAX_NAME].strip(b"\"' "): None
        for name, quoted, plain in _PARAMETER.findall(parameters)
        if name.upper().endswith(_NAMES)
    }
    return [charsets.text(unquote_to_bytes(name)) for name in found]


def is_one(text: str) -> bool:
    """Whether a text is a calendar or a card."""
    return text[:64].lstrip("\ufeff\r\n\t ").upper().startswith(("BEGIN:VCAL", "BEGIN:VCARD"))


def shown(text: str) -> str:
    """The text with its values decoded, its lines unfolded and its escapes undone, as readers show it (RFC 5545 3.1, 3.3.11)."""
    return _unescaped(_decoded(text))


def pages(text: str) -> list[str]:
    """Its values that readers show as HTML: the page in place of a description, or the description itself."""
    text = _decoded(text.replace("\r\n", "\n").replace("\r", "\n"))
    found = [_unescaped(value) for value in _PAGE.findall(text)] if "<" in text else []
    return found if len(found) <= _MAX_PAGES else [*found[:_MAX_PAGES], "<p>".join(found[_MAX_PAGES:])]


def _decoded(text: str) -> str:
    if "uoted" in text or "UOTED" in text:
        text = _QUOTED.sub(_unquoted, text)
    return _TEXT_FOLD.sub("", text)


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), text)


def _unquoted(match: re.Match[str]) -> str:
    said = _CHARSET.search(match[1])
    octets = binascii.a2b_qp(match[2].encode("utf-8", "replace"))
    return match[1] + charsets.text(octets, said[1] if said is not None else "")
