"""What runs in a screening process: read a mail, judge it with the very rules of the service, answer, forget.

It may die of any mail; that is what it is for. It has bounded memory and, for each mail, bounded CPU time, no network where the
system allows it, no core dump, and it ends when the service closes the pipe.
"""

import ctypes
import mmap
import os
import resource
from dataclasses import replace
from pathlib import Path

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000


def _left_network() -> bool:
    """Leave the network behind (unshare(2)), without root by a user namespace; whether that went.

    Where the system forbids both, the process goes on with one wall fewer, and the service says so.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.unshare(CLONE_NEWNET) == 0 or libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0)


HAS_NETWORK = not _left_network()  # before any import that starts a thread: a user namespace needs a process of one thread

from screener.anatomy.budget import Budget  # noqa: E402
from screener.anatomy.defects import Defect  # noqa: E402
from screener.anatomy.message import Anatomy  # noqa: E402
from screener.heap import keep_what_is_freed, on_large_pages  # noqa: E402
from screener.mail.verdict import Screening  # noqa: E402
from screener.policy.ruleset import OUT_OF_MEMORY, RuleSet  # noqa: E402
from screener.screeners.frames import Excuse, Order, Ready, Task, answer, read_request  # noqa: E402


def main() -> None:
    """Serve the pipe on the standard streams until it closes."""
    pipe_in = os.fdopen(os.dup(0), "rb")
    pipe_out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # a foreign parser that prints must not speak into the pipe
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    keep_what_is_freed()
    order = read_request(pipe_in)
    if not isinstance(order, Order):
        return
    ruleset, memory, budget = order.ruleset, order.memory, order.budget
    del order
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    pipe_out.write(answer(Ready(ruleset.hash, HAS_NETWORK)))
    on_large_pages()
    while isinstance(task := read_request(pipe_in), Task):
        pipe_out.write(answer(_judge(ruleset, task, budget)))


def _judge(ruleset: RuleSet, task: Task, budget: Budget) -> Screening | Excuse:
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime + task.seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
    mail = task.mail
    try:
        if mail.content.path:
            with Path(mail.content.path).open("rb") as body:
                octets = mmap.mmap(body.fileno(), 0, access=mmap.ACCESS_READ)
            mail = replace(mail, content=replace(mail.content, octets=octets))
        anatomy = Anatomy(mail.content.octets, inline=False, budget=budget, defects=map(Defect, mail.content.defects))
        return ruleset.screen(mail, anatomy, pattern_factor=task.pattern_factor)
    except Exception as error:  # noqa: BLE001 - the door of the process: an excuse names type and place, never the mail
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        place = f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}" if frame is not None else "?"
        return Excuse(f"{OUT_OF_MEMORY if isinstance(error, MemoryError) else type(error).__name__} at {place}")


if __name__ == "__main__":
    main()
