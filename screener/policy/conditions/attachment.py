"""`attachment` and `attachments`: files in a mail, inside containers too. The keys of one `attachment` block speak of the same
file.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from screener.anatomy.message import Attachment
from screener.mail.address import Address
from screener.policy.conditions.pattern import Patterns, first_match, read_patterns, same_patterns
from screener.policy.index import NameIndex, name_entry
from screener.policy.look import Look
from screener.policy.reading import KeyReader, Reading
from screener.policy.truth import NO, UNKNOWN, Answer, Condition, Keyed, any_of, covers, evidence
from screener.values import Comparison, shown_size
from screener.yamlfile import Node

_EXTENSION = re.compile(r"[^\s./\\*?:\x00-\x1f]+")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/(?:[a-z0-9!#$&^_.+-]+|\*)")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class AnyAttachment(Condition[Address]):
    """`attachment: …`: one file for which all keys hold."""

    inner: Condition[Attachment]

    @property
    def label(self) -> str:
        return self.inner.label

    @property
    def cost(self) -> int:
        return self.inner.cost

    @property
    def reads_content(self) -> bool:
        return True

    def judge(self, look: Look, _of: Address) -> Answer:
        if look.anatomy is None:
            return UNKNOWN
        inner = self.inner
        return any_of(inner.judge(look, attachment) for attachment in look.anatomy.attachments)

    def covers(self, other: Condition[Address]) -> bool:
        return isinstance(other, AnyAttachment) and covers(self.inner, other.inner)


class OfFile(Keyed[Attachment]):
    """One key of the block."""

    __slots__ = ()

    @property
    def cost(self) -> int:
        return 8


@dataclass(frozen=True, slots=True)
class IsNamed(OfFile):
    """`name: ['*.pdf.exe', invoice?.doc]`: any of the names some reader would show."""

    index: NameIndex

    def judge(self, _look: Look, of: Attachment) -> Answer:
        found = self.index.find_any(of.names)
        return NO if found is None else evidence(self.key, f"{found[0]} fits {found[1][0]}", of.place, found[1][1])

    def covers(self, other: Condition[Attachment]) -> bool:
        return isinstance(other, IsNamed) and self.index.covers(other.index)


@dataclass(frozen=True, slots=True)
class NameFits(OfFile):
    """`pattern`: on each name."""

    patterns: Patterns

    def judge(self, look: Look, of: Attachment) -> Answer:
        return first_match(self.patterns, of.names, look.watch, self.key, of.place)

    def covers(self, other: Condition[Attachment]) -> bool:
        return isinstance(other, NameFits) and same_patterns(self.patterns, other.patterns)


@dataclass(frozen=True, slots=True)
class HasExtension(OfFile):
    """`extension: [exe, scr, tar.gz]`: any dotted suffix of any name; one with a dot inside is the end of a name."""

    origins: dict[str, str]
    compound: tuple[tuple[str, str], ...]  # ".tar.gz", origin

    def judge(self, _look: Look, of: Attachment) -> Answer:
        hits = of.extensions & self.origins.keys()
        if hits:
            extension = min(hits)
            return evidence(self.key, f'{shown_name(of)} has extension "{extension}"', of.place, self.origins[extension])
        for suffix, origin in self.compound:
            for name in of.names:
                if name.casefold().endswith(suffix):
                    return evidence(self.key, f'{name} has extension "{suffix[1:]}"', of.place, origin)
        return NO

    def covers(self, other: Condition[Attachment]) -> bool:
        if not isinstance(other, HasExtension):
            return False
        return other.origins.keys() <= self.origins.keys() and {one for one, _ in other.compound} <= {
            one for one, _ in self.compound
        }


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

    def judge(self, _look: Look, of: Attachment) -> Answer:
        if not self.comparison.holds(of.size):
            return NO
        return evidence(self.key, f"{shown_name(of)} has {of.size} octets ({shown_size(of.size)})", of.place)

    def covers(self, other: Condition[Attachment]) -> bool:
        return isinstance(other, HasSize) and self.comparison.covers(other.comparison)


@dataclass(frozen=True, slots=True)
class IsDeep(OfFile):
    """`depth: '>= 2'`: 0 is a file of the mail itself, 1 a file in an archive or attached message, and so on."""

    comparison: Comparison

    def judge(self, _look: Look, of: Attachment) -> Answer:
        if not self.comparison.holds(of.depth):
            return NO
        return evidence(self.key, f"{shown_name(of)} lies {of.depth} deep", of.place)

    def covers(self, other: Condition[Attachment]) -> bool:
        return isinstance(other, IsDeep) and self.comparison.covers(other.comparison)


@dataclass(frozen=True, slots=True)
class LiesIn(OfFile):
    """`inside: '*.zip'`: the name of a container around it."""

    index: NameIndex

    def judge(self, _look: Look, of: Attachment) -> Answer:
        found = self.index.find_any(of.inside)
        return NO if found is None else evidence(self.key, f"{shown_name(of)} lies in {found[0]}", of.place, found[1][1])

    def covers(self, other: Condition[Attachment]) -> bool:
        return isinstance(other, LiesIn) and self.index.covers(other.index)


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
    """`encrypted: true`: an archive, or a file in one, that needs a password."""

    wanted: bool

    @property
    def cost(self) -> int:
        return 9

    def judge(self, _look: Look, of: Attachment) -> Answer:
        if of.encrypted is not self.wanted:
            return NO
        return evidence(self.key, f"{shown_name(of)} is {'' if self.wanted else 'not '}encrypted", of.place)


@dataclass(frozen=True, slots=True)
class AttachmentsSum(Keyed[Address]):
    """`attachments: {count: '> 20'}` or `{size: '> 30 MiB'}`: of the mail's own files, without those inside containers."""

    comparison: Comparison
    octets: bool

    @property
    def cost(self) -> int:
        return 8

    @property
    def reads_content(self) -> bool:
        return True

    def judge(self, look: Look, _of: Address) -> Answer:
        if look.anatomy is None:
            return UNKNOWN
        sizes = [attachment.size for attachment in look.anatomy.attachments if attachment.depth == 0]
        number = sum(sizes) if self.octets else len(sizes)
        if not self.comparison.holds(number):
            return NO
        shown = f"{number} octets ({shown_size(number)}) together" if self.octets else f"{number} attachments"
        return evidence(self.key, shown, "attachments")

    def covers(self, other: Condition[Address]) -> bool:
        return isinstance(other, AttachmentsSum) and self.octets is other.octets and self.comparison.covers(other.comparison)


