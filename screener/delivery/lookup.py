"""The addresses of a next hop's name.

Promises that a name server which does not answer holds up nobody but those who wait for that name: each lookup has a thread of its
own, since a thread in `getaddrinfo` cannot be broken off and would else be missing for the disk; and no more than one at a time for
each name, however many wait for it. The end of the service does not wait for them.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Sequence

from screener.config.hostport import HostPort

Found = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]
_Outcome = Sequence[Found] | OSError


class Lookups:
    """Belongs to the event loop's thread."""

    def __init__(self) -> None:
        self._running: dict[HostPort, asyncio.Future[_Outcome]] = {}

    async def addresses(self, hop: HostPort) -> Sequence[Found]:
        """What `getaddrinfo` finds; raises OSError. How long that may take is the caller's to say."""
        with contextlib.suppress(OSError):
            return socket.getaddrinfo(hop.host, hop.port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)  # asks nobody
        running = self._running.get(hop)
        if running is None:
            running = self._running[hop] = self._begin(hop)
        outcome = await asyncio.shield(running)
        if isinstance(outcome, OSError):
            raise outcome
        return outcome

    def _begin(self, hop: HostPort) -> "asyncio.Future[_Outcome]":
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_Outcome] = loop.create_future()
        future.add_done_callback(lambda _: self._running.pop(hop, None))

        def tell(outcome: _Outcome) -> None:
            if not future.done():
                future.set_result(outcome)

        threading.Thread(target=_look_up, args=(hop, tell, loop), name=f"lookup {hop.host}", daemon=True).start()
        return future


def _look_up(hop: HostPort, tell: Callable[[_Outcome], None], loop: asyncio.AbstractEventLoop) -> None:
    outcome: _Outcome
    try:
        outcome = socket.getaddrinfo(hop.host, hop.port, type=socket.SOCK_STREAM)
    except OSError as error:
        outcome = error
    except ValueError as error:  # a name that cannot be put into a question
        outcome = OSError(str(error))
    with contextlib.suppress(RuntimeError):  # the loop has ended
        loop.call_soon_threadsafe(tell, outcome)
