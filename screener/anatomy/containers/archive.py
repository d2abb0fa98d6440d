"""Containers by their type: what lies in them, and nothing unpacked that is not asked for.

ZIP and packed streams are read by `zipped` and `streams`, images of discs by `discs`; 7z, RAR, tar, cab and others by `foreign`.
Promises: bounded by the ledger, never raises but NotInline; what cannot be read is noted.
"""

import zlib
from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import takewhile

from screener.anatomy import filetype, signatures
from screener.anatomy.containers import discs, foreign, rar, rar_names, streams, zipped
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, Member, held, joined

# Type → libarchive's reader. Only what is named is switched on: "all" would also start programs for odd compressions.
_FORMATS = {
    "application/x-7z-compressed": "7zip",
    "application/x-rar": "rar",
    "application/vnd.ms-cab-compressed": "cab",
    "application/x-tar": "tar",
    "application/x-cpio": "cpio",
    "application/x-archive": "ar",
    "application/x-lzh": "lha",
    "application/x-xar": "xar",
}
_RAW = {
    "application/zstd": ("zstd", (".zst", ".tzst")),
    "application/x-lz4": ("lz4", (".lz4", ".tlz4")),
    "application/x-lzip": ("lzip", (".lz", ".tlz")),
    "application/x-compress": ("compress", (".z", ".taz")),
}
_DISCS = frozenset(("application/x-iso9660-image", "application/x-udf-image"))
_MAX_TARS = 8  # one behind the other: each costs a copy of what follows it
CONTAINERS = frozenset(("application/zip", *_FORMATS, *_DISCS, *streams.ENDINGS, *_RAW))
# Containers that nothing here can open: their members are unknown.
UNREADABLE = frozenset(
    (
        "application/x-ace",
        "application/x-apfs-image",
        "application/x-apple-diskimage",
        "application/x-alz-compressed",
        "application/x-arj",
        "application/x-brotli",
        "application/x-cd-image",
        "application/x-cramfs-image",
        "application/x-disk-image",
        "application/x-egg",
        "application/x-ext-image",
        "application/x-freearc",
        "application/x-hfs-image",
        "application/x-lzop",
        "application/x-ms-compress",
        "application/x-qemu-disk",
        "application/x-rpm",
        "application/x-squashfs-image",
        "application/x-stuffit",
        "application/x-uc2",
        "application/x-vdi",
        "application/x-vhd",
        "application/x-vhdx",
        "application/x-vmdk",
        "application/x-ms-wim",
        "application/x-zoo",
        "application/x-zpaq",
    )
)


def listing(kind: str, octets: bytes, called: tuple[str, ...], ledger: Ledger, place: str) -> Listing:
    """The members of a container of this type; `called` are the container's own names."""
    if kind in UNREADABLE:
        ledger.note(Defect.CONTAINER_METHOD, place)
        return Listing()
    ledger.refuse_inline(f"{place} is {kind}")
    if kind == "application/zip":
        return zipped.listing(octets, ledger, place)
    if kind in streams.ENDINGS:
        return streams.listing(kind, octets, called, ledger, place)
    if kind in _RAW:
        return _raw(kind, octets, called, ledger, place)
    if kind == "application/x-tar":
        return _tars(octets, ledger, place)
    if kind == "application/x-rar":
        return _rar(octets, ledger, place)
    if kind in _DISCS:
        return discs.listing(octets, called, ledger, place)
    return foreign.listing(octets, _FORMATS[kind], "none", ledger, place)[0]


