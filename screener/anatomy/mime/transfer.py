"""Undoing transfer encodings, in every way readers do it (RFC 2045 6).

Promises: linear, never raises, decodes nothing before it is asked. A clean body has one reading; a damaged one has those that
readers show: base64 that stops at "=", skips it, or goes line by line; quoted-printable strict and lenient; and the octets as they
stand. uuencode, BinHex and yEnc blocks are `blocks`'.
"""

import binascii
import re
from enum import StrEnum
from typing import assert_never

from screener.anatomy import charset_names
from screener.anatomy.defects import Defect
from screener.anatomy.mime import blocks, clean_base64, encoded_words
from screener.anatomy.repeated import repeated
from screener.frozen import dataclass


class Encoding(StrEnum):
    """What is undone."""

    IDENTITY = ""
    BASE64 = "base64"
    QUOTED_PRINTABLE = "quoted-printable"
    UUENCODE = "uuencode"
    BINHEX = "binhex"
    YENC = "yenc"


_IDENTITY = {"", "7bit", "8bit", "binary", "7-bit", "8-bit", "7bits", "8bits", "none", "text", "plain"}
_NAMES = {
    "base64": Encoding.BASE64,
    "quoted-printable": Encoding.QUOTED_PRINTABLE,
    "7bit": Encoding.IDENTITY,
    "8bit": Encoding.IDENTITY,
    "binary": Encoding.IDENTITY,
    "x-uuencode": Encoding.UUENCODE,
    "x-uue": Encoding.UUENCODE,
    "uuencode": Encoding.UUENCODE,
    "uue": Encoding.UUENCODE,
    "x-uu": Encoding.UUENCODE,
    "mac-binhex40": Encoding.BINHEX,
    "binhex": Encoding.BINHEX,
    "binhex40": Encoding.BINHEX,
    "x-binhex40": Encoding.BINHEX,
    "x-yenc": Encoding.YENC,
    "yenc": Encoding.YENC,
}
_PLAIN_NAMES = {"base64", "quoted-printable", "7bit", "8bit", "binary"}
_WORD = re.compile(r"[A-Za-z0-9_-]+")
_GUESSES = (
    ("64", Encoding.BASE64),
    ("quoted", Encoding.QUOTED_PRINTABLE),
    ("printable", Encoding.QUOTED_PRINTABLE),
    ("qp", Encoding.QUOTED_PRINTABLE),
    ("uu", Encoding.UUENCODE),
    ("hex", Encoding.BINHEX),
    ("yenc", Encoding.YENC),
)


@dataclass(frozen=True, slots=True)
class Declared:
    """The encodings a part's fields can be read as, the likeliest first, and what is odd about them."""

    encodings: tuple[Encoding, ...]
    defect: Defect | None = None
    sniffed: frozenset[Encoding] = frozenset()  # those of them that no field means in any way


_MISSPELT = {"7-bit", "8-bit", "7bits", "8bits", "7 bit", "8 bit"}  # all readers take them for what they mean
_SNIFFED = dict.fromkeys((Encoding.BASE64, Encoding.QUOTED_PRINTABLE))
_SEVEN_BIT = Declared((Encoding.IDENTITY,))
_COMMON = {name: Declared((_NAMES[name],)) for name in _PLAIN_NAMES}


