"""Opening a database: is it whole, is it ours, are its tables today's.

A service that follows on an unclean stop reads the whole file first (`quick_check`), because a disk that lost power may have lied.
"""

import os
from pathlib import Path

from screener.store import schema
from screener.store.connection import Connection, Value, as_text, connect, translated
from screener.store.errors import StoreDamaged, StoreError
from screener.store.folders import DATABASE, RECOVERED, sync_folder
from screener.store.traces import is_missing, log_left, traces


def open_database(folder: Path, *, serving: bool, unclean: bool, busy_seconds: float) -> tuple[Connection, Connection]:
    """A writing and a reading connection. Raises StoreError, StoreDamaged.

    `serving` makes what is not there, and upgrades; `unclean` has the file checked.
    """
    with translated:
        return _open(folder, serving=serving, unclean=unclean, busy_seconds=busy_seconds)


def _open(folder: Path, *, serving: bool, unclean: bool, busy_seconds: float) -> tuple[Connection, Connection]:
    path = folder / DATABASE
    if (folder / RECOVERED).exists():
        raise StoreDamaged(f"a recovery of the store in {folder} was interrupted: run `screener store recover` again")
    if is_missing(path):  # looked at before SQLite does, which throws the log of an empty database away
        _refuse_after(path, "empty" if path.exists() else "missing", [*traces(folder), *log_left(folder)])
        if not serving:
            raise StoreError(f"there is no store in {folder}: it is made when the service first starts")
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        sync_folder(folder)
    writer = connect(path, busy_seconds=busy_seconds)
    try:
        if unclean:
            _check(path, writer)
        if schema.is_blank(writer):  # a file that was never more than begun, or one whose log is lost
            _refuse_after(path, "empty", traces(folder))
        if serving:
            schema.upgrade(writer)
        elif (found := schema.version(writer)) != len(schema.STEPS):
            schema.refuse_newer(found)
            raise StoreError(
                f"{path} has tables of version {found}, this Screener knows {len(schema.STEPS)}: "
                "start the service of this version once to upgrade them"
            )
        reader = connect(path, busy_seconds=busy_seconds)
        reader.create_scalar_function("casefold", _casefold, 1, deterministic=True)
        reader.execute("PRAGMA query_only=ON")
    except BaseException:
        writer.close()
        raise
    return writer, reader


def _refuse_after(path: Path, what: str, found: list[str]) -> None:
    """Raise StoreDamaged where a database with nothing in it cannot be the first one."""
    if found:
        raise StoreDamaged(
            f"{path} is {what}, but a service has kept its mail there before: there is {', '.join(found)}. Nothing was removed. "
            f"Put the database back, with its log ({path.name}-wal) if there is one; where that cannot be done, run "
            "`screener store recover`, which keeps aside what there is and begins a new store"
        )


def _check(path: Path, connection: Connection) -> None:
    problems = [as_text(problem) for (problem,) in connection.execute("PRAGMA quick_check(5)").fetchall()]
    if problems != ["ok"]:
        raise StoreDamaged(
            f"{path} was found damaged after the service last ended uncleanly: {'; '.join(problems)}. "
            "Nothing was changed. Run `screener store recover`; until then mail is deferred"
        )


def _casefold(*columns: Value) -> str:
    return str(columns[0]).casefold()
