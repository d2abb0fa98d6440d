"""`screener check`, `screener rules`, `screener reload`: what the mail admin does after editing."""

import os
from pathlib import Path

import click

from screener import files, yamlfile
from screener.cli.options import config_option, json_option
from screener.cli.plain import Json, json_line, json_time, plain, plain_lines, shown_time
from screener.cli.program import NotDone
from screener.cli.selecting import count
from screener.cli.settings import load_config
from screener.cli.table import Column, Fit, print_table
from screener.config.file import warnings
from screener.config.models import Config, RulesSettings
from screener.control import Request, ask
from screener.policy.rulefile import Compiled, compile_source
from screener.policy.ruleset import Rule
from screener.policy.source import Source
from screener.rulekeeper import LAST_GOOD, compile_rules, read_rules
from screener.smtp.access import Access
from screener.store.running import serving
from screener.yamlfile import Complaint, Complaints, Severity

RELOAD_SECONDS = 300.0  # a reload starts screening processes and compiles every list


@click.command()
@json_option
@config_option
def check(as_json: bool, config_path: Path) -> None:
    """Check settings and rules, and print every error and warning as file:line:column.

    JSON: path, line, column, severity, text. Exit code 1 when there are errors; warnings alone are 0.
    """
    complaints, praise = _checked(config_path)
    for complaint in complaints:
        click.echo(json_line(_shape(complaint)) if as_json else plain_lines(str(complaint)))
    errors = sum(complaint.severity is Severity.ERROR for complaint in complaints)
    told = f"{count(errors, 'error')}, {count(len(complaints) - errors, 'warning')}{praise}"
    click.echo(told, err=as_json or errors > 0)
    if errors:
        raise SystemExit(1)


@click.command()
@click.option("--in-force", is_flag=True, help="The rules the service has in force, which may not be those on disk.")
@json_option
@config_option
def rules(in_force: bool, as_json: bool, config_path: Path) -> None:
    """Show the rules in the order in which they decide: the first that matches does, for each recipient.

    Without --in-force these are the rules on disk; the last line says when another set is in force. The service keeps its
    set beside the store: what is shown is what it runs with, or what it had when it ended.

    JSON: number, rule, action (null for a rule that only adds), target, observe, enabled, expires,
    source, about.
    """
    config = load_config(config_path)
    compiled = compile_rules(config, _kept(config)) if in_force else read_rules(config, config.rules.folder.name)
    ruleset = compiled.ruleset
    if as_json:
        for number, rule in enumerate(ruleset.rules, 1):
            click.echo(json_line(_rule_shape(number, rule)))
        return
    columns = (
        Column("NO", Fit.WHOLE, right=True),
        Column("RULE", Fit.WHOLE),
        Column("ACTION", Fit.WHOLE),
        Column("MODE", Fit.WHOLE),
        Column("WHERE", Fit.WHOLE),
        Column("ABOUT", Fit.WRAP),
    )
    rows = (
        (str(number), rule.name, _action(rule), _mode(rule), rule.source, rule.about)
        for number, rule in enumerate(ruleset.rules, 1)
    )
    print_table(columns, rows)
    entries = ", ".join(f"{path} {size}" for path, size in sorted(ruleset.lists.items()))
    click.echo(plain(f"rule set {ruleset.hash}; entries in lists: {entries or 'no lists'}"))
    if not in_force:
        _tell_of_another(config, ruleset.hash)


@click.command()
@click.option("--force", is_flag=True, help="Also when a list has become empty.")
@config_option
def reload(force: bool, config_path: Path) -> None:
    """Have the running service take the rules as they are now, and print what changes.

    A rule set with errors changes nothing. Exit code 1 when the rules were not taken: errors, a list that became empty (see
    --force), a service that cannot be asked, or no running service; then they are checked all the same.
    """
    config = load_config(config_path)
    answer = ask(config.control, Request("reload", force, config.fingerprint), RELOAD_SECONDS)
    if answer is not None:
        for line in answer.lines:
            click.echo(plain(line))
        if not answer.ok:
            raise SystemExit(1)
        return
    process = serving(config.store.folder)
    if process:
        raise NotDone(
            f"the service runs (process {process}), but cannot be asked: its socket {config.control} is gone, or `control` has "
            "changed since it started; the rules in force stay. Restart the service: it makes the socket anew and takes the rules"
        )
    try:
        compiled = read_rules(config, config.rules.folder.name)
    except Complaints as complaints:
        raise NotDone(f"{complaints}\nthe service does not run; with these errors it would not take the rules") from complaints
    for warning in compiled.warnings:
        click.echo(plain(str(warning)))
    number, name = len(compiled.ruleset.rules), compiled.ruleset.hash
    raise NotDone(f"the service does not run; the rules are good ({number}, rule set {name}) and will be in force when it starts")


