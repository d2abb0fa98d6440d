"""What acts in a web page or drawing that comes as a file, and the files that are written into it (HTML smuggling).

Nothing is run: a file is found where it stands in a data: address or in a script as base64, its pieces joined by "+" or not. What
a script computes in other ways is not seen, but that there is a script is. Promises: linear, bounded, never raises.
"""

import binascii
import itertools
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote_to_bytes

from screener.anatomy import charsets, filetype
from screener.anatomy.active import Active
from screener.anatomy.defects import Defect
from screener.anatomy.entities import unescaped
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, Member, held
from screener.anatomy.needle import Needles

_MAX_FILES = 200
_MAX_INDENT = 16  # blanks before an address
_MIN_BLOB = 96  # letters of base64 in a script that may be a file
# Looked for in lower case and each told by its letters, where the search begins: a page of megabytes costs a few milliseconds.
_SCRIPT = re.compile(rb"<\s{0,9}(?:[^\s<>/:\"'=]++:)?script[\s>/]")
_EVENT = re.compile(rb"on(?<=[\s/\"']on)[a-z]{3,32}\s*+=\s*+[^\s>]")  # a value without quotes begins with anything
_ADDRESS = re.compile(rb"script(?:(?<=javascript)|(?<=vbscript))[\s\x00]{0,9}:")
# XML that a browser shows as a page or drawing: by its vocabulary, a style sheet, or a document type, which may hide that.
_IS_SHOWN = Needles(
    b"www.w3.org/1999/xhtml",
    b"www.w3.org/2000/svg",
    b"www.w3.org/1999/xsl/transform",
    b"www.w3.org/tr/wd-xsl",
    b"schemas-microsoft-com:xslt",
    b"<?xml-stylesheet",
    b"<!entity",
    b"<!attlist",
)
_OWN_CHARSET = re.compile(rb"<\?xml[^<>]{1,200}?encoding\s{0,9}=\s{0,9}[\"']utf-7[\"']", re.IGNORECASE)
_EBCDIC = b"\x4c\x6f\xa7\x94"  # "<?xm" (XML 1.0 appendix F)
_SHIFTS = re.compile(rb"\x1b(?:\([BJI]|\$\(?[@BD])")  # of ISO-2022-JP (RFC 1468): no letters of their own
_BLANKS = b" \t\r\n\f"
_LINE = b"\t\r\n\0"  # what browsers leave out of an address (WHATWG URL 4.4)
_DATA_PAGE = re.compile(rb"data:\s{0,9}(?:text/html|image/svg|application/xhtml|text/xml|application/xml|application/javascript)")
_MAKES = Needles(b"createobjecturl", b"mssaveblob", b"mssaveoropenblob", b"showsavefilepicker")
_DOWNLOAD = re.compile(rb"\.download\s{0,9}=")
# One that has a body; in quotes up to the next, blanks and tags in it too (WHATWG URL 4.4, Infra 4.7), else up to these.
_DATA = re.compile(rb"data:([a-z0-9.+/-]{0,100})((?:;[^,;\"'<>\s]{0,100}){0,8}),(?![\"'()\\]|\Z)")
_DATA_END = re.compile(rb"[\"'<>()\s\\]")
_JOINT = re.compile(rb"[\"'`]\s{0,99}\+\s{0,99}[\"'`]")
_BLOB = re.compile(rb"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{%d,}+={0,2}" % _MIN_BLOB)
_NAME = re.compile(rb"[\"'`]([^\"'`\\<>\r\n/]{1,120}\.[A-Za-z0-9]{2,5})[\"'`]")
_SHOWN = ("image/", "font/", "audio/", "video/")
_SHOWN_TOO = frozenset(("application/postscript", filetype.TEXT, ""))
_NAMES = 16


def read(octets: bytes, _names: tuple[str, ...], ledger: Ledger, place: str) -> Listing:
    """What acts in a page, and the files in it."""
    return _page(_plain(octets, ledger, place), ledger, place)


def read_xml(octets: bytes, _names: tuple[str, ...], ledger: Ledger, place: str) -> Listing:
    """The same of XML that a browser would show as a page or drawing; nothing of any other, which only holds data."""
    plain = _plain(octets, ledger, place)
    return _page(plain, ledger, place) if _IS_SHOWN.are_in(plain.lower()) else Listing()


