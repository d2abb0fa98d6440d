"""Files of text that a file was written into: uuencode, BinHex. For those in containers: in a message they are found anyway."""

from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, Member, held
from screener.anatomy.mime import blocks


def read(octets: bytes, _names: tuple[str, ...], ledger: Ledger, place: str) -> Listing:
    """Every file in it."""
    members: list[Member] = []
    found, is_cut = blocks.look(octets)
    if is_cut:
        ledger.note(Defect.CONTAINER_TOO_MANY_MEMBERS, place)
    for block in found:
        ledger.note(block.defect, place)
        ledger.spend_unpacked(len(block.octets), place)
        if ledger.unpacked_left <= 0 or not ledger.spend_member(place):
            break
        members.append(held((block.name,), block.octets))
    return Listing(tuple(members))
