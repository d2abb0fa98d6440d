"""Which reader opens what: the table of everything that can hold files or act.

A file is opened as all the types it is by its content; where its content is nothing known, as what its name says it is, so that
damage is seen (a .docx that is no ZIP cannot be judged). Programs for archives search a file for one however much stands before it:
what is long, is called an archive and is none at its beginning is searched, too. Pieces of archives are told by their names alone,
because nothing in them need say so. Web pages have no signature, and browsers ask for none: there the name and the declared type
count whatever else it is.
"""

import re
from collections.abc import Callable

from screener.anatomy import filetype, invitation
from screener.anatomy.active import Active
from screener.anatomy.containers import apple, archive, openpgp
from screener.anatomy.defects import Defect
from screener.anatomy.html import markup
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, held, joined
from screener.anatomy.mime import unnamed, written
from screener.anatomy.office import activemime, cells, ole, onenote, sylk, web_archive, word_xml, workbooks
from screener.anatomy.pdf import reader as pdf
from screener.anatomy.rtf import objects as rtf

Reader = Callable[[bytes, Ledger, str], Listing]
ReaderByNames = Callable[[bytes, tuple[str, ...], Ledger, str], Listing]


def _shortcut(_octets: bytes, _ledger: Ledger, _place: str) -> Listing:
    return Listing(active=(Active.LAUNCH,))


def _volume(octets: bytes, names: tuple[str, ...], ledger: Ledger, place: str) -> Listing:
    """A piece of an archive: ".7z.002" whatever is in it, ".7z.001" that is no archive by itself, ".r00" if it is nothing known."""
    types = filetype.identify(octets[: ledger.budget.type_head]).types
    numbers = [int(match[2]) for name in names if (match := _CUT.search(name.lower())) and match[1] in ARCHIVES | _CUT_TOO]
    if max(numbers, default=0) > 1 or (types.isdisjoint(_OPENED) if numbers else not types):
        ledger.note(Defect.CONTAINER_VOLUME, place)
    return Listing()


def _page(octets: bytes, ledger: Ledger, place: str) -> Listing:
    """A page; Word opens what begins like one as its own XML, too."""
    return joined((markup.read(octets, ledger, place), word_xml.read(octets, ledger, place)))


def _xml(octets: bytes, ledger: Ledger, place: str) -> Listing:
    return joined((markup.read_xml(octets, ledger, place), word_xml.read(octets, ledger, place)))


def _web_archive(octets: bytes, ledger: Ledger, place: str) -> Listing:
    """A page with its files as a message, which Word and Excel find behind whatever stands before it."""
    at = web_archive.behind(octets[: ledger.budget.type_head])
    return Listing((held((), octets[at:]),) if at > 0 and ledger.spend_member(place) else ())


