"""How much lies where, asked of the store at the moment of a scrape."""

from collections.abc import Callable, Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from screener.metrics.families import OTHER
from screener.store.errors import StoreError
from screener.store.queries import Counts, PlaceCount


class StoreFigures(Collector):
    """What the store is asked at each scrape. When it cannot answer, that is said, and every other metric is still there."""

    def __init__(
        self, counts: Callable[[], Counts], free: Callable[[], int] | None, routes: frozenset[str], clock: Callable[[], float]
    ) -> None:
        self._counts, self._free, self._routes, self._clock = counts, free, routes, clock

    def describe(self) -> Iterator[Metric]:
        """Nothing: the store is not to be asked when this is registered."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """The figures of this moment."""
        try:
            counts = self._counts()
            free = None if self._free is None else self._free()
        except (StoreError, OSError):
            yield GaugeMetricFamily("screener_store_readable", "Whether the store could be read (1) or not (0).", 0)
            return
        yield GaugeMetricFamily("screener_store_readable", "Whether the store could be read (1) or not (0).", 1)
        if free is not None:
            yield GaugeMetricFamily("screener_store_free_bytes", "Space free on the store's disk.", free)
        yield from self._queues(counts)
        yield from self._place("hold", "held for a person", counts.held)
        yield from self._place("dropped", "dropped and still restorable", counts.dropped)

    def _queues(self, counts: Counts) -> Iterator[Metric]:
        now = self._clock()
        length = dict.fromkeys(self._routes, 0)
        age = dict.fromkeys(self._routes, 0.0)
        for queue in counts.queues:  # a route that is no longer in the configuration may still have mail
            route = queue.route if queue.route in self._routes else OTHER
            length[route] = length.get(route, 0) + queue.recipients
            age[route] = max(age.get(route, 0.0), now - queue.oldest)
        lengths = GaugeMetricFamily("screener_queue_recipients", "Recipients waiting for delivery, by route.", labels=["route"])
        about = "Seconds since the oldest waiting recipient was queued, by route."
        ages = GaugeMetricFamily("screener_queue_oldest_seconds", about, labels=["route"])
        for route in sorted(length):
            lengths.add_metric([route], length[route])
            ages.add_metric([route], age[route])
        yield lengths
        yield ages

    def _place(self, name: str, about: str, count: PlaceCount) -> Iterator[Metric]:
        yield GaugeMetricFamily(f"screener_{name}_recipients", f"Recipients whose mail is {about}.", count.recipients)
        yield GaugeMetricFamily(f"screener_{name}_mails", f"Mails {about}.", count.mails)
        yield GaugeMetricFamily(f"screener_{name}_bytes", f"Octets of content {about}.", count.octets)
        oldest = 0.0 if count.oldest is None else max(self._clock() - count.oldest, 0.0)
        yield GaugeMetricFamily(f"screener_{name}_oldest_seconds", f"Seconds since the oldest of it was {about}.", oldest)
