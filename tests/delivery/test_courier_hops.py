"""Connections and next hops: reuse, staleness, limits, fail-over, health, TLS, AUTH."""

import asyncio
import base64
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes.couriers import courier_to
from fakes.delivering import QUICK, route_to
from fakes.next_hop import DROP, Behaviour, NextHop

from screener.config.hostport import HostPort
from screener.config.models import Route, RouteAuth, RouteTls
from screener.delivery.outcome import Fate
from screener.delivery.routes import NextHops

HIDDEN = "(its words could repeat what we sent, so they are not kept)"


async def test_one_connection_serves_many_mails_and_leaves_with_quit() -> None:
    with NextHop() as hop:
        async with courier_to(route_to(hop.port)) as carried:
            for _ in range(5):
                await carried.send()
        assert (hop.connections, len(hop.mails)) == (1, 5)
        assert hop.verbs() == ["EHLO", *["MAIL", "RCPT", "DATA"] * 5, "QUIT"]
        assert carried.seen.open == 0


async def test_a_connection_is_left_after_so_many_mails() -> None:
    with NextHop() as hop:
        async with courier_to(route_to(hop.port, messages_per_connection=2)) as carried:
            for _ in range(5):
                await carried.send()
        assert [got.connection for got in hop.mails] == [1, 1, 2, 2, 3]


async def test_an_idle_connection_is_left() -> None:
    with NextHop() as hop:
        async with courier_to(route_to(hop.port, idle="50 ms")) as carried:
            await carried.send()
            await _until(lambda: hop.open_connections == 0)
            assert hop.verbs()[-1] == "QUIT"
            await carried.send()
        assert hop.connections == 2


@pytest.mark.parametrize(
    "stale",
    [
        Behaviour(drop_after_mails=1),
        Behaviour(goodbye_after_mails="421 4.4.2 idle for too long"),
    ],
    ids=["closed silently", "closed with 421"],
)
async def test_a_stale_connection_costs_no_attempt(stale: Behaviour) -> None:
    with NextHop(stale) as hop:
        async with courier_to(route_to(hop.port)) as carried:
            for _ in range(3):
                (answer,) = await carried.send()
                assert answer.fate is Fate.DELIVERED
        assert [got.connection for got in hop.mails] == [1, 2, 3]
        assert carried.seen.told == []


async def test_a_connection_that_says_421_to_the_next_mail_is_replaced() -> None:
    replies = iter(["250 2.1.0 Ok", "421 4.7.0 too many mails", "250 2.1.0 Ok"])
    with NextHop(Behaviour(mail=lambda _: next(replies))) as hop:
        async with courier_to(route_to(hop.port)) as carried:
            fates = [(await carried.send())[0].fate for _ in range(2)]
        assert fates == [Fate.DELIVERED, Fate.DELIVERED]
        assert hop.connections == 2


async def test_a_second_failure_on_a_fresh_connection_counts() -> None:
    replies = iter(["250 2.1.0 Ok", DROP, DROP])
    with NextHop(Behaviour(mail=lambda _: next(replies))) as hop:
        async with courier_to(route_to(hop.port)) as carried:
            fates = [(await carried.send())[0].fate for _ in range(2)]
        assert fates == [Fate.DELIVERED, Fate.DEFERRED]
        assert hop.connections == 2


async def test_never_more_connections_than_allowed() -> None:
    with NextHop(Behaviour(delay={"final": 0.02})) as hop:
        async with courier_to(route_to(hop.port, connections=3)) as carried:
            answers = await asyncio.gather(*(carried.send() for _ in range(20)))
        assert all(answer[0].fate is Fate.DELIVERED for answer in answers)
        assert hop.most_at_once == 3
        assert carried.seen.most == 3


async def test_a_next_hop_that_takes_no_more_connections_is_full_not_down() -> None:
    """Exchange: 421 4.3.2 beyond MaxInboundConnectionPerSource."""
    with NextHop(Behaviour(delay={"final": 0.02})) as hop:

        def greeting() -> str:
            return "220 hop" if hop.open_connections <= 2 else "421 4.3.2 too many connections"

        hop.behaviour.greeting = greeting
        async with courier_to(route_to(hop.port, connections=8)) as carried:
            answers = await asyncio.gather(*(carried.send() for _ in range(30)))
        assert [answer[0].fate for answer in answers] == [Fate.DELIVERED] * 30
        assert carried.seen.told == []


