"""The headers of a tar as programs read them that do not read them as libarchive does (POSIX pax, GNU tar, Solaris tar).

Promises: bounded for each member, never raises.
"""

import itertools
import re

from screener.anatomy import charsets, names

_BLOCK = 512  # octets
_ABOUT_THE_NEXT = frozenset(b"xXgLKN")  # headers that say something of the member behind them, …
_MAX_HEADERS = 16  # … and how many of them, and of names for all members
_LABEL, _SPARSE = b"V", b"S"  # of the whole tape; of a file with holes
_FILES = frozenset(b"\x007S0")  # types of what has octets to every program, and of what …
_OTHERS = frozenset(b"123456D")  # … has none to some, whatever its size: links, devices, folders; of all else they differ
_SIZE = re.compile(rb" *+([0-7]*+)[ \0]*+")
_RECORD = re.compile(rb"([0-9]{1,9}) ([^\s=][^=\n]*+)=")  # of a header of pax: its length, a keyword, a value up to its line end
_NAMING = (b"path", b"GNU.sparse.name")
_SIZING = (b"GNU.sparse.size", b"GNU.sparse.realsize")
_PIECES = (b"GNU.sparse.major", b"GNU.sparse.numblocks")  # beside those where there are holes
_ODD_PATH = re.compile(rb"(?:path|GNU\.sparse\.name)[ \t]*+=([^\n]++)")
_LONGEST = 1024 * 1024  # octets of one of them that are looked at


class Headers:
    """Goes along with libarchive from member to member; `is_odd` tells that some program sees other members, or another name."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._common: dict[str, None] = {}  # names that a header gives all members behind it
        self._next = 0  # where the next member's headers are to begin
        self.is_odd = False

    def read(self, at: int, name: str, is_folder: bool) -> list[str]:
        """What programs call a member that go by its own header, or another of those before it; none where it is no other file.

        `at` is where libarchive found the first of its headers, `name` the one it gives. The member's own header has room for 100
        octets of the name, perhaps of ASCII, so that it may be the beginning alone.
        """
        self.is_odd = at != self._next
        found: list[str] = []
        for number in itertools.count():
            header = self._octets[at : at + _BLOCK]
            size = self._size(header)
            if len(header) < _BLOCK or (header[156] not in _ABOUT_THE_NEXT and (header[156:157] != _LABEL or size)):
                break
            if number >= _MAX_HEADERS or size > _LONGEST:
                self.is_odd = True
                return []
            found += self._told(header[156:157], self._octets[at + _BLOCK : at + _BLOCK + size])
            at += _BLOCK + _whole(size)
        is_plain = header[156:157] != b"" and (header[156] in _FILES or (header[156] in _OTHERS and not size))
        self.is_odd = self.is_odd or not is_plain
        self._next = at + _BLOCK + self._holes(at, header) + _whole(size)
        if is_folder:
            return []
        own = charsets.text(header[:100].partition(b"\0")[0]).rpartition("/")[2]
        last = name.rpartition("/")[2]
        if not any(one.startswith(own) for one in (last, last.encode("ascii", "replace").decode())):
            found.append(own)
        endings = {names.last_extension(last)}
        others = [one for one in dict.fromkeys((*found, *self._common)) if "." in one and names.last_extension(one) not in endings]
        self.is_odd = self.is_odd or bool(others)
        return others

    def _size(self, header: bytes) -> int:
        """Octets behind a header; written in another way than tars of ordinary files are, programs may differ."""
        digits = _SIZE.fullmatch(header, 124, 136)
        self.is_odd = self.is_odd or (digits is None and len(header) == _BLOCK)
        return int(digits[1] or b"0", 8) if digits is not None else 0

    def _told(self, kind: bytes, said: bytes) -> list[str]:
        """The names that a header tells of the member behind it."""
        if kind in (b"L", b"N"):
            return [charsets.text(said.partition(b"\0")[0])]
        if kind in (b"K", _LABEL):
            return []
        paths, is_record = _paths(said)
        self.is_odd = self.is_odd or not is_record
        if kind != b"g":
            return paths
        self._common.update(dict.fromkeys(paths[: _MAX_HEADERS - len(self._common)]))
        self.is_odd = self.is_odd or not self._common.keys() >= set(paths)
        return []

    def _holes(self, at: int, header: bytes) -> int:
        """Octets of the lists of a sparse file's pieces (GNU tar's old format), behind its header."""
        blocks = 0
        goes_on = header[156:157] == _SPARSE and header[482:483] not in (b"", b"\0")
        while goes_on and blocks < _MAX_HEADERS:
            blocks += 1
            goes_on = self._octets[at + _BLOCK * blocks + 504 : at + _BLOCK * blocks + 505] not in (b"", b"\0")
        return _BLOCK * blocks


def _whole(size: int) -> int:
    """Octets of the blocks that this many take."""
    return size + _BLOCK - 1 & -_BLOCK


def _paths(said: bytes) -> tuple[list[str], bool]:
    """The names that a header of pax tells; and whether it is made of records as it must be, of few names, and tell no size without
    holes: others are read by some programs."""
    found: list[bytes] = []
    told: set[bytes] = set()
    at = 0
    while at < len(said) and len(found) < _MAX_HEADERS and (record := _RECORD.match(said, at)) is not None:
        end = at + int(record[1])
        if not record.end() < end <= len(said) or said[end - 1] != 0x0A:
            break
        if record[2] in _NAMING:
            found.append(said[record.end() : end - 1])
        told.add(record[2])
        at = end
    is_plain = at == len(said) and b"size" not in told and (told.isdisjoint(_SIZING) or not told.isdisjoint(_PIECES))
    odd = itertools.islice(_ODD_PATH.finditer(said, at), _MAX_HEADERS - len(found))
    return [charsets.text(one) for one in (*found, *[path[1] for path in odd])], is_plain
