"""The pages: bounded whoever connects, and an answer for whatever is asked."""

import contextlib
import logging
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener import pages
from screener.pages import MAX_CONNECTIONS, MAX_REQUEST, Page, Pages, respond


def answer(path: str) -> Page | None:
    if path == "/breaks":
        raise RuntimeError("a secret")
    return Page(b"hello\n") if path == "/hello" else None


@contextlib.contextmanager
def serving(host: str = "127.0.0.1") -> Iterator[tuple[str, int]]:
    made = Pages(host, 0, answer)
    try:
        yield made.address
    finally:
        made.close()


def exchange(address: tuple[str, int], octets: bytes) -> bytes:
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(octets)
        return connection.makefile("rb").read()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_page_is_served(host: str) -> None:
    with serving(host) as address:
        assert address[0] == host
        head, _, body = exchange(address, b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nContent-Length: 6" in head
    assert b"\r\nConnection: close" in head
    assert body == b"hello\n"


def test_a_request_may_come_in_pieces() -> None:
    with serving() as address, socket.create_connection(address, timeout=20) as connection:
        for octet in b"GET /hello HTTP/1.0\r\n\r\n":
            connection.sendall(bytes([octet]))
        assert connection.makefile("rb").read().endswith(b"hello\n")


def test_head_has_the_head_alone() -> None:
    response = respond(b"HEAD /hello HTTP/1.1\r\n\r\n", answer)
    assert response.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Content-Length: 6\r\n" in response
    assert response.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /nothing HTTP/1.1\r\n\r\n", b"404 Not Found"),
        (b"HEAD /nothing HTTP/1.1\r\n\r\n", b"404 Not Found"),
        (b"POST /hello HTTP/1.1\r\nContent-Length: 5\r\n\r\n", b"405 Method Not Allowed"),
        (b"get /hello HTTP/1.1\r\n\r\n", b"405 Method Not Allowed"),
        (b"GET /hello\r\n\r\n", b"400 Bad Request"),
        (b"GET http://elsewhere.example/hello HTTP/1.1\r\n\r\n", b"400 Bad Request"),
        (b"GET /hello HTTP/2\r\n\r\n", b"400 Bad Request"),
        (b"GET /hel lo HTTP/1.1\r\n\r\n", b"400 Bad Request"),
        (b"EHLO client.example\r\n\r\n", b"400 Bad Request"),
        (b"\x16\x03\x01\x02\x00\r\n\r\n", b"400 Bad Request"),
        (b"GET /" + b"x" * MAX_REQUEST, b"400 Bad Request"),
    ],
)
def test_what_is_asked_wrongly_is_told_so(head: bytes, status: bytes) -> None:
    assert respond(head, answer).startswith(b"HTTP/1.1 " + status + b"\r\n")


@given(st.binary(max_size=100))
def test_any_octets_get_an_answer(octets: bytes) -> None:
    assert respond(octets + b"\r\n\r\n", lambda _path: None).startswith(b"HTTP/1.1 4")


def test_an_endless_request_is_answered_and_closed() -> None:
    with serving() as address:
        assert exchange(address, b"GET /" + b"x" * (MAX_REQUEST - 5)).startswith(b"HTTP/1.1 400 ")


def test_a_page_that_cannot_be_made_is_500_without_a_word_of_why(caplog: pytest.LogCaptureFixture) -> None:
    with serving() as address, caplog.at_level(logging.ERROR):
        response = exchange(address, b"GET /breaks HTTP/1.1\r\n\r\n")
    assert response.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert b"secret" not in response
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [RuntimeError]


def test_a_client_that_goes_away_disturbs_nobody() -> None:
    with serving() as address:
        for _ in range(3 * MAX_CONNECTIONS):
            socket.create_connection(address, timeout=20).close()
        assert b"hello" in _until_served(address)


def test_idle_connections_are_few_and_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "SECONDS", 0.5)
    with serving() as address, contextlib.ExitStack() as stack:
        idle = [stack.enter_context(socket.create_connection(address, timeout=20)) for _ in range(3 * MAX_CONNECTIONS)]
        for connection in idle:
            connection.sendall(b"GET /hel")  # and never the rest
        for connection in idle:
            with contextlib.suppress(ConnectionResetError):
                assert connection.recv(100) == b""  # those who were in the way at once, the last ones after their time
        assert b"hello" in _until_served(address)


def test_those_who_only_connect_keep_nobody_out() -> None:
    with serving() as address, contextlib.ExitStack() as stack:
        for _ in range(2 * MAX_CONNECTIONS):
            stack.enter_context(socket.create_connection(address, timeout=20))
        for _ in range(3):
            assert exchange(address, b"GET /hello HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 200 ")


def test_closing_ends_the_listening_and_its_thread() -> None:
    before = threading.active_count()
    with serving() as address:
        pass
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(address, timeout=5)
    assert threading.active_count() <= before


def test_an_address_that_is_taken_is_told() -> None:
    with serving() as (host, port), pytest.raises(OSError, match="in use"):
        Pages(host, port, answer)


def _until_served(address: tuple[str, int]) -> bytes:
    """A connection slot becomes free once the closed connections were noticed."""
    for _ in range(100):
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            if response := exchange(address, b"GET /hello HTTP/1.1\r\n\r\n"):
                return response
        threading.Event().wait(0.05)
    return b""
