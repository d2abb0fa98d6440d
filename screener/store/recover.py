"""What can still be had out of a damaged database, saved into a new one, and said.

The damaged files are kept aside as they are; reading is done on a copy. Files of contents that no saved mail needs are kept aside
too, for a person to look at. A database that is gone is damage like any other. Interrupted at any moment, it can be run again:
the new database takes the old one's place only when it is complete, and the service does not start in between. What can be saved
of a mail is `salvage`'s.
"""

import os
import shutil
import time
from pathlib import Path

from screener.store import schema
from screener.store.bodies import Bodies
from screener.store.connection import as_text, connect, translated
from screener.store.errors import StoreError
from screener.store.folders import BODIES, DATABASE, RECOVERED, sync_folder
from screener.store.queries import Recovered
from screener.store.running import Running
from screener.store.salvage import salvage
from screener.store.traces import is_missing, log_left, traces

_BESIDE = ("", "-wal", "-shm")  # the files that make up a database


def recover(folder: Path, at: float) -> Recovered:
    """Make a sound store of the one in `folder`; `at` is now, seconds since the epoch.

    A database that is missing or empty is damage like any other: what its log and the folder still have is saved or kept aside.
    Raises StoreUnavailable while a service runs on it or when the disk fails, StoreError when there is nothing to recover.
    """
    with translated:
        there = any((folder / name).exists() for name in (DATABASE, RECOVERED)) or traces(folder) or log_left(folder)
    if not there:
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
    mails, contents = _sort_out_files(folder, bodies, aside)
    return Recovered(str(aside), mails, lost, contents)


def _save(folder: Path, aside: Path, at: float) -> tuple[str, ...]:
    """Save what can be read into the file RECOVERED; returns what was lost."""
    reading = aside / "copy.db"
    making = folder / (RECOVERED + ".part")
    for ending in _BESIDE:
        Path(f"{making}{ending}").unlink(missing_ok=True)
    missing = is_missing(folder / DATABASE)
    if missing:  # SQLite reads a log only beside a database, and throws away one beside an empty file: begin one for it
        connect(reading, create=True).close()
    else:
        shutil.copyfile(folder / DATABASE, reading)
    if (folder / f"{DATABASE}-wal").exists():
        shutil.copyfile(folder / f"{DATABASE}-wal", f"{reading}-wal")
    os.close(os.open(making, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    target = connect(making)
    try:
        schema.upgrade(target)
        lost = salvage(reading, target, Bodies(folder), at)
        if missing:
            lost = (f"{DATABASE} was missing or empty: only what its log still had is saved", *lost)
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


def _sort_out_files(folder: Path, bodies: Bodies, aside: Path) -> tuple[int, int]:
    """Move files that no saved mail needs out of the way; returns how many mails there are and how many files were moved."""
    connection = connect(folder / DATABASE)
    try:
        needed = {as_text(mail_id) for (mail_id,) in connection.execute("SELECT id FROM mail WHERE body_file = 1").fetchall()}
        mails = connection.execute("SELECT count(*) FROM mail").get
    finally:
        connection.close()
    unneeded = sorted(bodies.names() - needed)
    if unneeded:
        (aside / BODIES).mkdir(mode=0o700)
        for name in unneeded:
            (folder / BODIES / name).rename(aside / BODIES / name)
    assert isinstance(mails, int)
    return mails, len(unneeded)


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
