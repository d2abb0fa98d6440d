"""What a file is called, and what the containers around it are: every name that some reader would show counts."""

import re
from itertools import chain

from screener.anatomy.message import Attachment
from screener.frozen import dataclass
from screener.policy.conditions.file import COST, OfFile, first_origins, shown_name
from screener.policy.conditions.pattern import Patterns, first_match, needles_of, read_patterns, same_patterns
from screener.policy.index import NameIndex, name_entry
from screener.policy.look import Look
from screener.policy.reading import KeyReader, Reading
from screener.policy.signs import Facet, NamedFacet, Shown, one_of
from screener.policy.truth import NO, Answer, Condition, Needs, evidence
from screener.yamlfile import Node

_EXTENSION = re.compile(r"[^\s./\\*?:\x00-\x1f]+")


@dataclass(frozen=True, slots=True)
class Names(NamedFacet):
    """Every name of every file, case-folded."""

    @property
    def cost(self) -> int:
        return COST

    def shown(self, look: Look, of: object) -> Shown:
        texts = self.texts(look, of)
        return None if texts is None else {text.casefold() for text in texts}

    def texts(self, look: Look, _of: object) -> list[str] | None:
        return None if look.anatomy is None else [name for file in look.anatomy.attachments for name in file.names]


@dataclass(frozen=True, slots=True)
class Extensions(Facet):
    """Every dotted suffix of every name of every file."""

    @property
    def cost(self) -> int:
        return COST

    def shown(self, look: Look, _of: object) -> Shown:
        return None if look.anatomy is None else {suffix for file in look.anatomy.attachments for suffix in file.extensions}


@dataclass(frozen=True, slots=True)
class IsNamed(OfFile):
    """`name: ['*.pdf.exe', invoice?.doc]`: any of the names some reader would show."""

    index: NameIndex

    def judge(self, _look: Look, of: Attachment) -> Answer:
        found = self.index.find_any(of.names)
        return NO if found is None else evidence(self.key, f"{found[0]} fits {found[1][0]}", of.place, found[1][1])

    @property
    def needs(self) -> Needs:
        return Names().signs(self.index.needs)

    def covers(self, other: Condition[Attachment]) -> bool:
        return isinstance(other, IsNamed) and self.index.covers(other.index)


@dataclass(frozen=True, slots=True)
class NameFits(OfFile):
    """`pattern`: on each name."""

    patterns: Patterns

    def judge(self, look: Look, of: Attachment) -> Answer:
        return first_match(self.patterns, of.names, look.watch, self.key, of.place)

    @property
    def needs(self) -> Needs:
        return Names().signs(needles_of(self.patterns))

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

    @property
    def needs(self) -> Needs:
        return () if self.compound else Extensions().signs(one_of(self.origins))

    def covers(self, other: Condition[Attachment]) -> bool:
        if not isinstance(other, HasExtension):
            return False
        return other.origins.keys() <= self.origins.keys() and {one for one, _ in other.compound} <= {
            one for one, _ in self.compound
        }


@dataclass(frozen=True, slots=True)
class LiesIn(OfFile):
    """`inside: ['*.zip', message/rfc822]`: any name, declared type or type by content of a container around it."""

    index: NameIndex

    def judge(self, look: Look, of: Attachment) -> Answer:
        for container in of.around.containers:
            answer = self._answer(look, container)
            if answer.truth:
                (told,) = answer.evidence
                return evidence(self.key, f"{shown_name(of)} {told.text}", of.place, told.entry)
        return NO

    def _answer(self, look: Look, container: Attachment) -> Answer:
        """Whether it is meant: asked once, however much lies in it."""
        key = (id(self), id(container))
        answer = look.memo.get(key)
        if answer is None:
            found = self.index.find_any(chain(container.names, container.declared_types, sorted(container.types)))
            answer = NO if found is None else evidence(self.key, f"lies in {found[0]}", container.place, found[1][1])
            look.memo[key] = answer
        return answer

    def covers(self, other: Condition[Attachment]) -> bool:
        return isinstance(other, LiesIn) and self.index.covers(other.index)


def extension_entry(text: str) -> str:
    """`exe`, `.exe` and `*.exe` mean the same; raises ValueError."""
    bare = text.removeprefix("*").removeprefix(".").lower()
    if not all(_EXTENSION.fullmatch(part) for part in bare.split(".")):
        raise ValueError(f"{text[:80]!r} is no extension: expected one such as exe or tar.gz; put wildcards under 'name'")
    return bare


def _doubt_name(text: str) -> str:
    """About `.exe`, which names a file that has no other name."""
    if not text.startswith(".") or not _EXTENSION.fullmatch(text[1:].lower()):
        return ""
    return f"'{text}' means a file called just that: for names that end so write '*{text}', or use 'extension'"


def _doubt_container(text: str) -> str:
    """About `zip` and `.zip`, which are no types and hardly names."""
    bare = text.removeprefix(".")
    if not _EXTENSION.fullmatch(bare.lower()):
        return ""
    return f"'{text}' means a container called just that: write '*.{bare}' for names that end so, or a type such as application/zip"


def _read_name(reading: Reading, node: Node, label: str) -> Condition[Attachment]:
    return IsNamed(label, NameIndex.of(reading.values(node, "file name", name_entry, _doubt_name), reading.vocabulary))


def _read_pattern(reading: Reading, node: Node, label: str) -> Condition[Attachment]:
    return NameFits(label, read_patterns(reading, node))


def _read_extension(reading: Reading, node: Node, label: str) -> Condition[Attachment]:
    origins = first_origins(reading.values(node, "extension", extension_entry))
    compound = tuple((f".{entry}", origin) for entry, origin in origins.items() if "." in entry)
    return HasExtension(label, {entry: origin for entry, origin in origins.items() if "." not in entry}, compound)


def _read_inside(reading: Reading, node: Node, label: str) -> Condition[Attachment]:
    return LiesIn(label, NameIndex.of(reading.values(node, "container", name_entry, _doubt_container)))


NAME_KEYS: dict[str, KeyReader[Attachment]] = {
    "name": _read_name,
    "pattern": _read_pattern,
    "extension": _read_extension,
    "inside": _read_inside,
}
