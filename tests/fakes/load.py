"""Clients that send mail all the time, over several connections, and write down what they were told.

Each recipient is named once in all, so that every copy can be followed. What was answered 250 is in `acknowledged`; what was sent
whole and never answered is in `unanswered`: it may or may not have been taken, and both are right.
"""

import base64
import io
import itertools
import random
import threading
import zipfile
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from fakes.service import DOMAIN
from fakes.waiting import until
from fakes.wire import Lost, Wire

RULES = """
rules:
  - name: hold-these
    about: The load's mails with this word are held.
    when: {subject: {words: [holdthis]}}
    then: hold
  - name: drop-these
    about: The load's mails with this word are dropped.
    when: {subject: {words: [dropthis]}}
    then: drop
  - name: programs
    about: A rule that needs to look into archives, so that screening processes have work.
    when: {attachment: {extension: [exe]}}
    then: hold
"""
BIG = b"This mail goes to a file of its own.\r\n" * 8_000
PLACES = {"": "delivered", "holdthis": "held", "dropthis": "dropped"}  # the subject's word → where its mail must end


@dataclass(slots=True)
class Told:
    """What the clients were told. Recipients by name."""

    acknowledged: dict[str, str] = field(default_factory=dict)  # recipient → our id in the 250
    expected: dict[str, str] = field(default_factory=dict)  # recipient → the state its mail must end in
    order: list[str] = field(default_factory=list)  # recipients as they were acknowledged
    unanswered: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)  # final answers that were not 250


class Load:
    """The clients. Use as a context, or `join` to wait until `mails` were acknowledged."""

    def __init__(self, port: int, *, connections: int, mails: int | None = None, seed: int = 1, attachments: bool = True) -> None:
        self.told = Told()
        self._port = port
        self._mails = mails
        self._attachments = attachments
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._failed: list[BaseException] = []
        self._threads = [
            threading.Thread(target=self._guarded, args=(random.Random(seed * 1000 + number),), daemon=True)
            for number in range(connections)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self.join()

    def more(self, recipients: int) -> None:
        """Wait until so many more are acknowledged."""
        goal = len(self.told.acknowledged) + recipients
        until(lambda: len(self.told.acknowledged) >= goal or bool(self._failed), f"{recipients} more are acknowledged")

    def join(self) -> None:
        """Wait until every client has ended; raises what made one fail."""
        for thread in self._threads:
            thread.join()
        if self._failed:
            raise self._failed[0]

    def _guarded(self, chance: random.Random) -> None:
        try:
            while not self._over.is_set():
                self._connection(chance)
        except BaseException as error:
            self._failed.append(error)
            raise

    def _connection(self, chance: random.Random) -> None:
        """One connection's mails, until it is lost or all is sent. Whoever is down is tried again soon."""
        try:
            with Wire(self._port) as wire:
                if wire.greeting.code == 220 and wire.hello().code == 250:
                    while not self._over.is_set():
                        self._mail(wire, chance)
        except Lost:
            pass
        self._over.wait(0.02)

    def _mail(self, wire: Wire, chance: random.Random) -> None:
        with self._lock:
            number = next(self._numbers)
        if self._mails is not None and number >= self._mails:
            self._over.set()
            return
        word = chance.choices(("", "holdthis", "dropthis"), (8, 1, 1))[0]
        recipients = [f"m{number}-{index}@{DOMAIN}" for index in range(chance.choice((1, 1, 1, 3)))]
        content = mail(number, word, chance, attachment=self._attachments and chance.random() < 0.2)
        if chance.random() < 0.02:
            content += BIG
        try:
            answers = wire.send(f"sender{number % 50}@example.net", recipients, content)
        except Lost:
            with self._lock:
                self.told.unanswered.update(recipients)
            raise
        with self._lock:
            if answers[-1].code != 250:
                self.told.refused.append(answers[-1].text)
                return
            for recipient, answer in zip(recipients, answers[1:-1], strict=True):
                if answer.code == 250:
                    self.told.acknowledged[recipient] = answers[-1].id
                    self.told.expected[recipient] = PLACES[word]
                    self.told.order.append(recipient)


def mail(number: int, word: str, chance: random.Random, *, attachment: bool) -> bytes:
    """One mail of the load: text, or with an archive that only a screening process looks into."""
    head = f"From: sender@example.net\r\nSubject: mail {number} {word}\r\nMessage-ID: <{number}@load.example.net>\r\n"
    text = "".join(f"line {line} of {number} {chance.random()}\r\n" for line in range(chance.randrange(5, 60)))
    if not attachment:
        return (head + "\r\n" + text).encode()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as members:
        members.writestr(f"report-{number}.txt", text)
    coded = base64.encodebytes(archive.getvalue()).replace(b"\n", b"\r\n").decode()
    return (
        f'{head}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="cut"\r\n\r\n'
        f"--cut\r\nContent-Type: text/plain\r\n\r\n{text}"
        '--cut\r\nContent-Type: application/zip; name="report.zip"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        f"{coded}--cut--\r\n"
    ).encode()
