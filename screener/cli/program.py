"""The table of all commands, and where their errors end.

Promises that `--help` loads no command, that a command loads only what it needs, and that no foreseeable trouble (bad input,
settings or rules with errors, a missing or busy store) ends in a traceback. What is not foreseen may: it is a bug to be seen.
"""

from importlib import import_module

import click

from screener.cli.plain import plain_lines
from screener.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Listed:
    """One command: where it is and the line `--help` shows for it."""

    module: str
    name: str  # of the click command in that module
    about: str


COMMANDS = {
    "run": Listed("run", "run", "Start the service and stay in the foreground."),
    "check": Listed("rules", "check", "Check settings and rules; print every error and warning."),
    "rules": Listed("rules", "rules", "Show the rules in the order in which they decide."),
    "reload": Listed("rules", "reload", "Have the running service take the rules as they are now."),
    "screen": Listed("screen", "screen", "Say what would become of messages in files, without acting."),
    "trace": Listed("trace", "trace", "Tell the whole story of a mail, by any of its ids."),
    "hold": Listed("hold", "hold", "Held and dropped mail: list, show, release, discard."),
    "queue": Listed("queue", "queue", "Mail on its way out: list, show, retry, flush, discard."),
    "route": Listed("route", "route", "Routes: list, pause, resume, history."),
    "store": Listed("store", "store", "The store itself: check, backup, recover."),
    "demo": Listed("demo", "demo", "Send messages to the running hop and show what became of each."),
}


class NotDone(click.ClickException):
    """The command could not do what was asked; the message is for people, one or more lines. Exit code 1."""

    def show(self, file: object = None) -> None:  # noqa: ARG002 - errors always go to standard error
        """Print the message as it is: complaints begin with their place, as editors expect it."""
        click.echo(plain_lines(self.message), err=True)


class Program(click.Group):
    """The group of all commands, by the table above."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """In the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load one command."""
        listed = COMMANDS.get(cmd_name)
        if listed is None:
            return None
        command = getattr(import_module(f"screener.cli.{listed.module}"), listed.name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of commands, without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, listed.about) for name, listed in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; errors for people become their message and exit code 1."""
        try:
            return super().invoke(ctx)
        except _errors_for_people() as error:
            raise NotDone(str(error)) from error


def _errors_for_people() -> tuple[type[Exception], ...]:
    """Evaluated only when something was raised, so that a good run does not load what it does not use."""
    from screener.control import ControlError
    from screener.quarantine import QuarantineError
    from screener.store.errors import StoreError
    from screener.yamlfile import Complaints

    return Complaints, StoreError, QuarantineError, ControlError


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(package_name="screener", message="%(package)s %(version)s")
def program() -> None:
    """Screens mail between the front relays and the mail server.

    Every command reads the settings of `--config FILE`, else of $SCREENER_CONFIG, else of screener.yaml in this folder. What
    shows something prints tables for people, or with `--json` one object a line for scripts. Exit codes: 0 done, 1 not done or
    errors found, 2 not understood.
    """
