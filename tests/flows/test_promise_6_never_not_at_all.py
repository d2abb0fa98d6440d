"""Promise 6: never not at all. An extra copy only where an attempt's final reply was lost; each such attempt is counted.

SIGKILL at any moment under load is `peers/test_killed.py`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.exchange import Exchange, exchange
from fakes.mails import mail
from fakes.service import Hop, running
from fakes.waiting import until

from screener.store.records import State


@pytest.fixture
def inside() -> Iterator[Exchange]:
    with exchange() as made:
        yield made


@pytest.fixture
def hop(tmp_path: Path, inside: Exchange) -> Iterator[Hop]:
    with running(tmp_path, settings={"routes": {"inside": {"next_hops": [f"127.0.0.1:{inside.port}"], "tls": "none"}}}) as made:
        yield made


def test_a_lost_final_reply_makes_a_second_copy_and_is_counted(hop: Hop, inside: Exchange) -> None:
    answer = hop.send(mail("twice"), "lost-one@example.org", "beside@example.org")
    assert answer.code == 250
    until(lambda: not hop.entries(State.QUEUED), lambda: f"it is delivered in the end:\n{hop.log()[-2_000:]}")
    assert inside.copies() == {"lost-one@example.org": 2, "beside@example.org": 2}
    assert [entry.doubtful for entry in hop.entries(mail_id=answer.id)] == [1, 1]
    assert hop.metric("screener_attempts_total", outcome="doubtful") >= 1
    assert "doubtful" in hop.command("trace", answer.id)


def test_an_attempt_that_a_sigkill_broke_off_is_counted(hop: Hop, inside: Exchange) -> None:
    inside.down()
    waiting = [hop.send(mail(f"waits {number}"), f"waits-{number}@example.org").id for number in range(5)]
    hop.command("route", "pause", "inside")  # these are due, but no attempt has begun
    inside.up()
    answer = hop.send(mail("twice"), "mute-one@example.org", "beside@example.org")
    hop.command("route", "resume", "inside")
    until(lambda: inside.copies()["mute-one@example.org"] == 1, "the next hop has it, and does not answer")
    until(lambda: len(inside.taken()) == 6, "the others went out beside it")
    until(lambda: len(hop.entries(State.QUEUED)) == 2, "and are settled")
    hop.kill()
    hop.start()
    until(lambda: not hop.entries(State.QUEUED), lambda: f"it is delivered in the end:\n{hop.log()[-2_000:]}")
    assert inside.copies()["mute-one@example.org"] == inside.copies()["beside@example.org"] == 2
    assert [entry.doubtful for entry in hop.entries(mail_id=answer.id)] == [1, 1]
    assert [entry.doubtful for mail_id in waiting for entry in hop.entries(mail_id=mail_id)] == [0] * 5
    assert hop.metric("screener_attempts_total", outcome="doubtful", route="inside") == 2
    assert "the service ended during the attempt: an extra copy is possible" in hop.command("trace", answer.id)


def test_without_a_lost_reply_there_is_one_copy(hop: Hop, inside: Exchange) -> None:
    for number in range(20):
        assert hop.send(mail(f"once {number}"), f"once-{number}@example.org").code == 250
    until(lambda: not hop.entries(State.QUEUED), "all are delivered")
    assert inside.copies() == {f"once-{number}@example.org": 1 for number in range(20)}
    assert hop.metric("screener_attempts_total", outcome="doubtful") == 0


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_what_waits_is_still_there_after_the_service_ended(hop: Hop, inside: Exchange, way: str) -> None:
    inside.down()
    names = [f"waits-{number}@example.org" for number in range(30)]
    for name in names:
        assert hop.send(mail(name, "A line.\r\n" * 100), name).code == 250
    if way == "stop":
        assert hop.stop() == 0
    else:
        hop.kill()
    inside.up()
    hop.start()
    until(lambda: len(inside.taken()) >= len(names) and not hop.entries(State.QUEUED), lambda: f"all arrive:\n{hop.log()[-2_000:]}")
    assert inside.copies() == dict.fromkeys(names, 1)


def test_a_graceful_stop_finishes_what_was_begun(hop: Hop, inside: Exchange) -> None:
    with hop.connect() as working, hop.connect() as idle:
        working.hello()
        idle.hello()
        working.write(b"MAIL FROM:<ben@example.net>\r\nRCPT TO:<last@example.org>\r\nDATA\r\n")
        assert [working.answer().code for _ in range(3)] == [250, 250, 354]
        hop.terminate()
        assert idle.answer().code == 421
        working.write(mail("the last one") + b".\r\n")
        assert working.answer().code == 250
    assert hop.wait() == 0
    assert [entry.recipient.address.text for entry in hop.entries(State.QUEUED, State.DELIVERED)] == ["last@example.org"]
