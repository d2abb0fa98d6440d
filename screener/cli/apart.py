"""Judging in a process apart: what a foreign parser dies of, or never ends with, costs that message and no more.

The process is a fork of this one and may take as much memory beyond it as a screening process may have; it is started again when
it is gone. Which message it was, and what ended it, is the message's trouble.
"""

import multiprocessing
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from pathlib import Path
from types import TracebackType
from typing import Self

from screener.cli.judging import Judged
from screener.cli.mailfiles import MailFile, Message, messages

JudgeOne = Callable[[Message], Judged]
_Ended = str  # what ended it, to complete "could not be judged: …"


class Apart:
    """A process that judges; `with` starts and ends it."""

    def __init__(self, judge: JudgeOne, *, size: int, seconds: float, memory: int) -> None:
        """`size`: octets of a message that are looked at; `seconds`: for one message; `memory`: octets of address space."""
        self._judge = judge
        self._size = size
        self._seconds = seconds
        self._memory = memory

    def __enter__(self) -> Self:
        """Start it."""
        self._start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End it."""
        self._end()

    def judged(self, found: MailFile) -> Iterator[Judged]:
        """Every message of a file."""
        done = 0
        while True:
            answer = self._ask((found, done))
            while isinstance(answer, Judged):
                yield answer
                done += 1
                answer = self._answer()
            if answer is None:
                return
            yield Judged(found.path, done + 1 if done else 0, trouble=f"could not be judged: {answer}")
            done += 1
            self._end()
            self._start()

    def _ask(self, question: tuple[MailFile, int]) -> Judged | _Ended | None:
        try:
            self._connection.send(question)
        except OSError:
            return self._how_it_ended()
        return self._answer()

    def _answer(self) -> Judged | _Ended | None:
        """The next message's judgement; None after a file's last one."""
        try:
            if not self._connection.poll(self._seconds):
                return f"it took longer than {self._seconds:g} s"
            answer = self._connection.recv()
        except (EOFError, OSError):
            return self._how_it_ended()
        assert answer is None or isinstance(answer, Judged | str)
        return answer

    def _how_it_ended(self) -> _Ended:
        self._process.join(self._seconds)
        code = self._process.exitcode
        if code is not None and code < 0:
            return f"the process that looked at it died ({signal.Signals(-code).name})"
        return "the process that looked at it died"

    def _start(self) -> None:
        context = multiprocessing.get_context("fork")
        self._connection, theirs = context.Pipe()
        arguments = (self._judge, self._size, self._memory, theirs, self._connection)
        self._process: ForkProcess = context.Process(target=_work, args=arguments, daemon=True)
        self._process.start()
        theirs.close()

    def _end(self) -> None:
        self._connection.close()
        self._process.kill()
        self._process.join()
        self._process.close()


def _work(
    judge: JudgeOne,
    size: int,
    memory: int,
    connection: "Connection[Judged | _Ended | None, tuple[MailFile, int]]",
    theirs: "Connection[tuple[MailFile, int], Judged | _Ended | None]",
) -> None:
    """In the process: judge what is asked for until nobody asks any more."""
    theirs.close()  # or this process would never hear that the other one is gone
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    memory += _mapped()
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - open to the end
    for stream in (1, 2):  # a foreign parser that prints has nothing to say here
        os.dup2(sys.stdout.fileno(), stream)
    while True:
        try:
            found, done = connection.recv()
        except EOFError:
            return
        try:
            for at, message in enumerate(messages(found, size)):
                if at >= done:
                    connection.send(judge(message))
        except Exception as error:  # noqa: BLE001 - the door of the process: told by type and place, never by the mail's words
            place = traceback.extract_tb(error.__traceback__)[-1]
            connection.send(f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}")
        else:
            connection.send(None)


def _mapped() -> int:
    """Octets of address space this process has by now: no message's doing. The first field of statm (proc(5)) counts pages."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
