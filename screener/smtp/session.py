"""One connection: octets in and out, TLS, time limits, the end. The one place that knows aiosmtpd.

Promises that nothing ever cancels a session's task: a client that drops or half-closes only ends what can still be read, so a mail
whose final dot came is taken and its answer is given to whoever is still there. Whatever breaks is answered 451 4.3.0, without a
trace or a path. Replies to pipelined commands go out together, at the latest when something is waited for (RFC 2920 3.2). Time
limits run only while the client is waited for. What commands mean is `conversation`'s.

Of aiosmtpd's SMTP the switch to TLS and the place in the event loop are used; its command loop, DATA, parameters and addresses are
replaced (they cancel running work, keep what is sent without bound, guess at addresses, and answer 500 to our own faults).
"""

import asyncio
import logging

from aiosmtpd.smtp import SMTP, TLSSetupException

from screener.log import say, trouble
from screener.mail.envelope import Client
from screener.mail.reply import Reply
from screener.smtp.connections import TOO_MANY, TOO_MANY_OF_CLIENT
from screener.smtp.conversation import LINE_TOO_LONG, READY_FOR_TLS, STOPPING, TROUBLE, Conversation, Lost
from screener.smtp.entrance import Entrance
from screener.smtp.incoming import MAX_LINE, Incoming

TOO_SLOW = Reply(421, "4.4.2", "Waited too long; try again later")
MAX_DISCARDED = 65_536  # octets of one command line that are read on to find its end


