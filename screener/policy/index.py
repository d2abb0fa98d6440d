"""Big lists, made for looking one thing up: domains, networks, names with wildcards.

Promises that a look-up does not grow with the list: O(labels) for a domain, O(prefix lengths in use) for an address, one
dictionary look-up for a plain name. Each returns the entry that hit and its origin ("lists/x.txt:12"), or None.
"""

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache

from screener.frozen import dataclass
from screener.mail.address import AddressError, normal_domain
from screener.policy.folding import fold
from screener.policy.literals import MIN_LITERAL
from screener.policy.reading import Values
from screener.policy.signs import one_of
from screener.policy.truth import Needs
from screener.policy.vocabulary import Vocabulary

Found = tuple[str, str]  # the entry as it is compared, its origin
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def domain_entry(text: str) -> str:
    """`spam.example` (that domain) or `.spam.example` (it and all below), normalised; raises ValueError."""
    if "@" in text:
        raise ValueError(f"'{text}' is no domain: put addresses under 'address', or write '{text.rpartition('@')[2]}'")
    dotted = text.startswith(".")
    try:
        domain = normal_domain(text[1:] if dotted else text)
    except AddressError as error:
        hint = " (for it and all below write .spam.example, without '*')" if "*" in text else ""
        raise ValueError(f"{error}: expected one such as spam.example or .spam.example{hint}") from error
    return f".{domain}" if dotted else domain


@dataclass(frozen=True, slots=True)
class DomainIndex:
    """Domains alone, and domains with all below them."""

    exact: dict[str, str]  # domain → origin
    below: dict[str, str]  # domain without the leading dot → origin

    @classmethod
    def of(cls, values: Values[str]) -> "DomainIndex":
        """The first of several equal entries counts."""
        exact: dict[str, str] = {}
        below: dict[str, str] = {}
        for entry, origin in values:
            if entry.startswith("."):
                below.setdefault(entry[1:], origin)
            else:
                exact.setdefault(entry, origin)
        return cls(exact, below)

    @property
    def needs(self) -> Needs:
        """Signs (see `domain_signs`) without which nothing is found."""
        return one_of([*self.exact, *(f".{domain}" for domain in self.below)])

    def find(self, domain: str) -> Found | None:
        """The entry that holds for a (normalised) domain."""
        origin = self.exact.get(domain)
        if origin is not None:
            return domain, origin
        if self.below:
            rest = domain
            while rest:
                origin = self.below.get(rest)
                if origin is not None:
                    return f".{rest}", origin
                rest = rest.partition(".")[2]
        return None

    def covers(self, other: "DomainIndex") -> bool:
        """Whether every domain of `other` is found here (of an empty list nothing is said)."""
        return (
            bool(other.exact or other.below)
            and all(self.find(domain) for domain in other.exact)
            and all(self._covers_below(domain) for domain in other.below)
        )

    def _covers_below(self, domain: str) -> bool:
        while domain:
            if domain in self.below:
                return True
            domain = domain.partition(".")[2]
        return False


def domain_signs(domain: str) -> list[str]:
    """Every entry that could hold for a (normalised) domain."""
    signs = [domain] if domain else []
    while domain:
        signs.append(f".{domain}")
        domain = domain.partition(".")[2]
    return signs


def network_entry(text: str) -> Network:
    """An address or network; raises ValueError."""
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        hint = ""
        if "has host bits set" in str(error):
            hint = f"; did you mean {ipaddress.ip_network(text, strict=False)}?"
        raise ValueError(
            f"'{text}' is no address or network: expected one such as 192.0.2.1, 192.0.2.0/24 or 2001:db8::/32{hint}"
        ) from error