VOLUME = "application/x-volume"
_DISC = "application/x-udf-image"  # whatever stands in its first sectors, …
_ISO = "application/x-iso9660-image"  # … unless that is opened as both already
_WEB_ARCHIVE = "multipart/related"
_PIECE = re.compile(r"\d{3}|[rz]\d{2}")  # 7-Zip's and others' ".001", RAR's ".r00", ZIP's ".z01"
_CUT = re.compile(r"\.([a-z0-9]{1,10})\.(\d{3})$")
_CUT_TOO = frozenset(("exe", "iso"))
_FLAT = "application/vnd.oasis.opendocument"  # called so, and a text
_READERS: dict[str, Reader] = {
    "application/pdf": pdf.read,
    "application/vnd.fdf": pdf.read,
    "application/x-ole-storage": ole.read,
    "text/rtf": rtf.read,
    "application/vnd.ms-excel": workbooks.read,
    "application/onenote": onenote.read,
    "text/html": _page,
    "image/svg+xml": _page,
    "application/hta": _page,
    "text/xml": _xml,
    _WEB_ARCHIVE: _web_archive,
    _FLAT: word_xml.read_open,
    "text/spreadsheet": sylk.read,
    "text/csv": cells.read,
    "application/x-mso": activemime.read,
    "text/calendar": invitation.read,
    "text/vcard": invitation.read,
    "text/x-uuencode": written.read,
    "application/mac-binhex40": written.read,
    "application/applefile": apple.read,
    "application/x-ms-shortcut": _shortcut,
}
_READERS_BY_NAMES: dict[str, ReaderByNames] = {  # what the file is called says what is in it, or what that is called
    VOLUME: _volume,
    "text/x-base64": written.read_base64,
    "application/pgp": openpgp.read,
}
_READ = _READERS.keys() | _READERS_BY_NAMES.keys() | archive.CONTAINERS
# What cannot be judged if it is not what its last extension says.
_ZIPPED_WORDS = (
    "docx docm dotx dotm xlsx xlsm xltx xltm xlsb xlam pptx pptm potx potm ppsx ppsm ppam vsdx vsdm xps "  # Microsoft's
    "odt ods odp odg ott epub zip zipx jar war ear cbz kmz nupkg whl xpi ipa"
)
_OPEN_WORDS = "odt ods odp odg ott ots otp otg odm odf odb"
_FLAT_WORDS = "fodt fods fodp fodg"
_ARCHIVES = {
    "application/x-rar": "rar cbr",
    "application/x-7z-compressed": "7z cb7",
    "application/vnd.ms-cab-compressed": "cab",
    "application/x-tar": "tar cbt",
    "application/x-cpio": "cpio",
    "application/x-xar": "xar xip",
    "application/x-archive": "deb",
    "application/x-lzh": "lzh lha",
    "application/gzip": "gz tgz",
    "application/x-bzip2": "bz bz2 tbz tbz2 tb2",
    "application/x-xz": "xz txz",
    "application/x-lzma": "lzma tlz",
    "application/x-lzip": "lz",
    "application/zstd": "zst tzst",
    "application/x-lz4": "lz4",
    "application/x-compress": "z taz",
    "application/zlib": "zz",
    "application/x-ace": "ace cba",
    "application/x-alz-compressed": "alz",
    "application/x-arj": "arj",
    "application/x-brotli": "br",
    "application/x-cd-image": "nrg daa uif isz",
    "application/x-egg": "egg",
    "application/x-freearc": "arc",
    "application/x-lzop": "lzo",
    "application/x-ms-wim": "wim esd swm",
    "application/x-squashfs-image": "squashfs",
    _DISC: "iso udf img",
    "application/x-stuffit": "sit sitx",
    "application/x-apple-diskimage": "dmg",
    "application/x-qemu-disk": "qcow qcow2 qcow2c",
    "application/x-rpm": "rpm",
    "application/x-vdi": "vdi",
    "application/x-vhd": "vhd",
    "application/x-vhdx": "vhdx avhdx",
    "application/x-vmdk": "vmdk",
    "application/x-zoo": "zoo",
    "application/x-zpaq": "zpaq",
}
_OPEN = frozenset(_OPEN_WORDS.split())
# What Word and Excel open by its content, if it is text: their own XML and web archives.
_OFFICE_WORDS = "doc dot docx docm dotx dotm rtf wbk wiz xls xlt xlm xlsx xlsm xlsb"
_OFFICE_TEXTS = frozenset(_OFFICE_WORDS.split())
_TABLES = frozenset(("csv", "tsv", "tab"))
_OTHER_TABLES = frozenset(("xls", "xlt", "xlw", "xla", "prn", "dif"))  # if it is text
_TABLE_TYPES = frozenset(" ".join(unnamed.TABLES.values()).split())  # if it is text
_COMPOUND_WORDS = "doc dot xls xlt ppt pps pot msg"
_PAGE_WORDS = "htm html shtml shtm ehtml htmls xhtml xht xhtm mht mhtml svg svgz webarchive"
_BY_ARCHIVE = {
    **dict.fromkeys(_ZIPPED_WORDS.split(), "application/zip"),
    **{extension: kind for kind, words in _ARCHIVES.items() for extension in words.split()},
}
_BY_NAME = {
    **_BY_ARCHIVE,
    **dict.fromkeys(_COMPOUND_WORDS.split(), "application/x-ole-storage"),
    "one": "application/onenote",
    "mso": "application/x-mso",
}
BY_NAME = frozenset(_BY_NAME)
# Anything may be called .doc or .xls, and is then shown as what it is; these are opened as archives or not at all.
ARCHIVES = frozenset(_BY_ARCHIVE)
_OPENED = archive.CONTAINERS | archive.UNREADABLE | {"application/x-ole-storage"}  # an Office document with a password is the last
_PAGES = {
    **dict.fromkeys(_PAGE_WORDS.split(), "text/html"),
    "hta": "application/hta",
    **dict.fromkeys(("ics", "ifb", "vcs"), "text/calendar"),
    **dict.fromkeys(("vcf", "vcard"), "text/vcard"),
    **dict.fromkeys(("uu", "uue", "hqx", "bhx", "xxe", "mim", "mme"), "text/x-uuencode"),
    "b64": "text/x-base64",
    **dict.fromkeys(("pgp", "gpg", "asc"), "application/pgp"),
    "rtf": "text/rtf",
    "pdf": "application/pdf",
    **dict.fromkeys(("xml", "xsl", "xslt", "xdp", "doc", "dot", *_FLAT_WORDS.split()), "text/xml"),
    "slk": "text/spreadsheet",
}
# A browser takes a page for one by its name or declared type, whatever it begins with, and so do some readers PDFs (ISO 32000-1
# 7.5.2 wants "%PDF-"); what was written as text is found anywhere.
_WHATEVER_IT_IS = frozenset(("text/html", "application/hta", "text/x-uuencode", "application/pdf", "application/pgp"))
_PAGE_TYPES = frozenset(
    (
        "text/html",
        "text/htm",
        "text/x-html",
        "text/x-server-parsed-html",
        "application/html",
        "application/xhtml+xml",
        "image/svg+xml",
    )
)
_PLAIN = frozenset((filetype.TEXT, "text/xml"))
_PDF_TYPES = frozenset(("application/pdf", "application/x-pdf"))
_XML_TYPES = frozenset(("text/xml", "application/xml", "application/xslt+xml", "text/xsl"))
# ZIPs in all but name: what they are is told by their members.
ZIPPED = "application/zip"


