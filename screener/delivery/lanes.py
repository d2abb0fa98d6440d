"""What waits in memory: for each route a lane of mails that are due, oldest first, and who is carrying them.

Memory only; the store has all of it. What is here is claimed: it is not read from the store again before it is settled.
"""

from collections import deque
from dataclasses import dataclass, field

from screener.delivery.courier import Courier, SmtpCourier
from screener.mail.mail import Readable
from screener.store.records import Entry, Stored

FULL = 1000  # mails waiting in a lane: beyond it they stay in the store
LOW = 250  # mails waiting below which more are read
MAX_OCTETS = 67_108_864  # octets of contents kept in memory between commit and attempt; beyond it they are read back


@dataclass(slots=True)
class Due:
    """One mail's recipients that are due on one route."""

    mail_id: str
    entries: list[Entry]
    stored: Stored | None = None  # None: to be read when its turn comes
    content: bytes | None = None  # None: the same, or in a file
    is_probe: bool = False  # not due by itself: it finds out whether a next hop is back

    @property
    def octets(self) -> int:
        """What it takes in memory."""
        return 0 if self.content is None else len(self.content)


def in_memory(content: Readable) -> bytes | None:
    """A content that may wait in memory; a mapped file is mapped again when its turn comes, because each takes a descriptor."""
    return content if isinstance(content, bytes) else None


@dataclass(slots=True)
class Lane:
    """One route's waiting mail."""

    name: str
    courier: Courier
    limit: int  # mails carried at once
    waiting: deque[Due] = field(default_factory=deque)
    running: int = 0
    is_paused: bool = False
    is_behind: bool = False  # the store may have more that is due
    to_flush: bool = False  # mail may be waiting only because no next hop answered
    probed: set[str] = field(default_factory=set)  # mails that have been probes since the next hops went down
    probe_at: float = 0.0

    @property
    def is_full(self) -> bool:
        """Whether it takes no more."""
        return len(self.waiting) >= FULL

    @property
    def smtp(self) -> SmtpCourier | None:
        """Its courier, where there are next hops to lose."""
        return self.courier if isinstance(self.courier, SmtpCourier) else None


class Claims:
    """Which mails are in memory or being written down, in how many parts, and what they take."""

    def __init__(self) -> None:
        self.octets = 0  # of contents in memory
        self._parts: dict[str, int] = {}
        self._cut: set[str] = set()
        self._ended: set[str] | None = None

    def __len__(self) -> int:
        return len(self._parts)

    @property
    def mails(self) -> frozenset[str]:
        """Their ids."""
        return frozenset(self._parts)

    def __contains__(self, mail_id: str) -> bool:
        return mail_id in self._parts

    def hold(self, mail_id: str) -> None:
        """One more part of it is in memory, or on its way to the disk."""
        self._parts[mail_id] = self._parts.get(mail_id, 0) + 1

    def release(self, mail_id: str) -> bool:
        """One part is done with; returns whether that was the last, and the store may have more of this mail that is due."""
        left = self._parts[mail_id] - 1
        if left:
            self._parts[mail_id] = left
            return False
        del self._parts[mail_id]
        if self._ended is not None:
            self._ended.add(mail_id)
        if mail_id in self._cut:
            self._cut.discard(mail_id)
            return True
        return False

    def cut(self, mail_id: str) -> None:
        """Only some of its recipients were read."""
        self._cut.add(mail_id)

    def begin_reading(self) -> frozenset[str]:
        """The mails to leave out; from now until `end_reading` those that end are remembered."""
        self._ended = set()
        return self.mails

    def end_reading(self) -> set[str]:
        """The mails that ended meanwhile: what was read of them is old."""
        ended, self._ended = self._ended or set(), None
        return ended
