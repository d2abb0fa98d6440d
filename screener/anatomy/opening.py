"""As what a file is opened, and what it then holds: all that any program would open it as, each file in it once.

Which reader opens what is told by `contents`; which files there are is `attachments`' to find. Bounded by the ledger; never raises
but NotInline.
"""

import re
from dataclasses import replace

from screener.anatomy import contents, names
from screener.anatomy.attachment import Attachment
from screener.anatomy.containers import archive, behind, signed
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Held, Listing, Member, joined
from screener.anatomy.mime import unnamed
from screener.anatomy.office import packages as office
from screener.frozen import dataclass

_MESSAGE_EXTENSIONS = frozenset(("eml", "emlx", "mht", "mhtml", "nws", "mim", "mme"))
_TEXT_EXTENSIONS = frozenset(("txt", "text", "log", "csv", "tsv", "tab", "md"))  # a message called so is shown as it stands
_OWNER_FILE = 200  # octets at most
_OF_FILES = archive.CONTAINERS | {"application/vnd.ms-tnef"}
_WRITTEN = frozenset(("text/x-uuencode", "application/mac-binhex40"))
_SIGNATURES = {
    "application/x-rar": b"Rar!\x1a\x07",
    "application/x-7z-compressed": b"7z\xbc\xaf\x27\x1c",
    "application/vnd.ms-cab-compressed": b"MSCF\0\0\0\0",
}


@dataclass(frozen=True, slots=True)
class Ways:
    """As what a file is opened, all at once."""

    kinds: tuple[str, ...]
    is_message: bool
    is_signed: bool
    is_tnef: bool

    @property
    def any(self) -> bool:
        """Whether it may hold anything."""
        return bool(self.kinds) or self.is_message or self.is_signed or self.is_tnef


_NO_WAY = Ways((), False, False, False)


def ways_of(container: Attachment, ledger: Ledger) -> Ways:
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
    return Ways(kinds, is_message, is_signed, "application/vnd.ms-tnef" in types)


def _is_owner_file(container: Attachment) -> bool:
    """What Office leaves beside a document that is open: the name of who has it open, in the document's name behind "~$"."""
    if container.identified.types or not container.names:
        return False
    is_called_so = all(re.split(r"[/\\]", name)[-1].startswith("~$") for name in container.names)
    return is_called_so and len(container.head()) <= _OWNER_FILE


def opened(container: Attachment, ways: Ways, ledger: Ledger) -> Listing:
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
        ledger.refuse_inline(f"{container.place} is {kind}")
    else:
        ledger.spend_document(container.declared_size)  # before it is decoded
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
