"""Images of discs: every tree of names that one has, as different systems show them.

One disc may have four, which may say anything: ISO 9660's own names (DOS, and Windows where there are no others), those of Rock
Ridge (Unix) and of Joliet (Windows), and UDF's, which Windows and macOS prefer.
"""

import re
from collections import defaultdict
from dataclasses import replace
from hashlib import sha256

from screener.anatomy import filetype, names
from screener.anatomy.containers import foreign, udf
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, Member

_TREES = ("", "!rockridge", "!rockridge,!joliet")  # what libarchive is to leave out: it takes Rock Ridge's names, Joliet's, its own
_SECTOR = 2_048
_FIRST, _SURELY = 16 * _SECTOR, 80 * _SECTOR  # where descriptors of volumes begin (ECMA-167 2/8.3), and where all are looked at
_ISO = (b"CD001",)
_UDF = (b"NSR02", b"NSR03")
_DESCRIPTORS = frozenset((*_ISO, b"BEA01", *_UDF, b"BOOT2", b"TEA01", b"CDW02"))
_CALLED = frozenset(("iso", "udf"))
_SHORT = 3  # letters of an ending that ISO 9660 keeps
_DOS = re.compile(
    r"(?:[A-Z0-9_]{1,8}(?:\.[A-Z0-9_]{0,3})?/)*[A-Z0-9_]{1,8}(?:\.[A-Z0-9_]{0,3})?"
)  # names with their path that are ISO 9660's own
_ANY = re.compile(r".*", re.DOTALL)
_NONE = re.compile(r"(?!)")


def listing(octets: bytes, called: tuple[str, ...], ledger: Ledger, place: str) -> Listing:
    """What lies on a disc, every file with its names in all trees; `called` are its own names."""
    of_udf = udf.members(octets, ledger, place)
    if not _has(octets, _ISO):
        if of_udf is None and (_has(octets, _UDF) or _is_only_called(octets, called, ledger)):
            ledger.note(Defect.CONTAINER_METHOD, place)
        return Listing(of_udf or ())
    if of_udf is None and _has(octets, _UDF):
        ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
    members = list(of_udf or ())
    for left_out in _TREES:
        if ledger.unpacked_left <= 0:
            break
        if not (left_out or members):  # the first tree of all
            members = list(foreign.listing(octets, "iso9660", "none", ledger, place)[0].members)
            continue
        apart = Ledger(ledger.budget, len(octets))  # what is spent was told with the first tree, …
        other = foreign.listing(octets, "iso9660", "none", apart, place, left_out)[0]
        for found in apart.found if not left_out else ():  # … and so was damage
            ledger.note(found.defect, place)
        # But for what is more than that:
        ledger.spend_unpacked(max(0, sum(one.size for one in other.members) - sum(one.size for one in members)), place)
        # Beside names of Joliet's and UDF's nobody goes by "REPORT.DOC" for "report.docx".
        poorer = _ANY if left_out == _TREES[-1] else _DOS if of_udf else _NONE
        if not _add(members, other.members, ledger, place, poorer) and of_udf and not left_out:
            ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
    return Listing(tuple(members))


def _is_only_called(octets: bytes, called: tuple[str, ...], ledger: Ledger) -> bool:
    """Whether nothing but its name says what it is, and that a disc: ".img" says no more than that it is an image."""
    if _CALLED.isdisjoint(map(names.last_extension, called)):
        return False
    return not filetype.identify(octets[: ledger.budget.type_head]).types


def _has(octets: bytes, marks: tuple[bytes, ...]) -> bool:
    """Whether one of the descriptors of volumes begins so."""
    at = _FIRST
    while at < _SURELY or octets[at + 1 : at + 6] in _DESCRIPTORS:
        if octets.startswith(marks, at + 1):
            return True
        at += _SECTOR
    return False


def _add(members: list[Member], others: tuple[Member, ...], ledger: Ledger, place: str, poorer: re.Pattern[str]) -> bool:
    """Give members the names they have in another tree, the nearest ones where several have the same octets, but for poorer forms
    with the same ending; and add what is in that tree alone. Whether it has all of them."""
    alike: dict[tuple[bytes, str], list[int]] = defaultdict(list)
    endings = [{_ending(name) for name in member.names} for member in members]
    for number, member in enumerate(members):
        content = _digest(member)
        for ending in endings[number] | {""}:
            alike[content, ending].append(number)
    met: dict[tuple[bytes, str], int] = defaultdict(int)
    had = len(members)
    known_names = {name.lower() for member in members for name in member.names}
    found: set[int] = set()
    more: dict[int, list[str]] = defaultdict(list)
    for other in others:
        content = _digest(other)
        key = next(((content, one) for one in (*map(_ending, other.names), "") if (content, one) in alike), None)
        if key is None:
            if not other.size and all(one.lower() in known_names or poorer.fullmatch(one) for one in other.names):
                continue  # a link of Rock Ridge's
            ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
            if not ledger.spend_member(place):
                break
            members.append(other)
            continue
        number = alike[key][met[key] % len(alike[key])]
        met[key] += 1
        found.add(number)
        known = {one for one in other.names if poorer.fullmatch(one) and names.last_extension(one) in endings[number]}
        more[number].extend(one for one in other.names if one not in known)
    for number, called in more.items():
        members[number] = replace(members[number], names=tuple(dict.fromkeys((*members[number].names, *called))))
    return len(found) == had


def _digest(member: Member) -> bytes:
    return sha256(member.read(member.size)).digest()


def _ending(name: str) -> str:
    return names.last_extension(name)[:_SHORT]
