"""One connection: octets in and out, TLS, time limits, the end. The one place that knows aiosmtpd.

Promises that nothing ever cancels what runs for a client: one that drops or half-closes ends what can still be read, and no more,
so a mail whose final dot came is taken, and its answer is given to whoever is still there. Whatever breaks is answered 451 4.3.0,
without a trace or a path. Replies to pipelined commands go out together, at the latest when something is waited for (RFC 2920
3.2). Time limits run only while the client is waited for. What commands mean is `conversation`'s.

Commands are answered where their octets come in; a task is made only for what has to be waited for, most of all the intake. Of
aiosmtpd's SMTP the switch to TLS and the place in the event loop are used; its command loop, DATA, parameters and addresses are
replaced (they cancel running work, keep what is sent without bound, guess at addresses, and answer 500 to our own faults).
"""

import asyncio
import logging
from collections.abc import Awaitable
from typing import cast

from aiosmtpd.smtp import SMTP, TLSSetupException

from screener.log import say, trouble
from screener.mail.envelope import Client
from screener.mail.reply import Reply
from screener.smtp.connections import TOO_MANY, TOO_MANY_OF_CLIENT
from screener.smtp.conversation import Answer, Conversation
from screener.smtp.entrance import Entrance
from screener.smtp.incoming import MAX_LINE, Incoming
from screener.smtp.replies import READY_FOR_TLS, STOPPING, TOO_SLOW

MAX_TOGETHER = 100  # replies written at once
MAX_DISCARDED = 65_536  # octets of one command line that are read on to find its end


