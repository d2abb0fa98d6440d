"""What a document that is a ZIP is made of, and what is a file of its own in it (ECMA-376, ODF 1.3). Pure."""

import re

from screener.anatomy import filetype
from screener.anatomy.member import Member

# What a document is made of; anything else in it is a file that somebody put there.
_INNARDS_WORDS = (
    "xml rels png jpg jpeg gif emf wmf tif tiff bmp svg vml fntdata odttf thmx rdf wdp jxr xhtml html css ncx opf ttf otf webp"
)
_INNARDS = frozenset(_INNARDS_WORDS.split())
_INNARDS_TYPES = ("image/", "font/", "text/plain", "text/xml", "text/html")
# Where it lies; a book (EPUB) may lie anywhere.
_OPEN_XML_PLACES = (
    r"word|xl|ppt|visio|_rels|docprops|customxml|docmetadata|customui|usercustomization|_xmlsignatures|package|theme|media"
)
_ODF_PLACES = r"meta-inf|thumbnails|pictures|media|configurations2|basic|scripts|dialogs|fonts|obj[^/]{0,40}|database|forms|reports"
_PLACES = re.compile(
    rf"\[content_types\]\.xml|mimetype|(?:content|styles|meta|settings)\.xml|manifest\.rdf|(?:{_OPEN_XML_PLACES}|{_ODF_PLACES})/.*",
    re.DOTALL,
)
_BOOK = "application/epub"
_PRINTER = re.compile(r"(?:word|xl|ppt|visio)/printersettings/printersettings\d{0,6}\.bin")

_BEFORE_MARKUP = b"\xef\xbb\xbf\xff\xfe\0\t\n\r "
_HEAD = 1024  # octets that tell whether a part is a file of its own


def is_markup(name: str, head: bytes) -> bool:
    """Whether a part is XML: programs find it by relationships, whatever it is called."""
    return name.endswith((".xml", "/")) or head.lstrip(_BEFORE_MARKUP)[:1] in (b"<", b"")


def is_innards(member: Member, kind: str, is_of_word: bool) -> bool:
    """Whether it is a part of a document of this kind; `is_of_word`: that Word opens."""
    called = [name.replace("\\", "/").lstrip("/").lower() for name in member.names]
    if not called or not all(_belongs(name, kind) for name in called):
        return False
    head = member.read(_HEAD)
    types = filetype.identify(head).types
    # What a document of Word's takes in as it stands may be a text that is no markup, whatever it is called.
    is_taken_in = filetype.TEXT in types and is_of_word and not is_markup("", head)
    return not is_taken_in and all(one.startswith(_INNARDS_TYPES) for one in types)


def _belongs(name: str, kind: str) -> bool:
    """Whether a name is one of what such a document is made of."""
    if "embeddings/" in name or ".." in name or not (kind.startswith(_BOOK) or _PLACES.fullmatch(name)):
        return False
    return name.rpartition(".")[2] in _INNARDS or name == "mimetype" or _PRINTER.fullmatch(name) is not None
