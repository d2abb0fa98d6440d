"""One measurement: one system, one cell. The sink's count is the clock; CPU is read when all is quiet again."""

import time
from dataclasses import dataclass
from pathlib import Path

from bench.cells import Cell
from bench.processes import Tree
from bench.traffic import SendingFailed, Sink, Source

_LIMIT = 60.0  # seconds until what has not arrived is given up


@dataclass(frozen=True, slots=True)
class Figure:
    """What came of it."""

    messages: int
    seconds: float
    cpu: float  # seconds, whole tree

    @property
    def rate(self) -> float:
        """Messages a second at the sink."""
        return self.messages / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of CPU a message."""
        return 1000 * self.cpu / self.messages


@dataclass(frozen=True, slots=True)
class Accepted:
    """How long the answer to the final dot took while messages came at a steady rate. Times are in milliseconds."""

    rate: float  # messages a second, as they were begun
    messages: int
    p50: float
    p99: float
    most: float
    late: float  # p99 of how late the source itself began a message: what it could not keep pace with


def measure(tree: Tree, port: int, sink: Sink, cell: Cell, folder: Path, seconds: float) -> Figure:
    """Warm up, see how fast it is, then send for about so many seconds; raises SendingFailed when mail is refused or lost."""
    first = run(tree, port, sink, cell, cell.first, folder)
    count = max(cell.first, int(first.rate * seconds) // cell.sessions * cell.sessions)
    return run(tree, port, sink, cell, count, folder)


def run(tree: Tree, port: int, sink: Sink, cell: Cell, count: int, folder: Path) -> Figure:
    """Send so many and wait for the last."""
    before, cpu = sink.quiet(0.2), tree.cpu()
    begun = time.monotonic()
    source = Source(cell, count, port, folder)
    try:
        arrived = sink.wait_for(before + count, _LIMIT, source.failed)
        if arrived is None:
            if not source.failed():
                source.stop()
                raise SendingFailed(f"{cell}: {sink.count() - before} of {count} messages arrived in {_LIMIT:g} s")
            source.finish()
    except BaseException:
        source.stop()
        raise
    assert arrived is not None
    source.finish()
    after = sink.quiet()
    if after - before != count:
        raise SendingFailed(f"{cell}: {count} messages were sent, {after - before} arrived")
    return Figure(count, arrived - begun, tree.cpu() - cpu)


def accept_times(port: int, sink: Sink, cell: Cell, rate: float, seconds: float, folder: Path) -> Accepted:
    """Send at that rate for so many seconds; raises SendingFailed when mail is refused or lost."""
    count = max(cell.sessions, int(rate * seconds))
    before = sink.quiet(0.2)
    source = Source(cell, count, port, folder, rate=rate)
    try:
        sink.wait_for(before + count, seconds + _LIMIT, source.failed)
        source.finish()
    finally:
        source.stop()
    after = sink.quiet()
    if after - before != count:
        raise SendingFailed(f"{cell}: {count} messages were sent at {rate:.0f} a second, {after - before} arrived")
    said = source.said()
    return Accepted(rate, count, said["p50"], said["p99"], said["max"], said["late"])


def memory(tree: Tree, port: int, sink: Sink, cell: Cell, count: int, folder: Path) -> int:
    """The most PSS seen while so many are on their way, in octets. The speed of this run does not count."""
    before = sink.quiet(0.2)
    source = Source(cell, count, port, folder)
    most = 0
    try:
        end = time.monotonic() + _LIMIT
        while sink.count() < before + count and time.monotonic() < end and not source.failed():
            most = max(most, tree.memory())
            time.sleep(0.1)
        source.finish()
    finally:
        source.stop()
    sink.quiet()
    return most
