"""`screener run`: the service in the foreground."""

import asyncio
from pathlib import Path

import click

from screener import log
from screener.cli.options import config_option
from screener.cli.program import NotDone
from screener.cli.settings import load_config
from screener.service import serve


@click.command()
@config_option
def run(config_path: Path) -> None:
    """Start the service and stay in the foreground until SIGTERM or Ctrl-C.

    SIGHUP takes the rules as they are now, like `screener reload`.
    """

    config = load_config(config_path)
    try:
        close_log = log.setup(config.log.format.value, config.log.level, config.log.file)
    except OSError as error:
        raise NotDone(f"the log cannot be written to {config.log.file}: {error.strerror or error} (log.file)") from error
    try:
        asyncio.run(serve(config, lambda line: click.echo(line, err=True)))
    except OSError as error:
        raise NotDone(f"the service cannot run: {error.strerror or error}") from error
    finally:
        close_log()
