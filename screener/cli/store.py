"""`screener store`: what the operator does to the store as a whole."""

import os
import time
from pathlib import Path

import click

from screener.cli.opened import become_owner, reading
from screener.cli.options import config_option, json_option
from screener.cli.plain import json_line, plain
from screener.cli.selecting import count
from screener.cli.settings import load_config
from screener.store.recover import recover as recover_store


@click.group()
def store() -> None:
    """The store itself: where all accepted mail lies."""


@store.command()
@json_option
@config_option
def check(as_json: bool, config_path: Path) -> None:
    """Read the whole store and hold it against itself; works while the service runs.

    JSON: sound, mails, recipients, problems. Exit code 1 when there is a problem.
    """
    with reading(config_path) as here:
        checked = here.store.check()
    if as_json:
        told = {"sound": not checked.problems, "mails": checked.mails, "recipients": checked.recipients}
        click.echo(json_line({**told, "problems": list(checked.problems)}))
    else:
        for problem in checked.problems:
            click.echo(plain(problem))
        verdict = count(len(checked.problems), "problem") if checked.problems else "sound"
        click.echo(f"{verdict}; {count(checked.mails, 'mail')}, {count(checked.recipients, 'recipient')}")
    if checked.problems:
        raise SystemExit(1)


@store.command()
@click.argument("folder", type=click.Path(path_type=Path))
@config_option
def backup(folder: Path, config_path: Path) -> None:
    """Copy the store into FOLDER, which must not exist yet; works while the service runs.

    The copy is one moment's whole store. To go back to it: stop the service, put FOLDER in the place of store.folder, start.
    Mail whose content is gone or cannot be read is named, all the rest is copied. Exit code 1 when there is such mail.
    """
    target = Path(os.path.abspath(folder))  # noqa: PTH100 - names the place, and resolves no link on the way
    with reading(config_path) as here:
        missing = here.store.backup(target)
    if not missing:
        click.echo(plain(f"the store is copied to {target}"))
        return
    for line in missing:
        click.echo(plain(line))
    click.echo(plain(f"the store is copied to {target} without {count(len(missing), 'content')}"))
    click.echo(
        "`screener store check` tells what a store has lost; `screener store recover`, while the service is stopped, ends "
        "as failed what needs a content that cannot be read"
    )
    raise SystemExit(1)


@store.command()
@json_option
@config_option
def recover(as_json: bool, config_path: Path) -> None:
    """Build the store anew from what can be read of a damaged one, while the service is stopped, and list what is lost.

    Also where the database is gone. The files as they were are kept aside, and so is every content that no saved mail needs; the
    service can start afterwards. JSON: mails (saved), lost (lines), kept_aside, contents (how many of them lie there).
    """
    folder = load_config(config_path).store.folder
    become_owner(folder)
    recovered = recover_store(folder, time.time())
    if as_json:
        aside, contents = recovered.kept_aside, recovered.contents
        click.echo(json_line({"mails": recovered.mails, "lost": list(recovered.lost), "kept_aside": aside, "contents": contents}))
        return
    for line in recovered.lost:
        click.echo(plain(f"lost: {line}"))
    if recovered.contents:
        lost = f"{count(recovered.contents, 'content')} of mail that could not be saved"
        click.echo(plain(f"{lost}: {recovered.kept_aside}/bodies, each as it came"))
    click.echo(plain(f"{count(recovered.mails, 'mail')} saved; the files as they were are in {recovered.kept_aside}"))
