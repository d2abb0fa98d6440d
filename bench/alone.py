"""Apart from everything else: a network that has only loopback, and processes that all end with the benchmark, however it ends.

The network: a peer with a wrong setting could ask the real DNS for a next hop and send mail there. The processes: the kernel ends a
process namespace when its first process is gone, by Ctrl-C, by SIGKILL or by a fault of ours.
"""

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fakes import namespace

_MARK = "BENCH_STANDS_ALONE"


def stand_alone() -> None:
    """Start this program again as the first process of namespaces of its own, unless it is that; ends it when it cannot."""
    if os.environ.get(_MARK) != "1":
        command = ["unshare", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc"]
        os.environ[_MARK] = "1"
        os.execvp(command[0], [*command, sys.executable, "-m", *_module(), *sys.argv[1:]])
    if lacking := namespace.enter():
        sys.exit(f"The benchmark needs {lacking}.")
    signal.signal(signal.SIGTERM, _end)  # the first process of a namespace has no default for it


def _module() -> list[str]:
    spec = sys.modules["__main__"].__spec__
    assert spec is not None, "the benchmark is started by `python -m`"
    return [spec.name.removesuffix(".__main__")]


def _end(_number: int, _frame: object) -> None:
    raise SystemExit("ended by SIGTERM")


@contextmanager
def folder() -> Iterator[Path]:
    """A folder on a disk (not in memory: fsync has to cost what it costs), which every user may walk through."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/var/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)
