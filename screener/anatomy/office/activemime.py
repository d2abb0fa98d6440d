"""ActiveMime, the wrapping of Word for what its pages and XML cannot say: macros (editdata.mso) and objects (oledata.mso).

A header of 50 octets or more, which says where it ends, then deflated octets, mostly a compound file. No specification was ever
published; they are looked for where the header says, where they usually begin, and then anywhere. Promises: bounded by the
ledger, never raises but NotInline; what cannot be unpacked is noted.
"""

import re
import zlib
from itertools import islice

from screener.anatomy.containers.unpacking import inflate
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, Member, held

SIGNATURE = b"ActiveMime"
_LENGTH_AT, _BEHIND_LENGTH = 0x1E, 46  # the header's length but for these octets (in what Office writes: 50 in all)
_USUAL = (0x32, 0x22A)  # where the deflated octets begin in what Office wrote
# The octets that deflated ones may begin with (RFC 1950 2.2): the method, then a check on both.
_DEFLATED = re.compile(
    b"|".join(
        re.escape(bytes((method,)))
        + b"(?=["
        + b"".join(re.escape(bytes((check,))) for check in range(256) if (method << 8 | check) % 31 == 0)
        + b"])"
        for method in range(0x08, 0x80, 0x10)
    )
)
_MAX_TRIES = 64
_GLANCE = 8


def read(octets: bytes, ledger: Ledger, place: str) -> Listing:
    """What is wrapped; several where the octets can be read from several places."""
    ledger.refuse_inline(f"{place} is ActiveMime")
    members: list[Member] = []
    for content in _contents(octets, ledger):
        ledger.spend_unpacked(len(content), place)
        if ledger.unpacked_left <= 0 or not ledger.spend_member(place):
            break
        members.append(held((), content))
    if not members:
        ledger.note(Defect.CONTAINER_DAMAGED, place)
    return Listing(tuple(members))


def _contents(octets: bytes, ledger: Ledger) -> list[bytes]:
    """From where the header says, and from where it usually ends; else from wherever something can be unpacked."""
    said = int.from_bytes(octets[_LENGTH_AT : _LENGTH_AT + 2], "little") + _BEHIND_LENGTH
    found = [content for at in dict.fromkeys((said, *_USUAL)) if (content := _inflated(octets, at, ledger))]
    if found:
        return found
    for match in islice(_DEFLATED.finditer(octets, len(SIGNATURE)), _MAX_TRIES):
        if content := _inflated(octets, match.start(), ledger):
            return [content]
    return []


def _inflated(octets: bytes, at: int, ledger: Ledger) -> bytes:
    view = memoryview(octets)[at:]
    if len(inflate(view[:512], _GLANCE, zlib.MAX_WBITS)) < _GLANCE:
        return b""
    budget = ledger.budget
    limit = min(ledger.unpacked_left, max(budget.container_ratio_floor, len(octets) * budget.container_ratio))
    return inflate(view, limit, zlib.MAX_WBITS)
