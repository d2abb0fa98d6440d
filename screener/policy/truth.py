"""Three-valued judgement (Kleene): true, false, or not known.

The same conditions serve RCPT, where the content is not known yet, and the final dot, where "not known" means that something
could not be judged (a pattern ran out of time). A whole condition is unknown only where the unknown parts could still change
its answer.
"""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Generic, TypeVar

from screener.frozen import dataclass
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

Needs = tuple[frozenset[Hashable], ...]  # of each of them one must be there; none: nothing is known

T = TypeVar("T")
S = TypeVar("S")


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
    def least(self) -> int:
        """The cost of what it surely looks at, unless something is found before."""
        return self.cost

    @property
    def needs(self) -> Needs:
        """Signs without which it is false: of a mail (see `signs`), or of a thing as the block around it understands them."""
        return ()

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


@dataclass(frozen=True, slots=True)
class Around(Condition[T], Generic[T, S]):
    """A condition of `T` made of one of `S`: what is asked of a file, say, asked of each file of a mail."""

    inner: Condition[S]

    @property
    def label(self) -> str:
        return self.inner.label

    @property
    def cost(self) -> int:
        return self.inner.cost

    @property
    def least(self) -> int:
        return self.inner.least

    @property
    def per_recipient(self) -> bool:
        return self.inner.per_recipient

    @property
    def reads_content(self) -> bool:
        return self.inner.reads_content


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


def printable(text: str, limit: int = MAX_TEXT) -> str:
    """A hostile text as one printable line of at most `limit` characters."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return cut if cut.isprintable() else "".join(char if char.isprintable() else "�" for char in cut)


def evidence(condition: str, text: str, place: str = "", entry: str = "") -> Answer:
    """A true answer with one piece of evidence."""
    return Answer(True, (Evidence(condition, printable(text), printable(place), entry),))


def told_of(answer: Answer, name: str, place: str) -> Answer:
    """A true answer whose evidence names what it is about, also where a condition (`not`) did not know that."""
    if not answer.truth or all(one.place for one in answer.evidence):
        return answer
    return Answer(
        True,
        tuple(
            one if one.place else replace(one, text=printable(f"{name}: {one.text}"), place=printable(place))
            for one in answer.evidence
        ),
    )
