"""`subject`, `body`, `text`, `attachment_text` and `header`: words, substrings and patterns.

The body is one thing: each key of a block may be satisfied by another of its parts, and `not` means "nowhere in the body". Of
`header`, each field of the name is a thing of its own.
"""

from enum import StrEnum
from typing import assert_never

from screener.anatomy.message import Anatomy
from screener.frozen import dataclass
from screener.mail.address import Address
from screener.policy.combine import covers
from screener.policy.conditions.content import OfContent
from screener.policy.conditions.passages import FIELD_KEYS, TEXT_KEYS, Needles, PatternsIn
from screener.policy.keys import or_any_of
from screener.policy.look import Look, Passages
from screener.policy.reading import KeyReader, Reading, field_name, kind_of
from screener.policy.signs import PRESENT, Facet, Shown, any_facet, one_of
from screener.policy.truth import NO, Answer, Condition, Keyed, Needs, any_of, evidence
from screener.yamlfile import Mapping, Node


class Where(StrEnum):
    """Which texts of a mail a block speaks of."""

    SUBJECT = "subject"
    BODY = "body"
    TEXT = "text"  # subject and body
    ATTACHMENT_TEXT = "attachment_text"


_COSTS = {Where.SUBJECT: 2, Where.BODY: 5, Where.TEXT: 5, Where.ATTACHMENT_TEXT: 9}


def _passages(where: Where, look: Look, anatomy: Anatomy) -> Passages:
    match where:
        case Where.SUBJECT:
            return look.subject(anatomy)
        case Where.BODY:
            return look.body(anatomy)
        case Where.TEXT:
            return look.text(anatomy)
        case Where.ATTACHMENT_TEXT:
            return look.attachment_text(anatomy)
    assert_never(where)


@dataclass(frozen=True, slots=True)
class InText(Facet):
    """Needles seen in a text."""

    where: Where
    homoglyphs: bool

    @property
    def cost(self) -> int:
        return 0 if self.where is Where.SUBJECT else _COSTS[self.where]  # the subject is wanted for every mail's history

    def shown(self, look: Look, _of: object) -> Shown:
        if look.anatomy is None:
            return None
        passages = _passages(self.where, look.alike if self.homoglyphs else look, look.anatomy)
        return None if passages.unfiltered else passages.seen


@dataclass(frozen=True, slots=True)
class InField(Facet):
    """That there is a header field of a name, the needles seen in it, and its value as octets, folded."""

    name: str
    homoglyphs: bool = False

    def shown(self, look: Look, _of: object) -> Shown:
        if look.anatomy is None:
            return None
        fields = (look.alike if self.homoglyphs else look).fields(look.anatomy, self.name)
        if any(field.unfiltered for field in fields):
            return None
        values = {sighting.haystack for field in fields for passage in field.passages for sighting in passage.sightings}
        return values.union([PRESENT] if fields else [], *(field.seen for field in fields))


@dataclass(frozen=True, slots=True)
class TextHas(OfContent):
    """`body: …` and its like: the keys of the block, asked of those texts together."""

    where: Where
    inner: Condition[Passages]
    homoglyphs: bool = False  # letters that look alike are one

    @property
    def label(self) -> str:
        return self.inner.label

    @property
    def cost(self) -> int:
        return _COSTS[self.where]

    def judge_content(self, look: Look, anatomy: Anatomy) -> Answer:
        of = look.alike if self.homoglyphs else look
        return self.inner.judge(of, _passages(self.where, of, anatomy))

    @property
    def needs(self) -> Needs:
        wheres = (Where.SUBJECT, Where.BODY) if self.where is Where.TEXT else (self.where,)
        return any_facet([InText(where, self.homoglyphs) for where in wheres], self.inner.needs)

    def covers(self, other: Condition[Address]) -> bool:
        if not isinstance(other, TextHas) or self.homoglyphs is not other.homoglyphs:
            return False
        wider = self.where is other.where
        if self.where is Where.TEXT and other.where in (Where.SUBJECT, Where.BODY):
            wider = isinstance(self.inner, Needles | PatternsIn)  # for `not` a wider text is the narrower condition
        return wider and covers(self.inner, other.inner)


