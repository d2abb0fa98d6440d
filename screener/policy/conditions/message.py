"""`message` and `recipients`: the mail as a whole."""

from screener import yamlfile
from screener.anatomy.active import OF_PAGES, SENTENCES, Active
from screener.anatomy.defects import DEFECTS, Defect, Severity
from screener.anatomy.message import Anatomy
from screener.frozen import dataclass
from screener.mail.address import Address
from screener.mail.trace import hops
from screener.policy.conditions.active import active_kinds
from screener.policy.conditions.content import OfContent
from screener.policy.keys import compared, true_or_false
from screener.policy.look import Look
from screener.policy.reading import KeyReader, Reading
from screener.policy.truth import NO, UNKNOWN, Answer, Condition, Keyed, evidence
from screener.values import Comparison, shown_size
from screener.yamlfile import Node


@dataclass(frozen=True, slots=True)
class HasSize(OfContent, Keyed[Address]):
    """`size: '> 25 MiB'`: octets of the content, headers included."""

    comparison: Comparison

    def judge_content(self, _look: Look, anatomy: Anatomy) -> Answer:
        size = anatomy.size
        return evidence(self.key, f"{size} octets ({shown_size(size)})", "message") if self.comparison.holds(size) else NO

    def covers(self, other: Condition[Address]) -> bool:
        return isinstance(other, HasSize) and self.comparison.covers(other.comparison)


@dataclass(frozen=True, slots=True)
class HasHops(OfContent, Keyed[Address]):
    """`hops: '> 20'`: how many Received fields it came with (RFC 5321 6.3)."""

    comparison: Comparison

    def judge_content(self, _look: Look, anatomy: Anatomy) -> Answer:
        count = hops(anatomy.content)
        return evidence(self.key, f"{count} Received fields", "headers") if self.comparison.holds(count) else NO

    def covers(self, other: Condition[Address]) -> bool:
        return isinstance(other, HasHops) and self.comparison.covers(other.comparison)


@dataclass(frozen=True, slots=True)
class HasDefect(OfContent, Keyed[Address]):
    """`defects: [unreadable, bare-cr]`: by name, or all of a severity."""

    defects: dict[Defect, str]  # each with its origin

    @property
    def cost(self) -> int:
        return 9

    def judge_content(self, _look: Look, anatomy: Anatomy) -> Answer:
        for found in anatomy.all_defects():
            origin = self.defects.get(found.defect)
            if origin is not None:
                meaning = DEFECTS[found.defect]
                which = "" if found.limit is None else f" Reached: {found.limit}."
                return evidence(self.key, f"{found.defect} ({meaning.severity}): {meaning.sentence}{which}", found.place, origin)
        return NO

    def covers(self, other: Condition[Address]) -> bool:
        return isinstance(other, HasDefect) and other.defects.keys() <= self.defects.keys()


@dataclass(frozen=True, slots=True)
class IsEncrypted(OfContent, Keyed[Address]):
    """`encrypted: true`: the mail or a part of it is encrypted for its reader (S/MIME, PGP), so that its content is not seen."""

    wanted: bool

    @property
    def cost(self) -> int:
        return 8

    def judge_content(self, _look: Look, anatomy: Anatomy) -> Answer:
        for found in anatomy.encryption:
            return evidence(self.key, f"encrypted by {found.way}", found.place) if self.wanted else NO
        return NO if self.wanted else evidence(self.key, "no part is encrypted", "message")


@dataclass(frozen=True, slots=True)
class HasActiveBody(OfContent, Keyed[Address]):
    """`active_content: true`, or kinds of it: a body that some reader shows as a page has some; `false`: none has."""

    kinds: dict[Active, str]  # each wanted one with its origin
    wanted: bool

    @property
    def cost(self) -> int:
        return 9

    def judge_content(self, _look: Look, anatomy: Anatomy) -> Answer:
        active = anatomy.active_bodies
        if not self.wanted:
            return NO if active else evidence(self.key, "no body has active content", "message")
        for found in active:
            origin = self.kinds.get(found.kind)
            if origin is not None:
                return evidence(self.key, f"{found.kind}: {SENTENCES[found.kind]}", found.place, origin)
        return NO

    def covers(self, other: Condition[Address]) -> bool:
        if not isinstance(other, HasActiveBody) or self.wanted is not other.wanted:
            return False
        return other.kinds.keys() <= self.kinds.keys()


@dataclass(frozen=True, slots=True)
class RecipientCount(Keyed[Address]):
    """`recipients: {count: '> 50'}`: of the envelope; not known before the last RCPT."""

    comparison: Comparison

    @property
    def reads_content(self) -> bool:
        return True

    def judge(self, look: Look, _of: Address) -> Answer:
        if look.recipients is None:
            return UNKNOWN
        if not self.comparison.holds(look.recipients):
            return NO
        return evidence(self.key, f"{look.recipients} recipients", "envelope")

    def covers(self, other: Condition[Address]) -> bool:
        return isinstance(other, RecipientCount) and self.comparison.covers(other.comparison)


def defects_entry(text: str) -> tuple[Defect, ...]:
    """The defects of a name or a severity; raises ValueError."""
    name = text.lower()
    if name in set(Severity):
        return tuple(defect for defect, meaning in DEFECTS.items() if meaning.severity == name)
    if name in set(Defect):
        return (Defect(name),)
    hint = yamlfile.did_you_mean(name, [*Severity, *Defect])
    if "did you mean" not in hint:  # all the names would fill a page
        hint = f": expected {', '.join(Severity)}, or the name of a defect such as {Defect.DUPLICATE_CONTENT_TYPE}"
    raise ValueError(f"'{text[:80]}' is no defect and no severity{hint}")


def _read_defects(reading: Reading, node: Node, label: str) -> Condition[Address]:
    defects: dict[Defect, str] = {}
    for meant, origin in reading.values(node, "defects", defects_entry):
        for defect in meant:
            defects.setdefault(defect, origin)
    return HasDefect(label, defects)


MESSAGE_KEYS: dict[str, KeyReader[Address]] = {
    "size": compared("size", HasSize),
    "hops": compared("count", HasHops),
    "defects": _read_defects,
    "encrypted": true_or_false(IsEncrypted),
    "active_content": active_kinds("bodies", OF_PAGES, HasActiveBody),
}
RECIPIENTS_KEYS: dict[str, KeyReader[Address]] = {"count": compared("count", RecipientCount)}


def read_message(reading: Reading, node: Node, label: str) -> Condition[Address] | None:
    """The block `message`."""
    return reading.block(node, label, MESSAGE_KEYS)


def read_recipients(reading: Reading, node: Node, label: str) -> Condition[Address] | None:
    """The block `recipients`: all recipients together."""
    return reading.block(node, label, RECIPIENTS_KEYS)
