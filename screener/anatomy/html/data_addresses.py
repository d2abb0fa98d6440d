"""The files that stand in data: addresses of a page (RFC 2397): what they are, what they say they are, what they would be called.

What a page itself shows of them - pictures, fonts, styles - is no file unless a reader offers to store it, or it is something else
by its content. Promises: linear, bounded by the ledger, never raises.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from screener.anatomy import charsets, filetype
from screener.anatomy.ledger import Ledger
from screener.anatomy.mime import unnamed
from screener.anatomy.repeated import repeated

LINE = b"\t\r\n\0"  # what browsers leave out of an address (WHATWG URL 4.4)
_BLANKS = b" \t\r\n\f"
_INDENT = bytes(range(33))  # what may stand before one (WHATWG URL 4.4), …
_MAX_INDENT = 16  # … and how much of it is looked behind
_NEAR = 500  # octets around an address in which its tag may say "download" where it was not understood
# One that has a body; in quotes up to the next, blanks and tags in it too (WHATWG URL 4.4, Infra 4.7), else up to these.
_DATA = re.compile(rb"data:\s{0,9}([a-z0-9.+/_-]{0,100})((?:\s{0,9};[^,\"'<>]{0,1000}+)?),(?![\"'()\\]|\Z)")
_DATA_END = re.compile(rb"[\"'<>()\s\\]")
_CHARSET = re.compile(rb";\s{0,9}charset=([a-z0-9_.:-]{1,64})")
_CALLED = re.compile(rb";\s{0,9}(?:file)?name=([^;,]{1,100})", re.IGNORECASE)  # no standard's; Thunderbird writes it
_TAG_BEGINS = re.compile(rb"<(?=[a-z])")
_TAG = re.compile(rb"<([a-z][^\s/>]*+)" + repeated(rb"[^=>]++|=\s*+(?>(?:\"[^\"]*+\"|'[^']*+')?)"))
_ATTRIBUTE = re.compile(rb"([^\s=>\"'/<]++)(?>(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>\"']++)))?)")
_STORED_NEAR = re.compile(
    rb"(?<![\w-])download\s{0,9}=\s{0,9}(?:\"([^\"]{1,300})\"|'([^']{1,300})'|([^\s\"'>]{1,300}))", re.IGNORECASE
)
_QUOTED = b"=\"'`(;,"  # one of them stands before every address that a reader of a mail follows
_OPENING = frozenset(
    (b"a", b"area", b"iframe", b"frame", b"object", b"embed", b"meta")
)  # elements that show it in a place of its own
_SHOWN = ("image/", "font/", "audio/", "video/")
_SHOWN_TOO = frozenset(("application/postscript", filetype.TEXT, ""))
_SHOWN_MEDIA = (
    b"image/",
    b"font/",
    b"audio/",
    b"video/",
    b"application/font",
    b"application/x-font",
    b"text/css",
    b"application/vnd.ms-font",
)
_MARKED_UP = re.compile(rb"html|xml")
_PLAIN = (b"", b"text/plain")
_STORING = (b"a", b"area")  # elements whose "download" stores what they lead to (WHATWG HTML 4.6.5)
_NAMES = 16


@dataclass(frozen=True, slots=True)
class Addressed:
    """One file; `types` and `charsets` are what its address declares, if anything."""

    content: bytes
    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    charsets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A text that a frame shows; `is_plain` where it has no markup."""

    text: str
    is_plain: bool


class _Tags:
    """The tags of a page, asked for in order."""

    __slots__ = ("_end", "_lower", "_page", "_start", "_stored", "name")

    def __init__(self, page: bytes, lower: bytes) -> None:
        self._page = page
        self._lower = lower
        self._start = self._end = 0
        self._stored: tuple[str, ...] | None = None  # not looked for yet
        self.name = b""  # of the one that was asked for; b"" where there is none

    def seek(self, at: int) -> None:
        """The tag in which an octet stands, no earlier than the last."""
        while self._end <= at:
            begun = _TAG_BEGINS.search(self._lower, self._end, at)
            tag = None if begun is None else _TAG.match(self._lower, begun.start())
            if tag is None:
                self._start = self._end = at
                self.name = b""
                return
            self._start, self._end, self.name = tag.start(), tag.end(), tag[1]
            self._stored = None

    def stored_as(self) -> tuple[str, ...]:
        """What a browser would call what it stores, "" where it chooses a name; () where it stores nothing."""
        if self.name not in _STORING:
            return ()
        if self._stored is None:
            values: list[bytes] = []
            if self._lower.find(b"download", self._start, self._end) >= 0:
                attributes = _ATTRIBUTE.finditer(self._page, self._start, self._end)
                values = [match[2] or match[3] or match[4] or b"" for match in attributes if match[1].lower() == b"download"]
            self._stored = tuple(charsets.text(value) for value in values[:_NAMES])
        return self._stored