@dataclass(frozen=True, slots=True)
class FieldHas(OfContent):
    """`header: {name: …, …}`: some field of that name for which the other keys hold."""

    name: str  # lower case
    inner: Condition[Passages]
    homoglyphs: bool = False

    @property
    def label(self) -> str:
        return self.inner.label

    @property
    def cost(self) -> int:
        return 2

    def judge_content(self, look: Look, anatomy: Anatomy) -> Answer:
        of = look.alike if self.homoglyphs else look
        return any_of(self.inner.judge(of, one) for one in of.fields(anatomy, self.name))

    @property
    def needs(self) -> Needs:
        return InField(self.name, self.homoglyphs).signs(self.inner.needs or one_of([PRESENT]))

    def covers(self, other: Condition[Address]) -> bool:
        if not isinstance(other, FieldHas) or (self.name, self.homoglyphs) != (other.name, other.homoglyphs):
            return False
        return covers(self.inner, other.inner)


@dataclass(frozen=True, slots=True)
class FieldExists(OfContent, Keyed[Address]):
    """`header: {name: …, exists: true}`, or false."""

    name: str  # lower case
    wanted: bool

    @property
    def cost(self) -> int:
        return 2

    def judge_content(self, _look: Look, anatomy: Anatomy) -> Answer:
        if bool(anatomy.header(self.name)) is not self.wanted:
            return NO
        return evidence(self.key, f"there is {'a' if self.wanted else 'no'} field {self.name}", f"header {self.name}")

    @property
    def needs(self) -> Needs:
        return InField(self.name).signs(one_of([PRESENT])) if self.wanted else ()

    def covers(self, other: Condition[Address]) -> bool:
        if isinstance(other, FieldHas):
            return self.wanted and self.name == other.name
        return isinstance(other, FieldExists) and (self.name, self.wanted) == (other.name, other.wanted)


_HOMOGLYPHS = ("homoglyphs",)  # the key that says how a block's other keys are meant


def text_reader(where: Where) -> KeyReader[Address]:
    """The reader of one of the text blocks."""

    def read(reading: Reading, node: Node, label: str) -> Condition[Address] | None:
        inner, homoglyphs = _block(reading, node, label, TEXT_KEYS)
        return None if inner is None else TextHas(where, inner, homoglyphs)

    return or_any_of(read)


def _block(
    reading: Reading, node: Node, label: str, keys: dict[str, KeyReader[Passages]], besides: tuple[str, ...] = ()
) -> tuple[Condition[Passages] | None, bool]:
    """What the keys of a block ask, None after a complaint; whether letters that look alike are one for it."""
    homoglyphs: bool | None = False
    value = node.get("homoglyphs") if isinstance(node, Mapping) else None
    if value is not None and isinstance(node, Mapping):
        rest = tuple(entry for entry in node.entries if entry.key.text != "homoglyphs")
        if not rest:
            reading.complain(value.place, "'homoglyphs' says how texts are compared: expected words, contains or pattern beside it")
            return None, False
        homoglyphs, node = reading.boolean(value), Mapping(rest, node.place)
    if homoglyphs is None:
        return None, False
    return (reading.alike if homoglyphs else reading).block(node, label, keys, besides=(*besides, *_HOMOGLYPHS)), homoglyphs


def _read_header(reading: Reading, node: Node, label: str) -> Condition[Address] | None:
    """The block `header`: `name`, and either `exists` or what the field must have."""
    if not isinstance(node, Mapping):
        known = ", ".join(("name", "exists", *FIELD_KEYS, *_HOMOGLYPHS))
        reading.complain(node.place, f"expected keys under '{label}', not {kind_of(node)}; known here: {known}")
        return None
    name = _field_name(reading, node, label)
    exists = node.get("exists")
    rest = tuple(entry for entry in node.entries if entry.key.text not in ("name", "exists"))
    if name is None:
        return None
    if exists is not None:
        wanted = reading.boolean(exists)
        if rest:
            reading.complain(rest[0].key.place, f"'{rest[0].key.text}' says that the field exists: leave out 'exists'")
            return None
        return None if wanted is None else FieldExists(f"{label}.exists", name, wanted)
    if not rest:
        return FieldExists(f"{label}.name", name, True)
    inner, homoglyphs = _block(reading, Mapping(rest, node.place), label, FIELD_KEYS, besides=("name", "exists"))
    return None if inner is None else FieldHas(name, inner, homoglyphs)


read_header = or_any_of(_read_header)


def _field_name(reading: Reading, node: Mapping, label: str) -> str | None:
    value = node.get("name")
    if value is None:
        reading.complain(node.place, f"'{label}' has no 'name': expected the name of a header field, such as name: X-Mailer")
        return None
    text = reading.text(value, "the name of a header field, such as X-Mailer")
    if text is None:
        return None
    try:
        return field_name(text).lower()
    except ValueError as error:
        reading.complain(value.place, str(error))
        return None
