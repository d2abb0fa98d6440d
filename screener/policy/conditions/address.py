"""`sender`, `from` and `recipient`: the envelope's sender, every address of every From field, and the recipient judged for.

`recipient` is the one condition whose answer differs between the recipients of one mail.
"""

from dataclasses import dataclass
from enum import StrEnum

from screener.mail.address import Address, AddressError
from screener.policy.combine import covers
from screener.policy.conditions.pattern import Patterns, first_match, read_patterns, same_patterns
from screener.policy.index import DomainIndex, domain_entry
from screener.policy.look import Look
from screener.policy.reading import KeyReader, Reading
from screener.policy.truth import NO, UNKNOWN, Answer, Condition, Keyed, any_of, evidence, told_of
from screener.yamlfile import Node


class Whose(StrEnum):
    """Which address of a mail a block speaks of."""

    SENDER = "sender"
    FROM = "from"
    RECIPIENT = "recipient"


@dataclass(frozen=True, slots=True)
class AddressOf(Condition[Address]):
    """`sender: …`, `from: …`, `recipient: …`: the keys of the block, asked of one address."""

    whose: Whose
    inner: Condition[Address]

    @property
    def label(self) -> str:
        return self.inner.label

    @property
    def cost(self) -> int:
        return max(2 if self.whose is Whose.FROM else 0, self.inner.cost)

    @property
    def per_recipient(self) -> bool:
        return self.whose is Whose.RECIPIENT

    @property
    def reads_content(self) -> bool:
        return self.whose is Whose.FROM

    def judge(self, look: Look, of: Address) -> Answer:
        match self.whose:
            case Whose.SENDER:
                return self._judge_one(look, look.sender)
            case Whose.RECIPIENT:
                return self._judge_one(look, of)
            case Whose.FROM:
                if look.anatomy is None:
                    return UNKNOWN
                return any_of(self._judge_one(look, address) for address in look.from_addresses(look.anatomy))

    def _judge_one(self, look: Look, address: Address) -> Answer:
        answer = self.inner.judge(look, address)
        return told_of(answer, str(address), _place(self.whose)) if answer.truth else answer

    def covers(self, other: Condition[Address]) -> bool:
        return isinstance(other, AddressOf) and self.whose is other.whose and covers(self.inner, other.inner)


@dataclass(frozen=True, slots=True)
class IsAddress(Keyed[Address]):
    """`address: [a@example.org]`."""

    origins: dict[str, str]  # Address.key → origin

    def judge(self, _look: Look, of: Address) -> Answer:
        origin = self.origins.get(of.key) if of.text else None
        return NO if origin is None else evidence(self.key, f"{of.text} is listed", _place(self.key), origin)

    def covers(self, other: Condition[Address]) -> bool:
        return isinstance(other, IsAddress) and bool(other.origins) and other.origins.keys() <= self.origins.keys()


@dataclass(frozen=True, slots=True)
class InDomain(Keyed[Address]):
    """`domain: [example.org, .example.net]`."""

    index: DomainIndex

    def judge(self, _look: Look, of: Address) -> Answer:
        found = self.index.find(of.domain) if of.domain else None
        return NO if found is None else evidence(self.key, f"{of.text} is in {found[0]}", _place(self.key), found[1])

    def covers(self, other: Condition[Address]) -> bool:
        match other:
            case InDomain(index=index):
                return self.index.covers(index)
            case IsAddress(origins=origins):
                return all(self.index.find(key.rpartition("@")[2]) for key in origins)
            case _:
                return False


@dataclass(frozen=True, slots=True)
class FitsPattern(Keyed[Address]):
    """`pattern: '^bounce-'`: on the text `local@domain`."""

    patterns: Patterns

    @property
    def cost(self) -> int:
        return 2

    def judge(self, look: Look, of: Address) -> Answer:
        return first_match(self.patterns, (of.text,), look.watch, self.key, _place(self.key)) if of.text else NO

    def covers(self, other: Condition[Address]) -> bool:
        return isinstance(other, FitsPattern) and same_patterns(self.patterns, other.patterns)


@dataclass(frozen=True, slots=True)
class IsNull(Keyed[Address]):
    """`null: true`: the null sender `<>` of reports (RFC 5321 4.5.5)."""

    wanted: bool

    def judge(self, _look: Look, of: Address) -> Answer:
        if of.is_null is not self.wanted:
            return NO
        return evidence(self.key, "the null sender" if self.wanted else "not the null sender", _place(self.key))


def _place(key: str) -> str:
    return "header From" if key.startswith("from") else "envelope"


def address_entry(text: str) -> str:
    """A mailbox as a key for comparing; raises ValueError."""
    if "*" in text:  # legal in a local part, but never meant so in a list
        raise ValueError(f"'{text[:80]}' is no address: put a whole domain under 'domain', wildcards under 'pattern'")
    try:
        return Address.parse(text).key
    except AddressError as error:
        if "@" not in text:
            raise ValueError(
                f"'{text[:80]}' is no address: expected one such as user@example.org; put domains under 'domain'"
            ) from error
        raise ValueError(f"{error}: expected an address such as user@example.org") from error


def _read_address(reading: Reading, node: Node, label: str) -> Condition[Address]:
    origins: dict[str, str] = {}
    for key, origin in reading.values(node, "address", address_entry):
        origins.setdefault(key, origin)
    return IsAddress(label, origins)


def _read_domain(reading: Reading, node: Node, label: str) -> Condition[Address]:
    return InDomain(label, DomainIndex.of(reading.values(node, "domain", domain_entry)))


def _read_pattern(reading: Reading, node: Node, label: str) -> Condition[Address]:
    return FitsPattern(label, read_patterns(reading, node))


def _read_null(reading: Reading, node: Node, label: str) -> Condition[Address] | None:
    wanted = reading.boolean(node)
    return None if wanted is None else IsNull(label, wanted)


ADDRESS_KEYS: dict[str, KeyReader[Address]] = {"address": _read_address, "domain": _read_domain, "pattern": _read_pattern}
SENDER_KEYS: dict[str, KeyReader[Address]] = ADDRESS_KEYS | {"null": _read_null}


def read_sender(reading: Reading, node: Node, label: str) -> Condition[Address] | None:
    """The block `sender`."""
    inner = reading.block(node, label, SENDER_KEYS)
    return None if inner is None else AddressOf(Whose.SENDER, inner)


def read_from(reading: Reading, node: Node, label: str) -> Condition[Address] | None:
    """The block `from`."""
    inner = reading.block(node, label, ADDRESS_KEYS)
    return None if inner is None else AddressOf(Whose.FROM, inner)


def read_recipient(reading: Reading, node: Node, label: str) -> Condition[Address] | None:
    """The block `recipient`."""
    inner = reading.block(node, label, ADDRESS_KEYS)
    return None if inner is None else AddressOf(Whose.RECIPIENT, inner)
