"""Who the client is: by its connection, by its EHLO, by the word of a trusted front relay (XCLIENT, XFORWARD).

Promises that mail which a front relay speaks for is never its own: what it does not tell is unknown, and nothing falls back to its
address. What the attributes mean is `xclient`'s, what the client may do is `access`'s.
"""

from dataclasses import replace

from screener.mail.envelope import Client
from screener.mail.reply import Reply
from screener.smtp.connections import Connections
from screener.smtp.xclient import XCLIENT, XFORWARD, client_by_xclient, client_by_xforward, parse_attributes


class Introduction:
    """What is known of one session's client."""

    __slots__ = ("_believed", "_connections", "_forwarded", "extended", "front", "helo", "peer")

    def __init__(self, peer: Client, connections: Connections, *, front: bool) -> None:
        """`peer`: who is connected; `front`: whether its XCLIENT and XFORWARD are believed."""
        self.peer = peer
        self.front = front
        self.helo = ""
        self.extended = False
        self._connections = connections
        self._believed: dict[str, str] = {}  # XCLIENT, for the rest of the connection
        self._forwarded: dict[str, str] = {}  # XFORWARD, for the next mail

    def hello(self, name: str, *, extended: bool) -> None:
        """EHLO or HELO."""
        self.helo = name
        self.extended = extended

    def client(self, *, smtputf8: bool) -> tuple[Client, Client]:
        """Who the next mail is from, and who our Received field names: a front relay that speaks XFORWARD has put a field with
        its client on top already, so ours names the front relay."""
        peer = self.peer
        if smtputf8:
            protocol = "UTF8SMTPS" if peer.tls else "UTF8SMTP"
        else:
            protocol = ("ESMTPS" if peer.tls else "ESMTP") if self.extended else "SMTP"
        if self._believed:
            shown = replace(client_by_xclient(peer, {**self._believed, "HELO": self.helo}), protocol=protocol)
        else:
            shown = Client(peer.address, peer.port, helo=self.helo, protocol=protocol, tls=peer.tls, listener=peer.listener)
        return client_by_xforward(shown, self._forwarded, peer.address) if self._forwarded else shown, shown

    def xclient(self, argument: str) -> Reply | None:
        """From now on it is another client's session, as if new; why not, or None."""
        attributes = parse_attributes(argument, XCLIENT)
        if isinstance(attributes, Reply):
            return attributes
        believed = self._believed | attributes
        self.leave()
        self._believed = believed
        self._forwarded = {}
        self.helo = ""
        address = believed.get("ADDR", "")
        refused = self._connections.enter_behind_front(address) if address else None
        if refused is not None:
            self._believed["ADDR"] = ""
        return refused

    def xforward(self, argument: str) -> Reply | None:
        """The next mail is another client's; why not, or None."""
        attributes = parse_attributes(argument, XFORWARD)
        if isinstance(attributes, Reply):
            return attributes
        self._forwarded |= attributes
        return None

    def mail_over(self) -> None:
        """What XFORWARD told was for one mail alone."""
        self._forwarded = {}

    def secured(self, tls: str) -> None:
        """TLS is on: everything said before is forgotten (RFC 3207 4.2)."""
        self.leave()
        self.peer = replace(self.peer, tls=tls)
        self._believed = {}
        self._forwarded = {}
        self.helo = ""

    def leave(self) -> None:
        """The client that XCLIENT told of has this connection no longer."""
        if address := self._believed.pop("ADDR", ""):
            self._connections.leave_behind_front(address)
