"""Files of text that a file was written into: uuencode, BinHex, base64. What was written in another way than the last is found in
every text of a message anyway: for containers, and to tell what is called so and is no text."""

import re

from screener.anatomy import filetype, text_types
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, Member, held
from screener.anatomy.mime import blocks, encoded_words, transfer

_ARMOUR = re.compile(rb"^-----[^\r\n]*+", re.MULTILINE)
_ENDING = ".b64"
_FOR_ADDRESSES = re.compile(
    rb"[A-Za-z0-9.=\r\n]*+[_-][A-Za-z0-9_.=\r\n-]*+"
)  # another alphabet, perhaps in pieces: tokens (RFC 4648 5)
_ADDRESSES = bytes.maketrans(b"-_", b"+/")


def read(octets: bytes, ledger: Ledger, place: str) -> Listing:
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
    """Every reading of a file that is base64 and no more, as 7-Zip and WinZip open one; of other text those that are something."""
    if "text/x-uuencode" in filetype.identify(octets[: ledger.budget.type_head]).types:
        return Listing()  # with a line before it that tells the name
    text = _ARMOUR.sub(b"", octets)
    decoded = transfer.base64(text)
    results, defects = decoded.results, decoded.defects
    is_for_addresses = _FOR_ADDRESSES.fullmatch(text) is not None
    if is_for_addresses or not decoded.clean:
        if not text_types.looks_like_text(octets):
            ledger.note(Defect.CONTAINER_DAMAGED, place)
            return Listing()
        results = tuple(one for one in results if filetype.identify(one[: ledger.budget.type_head]).types - {filetype.TEXT})
        defects = (Defect.DAMAGED_BASE64,) if results else ()
    if is_for_addresses:
        results = (b"".join(map(encoded_words.base64, text.translate(_ADDRESSES, b" \t\r\n").split(b"."))), *results)
    for defect in defects:
        ledger.note(defect, place)
    members: list[Member] = []
    for content in results:
        ledger.spend_unpacked(len(content), place)
        if ledger.unpacked_left <= 0 or not ledger.spend_member(place):
            break
        members.append(held((name[: -len(_ENDING)] for name in names if name.lower().endswith(_ENDING)), content))
    return Listing(tuple(members))
