"""The mark of a running service: only one serves a store, and the next one learns how the last one ended."""

import fcntl
import os
from pathlib import Path

from screener.store.connection import translated
from screener.store.errors import StoreUnavailable
from screener.store.folders import RUNNING

_ENDED = b"ended\n"


class Running:
    """The file `running`: locked by the service while it runs, with its process id; "ended" after it ended cleanly.

    Empty before the first start was finished.
    """

    def __init__(self, folder: Path) -> None:
        """Take the mark; raises StoreUnavailable when another process has it. `unclean` says how the last service ended."""
        path = folder / RUNNING
        with translated:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            other = os.pread(self._file, 20, 0).decode("ascii", "replace").strip()
            os.close(self._file)
            raise StoreUnavailable(
                f"another service runs on the store in {folder} (process {other if other.isdigit() else 'unknown'}): stop it first"
            ) from error
        self.unclean = os.pread(self._file, 20, 0) not in (b"", _ENDED)

    def mark(self) -> None:
        """From here on, whatever ends without `clear` was unclean."""
        with translated:
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"{os.getpid()}\n".encode("ascii"), 0)
            os.fsync(self._file)

    def clear(self) -> None:
        """The store was closed as it should be; gives the mark back."""
        with translated:
            os.pwrite(self._file, _ENDED, 0)
            os.ftruncate(self._file, len(_ENDED))
            os.fsync(self._file)
            self.leave()

    def leave(self) -> None:
        """Give the mark back as it is."""
        os.close(self._file)


def serving(folder: Path) -> str:
    """The process id of the service that runs on the store, or "". Looks without taking the mark; raises StoreUnavailable."""
    try:
        with translated:
            file = os.open(folder / RUNNING, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except StoreUnavailable as error:
        if isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
            return ""
        raise
    try:
        told = os.pread(file, 20, 0).decode("ascii", "replace").strip()
        if not told.isdigit():
            return ""  # nothing to ask the lock for, which a starting service may be about to take
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return told
    finally:
        os.close(file)
    return ""