def _kept(config: Config) -> Source:
    """The set that the service keeps beside the store; raises NotDone."""
    path = config.store.folder / LAST_GOOD
    try:
        return Source.from_json(path.read_bytes())
    except FileNotFoundError as error:
        raise NotDone(f"no rule set is in force: the service has taken none yet (there is no {path})") from error
    except OSError as error:
        raise NotDone(f"the rule set in force cannot be read: {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise NotDone(f"the rule set in force cannot be read: {path}: {error}") from error


def _tell_of_another(config: Config, on_disk: str) -> None:
    """Say so when the rules on disk are not those in force; before the first start none are."""
    if not (config.store.folder / LAST_GOOD).exists():
        return
    try:
        in_force = _kept(config).hash
    except NotDone as error:
        click.echo(plain(error.message))
        return
    if in_force != on_disk:
        click.echo(
            f"not in force: the service has rule set {in_force} (see it with `screener rules --in-force`); "
            "`screener reload` puts this one in force"
        )


def _checked(config_path: Path) -> tuple[tuple[Complaint, ...], str]:
    """All complaints about settings and rules, and what to say where there is no error."""
    found: list[Complaint] = []
    config: Config | None = None
    try:
        config = load_config(config_path)
        found.extend(warnings(config, str(config_path)))
        found.extend(Access(config, None).warnings())
    except Complaints as complaints:
        found.extend(complaints.complaints)
    praise = ""
    folder = _rules_folder(config_path) if config is None else config.rules.folder
    try:
        compiled = _compiled(config, folder)
        found.extend(compiled.warnings)
        praise = f"; {count(len(compiled.ruleset.rules), 'rule')}, rule set {compiled.ruleset.hash}"
    except Complaints as complaints:
        found.extend(complaints.complaints)
    return tuple(sorted(found)), praise


def _compiled(config: Config | None, folder: Path) -> Compiled:
    """The rules; paths are shown as they are found from here, so that an editor can follow them."""
    shown = os.path.relpath(folder)
    shown = str(folder) if shown.startswith("..") else shown
    return read_rules(config, shown) if config is not None else compile_source(Source.read(folder, shown))


def _rules_folder(config_path: Path) -> Path:
    """Where the rules are by settings that have errors: as they say it, else in their usual place."""
    folder = RulesSettings().folder
    try:
        root = yamlfile.read(files.octets(config_path), str(config_path))
    except (OSError, Complaints):
        return config_path.resolve().parent / folder  # the settings' own complaint tells of it
    group = root.get("rules") if isinstance(root, yamlfile.Mapping) else None
    value = group.get("folder") if isinstance(group, yamlfile.Mapping) else None
    return config_path.resolve().parent / (value.text if isinstance(value, yamlfile.Scalar) and value.text else folder)


def _action(rule: Rule) -> str:
    if rule.action is None:
        return "adds"
    return f"{rule.action} to {rule.target}" if rule.target is not None else str(rule.action)


def _mode(rule: Rule) -> str:
    """What keeps the rule from acting, now or some day."""
    expires = "" if rule.expires is None else f"until {shown_time(rule.expires)}"
    return ", ".join(filter(None, ("" if rule.enabled else "off", "observe" if rule.observe else "", expires)))


def _shape(complaint: Complaint) -> dict[str, Json]:
    place = complaint.place
    return {
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "severity": complaint.severity.value,
        "text": complaint.text,
    }


def _rule_shape(number: int, rule: Rule) -> dict[str, Json]:
    return {
        "number": number,
        "rule": rule.name,
        "action": rule.action.value if rule.action is not None else None,
        "target": rule.target.text if rule.target is not None else "",
        "observe": rule.observe,
        "enabled": rule.enabled,
        "expires": json_time(rule.expires),
        "source": rule.source,
        "about": rule.about,
    }
