"""The envelope of a mail: client, sender, recipients and the parameters they came with (RFC 5321 2.3.1, 4.1.1).

Frozen values only; parsing is `smtp.grammar`'s, permission is `smtp.access`'s.
"""

from enum import StrEnum

from screener.frozen import dataclass
from screener.mail.address import Address


class Body(StrEnum):
    """The BODY parameter of MAIL (RFC 6152)."""

    SEVEN_BIT = "7BIT"
    EIGHT_BIT = "8BITMIME"


class Notify(StrEnum):
    """What a sender wants to hear of a recipient (RFC 3461 4.1). No value at all means FAILURE and DELAY at our choice."""

    NEVER = "NEVER"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    DELAY = "DELAY"


class Return(StrEnum):
    """How much of the content a report should carry (RFC 3461 4.3)."""

    FULL = "FULL"
    HEADERS = "HDRS"


@dataclass(frozen=True, slots=True)
class Client:
    """Who connected, or, behind a trusted front relay, who connected there (XCLIENT, XFORWARD)."""

    address: str  # IP address as text, IPv6 compressed, never with brackets; "" only for `screener screen` without --client
    port: int = 0
    name: str = ""  # verified host name by XCLIENT or XFORWARD of a trusted front relay; "" when not known
    helo: str = ""
    protocol: str = "ESMTP"  # for the Received field's WITH clause (RFC 3848): SMTP, ESMTP, ESMTPS, ESMTPA, ESMTPSA, UTF8SMTP…
    authenticated: str = ""  # the user name AUTH proved, else ""
    tls: str = ""  # "TLSv1.3 TLS_AES_256_GCM_SHA384", else ""
    listener: str = ""  # the listener's name in the configuration
    front: str = ""  # the trusted front relay's IP address, when the client above is known only by its word
    front_id: str = ""  # the front relay's own id of this mail (XFORWARD IDENT)


@dataclass(frozen=True, slots=True)
class Recipient:
    """One RCPT with its parameters."""

    address: Address
    notify: frozenset[Notify] = frozenset()
    orcpt: str = ""  # as it came, "rfc822;user+40example.org" (RFC 3461 4.2), "" if none


@dataclass(frozen=True, slots=True)
class Envelope:
    """One mail transaction's MAIL and RCPT commands."""

    client: Client
    sender: Address
    recipients: tuple[Recipient, ...]
    body: Body = Body.SEVEN_BIT
    smtputf8: bool = False
    declared_size: int | None = None  # octets, the SIZE parameter (RFC 1870)
    ret: Return | None = None
    envid: str = ""  # xtext as it came (RFC 3461 4.4)
