"""The log: lines for people and for machines, nothing hostile in them, nothing lost at the end, nothing that could stop mail."""

import contextlib
import json
import logging
import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener import log


@contextlib.contextmanager
def logging_to(file: Path, level: str = "info") -> Iterator[Path]:
    close = log.setup("json", level, file)
    try:
        yield file
    finally:
        close()


def record(event: str, level: int = logging.INFO, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("screener", level, "", 0, event, None, None)
    made.fields = fields
    made.created = 1_700_000_000.25
    made.msecs = 250.0
    return made


def lines_of(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


# what a line looks like


def test_a_json_line_has_time_level_event_and_fields() -> None:
    line = log.json_line(record("held", id="4F3k", rule="programs", size=4096, ms=0.25, unsure=False, names=("a", "b")))
    assert line == (
        '{"time": "2023-11-14T22:13:20.250Z", "level": "info", "event": "held", "id": "4F3k", "rule": "programs", '
        '"size": 4096, "ms": 0.25, "unsure": false, "names": ["a", "b"]}'
    )


def test_a_text_line_can_be_read_by_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    line = log.text_line(
        record("held", id="4F3k", sender="alice@example.net", rule="programs", place="part 2 > docs.zip", observed=["a", "b c"])
    )
    assert line == (
        '22:13:20 held         id=4F3k sender=alice@example.net rule=programs place="part 2 > docs.zip" observed=a,"b c"'
    )
    assert log.text_line(record("next-hop-down", logging.WARNING)) == "22:13:20 WARNING next-hop-down"


def test_what_is_none_is_left_out() -> None:
    assert "rule" not in json.loads(log.json_line(record("held", rule=None, id="x")))
    assert "rule" not in log.text_line(record("held", rule=None, id="x"))


HOSTILE = [
    "a\r\nb",
    "\x1b[2J\x07",
    "\x00\x7f\x85\x9b",
    "\u2028\u2029\u202e\u200b\ufeff",
    "\ud800\udfff",
    '"}{"event": "forged"',
    "x y=z",
    "\\n",
    "",
    "🙂" * 600,
]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_nothing_hostile_gets_through(text: str) -> None:
    made = record("received", sender=text, names=[text])
    shown = log.json_line(made)
    assert shown.isascii()
    assert shown.isprintable()
    assert json.loads(shown)["event"] == "received"
    for line in (shown, log.text_line(made)):
        assert line.isprintable()
        assert "\n" not in line


@given(
    st.dictionaries(
        st.sampled_from(["a", "b", "time", "event", "level"]), st.one_of(st.text(), st.lists(st.text()), st.integers(), st.floats())
    )
)
def test_any_value_gives_one_printable_line(fields: dict[str, object]) -> None:
    made = record("received")
    made.fields = fields
    shown = json.loads(log.json_line(made), parse_constant=lambda name: pytest.fail(name))
    assert (shown["event"], shown["level"], shown["time"]) == ("received", "info", "2023-11-14T22:13:20.250Z")
    assert log.text_line(made).isprintable()


def test_long_values_are_cut_and_long_lists_too() -> None:
    shown = json.loads(log.json_line(record("received", sender="x" * 100_000, names=[f"n{at}" for at in range(1000)])))
    assert len(shown["sender"]) == log.MAX_VALUE
    assert shown["sender"].endswith("…")
    assert len(shown["names"]) == log.MAX_VALUES + 1
    assert shown["names"][-1] == "… 968 more"


def test_odd_values_are_named_by_their_type_and_never_shown() -> None:
    shown = json.loads(log.json_line(record("received", body=b"secret", huge=10**5000, nan=float("nan"), many=[b"secret"])))
    assert (shown["body"], shown["huge"], shown["nan"], shown["many"]) == ("(bytes)", "(huge number)", "nan", ["(bytes)"])


def test_words_of_closed_sets_are_their_texts() -> None:
    class Colour(StrEnum):
        RED = "red"

    assert json.loads(log.json_line(record("held", action=Colour.RED)))["action"] == "red"
    assert "action=red" in log.text_line(record("held", action=Colour.RED))


# where it goes


def test_closing_writes_everything_that_was_said(tmp_path: Path) -> None:
    with logging_to(tmp_path / "deep" / "screener.log") as file:
        for at in range(5000):
            log.say("received", id=str(at))
    assert [line["id"] for line in lines_of(file)] == [str(at) for at in range(5000)]


def test_lines_gather_but_what_is_grave_and_the_close_wait_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "_REST", 3600.0)
    file = tmp_path / "log"
    close = log.setup("json", "info", file)
    log.say("started")
    _until(lambda: file.stat().st_size > 0)  # the first line is written at once
    log.say("received")
    log.say("refused", level=logging.WARNING)
    _until(lambda: file.read_text().count("\n") == 3)  # a warning brings all before it along
    log.say("queued")
    close()
    assert [line["event"] for line in lines_of(file)] == ["started", "received", "refused", "queued"]


def test_closing_twice_and_saying_after_it_are_harmless(tmp_path: Path) -> None:
    close = log.setup("json", "info", tmp_path / "a.log")
    log.say("started")
    close()
    log.say("stopped")
    close()
    assert [line["event"] for line in lines_of(tmp_path / "a.log")] == ["started"]


def test_only_what_is_as_grave_as_the_level_is_said(tmp_path: Path) -> None:
    with logging_to(tmp_path / "a.log", level="warning") as file:
        log.say("received")
        log.say("next-hop-down", level=logging.WARNING)
        log.say("trouble", level=logging.ERROR)
    assert [(line["event"], line["level"]) for line in lines_of(file)] == [("next-hop-down", "warning"), ("trouble", "error")]


def test_a_file_is_appended_to_and_not_readable_by_everyone(tmp_path: Path) -> None:
    for event in ("started", "stopped"):
        with logging_to(tmp_path / "a.log") as file:
            log.say(event)
    assert [line["event"] for line in lines_of(file)] == ["started", "stopped"]
    assert file.stat().st_mode & 0o007 == 0


def test_a_file_that_was_rotated_away_is_opened_anew(tmp_path: Path) -> None:
    with logging_to(tmp_path / "a.log") as file:
        log.say("started")
        _until(lambda: file.stat().st_size > 0)
        file.rename(tmp_path / "a.log.1")
        log.say("stopped")
        _until(file.exists)
    assert [line["event"] for line in lines_of(tmp_path / "a.log.1")] == ["started"]
    assert [line["event"] for line in lines_of(file)] == ["stopped"]


def test_a_file_that_cannot_be_opened_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="directory"):
        log.setup("json", "info", tmp_path)


