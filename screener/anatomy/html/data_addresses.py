"""The files that stand in data: addresses of a page (RFC 2397): what they are, what they say they are, what they would be called.

What a page itself shows of them - pictures, fonts, styles - is no file unless a reader offers to store it, or it is something else
by its content. Promises: linear, bounded by the ledger, never raises.
"""

import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from screener.anatomy import charsets, filetype
from screener.anatomy.ledger import Ledger
from screener.anatomy.mime import unnamed
from screener.anatomy.repeated import repeated
from screener.frozen import dataclass

LINE = b"\t\r\n\0"  # what browsers leave out of an address (WHATWG URL 4.4)
_BLANKS = b" \t\r\n\f"
_QUOTES = (b'"', b"'", b"`")
_INDENT = bytes(range(33))  # what may stand before one (WHATWG URL 4.4), …
_MAX_INDENT = 16  # … and how much of it is looked behind
_NEAR = 500  # octets around an address in which its tag may say "download" where it was not understood
# One that has a body; in quotes up to the next, blanks and tags in it too (WHATWG URL 4.4, Infra 4.7), else up to these.
_BEGINS = b"data:"
_DATA = re.compile(rb"data:\s{0,9}([a-z0-9.+/_-]{0,100})((?:\s{0,9};[^,\"'<>]{0,1000}+)?),(?![\"'()\\]|\Z)")
_BASE64 = re.compile(rb"; *+base64\s*+\Z")
_VALUE_END = re.compile(rb"[ \f>]")
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
    ends = _Ends(page)
    tags = _Tags(page, lower)
    while (begun := lower.find(_BEGINS, at)) >= 0:
        before, at = at, begun + len(_BEGINS)
        mark = page[max(0, begun - _MAX_INDENT) : begun].rstrip(_INDENT)[-1:]
        if quoted and mark not in _QUOTED:
            continue
        match = _DATA.match(lower, begun)
        if match is None:
            # Whatever stands before the comma, no browser refuses it (WHATWG Fetch, data: URL processor).
            stop = ends.of_value(mark, begun)
            body = ends.of_header(begun, stop)
            if not body or not ledger.spend_address(place):
                continue
            media, _, parameters = lower[at : body - 1].partition(b";")
            parameters = b";" + parameters
            if mark == b"=":
                at = stop
        else:
            if not ledger.spend_address(place):
                return
            media, parameters, body = match[1], match[2], match.end()
            end = _DATA_END.search(page, body)
            at = end.start() if end is not None else len(page)
            stop = (ends.of_value(mark, begun) if mark in _QUOTES else 0) or at
        tags.seek(begun)
        stored = tags.stored_as()
        if match is not None and not stored and tags.name in (b"", *_STORING) and not media.startswith(_SHOWN_MEDIA):
            # Not understood as browsers do, perhaps: a quote within may have ended the tag too early.
            stored = _near(page, lower, max(before, begun - _NEAR), begun) + _near(page, lower, stop, stop + _NEAR)
        for content in _bodies(page[body:stop], parameters):
            if content and (stored or is_file(content) or (match is not None and _is_apart(media, tags.name))):
                called = [charsets.text(unquote_to_bytes(one)) for one in _CALLED.findall(page[begun:body])]
                types = (media.decode("ascii"),) if match is not None and _is_declared(media, tags.name) else ()
                said = tuple(one.decode("ascii") for one in _CHARSET.findall(parameters))
                yield Addressed(content, (*stored, *called), types, said)


class _Ends:
    """Where addresses of a page end, asked for in order: each octet is looked at once a kind."""

    __slots__ = ("_comma", "_page", "_unquoted", "_without")

    def __init__(self, page: bytes) -> None:
        self._page = page
        self._comma = 0
        self._unquoted = 0
        self._without = dict.fromkeys(_QUOTES, len(page))  # from where on there is no such quote

    def of_value(self, mark: bytes, at: int) -> int:
        """Of a value behind a quote or a "=": its end; 0 where it has none."""
        if mark == b"=":
            if self._unquoted <= at:
                end = _VALUE_END.search(self._page, at)
                self._unquoted = len(self._page) if end is None else end.start()
            return self._unquoted
        if at >= self._without.get(mark, 0):
            return 0
        end_quote = self._page.find(mark, at)
        if end_quote < 0:
            self._without[mark] = at
        return max(0, end_quote)

    def of_header(self, at: int, stop: int) -> int:
        """The place behind the first comma of an address; 0 where it has none."""
        if not stop:
            return 0
        if self._comma < at:
            comma = self._page.find(b",", at)
            self._comma = len(self._page) if comma < 0 else comma
        return self._comma + 1 if self._comma < stop - 1 else 0


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
    runs = element in (b"", b"script") and unnamed.acts(media.decode("ascii"))
    return b"/" in media and not runs


def document(address: str) -> Document | None:
    """What a frame shows that leads to an address; None where that is no text in the address itself."""
    octets = address.encode("utf-8", "replace").strip(_INDENT).translate(None, LINE)
    match = _DATA.match(lower := octets.lower())
    if match is None or not (match[1] in _PLAIN or _MARKED_UP.search(match[1])):
        return None
    said = _CHARSET.search(lower, *match.span(2))
    content = next(_bodies(octets[match.end() :], match[2]))
    text = charsets.text(content, "" if said is None else said[1].decode("ascii"))
    return Document(text, match[1] in _PLAIN)


def _bodies(letters: bytes, parameters: bytes) -> Iterator[bytes]:
    """What an address holds; both ways where "base64" stands elsewhere than at the end of its parameters."""
    if b"base64" in parameters:
        yield decoded(letters)
    if _BASE64.search(parameters) is None:
        yield unquote_to_bytes(letters)


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
