"""ZIPs that are documents: which kind, which of their members are files of their own, what acts in them and what may hold their
text (ECMA-376, ODF 1.3).

Promises: reads a bounded number of small members, unpacks within the ledger's budget, never raises.
"""

import re
from collections.abc import Iterable

from screener.anatomy.active import Active
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, Member

_OPEN_XML = "application/vnd.openxmlformats-officedocument"
# Folder, type, type with macros.
_FOLDERS = (
    ("word/", f"{_OPEN_XML}.wordprocessingml.document", "application/vnd.ms-word.document.macroenabled.12"),
    ("xl/", f"{_OPEN_XML}.spreadsheetml.sheet", "application/vnd.ms-excel.sheet.macroenabled.12"),
    ("ppt/", f"{_OPEN_XML}.presentationml.presentation", "application/vnd.ms-powerpoint.presentation.macroenabled.12"),
    ("visio/", "application/vnd.ms-visio.drawing.main+xml", "application/vnd.ms-visio.drawing.macroenabled.main+xml"),
)
# What a document is made of; anything else in it is a file that somebody put there.
_INNARDS_WORDS = (
    "xml rels png jpg jpeg gif emf wmf tif tiff bmp svg vml fntdata odttf thmx rdf wdp jxr xhtml html css ncx opf ttf otf webp"
)
_INNARDS = frozenset(_INNARDS_WORDS.split())
_PRINTER = re.compile(r"(?:word|xl|ppt|visio)/printersettings/printersettings\d{0,6}\.bin")


_MEMBER_LIMIT = 1024 * 1024  # octets of a relationship file or a text that are looked at
_MAX_LOOKED_AT = 200  # members
# A relationship that is fetched without a click when the document is opened (ECMA-376-1 15, MS-OI29500).
_RELATION = re.compile(rb"<(?:[a-z0-9]{1,9}:)?Relationship\s([^<>]{1,4000})>", re.IGNORECASE)
_EXTERNAL = re.compile(rb"TargetMode\s{0,9}=\s{0,9}[\"']\s{0,9}External", re.IGNORECASE)
_TEMPLATES = re.compile(rb"/(?:attachedTemplate|glossaryDocument)[\"']", re.IGNORECASE)
_OBJECTS = re.compile(rb"/(?:oleObject|frame|subDocument|control|package|afChunk|externalLink)[\"']", re.IGNORECASE)
_TARGET = re.compile(
    rb"\bTarget\s{0,9}=\s{0,9}[\"']\s{0,9}(?:(https?:|ftp:|mhtml:|ms-[a-z]{1,30}:)|file:/{0,9}(?:\\\\|%5C%5C)|file://[^/]|\\\\)",
    re.IGNORECASE,
)
_DDE = re.compile(
    rb"<w:instrText[^<>]{0,200}>[^<]{0,200}\bDDE(?:AUTO)?\b|<ddeLink\s|w:instr\s{0,9}=\s{0,9}[\"'][^\"'<>]{0,99}\bDDE",
    re.IGNORECASE,
)
_LOCKED = re.compile(rb"<(?:manifest:)?encryption-data\b", re.IGNORECASE)


def document(listing: Listing, ledger: Ledger) -> Listing:
    """The listing as it is, or that of a document: its type, what acts in it, and only members that are files of their own."""
    named = [(name.replace("\\", "/").lstrip("/").lower(), member) for member in listing.members for name in member.names]
    by_name = dict(named)
    macros = any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in by_name)
    kind = ""
    if "[content_types].xml" in by_name:
        for folder, plain, active in _FOLDERS:
            if any(name.startswith(folder) for name in by_name):
                kind = active if macros else plain
                break
    elif "mimetype" in by_name:
        text = by_name["mimetype"].read(200).decode("latin-1").strip().lower()
        if text.startswith(("application/vnd.oasis.opendocument", "application/epub+zip", "application/vnd.sun.xml")):
            kind = text
    elif "meta-inf/manifest.mf" in by_name or any(name.endswith(".class") for name in by_name):
        return Listing(listing.members, listing.encrypted, "application/java-archive")
    if not kind:
        return listing
    if not kind.startswith(_WITH_CONTENT_TYPES):
        macros = macros or any(
            name.startswith(("basic/", "scripts/")) and name.endswith((".xml", ".py", ".js", ".bsh")) for name in by_name
        )
        manifest = by_name.get("meta-inf/manifest.xml")
        encrypted = manifest is not None and _LOCKED.search(_content(manifest, ledger)) is not None
        members, pages = _parted(listing)
        return Listing(members, listing.encrypted or encrypted, kind, macros and not _only_empty_libraries(by_name), pages=pages)
    members, pages = _parted(listing)
    return Listing(members, listing.encrypted, kind, macros, tuple(_active(named, ledger)), pages)