def _rar(octets: bytes, ledger: Ledger, place: str) -> Listing:
    """The members of a RAR. What its headers say is encrypted is read by itself as if it were not, as some programs do."""
    parted = rar.part(octets)
    if parted.is_only_said:
        ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
    copies = rar.copies(octets)
    listed = foreign.listing(parted.others, "rar", "none", ledger, place, copies=copies)[0] if parted.others else Listing()
    found = list(listed.members)
    trial = Ledger(ledger.budget, len(octets))  # noise that cannot be unpacked is no defect
    for alone in parted.locked:
        if not ledger.spend_member(place):
            break
        for member in foreign.listing(alone.octets, "rar", "none", trial, place)[0].members:
            content = member.read(min(member.size, ledger.unpacked_left))
            ledger.spend_unpacked(len(content), place)
            if _is_plain(content, alone.checksum):
                ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
                found.append(member)
            else:
                found.append(Member(member.names, member.size, encrypted=True))
    encrypted = listed.encrypted or any(member.encrypted for member in found)
    return joined(
        (
            Listing(tuple(found), encrypted),
            _unlisted(parted.others, len(listed.members), found, ledger, place),
            _shown(octets, found, ledger, place),
            _beside(octets, ledger, place),
        )
    )


def _unlisted(octets: bytes, listed: int, found: Collection[Member], ledger: Ledger, place: str) -> Listing:
    """Files that only the headers of a RAR name: what is in them is not known. So many of those found are named there."""
    files = list(rar_names.files(octets))
    known = {name for member in found for name in member.names}
    unknown = [file for file in files if known.isdisjoint(file.names)] if len(files) > listed else []
    if unknown:
        ledger.note(Defect.CONTAINER_METHOD, place)
    return _named(unknown, ledger, place)


def _shown(octets: bytes, found: Iterable[Member], ledger: Ledger, place: str) -> Listing:
    """Files that only the copies of headers name by which WinRAR lists them."""
    known = {name for member in found for name in member.names}
    known.update(name for file in rar_names.files(octets) for name in file.names)
    otherwise = [file for file in rar_names.shown(octets) if known.isdisjoint(file.names)]
    if otherwise or rar_names.are_shown_otherwise(octets):
        ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
    return _named(otherwise, ledger, place)


def _named(files: Iterable[rar_names.Named], ledger: Ledger, place: str) -> Listing:
    """Those that there may be."""
    return Listing(tuple(takewhile(lambda _: ledger.spend_member(place), (Member(file.names, file.size) for file in files))))


def _is_plain(content: bytes, checksum: int | None) -> bool:
    """Whether what came out of a member without its password is what was put into it."""
    if checksum is None:
        return bool(filetype.identify(content).types)
    return content != b"" and zlib.crc32(content) == checksum


def _beside(octets: bytes, ledger: Ledger, place: str) -> Listing:
    """What a RAR holds beside its members."""
    if rar.is_volume(octets):
        ledger.note(Defect.CONTAINER_VOLUME, place)
    members: list[Member] = []
    for one in rar.streams(octets):
        if not ledger.spend_member(place):
            break
        called = tuple(dict.fromkeys((one.name.lstrip(":"), one.name)))
        # What is packed cannot be judged; but beside a file it is nothing that anybody opens.
        size = one.size if "\\" in one.name or "/" in one.name else 0
        members.append(Member(called, size) if one.octets is None else held(called, one.octets))
    return Listing(tuple(members))


def _raw(kind: str, octets: bytes, called: tuple[str, ...], ledger: Ledger, place: str) -> Listing:
    reader, endings = _RAW[kind]
    found, _ = foreign.listing(octets, "raw", reader, ledger, place)
    inner = streams.unpacked_names(called, endings)
    members = tuple(replace(member, names=inner) for member in found.members)
    if any(member.size == len(octets) and member.read(member.size) == octets for member in members):
        ledger.note(Defect.CONTAINER_DAMAGED, place)  # what it cannot unpack libarchive gives as it is
        return Listing()
    return Listing(members)


def _tars(octets: bytes, ledger: Ledger, place: str) -> Listing:
    """The members of a tar and of those behind its end, where some programs read on ("tar --ignore-zeros")."""
    found: list[Listing] = []
    at = 0
    while at >= 0:
        if len(found) >= _MAX_TARS:
            ledger.note(Defect.CONTAINER_TOO_MANY_MEMBERS, place)
            break
        listed, size = foreign.listing(octets[at:], "tar", "none", ledger, place)
        found.append(listed)
        at = signatures.next_tar(octets, at + max(512, size))
    if len(found) > 1:
        ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
    return joined(found)
