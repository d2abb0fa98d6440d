"""What can still be had out of a damaged database, saved into a new one, and said.

The damaged files are kept aside as they are; reading is done on a copy. Files of contents that no saved mail needs are kept aside
too, for a person to look at. Interrupted at any moment, it can be run again: the new database takes the old one's place only when
it is complete, and the service does not start in between. What can be saved of a mail is `salvage`'s.
"""

import os
import shutil
import time
from pathlib import Path

from screener.store import schema
from screener.store.bodies import Bodies
from screener.store.connection import as_text, connect, translated
from screener.store.errors import StoreError
from screener.store.folders import DATABASE, RECOVERED, sync_folder
from screener.store.queries import Recovered
from screener.store.running import Running
from screener.store.salvage import salvage

_BESIDE = ("", "-wal", "-shm")  # the files that make up a database


def recover(folder: Path, at: float) -> Recovered:
    """Make a sound store of the one in `folder`; `at` is now, seconds since the epoch.

    Raises StoreUnavailable while a service runs on it or when the disk fails, StoreError when there is nothing to recover.
    """
    if not (folder / DATABASE).exists() and not (folder / RECOVERED).exists():
        raise StoreError(f"there is no store in {folder}")
    running = Running(folder)
    try:
        with translated:
            recovered = _recover(folder, at)
        running.clear()
    except BaseException:
        running.leave()
        raise
    return recovered


def _recover(folder: Path, at: float) -> Recovered:
    aside = _new_folder(folder, at)
    lost: tuple[str, ...] = ()
    if not (folder / RECOVERED).exists():
        lost = _save(folder, aside, at)
    else:
        lost = ("an earlier recovery was interrupted after it had saved everything: what it lost is not known any more",)
    for ending in reversed(_BESIDE):  # the log before its database: never a new database beside an old log
        damaged = folder / (DATABASE + ending)
        if damaged.exists():
            damaged.rename(aside / damaged.name)
    sync_folder(aside)
    (folder / RECOVERED).rename(folder / DATABASE)
    sync_folder(folder)
    bodies = Bodies(folder)
    bodies.prepare()
    mails = _sort_out_files(folder, bodies, aside)
    return Recovered(str(aside), mails, lost)


def _save(folder: Path, aside: Path, at: float) -> tuple[str, ...]:
    """Save what can be read into the file RECOVERED; returns what was lost."""
    reading = aside / "copy.db"
    making = folder / (RECOVERED + ".part")
    for ending in _BESIDE:
        Path(f"{making}{ending}").unlink(missing_ok=True)
        if ending != "-shm" and (folder / (DATABASE + ending)).exists():
            shutil.copyfile(folder / (DATABASE + ending), f"{reading}{ending}")
    os.close(os.open(making, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    target = connect(making)
    try:
        schema.upgrade(target)
        lost = salvage(reading, target, Bodies(folder), at)
        target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        target.close()
    for ending in _BESIDE:
        Path(f"{reading}{ending}").unlink(missing_ok=True)
    with making.open("rb") as file:
        os.fsync(file.fileno())
    making.rename(folder / RECOVERED)
    sync_folder(folder)
    return lost


def _sort_out_files(folder: Path, bodies: Bodies, aside: Path) -> int:
    """Move files that no saved mail needs out of the sweep's way; returns how many mails there are."""
    connection = connect(folder / DATABASE)
    try:
        needed = {as_text(mail_id) for (mail_id,) in connection.execute("SELECT id FROM mail WHERE body_file = 1").fetchall()}
        mails = connection.execute("SELECT count(*) FROM mail").get
    finally:
        connection.close()
    unneeded = sorted(bodies.names() - needed)
    if unneeded:
        (aside / "bodies").mkdir(mode=0o700)
        for name in unneeded:
            (folder / "bodies" / name).rename(aside / "bodies" / name)
    assert isinstance(mails, int)
    return mails


def _new_folder(folder: Path, at: float) -> Path:
    """A new folder for the damaged files, named after the time (UTC)."""
    stem = time.strftime("damaged-%Y-%m-%dT%H%M%SZ", time.gmtime(at))
    number = 0
    while True:
        aside = folder / (f"{stem}-{number}" if number else stem)
        try:
            aside.mkdir(mode=0o700)
        except FileExistsError:
            number += 1
        else:
            return aside
