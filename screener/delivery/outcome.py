"""What one attempt is given and what it answers: the parcel, and for each recipient an outcome with the words it was said in.

Values only. A parcel is one mail's copy for recipients of one route and the same edits; what an outcome means for the queue is
`settling`'s.
"""

from enum import StrEnum
from typing import NamedTuple

from screener.frozen import dataclass
from screener.mail.address import Address
from screener.mail.envelope import Recipient, Return
from screener.mail.mail import Readable
from screener.mail.reply import Reply


class Fate(StrEnum):
    """What one attempt did for one recipient."""

    DELIVERED = "delivered"
    DEFERRED = "deferred"  # 4yz, a time-out, a lost connection, anything not understood: try later
    FAILED = "failed"  # 5yz: report
    DOUBTFUL = "doubtful"  # the content was sent and the final reply was lost (RFC 1047): try later, and count it


class Span(NamedTuple):
    """Octets from `start` to before `end`: a part of a content without a copy of it."""

    octets: Readable
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """One mail's copy for some of its recipients, as it is to go out."""

    mail_id: str
    sender: Address
    recipients: tuple[Recipient, ...]
    spans: tuple[Span, ...]  # our trace field, added fields, content: in this order, octet for octet
    size: int  # octets of all spans
    eight_bit: bool = False  # declared BODY=8BITMIME, or 8-bit all the same
    smtputf8: bool = False  # declared SMTPUTF8
    utf8_header: bool = False  # declared SMTPUTF8 and its header has UTF-8: cannot go without
    ret: Return | None = None
    envid: str = ""  # xtext, as it came


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome for one recipient."""

    fate: Fate
    reply: Reply  # the next hop's, or one that we made
    next_hop: str = ""  # who it was that answered, or that did not
    remote_id: str = ""  # the next hop's own id of the mail
    heard: bool = True  # False: the reply is ours, no next hop said it
    tried: bool = True  # False: not even tried, because no next hop can be reached now
    passed_on: bool = False  # the next hop was given the DSN parameters and answers for them (RFC 3461 5.2.2)


def deferred(enhanced: str, text: str, next_hop: str = "", *, fate: Fate = Fate.DEFERRED, tried: bool = True) -> Answer:
    """An outcome for which no next hop gave us words."""
    return Answer(fate, Reply(451, enhanced, text), next_hop, heard=False, tried=tried)
