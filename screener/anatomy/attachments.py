"""Every file a reader would show: leaves, nested messages, blocks in texts, and what lies in containers, in one list.

Bounded by the ledger (members, depth, octets); never raises but NotInline.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from screener.anatomy import contents, filetype, names
from screener.anatomy.attachment import Around, Attachment
from screener.anatomy.containers import archive, behind, openpgp, signed
from screener.anatomy.defects import Defect, Limit
from screener.anatomy.html import markup
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Held, Listing, Member, held, joined
from screener.anatomy.mime import blocks, mailbox, returned, structure, unnamed
from screener.anatomy.mime.fields import ends
from screener.anatomy.mime.part import Part
from screener.anatomy.mime.textual import CARDS, is_textual
from screener.anatomy.office import packages as office
from screener.frozen import dataclass

_PAGE = ("unnamed.htm",)  # a page in which something acts, where readers make a file of it
_MAX_SUBJECTS = 4
_MESSAGE_EXTENSIONS = frozenset(("eml", "emlx", "mht", "mhtml", "nws", "mim", "mme"))
_LENGTH = re.compile(rb"[0-9]{1,10}[ \t]{0,20}\r?\n")  # of a message, before it, as Apple Mail stores one (.emlx)
_TEXT_EXTENSIONS = frozenset(("txt", "text", "log", "csv", "tsv", "tab", "md"))  # a message called so is shown as it stands
_OWNER_FILE = 200  # octets at most
_OF_FILES = archive.CONTAINERS | {"application/vnd.ms-tnef"}
_WRITTEN = frozenset(("text/x-uuencode", "application/mac-binhex40"))
# Behind a text these are files all the same; a text about PDF or scripts, and a message quoted in one, is a text.
_NEVER_TEXT = (archive.CONTAINERS | {"application/x-dosexec", "application/x-ole-storage", "application/onenote"}) - {filetype.TEXT}
_SIGNATURES = {
    "application/x-rar": b"Rar!\x1a\x07",
    "application/x-7z-compressed": b"7z\xbc\xaf\x27\x1c",
    "application/vnd.ms-cab-compressed": b"MSCF\0\0\0\0",
}


def collect(root: Part, ledger: Ledger, container: Attachment | None = None) -> list[Attachment]:
    """The attachments of a message, those in containers right behind their container."""
    found: list[Attachment] = []
    prefix = ""
    around = Around()
    if container is not None:  # what a message in it shows is a text like that of any file in it
        prefix = f"{container.path} > "
        around = container.around_message
        subjects = "\n".join(view for field in ends(root.headers.get("subject"), _MAX_SUBJECTS) for view in field.views)
        if subjects:
            subject = Attachment(container.path, (), (), ledger, content=subjects.encode("utf-8", "replace"), around=around)
            subject.is_body = True
            found.append(subject)
    pending = [(root, around)]
    while pending:
        part, around = pending.pop()
        within = around
        for attachment in _of_part(part, prefix + part.place, ledger, around):
            if part.is_message and within is around:
                within = attachment.around_parts
            found.append(attachment)
            found.extend(_open(attachment, ledger))
        pending.extend((child, within) for child in reversed(part.children))
    return found


def _of_part(part: Part, place: str, ledger: Ledger, around: Around) -> Iterator[Attachment]:
    if part.is_message:
        for content in part.contents(ledger):
            yield Attachment(
                place, part.name_candidates(), part.types, ledger, content=content, around=around, known_type="message/rfc822"
            )
        return
    if not part.is_leaf:
        return
    textual = is_textual(part)
    declared = part.types if part.declared else ()
    candidates = part.name_candidates() if part.declared or part.disposition else ()
    shown = not textual or bool(candidates) or part.is_attachment
    if shown and not candidates:
        candidates = part.described_names()
    is_inner = around.level > 0
    charsets = part.charsets() if shown or is_inner else ()
    is_entity = part.has_raw_child()
    for content in part.contents(ledger):
        if shown or is_inner or _may_be_file(content, ledger):
            attachment = Attachment(place, candidates, declared, ledger, content=content, around=around, declared_charsets=charsets)
            attachment.is_unwrapped = part.is_unwrapped
            attachment.may_be_cut = part.may_be_cut
            attachment.is_entity = is_entity
            if shown or (content and _is_file(attachment)):
                yield attachment
            elif is_inner:
                attachment.is_body = True
                yield attachment
        if not shown and not CARDS.isdisjoint(part.types):
            for member in contents.listing("text/calendar", content, (), ledger, place).members:
                yield Attachment(place, member.names, (), ledger, content=member.read(member.size), around=around)
        if not shown and not markup.BODIES.isdisjoint(part.types):
            page = contents.listing("text/html", content, (), ledger, place) if part.is_further else Listing()
            if page.members or page.active:
                yield Attachment(place, _PAGE, declared, ledger, content=content, around=around, declared_charsets=part.charsets())
            else:
                body = Attachment(place, (), part.types, ledger, around=around)
                body.is_body = True
                for member in markup.addressed(content, part.charsets(), ledger, place):
                    yield _as_attachment(body, member, ledger)
        if not shown and openpgp.BEGIN in content:  # what programs show of it without a key
            for member in openpgp.read(content, (), ledger, place).members:
                yield Attachment(place, member.names, (), ledger, content=member.read(member.size), around=around)
        written, is_cut = blocks.look(content)
        if is_cut:
            ledger.note(Defect.TOO_MANY_PARTS, place, Limit.FIXED)
        for block in written:
            ledger.note(block.defect, place)
            yield Attachment(place, (block.name,) if block.name else (), (), ledger, content=block.octets, around=around)


def _may_be_file(content: bytes, ledger: Ledger) -> bool:
    """Whether there is anything in what calls itself a text that no mere text has: told fast, and nearly always no."""
    return len(content) > ledger.budget.type_head or not filetype.is_text_at_most(content)


def _is_file(attachment: Attachment) -> bool:
    """Whether what calls itself a text is, by its content, something else, too."""
    types = attachment.identified.types
    if filetype.TEXT not in types:
        return bool(types)
    return len(types) > 1 and any(media in _NEVER_TEXT for media in types)


def _open(attachment: Attachment, ledger: Ledger) -> Iterator[Attachment]:
    """What lies in an attachment, however deep."""
    pending = [attachment]
    while pending:
        container = pending.pop()
        inner = list(_members(container, ledger))
        if container is not attachment:
            yield container
        pending.extend(reversed(inner))


@dataclass(frozen=True, slots=True)
class _Ways:
    """As what a file is opened, all at once."""

    kinds: tuple[str, ...]
    is_message: bool
    is_signed: bool
    is_tnef: bool

    @property
    def any(self) -> bool:
        """Whether it may hold anything."""
        return bool(self.kinds) or self.is_message or self.is_signed or self.is_tnef


_NO_WAY = _Ways((), False, False, False)


def _ways(container: Attachment, ledger: Ledger) -> _Ways:
    """As what a file is opened: by its content, its names and what it is declared as."""
    types = container.identified.types
    if types & archive.UNREADABLE:
        ledger.note(Defect.CONTAINER_METHOD, container.place)
    if container.is_locked or container.is_body:
        return _NO_WAY
    if not (types or container.head()):
        if container.around.level and container.declared_size:
            ledger.note(Defect.CONTAINER_METHOD, container.place)  # a member that cannot be unpacked hides what it is
        return _NO_WAY
    if container.identified.type in _OF_FILES:  # a PDF that is seen in it is a file of its own, unless it is called one itself
        types -= {"application/pdf"}
    searched = contents.ARCHIVES.isdisjoint(container.last_extensions) or len(container.head()) < ledger.budget.type_head
    extensions = container.last_extensions - (contents.BY_NAME if _is_owner_file(container) else frozenset())
    kinds = contents.kinds(types, extensions, container.declared_types, searched=searched)
    if not container.around.level:  # of a part of the message they are found in every text
        kinds = tuple(kind for kind in kinds if kind not in _WRITTEN or not types)
    if container.type_is_message:  # its parts stand there for themselves; what it is beside a message does not
        types -= {"message/rfc822"}
    is_message = not container.is_entity and (
        ("message/rfc822" in types and (not container.names or not container.last_extensions <= _TEXT_EXTENSIONS))
        or (not container.type_is_message and bool(container.extensions & _MESSAGE_EXTENSIONS))
    )
    is_signed = not container.is_unwrapped and signed.is_signed(container.head())
    return _Ways(kinds, is_message, is_signed, "application/vnd.ms-tnef" in types)


def _members(container: Attachment, ledger: Ledger) -> Iterator[Attachment]:
    """What lies in a file."""
    ways = _ways(container, ledger)
    if not ways.any:
        return
    if container.around.level >= ledger.budget.container_depth:
        ledger.note(Defect.CONTAINER_TOO_DEEP, container.place)
        return
    is_cut = container.may_be_cut and returned.is_cut(container.octets())
    if is_cut:
        ledger.cut.add(container.place)
    trees = _letters(container, ledger) if ways.is_message else []
    if ways.is_signed:
        found = signed.content(container.octets(), ledger, container.place)
        if found and ledger.spend_member(container.place):
            ledger.spend_unpacked(len(found), container.place)
            if signed.is_entity(found):
                trees.append(structure.read(found, ledger))
            else:
                yield _as_attachment(container, held(_unsigned(container.names), found), ledger)
    for tree in trees:
        yield from collect(tree, ledger, container)
    if ways.is_tnef:
        yield from _of_tnef(container, ledger)
    if ways.kinds:
        container.opened = _opened(container, ways, ledger)
    last = len(container.opened.members) - 1
    for number, member in enumerate(container.opened.members):
        attachment = _as_attachment(container, member, ledger)
        attachment.may_be_cut = is_cut and number == last
        yield attachment


def _letters(container: Attachment, ledger: Ledger) -> list[Part]:
    """The message that a file is, or those in a mailbox, read for the first time."""
    octets = container.octets()
    length = _LENGTH.match(octets)
    letter = octets if length is None else octets[length.end() :]
    if not ledger.is_new(letter, container.around.packed_in):
        return []
    spans = mailbox.letters(letter, 0, len(letter)) if "mbox" in container.last_extensions else [(0, len(letter))]
    return [structure.read(letter[begin:end], ledger) for begin, end in spans if ledger.spend_part()]


def _is_owner_file(container: Attachment) -> bool:
    """What Office leaves beside a document that is open: the name of who has it open, in the document's name behind "~$"."""
    if container.identified.types or not container.names:
        return False
    is_called_so = all(re.split(r"[/\\]", name)[-1].startswith("~$") for name in container.names)
    return is_called_so and len(container.head()) <= _OWNER_FILE


