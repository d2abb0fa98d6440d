"""The way to the store: settings read, the store opened as its owner, the running service told of changes.

`reading` is for commands that change nothing: it costs little, as of the settings only the store's folder is looked at where that
is written (config.whereabouts). `opened` has read and checked all settings before anything changes.

Works while the service runs and while it does not: the store is opened directly. Root becomes the store's owner for good before
it touches anything there, so that no file in it ever belongs to someone the service cannot share it with.
"""

import os
import pwd
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

import click

from screener.cli.plain import plain, plain_lines
from screener.cli.program import NotDone
from screener.cli.settings import load_config
from screener.config.whereabouts import store_folder
from screener.store.changes import Change
from screener.store.sqlite import SqliteStore

if TYPE_CHECKING:  # pydantic and asyncio take longer to load than it takes to answer a question
    from screener.config.models import Config

WAKE_SECONDS = 3.0  # for the service to answer; it would look by itself soon


class Reading:
    """The store, while a command reads it."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store

    def mails(self, any_id: str) -> list[str]:
        """Our ids of the mails known by `any_id`; raises NotDone where there is none."""
        found = self.store.find(any_id)
        if not found:
            raise NotDone(
                f"no mail is known by '{plain(any_id, 100)}'. Ids can be ours (14 letters and digits), a Message-ID, the front "
                "relay's queue id or the id the next hop gave; what is older than store.history is forgotten"
            )
        return found

    def the_mail(self, any_id: str) -> str:
        """Our id of the one mail known by `any_id`; raises NotDone where there is none or more than one."""
        found = self.mails(any_id)
        if len(found) > 1:
            raise NotDone(f"{len(found)} mails are known by '{plain(any_id, 100)}': name one of {', '.join(found[:20])}")
        return found[0]


class Opened(Reading):
    """The settings and the store, while a command makes changes."""

    def __init__(self, config: "Config", store: SqliteStore) -> None:
        super().__init__(store)
        self.config = config

    @classmethod
    def open(cls, config_path: Path) -> Self:
        """Raises NotDone, Complaints, StoreError."""
        import screener.control  # noqa: F401 - at once: the store's owner, whom this becomes, may not be allowed to read it

        config = load_config(config_path)
        return cls(config, _store(config.store.folder))

    def make(self, changes: Sequence[Change]) -> list[Exception | None]:
        """Make the changes and tell the running service; the errors come back in the changes' order."""
        results = self.store.apply(changes)
        if any(error is None for error in results):
            self._wake()
        return results

    def _wake(self) -> None:
        from screener.control import ControlError, Request, ask

        try:
            ask(self.config.control, Request("wake"), WAKE_SECONDS)
        except ControlError as error:
            click.echo(plain_lines(f"done; the service will see it by itself, but could not be told: {error}"), err=True)


@contextmanager
def reading(config_path: Path) -> Iterator[Reading]:
    """The store alone; closed at the end. Raises NotDone, Complaints, StoreError."""
    folder = store_folder(config_path)
    if folder is None:
        here: Reading = Opened.open(config_path)
    else:
        here = Reading(_store(folder))
    try:
        yield here
    finally:
        here.store.close()


@contextmanager
def opened(config_path: Path) -> Iterator[Opened]:
    """The settings and the store; closed at the end."""
    here = Opened.open(config_path)
    try:
        yield here
    finally:
        here.store.close()


def _store(folder: Path) -> SqliteStore:
    become_owner(folder)
    return SqliteStore.open(folder)


def become_owner(folder: Path) -> None:
    """Go on as the owner of the store's folder; raises NotDone where that needs root. A missing folder is left to the store."""
    try:
        about = folder.stat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise NotDone(f"the store in {folder} cannot be reached: {error.strerror or error}") from error
    if os.geteuid() == about.st_uid:
        return
    if os.geteuid() != 0:
        owner = _name(about.st_uid)
        who = owner if about.st_uid == 0 else f"{owner} or as root"
        raise NotDone(f"the store in {folder} belongs to {owner}: run this as {who}")
    os.setgroups([])
    os.setgid(about.st_gid)
    os.setuid(about.st_uid)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
