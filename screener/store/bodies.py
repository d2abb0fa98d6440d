"""Big contents, each in a file of its own, and the room on the disk.

A file is streamed while DATA runs, then fsynced with its folder; only then may its row be written. It is removed only after
the transaction that ended its last need was committed. So after a crash a file without a row is an orphan, put aside when the
service starts: never removed at once, because what no row needs may also mean that rows are lost; a row without a file cannot
come about. Names are our own ids. Raises StoreUnavailable where the disk fails.

A reserve file holds space back: when the disk is full for new mail it is given up, so that delivery and release can go on.
"""

import fcntl
import mmap
import os
import stat
from collections.abc import Set as AbstractSet
from pathlib import Path

from screener.mail.mail import Content, Octets, Readable
from screener.store.connection import translated
from screener.store.errors import BodyUnavailable, MissingBody, StoreRefused
from screener.store.folders import BODIES, ORPHANS, sync_folder
from screener.store.writing import MAIL_ID

BIG_BODY = 262_144  # octets: at or above, a content belongs in a file (as a BLOB it costs more CPU than all the rest)
RESERVE = 33_554_432  # octets


class Bodies:
    """The folder of big contents."""

    def __init__(self, folder: Path, reserve: int = RESERVE) -> None:
        """`reserve` is in octets. Nothing is made or read before `prepare`."""
        self._folder = folder
        self._files = folder / BODIES
        self._orphans = folder / ORPHANS
        self._reserve_file = folder / "reserve"
        self._reserve = reserve
        self._remove_later: list[str] = []
        self._reserve_in_use = False

    def prepare(self) -> None:
        """Make the folders (0700)."""
        with translated:
            for folder in (self._folder, self._files):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.chmod(0o700)
            self._files.chmod(0o700)

    def path(self, mail_id: str) -> Path:
        """Where the content of this mail lies, or would; raises StoreRefused for what is no id."""
        if MAIL_ID.fullmatch(mail_id) is None:
            raise StoreRefused(f"{mail_id[:60]!r} is no id of a mail: expected 1 to 40 letters and digits")
        return self._files / mail_id

    def create(self, mail_id: str) -> "BodyFile":
        """Begin the file of a mail's content."""
        path = self.path(mail_id)
        with translated:
            return BodyFile(path, os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))

    def read(self, mail_id: str, size: int) -> Readable:
        """The content, read as it is needed; raises MissingBody (it is gone, or not whole), BodyUnavailable (it cannot be read)."""
        path = self.path(mail_id)
        try:
            file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError as error:
            raise MissingBody(f"the content of mail {mail_id} is gone: there is no {path}") from error
        except OSError as error:
            raise BodyUnavailable(f"the content of mail {mail_id} cannot be read: {path}: {error.strerror or error}") from error
        octets = FileOctets(file, mail_id, size)
        there = os.fstat(file)
        if not stat.S_ISREG(there.st_mode) or there.st_size != size:
            raise MissingBody(f"the content of mail {mail_id} in {path} has {there.st_size} octets: expected {size}")
        return octets if size else b""

    def size(self, mail_id: str) -> int | None:
        """Octets of the file; None: there is none, or none that can be looked at."""
        try:
            return self.path(mail_id).stat().st_size
        except OSError:
            return None

    def remove(self, mail_ids: list[str]) -> None:
        """Remove files that nobody needs any more; later, if a backup is being made of them just now."""
        waiting, self._remove_later = self._remove_later + mail_ids, []
        if not waiting:
            return
        with translated:
            lock = os.open(self._files, os.O_RDONLY | os.O_CLOEXEC)
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                self._remove_later = waiting
            else:
                for mail_id in waiting:
                    self.path(mail_id).unlink(missing_ok=True)
            finally:
                os.close(lock)

    def names(self) -> set[str]:
        """The ids of all files there are."""
        with translated:
            return {entry.name for entry in os.scandir(self._files)}

    def sweep(self, needed: AbstractSet[str]) -> list[str]:
        """Put files aside that no row needs; only while nobody receives mail. Returns their ids."""
        orphans = sorted(name for name in self.names() - needed if MAIL_ID.fullmatch(name))
        if orphans:
            with translated:
                self._orphans.mkdir(mode=0o700, exist_ok=True)
                for name in orphans:
                    (self._files / name).rename(self._orphans / name)
                sync_folder(self._orphans)
                sync_folder(self._files)
        return orphans

    def forget_orphans(self, before: float) -> None:
        """Remove files put aside that were last written before then, in seconds since the epoch."""
        with translated:
            if self._orphans.exists():
                for entry in os.scandir(self._orphans):
                    if MAIL_ID.fullmatch(entry.name) and entry.stat(follow_symlinks=False).st_mtime < before:
                        Path(entry).unlink(missing_ok=True)

    def hold_still(self) -> int:
        """While the returned descriptor is open, no process removes a file. For the backup."""
        with translated:
            lock = os.open(self._files, os.O_RDONLY | os.O_CLOEXEC)
            fcntl.flock(lock, fcntl.LOCK_EX)
            return lock

    def free(self) -> int:
        """Octets that may still be written on this disk."""
        with translated:
            disk = os.statvfs(self._folder)
            return disk.f_bavail * disk.f_frsize

    def has_room(self, floor: int) -> bool:
        """Whether more than `floor` octets are free: below it new mail gets 452. The reserve does not count as free."""
        return self.free() > floor

    def give_up_reserve(self) -> bool:
        """Let delivery and release have the space held back; whether there was any.

        From here on until it is restocked, new mail is refused: it must not use up what was held back for the others.
        """
        with translated:
            try:
                self._reserve_file.unlink()
            except FileNotFoundError:
                return False
            self._reserve_in_use = True
            return True

    def takes_new_mail(self) -> bool:
        """Whether the reserve is there, or was never made; tries to restock it."""
        if self._reserve_in_use:
            self.restock()
        return not self._reserve_in_use

    def restock(self) -> None:
        """Hold space back again where three times as much is free; says nothing where it is not."""
        with translated:
            if self._reserve_file.exists():
                self._reserve_in_use = False  # whoever made it
            if self._reserve <= 0 or self._reserve_file.exists() or self.free() < 3 * self._reserve:
                return
            half_made = self._reserve_file.with_suffix(".new")
            file = os.open(half_made, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(file, 0, self._reserve)
            except OSError:
                half_made.unlink()  # a disk that filled up meanwhile, or one that cannot: there is no reserve then
            else:
                half_made.rename(self._reserve_file)
                self._reserve_in_use = False
            finally:
                os.close(file)


class FileOctets:
    """A content that lies in a file: `mail.Readable`.

    Read, not mapped: a page of a map that the disk cannot give ends the whole process (SIGBUS), a read fails for this mail alone.
    """

    def __init__(self, file: int, mail_id: str, size: int) -> None:
        self._file = file
        self._mail_id = mail_id
        self._size = size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, piece: slice, /) -> bytes:
        """Octets from start to before the end, without a step; raises BodyUnavailable."""
        start, end, step = piece.indices(self._size)
        assert step == 1
        pieces: list[bytes] = []
        while start < end:
            try:
                octets = os.pread(self._file, end - start, start)
            except OSError as error:
                raise self._unavailable(error.strerror or str(error)) from error
            if not octets:
                raise self._unavailable(f"it ends at {start} of {self._size} octets")
            pieces.append(octets)
            start += len(octets)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def find(self, octets: bytes, start: int, end: int, /) -> int:
        """As `bytes.find`; reads from start to end."""
        found = self[start:end].find(octets)
        return found if found == -1 else start + found

    def rfind(self, octets: bytes, start: int, end: int, /) -> int:
        """As `bytes.rfind`; reads from start to end."""
        found = self[start:end].rfind(octets)
        return found if found == -1 else start + found

    def __del__(self) -> None:
        os.close(self._file)

    def _unavailable(self, why: str) -> BodyUnavailable:
        return BodyUnavailable(f"the content of mail {self._mail_id} cannot be read: {why}")


class BodyFile:
    """One content being written: `write` each piece, then `finish`, or `abandon`."""

    def __init__(self, path: Path, descriptor: int) -> None:
        """Made by `Bodies.create`."""
        self.path = path
        self.size = 0
        self._descriptor = descriptor

    def write(self, piece: bytes | bytearray | memoryview) -> None:
        """Append octets; raises StoreUnavailable."""
        rest = memoryview(piece)
        with translated:
            while rest:
                written = os.write(self._descriptor, rest)
                self.size += written
                rest = rest[written:]

    def finish(self, defects: frozenset[str] = frozenset()) -> Content:
        """Make it last (fsync of the file and of its folder) and map it; blocks for as long as the disk takes."""
        with translated:
            os.fsync(self._descriptor)
            sync_folder(self.path.parent)
            octets: Octets = mmap.mmap(self._descriptor, 0, access=mmap.ACCESS_READ) if self.size else b""
            self._close()
        return Content(octets, str(self.path), defects)

    def abandon(self) -> None:
        """Remove the file: the transaction failed, or its mail could not be kept. Also after `finish`; never after the commit."""
        self._close()
        with translated:
            self.path.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