def _unsigned(names: tuple[str, ...]) -> tuple[str, ...]:
    """What signed files were called before: "a.xml.p7m" was "a.xml"."""
    return tuple(name[:-4] if name.lower().endswith((".p7m", ".p7s")) else name for name in names)


def _opened(container: Attachment, ways: _Ways, ledger: Ledger) -> Listing:
    """What a file holds, opened as everything it is; as a ZIP only where that is more than the files found in it before."""
    listings = {kind: _listing(container, kind, ledger) for kind in ways.kinds if kind != contents.ZIPPED}
    if contents.ZIPPED in ways.kinds:
        files = [attached.octets for attached in container.winmail.attached] if ways.is_tnef else []
        members = [member for listing in listings.values() for member in listing.members]
        shown = _shown(container, members, files, ledger)
        listings[contents.ZIPPED] = _listing(container, contents.ZIPPED, ledger) if shown is None else shown
    return joined(listings[kind] for kind in ways.kinds if kind in listings)


def _shown(container: Attachment, members: list[Member], files: list[bytes], ledger: Ledger) -> Listing | None:
    """What is whole of the ZIP in a file of another kind, where it is but those among its members and files; else None."""
    if container.identified.type == contents.ZIPPED:
        return None
    octets = container.octets()
    if behind.are_files(octets, files + [one.read(one.size) for one in members if isinstance(one.read, Held)], ledger):
        return Listing()
    called = container.last_extensions.union(names.last_extension(one) for one in unnamed.names(container.declared_types, ()))
    if container.identified.type not in behind.PACKED or contents.ZIPPED in contents.kinds(frozenset(), called, ()):
        return None
    return behind.shown(octets, members, ledger, container.place)


