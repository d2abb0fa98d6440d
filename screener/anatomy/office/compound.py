"""A reader of compound files, the file system in a file of old Office, .msg and OLE objects (MS-CFB).

It lists every entry of the directory, also those that no storage leads to: programs that repair files find them. Promises:
bounded by the file's own size and MAX_ENTRIES, never raises; what cannot be read is said by `damaged`. What the streams mean is
for others to say.
"""

import struct

from screener.frozen import dataclass

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_ENTRIES = 20_000
_READ_FACTOR = 4  # octets that may be read, in sizes of the file
_NO_SECTOR = 0xFFFFFFFA  # this and all above are no sectors (2.1)
_ROOT, _STORAGE, _STREAM = 5, 1, 2
_CUTOFF = 4096  # octets; shorter streams stand in the mini stream


@dataclass(frozen=True, slots=True)
class Entry:
    """A storage or stream; `path` are the names of the storages around it and its own, without the root."""

    path: tuple[str, ...]
    is_stream: bool
    start: int
    size: int
    is_lost: bool = False  # no storage leads to it

    @property
    def name(self) -> str:
        """Its own name."""
        return self.path[-1]


class Compound:
    """A compound file; `entries` in the order of the directory."""

    def __init__(self, octets: bytes) -> None:
        """`octets` begin with the signature."""
        self.damaged = False
        self.entries: tuple[Entry, ...] = ()
        self._octets = octets
        self._left = _READ_FACTOR * len(octets) + 65_536
        self._fat: tuple[int, ...] = ()
        self._mini_fat: tuple[int, ...] = ()
        self._mini = b""
        self._instead: dict[Entry, bytes] = {}
        if len(octets) < 512 or not octets.startswith(SIGNATURE):
            self.damaged = True
            return
        shift, mini_shift = struct.unpack_from("<HH", octets, 30)
        if not 7 <= shift <= 20 or not 4 <= mini_shift < shift:
            self.damaged = True
            return
        self._size, self._mini_size = 1 << shift, 1 << mini_shift
        self._count = -(-len(octets) // self._size)  # sectors there can be
        self.damaged = octets[56:60] != _CUTOFF.to_bytes(
            4, "little"
        )  # programs take it for what it must be (2.2), or for what it says
        self._fat = self._read_fat()
        directory = self._chain(int.from_bytes(octets[48:52], "little"), (MAX_ENTRIES + 1) * 128)
        self.damaged = self.damaged or len(directory) > MAX_ENTRIES * 128
        mini = self._chain(int.from_bytes(octets[60:64], "little"), len(octets) // self._mini_size * 4)
        self._mini_fat = struct.unpack(f"<{len(mini) // 4}L", mini[: len(mini) // 4 * 4])
        self._read_directory(directory)

    def _sector(self, number: int) -> bytes:
        at = (number + 1) * self._size
        return self._octets[at : at + self._size]

    def _read_fat(self) -> tuple[int, ...]:
        """The table of what follows what (2.3), found by the list in the header and its continuation (2.5)."""
        per_sector = self._size // 4
        listed = list(struct.unpack_from("<109L", self._octets, 76))
        following = int.from_bytes(self._octets[68:72], "little")
        seen: set[int] = set()
        while following < self._count and following not in seen and len(listed) <= self._count:
            seen.add(following)
            sector = self._sector(following).ljust(self._size, b"\xff")
            *more, following = struct.unpack(f"<{per_sector}L", sector)
            listed += more
        needed = -(-self._count // per_sector)  # each at its place, also where the one before it is none or stands there twice
        sectors = (self._sector(number) if number < self._count else b"" for number in listed[:needed])
        joined = b"".join(sector.ljust(self._size, b"\xff") for sector in sectors)[: 4 * self._count]
        return struct.unpack(f"<{len(joined) // 4}L", joined)

    def _chain(self, start: int, limit: int) -> bytes:
        """The octets of a chain of sectors, at most `limit`; up to where it breaks or turns back."""
        fat = self._fat
        pieces: list[bytes] = []
        size = 0
        steps = 0
        number = start
        while number < _NO_SECTOR and size < limit and steps <= self._count:
            piece = self._sector(number)
            if not piece:
                break
            pieces.append(piece)
            size += len(piece)
            steps += 1
            number = fat[number] if number < len(fat) else _NO_SECTOR
        return b"".join(pieces)[:limit]

    def _mini_chain(self, start: int, limit: int) -> bytes:
        pieces: list[bytes] = []
        number = start
        for _ in range(min(len(self._mini_fat), -(-limit // self._mini_size))):
            if number >= len(self._mini_fat):
                break
            at = number * self._mini_size
            pieces.append(self._mini[at : at + self._mini_size])
            number = self._mini_fat[number]
        return b"".join(pieces)[:limit]

    def _read_directory(self, directory: bytes) -> None:
        raw: list[tuple[str, int, int, int, int, int, int]] = []
        for at in range(0, len(directory) - 127, 128):
            length, kind = struct.unpack_from("<HB", directory, at + 64)
            left, right, child = struct.unpack_from("<3L", directory, at + 68)
            start, size = struct.unpack_from("<LQ", directory, at + 116)
            if self._size == 512:
                size &= 0xFFFFFFFF  # the upper half may be junk (2.6.1)
            name = directory[at : at + max(0, min(64, length) - 2)].decode("utf-16-le", "replace")
            raw.append((name, kind, left, right, child, start, size))
        if not raw or raw[0][1] != _ROOT:  # it is the first, whatever else says it was one (2.6.2)
            self.damaged = True
            return
        root = raw[0]
        self._mini = self._chain(root[5], min(root[6], len(self._octets)))
        paths = _paths([(one[0], one[2], one[3], one[4]) for one in raw])
        self.entries = tuple(
            Entry(paths.get(number, (name,)), kind == _STREAM, start, size, number not in paths)
            for number, (name, kind, _, _, _, start, size) in enumerate(raw)
            if kind in (_STORAGE, _STREAM)
        )

    def read(self, entry: Entry, limit: int) -> bytes:
        """The first octets of a stream; b"" and `damaged` where streams share sectors so that they are more than the file."""
        if (instead := self._instead.get(entry)) is not None:
            return instead[:limit]
        wanted = min(limit, entry.size, len(self._octets))
        self._left -= wanted
        if self._left < 0:
            self.damaged = True
            return b""
        if entry.size < _CUTOFF and self._mini:
            return self._mini_chain(entry.start, wanted)
        return self._chain(entry.start, wanted)

    def replace(self, entry: Entry, content: bytes) -> None:
        """Read from now on what a stream is once it is deciphered."""
        self._instead[entry] = content

    def whole(self, entry: Entry) -> bool:
        """Whether the chain of a stream has as many sectors as its size needs."""
        if entry.size > len(self._octets):
            return False
        return len(self.read(entry, entry.size)) == entry.size


def _paths(tree: list[tuple[str, int, int, int]]) -> dict[int, tuple[str, ...]]:
    """The path of each entry the root leads to: siblings are a binary tree below their storage's child (2.6.4)."""
    found: dict[int, tuple[str, ...]] = {}
    seen = {0}
    pending: list[tuple[int, tuple[str, ...]]] = [(tree[0][3], ())]
    while pending:
        number, above = pending.pop()
        if number >= len(tree) or number in seen:
            continue
        seen.add(number)
        name, left, right, child = tree[number]
        path = (*above[-16:], name)
        found[number] = path
        pending += ((left, above), (right, above), (child, path))
    return found
