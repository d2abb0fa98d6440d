"""The content of one mail while it is being received: small in memory, big in a file, never more than the limit.

Promises that whatever a client sends costs at most SPOOL_AT octets of memory and a chunk, and that nothing stays on the disk of a
mail that was not received whole: `abandon`. What the octets mean is left to `data`, making them last to the body file.
"""

import asyncio
from typing import Protocol

from screener.mail.mail import Content

SPOOL_AT = 262_144  # octets: beyond it a content goes to a file while it comes in


class BodyFile(Protocol):
    """A file for a big content, as `intake.new_body` gives it."""

    def write(self, piece: bytes, /) -> None: ...

    def finish(self, defects: frozenset[str], /) -> Content: ...

    def abandon(self) -> None: ...


class BodyFiles(Protocol):
    """Who makes such files."""

    def new_body(self, mail_id: str, /) -> BodyFile: ...


class Receiving:
    """One content on its way in."""

    __slots__ = ("_body", "_files", "_head", "_limit", "_pieces", "mail_id", "size", "too_big")

    def __init__(self, files: BodyFiles, mail_id: str, limit: int) -> None:
        """`limit`: the most octets a content may have."""
        self.size = 0
        self.too_big = False
        self._files = files
        self.mail_id = mail_id
        self._limit = limit
        self._pieces: list[bytes] = []
        self._head = b""  # the first octets of a big content, which lies in the file
        self._body: BodyFile | None = None

    def add(self, piece: bytes) -> None:
        """Keep a piece; beyond the limit nothing more is kept, nor what came before. Raises what the file raises."""
        if self.too_big or not piece:
            return
        self.size += len(piece)
        if self.size > self._limit:
            self.too_big = True
            self.abandon()
        elif self._body is not None:
            self._body.write(piece)
        else:
            self._pieces.append(piece)
            if self.size > SPOOL_AT:
                self._spool()

    def head(self) -> bytes:
        """The first octets, SPOOL_AT of them or more, or all there are: enough for the header."""
        if self._head:
            return self._head
        if len(self._pieces) > 1:
            self._pieces = [b"".join(self._pieces)]
        return self._pieces[0] if self._pieces else b""

    async def finish(self, defects: frozenset[str]) -> Content:
        """The content, durable where it lies in a file: waiting for the disk holds up nobody else. Raises what the file raises."""
        if self._body is None:
            return Content(self.head(), "", defects)
        return await asyncio.get_running_loop().run_in_executor(None, self._body.finish, defects)

    def abandon(self) -> None:
        """Keep nothing of it. Not after the mail was taken."""
        self._pieces = []
        self._head = b""
        body, self._body = self._body, None
        if body is not None:
            body.abandon()

    def _spool(self) -> None:
        self._body = self._files.new_body(self.mail_id)
        self._head = b"".join(self._pieces)
        self._pieces = []
        self._body.write(self._head)
