"""Opening: versions, another service, an unclean stop, what is not ours."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from fakes.kept import NOON, kept

from screener.store import schema
from screener.store.connection import connect
from screener.store.errors import StoreDamaged, StoreError, StoreUnavailable
from screener.store.folders import DATABASE
from screener.store.queries import SearchFor
from screener.store.records import Outcome, Settle, State
from screener.store.sqlite import SqliteStore
from screener.store.writer import Writer


def a_store(folder: Path, *mails: State) -> str:
    store = SqliteStore.open(folder, serving=True, reserve=0)
    keep = kept(*(mails or (State.QUEUED,)))
    assert store.apply([keep]) == [None]
    store.close()
    return keep.mail.id


def test_an_old_version_is_upgraded_with_all_that_is_in_it(folder: Path) -> None:
    """Version 1 as it was, then a step that a later version might bring."""
    mail_id = a_store(folder)
    later = (*schema.STEPS, "ALTER TABLE mail ADD COLUMN size_class TEXT NOT NULL DEFAULT 'small'")
    connection = connect(folder / DATABASE)
    assert schema.upgrade(connection, later) == (len(schema.STEPS), len(later))
    assert schema.upgrade(connection, later) == (len(later), len(later))
    assert connection.execute("SELECT id, size_class FROM mail").fetchall() == [(mail_id, "small")]
    connection.close()


def test_an_upgrade_is_made_whole_or_not_at_all(folder: Path) -> None:
    mail_id = a_store(folder)
    broken = (*schema.STEPS, "ALTER TABLE mail ADD COLUMN a TEXT", "ALTER TABLE nosuch ADD COLUMN b TEXT")
    connection = connect(folder / DATABASE)
    with pytest.raises(Exception, match="nosuch"):
        schema.upgrade(connection, broken)
    assert schema.version(connection) == len(schema.STEPS)
    connection.close()
    store = SqliteStore.open(folder, serving=True, reserve=0)
    assert store.mail(mail_id) is not None
    store.close()


def test_steps_that_were_released_never_change() -> None:
    """The first version's tables, by the digest of their text: what is new is a new step."""
    assert [hashlib.sha256(step.encode()).hexdigest()[:12] for step in schema.STEPS] == ["76fbc6659333"]


def test_a_newer_version_is_left_alone(folder: Path) -> None:
    a_store(folder)
    connection = connect(folder / DATABASE)
    schema.upgrade(connection, (*schema.STEPS, "CREATE TABLE more (x TEXT) STRICT"))
    connection.close()
    for serving in (True, False):
        with pytest.raises(StoreError, match=r"newer Screener .* install that one again, or restore a backup"):
            SqliteStore.open(folder, serving=serving)


def test_somebody_elses_database_is_left_alone(folder: Path) -> None:
    folder.mkdir()
    connection = connect(folder / DATABASE, create=True)
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(StoreError, match="not Screener's"):
        SqliteStore.open(folder, serving=True)


def test_an_older_version_is_upgraded_by_the_service_alone(folder: Path) -> None:
    a_store(folder)
    connection = connect(folder / DATABASE)
    connection.execute("PRAGMA user_version=0")
    connection.close()
    with pytest.raises(StoreError, match="start the service of this version once"):
        SqliteStore.open(folder)


def test_the_command_line_makes_no_store(folder: Path) -> None:
    with pytest.raises(StoreError, match="there is no store in"):
        SqliteStore.open(folder)
    assert not folder.exists()


def test_only_one_service_serves_a_store(folder: Path) -> None:
    store = SqliteStore.open(folder, serving=True, reserve=0)
    with pytest.raises(StoreUnavailable, match=r"another service runs on the store in .* \(process \d+\)"):
        SqliteStore.open(folder, serving=True)
    SqliteStore.open(folder).close()
    store.close()
    SqliteStore.open(folder, serving=True, reserve=0).close()


def damage(folder: Path) -> None:
    """Overwrite pages in the middle of the database."""
    with (folder / DATABASE).open("r+b") as file:
        size = file.seek(0, 2)
        for page in range(4096 * 5, size, 4096 * 3):
            file.seek(page)
            file.write(b"\xa5" * 4096)


def test_after_an_unclean_stop_damage_is_found_and_said_what_to_do(folder: Path) -> None:
    store = SqliteStore.open(folder, serving=True, reserve=0)
    assert store.apply([kept(State.QUEUED, octets=b"x" * 5000) for _ in range(50)]) == [None] * 50
    store.close()
    (folder / "running").write_text("4711\n")  # as a killed service leaves it
    damage(folder)
    with pytest.raises(StoreDamaged, match="screener store recover"):
        SqliteStore.open(folder, serving=True)
    with pytest.raises(StoreDamaged):  # trying again does not make it better
        SqliteStore.open(folder, serving=True)


def test_after_an_unclean_stop_a_sound_store_opens(folder: Path) -> None:
    mail_id = a_store(folder)
    (folder / "running").write_text("4711\n")
    store = SqliteStore.open(folder, serving=True, reserve=0)
    assert store.mail(mail_id) is not None
    store.close()
    assert (folder / "running").read_text() == "ended\n"


