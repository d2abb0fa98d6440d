"""Asking next hops for recipients."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from fakes.delivering import route_to, settings
from fakes.next_hop import DROP, Behaviour, NextHop

from screener.config.models import CalloutSettings, Config
from screener.delivery.callout import UNKNOWN, Callout
from screener.mail.address import Address

KNOWN, NOBODY = Address.parse("known@example.org"), Address.parse("nobody@example.org")
REFUSE = {"nobody@example.org": "550 5.1.1 who"}


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _config(*ports: int, **callout: object) -> Config:
    config = settings({"inside": route_to(*ports)})
    return config.model_copy(update={"callout": CalloutSettings.model_validate({"timeout": "2 s", **callout})})


@asynccontextmanager
async def _asking(config: Config, clock: Callable[[], float] | None = None) -> AsyncIterator[Callout]:
    callout = Callout(config, clock=clock or Time())
    try:
        yield callout
    finally:
        await callout.close()


@pytest.mark.parametrize("keywords", [("PIPELINING",), ()], ids=["pipelined", "stepwise"])
async def test_only_those_the_next_hop_knows(keywords: tuple[str, ...]) -> None:
    with NextHop(Behaviour(rcpt=REFUSE, keywords=keywords)) as hop:
        async with _asking(_config(hop.port)) as callout:
            assert await callout.ask(KNOWN, "inside") is None
            assert await callout.ask(NOBODY, "inside") == UNKNOWN
        assert hop.verbs() == ["EHLO", "MAIL", "RCPT", "RSET", "MAIL", "RCPT", "RSET", "QUIT"]
        assert hop.commands[1] == "MAIL FROM:<>"
        assert hop.mails == []


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(greeting="554 no"),
        Behaviour(ehlo="550 5.7.1 no"),
        Behaviour(mail="550 5.7.1 no null senders here"),
        Behaviour(mail="421 4.3.2 closing"),
        Behaviour(rcpt=lambda _: "450 4.2.0 later"),
        Behaviour(rcpt=lambda _: DROP),
        Behaviour(rcpt=lambda _: "nonsense"),
        Behaviour(delay={"RCPT": 3}),
        Behaviour(accept=False),
    ],
    ids=["greeting", "EHLO", "MAIL", "421", "4yz", "dropped", "nonsense", "late", "closed"],
)
async def test_whoever_cannot_be_asked_is_accepted(behaviour: Behaviour) -> None:
    with NextHop(behaviour) as hop:
        async with _asking(_config(hop.port, timeout="300 ms")) as callout:
            assert await callout.ask(NOBODY, "inside") is None
            hop.behaviour = Behaviour(rcpt=REFUSE)
            assert await callout.ask(NOBODY, "unheard-of route") is None


async def test_what_was_not_answered_is_not_remembered() -> None:
    with NextHop(Behaviour(rcpt=lambda _: "450 4.2.0 later")) as hop:
        async with _asking(_config(hop.port)) as callout:
            assert await callout.ask(NOBODY, "inside") is None
            hop.behaviour.rcpt = REFUSE
            assert await callout.ask(NOBODY, "inside") == UNKNOWN


@pytest.mark.parametrize(
    ("reply", "is_unknown"),
    [
        ("550 5.1.1 <nobody@example.org>: User unknown", True),
        ("550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found", True),
        ("553 5.1.3 bad address syntax", True),
        ("554 5.1.1 no such user", True),
        ("550 5.1.0 unknown", True),
        ("550 5.1.6 has moved", True),
        ("550 no such user", True),
        ("551 not local", True),
        ("553 no", True),
        ("554 go away", False),
        ("550 5.7.1 blocked by policy", False),
        ("554 5.7.1 Relay access denied", False),
        ("550 5.7.606 banned sending IP", False),
        ("552 5.2.2 mailbox full", False),
        ("550 5.2.1 mailbox disabled", False),
        ("550 5.4.1 all recipient addresses rejected", False),
        ("550 5.1.8 bad sender", False),
        ("503 need MAIL", False),
        ("501 5.5.4 bad parameter", False),
    ],
)
async def test_only_an_unknown_user_is_refused(reply: str, is_unknown: bool) -> None:
    with NextHop(Behaviour(rcpt=lambda _: reply)) as hop:
        async with _asking(_config(hop.port)) as callout:
            assert await callout.ask(NOBODY, "inside") == (UNKNOWN if is_unknown else None)


async def test_a_refusal_that_says_nothing_of_the_user_is_forgotten_soon() -> None:
    clock = Time()
    with NextHop(Behaviour(rcpt=lambda _: "554 5.7.1 Relay access denied")) as hop:
        async with _asking(_config(hop.port), clock) as callout:
            for _ in range(3):
                assert await callout.ask(NOBODY, "inside") is None
            assert hop.verbs().count("RCPT") == 1
            hop.behaviour.rcpt = REFUSE
            clock.now = 61.0
            assert await callout.ask(NOBODY, "inside") == UNKNOWN


async def test_what_the_next_hop_said_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "screener")
    with NextHop(Behaviour(rcpt=lambda _: "554 5.7.1 Relay access denied")) as hop:
        async with _asking(_config(hop.port)) as callout:
            for name in ("a", "b", "c"):
                await callout.ask(Address.parse(f"{name}@example.org"), "inside")
            hop.behaviour.rcpt = REFUSE
            await callout.ask(NOBODY, "inside")
            hop.behaviour.mail = "550 5.7.1 no null senders"
            await callout.ask(Address.parse("d@example.org"), "inside")
        next_hop = f"127.0.0.1:{hop.port}"
    said = [(record.msg, vars(record)["fields"]) for record in caplog.records if record.msg.startswith("callout")]
    of = {"route": "inside", "next_hop": next_hop}
    assert said == [
        ("callout-failed", {"recipient": "a@example.org", "reply": "554 5.7.1 Relay access denied", **of}),
        ("callout-refused", {"recipient": "nobody@example.org", "reply": "550 5.1.1 who", **of}),
        ("callout-failed", {"recipient": "d@example.org", "reply": "550 5.7.1 no null senders", **of}),
    ]


async def test_answers_are_remembered_each_for_its_time() -> None:
    clock = Time()
    with NextHop(Behaviour(rcpt=REFUSE)) as hop:
        async with _asking(_config(hop.port, positive="24 h", negative="1 h"), clock) as callout:
            for _ in range(3):
                await callout.ask(KNOWN, "inside")
                await callout.ask(NOBODY, "inside")
            assert hop.verbs().count("RCPT") == 2
            hop.behaviour.rcpt = {"known@example.org": "550 5.1.1 gone"}
            clock.now = 3601.0
            assert await callout.ask(NOBODY, "inside") is None
            assert await callout.ask(KNOWN, "inside") is None
            clock.now = 86_401.0
            assert await callout.ask(KNOWN, "inside") == UNKNOWN


async def test_the_memory_is_bounded() -> None:
    with NextHop() as hop:
        async with _asking(_config(hop.port, entries=3)) as callout:
            for number in range(10):
                await callout.ask(Address.parse(f"r{number}@example.org"), "inside")
            assert len(callout._answers) == 3


async def test_many_who_ask_for_one_address_share_one_question() -> None:
    with NextHop(Behaviour(rcpt=REFUSE, delay={"RCPT": 0.1})) as hop:
        async with _asking(_config(hop.port)) as callout:
            asking = [asyncio.create_task(callout.ask(NOBODY, "inside")) for _ in range(20)]
            await asyncio.sleep(0.02)
            asking[0].cancel()
            answers = await asyncio.gather(*asking[1:])
        assert answers == [UNKNOWN] * 19
        assert hop.verbs().count("RCPT") == 1


async def test_few_questions_run_at_once() -> None:
    with NextHop(Behaviour(delay={"RCPT": 0.02})) as hop:
        async with _asking(_config(hop.port)) as callout:
            await asyncio.gather(*(callout.ask(Address.parse(f"r{number}@example.org"), "inside") for number in range(60)))
        assert hop.verbs().count("RCPT") == 60
        assert hop.most_at_once < 20  # 10 questions; a connection that was closed may be open there a moment longer


async def test_a_stale_connection_is_replaced() -> None:
    with NextHop(Behaviour(rcpt=REFUSE)) as hop:
        async with _asking(_config(hop.port)) as callout:
            assert await callout.ask(KNOWN, "inside") is None
            hop.hang_up()
            assert await callout.ask(NOBODY, "inside") == UNKNOWN


async def test_the_second_next_hop_is_asked_when_the_first_is_down() -> None:
    with NextHop() as first, NextHop(Behaviour(rcpt=REFUSE)) as second:
        first.down()
        async with _asking(_config(first.port, second.port)) as callout:
            assert await callout.ask(NOBODY, "inside") == UNKNOWN
