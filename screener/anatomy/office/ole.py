"""Compound files that are documents: Office up to 2003, encrypted Office, .msg, objects in other documents.

Finds macros (MS-OVBA; Excel 4 sheets, MS-XLS), passwords (MS-OFFCRYPTO, MS-DOC, MS-XLS, MS-PPT), and files put into them
(MS-OLEDS); their text is read when it is asked for. What programs open without asking for a password is read as if it had none.
Promises: bounded by the ledger, raises NotInline alone. A damaged file is judged by the names that stand in it anywhere.
"""

import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice

from screener.anatomy import charsets, filetype
from screener.anatomy.active import Active
from screener.anatomy.containers import archive
from screener.anatomy.containers.unpacking import inflate
from screener.anatomy.defects import Defect, Limit
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, Member, held, joined
from screener.anatomy.office import ole_lock, ole_text, outlook_msg, package_lock, workbooks, xml_parts
from screener.anatomy.office import packages as office
from screener.anatomy.office.compound import SIGNATURE, Compound, Entry

_STREAM_LIMIT = 4 * 1024 * 1024  # octets of a stream that are searched for records
_DOCUMENT_LIMIT = 32 * 1024 * 1024  # … of the one that is the document
_MAX_OBJECTS = 100  # of a presentation
_PACKED = b"\2\0"  # what a packaged file begins with
_ICONS = re.compile(r".*\.(?:exe|dll|ico|icl)", re.IGNORECASE | re.DOTALL)
_NAME = 1024  # characters at the end of a packaged file's names and paths
_MAX_TEXTS = 100  # documents in one file
_TEXTS = {
    "worddocument": ole_text.word,
    "workbook": ole_text.workbook,
    "book": ole_text.workbook,
    "powerpoint document": ole_text.presentation,
}
_SUMMARY = "\x05summaryinformation"
# Those that fetch what they name: by an address, as a web service, as a script.
_MONIKERS = tuple(
    map(bytes.fromhex, ("e0c9ea79f9bace118c8200aa004ba90b", "c7b0abec197fd211978e0000f8757e2a", "d30b2906aa48d2118432006008c3fbfc"))
)
_FILE_MONIKER = bytes.fromhex("0303000000000000c000000000000046")
_PATH = re.compile(rb"(?:\\\\|//|file:)[\x21-\xff]{1,300}")
_OBJECT_STORAGE = re.compile(rb"[\x00\x10]\x00\x11\x10(?s:(....))")  # ExOleObjStg (MS-PPT 2.10.34)
_HAS_MACROS = re.compile(rb"\x02\x00\x00\x04\x0c\x00\x00\x00(?s:....)\x01\x00\x00\x00")  # VBAInfoAtom (MS-PPT 2.4.11)
_RUNS_PROGRAM = re.compile(rb"\0\0\xf3\x0f\x10\0\0\0(?s:.{8})\x02")  # InteractiveInfoAtom (MS-PPT 2.8.6)
_MACRO_STORAGES = frozenset(("_vba_project_cur", "macros"))
_ENCRYPTED_NAMES = frozenset(("encryptedpackage", "encryptedsummary", "encryption"))
_PASSWORD_TOKEN = b"\xdf\xc4\xd1\xf3"  # of CurrentUserAtom (MS-PPT 2.3.2)
_NOTHING = Listing()


def read(octets: bytes, ledger: Ledger, place: str) -> Listing:
    """What a compound file is and holds, wherever in the octets it begins."""
    at = octets.find(SIGNATURE)
    octets = octets[at:] if at > 0 else octets
    compound = Compound(octets)
    if compound.damaged:
        ledger.note(Defect.CONTAINER_DAMAGED, place)
        return Listing((), filetype.ole_encrypted(octets), filetype.ole_type(octets), filetype.ole_macros(octets))
    kind = filetype.ole_type_of(entry.name for entry in compound.entries if len(entry.path) == 1) or filetype.ole_type(octets)
    # Each program looks for its own streams, whatever else is there: a letter may have those of a document, an object in a document
    # may be a letter, and an object in a letter's text is a document in storages of its own.
    letters = Listing(tuple(outlook_msg.members(compound, ledger, place)), type=kind)
    package = package_lock.package(compound, ledger, place)
    if package is None:
        return joined((letters, _document(compound, kind, ole_lock.unlock(compound, ledger, place), ledger, place)))
    inside = office.document(archive.listing("application/zip", package, (), ledger, place), (), ledger, place)
    return joined((inside, letters, _document(compound, kind, True, ledger, place)))


