"""Files of text that a file was written into: uuencode, BinHex, base64. What was written in another way than the last is found in
every text of a message anyway: for containers, and to tell what is called so and is no text."""

import re

from screener.anatomy import filetype, text_types
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, Member, held
from screener.anatomy.mime import blocks, transfer

_ARMOUR = re.compile(rb"^-----[^\r\n]*+", re.MULTILINE)
_ENDING = ".b64"


def read(octets: bytes, _names: tuple[str, ...], ledger: Ledger, place: str) -> Listing:
    """Every file in it."""
    members: list[Member] = []
    found, is_cut = blocks.look(octets)
    if not found and not text_types.looks_like_text(octets):
        ledger.note(Defect.CONTAINER_DAMAGED, place)
    if is_cut:
        ledger.note(Defect.CONTAINER_TOO_MANY_MEMBERS, place)
    for block in found:
        ledger.note(block.defect, place)
        ledger.spend_unpacked(len(block.octets), place)
        if ledger.unpacked_left <= 0 or not ledger.spend_member(place):
            break
        members.append(held((block.name,), block.octets))
    return Listing(tuple(members))


def read_base64(octets: bytes, names: tuple[str, ...], ledger: Ledger, place: str) -> Listing:
    """Every reading of a file that is base64 and no more, as 7-Zip and WinZip open one."""
    if "text/x-uuencode" in filetype.identify(octets[: ledger.budget.type_head]).types:
        return Listing()  # with a line before it that tells the name
    decoded = transfer.base64(_ARMOUR.sub(b"", octets))
    for defect in decoded.defects if decoded.clean else (Defect.CONTAINER_DAMAGED,):
        ledger.note(defect, place)
    members: list[Member] = []
    for content in decoded.results if decoded.clean else ():
        ledger.spend_unpacked(len(content), place)
        if ledger.unpacked_left <= 0 or not ledger.spend_member(place):
            break
        members.append(held((name[: -len(_ENDING)] for name in names if name.lower().endswith(_ENDING)), content))
    return Listing(tuple(members))
