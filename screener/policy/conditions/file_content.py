"""What a file is, whatever it is called: type, size, hash, encryption, and how deep it lies."""

import re
from collections.abc import Callable, Iterable

from screener.anatomy.active import SENTENCES, Active
from screener.anatomy.message import Attachment
from screener.frozen import dataclass
from screener.policy.conditions.active import active_kinds
from screener.policy.conditions.file import OfFile, first_origins, shown_name
from screener.policy.keys import compared, true_or_false
from screener.policy.look import Look
from screener.policy.reading import KeyReader, Reading
from screener.policy.truth import NO, Answer, Condition, evidence
from screener.values import Comparison, shown_size
from screener.yamlfile import Node

_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/(?:[a-z0-9!#$&^_.+-]+|\*)")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class IsType(OfFile):
    """`type` (by content) and `declared_type` (as the mail says): `image/*` is every image."""

    exact: dict[str, str]
    families: dict[str, str]  # "image" → origin
    declared: bool

    @property
    def cost(self) -> int:
        return 8 if self.declared else 9

    def judge(self, _look: Look, of: Attachment) -> Answer:
        for kind in self._types(of):
            origin = self.exact.get(kind) or self.families.get(kind.partition("/")[0])
            if origin is not None:
                verb = "is declared as" if self.declared else "is"
                return evidence(self.key, f"{shown_name(of)} {verb} {kind}", of.place, origin)
        return NO

    def _types(self, of: Attachment) -> Iterable[str]:
        if self.declared:
            return dict.fromkeys((of.declared_type, *of.declared_types))
        return dict.fromkeys((of.type, *sorted(of.types)))

    def covers(self, other: Condition[Attachment]) -> bool:
        if not isinstance(other, IsType) or self.declared is not other.declared:
            return False
        families = other.families.keys() <= self.families.keys()
        return families and all(kind in self.exact or kind.partition("/")[0] in self.families for kind in other.exact)


@dataclass(frozen=True, slots=True)
class HasSize(OfFile):
    """`size: '> 1 MB'`: decoded octets."""

    comparison: Comparison

    @property
    def cost(self) -> int:
        return 9

    def judge(self, _look: Look, of: Attachment) -> Answer:
        if not self.comparison.holds(of.size):
            return NO
        return evidence(self.key, f"{shown_name(of)} has {of.size} octets ({shown_size(of.size)})", of.place)

    def covers(self, other: Condition[Attachment]) -> bool:
        return isinstance(other, HasSize) and self.comparison.covers(other.comparison)


@dataclass(frozen=True, slots=True)
class IsDeep(OfFile):
    """`depth: '>= 2'`: 0 is a file of the mail itself, 1 a file in an archive, document or attached message, and so on."""

    comparison: Comparison

    def judge(self, _look: Look, of: Attachment) -> Answer:
        if not self.comparison.holds(of.depth):
            return NO
        return evidence(self.key, f"{shown_name(of)} lies {of.depth} deep", of.place)

    def covers(self, other: Condition[Attachment]) -> bool:
        return isinstance(other, IsDeep) and self.comparison.covers(other.comparison)


@dataclass(frozen=True, slots=True)
class HasHash(OfFile):
    """`sha256: …`: of the decoded octets."""

    origins: dict[str, str]

    @property
    def cost(self) -> int:
        return 9

    def judge(self, _look: Look, of: Attachment) -> Answer:
        digest = of.sha256
        origin = self.origins.get(digest)
        return NO if origin is None else evidence(self.key, f"{shown_name(of)} has SHA-256 {digest}", of.place, origin)

    def covers(self, other: Condition[Attachment]) -> bool:
        return isinstance(other, HasHash) and other.origins.keys() <= self.origins.keys()


@dataclass(frozen=True, slots=True)
class IsEncrypted(OfFile):
    """`encrypted: true`: an archive, a file in one, a PDF or an Office document that needs a password."""

    wanted: bool

    @property
    def cost(self) -> int:
        return 9

    def judge(self, _look: Look, of: Attachment) -> Answer:
        if of.encrypted is not self.wanted:
            return NO
        return evidence(self.key, f"{shown_name(of)} is {'' if self.wanted else 'not '}encrypted", of.place)


@dataclass(frozen=True, slots=True)
class HasMacros(OfFile):
    """`macros: true`: an Office document with macros, whatever it is called."""

    wanted: bool

    @property
    def cost(self) -> int:
        return 9

    def judge(self, _look: Look, of: Attachment) -> Answer:
        if of.macros is not self.wanted:
            return NO
        return evidence(self.key, f"{shown_name(of)} has {'' if self.wanted else 'no '}macros", of.place)


@dataclass(frozen=True, slots=True)
class IsDisguised(OfFile):
    """`disguised: true`: its name, declared type and content disagree in a way that matters."""

    wanted: bool

    @property
    def cost(self) -> int:
        return 9

    def judge(self, _look: Look, of: Attachment) -> Answer:
        reason = of.disguised
        if bool(reason) is not self.wanted:
            return NO
        return evidence(self.key, f"{shown_name(of)}: {reason or 'is what it seems'}", of.place)


@dataclass(frozen=True, slots=True)
class HasActiveContent(OfFile):
    """`active_content: true`, or kinds of it: `[launch, template]`; `false`: it has none."""

    kinds: dict[Active, str]  # each wanted one with its origin
    wanted: bool = True

    @property
    def cost(self) -> int:
        return 9

    def judge(self, _look: Look, of: Attachment) -> Answer:
        active = of.active_content
        if not self.wanted:
            return NO if active else evidence(self.key, f"{shown_name(of)} has no active content", of.place)
        for kind in active:
            origin = self.kinds.get(kind)
            if origin is not None:
                return evidence(self.key, f"{shown_name(of)}: {kind}: {SENTENCES[kind]}", of.place, origin)
        return NO

    def covers(self, other: Condition[Attachment]) -> bool:
        if not isinstance(other, HasActiveContent) or self.wanted is not other.wanted:
            return False
        return other.kinds.keys() <= self.kinds.keys()


def type_entry(text: str) -> str:
    """`application/pdf` or `image/*`; raises ValueError."""
    if _TYPE.fullmatch(text.lower()) is None:
        raise ValueError(f"{text[:80]!r} is no type: expected one such as application/pdf or image/*")
    return text.lower()


def sha256_entry(text: str) -> str:
    """64 hexadecimal digits; raises ValueError."""
    if _SHA256.fullmatch(text.lower()) is None:
        raise ValueError(f"{text[:80]!r} is no SHA-256: expected 64 hexadecimal digits")
    return text.lower()


def _type_reader(*, declared: bool) -> Callable[[Reading, Node, str], Condition[Attachment]]:
    def read(reading: Reading, node: Node, label: str) -> Condition[Attachment]:
        origins = first_origins(reading.values(node, "type", type_entry))
        exact = {entry: origin for entry, origin in origins.items() if not entry.endswith("/*")}
        families = {entry[:-2]: origin for entry, origin in origins.items() if entry.endswith("/*")}
        return IsType(label, exact, families, declared)

    return read


def _read_sha256(reading: Reading, node: Node, label: str) -> Condition[Attachment]:
    return HasHash(label, first_origins(reading.values(node, "sha256", sha256_entry)))


CONTENT_KEYS: dict[str, KeyReader[Attachment]] = {
    "type": _type_reader(declared=False),
    "declared_type": _type_reader(declared=True),
    "size": compared("size", HasSize),
    "depth": compared("count", IsDeep),
    "sha256": _read_sha256,
    "encrypted": true_or_false(IsEncrypted),
    "macros": true_or_false(HasMacros),
    "active_content": active_kinds("files", tuple(Active), HasActiveContent),
    "disguised": true_or_false(IsDisguised),
}
