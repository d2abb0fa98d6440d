"""`screener hold`: held mail, and with --dropped what a rule dropped, for the people who decide about it."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path

import click

from screener import quarantine
from screener.cli.changing import make_and_tell
from screener.cli.opened import Opened, opened, reading
from screener.cli.options import Asked, by_option, change_options, config_option, list_options
from screener.cli.selecting import confirm, named, print_recipients, show_list, to_change
from screener.cli.showing import show
from screener.mail.address import Address
from screener.quarantine import by_mail
from screener.store.queries import SearchFor
from screener.store.records import State


def in_place(command: Callable[..., None]) -> Callable[..., None]:
    """--dropped and --undeliverable: which of the mail that lies here is meant."""

    @click.option("--dropped", is_flag=True, help="Mail that a rule dropped, instead of held mail.")
    @click.option("--undeliverable", is_flag=True, help="Only what was to go out and can be neither delivered nor reported.")
    @wraps(command)
    def narrowed(wanted: SearchFor, *, dropped: bool, undeliverable: bool, **others: object) -> None:
        place = State.DROPPED if dropped else State.HELD
        command(replace(wanted, states=(place,), undeliverable=undeliverable), **others)

    return narrowed


@click.group()
def hold() -> None:
    """Held and dropped mail.

    Commands that change something take ids, or a search with --all, which asks back, as discard always does. Everything is
    recorded with the name of the person (--by; else who called sudo, else the login name).
    """


hold.add_command(show)


@hold.command("list")
@list_options(in_place)
def list_held(wanted: SearchFor, as_json: bool, config_path: Path) -> None:
    """List held mail, newest first: a line for each recipient."""
    now = time.time()
    with reading(config_path) as here:
        show_list(here, wanted, as_json=as_json, nothing="Nothing lies here.", table=lambda found: print_recipients(found, now))


@hold.command()
@change_options(in_place)
def release(asked: Asked) -> None:
    """Let mail go out, without screening it again; shows every rule that had matched.

    Mail for a domain without a route stays where it is, and the exit code is 1; everything else goes out.
    """
    now = time.time()
    with opened(asked.config_path) as here:
        selected = to_change(here, asked)
        if not asked.ids:
            confirm(selected, "Release", now=now, yes=asked.yes)
        releasing = quarantine.release(selected, now, asked.who, _route_of(here), asked.note)
        staying = [quarantine.why_it_stays(one) for one in releasing.staying]
        make_and_tell(here, by_mail(releasing.going), releasing.changes, "released", staying)


@hold.command()
@change_options(in_place)
def discard(asked: Asked) -> None:
    """Discard mail for good: nobody gets it, and nobody is told."""
    now = time.time()
    with opened(asked.config_path) as here:
        selected = to_change(here, asked)
        confirm(selected, "Discard for good", now=now, yes=asked.yes)
        changes = quarantine.discard(selected, now, asked.who, asked.note)
        make_and_tell(here, by_mail(selected), changes, "discarded")


@hold.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--recipient", default="", metavar="TEXT", help="Only recipients with this in their address.")
@by_option
@config_option
def restore(ids: tuple[str, ...], recipient: str, who: str, config_path: Path) -> None:
    """Put dropped mail among the held mail, where it stays until somebody decides."""
    with opened(config_path) as here:
        selected = named(here, ids, recipient, (State.DROPPED,))
        changes = quarantine.restore(selected, time.time(), who)
        make_and_tell(here, by_mail(selected), changes, "held")


def _route_of(here: Opened) -> Callable[[Address], str | None]:
    return lambda address: here.config.route_of(address.domain or here.config.hostname)
