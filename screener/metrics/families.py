"""One metric and its series by labels: kept, not looked up by the library each time, and none but known ones."""

from collections.abc import Collection
from typing import Final, Generic, TypeVar

from prometheus_client import Counter, Gauge, Histogram

OTHER: Final = "other"
M = TypeVar("M", Counter, Gauge, Histogram)


class Family(Generic[M]):
    """One metric and its children by label values; a value that is not known becomes "other"."""

    __slots__ = ("_children", "_known", "metric")

    def __init__(self, metric: M, *known: Collection[str]) -> None:
        self.metric: M = metric
        self._known = tuple(frozenset(values) for values in known)
        self._children: dict[tuple[str, ...], M] = {}

    def child(self, *values: str) -> M:
        """The series of these label values. Only known ones are kept, so that nobody can make this grow."""
        found = self._children.get(values)
        if found is None:
            shown = tuple(value if value in known else OTHER for value, known in zip(values, self._known, strict=True))
            found = self._children[shown] = self.metric.labels(*shown)
        return found

    def know(self, values: Collection[str]) -> None:
        """Let the first label have these values; series of others, "other" excepted, are dropped."""
        self._known = (frozenset(values), *self._known[1:])
        self.drop([labels for labels in self.series if labels[0] not in self._known[0] and labels[0] != OTHER])

    def drop(self, series: Collection[tuple[str, ...]]) -> None:
        """Forget these series."""
        for labels in series:
            self._children.pop(labels, None)
            self.metric.remove(*labels)

    @property
    def series(self) -> tuple[tuple[str, ...], ...]:
        """The label values there are series of."""
        return tuple(self._children)
