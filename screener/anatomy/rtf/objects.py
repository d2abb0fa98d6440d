"""Objects in RTF (RTF 1.9.1 \\object, \\objdata; MS-OLEDS 2.2): their names and octets, and what else in it acts.

Word reads the hexadecimal digits of an object however they are strewn among blanks, groups and other control words, so this reader
does, too. Promises: linear, bounded by MAX_TOKENS, never raises.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from screener.anatomy import charsets
from screener.anatomy.active import Active
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, Member, held
from screener.anatomy.office import ole
from screener.anatomy.office.compound import SIGNATURE
from screener.anatomy.rtf import acts as rtf_acts

MAX_TOKENS = 200_000  # pieces of all objects' data together; …
_LEAST = 12  # octets of an object that may be anything: as many as its header has
_OCTETS_A_TOKEN, _LEAST_TOKENS = 4, 2_000  # of templates and fields: one within another would be read again and again
_STEPS = 2  # … each costs as much as that many octets unpacked one by one
# Behind a control word its number may stand (RTF 1.9.1 "Control Word"), of 250 digits at most as Word reads it.
_OBJECT = re.compile(rb"\\objdata(?![a-z])(?P<number>-?[0-9]{1,250}+)?", re.IGNORECASE)
_TOKEN = re.compile(
    rb"(?P<digits>[0-9A-Fa-f\s\0]+)|\\bin(?P<raw>[0-9]{1,250}+) ?|(?P<open>\{)|(?P<close>\})|"
    rb"(?P<object>\\(?i:objdata)(?![A-Za-z])(?:-?[0-9]{1,250}+)?)|"
    rb"\\'(?:[0-9A-Fa-f]{2})?|\\[A-Za-z]+-?[0-9]* ?|\\(?s:.)|[^\\{}0-9A-Fa-f\s\0]+|\\"
)
_PACKAGE = "package"  # the class of a file that a click opens
_NAMED = re.compile(rb"\x08\0\0\0package\0", re.IGNORECASE)
_BLANKS = b" \t\r\n\x0b\x0c\0"


def read(octets: bytes, ledger: Ledger, place: str) -> Listing:
    """The objects of an RTF."""
    members: list[Member] = []
    active: dict[Active, None] = {}
    tokens = min(MAX_TOKENS, ledger.steps_left // _STEPS)
    behind = 0
    for match in _OBJECT.finditer(octets):
        if match.start() < behind:
            continue
        active.setdefault(Active.OBJECT)
        left = tokens
        readings, behind, tokens = _data(octets, match.end(), left)
        if match["number"] is not None:  # what looks like one may be the data's own beginning
            more, behind, tokens = _data(octets, match.start("number"), tokens)
            readings += more
        ledger.spend_steps((left - tokens) * _STEPS, place)
        if tokens <= 0:
            ledger.note(Defect.CONTAINER_DAMAGED, place)
            break
        if any(_is_package(data) for data in readings):
            active.setdefault(Active.PACKAGED_FILE)
        for member in (one for data in readings for one in _members(data)):
            ledger.spend_unpacked(member.size, place)
            if ledger.unpacked_left <= 0 or not ledger.spend_member(place):
                return Listing(tuple(members), active=tuple(active))
            members.append(member)
    left = tokens = min(tokens, _LEAST_TOKENS + len(octets) // _OCTETS_A_TOKEN)
    fetched, tokens = rtf_acts.of_templates(octets, tokens)
    acting, tokens = rtf_acts.of_fields(octets, tokens)
    ledger.spend_steps((left - tokens) * _STEPS, place)
    if tokens <= 0 < left:
        ledger.note(Defect.CONTAINER_DAMAGED, place)
    active |= dict.fromkeys((*fetched, *acting))
    if b"\\objautlink" in octets or b"\\objupdate" in octets:
        active.setdefault(Active.LINKED_OBJECT)
    return Listing(tuple(members), active=tuple(active))


@dataclass(slots=True)
class _Digits:
    """Octets in hexadecimal as they come, and octets between them that come as they are."""

    depth: int
    is_object: bool
    _pieces: list[bytes] = field(default_factory=list)
    _done: list[bytes] = field(default_factory=list)

    def add(self, digits: bytes) -> None:
        self._pieces.append(digits)

    def add_raw(self, octets: bytes) -> None:
        self._done += (self._taken(), octets)

    def octets(self) -> bytes:
        """All of them."""
        return b"".join((*self._done, self._taken()))

    def _taken(self) -> bytes:
        joined = b"".join(self._pieces)
        self._pieces.clear()
        return bytes.fromhex(joined[: len(joined) // 2 * 2].decode("ascii"))


def _data(octets: bytes, at: int, tokens: int) -> tuple[list[bytes], int, int]:
    """An object's octets, where its group ends, and how many tokens are left.

    What stands in groups of their own within is read in both ways: as part of it, and as none, but maybe an object itself.
    """
    whole, own = _Digits(0, True), _Digits(0, True)
    inner: list[_Digits] = []  # those that are open
    found: list[bytes] = []
    depth = 0
    is_parted = False
    while tokens > 0 and (token := _TOKEN.match(octets, at)) is not None:
        tokens -= 1
        at = token.end()
        if (digits := token["digits"]) is not None:
            digits = digits.translate(None, _BLANKS)
            whole.add(digits)
            (inner[-1] if inner else own).add(digits)
        elif (raw := token["raw"]) is not None:
            taken = octets[at : at + int(raw)]
            at = min(at + int(raw), len(octets))
            whole.add_raw(taken)
            (inner[-1] if inner else own).add_raw(taken)
        elif token["open"] is not None:
            depth += 1
            if rtf_acts.DESTINATION.match(octets, at) is not None:
                inner.append(_Digits(depth, False))
                is_parted = True
        elif token["close"] is not None:
            depth -= 1
            while inner and inner[-1].depth > depth:
                closed = inner.pop()
                found += (closed.octets(),) if closed.is_object else ()
            if depth < 0:
                break
        elif token["object"] is not None:
            inner.append(_Digits(depth, True))
            is_parted = True
    readings = (
        [own.octets(), whole.octets(), *(one.octets() for one in inner if one.is_object), *found] if is_parted else [own.octets()]
    )
    return list(dict.fromkeys(readings)), at, tokens


def _is_package(data: bytes) -> bool:
    read = _embedded(data)
    return read is not None and read[0].lower() == _PACKAGE


def _members(data: bytes) -> Iterator[Member]:
    """What an object holds: a package's file, a compound file, or what there is."""
    read = _embedded(data)
    if read is not None:
        class_name, body = read
        if class_name.lower() == _PACKAGE:
            names, content = ole.native(body)
            yield held(names, content)
            return
        if body.startswith(SIGNATURE):
            yield held((), body)
            return
    at = data.find(SIGNATURE)
    if at < 0:
        # Shifted by half an octet, by a digit that stands before it.
        shifted = _shifted(data)
        at = shifted.find(SIGNATURE)
        data = shifted if at >= 0 else data
    if at >= 0:
        yield held((), data[at:])
    elif len(data) >= _LEAST:
        yield held((), data)


def _embedded(data: bytes) -> tuple[str, bytes] | None:
    """Class and native data of an embedded object (MS-OLEDS 2.2.5); of a package wherever it is named so."""
    if len(data) >= 12 and int.from_bytes(data[4:8], "little") in (1, 2) and (found := _headed(data, 8)) is not None:
        return found
    for way in (data, _shifted(data)):
        if (named := _NAMED.search(way)) is not None:
            return _headed(way, named.start())
    return None


def _shifted(data: bytes) -> bytes:
    """The octets by half of one."""
    return bytes.fromhex(data.hex()[1:-1]) if data else b""


def _headed(data: bytes, at: int) -> tuple[str, bytes] | None:
    class_name = ""
    for number in range(3):
        size = int.from_bytes(data[at : at + 4], "little")
        at += 4
        if at + size > len(data):
            return None
        if number == 0:
            class_name = charsets.text(data[at : at + size].rstrip(b"\0"), "cp1252")
        at += size
    size = int.from_bytes(data[at : at + 4], "little")
    return class_name, data[at + 4 : at + 4 + size]
