"""Conditions put together: all, any, not, unless, once; and whether one covers another.

Promises the same answers in any order (three-valued, see `truth`), so that cheap conditions may be asked first; `covers` is sound.
"""

from collections.abc import Iterable
from typing import TypeVar

from screener.frozen import dataclass
from screener.mail.verdict import Evidence
from screener.policy.look import Look
from screener.policy.truth import NO, YES, Answer, Around, Condition, Needs, all_of, any_of, printable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Several(Condition[T]):
    """Conditions put together cost what the dearest of them costs."""

    parts: tuple[Condition[T], ...]

    @property
    def cost(self) -> int:
        return max((part.cost for part in self.parts), default=0)

    @property
    def per_recipient(self) -> bool:
        return any(part.per_recipient for part in self.parts)

    @property
    def reads_content(self) -> bool:
        return any(part.reads_content for part in self.parts)


@dataclass(frozen=True, slots=True)
class AllOf(_Several[T]):
    """Every one must hold."""

    @property
    def label(self) -> str:
        return " and ".join(part.label for part in self.parts)

    @property
    def open_at_rcpt(self) -> bool:
        return all(part.open_at_rcpt for part in self.parts)

    def judge(self, look: Look, of: T) -> Answer:
        return all_of(part.judge(look, of) for part in self.parts)

    @property
    def least(self) -> int:
        return min((part.least for part in self.parts), default=0)

    @property
    def needs(self) -> Needs:
        return tuple(need for part in self.parts for need in part.needs)

    def covers(self, other: Condition[T]) -> bool:
        if isinstance(other, AnyOf):
            return all(self.covers(branch) for branch in other.parts)
        return all(covers(part, other) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf(_Several[T]):
    """One of them must hold."""

    @property
    def label(self) -> str:
        return "(" + " or ".join(part.label for part in self.parts) + ")"

    @property
    def open_at_rcpt(self) -> bool:
        return any(part.open_at_rcpt for part in self.parts)

    def judge(self, look: Look, of: T) -> Answer:
        return any_of(part.judge(look, of) for part in self.parts)

    @property
    def least(self) -> int:
        return max((part.least for part in self.parts), default=0)

    @property
    def needs(self) -> Needs:
        every = [part.needs for part in self.parts]
        return (frozenset().union(*(min(needs, key=len) for needs in every)),) if all(every) else ()

    def covers(self, other: Condition[T]) -> bool:
        return any(covers(part, other) for part in self.parts)


@dataclass(frozen=True, slots=True)
class NotOf(Around[T, T]):
    """It must not hold."""

    @property
    def label(self) -> str:
        return f"not {self.inner.label}"

    def judge(self, look: Look, of: T) -> Answer:
        answer = self.inner.judge(look, of)
        if answer.truth is None:
            return answer
        return (
            NO if answer.truth else Answer(True, (Evidence("not", printable(f"{self.inner.label} does not match, as `not` asks")),))
        )

    def covers(self, other: Condition[T]) -> bool:
        """Not this of everything that is not something wider."""
        return isinstance(other, NotOf | Unless) and covers(other.inner, self.inner)


@dataclass(frozen=True, slots=True)
class Unless(Around[T, T]):
    """The exception of a rule: like `not`, but the evidence is what the rule itself found."""

    @property
    def label(self) -> str:
        return f"unless {self.inner.label}"

    @property
    def open_at_rcpt(self) -> bool:
        return False

    def judge(self, look: Look, of: T) -> Answer:
        answer = self.inner.judge(look, of)
        if answer.truth is None:
            return answer
        return NO if answer.truth else YES

    def covers(self, other: Condition[T]) -> bool:
        return isinstance(other, NotOf | Unless) and covers(other.inner, self.inner)


@dataclass(frozen=True, slots=True)
class Once(Around[T, T]):
    """A condition that is the same for all recipients, judged once for a mail."""

    def judge(self, look: Look, of: T) -> Answer:
        key = id(self)
        answer = look.memo.get(key)
        if answer is None:
            answer = look.memo[key] = self.inner.judge(look, of)
        return answer

    @property
    def needs(self) -> Needs:
        return self.inner.needs

    def covers(self, other: Condition[T]) -> bool:
        return covers(self.inner, other)


def covers(wide: Condition[T], narrow: Condition[T]) -> bool:
    """Whether `wide` is true wherever `narrow` is. Sound, not complete: "no" may mean "not known"."""
    if type(narrow) is Once:  # not isinstance, which asks abc: every two rules are compared
        narrow = narrow.inner
    if type(narrow) is AnyOf:
        return all(covers(wide, branch) for branch in narrow.parts)
    if type(narrow) is AllOf and type(wide) is not AllOf:
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
