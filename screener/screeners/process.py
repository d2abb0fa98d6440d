"""The service's hold on one screening process: start it, hand it a mail, end it."""

import asyncio
import contextlib
import os
import sys
from dataclasses import replace

from screener.mail.mail import Mail
from screener.mail.verdict import Screening
from screener.screeners.frames import Excuse, Ready, Sealed, Task, read_answer, request

START_SECONDS = 60.0  # for a process to load its rules


def need_no_threads() -> None:
    """Have asyncio notice the end of processes by descriptors, as it does by itself from Python 3.12 on.

    Before that it starts a thread for each: where the system gives none, the process had begun, and nobody ever ended it.
    """
    if sys.version_info < (3, 12) and hasattr(os, "pidfd_open"):
        with contextlib.suppress(OSError):  # an older kernel than Linux 5.3: by threads, then
            os.close(os.pidfd_open(os.getpid()))
            watcher = asyncio.PidfdChildWatcher()
            watcher.attach_loop(asyncio.get_running_loop())
            asyncio.set_child_watcher(watcher)


class ProcessFailed(Exception):
    """The process died, took too long or answered nonsense; the message completes 'the screening process …'."""

    def __init__(self, reason: str, text: str) -> None:
        self.reason = reason  # died | timeout | nonsense
        super().__init__(text)


class Process:
    """One running screening process; one mail at a time."""

    def __init__(self, order: Sealed, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.order = order
        self._process = process
        self._stdin = process.stdin
        self._stdout = process.stdout
        self.has_network = False  # it could not leave the network behind

    @classmethod
    async def start(cls, order: Sealed) -> "Process":
        """A process that has loaded its rules; raises OSError or ProcessFailed."""
        process = cls(
            order,
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "screener.screeners.child"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            ),
        )
        try:
            ready = await process._exchange(order.frame, START_SECONDS)
            if not isinstance(ready, Ready) or ready.ruleset != order.ruleset:
                raise ProcessFailed("nonsense", "did not load the rules")
            process.has_network = ready.has_network
        except BaseException:
            await process.end()
            raise
        return process

    @property
    def pid(self) -> int:
        """For logs and tests."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.returncode is None

    async def ended(self) -> None:
        """Wait until it runs no more."""
        await self._process.wait()

    async def screen(self, mail: Mail, seconds: float, *, pattern_factor: float = 1.0) -> Screening:
        """Judge one mail within `seconds` of wall-clock time; raises ProcessFailed."""
        if mail.content.path:
            mail = replace(mail, content=replace(mail.content, octets=b""))
        answer = await self._exchange(request(Task(mail, seconds, pattern_factor)), seconds)
        if isinstance(answer, Excuse):
            raise ProcessFailed("died", f"gave up: {answer.text}")
        if not isinstance(answer, Screening) or len(answer.verdicts) != len(mail.envelope.recipients):
            raise ProcessFailed("nonsense", "answered for other recipients than it was asked about")
        return answer

    async def end(self) -> None:
        """Kill it and wait for it; it holds nothing worth an orderly end."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._stdin.close()
        await self._process.wait()

    async def _exchange(self, frame: bytes, seconds: float) -> Ready | Screening | Excuse:
        try:
            async with asyncio.timeout(seconds):
                self._stdin.write(frame)
                await self._stdin.drain()
                return await read_answer(self._stdout)
        except TimeoutError:
            raise ProcessFailed("timeout", f"took longer than {seconds:g} s") from None
        except ValueError as error:
            raise ProcessFailed("nonsense", f"answered nonsense: {error}") from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise ProcessFailed("died", "died") from error
