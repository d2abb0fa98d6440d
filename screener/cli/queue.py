"""`screener queue`: mail on its way out."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from pathlib import Path

import click

from screener.cli.changing import make_and_tell
from screener.cli.opened import Reading, opened, reading
from screener.cli.options import Asked, by_option, change_options, config_option, list_options
from screener.cli.plain import plain, shown_age, shown_due, shown_time
from screener.cli.program import NotDone
from screener.cli.selecting import confirm, count, named, show_list, to_change
from screener.cli.showing import show
from screener.cli.table import Column, Fit, print_table
from screener.quarantine import Copy, by_mail
from screener.store.changes import Discard, Flush, Requeue
from screener.store.queries import Paused, SearchFor
from screener.store.records import State
from screener.yamlfile import did_you_mean

FLUSH_AT_ONCE = 10_000  # recipients in one transaction, so that the service never waits long for its turn

route_option = click.option("--route", default="", metavar="NAME", help="Only this route.")


def by_route(command: Callable[..., None]) -> Callable[..., None]:
    """--route, of what waits here."""

    @route_option
    @wraps(command)
    def narrowed(wanted: SearchFor, *, route: str, **others: object) -> None:
        command(replace(wanted, states=(State.QUEUED,), route=route), **others)

    return narrowed


@click.group()
def queue() -> None:
    """Mail on its way out."""


queue.add_command(show)


@queue.command("list")
@list_options(by_route)
def list_queued(wanted: SearchFor, as_json: bool, config_path: Path) -> None:
    """List what waits for its next attempt, newest mail first."""
    now = time.time()
    with reading(config_path) as here:
        table = lambda found: _print_queued(here, found, now)  # noqa: E731
        show_list(here, wanted, as_json=as_json, nothing="Nothing waits here.", table=table)


@queue.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--recipient", default="", metavar="TEXT", help="Only recipients with this in their address.")
@by_option
@config_option
def retry(ids: tuple[str, ...], recipient: str, who: str, config_path: Path) -> None:
    """Try these mails now. Their time to give up stays; those for a paused route wait until it is resumed."""
    now = time.time()
    with opened(config_path) as here:
        selected = named(here, ids, recipient, (State.QUEUED,))
        mails = by_mail(selected)
        changes = [Requeue(mail_id, now, who, tuple(one.entry.key for one in group)) for mail_id, group in mails.items()]
        paused = {one.route: one for one in here.store.paused()}
        make_and_tell(here, mails, changes, lambda one: _tried(paused.get(one.entry.route)))


@queue.command()
@route_option
@by_option
@config_option
def flush(route: str, who: str, config_path: Path) -> None:
    """Try everything now, or everything for one route, oldest first."""
    now = time.time()
    with opened(config_path) as here:
        queues = here.store.counts().queues
        known = {*here.config.routes, *(one.route for one in queues)}
        if route and route not in known:
            raise NotDone(f"no route is named {route!r}{did_you_mean(route, known)}")
        waiting = sum(one.recipients for one in queues if route in ("", one.route))
        for _ in range(waiting // FLUSH_AT_ONCE + 1 if waiting else 0):
            for error in here.make([Flush(now, who, route, FLUSH_AT_ONCE)]):
                if error is not None:
                    raise error
        paused = [f"{one.route} (by {one.who})" for one in here.store.paused() if route in ("", one.route)]
        click.echo(plain(f"{count(waiting, 'recipient')} due now" + (f"; paused: {', '.join(paused)}" if paused else "")))


@queue.command()
@change_options(by_route)
def discard(asked: Asked) -> None:
    """Discard queued mail for good: nobody gets it, and nobody is told."""
    now = time.time()
    with opened(asked.config_path) as here:
        selected = to_change(here, asked)
        confirm(selected, "Discard for good", now=now, yes=asked.yes)
        mails = by_mail(selected)
        keys = {mail_id: tuple(one.entry.key for one in group) for mail_id, group in mails.items()}
        changes = [Discard(mail_id, now, asked.who, keys[mail_id], asked.note) for mail_id in mails]
        make_and_tell(here, mails, changes, "discarded")


def _tried(paused: Paused | None) -> str:
    """What a retry comes to."""
    if paused is None:
        return "is tried now"
    note = f" ({paused.note})" if paused.note else ""
    return (
        f"is due now, but its route {paused.route} was paused by {paused.who} {shown_time(paused.at)}{note}: "
        f"it is tried after `screener route resume {paused.route}`"
    )


def _print_queued(here: Reading, found: Sequence[Copy], now: float) -> None:
    paused = {one.route for one in here.store.paused()}
    columns = (
        Column("ID", Fit.WHOLE),
        Column("WAITS", Fit.WHOLE, right=True),
        Column("TRIES", Fit.WHOLE, right=True),
        Column("NEXT", Fit.WHOLE),
        Column("ROUTE"),
        Column("SENDER"),
        Column("RECIPIENT"),
        Column("LAST REPLY"),
    )
    rows = (
        (
            one.stored.id,
            shown_age(one.entry.queued, now),
            str(one.entry.attempts),
            "paused" if one.entry.route in paused else shown_due(one.entry.next_attempt, now),
            one.entry.route,
            str(one.stored.envelope.sender),
            str(one.entry.recipient.address),
            one.entry.reply,
        )
        for one in found
    )
    print_table(columns, rows)