@lru_cache(maxsize=1_024)  # every rule about clients asks for the same one
def _numbered(text: str) -> tuple[int, int, int] | None:
    """An address as version, number, bits; None for what is none. IPv4 mapped into IPv6 is IPv4."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.version, int(address), address.max_prefixlen


def network_of(text: str, version: int, length: int) -> int | None:
    """The first address, as a number, of the network of a size that an address lies in; None for what is no such address."""
    address = _numbered(text)
    if address is None or address[0] != version:
        return None
    _, number, bits = address
    return number >> (bits - length) << (bits - length)


@dataclass(frozen=True, slots=True)
class NetworkIndex:
    """Networks by family and prefix length."""

    nets: dict[tuple[int, int], dict[int, Found]]  # (version, prefix length) → network address → found

    @classmethod
    def of(cls, values: Values[Network]) -> "NetworkIndex":
        """The first of several equal entries counts."""
        nets: dict[tuple[int, int], dict[int, Found]] = {}
        for network, origin in values:
            group = nets.setdefault((network.version, network.prefixlen), {})
            group.setdefault(int(network.network_address), (str(network), origin))
        return cls(nets)

    def find(self, text: str) -> Found | None:
        """The network an address lies in; None for what is no address. IPv4 mapped into IPv6 counts as IPv4."""
        address = _numbered(text)
        if address is None:
            return None
        ours, number, bits = address
        for (version, length), group in self.nets.items():
            if version == ours:
                found = group.get(number >> (bits - length) << (bits - length))
                if found is not None:
                    return found
        return None

    def covers(self, other: "NetworkIndex") -> bool:
        """Whether every network of `other` lies in one of ours."""
        return all(self._covers(version, length, number) for (version, length), group in other.nets.items() for number in group)

    def _covers(self, version: int, length: int, number: int) -> bool:
        bits = 32 if version == 4 else 128
        return any(
            number >> (bits - ours) << (bits - ours) in group
            for (our_version, ours), group in self.nets.items()
            if our_version == version and ours <= length
        )


@dataclass(frozen=True, slots=True)
class NameIndex:
    """Names, case-folded; `*` stands for any characters, `?` for one."""

    plain: dict[str, str]  # name → origin
    wild: tuple[tuple[tuple[str, ...], str, str], ...]  # pieces between the asterisks, entry, origin
    needs: Needs = ()  # the name, case-folded, or a needle in it; without one of them nothing is found

    @classmethod
    def of(cls, values: Values[str], vocabulary: Vocabulary | None = None) -> "NameIndex":
        """The first of several equal entries counts. What entries with wildcards cannot do without goes into the vocabulary."""
        plain: dict[str, str] = {}
        wild: dict[str, str] = {}
        for entry, origin in values:
            (wild if "*" in entry or "?" in entry else plain).setdefault(entry, origin)
        literals = [max(map(fold, re.split(r"[*?]", entry)), key=len) for entry in wild]
        needs: Needs = ()
        if vocabulary is not None and all(len(literal) >= MIN_LITERAL for literal in literals):
            needs = one_of([*plain, *map(vocabulary.add, literals)])
        return cls(plain, tuple((tuple(entry.split("*")), entry, origin) for entry, origin in wild.items()), needs)

    def find(self, name: str) -> Found | None:
        """The entry that fits a case-folded name."""
        origin = self.plain.get(name)
        if origin is not None:
            return name, origin
        return next(((entry, origin) for pieces, entry, origin in self.wild if fits(pieces, name)), None)

    def find_any(self, names: Iterable[str]) -> tuple[str, Found] | None:
        """The first name for which there is an entry."""
        for name in names:
            found = self.find(name.casefold())
            if found is not None:
                return name, found
        return None

    def covers(self, other: "NameIndex") -> bool:
        """Whether every name of `other` is found here; wildcards only where they are the same."""
        ours = {entry for _, entry, _ in self.wild}
        return "*" in ours or (all(self.find(name) for name in other.plain) and all(entry in ours for _, entry, _ in other.wild))


def name_entry(text: str) -> str:
    """A name with or without wildcards, case-folded; raises ValueError."""
    if not text.isprintable() or not text.strip():
        raise ValueError(f"{text!r} is no name: expected printable characters, * and ? as wildcards")
    return text.casefold()


def fits(pieces: tuple[str, ...], name: str) -> bool:
    """Whether a name is the pieces with anything between them. Never goes back further than one piece: O(pieces x name)."""
    first, last = pieces[0], pieces[-1]
    if len(pieces) == 1:
        return len(first) == len(name) and _same(first, name)
    if len(first) + len(last) > len(name) or not _same(first, name[: len(first)]):
        return False
    end = len(name) - len(last)
    if not _same(last, name[end:]):
        return False
    at = len(first)
    for piece in pieces[1:-1]:
        at = _find(piece, name, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True


def _find(piece: str, name: str, start: int, end: int) -> int:
    if "?" not in piece:
        return name.find(piece, start, end)
    last = end - len(piece)
    return next((at for at in range(start, last + 1) if _same(piece, name[at : at + len(piece)])), -1)


def _same(piece: str, text: str) -> bool:
    if "?" not in piece:
        return piece == text
    return all(ours in ("?", theirs) for ours, theirs in zip(piece, text, strict=True))
