"""What can be done to the store: each is one atomic change. `Keep` and `Settle` are the service's; the others are done by people.

`who` names the person and is recorded. `at` is now, in seconds since the epoch. `keys` are recipients' numbers within the mail.
A change that names a recipient in a state from which it leads nowhere fails whole with WrongState.
"""

from screener.frozen import dataclass
from screener.mail.envelope import Recipient
from screener.store.records import EventKind, Keep, Settle


@dataclass(frozen=True, slots=True)
class Release:
    """Held or dropped mail goes out: queued without screening again; its give-up time counts from now."""

    mail_id: str
    at: float
    who: str
    routes: tuple[tuple[int, str], ...]  # (key, route's name) of each recipient released
    note: str = ""


@dataclass(frozen=True, slots=True)
class Discard:
    """Queued, held or dropped mail is not wanted: nobody gets it, nobody is told."""

    mail_id: str
    at: float
    who: str
    keys: tuple[int, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Restore:
    """Dropped mail is put before people: dropped becomes held."""

    mail_id: str
    at: float
    who: str
    keys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Requeue:
    """Queued mail is tried at once. Its give-up time stays."""

    mail_id: str
    at: float
    who: str
    keys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Flush:
    """Everything queued for a route (or, with "", for every route) is due at once, but for those who were just tried.

    Whoever was tried at `tried_before` (None: `at`) or later keeps the time of the next attempt. At most `limit` recipients, oldest
    first, so that one change stays short: submit it again until nothing is left waiting, each time with the first one's
    `tried_before`, so that nobody is tried twice for it.
    Recorded in each mail's history when a person did it (`who`), not when a next hop came back by itself.
    """

    at: float
    who: str = ""
    route: str = ""
    limit: int = 10_000
    tried_before: float | None = None  # seconds since the epoch


@dataclass(frozen=True, slots=True)
class Redirect:
    """A person sends a queued, held or dropped recipient's copy to another address, with the edits of the first verdict."""

    mail_id: str
    at: float
    who: str
    key: int
    target: Recipient
    route: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """A person ends the attempts for queued recipients: failed, with the report to the sender, if any, that the caller composed."""

    mail_id: str
    at: float
    who: str
    keys: tuple[int, ...]
    reports: tuple[Keep, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A line for the history of a mail."""

    mail_id: str
    at: float
    who: str
    detail: str
    kind: EventKind = EventKind.NOTED
    key: int | None = None


@dataclass(frozen=True, slots=True)
class PauseRoute:
    """No attempts for this route until it is resumed; lasts over restarts."""

    route: str
    at: float
    who: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ResumeRoute:
    """Attempts for a paused route go on."""

    route: str
    at: float
    who: str


Change = Keep | Settle | Release | Discard | Restore | Requeue | Flush | Redirect | GiveUp | Note | PauseRoute | ResumeRoute
