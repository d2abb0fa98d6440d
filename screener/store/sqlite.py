"""The store on SQLite: one database file, and a folder of big contents.

Promises what `interface.Store` says. One connection writes, another one reads, so that no question waits for an fsync; each is
used by one thread at a time. Changes are tried all in one transaction; only if one of them fails are they made again one by one,
each in a savepoint, so that the usual case pays nothing for the unusual one. When the disk is full, what is not new mail gets
the reserve.

The service opens with `serving=True`: it alone makes, upgrades and checks the store. The command line opens it as it is, also while
the service runs.
"""

import threading
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing
from pathlib import Path
from typing import Self
from zlib import crc32

from screener.mail.mail import Readable
from screener.store import placing, reading
from screener.store.backup import back_up
from screener.store.bodies import RESERVE, Bodies
from screener.store.changes import Change
from screener.store.connection import Connection, Row, connect, lengthen_log, translate, translated
from screener.store.errors import MissingBody, StoreDamaged, StoreError, StoreFull, StoreUnavailable
from screener.store.folders import DATABASE
from screener.store.opening import open_database
from screener.store.queries import Checked, Counts, Expired, Paused, Retention, RouteEvent, SearchFor
from screener.store.records import Entry, Event, Keep, State, Stored
from screener.store.retention import expire, look
from screener.store.rows import entry_of, event_of, stored_of
from screener.store.running import Running
from screener.store.soundness import check
from screener.store.transaction import Numbered, roll_back, transact
from screener.store.underway import UnderWay

_AMPLE = 1_073_741_824  # octets free on the disk, below which no room is made for what might come
_TO_OPEN = 1_048_576  # octets free on the disk, below which an error at opening is taken to be for want of room


