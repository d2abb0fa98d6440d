"""What a message can do to the process that judges it, and that the others are judged all the same."""

import mmap
import os
import re
import signal
import time
from pathlib import Path

import pytest

from screener.cli.apart import Apart
from screener.cli.judging import Judged
from screener.cli.mailfiles import MailFile, Message


def judge(message: Message) -> Judged:
    """Does what the message says."""
    if b"die" in message.octets:
        os.kill(os.getpid(), signal.SIGKILL)
    if b"raise" in message.octets:
        raise RuntimeError("as if")
    if b"hang" in message.octets:
        time.sleep(60)
    if b"eat" in message.octets:
        len(bytes(1 << 33))
    print("a parser speaks")  # noqa: T201
    return Judged(message.path, message.number)


def troubles(tmp_path: Path, *contents: bytes, seconds: float = 30.0) -> list[str]:
    with Apart(judge, size=1000, seconds=seconds, memory=1 << 30) as apart:
        found = []
        for number, octets in enumerate(contents):
            path = tmp_path / f"{number}.eml"
            path.write_bytes(octets)
            found += [judged.trouble for judged in apart.judged(MailFile(path))]
    return found


def test_what_this_process_holds_is_not_held_against_a_message(tmp_path: Path) -> None:
    with mmap.mmap(-1, 2 << 30):
        assert troubles(tmp_path, b"fine") == [""]


@pytest.mark.parametrize(
    ("octets", "trouble"),
    [
        (b"die", "could not be judged: the process that looked at it died (SIGKILL)"),
        (b"raise", "could not be judged: RuntimeError at test_apart.py:LINE"),
        (b"eat", "could not be judged: MemoryError at test_apart.py:LINE"),
    ],
)
def test_a_death_costs_one_message(tmp_path: Path, capfd: pytest.CaptureFixture[str], octets: bytes, trouble: str) -> None:
    found = troubles(tmp_path, b"fine", octets, b"fine", octets, b"fine")
    assert [re.sub(r":\d+$", ":LINE", one) for one in found] == ["", trouble, "", trouble, ""]
    assert capfd.readouterr() == ("", "")


def test_endless_work_costs_one_message(tmp_path: Path) -> None:
    assert troubles(tmp_path, b"fine", b"hang", b"fine", seconds=1.0) == ["", "could not be judged: it took longer than 1 s", ""]


def test_within_an_mbox_the_next_message_is_judged(tmp_path: Path) -> None:
    line = b"From a@b Mon Jan  1 00:00:00 2024\n"
    path = tmp_path / "inbox"
    path.write_bytes(line + b"fine\n\n" + line + b"die\n\n" + line + b"fine\n")
    with Apart(judge, size=1000, seconds=30.0, memory=1 << 30) as apart:
        judged = [(one.number, bool(one.trouble)) for one in apart.judged(MailFile(path))]
    assert judged == [(1, False), (2, True), (3, False)]


def test_trouble_with_the_file_itself_is_told(tmp_path: Path) -> None:
    with Apart(lambda message: Judged(message.path, 0, trouble=message.trouble), size=1, seconds=9.0, memory=1 << 30) as apart:
        (judged,) = apart.judged(MailFile(tmp_path, "is no file"))
    assert judged.trouble == "is no file"
