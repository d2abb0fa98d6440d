"""The one thread that writes: whatever has gathered while the last commit ran is committed together (group commit).

Where several new mails were under way at the last commit, as many may gather for the next one, for some milliseconds at most: each
commit costs as much as several changes, and the threads hand Python's lock to each other for each. Once they are all there nobody
waits any longer, and who comes alone is not kept waiting at all. Where the event loop has no time to spare they gather for longer:
a commit would only take that time from it.

A future is resolved only after the commit's fsync returned. A disk that fails fails those futures (StoreUnavailable), and the
writer goes on with what comes next. What a change means is the store's.
"""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from enum import Enum, auto
from queue import Empty, SimpleQueue

from screener.store.changes import Change
from screener.store.errors import StoreUnavailable
from screener.store.interface import Store
from screener.store.records import Keep

Done = Callable[[Exception | None], None]

MAX_BATCH = 500  # changes in one transaction: bounds how long the first of them waits for the last
GATHER = 0.006  # seconds at most, and so many times over while the loop's thread computes for such a part of them
MOST_GATHERS = 4
BUSY = 0.5
MAX_OCTETS = 16 * 1024 * 1024  # of contents in one transaction: bounds the log


class Writer:
    """Submit from any thread."""

    def __init__(
        self,
        store: Store,
        *,
        announce: Callable[[Callable[[], None]], object] | None = None,
        on_commit: Callable[[int, float], None] | None = None,
    ) -> None:
        """`announce` is called once for each commit with a function that resolves all of its futures.

        An event loop's `call_soon_threadsafe` makes that one wake-up for the whole batch; without it they are resolved in the
        writer's thread. `on_commit` is called in the writer's thread with the number of changes and the seconds they took.
        """
        self._expected = 0  # as many new mails as were under way at the end of the last commit
        self._lacking = 0  # how many of them the next batch waits for
        self._complete = threading.Event()
        self._store = store
        self._announce = announce
        self._on_commit = on_commit
        self._submitted: SimpleQueue[tuple[Change, Done] | _Call] = SimpleQueue()
        self._patient: deque[tuple[Change, Done]] = deque()  # what goes with the next batch, and makes none by itself
        self._clock = time.pthread_getcpuclockid(threading.get_ident())  # CPU of the thread that makes this: the event loop's
        self._closing = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="store writer", daemon=True)
        self._thread.start()

    def submit(self, change: Change) -> "Future[None]":
        """A future that is resolved when the change is durable, or fails with a StoreError."""
        future: Future[None] = Future()

        def done(error: Exception | None) -> None:
            if not future.set_running_or_notify_cancel():
                return  # nobody waits any more; the change itself was made all the same
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)

        self.submit_then(change, done)
        return future

    def submit_then(self, change: Change, done: Done) -> None:
        """The same without a future: `done` is called with None, or the error. It must not raise."""
        with self._closing:
            if self._closed:
                raise StoreUnavailable("the store is being closed")
            self._submitted.put((change, done))
            if 0 < self._lacking <= self._submitted.qsize():
                self._lacking = 0
                self._complete.set()

    def submit_patiently(self, change: Change, done: Done) -> None:
        """The same for a change that nobody waits for: it is committed with the next that somebody does, or after `hurry`."""
        with self._closing:
            if self._closed:
                raise StoreUnavailable("the store is being closed")
            self._patient.append((change, done))

    def hurry(self) -> None:
        """Commit what was submitted patiently, now."""
        self._submitted.put(_Call.HURRY)

    def close(self) -> None:
        """Finish what was submitted, then stop. The store stays open."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._submitted.put(_Call.END)
                self._complete.set()
        self._thread.join()

    def _run(self) -> None:
        last = False
        while not last or self._patient:
            batch: list[tuple[Change, Done]] = []
            last = self._take_patient(batch) if last else self._gather(batch)
            if batch:
                self._commit(batch)

    def _gather(self, batch: list[tuple[Change, Done]]) -> bool:
        """Wait for one change and take all that are there; whether the end was reached."""
        submitted = self._submitted.get()
        self._wait_for(min(self._expected, MAX_BATCH) - 1)
        octets = 0
        while submitted is not _Call.END:
            if submitted is not _Call.HURRY:
                batch.append(submitted)
                octets += _octets(submitted[0])
                if len(batch) >= MAX_BATCH or octets >= MAX_OCTETS:
                    self._go_on()
                    return False
            try:
                submitted = self._submitted.get_nowait()
            except Empty:
                self._take_patient(batch)
                return False
        return self._take_patient(batch)

    def _wait_for(self, others: int) -> None:
        """Until so many are there, or the time is up, or nothing more can come."""
        with self._closing:
            if self._closed or self._submitted.qsize() >= others:
                return
            self._complete.clear()
            self._lacking = others
        for _ in range(MOST_GATHERS):
            used = self._used()
            if self._complete.wait(GATHER) or self._used() - used < BUSY * GATHER:
                break
        self._lacking = 0

    def _used(self) -> float:
        """Seconds of CPU of the event loop's thread."""
        with contextlib.suppress(OSError):  # it has ended
            return time.clock_gettime(self._clock)
        return 0.0

    def _take_patient(self, batch: list[tuple[Change, Done]]) -> bool:
        """Fill a batch up with what was submitted patiently; true, for who has reached the end."""
        while self._patient and len(batch) < MAX_BATCH:
            batch.append(self._patient.popleft())
        if len(batch) >= MAX_BATCH:
            self._go_on()
        return True

    def _go_on(self) -> None:
        """A batch is full: what was submitted patiently, and is not in it, goes with the next, also where no other mail comes."""
        if self._patient:
            self.hurry()

    def _commit(self, batch: list[tuple[Change, Done]]) -> None:
        started = time.perf_counter()
        results: list[Exception | None]
        try:
            results = self._store.apply([change for change, _ in batch])
        except Exception as error:  # noqa: BLE001 — `apply` does not raise; if it did, all who wait must hear of it
            results = [error] * len(batch)
        # Of other changes than new mails nobody waits for one.
        self._expected = sum(isinstance(change, Keep) for change, _ in batch) + self._submitted.qsize()
        if self._on_commit is not None:
            self._on_commit(len(batch), time.perf_counter() - started)

        def resolve() -> None:
            for (_, done), result in zip(batch, results, strict=True):
                done(result)

        if self._announce is None:
            resolve()
        else:
            self._announce(resolve)


class _Call(Enum):
    """What is said to the writer's thread beside changes."""

    HURRY = auto()
    END = auto()


def _octets(change: Change) -> int:
    """Octets of content that this change puts into the database."""
    return change.mail.content.size if isinstance(change, Keep) and not change.mail.content.path else 0