class Session(SMTP):
    """One client's connection to one listener."""

    def __init__(self, entrance: Entrance) -> None:
        # aiosmtpd's own __init__ walks dir() of itself and its handler for every connection, and its base makes a stream reader's
        # future; what is needed of them stands here.
        self.loop = entrance.loop
        self.transport: asyncio.Transport | None = None
        self.tls_context = entrance.tls
        self._tls_protocol = None
        self._original_transport = None
        self._entrance = entrance
        self._incoming = Incoming()
        self._outgoing: list[bytes] = []
        self._discarded = 0  # octets so far of a command line that is too long; 0: none is
        self._secured = False
        self._half_closed = False
        self._blocked = False  # the client does not read what we say
        self._gone = False
        self._closing = False
        self._waiting_since: float | None = None  # the loop's time; None while we work
        self._address = ""
        self._front = False
        self._conversation: Conversation | None = None
        self._task: asyncio.Task[None] | None = None

    def __del__(self) -> None:
        """What is inherited looks after a stream reader."""

    @property
    def listener(self) -> str:
        """The name of the listener it came in by."""
        return self._entrance.listener.name

    # What the event loop tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._incoming.read_from(self.transport)
        if self._conversation is not None:
            self._secured = True  # the handshake is done
            return
        entrance = self._entrance
        self._address, port = _peer(self.transport)
        self._front = entrance.access.is_front(self._address)
        refused = STOPPING if entrance.sessions.stopping else entrance.connections.enter(self._address, front=self._front)
        if refused is not None:
            self._turn_away(refused)
            return
        entrance.sessions.begun(self)
        entrance.metrics.connection(self.listener, "accepted")
        self._conversation = Conversation(entrance, Client(self._address, port, listener=self.listener))
        self._say(entrance.greeting)
        self._flush()
        self._waiting_since = self.loop.time()

    def data_received(self, data: bytes) -> None:
        self._incoming.fed(data)
        self._advance()

    def eof_received(self) -> bool:
        """The client will say no more, but may listen; TLS knows no such half."""
        self._half_closed = True
        self._advance()
        return self._tls_protocol is None

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002
        self._gone = True
        self._waiting_since = None
        if self._original_transport is not None:
            self._original_transport.close()
        if self._task is None:
            self._leave()

    def pause_writing(self) -> None:
        self._blocked = True

    def resume_writing(self) -> None:
        self._blocked = False
        self._advance()

    # What the server asks.

    def expire(self, now: float) -> None:
        """End the session when the client has been waited for too long; `now` is the loop's time."""
        if self._waiting_since is None or self._conversation is None:
            return
        limits = self._entrance.config.limits
        transaction = self._conversation.transaction
        if now - self._waiting_since > limits.idle or (transaction is not None and now - transaction.began > limits.transaction):
            self._entrance.metrics.refusal(self.listener, "timeout")
            self._cut(TOO_SLOW)

    def stop(self) -> None:
        """Take no new transaction; end at once when none runs."""
        if self._conversation is not None:
            self._conversation.stopping = True
            if self._waiting_since is not None and self._conversation.transaction is None:
                self._entrance.metrics.refusal(self.listener, "stopping")
                self._cut(STOPPING)

    def stop_now(self) -> None:
        """End, unless a mail is being taken just now: that goes on."""
        if self._waiting_since is not None:
            self._cut(STOPPING)

    # The session's own work.

    def _advance(self) -> None:
        """Answer what has come, as far as it has come."""
        conversation = self._conversation
        if conversation is None or self._task is not None or self._gone or self._blocked:
            return  # who does not read what we say is not listened to either
        since, self._waiting_since = self._waiting_since, None
        while self._task is None and not conversation.over and not self._blocked:
            try:
                answer = self._next(conversation)
            except Exception as error:  # noqa: BLE001 the hook: whatever breaks is 451, and the log says what and where
                trouble(error, listener=self.listener, client=self._address)
                answer = conversation.troubled(error)
            if answer is None:
                break
            since = None
            if isinstance(answer, Reply):
                self._say(answer)
                if answer is READY_FOR_TLS:
                    self._begin(conversation, self._secure(conversation))
            else:
                self._begin(conversation, answer)
            if len(self._outgoing) >= MAX_TOGETHER:
                self._flush()
        self._flush()
        if self._task is None:
            # Within the data every block counts as a sign of life; else only what could be answered: no command letter by letter.
            self._waiting_since = self.loop.time() if since is None or conversation.reading else since
            if conversation.over or (self._half_closed and not self._blocked):
                self._close()
            elif conversation.stopping and conversation.transaction is None:
                self.stop()  # the transaction that was to be finished has ended
            elif not self._blocked:
                self._incoming.go_on()

    def _next(self, conversation: Conversation) -> Answer | None:
        """The answer to the next thing that has come whole, or None when there is no such thing yet."""
        if conversation.reading:
            chunk = self._incoming.chunk()
            if not chunk:
                return None
            answer = conversation.read(chunk)
            if conversation.rest:
                self._incoming.put_back(conversation.rest)
                conversation.rest = b""
            return answer
        line = self._incoming.line()
        if line is None:
            return None
        if self._discarded or len(line) > MAX_LINE or not line.endswith(b"\n"):
            return self._too_long(conversation, line)
        return conversation.obey(line)

    def _too_long(self, conversation: Conversation, piece: bytes) -> Reply | None:
        """A piece of a command line beyond all measure: read on to its end, but not for ever."""
        end = piece.find(b"\n")
        self._discarded += len(piece)
        if end < 0 and self._discarded <= MAX_DISCARDED:
            return None
        conversation.over |= end < 0
        self._incoming.put_back(piece[end + 1 :])
        self._discarded = 0
        return conversation.line_too_long()

    def _begin(self, conversation: Conversation, doing: Awaitable[Reply | None]) -> None:
        """Something has to be waited for; until then the client hears what there is to hear."""
        self._flush()
        self._task = self.loop.create_task(self._wait(conversation, doing))

    async def _wait(self, conversation: Conversation, doing: Awaitable[Reply | None]) -> None:
        answer: Reply | None
        try:
            answer = await doing
        except Exception as error:  # noqa: BLE001 the hook, as in _advance
            trouble(error, listener=self.listener, client=self._address)
            answer = conversation.troubled(error)
        finally:
            self._task = None
            if self._gone:
                self._leave()
        if answer is not None:
            self._say(answer)
        self._advance()

    async def push(self, status: str | bytes) -> None:
        """What the inherited STARTTLS says before the handshake: it was said already, with its enhanced code."""

    async def _secure(self, conversation: Conversation) -> None:
        """The handshake. The connection ends with it when it fails."""
        self._waiting_since = self.loop.time()
        reason = "the client is gone"
        try:
            await self.smtp_STARTTLS("")
        except TLSSetupException as error:
            reason = _reason(error)
        finally:
            self._waiting_since = None
        if not self._secured:
            say("refused", client=self._address, listener=self.listener, reply="TLS handshake failed", reason=reason)
            self._entrance.metrics.refusal(self.listener, "tls")
            self._gone = True
            self._abort()
            return
        assert self.transport is not None
        cipher = self.transport.get_extra_info("cipher")
        conversation.secured(f"{cipher[1]} {cipher[0]}" if cipher else "TLS")

    def _say(self, reply: Reply) -> None:
        self._outgoing.append(reply.octets())

    def _flush(self) -> None:
        """Say now what is to be said."""
        if self._outgoing:
            if self.transport is not None and not self._gone:
                self.transport.write(self._outgoing[0] if len(self._outgoing) == 1 else b"".join(self._outgoing))
            self._outgoing.clear()

    def _turn_away(self, reply: Reply) -> None:
        """No session comes of this connection."""
        result = "too_many" if reply is TOO_MANY else "too_many_client" if reply is TOO_MANY_OF_CLIENT else "refused"
        self._entrance.metrics.connection(self.listener, result)
        say("connection-refused", level=logging.WARNING, client=self._address, listener=self.listener, reply=str(reply))
        self._say(reply)
        self._close()

    def _cut(self, reply: Reply) -> None:
        """Say this and end the connection."""
        if not self._closing:
            self._say(reply)
        self._close()

    def _close(self) -> None:
        """End the connection. Who does not even read why is dropped: at once when it is known, else when time is up."""
        self._flush()
        if self._closing or self._blocked or self._task is not None:
            self._abort()
        elif self.transport is not None and not self._gone:
            self._closing = True
            self._waiting_since = self.loop.time()
            self.transport.close()

    def _abort(self) -> None:
        transport = cast(asyncio.Transport | None, self._original_transport) or self.transport
        if transport is not None:
            transport.abort()

    def _leave(self) -> None:
        """The connection is gone and nothing runs for it any more."""
        conversation, self._conversation = self._conversation, None
        if conversation is not None:
            self._entrance.connections.leave(self._address, front=self._front)
            self._entrance.sessions.ended(self)
            conversation.ended()


def _peer(transport: asyncio.Transport) -> tuple[str, int]:
    """The client's IP address, an IPv4 one as such on a dual-stack socket too, and its port."""
    name = transport.get_extra_info("peername")
    if not name:
        return "", 0  # it has gone already
    address = str(name[0]).partition("%")[0]
    return address.removeprefix("::ffff:") if "." in address else address, int(name[1])


def _reason(error: TLSSetupException) -> str:
    """What OpenSSL or the system calls it: a word of theirs, nothing the client sent."""
    cause = error.__cause__
    return str(getattr(cause, "reason", None) or type(cause).__name__)
