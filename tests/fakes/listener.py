"""A real listener in a thread of its own, with a fake intake behind it: tests talk to it over sockets."""

import asyncio
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from fakes.intake import FakeIntake
from fakes.wire import Wire

from screener.config.models import Config
from screener.mail.address import Address
from screener.mail.reply import Reply
from screener.smtp.access import Access
from screener.smtp.server import SmtpServer

T = TypeVar("T")


class FakeMetrics:
    """Counts by name and labels."""

    def __init__(self) -> None:
        self.counted: Counter[tuple[str, str]] = Counter()
        self.gauges: dict[str, int] = {}

    def connection(self, listener: str, result: str) -> None:
        self.counted["connection", result] += 1

    def connections_in(self, listener: str, count: int) -> None:
        self.gauges[listener] = count

    def refusal(self, listener: str, reason: str) -> None:
        self.counted["refusal", reason] += 1


class FakeCallout:
    """Answers what it is told; None: could not be asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Reply | None] = {}
        self.asked: list[tuple[str, str]] = []

    async def ask(self, recipient: Address, route: str) -> Reply | None:
        self.asked.append((recipient.text, route))
        await asyncio.sleep(0)
        return self.answers.get(recipient.text)


class Listening:
    """One SmtpServer on 127.0.0.1 and what stands around it."""

    def __init__(self, config: Config, loop: asyncio.AbstractEventLoop, drain: int, folder: Path) -> None:
        self.loop = loop
        self.intake = FakeIntake(folder)
        self.metrics = FakeMetrics()
        self.callout = FakeCallout()
        self.lists: dict[str, list[bool]] = {}  # by entry of `domains`: whether each reading of its list was good
        self.access = Access(config, self.callout, lambda domain, good: self.lists.setdefault(domain, []).append(good))
        self.server = SmtpServer(config, self.intake, self.access, self.metrics, clock=lambda: 1_700_000_000.0, drain=drain)

    @property
    def port(self) -> int:
        """Of the listener "inbound"."""
        return self.server.addresses["inbound"].port

    def connect(self, source: str = "") -> Wire:
        """A greeted client."""
        return Wire(self.port, source=source, timeout=20)

    def client(self, source: str = "") -> Wire:
        """A client that said EHLO."""
        wire = self.connect(source)
        assert wire.hello().code == 250
        return wire

    def do(self, doing: Coroutine[object, object, T]) -> T:
        """Run this in the listener's loop."""
        return asyncio.run_coroutine_threadsafe(doing, self.loop).result(30)

    def call(self, function: Callable[[], T]) -> T:
        """Call this in the listener's loop."""

        async def called() -> T:
            return function()

        return self.do(called())

    def wait(self, event: asyncio.Event) -> None:
        """Until it is set."""
        self.do(asyncio.wait_for(_waited(event), 20))


async def _waited(event: asyncio.Event) -> None:
    await event.wait()


def settings(changes: Mapping[str, object] | None = None) -> Config:
    """A listener "inbound" on a free port for example.org, with these changes."""
    return Config.model_validate(
        {
            "hostname": "hop.example.net",
            "listeners": [{"name": "inbound", "port": 0}],
            "domains": {"example.org": {"route": "inside"}},
            "routes": {"inside": {"maildir": "unused"}},
            **(changes or {}),
        }
    )


@contextmanager
def listening(changes: Mapping[str, object] | None = None, *, drain: int = 1_000_000) -> Iterator[Listening]:
    """A started listener; at the end it must stop without grace."""
    loop = asyncio.new_event_loop()
    unhandled: list[str] = []
    loop.set_exception_handler(lambda _loop, context: unhandled.append(str(context)))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        with tempfile.TemporaryDirectory(prefix="intake-") as folder:
            there = Listening(settings(changes), loop, drain, Path(folder))
            there.do(there.server.start())
            try:
                yield there
            finally:
                loop.call_soon_threadsafe(there.intake.go_on.set)
                there.do(there.server.stop(0.0))
        assert not unhandled, unhandled
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
