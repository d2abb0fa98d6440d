"""Which recipients a command is about: those of the mails named by id, or those a search finds.

Promises that a change touches exactly what was shown before the question, that a bare command never means everything, and that
an id which names nothing, or nothing in that place, is an error that says where the mail is instead.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import IO

import click

from screener.cli.opened import Reading
from screener.cli.options import Asked, is_empty
from screener.cli.plain import json_line, plain, shown_age
from screener.cli.program import NotDone
from screener.cli.shapes import recipient_shape
from screener.cli.table import Column, Fit, print_table
from screener.quarantine import PLACES, Copy
from screener.store.queries import SearchFor
from screener.store.records import State

LISTED = 100  # recipients shown unless --limit says otherwise
SHOWN = 20  # recipients shown before the question
CHANGED = 10_000  # recipients changed by one command unless --limit says otherwise


def searched(here: Reading, wanted: SearchFor, limit: int) -> tuple[list[Copy], bool]:
    """What a search finds, newest mail first, and whether there is more than `limit` (or --limit)."""
    limit = wanted.limit or limit
    found = here.store.search(replace(wanted, limit=limit + 1))
    return [Copy(stored, entry) for stored, entry in found[:limit]], len(found) > limit


def show_list(here: Reading, wanted: SearchFor, *, as_json: bool, nothing: str, table: Callable[[Sequence[Copy]], None]) -> None:
    """Print what a search finds: a JSON line for each recipient, or a `table` of them and how many, or that there is `nothing`."""
    found, more = searched(here, wanted, LISTED)
    if as_json:
        for one in found:
            click.echo(json_line(recipient_shape(one.stored, one.entry)))
    elif found:
        table(found)
        click.echo(f"{count(len(found), 'recipient')}" + (", and more: see --limit" if more else ""))
    else:
        click.echo(nothing)


def to_change(here: Reading, asked: Asked) -> list[Copy]:
    """What is to be changed; raises click.UsageError for an unclear command and NotDone where nothing fits."""
    wanted = asked.wanted
    if asked.ids:
        if asked.everything or not is_empty(replace(wanted, recipient="")):
            raise click.UsageError("Give ids (with --recipient, if not all of their recipients are meant) or a search with --all.")
        return named(here, asked.ids, wanted.recipient, wanted.states)
    if not asked.everything:
        raise click.UsageError("Give ids, or a search with --all.")
    found, more = searched(here, wanted, CHANGED)
    if not found:
        raise NotDone("nothing fits this search")
    if more:
        click.echo(f"More than {len(found)} fit; these are the newest. Run the command again for the others.", err=True)
    return found


def named(here: Reading, ids: Sequence[str], recipient: str, states: tuple[State, ...]) -> list[Copy]:
    """The recipients of mails by their ids, each mail once; raises NotDone where one has none there."""
    return [one for any_id in dict.fromkeys(ids) for one in _named(here, any_id, recipient, states)]


def confirm(selected: Sequence[Copy], question: str, *, now: float, yes: bool) -> None:
    """Show what was selected and ask; ends the command (exit code 1) unless the answer is yes."""
    if yes:
        return
    print_recipients(selected[:SHOWN], now, sys.stderr)
    if len(selected) > SHOWN:
        click.echo(f"… and {len(selected) - SHOWN} more", err=True)
    mails = len({one.stored.id for one in selected})
    if not click.confirm(f"{question} {count(len(selected), 'recipient')} of {count(mails, 'mail')}?", err=True):
        raise NotDone("nothing was changed")


def print_recipients(selected: Iterable[Copy], now: float, file: IO[str] | None = None) -> None:
    """A table, a line for each recipient: why it lies where it lies, or for queued mail its last reply."""
    columns = (
        Column("ID", Fit.WHOLE),
        Column("AGE", Fit.WHOLE, right=True),
        Column("WHY"),
        Column("SENDER"),
        Column("RECIPIENT"),
        Column("SUBJECT"),
    )
    rows = (
        (
            one.stored.id,
            shown_age(one.stored.received, now),
            one.reason if one.entry.state in PLACES else one.entry.reply,
            str(one.stored.envelope.sender),
            str(one.entry.recipient.address),
            one.stored.facts.subject,
        )
        for one in selected
    )
    print_table(columns, rows, file)


def count(number: int, noun: str) -> str:
    """`1 mail`, `2 mails`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _named(here: Reading, any_id: str, recipient: str, states: tuple[State, ...]) -> list[Copy]:
    mail_id = here.the_mail(any_id)
    stored = here.store.mail(mail_id)
    entries = here.store.entries(mail_id)
    if stored is None:
        raise NotDone(f"mail {mail_id} has just been forgotten: its retention ended")
    meant = [entry for entry in entries if recipient.casefold() in entry.recipient.address.text.casefold()]
    fitting = [Copy(stored, entry) for entry in meant if entry.state in states]
    if not fitting:
        where = "; ".join(f"{entry.recipient.address} is {entry.state}" for entry in (meant or entries)[:20])
        what = " or ".join(states)
        raise NotDone(
            plain(f"mail {mail_id} has no {what} recipient" + (f" like {recipient!r}" if recipient else "") + f": {where}")
        )
    return fitting
