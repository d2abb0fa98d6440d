"""A store with a queue: mails of 4 KB that wait, each with its number in a field of its own, the lowest queued first."""

from collections.abc import Callable
from pathlib import Path

from fakes.kept import kept

from bench.letters import letter
from bench.order_sink import FIELD
from screener.store.changes import PauseRoute
from screener.store.folders import RUNNING
from screener.store.records import Keep, State
from screener.store.sqlite import SqliteStore

AT_ONCE = 1000  # in a transaction
STEP = 0.001  # seconds between one and the next


def queue(folder: Path, count: int, now: float, *, route: str = "inside") -> None:
    """Make a store whose service was killed, with so many mails due for an hour."""
    fill(folder, lambda store: put(store, count, now - 3600, State.QUEUED, route))
    (folder / RUNNING).write_text("4711\n", encoding="ascii")


def queue_paused(folder: Path, count: int, now: float, route: str) -> None:
    """Make a store with a queue that nobody works at, because its route is paused."""

    def work(store: SqliteStore) -> None:
        put(store, count, now - 3600, State.QUEUED, route)
        refuse(store.apply([PauseRoute(route, now, "bench")]))

    fill(folder, work)


def fill(folder: Path, work: Callable[[SqliteStore], None]) -> None:
    """Open it, work, close it as it should be."""
    store = SqliteStore.open(folder, serving=True)
    try:
        work(store)
    finally:
        store.close()


def put(store: SqliteStore, count: int, begun: float, state: State, route: str = "inside") -> None:
    """So many mails of one recipient each."""
    head, _, rest = letter("S").replace(b"\n", b"\r\n").partition(b"Subject:")
    for start in range(0, count, AT_ONCE):
        mails: list[Keep] = []
        for number in range(start, min(start + AT_ONCE, count)):
            octets = b"%s%s: %d\r\nSubject:%s" % (head, FIELD.encode("ascii"), number, rest)
            mails.append(kept(state, at=begun + number * STEP, octets=octets, route=route))
        refuse(store.apply(mails))


def refuse(results: list[Exception | None]) -> None:
    """Nothing that is to be measured may have failed."""
    for error in results:
        if error is not None:
            raise error
