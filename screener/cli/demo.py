"""`screener demo`: a first look at the running hop, by mail that meets its shipped rules."""

import smtplib
import socket
import struct
import time
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from pathlib import Path

import click

from screener.cli.opened import Opened, opened
from screener.cli.options import config_option
from screener.cli.plain import plain
from screener.cli.program import NotDone
from screener.cli.settings import load_config
from screener.cli.story import evidence_lines, shown_verdict
from screener.config.hostport import HostPort, host_port
from screener.config.models import Config
from screener.frozen import dataclass
from screener.store.errors import StoreError
from screener.store.records import Entry, State
from screener.values import shown_size

SENDER = "ben@partner.example"
LISTED = "spammer@bad.example"  # in rules/lists/blocked-senders.txt
FORBIDDEN = "somebody@elsewhere.example"  # no domain of ours
CONNECT_SECONDS = 10.0
SETTLE_SECONDS = 5.0  # how long to wait for the next hop's word


@dataclass(frozen=True, slots=True)
class Sample:
    """One message of the demonstration."""

    title: str
    sender: str
    recipients: tuple[str, ...]
    content: bytes
    declared_size: int | None = None  # the SIZE it announces, where that is not its own


@dataclass(frozen=True, slots=True)
class Sent:
    """What the hop said to one message."""

    replies: tuple[tuple[str, str], ...]  # recipient, reply at RCPT
    final: str  # the reply that ended it: to MAIL, to the last RCPT, or to the content
    mail_id: str = ""  # the hop's id; "" when it did not take the mail


@click.command()
@click.option("--to", "target", metavar="HOST:PORT", default=None, help="The hop; else the first listener of the settings.")
@config_option
def demo(target: str | None, config_path: Path) -> None:
    """Send six messages to the running hop and show what became of each recipient, and why."""
    config = load_config(config_path)
    address = _listener(config) if target is None else _target(target)
    domain = next((name for name in config.domains if not name.startswith(".")), None)
    if domain is None:
        raise NotDone("the settings list no domain under `domains`: there is nobody to send to")
    sent = []
    for sample in samples(domain, config.limits.message_size):
        try:
            sent.append((sample, send(address, sample)))
        except (OSError, smtplib.SMTPException) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise NotDone(f"no hop answers at {address} ({reason}): start it with `screener run`, or name it with --to") from error
    written = _written(config_path, [one.mail_id for _, one in sent if one.mail_id])
    for number, (sample, one) in enumerate(sent, 1):
        for line in _told(config, number, sample, one, written.get(one.mail_id, [])):
            click.echo(plain(line))
        click.echo()


def samples(domain: str, message_size: int) -> Iterator[Sample]:
    """The messages: one that nothing is wrong with, and five that meet a rule or a limit."""
    anna = f"anna@{domain}"
    clean = _message(SENDER, anna, "Lunch on Friday?")
    clean.set_content("The usual place, at noon?\n")
    yield Sample("A clean message", SENDER, (anna,), clean.as_bytes(policy=SMTP))

    listed = _message(LISTED, anna, "Offer")
    listed.set_content("Cheap, and only today.\n")
    yield Sample("A sender on the list", LISTED, (anna,), listed.as_bytes(policy=SMTP))

    renamed = _message(SENDER, anna, "Your invoice")
    renamed.set_content("Please see the file.\n")
    renamed.add_attachment(_program(), maintype="application", subtype="pdf", filename="invoice.pdf")
    yield Sample("A program renamed to .pdf", SENDER, (anna,), renamed.as_bytes(policy=SMTP))

    hidden = _message(SENDER, anna, "Minutes")
    hidden.set_content("<p>More on <b>pro</b>&#106;ect\n<i>Night&#8203;jar</i> next week.</p>\n", subtype="html", cte="base64")
    yield Sample("A word hidden in a base64 HTML part", SENDER, (anna,), hidden.as_bytes(policy=SMTP))

    big = _message(SENDER, anna, "All of our holiday pictures")
    big.set_content("…\n")
    title = f"An oversized message ({shown_size(2 * message_size)} announced)"
    yield Sample(title, SENDER, (anna,), big.as_bytes(policy=SMTP), declared_size=2 * message_size)

    mixed = _message(SENDER, f"{anna}, {FORBIDDEN}", "For you both")
    mixed.set_content("One of you is not at home here.\n")
    yield Sample("An allowed and a forbidden recipient", SENDER, (anna, FORBIDDEN), mixed.as_bytes(policy=SMTP))


