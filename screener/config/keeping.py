"""Where mail lies, how long, and how much room it may take."""

from pathlib import Path

from screener.config.group import Settings
from screener.settings.kinds import ConfigPath, Seconds, SecondsOrNone, Size, SizeOrNone


class Keeping(Settings):
    """How long and how much is kept of a place; beyond `age` it goes."""

    age: SecondsOrNone
    size: Size


class HoldKeeping(Keeping):
    """Held mail: it waits for a person, so some time there must be."""

    age: Seconds = 30 * 86400.0
    size: Size = 10 * 1024**3


class DroppedKeeping(Keeping):
    """Dropped mail, kept aside and restorable."""

    age: SecondsOrNone = 3 * 86400.0
    size: Size = 2 * 1024**3


class HistoryKeeping(Keeping):
    """What happened to each mail."""

    age: SecondsOrNone = 30 * 86400.0
    size: Size = 2 * 1024**3


class StoreSettings(Settings):
    """Where mail lies and how much room it may take."""

    folder: ConfigPath = Path("var/store")
    free_space: SizeOrNone = 200 * 1024 * 1024  # below it MAIL gets 452
    reserve: SizeOrNone = 50 * 1024 * 1024  # kept for delivery and release when the disk is full
    hold: HoldKeeping = HoldKeeping()
    dropped: DroppedKeeping = DroppedKeeping()
    history: HistoryKeeping = HistoryKeeping()
