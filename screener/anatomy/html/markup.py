"""What acts in a web page or drawing that comes as a file, and the files that are written into it (HTML smuggling).

Nothing is run: a file is found where it stands in a data: address (`data_addresses` knows these) or in a script as base64, its
pieces joined by "+" or not. What a script computes in other ways is not seen, but that there is a script is. Promises: linear,
bounded, never raises.
"""

import itertools
import re
from collections.abc import Iterable, Iterator

from screener.anatomy import charset_names, charsets
from screener.anatomy.active import Active
from screener.anatomy.defects import Defect, Limit
from screener.anatomy.html import data_addresses
from screener.anatomy.html.data_addresses import Addressed
from screener.anatomy.html.entities import unescaped
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, Member, held
from screener.anatomy.needle import Needle, Needles
from screener.anatomy.office import xml_source

_MAX_FILES = 200
_MIN_BLOB = 96  # letters of base64 in a script that may be a file
# Looked for in lower case and each told by its letters, where the search begins: a page of megabytes costs a few milliseconds.
_SCRIPT = re.compile(rb"<\s{0,9}(?:[^\s<>/:\"'=]++:)?script[\s>/]")
# What no browser runs (WHATWG HTML 4.12.1), as orders and parcels have it; written in any other way it counts as a script.
_DATA_BLOCK = re.compile(
    rb"<script\s++type=(?:\"application/(?:ld\+)?json\"|'application/(?:ld\+)?json'|application/(?:ld\+)?json(?=[\s>]))"
    rb"(?:\s++(?:id|class|nonce|data-[a-z-]{1,40})=\"[^\"<>&]{0,200}\"){0,9}\s*+>"
)
_EVENT = re.compile(rb"on(?<=[\s/\"']on)[a-z]{3,32}\s*+=\s*+[^\s>]")  # a value without quotes begins with anything
_ADDRESS = re.compile(rb"script(?:(?<=javascript)|(?<=vbscript))[\s\x00]{0,9}:")
# XML that a browser shows as a page or drawing: by its vocabulary, a style sheet, or a document type, which may hide that.
_TRANSFORM = b"www.w3.org/1999/xsl/transform"
_STYLE = b"<?xml-stylesheet"  # together with the one above: a program that makes a page of itself
_IS_SHOWN = Needles(
    b"www.w3.org/1999/xhtml",
    b"www.w3.org/2000/svg",
    _TRANSFORM,
    b"www.w3.org/tr/wd-xsl",
    b"schemas-microsoft-com:xslt",
    _STYLE,
    b"<!entity",
    b"<!attlist",
)
_OWN_CHARSET = re.compile(rb"<\?xml[^<>]{1,200}?encoding\s{0,9}=\s{0,9}[\"']utf-7[\"']", re.IGNORECASE)
_EBCDIC = b"\x4c\x6f\xa7\x94"  # "<?xm" (XML 1.0 appendix F)
_SHIFTS = re.compile(rb"\x1b(?:\([BJI]|\$\(?[@BD])")  # of ISO-2022-JP (RFC 1468): no letters of their own
_DATA_PAGE = re.compile(rb"data:\s{0,9}(?:text/html|image/svg|application/xhtml|text/xml|application/xml|application/javascript)")
_MAKES = Needles(b"createobjecturl", b"mssaveblob", b"mssaveoropenblob", b"showsavefilepicker")
_DOWNLOAD = re.compile(rb"\.download\s{0,9}=")
_JOINT = re.compile(rb"[\"'`]\s{0,99}\+\s{0,99}[\"'`]")
_BLOB = re.compile(rb"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{%d,}+={0,2}" % _MIN_BLOB)
_NAME = re.compile(rb"[\"'`]([^\"'`\\<>\r\n/]{1,120}\.[A-Za-z0-9]{2,5})[\"'`]")
_STORED = re.compile(
    rb"(?:download[\"'`]?|saveas\([^\"'`]{0,99}|file\([^\"'`]{0,99})\s{0,9}[=,]\s{0,9}[\"'`]([^\"'`\\<>\r\n]{1,120})[\"'`]",
    re.IGNORECASE,
)
_OCTETS = 16  # of markup that entities stand for cost as much as a reference
_NAMES = 16  # of what scripts say, and as many of what they store
# The texts that readers show as pages.
BODIES = frozenset(("text/html", "application/xhtml+xml", "text/xhtml", "text/x-amp-html", "text/watch-html", "text/x-watch-html"))
_LOWER = bytes(range(256)).lower()
_ADDRESSES = Needle(b"data:")
# Character references to a letter of "data:", or to what is left out of an address.
_MAY_SPELL = re.compile(
    rb"&(?:colon;|tab;|newline;|#0{0,99}(?:9|10|13|58|65|68|84|97|100|116)(?![0-9])|#x0{0,99}(?:[9ad]|3a|[46][14]|[57]4)(?![0-9a-f]))"
)