def send(address: HostPort, sample: Sample) -> Sent:
    """Send one message over a connection of its own; raises OSError and SMTPException where the hop cannot be spoken with."""
    with smtplib.SMTP(address.host, address.port, local_hostname=socket.gethostname(), timeout=CONNECT_SECONDS) as client:
        client.ehlo_or_helo_if_needed()
        size = len(sample.content) if sample.declared_size is None else sample.declared_size
        code, text = client.mail(sample.sender, [f"SIZE={size}"] if client.has_extn("size") else [])
        if code != 250:
            return Sent((), _shown(code, text))
        replies = []
        accepted = False
        for recipient in sample.recipients:
            code, text = client.rcpt(recipient)
            accepted |= code in (250, 251)
            replies.append((recipient, _shown(code, text)))
        if not accepted:
            return Sent(tuple(replies), replies[-1][1])
        code, text = client.data(sample.content)
        final = _shown(code, text)
        _, _, mail_id = final.rpartition(" queued as ")
        return Sent(tuple(replies), final, mail_id if code == 250 else "")


def _written(config_path: Path, mail_ids: list[str]) -> dict[str, list[Entry]]:
    """What the store says of the mails, once their first attempts are over; nothing where it cannot be read from here."""
    try:
        with opened(config_path) as here:
            _settle(here, mail_ids)
            return {mail_id: here.store.entries(mail_id) for mail_id in mail_ids}
    except (NotDone, StoreError) as error:
        click.echo(plain(f"What the hop has written down cannot be read from here: {error}"), err=True)
        return {}


def _told(config: Config, number: int, sample: Sample, sent: Sent, written: list[Entry]) -> Iterator[str]:
    """What became of one message, line by line."""
    yield f"{number}. {sample.title}"
    yield f"   from {sample.sender}"
    entries = {entry.recipient.address.text: entry for entry in written}
    if not sent.replies:
        yield f"   to {', '.join(sample.recipients)}: refused at MAIL: {sent.final}"
    for recipient, reply in sent.replies:
        if not reply.startswith("2"):
            yield f"   to {recipient}: refused at RCPT: {reply}"
            continue
        entry = entries.get(recipient)
        yield f"   to {recipient}: " + (_fate(config, entry) if entry is not None else sent.final)
        if entry is not None:
            for line in evidence_lines(entry.verdict.evidence):
                yield f"      {line}"
    if entries:
        yield f"   the client heard: {sent.final}"
        yield f"   the whole story: screener trace {sent.mail_id}"


def _fate(config: Config, entry: Entry) -> str:
    route = config.routes.get(entry.route)
    goal = ""
    if entry.state is State.DELIVERED:
        goal = f" to {route.maildir}" if route is not None and route.maildir else f" to {entry.next_hop} ({entry.reply})"
    elif entry.reply:
        goal = f" ({entry.reply})"
    return f"{entry.state}{goal}; verdict: {shown_verdict(entry.verdict)}"


def _settle(here: Opened, mail_ids: list[str]) -> None:
    """Wait until nothing of these mails is queued without having been tried, or until that has taken long enough."""
    until = time.monotonic() + SETTLE_SECONDS
    paused = {one.route for one in here.store.paused()}
    while time.monotonic() < until:
        entries = [entry for mail_id in mail_ids for entry in here.store.entries(mail_id)]
        if not any(entry.state is State.QUEUED and not entry.attempts and entry.route not in paused for entry in entries):
            return
        time.sleep(0.05)


def _message(sender: str, to: str, subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    return message


def _program() -> bytes:
    """The headers of a Windows program that does nothing: enough to be known for what it is."""
    dos = b"MZ" + bytes(58) + struct.pack("<I", 64)
    coff = b"PE\0\0" + struct.pack("<HHIIIHH", 0x14C, 1, 0, 0, 0, 224, 0x102)
    optional = struct.pack("<H", 0x10B) + bytes(222)
    section = b".text\0\0\0" + struct.pack("<IIIIIIHHI", 16, 0x1000, 512, 512, 0, 0, 0, 0, 0x60000020)
    return (dos + coff + optional + section).ljust(512, b"\0") + b"\xc3".ljust(512, b"\0")


def _listener(config: Config) -> HostPort:
    listener = config.listeners[0]
    anywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # where one connects to what listens everywhere
    return HostPort(anywhere.get(listener.address, listener.address), listener.port)


def _target(text: str) -> HostPort:
    try:
        return host_port(text, 25)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--to") from error


def _shown(code: int, text: bytes) -> str:
    return f"{code} {text.decode('ascii', 'backslashreplace')}".replace("\n", " ")
