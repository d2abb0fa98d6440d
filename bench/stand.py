"""A system between a source and a sink of its own, for as long as it is measured."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fakes.certificate import Certificate
from fakes.namespace import free_port

from bench.cells import Cell
from bench.control import prove
from bench.measure import Accepted, Figure, accept_times, measure, memory
from bench.systems.system import Place, System
from bench.traffic import Sink


class Stand:
    """One system, started, with its sink."""

    def __init__(self, system: System, place: Place, sink: Sink) -> None:
        self.system = system
        self._place = place
        self._sink = sink

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._place.port

    def prove(self) -> None:
        """The positive control; raises SendingFailed."""
        prove(self.system, self.port, self._sink)

    def measure(self, cell: Cell, seconds: float) -> Figure:
        """One measurement; raises SendingFailed."""
        with self._suiting_sink(cell) as sink:
            return measure(self.system.tree, self.port, sink, cell, self._place.folder, seconds)

    def accept_times(self, cell: Cell, rate: float, seconds: float) -> Accepted:
        """How long acceptance takes at that rate; raises SendingFailed."""
        with self._suiting_sink(cell) as sink:
            return accept_times(self.port, sink, cell, rate, seconds, self._place.folder)

    def memory(self, cell: Cell, count: int) -> int:
        """Octets of PSS at most while so many are on their way."""
        return memory(self.system.tree, self.port, self._sink, cell, count, self._place.folder)

    @contextmanager
    def _suiting_sink(self, cell: Cell) -> Iterator[Sink]:
        """The sink that counts; for TLS another one takes its place on the same port."""
        if not cell.tls:
            yield self._sink
            return
        self._sink.stop()
        other = Sink(self._place.next_port, self._place.folder, self._place.certificate)
        other.start()
        try:
            yield other
        finally:
            other.stop()
            self._sink.start()

    def open(self) -> None:
        """Start sink and system."""
        self._sink.start()
        self.system.start(self._place)

    def close(self) -> None:
        """End both."""
        self.system.tree.stop()
        self._sink.stop()


@contextmanager
def standing(system: System, folder: Path, certificate: Certificate, sink: Callable[[int, Path], Sink] = Sink) -> Iterator[Stand]:
    """The system below `folder`, started; its sink is made of a port and a folder."""
    own = folder / system.name
    own.mkdir()
    own.chmod(0o755)
    ports = set[int]()
    while len(ports) < 5:
        ports.add(free_port())
    port, next_port, *spare = sorted(ports)
    place = Place(own, port, next_port, (spare[0], spare[1], spare[2]), certificate)
    stand = Stand(system, place, sink(next_port, own))
    try:
        stand.open()
        yield stand
    finally:
        stand.close()
