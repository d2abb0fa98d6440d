"""A copy of the whole store while the service runs: one moment's database, and every file that this moment needs.

The copy is a store: put it in place of the other one and start the service. Files are linked where the disk is the same, since a
finished content never changes, else copied. While they are, no process removes any. A content that is gone or cannot be read is
told, and all the rest is there; a disk that cannot be written fails the whole backup.
"""

import os
import shutil
from pathlib import Path

from screener.mail.mail import Readable
from screener.store.bodies import Bodies
from screener.store.connection import as_int, as_text, connect, copy_database, translated
from screener.store.errors import BodyUnavailable, MissingBody, StoreRefused
from screener.store.folders import BODIES, sync_folder

_PIECE = 1_048_576  # octets read at once


def back_up(database: Path, bodies: Bodies, target: Path) -> tuple[str, ...]:
    """Copy the store into the new folder `target`; returns a line for each mail whose content is not there, or not whole.

    Raises StoreRefused when the folder exists, StoreUnavailable.
    """
    if target.exists():
        raise StoreRefused(f"{target} exists: a backup goes into a folder of its own that does not exist yet")
    making = target.with_name(target.name + ".part")
    with translated:
        making.mkdir(mode=0o700, parents=True)
        try:
            missing = _copy(database, bodies, making)
            _sync(making)
            making.rename(target)
            sync_folder(target.parent)
        except BaseException:
            shutil.rmtree(making)
            raise
    return missing


def _copy(database: Path, bodies: Bodies, making: Path) -> tuple[str, ...]:
    files = making / BODIES
    files.mkdir(mode=0o700)
    copy = making / database.name
    os.close(os.open(copy, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    connection = connect(database)
    still = bodies.hold_still()
    try:
        # A read transaction is one moment: what the service writes from here on is not seen, neither by the backup nor by the list.
        connection.execute("BEGIN")
        needed = connection.execute("SELECT id, size FROM mail WHERE body_file = 1").fetchall()
        copy_database(connection, copy)
        taken = [_take(bodies, as_text(mail_id), as_int(size), files) for mail_id, size in needed]
    finally:
        os.close(still)
        connection.close()
    return tuple(filter(None, taken))


def _take(bodies: Bodies, mail_id: str, size: int, files: Path) -> str:
    """Take what is there of a content into `files`; returns what is wrong with it, "" for nothing. Raises OSError of the copy."""
    wrong = ""
    try:
        try:
            octets = bodies.read(mail_id, size)
        except MissingBody as error:
            wrong = str(error)
            octets = bodies.read(mail_id, bodies.size(mail_id) or 0)  # a part of it may be there
        path = bodies.path(mail_id)
        if not _linked(path, files / path.name):
            _write(octets, files / path.name)
    except (MissingBody, BodyUnavailable) as error:
        return wrong or str(error)
    return wrong


def _linked(path: Path, target: Path) -> bool:
    """Whether the file could be linked: not to another disk, nor on one without links. What is a link itself would lead away."""
    if path.is_symlink():
        return False
    try:
        os.link(path, target, follow_symlinks=False)
    except OSError:
        return False
    return True


def _write(octets: Readable, target: Path) -> None:
    """Raises BodyUnavailable where they cannot be read, and OSError where they cannot be written."""
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        for start in range(0, len(octets), _PIECE):
            file.write(octets[start : start + _PIECE])


def _sync(folder: Path) -> None:
    for path in [*folder.iterdir(), *(folder / BODIES).iterdir()]:
        if path.is_file():
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(file)
            finally:
                os.close(file)
    sync_folder(folder / BODIES)
    sync_folder(folder)
