"""The mail data of one transaction, and what is answered to its final dot (RFC 5321 4.1.1.4).

Promises that a Mail is built once, that the answer is the intake's unless the data themselves are refused, and that nothing stays
of data that were not taken. What ends a line or the data is `data`'s, where the octets are kept `receiving`'s.
"""

from typing import Final

from screener.config.models import BareLineEnds
from screener.mail.reply import Reply
from screener.mail.trace import signs_of_loop
from screener.smtp.data import BARE_CR, BARE_LF, DataDecoder
from screener.smtp.entrance import Entrance
from screener.smtp.receiving import Receiving
from screener.smtp.refusing import refused
from screener.smtp.replies import BARE_LINE_END, LOOP, TOO_BIG
from screener.smtp.transaction import Transaction

OWN_PASSES: Final = 3  # Received fields with our own name: a loop


class MailData:
    """From the 354 on."""

    __slots__ = ("_entrance", "_failed", "_receiving", "_transaction", "decoder", "is_endless")

    def __init__(self, entrance: Entrance, transaction: Transaction) -> None:
        self._entrance = entrance
        self._transaction = transaction
        self.decoder = DataDecoder()
        self._receiving = Receiving(entrance.intake, entrance.intake.new_id(), entrance.config.limits.message_size)
        self._failed: Reply | None = None  # the content cannot be kept: the answer once its end has come
        self.is_endless = False  # far too big, and the end was not found

    def take(self, chunk: bytes) -> bool:
        """Take octets; whether nothing more belongs to the data, or is looked at. Raises what the body file raises."""
        decoder, receiving = self.decoder, self._receiving
        piece = decoder.feed(chunk)
        if self._failed is None:
            receiving.add(piece)
        if decoder.ended:
            return True
        limit = self._entrance.config.limits.message_size
        if decoder.wire > limit + self._entrance.drain and (receiving.too_big or self._failed is not None):
            self.is_endless = True
        return self.is_endless

    def fail(self, reply: Reply) -> bool:
        """The content cannot be kept; whether its end has come, and the reply may be said."""
        self._failed = reply
        self._receiving.abandon()
        return self.decoder.ended

    def abandon(self) -> None:
        """Keep nothing of it."""
        self._receiving.abandon()

    def refusal(self) -> Reply | None:
        """Why it is refused whatever the rules say."""
        if self._failed is not None:
            return self._failed
        config, receiving = self._entrance.config, self._receiving
        client, command = self._transaction.client, self._transaction.command
        if receiving.too_big:
            return refused(self._entrance, "size", TOO_BIG, client, command)
        bare = not self.decoder.defects.isdisjoint((BARE_CR, BARE_LF))
        if bare and self._entrance.listener.bare_line_ends is BareLineEnds.REFUSE:
            return refused(self._entrance, "line_ends", BARE_LINE_END, client, command)
        hops, passes = signs_of_loop(receiving.head(), config.hostname)
        if hops > config.limits.hops or passes >= OWN_PASSES:
            return refused(self._entrance, "loop", LOOP, client, command)
        return None

    async def handed_over(self) -> Reply:
        """The intake's answer."""
        entrance, receiving = self._entrance, self._receiving
        perhaps_kept = False
        try:
            content = await receiving.finish(self.decoder.defects)
            mail = self._transaction.mail_of(receiving.mail_id, entrance.clock(), entrance.config.hostname, content)
            perhaps_kept = True
            reply = await entrance.intake.take(mail)
            perhaps_kept = not reply.is_transient
        finally:
            if not perhaps_kept:
                receiving.abandon()
        return reply
