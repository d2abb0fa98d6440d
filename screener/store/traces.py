"""What lies in a store's folder besides its database: was there mail here before?

A database that is missing or has nothing in it is a first start, or the loss of everything that says which mail there is. Who
opens the store must not take the one for the other: beside an empty database every content looks like one that nobody needs.
"""

from pathlib import Path

from screener.store.folders import BODIES, DATABASE, RULES_IN_FORCE, RUNNING
from screener.store.writing import MAIL_ID


def is_missing(database: Path) -> bool:
    """Whether there is no database, or a file without an octet in it; raises OSError."""
    try:
        return database.stat().st_size == 0
    except FileNotFoundError:
        return True


def traces(folder: Path) -> list[str]:
    """What an earlier service has left, in words for people; empty where none has ever finished its start. Raises OSError.

    The database's log is not looked at: see `log_left`.
    """
    found = []
    if contents := _contents(folder / BODIES):
        found.append(f"{contents} {'content' if contents == 1 else 'contents'} of mail in {BODIES}/")
    if (folder / RULES_IN_FORCE).exists():
        found.append(f"the rule set that was in force ({RULES_IN_FORCE})")
    if not is_missing(folder / RUNNING):
        found.append(f"the mark of an earlier service ({RUNNING})")
    if earlier := sorted(path.name for path in folder.glob("damaged-*")):
        found.append(f"what an earlier recovery kept aside ({earlier[-1]})")
    return found


def log_left(folder: Path) -> list[str]:
    """The log of a database that is missing, in words; with the database there it is an ordinary file. Raises OSError."""
    log = f"{DATABASE}-wal"
    return [] if is_missing(folder / log) else [f"the database's log ({log})"]


def _contents(bodies: Path) -> int:
    try:
        return sum(MAIL_ID.fullmatch(path.name) is not None for path in bodies.iterdir())
    except FileNotFoundError:
        return 0
