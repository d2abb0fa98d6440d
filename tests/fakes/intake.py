"""An intake that keeps mail in memory and answers what it is told."""

import asyncio
import itertools
import mmap
from collections.abc import Callable
from pathlib import Path

from screener.mail.address import Address
from screener.mail.envelope import Client
from screener.mail.mail import Content, Mail
from screener.mail.reply import Reply


class FakeBody:
    """A body file; with an error given, it raises that once it has 400,000 octets."""

    def __init__(self, path: Path, error: OSError | None) -> None:
        self.path = path
        self.written = 0
        self.finished = False
        self.abandoned = False
        self._error = error
        self._file = path.open("w+b")

    def write(self, piece: bytes) -> None:
        self.written += len(piece)
        if self._error is not None and self.written >= 400_000:
            raise self._error
        self._file.write(piece)

    def finish(self, defects: frozenset[str]) -> Content:
        self._file.flush()
        self.finished = True
        return Content(mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ), str(self.path), defects)

    def abandon(self) -> None:
        self.abandoned = True
        self._file.close()
        self.path.unlink(missing_ok=True)


def _nobody(client: Client, sender: Address, recipient: Address) -> Reply | None:
    return None


class FakeIntake:
    """Keeps every mail in `mails`. Attributes may be set at any time."""

    def __init__(self, folder: Path) -> None:
        """`folder`: for the files of large bodies; it is there, and the caller's."""
        self.mails: list[Mail] = []
        self.bodies: list[FakeBody] = []
        self.not_ready: Reply | None = None
        self.refuses: Callable[[Client, Address, Address], Reply | None] = _nobody
        self.asked: list[tuple[Client, Address, Address]] = []
        self.answer: Callable[[Mail], Reply] | None = None
        self.raises: Exception | None = None
        self.taking = asyncio.Event()  # set when take() was called
        self.go_on = asyncio.Event()  # take() waits for it
        self.go_on.set()
        self.body_fails: OSError | None = None
        self._numbers = itertools.count(1)
        self._folder = folder

    def ready(self) -> Reply | None:
        return self.not_ready

    def refuse_recipient(self, client: Client, sender: Address, recipient: Address) -> Reply | None:
        self.asked.append((client, sender, recipient))
        return self.refuses(client, sender, recipient)

    def new_id(self) -> str:
        return f"ID{next(self._numbers)}"

    def new_body(self, mail_id: str) -> FakeBody:
        body = FakeBody(self._folder / mail_id, self.body_fails)
        self.bodies.append(body)
        return body

    async def take(self, mail: Mail) -> Reply:
        self.taking.set()
        await self.go_on.wait()
        if self.raises is not None:
            raise self.raises
        reply = Reply(250, "2.0.0", f"Ok: queued as {mail.id}") if self.answer is None else self.answer(mail)
        if reply.is_completion:
            self.mails.append(mail)
        return reply
