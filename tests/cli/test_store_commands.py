"""`screener store check|backup|recover`, and who may open the store."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from fakes.filled_hop import Hop
from fakes.kept import kept

from screener.store.records import State
from screener.store.sqlite import SqliteStore

Screener = Callable[..., Result]
SCREENER = Path(sys.executable).with_name("screener")


def test_a_sound_store(hop: Hop, screener: Screener) -> None:
    assert screener("store", "check").stdout == "sound; 5 mails, 6 recipients\n"
    told = json.loads(screener("store", "check", "--json").stdout)
    assert told == {"sound": True, "mails": 5, "recipients": 6, "problems": []}


def test_a_damaged_store_is_reported_and_recovered(hop: Hop, screener: Screener) -> None:
    database = hop.folder / "var" / "store" / "mail.db"
    with database.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xde\xad" * 6000)
    checked = screener("store", "check")
    assert checked.exit_code == 1
    assert "sound;" not in checked.output
    recovered = screener("store", "recover")
    assert recovered.exit_code == 0
    assert "saved; the files as they were are in" in recovered.stdout
    assert screener("store", "check").exit_code == 0


def test_a_lost_database_is_said_by_every_command_and_recovered(hop: Hop, screener: Screener) -> None:
    folder = hop.folder / "var" / "store"
    (folder / "mail.db").unlink()
    (folder / "bodies" / "0HE1D000000009").write_bytes(b"Subject: big\r\n\r\n")
    for command in (("store", "check"), ("hold", "list"), ("trace", hop.held)):
        told = screener(*command)
        assert told.exit_code == 1
        assert "mail.db is missing" in told.stderr
        assert "screener store recover" in told.stderr
    recovered = screener("store", "recover")
    assert recovered.exit_code == 0
    assert "lost: mail.db was missing or empty" in recovered.stdout
    (aside,) = folder.glob("damaged-*")
    assert f"1 content of mail that could not be saved: {aside}/bodies" in recovered.stdout
    assert (aside / "bodies" / "0HE1D000000009").exists()
    assert screener("store", "check").exit_code == 0


def test_a_backup_is_a_store(hop: Hop, screener: Screener) -> None:
    copied = screener("store", "backup", "copy")
    assert copied.stdout == f"the store is copied to {hop.folder / 'copy'}\n"
    store = SqliteStore.open(hop.folder / "copy")
    assert [entry.state for entry in store.entries(hop.held)] == [State.HELD]
    store.close()
    again = screener("store", "backup", "copy")
    assert again.exit_code == 1
    assert "exists" in again.stderr


def test_a_backup_names_mail_whose_content_is_gone(hop: Hop, screener: Screener) -> None:
    store = SqliteStore.open(hop.folder / "var" / "store", serving=True, reserve=0)
    big = kept(State.HELD, octets=b"b" * 300_000)
    assert store.apply([big]) == [None]
    store.bodies.path(big.mail.id).unlink()
    store.close()
    copied = screener("store", "backup", "copy")
    assert copied.exit_code == 1
    told, *rest = copied.stdout.splitlines()
    assert told.startswith(f"the content of mail {big.mail.id} is gone: there is no ")
    assert rest[0] == f"the store is copied to {hop.folder / 'copy'} without 1 content"
    assert "`screener store recover`" in rest[1]
    shutil.rmtree(hop.folder / "var" / "store")
    (hop.folder / "copy").rename(hop.folder / "var" / "store")
    checked = screener("store", "check")
    assert checked.stdout == f"mail {big.mail.id} has lost its file, or a part of it\n1 problem; 6 mails, 7 recipients\n"
    assert screener("store", "recover").exit_code == 0
    assert screener("store", "check").exit_code == 0


def test_recovering_is_refused_while_the_service_runs(hop: Hop, screener: Screener) -> None:
    serving = SqliteStore.open(hop.folder / "var" / "store", serving=True)
    try:
        result = screener("store", "recover")
    finally:
        serving.close()
    assert result.exit_code == 1
    assert "another service runs" in result.stderr


def test_without_a_store_every_command_says_so(hop: Hop, screener: Screener) -> None:
    shutil.rmtree(hop.folder / "var")
    commands = ("hold list", "queue list", "route list", "trace x", "store check", "store backup y", "store recover", "queue flush")
    for command in commands:
        result = screener(*command.split())
        assert result.exit_code == 1, command
        assert result.stdout == ""
        assert "there is no store in" in result.stderr, command


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_root_works_as_the_owner_of_the_store(hop: Hop) -> None:
    for path in (hop.folder, *hop.folder.rglob("*")):
        os.chown(path, 65534, 65534)
    for folder in hop.folder.parents:  # pytest keeps its folders to itself
        if folder.stat().st_uid == 0 and folder.name.startswith("pytest-"):
            folder.chmod(0o755)
    command = [str(SCREENER), "hold", "release", hop.held, "--config", str(hop.config)]
    environment = {**os.environ, "SUDO_USER": "helen"}
    released = subprocess.run(command, capture_output=True, text=True, cwd="/", env=environment, check=False)
    assert released.returncode == 0, released.stderr
    for path in (hop.folder / "var" / "store").rglob("*"):
        assert path.stat().st_uid == 65534, path
    store = hop.store()
    assert store.events(hop.held)[-1].who == "helen"
    store.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_owner_who_cannot_get_to_the_store_is_told_so(hop: Hop) -> None:
    store = hop.folder / "var" / "store"
    for path in (store, *store.rglob("*")):
        os.chown(path, 65534, 65534)
    hop.folder.chmod(0o700)
    command = [str(SCREENER), "hold", "release", hop.held, "--config", str(hop.config)]
    refused = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
    assert refused.returncode != 0
    assert "Traceback" not in refused.stderr
    assert refused.stderr.rstrip().endswith("Permission denied")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a second user")
@pytest.mark.parametrize(
    ("owner", "told"),
    [
        (12345, "belongs to uid 12345: run this as uid 12345 or as root"),
        (0, "belongs to root: run this as root"),
    ],
)
def test_anybody_else_is_told_whose_it_is(tmp_path: Path, owner: int, told: str) -> None:
    tmp_path.chmod(0o755)
    os.chown(tmp_path, owner, owner)
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom screener.cli.opened import become_owner\n"
        "os.chdir(sys.argv[1])\nos.setuid(65534)\nbecome_owner(Path('.'))"
    )
    refused = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    assert refused.stderr.endswith(f"NotDone: the store in . {told}\n")
