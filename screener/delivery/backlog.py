"""What the store has for the lanes: a slice of what is due, with its contents; the oldest mail of a route. Read in a thread.

Promises bounded answers. Which mail is left out, because it is in memory already, is said by the caller.
"""

import contextlib
from collections.abc import Set
from math import inf

from screener.delivery.carrying import fetch
from screener.delivery.lanes import Due, in_memory
from screener.frozen import dataclass
from screener.store.errors import MissingBody, StoreUnavailable
from screener.store.interface import Store

SLICE = 500  # recipients read at once
MAIL = 50  # recipients of a probe


@dataclass(frozen=True, slots=True)
class Slice:
    """What was read."""

    dues: list[Due]  # oldest first, one for each mail and route
    is_cut: bool  # more may be due
    next_due: float | None  # `Store.next_due`


class Backlog:
    """Reads from the store; may be called from any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self, now: float, closed: Set[str], claimed: Set[str], room: int) -> Slice:
        """What is due on routes not `closed` of mails not `claimed`; contents while they fit into `room` octets."""
        entries = self._store.due(now, SLICE, except_routes=closed, except_mails=claimed)
        by_mail: dict[tuple[str, str], Due] = {}
        for entry in entries:
            by_mail.setdefault((entry.mail_id, entry.route), Due(entry.mail_id, [])).entries.append(entry)
        for due in by_mail.values():
            if room > 0:
                with contextlib.suppress(MissingBody, StoreUnavailable):  # found out again, and told, when it is carried
                    due.stored, content = fetch(self._store, due.mail_id)
                    due.content = in_memory(content)
                    room -= due.octets
        return Slice(list(by_mail.values()), len(entries) == SLICE, self._store.next_due(now, closed))

    def oldest(self, route: str, other_routes: Set[str], others_than: Set[str]) -> Due | None:
        """The longest queued mail of a route besides these, due or not, as a probe."""
        entries = self._store.due(inf, MAIL, except_routes=other_routes, except_mails=others_than)
        ours = [entry for entry in entries if entry.route == route]
        if not ours:
            return None
        return Due(ours[0].mail_id, [entry for entry in ours if entry.mail_id == ours[0].mail_id], is_probe=True)

    def waiting(self) -> dict[str, int]:
        """How many recipients are queued, by route."""
        return {queue.route: queue.recipients for queue in self._store.counts().queues}
