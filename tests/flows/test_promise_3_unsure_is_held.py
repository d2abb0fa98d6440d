"""Promise 3: unsure is held, and only that mail. If screening itself is broken or full, the answer is 451."""

import io
import os
import signal
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.mails import mail
from fakes.service import Hop, running
from fakes.waiting import until
from fakes.wire import Answer

from screener.store.records import State

RULES = r"""
rules:
  - name: watched
    mode: observe
    when: {recipient: {address: [observed@example.org]}, body: {pattern: '(a+a+)+b'}}
    then: drop
  - name: catastrophe
    when: {recipient: {address: [anna@example.org]}, body: {pattern: '(x+x+)+y'}}
    then: {reject: "x and y"}
  - name: archives
    when: {attachment: {extension: [exe]}}
    then: {reject: "No programs"}
"""
ZIP = bytes.fromhex("504b0506") + bytes(18)


@pytest.fixture(scope="module")
def screening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hop]:
    settings = {"rules": {"pattern_time": "1 ms"}, "screening": {"processes": 1, "waiting": 1, "time": "60 s"}}
    with running(tmp_path_factory.mktemp("hop"), settings=settings, rules={"10-rules.yaml": RULES}) as made:
        yield made


def test_a_rule_that_cannot_be_judged_holds_its_recipient_only(screening: Hop) -> None:
    answer = screening.send(mail("slow", "x" * 5_000 + "! y\r\n"), "anna@example.org", "ben@example.org")
    assert answer.code == 250, answer
    states = {entry.recipient.address.text: entry for entry in screening.entries(mail_id=answer.id)}
    held = states["anna@example.org"]
    assert held.state is State.HELD
    assert held.verdict.unsure
    assert held.verdict.rule == "catastrophe"
    assert any("could not be judged" in evidence.text for evidence in held.verdict.evidence)
    assert states["ben@example.org"].state in (State.QUEUED, State.DELIVERED)


def test_an_observing_rule_cannot_hold_by_failing(screening: Hop) -> None:
    answer = screening.send(mail("observed", "a" * 5_000 + "! b\r\n"), "observed@example.org")
    assert answer.code == 250, answer
    (entry,) = screening.entries(mail_id=answer.id)
    assert entry.state in (State.QUEUED, State.DELIVERED)


def test_a_mail_that_cannot_be_screened_in_time_is_held_and_the_next_one_goes(tmp_path: Path) -> None:
    settings = {"screening": {"processes": 1, "time": "1 ms"}}
    with running(tmp_path, settings=settings, rules={"10-rules.yaml": RULES}) as hop:
        # Archives in archives: work enough for a millisecond in any case.
        answer = hop.send(mail("too long", attachment=("a.zip", _many_members())))
        assert answer.code == 250, answer
        (entry,) = hop.entries(mail_id=answer.id)
        assert entry.state is State.HELD
        assert entry.verdict.unsure
        answer = hop.send(mail("next"))
        assert [entry.state for entry in hop.entries(mail_id=answer.id)] != [State.HELD]


def test_a_process_that_dies_once_costs_nobody_anything(screening: Hop) -> None:
    (process,) = screening.screening_processes()
    os.kill(process, signal.SIGSTOP)
    answers: list[Answer] = []
    client = threading.Thread(target=lambda: answers.append(screening.send(mail("unlucky", attachment=("a.zip", ZIP)))))
    client.start()
    # Whether the mail is with the process by now or not: it dies, and that must do no harm.
    time.sleep(0.5)
    os.kill(process, signal.SIGKILL)
    client.join()
    assert answers[0].code == 250, answers
    (entry,) = screening.entries(mail_id=answers[0].id)
    assert entry.state in (State.QUEUED, State.DELIVERED)
    assert screening.metric("screener_screening_processes_replaced_total") >= 1


def test_a_screening_that_is_full_answers_451_and_takes_the_rest(screening: Hop) -> None:
    # The one that was killed has its successor, ready for mail.
    until(lambda: screening.metric("screener_screening_processes") == 1 == len(screening.screening_processes()), "one is ready")
    (process,) = screening.screening_processes()
    os.kill(process, signal.SIGSTOP)
    answers: list[Answer] = []
    clients = [
        threading.Thread(target=lambda: answers.append(screening.send(mail("crowd", attachment=("a.zip", ZIP))))) for _ in range(6)
    ]
    for client in clients:
        client.start()
    until(lambda: len(answers) >= 4, lambda: f"those that find no place are answered: {answers}")
    assert {answer.text[:9] for answer in answers} == {"451 4.3.0"}
    # What needs no screening process goes on meanwhile.
    assert screening.send(mail("plain")).code == 250
    os.kill(process, signal.SIGCONT)
    for client in clients:
        client.join()
    assert sorted(answer.code for answer in answers) == [250, 250, 451, 451, 451, 451]


def _many_members() -> bytes:
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(2_000):
            archive.writestr(f"member-{number}.txt", "x" * 1_000)
    return octets.getvalue()
