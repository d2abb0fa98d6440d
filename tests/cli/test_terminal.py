"""What a terminal shows: ids whole, long texts cut, nothing a stranger wrote taken for an order."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from fakes.filled_hop import Hop

SCREENER = Path(sys.executable).with_name("screener")
_STYLE = re.compile(r"\x1b\[[0-9;]*m")  # bold titles


def on_terminal(hop: Hop, *arguments: str, columns: int) -> str:
    """What the command writes to a terminal of that width."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm", "SCREENER_CONFIG": str(hop.config)}
    command = [str(SCREENER), *arguments]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=hop.folder):
        os.close(theirs)
        written = bytearray()
        try:
            while octets := os.read(ours, 65536):
                written += octets
        except OSError:  # Linux: the last one has closed the other end
            pass
    os.close(ours)
    return written.decode().replace("\r\n", "\n")


def test_a_table_fits_and_keeps_ids_whole(hop: Hop) -> None:
    shown = on_terminal(hop, "hold", "list", columns=80)
    lines = _STYLE.sub("", shown).splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split()[0] for line in lines[1:4]] == [hop.hostile, hop.two, hop.held]
    assert "…" in lines[1]
    assert "\x1b" not in "".join(lines)


def test_raw_is_escaped_on_a_terminal(hop: Hop) -> None:
    shown = on_terminal(hop, "hold", "show", "--raw", hop.hostile, columns=80)
    assert "\\x1b[2Jboo\\x9b" in shown
    assert "\x1b" not in shown


def test_markup_in_a_subject_is_text(hop: Hop) -> None:
    assert "[bold]" in _STYLE.sub("", on_terminal(hop, "hold", "list", columns=200))


def test_a_progress_bar_leaves_standard_output_alone(hop: Hop) -> None:
    (hop.folder / "rules" / "all.yaml").write_text("rules: [{name: all, then: hold}]\n")
    (hop.folder / "in").mkdir()
    for number in range(50):
        (hop.folder / "in" / f"{number:02}.eml").write_bytes(b"Subject: x\r\n\r\n" * 100)
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": "80", "TERM": "xterm", "SCREENER_CONFIG": str(hop.config)}
    command = [str(SCREENER), "screen", "--json", "in"]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, env=environment, cwd=hop.folder, check=True)
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    paths = [json.loads(line)["path"] for line in result.stdout.splitlines()]
    assert paths == [f"in/{number:02}.eml" for number in range(50)]
    assert "screening" in shown
    assert "50 messages in" in shown
