"""How the command line speaks with the running service: a Unix socket, one line of JSON in, one line of JSON out.

Promises a socket only its owner (and root) can open, requests of bounded size and time, and that a socket another service
answers on is never taken away. What the commands do is left to who gives them (`service`); a command that raises is answered
by nothing, and the loop's exception hook hears of it.

    {"command": "reload", "force": false, "settings": "5b1f…"}  →  {"ok": true, "lines": ["rule 'programs' changed"]}
"""

import asyncio
import contextlib
import json
import os
import socket
import stat
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path

from screener.frozen import dataclass

MAX_REQUEST = 4096  # octets of one request line
MAX_ANSWER = 16 * 1024 * 1024  # octets of one answer: a reload may have a line for each of very many rules
READ_SECONDS = 5.0  # for a client to send its line
MAX_CLIENTS = 16  # at once; more are closed unanswered


class ControlError(Exception):
    """The socket cannot be used; the message is for people."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the service."""

    command: str
    force: bool = False
    settings: str = ""  # the fingerprint of those the command line has read


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service says; `lines` are for people."""

    ok: bool
    lines: tuple[str, ...] = ()


Command = Callable[[Request], Awaitable[Answer]]


class Control:
    """The service's side. All methods belong to the event loop's thread."""

    def __init__(self, path: Path, commands: Mapping[str, Command]) -> None:
        self._path = path
        self._commands = commands
        self._server: asyncio.AbstractServer | None = None
        self._inode = 0
        self._clients: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to listen; raises ControlError when another service answers there or the socket cannot be made."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            _clear(self._path)
            listening = _bind(self._path)
        except OSError as error:
            raise ControlError(f"control socket {self._path}: {error.strerror or error}") from error
        self._inode = self._path.lstat().st_ino
        self._server = await asyncio.start_unix_server(self._meet, sock=listening, limit=MAX_REQUEST)

    async def stop(self) -> None:
        """Listen no more; answers in work are cut. The socket is removed if it is still ours."""
        if self._server is None:
            return
        self._server.close()
        with contextlib.suppress(OSError):
            if self._path.lstat().st_ino == self._inode:
                self._path.unlink()
        current = asyncio.current_task()  # a command that stops the service is not to wait for itself
        others = [client for client in self._clients if client is not current]
        for client in others:
            client.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        self._server = None

    def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._clients) >= MAX_CLIENTS:
            writer.close()
            return
        task = asyncio.get_running_loop().create_task(self._speak(reader, writer))
        self._clients.add(task)
        task.add_done_callback(self._left)

    def _left(self, task: asyncio.Task[None]) -> None:
        """Tell the loop's exception hook what broke: given a coroutine, asyncio of Python 3.11.2 (Debian 12) does not."""
        self._clients.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            context = {"message": "a command of the control socket failed", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)

    async def _speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answer = await self._answer(reader)
            writer.write(json.dumps({"ok": answer.ok, "lines": answer.lines}).encode() + b"\n")
            await writer.drain()
        except (ConnectionError, TimeoutError):
            pass  # the client left, or never spoke: nobody waits for the answer
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> Answer:
        try:
            async with asyncio.timeout(READ_SECONDS):
                line = await reader.readline()
            request = _request(line)
        except ValueError as error:  # readline's own for a line beyond the limit, or ours
            return Answer(False, (f"no request: {error}",))
        command = self._commands.get(request.command)
        if command is None:
            return Answer(False, (f"unknown command {request.command!r}; known here: {', '.join(sorted(self._commands))}",))
        return await command(request)


def ask(path: Path, request: Request, seconds: float = 10.0) -> Answer | None:
    """The command line's side: ask the service that listens at `path`; None when none runs there.

    Raises ControlError when a service may run but cannot be asked: no permission, no answer within `seconds`, a broken answer.
    """
    line = json.dumps({"command": request.command, "force": request.force, "settings": request.settings}).encode() + b"\n"
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as speaking, _reachable(path) as name:
            speaking.settimeout(seconds)
            speaking.connect(name)
            speaking.sendall(line)
            with speaking.makefile("rb") as stream:
                return _read_answer(stream.readline(MAX_ANSWER))
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
        return None
    except TimeoutError as error:
        raise ControlError(f"the service at {path} gave no answer within {seconds:g} s") from error
    except PermissionError as error:
        raise ControlError(f"{path} may not be opened: run this as the service's user or as root") from error
    except OSError as error:
        raise ControlError(f"{path}: {error.strerror or error}") from error


def _request(line: bytes) -> Request:
    try:
        match json.loads(line):
            case {"command": str(command), **others}:
                return Request(command[:100], others.get("force", False) is True, str(others.get("settings", ""))[:100])
    except (ValueError, RecursionError) as error:
        raise ValueError("expected one line of JSON") from error
    raise ValueError('expected an object such as {"command": "status"}')


def _read_answer(line: bytes) -> Answer:
    if not line:
        raise ControlError("the service ended the conversation without an answer; its log says why")
    try:
        match json.loads(line):
            case {"ok": bool(ok), "lines": list(lines)}:
                return Answer(ok, tuple(map(str, lines)))
    except ValueError:
        pass
    raise ControlError("the service's answer cannot be read: is it another version?")


def _clear(path: Path) -> None:
    """Remove a socket that nobody answers on; raises ControlError for anything else that stands there."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise ControlError(f"{path} is in the way of the control socket and is no socket: move it, or change `control`")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trying, _reachable(path) as name:
        trying.settimeout(READ_SECONDS)
        try:
            trying.connect(name)
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
        else:
            raise ControlError(f"another service answers at {path}: stop it first, or give this one another `control` path")


def _bind(path: Path) -> socket.socket:
    """A listening socket that nobody but its owner could open at any moment."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        os.fchmod(listening.fileno(), 0o600)  # on Linux the file made by bind takes this mode
        with _reachable(path) as name:
            listening.bind(name)
        path.chmod(0o600)
        listening.setblocking(False)
    except BaseException:
        listening.close()
        raise
    return listening


@contextlib.contextmanager
def _reachable(path: Path) -> Iterator[str]:
    """A name for the socket that fits into an address of 107 octets, however deep its folder lies."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
