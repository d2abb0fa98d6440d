"""What is asked of the store and what it answers, besides mail itself."""

from screener.frozen import dataclass
from screener.store.records import EventKind, State


@dataclass(frozen=True, slots=True)
class SearchFor:
    """Which recipients are wanted; empty fields ask nothing. Texts are parts, in any case; times are seconds since the epoch."""

    states: tuple[State, ...] = ()
    sender: str = ""
    recipient: str = ""
    subject: str = ""
    rule: str = ""  # the deciding rule's whole name
    route: str = ""  # the whole name
    undeliverable: bool = False  # only what was to go out, and lies in hold because it can be neither delivered nor reported
    older_than: float | None = None  # received before
    newer_than: float | None = None  # received at or after
    limit: int = 100


@dataclass(frozen=True, slots=True)
class QueueCount:
    """What waits for one route."""

    route: str
    recipients: int
    oldest: float  # when the oldest was queued


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """What lies in hold, or is kept aside after a drop."""

    recipients: int = 0
    mails: int = 0
    octets: int = 0  # of content, each mail once
    oldest: float | None = None  # since when the oldest lies there


@dataclass(frozen=True, slots=True)
class Counts:
    """How much lies where."""

    queues: tuple[QueueCount, ...]
    held: PlaceCount
    dropped: PlaceCount


@dataclass(frozen=True, slots=True)
class Quota:
    """How long and how much."""

    seconds: float
    octets: int


@dataclass(frozen=True, slots=True)
class Retention:
    """When kept things end. Queued mail is never touched.

    Held mail ends by age alone: its octets are what new mail is refused for (`held.HeldOctets`), and it never makes
    room by itself. Dropped mail and history end by age or, oldest first, when their octets are too many.
    """

    hold: Quota
    dropped: Quota
    history: Quota  # octets of the database without contents; counts from the last change of a mail


@dataclass(frozen=True, slots=True)
class Expired:
    """What `Store.expire` did."""

    held: int = 0  # recipients discarded
    dropped: int = 0  # recipients discarded
    history: int = 0  # mails forgotten
    more: bool = False  # the limit of one call was reached; call again


@dataclass(frozen=True, slots=True)
class Paused:
    """A route a person has paused."""

    route: str
    at: float
    who: str
    note: str


@dataclass(frozen=True, slots=True)
class RouteEvent:
    """A person paused or resumed a route."""

    route: str
    at: float
    kind: EventKind  # PAUSED or RESUMED
    who: str
    note: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What `Store.check` found; no problems: the store is sound."""

    mails: int
    recipients: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recovered:
    """What could be saved out of a damaged database."""

    kept_aside: str  # folder with the damaged files, as they were
    mails: int  # saved
    lost: tuple[str, ...]  # one line each, for people
    contents: int = 0  # files of contents kept aside there, which no saved mail needs
