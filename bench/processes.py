"""Processes and what they use: CPU and memory of a system's whole tree.

CPU is user and system time, of processes that ended, too: from a cgroup (v2) of the system's own where one may be made, else
summed from /proc, where a parent carries the time of the children it has buried. Memory is PSS: shared pages are divided among
those who share them.
"""

import os
import subprocess
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from bench.alone import CGROUPS, token

_TICKS = os.sysconf("SC_CLK_TCK")


class Tree:
    """What a system has started, and all that came of it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._started: list[subprocess.Popen[bytes]] = []
        self._cgroup: Path | None = None

    def start(
        self, command: Sequence[str | Path], *, log: IO[bytes], cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start one process of the system in a session of its own."""
        if not self._started:
            self._cgroup = _cgroup(self._name)
        process = subprocess.Popen(
            self._inside(command), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=cwd, env=env, start_new_session=True
        )
        self._started.append(process)
        return process

    def _inside(self, command: Sequence[str | Path]) -> Sequence[str | Path]:
        if self._cgroup is None:
            return command
        return ["/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"', self._cgroup / "cgroup.procs", *command]

    def stop(self) -> None:
        """End everything, in the reverse order; what does not end in 20 s is killed."""
        for process in reversed(self._started):
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.wait()
        self._started.clear()
        if self._cgroup is not None:
            _remove(self._cgroup)
            self._cgroup = None

    def ended(self) -> bool:
        """Whether one of those that were started is gone."""
        return any(process.poll() is not None for process in self._started)

    def cpu(self) -> float:
        """Seconds of CPU so far."""
        if self._cgroup is not None:
            fields = dict(line.split() for line in (self._cgroup / "cpu.stat").read_text(encoding="ascii").splitlines())
            return int(fields["usage_usec"]) / 1e6
        return sum(_seconds(pid) for pid in self._pids())

    def memory(self) -> int:
        """Octets of PSS now."""
        return sum(_pss(pid) for pid in self._pids())

    def _pids(self) -> list[int]:
        children = defaultdict(list)
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(FileNotFoundError, ProcessLookupError):
                children[int(_fields(stat)[1])].append(int(stat.parent.name))
        found = [process.pid for process in self._started]
        for pid in found:  # grows while it is walked
            found.extend(children[pid])
        return found


def _cgroup(name: str) -> Path | None:
    """A cgroup of our own that counts CPU, or None."""
    for root in CGROUPS:
        if (root / "cgroup.controllers").exists():
            made = root / f"bench-{token()}-{name}"
            try:
                made.mkdir()
            except OSError:
                return None
            return made
    return None


def _remove(cgroup: Path) -> None:
    """Kill what is left of it, and remove it once that is dead."""
    with suppress(OSError):  # a kernel before 5.14 has no cgroup.kill
        (cgroup / "cgroup.kill").write_text("1", encoding="ascii")
    for _ in range(100):
        try:
            cgroup.rmdir()
        except OSError:  # something of it still dies
            time.sleep(0.05)
        else:
            return


def _fields(stat: Path) -> list[str]:
    """What follows the command's name, which may hold blanks: state, parent, …"""
    return stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()


def _seconds(pid: int) -> float:
    """Its own time and that of the children it has waited for."""
    try:
        return sum(map(int, _fields(Path(f"/proc/{pid}/stat"))[11:15])) / _TICKS
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024