def kinds(
    types: frozenset[str], extensions: frozenset[str], declared: tuple[str, ...], *, searched: bool = True
) -> tuple[str, ...]:
    """As what a file is opened, in a fixed order; () where it holds nothing.

    `types` by content, `extensions` the last of each name; `searched`: all of it was looked through for signatures, not its ends
    alone.
    """
    found = set(types & _READ)
    is_text = not types or filetype.TEXT in types
    for extension in extensions:
        if _PIECE.fullmatch(extension) is not None:
            found.add(VOLUME)
        kind = _BY_NAME.get(extension)
        behind = not searched and extension in ARCHIVES and types.isdisjoint(_OPENED)
        if kind is not None and (not types or behind or (kind == _DISC and _ISO not in types)):
            found.add(kind)
        kind = _PAGES.get(extension)
        if kind is not None and (is_text or kind in _WHATEVER_IT_IS):
            found.add(kind)
        elif extension in _OPEN and types and types <= _PLAIN:
            found |= {_FLAT, "text/xml"}
        if extension in _TABLES or (is_text and extension in _OTHER_TABLES):
            found.add("text/csv")
        if is_text and extension in _OFFICE_TEXTS:
            found |= {_WEB_ARCHIVE, "text/xml"}
    if not _PAGE_TYPES.isdisjoint(declared):
        found.add("text/html")
    if not _PDF_TYPES.isdisjoint(declared):
        found.add("application/pdf")
    if is_text and not _TABLE_TYPES.isdisjoint(declared):
        found.add("text/csv")
    if is_text and not _XML_TYPES.isdisjoint(declared):
        found.add("text/xml")
    return tuple(sorted(found - {"text/xml"} if "text/html" in found else found))


def listing(kind: str, octets: bytes, names: tuple[str, ...], ledger: Ledger, place: str) -> Listing:
    """What a file opened as this kind holds. May raise NotInline."""
    if (reader := _READERS.get(kind)) is not None:
        return reader(octets, ledger, place)
    if (by_names := _READERS_BY_NAMES.get(kind)) is not None:
        return by_names(octets, names, ledger, place)
    return archive.listing(kind, octets, names, ledger, place)