def read(octets: bytes, ledger: Ledger, place: str) -> Listing:
    """What acts in a page, and the files in it."""
    return _page(_plain(_without_data(octets), ledger, place), ledger, place)


def read_xml(octets: bytes, ledger: Ledger, place: str) -> Listing:
    """The same of XML that a browser would show as a page or drawing; nothing of any other, which only holds data."""
    plain = _plain(octets, ledger, place)
    return _page(plain, ledger, place) if _IS_SHOWN.are_in(plain.lower()) else Listing()


def addressed(octets: bytes, declared: tuple[str, ...], ledger: Ledger, place: str) -> Iterator[Member]:
    """The files in the addresses of a body in HTML, whatever its charset; what acts there is told by `acting`."""
    for text in _readings(octets, declared):
        if not _may_address(text):
            continue
        ledger.spend_document(len(text))
        page = _undone(text, ledger, place)
        addresses = page.translate(None, data_addresses.LINE)
        files = data_addresses.find(addresses, addresses.lower(), ledger, place, quoted=True)
        yield from _members(page, files, ledger, place, all_names=False)


def acting(octets: bytes, declared: tuple[str, ...], ledger: Ledger, place: str) -> tuple[Active, ...]:
    """What acts in a body in HTML, whatever its charset; the files in its addresses are found by `addressed`."""
    found: dict[Active, None] = {}
    for text in _readings(octets, declared):
        if b"<" not in text:
            continue
        ledger.spend_document(len(text))
        page = _undone(text, ledger, place)
        lower = page.lower()
        active = _acts(lower, lower.translate(None, data_addresses.LINE))
        if _stores(lower) or (active and next(_in_scripts(page), None) is not None):
            active.setdefault(Active.SMUGGLED_FILE)
        found |= active
    return tuple(found)


def _readings(octets: bytes, declared: tuple[str, ...]) -> Iterator[bytes]:
    yield _ascii(_without_data(octets))
    for charset in declared:
        if (name := charset_names.codec(charset)) and not charset_names.seven_bit_means_ascii(name):
            yield charsets.text(octets, charset).encode("latin-1", "replace")


def _without_data(octets: bytes) -> bytes:
    """A page as it came without the tags of scripts that are data."""
    return _DATA_BLOCK.sub(b"<data>", octets) if b"json" in octets else octets


def _may_address(text: bytes) -> bool:
    """Whether "data:" may stand in a text, told fast, and nearly always no."""
    lower = text.translate(_LOWER, data_addresses.LINE)
    return _ADDRESSES.is_in(lower) or (b"&" in lower and (b"<!entity" in lower or _MAY_SPELL.search(lower) is not None))


def _page(page: bytes, ledger: Ledger, place: str) -> Listing:
    lower = page.lower()
    addresses = page.translate(None, data_addresses.LINE)
    lower_addresses = addresses.lower()
    active = _acts(lower, lower_addresses)
    files = data_addresses.find(addresses, lower_addresses, ledger, place)
    members = tuple(_members(page, itertools.chain(files, _in_scripts(page)) if active else files, ledger, place))
    if members or _stores(lower):
        active.setdefault(Active.SMUGGLED_FILE)
    return Listing(members, active=tuple(active))


