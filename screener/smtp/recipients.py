"""A domain's list of recipients (`verify: list`): one address a line, `#` begins a comment.

Promises that a change of the file is seen by the next RCPT, and that a file that is bad, half written, gone or suddenly without an
address of its domain changes nothing: the last good list stays, and the log and who asked to be told say so.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Collection
from pathlib import Path

from screener import files
from screener.log import say
from screener.mail.address import Address, AddressError
from screener.yamlfile import Complaint, Complaints, Place

Stamp = tuple[int, int, int]  # what changes when a file does: time of change in ns, size, inode


class RecipientList:
    """The addresses of one file, for one domain."""

    def __init__(self, path: Path, domain: str, is_own: Callable[[str], bool], told: Callable[[bool], None]) -> None:
        """Reads the file; raises Complaints with all that is wrong with it.

        `domain` is its name for people, `is_own` says what belongs to it, and `told` hears of each reading whether it was good: one
        without an address of the domain is not.
        """
        self.path = path
        self._domain = domain
        self._is_own = is_own
        self._told = told
        self._stamp = _stamp(path)
        self._keys = read(path)
        self._reading: asyncio.Task[None] | None = None
        self.has_own = self._own_in(self._keys)  # whether anybody of the domain is listed
        told(self.has_own)

    def __contains__(self, address: Address) -> bool:
        """Whether the address is listed, letters' case aside."""
        return address.key in self._keys

    def is_current(self) -> bool:
        """Whether the file is as it was when it was read."""
        return self._reading is None and _stamp(self.path) == self._stamp

    async def refresh(self) -> None:
        """Read the file again; who asks meanwhile waits for the same reading."""
        if self._reading is None:
            self._reading = asyncio.get_running_loop().create_task(self._read_again())
        await asyncio.shield(self._reading)

    async def _read_again(self) -> None:
        stamp = _stamp(self.path)
        good = False
        try:
            keys, has_own = await asyncio.get_running_loop().run_in_executor(None, self._successor)
        except Complaints as error:
            shown = [str(complaint) for complaint in error.complaints[:5]]
            say("reload-failed", level=logging.ERROR, domain=self._domain, file=str(self.path), complaints=shown)
        else:
            self._keys, self.has_own = keys, has_own
            good = has_own
            say("reloaded", domain=self._domain, file=str(self.path), entries=len(keys))
        finally:
            self._told(good)
            self._stamp = stamp
            self._reading = None

    def _successor(self) -> tuple[frozenset[str], bool]:
        """The list as the file has it now, and whether anybody of the domain is in it; raises Complaints if that is not taken."""
        keys = read(self.path)
        has_own = self._own_in(keys)
        if self.has_own and not has_own:
            what = f"has no address of {self._domain} any more" if keys else "became empty"
            raise Complaints([Complaint(Place(str(self.path)), f"the list {what}: the one before stays in force")])
        return keys, has_own

    def _own_in(self, keys: Collection[str]) -> bool:
        return any(map(self._is_own, {key.rpartition("@")[2] for key in keys}))


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
