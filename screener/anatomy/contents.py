"""Which reader opens what: the table of everything that can hold files or act.

A file is opened as all the types it is by its content; where its content is nothing known, as what its name says it is, so that
damage is seen (a .docx that is no ZIP cannot be judged). Programs for archives search a file for one however much stands before it:
what is long, is called an archive and is none at its beginning is searched, too. Web pages have no signature: there the name and
the declared type count too.
"""

from collections.abc import Callable

from screener.anatomy import (
    activemime,
    apple,
    archive,
    filetype,
    invitation,
    markup,
    ole,
    onenote,
    pdf,
    rtf,
    sylk,
    word_xml,
    written,
)
from screener.anatomy.active import Active
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, joined

Reader = Callable[[bytes, tuple[str, ...], Ledger, str], Listing]


def _shortcut(_octets: bytes, _names: tuple[str, ...], _ledger: Ledger, _place: str) -> Listing:
    return Listing(active=(Active.LAUNCH,))


def _page(octets: bytes, names: tuple[str, ...], ledger: Ledger, place: str) -> Listing:
    """A page; Word opens what begins like one as its own XML, too."""
    return joined((markup.read(octets, names, ledger, place), word_xml.read(octets, names, ledger, place)))


def _xml(octets: bytes, names: tuple[str, ...], ledger: Ledger, place: str) -> Listing:
    return joined((markup.read_xml(octets, names, ledger, place), word_xml.read(octets, names, ledger, place)))


DOCUMENTS: dict[str, Reader] = {
    "application/pdf": pdf.read,
    "application/x-ole-storage": ole.read,
    "text/rtf": rtf.read,
    "application/onenote": onenote.read,
    "text/html": _page,
    "image/svg+xml": _page,
    "application/hta": _page,
    "text/xml": _xml,
    "text/spreadsheet": sylk.read,
    "application/x-mso": activemime.read,
    "text/calendar": invitation.read,
    "text/vcard": invitation.read,
    "text/x-uuencode": written.read,
    "application/mac-binhex40": written.read,
    "application/applefile": apple.read,
    "application/x-ms-shortcut": _shortcut,
}
# What cannot be judged if it is not what its last extension says.
_ZIPPED_WORDS = (
    "docx docm dotx dotm xlsx xlsm xltx xltm xlsb xlam pptx pptm potx potm ppsx ppsm ppam vsdx vsdm xps "  # Microsoft's
    "odt ods odp odg ott epub zip jar"
)
_ARCHIVE_WORDS = "rar 7z cab tar gz tgz bz2 xz"
_COMPOUND_WORDS = "doc dot xls xlt ppt pps pot msg"
_PAGE_WORDS = "htm html shtml shtm xhtml xht mht mhtml svg"
_BY_NAME = {
    **dict.fromkeys(_ZIPPED_WORDS.split(), "application/zip"),
    **dict.fromkeys(_COMPOUND_WORDS.split(), "application/x-ole-storage"),
    "rar": "application/x-rar",
    "7z": "application/x-7z-compressed",
    "cab": "application/vnd.ms-cab-compressed",
    "tar": "application/x-tar",
    "gz": "application/gzip",
    "tgz": "application/gzip",
    "bz2": "application/x-bzip2",
    "xz": "application/x-xz",
    "one": "application/onenote",
    "mso": "application/x-mso",
}
# Anything may be called .doc or .xls, and is then shown as what it is; these are opened as archives or not at all.
ARCHIVES = frozenset((*_ZIPPED_WORDS.split(), *_ARCHIVE_WORDS.split()))
_OPENED = archive.CONTAINERS | archive.UNREADABLE | {"application/x-ole-storage"}  # an Office document with a password is the last
_PAGES = {
    **dict.fromkeys(_PAGE_WORDS.split(), "text/html"),
    "hta": "application/hta",
    **dict.fromkeys(("ics", "ifb", "vcs"), "text/calendar"),
    **dict.fromkeys(("vcf", "vcard"), "text/vcard"),
    **dict.fromkeys(("uu", "uue", "hqx", "xxe"), "text/x-uuencode"),
    "rtf": "text/rtf",
    **dict.fromkeys(("xml", "xsl", "xslt", "doc", "dot"), "text/xml"),
    "slk": "text/spreadsheet",
}
_PAGE_TYPES = frozenset(("text/html", "application/xhtml+xml", "image/svg+xml"))
_XML_TYPES = frozenset(("text/xml", "application/xml", "application/xslt+xml", "text/xsl"))
# ZIPs in all but name: what they are is told by their members.
ZIPPED = "application/zip"


def kinds(types: frozenset[str], extension: str, declared: tuple[str, ...], *, searched: bool = True) -> tuple[str, ...]:
    """As what a file is opened, in a fixed order; () where it holds nothing.

    `types` by content, `extension` its last; `searched`: all of it was looked through for signatures, not its ends alone.
    """
    found = {one for one in types if one in DOCUMENTS or one in archive.CONTAINERS}
    if (kind := _BY_NAME.get(extension)) is not None and (
        not types or (not searched and extension in ARCHIVES and types.isdisjoint(_OPENED))
    ):
        found.add(kind)
    if not types or filetype.TEXT in types:
        if (kind := _PAGES.get(extension)) is not None:
            found.add(kind)
        elif not _PAGE_TYPES.isdisjoint(declared):
            found.add("text/html")
        elif not _XML_TYPES.isdisjoint(declared):
            found.add("text/xml")
    return tuple(sorted(found))


def may_hold(types: frozenset[str]) -> bool:
    """Whether something of these types must be looked into."""
    return any(one in DOCUMENTS or one in archive.CONTAINERS for one in types)


def listing(kind: str, octets: bytes, names: tuple[str, ...], ledger: Ledger, place: str) -> Listing:
    """What a file opened as this kind holds. May raise ForeignParserNeeded."""
    reader = DOCUMENTS.get(kind)
    if reader is None:
        return archive.listing(kind, octets, names, ledger, place)
    return reader(octets, names, ledger, place)
