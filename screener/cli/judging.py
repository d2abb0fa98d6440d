"""What would become of one message: the same steps as over SMTP, with nothing kept and nobody told.

The octets go through the reader of DATA (`smtp.data`), so that line ends and defects are those of the wire; then the same limits,
the rules on the envelope as at RCPT, and the rules on everything as after the final dot. Relay control is left out: whoever asks
about a file asks about the rules.
"""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.message import Anatomy, Attachment, Budget
from screener.cli.mailfiles import Message, as_sent
from screener.config.models import BareLineEnds, Config
from screener.frozen import dataclass
from screener.mail.address import NULL_SENDER, Address, AddressError
from screener.mail.envelope import Client, Envelope, Recipient
from screener.mail.ids import new_mail_id
from screener.mail.mail import Content, Mail
from screener.mail.reply import Reply
from screener.mail.trace import signs_of_loop
from screener.mail.verdict import Action, Evidence, Verdict
from screener.policy.ruleset import RuleSet
from screener.smtp.access import Access
from screener.smtp.data import BARE_CR, BARE_LF, END, DataDecoder
from screener.smtp.mail_data import OWN_PASSES
from screener.smtp.replies import BARE_LINE_END, LOOP, TOO_BIG

ALONE_FACTOR = 3  # as the service: what is unsure is tried once more, with patterns given so much more time