class Session(SMTP):
    """One client's connection to one listener."""

    def __init__(self, entrance: Entrance) -> None:
        # aiosmtpd's own __init__ walks dir() of itself and its handler for every connection; what is needed of it stands here.
        asyncio.StreamReaderProtocol.__init__(self, None, loop=entrance.loop)  # type: ignore[arg-type]
        self.loop = entrance.loop
        self.transport: asyncio.Transport | None = None
        self.tls_context = entrance.tls
        self._tls_protocol = None
        self._original_transport = None
        self._entrance = entrance
        self._incoming = Incoming(entrance.loop)
        self._outgoing: list[bytes] = []
        self._writable: asyncio.Future[None] | None = None
        self._blocked = False
        self._gone = False
        self._waiting_since: float | None = None  # the loop's time; None while we work
        self._address = ""
        self._front = False
        self._conversation: Conversation | None = None
        self.task: asyncio.Task[None] | None = None

    @property
    def listener(self) -> str:
        """The name of the listener it came in by."""
        return self._entrance.listener.name

    # What the event loop tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        secured = self.transport is not None
        self.transport = transport
        self._incoming.read_from(transport)
        if secured:
            return
        entrance = self._entrance
        self._address, port = _peer(transport)
        self._front = entrance.access.is_front(self._address)
        refused = STOPPING if entrance.stopping() else entrance.connections.enter(self._address, front=self._front)
        if refused is not None:
            self._turn_away(refused)
            return
        entrance.sessions.add(self)
        entrance.metrics.connection(entrance.listener.name, "accepted")
        self._conversation = Conversation(entrance, self, Client(self._address, port, listener=entrance.listener.name))
        self.task = self.loop.create_task(self._converse(self._conversation))

    def data_received(self, data: bytes) -> None:
        self._incoming.fed(data)

    def eof_received(self) -> bool:
        """The client will say no more, but may listen; TLS knows no such half."""
        self._incoming.ended()
        return self._tls_protocol is None

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002
        self._gone = True
        self._incoming.ended()
        self.resume_writing()
        if self._original_transport is not None:
            self._original_transport.close()

    def pause_writing(self) -> None:
        self._blocked = True

    def resume_writing(self) -> None:
        self._blocked = False
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)

    # What the conversation asks.

    def reply(self, reply: Reply) -> None:
        """Say this, at the latest when something is waited for."""
        self._outgoing.append(reply.octets())

    def flush(self) -> None:
        """Say now what is to be said."""
        if self._outgoing:
            if self.transport is not None and not self._gone:
                self.transport.write(b"".join(self._outgoing))
            self._outgoing.clear()

    async def chunk(self) -> bytes:
        """Some octets, as soon as there are any; raises Lost."""
        octets = self._incoming.chunk()
        while not octets:
            if not await self._more():
                raise Lost
            octets = self._incoming.chunk()
        return octets

    def put_back(self, octets: bytes) -> None:
        """These octets were read too far."""
        self._incoming.put_back(octets)

    # What the server asks.

    def expire(self, now: float) -> None:
        """End the session when the client has been waited for too long; `now` is the loop's time."""
        if self._waiting_since is None or self._conversation is None:
            return
        limits = self._entrance.config.limits
        transaction = self._conversation.transaction
        if now - self._waiting_since > limits.idle or (transaction is not None and now - transaction.began > limits.transaction):
            self._entrance.metrics.refusal(self._entrance.listener.name, "timeout")
            self._cut(TOO_SLOW)

    def stop(self) -> None:
        """Take no new transaction; end at once when none runs."""
        if self._conversation is not None:
            self._conversation.stopping = True
            if self._waiting_since is not None and self._conversation.transaction is None:
                self._cut(STOPPING)

    def stop_now(self) -> None:
        """End, unless a mail is being taken just now: that goes on."""
        if self._waiting_since is not None:
            self._cut(STOPPING)

    # The session's own work.

    async def push(self, status: str | bytes) -> None:
        """What the inherited STARTTLS says before the handshake: it was said already, with its enhanced code."""

    async def _converse(self, conversation: Conversation) -> None:
        """Read commands and answer them until one side has enough."""
        try:
            self.reply(self._entrance.greeting)
            while not conversation.over:
                line = await self._line()
                try:
                    reply = await self._answer(conversation, line)
                except Lost:
                    raise
                except Exception as error:  # noqa: BLE001 the hook: whatever breaks is 451, and the log says what and where
                    trouble(error, listener=self._entrance.listener.name, client=self._address)
                    await conversation.find_end_of_data()
                    reply = TROUBLE
                self.reply(reply)
                if reply is READY_FOR_TLS:
                    await self._secure(conversation)
        except (Lost, TLSSetupException):
            pass
        finally:
            self._leave(conversation)

    async def _answer(self, conversation: Conversation, line: bytes) -> Reply:
        if len(line) < MAX_LINE or line.endswith(b"\n"):
            return await conversation.obey(line)
        await self._discard_line(line)
        return conversation.line_too_long()

    async def _line(self) -> bytes:
        """The next line with its LF, or the beginning of an overlong one; raises Lost."""
        while (line := self._incoming.line()) is None:
            if not await self._more():
                raise Lost
        return line

    async def _discard_line(self, begun: bytes) -> None:
        """Read on to the end of an overlong line, but not for ever; raises Lost."""
        octets = begun
        discarded = 0
        while (end := octets.find(b"\n")) < 0:
            discarded += len(octets)
            if discarded > MAX_DISCARDED:
                self.reply(LINE_TOO_LONG)
                raise Lost
            octets = await self.chunk()
        self.put_back(octets[end + 1 :])

    async def _more(self) -> bool:
        """Wait until the client has sent something, having told it what there is to tell; False when it will not."""
        self.flush()
        self._waiting_since = self.loop.time()
        try:
            if self._blocked and not self._gone:
                # Who does not read our replies is not read from either.
                self._writable = self.loop.create_future()
                await self._writable
            return await self._incoming.more()
        finally:
            self._waiting_since = None

    async def _secure(self, conversation: Conversation) -> None:
        """The handshake; raises TLSSetupException."""
        self.flush()
        self._waiting_since = self.loop.time()
        try:
            await self.smtp_STARTTLS("")
        finally:
            self._waiting_since = None
        assert self.transport is not None
        cipher = self.transport.get_extra_info("cipher")
        conversation.secured(f"{cipher[1]} {cipher[0]}" if cipher else "TLS")

    def _turn_away(self, reply: Reply) -> None:
        """No session comes of this connection."""
        entrance = self._entrance
        result = "too_many" if reply is TOO_MANY else "too_many_client" if reply is TOO_MANY_OF_CLIENT else "refused"
        entrance.metrics.connection(entrance.listener.name, result)
        say("connection-refused", level=logging.WARNING, client=self._address, listener=entrance.listener.name, reply=str(reply))
        self.reply(reply)
        self._close()

    def _cut(self, reply: Reply) -> None:
        """Say this and end the connection; its task then finds that nothing more comes."""
        self.reply(reply)
        self._close()

    def _close(self) -> None:
        """Say what is to be said and close; a client that does not even read that is dropped."""
        self.flush()
        if self.transport is not None and not self._gone:
            if self._blocked:
                self.transport.abort()
            else:
                self.transport.close()

    def _leave(self, conversation: Conversation) -> None:
        entrance = self._entrance
        self._close()
        conversation.ended()
        entrance.connections.leave(self._address, front=self._front)
        entrance.sessions.discard(self)


def _peer(transport: asyncio.Transport) -> tuple[str, int]:
    """The client's IP address, an IPv4 one as such on a dual-stack socket too, and its port."""
    name = transport.get_extra_info("peername")
    if not name:
        return "", 0  # it has gone already
    address = str(name[0]).partition("%")[0]
    return address.removeprefix("::ffff:") if "." in address else address, int(name[1])
