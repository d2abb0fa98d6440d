"""Office documents that are one file of XML: Flat OPC (a package in one file, ECMA-376-2), WordprocessingML and SpreadsheetML 2003,
flat OpenDocument (ODF 1.3 part 3, 3.1.2); and forms that a PDF is packed into (Adobe's XDP).

Word opens them called .doc, Excel called .xls, LibreOffice called anything. Their macros, objects and files stand in them as text.
Promises: linear, bounded by the ledger, never raises. What the files in it are is for others to say.
"""

import binascii
import re
from collections.abc import Iterator
from itertools import pairwise

from screener.anatomy import filetype
from screener.anatomy.active import Active
from screener.anatomy.defects import Defect, Limit
from screener.anatomy.html.entities import unescaped
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, Member, held, joined
from screener.anatomy.office import open_document, xml_parts, xml_source
from screener.anatomy.office import packages as office
from screener.anatomy.office.xml_source import TAG

_MARKS = ("binaryData", "binData", "macrosPresent", "xmlData", "wordDocument", "Formula", "opendocument", "ns.adobe.com/xdp")
_FIELDS = ("instr", "ddeLink", "Formula")
# White space may be put between the letters of base64; what else stands there means nothing.
_NO_LETTERS = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_PART = re.compile(TAG + r"part(?=[\s>])")
_BINARY = re.compile(TAG + r"(?:binaryData|binData|binary-data)(?=[\s>])")
_CHUNK = re.compile(TAG + r"chunk(?=[\s>])")
_XML_DATA = re.compile(TAG + r"xmlData(?:\s[^<>]*)?>")
_CALLED = re.compile(r"\bname\s*=\s*(?:\"([^\"]{0,1000})\"|'([^']{0,1000})')")
_MACROS = re.compile(r"\bmacrosPresent\s*=\s*(?:\"([^\"]{0,200})\"|'([^']{0,200})')")
_NO = frozenset(("", "no", "false", "off", "0"))
_CONTENT_TYPES = "[Content_Types].xml"
_GLANCE = 8192
_SHOWN = ("image/", "font/", "text/")


def read(octets: bytes, ledger: Ledger, place: str) -> Listing:
    """What is in such a document; nothing in any other."""
    if len(octets) > ledger.budget.document_octets:
        ledger.note(Defect.CONTAINER_TOO_LARGE, place, Limit.DOCUMENT)
        octets = octets[: ledger.budget.document_octets]
    octets = _narrow(octets)
    if not any(mark.encode() in octets for mark in _MARKS):
        return Listing()
    markup = octets.decode("latin-1")
    views = [xml_source.plain(markup)]
    if "<!DOCTYPE" in markup:  # in one that is malformed a comment may seem to begin where none does
        views.append(markup)
    return joined([_document(view, ledger, place) for view in views])


def read_open(octets: bytes, ledger: Ledger, place: str) -> Listing:
    """What is called an OpenDocument file and is no ZIP: a flat one, which `read` reads, or damaged."""
    if not open_document.is_flat(_narrow(octets[: ledger.budget.type_head]).decode("latin-1")):
        ledger.note(Defect.CONTAINER_DAMAGED, place)
    return Listing()


def _narrow(octets: bytes) -> bytes:
    """UTF-16 in UTF-8."""
    if octets.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in octets[:64]:
        return xml_source.decoded(octets).encode("utf-8", "replace")
    return octets


def _document(markup: str, ledger: Ledger, place: str) -> Listing:
    package = Listing()
    if "xmlData" in markup or "binaryData" in markup:
        starts = [match.start() for match in _PART.finditer(markup)]
        if starts:
            package = _package(markup, starts, ledger, place)
    members: list[Member] = []
    packed = _CHUNK if "ns.adobe.com/xdp" in markup else _BINARY
    for names, content in _binaries(markup, ledger, place, packed) if not package.members else ():
        if content and not _is_shown(content):
            members.append(held(names, content))
    present = any(_value(match).strip().lower() not in _NO for match in _MACROS.finditer(markup))
    active = dict.fromkeys(xml_parts.template_2003(markup))
    if any(one in markup for one in _FIELDS) and ledger.spend_fields(len(markup), place):
        active |= dict.fromkeys(xml_parts.put_in(markup))
        if xml_parts.starts_program(markup):
            active.setdefault(Active.DDE)
    if "opendocument" in markup:
        present |= open_document.has_macros(markup)
        active |= dict.fromkeys(open_document.acting(markup))
    # One may look like the other: what tells is the program that is asked to open it.
    return joined((package, Listing(tuple(members), macros=present, active=tuple(active))))


def _package(markup: str, starts: list[int], ledger: Ledger, place: str) -> Listing:
    """As the ZIP with these parts is read."""
    parts = [held((_CONTENT_TYPES,), b"")]  # what the types say stands with each part
    for start, stop in pairwise((*starts, len(markup))):
        if ledger.unpacked_left <= 0 or not ledger.spend_member(place):
            break
        part = markup[start:stop]
        names = _called(part[: part.find("<", 1)])
        contents = [content for _, content in _binaries(part, ledger, place) if content]
        if not contents and (match := _XML_DATA.search(part)) is not None:
            contents = [part[match.end() :].encode("latin-1")]
        parts += [held(names, content) for content in contents]
    found = office.document(Listing(tuple(parts)), (), ledger, place)
    named = {id(member) for member in found.members}
    hidden = [member for member in parts[1:] if id(member) not in named and not _is_shown(member.read(_GLANCE))]
    files = [member for member in found.members if member is not parts[0] and not (member.names and _is_xml(member))]
    # It is read as the text that it is: no pages of its own; and it is XML, whatever it would be as a ZIP.
    return Listing((*files, *hidden), found.encrypted, macros=found.macros, active=found.active)


def _is_xml(member: Member) -> bool:
    return member.names[0].lower().endswith((".xml", ".rels")) and _is_shown(member.read(_GLANCE))


def _is_shown(content: bytes) -> bool:
    """Whether octets are nothing but a picture, a font or text, or nothing known."""
    head = content[:_GLANCE]
    return all(kind.startswith(_SHOWN) for kind in filetype.identify(head).types)


def _binaries(
    markup: str, ledger: Ledger, place: str, packed: re.Pattern[str] = _BINARY
) -> Iterator[tuple[tuple[str, ...], bytes]]:
    """Names and octets of everything that stands as base64; where a ">" stands in a tag, in both readings."""
    for match in packed.finditer(markup):
        if ledger.unpacked_left <= 0 or not ledger.spend_member(place):
            return
        stop = markup.find("<", match.end())
        inner = markup[match.end() : stop if stop >= 0 else len(markup)]
        for at in dict.fromkeys((inner.find(">"), inner.rfind(">"))):
            content = _decoded(inner[at + 1 :])
            ledger.spend_unpacked(len(content), place)
            yield _called(inner[:at]), content


def _decoded(text: str) -> bytes:
    letters = (unescaped(text) if "&" in text else text).encode("latin-1", "replace").translate(None, _NO_LETTERS)
    try:
        return binascii.a2b_base64(letters[: len(letters) - (len(letters) % 4 == 1)] + b"==")
    except binascii.Error:
        return b""


def _called(tag: str) -> tuple[str, ...]:
    return tuple(_value(match) for match in _CALLED.finditer(tag))


def _value(match: re.Match[str]) -> str:
    value: str = match[1] if match[1] is not None else match[2]
    return unescaped(value) if "&" in value else value
