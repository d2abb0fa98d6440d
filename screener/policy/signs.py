"""The signs by which rules are found: what a mail must show for a rule to match, so that it meets only rules that could.

Promises soundness, not completeness: a rule that is not among the candidates would have been judged false. Promises, too, that
nothing dear is looked at for a rule that might be settled without it, unless for many rules at once. What a condition needs says
the condition (`Condition.needs`); what a mail shows, the facets beside the conditions.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from screener.anatomy.message import NotInline
from screener.frozen import dataclass
from screener.mail.address import Address
from screener.policy.truth import Condition, Needs

if TYPE_CHECKING:
    from screener.policy.look import Look

PRESENT = None  # the sign of a thing about which nothing more is asked than that there is one
MANY = 10  # rules for which something is looked at that none of them would surely look at

MAX_NEEDED = 1_000  # signs of one rule: one with a longer list is asked itself, which is one look-up, too

_NONE = frozenset[int]()

Shown = Collection[Hashable] | None  # None: that is not known, anything may be there


def one_of(keys: Collection[Hashable]) -> Needs:
    """The need of one of these signs, unless they are very many."""
    return (frozenset(keys),) if len(keys) <= MAX_NEEDED else ()


@dataclass(frozen=True, slots=True)
class Facet(ABC):
    """One side of a mail that can be seen at once for all rules."""

    @property
    def cost(self) -> int:
        """How dear it is to look at (see `Condition.cost`); 0 for what is always looked at, or is at hand."""
        return 0

    @property
    def at_rcpt(self) -> bool:
        """Whether it is known before the content."""
        return False

    @abstractmethod
    def shown(self, look: "Look", of: Sequence[Address], /) -> Shown:
        """The signs of it in a mail, for any of the recipients `of`."""

    def signs(self, needs: Needs) -> Needs:
        """What a thing seen by this facet alone needs, as what a mail needs."""
        return tuple(frozenset(Sign(self, key) for key in keys) for keys in needs)


@dataclass(frozen=True, slots=True)
class NamedFacet(Facet):
    """A side of which the texts are known, such as names or addresses, so that patterns on them are found by their needles."""

    @abstractmethod
    def texts(self, look: "Look", of: Sequence[Address], /) -> Iterable[str] | None:
        """The texts; None: they are not known."""

    def signs(self, needs: Needs) -> Needs:
        return tuple(frozenset(Sign(_Seen(self) if isinstance(key, int) else self, key) for key in keys) for keys in needs)


@dataclass(frozen=True, slots=True)
class _Seen(Facet):
    """The needles in texts."""

    texts_of: NamedFacet

    @property
    def cost(self) -> int:
        return self.texts_of.cost

    @property
    def at_rcpt(self) -> bool:
        return self.texts_of.at_rcpt

    def shown(self, look: "Look", of: Sequence[Address]) -> Shown:
        texts = self.texts_of.texts(look, of)
        if texts is None:
            return None
        signs: set[int] = set()
        for text in texts:
            seen = look.wordbook.seen(text)
            if seen is None:
                return None
            signs.update(seen)
        return signs


class Sign(NamedTuple):
    """Something a mail may show."""

    facet: Facet
    key: Hashable


def any_facet(facets: Collection[Facet], needs: Needs) -> Needs:
    """What is needed of any of some facets."""
    return tuple(frozenset().union(*pair) for pair in zip(*(facet.signs(needs) for facet in facets), strict=True))


@dataclass(slots=True)
class _Shelf:
    """The rules that are found by one facet."""

    facet: Facet
    first: int  # the number of the first of them
    by_key: dict[Hashable, list[int]]

    def found(self, look: "Look", of: Sequence[Address]) -> frozenset[int]:
        """Those of which a mail shows a sign."""
        try:
            shown = self.facet.shown(look, of)
        except NotInline:
            raise
        except Exception:  # noqa: BLE001  # each of the rules is asked, then, and holds the mail by itself
            shown = None
        if shown is not None and self.by_key.keys().isdisjoint(shown):
            return _NONE
        keys = self.by_key.keys() if shown is None else self.by_key.keys() & shown
        return frozenset(number for key in keys for number in self.by_key[key])


class RuleIndex:
    """Rules by the signs they need. A rule is a number: its place among the conditions."""

    def __init__(self, conditions: Sequence[Condition[Address] | None], *, at_rcpt: bool = False) -> None:
        """`at_rcpt`: for the time before the content is known."""
        known = [
            [] if one is None else [need for need in map(_signs, one.needs) if not at_rcpt or _early(need)] for one in conditions
        ]
        common = Counter(sign for needs in known for need in needs for sign in need)
        spared = Counter[Facet]()
        shelves: dict[Facet, _Shelf] = {}
        always = []
        for number, (condition, needs) in enumerate(zip(conditions, known, strict=True)):
            fit = []
            for need in needs:
                dear = {sign.facet for sign in need} - shelves.keys()
                dear = {facet for facet in dear if condition is not None and facet.cost > condition.least}
                spared.update(dear)
                if all(spared[facet] > MANY for facet in dear):
                    fit.append(need)
            if not fit:
                always.append(number)
                continue
            # The rarest sign finds the fewest rules that it does not fit.
            rarest = min(fit, key=lambda need: (max(map(common.__getitem__, need), default=0), _cost(need), len(need)))
            for facet in sorted({sign.facet for sign in rarest}, key=_turn):
                shelves.setdefault(facet, _Shelf(facet, number, {}))
            for facet, key in rarest:
                shelves[facet].by_key.setdefault(key, []).append(number)
        self._always = always[::-1]  # the next one is at the end
        self._shelves = tuple(shelves.values())  # in the order of their first rules

    def candidates(self, look: "Look", of: Sequence[Address]) -> Iterator[tuple[int, bool]]:
        """The rules that could match for some recipient, in order, each with True.

        A facet is looked at when its first rule's turn comes, and that rule is told with False: what was done was done for it.
        """
        waiting = self._always.copy()
        for shelf in self._shelves:
            while waiting and waiting[-1] < shelf.first:
                yield waiting.pop(), True
            found = shelf.found(look, of)
            if found:
                waiting = sorted(found.union(waiting), reverse=True)
            yield shelf.first, False
        while waiting:
            yield waiting.pop(), True


def _signs(need: frozenset[Hashable]) -> list[Sign]:
    signs = [sign for sign in need if isinstance(sign, Sign)]
    assert len(signs) == len(need)  # a block says what its keys mean for a mail
    return signs


def _turn(facet: Facet) -> tuple[int, str]:
    """When it is looked at: what is cheap first; the same in every run, as what is odd is told in the order in which it is met."""
    return facet.cost, repr(facet)


def _early(need: list[Sign]) -> bool:
    return all(sign.facet.at_rcpt for sign in need)


def _cost(need: list[Sign]) -> int:
    return max((sign.facet.cost for sign in need), default=0)