_SENDER_FIELDS = ("return-path", "from")
_RECIPIENT_FIELDS = ("delivered-to", "to")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a message: a leaf, or what lies within one."""

    names: tuple[str, ...]
    type: str  # by content
    declared_type: str
    size: int  # octets, decoded


@dataclass(frozen=True, slots=True)
class Judged:
    """What would become of one message."""

    path: Path
    number: int  # within an mbox, from 1; else 0
    recipients: tuple[tuple[Address, Verdict], ...] = ()
    parts: tuple[Part, ...] = ()
    defects: tuple[str, ...] = ()
    seconds: float = 0.0
    trouble: str = ""  # why it could not be read or judged


@dataclass(frozen=True, slots=True)
class Judge:
    """The rules and the settings, and what the person who asks said of the envelope; None: take it from the message."""

    config: Config
    access: Access
    ruleset: RuleSet
    client: Client
    sender: Address | None
    recipients: tuple[Address, ...]

    def judge(self, message: Message) -> Judged:
        """Decide about one message as it lies in a file."""
        started = time.perf_counter()
        if message.trouble:
            return Judged(message.path, message.number, trouble=message.trouble)
        content, defects = _received(as_sent(message.octets))
        anatomy = self._anatomy(content, defects)
        recipients = self.recipients or self._recipients_of(anatomy)
        refusal = self._refusal(message, content, defects)
        if refusal is not None:
            verdicts = dict.fromkeys(recipients, _refused(refusal))
        else:
            verdicts = self._verdicts(content, defects, anatomy, recipients)
        whole = message.size <= self.config.limits.message_size
        return Judged(
            message.path,
            message.number,
            tuple((recipient, verdicts[recipient]) for recipient in recipients),
            tuple(_parts(anatomy)) if whole else (),
            tuple(dict.fromkeys(found.defect.value for found in anatomy.all_defects())) if whole else (),
            time.perf_counter() - started,
        )

    def _anatomy(self, content: bytes, defects: frozenset[str]) -> Anatomy:
        return Anatomy(content, inline=False, budget=self.config.screening.budget.of_anatomy, defects=map(Defect, defects))

    def _verdicts(
        self, content: bytes, defects: frozenset[str], anatomy: Anatomy, recipients: tuple[Address, ...]
    ) -> dict[Address, Verdict]:
        now = time.time()
        sender = self._sender_of(anatomy) if self.sender is None else self.sender
        verdicts: dict[Address, Verdict] = {}
        for recipient in recipients:
            at_rcpt = None if self.access.is_postmaster(recipient) else self._at_rcpt(sender, recipient, now)
            if at_rcpt is not None:
                verdicts[recipient] = at_rcpt
        left = tuple(recipient for recipient in recipients if recipient not in verdicts)
        if left:
            envelope = Envelope(self.client, sender, tuple(map(Recipient, left)))
            mail = Mail(new_mail_id(now), now, envelope, Content(content, "", defects))
            screening = self.ruleset.screen(mail, anatomy)
            if screening.unsure:
                again = self._anatomy(content, defects)
                screening = self.ruleset.screen(mail, again, pattern_factor=ALONE_FACTOR)
            verdicts.update(zip(left, screening.verdicts, strict=True))
        return verdicts

    def _at_rcpt(self, sender: Address, recipient: Address, now: float) -> Verdict | None:
        """A refusal that needs no content; every other verdict waits for the content, as at RCPT."""
        verdict = self.ruleset.screen_recipient(self.client, sender, recipient, now=now)
        return verdict if verdict is not None and verdict.action is Action.REJECT else None

    def _refusal(self, message: Message, content: bytes, defects: frozenset[str]) -> Reply | None:
        """What the hop would refuse whatever the rules say."""
        limits = self.config.limits
        if max(message.size, len(content)) > limits.message_size:
            return TOO_BIG
        if self.config.listeners[0].bare_line_ends is BareLineEnds.REFUSE and not defects.isdisjoint((BARE_CR, BARE_LF)):
            return BARE_LINE_END
        hops, passes = signs_of_loop(content, self.config.hostname)
        return LOOP if hops > limits.hops or passes >= OWN_PASSES else None

    def _sender_of(self, anatomy: Anatomy) -> Address:
        return next(_addresses(anatomy, _SENDER_FIELDS), NULL_SENDER)

    def _recipients_of(self, anatomy: Anatomy) -> tuple[Address, ...]:
        """Those of Delivered-To, else of To, else the postmaster of our first domain."""
        for name in _RECIPIENT_FIELDS:
            found = dict.fromkeys(_addresses(anatomy, (name,)))
            if found:
                return tuple(found)[: self.config.limits.recipients]
        domain = next((name for name in self.config.domains if not name.startswith(".")), self.config.hostname)
        return (Address.parse(f"postmaster@{domain}"),)


def _received(sent: bytes) -> tuple[bytes, frozenset[str]]:
    """The content and its defects as the reader of DATA makes them of these octets, dots doubled (RFC 5321 4.5.2)."""
    stuffed = sent.replace(b"\r\n.", b"\r\n..")
    decoder = DataDecoder()
    content = decoder.feed((b"." if stuffed.startswith(b".") else b"") + stuffed + END[2:])
    return content, decoder.defects


def _refused(reply: Reply) -> Verdict:
    return Verdict(Action.REJECT, evidence=(Evidence("smtp", str(reply)),), reply=reply.text)


def _addresses(anatomy: Anatomy, fields: Iterable[str]) -> Iterator[Address]:
    for field in fields:
        for text in anatomy.mailboxes(field):
            try:
                yield Address.parse(text)
            except AddressError:
                continue  # no address a client could have named in the envelope


def _parts(anatomy: Anatomy) -> Iterator[Part]:
    """Leaves in their order, each with what lies within it (archives, uuencoded blocks); then nested messages themselves."""
    ledger = Ledger(Budget(), anatomy.size)
    attachments: dict[str, list[Attachment]] = {}
    for attachment in anatomy.attachments:
        attachments.setdefault(attachment.place.partition(" > ")[0], []).append(attachment)
    for leaf in anatomy.leaves:
        within = attachments.pop(leaf.place, [])
        content = leaf.contents(ledger)[0]
        if not any(one.place == leaf.place and one.octets() == content for one in within):  # a text, shown as such
            names = leaf.name_candidates()
            yield Part(names, leaf.media_type, leaf.media_type if leaf.declared else "", len(content))
        yield from map(_part, within)
    for others in attachments.values():
        yield from map(_part, others)


def _part(attachment: Attachment) -> Part:
    return Part(attachment.names, attachment.type, attachment.declared_type, attachment.size)
