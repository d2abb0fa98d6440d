"""The door and its streams, held against asyncio's own transport: the same is done, and the protocol is told the same."""

import asyncio
import gc
import os
import resource
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from fakes.listener import listening
from fakes.waiting import eventually, until

from screener.smtp import stream
from screener.smtp.session import Session
from screener.smtp.stream import Door

BIG = bytes(range(256)) * 65_536  # 16 MiB: more than any socket's buffers take


class Recorder(asyncio.Protocol):
    """Notes what it is told."""

    def __init__(self, *, listens_on: bool) -> None:
        self.listens_on = listens_on
        self.told: list[str] = []
        self.came = b""
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.told.append(f"made {transport.get_extra_info('peername')[0]}")

    def data_received(self, data: bytes) -> None:
        self.came += data

    def eof_received(self) -> bool:
        self.told.append("eof")
        return self.listens_on

    def pause_writing(self) -> None:
        self.told.append("pause")

    def resume_writing(self) -> None:
        self.told.append("resume")

    def connection_lost(self, exc: Exception | None) -> None:
        self.told.append("lost" if exc is None else f"lost: {type(exc).__name__}")
        self.ended.set_result(None)


class There:
    """A listening socket and what came of the connections."""

    def __init__(self, *, listens_on: bool) -> None:
        self.made: asyncio.Queue[Recorder] = asyncio.Queue()
        self.listening = socket.socket()
        self.listening.bind(("127.0.0.1", 0))
        self.listening.setblocking(False)
        self.address = self.listening.getsockname()
        self._listens_on = listens_on

    def session(self) -> Recorder:
        recorder = Recorder(listens_on=self._listens_on)
        self.made.put_nowait(recorder)
        return recorder

    async def connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, Recorder]:
        reader, writer = await asyncio.open_connection(*self.address)
        return reader, writer, await self.made.get()


@asynccontextmanager
async def ours(*, listens_on: bool = True) -> AsyncIterator[There]:
    there = There(listens_on=listens_on)
    door = Door(asyncio.get_running_loop(), there.listening, there.session)
    door.open(100)
    yield there
    door.close()


@asynccontextmanager
async def asyncios(*, listens_on: bool = True) -> AsyncIterator[There]:
    there = There(listens_on=listens_on)
    server = await asyncio.get_running_loop().create_server(there.session, sock=there.listening)
    yield there
    server.close()


both = pytest.mark.parametrize("opened", [ours, asyncios])
Opened = Callable[..., AbstractAsyncContextManager[There]]


@both
async def test_octets_go_both_ways_and_who_is_done_may_still_listen(opened: Opened) -> None:
    async with opened() as there:
        reader, writer, session = await there.connected()
        writer.write(b"one")
        await eventually(lambda: session.came == b"one")
        writer.write_eof()
        await eventually(lambda: "eof" in session.told)
        session.transport.write(b"two")
        assert await reader.readexactly(3) == b"two"
        session.transport.close()
        session.transport.write(b"too late")
        assert session.transport.is_closing()
        assert await reader.read() == b""
        await session.ended
        assert session.told == ["made 127.0.0.1", "eof", "lost"]
        writer.close()


@both
async def test_who_is_done_and_does_not_listen_is_let_go(opened: Opened) -> None:
    async with opened(listens_on=False) as there:
        reader, writer, session = await there.connected()
        writer.write_eof()
        assert await reader.read() == b""
        await session.ended
        assert session.told == ["made 127.0.0.1", "eof", "lost"]
        writer.close()


@both
async def test_what_is_not_taken_waits_and_the_protocol_is_told(opened: Opened) -> None:
    async with opened() as there:
        reader, writer, session = await there.connected()
        session.transport.write(BIG)
        assert session.told == ["made 127.0.0.1", "pause"]
        assert session.transport.get_write_buffer_size() > 65_536
        session.transport.write(b"end")
        session.transport.close()  # what waits is sent first
        assert await reader.read() == BIG + b"end"
        await session.ended
        assert session.told in (["made 127.0.0.1", "pause", "resume", "lost"], ["made 127.0.0.1", "pause", "lost"])
        writer.close()


@both
async def test_it_goes_on_once_it_was_taken(opened: Opened) -> None:
    async with opened() as there:
        reader, writer, session = await there.connected()
        session.transport.write(BIG)
        assert await reader.readexactly(len(BIG)) == BIG
        await eventually(lambda: "resume" in session.told)
        session.transport.write(b"more")
        assert await reader.readexactly(4) == b"more"
        session.transport.close()
        await session.ended
        assert session.told == ["made 127.0.0.1", "pause", "resume", "lost"]
        writer.close()


@both
async def test_an_abort_ends_at_once_and_only_once(opened: Opened) -> None:
    async with opened() as there:
        reader, writer, session = await there.connected()
        session.transport.write(BIG)
        session.transport.abort()
        session.transport.abort()
        session.transport.close()
        session.transport.write(b"no")
        assert session.told == ["made 127.0.0.1", "pause"]  # told of the end later, not within the call
        await session.ended
        assert session.told == ["made 127.0.0.1", "pause", "lost"]
        with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
            await reader.readexactly(len(BIG))
        writer.close()


@both
async def test_a_reset_by_the_client_is_an_end(opened: Opened) -> None:
    async with opened() as there:
        _, writer, session = await there.connected()
        connected = writer.get_extra_info("socket")
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        writer.close()
        await session.ended
        assert session.told == ["made 127.0.0.1", "lost: ConnectionResetError"]


@both
async def test_nothing_is_read_while_reading_is_paused(opened: Opened) -> None:
    async with opened() as there:
        _, writer, session = await there.connected()
        session.transport.pause_reading()
        session.transport.pause_reading()
        assert not session.transport.is_reading()
        writer.write(b"later")
        await asyncio.sleep(0.05)
        assert session.came == b""
        session.transport.resume_reading()
        await eventually(lambda: session.came == b"later")
        session.transport.close()
        session.transport.resume_reading()
        await session.ended
        writer.close()


async def test_without_descriptors_the_door_waits_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PATIENCE", 0.05)
    said: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: said.append(context["exception"]))
    async with ours() as there:
        client = socket.socket()
        client.setblocking(False)
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        free = os.dup(client.fileno())
        os.close(free)
        resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
        try:
            await loop.sock_connect(client, there.address)
            await eventually(lambda: len(said) >= 2)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        session = await there.made.get()
        session.transport.write(b"welcome")
        assert await loop.sock_recv(client, 100) == b"welcome"
        client.close()
        await eventually(lambda: "eof" in session.told)
        session.transport.close()
        await session.ended
    assert all(isinstance(error, OSError) for error in said)


async def test_a_closed_door_lets_nobody_in() -> None:
    async with ours() as there:
        pass
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(*there.address)


def test_an_ended_session_leaves_nothing_to_collect() -> None:
    """Objects that hold each other would stay until the garbage collector comes, and thousands a second make it come often."""
    gc.collect()
    gc.disable()
    try:
        with listening() as there:
            wire = there.client()
            assert any(isinstance(one, Session) for one in gc.get_objects())
            wire.command("MAIL FROM:<a@example.net>")
            wire.command("QUIT")
            until(lambda: not any(isinstance(one, Session) for one in gc.get_objects()), "the session is gone")
    finally:
        gc.enable()