def shown_name(of: Attachment) -> str:
    """The name a person would call the file by."""
    return of.names[0] if of.names else f"an unnamed file ({of.declared_type or 'no type'})"


def extension_entry(text: str) -> str:
    """`exe`, `.exe` and `*.exe` mean the same; raises ValueError."""
    bare = text.removeprefix("*").removeprefix(".").lower()
    if not all(_EXTENSION.fullmatch(part) for part in bare.split(".")):
        raise ValueError(f"{text[:80]!r} is no extension: expected one such as exe or tar.gz; put wildcards under 'name'")
    return bare


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


def _first_origins(values: Iterable[tuple[str, str]]) -> dict[str, str]:
    origins: dict[str, str] = {}
    for value, origin in values:
        origins.setdefault(value, origin)
    return origins


def _read_name(reading: Reading, node: Node, label: str) -> Condition[Attachment]:
    return IsNamed(label, NameIndex.of(reading.values(node, "name", name_entry)))


def _read_pattern(reading: Reading, node: Node, label: str) -> Condition[Attachment]:
    return NameFits(label, read_patterns(reading, node))


def _read_extension(reading: Reading, node: Node, label: str) -> Condition[Attachment]:
    origins = _first_origins(reading.values(node, "extension", extension_entry))
    compound = tuple((f".{entry}", origin) for entry, origin in origins.items() if "." in entry)
    return HasExtension(label, {entry: origin for entry, origin in origins.items() if "." not in entry}, compound)


def _type_reader(*, declared: bool) -> Callable[[Reading, Node, str], Condition[Attachment]]:
    def read(reading: Reading, node: Node, label: str) -> Condition[Attachment]:
        origins = _first_origins(reading.values(node, "type", type_entry))
        exact = {entry: origin for entry, origin in origins.items() if not entry.endswith("/*")}
        families = {entry[:-2]: origin for entry, origin in origins.items() if entry.endswith("/*")}
        return IsType(label, exact, families, declared)

    return read


def _read_size(reading: Reading, node: Node, label: str) -> Condition[Attachment] | None:
    comparison = reading.comparison(node, "size")
    return None if comparison is None else HasSize(label, comparison)


def _read_depth(reading: Reading, node: Node, label: str) -> Condition[Attachment] | None:
    comparison = reading.comparison(node, "count")
    return None if comparison is None else IsDeep(label, comparison)


def _read_inside(reading: Reading, node: Node, label: str) -> Condition[Attachment]:
    return LiesIn(label, NameIndex.of(reading.values(node, "name", name_entry)))


def _read_sha256(reading: Reading, node: Node, label: str) -> Condition[Attachment]:
    return HasHash(label, _first_origins(reading.values(node, "sha256", sha256_entry)))


def _read_encrypted(reading: Reading, node: Node, label: str) -> Condition[Attachment] | None:
    wanted = reading.boolean(node)
    return None if wanted is None else IsEncrypted(label, wanted)


def _read_count(reading: Reading, node: Node, label: str) -> Condition[Address] | None:
    comparison = reading.comparison(node, "count")
    return None if comparison is None else AttachmentsSum(label, comparison, octets=False)


def _read_total(reading: Reading, node: Node, label: str) -> Condition[Address] | None:
    comparison = reading.comparison(node, "size")
    return None if comparison is None else AttachmentsSum(label, comparison, octets=True)


ATTACHMENT_KEYS: dict[str, KeyReader[Attachment]] = {
    "name": _read_name,
    "pattern": _read_pattern,
    "extension": _read_extension,
    "type": _type_reader(declared=False),
    "declared_type": _type_reader(declared=True),
    "size": _read_size,
    "depth": _read_depth,
    "inside": _read_inside,
    "sha256": _read_sha256,
    "encrypted": _read_encrypted,
}
ATTACHMENTS_KEYS: dict[str, KeyReader[Address]] = {"count": _read_count, "size": _read_total}


def read_attachment(reading: Reading, node: Node, label: str) -> Condition[Address] | None:
    """The block `attachment`."""
    inner = reading.block(node, label, ATTACHMENT_KEYS)
    return None if inner is None else AnyAttachment(inner)


def read_attachments(reading: Reading, node: Node, label: str) -> Condition[Address] | None:
    """The block `attachments`: all files of the mail together."""
    return reading.block(node, label, ATTACHMENTS_KEYS)
