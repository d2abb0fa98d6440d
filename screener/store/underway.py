"""Which attempts are under way: what a SIGKILL or a power cut breaks off may leave an extra copy, and is counted.

A file of slots, one for each attempt that has begun and whose outcome is not durable yet. They are written without fsync: what a
process has written outlives it, because the page cache is the kernel's, and each costs a microsecond or two. Only a power cut
(another boot than the one that began the file) takes what was not on the disk yet: then every recipient who was due counts.
"""

import contextlib
import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path

from screener.store.connection import Connection, Row, as_int, as_text, translated
from screener.store.folders import UNDER_WAY
from screener.store.records import EventKind
from screener.store.rows import EVENT_COLUMNS
from screener.store.writing import insert

_SLOT = 128  # octets
_SLOTS = 1_024  # room made beforehand: more than are ever carried or being written down, so that a full disk stops no delivery
_MOST = 64 * 1_024 * _SLOT  # octets that are looked at
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_WRITTEN = re.compile(rb"([0-9A-Za-z]{1,40}) (\*|[0-9]+(?:,[0-9]+)*)\n\0*")
_DETAIL = "the service ended during the attempt: an extra copy is possible"


class UnderWay:
    """Belongs to the service. Any thread may begin and end attempts."""

    def __init__(self, folder: Path) -> None:
        """Open the file as the last service left it; raises StoreUnavailable."""
        with translated:
            self._file = _opened(folder / UNDER_WAY)
        self._free: list[int] = []
        with translated:  # behind what the last service left, until that was counted; the first slot tells the boot
            self._next = max(1, -(-os.fstat(self._file).st_size // _SLOT))

    def begins(self, mail_id: str, keys: Sequence[int], *, early: bool) -> int:
        """From now on an attempt for these recipients may leave a copy; returns its slot. Raises StoreUnavailable.

        `early`: it is not due, so a power cut must not take what was written.
        """
        try:
            slot = self._free.pop()
        except IndexError:
            slot = self._next
            self._next += 1
        written = f"{mail_id} {','.join(map(str, keys))}\n".encode("ascii")
        if len(written) > _SLOT:
            written = f"{mail_id} *\n".encode("ascii")  # all its recipients
        with translated:
            os.pwrite(self._file, written.ljust(_SLOT, b"\0"), slot * _SLOT)
            if early:
                os.fsync(self._file)
        return slot

    def ended(self, slot: int) -> None:
        """What came of this attempt is durable, or nothing was sent; raises StoreUnavailable."""
        with translated:
            os.pwrite(self._file, b"\0", slot * _SLOT)
        self._free.append(slot)

    def count_broken_off(self, connection: Connection, now: float, unclean: bool) -> dict[str, int]:
        """Count as doubtful what the last service left under way, and begin anew; returns how many recipients, by route.

        In one transaction of its own. Raises DatabaseError, StoreUnavailable.
        """
        with translated:
            left = os.pread(self._file, min(os.fstat(self._file).st_size, _MOST), 0)
            boot = _BOOT.read_bytes().ljust(_SLOT, b"\0")
        slots = [left[at : at + _SLOT] for at in range(_SLOT, len(left), _SLOT)]
        listed = [
            (found[1].decode("ascii"), found[2].decode("ascii")) for found in map(_WRITTEN.fullmatch, slots) if found is not None
        ]
        with connection:
            queued = {(number, key): route for mail in listed for number, key, route in _queued(connection, *mail)}
            if unclean and left[:_SLOT] != boot:
                queued |= {(number, key): route for number, key, route in _due(connection, now)}
            connection.executemany("UPDATE recipient SET doubtful = doubtful + 1 WHERE mail = ? AND key = ?", queued)
            events: list[Row] = [(number, now, key, EventKind.DOUBTFUL.value, "", _DETAIL) for number, key in queued]
            insert(connection, "event", EVENT_COLUMNS, events)
        with translated:
            os.ftruncate(self._file, 0)
            os.posix_fallocate(self._file, 0, _SLOTS * _SLOT)
            os.pwrite(self._file, boot, 0)
            os.fsync(self._file)
        self._next = 1
        counted: dict[str, int] = {}
        for route in queued.values():
            counted[route] = counted.get(route, 0) + 1
        return counted

    def close(self) -> None:
        """Leave the file as it is."""
        os.close(self._file)


def _opened(path: Path) -> int:
    """The file; what lies there and is none, or is far too big, is put out of the way: it cannot be ours."""
    with contextlib.suppress(FileNotFoundError):
        there = path.lstat()
        if not stat.S_ISREG(there.st_mode) or there.st_size > _MOST:
            path.rename(path.with_name(f"{path.name}-{there.st_ino}"))
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def _queued(connection: Connection, mail_id: str, keys: str) -> list[tuple[int, int, str]]:
    """(mail's number, key, route) of those among these recipients who are still queued; `keys` as they are written."""
    wanted = "" if keys == "*" else f" AND r.key IN ({keys})"
    rows = connection.execute(
        f"SELECT r.mail, r.key, r.route FROM mail m CROSS JOIN recipient r ON r.mail = m.number "
        f"WHERE m.id = ? AND r.state = 'queued'{wanted}",
        (mail_id,),
    ).fetchall()
    return [(as_int(number), as_int(key), as_text(route)) for number, key, route in rows]


def _due(connection: Connection, now: float) -> list[tuple[int, int, str]]:
    # A clock that lost its power may be far behind: what was never tried is due whatever it says.
    rows = connection.execute(
        "SELECT mail, key, route FROM recipient WHERE state = 'queued' AND (next_attempt <= ? OR attempts = 0)", (now,)
    ).fetchall()
    return [(as_int(number), as_int(key), as_text(route)) for number, key, route in rows]