@pytest.mark.parametrize(
    ("ended", "boot", "counted"),
    [
        ("cleanly", "this", {"exchange": 1}),  # a stop that could not wait for an attempt to end
        ("cleanly", "another", {"exchange": 1}),
        ("by SIGKILL", "this", {"exchange": 1}),
        (
            "by a power cut",
            "another",
            {"exchange": 3},
        ),  # which attempts had begun is not on the disk for certain: all that were due
    ],
)
def test_attempts_that_the_last_service_broke_off_are_counted(folder: Path, ended: str, boot: str, counted: dict[str, int]) -> None:
    store = SqliteStore.open(folder, serving=True, reserve=0)
    due, begun, later = kept(State.QUEUED, State.QUEUED), kept(State.QUEUED), kept(State.QUEUED)
    assert store.apply([due, begun, later]) == [None] * 3
    assert store.count_broken_off(NOON) == {}
    store.attempt_begins(begun.mail.id, [0])
    store.attempt_ended(store.attempt_begins(due.mail.id, [0]))
    tried = Outcome(0, State.QUEUED, next_attempt=NOON + 900)
    assert store.apply([Settle(later.mail.id, NOON, (tried,))]) == [None]
    store.close()
    if ended != "cleanly":
        (folder / "running").write_text("4711\n")
    if boot == "another":
        with (folder / "under-way").open("r+b") as file:
            file.write(b"00000000-0000")
    store = SqliteStore.open(folder, serving=True, reserve=0)
    assert store.count_broken_off(NOON + 10) == counted
    assert [entry.doubtful for entry in store.entries(begun.mail.id)] == [1]
    assert sum(entry.doubtful for keep in (due, begun, later) for entry in store.entries(keep.mail.id)) == counted["exchange"]
    store.close()


@pytest.mark.parametrize("kind", ["symlink", "folder", "fifo", "huge", "garbage"])
def test_an_odd_file_in_the_place_of_the_attempts_stops_no_start(folder: Path, kind: str) -> None:
    a_store(folder)
    path = folder / "under-way"
    path.unlink()
    match kind:
        case "symlink":
            path.symlink_to(folder / "elsewhere")
        case "folder":
            path.mkdir()
        case "fifo":
            os.mkfifo(path)
        case "huge":
            with path.open("wb") as file:
                file.truncate(1 << 40)
        case _:
            path.write_bytes(os.urandom(5_000))
    (folder / "running").write_text("4711\n")
    store = SqliteStore.open(folder, serving=True, reserve=0)
    counted = store.count_broken_off(NOON + 10)
    queued = [entry for _, entry in store.search(SearchFor(states=(State.QUEUED,)))]
    assert sum(counted.values()) == len(queued), "what cannot be known is taken for a power cut"
    store.attempt_ended(store.attempt_begins("X", [0]))
    store.close()
    assert not (folder / "elsewhere").exists()


def test_damage_met_while_running_is_said(folder: Path) -> None:
    store = SqliteStore.open(folder, serving=True, reserve=0)
    store.apply([kept(State.HELD, octets=b"x" * 5000) for _ in range(200)])
    store.close()
    damage(folder)
    store = SqliteStore.open(folder)
    assert any("damaged" in problem for problem in store.check().problems)
    errors = store.apply([kept(State.QUEUED, octets=b"x" * 5000) for _ in range(300)])
    assert any(isinstance(error, StoreDamaged) for error in errors)
    store.close()


_OTHER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from screener.store.changes import Release
from screener.store.sqlite import SqliteStore
store = SqliteStore.open(Path(sys.argv[1]))
for line in sys.stdin:
    (error,) = store.apply([Release(line.strip(), float(sys.argv[2]), "anna", ((1, "exchange"),))])
    assert error is None, error
    sys.stdout.write("done\\n")
    sys.stdout.flush()
store.close()
"""


def test_the_command_line_changes_the_store_while_the_service_writes(folder: Path) -> None:
    store = SqliteStore.open(folder, serving=True, reserve=0)
    writer = Writer(store)
    mails = [kept(State.QUEUED, State.HELD) for _ in range(20)]
    for future in [writer.submit(mail) for mail in mails]:
        future.result(20)
    seen = store.changed()
    assert store.changed() == seen
    tests = str(Path(__file__).resolve().parents[1])
    other = subprocess.Popen(
        [sys.executable, "-c", _OTHER, folder, str(NOON + 5), tests], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdin is not None
    assert other.stdout is not None
    try:
        for mail in mails:
            other.stdin.write(f"{mail.mail.id}\n")
            other.stdin.flush()
            flood = [writer.submit(kept(State.QUEUED)) for _ in range(50)]
            assert other.stdout.readline() == "done\n"
            assert [future.exception(20) for future in flood] == [None] * 50
    finally:
        other.stdin.close()
        other.wait(20)
        other.stdout.close()
    assert store.changed() != seen
    due = {(entry.mail_id, entry.key) for entry in store.due(NOON + 5, 10_000)}
    assert {(mail.mail.id, 1) for mail in mails} <= due
    assert len(due) == 20 * 2 + 20 * 50
    writer.close()
    store.close()
