"""What all sessions of one listener share: settings, the rooms behind, the replies that never change."""

import asyncio
import ssl
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from screener.config.models import Config, Listener
from screener.frozen import dataclass
from screener.mail.address import Address
from screener.mail.envelope import Client
from screener.mail.mail import Mail
from screener.mail.reply import Reply
from screener.smtp.access import Access
from screener.smtp.connections import Connections
from screener.smtp.receiving import BodyFiles
from screener.smtp.xclient import XCLIENT, XFORWARD

if TYPE_CHECKING:
    from screener.smtp.session import Session


class Intake(BodyFiles, Protocol):
    """What becomes of mail, as far as this room knows it."""

    def ready(self) -> Reply | None: ...

    def refuse_recipient(self, client: Client, sender: Address, recipient: Address, /) -> Reply | None: ...

    def new_id(self) -> str: ...

    async def take(self, mail: Mail, /) -> Reply: ...


class Counting(Protocol):
    """The metrics of this room."""

    def connection(self, listener: str, result: str) -> None: ...

    def connections_in(self, listener: str, count: int) -> None: ...

    def refusal(self, listener: str, reason: str) -> None: ...


class Known(Protocol):
    """Where a session that has begun is known until it has ended."""

    def begun(self, session: "Session", /) -> None: ...

    def ended(self, session: "Session", /) -> None: ...

    @property
    def stopping(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Entrance:
    """One listener and what lies behind it."""

    config: Config
    listener: Listener
    intake: Intake
    access: Access
    metrics: Counting
    connections: Connections
    clock: Callable[[], float]
    loop: asyncio.AbstractEventLoop
    tls: ssl.SSLContext | None
    sessions: Known
    drain: int  # octets beyond the size limit that are read on, to find the end of the data

    @property
    def greeting(self) -> Reply:
        """The first word."""
        return Reply(220, "", f"{self.config.hostname} ESMTP Screener")

    def keywords(self, *, secure: bool, front: bool) -> Reply:
        """The answer to EHLO."""
        starttls = self.tls is not None and not secure
        return _keywords(self.config.hostname, self.config.limits.message_size, starttls=starttls, front=front)


@lru_cache(maxsize=64)
def _keywords(hostname: str, size: int, *, starttls: bool, front: bool) -> Reply:
    """What is honoured, and nothing else."""
    keywords = [hostname, "PIPELINING", f"SIZE {size}", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "DSN"]
    if starttls:
        keywords.append("STARTTLS")
    if front:
        keywords += [f"XCLIENT {' '.join(XCLIENT)}", f"XFORWARD {' '.join(XFORWARD)}"]
    return Reply(250, "", "\n".join(keywords))