async def test_a_connection_that_is_never_greeted_keeps_no_mail_from_those_that_work() -> None:
    enough = threading.Event()
    with NextHop(Behaviour(delay={"final": 0.02})) as hop:

        def greeting() -> str:
            if hop.open_connections > 2:
                enough.wait(20)
            return "220 hop"

        hop.behaviour.greeting = greeting
        async with courier_to(route_to(hop.port, connections=8)) as carried:
            answers = await asyncio.gather(*(carried.send() for _ in range(30)))
            enough.set()
        assert [answer[0].fate for answer in answers] == [Fate.DELIVERED] * 30
        assert carried.seen.told == []


async def test_the_second_next_hop_takes_over_and_the_first_is_tried_again() -> None:
    with NextHop() as first, NextHop() as second:
        first.down()
        async with courier_to(route_to(first.port, second.port)) as carried:
            for _ in range(3):
                (answer,) = await carried.send()
                assert answer.next_hop == f"127.0.0.1:{second.port}"
            assert carried.seen.told == [f"down {first.port} Cannot connect: Connection refused"]
            first.up()
            await asyncio.sleep(0.3)
            (answer,) = await carried.send()
            assert answer.next_hop == f"127.0.0.1:{first.port}"
            assert carried.seen.told[1:] == [f"up {first.port}"]


@pytest.mark.parametrize(
    "broken",
    [
        Behaviour(greeting="554 5.3.2 no service"),
        Behaviour(ehlo="554 5.7.1 go"),
        Behaviour(mail="451 4.3.2 not now"),
        Behaviour(data=DROP),
        Behaviour(rcpt=lambda _: "450 4.2.0 later"),
        Behaviour(final="452 4.3.1 disk full"),
    ],
    ids=["greeting", "EHLO", "MAIL", "DATA", "RCPT", "final"],
)
async def test_what_one_next_hop_defers_the_next_one_gets(broken: Behaviour) -> None:
    with NextHop(broken) as first, NextHop() as second:
        async with courier_to(route_to(first.port, second.port)) as carried:
            (answer,) = await carried.send()
        assert (answer.fate, answer.next_hop) == (Fate.DELIVERED, f"127.0.0.1:{second.port}")


async def test_a_refusal_and_a_doubt_are_final_for_this_attempt() -> None:
    for behaviour, fate in ((Behaviour(final="550 5.7.1 no"), Fate.FAILED), (Behaviour(drop_after_final=True), Fate.DOUBTFUL)):
        with NextHop(behaviour) as first, NextHop() as second:
            async with courier_to(route_to(first.port, second.port)) as carried:
                (answer,) = await carried.send()
            assert answer.fate is fate
            assert second.mails == []


async def test_a_doubt_at_the_second_next_hop_is_final_whatever_the_first_has_said() -> None:
    later = Behaviour(rcpt=lambda _: "450 4.2.0 later")
    with NextHop(later) as first, NextHop(Behaviour(drop_after_final=True)) as second, NextHop() as third:
        async with courier_to(route_to(first.port, second.port, third.port)) as carried:
            (answer,) = await carried.send()
        assert (answer.fate, answer.next_hop) == (Fate.DOUBTFUL, f"127.0.0.1:{second.port}")
        assert third.mails == []


async def test_only_those_who_were_deferred_go_to_the_second_next_hop() -> None:
    refusals = {"no@example.org": "550 5.1.1 who", "later@example.org": "450 4.2.0 busy"}
    with NextHop(Behaviour(rcpt=refusals)) as first, NextHop() as second:
        async with courier_to(route_to(first.port, second.port)) as carried:
            answers = await carried.send("no@example.org", "yes@example.org", "later@example.org")
        assert [answer.fate for answer in answers] == [Fate.FAILED, Fate.DELIVERED, Fate.DELIVERED]
        assert (first.mails[0].recipients, second.mails[0].recipients) == (["yes@example.org"], ["later@example.org"])


