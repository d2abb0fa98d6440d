"""Apart from everything else: a network that has only loopback, and processes that all end with the benchmark, however it ends.

The network: a peer with a wrong setting could ask the real DNS for a next hop and send mail there. The processes: the kernel ends a
process namespace when its first process is gone. A keeper stays outside, passes signals on and removes what is left on disk and
among the cgroups.
"""

import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fakes import namespace

CGROUPS = (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified"))
_MARK = "BENCH_STANDS_ALONE"  # in the environment of what stands alone: the token its folder and cgroups are named by
_FOLDERS = Path("/var/tmp")  # noqa: S108 — a disk, not memory: fsync has to cost what it costs
_PATIENCE = 30  # seconds for the benchmark to end by itself after a signal


def stand_alone() -> None:
    """Go on as the first process of namespaces of its own: the one that was started becomes the keeper and does not return."""
    if token() == "":
        sys.exit(_keep())
    if lacking := namespace.enter():
        sys.exit(f"The benchmark needs {lacking}.")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)  # the first process of a namespace has no default for them


def token() -> str:
    """What everything of this run that others could see is named by; "" outside."""
    return os.environ.get(_MARK, "")


def _keep() -> int:
    """Run this program again inside; its exit status."""
    name = secrets.token_hex(4)
    inside = [sys.executable, "-m", *_module(), *sys.argv[1:]]
    process = subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", "unshare", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc", *inside],
        env={**os.environ, _MARK: name},
        start_new_session=True,  # Ctrl-C comes to us alone
    )
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, _frame: _pass_on(process.pid, number))
    try:
        return process.wait()
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(_FOLDERS / f"bench-{name}", ignore_errors=True)
        for root in CGROUPS:
            for cgroup in root.glob(f"bench-{name}-*"):
                with suppress(OSError):
                    cgroup.rmdir()


def _pass_on(unshare: int, number: int) -> None:
    """To the one inside: `unshare` itself takes no signals. When that one does not end in time, all end at once."""
    signal.signal(signal.SIGALRM, lambda *_: os.kill(unshare, signal.SIGKILL))
    signal.alarm(_PATIENCE)
    for child in Path(f"/proc/{unshare}/task/{unshare}/children").read_text(encoding="ascii").split():
        os.kill(int(child), signal.SIGTERM if number == signal.SIGHUP else number)


def _module() -> list[str]:
    spec = sys.modules["__main__"].__spec__
    assert spec is not None, "the benchmark is started by `python -m`"
    return [spec.name.removesuffix(".__main__")]


def _end(_number: int, _frame: object) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # it is being done
    raise SystemExit("ended by a signal")


@contextmanager
def folder() -> Iterator[Path]:
    """A new folder, which every user may walk through."""
    made = _FOLDERS / f"bench-{token()}"
    made.mkdir()
    made.chmod(0o755)
    try:
        yield made
    finally:
        shutil.rmtree(made)
