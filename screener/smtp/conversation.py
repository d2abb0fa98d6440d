"""The commands of one client and what they are answered (RFC 5321 section 4), and the mail that comes of them.

Promises that every command in every order gets exactly one reply with an enhanced code. No I/O: lines and chunks come in, answers
go out; only where somebody else has to be waited for is the answer one to wait for. What comes between DATA and its answer is
`mail_data`'s; time limits, TLS and the connection's end are left to `session`.
"""

import errno
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from screener.log import say
from screener.mail.envelope import Client, Recipient
from screener.mail.reply import Reply
from screener.smtp import access, grammar
from screener.smtp.entrance import Entrance
from screener.smtp.introduction import Introduction
from screener.smtp.mail_data import MailData
from screener.smtp.refusing import refused
from screener.smtp.replies import (
    BAD_LINE,
    BYE,
    CANNOT_VRFY,
    GO_AHEAD,
    HELP,
    LINE_TOO_LONG,
    NEEDS_ARGUMENT,
    NEEDS_HELO,
    NEEDS_MAIL,
    NEEDS_RCPT,
    NEEDS_TLS,
    NESTED_MAIL,
    NO_ARGUMENT,
    NO_RECIPIENTS,
    NO_RECIPIENTS_NOW,
    NO_ROOM,
    NOT_OFFERED,
    NOT_TRUSTED,
    OK,
    READY_FOR_TLS,
    RECIPIENT_OK,
    SECURE_ALREADY,
    SENDER_OK,
    STOPPING,
    TOO_BIG,
    TOO_MANY_BAD,
    TOO_MANY_MESSAGES,
    TOO_MANY_RECIPIENTS,
    TROUBLE,
    UNKNOWN,
    WITHIN_MAIL,
)
from screener.smtp.transaction import Transaction
from screener.store.errors import StoreFull

JUNK: Final = 100  # commands without mail between two mails; each further one counts as bad

_BAD = frozenset((500, 501, 502, 503, 504, 530, 555))


Answer = Reply | Awaitable[Reply]


