"""How the C library keeps memory: what big mail was read into stays with the process, instead of going back page by page.

By its own choice glibc gives large blocks back to the system, and the next mail pays for every page anew: a sixth of the CPU of a
5.3 MB mail (`bench.compare`). Also each thread would keep what it freed in a heap of its own; here one serves all. Only figures for
the allocator are set; a C library without them is left as it is.
"""

import ctypes

KEPT = 32 * 1024 * 1024  # octets at most that a process keeps for what comes next
_LARGE = 32 * 1024 * 1024  # octets from which a block is mapped by itself, and given back: the most that glibc takes for it
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # <malloc.h>


def keep_what_is_freed() -> bool:
    """Keep freed memory, up to KEPT, in one heap for the next mail; whether the C library can. Once, when a process begins."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    wanted = ((_M_MMAP_THRESHOLD, _LARGE), (_M_TRIM_THRESHOLD, KEPT), (_M_ARENA_MAX, 1))
    return mallopt is not None and all(mallopt(*one) for one in wanted)
