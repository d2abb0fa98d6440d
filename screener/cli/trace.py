"""`screener trace`: where is my message, and why."""

import time
from pathlib import Path

import click

from screener.cli.opened import reading
from screener.cli.options import config_option, json_option
from screener.cli.showing import show_mail


@click.command()
@click.argument("any_id", metavar="ANY-ID")
@json_option
@config_option
def trace(any_id: str, as_json: bool, config_path: Path) -> None:
    """Tell the whole story of a mail.

    ANY-ID is our own id, a Message-ID (with or without <>), the front relay's queue id or the id the next hop gave. Several
    mails may be known by one id: all are told.
    """
    with reading(config_path) as here:
        for at, mail_id in enumerate(here.mails(any_id)):
            if at and not as_json:
                click.echo()
            show_mail(here.store, mail_id, as_json=as_json, now=time.time())
