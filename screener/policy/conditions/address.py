"""`sender`, `recipient`, `from` and `header_address`: the envelope's sender, the recipient judged for, and every address of
every header field of a name (of From, for short).

`recipient` is the one condition whose answer differs between the recipients of one mail.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from enum import StrEnum

from screener.anatomy.message import Anatomy
from screener.frozen import dataclass
from screener.mail.address import Address, AddressError
from screener.policy.combine import covers
from screener.policy.conditions.content import OfContent
from screener.policy.conditions.pattern import Patterns, first_match, needles_of, read_patterns, same_patterns
from screener.policy.index import DomainIndex, domain_entry, domain_signs
from screener.policy.keys import or_any_of, true_or_false
from screener.policy.look import Look
from screener.policy.reading import KeyReader, Reading, field_name, kind_of
from screener.policy.signs import NamedFacet, Shown, any_facet, one_of
from screener.policy.truth import NO, Answer, Around, Condition, Keyed, Needs, any_of, evidence, told_of
from screener.yamlfile import Mapping, Node

_ENVELOPE = "envelope"  # where an address stands that is of no field
_NULL = "<>"  # as a sign


class Whose(StrEnum):
    """Which address of a mail a block speaks of."""

    SENDER = "sender"
    RECIPIENT = "recipient"


@dataclass(frozen=True, slots=True)
class OfEnvelope(NamedFacet):
    """Sender or recipients."""

    whose: Whose

    @property
    def at_rcpt(self) -> bool:
        return True

    def shown(self, look: Look, of: Sequence[Address]) -> Shown:
        return _shown((look.sender,) if self.whose is Whose.SENDER else of)

    def texts(self, look: Look, of: Sequence[Address]) -> list[str]:
        return [address.text for address in ((look.sender,) if self.whose is Whose.SENDER else of)]


@dataclass(frozen=True, slots=True)
class InFields(NamedFacet):
    """The addresses in the header fields of a name."""

    name: str
    displayed: bool

    def shown(self, look: Look, _of: object) -> Shown:
        return None if look.anatomy is None else _shown(look.addresses(look.anatomy, self.name, displayed=self.displayed))

    def texts(self, look: Look, _of: object) -> list[str] | None:
        if look.anatomy is None:
            return None
        return [address.text for address in look.addresses(look.anatomy, self.name, displayed=self.displayed)]


def _shown(addresses: Iterable[Address]) -> set[Hashable]:
    """Of each its key, and its domain as lists have it."""
    signs: set[Hashable] = set()
    for address in addresses:
        signs.add(address.key if address.text else _NULL)
        signs.update(domain_signs(address.domain))
    return signs


@dataclass(frozen=True, slots=True)
class AddressOf(Around[Address, Address]):
    """`sender: …`, `recipient: …`: the keys of the block, asked of one address."""

    whose: Whose

    @property
    def per_recipient(self) -> bool:
        return self.whose is Whose.RECIPIENT

    def judge(self, look: Look, of: Address) -> Answer:
        address = look.sender if self.whose is Whose.SENDER else of
        answer = self.inner.judge(look, address)
        return told_of(answer, str(address), _ENVELOPE) if answer.truth else answer

    @property
    def needs(self) -> Needs:
        return OfEnvelope(self.whose).signs(self.inner.needs)

    def covers(self, other: Condition[Address]) -> bool:
        return isinstance(other, AddressOf) and self.whose is other.whose and covers(self.inner, other.inner)


@dataclass(frozen=True, slots=True)
class AddressIn(OfContent, Around[Address, Address]):
    """`header_address: {name: [From, Reply-To], …}`, `from: …`: some address in a field of these names for which the keys hold."""

    names: dict[str, str]  # lower case → as written
    displayed: bool  # addresses in names and comments, too

    @property
    def cost(self) -> int:
        return max(2, self.inner.cost)

    def judge_content(self, look: Look, anatomy: Anatomy) -> Answer:
        return any_of(self._answers(look, anatomy))

    def _answers(self, look: Look, anatomy: Anatomy) -> Iterator[Answer]:
        for name, shown in self.names.items():
            for address in look.addresses(anatomy, name, displayed=self.displayed):
                answer = self.inner.judge(look, address)
                yield answer if answer.truth is False else _in_field(answer, address, f"header {shown}")

    def covers(self, other: Condition[Address]) -> bool:
        return (
            isinstance(other, AddressIn)
            and other.names.keys() <= self.names.keys()
            and (self.displayed or not other.displayed)
            and covers(self.inner, other.inner)
        )

    @property
    def needs(self) -> Needs:
        return any_facet([InFields(name, self.displayed) for name in self.names], self.inner.needs)


@dataclass(frozen=True, slots=True)
class IsAddress(Keyed[Address]):
    """`address: [a@example.org]`."""

    origins: dict[str, str]  # Address.key → origin

    def judge(self, _look: Look, of: Address) -> Answer:
        origin = self.origins.get(of.key) if of.text else None
        return NO if origin is None else evidence(self.key, f"{of.text} is listed", _ENVELOPE, origin)

    @property
    def needs(self) -> Needs:
        return one_of(self.origins)

    def covers(self, other: Condition[Address]) -> bool:
        return isinstance(other, IsAddress) and bool(other.origins) and other.origins.keys() <= self.origins.keys()


@dataclass(frozen=True, slots=True)
class InDomain(Keyed[Address]):
    """`domain: [example.org, .example.net]`."""

    index: DomainIndex

    def judge(self, _look: Look, of: Address) -> Answer:
        found = self.index.find(of.domain) if of.domain else None
        return NO if found is None else evidence(self.key, f"{of.text} is in {found[0]}", _ENVELOPE, found[1])

    @property
    def needs(self) -> Needs:
        return self.index.needs

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
        return first_match(self.patterns, (of.text,), look.watch, self.key, _ENVELOPE) if of.text else NO

    @property
    def needs(self) -> Needs:
        return needles_of(self.patterns)

    def covers(self, other: Condition[Address]) -> bool:
        return isinstance(other, FitsPattern) and same_patterns(self.patterns, other.patterns)


@dataclass(frozen=True, slots=True)
class IsNull(Keyed[Address]):
    """`null: true`: the null sender `<>` of reports (RFC 5321 4.5.5)."""

    wanted: bool

    def judge(self, _look: Look, of: Address) -> Answer:
        if of.is_null is not self.wanted:
            return NO
        return evidence(self.key, "the null sender" if self.wanted else "not the null sender", _ENVELOPE)

    @property
    def needs(self) -> Needs:
        return one_of([_NULL]) if self.wanted else ()


def _in_field(answer: Answer, address: Address, place: str) -> Answer:
    """An answer whose evidence says in which field the address stands."""
    told = told_of(answer, str(address), place)
    return Answer(told.truth, tuple(replace(one, place=place) for one in told.evidence))


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


ADDRESS_KEYS: dict[str, KeyReader[Address]] = {"address": _read_address, "domain": _read_domain, "pattern": _read_pattern}
SENDER_KEYS: dict[str, KeyReader[Address]] = ADDRESS_KEYS | {"null": true_or_false(IsNull)}


def read_sender(reading: Reading, node: Node, label: str) -> Condition[Address] | None:
    """The block `sender`."""
    inner = reading.block(node, label, SENDER_KEYS)
    return None if inner is None else AddressOf(inner, Whose.SENDER)


def read_from(reading: Reading, node: Node, label: str) -> Condition[Address] | None:
    """The block `from`."""
    inner = reading.block(node, label, ADDRESS_KEYS)
    return None if inner is None else AddressIn(inner, {"from": "From"}, displayed=False)


_OF_HEADER = ("name", "display_names")


def _read_header_address(reading: Reading, node: Node, label: str) -> Condition[Address] | None:
    """The block `header_address`: `name`, and what an address must be."""
    if not isinstance(node, Mapping):
        known = ", ".join((*_OF_HEADER, *ADDRESS_KEYS))
        reading.complain(node.place, f"expected keys under '{label}', not {kind_of(node)}; known here: {known}")
        return None
    name, displayed = node.get("name"), node.get("display_names")
    if name is None:
        reading.complain(
            node.place, f"'{label}' has no 'name': expected names of header fields, such as name: [From, Sender, Reply-To]"
        )
        return None
    names = {written.lower(): written for written, _ in reading.values(name, "field name", field_name)}
    wanted = False if displayed is None else reading.boolean(displayed)
    rest = tuple(entry for entry in node.entries if entry.key.text not in _OF_HEADER)
    if not rest:
        reading.complain(node.place, f"'{label}' asks nothing of the addresses: expected {', '.join(ADDRESS_KEYS)}")
        return None
    inner = reading.block(Mapping(rest, node.place), label, ADDRESS_KEYS, besides=_OF_HEADER)
    return None if inner is None or wanted is None or not names else AddressIn(inner, names, wanted)


read_header_address = or_any_of(_read_header_address)


def read_recipient(reading: Reading, node: Node, label: str) -> Condition[Address] | None:
    """The block `recipient`."""
    inner = reading.block(node, label, ADDRESS_KEYS)
    return None if inner is None else AddressOf(inner, Whose.RECIPIENT)
