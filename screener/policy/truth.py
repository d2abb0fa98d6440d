"""Three-valued judgement (Kleene): true, false, or not known.

The same conditions serve RCPT, where the content is not known yet, and the final dot, where "not known" means that something
could not be judged (a pattern ran out of time). A whole condition is unknown only where the unknown parts could still change
its answer.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from screener.mail.verdict import Evidence

if TYPE_CHECKING:
    from screener.policy.look import Look

MAX_EVIDENCE = 12  # pieces kept with one answer
MAX_TEXT = 300  # characters of one piece of evidence


@dataclass(frozen=True, slots=True)
class Answer:
    """What a condition found. `truth` None: not known. Evidence says why it is true, or why it could not be judged."""

    truth: bool | None
    evidence: tuple[Evidence, ...] = ()


NO = Answer(False)
YES = Answer(True)
UNKNOWN = Answer(None)

T = TypeVar("T")


class Condition(ABC, Generic[T]):
    """One thing a rule asks of `of`: the recipient for a mail's conditions, an attachment or an address inside a block.

    `cost` orders conditions (cheap first): 0 envelope, 2 header, 5 text, 8 structure, 9 what attachments really are.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def label(self) -> str:
        """How rules write it: "attachment.extension"."""

    @property
    def cost(self) -> int:
        """How dear it is, compared with others."""
        return 1

    @property
    def per_recipient(self) -> bool:
        """Whether the answer may differ between the recipients of one mail."""
        return False

    @property
    def reads_content(self) -> bool:
        """Whether it looks at more than the envelope."""
        return False

    @property
    def open_at_rcpt(self) -> bool:
        """Whether it can never be ruled out before the content is known."""
        return self.reads_content

    @abstractmethod
    def judge(self, look: "Look", of: T, /) -> Answer:
        """The answer for one thing."""

    @property
    def needed(self) -> frozenset[int] | None:
        """Needles of which one must be seen in subject or body for this to be true; None: it does not depend on them."""
        return None

    def covers(self, other: "Condition[T]") -> bool:
        """Whether this one is true of everything `other` is true of. May say no where it does not know."""
        return self == other


@dataclass(frozen=True, slots=True)
class Keyed(Condition[T]):
    """A condition that is one key of a block, with values."""

    key: str  # "attachment.extension"

    @property
    def label(self) -> str:
        return self.key


def all_of(answers: Iterable[Answer]) -> Answer:
    """True where all are; the first false one ends it."""
    evidence: list[Evidence] = []
    doubts: list[Evidence] = []
    unknown = False
    for answer in answers:
        if answer.truth is False:
            return NO
        if answer.truth is None:
            unknown = True
            doubts.extend(answer.evidence)
        else:
            evidence.extend(answer.evidence)
    if unknown:
        return Answer(None, tuple(doubts[:MAX_EVIDENCE])) if doubts else UNKNOWN
    return Answer(True, tuple(evidence[:MAX_EVIDENCE]))


def any_of(answers: Iterable[Answer]) -> Answer:
    """True where any is; the first true one ends it."""
    doubts: list[Evidence] = []
    unknown = False
    for answer in answers:
        if answer.truth:
            return answer
        if answer.truth is None:
            unknown = True
            doubts.extend(answer.evidence)
    if unknown:
        return Answer(None, tuple(doubts[:MAX_EVIDENCE])) if doubts else UNKNOWN
    return NO


