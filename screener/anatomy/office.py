"""ZIPs that are documents: which kind, and which of their members are files of their own (ECMA-376, ODF 1.3)."""

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


def document(listing: Listing) -> Listing:
    """The listing as it is, or that of a document: its type, and only members that are files of their own."""
    names = {name.replace("\\", "/").lstrip("/").lower() for member in listing.members for name in member.names}
    kind = ""
    macros = any(name.endswith("vbaproject.bin") for name in names)
    if "[content_types].xml" in names:
        for folder, plain, active in _FOLDERS:
            if any(name.startswith(folder) for name in names):
                kind = active if macros else plain
                break
    elif "mimetype" in names:
        declared = next((member for member in listing.members if "mimetype" in member.names), None)
        text = declared.read(200).decode("latin-1").strip().lower() if declared is not None else ""
        if text.startswith(("application/vnd.oasis.opendocument", "application/epub+zip", "application/vnd.sun.xml")):
            kind = text
    elif "meta-inf/manifest.mf" in names or any(name.endswith(".class") for name in names):
        return Listing(listing.members, listing.encrypted, "application/java-archive")
    if not kind:
        return listing
    return Listing(tuple(member for member in listing.members if not _is_innards(member)), listing.encrypted, kind, macros)


def _is_innards(member: Member) -> bool:
    return all(
        name.rpartition(".")[2].lower() in _INNARDS or name == "mimetype" or "printersettings" in name.lower()
        for name in member.names
    ) and bool(member.names)