def find(page: bytes, lower: bytes, ledger: Ledger, place: str, *, quoted: bool = False) -> Iterator[Addressed]:
    """The files of a page without character references and line ends. `lower`: the same in lower case.

    `quoted`: only addresses that stand in attributes or styles, not in words.
    """
    at = 0
    open_from = dict.fromkeys((b'"', b"'", b"`"), len(page))  # from where on there is no such quote
    tags = _Tags(page, lower)
    while (match := _DATA.search(lower, at)) is not None and ledger.spend_address(place):
        before, begun, body = at, match.start(), match.end()
        end = _DATA_END.search(page, body)
        at = stop = end.start() if end is not None else len(page)
        mark = page[max(0, begun - _MAX_INDENT) : begun].rstrip(_INDENT)[-1:]
        if quoted and mark not in _QUOTED:
            continue
        if begun < open_from.get(mark, 0):
            stop = page.find(mark, body)
            if stop < 0:
                open_from[mark] = begun
                stop = at
        content = _body(page[body:stop], match[2])
        if not content:
            continue
        tags.seek(begun)
        stored = tags.stored_as()
        if not stored and tags.name in (b"", *_STORING) and not match[1].startswith(_SHOWN_MEDIA):
            # Not understood as browsers do, perhaps: a quote within may have ended the tag too early.
            stored = _near(page, lower, max(before, begun - _NEAR), begun) + _near(page, lower, stop, stop + _NEAR)
        if stored or is_file(content) or _is_apart(match[1], tags.name):
            called = [charsets.text(unquote_to_bytes(one)) for one in _CALLED.findall(page, *match.span(2))]
            types = (match[1].decode("ascii"),) if _is_declared(match[1], tags.name) else ()
            said = tuple(one.decode("ascii") for one in _CHARSET.findall(match[2]))
            yield Addressed(content, (*stored, *called), types, said)


def _near(page: bytes, lower: bytes, start: int, end: int) -> tuple[str, ...]:
    """The names under which something near is stored."""
    if lower.find(b"download", start, end) < 0:
        return ()
    return tuple(charsets.text(one[1] or one[2] or one[3]) for one in _STORED_NEAR.finditer(page, start, end))


def _is_apart(media: bytes, element: bytes) -> bool:
    """Whether what is of a type is shown for itself, or not at all, instead of being a piece of the page."""
    if media in _PLAIN or media.startswith(b"image/svg"):
        return element in _OPENING
    return b"/" in media and not media.startswith(_SHOWN_MEDIA)


def _is_declared(media: bytes, element: bytes) -> bool:
    """Whether the type says what a reader makes of it; a script that a page runs is no file of that type."""
    runs = element in (b"", b"script") and bool(unnamed.names((media.decode("ascii"),), ()))
    return b"/" in media and not runs


def document(address: str) -> Document | None:
    """What a frame shows that leads to an address; None where that is no text in the address itself."""
    octets = address.encode("utf-8", "replace").strip(_INDENT).translate(None, LINE)
    match = _DATA.match(lower := octets.lower())
    if match is None or not (match[1] in _PLAIN or _MARKED_UP.search(match[1])):
        return None
    said = _CHARSET.search(lower, *match.span(2))
    text = charsets.text(_body(octets[match.end() :], match[2]), "" if said is None else said[1].decode("ascii"))
    return Document(text, match[1] in _PLAIN)


def _body(letters: bytes, parameters: bytes) -> bytes:
    return decoded(letters) if b"base64" in parameters else unquote_to_bytes(letters)


def decoded(letters: bytes) -> bytes:
    """Base64 as browsers read it; b"" where it is none."""
    letters = unquote_to_bytes(letters) if b"%" in letters else letters
    body = letters.translate(None, _BLANKS).rstrip(b"=")
    try:
        return binascii.a2b_base64(body[: len(body) - (len(body) % 4 == 1)] + b"==")
    except binascii.Error:
        return b""


def is_file(content: bytes) -> bool:
    """Whether octets are by their content something else than pages show."""
    kind = filetype.identify(content[:8192]).type
    return kind not in _SHOWN_TOO and not kind.startswith(_SHOWN)
