"""What the store costs: CPU and rate of keeping and settling mail, and how long questions take over much history and a long queue.

    .venv/bin/python bench/store_scale.py [--history 1000000] [--queued 100000] [--held 10000] [--folder DIR]

Times are of one run on an otherwise idle machine; every question is asked several times and the slowest is shown.
"""

import argparse
import os
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from fakes.kept import NOON, kept

from screener.store.changes import Change, Flush
from screener.store.queries import Quota, Retention, SearchFor
from screener.store.records import Keep, Outcome, Settle, State
from screener.store.sqlite import SqliteStore
from screener.store.writer import Writer

FOREVER = Quota(1e12, 1 << 60)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--history", type=int, default=1_000_000)
    options.add_argument("--queued", type=int, default=100_000)
    options.add_argument("--held", type=int, default=10_000)
    options.add_argument("--folder", type=Path)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        measure(Path(folder) / "store", asked.history, asked.queued, asked.held)


def measure(folder: Path, history: int, queued: int, held: int) -> None:
    """Fill a store and ask it."""
    store = SqliteStore.open(folder, serving=True)
    rate(store, "empty store")
    tell(f"filling: {history} of history, {held} held, {queued} queued")
    sample = fill(store, history, State.QUEUED, settled=True)
    fill(store, held, State.HELD)
    fill(store, queued, State.QUEUED)
    tell(f"database {(folder / 'mail.db').stat().st_size / 1e6:.0f} MB")
    rate(store, "full store")
    now = NOON + 1e9
    busy = {f"B{number}" for number in range(500)}
    ask("trace by our id", lambda: [store.find(sample.mail.id), store.mail(sample.mail.id), store.entries(sample.mail.id)])
    ask("trace by Message-ID", lambda: store.find(sample.facts.message_id))
    ask("trace by the next hop's id", lambda: store.find(sample.mail.id[::-1]))
    ask("trace by an unknown id", lambda: store.find("<nobody@nowhere>"))
    ask("events", lambda: store.events(sample.mail.id))
    ask("hold list, 100", lambda: store.search(SearchFor(states=(State.HELD,))))
    ask("hold list, sender not found", lambda: store.search(SearchFor(states=(State.HELD,), sender="nobody@nowhere")))
    ask("queue list, 100", lambda: store.search(SearchFor(states=(State.QUEUED,))))
    ask("search of all history, not found", lambda: store.search(SearchFor(sender="nobody@nowhere")), times=1)
    ask("due, 500", lambda: store.due(now, 500))
    ask("due, 500 beside 500 under way", lambda: store.due(now, 500, except_mails=busy))
    ask("due, nothing", lambda: store.due(NOON - 1, 500))
    ask("next due", lambda: store.next_due(NOON))
    ask("counts", store.counts)
    ask("flush of 10,000", lambda: store.apply([Flush(NOON - 5e8, "anna")]), times=2)
    ask("expire, nothing to do", lambda: store.expire(NOON, Retention(FOREVER, FOREVER, FOREVER)))
    ask("expire, 1,000 of history", lambda: store.expire(NOON + 1e9, Retention(FOREVER, FOREVER, Quota(1, 1 << 60))))
    ask("check", store.check, times=1)
    store.close()
    (folder / "running").write_text("4711\n")
    ask("start after an unclean stop", lambda: SqliteStore.open(folder, serving=True).close(), times=1)
    ask("start", lambda: SqliteStore.open(folder, serving=True).close())
    tell(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def fill(store: SqliteStore, count: int, state: State, *, settled: bool = False) -> Keep:
    """So many mails of a recipient each; returns one from their middle."""
    sample = None
    for start in range(0, count, 1000):
        mails = [new_mail(state, NOON + start + number) for number in range(min(1000, count - start))]
        refuse(store.apply(mails))
        if settled:
            refuse(store.apply([delivered(mail) for mail in mails]))
        if sample is None or start <= count // 2:
            sample = mails[0]
    assert sample is not None
    return sample


def new_mail(state: State, at: float) -> Keep:
    """4 KB, with a Message-ID that sorts anywhere, as those of strangers do."""
    return kept(state, at=at, octets=os.urandom(4096), message_id=f"<{os.urandom(12).hex()}@mail.example.com>")


def refuse(results: list[Exception | None]) -> None:
    """Nothing measured may have failed."""
    for error in results:
        if error is not None:
            raise error


def delivered(mail: Keep) -> Settle:
    """The next hop took it."""
    mail_id = mail.mail.id
    remote_id = mail_id[::-1]
    outcome = Outcome(0, State.DELIVERED, f"250 2.0.0 Ok: queued as {remote_id}", "mx1.example.org", remote_id)
    return Settle(mail_id, mail.mail.received + 1, (outcome,))


def rate(store: SqliteStore, where: str, count: int = 20_000, submitters: int = 50) -> None:
    """Mails of 4 KB through the writer, so many at once."""
    mails = [new_mail(State.QUEUED, NOON) for _ in range(count)]
    flood(store, f"keep, {where}", iter(mails), count, submitters)
    flood(store, f"settle, {where}", (delivered(mail) for mail in mails), count, submitters)


def flood(store: SqliteStore, what: str, changes: Iterator[Change], count: int, submitters: int) -> None:
    """Keep so many changes waiting until all are made."""
    commits: list[int] = []  # how many changes each was of
    writer = Writer(store, on_commit=lambda size, _: commits.append(size))
    room = threading.Semaphore(submitters)
    errors: list[Exception] = []

    def done(error: Exception | None) -> None:
        if error is not None:
            errors.append(error)
        room.release()

    wall, cpu = time.perf_counter(), time.process_time()
    for change in changes:
        room.acquire()
        writer.submit_then(change, done)
    writer.close()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    refuse(list(errors))
    tell(f"{what:34} {count / wall:8.0f}/s {cpu / count * 1000:8.3f} ms CPU each, {count / len(commits):.0f} a commit")


def tell(line: str) -> None:
    """Print, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def ask(what: str, question: Callable[[], object], times: int = 5) -> None:
    """The slowest of several times."""
    slowest = 0.0
    for _ in range(times):
        started = time.perf_counter()
        question()
        slowest = max(slowest, time.perf_counter() - started)
    tell(f"{what:34} {slowest * 1000:8.1f} ms")


if __name__ == "__main__":
    main()
