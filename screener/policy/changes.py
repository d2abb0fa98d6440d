"""What is different between two rule sets: for `screener reload`, before the new one takes over."""

from bisect import bisect_left

from screener.frozen import dataclass
from screener.policy.ruleset import RuleSet


@dataclass(frozen=True, slots=True)
class ListChange:
    """A list that says something else than before."""

    path: str
    before: int | None  # entries; None: no rule named it
    after: int | None


@dataclass(frozen=True, slots=True)
class Changes:
    """Names of rules, each in the new set's order (`removed`: in the old one's)."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()  # something written in the rule is different
    moved: tuple[str, ...] = ()  # stands elsewhere in the order, so that another rule may decide first
    lists: tuple[ListChange, ...] = ()

    @property
    def emptied(self) -> tuple[str, ...]:
        """Lists that had entries and have none now: most often a mistake of whatever writes them."""
        return tuple(change.path for change in self.lists if change.before and change.after == 0)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.moved or self.lists)

    def __str__(self) -> str:
        lines = [f"added    {name}" for name in self.added]
        lines += [f"removed  {name}" for name in self.removed]
        lines += [f"changed  {name}" for name in self.changed]
        lines += [f"moved    {name}" for name in self.moved]
        lines += [f"list     {change.path}: {_shown(change)}" for change in self.lists]
        return "\n".join(lines) or "no change"


def changes(old: RuleSet, new: RuleSet) -> Changes:
    """What `new` does otherwise than `old`."""
    before = {rule.name: rule for rule in old.rules}
    after = {rule.name: rule for rule in new.rules}
    stayed = [name for name in after if name in before]
    old_order = [name for name in before if name in after]
    return Changes(
        added=tuple(name for name in after if name not in before),
        removed=tuple(name for name in before if name not in after),
        changed=tuple(name for name in stayed if after[name].fingerprint != before[name].fingerprint),
        moved=_moved(old_order, stayed),
        lists=tuple(_list_changes(old, new)),
    )


def _list_changes(old: RuleSet, new: RuleSet) -> list[ListChange]:
    paths = sorted(old.lists.keys() | new.lists.keys())
    return [
        ListChange(path, old.lists.get(path), new.lists.get(path))
        for path in paths
        if old.list_hashes.get(path) != new.list_hashes.get(path)
    ]


def _moved(before: list[str], after: list[str]) -> tuple[str, ...]:
    """The fewest names whose moving makes one order of the other: all that are in no longest increasing run."""
    position = {name: number for number, name in enumerate(before)}
    tails: list[int] = []  # last position of the best run of each length
    ends: list[str] = []
    previous: dict[str, str | None] = {}
    for name in after:
        at = bisect_left(tails, position[name])
        previous[name] = ends[at - 1] if at else None
        tails[at : at + 1] = [position[name]]
        ends[at : at + 1] = [name]
    kept: set[str] = set()
    name_of: str | None = ends[-1] if ends else None
    while name_of is not None:
        kept.add(name_of)
        name_of = previous[name_of]
    return tuple(name for name in after if name not in kept)


def _shown(change: ListChange) -> str:
    match change.before, change.after:
        case None, after:
            return f"new, {after} entries"
        case before, None:
            return f"no longer used ({before} entries)"
        case before, after:
            return f"{before} → {after} entries"
