"""SIGKILL at any moment, and a disk that loses power: what was acknowledged is there, and nothing else is broken."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fakes.disk import losing_power

from screener.store.errors import MissingBody
from screener.store.records import State
from screener.store.sqlite import SqliteStore

PROGRAM = Path(__file__).with_name("acknowledging.py")
ROUNDS = 12


def run_for(folder: Path, seconds: float) -> list[str]:
    """The lines of whole length that a process said before it was killed, so many seconds after it began."""
    process = subprocess.Popen([sys.executable, PROGRAM, folder], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "begun\n"
        time.sleep(seconds)
    finally:
        process.kill()
        said = process.stdout.read()
        process.stdout.close()
        process.wait()
    return said[: said.rfind("\n") + 1].splitlines()


def expected(lines: list[str]) -> dict[str, list[set[State]]]:
    """Mail's id → for each recipient the states it may be in: an outcome may have been written and not yet said."""
    settling = {State.QUEUED, State.DELIVERED, State.FAILED}
    mails: dict[str, list[set[State]]] = {}
    for line in lines:
        what, mail_id, *rest = line.split()
        if what == "kept":
            mails[mail_id] = [settling, {State.HELD}, {State.DROPPED}]
        elif what == "big":
            mails[mail_id] = [settling]
        else:
            mails[mail_id][0] = {State(rest[0])}
    return mails


def assert_all_there(store: SqliteStore, mails: dict[str, list[set[State]]]) -> None:
    for mail_id, allowed in mails.items():
        states = [entry.state for entry in store.entries(mail_id)]
        assert len(states) == len(allowed), f"{mail_id} was acknowledged and is gone"
        assert all(state in may for state, may in zip(states, allowed, strict=True)), (mail_id, states)
        try:
            octets = store.content(mail_id)
        except MissingBody:
            assert not any(state.needs_content for state in states)
        else:
            stored = store.mail(mail_id)
            assert stored is not None
            assert len(octets) == stored.size
    assert store.check().problems == ()


def test_whatever_was_acknowledged_survives_sigkill_at_any_moment(folder: Path) -> None:
    chance = random.Random(5)
    mails: dict[str, list[set[State]]] = {}
    for _ in range(ROUNDS):
        mails |= expected(run_for(folder, chance.uniform(0.01, 0.25)))
    assert len(mails) > 50
    store = SqliteStore.open(folder, serving=True, reserve=0)
    assert_all_there(store, mails)
    needed = {mail_id for mail_id in mails if (stored := store.mail(mail_id)) is not None and stored.body_path}
    files = store.bodies.names()
    assert needed <= files
    # What was in the making when the process was killed has been swept away: no file without a row.
    kept_in_files = [stored for name in files if (stored := store.mail(name)) is not None and stored.body_path]
    assert len(kept_in_files) == len(files)
    store.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a disk that loses power needs root")
def test_whatever_was_acknowledged_survives_a_power_cut(tmp_path: Path) -> None:
    with losing_power(tmp_path / "losing") as disk:
        folder = disk.folder / "store"
        process = subprocess.Popen([sys.executable, PROGRAM, folder], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        try:
            lines = [process.stdout.readline().rstrip("\n") for _ in range(300)]
            process.send_signal(signal.SIGSTOP)
            after = disk.cut(tmp_path / "after")
        finally:
            process.kill()
            process.stdout.close()
            process.wait()
        mails = expected(lines[1:])
        assert len(mails) > 100
        store = SqliteStore.open(after / "store", serving=True, reserve=0)
        assert_all_there(store, mails)
        store.close()
