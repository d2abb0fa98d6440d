"""Excel's records up to 2003 (MS-XLS): passwords, macro sheets, links to programs (DDE).

Up to Excel 5 a file was nothing but records (BIFF2 to 5). Promises: each record is looked at once, as many as a number at most;
never raises.
"""

import re
import struct
from collections.abc import Iterator
from functools import partial

from screener.anatomy import charsets
from screener.anatomy.active import Active
from screener.anatomy.defects import Defect, Limit
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing
from screener.anatomy.office import workbook_text, xml_parts

_MAX_RECORDS = 100_000  # ahead of the end of what concerns the whole book, or of a file of records
_BEGIN_5 = 0x0809
_BEGINS = frozenset((0x0009, 0x0209, 0x0409, _BEGIN_5))  # BOF of each version
_ENDS, _PASSWORD, _SHEET = 0x000A, 0x002F, 0x0085  # EOF, FilePass (2.4.117), BoundSheet8 (2.4.28)
_MACRO_BEGINS = re.compile(rb"\x09\x08[\x04-\xff]\x00\x00[\x05\x06]\x40\x00")  # a BOF of Excel 5 and later, anywhere
_MACRO_SHEETS = (1, 6)  # in a BoundSheet8
_MACRO_SHEET = 0x0040  # in a BOF
_BOOK, _BOOK_5, _NAMES = 0x01AE, 0x0017, (0x0023, 0x0223)  # SupBook (2.4.271), ExternSheet before it, ExternName (2.4.105)
_OF_OBJECT = 0x10  # flag of a name: the link is one of OLE
_NO_PROGRAM = ("\0", "\1", "\2", "\3")  # paths of books begin so (2.5.277), and what is a book's own


def read(octets: bytes, ledger: Ledger, place: str) -> Listing:
    """Whether a file of records alone is, or has, a macro sheet; its text."""
    if octets[:1] != b"\x09":
        return Listing()
    macros = False
    links = _Links()
    for number, (kind, at, size) in enumerate(_records(octets)):
        macros |= _is_macro_sheet(octets, kind, at)
        links.add(kind, octets, at, size)
        if number >= _MAX_RECORDS:
            ledger.note(Defect.CONTAINER_TOO_LARGE, place, Limit.FIXED)
            break
    return Listing(macros=macros, active=links.active(), texts=(partial(workbook_text.read, octets),))


def facts(stream: bytes, ledger: Ledger, place: str, *, is_cut: bool) -> Listing:
    """Whether a workbook's stream needs a password, has macro sheets, starts programs; `is_cut`: the stream goes on."""
    encrypted = False
    macros = _MACRO_BEGINS.search(stream) is not None
    links = _Links()
    depth = 0
    for number, (kind, at, size) in enumerate(_records(stream)):
        encrypted = kind == _PASSWORD
        if kind == _SHEET and size > 5:
            macros |= stream[at + 5] in _MACRO_SHEETS
        links.add(kind, stream, at, size)
        depth += (kind in _BEGINS) - (kind == _ENDS)
        # The end of what concerns the whole book, not of something within. Before Excel 97 each sheet has its links.
        if encrypted or (depth <= 0 and links.is_wide):
            break
        if number >= _MAX_RECORDS:
            ledger.note(Defect.CONTAINER_TOO_LARGE, place, Limit.FIXED)
            break
    else:
        if is_cut:
            ledger.note(Defect.CONTAINER_TOO_LARGE, place, Limit.FIXED)
    return Listing(encrypted=encrypted, macros=macros, active=links.active())


class _Links:
    """The links to other programs that were met: each a record with their path, then one for each name in it."""

    __slots__ = ("_objects", "_paths", "is_wide")

    def __init__(self) -> None:
        self.is_wide = False  # strings say how wide they are (BIFF 8)
        self._paths: list[str] = []
        self._objects: set[int] = set()  # which of them are links to objects, which are loaded and not started

    def add(self, kind: int, octets: bytes, at: int, size: int) -> None:
        """One record."""
        if kind == _BEGIN_5:
            self.is_wide = octets[at + 1 : at + 2] >= b"\6"
        elif kind == _BOOK or (kind == _BOOK_5 and not self.is_wide):
            self._paths.append(_path(octets[at : at + size], is_wide=kind == _BOOK))
        elif kind in _NAMES and self._paths and size and octets[at] & _OF_OBJECT:
            self._objects.add(len(self._paths) - 1)

    def active(self) -> tuple[Active, ...]:
        """What they do when the book is opened."""
        active: dict[Active, None] = {}
        for number, path in enumerate(self._paths):
            _, _, topic = path.partition("\3")
            if not topic or path.startswith(_NO_PROGRAM):
                continue
            if number in self._objects:
                active |= dict.fromkeys(xml_parts.loaded(topic, is_template=False))
            else:
                active.setdefault(Active.DDE)
        return tuple(active)


def _path(value: bytes, *, is_wide: bool) -> str:
    if not is_wide:
        return charsets.text(value[1 : 1 + value[0]], "cp1252") if value else ""
    count = int.from_bytes(value[2:4], "little")
    is_double = value[4:5] == b"\1"
    return value[5 : 5 + (count << is_double)].decode("utf-16-le" if is_double else "latin-1", "replace")


def _records(octets: bytes) -> Iterator[tuple[int, int, int]]:
    """Kind, offset of the content, size."""
    at = 0
    while at + 4 <= len(octets):
        kind, size = struct.unpack_from("<HH", octets, at)
        yield kind, at + 4, min(size, len(octets) - at - 4)
        at += 4 + size


def _is_macro_sheet(octets: bytes, kind: int, at: int) -> bool:
    if kind in _BEGINS:
        return octets[at + 2 : at + 4] == _MACRO_SHEET.to_bytes(2, "little")
    return kind == _SHEET and octets[at + 5 : at + 6] in (b"\1", b"\6")