def _document(compound: Compound, kind: str, unlocked: bool, ledger: Ledger, place: str) -> Listing:
    texts = [entry for entry in compound.entries if entry.is_stream and _reader(entry) is not None]
    if len(texts) > _MAX_TEXTS:
        ledger.note(Defect.CONTAINER_TOO_MANY_MEMBERS, place)
    streams = {entry.name.lower() for entry in compound.entries if entry.is_stream}
    storages = {entry.name.lower() for entry in compound.entries if not entry.is_stream}
    encrypted = not (unlocked or _ENCRYPTED_NAMES.isdisjoint(streams))
    macros = "_vba_project" in streams or not _MACRO_STORAGES.isdisjoint(storages)
    found = [_stream(compound, entry, ledger, place) for entry in compound.entries if entry.is_stream]
    if compound.damaged:
        ledger.note(Defect.CONTAINER_DAMAGED, place)
    readers = tuple(partial(_text, compound, entry, ledger, place) for entry in texts[:_MAX_TEXTS])
    return joined((Listing((), encrypted, kind, macros, texts=readers), *found))


def _stream(compound: Compound, entry: Entry, ledger: Ledger, place: str) -> Listing:
    """What a stream of this name holds and does."""
    match entry.name.lower():
        case "\x01ole10native":
            packaged = _native_member(compound, entry, max(0, ledger.unpacked_left))
            return Listing(tuple(_spent([packaged], ledger, place)), active=(Active.PACKAGED_FILE,))
        case "package" | "contents" | "embeddedodf":
            content = compound.read(entry, max(0, ledger.unpacked_left))
            return Listing(tuple(_spent([held((), content)], ledger, place)))
        case "\x01ole":
            return Listing(active=tuple(_linked(compound.read(entry, _STREAM_LIMIT))))
        case "worddocument":
            head = compound.read(entry, 4096)
            if not compound.whole(entry):
                ledger.note(Defect.CONTAINER_DAMAGED, place)
            encrypted = len(head) > 11 and bool(head[11] & 1)  # fEncrypted (MS-DOC 2.5.2)
            return Listing(encrypted=encrypted, active=tuple(dict.fromkeys(_acting(compound, entry, ledger, place))))
        case "workbook" | "book":
            content = compound.read(entry, _DOCUMENT_LIMIT)
            return workbooks.facts(content, ledger, place, is_cut=len(content) == _DOCUMENT_LIMIT)
        case "current user":
            return Listing(encrypted=compound.read(entry, 64)[12:16] == _PASSWORD_TOKEN)
        case "powerpoint document":
            content = compound.read(entry, _DOCUMENT_LIMIT)
            if len(content) == _DOCUMENT_LIMIT:
                ledger.note(Defect.CONTAINER_TOO_LARGE, place, Limit.FIXED)
            members = tuple(_spent(_presentation(content, ledger, place), ledger, place))
            active = (Active.LAUNCH,) if _RUNS_PROGRAM.search(content) is not None else ()
            return Listing(members, macros=_HAS_MACROS.search(content) is not None, active=active)
        case _:
            return _NOTHING


def _reader(entry: Entry) -> Callable[[Compound, Entry, int], str] | None:
    """What reads a stream's text; of summaries only the document's own, of a publication's contents only those with text."""
    name = entry.name.lower()
    if name == "contents" and entry.path[-2:-1] and entry.path[-2].lower() == "quillsub":
        return ole_text.publication
    return ole_text.summary if name == _SUMMARY and len(entry.path) == 1 else _TEXTS.get(name)


def _text(compound: Compound, entry: Entry, ledger: Ledger, place: str, limit: int) -> str:
    reader = _reader(entry)
    text = reader(compound, entry, limit) if reader is not None else ""
    if entry.size > ole_text.STREAM_LIMIT:
        ledger.note(Defect.TEXT_TRUNCATED, place, Limit.FIXED)
    if compound.damaged:
        ledger.note(Defect.CONTAINER_DAMAGED, place)
    return text


