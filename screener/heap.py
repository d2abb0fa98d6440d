"""How the C library keeps memory: what big mail was read into stays with the process, instead of going back page by page.

By its own choice glibc gives large blocks back to the system, and the next mail pays for every page anew: a sixth of the CPU of a
5.3 MB mail (`bench.compare`). Only figures for the allocator are set here; a C library without them is left as it is.
"""

import ctypes

KEPT = 32 * 1024 * 1024  # octets at most that a process keeps for what comes next
_LARGE = 32 * 1024 * 1024  # octets from which a block is mapped by itself, and given back: the most that glibc takes for it
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # <malloc.h>


def keep_what_is_freed() -> bool:
    """Keep freed memory, up to KEPT, for the next mail; whether the C library can. Once, at the beginning of a process."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(_M_MMAP_THRESHOLD, _LARGE)) and bool(mallopt(_M_TRIM_THRESHOLD, KEPT))
