"""`screener screen`: the same decision as over SMTP, on files, without acting."""

import ipaddress
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from screener.cli.apart import Apart
from screener.cli.judging import ALONE_FACTOR, Judge, Judged
from screener.cli.mailfiles import MailFile, find
from screener.cli.options import config_option, json_option
from screener.cli.plain import Json, json_line, plain, shown_path
from screener.cli.selecting import count
from screener.cli.settings import load_config
from screener.cli.shapes import evidence_shape, hit_shape
from screener.cli.story import evidence_lines, other_hit_lines, shown_verdict
from screener.cli.table import Column, Fit, print_table
from screener.mail.address import NULL_SENDER, Address, AddressError
from screener.mail.envelope import Client
from screener.mail.verdict import Action, Verdict
from screener.rulekeeper import read_rules
from screener.smtp.access import Access

LONG = 10  # files


class Mailbox(click.ParamType[Address]):
    """An address; `<>` is the null sender."""

    name = "ADDRESS"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        """Read it as SMTP would."""
        if isinstance(value, Address):
            return value
        text = str(value)
        if text in ("", "<>"):
            return NULL_SENDER
        try:
            return Address.parse(text.removeprefix("<").removesuffix(">"))
        except AddressError as error:
            self.fail(str(error), param, ctx)


class ClientAddress(click.ParamType[str]):
    """An IP address."""

    name = "IP"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """In its normal form."""
        try:
            return ipaddress.ip_address(str(value)).compressed
        except ValueError:
            self.fail(f"{str(value)!r} is no IP address: expected one such as 192.0.2.1 or 2001:db8::1", param, ctx)


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--from", "sender", type=Mailbox(), default=None, help="The envelope's sender; else Return-Path, else From.")
@click.option("--to", "recipients", type=Mailbox(), multiple=True, help="A recipient; else Delivered-To, else To. Repeatable.")
@click.option("--client", "address", type=ClientAddress(), default=None, help="Who would have connected.")
@click.option("--helo", default="", metavar="NAME", help="What the client would have said.")
@json_option
@config_option
def screen(
    paths: tuple[Path, ...],
    sender: Address | None,
    recipients: tuple[Address, ...],
    address: str | None,
    helo: str,
    as_json: bool,
    config_path: Path,
) -> None:
    """Say what would become of messages, without acting.

    PATH is a message (.eml), an mbox, a Maildir or a folder with any of them at any depth. Files with LF line ends are read as if
    they had CRLF. Nothing is kept, sent or logged.

    JSON, a line for each message: path ("inbox.mbox#3" within an mbox), recipients (address, action, rule, evidence, hits: every
    rule that matched, those that only observe too), parts (names, type by content, declared_type, size), defects, ms; and `error`
    for what could not be read or judged. Exit code 1 when there was such a one.
    """
    if any(recipient.is_null for recipient in recipients):
        raise click.BadParameter("a recipient needs an address", param_hint="--to")
    config = load_config(config_path)
    ruleset = read_rules(config, config.rules.folder.name).ruleset
    client = Client(address or "", helo=plain(helo, 255), listener=config.listeners[0].name)
    judge = Judge(config, Access(config, None), ruleset, client, sender, tuple(dict.fromkeys(recipients)))
    tally = Tally()
    seconds = config.screening.time * (1 + ALONE_FACTOR)
    with Apart(judge.judge, size=config.limits.message_size, seconds=seconds, memory=config.screening.memory) as apart:
        for found in _watched(find(paths, tally.pass_over)):
            for judged in apart.judged(found):
                tally.add(judged)
                if as_json:
                    click.echo(json_line(_shape(judged)))
                else:
                    _print_judged(judged)
    tally.show(err=as_json)
    if tally.unread:
        raise SystemExit(1)


