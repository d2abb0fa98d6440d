"""What a system is to the benchmark."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Protocol

from fakes.certificate import Certificate
from fakes.waiting import listening, until

from bench.processes import Tree


class Bad(StrEnum):
    """The planted letters of the positive control."""

    WORD = "a listed word in the text"
    PATTERN = "a pattern in the text"
    SUBJECT = "a pattern in the subject"
    SENDER = "a listed sender"
    FILE = "a file with a forbidden extension"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one system stands: its folder, the port it listens on, the port of its sink, and further ports that nobody uses."""

    folder: Path
    port: int
    next_port: int
    spare_ports: tuple[int, int, int]
    certificate: Certificate


class System(Protocol):
    """One system; `start` it before `tree` is asked."""

    name: str
    about: str  # a line for the table: how it is set up
    catches: frozenset[Bad]
    packages: tuple[str, ...]  # of Debian
    tree: Tree

    def prepare(self) -> None:
        """Fetch what is no Debian package. The network is still there."""

    def version(self) -> str:
        """Name and version."""

    def start(self, place: Place) -> None:
        """Set it up below the place's folder and start it; returns when it greets."""


class Started:
    """What systems share: a tree of processes, a log, and a port to wait for."""

    packages: tuple[str, ...] = ()
    name = ""

    def __init__(self) -> None:
        self.tree = Tree(self.name)

    def prepare(self) -> None:
        """Nothing to fetch."""

    def _start(self, command: Sequence[str | Path], place: Place, log: IO[bytes], **environment: str) -> None:
        self.tree.start(command, log=log, cwd=place.folder, env=environment or None)

    def _wait(self, port: int, log: Path) -> None:
        """Until somebody listens; raises AssertionError with the log when it ends before."""

        def there() -> bool:
            if self.tree.ended():
                raise AssertionError(f"{self.name} ended at once; its log:\n{log.read_text(errors='replace')[-3000:]}")
            return listening(port)

        until(there, lambda: f"{self.name} listens on port {port}; its log:\n{log.read_text(errors='replace')[-3000:]}")


def printed(*command: str | Path) -> str:
    """What a command prints."""
    ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return (ran.stdout or ran.stderr).strip()