def _spent(members: Iterable[Member], ledger: Ledger, place: str) -> Iterator[Member]:
    """Those that there may be."""
    for member in members:
        if member.size:
            ledger.spend_unpacked(member.size, place)
        if ledger.spend_member(place):
            yield member


def _native_member(compound: Compound, entry: Entry, limit: int) -> Member:
    """The stream of a packaged file (MS-OLEDS 2.3.6)."""
    return held(*native(compound.read(entry, limit)[4:]))


def native(octets: bytes) -> tuple[tuple[str, ...], bytes]:
    """Names and octets of a packaged file, its length before it left out; where it is none of the kind, the octets as they are.

    Of one that is only named, as a shortcut, there are but names.
    """
    at = 2
    names: list[str] = []
    is_begun = octets.startswith(_PACKED)
    for _ in range(2):
        end = octets.find(b"\0", at)
        if end < 0:
            return (), octets
        names.append(charsets.text(octets[max(at, end - _NAME) : end], "cp1252"))
        at = end + 1
    length = int.from_bytes(octets[at + 4 : at + 8], "little")
    at += 8
    if at + length + 4 > len(octets):
        return (tuple(names) if is_begun else ()), octets
    names.append(charsets.text(octets[at : at + length].rstrip(b"\0")[-_NAME:], "cp1252"))
    if _ICONS.fullmatch(names[1]) is not None and not any(map(_ICONS.fullmatch, (names[0], names[2]))):
        del names[1]  # where its picture is from, which names no file
    at += length
    size = int.from_bytes(octets[at : at + 4], "little")
    at += 4
    content = octets[at : at + size]
    at += size
    for _ in range(3):  # the same three in UTF-16, the writer's habit since Windows 2000
        count = int.from_bytes(octets[at : at + 4], "little")
        if not count or at + 4 + 2 * count > len(octets):
            break
        names.append(octets[at + 4 : at + 4 + 2 * count].decode("utf-16-le", "replace").rstrip("\0")[-_NAME:])
        at += 4 + 2 * count
    return tuple(names), content


def _acting(compound: Compound, document: Entry, ledger: Ledger, place: str) -> Iterator[Active]:
    """What acts in a Word document: fields that start a program, a template from elsewhere."""
    codes, template, is_cut = ole_text.acting(compound, document)
    if is_cut:
        ledger.note(Defect.CONTAINER_TOO_LARGE, place, Limit.FIXED)
    if xml_parts.is_dde(codes):
        yield Active.DDE
    yield from xml_parts.fields_put_in(codes)
    yield from xml_parts.loaded(template, is_template=True)


def _linked(head: bytes) -> Iterator[Active]:
    """Where an object's stream "\\x01Ole" says that it is loaded from (MS-OLEDS 2.3.3): the web, a share, or nowhere else."""
    if any(moniker in head for moniker in _MONIKERS):
        yield Active.LINKED_OBJECT
    elif _FILE_MONIKER in head:
        paths = (path.decode("latin-1") for path in _PATH.findall(head.replace(b"\0", b"")))
        yield from islice((kind for path in paths for kind in xml_parts.loaded(path, is_template=False)), 1)


def _presentation(content: bytes, ledger: Ledger, place: str) -> list[Member]:
    """The objects of a presentation, packed or not, its macros among them."""
    found: list[Member] = []
    view = memoryview(content)
    left = min(ledger.unpacked_left, ledger.budget.document_octets)
    for match in _OBJECT_STORAGE.finditer(content):
        start, stop = match.end(), match.end() + int.from_bytes(match[1], "little")
        limit = min(left, ledger.budget.container_ratio_floor)
        if content[match.start()] == 0x10:
            # Its beginning first: four octets are found in many places that are no object.
            if inflate(view[start + 4 : min(stop, start + 512)], 8, zlib.MAX_WBITS) != SIGNATURE:
                continue
            found.append(held((), inflate(view[start + 4 : stop], limit, zlib.MAX_WBITS)))
        elif content.startswith(SIGNATURE, start):
            found.append(held((), content[start:stop][:limit]))
        else:
            continue
        left -= found[-1].size
        if len(found) >= _MAX_OBJECTS or left <= 0:
            ledger.note(Defect.CONTAINER_TOO_MANY_MEMBERS, place)
            break
    return found
