"""The pool of screening processes, with real processes, real rules and real kills."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fakes.waiting import eventually

from screener.mail.address import Address
from screener.mail.envelope import Client, Envelope, Recipient
from screener.mail.mail import Content, Mail
from screener.mail.verdict import Action
from screener.metrics.figures import Metrics
from screener.policy.pattern_time import USUAL, PatternTime
from screener.policy.rulefile import compile_source
from screener.policy.source import Source
from screener.screeners.frames import Order, Sealed
from screener.screeners.pool import NotJudged, Screeners, ScreeningUnavailable

HOLD_WORD = """
rules:
  - name: word
    about: A word.
    when: {body: {words: [nightjar]}}
    then: hold
"""
SLOW = r"""
rules:
  - name: slow
    about: A pattern that explodes.
    when: {body: {pattern: '(a|aa)+$'}}
    then: hold
"""
EXPLODES = b"a" * 64 + b"!\r\n"
MEMORY = 1024**3


def source(folder: Path, rules: str) -> Source:
    folder.mkdir(exist_ok=True)
    (folder / "10-test.yaml").write_text(rules)
    return Source.read(folder, "rules")


def order(rules: Source, pattern_time: PatternTime = USUAL) -> Sealed:
    return Sealed.of(Order(compile_source(rules, pattern_time=pattern_time).ruleset, MEMORY))


def mail(body: bytes, path: str = "", client: str = "192.0.2.1") -> Mail:
    envelope = Envelope(Client(client), Address.parse("a@b.example"), (Recipient(Address.parse("c@example.org")),))
    return Mail("0TEST0000001", 0.0, envelope, Content(b"Subject: x\r\n\r\n" + body, path))


@asynccontextmanager
async def pool(order: Sealed, *, processes: int = 1, seconds: float = 20.0, waiting: int = 10) -> AsyncIterator[Screeners]:
    screeners = Screeners(order, Metrics(), processes=processes, seconds=seconds, waiting=waiting)
    await screeners.start()
    try:
        yield screeners
    finally:
        await screeners.stop()


def children() -> set[int]:
    """The screening processes of this test."""
    while True:
        try:
            pids = {int(pid) for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}
            return {pid for pid in pids if b"screener.screeners.child" in Path(f"/proc/{pid}/cmdline").read_bytes()}
        except (FileNotFoundError, ProcessLookupError):  # a thread or a process ended meanwhile
            continue


async def test_a_process_judges_with_the_same_rules(tmp_path: Path) -> None:
    rules = source(tmp_path, HOLD_WORD)
    async with pool(order(rules)) as screeners:
        held = await screeners.screen(mail(b"project nightjar\r\n"))
        clean = await screeners.screen(mail(b"project lark\r\n"))
    assert (held.verdicts[0].action, held.verdicts[0].rule, held.ruleset) == (Action.HOLD, "word", rules.hash)
    assert clean.verdicts[0].action is Action.FORWARD


async def test_a_big_body_goes_by_file(tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_bytes(b"Subject: x\r\n\r\n" + b"lark\r\n" * 100 + b"nightjar\r\n")
    async with pool(order(source(tmp_path / "rules", HOLD_WORD))) as screeners:
        assert (await screeners.screen(mail(b"not this", str(body)))).verdicts[0].action is Action.HOLD


async def test_a_process_killed_while_idle_is_replaced(tmp_path: Path) -> None:
    async with pool(order(source(tmp_path, HOLD_WORD))) as screeners:
        (pid,) = children()
        os.kill(pid, signal.SIGKILL)
        assert (await screeners.screen(mail(b"nightjar\r\n"))).verdicts[0].action is Action.HOLD
        await eventually(lambda: screeners.alive == 1 and children() != {pid})


async def test_a_process_killed_while_idle_is_noticed_at_once(tmp_path: Path) -> None:
    async with pool(order(source(tmp_path, HOLD_WORD)), processes=2) as screeners:
        before = children()
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        await eventually(lambda: screeners.alive < 2)
        await eventually(lambda: screeners.alive == 2 and not before & children())


async def test_where_no_process_may_leave_the_network_the_log_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    confined = tmp_path / "confined"  # a python that may make no further network namespace
    no_more = 'echo 0 > /proc/sys/user/max_net_namespaces && exec "$@"'
    confined.write_text(f"#!/bin/sh\nexec unshare --user --map-root-user sh -c '{no_more}' sh {sys.executable} \"$@\"\n")
    confined.chmod(0o755)
    rules = source(tmp_path / "rules", HOLD_WORD)
    async with pool(order(rules), processes=2):
        assert "screening-network-open" not in caplog.messages
    monkeypatch.setattr(sys, "executable", str(confined))
    async with pool(order(rules), processes=2) as screeners:
        assert caplog.messages.count("screening-network-open") == 1
        assert (await screeners.screen(mail(b"nightjar\r\n"))).verdicts[0].action is Action.HOLD


async def test_a_start_without_processes_goes_on_trying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    async with pool(order(source(tmp_path, HOLD_WORD))) as screeners:
        assert screeners.alive == 0
        with pytest.raises(ScreeningUnavailable, match="could not be started"):
            await screeners.screen(mail(b"nightjar\r\n"))
        monkeypatch.undo()
        await eventually(lambda: screeners.alive == 1)
        assert (await screeners.screen(mail(b"nightjar\r\n"))).verdicts[0].action is Action.HOLD


async def test_a_process_killed_in_the_middle_of_a_mail_is_replaced_and_the_mail_tried_alone(tmp_path: Path) -> None:
    async with pool(order(source(tmp_path, SLOW), PatternTime(3.0, 60.0))) as screeners:
        (pid,) = children()
        judging = asyncio.create_task(screeners.screen(mail(EXPLODES)))
        await asyncio.sleep(0.5)
        os.kill(pid, signal.SIGKILL)
        screening = await judging
    assert screening.unsure
    assert screening.verdicts[0].action is Action.HOLD


async def test_a_mail_that_takes_too_long_twice_is_not_judged(tmp_path: Path) -> None:
    async with pool(order(source(tmp_path, SLOW), PatternTime(60.0, 1200.0)), seconds=0.3) as screeners:
        with pytest.raises(NotJudged, match="longer than"):
            await screeners.screen(mail(EXPLODES))
        await eventually(lambda: screeners.alive == 1)
        assert (await screeners.screen(mail(b"quick\r\n"))).verdicts[0].action is Action.FORWARD


async def test_when_too_many_wait_screening_is_unavailable(tmp_path: Path) -> None:
    async with pool(order(source(tmp_path, SLOW), PatternTime(60.0, 1200.0)), seconds=1.0, waiting=1) as screeners:
        busy = [asyncio.create_task(screeners.screen(mail(EXPLODES))) for _ in range(2)]
        await asyncio.sleep(0.1)
        with pytest.raises(ScreeningUnavailable, match="too many"):
            await screeners.screen(mail(EXPLODES))
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)


async def test_when_too_many_wait_for_a_second_try_screening_is_unavailable(tmp_path: Path) -> None:
    async with pool(order(source(tmp_path, SLOW), PatternTime(60.0, 1200.0)), seconds=1.0, waiting=1) as screeners:
        first = asyncio.create_task(screeners.screen_alone(mail(EXPLODES)))
        await asyncio.sleep(0)
        with pytest.raises(ScreeningUnavailable, match="tried once more"):
            await screeners.screen_alone(mail(EXPLODES))
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)


async def test_what_is_unsure_is_tried_once_more_with_longer_limits(tmp_path: Path) -> None:
    async with pool(order(source(tmp_path, SLOW), PatternTime(0.05, 1.0))) as screeners:
        screening = await screeners.screen(mail(EXPLODES))
    assert screening.unsure
    assert "3 times as long at the second try" in screening.verdicts[0].evidence[-1].text


async def test_clients_take_turns(tmp_path: Path) -> None:
    async with pool(order(source(tmp_path, SLOW), PatternTime(0.2, 4.0)), waiting=50) as screeners:
        ended: list[str] = []

        async def judge(body: bytes, client: str) -> None:
            process = await screeners._take(client)
            await process.screen(mail(body, client=client), 20.0)
            ended.append(client)
            screeners._offer(process)

        costly = [asyncio.create_task(judge(EXPLODES, "192.0.2.1")) for _ in range(6)]
        await asyncio.sleep(0)
        await judge(b"quick\r\n", "192.0.2.2")
        assert len(ended) <= 3, "it waited for those of the other client that were begun, not for all"
        await asyncio.gather(*costly)
        assert screeners._waiting == 0


async def test_clients_take_turns_at_the_second_try(tmp_path: Path) -> None:
    async with pool(order(source(tmp_path, SLOW), PatternTime(0.2, 4.0)), waiting=50) as screeners:
        ended: list[str] = []

        async def judge(body: bytes, client: str) -> None:
            await screeners.screen_alone(mail(body, client=client))
            ended.append(client)

        costly = [asyncio.create_task(judge(EXPLODES, "192.0.2.1")) for _ in range(6)]
        await asyncio.sleep(0)
        costly[1].cancel()  # its client hung up; whoever stands behind it must not wait for ever
        await judge(b"quick\r\n", "192.0.2.2")
        assert len(ended) <= 3, "it waited for those of the other client that were begun, not for all"
        await asyncio.gather(*costly, return_exceptions=True)
        assert len(ended) == 6
        assert screeners._waiting_alone == 0
        assert (await screeners.screen_alone(mail(b"quick\r\n"))).verdicts[0].action is Action.FORWARD


async def test_new_rules_take_the_place_of_old_ones(tmp_path: Path) -> None:
    async with pool(order(source(tmp_path, HOLD_WORD)), processes=2) as screeners:
        before = children()
        changed = source(tmp_path, HOLD_WORD.replace("nightjar", "lark"))
        await screeners.replace_rules(order(changed))
        screening = await screeners.screen(mail(b"lark\r\n"))
        assert (screening.verdicts[0].action, screening.ruleset) == (Action.HOLD, changed.hash)
        await eventually(lambda: not before & children())
        assert screeners.alive == 2


async def test_rules_that_no_process_can_take_change_nothing(tmp_path: Path) -> None:
    good = source(tmp_path / "good", HOLD_WORD)
    async with pool(order(good)) as screeners:
        with pytest.raises(ScreeningUnavailable, match="could not be started"):
            await screeners.replace_rules(Sealed("0" * 12, order(good).frame))
        assert (await screeners.screen(mail(b"nightjar\r\n"))).ruleset == good.hash


async def test_when_no_process_can_be_started_screening_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with pool(order(source(tmp_path, HOLD_WORD))) as screeners:
        monkeypatch.setattr(sys, "executable", "/bin/false")
        for pid in children():
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(ScreeningUnavailable, match="could not be started"):
            await screeners.screen(mail(b"nightjar\r\n"))
        monkeypatch.undo()
        await eventually(lambda: screeners.alive == 1)
        assert (await screeners.screen(mail(b"nightjar\r\n"))).verdicts[0].action is Action.HOLD


async def test_processes_are_replaced_where_no_thread_can_be_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async with pool(order(source(tmp_path, HOLD_WORD)), processes=2) as screeners:
        monkeypatch.setattr(threading.Thread, "start", full)
        before = children()
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        await eventually(lambda: screeners.alive == 2 and not before & children())
        assert len(children()) == 2
        assert (await screeners.screen(mail(b"nightjar\r\n"))).verdicts[0].action is Action.HOLD


async def test_memory_is_bounded_and_the_network_is_gone(tmp_path: Path) -> None:
    async with pool(order(source(tmp_path, HOLD_WORD))):
        (pid,) = children()
        limits = Path(f"/proc/{pid}/limits").read_text()
        assert f"{MEMORY}" in next(line for line in limits.splitlines() if line.startswith("Max address space"))
        if os.geteuid() == 0:
            assert Path(f"/proc/{pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()


async def test_cpu_time_is_bounded_for_each_mail(tmp_path: Path) -> None:
    async with pool(order(source(tmp_path, HOLD_WORD))) as screeners:
        await screeners.screen(mail(b"quick\r\n"))
        (pid,) = children()
        limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
        assert next(line for line in limits if line.startswith("Max cpu time")).split()[3].isdigit()


async def test_stopping_ends_a_process_that_is_only_just_starting(tmp_path: Path) -> None:
    async with pool(order(source(tmp_path, HOLD_WORD))) as screeners:
        (killed,) = children()
        os.kill(killed, signal.SIGKILL)
        await eventually(lambda: bool(children() - {killed}))
        assert screeners.alive == 0
        await screeners.stop()
        assert not children()


async def test_stopping_ends_every_process_and_those_who_wait_hear_of_it(tmp_path: Path) -> None:
    async with pool(order(source(tmp_path, SLOW), PatternTime(60.0, 1200.0))) as screeners:
        busy = [asyncio.create_task(screeners.screen(mail(EXPLODES))) for _ in range(2)]
        await asyncio.sleep(0.2)
        await screeners.stop()
        assert all(isinstance(one, Exception) for one in await asyncio.gather(*busy, return_exceptions=True))
        assert not children()
