"""What octets are, by their content: own tables first (`signatures`, `text_types`), libmagic for what they cannot settle.

Promises: looks at a bounded head and tail only; all types that fit are found (a GIF that is also a ZIP is both). The only module
that knows `magic`, which is imported only when it is asked; one `Magic` a thread, because it is not safe to share.
"""

import threading
from collections.abc import Iterable

from screener.anatomy import signatures, text_types
from screener.anatomy.needle import Needle, Needles
from screener.frozen import dataclass

MAGIC_HEAD = 8 * 1024
TEXT = "text/plain"

# Long enough to mean something wherever they stand within the head: polyglots and payloads behind junk.
_ANYWHERE: tuple[tuple[bytes, str], ...] = (
    (b"Rar!\x1a\x07", "application/x-rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"%PDF-", "application/pdf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"MSCF\0\0\0\0", "application/vnd.ms-cab-compressed"),
    (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", "application/onenote"),
)
_PROGRAM, _ZIP_MEMBER, _ZIP_END = b"PE\0\0", b"PK\x03\x04", b"PK\x05\x06"
_MARKS = Needles(*(mark for mark, _ in _ANYWHERE), _PROGRAM, _ZIP_MEMBER, _ZIP_END)
_PROGRAM_NUMBER = len(_ANYWHERE)
_ZIP_NUMBERS = {_PROGRAM_NUMBER + 1, _PROGRAM_NUMBER + 2}
_AT_ZIP_END = Needle(_ZIP_END)
_MAX_TRIES = 1_000


@dataclass(frozen=True, slots=True)
class Identified:
    """The likeliest type, "" where the table cannot say, and every type that fits."""

    type: str
    types: frozenset[str]


_NOTHING = Identified("", frozenset())
_JUST_TEXT = Identified(TEXT, frozenset((TEXT,)))


def identify(head: bytes, tail: bytes = b"") -> Identified:
    """Type by the own table. `head`: the first octets (64 KiB are enough), `tail`: the last, where they are not in the head."""
    if not head:
        return _NOTHING
    found = signatures.at_fixed_places(head)
    plain = not found and text_types.looks_like_text(head)
    marks = _MARKS.among(head)
    if not plain or not head.isascii() or (marks and (b"%PDF-" in head[:1024] or _ZIP_MEMBER in head)) or _AT_ZIP_END.is_in(tail):
        found |= _behind(head, tail, marks)
    if plain or (found and next(iter(found)).startswith("text/")):
        found = text_types.of_text(head) | found
        found.setdefault(TEXT)
    if not found:
        return _NOTHING
    if len(found) == 1 and TEXT in found:
        return _JUST_TEXT
    return Identified(next(iter(found)), frozenset(found))


def is_text_at_most(head: bytes, tail: bytes = b"") -> bool:
    """Whether `identify` finds kinds of text, or nothing: no signature stands anywhere."""
    return not (_MARKS.are_in(head) or (head and signatures.at_fixed_places(head)) or (tail and _of_tail(tail)))


def _behind(head: bytes, tail: bytes, marks: set[int]) -> dict[str, None]:
    """Signatures that stand anywhere in the head (`marks`, by their number), or at the end."""
    found = {name: None for number, (_, name) in enumerate(_ANYWHERE) if number in marks}
    if _PROGRAM_NUMBER in marks:
        # Two octets say nothing in the midst of others; that they point at a PE header does.
        at = head.find(b"MZ", 1)
        for _ in range(_MAX_TRIES):
            if at < 0:
                break
            if signatures.is_program(head, at):
                found.setdefault("application/x-dosexec")
                break
            at = head.find(b"MZ", at + 1)
    if not marks.isdisjoint(_ZIP_NUMBERS):
        found.setdefault("application/zip")
    return found | _of_tail(tail)


def _of_tail(tail: bytes) -> dict[str, None]:
    """Signatures at the end."""
    found: dict[str, None] = {}
    if _AT_ZIP_END.is_in(tail):
        found.setdefault("application/zip")
    if tail[-512:-508] == b"koly":
        found.setdefault("application/x-apple-diskimage")
    return found


_local = threading.local()
# The last: with "MZ" it stands in the own table; without, it is a .com file, which has no mark (one file of noise in a hundred is
# taken for one) and which Windows runs by its name alone.
_SAYS_NOTHING = frozenset(("application/octet-stream", "application/x-empty", "inode/x-empty", "application/x-dosexec"))


def by_magic(head: bytes) -> str:
    """libmagic's opinion on the first octets, "" where it has none. A foreign parser: the caller has asked the ledger."""
    import magic

    reader: magic.Magic | None = getattr(_local, "magic", None)
    if reader is None:
        reader = _local.magic = magic.Magic(mime=True)
    try:
        name = str(reader.from_buffer(head[:MAGIC_HEAD]))
    except (magic.MagicException, UnicodeError):
        return ""
    return "" if name in _SAYS_NOTHING else name.lower()


_OLE_STREAMS: tuple[tuple[str, str], ...] = (
    ("WordDocument", "application/msword"),
    ("Workbook", "application/vnd.ms-excel"),
    ("Book", "application/vnd.ms-excel"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
    ("__properties_version1.0", "application/vnd.ms-outlook"),
    ("EncryptedPackage", "application/x-ole-encrypted"),
    ("VisioDocument", "application/vnd.visio"),
    ("\x05DigitalSignature", "application/x-msi"),
)
_OLE_MARKS = tuple((name.encode("utf-16-le") + b"\0\0", kind) for name, kind in _OLE_STREAMS)


def ole_type_of(names: Iterable[str]) -> str:
    """What an OLE file is, by the names of the streams and storages in its root."""
    found = {name.lower() for name in names}
    return next((kind for name, kind in _OLE_STREAMS if any(one.startswith(name.lower()) for one in found)), "")


def ole_type(octets: bytes) -> str:
    """What an OLE file is, by the names that stand in its directory, wherever that lies (MS-CFB 2.6.1)."""
    for mark, name in _OLE_MARKS:
        if mark in octets:
            return name
    return ""


def ole_encrypted(octets: bytes) -> bool:
    """Whether an OLE file holds an encrypted package (MS-OFFCRYPTO 2.3.2)."""
    return "EncryptedPackage".encode("utf-16-le") in octets


def ole_macros(octets: bytes) -> bool:
    """Whether an OLE file has a storage of VBA macros (MS-OVBA 2.2.1)."""
    return "_VBA_PROJECT".encode("utf-16-le") in octets
