"""Delivery with real parts around it: a store on disk, its writer, couriers on sockets. Only the clock may be set."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypedDict, Unpack

from fakes.waiting import eventually

from screener.config.hostport import HostPort
from screener.config.models import Config, Domain, Listener, Retry, Route, RouteTls, Timeouts
from screener.delivery.queue import Delivery
from screener.mail.address import NULL_SENDER, Address
from screener.mail.envelope import Body, Client, Envelope, Notify, Recipient, Return
from screener.mail.ids import new_mail_id
from screener.mail.mail import Content, Mail
from screener.mail.verdict import Edits, Facts, Verdict
from screener.metrics.figures import Metrics
from screener.metrics.labels import Known
from screener.store.records import Entry, Keep, NewRecipient, State
from screener.store.sqlite import SqliteStore
from screener.store.writer import Writer

CLIENT = Client("192.0.2.99", helo="client.example.net", listener="inbound")
TRACE = b"Received: from client.example.net ([192.0.2.99])\r\n\tby hop.example.net with ESMTP; now\r\n"
TEXT = b"From: a@example.net\r\nSubject: hello\r\nMessage-ID: <m1@example.net>\r\n\r\nHello\r\n"
QUICK = Timeouts(connect=5.0, greeting=5.0, mail=5.0, rcpt=5.0, data=5.0, block=5.0, final=5.0)


class Clock:
    """Real time, and what is added to it."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


def route_to(*ports: int, tls: RouteTls = RouteTls.NONE, **settings: object) -> Route:
    """A route to next hops on 127.0.0.1."""
    return Route.model_validate({"next_hops": tuple(HostPort("127.0.0.1", port) for port in ports), "tls": tls, **settings})


def settings(
    routes: dict[str, Route],
    *,
    domains: dict[str, str] | None = None,
    default_route: str | None = None,
    timeouts: Timeouts = QUICK,
    retry: Retry | None = None,
) -> Config:
    """A configuration; example.org goes by the first route unless `domains` says otherwise."""
    first = next(iter(routes))
    return Config(
        hostname="screener.example.org",
        listeners=(Listener(name="inbound", port=0),),
        domains={name: Domain(route=route) for name, route in (domains or {"example.org": first}).items()},
        routes=routes,
        default_route=default_route,
        timeouts=timeouts,
        retry=retry or Retry(),
    )


class Details(TypedDict, total=False):
    """What a mail may have besides its recipients."""

    content: bytes
    sender: str
    edits: Sequence[Edits]
    body: Body
    smtputf8: bool
    ret: Return | None
    envid: str
    queued: float  # received then
    route: str  # instead of the domain's
    next_attempt: float


class Hub:
    """A running Delivery and its store."""

    def __init__(self, config: Config, folder: Path, clock: Clock) -> None:
        self.config, self.clock = config, clock
        self.store = SqliteStore.open(folder, serving=True, reserve=1024)
        self.writer = Writer(self.store, announce=asyncio.get_running_loop().call_soon_threadsafe)
        hops = {name: tuple(map(str, route.next_hops)) or ("maildir",) for name, route in config.routes.items()}
        self.metrics = Metrics(Known(listeners=("inbound",), next_hops=hops))
        self.delivery = Delivery(config, self.store, self.writer, self.metrics, clock=clock, probe_pauses=(0.05, 0.2))

    async def keep(self, *recipients: str | Recipient, offer: bool = False, **of: Unpack[Details]) -> str:
        """Put a mail into the store, as intake does; returns its id."""
        to = [one if isinstance(one, Recipient) else rcpt(one) for one in recipients]
        keep = make_keep(self.config, to, self.clock(), **of)
        await asyncio.wrap_future(self.writer.submit(keep))
        if offer:
            self.delivery.offer(keep)
        else:
            self.delivery.wake()
        return keep.mail.id

    def entry(self, mail_id: str, key: int = 0) -> Entry:
        """How a recipient stands."""
        return self.store.entries(mail_id)[key]

    async def until_state(self, mail_id: str, *states: State) -> list[Entry]:
        """Until every recipient is in the state given for it, or all in the one state given."""
        wanted = [*states]

        def there() -> bool:
            found = [entry.state for entry in self.store.entries(mail_id)]
            return found == (wanted if len(wanted) == len(found) else wanted * len(found))

        try:
            await eventually(there)
        except AssertionError:
            found = [(entry.state, entry.reply) for entry in self.store.entries(mail_id)]
            raise AssertionError(f"{mail_id} is {found}, not {wanted}") from None
        return self.store.entries(mail_id)

    async def until_attempts(self, mail_id: str, attempts: int, key: int = 0) -> Entry:
        """Until so many attempts are written down."""
        await eventually(lambda: self.entry(mail_id, key).attempts >= attempts, f"{attempts} attempts for {mail_id}")
        return self.entry(mail_id, key)

    def reports(self) -> list[tuple[str, bytes]]:
        """Id and content of the reports that are queued, oldest first."""
        found = [entry for entry in self.store.due(self.clock() + 1e9, 1000) if self.stored_report(entry.mail_id)]
        return [(entry.mail_id, self.store.content(entry.mail_id)[:]) for entry in found]

    def stored_report(self, mail_id: str) -> bool:
        """Whether a mail is a report of ours."""
        stored = self.store.mail(mail_id)
        return stored is not None and bool(stored.report_for)

    def metric(self, name: str, **labels: str) -> float:
        """A sample's value, 0 when there is none."""
        return self.metrics.registry.get_sample_value(name, labels) or 0.0


@asynccontextmanager
async def delivering(config: Config, folder: Path, *, clock: Clock | None = None, grace: float = 5.0) -> AsyncIterator[Hub]:
    """A Delivery that runs within the block."""
    hub = Hub(config, folder, clock or Clock())
    await hub.delivery.start()
    try:
        yield hub
    finally:
        await hub.delivery.stop(grace)
        await asyncio.to_thread(hub.writer.close)
        hub.store.close()


def rcpt(address: str, *notify: Notify, orcpt: str = "") -> Recipient:
    """A recipient."""
    return Recipient(Address.parse(address), frozenset(notify), orcpt)


def make_keep(config: Config, recipients: Sequence[Recipient], now: float, **of: Unpack[Details]) -> Keep:
    """A mail that is to be forwarded to all of its recipients."""
    sender, edits, route = of.get("sender", "sender@example.net"), of.get("edits", ()), of.get("route")
    at = of.get("queued", now)
    mail_id = new_mail_id(at)
    envelope = Envelope(
        CLIENT,
        Address.parse(sender) if sender else NULL_SENDER,
        tuple(recipients),
        of.get("body", Body.SEVEN_BIT),
        of.get("smtputf8", False),
        ret=of.get("ret"),
        envid=of.get("envid", ""),
    )
    new = []
    for number, recipient in enumerate(recipients):
        verdict = Verdict(edits=edits[number] if edits else Edits())
        goal = route or config.route_of(recipient.address.domain) or ""
        new.append(NewRecipient(recipient, State.QUEUED, verdict, goal, of.get("next_attempt")))
    facts = Facts(subject="hello", message_id="<m1@example.net>", from_="a@example.net")
    return Keep(Mail(mail_id, at, envelope, Content(of.get("content", TEXT)), TRACE), facts, "0123456789ab", tuple(new))
