"""`screener queue`: mail on its way out."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from screener.cli.changing import make_and_tell
from screener.cli.opened import Opened, opened
from screener.cli.options import by_option, change_options, config_option, json_option, search_options
from screener.cli.plain import json_line, plain, shown_age, shown_due, shown_time
from screener.cli.program import NotDone
from screener.cli.selecting import LISTED, Selected, by_mail, confirm, count, searched, to_change
from screener.cli.shapes import recipient_shape
from screener.cli.showing import show_mail, show_raw
from screener.cli.table import Column, Fit, print_table
from screener.store.changes import Discard, Flush, Requeue
from screener.store.queries import Paused, SearchFor
from screener.store.records import State
from screener.yamlfile import did_you_mean

FLUSH_AT_ONCE = 10_000  # recipients in one transaction, so that the service never waits long for its turn

route_option = click.option("--route", default="", metavar="NAME", help="Only this route.")


@click.group()
def queue() -> None:
    """Mail on its way out."""


@queue.command("list")
@search_options
@route_option
@json_option
@config_option
def list_queued(wanted: SearchFor, route: str, as_json: bool, config_path: Path) -> None:
    """List what waits for its next attempt, newest mail first."""
    now = time.time()
    with opened(config_path) as here:
        found, more = searched(here, replace(wanted, route=route), (State.QUEUED,), LISTED)
        if as_json:
            for one in found:
                click.echo(json_line(recipient_shape(one.stored, one.entry)))
            return
        if not found:
            click.echo("Nothing waits here.")
            return
        _print_queued(here, found, now)
        click.echo(f"{count(len(found), 'recipient')}" + (", and more: see --limit" if more else ""))


@queue.command()
@click.argument("any_id", metavar="ANY-ID")
@click.option("--raw", is_flag=True, help="The mail's octets as they would go out.")
@json_option
@config_option
def show(any_id: str, raw: bool, as_json: bool, config_path: Path) -> None:
    """Show one mail: its story so far, or with --raw its octets."""
    with opened(config_path) as here:
        mail_id = here.the_mail(any_id)
        if raw:
            show_raw(here.store, mail_id)
        else:
            show_mail(here.store, mail_id, as_json=as_json, now=time.time())


@queue.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--recipient", default="", metavar="TEXT", help="Only recipients with this in their address.")
@by_option
@config_option
def retry(ids: tuple[str, ...], recipient: str, who: str, config_path: Path) -> None:
    """Try these mails now. Their time to give up stays; those for a paused route wait until it is resumed."""
    now = time.time()
    with opened(config_path) as here:
        selected = to_change(here, ids, SearchFor(recipient=recipient), (State.QUEUED,), everything=False)
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
@change_options
@route_option
def discard(
    wanted: SearchFor,
    ids: tuple[str, ...],
    route: str,
    everything: bool,
    yes: bool,
    note: str,
    who: str,
    config_path: Path,
) -> None:
    """Discard queued mail for good: nobody gets it, and nobody is told."""
    now = time.time()
    with opened(config_path) as here:
        selected = to_change(here, ids, replace(wanted, route=route), (State.QUEUED,), everything=everything)
        confirm(selected, "Discard for good", now=now, yes=yes)
        mails = by_mail(selected)
        changes = [Discard(mail_id, now, who, tuple(one.entry.key for one in group), note) for mail_id, group in mails.items()]
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


def _print_queued(here: Opened, found: Sequence[Selected], now: float) -> None:
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
