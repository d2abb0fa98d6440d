"""Showing one mail out of the store: its story, or its octets."""

import sys
from typing import BinaryIO

import click

from screener.cli.plain import json_line, plain_lines
from screener.cli.program import NotDone
from screener.cli.shapes import mail_shape
from screener.cli.story import print_story
from screener.store.interface import Store

_BLOCK = 1_048_576  # octets


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
