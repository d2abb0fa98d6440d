"""Names for mail: short, sortable by time, unique over restarts, fit for a file name and for the telephone.

An id is 14 characters of Crockford's base 32 (no I, L, O, U): 42 bits of milliseconds since the epoch (good until 2109), then 28
bits that are random in each millisecond's first id and count up in the following. Within one process ids only grow, also when
the clock is set back. Two processes that draw the same id are told so by the store, which refuses the second.
"""

import secrets
import threading

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = tuple(high + low for high in _DIGITS for low in _DIGITS)
_RANDOM_BITS = 28

_lock = threading.Lock()
_last = 0


def new_mail_id(now: float) -> str:
    """A new id for a mail that comes in at `now` (seconds since the epoch)."""
    global _last
    drawn = int(now * 1000) << _RANDOM_BITS
    with _lock:
        # The random part starts in the lower half, so that counting up within one millisecond never reaches the next one.
        _last = _last + 1 if _last >> _RANDOM_BITS >= int(now * 1000) else drawn | secrets.randbits(_RANDOM_BITS - 1)
        number = _last
    return "".join([_PAIRS[number >> shift & 1023] for shift in (60, 50, 40, 30, 20, 10, 0)])
