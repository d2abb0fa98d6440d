"""The command as a whole: help without loading, exit codes, errors for people, never a traceback."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import Result
from fakes.filled_hop import Hop

from screener.cli.program import COMMANDS, program

Screener = Callable[..., Result]
SCREENER = Path(sys.executable).with_name("screener")


def run(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **environment}
    env.pop("SCREENER_CONFIG", None)
    return subprocess.run([SCREENER, *arguments], capture_output=True, text=True, cwd=cwd, env={**env, **environment}, check=False)


def run_and_list_modules(*arguments: str | Path, cwd: Path) -> tuple[str, set[str]]:
    """What the command writes, and every module it has loaded."""
    probe = (
        "import sys; from screener.__main__ import main\n"
        "try:\n    main()\nfinally:\n    print(*sorted(sys.modules), file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", probe, *arguments], capture_output=True, text=True, check=True, cwd=cwd)
    return result.stdout, set(result.stderr.split())


def test_help_names_every_command_and_loads_none() -> None:
    written, loaded = run_and_list_modules("--help", cwd=Path("/"))
    for name, listed in COMMANDS.items():
        assert name in written
        assert listed.about.split(":")[0] in written
    assert "click" in loaded
    assert not {name for name in loaded if name.partition(".")[0] in ("apsw", "pydantic", "rich", "yaml", "regex", "asyncio")}


READING = ["trace {held}", "hold list", "hold list --json", "hold show {held}", "queue list", "queue show --json {queued}"]


@pytest.mark.parametrize("command", READING)
def test_who_asks_for_a_mail_waits_for_nothing_that_is_not_needed(hop: Hop, command: str) -> None:
    hop.config.write_text(hop.config.read_text() + "store: {folder: var/store}\n")
    words = command.format(held=hop.held, queued=hop.queued).split()
    written, loaded = run_and_list_modules(*words, "--config", hop.config, cwd=Path("/"))
    assert (hop.queued if words[0] == "queue" else hop.held) in written
    heavy = ("pydantic", "pydantic_core", "asyncio", "ssl", "regex", "aiosmtpd", "prometheus_client", "email", "rich.console")
    assert not {name for name in loaded if any(name == one or name.startswith(f"{one}.") for one in heavy)}
    rooms = ("anatomy", "control", "delivery", "intake", "metrics", "policy", "screeners", "service", "smtp")
    assert not {name for name in loaded if name.startswith(tuple(f"screener.{room}" for room in rooms))}


def test_settings_that_are_being_edited_keep_nobody_from_asking(hop: Hop, screener: Screener) -> None:
    hop.config.write_text(hop.config.read_text() + "store: {folder: var/store}\nstop: soon\n")
    assert hop.held in screener("hold", "list").stdout
    refused = screener("hold", "release", hop.held)
    assert refused.exit_code == 1
    assert "screener.yaml:10:7: stop: " in refused.stderr
    assert refused.stdout == ""


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(command, click.Group):
        return [path]
    context = click.Context(command)
    found = []
    for name in command.list_commands(context):
        child = command.get_command(context, name)
        assert child is not None
        found += leaves(child, (*path, name))
    return found


EVERY = leaves(program)
NEEDED = {
    **dict.fromkeys(("trace", "show", "retry", "restore", "pause", "resume", "backup", "screen"), ("x",)),
    **dict.fromkeys(("release", "discard"), ("--all",)),
}


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_every_command_has_help(screener: Screener, path: tuple[str, ...]) -> None:
    result = screener(*path, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: screener {' '.join(path)} ")
    assert len(result.stdout.splitlines()[2].strip()) > 10


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_missing_settings_are_explained(screener: Screener, path: tuple[str, ...]) -> None:
    result = screener(*path, *NEEDED.get(path[-1], ()))
    assert result.exit_code == 1
    assert "screener.yaml" in result.output
    assert "no such file" in result.output.lower()


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_bad_settings_are_all_told_with_their_places(screener: Screener, tmp_path: Path, path: tuple[str, ...]) -> None:
    (tmp_path / "bad.yaml").write_text("listeners: []\nroutes: {a: {maildir: x}}\ndomians: {}\n")
    result = screener(*path, *NEEDED.get(path[-1], ()), "--config", "bad.yaml")
    assert result.exit_code == 1
    assert "bad.yaml:1:" in result.output
    assert "bad.yaml:3:1: " in result.output
    assert "did you mean 'domains'?" in result.output


def test_the_settings_may_come_from_the_environment(hop: Hop) -> None:
    assert run("hold", "list", cwd=Path("/"), SCREENER_CONFIG=str(hop.config)).returncode == 0
    assert run("hold", "list", "--config", "/none.yaml", cwd=Path("/"), SCREENER_CONFIG=str(hop.config)).returncode == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["hold", "nonsense"],
        ["hold", "list", "--older", "soon"],
        ["hold", "list", "--limit", "0"],
        ["trace"],
        ["screen"],
    ],
)
def test_what_is_not_understood_exits_with_2(hop: Hop, arguments: list[str]) -> None:
    result = run(*arguments, cwd=hop.folder)
    assert result.returncode == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_a_reader_that_leaves_early_is_no_error(hop: Hop) -> None:
    listing = subprocess.Popen([SCREENER, "trace", hop.two], cwd=hop.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert listing.stdout is not None
    assert listing.stderr is not None
    listing.stdout.close()
    assert b"Traceback" not in listing.stderr.read()
    listing.wait()
    listing.stderr.close()


def test_a_terminal_of_few_characters_is_no_error(hop: Hop) -> None:
    result = run("hold", "list", cwd=hop.folder, LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert result.returncode == 0, result.stderr
    assert "programs" in result.stdout


def test_version() -> None:
    assert run("--version", cwd=Path("/")).stdout.startswith("screener ")