def _page(page: bytes, ledger: Ledger, place: str) -> Listing:
    active: dict[Active, None] = {}
    lower = page.lower()
    addresses = page.translate(None, _LINE)
    lower_addresses = addresses.lower()
    if b"script" in lower and _SCRIPT.search(lower) is not None:
        active.setdefault(Active.SCRIPT)
    if _EVENT.search(lower) is not None:
        active.setdefault(Active.EVENT)
    if _ADDRESS.search(lower_addresses) is not None:
        active.setdefault(Active.SCRIPT_ADDRESS)
    if _DATA_PAGE.search(lower_addresses) is not None:
        active.setdefault(Active.DATA_PAGE)
    files = _addressed(addresses, lower_addresses, ledger, place)
    members = tuple(_members(page, itertools.chain(files, _in_scripts(page)) if active else files, ledger, place))
    if members or _MAKES.are_in(lower) or _DOWNLOAD.search(lower) is not None:
        active.setdefault(Active.SMUGGLED_FILE)
    return Listing(members, active=tuple(active))


def _resolved(page: bytes) -> bytes:
    """With character references undone; what is no Latin-1 becomes "?". Numbers too long for any character are left out before."""
    return unescaped(page.decode("latin-1")).encode("latin-1", "replace")


def _plain(octets: bytes, ledger: Ledger, place: str) -> bytes:
    """A page in octets of ASCII with character references undone, if they are not too many."""
    if len(octets) > ledger.budget.document_octets:
        ledger.note(Defect.CONTAINER_TOO_LARGE, place)
        octets = octets[: ledger.budget.document_octets]
    plain = _ascii(octets)
    references = plain.count(b"&")
    return _resolved(plain) if references and ledger.spend_references(references, place) else plain


def _ascii(octets: bytes) -> bytes:
    """A page without NULs, of UTF-16 or not, which no markup needs and some browsers skip; EBCDIC and UTF-7 decoded."""
    if b"\0" in octets:
        octets = octets.replace(b"\0", b"")
    if octets.startswith(_EBCDIC):
        return octets.decode("cp037", "replace").encode("latin-1", "replace")
    if b"\x1b" in octets:
        octets = _SHIFTS.sub(b"", octets)
    if _OWN_CHARSET.match(octets) is not None:
        return octets.decode("utf-7", "replace").encode("latin-1", "replace")
    return octets


def _members(page: bytes, contents: Iterable[bytes], ledger: Ledger, place: str) -> Iterator[Member]:
    names: tuple[str, ...] | None = None
    for number, content in enumerate(contents):
        if names is None:
            names = tuple(dict.fromkeys(charsets.text(match[1]) for match in _NAME.finditer(page)))[:_NAMES]
        ledger.spend_unpacked(len(content), place)
        if ledger.unpacked_left <= 0:
            return
        if number >= _MAX_FILES:
            ledger.note(Defect.CONTAINER_TOO_MANY_MEMBERS, place)
            return
        if not ledger.spend_member(place):
            return
        yield held(names, content)


def _addressed(addresses: bytes, lower: bytes, ledger: Ledger, place: str) -> Iterator[bytes]:
    """Every file in a data: address that is none a page shows."""
    at = 0
    open_from = dict.fromkeys((b'"', b"'", b"`"), len(addresses))  # from where on there is no such quote
    while (match := _DATA.search(lower, at)) is not None and ledger.spend_address(place):
        media = match[1]
        end = _DATA_END.search(addresses, match.end())
        at = end.start() if end is not None else len(addresses)
        stop = at
        quote = addresses[max(0, match.start() - _MAX_INDENT) : match.start()].rstrip()[-1:]
        if match.start() < open_from.get(quote, 0):
            stop = addresses.find(quote, match.end())
            if stop < 0:
                open_from[quote] = match.start()
                stop = at
        body = addresses[match.end() : stop]
        content = _decoded(body) if b"base64" in match[2] else unquote_to_bytes(body)
        if content and (_is_file(content) or (media not in (b"", b"text/css") and not media.startswith(_SHOWN_MEDIA))):
            yield content


def _in_scripts(page: bytes) -> Iterator[bytes]:
    """Every file that stands in a page as base64, as scripts have them."""
    joined = _JOINT.sub(b"", page) if b"+" in page else page
    for match in _BLOB.finditer(joined):
        if joined[max(0, match.start() - 7) : match.start()] != b"base64," and _is_file(_decoded(match[0][:8192])):
            yield _decoded(match[0])


_SHOWN_MEDIA = (
    b"image/",
    b"font/",
    b"audio/",
    b"video/",
    b"application/font",
    b"application/x-font",
    b"text/plain",
    b"application/vnd.ms-font",
)


def _is_file(content: bytes) -> bool:
    """Whether octets are by their content something else than pages show."""
    kind = filetype.identify(content[:8192]).type
    return kind not in _SHOWN_TOO and not kind.startswith(_SHOWN)


def _decoded(letters: bytes) -> bytes:
    letters = unquote_to_bytes(letters) if b"%" in letters else letters
    body = letters.translate(None, _BLANKS).rstrip(b"=")
    try:
        return binascii.a2b_base64(body[: len(body) - (len(body) % 4 == 1)] + b"==")
    except binascii.Error:
        return b""
