"""How memory is kept: what big mail was read into stays with the process, and what lies there for long lies on large pages.

By its own choice glibc gives large blocks back to the system, and the next mail pays for every page anew: a sixth of the CPU of a
5.3 MB mail (`bench.compare`). Also each thread would keep what it freed in a heap of its own; here one serves all. Rules, code and
settings are touched all over by every mail: on pages of 2 MiB the processor need not look up thousands of small ones. Only figures
and advice are given; a C library or a system that takes none is left as it is.
"""

import ctypes
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

KEPT = 32 * 1024 * 1024  # octets at most that a process keeps for what comes next
_LARGE = 32 * 1024 * 1024  # octets from which a block is mapped by itself, and given back: the most that glibc takes for it
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # <malloc.h>
_PAGE = 2 * 1024 * 1024  # octets of a large page: amd64's, and arm64's with pages of 4 KiB
_MADV_HUGEPAGE, _MADV_COLLAPSE = 14, 25  # <linux/mman.h>: on large pages by and by; at once, from Linux 6.1 on
_AREA = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) rw-p \S+ \S+ 0 *(?:\[heap\])?\n(?:\w+: .*\n)*?Rss: +(\d+) kB$", re.MULTILINE)


def keep_what_is_freed() -> bool:
    """Keep freed memory, up to KEPT, in one heap for the next mail; whether the C library can. Once, when a process begins."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    wanted = ((_M_MMAP_THRESHOLD, _LARGE), (_M_TRIM_THRESHOLD, KEPT), (_M_ARENA_MAX, 1))
    return mallopt is not None and all(mallopt(*one) for one in wanted)


def on_large_pages() -> int:
    """Put what this process holds on large pages, where the system allows it; how many octets it was asked for. Once all is loaded.

    Only areas that are in use for the most part, or a stack would take 2 MiB instead of some pages (madvise(2)).
    """
    madvise = getattr(ctypes.CDLL(None), "madvise", None)
    if madvise is None:
        return 0
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    asked = 0
    for start, size in _areas():
        if madvise(start, size, _MADV_HUGEPAGE) == 0:
            madvise(start, size, _MADV_COLLAPSE)
            asked += size
    return asked


def _areas() -> Iterator[tuple[int, int]]:
    """Start and size of what is the process's own memory, more than half in use, in whole large pages."""
    with suppress(OSError):  # no /proc, or not for this process
        for first, end, used in _AREA.findall(Path("/proc/self/smaps").read_text(encoding="ascii", errors="replace")):
            start, stop = -(-int(first, 16) // _PAGE) * _PAGE, int(end, 16) // _PAGE * _PAGE
            if start < stop and 2 * int(used) * 1024 > int(end, 16) - int(first, 16):
                yield start, stop - start
