"""The options that commands share, so that they mean the same everywhere: settings, JSON, who does it, what to search for."""

import os
import pwd
import time
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import click

from screener.cli.plain import plain
from screener.frozen import dataclass
from screener.store.queries import SearchFor
from screener.values import duration

P = ParamSpec("P")
R = TypeVar("R")

# Options that say more about a search: what they decorate gets the search changed by them.
Narrowed = Callable[[Callable[..., None]], Callable[..., None]]

config_option = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="SCREENER_CONFIG",
    default=Path("screener.yaml"),
    metavar="FILE",
    help="The settings; else $SCREENER_CONFIG, else screener.yaml.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for scripts.")
by_option = click.option(
    "--by", "who", metavar="NAME", default=None, callback=lambda _ctx, _param, name: _person(name), help="Recorded as who did it."
)
note_option = click.option(
    "--note", default="", metavar="TEXT", callback=lambda _ctx, _param, note: plain(note, 300), help="Why; recorded with it."
)
yes_option = click.option("--yes", is_flag=True, help="Do not ask back.")
all_option = click.option("--all", "everything", is_flag=True, help="Everything the search finds.")


class Age(click.ParamType[float]):
    """A time such as "2 days"; in seconds."""

    name = "AGE"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it as settings are read."""
        if isinstance(value, float):
            return value
        try:
            return duration(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


def search_options(command: Callable[Concatenate[SearchFor, P], R]) -> Callable[P, R]:
    """--sender … --limit, handed to the command as one SearchFor; what is left out asks nothing."""

    @click.option("--sender", default="", metavar="TEXT", help="Part of the sender's address.")
    @click.option("--recipient", default="", metavar="TEXT", help="Part of a recipient's address.")
    @click.option("--subject", default="", metavar="TEXT", help="Part of the subject.")
    @click.option("--rule", default="", metavar="NAME", help="The rule that decided.")
    @click.option("--older", type=Age(), default=None, metavar="AGE", help='Received longer ago than this: "2 days".')
    @click.option("--newer", type=Age(), default=None, metavar="AGE", help="Received since then.")
    @click.option("--limit", type=click.IntRange(1, 1_000_000), default=None, metavar="N", help="At most so many recipients.")
    @wraps(command)
    def with_search(*args: P.args, **kwargs: P.kwargs) -> R:
        texts = {name: str(kwargs.pop(name)) for name in ("sender", "recipient", "subject", "rule")}
        older, newer, limit = (kwargs.pop(name) for name in ("older", "newer", "limit"))
        now = time.time()
        wanted = SearchFor(
            sender=texts["sender"],
            recipient=texts["recipient"],
            subject=texts["subject"],
            rule=texts["rule"],
            older_than=now - older if isinstance(older, float) else None,
            newer_than=now - newer if isinstance(newer, float) else None,
            limit=limit if isinstance(limit, int) else 0,
        )
        return command(wanted, *args, **kwargs)

    return with_search


def list_options(narrowed: Narrowed) -> Callable[[Callable[[SearchFor, bool, Path], None]], Callable[..., None]]:
    """What every command takes that lists recipients; `narrowed` has the options of that place, and changes the search by them."""
    return lambda command: search_options(narrowed(json_option(config_option(command))))


@dataclass(frozen=True, slots=True)
class Asked:
    """A change that a person asks for, of the mails named by `ids` or of what is `wanted`."""

    ids: tuple[str, ...]
    wanted: SearchFor
    everything: bool
    yes: bool
    note: str
    who: str
    config_path: Path


def change_options(narrowed: Narrowed) -> Callable[[Callable[[Asked], None]], Callable[..., None]]:
    """What every command takes that changes mails named by id, or found by a search; `narrowed` as for lists."""

    def with_options(command: Callable[[Asked], None]) -> Callable[..., None]:
        @click.argument("ids", metavar="[ID...]", nargs=-1)
        @search_options
        @narrowed
        @all_option
        @yes_option
        @note_option
        @by_option
        @config_option
        @wraps(command)
        def asked(
            wanted: SearchFor, ids: tuple[str, ...], everything: bool, yes: bool, note: str, who: str, config_path: Path
        ) -> None:
            command(Asked(ids, wanted, everything, yes, note, who, config_path))

        return asked

    return with_options


def is_empty(wanted: SearchFor) -> bool:
    """Whether a search asks nothing at all, so that everything fits."""
    return replace(wanted, limit=0, states=()) == SearchFor(limit=0)


def _person(name: str | None) -> str:
    """Who acts: as given, else who called sudo, else the login name."""
    chosen = name or os.environ.get("SUDO_USER") or os.environ.get("USER") or os.environ.get("LOGNAME") or _login()
    shown = plain(chosen.strip(), 100)
    if not shown:
        raise click.BadParameter("expected a name")
    return shown


def _login() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