def declared(values: list[str]) -> Declared:
    """What the Content-Transfer-Encoding values say (unfolded; several where the field is doubled)."""
    if not values:
        return _SEVEN_BIT
    if len(values) == 1 and (common := _COMMON.get(values[0].lower())) is not None:
        return common
    if len(values) == 1 and ((only := values[0].strip().lower()) in _MISSPELT or charset_names.codec(only)):
        # A charset is what careless scripts put here; no reader undoes anything for it.
        return Declared((Encoding.IDENTITY, *_SNIFFED), None, frozenset(_SNIFFED))
    found: dict[Encoding, None] = {}
    known = odd = False
    for value in values:
        lower = value.lower()
        if lower in _NAMES:
            found.setdefault(_NAMES[lower])
            known = True
            continue
        odd = True
        words = _WORD.findall(re.sub(r"\([^()]*\)?", " ", encoded_words.decode(lower)))
        for word in words:
            if word in _NAMES:
                known = True
                found.setdefault(_NAMES[word])
            elif word in _IDENTITY:
                known = True
            else:
                for mark, encoding in _GUESSES:
                    if mark in word:
                        found.setdefault(encoding)
    if not odd and len(found) == 1:
        return Declared(tuple(found))
    found.setdefault(Encoding.IDENTITY)
    if len(values) > 1 and not odd:
        return Declared(tuple(found), Defect.DUPLICATE_TRANSFER_ENCODING)
    if known or len(found) > 1 or all(not value for value in values):
        # Sniffed: what decodes as one of the two great encodings is looked at, whatever the field meant.
        return Declared(tuple(found | _SNIFFED), Defect.INVALID_TRANSFER_ENCODING, frozenset(_SNIFFED) - found.keys())
    return Declared(
        (Encoding.IDENTITY, *_SNIFFED, Encoding.UUENCODE),
        Defect.UNKNOWN_TRANSFER_ENCODING,
        frozenset((*_SNIFFED, Encoding.UUENCODE)),
    )


@dataclass(frozen=True, slots=True)
class Decoded:
    """The different results of decoding, the likeliest first, and what was odd."""

    results: tuple[bytes, ...]
    defects: tuple[Defect, ...] = ()
    clean: bool = True  # nothing in the octets speaks against the encoding

    def plausible(self, raw: bytes) -> bool:
        """Whether octets that only may be encoded so, are: something other than the octets themselves came out cleanly."""
        return self.clean and self.results[0] != raw and bool(self.results[0])


def looks_like(octets: bytes, encoding: Encoding) -> bool:
    """Whether octets that nothing says to be encoded so may be: told fast. Base64 is not full of "=", as quoted-printable is."""
    return encoding is not Encoding.BASE64 or octets.count(b"=") * 8 <= len(octets)


_BLANKS = b" \t\r\n"
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")
_LINE_ENDS = re.compile(rb"[\r\n]+")
_QUADS = re.compile(repeated(rb"[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}=="))
_MANY = 4_096


def base64(octets: bytes) -> Decoded:
    """All readings of base64."""
    if (faultless := clean_base64.decode(octets)) is not None:
        return Decoded((faultless,))
    packed = octets.translate(None, _BLANKS)
    try:
        return Decoded((binascii.a2b_base64(packed, strict_mode=True),))  # padding that is not needed is no fault
    except binascii.Error:
        pass
    only = _NOT_BASE64.sub(b"", packed) if _NOT_BASE64.search(packed) else packed
    stop = only.find(b"=")
    stopped = encoded_words.base64(only if stop < 0 else only[:stop])
    results = {stopped: None}
    text = only.rstrip(b"=")
    if b"=" in text:
        results.setdefault(encoded_words.base64(text.replace(b"=", b"")))
        # A new stream behind the padding: each is decoded on its own. Of very many only those that are whole quads are streams;
        # others are another encoding's "=", and would take a second a megabyte.
        if text.count(b"=") <= _MANY or _QUADS.fullmatch(only) is not None:
            results.setdefault(b"".join(map(encoded_words.base64, text.split(b"="))))
        # Most of it is one that stands last: a file behind a few octets of another.
        last = text.rpartition(b"=")[2]
        if 2 * len(last) > len(text):
            results.setdefault(encoded_words.base64(last))
    lines = _LINE_ENDS.split(octets)
    if len(lines) <= _MANY or len(octets) >= 8 * len(lines):  # shorter ones say nothing alone
        results.setdefault(b"".join(encoded_words.base64(line) for line in lines if line))
    if len(packed) != len(only):
        # Readers that stop at the first foreign character, or take it for a part of the stream that ends.
        stray = _NOT_BASE64.search(packed)
        if stray is not None:
            results.setdefault(encoded_words.base64(packed[: stray.start()]))
    found = [result for result in results if result] or [b""]
    best = found[0]
    others = [other for other in found[1:] if other != best]
    # A few foreign characters or blanks in a hundred are damage, more are text.
    foreign = len(packed) - len(only) + octets.count(b" ")
    clean = foreign * 20 <= len(packed) and (len(packed) >= 16 or len(packed) % 4 == 0)
    return Decoded((best, *others), (Defect.DAMAGED_BASE64 if others else Defect.SLOPPY_BASE64,), clean)


