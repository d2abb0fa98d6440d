"""Showing one mail out of the store: its story, or its octets. The command `show` stands in more than one group."""

import sys
import time
from pathlib import Path
from typing import BinaryIO

import click

from screener.cli.opened import reading
from screener.cli.options import config_option, json_option
from screener.cli.plain import json_line, plain_lines
from screener.cli.program import NotDone
from screener.cli.shapes import mail_shape
from screener.cli.story import print_story
from screener.store.interface import Store

_BLOCK = 1_048_576  # octets


@click.command()
@click.argument("any_id", metavar="ANY-ID")
@click.option("--raw", is_flag=True, help="The mail's octets as they would go out.")
@click.option("--dropped", is_flag=True, hidden=True, expose_value=False)  # as for lists; an id says enough
@json_option
@config_option
def show(any_id: str, raw: bool, as_json: bool, config_path: Path) -> None:
    """Show one mail: its story so far, every rule that matched and why; or with --raw its octets."""
    with reading(config_path) as here:
        mail_id = here.the_mail(any_id)
        if raw:
            show_raw(here.store, mail_id)
        else:
            show_mail(here.store, mail_id, as_json=as_json, now=time.time())


def show_mail(store: Store, mail_id: str, *, as_json: bool, now: float) -> None:
    """Print the story of a mail."""
    stored = store.mail(mail_id)
    if stored is None:
        raise NotDone(f"mail {mail_id} has just been forgotten: its retention ended")
    entries, events = store.entries(mail_id), store.events(mail_id)
    if as_json:
        click.echo(json_line(mail_shape(stored, entries, events)))
    else:
        print_story(stored, entries, events, now)


def show_raw(store: Store, mail_id: str) -> None:
    """Write the mail as it would go out, our Received field on top; escaped where a terminal would take it at its word."""
    stored = store.mail(mail_id)
    if stored is None:
        raise NotDone(f"mail {mail_id} has just been forgotten: its retention ended")
    content = store.content(mail_id)
    if sys.stdout.isatty():
        text = (stored.trace + content[:]).decode("utf-8", "backslashreplace")
        click.echo(plain_lines(text.replace("\r\n", "\n")))
        return
    out: BinaryIO = sys.stdout.buffer
    out.write(stored.trace)
    for at in range(0, len(content), _BLOCK):
        out.write(content[at : at + _BLOCK])
    out.flush()
