"""A long queue: how soon the hop starts on it, what memory it takes, how fast and in which order it goes out.

Two hops empty a queue each, the usual one (a tenth) first: what it delivers in a second is the full rate. The sink keeps number
and moment of every mail.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fakes.certificate import Certificate

from bench.aims import Goal, Seen, shown
from bench.machine import Taken
from bench.queued import queue
from bench.results import Part
from bench.stand import Stand, standing
from bench.systems.hop import Screener
from bench.traffic import OrderSink, SendingFailed

START = Goal("start on {} queued mails after a kill, until it listens", " s", 60.0)
MEMORY = Goal("memory while it sends them, all processes (PSS)", " MB", 500.0)
RATE = Goal("messages a second out of the long queue, × out of a short one", "", 0.9, at_least=True)
TURN = Goal("furthest out of its turn, the longest queued first", " % of the queue", 1.0)
SHORT = 10  # the short queue is so many times shorter; of it the second half counts, when the hop has warmed up
_LIMIT = 300.0  # seconds until it is given up


@dataclass(frozen=True, slots=True)
class Emptied:
    """What was seen while a queue was sent."""

    start: float  # seconds
    memory: int  # octets
    arrived: list[tuple[int, float]]  # number and moment

    def rate(self, begin: float = 0.1, end: float = 1.0) -> float:
        """Messages a second between these shares of the queue."""
        first, last = int(begin * len(self.arrived)), int(end * len(self.arrived)) - 1
        return (last - first) / (self.arrived[last][1] - self.arrived[first][1])

    def out_of_turn(self) -> int:
        """By how many places the one came early or late that did most."""
        return max(abs(place - number) for place, (number, _) in enumerate(self.arrived))


def measure(place: Path, pair: Certificate, count: int) -> Part:
    """Empty a short and a long queue; raises SendingFailed when a mail is lost or comes twice."""
    taken = Taken.now()
    short = _empty("short-queue", place, pair, count // SHORT)
    long = _empty("long-queue", place, pair, count)
    start = Goal(START.what.format(f"{count:,}"), START.unit, START.gate)
    seen = [
        Seen(start, long.start),
        Seen(MEMORY, long.memory / 1e6),
        Seen(RATE, long.rate() / short.rate(0.5)),
        Seen(TURN, 100 * long.out_of_turn() / count),
    ]
    told = [
        f"{count:,} mails of 4 KB left at {shown(long.rate())} a second: the second tenth at {shown(long.rate(0.1, 0.2))}, the "
        f"last at {shown(long.rate(0.9, 1.0))}; {count // SHORT:,} at {shown(short.rate(0.5))}.",
        f"Started in {shown(short.start)} s with {count // SHORT:,} queued; memory then {short.memory / 1e6:.0f} MB.",
        f"Out of its turn by {long.out_of_turn():,} places at most. Each came once.",
    ]
    return Part(taken, "Mails wait in a store whose service was killed; the next hop takes everything.", seen, told)


def _empty(name: str, place: Path, pair: Certificate, count: int) -> Emptied:
    fill: Callable[[Path], None] = lambda store: queue(store, count, time.time())  # noqa: E731
    hop, sink = Screener(name, store=fill), _Kept()
    with standing(hop, place, pair, sink) as stand:
        memory = _watch(stand, sink.one, count)
        arrived = sink.one.arrived()
    if sorted(number for number, _ in arrived) != list(range(count)):
        raise SendingFailed(f"of {count} queued mails {len({number for number, _ in arrived})} arrived, in {len(arrived)} copies")
    return Emptied(hop.start_seconds, memory, arrived)


class _Kept:
    """Makes the sink, and keeps it to be asked."""

    one: OrderSink

    def __call__(self, port: int, folder: Path) -> OrderSink:
        self.one = OrderSink(port, folder)
        return self.one


def _watch(stand: Stand, sink: OrderSink, count: int) -> int:
    """Until all have come; the most memory seen."""
    most, end = stand.system.tree.memory(), time.monotonic() + _LIMIT
    while sink.count() < count:
        if time.monotonic() > end or stand.system.tree.ended():
            raise SendingFailed(f"after {_LIMIT:g} s {sink.count()} of {count} queued mails have arrived")
        time.sleep(0.5)
        most = max(most, stand.system.tree.memory())
    sink.quiet(1.0)
    return most
