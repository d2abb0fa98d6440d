"""CPU of sending one mail: the courier alone, and the whole delivery from the commit to the settled outcome.

    .venv/bin/python bench/courier_cost.py [--mails 3000] [--size 4096] [--at-once 10] [--profile]

A sink in a process of its own answers everything; only this process' CPU is counted (user and system, all threads). "courier" is
SMTP alone; "delivery" is offer → courier → settle on a real store, the writer thread included, keeping not.
"""

import argparse
import asyncio
import cProfile
import multiprocessing
import pstats
import tempfile
import time
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from pathlib import Path

from screener.config.hostport import HostPort
from screener.config.models import Config, Domain, Listener, Route, RouteTls, Timeouts
from screener.delivery.courier import SmtpCourier
from screener.delivery.outcome import Fate, Parcel, Span
from screener.delivery.queue import Delivery
from screener.mail.address import Address
from screener.mail.envelope import Client, Envelope, Recipient
from screener.mail.ids import new_mail_id
from screener.mail.mail import Content, Mail
from screener.mail.verdict import Facts, Verdict
from screener.metrics.figures import Metrics
from screener.metrics.labels import Known
from screener.store.records import Keep, NewRecipient, State
from screener.store.sqlite import SqliteStore
from screener.store.writer import Writer

AT_A_TIME = 100  # mails offered together
SENDER, RECIPIENT = Address.parse("sender@example.net"), Recipient(Address.parse("recipient@example.org"))
TRACE = b"Received: from client.example.net ([192.0.2.1])\r\n\tby hop.example.net with ESMTP id 0123456789ABCD; now\r\n"


class Sink(asyncio.Protocol):
    """Answers each command, and the final dot; keeps nothing."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._rest, self._in_content = transport, b"", False
        transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while True:
            if self._in_content:
                end = self._rest.find(b"\r\n.\r\n")
                if end == -1:
                    self._rest = self._rest[-4:]
                    return
                self._rest, self._in_content = self._rest[end + 5 :], False
                self._transport.write(b"250 2.0.0 Ok: queued as 4F1B2C3D\r\n")
            line, found, rest = self._rest.partition(b"\r\n")
            if not found:
                return
            self._rest = rest
            match line[:4].upper():
                case b"EHLO":
                    self._transport.write(b"250-sink\r\n250-PIPELINING\r\n250-SIZE\r\n250 8BITMIME\r\n")
                case b"DATA":
                    self._transport.write(b"354 Go ahead\r\n")
                    self._in_content = True
                case b"QUIT":
                    self._transport.write(b"221 Bye\r\n")
                    self._transport.close()
                    return
                case _:
                    self._transport.write(b"250 Ok\r\n")


def sink(told: Connection) -> None:
    """The sink's process."""

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0, backlog=1024)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


class Quiet:
    """A watcher whom nothing interests."""

    def next_hop_up(self, route: str, hop: HostPort) -> None: ...
    def next_hop_down(self, route: str, hop: HostPort, why: str) -> None: ...
    def connections(self, route: str, count: int) -> None: ...
    def eight_bit_unconverted(self, route: str) -> None: ...


def content_of(size: int) -> bytes:
    """A plain mail of about this size."""
    line = b"The quick brown fox jumps over the lazy dog, again and again and again.\r\n"
    return b"From: a@example.net\r\nTo: b@example.org\r\nSubject: test\r\n\r\n" + line * (size // len(line))


async def courier_alone(config: Config, mails: int, content: bytes, at_once: int) -> None:
    courier = SmtpCourier("out", config.routes["out"], config.hostname, config.timeouts, Quiet(), time.time)
    spans = (Span(TRACE, 0, len(TRACE)), Span(content, 0, len(content)))
    size = len(TRACE) + len(content)
    left = mails

    async def carry() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            answers = await courier.deliver(Parcel("0123456789ABCD", SENDER, (RECIPIENT,), spans, size))
            assert answers[0].fate is Fate.DELIVERED, answers

    await asyncio.gather(*(carry() for _ in range(at_once)))
    await courier.close()


async def whole_delivery(config: Config, mails: int, content: bytes, _at_once: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore.open(Path(folder), serving=True)
        commits: list[int] = []  # how many changes each was of
        announce = asyncio.get_running_loop().call_soon_threadsafe
        writer = Writer(store, announce=announce, on_commit=lambda size, _: commits.append(size))
        delivery = Delivery(config, store, writer, Metrics(Known(next_hops={"out": ("sink",)})))
        client = Client("192.0.2.1", helo="client.example.net", listener="inbound")
        envelope = Envelope(client, SENDER, (RECIPIENT,))
        recipients = (NewRecipient(RECIPIENT, State.QUEUED, Verdict(), "out"),)
        now = time.time()
        keeps = [
            Keep(Mail(new_mail_id(now), now, envelope, Content(content), TRACE), Facts(), "0", recipients) for _ in range(mails)
        ]
        await delivery.start()
        await asyncio.sleep(0.2)  # the loop has seen an empty store
        cpu, wall = time.process_time(), time.perf_counter()
        for at in range(0, mails, AT_A_TIME):
            keeping = time.process_time(), time.perf_counter()
            store.apply(keeps[at : at + AT_A_TIME])
            cpu, wall = cpu + time.process_time() - keeping[0], wall + time.perf_counter() - keeping[1]
            for keep in keeps[at : at + AT_A_TIME]:
                delivery.offer(keep)
            while sum(commits) < at + AT_A_TIME:  # noqa: ASYNC110 — nothing tells
                await asyncio.sleep(0.001)
        tell("delivery", mails, (cpu, wall))
        await delivery.stop(5)
        await asyncio.to_thread(writer.close)
        store.close()


def tell(what: str, mails: int, started: tuple[float, float]) -> None:
    cpu, wall = time.process_time() - started[0], time.perf_counter() - started[1]
    print(f"{what:<9} {mails} mails: {cpu / mails * 1000:.3f} ms CPU a mail, {mails / wall:.0f} mails/s")  # noqa: T201


def main() -> None:
    reader = argparse.ArgumentParser()
    reader.add_argument("--mails", type=int, default=3000)
    reader.add_argument("--size", type=int, default=4096)
    reader.add_argument("--at-once", type=int, default=10)
    reader.add_argument("--profile", action="store_true")
    wanted = reader.parse_args()
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=sink, args=(theirs,), daemon=True)
    process.start()
    route = Route(next_hops=(HostPort("127.0.0.1", ours.recv()),), tls=RouteTls.NONE, connections=wanted.at_once)
    route = route.model_copy(update={"messages_per_connection": 100})
    config = Config(
        hostname="hop.example.net",
        listeners=(Listener(name="inbound"),),
        domains={"example.org": Domain(route="out")},
        routes={"out": route},
        timeouts=Timeouts(),
    )
    content = content_of(wanted.size)

    def run(work: Callable[[Config, int, bytes, int], Awaitable[None]]) -> None:
        async def all_of_it() -> None:
            await work(config, wanted.mails, content, wanted.at_once)

        profile = cProfile.Profile() if wanted.profile else None
        if profile is not None:
            profile.enable()
        asyncio.run(all_of_it())
        if profile is not None:
            profile.disable()
            pstats.Stats(profile).sort_stats("tottime").print_stats(40)

    started = time.process_time(), time.perf_counter()
    run(courier_alone)
    tell("courier", wanted.mails, started)
    run(whole_delivery)
    process.terminate()


if __name__ == "__main__":
    main()
