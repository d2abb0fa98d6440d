"""Excel's records up to 2003 (MS-XLS): passwords and macro sheets. Up to Excel 5 a file was nothing but records (BIFF2 to 5).

Promises: each record is looked at once, as many as a number at most; never raises.
"""

import struct
from collections.abc import Iterator

from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing

_MAX_RECORDS = 100_000  # ahead of the end of what concerns the whole book, or of a file of records
_BEGINS = frozenset((0x0009, 0x0209, 0x0409, 0x0809))  # BOF of each version
_ENDS, _PASSWORD, _SHEET = 0x000A, 0x002F, 0x0085  # EOF, FilePass (2.4.117), BoundSheet8 (2.4.28)
_MACRO_SHEETS = (1, 6)  # in a BoundSheet8
_MACRO_SHEET = 0x0040  # in a BOF


def read(octets: bytes, _names: tuple[str, ...], ledger: Ledger, place: str) -> Listing:
    """Whether a file of records alone is, or has, a macro sheet."""
    if octets[:1] != b"\x09":
        return Listing()
    macros = False
    for number, (kind, at, _) in enumerate(_records(octets)):
        macros |= _is_macro_sheet(octets, kind, at)
        if number >= _MAX_RECORDS:
            ledger.note(Defect.CONTAINER_TOO_LARGE, place)
            break
    return Listing(macros=macros)


def facts(stream: bytes, ledger: Ledger, place: str, *, is_cut: bool) -> tuple[bool, bool]:
    """Whether a workbook's stream needs a password, and whether it has macro sheets; `is_cut`: the stream goes on."""
    macros = False
    depth = 0
    for number, (kind, at, size) in enumerate(_records(stream)):
        if kind == _PASSWORD:
            return True, macros
        if kind == _SHEET and size > 5:
            macros |= stream[at + 5] in _MACRO_SHEETS
        depth += (kind in _BEGINS) - (kind == _ENDS)
        if depth <= 0:  # the end of what concerns the whole book, not of something within
            return False, macros
        if number >= _MAX_RECORDS:
            ledger.note(Defect.CONTAINER_TOO_LARGE, place)
            return False, macros
    if is_cut:
        ledger.note(Defect.CONTAINER_TOO_LARGE, place)
    return False, macros


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
