"""A copy of the whole store while the service runs: one moment's database, and every file that this moment needs.

The copy is a store: put it in place of the other one and start the service. Files are linked where the disk is the same, since a
finished content never changes, else copied. While they are, no process removes any.
"""

import os
import shutil
from pathlib import Path

from screener.store.bodies import Bodies
from screener.store.connection import as_text, connect, copy_database, translated
from screener.store.errors import StoreRefused
from screener.store.folders import sync_folder


def back_up(database: Path, bodies: Bodies, target: Path) -> None:
    """Copy the store into the new folder `target`; raises StoreRefused when it exists, StoreUnavailable."""
    if target.exists():
        raise StoreRefused(f"{target} exists: a backup goes into a folder of its own that does not exist yet")
    making = target.with_name(target.name + ".part")
    with translated:
        making.mkdir(mode=0o700, parents=True)
        try:
            _copy(database, bodies, making)
            _sync(making)
            making.rename(target)
            sync_folder(target.parent)
        except BaseException:
            shutil.rmtree(making)
            raise


def _copy(database: Path, bodies: Bodies, making: Path) -> None:
    files = making / "bodies"
    files.mkdir(mode=0o700)
    copy = making / database.name
    os.close(os.open(copy, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    connection = connect(database)
    still = bodies.hold_still()
    try:
        # A read transaction is one moment: what the service writes from here on is not seen, neither by the backup nor by the list.
        connection.execute("BEGIN")
        needed = connection.execute("SELECT id FROM mail WHERE body_file = 1").fetchall()
        copy_database(connection, copy)
        for (mail_id,) in needed:
            path = bodies.path(as_text(mail_id))
            try:
                os.link(path, files / path.name, follow_symlinks=False)
            except OSError:  # another disk, or one without links
                shutil.copyfile(path, files / path.name, follow_symlinks=False)
                (files / path.name).chmod(0o600)
    finally:
        os.close(still)
        connection.close()


def _sync(folder: Path) -> None:
    for path in [*folder.iterdir(), *(folder / "bodies").iterdir()]:
        if path.is_file():
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(file)
            finally:
                os.close(file)
    sync_folder(folder / "bodies")
    sync_folder(folder)