_ODD_EQUALS = re.compile(rb"=(?![0-9A-F]{2}|\r\n)")  # begins with one octet, so what lies between is skipped fast
_QP = re.compile(rb"=(?:([0-9A-Fa-f]{2})|[ \t\0]*(?:\r\n|\n|\r|\Z))")
_QP_SOFT = re.compile(rb"=[ \t]*\r?\n")
_QP_STRICT = re.compile(rb"=(?:([0-9A-Fa-f]{2})|\r\n)")
_HEX = {b"%02X" % value: bytes((value,)) for value in range(256)} | {b"%02x" % value: bytes((value,)) for value in range(256)}
_HEX |= {key[:1].lower() + key[1:]: value for key, value in _HEX.items()} | {
    key[:1].upper() + key[1:]: value for key, value in _HEX.items()
}


def _unquote(match: re.Match[bytes]) -> bytes:
    return b"" if match[1] is None else _HEX[match[1]]


def quoted_printable(octets: bytes) -> Decoded:
    """All readings of quoted-printable."""
    odd = not octets.isascii() or b" \r\n" in octets or b"\t\r\n" in octets or _ODD_EQUALS.search(octets) is not None
    if not odd:
        return Decoded((binascii.a2b_qp(octets),))
    lenient = _QP.sub(_unquote, octets)
    strict = _QP_STRICT.sub(_unquote, octets)
    c_like = binascii.a2b_qp(octets)
    joined = _QP.sub(_unquote, _QP_SOFT.sub(b"", octets))  # soft breaks first, as libqp and postal-mime: in the midst of "=41", too
    results = tuple(dict.fromkeys((lenient, strict, c_like, joined)))
    return Decoded(results, (Defect.DAMAGED_QUOTED_PRINTABLE if len(results) > 1 else Defect.SLOPPY_QUOTED_PRINTABLE,))


def decode(octets: bytes, encoding: Encoding) -> Decoded:
    """All readings of the octets in one encoding."""
    match encoding:
        case Encoding.IDENTITY:
            return Decoded((octets,))
        case Encoding.BASE64:
            return base64(octets)
        case Encoding.QUOTED_PRINTABLE:
            return quoted_printable(octets)
        case Encoding.UUENCODE:
            return _written(octets, Defect.UUENCODED_BLOCK)
        case Encoding.BINHEX:
            return _written(octets, Defect.BINHEX_BLOCK)
        case Encoding.YENC:
            return _written(octets, Defect.YENC_BLOCK)
        case _:
            assert_never(encoding)


def _written(octets: bytes, way: Defect) -> Decoded:
    """The files written one of these ways, and the octets as they stand for readers that do not know it."""
    found = [block.octets for block in blocks.find(octets) if block.defect is way]
    if not found and way is Defect.UUENCODED_BLOCK:
        # Some readers need no "begin" line.
        headless, _, lines = blocks.uudecode(octets, len(octets) - len(octets.lstrip(_BLANKS)))
        found = [headless] if lines else []
    results = tuple(dict.fromkeys((*found, octets)))
    return Decoded(results, (way if found else Defect.UNKNOWN_TRANSFER_ENCODING,), clean=bool(found))
