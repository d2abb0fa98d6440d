"""Postfix's own traffic: `smtp-source` sends, `smtp-sink` counts. What has arrived is counted at the sink, never at the source."""

import collections
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fakes.namespace import free_port
from fakes.waiting import listening, until

COMMANDS = ("smtp-source", "smtp-sink")


class Sink:
    """A running smtp-sink that writes down every mail it answers 250."""

    def __init__(self, folder: Path, port: int) -> None:
        self._dump = folder / "dump"
        self.port = port

    def text(self) -> str:
        """All it has written down: envelopes, headers and bodies."""
        return self._dump.read_text(encoding="utf-8", errors="replace") if self._dump.exists() else ""

    def recipients(self) -> collections.Counter[str]:
        """How often each recipient's mail has arrived."""
        arrived: collections.Counter[str] = collections.Counter()
        if self._dump.exists():
            with self._dump.open("rb") as dump:
                for line in dump:
                    if line.startswith(b"X-Rcpt-Args: <"):
                        arrived[line[14 : line.index(b">")].decode("ascii")] += 1
        return arrived


@contextmanager
def sink(*mood: str) -> Iterator[Sink]:
    """Somebody who accepts everything; `mood` are options of smtp-sink."""
    folder = Path(tempfile.mkdtemp(prefix="sink-"))
    shutil.chown(folder, "nobody")
    port = free_port()
    started = subprocess.Popen(
        ["/usr/sbin/smtp-sink", "-u", "nobody", "-D", "dump", *mood, f"127.0.0.1:{port}", "1024"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        until(lambda: listening(port), f"smtp-sink listens on port {port}")
        yield Sink(folder, port)
    finally:
        started.terminate()
        started.wait()
        shutil.rmtree(folder)


def send(port: int, *, messages: int, sessions: int, octets: int, recipient: str) -> None:
    """Send mails, each to an address of its own (a number before `recipient`). Fails when one is not answered 250."""
    subprocess.run(
        [
            "/usr/sbin/smtp-source",
            *("-N", "-d", "-M", "source.example.net", "-f", "source@example.net", "-t", recipient),
            *("-s", str(sessions), "-m", str(messages), "-l", str(octets)),
            f"127.0.0.1:{port}",
        ],
        env={"PATH": os.defpath},
        stdin=subprocess.DEVNULL,
        check=True,
        timeout=100,
    )
