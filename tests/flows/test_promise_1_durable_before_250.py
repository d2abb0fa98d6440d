"""Promise 1: no 250 before the state of each accepted recipient would survive a power cut, a drop included.

The store lies on a disk whose power is cut right after the 250: only what was forced to the disk by then is there when it comes up.
"""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fakes.disk import PowerCut, losing_power
from fakes.mails import mail
from fakes.namespace import free_port
from fakes.service import Hop, running

from screener.store.records import State
from screener.store.sqlite import SqliteStore

RULES = """
rules:
  - name: hold-some
    when: {recipient: {address: [held@example.org]}}
    then: hold
  - name: drop-some
    when: {recipient: {address: [dropped@example.org]}}
    then: drop
  - name: redirect-some
    when: {recipient: {address: [old@example.org]}}
    then: {redirect: new@example.org}
"""
BIG = "All of this lies in a file of its own.\r\n" * 10_000


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory, needs: Callable[..., None]) -> Iterator[PowerCut]:
    needs("mkfs.ext4", "mount")
    with losing_power(tmp_path_factory.mktemp("power")) as made:
        yield made


@pytest.fixture(scope="module")
def powered(tmp_path_factory: pytest.TempPathFactory, disk: PowerCut) -> Iterator[Hop]:
    """A hop whose next hop is down, so that everything stays where it was put before the 250."""
    settings = {
        "store": {"folder": str(disk.folder / "store")},
        "routes": {"inside": {"next_hops": [f"127.0.0.1:{free_port()}"], "tls": "none"}},
        "retry": {"intervals": ["1 h"]},
    }
    with running(tmp_path_factory.mktemp("hop"), settings=settings, rules={"10-places.yaml": RULES}) as made:
        yield made


def test_the_disk_of_this_test_forgets_what_was_not_forced_to_it(disk: PowerCut, tmp_path: Path) -> None:
    forced, lazy = disk.folder / "forced", disk.folder / "lazy"
    for path in (forced, lazy):
        path.write_bytes(b"x" * 10_000)
        if path is forced:
            for at in (path, disk.folder):
                opened = os.open(at, os.O_RDONLY)
                os.fsync(opened)
                os.close(opened)
    after = disk.cut(tmp_path / "after")
    try:
        assert (after / "forced").read_bytes() == b"x" * 10_000
        assert not (after / "lazy").exists()
    finally:
        disk.forget(after)


QUEUED, HELD, DROPPED = State.QUEUED, State.HELD, State.DROPPED


@pytest.mark.parametrize("body", ["Small.\r\n", BIG], ids=["small", "big"])
@pytest.mark.parametrize(
    "expected",
    [
        {"anna@example.org": QUEUED},
        {"held@example.org": HELD},
        {"dropped@example.org": DROPPED},
        {"old@example.org": State.REDIRECTED, "new@example.org": QUEUED},
        {"anna@example.org": QUEUED, "held@example.org": HELD, "dropped@example.org": DROPPED, "ben@example.org": QUEUED},
    ],
    ids=["forwarded", "held", "dropped", "redirected", "mixed"],
)
def test_what_was_acknowledged_survives_a_power_cut(
    powered: Hop, disk: PowerCut, tmp_path: Path, expected: dict[str, State], body: str
) -> None:
    content = mail("survives", body)
    with powered.connect() as wire:
        wire.hello()
        answer = wire.send("ben@example.net", [name for name in expected if name != "new@example.org"], content)[-1]
        os.kill(powered.pid, signal.SIGSTOP)
    try:
        after = disk.cut(tmp_path / "after")
    finally:
        os.kill(powered.pid, signal.SIGCONT)
    assert answer.code == 250, answer
    try:
        store = SqliteStore.open(after / "store")
        found = {entry.recipient.address.text: entry.state for entry in store.entries(answer.id)}
        octets = store.content(answer.id)[:]
        problems = store.check().problems
        store.close()
    finally:
        disk.forget(after)
    assert found == expected
    assert octets == content
    assert problems == ()