async def test_when_all_are_down_nobody_is_tried_but_one_after_the_pause() -> None:
    with NextHop() as hop:
        hop.down()
        async with courier_to(route_to(hop.port)) as carried:
            await carried.send()
            (answer,) = await carried.send()
            assert not answer.tried
            assert "Connection refused" in answer.reply.text


async def test_a_next_hop_that_breaks_off_again_and_again_is_down() -> None:
    with NextHop(Behaviour(data=DROP)) as hop:
        async with courier_to(route_to(hop.port)) as carried:
            for _ in range(4):
                await carried.send()
            assert carried.seen.told == []
            await carried.send()
            assert len(carried.seen.told) == 1


def test_the_pause_doubles_up_to_its_limit() -> None:
    hop = HostPort("192.0.2.1", 25)
    hops = NextHops((hop,), 1.0, 8.0)
    now, pauses = 1000.0, []
    for _ in range(6):
        hops.failed(hop, now, "no")
        at = hops.try_again_at(now)
        assert at is not None
        assert hops.candidates(at - 0.1) == []
        assert hops.candidates(at) == [hop]
        hops.begin(hop)
        assert hops.candidates(at) == []
        hops.end(hop)
        pauses.append(at - now)
        now = at
    assert pauses == [1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    assert hops.worked(hop)
    assert not hops.all_down


def test_a_pause_that_began_before_the_clock_was_set_back_is_over() -> None:
    hop = HostPort("192.0.2.1", 25)
    hops = NextHops((hop,), 1.0, 8.0)
    hops.failed(hop, 100_000.0, "no")
    assert hops.candidates(99_999.0) == []
    assert hops.candidates(1_000.0) == [hop]
    assert hops.try_again_at(1_000.0) == 1_000.0
    assert not hops.failed(hop, 1_000.0, "no"), "it was known to be down"
    assert hops.candidates(1_000.5) == [], "and pauses again"


async def test_a_name_that_is_slow_to_look_up_keeps_no_thread_from_others(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    answer = threading.Event()
    real = socket.getaddrinfo

    def slow(host: str, port: int, **how: Any) -> Any:
        if host != "hop.example.net":
            return real(host, port, **how)
        if how.get("flags") == socket.AI_NUMERICHOST:
            raise socket.gaierror(socket.EAI_NONAME, "not numeric")
        asked.append(host)
        answer.wait(30)
        return real("127.0.0.1", port, **how)

    with NextHop() as hop:
        monkeypatch.setattr("screener.delivery.lookup.socket.getaddrinfo", slow)
        route = route_to(hop.port).model_copy(update={"next_hops": (HostPort("hop.example.net", hop.port),)})
        async with courier_to(route) as carried:
            sending = [asyncio.create_task(carried.send()) for _ in range(40)]
            while not asked:
                await asyncio.sleep(0.01)
            async with asyncio.timeout(20):
                await asyncio.gather(*(asyncio.to_thread(int) for _ in range(40)))  # the disk is not waited for
            assert not any(one.done() for one in sending)
            answer.set()
            fates = [answers[0].fate for answers in await asyncio.gather(*sending)]
    assert fates == [Fate.DELIVERED] * 40
    assert asked == ["hop.example.net"]


# TLS and AUTH


@pytest.mark.parametrize("tls", [RouteTls.OPPORTUNISTIC, RouteTls.REQUIRED])
async def test_encrypted_without_a_look_at_the_certificate(tls: RouteTls, certificate: tuple[str, str]) -> None:
    with NextHop(Behaviour(certificate=certificate)) as hop:
        async with courier_to(route_to(hop.port, tls=tls)) as carried:
            for _ in range(2):
                (answer,) = await carried.send()
                assert answer.fate is Fate.DELIVERED
        assert [got.tls for got in hop.mails] == [True, True]
        assert hop.verbs()[:4] == ["EHLO", "STARTTLS", "EHLO", "MAIL"]


async def test_a_big_content_over_tls(certificate: tuple[str, str]) -> None:
    content = b"Subject: big\r\n\r\n" + b"0123456789abcdef.\r\n.\r\n" * 250_000
    with NextHop(Behaviour(certificate=certificate)) as hop:
        async with courier_to(route_to(hop.port, tls=RouteTls.REQUIRED)) as carried:
            (answer,) = await carried.send(content=content)
        assert answer.fate is Fate.DELIVERED
        assert hop.mails[0].content.endswith(content)


async def test_verified_trusts_only_the_named_authority_and_name(certificate: tuple[str, str]) -> None:
    with NextHop(Behaviour(certificate=certificate)) as hop:
        named = Route(next_hops=(HostPort("localhost", hop.port),), tls=RouteTls.VERIFIED, ca_file=Path(certificate[0]))
        async with courier_to(named) as carried:
            (trusted,) = await carried.send()
        assert (trusted.fate, hop.mails[0].tls) == (Fate.DELIVERED, True)
        async with courier_to(named.model_copy(update={"ca_file": None})) as carried:
            (unknown,) = await carried.send()
        async with courier_to(route_to(hop.port, tls=RouteTls.VERIFIED, ca_file=certificate[0])) as carried:
            (misnamed,) = await carried.send()
    assert unknown.fate is Fate.DEFERRED
    assert "STARTTLS failed: the certificate is not trusted" in unknown.reply.text
    assert "STARTTLS failed: the certificate is not trusted" in misnamed.reply.text
    assert len(hop.mails) == 1


async def test_without_starttls_required_waits_and_opportunistic_goes_in_clear() -> None:
    with NextHop() as hop:
        async with courier_to(route_to(hop.port, tls=RouteTls.REQUIRED)) as carried:
            (required,) = await carried.send()
        async with courier_to(route_to(hop.port, tls=RouteTls.OPPORTUNISTIC)) as carried:
            (opportunistic,) = await carried.send()
    assert (required.fate, required.reply.enhanced) == (Fate.DEFERRED, "4.7.4")
    assert opportunistic.fate is Fate.DELIVERED
    assert len(hop.mails) == 1


@pytest.mark.parametrize("starttls", ["454 4.7.0 not now", "220 but then nothing that is TLS", DROP])
async def test_when_starttls_fails_opportunistic_goes_in_clear(starttls: str) -> None:
    keywords = ("PIPELINING", "STARTTLS")
    with NextHop(Behaviour(keywords=keywords, starttls=starttls)) as hop:
        impatient = QUICK.model_copy(update={"connect": 0.5})
        async with courier_to(route_to(hop.port, tls=RouteTls.REQUIRED), impatient) as carried:
            (required,) = await carried.send()
        async with courier_to(route_to(hop.port, tls=RouteTls.OPPORTUNISTIC), impatient) as carried:
            (opportunistic,) = await carried.send()
    assert (required.fate, required.reply.enhanced) == (Fate.DEFERRED, "4.7.5")
    assert opportunistic.fate is Fate.DELIVERED
    assert [got.tls for got in hop.mails] == [False]


async def test_auth_with_the_password_of_its_file(certificate: tuple[str, str], tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("pass word ü\nsecond line\n", encoding="utf-8")
    auth = RouteAuth(user="screener", password_file=secret)
    keywords = ("PIPELINING", "AUTH PLAIN LOGIN")
    with NextHop(Behaviour(certificate=certificate, keywords=keywords)) as hop:
        async with courier_to(route_to(hop.port, tls=RouteTls.REQUIRED, auth=auth)) as carried:
            (answer,) = await carried.send()
            assert answer.fate is Fate.DELIVERED
            assert hop.credentials == ["\0screener\0pass word ü"]
        hop.behaviour.auth = "535 5.7.8 wrong: pass word ü"
        async with courier_to(route_to(hop.port, tls=RouteTls.REQUIRED, auth=auth)) as carried:
            (refused,) = await carried.send()
        secret.unlink()
        async with courier_to(route_to(hop.port, tls=RouteTls.REQUIRED, auth=auth)) as carried:
            (unreadable,) = await carried.send()
    assert (refused.fate, str(refused.reply)) == (Fate.DEFERRED, f"535 4.7.8 AUTH was refused: 535 {HIDDEN}")
    assert "pass word" not in " ".join(carried.seen.told)
    assert unreadable.reply.text == "The password file cannot be read: No such file or directory"


def _echo_last(line: str) -> str:
    return f"535 5.7.8 what is {line.split(' ')[-1]}?"


def _echo_decoded(line: str) -> str:
    return f"535-5.7.8 who is\n535 5.7.8 {base64.b64decode(line.split(' ')[-1]).decode().split(chr(0))[-1]}?"


def _then(line: str) -> str:
    """A challenge, and what comes for it is repeated."""
    return "334 PDEyMzRAaG9wLmV4YW1wbGUubmV0Pg==" if line.startswith("AUTH ") else _echo_last(line)


def _then_digest(line: str) -> str:
    told = "334 PDEyMzRAaG9wLmV4YW1wbGUubmV0Pg=="
    return told if line.startswith("AUTH ") else f"535 5.7.8 got {base64.b64decode(line).decode().split(' ')[1]}"


@pytest.mark.parametrize(
    ("mechanisms", "answer", "shown"),
    [
        ("PLAIN", "535 5.7.8 bad credentials at example.org", "535 5.7.8 bad credentials at example.org"),
        ("LOGIN", "454-4.7.0 the directory\n454 4.7.0 is away", "454 4.7.0 the directory is away"),
        ("CRAM-MD5", "535 no", "535 no"),
        ("PLAIN", "535 5.7.8 nobody is named desk@example.org", f"535 {HIDDEN}"),
        ("PLAIN", "535 5.7.8 SECRET%20WORD", f"535 {HIDDEN}"),
        ("PLAIN", "535 5.7.8 not c2VjcmV0IHdvcmQ=", f"535 {HIDDEN}"),
        ("PLAIN", _echo_last, f"535 {HIDDEN}"),
        ("PLAIN", _echo_decoded, f"535 {HIDDEN}"),
        ("LOGIN", _echo_last, f"535 {HIDDEN}"),
        ("LOGIN", _then, f"535 {HIDDEN}"),
        ("CRAM-MD5", _then, f"535 {HIDDEN}"),
        ("CRAM-MD5", _then_digest, f"535 {HIDDEN}"),
    ],
)
async def test_the_words_of_a_refused_auth_are_kept_where_they_cannot_repeat_ours(
    certificate: tuple[str, str], tmp_path: Path, mechanisms: str, answer: str | Callable[[str], str], shown: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret word\n", encoding="utf-8")
    auth = RouteAuth(user="desk@example.org", password_file=secret)
    with NextHop(Behaviour(certificate=certificate, keywords=("PIPELINING", f"AUTH {mechanisms}"), auth=answer)) as hop:
        async with courier_to(route_to(hop.port, tls=RouteTls.REQUIRED, auth=auth)) as carried:
            (refused,) = await carried.send()
    assert (refused.fate, refused.heard, refused.reply.text) == (Fate.DEFERRED, False, f"AUTH was refused: {shown}")
    assert f"AUTH was refused: {shown}" in " ".join(carried.seen.told)


async def test_files_that_are_none_any_more_are_not_waited_for(certificate: tuple[str, str], tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    auth = RouteAuth(user="screener", password_file=fifo)
    with NextHop(Behaviour(certificate=certificate, keywords=("PIPELINING", "AUTH PLAIN"))) as hop:
        async with courier_to(route_to(hop.port, tls=RouteTls.REQUIRED, auth=auth)) as carried:
            (password,) = await carried.send()
        async with courier_to(route_to(hop.port, tls=RouteTls.VERIFIED, ca_file=fifo)) as carried:
            (authority,) = await carried.send()
    assert (password.fate, password.reply.text) == (Fate.DEFERRED, "The password file cannot be read: is no regular file")
    assert (authority.fate, authority.reply.text) == (
        Fate.DEFERRED,
        "STARTTLS failed: the `ca_file` cannot be read: is no regular file",
    )


async def test_a_name_that_is_none() -> None:
    route = Route(next_hops=(HostPort("nowhere.invalid", 25),), tls=RouteTls.NONE)
    async with courier_to(route, QUICK) as carried:
        (answer,) = await carried.send()
    assert answer.fate is Fate.DEFERRED
    assert answer.reply.text.startswith("Cannot find nowhere.invalid: ")


async def _until(holds: Callable[[], bool]) -> None:
    for _ in range(3000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("waited in vain")
