"""One mail transaction while it is being spoken: MAIL, its recipients, and the Mail they become (RFC 5321 3.3)."""

from screener.mail.envelope import Client, Envelope, Recipient
from screener.mail.mail import Content, Mail
from screener.mail.reply import Reply
from screener.mail.trace import received_field
from screener.smtp.grammar import MailFrom


class Transaction:
    """One MAIL and what came after it."""

    __slots__ = ("accepted", "began", "client", "command", "later", "recipients", "refused", "shown")

    def __init__(self, command: MailFrom, client: Client, shown: Client, began: float) -> None:
        """`shown`: who our Received field names; `began`: the event loop's time."""
        self.command = command
        self.client = client
        self.shown = shown
        self.began = began
        self.recipients: dict[str, Recipient] = {}  # by the address as it came: who is named twice gets one copy
        self.accepted = 0  # who is named twice is counted twice
        self.refused = 0
        self.later = False  # a recipient was put off: what comes of it must not be permanent

    def accept(self, recipient: Recipient) -> None:
        """One more recipient."""
        self.accepted += 1
        self.recipients.setdefault(recipient.address.text, recipient)

    def refuse(self, reply: Reply) -> None:
        """A recipient was refused."""
        self.refused += 1
        self.later |= reply.is_transient

    def mail_of(self, mail_id: str, received: float, hostname: str, content: Content) -> Mail:
        """The whole mail, with our Received field; `received` is in seconds since the epoch."""
        command = self.command
        recipients = tuple(self.recipients.values())
        envelope = Envelope(
            self.client, command.sender, recipients, command.body, command.smtputf8, command.size, command.ret, command.envid
        )
        only = recipients[0].address.text if len(recipients) == 1 else ""
        trace = received_field(self.shown, hostname, mail_id, received, only)
        return Mail(mail_id, received, envelope, content, trace)
