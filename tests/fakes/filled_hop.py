"""A hop's folder with a store that has mail in every place, for tests of those who read it while no service runs."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from screener.mail.address import Address
from screener.mail.envelope import Client, Envelope, Recipient
from screener.mail.mail import Content, Mail
from screener.mail.verdict import Action, Evidence, Facts, Hit, Verdict
from screener.store.records import Keep, NewRecipient, Outcome, Settle, State
from screener.store.sqlite import SqliteStore

SETTINGS = """\
hostname: screener.example.org
listeners: [{name: inbound, port: 2525}]
domains:
  example.org: {route: local}
  example.com: {route: exchange}
routes:
  local: {maildir: var/delivered}
  exchange: {next_hops: ["127.0.0.1:2526"]}
"""
HOUR = 3600.0
NOW = time.time()

PROGRAMS = Verdict(
    Action.HOLD,
    "programs",
    "rules/20-attachments.yaml:4",
    (Evidence("attachment.extension", 'invoice.pdf.exe has extension "exe"', "part 2", ""),),
    hits=(
        Hit("programs", "rules/20-attachments.yaml:4", Action.HOLD),
        Hit("words", "rules/30-words.yaml:9", Action.DROP, (Evidence("text.words", "nightjar", "part 1", "lists/words.txt:3"),)),
        Hit("trial", "rules/40-trial.yaml:1", Action.REJECT, observed=True),
    ),
)
WORDS = Verdict(Action.DROP, "words", "rules/30-words.yaml:9", (Evidence("text.words", "nightjar", "part 1", "lists/words.txt:3"),))


@dataclass(frozen=True, slots=True)
class Hop:
    """The folder of a hop and what was put into its store."""

    folder: Path
    held: str = "0HE1D000000001"
    two: str = "0TW0000000002A"  # one recipient held, one delivered
    queued: str = "0QVEVED0000003"
    dropped: str = "0DR0PPED000004"
    hostile: str = "0H0ST1E0000005"
    contents: dict[str, bytes] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.folder / "screener.yaml"

    def store(self) -> SqliteStore:
        return SqliteStore.open(self.folder / "var" / "store")


def mail(mail_id: str, received: float, sender: str, recipients: Sequence[str], content: bytes) -> Mail:
    client = Client(
        "192.0.2.7", name="relay.example.net", helo="relay", listener="inbound", front="192.0.2.5", front_id=f"4F{mail_id}"
    )
    envelope = Envelope(client, Address.parse(sender), tuple(Recipient(Address.parse(one)) for one in recipients))
    return Mail(mail_id, received, envelope, Content(content), b"Received: from relay\r\n")


def keep(mail: Mail, subject: str, *fates: tuple[State, Verdict, str]) -> Keep:
    facts = Facts(subject, f"<{mail.id.lower()}@mail.example>", "sender@mail.example")
    recipients = tuple(
        NewRecipient(recipient, state, verdict, route, None)
        for recipient, (state, verdict, route) in zip(mail.envelope.recipients, fates, strict=True)
    )
    return Keep(mail, facts, "0123456789ab", recipients)


def fill(hop: Hop) -> None:
    """Make the store and keep one mail of each kind in it."""
    forward = Verdict()
    hostile = Verdict(
        Action.HOLD, "programs", "rules/20-attachments.yaml:4", (Evidence("subject.words", "\x1b]0;owned\x07", "[red]part[/]"),)
    )
    keeps = [
        keep(
            mail(hop.held, NOW - 50 * HOUR, "alice@mail.example", ["bob@example.org"], hop.contents[hop.held]),
            "Your invoice",
            (State.HELD, PROGRAMS, ""),
        ),
        keep(
            mail(
                hop.two,
                NOW - 2 * HOUR,
                "alice@mail.example",
                ["bob@example.org", "carol@example.com"],
                b"Subject: two\r\n\r\n2\r\n",
            ),
            "Second invoice",
            (State.HELD, PROGRAMS, ""),
            (State.QUEUED, forward, "exchange"),
        ),
        keep(
            mail(hop.queued, NOW - HOUR, "dave@mail.example", ["carol@example.com"], b"Subject: late\r\n\r\n3\r\n"),
            "Late news",
            (State.QUEUED, forward, "exchange"),
        ),
        keep(
            mail(hop.dropped, NOW - HOUR, "eve@bad.example", ["bob@example.org"], b"Subject: drop\r\n\r\n4\r\n"),
            "Project",
            (State.DROPPED, WORDS, ""),
        ),
        keep(
            mail(hop.hostile, NOW - 600, "mallory@bad.example", ["bob@example.org"], b"Subject: x\r\n\r\n\x1b[2Jboo\x9b\r\n"),
            "\u202egpj.exe[bold] \x1b[31mred\r\n\u200b",
            (State.HELD, hostile, ""),
        ),
    ]
    settles = [
        Settle(hop.two, NOW - HOUR, (Outcome(1, State.DELIVERED, "250 2.0.0 Ok", "127.0.0.1:2526", "REMOTE77"),)),
        Settle(
            hop.queued,
            NOW - 60,
            (Outcome(0, State.QUEUED, "451 4.2.0 mailbox busy", "127.0.0.1:2526", next_attempt=NOW + HOUR),),
        ),
    ]
    store = SqliteStore.open(hop.folder / "var" / "store", serving=True)
    for results in (store.apply(keeps), store.apply(settles)):
        assert results == [None] * len(results)
    store.close()