def test_a_full_disk_loses_lines_and_nothing_else_and_says_so_later(tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    file.symlink_to("/dev/full")
    with logging_to(file):
        log.say("received", id="lost")
        log.say("received", id="lost too")
        time.sleep(0.1)  # let the writer fail; the end is the same if it has not
        file.unlink()
        log.say("received", id="kept")
        _until(file.exists)
    events = [(line["event"], line.get("lines")) for line in lines_of(file)]
    assert ("received", None) in events
    lost = sum(int(str(lines)) for event, lines in events if event == "log-lost")
    assert lost + sum(event == "received" for event, _ in events) == 3


def test_a_reader_that_stopped_reading_blocks_nobody() -> None:
    program = """
from screener import log
close = log.setup("json", "info", None)
for at in range(60_000):
    log.say("received", id="x" * 200)
print("said", flush=True)
close()
print("closed", flush=True)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"said\n"  # with 60,000 lines behind a pipe of 64 KB that nobody reads
        assert process.stdout.readline() == b"closed\n"
        process.stderr.close()
        assert process.wait(30) == 0


def test_automatic_is_text_on_a_terminal_and_json_elsewhere() -> None:
    program = "from screener import log; close = log.setup('auto', 'info', None); log.say('started', version='1'); close()"
    piped = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert json.loads(piped.stderr)["event"] == "started"
    ours, theirs = pty.openpty()
    try:
        subprocess.run([sys.executable, "-c", program], stderr=theirs, check=True)
        shown = os.read(ours, 1000).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert shown.rstrip()[9:] == "started      version=1"


# what is not ours


def test_other_packages_are_heard_from_warning_on_without_their_texts(tmp_path: Path) -> None:
    with logging_to(tmp_path / "a.log", level="debug") as file:
        logging.getLogger("mail.log").info("%r >> %r", "peer", "a secret")
        logging.getLogger("mail.log").warning("a secret %s", "text")
        try:
            raise ValueError("a secret")
        except ValueError:
            logging.getLogger("asyncio").exception("a secret")
    assert "secret" not in file.read_text()
    first, second = lines_of(file)
    assert (first["event"], first["logger"], first["level"]) == ("other-package", "mail.log", "warning")
    assert "tests/test_log.py:" in str(first["place"])
    assert (second["logger"], second["exception"]) == ("asyncio", "ValueError")


def test_trouble_names_type_and_places_and_never_the_message(tmp_path: Path) -> None:
    def breaks() -> None:
        raise KeyError("a secret")

    with logging_to(tmp_path / "a.log") as file:
        try:
            breaks()
        except KeyError as error:
            log.trouble(error, id="4F3k")
    (line,) = lines_of(file)
    assert "secret" not in file.read_text()
    assert (line["event"], line["level"], line["exception"], line["id"]) == ("trouble", "error", "KeyError", "4F3k")
    assert isinstance(line["place"], list)
    assert line["place"][0].endswith(" in breaks")


def _until(happened: Callable[[], bool]) -> None:
    for _ in range(500):
        if happened():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen within five seconds")
