"""A domain's list of recipients (`verify: list`): one address a line, `#` begins a comment.

Promises that a change of the file is seen by the next RCPT, and that a file that is bad, half written, gone or suddenly empty
changes nothing: the last good list stays and the log says so.
"""

import asyncio
import logging
import os
from pathlib import Path

from screener import files
from screener.log import say
from screener.mail.address import Address, AddressError
from screener.yamlfile import Complaint, Complaints, Place

Stamp = tuple[int, int, int]  # what changes when a file does: time of change in ns, size, inode


class RecipientList:
    """The addresses of one file."""

    def __init__(self, path: Path) -> None:
        """Reads the file; raises Complaints with all that is wrong with it."""
        self._path = path
        self._stamp = _stamp(path)
        self._keys = read(path)
        self._reading: asyncio.Task[None] | None = None

    def __contains__(self, address: Address) -> bool:
        """Whether the address is listed, letters' case aside."""
        return address.key in self._keys

    def is_current(self) -> bool:
        """Whether the file is as it was when it was read."""
        return self._reading is None and _stamp(self._path) == self._stamp

    async def refresh(self) -> None:
        """Read the file again; who asks meanwhile waits for the same reading."""
        if self._reading is None:
            self._reading = asyncio.get_running_loop().create_task(self._read_again())
        await asyncio.shield(self._reading)

    async def _read_again(self) -> None:
        stamp = _stamp(self._path)
        try:
            keys = await asyncio.get_running_loop().run_in_executor(None, read, self._path)
            if not keys and self._keys:
                raise Complaints([Complaint(Place(str(self._path)), "the list became empty: the one before stays in force")])
        except Complaints as error:
            shown = [str(complaint) for complaint in error.complaints[:5]]
            say("reload-failed", level=logging.ERROR, file=str(self._path), complaints=shown)
        else:
            self._keys = keys
            say("reloaded", file=str(self._path), entries=len(keys))
        finally:
            self._stamp = stamp
            self._reading = None


def read(path: Path) -> frozenset[str]:
    """The keys (`Address.key`) of the addresses in a list file; raises Complaints."""
    try:
        lines = files.octets(path).decode("utf-8").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    except OSError as error:
        raise Complaints([Complaint(Place(str(path)), f"cannot be read: {error.strerror or error}")]) from error
    except UnicodeDecodeError as error:
        raise Complaints([Complaint(Place(str(path)), f"is no UTF-8 text: octet {error.start} is wrong")]) from error
    keys: set[str] = set()
    complaints: list[Complaint] = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        text = text.partition(" #")[0].rstrip()
        try:
            keys.add(Address.parse(text).key)
        except AddressError as error:
            complaints.append(Complaint(Place(str(path), number), f'{error}: expected one address such as "anna@example.org"'))
    if complaints:
        raise Complaints(complaints)
    return frozenset(keys)


def _stamp(path: Path) -> Stamp:
    try:
        stat = os.stat(path)  # noqa: PTH116 at every RCPT: Path.stat is slower
    except OSError:
        return (0, 0, 0)
    return (stat.st_mtime_ns, stat.st_size, stat.st_ino)
