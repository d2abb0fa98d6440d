"""Promise 4: whatever breaks before the 250 is answered 4yz, never 5yz, never with a trace or a path."""

import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fakes import disk
from fakes.mails import mail
from fakes.service import Hop, running
from fakes.service import hop as make
from fakes.waiting import listening, until
from fakes.wire import Answer

from screener.store.folders import DATABASE
from screener.store.records import State

_INSIDE = re.compile(r"Traceback|Error\b|Exception|\.py\b|/[a-z]+/|sqlite|line \d+|\bNone\b", re.IGNORECASE)
SIZES = {"small": "Hello.\r\n", "big": "A line of a mail that goes to a file.\r\n" * 20_000}


def _only_for_now(answer: Answer) -> None:
    """A reply that says: not now, and nothing of how it looks inside."""
    assert re.match(r"4[25][0-9] 4\.[0-9]\.[0-9] ", answer.text), answer
    assert not _INSIDE.search(answer.text[10:]), answer


@pytest.fixture
def on_a_small_disk(tmp_path: Path, needs: Callable[..., None]) -> Iterator[tuple[Hop, Path]]:
    """A hop that delivers to a Maildir elsewhere, its store on a disk of 24 MiB."""
    needs("mount")
    with disk.small(tmp_path / "disk", 24 * 1024 * 1024) as small:
        settings = {"store": {"folder": str(small / "store"), "free_space": "4 MiB", "reserve": "2 MiB"}}
        with running(tmp_path / "hop", settings=settings) as made:
            yield made, small


@pytest.mark.parametrize("size", SIZES)
def test_a_full_disk(on_a_small_disk: tuple[Hop, Path], size: str) -> None:
    hop, small = on_a_small_disk
    assert hop.send(mail("before")).code == 250
    filler = disk.fill(small)
    for _ in range(3):
        _only_for_now(hop.send(mail("while full", SIZES[size])))
    filler.unlink()
    until(lambda: hop.send(mail("after", SIZES[size])).code == 250, lambda: f"it takes mail again:\n{hop.log()}")
    assert "Traceback" not in hop.log()


def test_little_space_is_kept_free(on_a_small_disk: tuple[Hop, Path]) -> None:
    hop, small = on_a_small_disk
    room = shutil.disk_usage(small).free
    (small / "almost").write_bytes(b"\0" * (room - 3 * 1024 * 1024))

    def refused() -> bool:
        answer = hop.send(mail("below the floor"))
        if answer.code != 250:
            _only_for_now(answer)
            assert answer.code == 452
        return answer.code != 250

    until(refused, "the floor is seen")
    (small / "almost").unlink()
    until(lambda: hop.send(mail("above it")).code == 250, "it takes mail again")


def test_a_disk_that_fills_up_while_a_big_mail_comes(on_a_small_disk: tuple[Hop, Path]) -> None:
    hop, small = on_a_small_disk
    with hop.connect() as wire:
        wire.hello()
        wire.write(b"MAIL FROM:<ben@example.net>\r\nRCPT TO:<anna@example.org>\r\nDATA\r\n")
        assert [wire.answer().code for _ in range(3)] == [250, 250, 354]
        wire.write(b"Subject: comes slowly\r\n\r\n" + b"x" * 70 + b"\r\n" * 10_000)
        filler = disk.fill(small)
        line = b"y" * 998 + b"\r\n"
        for _ in range(2_000):
            wire.write(line)
        wire.write(b".\r\n")
        _only_for_now(wire.answer())
        assert wire.command("NOOP").code == 250
    filler.unlink()
    until(lambda: hop.send(mail("after")).code == 250, "it takes mail again")
    assert [entry.state for entry in hop.entries()] != []
    assert all(entry.state in (State.QUEUED, State.DELIVERED) for entry in hop.entries())


