"""Who may send to whom: relay control, and whether a recipient exists.

Promises that nothing relays that was not allowed to (closed by default): a recipient is accepted when its domain is listed under
`domains`, or when the client may relay to any domain. A default route makes no domain acceptable. Behind a trusted front relay
the client it speaks of counts, never the front relay itself. Postmaster of a listed domain, and the bare one, always get in (RFC
5321 4.5.1). What rules say of a recipient is left to the intake.
"""

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Protocol
from unicodedata import normalize

from screener.config.models import Config, Domain, Verify
from screener.mail.address import Address
from screener.mail.envelope import Client
from screener.mail.reply import Reply
from screener.smtp.grammar import POSTMASTER
from screener.smtp.recipients import RecipientList
from screener.yamlfile import Complaint, Complaints, Place, Severity

NO_RELAY = Reply(550, "5.7.1", "Relaying denied: this host takes no mail for that domain from you")
NO_ROUTING = Reply(550, "5.7.1", "Relaying denied: no routing by @, % or ! in a local part")
UNKNOWN_USER = Reply(550, "5.1.1", "No such user here")

_ROUTING = frozenset("@%!")
_REMEMBERED = 65_536  # addresses whose networks have been looked up


class Callout(Protocol):
    """Who asks the next hop about a recipient."""

    async def ask(self, recipient: Address, route: str, /) -> Reply | None:
        """The next hop's reply to RCPT; None when it could not be asked."""
        ...


class Access:
    """What the configuration permits."""

    def __init__(
        self, config: Config, callout: Callout | None, told_of_list: Callable[[str, bool], None] = lambda _domain, _good: None
    ) -> None:
        """Reads the recipient lists; raises Complaints with all that is wrong with them. `told_of_list` hears of each reading the
        domain, as it stands under `domains`, and whether its list is good."""
        self._config = config
        self._callout = callout
        self._relay = _Networks(config.relay_clients)
        self._fronts = _Networks(config.front_relays)
        self._lists: dict[str, RecipientList] = {}
        complaints: list[Complaint] = []
        for name, domain in config.domains.items():
            if domain.recipients is not None:
                try:
                    self._lists[name] = RecipientList(
                        domain.recipients, name, partial(_falls_under, config, domain), partial(told_of_list, name)
                    )
                except Complaints as error:
                    complaints.extend(error.complaints)
        if complaints:
            raise Complaints(complaints)

    def warnings(self) -> tuple[Complaint, ...]:
        """What may not be meant in the lists of recipients as they are in force."""
        return tuple(
            Complaint(
                Place(str(listed.path)),
                f"has no address of {name}: everybody there is refused with {UNKNOWN_USER.code} {UNKNOWN_USER.enhanced}",
                Severity.WARNING,
            )
            for name, listed in self._lists.items()
            if not listed.has_own
        )

    def is_front(self, address: str) -> bool:
        """Whether XCLIENT and XFORWARD are believed from this IP address."""
        return address in self._fronts

    def may_relay(self, client: Client) -> bool:
        """Whether this client may send to any domain. One that a front relay speaks of has to be named by its address, and not
        by a loopback address: that would be the front relay's own, not ours."""
        return client.address in self._relay and not (client.front and ip_address(client.address).is_loopback)

    def is_postmaster(self, recipient: Address) -> bool:
        """Whether the recipient must not be refused whatever else is said of it (RFC 5321 4.5.1)."""
        if recipient.local.lower() != POSTMASTER:
            return False
        return self.is_local_postmaster(recipient) or self._config.domain(recipient.domain) is not None

    def is_local_postmaster(self, recipient: Address) -> bool:
        """Whether it is the bare `<postmaster>`, or that of our own name, from which our reports come, where nobody else has it."""
        if recipient.local.lower() != POSTMASTER:
            return False
        own = recipient.domain == self._config.hostname.lower() and self._config.domain(recipient.domain) is None
        return own or not recipient.domain

    def refuse_recipient(self, client: Client, recipient: Address) -> Reply | Awaitable[Reply | None] | None:
        """Why the recipient is refused, or None; to be waited for where somebody has to be asked or a list is read again."""
        if self.is_postmaster(recipient):
            return None
        domain = self._config.domain(recipient.domain)
        if domain is None:
            return None if self.may_relay(client) else NO_RELAY
        if _routes(recipient.local) and not self.may_relay(client):
            return NO_ROUTING
        match domain.verify:
            case Verify.NONE:
                return None
            case Verify.LIST:
                listed = self._list_of(recipient.domain)
                if not listed.is_current():
                    return self._listed_anew(listed, recipient)
                return None if recipient in listed else UNKNOWN_USER
            case Verify.CALLOUT:
                return None if self._callout is None else self._asked(self._callout, recipient, domain.route)

    def _list_of(self, name: str) -> RecipientList:
        """The list of the entry of `domains` that this domain falls under."""
        found = self._lists.get(name)
        while found is None and name:
            found = self._lists.get("." + name)
            name = name.partition(".")[2]
        assert found is not None, "config.load lets no `verify: list` pass without a file"
        return found

    async def _listed_anew(self, listed: RecipientList, recipient: Address) -> Reply | None:
        await listed.refresh()
        return None if recipient in listed else UNKNOWN_USER

    async def _asked(self, callout: Callout, recipient: Address, route: str) -> Reply | None:
        """Only a clear no refuses: what the next hop puts off may be there when the mail is delivered."""
        reply = await callout.ask(recipient, route)
        return UNKNOWN_USER if reply is not None and reply.is_permanent else None


def _falls_under(config: Config, entry: Domain, name: str) -> bool:
    return config.domain(name) is entry


def _routes(local: str) -> bool:
    """Whether somebody behind us could read a way to elsewhere in a local part; also who normalises it first."""
    return not _ROUTING.isdisjoint(local if local.isascii() else normalize("NFKC", local))


class _Networks:
    """Whether an address lies in any of some networks; answers are remembered."""

    def __init__(self, networks: Iterable[IPv4Network | IPv6Network]) -> None:
        self._networks = tuple(networks)
        self._known: dict[str, bool] = {"": False}

    def __contains__(self, address: str) -> bool:
        if not self._networks:
            return False
        found = self._known.get(address)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known = {"": False}
            parsed = ip_address(address)
            found = self._known[address] = any(parsed in network for network in self._networks)
        return found
