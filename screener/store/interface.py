"""The store as everyone above knows it. Synchronous; one contract suite holds every implementation to this.

Every change is atomic and durable when `apply` returns. Every accepted recipient is at all times in exactly one state. Calls may
come from any thread. Nothing here knows time, settings or counters: they come as arguments.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Protocol

from screener.mail.mail import Readable
from screener.store.changes import Change
from screener.store.queries import Checked, Counts, Expired, Paused, Retention, RouteEvent, SearchFor
from screener.store.records import Entry, Event, Stored


class Store(Protocol):
    """Where mail lies. Methods that read raise StoreUnavailable or StoreDamaged when the store cannot be read."""

    def apply(self, changes: Sequence[Change]) -> list[Exception | None]:
        """Make changes in one transaction, each by itself: one that fails leaves nothing and does not harm the others.

        Returns, in their order, None for what is now durable, else the error: StoreRefused and its kinds for a change that can
        never be made, StoreUnavailable when the disk or the database failed. Does not raise. Changes of one call are taken to be
        concurrent: all `Keep` are made first, then all `Settle`, then the others in their order.
        """
        ...

    def attempt_begins(self, mail_id: str, keys: Sequence[int], *, early: bool = False) -> int:
        """An attempt for these recipients, `early` before it is due, may leave a copy from now on; returns a number for
        `attempt_ended`.

        Should this process end before that, whatever ends it, the next one finds it by `count_broken_off`.
        """
        ...

    def attempt_ended(self, attempt: int) -> None:
        """What came of the attempt is durable, or it was none."""
        ...

    def count_broken_off(self, now: float) -> dict[str, int]:
        """Count as doubtful the attempts that the last service broke off; returns how many recipients, by route.

        Once, before the first attempt. After a power cut every recipient whose attempt was due counts.
        """
        ...

    def due(
        self,
        now: float,
        limit: int,
        *,
        except_routes: AbstractSet[str] = frozenset(),
        except_mails: AbstractSet[str] = frozenset(),
    ) -> list[Entry]:
        """Queued recipients whose next attempt is due, the longest queued first."""
        ...

    def next_due(self, now: float, except_routes: AbstractSet[str] = frozenset()) -> float | None:
        """When the next attempt after `now` is due, or `now` if something is due already; None: nothing is queued there."""
        ...

    def mail(self, mail_id: str) -> Stored | None:
        """One mail without its recipients and content."""
        ...

    def content(self, mail_id: str) -> Readable:
        """The content as it came; raises MissingBody when it is gone or not whole."""
        ...

    def entries(self, mail_id: str) -> list[Entry]:
        """All recipients of a mail, in order of their keys; empty when there is no such mail."""
        ...

    def events(self, mail_id: str) -> list[Event]:
        """The history of a mail, in the order it happened."""
        ...

    def search(self, wanted: SearchFor) -> list[tuple[Stored, Entry]]:
        """Recipients that fit, newest mail first, at most `wanted.limit`."""
        ...

    def find(self, any_id: str) -> list[str]:
        """Our ids of the mails known by this: our id, a Message-ID (with or without <>), the front relay's or the next hop's id."""
        ...

    def counts(self) -> Counts:
        """How much lies where."""
        ...

    def held_octets(self) -> int:
        """Octets of the contents of held mail, each mail once."""
        ...

    def paused(self) -> list[Paused]:
        """The routes that people have paused."""
        ...

    def route_events(self, route: str, limit: int) -> list[RouteEvent]:
        """Who paused and resumed a route, or ("") any of them: the latest first, at most `limit`."""
        ...

    def expire(self, now: float, retention: Retention, limit: int = 1_000) -> Expired:
        """End what is older or more than it may be, at most `limit` of each kind in one short transaction; see `Expired.more`."""
        ...

    def changed(self) -> int:
        """A number that is another one after another process changed the store. Never waits."""
        ...

    def check(self) -> Checked:
        """Read everything and hold it against itself."""
        ...

    def backup(self, folder: Path) -> tuple[str, ...]:
        """A consistent copy of everything into a folder that does not exist yet, while the service runs.

        Returns a line for each mail whose content is gone or cannot be read: all the rest is in the copy.
        """
        ...

    def close(self) -> None:
        """Finish. Nothing that was applied is lost without it."""
        ...
