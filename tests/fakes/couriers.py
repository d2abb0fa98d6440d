"""A courier to fake next hops, without a queue behind it."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fakes.delivering import QUICK, TRACE

from screener.config.hostport import HostPort
from screener.config.models import Route, Timeouts
from screener.delivery.courier import SmtpCourier
from screener.delivery.outcome import Answer, Parcel, Span
from screener.delivery.routes import NextHops
from screener.mail.address import NULL_SENDER, Address
from screener.mail.envelope import Recipient, Return
from screener.mail.mail import Octets

BODY = b"Subject: hello\r\n\r\nHello\r\n"


class Seen:
    """What a courier told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.open = 0
        self.most = 0
        self.unconverted = 0

    def next_hop_up(self, route: str, hop: HostPort) -> None:
        self.told.append(f"up {hop.port}")

    def next_hop_down(self, route: str, hop: HostPort, why: str) -> None:
        self.told.append(f"down {hop.port} {why}")

    def connections(self, route: str, count: int) -> None:
        self.open, self.most = count, max(self.most, count)

    def eight_bit_unconverted(self, route: str) -> None:
        self.unconverted += 1


class Carried:
    """A courier and who watches it."""

    def __init__(self, route: Route, timeouts: Timeouts = QUICK) -> None:
        self.seen = Seen()
        hops = NextHops(route.next_hops, 0.05, 0.2)
        self.courier = SmtpCourier("out", route, "screener.example.org", timeouts, self.seen, time.time, hops)

    async def send(self, *recipients: str | Recipient, content: Octets = BODY, **of: object) -> tuple[Answer, ...]:
        """One attempt."""
        return await self.courier.deliver(parcel(recipients or ("b@example.org",), content, **of))


@asynccontextmanager
async def courier_to(route: Route, timeouts: Timeouts = QUICK) -> AsyncIterator[Carried]:
    """A courier that takes leave at the end."""
    carried = Carried(route, timeouts)
    try:
        yield carried
    finally:
        await carried.courier.close()


def parcel(recipients: Sequence[str | Recipient], content: Octets = BODY, **of: object) -> Parcel:
    """A parcel; `of` are fields of it, `sender` as text."""
    to = tuple(one if isinstance(one, Recipient) else Recipient(Address.parse(one)) for one in recipients)
    sender = str(of.pop("sender", "sender@example.net"))
    ret = of.pop("ret", None)
    assert ret is None or isinstance(ret, Return)
    spans = (Span(TRACE, 0, len(TRACE)), Span(content, 0, len(content)))
    return Parcel(
        "0123456789ABCD",
        Address.parse(sender) if sender else NULL_SENDER,
        to,
        spans,
        sum(span.end - span.start for span in spans),
        eight_bit=bool(of.pop("eight_bit", False)),
        smtputf8=bool(of.pop("smtputf8", False)),
        utf8_header=bool(of.pop("utf8_header", False)),
        ret=ret,
        envid=str(of.pop("envid", "")),
    )
