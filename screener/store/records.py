"""What is written to the store and read from it: mail as it is kept, attempts as they are settled, entries, events.

Frozen values only. A recipient is named by its mail's id and its `key`: its number within that mail, from 0, in the order of
`Keep.recipients`. So whoever submitted a `Keep` knows, the moment it is committed, what `Store.due` would return for it
(`Keep.entries`), and delivery can begin without reading anything back.
"""

from dataclasses import replace
from enum import StrEnum

from screener.frozen import dataclass
from screener.mail.envelope import Envelope, Recipient
from screener.mail.mail import Mail
from screener.mail.verdict import Facts, Verdict


class State(StrEnum):
    """Where a recipient's copy is. Every accepted recipient is in exactly one of these, durably."""

    QUEUED = "queued"  # waits for its next attempt
    HELD = "held"  # waits for a person
    DROPPED = "dropped"  # kept aside, restorable, until its retention ends
    DELIVERED = "delivered"  # the next hop said 250
    FAILED = "failed"  # given up, and reported where the sender may be told
    REDIRECTED = "redirected"  # another recipient of the same mail stands in its place
    DISCARDED = "discarded"  # by a named person, or by the retention of held and dropped mail
    REJECTED = "rejected"  # history only: refused before the 250

    @property
    def needs_content(self) -> bool:
        """Whether the content may still be asked for: queued, held, dropped."""
        return self in _LIVE


_LIVE = frozenset({State.QUEUED, State.HELD, State.DROPPED})


@dataclass(frozen=True, slots=True)
class NewRecipient:
    """One recipient at the moment its mail is kept."""

    recipient: Recipient
    state: State
    verdict: Verdict
    route: str = ""  # the route's name; "" unless queued
    next_attempt: float | None = None  # seconds since the epoch; None: at once. Only of meaning when queued


@dataclass(frozen=True, slots=True)
class Keep:
    """Keep a mail with the fate of each recipient.

    A redirect is two recipients: the original one REDIRECTED, and its target QUEUED.
    """

    mail: Mail
    facts: Facts
    ruleset: str
    recipients: tuple[NewRecipient, ...]
    report_for: str = ""  # id of the mail a report (DSN) is about

    @property
    def needs_content(self) -> bool:
        """Whether any recipient needs the content after this."""
        return any(new.state in _LIVE for new in self.recipients)

    def entries(self) -> tuple["Entry", ...]:
        """What `Store.entries` returns once this is committed."""
        mail_id, received = self.mail.id, self.mail.received
        return tuple(
            Entry(
                key=key,
                mail_id=mail_id,
                recipient=new.recipient,
                state=new.state,
                verdict=new.verdict,
                route=new.route,
                received=received,
                queued=received,
                next_attempt=(received if new.next_attempt is None else new.next_attempt) if new.state is State.QUEUED else None,
                changed=received,
            )
            for key, new in enumerate(self.recipients)
        )

    def stored(self) -> "Stored":
        """What `Store.mail` returns once this is committed."""
        mail = self.mail
        return Stored(
            id=mail.id,
            received=mail.received,
            envelope=replace(mail.envelope, recipients=()),
            trace=mail.trace,
            facts=self.facts,
            size=mail.content.size,
            ruleset=self.ruleset,
            body_path=mail.content.path if self.needs_content else "",
            report_for=self.report_for,
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One recipient of one mail, as it stands. Times are seconds since the epoch."""

    key: int  # its number within the mail
    mail_id: str
    recipient: Recipient
    state: State
    verdict: Verdict
    route: str
    received: float
    queued: float  # when it was last put into the queue: give-up time counts from here
    attempts: int = 0
    next_attempt: float | None = None
    delay_noticed: bool = False  # the sender was told of the delay
    reply: str = ""  # the last reply of a next hop, or why there was none
    next_hop: str = ""
    remote_id: str = ""  # the next hop's own id of the mail
    changed: float = 0.0
    doubtful: int = 0  # attempts whose final reply was lost: each may have left an extra copy


@dataclass(frozen=True, slots=True)
class Stored:
    """One mail without its recipients and its content."""

    id: str
    received: float
    envelope: Envelope  # its `recipients` are empty: see `Store.entries`
    trace: bytes
    facts: Facts
    size: int  # octets of the content
    ruleset: str
    body_path: str = ""  # the file of a big body; "" when it lies in the database, or is not needed any more
    report_for: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one attempt did for one recipient."""

    key: int
    state: State  # QUEUED: try again later. DELIVERED. FAILED. HELD: undeliverable, and not to be reported
    reply: str = ""
    next_hop: str = ""
    remote_id: str = ""
    next_attempt: float | None = None  # with QUEUED; None: at once
    delay_noticed: bool = False
    doubtful: bool = False  # the content was sent and the final reply was lost


@dataclass(frozen=True, slots=True)
class Settle:
    """One attempt's results for recipients of one mail, with the reports they cause, in one transaction.

    A next hop's 250 is the truth whatever a person did meanwhile: DELIVERED is written from every state. Every other outcome
    applies only to what is still queued, and is otherwise no more than an event.
    """

    mail_id: str
    at: float
    outcomes: tuple[Outcome, ...]
    reports: tuple[Keep, ...] = ()


class EventKind(StrEnum):
    """What the history knows. `trace` shows them in order."""

    RECEIVED = "received"
    DELIVERED = "delivered"
    DEFERRED = "deferred"
    FAILED = "failed"
    HELD = "held"
    REPORTED = "reported"
    DELAY_NOTICED = "delay-noticed"
    DOUBTFUL = "doubtful"
    LATE = "late"  # an attempt's outcome for a recipient that was no longer queued
    RELEASED = "released"
    DISCARDED = "discarded"
    RESTORED = "restored"
    REQUEUED = "requeued"
    REDIRECTED = "redirected"
    GIVEN_UP = "given-up"
    EXPIRED = "expired"
    LOST = "lost"  # `screener store recover` could not save it
    NOTED = "noted"
    PAUSED = "paused"  # a route
    RESUMED = "resumed"  # a route


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a mail's history."""

    at: float
    mail_id: str
    key: int | None  # the recipient's number; None: the whole mail
    kind: EventKind
    who: str = ""  # the person; "" when Screener did it by itself
    detail: str = ""