class SqliteStore:
    """Made by `open`."""

    def __init__(self, folder: Path, writer: Connection, reader: Connection, bodies: Bodies, running: Running | None) -> None:
        """Connections to the same database; the reader knows `casefold`."""
        self.folder = folder
        self.bodies = bodies
        self._writer = writer
        self._reader = reader
        self._running = running
        self._under_way = None if running is None else UnderWay(folder)
        self.damage = ""  # what the last change met that found the database damaged: until `screener store recover` was run
        self.orphans: list[str] = []  # contents that this start found without a mail, and put aside
        self._writing = threading.Lock()
        self._reading = threading.Lock()
        self._data_version = 0
        self._closed = False

    @classmethod
    def open(cls, folder: Path, *, serving: bool = False, busy_seconds: float = 10.0, reserve: int = RESERVE) -> Self:
        """Open the store in `folder`.

        Raises StoreUnavailable (another service runs on it, the disk fails), StoreDamaged (saying what to do), StoreError (there
        is no store and `serving` is False; a newer version).
        """
        bodies = Bodies(folder, reserve)
        running: Running | None = None
        if serving:
            bodies.prepare()
            running = Running(folder)
        unclean = running is not None and running.unclean
        try:
            try:
                writer, reader = open_database(folder, serving=serving, unclean=unclean, busy_seconds=busy_seconds)
            except StoreUnavailable as error:
                if bodies.free() > _TO_OPEN or not (folder / DATABASE).exists():
                    raise
                if not bodies.give_up_reserve():
                    raise StoreFull(f"no space left on the disk that holds the store in {folder}: make room there") from error
                writer, reader = open_database(folder, serving=serving, unclean=unclean, busy_seconds=busy_seconds)
            store = cls(folder, writer, reader, bodies, running)
            if running is not None:
                bodies.restock()
                store.orphans = store.sweep()
                running.mark()
        except BaseException:
            if running is not None:
                running.leave()
            raise
        store.changed()
        return store

    def apply(self, changes: Sequence[Change]) -> list[Exception | None]:
        """See `interface.Store.apply`."""
        with self._writing:
            results: list[Exception | None] = [None] * len(changes)
            ready: list[Numbered] = []
            for at, change in enumerate(changes):
                try:
                    ready.append((at, placing.placed(change, self.bodies)))
                except StoreError as error:
                    results[at] = error
            unneeded: list[str] = []
            transact(self._writer, ready, results, unneeded)
            urgent = [(at, change) for at, change in ready if not isinstance(change, Keep) and isinstance(results[at], StoreFull)]
            if urgent and self._gave_up_reserve():
                for at, _ in urgent:
                    results[at] = None
                transact(self._writer, urgent, results, unneeded)
            unneeded += filter(None, (placing.file_left(change, changes[at], results[at]) for at, change in ready))
            self._remove(unneeded)
            for result in results:
                if isinstance(result, StoreDamaged):
                    self.damage = str(result)
        return results

    def attempt_begins(self, mail_id: str, keys: Sequence[int], *, early: bool = False) -> int:
        """See `interface.Store.attempt_begins`."""
        assert self._under_way is not None, "only the service makes attempts"
        return self._under_way.begins(mail_id, keys, early=early)

    def attempt_ended(self, attempt: int) -> None:
        """See `interface.Store.attempt_ended`."""
        assert self._under_way is not None, "only the service makes attempts"
        self._under_way.ended(attempt)

    def count_broken_off(self, now: float) -> dict[str, int]:
        """See `interface.Store.count_broken_off`."""
        assert self._running is not None and self._under_way is not None, "only the service makes attempts"
        with self._writing, translated:
            try:
                return self._under_way.count_broken_off(self._writer, now, self._running.unclean)
            except Exception as error:
                roll_back(self._writer)
                if not isinstance(translate(error), StoreFull) or not self._gave_up_reserve():
                    raise
                return self._under_way.count_broken_off(self._writer, now, self._running.unclean)

    def due(
        self,
        now: float,
        limit: int,
        *,
        except_routes: AbstractSet[str] = frozenset(),
        except_mails: AbstractSet[str] = frozenset(),
    ) -> list[Entry]:
        """See `interface.Store.due`."""
        with self._reading, translated:
            return [entry_of(row) for row in reading.due(self._reader, now, limit, except_routes, except_mails)]

    def next_due(self, now: float, except_routes: AbstractSet[str] = frozenset()) -> float | None:
        """See `interface.Store.next_due`."""
        with self._reading, translated:
            times = [next_attempt for route, next_attempt in reading.routes(self._reader) if route not in except_routes]
        return max(now, min(times)) if times else None

    def mail(self, mail_id: str) -> Stored | None:
        """See `interface.Store.mail`."""
        with self._reading, translated:
            row = reading.mail(self._reader, mail_id)
        return None if row is None else self._stored(row)

    def content(self, mail_id: str) -> Readable:
        """See `interface.Store.content`."""
        with self._reading, translated:
            row = reading.body(self._reader, mail_id)
        if row is None:
            raise MissingBody(f"there is no mail {mail_id[:60]!r}")
        size, crc, in_file, octets = row
        assert isinstance(size, int)
        if in_file:
            with translated:
                return self.bodies.read(mail_id, size)
        if not isinstance(octets, bytes):
            raise MissingBody(f"the content of mail {mail_id} was given up when its last recipient no longer needed it")
        if len(octets) != size or crc32(octets) != crc:
            raise MissingBody(f"the content of mail {mail_id} is not what was received: the disk has changed it")
        return octets

    def entries(self, mail_id: str) -> list[Entry]:
        """See `interface.Store.entries`."""
        with self._reading, translated:
            return [entry_of(row) for row in reading.entries(self._reader, mail_id)]

    def events(self, mail_id: str) -> list[Event]:
        """See `interface.Store.events`."""
        with self._reading, translated:
            return [event_of(row) for row in reading.events(self._reader, mail_id)]

    def search(self, wanted: SearchFor) -> list[tuple[Stored, Entry]]:
        """See `interface.Store.search`."""
        with self._reading, translated:
            found = reading.search(self._reader, wanted)
        return [(self._stored(mail), entry_of(entry)) for mail, entry in found]

    def find(self, any_id: str) -> list[str]:
        """See `interface.Store.find`."""
        with self._reading, translated:
            return reading.find(self._reader, any_id)

    def counts(self) -> Counts:
        """See `interface.Store.counts`."""
        with translated, closing(connect(self.folder / DATABASE)) as asking:  # with a long queue this takes its time
            return reading.counts(asking)

    def held_octets(self) -> int:
        """See `interface.Store.held_octets`."""
        with translated, closing(connect(self.folder / DATABASE)) as asking:
            return reading.octets(asking, State.HELD)

    def paused(self) -> list[Paused]:
        """See `interface.Store.paused`."""
        with self._reading, translated:
            return reading.paused(self._reader)

    def route_events(self, route: str, limit: int) -> list[RouteEvent]:
        """See `interface.Store.route_events`."""
        with self._reading, translated:
            return reading.route_events(self._reader, route, limit)

    def expire(self, now: float, retention: Retention, limit: int = 1_000) -> Expired:
        """See `interface.Store.expire`."""
        with translated, closing(connect(self.folder / DATABASE)) as asking:
            due = look(asking, now, retention, limit)
        with self._writing, translated:
            unneeded: list[str] = []
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                expired = expire(self._writer, now, due, unneeded)
                self._writer.execute("COMMIT")
            except BaseException:
                roll_back(self._writer)
                raise
            self._remove(unneeded)
            self.bodies.forget_orphans(now - retention.hold.seconds)
            self.bodies.restock()
        return expired

    def check(self) -> Checked:
        """See `interface.Store.check`."""
        return check(self.folder / DATABASE, self.bodies)

    def backup(self, folder: Path) -> tuple[str, ...]:
        """See `interface.Store.backup`."""
        return back_up(self.folder / DATABASE, self.bodies, folder)

    def changed(self) -> int:
        """See `interface.Store.changed`. While this process is writing it answers what it last knew."""
        if self._writing.acquire(blocking=False):
            try:
                with translated:
                    found = self._writer.pragma("data_version")
                if isinstance(found, int):
                    self._data_version = found
            finally:
                self._writing.release()
        return self._data_version

    def lengthen_log(self) -> None:
        """Make the log as long as it gets, where there is ample room; only the service, at its start."""
        with self._writing, translated:
            if self.bodies.free() >= _AMPLE:
                lengthen_log(self.folder / DATABASE)

    def sweep(self) -> list[str]:
        """Put body files aside that no row needs; returns their ids. Only the service, and only before it receives mail."""
        with self._reading, translated:
            needed = {str(mail_id) for (mail_id,) in self._reader.execute("SELECT id FROM mail WHERE body_file = 1").fetchall()}
        return self.bodies.sweep(needed)

    def close(self) -> None:
        """See `interface.Store.close`."""
        with self._writing, self._reading:
            if self._closed:
                return
            self._closed = True
            with translated:
                self._reader.close()
                self._writer.close()
            if self._running is not None:
                self._running.clear()
            if self._under_way is not None:
                self._under_way.close()

    def _gave_up_reserve(self) -> bool:
        try:
            return self.bodies.give_up_reserve()
        except StoreUnavailable:
            return False

    def _remove(self, mail_ids: list[str]) -> None:
        """Remove contents after the commit. What cannot be removed now is an orphan and put aside at the next start."""
        try:
            self.bodies.remove(mail_ids)
        except StoreUnavailable:
            return

    def _stored(self, row: Row) -> Stored:
        mail_id, in_file = row[1], row[4]
        return stored_of(row, str(self.bodies.path(str(mail_id))) if in_file else "")
