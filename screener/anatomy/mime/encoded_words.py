"""Encoded words in headers (RFC 2047), as strict and as lenient readers decode them.

Promises: linear in the length of the text, never raises. Adjacent words of one charset are joined as octets before they are
decoded, because readers do so where a character is split over two words (RFC 2047 5 forbids it, senders do it).
"""

import binascii
import re
from collections.abc import Callable
from functools import partial

from screener.anatomy import charset_names, charsets

# Lenient: blanks within the text, RFC 2231 language tags, an empty text, an empty charset. Every repeat stops at the next "?".
_WORD = re.compile(r"=\?([^?\s]{0,128})\?([bBqQ])\?([^?]*(?:\?(?!=)[^?]*)?)\?=")
_UNNAMED = re.compile(r"=\?\?[bBqQ]\?[^?]*+\?=")
_NAMED = re.compile(r"=\?([^?*\s]{1,128})")  # its charset
# The end of one base64 word and the beginning of the next.
_SEAM = re.compile(r"\?=[ \t]*+=\?[^?\s]{0,128}\?[bB]\?")
# One of base64 that goes on behind its padding.
_ON = re.compile(r"(=\?[^?\s]{0,128}\?[bB]\?)([^?=]*+=[^?A-Za-z0-9+/]*+[A-Za-z0-9+/][^?]*+)(?=\?=)")
_QUOTED = re.compile(rb"=([0-9A-Fa-f]{2})")
_UNHEX = {b"%02x" % value: bytes((value,)) for value in range(256)}


def decode(text: str) -> str:
    """The text with its encoded words decoded; the same text where there are none."""
    return text if "=?" not in text else _decoded(text, joined=True)


def readings(text: str) -> tuple[str, ...]:
    """Every decoded form of a text with encoded words, the likeliest first, the raw text last."""
    if "=?" not in text:
        return (text,)
    seamless = _SEAM.sub("", text) if _of_one_charset(text) else text
    forms = [_decoded(text, joined=True), _decoded(text, joined=False), text]
    if seamless != text:
        forms.insert(0 if is_cut(text) else 2, _decoded(seamless, joined=True))
    if _ON.search(text) is not None:
        # Readers stop there, or begin anew, or skip the padding.
        anew = _ON.sub(lambda word: "?= ".join(word[1] + piece for piece in word[2].split("=")), text)
        skipped = _ON.sub(lambda word: word[1] + word[2].replace("=", ""), text)
        forms[-1:-1] = (_decoded(anew, joined=True), _decoded(skipped, joined=True))
    if not forms[0].isascii() and any(charset_names.lacks_ascii(charset_names.codec(one)) for one in {*_NAMED.findall(text)}):
        forms[-1:-1] = [_decoded(text, joined=True, read=read) for read in (charsets.unsaid, charsets.big_endian)]
    return tuple(dict.fromkeys(forms))


def otherwise(text: str, detect: Callable[[bytes], tuple[str, ...]]) -> tuple[str, ...]:
    """The text with words in UTF-8, or in what all of them seem to be in, where the charset that they declare proves nothing."""
    if "=?" not in text or (decoded := _decoded(text, joined=True)).isascii():
        return ()
    words = [_octets(word[2], word[3]) for word in _WORD.finditer(text)]
    octets = b" ".join(words)
    likely: tuple[str, ...] = ()
    if not charsets.is_utf8(b"".join(words)):
        likely = detect(octets) if charsets.is_foreign(octets) else ()
        if any(charset_names.says_nothing(word[1].partition("*")[0]) for word in _WORD.finditer(text)):
            likely += charset_names.LATIN_FALLBACKS
    others = [_decoded(text, joined=True, read=partial(charsets.other, likely=one)) for one in (*likely, "")]
    return tuple(dict.fromkeys(other for other in others if other != decoded))


def _of_one_charset(text: str) -> bool:
    """Whether all words are base64 of one charset: some writers cut base64 anywhere."""
    words = {(word[1].lower(), word[2].lower()) for word in _WORD.finditer(text)}
    return len(words) == 1 and words.pop()[1] == "b"


def is_cut(text: str) -> bool:
    """Whether a text is one run of base64 that was cut into words within a quantum; each by itself is garbage from there on."""
    pieces = _SEAM.sub("?", text).split("?")  # "=", charset, "b", one piece a word, "="
    return _of_one_charset(text) and len(pieces) - 4 == len(_WORD.findall(text)) and any(len(piece) % 4 for piece in pieces[3:-2])


def are_malformed(text: str, decoded: str) -> bool:
    """Whether something that was meant as an encoded word could not be read, or says no charset."""
    return ("=?" in decoded and "?=" in decoded) or _UNNAMED.search(text) is not None


def _decoded(text: str, joined: bool, read: Callable[[bytes, str], str] = charsets.text) -> str:
    out: list[str] = []
    octets: list[bytes] = []
    charset = ""
    end = 0
    for match in _WORD.finditer(text):
        between = text[end : match.start()]
        named = match[1].partition("*")[0].lower()  # RFC 2231 5: charset*language
        # Blanks between two encoded words are not shown (RFC 2047 6.2).
        adjacent = end > 0 and (not between or between.isspace())
        if octets and not (adjacent and joined and named == charset):
            out.append(read(b"".join(octets), charset))
            octets.clear()
        if not adjacent:
            out.append(between)
        octets.append(_octets(match[2], match[3]))
        charset = named
        end = match.end()
    if octets:
        out.append(read(b"".join(octets), charset))
    out.append(text[end:])
    return "".join(out)


def _octets(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8", "replace")
    if encoding in "bB":
        return base64(raw)
    return _QUOTED.sub(lambda match: _UNHEX[match[1].lower()], raw.replace(b"_", b" "))


def base64(raw: bytes) -> bytes:
    """Base64 as lenient readers take it: other characters skipped, padding supplied, a single left-over character dropped."""
    try:
        return binascii.a2b_base64(raw)
    except binascii.Error:
        only = _NOT_BASE64.sub(b"", raw)
        only = only[: len(only) - 1] if len(only) % 4 == 1 else only
        return binascii.a2b_base64(only + b"=" * (-len(only) % 4))


_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
