"""Opening a database: is it whole, is it ours, are its tables today's.

A service that follows on an unclean stop reads the whole file first (`quick_check`), because a disk that lost power may have lied.
"""

import os
from pathlib import Path

from screener.store import schema
from screener.store.connection import Connection, Value, as_text, connect
from screener.store.errors import StoreDamaged, StoreError
from screener.store.folders import DATABASE, RECOVERED


def open_database(folder: Path, *, serving: bool, unclean: bool, busy_seconds: float) -> tuple[Connection, Connection]:
    """A writing and a reading connection. Raises StoreError, StoreDamaged, DatabaseError, OSError.

    `serving` makes what is not there, and upgrades; `unclean` has the file checked.
    """
    path = folder / DATABASE
    if (folder / RECOVERED).exists():
        raise StoreDamaged(f"a recovery of the store in {folder} was interrupted: run `screener store recover` again")
    if serving:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    elif not path.exists():
        raise StoreError(f"there is no store in {folder}: it is made when the service first starts")
    writer = connect(path, busy_seconds=busy_seconds, cache_kib=32_768)
    try:
        if unclean:
            _check(path, writer)
        if serving:
            schema.upgrade(writer)
        elif schema.version(writer) != len(schema.STEPS):
            raise StoreError(
                f"{path} has tables of version {schema.version(writer)}, this Screener knows {len(schema.STEPS)}: "
                "start the service of this version once to upgrade them"
            )
        reader = connect(path, busy_seconds=busy_seconds)
        reader.create_scalar_function("casefold", _casefold, 1, deterministic=True)
        reader.execute("PRAGMA query_only=ON")
    except BaseException:
        writer.close()
        raise
    return writer, reader


def _check(path: Path, connection: Connection) -> None:
    problems = [as_text(problem) for (problem,) in connection.execute("PRAGMA quick_check(5)").fetchall()]
    if problems != ["ok"]:
        raise StoreDamaged(
            f"{path} was found damaged after the service last ended uncleanly: {'; '.join(problems)}. "
            "Nothing was changed. Run `screener store recover`; until then mail is deferred"
        )


def _casefold(*columns: Value) -> str:
    return str(columns[0]).casefold()
