"""One mail transaction over an established connection: MAIL, RCPT for each recipient and DATA in one write where PIPELINING is
offered (RFC 2920), then the content; the replies matched with the recipients.

Promises an answer for every recipient, whatever the next hop says or does not say, and never a word about a recipient that was not
said about it. Which next hop, and whether to try another, is `courier`'s.
"""

import re
from collections.abc import Mapping

from screener.config.models import Timeouts
from screener.delivery.outcome import Answer, Fate, Parcel, deferred
from screener.delivery.stuffing import BLOCK, stuffed
from screener.delivery.wire import Wire
from screener.frozen import dataclass
from screener.mail.address import NULL_SENDER, Address
from screener.mail.envelope import Notify, Recipient
from screener.mail.reply import Reply

# Said of us and our connection, not of the mail: no TLS, no AUTH, our AUTH (RFC 4954, RFC 3207), a command out of sequence.
_ABOUT_US = frozenset({421, 503, 530, 534, 535, 538})
_XTEXT = re.compile(r"[!-<>-~=]{1,500}")  # printable ASCII without spaces; what it means was checked when it came
_NOTIFY = (Notify.NEVER, Notify.SUCCESS, Notify.FAILURE, Notify.DELAY)
_REMOTE_ID = re.compile(
    r"queued as ([^\s;,]+)|InternalId=(\d+)|\bid=([^\s;,]+)|^([0-9A-Za-z]{6,40}) Message accepted|^ok\s+<?([^\s;,>]+)>? queued",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Offers:
    """What a next hop offered with EHLO."""

    pipelining: bool = False
    eight_bit: bool = False
    smtputf8: bool = False
    dsn: bool = False
    size: int | None = None  # None: SIZE is not offered; 0: no fixed limit (RFC 1870)

    @classmethod
    def read(cls, extensions: Mapping[str, str]) -> "Offers":
        """From EHLO keywords in lower case and what stands behind each."""
        size = extensions.get("size")
        return cls(
            pipelining="pipelining" in extensions,
            eight_bit="8bitmime" in extensions,
            smtputf8="smtputf8" in extensions,
            dsn="dsn" in extensions,
            size=None if size is None else int(size) if size.isascii() and size.isdigit() and len(size) < 19 else 0,
        )


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one transaction."""

    answers: tuple[Answer, ...]  # in the order of the parcel's recipients
    unanswered: bool = False  # not even MAIL was answered: on a connection that had been idle it was stale
    about_us: bool = False  # the next hop refused us, not the mail
    dropped: str = ""  # why the connection broke within the transaction, before the content was sent whole


@dataclass(slots=True)
class _Heard:
    """The replies of one transaction; None: not heard."""

    mail: Reply | None = None
    rcpts: tuple[Reply | None, ...] = ()
    data: Reply | None = None
    final: Reply | None = None
    whole: bool = False  # the content went out with its final dot


async def exchange(wire: Wire, offers: Offers, parcel: Parcel, timeouts: Timeouts, next_hop: str) -> Result:
    """Carry out the transaction. Afterwards `wire.lost` tells whether the connection can be used again."""
    unfit = unfit_for(offers, parcel, next_hop)
    if unfit is not None:
        return Result((unfit,) * len(parcel.recipients))
    barred = [_needs_utf8(one, offers, next_hop) for one in parcel.recipients]
    wanted = tuple(one for one, bar in zip(parcel.recipients, barred, strict=True) if bar is None)
    if not wanted:
        return Result(tuple(bar for bar in barred if bar is not None))
    result = await _transact(wire, offers, parcel, wanted, timeouts, next_hop)
    if len(wanted) == len(barred):
        return result
    answers = iter(result.answers)
    return Result(
        tuple(next(answers) if bar is None else bar for bar in barred), result.unanswered, result.about_us, result.dropped
    )


def unfit_for(offers: Offers, parcel: Parcel, next_hop: str) -> Answer | None:
    """Why this mail cannot go to such a next hop unchanged, for all of its recipients; it is reported then, never changed."""
    if offers.size and parcel.size > offers.size:
        text = f"The mail has {parcel.size} octets, the next hop takes at most {offers.size}"
        return Answer(Fate.FAILED, Reply(552, "5.3.4", text), next_hop, heard=False)
    if not offers.smtputf8 and (parcel.utf8_header or not parcel.sender.is_ascii):
        return Answer(Fate.FAILED, _NO_UTF8, next_hop, heard=False)
    return None


_NO_UTF8 = Reply(550, "5.6.7", "The mail needs SMTPUTF8, which the next hop does not offer")  # RFC 6531 3.5


def _needs_utf8(recipient: Recipient, offers: Offers, next_hop: str) -> Answer | None:
    if offers.smtputf8 or recipient.address.is_ascii:
        return None
    return Answer(Fate.FAILED, _NO_UTF8, next_hop, heard=False)


async def _transact(
    wire: Wire, offers: Offers, parcel: Parcel, recipients: tuple[Recipient, ...], timeouts: Timeouts, next_hop: str
) -> Result:
    lines = [mail_command(parcel, recipients, offers), *(rcpt_command(one, offers) for one in recipients)]
    heard = await (_pipelined if offers.pipelining else _stepwise)(wire, lines, timeouts)
    if heard.mail is None:
        why = _lost(wire, next_hop, "MAIL")
        return Result((why,) * len(recipients), unanswered=True, dropped=wire.lost)
    accepted = [
        at for at, reply in enumerate(heard.rcpts) if heard.mail.is_completion and reply is not None and reply.is_completion
    ]
    go_on = heard.data is not None and heard.data.code == 354
    if go_on and accepted:
        await _content(wire, parcel, timeouts, heard)
    elif go_on:
        # RFC 2920 3.1: a server may say 354 though no recipient is left; a lone dot ends what should not have begun.
        await _ask(wire, b".\r\n", timeouts.final)
    dropped = "" if heard.whole or heard.final else wire.lost
    answers = tuple(_answer(wire, heard, at, next_hop, passed_on=offers.dsn) for at in range(len(recipients)))
    await _leave_clean(wire, heard, timeouts)
    return Result(answers, about_us=heard.mail.code in _ABOUT_US, dropped=dropped)


async def _pipelined(wire: Wire, lines: list[bytes], timeouts: Timeouts) -> _Heard:
    wire.write(b"".join((*lines, b"DATA\r\n")))
    rcpts = len(lines) - 1
    replies = await wire.hear((timeouts.mail, *(timeouts.rcpt,) * rcpts, timeouts.data))
    padded: list[Reply | None] = [*replies, *(None,) * (rcpts + 2 - len(replies))]
    return _Heard(padded[0], tuple(padded[1:-1]), padded[-1])


async def _stepwise(wire: Wire, lines: list[bytes], timeouts: Timeouts) -> _Heard:
    rcpts: list[Reply | None] = [None] * (len(lines) - 1)
    mail = await _ask(wire, lines[0], timeouts.mail)
    if mail is None or not mail.is_completion:
        return _Heard(mail, tuple(rcpts))
    for at, line in enumerate(lines[1:]):
        rcpts[at] = await _ask(wire, line, timeouts.rcpt)
        if wire.lost:
            return _Heard(mail, tuple(rcpts))
    if not any(reply is not None and reply.is_completion for reply in rcpts):
        return _Heard(mail, tuple(rcpts))
    return _Heard(mail, tuple(rcpts), await _ask(wire, b"DATA\r\n", timeouts.data))


async def _ask(wire: Wire, line: bytes, limit: float) -> Reply | None:
    wire.write(line)
    heard = await wire.hear((limit,))
    return heard[0] if heard else None


async def _content(wire: Wire, parcel: Parcel, timeouts: Timeouts, heard: _Heard) -> None:
    """Send the content and hear the final reply. A next hop may refuse, or vanish, before it has all of it."""
    if parcel.size < BLOCK:
        wire.write(b"".join(stuffed(parcel.spans)))
    else:
        for block in stuffed(parcel.spans):
            if wire.has_heard:  # before the final dot: a refusal, or a reply to what it cannot know yet
                wire.abandon("the next hop replied before it had the content")
                break
            wire.write(block)
            await wire.drain(timeouts.block)
            if wire.lost:
                break
    heard.whole = not wire.lost
    replies = await wire.hear((timeouts.final,))
    heard.final = replies[0] if replies else None


def _answer(wire: Wire, heard: _Heard, at: int, next_hop: str, *, passed_on: bool) -> Answer:
    """What was said about the recipient `at`."""
    assert heard.mail is not None
    if not heard.mail.is_completion:
        return _from(heard.mail, next_hop)
    rcpt = heard.rcpts[at]
    if rcpt is None:
        return _lost(wire, next_hop, "RCPT")
    if not rcpt.is_completion:
        return _from(rcpt, next_hop, rcpt=True)
    if heard.data is None:
        return _lost(wire, next_hop, "DATA")
    if heard.data.code != 354:
        return _from(heard.data, next_hop)
    if heard.final is None and heard.whole:
        text = f"The content was sent and no reply came ({wire.lost})"
        return deferred("4.4.2", text, next_hop, fate=Fate.DOUBTFUL)
    if heard.final is None:
        return _lost(wire, next_hop, "the content, of which only a part was sent")
    if heard.final.code // 100 not in (2, 4, 5):
        text = f"The content was sent and the reply to it is none: {heard.final}"
        return deferred("4.5.0", text, next_hop, fate=Fate.DOUBTFUL)
    if heard.final.is_completion and not heard.whole:
        return deferred("4.5.0", f"The next hop replied before it had the content: {heard.final}", next_hop)
    if heard.final.is_completion:
        return Answer(Fate.DELIVERED, heard.final, next_hop, remote_id(heard.final.text), passed_on=passed_on)
    return _from(heard.final, next_hop)


def _from(reply: Reply, next_hop: str, *, rcpt: bool = False) -> Answer:
    """What a reply that is no success means for the mail."""
    too_many = rcpt and reply.code == 552 and reply.enhanced in ("", "5.5.3")  # RFC 5321 4.5.3.1.10: the same as 452
    failed = reply.code // 100 == 5 and reply.code not in _ABOUT_US and not too_many
    return Answer(Fate.FAILED if failed else Fate.DEFERRED, reply, next_hop)


def _lost(wire: Wire, next_hop: str, phase: str) -> Answer:
    return deferred("4.4.2", f"No reply to {phase} ({wire.lost or 'connection lost'})", next_hop)


async def _leave_clean(wire: Wire, heard: _Heard, timeouts: Timeouts) -> None:
    """Bring the connection to where the next MAIL may follow, or give it up."""
    assert heard.mail is not None
    said = (heard.mail, *heard.rcpts, heard.data, heard.final)
    if heard.mail.code == 503 or any(reply is not None and reply.code == 421 for reply in said):
        wire.abandon("the next hop is closing the connection")
    elif _is_out_of_step(heard):
        wire.abandon("the next hop's replies do not fit to the commands")
    elif heard.mail.is_completion and (heard.data is None or heard.data.code != 354) and not wire.lost:
        reset = await _ask(wire, b"RSET\r\n", timeouts.mail)
        if reset is None or not reset.is_completion:
            wire.abandon("RSET was refused")


def _is_out_of_step(heard: _Heard) -> bool:
    """Whether a reply can only belong to another command: whatever comes next would be misread too."""
    said = [heard.mail, *heard.rcpts, heard.final]
    begun = heard.data is not None and heard.data.code < 400 and heard.data.code != 354
    return begun or any(reply is not None and not (reply.is_completion or reply.code >= 400) for reply in said)


def mail_command(parcel: Parcel, recipients: tuple[Recipient, ...], offers: Offers) -> bytes:
    """The MAIL command's line, with the parameters that this next hop knows."""
    never = not offers.dsn and all(Notify.NEVER in one.notify for one in recipients)
    parts = [f"MAIL FROM:{_path(NULL_SENDER if never else parcel.sender)}"]  # nobody is to be told: RFC 3461 5.2.2
    if offers.size is not None:
        parts.append(f"SIZE={parcel.size}")
    if offers.eight_bit and parcel.eight_bit:
        parts.append("BODY=8BITMIME")
    if offers.smtputf8 and (parcel.smtputf8 or not parcel.sender.is_ascii or any(not one.address.is_ascii for one in recipients)):
        parts.append("SMTPUTF8")
    if offers.dsn:
        if parcel.ret is not None:
            parts.append(f"RET={parcel.ret}")
        if _XTEXT.fullmatch(parcel.envid):
            parts.append(f"ENVID={parcel.envid}")
    return " ".join(parts).encode("utf-8") + b"\r\n"


def rcpt_command(recipient: Recipient, offers: Offers) -> bytes:
    """The RCPT command's line."""
    line = f"RCPT TO:{_path(recipient.address)}"
    if offers.dsn and (recipient.notify or recipient.orcpt):
        if recipient.notify:
            line += " NOTIFY=" + ",".join(value for value in _NOTIFY if value in recipient.notify)
        if _XTEXT.fullmatch(recipient.orcpt):
            line += f" ORCPT={recipient.orcpt}"
    return line.encode("utf-8") + b"\r\n"


def _path(address: Address) -> str:
    """`<…>`, exactly as the address came: it is never parsed again on its way out."""
    text = address.text
    if not text.isprintable() and any(ord(char) < 32 or ord(char) == 127 for char in text):
        raise ValueError("an address has a control character: it cannot be part of a command")
    return f"<{text}>"


def remote_id(text: str) -> str:
    """The next hop's own id of the mail, out of what it said: Postfix, Exchange, Exim, Sendmail, qmail; "" when it said none."""
    found = _REMOTE_ID.search(text)
    return "" if found is None else next(group for group in found.groups() if group)