@dataclass(frozen=True, slots=True)
class AllOf(Condition[T]):
    """Every one must hold."""

    parts: tuple[Condition[T], ...]

    @property
    def label(self) -> str:
        return " and ".join(part.label for part in self.parts)

    @property
    def cost(self) -> int:
        return max((part.cost for part in self.parts), default=0)

    @property
    def per_recipient(self) -> bool:
        return any(part.per_recipient for part in self.parts)

    @property
    def reads_content(self) -> bool:
        return any(part.reads_content for part in self.parts)

    @property
    def open_at_rcpt(self) -> bool:
        return all(part.open_at_rcpt for part in self.parts)

    def judge(self, look: "Look", of: T) -> Answer:
        return all_of(part.judge(look, of) for part in self.parts)

    @property
    def needed(self) -> frozenset[int] | None:
        found = [part.needed for part in self.parts]
        return min((needles for needles in found if needles is not None), key=len, default=None)

    def covers(self, other: Condition[T]) -> bool:
        if isinstance(other, AnyOf):
            return all(self.covers(branch) for branch in other.parts)
        return all(covers(part, other) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf(Condition[T]):
    """One of them must hold."""

    parts: tuple[Condition[T], ...]

    @property
    def label(self) -> str:
        return "(" + " or ".join(part.label for part in self.parts) + ")"

    @property
    def cost(self) -> int:
        return max((part.cost for part in self.parts), default=0)

    @property
    def per_recipient(self) -> bool:
        return any(part.per_recipient for part in self.parts)

    @property
    def reads_content(self) -> bool:
        return any(part.reads_content for part in self.parts)

    @property
    def open_at_rcpt(self) -> bool:
        return any(part.open_at_rcpt for part in self.parts)

    def judge(self, look: "Look", of: T) -> Answer:
        return any_of(part.judge(look, of) for part in self.parts)

    @property
    def needed(self) -> frozenset[int] | None:
        found: set[int] = set()
        for part in self.parts:
            needles = part.needed
            if needles is None:
                return None
            found |= needles
        return frozenset(found)

    def covers(self, other: Condition[T]) -> bool:
        return any(covers(part, other) for part in self.parts)


@dataclass(frozen=True, slots=True)
class NotOf(Condition[T]):
    """It must not hold."""

    inner: Condition[T]

    @property
    def label(self) -> str:
        return f"not {self.inner.label}"

    @property
    def cost(self) -> int:
        return self.inner.cost

    @property
    def per_recipient(self) -> bool:
        return self.inner.per_recipient

    @property
    def reads_content(self) -> bool:
        return self.inner.reads_content

    def judge(self, look: "Look", of: T) -> Answer:
        answer = self.inner.judge(look, of)
        if answer.truth is None:
            return answer
        return NO if answer.truth else Answer(True, (Evidence("not", printable(f"does not hold: {self.inner.label}")),))

    def covers(self, other: Condition[T]) -> bool:
        """Not this of everything that is not something wider."""
        return isinstance(other, NotOf | Unless) and covers(other.inner, self.inner)


@dataclass(frozen=True, slots=True)
class Unless(Condition[T]):
    """The exception of a rule: like `not`, but the evidence is what the rule itself found."""

    inner: Condition[T]

    @property
    def label(self) -> str:
        return f"unless {self.inner.label}"

    @property
    def cost(self) -> int:
        return self.inner.cost

    @property
    def per_recipient(self) -> bool:
        return self.inner.per_recipient

    @property
    def reads_content(self) -> bool:
        return self.inner.reads_content

    @property
    def open_at_rcpt(self) -> bool:
        return False

    def judge(self, look: "Look", of: T) -> Answer:
        answer = self.inner.judge(look, of)
        if answer.truth is None:
            return answer
        return NO if answer.truth else YES

    def covers(self, other: Condition[T]) -> bool:
        return isinstance(other, NotOf | Unless) and covers(other.inner, self.inner)


@dataclass(frozen=True, slots=True)
class Once(Condition[T]):
    """A condition that is the same for all recipients, judged once for a mail."""

    inner: Condition[T]

    @property
    def label(self) -> str:
        return self.inner.label

    @property
    def cost(self) -> int:
        return self.inner.cost

    @property
    def reads_content(self) -> bool:
        return self.inner.reads_content

    def judge(self, look: "Look", of: T) -> Answer:
        key = id(self)
        answer = look.memo.get(key)
        if answer is None:
            answer = look.memo[key] = self.inner.judge(look, of)
        return answer

    @property
    def needed(self) -> frozenset[int] | None:
        return self.inner.needed

    def covers(self, other: Condition[T]) -> bool:
        return covers(self.inner, other)


def covers(wide: Condition[T], narrow: Condition[T]) -> bool:
    """Whether `wide` is true wherever `narrow` is. Sound, not complete: "no" may mean "not known"."""
    if isinstance(narrow, Once):
        narrow = narrow.inner
    if isinstance(narrow, AnyOf):
        return all(covers(wide, branch) for branch in narrow.parts)
    if isinstance(narrow, AllOf) and not isinstance(wide, AllOf):
        return wide.covers(narrow) or any(covers(wide, part) for part in narrow.parts)
    return wide.covers(narrow)


def in_order(parts: Iterable[Condition[T]]) -> tuple[Condition[T], ...]:
    """Cheap ones first, so that most mail never reaches the dear ones; those alike for all recipients are judged once."""
    found = sorted(parts, key=lambda part: part.cost)
    if any(part.per_recipient for part in found):
        return tuple(part if part.per_recipient or part.cost < 2 else Once(part) for part in found)
    return tuple(found)


def together(parts: Iterable[Condition[T]]) -> Condition[T]:
    """All of them, as one condition."""
    ordered = in_order(parts)
    return ordered[0] if len(ordered) == 1 and not isinstance(ordered[0], Once) else AllOf(ordered)


def either(parts: Iterable[Condition[T]]) -> Condition[T]:
    """Any of them, as one condition."""
    ordered = in_order(parts)
    return ordered[0] if len(ordered) == 1 and not isinstance(ordered[0], Once) else AnyOf(ordered)


def printable(text: str, limit: int = MAX_TEXT) -> str:
    """A hostile text as one printable line of at most `limit` characters."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return cut if cut.isprintable() else "".join(char if char.isprintable() else "�" for char in cut)


def evidence(condition: str, text: str, place: str = "", entry: str = "") -> Answer:
    """A true answer with one piece of evidence."""
    return Answer(True, (Evidence(condition, printable(text), printable(place), entry),))
