"""Files in calendars and address cards (RFC 5545 3.8.1.1 ATTACH, RFC 6350). Linear, bounded by the ledger, never raises."""

import binascii
import re

from screener.anatomy import charsets
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, held

_FOLD = re.compile(rb"\r?\n[ \t]")
_ATTACH = re.compile(rb"^ATTACH((?:;[^:\r\n]{0,2000})?):([A-Za-z0-9+/=]{4,})\r?$", re.IGNORECASE | re.MULTILINE)
_NAME = re.compile(rb";[A-Z0-9-]{0,40}(?:FILENAME|LABEL|X-ORACLE-FILENAME)=\"?([^\";:]{1,300})", re.IGNORECASE)


def read(octets: bytes, _names: tuple[str, ...], ledger: Ledger, place: str) -> Listing:
    """Every file in it."""
    members = []
    for match in _ATTACH.finditer(_FOLD.sub(b"", octets)):
        if b"base64" not in match[1].lower():
            continue
        try:
            content = binascii.a2b_base64(match[2].rstrip(b"=") + b"==")
        except binascii.Error:
            continue
        ledger.spend_unpacked(len(content), place)
        if ledger.unpacked_left <= 0 or not ledger.spend_member(place):
            break
        members.append(held((charsets.text(name[1]) for name in _NAME.finditer(match[1])), content))
    return Listing(tuple(members))
