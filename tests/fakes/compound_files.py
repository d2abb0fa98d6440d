"""Compound files with storages and small streams (MS-CFB), as Outlook writes them: built here, never by the code under test."""

import struct

END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_SECTOR, _MINI, _CUTOFF = 512, 64, 4096


def compound(streams: dict[str, bytes]) -> bytes:
    """Streams by their paths ("storage/stream"); a path that ends in "/" is an empty storage."""
    names: list[tuple[str, ...]] = [()]
    for written in streams:
        pieces = tuple(written.rstrip("/").split("/"))
        names += [pieces[:count] for count in range(1, len(pieces) + 1) if pieces[:count] not in names]
    contents = {tuple(path.split("/")): content for path, content in streams.items() if not path.endswith("/")}
    small = {path: content for path, content in contents.items() if len(content) < _CUTOFF}
    mini, mini_fat, mini_starts = _laid(small, _MINI)
    big = {path: content for path, content in contents.items() if len(content) >= _CUTOFF}
    fat_content = struct.pack(f"<{len(mini_fat)}L", *mini_fat)
    directory_size = -(-len(names) // 4) * 4 * 128
    laid, fat, starts = _laid(
        {**big, ("\0mini",): mini, ("\0minifat",): fat_content, ("\0directory",): bytes(directory_size)}, _SECTOR
    )
    entries = []
    for number, path in enumerate(names):
        children = [index for index, other in enumerate(names) if other and other[:-1] == path]
        siblings = [index for index, other in enumerate(names) if not path or (other and other[:-1] == path[:-1])]
        after = (siblings[siblings.index(number) + 1 :][:1] if path else []) or [FREE]
        content = contents.get(path)
        kind = 5 if not path else 1 if content is None else 2
        start, size = (starts[("\0mini",)], len(mini)) if not path else (END, 0)
        if content:
            start, size = (mini_starts[path] if path in small else starts[path]), len(content)
        entries.append(_entry(path[-1] if path else "Root Entry", kind, after[0], (children or [FREE])[0], start, size))
    directory = b"".join(entries).ljust(directory_size, b"\0")
    at = starts[("\0directory",)] * _SECTOR
    laid = laid[:at] + directory + laid[at + directory_size :]
    fat_sectors = 1
    while len(fat) + fat_sectors > fat_sectors * 128:
        fat_sectors += 1
    first = len(laid) // _SECTOR
    fat = [*fat, *[FAT] * fat_sectors]
    fat += [FREE] * (fat_sectors * 128 - len(fat))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 62, 3, 0xFFFE, 9, 6)
    mini_at = starts[("\0minifat",)] if mini_fat else END
    header += struct.pack("<9L", 0, fat_sectors, starts[("\0directory",)], 0, _CUTOFF, mini_at, len(mini_fat) // 128 + 1, END, 0)
    sectors = [*range(first, first + fat_sectors)]
    header += struct.pack("<109L", *sectors, *[FREE] * (109 - len(sectors)))
    return header + laid + struct.pack(f"<{len(fat)}L", *fat)


def _laid(contents: dict[tuple[str, ...], bytes], size: int) -> tuple[bytes, list[int], dict[tuple[str, ...], int]]:
    """The contents in sectors, what follows what, and where each begins."""
    out = b""
    following: list[int] = []
    starts: dict[tuple[str, ...], int] = {}
    for path, content in contents.items():
        count = -(-len(content) // size)
        starts[path] = len(following) if count else END
        following += [*range(len(following) + 1, len(following) + count), END][:count] if count else []
        out += content.ljust(count * size, b"\0")
    return out, following, starts


def _entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    raw = name.encode("utf-16-le")
    tree = struct.pack("<HBB3L", len(raw) + 2, kind, 1, FREE, right, child)
    return raw.ljust(64, b"\0") + tree + bytes(36) + struct.pack("<LQ", start, size)
