"""Images of discs: every tree of names that one has, as different systems show them.

One disc may have four, which may say anything: ISO 9660's own names (DOS, and Windows where there are no others), those of Rock
Ridge (Unix) and of Joliet (Windows), and UDF's, which Windows and macOS prefer. Nothing here reads that: libarchive cannot,
and pycdlib gives up a disc for one wrong checksum. So that there is one is told.
"""

from collections import defaultdict
from dataclasses import replace

from screener.anatomy import names
from screener.anatomy.containers import foreign
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, Member

_OTHERS = ("!rockridge", "!rockridge,!joliet")  # what libarchive is to leave out: it takes Rock Ridge's names, Joliet's, its own
_SECTOR = 2_048
_FIRST, _SURELY = 16 * _SECTOR, 80 * _SECTOR  # where descriptors of volumes begin (ECMA-167 2/8.3), and where all are looked at
_UDF = (b"NSR02", b"NSR03")
_DESCRIPTORS = frozenset((b"CD001", b"BEA01", *_UDF, b"BOOT2", b"TEA01", b"CDW02"))
_SHORT = 3  # letters of an ending that ISO 9660 keeps


def listing(octets: bytes, ledger: Ledger, place: str) -> Listing:
    """What lies on a disc, every file with its names in all trees."""
    listed = foreign.listing(octets, "iso9660", "none", ledger, place)[0]
    if _has_udf(octets):
        ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
    members = list(listed.members)
    for left_out in _OTHERS:
        if ledger.unpacked_left <= 0:
            break
        quiet = Ledger(ledger.budget, len(octets), foreign=True)  # what is spent and damaged was told with the first tree
        other = foreign.listing(octets, "iso9660", "none", quiet, place, left_out)[0]
        # But for what is more than that:
        ledger.spend_unpacked(max(0, sum(one.size for one in other.members) - sum(one.size for one in members)), place)
        _add(members, other.members, ledger, place, is_last=left_out == _OTHERS[-1])
    return Listing(tuple(members))


def _has_udf(octets: bytes) -> bool:
    """Whether one of the descriptors of volumes says that there is a tree of UDF."""
    at = _FIRST
    while at < _SURELY or octets[at + 1 : at + 6] in _DESCRIPTORS:
        if octets.startswith(_UDF, at + 1):
            return True
        at += _SECTOR
    return False


def _add(members: list[Member], others: tuple[Member, ...], ledger: Ledger, place: str, *, is_last: bool) -> None:
    """Give members the names they have in another tree, the nearest ones where several have the same octets; and add what is in
    that tree alone."""
    alike: dict[tuple[bytes, str], list[int]] = defaultdict(list)
    endings = [{_ending(name) for name in member.names} for member in members]
    for number, member in enumerate(members):
        for ending in endings[number] | {""}:
            alike[member.read(member.size), ending].append(number)
    met: dict[tuple[bytes, str], int] = defaultdict(int)
    more: dict[int, list[str]] = defaultdict(list)
    for other in others:
        content = other.read(other.size)
        key = next(((content, one) for one in (*map(_ending, other.names), "") if (content, one) in alike), None)
        if key is None:
            ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
            if not ledger.spend_member(place):
                break
            members.append(other)
            continue
        number = alike[key][met[key] % len(alike[key])]
        met[key] += 1
        # Beside Joliet's names nobody goes by "REPORT.DOC" for "report.docx".
        more[number].extend(one for one in other.names if not is_last or names.last_extension(one) not in endings[number])
    for number, called in more.items():
        members[number] = replace(members[number], names=tuple(dict.fromkeys((*members[number].names, *called))))


def _ending(name: str) -> str:
    return names.last_extension(name)[:_SHORT]