class Conversation:
    """The state of one session, and its commands."""

    def __init__(self, entrance: Entrance, peer: Client) -> None:
        """`peer`: who is connected."""
        self._entrance = entrance
        self._who = Introduction(peer, entrance.connections, front=entrance.access.is_front(peer.address))
        self._mail_data: MailData | None = None  # being received
        self._mails = 0  # MAIL commands, whatever came of them
        self._octets = 0
        self._bad = 0
        self._junk = 0
        self.transaction: Transaction | None = None
        self.rest = b""  # what came along with the end of the data
        self.over = False  # the connection ends after this answer
        self.stopping = False  # no new transaction

    @property
    def reading(self) -> bool:
        """Whether what comes next is content, for `read`, and not a command."""
        return self._mail_data is not None

    def obey(self, line: bytes) -> Answer:
        """The answer to one line with its LF. After `READY_FOR_TLS` the session does the handshake and tells `secured`."""
        verb, _, argument = line[:-2].partition(b" ")
        command = _COMMANDS.get(verb) or _COMMANDS.get(verb.upper())
        text = _text(argument)
        if text is None or not line.endswith(b"\r\n"):
            return self._answered("", BAD_LINE)
        if command is None:
            return self._answered("", NOT_OFFERED if verb.upper() in _NOT_OFFERED else UNKNOWN)
        answer = command(self, text)
        if not isinstance(answer, Reply) or answer.code < 400:
            return answer
        return self._answered(verb.decode().upper(), answer)

    def read(self, chunk: bytes) -> Answer | None:
        """Take octets of the content. The answer to the whole once its end has come; then `rest` is what came after it."""
        data = self._mail_data
        assert data is not None
        if not data.take(chunk):
            return None
        if data.is_endless:
            self.over = True  # nothing that follows can be taken for a command
        reply = data.refusal()
        self._data_over(data)
        if reply is None:
            return data.handed_over()
        data.abandon()
        return reply

    def troubled(self, error: Exception) -> Reply | None:
        """Something broke. The answer; within the content it has to wait until the end has come."""
        no_room = isinstance(error, StoreFull) or (isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT))
        reply = NO_ROOM if no_room else TROUBLE
        data = self._mail_data
        if data is None:
            if self.transaction is not None:
                self.transaction.later = True
            return reply
        if not data.fail(reply):
            return None
        self._data_over(data)
        return reply

    def line_too_long(self) -> Reply:
        """A line beyond all measure came."""
        return self._answered("", LINE_TOO_LONG)

    def secured(self, tls: str) -> None:
        """TLS is on: everything said before is forgotten (RFC 3207 4.2). `tls`: version and cipher."""
        self._who.secured(tls)
        self._reset()

    def ended(self) -> None:
        """The connection is gone: nothing is kept of a mail that was not received whole."""
        self._who.leave()
        if self._mail_data is not None:
            self._mail_data.abandon()
            self._mail_data = None

    # The commands, each with its argument as text.

    def _ehlo(self, argument: str) -> Reply:
        return self._hello(argument, extended=True)

    def _helo_(self, argument: str) -> Reply:
        return self._hello(argument, extended=False)

    def _hello(self, argument: str, *, extended: bool) -> Reply:
        name = grammar.parse_helo(argument)
        if isinstance(name, Reply):
            return name
        self._who.hello(name, extended=extended)
        self._reset()
        if extended:
            return self._junked(self._entrance.keywords(secure=bool(self._who.peer.tls), front=self._who.front))
        return self._junked(Reply(250, "", self._entrance.config.hostname))

    def _mail(self, argument: str) -> Reply:
        if (reply := self._not_yet()) is not None:
            return reply
        if self.transaction is not None:
            return NESTED_MAIL
        limits = self._entrance.config.limits
        if self.stopping:
            self._entrance.metrics.refusal(self._who.peer.listener, "stopping")
            return self._last(STOPPING)
        if self._mails >= limits.messages_per_connection or self._octets >= limits.octets_per_connection:
            return self._last(TOO_MANY_MESSAGES)
        self._mails += 1
        mail = grammar.parse_mail(argument)
        if isinstance(mail, Reply):
            return mail
        client, shown = self._who.client(smtputf8=mail.smtputf8)
        if mail.size is not None and mail.size > limits.message_size:
            return refused(self._entrance, "size", TOO_BIG, client, mail)
        if (reply := self._entrance.intake.ready()) is not None:
            return refused(self._entrance, "space" if reply.code == 452 else "screening", reply, client, mail)
        self.transaction = Transaction(mail, client, shown, self._entrance.loop.time())
        return SENDER_OK

    def _rcpt(self, argument: str) -> Answer:
        transaction = self.transaction
        if transaction is None:
            return self._not_yet() or NEEDS_MAIL
        if transaction.accepted >= self._entrance.config.limits.recipients:
            self._entrance.metrics.refusal(self._who.peer.listener, "recipients")
            return self._refused_one(transaction, TOO_MANY_RECIPIENTS)
        recipient = grammar.parse_rcpt(argument, smtputf8=transaction.command.smtputf8)
        if isinstance(recipient, Reply):
            return self._refused_one(transaction, recipient)
        refusal = self._entrance.access.refuse_recipient(transaction.client, recipient.address)
        if refusal is None or isinstance(refusal, Reply):
            return self._judged(transaction, recipient, refusal)
        return self._judged_later(transaction, recipient, refusal)

    async def _judged_later(self, transaction: Transaction, recipient: Recipient, refusal: Awaitable[Reply | None]) -> Reply:
        return self._answered("RCPT", self._judged(transaction, recipient, await refusal))

    def _judged(self, transaction: Transaction, recipient: Recipient, refusal: Reply | None) -> Reply:
        """Access has said what it has to say of a recipient; the rules come next."""
        client, sender, address = transaction.client, transaction.command.sender, recipient.address
        if refusal is not None:
            reason = "unknown_user" if refusal is access.UNKNOWN_USER else "relay"
            refused(self._entrance, reason, refusal, client, transaction.command, str(address))
        elif not self._entrance.access.is_postmaster(address):
            refusal = self._entrance.intake.refuse_recipient(client, sender, address)
        if refusal is not None:
            return self._refused_one(transaction, refusal)
        if (
            self._entrance.access.is_local_postmaster(address)
            and (postmaster := self._entrance.config.local_postmaster()) is not None
        ):
            recipient = replace(recipient, address=postmaster)
        transaction.accept(recipient)
        return RECIPIENT_OK

    def _data(self, argument: str) -> Reply:
        transaction = self.transaction
        if transaction is None:
            return self._not_yet() or NEEDS_MAIL
        if argument:
            return NO_ARGUMENT
        if not transaction.recipients:
            if not transaction.refused and not transaction.later:
                return NEEDS_RCPT
            return self._refused_one(transaction, NO_RECIPIENTS_NOW if transaction.later else NO_RECIPIENTS)
        self._mail_data = MailData(self._entrance, transaction)
        return GO_AHEAD

    def _data_over(self, data: MailData) -> None:
        """Back to commands."""
        self.rest = data.decoder.rest
        self._octets += data.decoder.wire
        self._junk = 0
        self._mail_data = None
        self._reset()

    def _rset(self, argument: str) -> Reply:
        if argument:
            return NO_ARGUMENT
        self._reset()
        return self._junked(OK)

    def _noop(self, _argument: str) -> Reply:
        return self._junked(OK)

    def _help(self, _argument: str) -> Reply:
        return self._junked(HELP)

    def _vrfy(self, argument: str) -> Reply:
        return self._junked(CANNOT_VRFY) if argument else NEEDS_ARGUMENT

    def _quit(self, argument: str) -> Reply:
        return NO_ARGUMENT if argument else self._last(BYE)

    def _starttls(self, argument: str) -> Reply:
        if self._entrance.tls is None:
            return NOT_OFFERED
        if argument:
            return NO_ARGUMENT
        if self._who.peer.tls:
            return SECURE_ALREADY
        return WITHIN_MAIL if self.transaction is not None else READY_FOR_TLS

    def _xclient(self, argument: str) -> Reply:
        refused = self._front_only() or self._who.xclient(argument)
        if refused is None:
            return self._entrance.greeting
        return self._last(refused) if refused.code == 421 else refused

    def _xforward(self, argument: str) -> Reply:
        return self._front_only() or self._who.xforward(argument) or OK

    def _front_only(self) -> Reply | None:
        if not self._who.front:
            return self._junked(NOT_TRUSTED)
        return None if self.transaction is None else WITHIN_MAIL

    def _not_yet(self) -> Reply | None:
        """Why no mail can be sent yet."""
        tls = self._entrance.listener.tls
        if tls is not None and tls.required and not self._who.peer.tls:
            return NEEDS_TLS
        return None if self._who.helo else NEEDS_HELO

    def _reset(self) -> None:
        """The transaction is over. What XFORWARD told was for it alone."""
        if self.transaction is not None:
            self._who.mail_over()
        self.transaction = None

    def _last(self, reply: Reply) -> Reply:
        self.over = True
        return reply

    def _junked(self, reply: Reply) -> Reply:
        """A command that brings no mail: some are fine, thousands are a way to keep a connection busy."""
        self._junk += 1
        if self._junk <= JUNK:
            return reply
        self._bad += 1
        return self._answered("", reply)

    def _refused_one(self, transaction: Transaction, reply: Reply) -> Reply:
        """A recipient is refused, or DATA for want of one: beyond as many as a mail may have, each counts as a bad command."""
        transaction.refuse(reply)
        if transaction.refused > self._entrance.config.limits.recipients:
            self._bad += 1
        return reply

    def _answered(self, verb: str, reply: Reply) -> Reply:
        """Count a negative reply; the last one too many ends the connection."""
        if reply.code in _BAD:
            self._bad += 1
            reason = "sequence" if reply.code == 503 else "tls" if reply.code == 530 else "grammar"
            self._entrance.metrics.refusal(self._who.peer.listener, reason)
            level = logging.INFO if verb in ("MAIL", "RCPT") else logging.DEBUG
            say("refused", level=level, client=self._who.peer.address, command=verb or None, reply=str(reply))
        if self._bad >= self._entrance.config.limits.bad_commands and not self.over:
            self._entrance.metrics.refusal(self._who.peer.listener, "limit")
            say("refused", client=self._who.peer.address, reply=str(TOO_MANY_BAD))
            return self._last(TOO_MANY_BAD)
        return reply


_COMMANDS: Final[dict[bytes, Callable[[Conversation, str], Answer]]] = {
    b"EHLO": Conversation._ehlo,
    b"HELO": Conversation._helo_,
    b"MAIL": Conversation._mail,
    b"RCPT": Conversation._rcpt,
    b"DATA": Conversation._data,
    b"RSET": Conversation._rset,
    b"NOOP": Conversation._noop,
    b"HELP": Conversation._help,
    b"VRFY": Conversation._vrfy,
    b"QUIT": Conversation._quit,
    b"STARTTLS": Conversation._starttls,
    b"XCLIENT": Conversation._xclient,
    b"XFORWARD": Conversation._xforward,
}
_NOT_OFFERED: Final = frozenset((b"EXPN", b"TURN", b"ETRN", b"ATRN", b"AUTH", b"BDAT", b"SEND", b"SOML", b"SAML"))


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def _text(argument: bytes) -> str | None:
    """An argument as text without the blanks around it; None for what is no printable UTF-8."""
    try:
        text = argument.decode("utf-8").strip(" ")
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() or _CONTROL.search(text) is None else None
