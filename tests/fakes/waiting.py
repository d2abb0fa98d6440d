"""Waiting for something that others do. The limit only ends a test that would hang: nothing is timed."""

import asyncio
import socket
import time
from collections.abc import Callable

_LIMIT = 60.0  # seconds


def until(holds: Callable[[], bool], what: str | Callable[[], str], *, limit: float = _LIMIT, every: float = 0.05) -> None:
    """Return as soon as `holds()`; fails with `what` was waited for."""
    end = time.monotonic() + limit
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"waited {limit:g} s in vain until {what if isinstance(what, str) else what()}")
        time.sleep(every)


async def eventually(holds: Callable[[], bool], what: str = "it is so", *, limit: float = 30.0) -> None:
    """The same within an event loop."""
    end = time.monotonic() + limit
    while not holds():
        assert time.monotonic() < end, f"waited {limit:g} s in vain until {what}"
        await asyncio.sleep(0.01)


def listening(port: int, host: str = "127.0.0.1") -> bool:
    """Whether somebody accepts connections there."""
    try:
        with socket.create_connection((host, port), 5):
            return True
    except ConnectionRefusedError:
        return False
