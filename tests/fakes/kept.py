"""Mail as the intake would keep it, for tests of what comes after."""

from screener.mail.address import Address
from screener.mail.envelope import Client, Envelope, Recipient
from screener.mail.ids import new_mail_id
from screener.mail.mail import Content, Mail, Octets
from screener.mail.verdict import Action, Evidence, Facts, Hit, Verdict
from screener.store.records import Keep, NewRecipient, State

NOON = 1_750_000_000.0

ACTIONS = {
    State.QUEUED: Action.FORWARD,
    State.HELD: Action.HOLD,
    State.DROPPED: Action.DROP,
    State.REJECTED: Action.REJECT,
}
CONTENT = b"From: a@example.com\r\nTo: b@example.org\r\nSubject: hello\r\n\r\nGood day.\r\n"


def verdict_for(state: State, rule: str = "programs") -> Verdict:
    """A verdict with evidence, as the rules would give it for this state."""
    action = ACTIONS.get(state, Action.FORWARD)
    if action is Action.FORWARD:
        return Verdict()
    evidence = (Evidence("attachment.extension", 'a.pdf.exe has extension "exe"', "part 2", "lists/programs.txt:3"),)
    hits = (
        Hit(rule, "rules/20-attachments.yaml:4", action, evidence),
        Hit("big", "rules/30-size.yaml:2", Action.HOLD, (Evidence("message.size", "30 MiB"),)),
    )
    return Verdict(action, rule, "rules/20-attachments.yaml:4", evidence, hits=hits)


def kept(
    *states: State,
    mail_id: str = "",
    at: float = NOON,
    octets: Octets = CONTENT,
    path: str = "",
    sender: str = "a@example.com",
    subject: str = "hello",
    message_id: str = "",
    route: str = "exchange",
    front_id: str = "",
    rule: str = "programs",
) -> Keep:
    """A mail with one recipient for each state: user0@example.org, user1@example.org, …"""
    mail_id = mail_id or new_mail_id(at)
    addresses = [Address.parse(f"user{key}@example.org") for key in range(len(states))]
    recipients = tuple(
        NewRecipient(Recipient(address), state, verdict_for(state, rule), route if state is State.QUEUED else "")
        for address, state in zip(addresses, states, strict=True)
    )
    client = Client("192.0.2.7", 4711, "relay.example.net", "relay.example.net", "ESMTPS", listener="mx", front_id=front_id)
    envelope = Envelope(client, Address.parse(sender), tuple(Recipient(address) for address in addresses))
    mail = Mail(mail_id, at, envelope, Content(octets, path), b"Received: from [192.0.2.7] by screener id x\r\n")
    facts = Facts(subject, message_id or f"<{mail_id}@example.com>", "a@example.com")
    return Keep(mail, facts, "0123456789ab", recipients)