def _listing(container: Attachment, kind: str, ledger: Ledger) -> Listing:
    if kind in archive.CONTAINERS:
        ledger.require_foreign(f"{container.place} is {kind}")
    else:
        ledger.spend_document(container.declared_size, container.place)  # before it is decoded
    octets = container.octets()
    by_name = kind not in container.identified.types
    is_behind = kind == contents.ZIPPED and container.identified.type != kind and not by_name
    if is_behind and b"PK\x05\x06" not in octets and contents.ARCHIVES.isdisjoint(container.last_extensions):
        return Listing()
    mark = _SIGNATURES.get(kind)
    if mark is not None and not octets.startswith(mark) and (at := octets.find(mark)) > 0:
        octets = octets[at:]
    listing = contents.listing(kind, octets, container.names, ledger, container.place)
    if kind == contents.ZIPPED:
        listing = office.document(listing, container.names, ledger, container.place)
    if by_name and listing.members and not listing.type and (kind == contents.ZIPPED or mark is not None):
        listing = replace(listing, type=kind)  # found far behind the beginning
    return listing


def _as_attachment(container: Attachment, member: Member, ledger: Ledger) -> Attachment:
    shown = "".join(one if one.isprintable() else "?" for one in (member.names[0] if member.names else "unnamed")[-120:])
    place, declared, said = f"{container.path} > {shown}", member.types, member.charsets
    around = container.around_members
    return Attachment(place, member.names, declared, ledger, member=member, around=around, declared_charsets=said)


def _of_tnef(container: Attachment, ledger: Ledger) -> Iterator[Attachment]:
    read = container.winmail
    if read.damaged:
        ledger.note(Defect.TNEF_DAMAGED, container.place)
    # What acts and what is put into a body is found as in any page or document; a text that lies deeper is a text of its own.
    texts = (ledger.unpack_rtf(octets, container.place) if kind == "rtf" else octets for kind, octets in read.bodies)
    members = (held(attached.every_name(), attached.octets) for attached in read.attached)
    for member in (*(held((), text) for text in texts if text), *members):
        if not ledger.spend_member(container.place):
            return
        yield _as_attachment(container, member, ledger)
