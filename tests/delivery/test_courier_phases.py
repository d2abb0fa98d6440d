"""What each thing a next hop can do at each step means for the mail, with and without PIPELINING."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from fakes.couriers import BODY, courier_to
from fakes.delivering import QUICK, TRACE, route_to
from fakes.next_hop import DROP, Behaviour, NextHop

from screener.delivery.outcome import Fate

PIPELINED, STEPWISE = ("PIPELINING",), ("SIZE 1000000",)
SLOW = QUICK.model_copy(update={"greeting": 0.3, "mail": 0.3, "rcpt": 0.3, "data": 0.3, "final": 0.3})

# name, behaviour, fate of each of two recipients, part of the reply
CASES: list[tuple[str, Callable[[], Behaviour], tuple[Fate, Fate], str]] = [
    ("greeting 554", lambda: Behaviour(greeting="554 5.7.1 go away"), (Fate.DEFERRED, Fate.DEFERRED), "554 5.7.1 go away"),
    ("greeting 421", lambda: Behaviour(greeting="421 4.3.2 busy"), (Fate.DEFERRED, Fate.DEFERRED), "421 4.3.2 busy"),
    ("greeting dropped", lambda: Behaviour(greeting=DROP), (Fate.DEFERRED, Fate.DEFERRED), "before a greeting"),
    ("greeting nonsense", lambda: Behaviour(greeting="SSH-2.0-x"), (Fate.DEFERRED, Fate.DEFERRED), "no SMTP reply"),
    ("greeting late", lambda: Behaviour(delay={"greeting": 1}), (Fate.DEFERRED, Fate.DEFERRED), "No greeting came in time"),
    ("EHLO 550", lambda: Behaviour(ehlo="550 5.7.1 blocked"), (Fate.DEFERRED, Fate.DEFERRED), "550 5.7.1 blocked"),
    ("EHLO 421", lambda: Behaviour(ehlo="421 4.3.2 closing"), (Fate.DEFERRED, Fate.DEFERRED), "421 4.3.2 closing"),
    ("EHLO dropped", lambda: Behaviour(ehlo=DROP), (Fate.DEFERRED, Fate.DEFERRED), "closed before MAIL"),
    ("EHLO late", lambda: Behaviour(delay={"EHLO": 1}), (Fate.DEFERRED, Fate.DEFERRED), "No reply came in time"),
    ("MAIL 451", lambda: Behaviour(mail="451 4.3.0 later"), (Fate.DEFERRED, Fate.DEFERRED), "451 4.3.0 later"),
    ("MAIL 550", lambda: Behaviour(mail="550 5.7.1 bad sender"), (Fate.FAILED, Fate.FAILED), "550 5.7.1 bad sender"),
    ("MAIL 421", lambda: Behaviour(mail="421 4.3.2 closing"), (Fate.DEFERRED, Fate.DEFERRED), "421 4.3.2 closing"),
    ("MAIL 530", lambda: Behaviour(mail="530 5.7.57 not authenticated"), (Fate.DEFERRED, Fate.DEFERRED), "530 5.7.57"),
    ("MAIL dropped", lambda: Behaviour(mail=DROP), (Fate.DEFERRED, Fate.DEFERRED), "No reply to MAIL"),
    ("MAIL late", lambda: Behaviour(delay={"MAIL": 1}), (Fate.DEFERRED, Fate.DEFERRED), "No reply to MAIL (time ran out)"),
    ("MAIL nonsense", lambda: Behaviour(mail="hello"), (Fate.DEFERRED, Fate.DEFERRED), "no SMTP reply"),
    ("RCPT 550 one", lambda: Behaviour(rcpt={"a@example.org": "550 5.1.1 who"}), (Fate.FAILED, Fate.DELIVERED), "550 5.1.1 who"),
    ("RCPT 450 one", lambda: Behaviour(rcpt={"a@example.org": "450 4.2.1 busy"}), (Fate.DEFERRED, Fate.DELIVERED), "450 4.2.1"),
    ("RCPT 550 all", lambda: Behaviour(rcpt=lambda _: "550 5.1.1 who"), (Fate.FAILED, Fate.FAILED), "550 5.1.1 who"),
    ("RCPT 451 all", lambda: Behaviour(rcpt=lambda _: "451 4.7.1 grey"), (Fate.DEFERRED, Fate.DEFERRED), "451 4.7.1 grey"),
    ("RCPT 421", lambda: Behaviour(rcpt={"a@example.org": "421 4.3.2 closing"}), (Fate.DEFERRED, Fate.DELIVERED), "421 4.3.2"),
    ("RCPT dropped", lambda: Behaviour(rcpt=lambda _: DROP), (Fate.DEFERRED, Fate.DEFERRED), "No reply to RCPT"),
    ("RCPT late", lambda: Behaviour(delay={"RCPT": 1}), (Fate.DEFERRED, Fate.DEFERRED), "No reply to RCPT (time ran out)"),
    ("DATA 451", lambda: Behaviour(data="451 4.3.0 later"), (Fate.DEFERRED, Fate.DEFERRED), "451 4.3.0 later"),
    ("DATA 554", lambda: Behaviour(data="554 5.6.0 no"), (Fate.FAILED, Fate.FAILED), "554 5.6.0 no"),
    ("DATA 250", lambda: Behaviour(data="250 2.0.0 what"), (Fate.DEFERRED, Fate.DEFERRED), "250 2.0.0 what"),
    ("DATA dropped", lambda: Behaviour(data=DROP), (Fate.DEFERRED, Fate.DEFERRED), "No reply to DATA"),
    ("DATA late", lambda: Behaviour(delay={"DATA": 1}), (Fate.DEFERRED, Fate.DEFERRED), "No reply to DATA (time ran out)"),
    ("final 451", lambda: Behaviour(final="451 4.3.0 later"), (Fate.DEFERRED, Fate.DEFERRED), "451 4.3.0 later"),
    ("final 421", lambda: Behaviour(final="421 4.3.2 closing"), (Fate.DEFERRED, Fate.DEFERRED), "421 4.3.2 closing"),
    ("final 552", lambda: Behaviour(final="552 5.3.4 too big"), (Fate.FAILED, Fate.FAILED), "552 5.3.4 too big"),
    ("final dropped", lambda: Behaviour(drop_after_final=True), (Fate.DOUBTFUL, Fate.DOUBTFUL), "no reply came"),
    ("final late", lambda: Behaviour(delay={"final": 1}), (Fate.DOUBTFUL, Fate.DOUBTFUL), "no reply came (time ran out)"),
    ("final nonsense", lambda: Behaviour(final="ok"), (Fate.DOUBTFUL, Fate.DOUBTFUL), "no reply came"),
    ("all well", Behaviour, (Fate.DELIVERED, Fate.DELIVERED), "queued as ABC123"),
]


@pytest.mark.parametrize("keywords", [PIPELINED, STEPWISE], ids=["pipelined", "stepwise"])
@pytest.mark.parametrize(("behaviour", "fates", "words"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
async def test_each_phase(
    behaviour: Callable[[], Behaviour], fates: tuple[Fate, Fate], words: str, keywords: tuple[str, ...]
) -> None:
    with NextHop(replace(behaviour(), keywords=keywords)) as hop:
        async with courier_to(route_to(hop.port), SLOW) as carried:
            answers = await carried.send("a@example.org", "c@example.org")
        assert (answers[0].fate, answers[1].fate) == fates
        assert words in str(answers[0].reply)
        acknowledged = [got for got in hop.mails if got.acknowledged and got.content]
        if Fate.DELIVERED in fates:
            assert [got.content for got in acknowledged] == [TRACE + BODY]


async def test_nobody_listens() -> None:
    with NextHop() as hop:
        hop.down()
        async with courier_to(route_to(hop.port)) as carried:
            (answer,) = await carried.send()
    assert answer.fate is Fate.DEFERRED
    assert answer.reply.text == "Cannot connect: Connection refused"
    assert not answer.heard
    assert carried.seen.told == [f"down {hop.port} Cannot connect: Connection refused"]


async def test_those_who_know_no_ehlo_get_helo() -> None:
    with NextHop(Behaviour(ehlo="502 5.5.1 what")) as hop:
        async with courier_to(route_to(hop.port)) as carried:
            (answer,) = await carried.send()
    assert answer.fate is Fate.DELIVERED
    assert hop.commands[1] == "HELO screener.example.org"
    assert hop.mails[0].parameters == ""


async def test_a_connection_lost_within_a_big_content_is_no_doubt() -> None:
    with NextHop(Behaviour(drop_in_content=100_000)) as hop:
        async with courier_to(route_to(hop.port)) as carried:
            (answer,) = await carried.send(content=b"x" * 900 + b"\r\n" + b"y" * 20_000_000 + b"\r\n")
    assert answer.fate is Fate.DEFERRED
    assert "only a part was sent" in answer.reply.text


async def test_a_refusal_in_the_midst_of_a_content_is_heard() -> None:
    """A next hop may say 552 before it has all, and close."""
    with NextHop(Behaviour(drop_in_content=100_000, goodbye_in_content="552 5.3.4 enough")) as hop:
        async with courier_to(route_to(hop.port)) as carried:
            (answer,) = await carried.send(content=b"y" * 20_000_000 + b"\r\n")
    assert answer.fate is Fate.FAILED
    assert str(answer.reply) == "552 5.3.4 enough"


@pytest.mark.parametrize("keywords", [PIPELINED, ("8BITMIME",)], ids=["pipelined", "stepwise"])
async def test_a_yes_before_the_final_dot_counts_for_nothing(keywords: tuple[str, ...]) -> None:
    """It can only be the reply to something else."""
    with NextHop(Behaviour(keywords=keywords, reply_in_content="250 2.0.0 Ok: queued as EARLY")) as hop:
        async with courier_to(route_to(hop.port)) as carried:
            (answer,) = await carried.send(content=b"y" * 900 + b"\r\n" + b"y" * 20_000_000 + b"\r\n")
    assert (answer.fate, answer.heard) == (Fate.DEFERRED, False)
    assert "before it had the content" in answer.reply.text


@pytest.mark.parametrize("keywords", [PIPELINED, STEPWISE], ids=["pipelined", "stepwise"])
async def test_after_a_refusal_the_connection_serves_on(keywords: tuple[str, ...]) -> None:
    refusals = iter(["550 5.1.1 who", "250 2.1.5 Ok", "250 2.1.5 Ok"])
    with NextHop(Behaviour(keywords=keywords, rcpt=lambda _: next(refusals))) as hop:
        async with courier_to(route_to(hop.port)) as carried:
            fates = [(await carried.send())[0].fate for _ in range(3)]
    assert fates == [Fate.FAILED, Fate.DELIVERED, Fate.DELIVERED]
    assert hop.connections == 1
    assert hop.verbs().count("RSET") == 1


async def test_354_without_any_recipient_is_ended_with_a_lone_dot() -> None:
    """RFC 2920 3.1."""
    with NextHop(Behaviour(rcpt=lambda _: "550 5.1.1 who", data_anyway=True)) as hop:
        async with courier_to(route_to(hop.port)) as carried:
            (answer,) = await carried.send()
            hop.behaviour.rcpt = {}
            (second,) = await carried.send()
    assert answer.fate is Fate.FAILED
    assert hop.mails[0].content == b""
    assert second.fate is Fate.DELIVERED
    assert hop.connections == 1


async def test_pipelined_commands_go_out_in_one_write() -> None:
    with NextHop() as hop:
        async with courier_to(route_to(hop.port)) as carried:
            await carried.send("a@example.org", "c@example.org")
    together = [piece for piece in hop.writes if piece.startswith(b"MAIL")]
    assert len(together) == 1
    assert together[0].endswith(b"RCPT TO:<c@example.org>\r\nDATA\r\n")


async def test_recipients_beyond_the_next_hops_limit_follow_at_once() -> None:
    """RFC 5321 4.5.3.1.10: 452, and the old 552."""
    taken: list[str] = []

    def two_at_most(address: str) -> str:
        taken.append(address)
        return "250 2.1.5 Ok" if len(taken) % 3 != 0 else ("452 4.5.3 too many" if len(taken) == 3 else "552 too many")

    with NextHop(Behaviour(rcpt=two_at_most)) as hop:
        async with courier_to(route_to(hop.port)) as carried:
            answers = await carried.send(*(f"r{number}@example.org" for number in range(4)))
    assert [answer.fate for answer in answers] == [Fate.DELIVERED] * 4
    assert [got.recipients for got in hop.mails] == [
        ["r0@example.org", "r1@example.org", "r3@example.org"],
        ["r2@example.org"],
    ]


async def test_who_has_the_mail_keeps_it_where_the_connection_for_those_beyond_the_limit_is_refused() -> None:
    greetings = iter(["220 hop.example.net"])
    behaviour = Behaviour(greeting=lambda: next(greetings, "421 4.3.2 not now"), rcpt={"r1@example.org": "452 4.5.3 too many"})
    with NextHop(behaviour) as hop:
        async with courier_to(route_to(hop.port, messages_per_connection=1)) as carried:
            answers = await carried.send("r0@example.org", "r1@example.org")
    assert [(answer.fate, answer.reply.code) for answer in answers] == [(Fate.DELIVERED, 250), (Fate.DEFERRED, 452)]
    assert [got.recipients for got in hop.mails] == [["r0@example.org"]]


@pytest.mark.parametrize(
    "mail",
    [
        "250 " + "x" * 100_000,
        "\n".join(["250-x" * 20] * 2000),
        "250-one\n550 two",
        "250 a\n250 b\n250 c\n250 d\n250 e\n250 f\n250 g",
        "99 x",
        "\x00\x00",
    ],
    ids=["a line without end", "a reply without end", "two codes", "many replies", "two digits", "NUL"],
)
async def test_a_hostile_next_hop_costs_only_its_connection(mail: str) -> None:
    with NextHop(Behaviour(mail=mail)) as hop:
        async with courier_to(route_to(hop.port)) as carried:
            (answer,) = await carried.send()
            assert answer.fate is Fate.DEFERRED
            assert len(answer.reply.text) < 1000
            hop.behaviour.mail = "250 2.1.0 Ok"
            await asyncio.sleep(0.1)
            (answer,) = await carried.send()
        assert answer.fate is Fate.DELIVERED
        assert hop.connections == 2


async def test_replies_out_of_step_never_pass_for_a_delivery() -> None:
    """A next hop that answers MAIL twice: every later reply seems to belong to the command before."""
    with NextHop(Behaviour(mail="250 2.1.0 Ok\n250 2.1.0 again")) as hop:
        async with courier_to(route_to(hop.port)) as carried:
            for _ in range(3):
                (answer,) = await carried.send()
                assert answer.fate is Fate.DEFERRED
        assert hop.mails == []


@pytest.mark.parametrize("reply", ["000 odd", "199 odd", "354 odd", "600 odd"])
async def test_only_2yz_accepts_a_recipient(reply: str) -> None:
    with NextHop(Behaviour(rcpt=lambda _: reply)) as hop:
        async with courier_to(route_to(hop.port)) as carried:
            (answer,) = await carried.send()
    assert answer.fate is Fate.DEFERRED
    assert not hop.mails


async def test_a_second_354_is_no_final_reply() -> None:
    with NextHop(Behaviour(data="354 go\n354 go")) as hop:
        async with courier_to(route_to(hop.port)) as carried:
            (first,) = await carried.send()
            hop.behaviour.data = "354 go"
            (second,) = await carried.send()
        assert (first.fate, second.fate) == (Fate.DOUBTFUL, Fate.DELIVERED)
        assert hop.connections == 2


async def test_what_comes_unasked_ends_an_idle_connection() -> None:
    with NextHop(Behaviour(goodbye_after_mails="250 2.0.0 a reply to nothing")) as hop:
        async with courier_to(route_to(hop.port)) as carried:
            for _ in range(2):
                (answer,) = await carried.send()
                assert answer.fate is Fate.DELIVERED
                await asyncio.sleep(0.1)
        assert hop.connections == 2


async def test_a_reply_that_drips_line_by_line_has_one_time_limit() -> None:
    with NextHop(Behaviour(drip=("250-still here", 0.2))) as hop:
        async with courier_to(route_to(hop.port), timeouts=QUICK.model_copy(update={"mail": 1.0})) as carried:
            async with asyncio.timeout(20):
                (answer,) = await carried.send()
    assert answer.fate is Fate.DEFERRED
    assert "time ran out" in answer.reply.text
