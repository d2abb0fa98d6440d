"""The names of the files in a store's folder, and making them last."""

import os
from pathlib import Path

DATABASE = "mail.db"
RECOVERED = "recovered.db"  # complete, and about to take the database's place
BODIES = "bodies"  # a file for each big content
ORPHANS = "orphans"  # contents that a start found without a mail
RUNNING = "running"  # the mark of the service
UNDER_WAY = "under-way"  # the attempts that have begun
RULES_IN_FORCE = "rules-in-force.json"  # kept here by who keeps the rules


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut; raises OSError."""
    file = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
