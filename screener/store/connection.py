"""The one door to SQLite (apsw): how a database is opened, and what its errors mean.

WAL with `synchronous=FULL`: a commit that returned survives a power cut. Rows go in and out as plain tuples; what they mean is
`rows`', which statements there are is `writing`'s and `reading`'s.
"""

import errno
import os
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import apsw

from screener.store.errors import StoreDamaged, StoreError, StoreFull, StoreRefused, StoreUnavailable

Connection = apsw.Connection
Cursor = apsw.Cursor
DatabaseError = apsw.Error
READ_ERRORS = (apsw.Error, UnicodeDecodeError)  # the second one for a text that the disk has changed
Value = None | int | float | bytes | str
Row = tuple[Value, ...]

CHECKPOINT_PAGES = 4_000  # of 4 KiB: a page written and freed again between two checkpoints never reaches the main file
_LOG_OCTETS = (CHECKPOINT_PAGES + 500) * 4_120  # of the WAL file with so many frames, and what comes until the checkpoint is done
_CACHE_KIB = 8_192  # more, up to 32 MiB, saves nothing beside the system's own cache: `bench/store_scale.py`
_WAL_OCTETS = 64 * 1024 * 1024  # what is left of the WAL file after a checkpoint

_DISK = (apsw.FullError, apsw.IOError, apsw.CantOpenError, apsw.ReadOnlyError, apsw.NoMemError, apsw.PermissionsError)
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
_BUSY = (apsw.BusyError, apsw.LockedError, apsw.ProtocolError)
_DAMAGED = (apsw.CorruptError, apsw.NotADBError, apsw.FormatError)


def connect(path: Path, *, busy_seconds: float = 10.0, create: bool = False) -> Connection:
    """Open a database file; raises DatabaseError. The file keeps the mode it has: create it first where nobody else may read it."""
    flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0)
    connection = Connection(str(path), flags=flags, statementcachesize=200)
    try:
        connection.set_busy_timeout(int(busy_seconds * 1000))
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.execute("PRAGMA cell_size_check=ON")
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
        connection.execute(f"PRAGMA journal_size_limit={_WAL_OCTETS}")
    except apsw.Error:
        connection.close()
        raise
    return connection


# The tables are STRICT, so a column's type is known; these say so to the type checker and cost next to nothing.
def as_text(value: Value) -> str:
    """A TEXT column."""
    return cast(str, value)


def as_int(value: Value) -> int:
    """An INTEGER column."""
    return cast(int, value)


def as_float(value: Value) -> float:
    """A REAL column."""
    return cast(float, value)


def fails_all(error: BaseException) -> bool:
    """Whether this error is the disk's or the whole database's, not that of one change: the transaction is lost with it."""
    return isinstance(error, (*_DISK, *_BUSY, *_DAMAGED, apsw.InterruptError))


def translate(error: Exception) -> StoreError:
    """The same error in the store's own words."""
    if isinstance(error, StoreError):
        return error
    if isinstance(error, _DAMAGED):
        return StoreDamaged(f"the store's database is damaged ({error}): stop the service and run `screener store recover`")
    if isinstance(error, apsw.FullError) or (isinstance(error, OSError) and error.errno in _NO_SPACE):
        return StoreFull("no space left on the disk that holds the store")
    if isinstance(error, _BUSY):
        return StoreUnavailable(f"another process kept the store's database busy for too long ({error})")
    if isinstance(error, OSError) and error.filename is not None:
        return StoreUnavailable(f"the store could not be read or written: {error.filename}: {error.strerror}")
    if isinstance(error, (*_DISK, OSError)):
        return StoreUnavailable(f"the store could not be read or written: {type(error).__name__}: {error}")
    if isinstance(error, apsw.ConstraintError):
        return StoreRefused(f"the store refuses this: {error}")
    if isinstance(error, apsw.Error):
        return StoreUnavailable(f"the store's database failed: {type(error).__name__}: {error}")
    return StoreRefused(f"this cannot be kept: {type(error).__name__}: {error}")


class Translated:
    """`with translated:` lets errors of database and disk, and of what was read, leave as StoreError."""

    def __enter__(self) -> Self:
        """Nothing is kept: one instance serves all threads."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Raises the error's translation. A value that is none of ours can only be the disk's doing."""
        if isinstance(error, (apsw.Error, OSError)):
            raise translate(error) from error
        if isinstance(error, ValueError):
            raise StoreDamaged(f"the store's database holds what makes no sense ({error}): run `screener store check`") from error


translated = Translated()


def lengthen_log(path: Path) -> None:
    """Make the WAL file of an open database as long as it gets before it is used from its beginning again; raises OSError.

    A commit that makes the file longer waits for the disk about twice: for the octets, and for the file's new length.
    """
    with Path(f"{path}-wal").open("r+b") as file:  # SQLite takes what does not go on from the frame before for the end
        length = file.seek(0, os.SEEK_END)
        while length < _LOG_OCTETS:
            length += file.write(bytes(min(1_048_576, _LOG_OCTETS - length)))
        file.flush()
        os.fsync(file.fileno())


def copy_database(source: Connection, target: Path) -> None:
    """A copy of what `source` sees now into a new file (SQLite's backup); raises DatabaseError."""
    copy = Connection(str(target))
    try:
        with copy.backup("main", source, "main") as backup:
            while not backup.done:
                backup.step(-1)
    finally:
        copy.close()