def _acts(lower: bytes, lower_addresses: bytes) -> dict[Active, None]:
    """What acts in a page in lower case, but for files that it stores; `lower_addresses`: without line ends."""
    active: dict[Active, None] = {}
    if (b"script" in lower and _SCRIPT.search(lower) is not None) or (_STYLE in lower and _TRANSFORM in lower):
        active.setdefault(Active.SCRIPT)
    if _EVENT.search(lower) is not None:
        active.setdefault(Active.EVENT)
    if _ADDRESS.search(lower_addresses) is not None:
        active.setdefault(Active.SCRIPT_ADDRESS)
    if _DATA_PAGE.search(lower_addresses) is not None:
        active.setdefault(Active.DATA_PAGE)
    return active


def _stores(lower: bytes) -> bool:
    """Whether a page in lower case has the browser store what a script makes."""
    return _MAKES.are_in(lower) or _DOWNLOAD.search(lower) is not None


def _resolved(page: bytes) -> bytes:
    """With character references undone; what is no Latin-1 becomes "?". Numbers too long for any character are left out before."""
    return unescaped(page.decode("latin-1")).encode("latin-1", "replace")


def _plain(octets: bytes, ledger: Ledger, place: str) -> bytes:
    """A page in octets of ASCII with character references undone, if they are not too many."""
    if len(octets) > ledger.budget.document_octets:
        ledger.note(Defect.CONTAINER_TOO_LARGE, place, Limit.DOCUMENT)
        octets = octets[: ledger.budget.document_octets]
    return _undone(_ascii(octets), ledger, place)


def _undone(text: bytes, ledger: Ledger, place: str) -> bytes:
    """The page with character references undone, once more behind itself with what its document type declares."""
    if b"<!ENTITY" in text or b"<!ATTLIST" in text:
        ledger.refuse_inline(f"what the document type of {place} declares")
        shown, is_cut = xml_source.read(text.decode("latin-1"), defaults=True)
        if is_cut:
            ledger.note(Defect.CONTAINER_TOO_LARGE, place, Limit.FIXED)
        if ledger.spend_references(len(shown) // _OCTETS, place):
            text += b"\n" + shown.encode("latin-1", "replace")
    references = text.count(b"&")
    return _resolved(text) if references and ledger.spend_references(references, place) else text


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


def _members(page: bytes, files: Iterable[Addressed], ledger: Ledger, place: str, *, all_names: bool = True) -> Iterator[Member]:
    """Files as members; `all_names`: whatever a script may call them."""
    names: tuple[str, ...] | None = None if all_names else ()
    for number, file in enumerate(files):
        if names is None:
            stored, others = (itertools.islice(dict.fromkeys(pattern.findall(page)), _NAMES) for pattern in (_STORED, _NAME))
            names = tuple(dict.fromkeys(map(charsets.text, (*stored, *others))))
        ledger.spend_unpacked(len(file.content), place)
        if ledger.unpacked_left <= 0:
            return
        if number >= _MAX_FILES:
            ledger.note(Defect.CONTAINER_TOO_MANY_MEMBERS, place)
            return
        if not ledger.spend_member(place):
            return
        yield held((*file.names, *names), file.content, file.types, file.charsets)


def _in_scripts(page: bytes) -> Iterator[Addressed]:
    """Every file that stands in a page as base64, as scripts have them."""
    joined = _JOINT.sub(b"", page) if b"+" in page else page
    for match in _BLOB.finditer(joined):
        is_known = joined[max(0, match.start() - 7) : match.start()] == b"base64,"
        if not is_known and data_addresses.is_file(data_addresses.decoded(match[0][:8192])):
            yield Addressed(data_addresses.decoded(match[0]))
