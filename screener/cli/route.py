"""`screener route`: where mail goes, what waits there, and whether a person has stopped it."""

import time
from pathlib import Path

import click

from screener.cli.opened import Opened, opened
from screener.cli.options import by_option, config_option, json_option, note_option
from screener.cli.plain import Json, json_line, json_time, plain, shown_age, shown_time
from screener.cli.program import NotDone
from screener.cli.table import Column, Fit, print_table
from screener.store.changes import PauseRoute, ResumeRoute
from screener.yamlfile import did_you_mean

HISTORY = 50  # lines shown unless --limit says otherwise


@click.group()
def route() -> None:
    """Routes: where mail goes, and what waits there."""


@route.command("list")
@json_option
@config_option
def list_routes(as_json: bool, config_path: Path) -> None:
    """List all routes with what waits for them.

    JSON: route, next_hops, maildir, queued, oldest, paused (null, or who, at, note), configured.
    """
    with opened(config_path) as here:
        if as_json:
            for shape in _shapes(here):
                click.echo(json_line(shape))
        else:
            _print_routes(here, time.time())


@route.command()
@click.argument("name")
@note_option
@by_option
@config_option
def pause(name: str, note: str, who: str, config_path: Path) -> None:
    """Stop all attempts for a route until it is resumed; mail for it waits in the queue."""
    with opened(config_path) as here:
        _must_be_known(here, name)
        before = next((one for one in here.store.paused() if one.route == name), None)
        if before is not None and not note:
            told = f": {before.note}" if before.note else ""
            click.echo(plain(f"route {name} was paused already, by {before.who} {shown_time(before.at)}{told}"))
            return
        _make(here, PauseRoute(name, time.time(), who, note))
        click.echo(f"route {name} is paused: its mail waits, and gives up at its time as ever")


@route.command()
@click.argument("name")
@by_option
@config_option
def resume(name: str, who: str, config_path: Path) -> None:
    """Let attempts for a paused route go on."""
    with opened(config_path) as here:
        _must_be_known(here, name)
        if name not in {one.route for one in here.store.paused()}:
            raise NotDone(f"route {name} is not paused")
        _make(here, ResumeRoute(name, time.time(), who))
        click.echo(f"route {name} goes on")


@route.command()
@click.argument("name", default="")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=HISTORY, metavar="N", help="At most so many lines.")
@json_option
@config_option
def history(name: str, limit: int, as_json: bool, config_path: Path) -> None:
    """Tell who paused and resumed a route, or any route, the latest first.

    JSON: route, at, kind (paused or resumed), who, note.
    """
    with opened(config_path) as here:
        events = here.store.route_events(name, limit)
        if not events and name:
            _must_be_known(here, name)
    if as_json:
        for one in events:
            told: dict[str, Json] = {"route": one.route, "at": json_time(one.at), "kind": one.kind.value}
            click.echo(json_line({**told, "who": one.who, "note": one.note}))
        return
    if not events:
        click.echo("Nobody has paused it." if name else "Nobody has paused a route.")
        return
    columns = (
        Column("WHEN", Fit.WHOLE),
        Column("ROUTE", Fit.WHOLE),
        Column("WHAT", Fit.WHOLE),
        Column("WHO", Fit.WHOLE),
        Column("NOTE", Fit.WRAP),
    )
    print_table(columns, [(shown_time(one.at), one.route, one.kind.value, one.who, one.note) for one in events])


def _make(here: Opened, change: PauseRoute | ResumeRoute) -> None:
    for error in here.make([change]):
        if error is not None:
            raise error


def _must_be_known(here: Opened, name: str) -> None:
    known = _names(here)
    if name not in known:
        raise NotDone(f"no route is named {name!r}{did_you_mean(name, known)}")


def _names(here: Opened) -> list[str]:
    """The configured routes, and those that are gone from the settings while mail still waits or a pause still stands."""
    counts = [one.route for one in here.store.counts().queues]
    return list(dict.fromkeys((*here.config.routes, *counts, *(one.route for one in here.store.paused()))))


def _shapes(here: Opened) -> list[dict[str, Json]]:
    counts = {one.route: one for one in here.store.counts().queues}
    paused = {one.route: one for one in here.store.paused()}
    shapes: list[dict[str, Json]] = []
    for name in _names(here):
        settings, queued, stopped = here.config.routes.get(name), counts.get(name), paused.get(name)
        shapes.append(
            {
                "route": name,
                "next_hops": [str(hop) for hop in settings.next_hops] if settings else [],
                "maildir": str(settings.maildir) if settings and settings.maildir else None,
                "queued": queued.recipients if queued else 0,
                "oldest": json_time(queued.oldest) if queued else None,
                "paused": {"who": stopped.who, "at": json_time(stopped.at), "note": stopped.note} if stopped else None,
                "configured": settings is not None,
            }
        )
    return shapes


def _print_routes(here: Opened, now: float) -> None:
    counts = {one.route: one for one in here.store.counts().queues}
    paused = {one.route: one for one in here.store.paused()}
    rows = []
    for name in _names(here):
        settings, queued, stopped = here.config.routes.get(name), counts.get(name), paused.get(name)
        goal = "not in the settings any more"
        if settings is not None:
            goal = f"maildir {settings.maildir}" if settings.maildir else ", ".join(map(str, settings.next_hops))
        note = f": {stopped.note}" if stopped and stopped.note else ""
        state = f"paused by {stopped.who} {shown_time(stopped.at)}{note}" if stopped else ""
        waits = (str(queued.recipients), shown_age(queued.oldest, now)) if queued else ("0", "")
        rows.append((name, *waits, goal, state))
    columns = (
        Column("ROUTE", Fit.WHOLE),
        Column("QUEUED", Fit.WHOLE, right=True),
        Column("OLDEST", Fit.WHOLE, right=True),
        Column("GOES TO", Fit.WRAP),
        Column("STATE", Fit.WRAP),
    )
    print_table(columns, rows)
