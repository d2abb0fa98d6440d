"""`client` and `listener`: who connected, and where.

The host name is what a trusted front relay told by XCLIENT or XFORWARD; we ask no DNS. HELO is only what the client says of
itself.
"""

from collections.abc import Callable

from screener.frozen import dataclass
from screener.mail.address import Address
from screener.mail.envelope import Client
from screener.policy.combine import covers
from screener.policy.index import (
    DomainIndex,
    NameIndex,
    NetworkIndex,
    domain_entry,
    domain_signs,
    name_entry,
    network_entry,
    network_of,
)
from screener.policy.look import Look
from screener.policy.reading import KeyReader, Reading
from screener.policy.signs import Facet, NamedFacet, Shown, Sign, one_of
from screener.policy.truth import NO, Answer, Condition, Keyed, Needs, evidence
from screener.yamlfile import Node, Scalar, did_you_mean

PLACE = "envelope"


@dataclass(frozen=True, slots=True)
class InNetworks(Facet):
    """The network of one size that the client's address lies in."""

    version: int
    length: int

    @property
    def at_rcpt(self) -> bool:
        return True

    def shown(self, look: Look, _of: object) -> Shown:
        network = network_of(look.client.address, self.version, self.length)
        return () if network is None else (network,)


@dataclass(frozen=True, slots=True)
class Host(Facet):
    """The client's verified host name."""

    @property
    def at_rcpt(self) -> bool:
        return True

    def shown(self, look: Look, _of: object) -> Shown:
        return domain_signs(_host(look.client))


@dataclass(frozen=True, slots=True)
class Named(NamedFacet):
    """A text of the client, case-folded."""

    value: Callable[[Client], str]

    @property
    def at_rcpt(self) -> bool:
        return True

    def shown(self, look: Look, _of: object) -> Shown:
        return (self.value(look.client).casefold(),)

    def texts(self, look: Look, _of: object) -> list[str]:
        return [self.value(look.client)]


@dataclass(frozen=True, slots=True)
class ClientIs(Condition[Address]):
    """`client: …`: the keys of the block, asked of the client."""

    inner: Condition[Client]

    @property
    def label(self) -> str:
        return self.inner.label

    @property
    def cost(self) -> int:
        return 0

    def judge(self, look: Look, _of: Address) -> Answer:
        return self.inner.judge(look, look.client)

    @property
    def needs(self) -> Needs:
        return self.inner.needs

    def covers(self, other: Condition[Address]) -> bool:
        return isinstance(other, ClientIs) and covers(self.inner, other.inner)


@dataclass(frozen=True, slots=True)
class InNetwork(Keyed[Client]):
    """`address: 192.0.2.0/24`."""

    index: NetworkIndex

    def judge(self, _look: Look, of: Client) -> Answer:
        found = self.index.find(of.address)
        return NO if found is None else evidence(self.key, f"{of.address} is in {found[0]}", PLACE, found[1])

    @property
    def needs(self) -> Needs:
        nets = self.index.nets.items()
        return one_of([Sign(InNetworks(version, length), number) for (version, length), group in nets for number in group])

    def covers(self, other: Condition[Client]) -> bool:
        return isinstance(other, InNetwork) and self.index.covers(other.index)


@dataclass(frozen=True, slots=True)
class NamedAs(Keyed[Client]):
    """`name: .example.net`: the verified host name."""

    index: DomainIndex

    def judge(self, _look: Look, of: Client) -> Answer:
        found = self.index.find(_host(of)) if of.name else None
        return NO if found is None else evidence(self.key, f"{of.name} is {found[0]}", PLACE, found[1])

    @property
    def needs(self) -> Needs:
        return Host().signs(self.index.needs)

    def covers(self, other: Condition[Client]) -> bool:
        return isinstance(other, NamedAs) and self.index.covers(other.index)


@dataclass(frozen=True, slots=True)
class OneOf(Keyed[Client]):
    """A text of the client that is one of some names: HELO, the user AUTH proved, the listener."""

    index: NameIndex
    value: Callable[[Client], str]

    def judge(self, _look: Look, of: Client) -> Answer:
        text = self.value(of)
        found = self.index.find(text.casefold()) if text else None
        return NO if found is None else evidence(self.key, f"{text} fits {found[0]}", PLACE, found[1])

    @property
    def needs(self) -> Needs:
        return Named(self.value).signs(self.index.needs)

    def covers(self, other: Condition[Client]) -> bool:
        return isinstance(other, OneOf) and self.value is other.value and self.index.covers(other.index)


@dataclass(frozen=True, slots=True)
class IsAuthenticated(Keyed[Client]):
    """`authenticated: true` or `false`."""

    wanted: bool

    def judge(self, _look: Look, of: Client) -> Answer:
        if bool(of.authenticated) is not self.wanted:
            return NO
        return evidence(self.key, f"authenticated as {of.authenticated}" if self.wanted else "not authenticated", PLACE)


def _host(client: Client) -> str:
    return client.name.lower().rstrip(".")


def _helo(client: Client) -> str:
    return client.helo


def _user(client: Client) -> str:
    return client.authenticated


def _listener(client: Client) -> str:
    return client.listener


def _read_address(reading: Reading, node: Node, label: str) -> Condition[Client]:
    return InNetwork(label, NetworkIndex.of(reading.values(node, "network", network_entry)))


def _read_name(reading: Reading, node: Node, label: str) -> Condition[Client]:
    return NamedAs(label, DomainIndex.of(reading.values(node, "domain", domain_entry)))


def _read_helo(reading: Reading, node: Node, label: str) -> Condition[Client]:
    return OneOf(label, NameIndex.of(reading.values(node, "name", name_entry), reading.vocabulary), _helo)


def _read_authenticated(reading: Reading, node: Node, label: str) -> Condition[Client] | None:
    if isinstance(node, Scalar) and not node.quoted and node.text.lower() in ("true", "false", "yes", "no"):
        wanted = reading.boolean(node)
        return None if wanted is None else IsAuthenticated(label, wanted)
    return OneOf(label, NameIndex.of(reading.values(node, "name", name_entry), reading.vocabulary), _user)


CLIENT_KEYS: dict[str, KeyReader[Client]] = {
    "address": _read_address,
    "name": _read_name,
    "helo": _read_helo,
    "authenticated": _read_authenticated,
}


def read_client(reading: Reading, node: Node, label: str) -> Condition[Address] | None:
    """The block `client`."""
    inner = reading.block(node, label, CLIENT_KEYS)
    return None if inner is None else ClientIs(inner)


def read_listener(reading: Reading, node: Node, label: str) -> Condition[Address]:
    """The key `listener`: one or more names of listeners. One that none of the settings' listeners has is probably misspelt."""

    def doubt(text: str) -> str:
        known = reading.listeners
        if known is None or NameIndex.of([(name_entry(text), "")]).find_any(known) is not None:
            return ""
        return f"no listener is named '{text[:80]}'{did_you_mean(text[:80], known)}"

    return ClientIs(OneOf(label, NameIndex.of(reading.values(node, "listener", name_entry, doubt), reading.vocabulary), _listener))