def _parted(listing: Listing) -> tuple[tuple[Member, ...], tuple[Member, ...]]:
    """What are files of their own, and what the document is made of: what its text most often stands in first.

    Programs find the text by relationships and not by names, so that it may stand in anything, whatever it is called.
    """
    innards = [member for member in listing.members if _is_innards(member)]
    members = tuple(member for member in listing.members if not _is_innards(member))
    return members, tuple(sorted(innards, key=_rank)) if len(members) < len(listing.members) else ()


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


_WITH_CONTENT_TYPES = tuple(kind for _, plain, active in _FOLDERS for kind in (plain, active))
_LIBRARY_LISTS = ("script-lc.xml", "script-lb.xml", "dialog-lc.xml", "dialog-lb.xml")


def _only_empty_libraries(by_name: dict[str, Member]) -> bool:
    """Whether the folder of macros lists libraries, but has no module in it."""
    return not any(
        name.startswith(("basic/", "scripts/"))
        and not name.endswith(_LIBRARY_LISTS)
        and name.rpartition(".")[2] != ""
        and not name.endswith("/")
        for name in by_name
    )


def _content(member: Member, ledger: Ledger) -> bytes:
    content = member.read(max(0, min(_MEMBER_LIMIT, ledger.unpacked_left)))
    ledger.spend_unpacked(len(content), "a document")
    return content


def _active(named: Iterable[tuple[str, Member]], ledger: Ledger) -> dict[Active, None]:
    """What acts in an Open XML document."""
    found: dict[Active, None] = {}
    looked_at = 0
    for name, member in named:
        if "/activex/" in name:
            found.setdefault(Active.ACTIVEX)
        if "/embeddings/" in name and name.rpartition(".")[2] not in _OWN:
            found.setdefault(Active.PACKAGED_FILE)
        is_text = name in ("word/document.xml", "word/footnotes.xml") or name.startswith(
            ("xl/externallinks/externallink", "word/header")
        )
        if not (name.endswith(".rels") or is_text) or looked_at >= _MAX_LOOKED_AT:
            continue
        looked_at += 1
        content = _content(member, ledger)
        if is_text and b"DDE" in content.upper() and _DDE.search(content) is not None:
            found.setdefault(Active.DDE)
        if b"External" in content:
            for kind in map(_external, _RELATION.finditer(content)):
                if kind is not None:
                    found.setdefault(kind)
    return found


# Documents in documents, which Office itself puts there (charts' tables).
_OWN_WORDS = "docx xlsx pptx docm xlsm pptm xlsb sldx vsdx xls doc ppt"
_OWN = frozenset(_OWN_WORDS.split())


def _external(match: re.Match[bytes]) -> Active | None:
    """What a relationship fetches; a path on the reader's own disk, where most templates lie, is none."""
    fields = match[1]
    target = _TARGET.search(fields)
    if target is None or _EXTERNAL.search(fields) is None:
        return None
    is_template = _TEMPLATES.search(fields) is not None
    if not is_template and _OBJECTS.search(fields) is None:
        return None
    if target[1] is None:
        return Active.SHARE
    return Active.TEMPLATE if is_template else Active.LINKED_OBJECT


def _is_innards(member: Member) -> bool:
    if any("/embeddings/" in name.replace("\\", "/").lower() for name in member.names):
        return False
    return (
        not any("embeddings/" in name.lower() for name in member.names)
        and all(
            name.rpartition(".")[2].lower() in _INNARDS or name == "mimetype" or _PRINTER.fullmatch(name.lower()) is not None
            for name in member.names
        )
        and bool(member.names)
    )
