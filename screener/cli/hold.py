"""`screener hold`: held mail, and with --dropped what a rule dropped, for the people who decide about it."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click

from screener import quarantine
from screener.cli.changing import make_and_tell
from screener.cli.opened import opened
from screener.cli.options import by_option, change_options, config_option, json_option, search_options
from screener.cli.plain import json_line
from screener.cli.selecting import LISTED, Selected, by_mail, confirm, count, print_recipients, searched, to_change
from screener.cli.shapes import recipient_shape
from screener.cli.showing import show_mail, show_raw
from screener.config.models import Config
from screener.mail.address import Address
from screener.quarantine import Held
from screener.store.queries import SearchFor
from screener.store.records import State


def place_options(command: Callable[..., None]) -> Callable[..., None]:
    """--dropped and --undeliverable: which of the mail that lies here is meant."""
    dropped = click.option("--dropped", is_flag=True, help="Mail that a rule dropped, instead of held mail.")
    undeliverable = click.option(
        "--undeliverable", is_flag=True, help="Only what was to go out and can be neither delivered nor reported."
    )
    return dropped(undeliverable(command))


@click.group()
def hold() -> None:
    """Held and dropped mail.

    Commands that change something take ids, or a search with --all, which asks back, as discard always does. Everything is
    recorded with the name of the person (--by; else who called sudo, else the login name).
    """


@hold.command("list")
@search_options
@place_options
@json_option
@config_option
def list_held(wanted: SearchFor, dropped: bool, undeliverable: bool, as_json: bool, config_path: Path) -> None:
    """List held mail, newest first: a line for each recipient."""
    with opened(config_path) as here:
        found, more = searched(here, _meant(wanted, undeliverable), (_state(dropped),), LISTED)
        if as_json:
            for one in found:
                click.echo(json_line(recipient_shape(one.stored, one.entry)))
            return
        if not found:
            click.echo("Nothing lies here.")
            return
        print_recipients(found, time.time())
        click.echo(f"{count(len(found), 'recipient')}" + (", and more: see --limit" if more else ""))


@hold.command()
@click.argument("any_id", metavar="ANY-ID")
@click.option("--raw", is_flag=True, help="The mail's octets as they would go out.")
@click.option("--dropped", is_flag=True, hidden=True, expose_value=False)  # as elsewhere; an id says enough
@json_option
@config_option
def show(any_id: str, raw: bool, as_json: bool, config_path: Path) -> None:
    """Show one mail: every rule that matched and why, or with --raw its octets."""
    with opened(config_path) as here:
        mail_id = here.the_mail(any_id)
        if raw:
            show_raw(here.store, mail_id)
        else:
            show_mail(here.store, mail_id, as_json=as_json, now=time.time())


@hold.command()
@change_options
@place_options
def release(
    wanted: SearchFor,
    ids: tuple[str, ...],
    dropped: bool,
    undeliverable: bool,
    everything: bool,
    yes: bool,
    note: str,
    who: str,
    config_path: Path,
) -> None:
    """Let mail go out, without screening it again; shows every rule that had matched.

    Mail for a domain without a route stays where it is, and the exit code is 1; everything else goes out.
    """
    now = time.time()
    with opened(config_path) as here:
        selected = to_change(here, ids, _meant(wanted, undeliverable), (_state(dropped),), everything=everything)
        if not ids:
            confirm(selected, "Release", now=now, yes=yes)
        releasing = quarantine.release(_as_held(selected), now, who, _route_of(here.config), note)
        going = [Selected(one.stored, one.entry) for one in releasing.going]
        staying = [quarantine.why_it_stays(one) for one in releasing.staying]
        make_and_tell(here, by_mail(going), releasing.changes, "released", staying)


@hold.command()
@change_options
@place_options
def discard(
    wanted: SearchFor,
    ids: tuple[str, ...],
    dropped: bool,
    undeliverable: bool,
    everything: bool,
    yes: bool,
    note: str,
    who: str,
    config_path: Path,
) -> None:
    """Discard mail for good: nobody gets it, and nobody is told."""
    now = time.time()
    with opened(config_path) as here:
        selected = to_change(here, ids, _meant(wanted, undeliverable), (_state(dropped),), everything=everything)
        confirm(selected, "Discard for good", now=now, yes=yes)
        changes = quarantine.discard(_as_held(selected), now, who, note)
        make_and_tell(here, by_mail(selected), changes, "discarded")


@hold.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--recipient", default="", metavar="TEXT", help="Only recipients with this in their address.")
@by_option
@config_option
def restore(ids: tuple[str, ...], recipient: str, who: str, config_path: Path) -> None:
    """Put dropped mail among the held mail, where it stays until somebody decides."""
    now = time.time()
    with opened(config_path) as here:
        selected = to_change(here, ids, SearchFor(recipient=recipient), (State.DROPPED,), everything=False)
        changes = quarantine.restore(_as_held(selected), now, who)
        make_and_tell(here, by_mail(selected), changes, "held")


def _state(dropped: bool) -> State:
    return State.DROPPED if dropped else State.HELD


def _meant(wanted: SearchFor, undeliverable: bool) -> SearchFor:
    return replace(wanted, undeliverable=undeliverable)


def _as_held(selected: list[Selected]) -> list[Held]:
    return [Held(one.stored, one.entry) for one in selected]


def _route_of(config: Config) -> Callable[[Address], str | None]:
    return lambda address: config.route_of(address.domain or config.hostname)