def test_no_screening_process_that_answers(tmp_path: Path) -> None:
    """Every screening process is killed as soon as it is there: the mail that needs one is put off or held, never refused."""
    with running(tmp_path, settings={"screening": {"processes": 2, "time": "5 s"}}) as hop:
        for number in range(4):
            with hop.connect() as wire:
                wire.hello()
                wire.write(b"MAIL FROM:<ben@example.net>\r\nRCPT TO:<anna@example.org>\r\nDATA\r\n")
                assert [wire.answer().code for _ in range(3)] == [250, 250, 354]
                for process in hop.screening_processes():
                    os.kill(process, signal.SIGKILL)
                wire.write(mail(f"nobody {number}", attachment=("a.zip", b"PK\x05\x06" + bytes(18))) + b".\r\n")
                answer = wire.answer()
            if answer.code != 250:
                _only_for_now(answer)


def test_screening_processes_that_die_while_the_service_starts(tmp_path: Path) -> None:
    """What befalls processes is no fault of the rules: they are in force, and processes are started again."""
    with make(tmp_path) as hop:
        hop.begin()
        killed: set[int] = set()
        while not hop.greets():
            assert not hop.ended
            for process in [one for one in hop.screening_processes() if one not in killed][: 2 - len(killed)]:
                killed.add(process)
                os.kill(process, signal.SIGKILL)
        assert killed
        until(hop.healthy, lambda: f"it gets well by itself:\n{hop.log()[-2_000:]}")
        assert hop.send(mail("after", attachment=("a.zip", b"PK\x05\x06" + bytes(18)))).code == 250


def test_a_damaged_store(tmp_path: Path) -> None:
    with running(tmp_path, settings={"routes": {"inside": {"next_hops": ["127.0.0.1:9"], "tls": "none"}}}) as hop:
        for number in range(50):
            assert hop.send(mail(f"before {number}", "A line.\r\n" * 300)).code == 250
        # A clean stop leaves everything in the one file; the unclean one is what a damage is looked for after.
        assert hop.stop() == 0
        hop.start()
        hop.kill()
        database = hop.folder / "store" / DATABASE
        with database.open("r+b") as file:
            file.seek(4096 * 3)
            file.write(b"\xde\xad" * 4096 * 4)
        # Nobody answers: the client's own queue keeps the mail, and the log says what is to be done.
        assert hop.start_in_vain() == 1
        assert not listening(hop.port)
        assert "screener store recover" in hop.log()
        assert "Traceback" not in hop.log()
        hop.command("store", "recover")
        hop.start()
        assert hop.send(mail("after")).code == 250
        assert hop.healthy()


def test_a_store_found_damaged_at_work(tmp_path: Path) -> None:
    with running(tmp_path, settings={"routes": {"inside": {"next_hops": ["127.0.0.1:9"], "tls": "none"}}}) as hop:
        for number in range(50):
            assert hop.send(mail(f"before {number}", "A line.\r\n" * 300)).code == 250
        assert hop.stop() == 0
        with (hop.folder / "store" / DATABASE).open("r+b") as file:
            file.seek(4096 * 2)  # the index over the ids, which only writing needs
            file.write(b"\xde\xad" * 2048)
        hop.start()  # after a clean stop nobody looks for damage
        _only_for_now(hop.send(mail("met")))
        until(lambda: "store-damaged" in hop.log(), "it is said")
        assert not hop.healthy(), "a load balancer is to look elsewhere"


def test_sighup_while_the_service_starts(tmp_path: Path) -> None:
    """An init system's reload right after a start must not end it."""
    words = "".join(f"word{number}\n" for number in range(50_000))
    rules = {"10.yaml": "rules: [{name: w, when: {text: {words: {file: words.txt}}}, then: hold}]", "words.txt": words}
    with make(tmp_path, rules=rules) as hop:
        hop.begin()
        while not hop.greets():
            assert not hop.ended
            if _catches_sigterm(Path(f"/proc/{hop.pid}/status").read_bytes()):
                os.kill(hop.pid, signal.SIGHUP)
        assert hop.send(mail("after")).code == 250


def _catches_sigterm(status: bytes) -> bool:
    caught = next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith(b"SigCgt"))
    return bool(caught >> (signal.SIGTERM - 1) & 1)
