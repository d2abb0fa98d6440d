"""What goes over the wire: the content octet for octet, and the parameters a next hop knows."""

import mmap
import random
from pathlib import Path

import pytest
from fakes.couriers import courier_to
from fakes.delivering import TRACE, rcpt, route_to
from fakes.next_hop import Behaviour, NextHop
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.delivery.outcome import Fate, Span
from screener.delivery.stuffing import BLOCK, stuffed
from screener.mail.envelope import Notify, Return

CONTENTS = {
    "998 octets": b"a" * 998 + b"\r\n",
    "a line of 100,000 octets": b"Subject: long\r\n\r\n" + b"b" * 100_000 + b"\r\n",
    "dots": b".\r\n..\r\n...\r\n.leading\r\nin.the.midst.\r\n\r\n.\r\n..\r\n",
    "only a dot": b".\r\n",
    "nothing": b"",
    "NUL and 8-bit": bytes(range(256)).replace(b"\r", b"").replace(b"\n", b"") + b"\r\n",
    "bare line ends": b"one\ntwo\rthree\n.\r four\r\n\n.\n\r\n",
    "dots over block borders": (b"x" * 61 + b"\r\n.\r\n..\r\n") * (3 * BLOCK // 70),
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())
@pytest.mark.parametrize("mapped", [False, True], ids=["bytes", "file"])
async def test_content_arrives_octet_for_octet(content: bytes, mapped: bool, tmp_path: Path) -> None:
    with NextHop() as hop:
        async with courier_to(route_to(hop.port)) as carried:
            (answer,) = await carried.send(content=_map(tmp_path, content) if mapped else content)
    assert answer.fate is Fate.DELIVERED
    assert hop.mails[0].content == TRACE + content


async def test_a_content_without_a_final_line_end_gets_one() -> None:
    """DATA cannot say otherwise (RFC 5321 4.1.1.4)."""
    with NextHop() as hop:
        async with courier_to(route_to(hop.port)) as carried:
            await carried.send(content=b"Subject: x\r\n\r\nno end")
            await carried.send(content=b"Subject: x\r\n\r\nno end.\r")
    assert [got.content for got in hop.mails] == [
        TRACE + b"Subject: x\r\n\r\nno end\r\n",
        TRACE + b"Subject: x\r\n\r\nno end.\r\r\n",
    ]


async def test_a_big_body_goes_from_its_file(tmp_path: Path) -> None:
    draw = random.Random(7)
    content = (
        b"Subject: big\r\n\r\n" + b"".join(draw.randbytes(57).replace(b"\n", b".") + b"\r\n." for _ in range(100_000)) + b"\r\n"
    )
    assert len(content) > 5_300_000
    with NextHop() as hop:
        async with courier_to(route_to(hop.port)) as carried:
            (answer,) = await carried.send(content=_map(tmp_path, content))
    assert answer.fate is Fate.DELIVERED
    assert hop.mails[0].content == TRACE + content


@given(st.lists(st.sampled_from([b"\r", b"\n", b".", b"a", b"\r\n", b"\r\n."]), max_size=40), st.integers(1, 20))
@settings(max_examples=300, deadline=None)
def test_stuffing_is_what_the_rfc_says_however_the_content_is_cut(pieces: list[bytes], width: int) -> None:
    content = b"".join(pieces)
    cuts = [Span(content, at, min(at + width, len(content))) for at in range(0, len(content), width)]
    out = b"".join(stuffed(cuts))
    expected = (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:]
    ending = b"" if (b"\r\n" + content).endswith(b"\r\n") else b"\r\n"
    assert out == expected + ending + b".\r\n"
    assert (b"\r\n" + out).index(b"\r\n.\r\n") == len(out) - 3  # the data ends there, and nowhere before


@pytest.mark.parametrize(
    ("keywords", "mail", "rcpt_parameters"),
    [
        (
            ("SIZE 0", "8BITMIME", "SMTPUTF8", "DSN"),
            "SIZE={size} BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=ab+2Bc",
            "NOTIFY=FAILURE,DELAY ORCPT=rfc822;b@x",
        ),
        (("PIPELINING", "SIZE"), "SIZE={size}", ""),
        ((), "", ""),
        (("DSN",), "RET=HDRS ENVID=ab+2Bc", "NOTIFY=FAILURE,DELAY ORCPT=rfc822;b@x"),
    ],
)
async def test_parameters_are_those_the_next_hop_knows(keywords: tuple[str, ...], mail: str, rcpt_parameters: str) -> None:
    content = b"Subject: x\r\n\r\nx\r\n"
    with NextHop(Behaviour(keywords=keywords)) as hop:
        async with courier_to(route_to(hop.port)) as carried:
            to = rcpt("b@example.org", Notify.DELAY, Notify.FAILURE, orcpt="rfc822;b@x")
            (answer,) = await carried.send(to, content=content, eight_bit=True, smtputf8=True, ret=Return.HEADERS, envid="ab+2Bc")
    assert hop.mails[0].parameters == mail.format(size=len(TRACE + content))
    assert hop.mails[0].rcpt_parameters == [rcpt_parameters]
    assert answer.passed_on is ("DSN" in keywords)
    assert carried.seen.unconverted == (0 if "8BITMIME" in keywords else 1)


async def test_addresses_go_out_as_they_came() -> None:
    odd = ['"a b"@example.org', '"quo\\"ted"@example.org', "Mixed.Case@EXAMPLE.org", "a@[192.0.2.1]"]
    with NextHop() as hop:
        async with courier_to(route_to(hop.port)) as carried:
            await carried.send(*odd, sender="a+b=c@Example.NET")
            await carried.send(sender="")
    assert [command for command in hop.commands if command.startswith("RCPT")][:4] == [f"RCPT TO:<{one}>" for one in odd]
    mails = [command.split(" SIZE")[0] for command in hop.commands if command.startswith("MAIL")]
    assert mails == ["MAIL FROM:<a+b=c@Example.NET>", "MAIL FROM:<>"]


async def test_a_mail_too_big_for_the_next_hop_is_not_sent() -> None:
    with NextHop(Behaviour(keywords=("SIZE 1000",))) as hop:
        async with courier_to(route_to(hop.port)) as carried:
            (big,) = await carried.send(content=b"x" * 2000 + b"\r\n")
            (small,) = await carried.send(content=b"x\r\n")
    assert (big.fate, str(big.reply)) == (
        Fate.FAILED,
        f"552 5.3.4 The mail has {2002 + len(TRACE)} octets, the next hop takes at most 1000",
    )
    assert small.fate is Fate.DELIVERED
    assert len(hop.mails) == 1


async def test_what_needs_smtputf8_goes_only_where_it_is_offered() -> None:
    with NextHop(Behaviour(keywords=("PIPELINING",))) as hop:
        async with courier_to(route_to(hop.port)) as carried:
            answers = await carried.send("plain@example.org", "jörg@example.org", smtputf8=True)
            header = await carried.send("plain@example.org", smtputf8=True, utf8_header=True)
            sender = await carried.send("plain@example.org", sender="jörg@example.net", smtputf8=True)
    assert [answer.fate for answer in answers] == [Fate.DELIVERED, Fate.FAILED]
    assert answers[1].reply.enhanced == "5.6.7"
    assert (header[0].fate, sender[0].fate) == (Fate.FAILED, Fate.FAILED)
    assert len(hop.mails) == 1
    with NextHop() as hop:
        async with courier_to(route_to(hop.port)) as carried:
            answers = await carried.send("jörg@example.org", smtputf8=True)
    assert hop.mails[0].recipients == ["jörg@example.org"]
    assert "SMTPUTF8" in hop.mails[0].parameters


def _map(folder: Path, content: bytes) -> "bytes | mmap.mmap":
    if not content:
        return b""
    path = folder / "body"
    path.write_bytes(content)
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
