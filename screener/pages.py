"""A few read-only pages over HTTP, for machines: metrics and health.

Promises bounded cost whoever connects: a handful of connections at once, one short request each, some seconds for all of it, no
request body, nothing kept open. Whoever comes when there is no room takes the place of the one whose request has been incomplete
the longest, so that those who only connect keep nobody out. What the pages say is left to `answer`, which is called in a thread
of its own connection.
Nothing is authenticated: the address it is bound to is the protection.
"""

import contextlib
import logging
import socket
import socketserver
import threading
import time
from collections.abc import Callable
from typing import Final

from screener.frozen import dataclass

MAX_REQUEST: Final = 8192  # octets of request line and header fields
MAX_CONNECTIONS: Final = 8  # at once; further ones are closed unread when all of these are being answered
MAKE_ROOM: Final = 1.0  # seconds to wait for the thread whose connection was taken away
SECONDS: Final = 10.0  # for the whole request, and again for the whole answer

_REASONS: Final = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 500: "Internal Server Error"}
_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """One answer."""

    octets: bytes
    kind: str = "text/plain; charset=utf-8"  # its Content-Type
    status: int = 200


class Pages:
    """A server of pages in threads of its own, from the moment it is made until `close`."""

    def __init__(self, host: str, port: int, answer: Callable[[str], Page | None]) -> None:
        """Listen on `host`, `port` (0: any free one). `answer` gets a path without its query; None is answered 404. Raises
        OSError when the address cannot be had."""
        family, *_, sockaddr = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        try:
            self._server = _Server(family, (str(sockaddr[0]), int(sockaddr[1])), answer)
        except OSError as error:
            raise OSError(error.errno, f"cannot listen on {host} port {port} for metrics: {error.strerror}") from error
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.2,), name="pages", daemon=True)
        self._thread.start()

    @property
    def address(self) -> tuple[str, int]:
        """The address and port it listens on."""
        host, port = self._server.socket.getsockname()[:2]
        return str(host), int(port)

    def close(self) -> None:
        """Stop listening; an answer that is on its way is not waited for."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 16

    def __init__(self, family: int, address: tuple[str, int], answer: Callable[[str], Page | None]) -> None:
        self.address_family = family
        self.answer = answer
        self._room = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self.asking: dict[socket.socket, None] = {}  # whose request is not complete yet, the oldest first
        super().__init__(address, _Connection)

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        if not self._room.acquire(blocking=False) and not self._made_room():
            self.shutdown_request(request)
            return
        assert isinstance(request, socket.socket)
        self.asking[request] = None
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # no thread can be started
            self.asking.pop(request, None)
            self._room.release()
            raise

    def _made_room(self) -> bool:
        for slowest in tuple(self.asking):
            if self.asking.pop(slowest, slowest) is None:  # else its request has just become complete
                with contextlib.suppress(OSError):
                    slowest.shutdown(socket.SHUT_RDWR)
                return self._room.acquire(timeout=MAKE_ROOM)
        return False

    def process_request_thread(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:  # noqa: ARG002
        """Called within `except`, before the connection is closed: the one who asks hears of it, and so does the log."""
        _log.exception("a page could not be made")
        if isinstance(request, socket.socket):
            with contextlib.suppress(OSError):
                request.sendall(_response(Page(b"the page could not be made; the log says more\n", status=500)))


class _Connection(socketserver.BaseRequestHandler):
    server: _Server
    request: socket.socket

    def handle(self) -> None:
        try:
            try:
                head = _read_head(self.request, time.monotonic() + SECONDS)
            finally:
                self.server.asking.pop(self.request, None)
            if head:
                self.request.settimeout(SECONDS)  # for all of sendall
                self.request.sendall(respond(head, self.server.answer))
        except OSError:
            return  # gone, or too slow: nobody is left to answer


def _read_head(connection: socket.socket, until: float) -> bytes:
    """The request up to its empty line; what is longer is cut, and so answered 400."""
    head = bytearray()
    while b"\r\n\r\n" not in head and len(head) < MAX_REQUEST:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        connection.settimeout(left)
        octets = connection.recv(MAX_REQUEST - len(head))
        if not octets:
            return b""
        head += octets
    return bytes(head)


def respond(head: bytes, answer: Callable[[str], Page | None]) -> bytes:
    """The whole response to a request's head (RFC 9112); the connection is closed after it."""
    line, _, _ = head.partition(b"\r\n")
    words = line.split(b" ")
    if b"\r\n\r\n" not in head or len(words) != 3 or not words[2].startswith(b"HTTP/1.") or not words[1].startswith(b"/"):
        return _response(Page(b"expected a request such as: GET /metrics HTTP/1.1\n", status=400))
    if words[0] not in (b"GET", b"HEAD"):
        return _response(Page(b"only GET and HEAD are possible here\n", status=405), "Allow: GET, HEAD\r\n")
    path = words[1].partition(b"?")[0].decode("ascii", "replace")
    page = answer(path) or Page(b"there is no such page here\n", status=404)
    return _response(page, head_only=words[0] == b"HEAD")


def _response(page: Page, fields: str = "", *, head_only: bool = False) -> bytes:
    reason = _REASONS.get(page.status, "Service Unavailable")
    head = (
        f"HTTP/1.1 {page.status} {reason}\r\nContent-Type: {page.kind}\r\nContent-Length: {len(page.octets)}\r\n"
        f"{fields}Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + (b"" if head_only else page.octets)
