"""Files embedded in OneNote sections (MS-ONESTORE 2.6.13 FileDataStoreObject).

Which name belongs to which file is said elsewhere in a section's revisions; so each file gets every name that stands in
the section. Promises: linear, bounded by the ledger, never raises.
"""

import re

from screener.anatomy.active import Active
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, held

_FILE = bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac")  # {BDE316E7-2665-4511-A4C4-8D4D0B7A9EAC}
_TEXT = re.compile(rb"(?:[^\x00-\x1f]\0){4,}")
_NO_NAME = re.compile(r"[\\/:*?\"<>|]")  # what a name does not hold
_EXTENSION = re.compile(r"[A-Za-z0-9]{1,10}")
_LONGEST = 200  # characters before the extension
_MAX_TEXT = 300  # characters at the end of a text that may be a name
_MAX_NAMES = 24
_PICTURES = frozenset(("png", "jpg", "jpeg", "gif", "bmp", "emf", "wmf", "tif", "tiff"))


def read(octets: bytes, ledger: Ledger, place: str) -> Listing:
    """Every embedded file."""
    spans: list[tuple[int, int]] = []
    at = octets.find(_FILE)
    while at >= 0 and ledger.spend_member(place):
        size = min(int.from_bytes(octets[at + 16 : at + 24], "little"), len(octets))
        start = at + 36  # the length, four and eight octets nobody uses
        spans.append((start, start + size))
        at = octets.find(_FILE, max(at + 16, start + size))
    if not spans:
        return Listing()
    names: dict[str, None] = {}
    before = 0
    for start, stop in (*spans, (len(octets), len(octets))):
        for match in _TEXT.finditer(octets, before, start):
            text = match[0][-2 * _MAX_TEXT :].decode("utf-16-le", "replace")
            if len(names) < _MAX_NAMES and (name := _name(text)):
                names.setdefault(name)
        before = max(before, stop)
    members = []
    packaged = False
    for start, stop in spans:
        content = octets[start:stop]
        ledger.spend_unpacked(len(content), place)
        is_picture = content.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM"))
        packaged |= not is_picture
        own = [name for name in names if (name.rpartition(".")[2].lower() in _PICTURES) is is_picture]
        members.append(held(own, content))
    return Listing(tuple(members), active=(Active.PACKAGED_FILE,) if packaged else ())


def _name(text: str) -> str:
    """The file name at the end of a text, "" where there is none."""
    stem, _, extension = text.rpartition(".")
    stem = _NO_NAME.split(stem)[-1][-_LONGEST:]
    return f"{stem}.{extension}" if stem and _EXTENSION.fullmatch(extension) is not None else ""
