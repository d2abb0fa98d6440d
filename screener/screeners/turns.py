"""Whose turn it is: clients that wait for the same thing take turns, however many mails each of them has.

Belongs to the event loop's thread.
"""

import asyncio
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """Who waits, by client: the client that was served least recently stands first."""

    def __init__(self) -> None:
        self._lines: dict[str, deque[asyncio.Future[T]]] = {}

    def wait(self, client: str) -> asyncio.Future[T]:
        """Stand in line; what is waited for is the future's result."""
        waiter: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(client, deque()).append(waiter)
        return waiter

    def next(self) -> asyncio.Future[T] | None:
        """The one whose turn it is, taken out of the line; None: nobody waits."""
        while self._lines:
            client, line = next(iter(self._lines.items()))
            del self._lines[client]
            waiter = line.popleft()
            if line:
                self._lines[client] = line  # behind all others
            if not waiter.done():
                return waiter
        return None


def was_given(waiter: "asyncio.Future[T]") -> bool:
    """Whether one who left the line had just been given what they waited for: then it is somebody else's turn."""
    return waiter.done() and not waiter.cancelled() and waiter.exception() is None