class Tally:
    """How often which action, by rule; recipients are counted."""

    def __init__(self) -> None:
        self.messages = 0
        self.unread = 0
        self.passed_over = 0  # files in folders that are taken for no mail
        self.seconds = 0.0
        self._verdicts: Counter[tuple[str, str]] = Counter()

    def add(self, judged: Judged) -> None:
        """Count one message."""
        if judged.trouble:
            self.unread += 1
            return
        self.messages += 1
        self.seconds += judged.seconds
        self._verdicts.update((verdict.action.value, _decider(verdict)) for _, verdict in judged.recipients)

    def pass_over(self, _path: Path) -> None:
        """Count a file that is taken for no mail."""
        self.passed_over += 1

    def show(self, *, err: bool) -> None:
        """Print the summary; beside JSON lines only where a person looks at it."""
        if err and not sys.stderr.isatty():
            return
        file = sys.stderr if err else sys.stdout
        click.echo(file=file)
        columns = (Column("ACTION", Fit.WHOLE), Column("RULE", Fit.WHOLE), Column("RECIPIENTS", Fit.WHOLE, right=True))
        counted = sorted(self._verdicts.items(), key=lambda pair: (-pair[1], pair[0]))
        print_table(columns, ((action, rule, str(number)) for (action, rule), number in counted), file)
        unread = f", {count(self.unread, 'file')} could not be judged" if self.unread else ""
        passed_over = f", {count(self.passed_over, 'file')} passed over as no mail" if self.passed_over else ""
        click.echo(f"{count(self.messages, 'message')} in {self.seconds:.1f} s{unread}{passed_over}", file=file)


def _watched(found: Iterator[MailFile]) -> Iterable[MailFile]:
    """The same, with a progress bar where the work is long and the terminal shows nothing else of it."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        return found
    files = list(found)
    return files if len(files) < LONG else _with_progress(files)


def _with_progress(files: list[MailFile]) -> Iterator[MailFile]:
    from rich.console import Console
    from rich.progress import Progress

    # Standard output stays where it goes: rich would take it to the terminal, too.
    with Progress(console=Console(stderr=True), transient=True, redirect_stdout=False) as progress:
        yield from progress.track(files, description="screening")


def _print_judged(judged: Judged) -> None:
    """One line for each verdict, with the recipients who share it, and its evidence below."""
    name = _name(judged)
    if judged.trouble:
        click.echo(plain(f"{name}: {judged.trouble}"), err=True)
        return
    shared: dict[Verdict, list[str]] = {}
    for address, verdict in judged.recipients:
        shared.setdefault(verdict, []).append(str(address))
    for verdict, addresses in shared.items():
        click.echo(plain(f"{name}: {shown_verdict(verdict)}: {', '.join(addresses)}"))
        if verdict.action is not Action.FORWARD:
            for line in evidence_lines(verdict.evidence):
                click.echo(plain(f"    {line}"))
        for line in other_hit_lines(verdict):
            click.echo(plain(f"    {line}"))


def _decider(verdict: Verdict) -> str:
    return verdict.rule or ("(no rule)" if verdict.action is Action.FORWARD else "(the hop itself)")


def _name(judged: Judged) -> str:
    return shown_path(judged.path) + (f"#{judged.number}" if judged.number else "")


def _shape(judged: Judged) -> dict[str, Json]:
    shape: dict[str, Json] = {
        "path": _name(judged),
        "recipients": [
            {
                "address": address.text,
                "action": verdict.action.value,
                "rule": verdict.rule,
                "evidence": evidence_shape(verdict.evidence),
                "hits": [hit_shape(hit) for hit in verdict.hits],
            }
            for address, verdict in judged.recipients
        ],
        "parts": [
            {"names": list(part.names), "type": part.type, "declared_type": part.declared_type, "size": part.size}
            for part in judged.parts
        ],
        "defects": list(judged.defects),
        "ms": round(judged.seconds * 1000, 3),
    }
    if judged.trouble:
        shape["error"] = judged.trouble
    return shape
