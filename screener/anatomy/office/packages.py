"""ZIPs that are documents: which kind, which of their members are files of their own, what acts in them and what may hold their
text (ECMA-376, ODF 1.3).

Promises: reads a bounded number of small members, unpacks within the ledger's budget, never raises.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache, partial
from itertools import zip_longest

from screener.anatomy import names
from screener.anatomy.active import Active
from screener.anatomy.defects import Defect, Limit
from screener.anatomy.html import markup
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, Member
from screener.anatomy.office import binary_text, innards, open_document, web_archive, xml_parts

_OPEN_XML = "application/vnd.openxmlformats-officedocument"
# Folder, type, type with macros.
_FOLDERS = (
    ("word/", f"{_OPEN_XML}.wordprocessingml.document", "application/vnd.ms-word.document.macroenabled.12"),
    ("xl/", f"{_OPEN_XML}.spreadsheetml.sheet", "application/vnd.ms-excel.sheet.macroenabled.12"),
    ("ppt/", f"{_OPEN_XML}.presentationml.presentation", "application/vnd.ms-powerpoint.presentation.macroenabled.12"),
    ("visio/", "application/vnd.ms-visio.drawing.main+xml", "application/vnd.ms-visio.drawing.macroenabled.main+xml"),
)
_OF_WORD = _FOLDERS[0][1:]
_WORD_MAIN = re.compile(r"(?:wordprocessingml|ms-word)\.[a-z.]{1,60}main\+xml", re.IGNORECASE)
_VOCABULARIES = ("wordprocessingml", "spreadsheetml", "presentationml", "ms-visio")
_PAGES = ("html", "svg")
# What is called otherwise may be opened by a program for archives, which shows all that lies in it.
_DOCUMENT_WORDS = (
    "docx docm dotx dotm doc dot rtf xlsx xlsm xltx xltm xlsb xlam xls xlt xla pptx pptm potx potm ppsx ppsm ppam ppt pps pot "
    "sldx sldm thmx vsdx vsdm vssx vssm vstx vstm odt ods odp odg odf odc odi odm odb ott ots otp otg oth sxw sxc sxi sxd stw stc "
    "sti epub"
)
_DOCUMENTS = frozenset(_DOCUMENT_WORDS.split())


_MEMBER_LIMIT = 16 * 1024 * 1024  # octets of a file of relationships that are looked at: a sheet has up to 65,530 links
_READ_ANYWAY = 1024 * 1024  # … without being counted
_PART_LIMIT = 64 * 1024 * 1024  # … of any other part: a long text, a sheet
_ROOT_LIMIT = 64 * 1024  # octets in which it says what it is
_GLANCE = 1024  # octets that tell whether a part is XML
_LOCKED = re.compile(rb"<(?:manifest:)?encryption-data\b", re.IGNORECASE)


def document(listing: Listing, called: tuple[str, ...], ledger: Ledger, place: str) -> Listing:
    """The listing as it is, or that of a document: its type, what acts in it, and only members that are files of their own.

    `called`: its names.
    """
    named = [(name.replace("\\", "/").lstrip("/").lower(), member) for member in listing.members for name in member.names]
    by_name = dict(named)
    macros = any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in by_name)
    # What acts is looked for by what is there, whatever kind the rest of it seems to be: each program goes by its own marks.
    kind = ""
    acting: dict[Active, None] = {}
    if "[content_types].xml" in by_name:
        more, found = _acting(named, ledger)
        macros |= more
        acting |= dict.fromkeys(found)
        if (known := _kind(by_name, ledger)) is not None:
            kind = known[1 + macros]
    if (open_kind := _open_kind(by_name, ledger)) or not _OPEN_WORDS.isdisjoint(map(names.last_extension, called)):
        macros |= _has_libraries(by_name)
        manifest = by_name.get("meta-inf/manifest.xml")
        encrypted = manifest is not None and _LOCKED.search(_content(manifest, ledger)) is not None
        acting |= dict.fromkeys(_acting_open(named, ledger))
        kind = kind or open_kind
        listing = replace(listing, encrypted=listing.encrypted or encrypted)
    elif not kind and ("meta-inf/manifest.mf" in by_name or any(name.endswith(".class") for name in by_name)):
        kind = "application/java-archive"
        return replace(listing, type=kind, macros=macros, active=tuple(acting))
    if not kind:
        return replace(listing, macros=macros, active=tuple(acting)) if macros or acting else listing
    members, pages = _parted(listing, kind, _is_of_word(kind, by_name, ledger), ledger, place)
    if "[content_types].xml" in by_name:
        members += tuple(web_archive.taken_in(listing.members, ledger, place))
    if called and _DOCUMENTS.isdisjoint(map(names.last_extension, called)):  # where names differ that is told
        members = listing.members
    return Listing(members, listing.encrypted, kind, macros, tuple(acting), pages, _texts(listing.members, ledger))


def _texts(members: Iterable[Member], ledger: Ledger) -> tuple[Callable[[int], str], ...]:
    """What reads the parts of a binary workbook."""
    parts = [one for one in members if one.read(2) in binary_text.BEGINNINGS]
    styles = [one for one in parts if one.read(2) == binary_text.STYLES]
    fonts = cache(lambda: _looks(styles, ledger))
    return tuple(partial(_text, one, fonts, ledger) for one in parts)


def _looks(styles: Iterable[Member], ledger: Ledger) -> list[str]:
    """What may hide letters of each font, by any of these."""
    found = [binary_text.looks(_content(one, ledger, _PART_LIMIT)) for one in styles]
    return ["".join(looks) for looks in zip_longest(*found, fillvalue="")]


def _text(part: Member, fonts: Callable[[], list[str]], ledger: Ledger, limit: int) -> str:
    return binary_text.read(_content(part, ledger, _PART_LIMIT), limit, fonts)


def _kind(by_name: dict[str, Member], ledger: Ledger) -> tuple[str, str, str] | None:
    """Which of the folders it has; where it has none, because a document may have any, which its types of contents name."""
    for one in _FOLDERS:
        if any(name.startswith(one[0]) for name in by_name):
            return one
    types = xml_parts.plain(_content(by_name["[content_types].xml"], ledger)).lower()
    return next((one for one, word in zip(_FOLDERS, _VOCABULARIES, strict=True) if word in types), None)


def _open_kind(by_name: dict[str, Member], ledger: Ledger) -> str:
    """Which kind of OpenDocument file or book it says it is; "" where it is none. Only the list of its parts has to say so."""
    if "mimetype" in by_name:
        text = by_name["mimetype"].read(200).decode("latin-1").strip().lower()
        if text.startswith(_OPEN_KINDS):
            return text
    if (manifest := by_name.get("meta-inf/manifest.xml")) is None:
        return ""
    types = (match[1].strip().lower() for match in _MEDIA_TYPE.finditer(xml_parts.plain(_content(manifest, ledger))))
    return next((one for one in types if one.startswith(_OPEN_KINDS)), "")


def _is_of_word(kind: str, by_name: dict[str, Member], ledger: Ledger) -> bool:
    """Whether Word opens it as its own: by the type of the main part, in whatever folder that lies."""
    types = by_name.get("[content_types].xml")
    return kind in _OF_WORD or (types is not None and _WORD_MAIN.search(xml_parts.plain(_content(types, ledger))) is not None)


def _parted(
    listing: Listing, kind: str, is_of_word: bool, ledger: Ledger, place: str
) -> tuple[tuple[Member, ...], tuple[Member, ...]]:
    """What are files of their own, and what the document is made of: what its text most often stands in first.

    Programs find the text by relationships and not by names, so that it may stand in anything, whatever it is called.
    """
    files: list[Member] = []
    parts: list[Member] = []
    for member in listing.members:
        (parts if innards.is_innards(member, kind, is_of_word) and not _is_acting(member, ledger, place) else files).append(member)
    return tuple(files), tuple(sorted(parts, key=_rank))


def _rank(member: Member) -> int:
    names = [name.lower() for name in member.names]
    if any(_TEXTS.match(name) is not None for name in names):
        return 0
    return 2 if any(name.startswith(_RARELY) or name.endswith((".rels", *_MEDIA)) for name in names) else 1


# Where the text stands in documents as programs write them, and what is mostly markup.
_TEXTS = re.compile(
    r"word/(?:document|header|footer|footnotes|endnotes|comments)\w{0,12}\.xml|xl/sharedstrings\.xml|xl/worksheets/|"
    r"ppt/(?:slides|notesslides|comments)/[^/]{1,40}\.xml|(?:[^/]{1,40}/)?content\.xml|docprops/core\.xml|meta\.xml"
)
_RARELY = ("word/theme", "word/styles", "word/settings", "word/fonttable", "word/numbering", "xl/styles", "xl/theme", "ppt/theme")
_MEDIA = (".png", ".jpg", ".jpeg", ".gif", ".emf", ".wmf", ".tif", ".tiff", ".ttf", ".otf", ".webp", ".odttf")


_OPEN_WORDS = frozenset(word for word in _DOCUMENT_WORDS.split() if word.startswith(("od", "ot")))
_LIBRARY_LISTS = ("script-lc.xml", "script-lb.xml", "dialog-lc.xml", "dialog-lb.xml")
_OPEN_KINDS = ("application/vnd.oasis.opendocument", "application/epub+zip", "application/vnd.sun.xml")
_MEDIA_TYPE = re.compile(r"media-type\s*=\s*[\"']([^\"']{1,200})")


def _has_libraries(by_name: dict[str, Member]) -> bool:
    """Whether the folder of macros has a module in it, and not only lists of libraries."""
    return any(
        name.startswith(("basic/", "scripts/"))
        and name.endswith((".xml", ".xba", ".py", ".js", ".bsh"))
        and not name.endswith(_LIBRARY_LISTS)
        for name in by_name
    )


def _content(member: Member, ledger: Ledger, limit: int = _MEMBER_LIMIT) -> bytes:
    content = member.read(max(0, min(limit + 1, ledger.unpacked_left)))
    ledger.spend_unpacked(len(content), "a document")
    if len(content) > limit:
        ledger.note(Defect.CONTAINER_TOO_LARGE, "a document", Limit.FIXED)
    return content


def _acting(named: Iterable[tuple[str, Member]], ledger: Ledger) -> tuple[bool, tuple[Active, ...]]:
    """Whether an Open XML document leads to macros, and what acts in it."""
    macros = False
    found: dict[Active, None] = {}
    for name, member in named:
        if "/activex/" in name:
            found.setdefault(Active.ACTIVEX)
        if "/embeddings/" in name and name.rpartition(".")[2] not in _OWN:
            found.setdefault(Active.PACKAGED_FILE)
        if name.endswith(".rels"):
            content = _content(member, ledger)
            if len(content) > _READ_ANYWAY and not ledger.spend_fields(len(content), "a document"):
                continue
            markup = xml_parts.plain(content)
            macros |= xml_parts.leads_to_macros(markup)
            found |= dict.fromkeys(xml_parts.fetched(markup))
        else:
            found |= dict.fromkeys(_part_acts(name, member, ledger))
    return macros, tuple(found)


def _part_acts(name: str, member: Member, ledger: Ledger) -> Iterator[Active]:
    """What acts in one part: links, formulas and fields, and what is done on a click."""
    head = member.read(_GLANCE)
    if _is_binary_link(head):
        yield Active.DDE
    if not innards.is_markup(name, head):
        return
    root = xml_parts.root(member.read(_ROOT_LIMIT)) if name.startswith("xl/") else ""
    if root in _TABLES:
        return
    content = _content(member, ledger, _PART_LIMIT)
    if _cells_call(content, ledger):
        yield Active.DDE
    if root == "worksheet":
        return
    if any(word in content for word in _MAY_START) and ledger.spend_fields(len(content), "a document"):
        markup = xml_parts.plain(content)
        if xml_parts.starts_program(markup):
            yield Active.DDE
        yield from xml_parts.put_in(markup)
        if xml_parts.runs_program(markup):
            yield Active.LAUNCH
        if "customUI" in markup:
            yield from xml_parts.called_elsewhere(markup)


def _cells_call(content: bytes, ledger: Ledger) -> bool:
    if not xml_parts.is_indirect(content):
        return any(xml_parts.cells_call(xml_parts.plain(one)) for one in xml_parts.with_bars(content))
    may = any(word in content for word in _MAY_CALL) and ledger.spend_fields(len(content), "a document")
    return may and xml_parts.cells_call(xml_parts.plain(content))


def _acting_open(named: Iterable[tuple[str, Member]], ledger: Ledger) -> tuple[Active, ...]:
    """What acts in the parts of an OpenDocument file."""
    found: dict[Active, None] = {}
    for name, member in named:
        if innards.is_markup(name, member.read(_GLANCE)):
            content = _content(member, ledger, _PART_LIMIT)
            if b"\0" in content[:_GLANCE] or any(mark in content for mark in open_document.MARKS):
                found |= dict.fromkeys(open_document.acting(xml_parts.plain(content)))
    return tuple(found)


_TABLES = ("sst", "pivotCacheRecords")  # roots of what is long and has neither fields nor formulas
_BEGIN_LINK = b"\xe8\2"  # BrtBeginSupBook
_MAY_CALL = (b"|", b"&#", b"&\0#")
_MAY_START_WORDS = ("instr", "ddeLink", "hlink", "customUI", "refreshOnLoad", "mailMerge")
_MAY_START = tuple(one for word in _MAY_START_WORDS for one in (word.encode(), word.encode("utf-16-le")[:-1]))


def _is_binary_link(head: bytes) -> bool:
    """Whether a part of a binary workbook is a link of DDE (MS-XLSB 2.4.213): the record that begins it, its size, the kind."""
    if not head.startswith(_BEGIN_LINK):
        return False
    size = next((at for at in range(2, 6) if head[at : at + 1] < b"\x80"), 5)
    return head[size + 1 : size + 3] == b"\1\0"


# Documents in documents, which Office itself puts there (charts' tables).
_OWN_WORDS = "docx xlsx pptx docm xlsm pptm xlsb sldx vsdx xls doc ppt"
_OWN = frozenset(_OWN_WORDS.split())


def _is_acting(member: Member, ledger: Ledger, place: str) -> bool:
    """Whether it is a page or drawing that acts, or has files in it, when it is opened by itself."""
    if not any(name.lower().endswith(_PAGES) for name in member.names):
        return False
    found = markup.read(_content(member, ledger, _PART_LIMIT), ledger, place)
    return bool(found.members or found.active)
