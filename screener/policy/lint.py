"""What is odd about a rule set that compiles: warnings for `screener check`.

Promises to be sound where it says "never": a rule is reported as unreachable only where lists, domains, extensions, sizes or
equal conditions prove it. That nothing is reported proves nothing (two patterns are never compared).
"""

from collections.abc import Callable, Iterator

from screener.mail.address import Address
from screener.mail.verdict import Action
from screener.policy.combine import AllOf, AnyOf, NotOf, Once, Unless, covers
from screener.policy.conditions.address import AddressIn, AddressOf, Whose
from screener.policy.ruleset import FINAL, Rule, RuleSet
from screener.policy.truth import Condition
from screener.yamlfile import Complaint, Severity

MAX_PAIRS = 2_000_000  # of rules compared with each other


def warnings(ruleset: RuleSet, routable: Callable[[Address], bool] | None = None) -> list[Complaint]:
    """All of them, in the order of the rules."""
    rules = [rule for rule in ruleset.rules if rule.enabled]
    found = [*_unreachable(rules), *_late_rejects(rules)]
    for rule in rules:
        found.extend(_trusting(rule))
        found.extend(_unconditional(rule))
        if rule.target is not None and routable is not None and not routable(rule.target):
            found.append(_warning(rule, f"redirects to {rule.target}, which has no route: such mail would not go out"))
    return sorted(found)


def _warning(rule: Rule, text: str) -> Complaint:
    return Complaint(rule.place, f"the rule '{rule.name}' {text}", Severity.WARNING)


def _unreachable(rules: list[Rule]) -> Iterator[Complaint]:
    deciding: list[Rule] = []  # those before the rule looked at
    pairs = 0
    for rule in rules:
        pairs += len(deciding)
        if pairs > MAX_PAIRS:
            return
        shadow = next((earlier for earlier in deciding if _shadows(earlier, rule)), None)
        if shadow is not None:
            never = "observes nothing" if rule.observe else "never acts"
            yield _warning(rule, f"{never}: '{shadow.name}' ({shadow.source}) decides before it for all the same mail")
        elif rule.action is not None and not rule.observe:
            deciding.append(rule)  # what a shadowed rule would shadow, its shadow does


def _shadows(earlier: Rule, rule: Rule) -> bool:
    if rule.observe and earlier.action not in FINAL:  # those that observe are asked behind a decision, too
        return False
    if not _lasts(earlier, rule):
        return False
    if earlier.condition is None:
        return True
    return rule.condition is not None and covers(earlier.condition, rule.condition)


def _lasts(earlier: Rule, rule: Rule) -> bool:
    """Whether a rule ends no sooner than another."""
    return earlier.expires is None or (rule.expires is not None and earlier.expires >= rule.expires)


def _late_rejects(rules: list[Rule]) -> Iterator[Complaint]:
    """A reject that needs no content answers at RCPT, but only where no earlier rule waits for the content."""
    waiting: Rule | None = None
    for rule in rules:
        if rule.observe or rule.action is None:
            continue
        condition = rule.condition
        if (
            waiting is not None
            and _lasts(waiting, rule)
            and rule.action is Action.REJECT
            and not (condition is not None and condition.reads_content)
        ):
            yield _warning(
                rule,
                f"cannot answer at RCPT: '{waiting.name}' ({waiting.source}), which stands before it, looks at the content;"
                " put it first if it may come first",
            )
        if condition is not None and condition.open_at_rcpt and (waiting is None or not _lasts(waiting, rule)):
            waiting = rule


def _unconditional(rule: Rule) -> Iterator[Complaint]:
    """A lost `when` would take every mail."""
    if rule.observe or rule.action in (None, Action.FORWARD):
        return
    if rule.condition is None:
        yield _warning(rule, f"has no 'when': it applies to every mail that comes so far ({rule.action})")
    elif isinstance(rule.condition, Unless):
        yield _warning(rule, f"has no 'when': it applies to every mail that its 'unless' does not except ({rule.action})")


def _trusting(rule: Rule) -> Iterator[Complaint]:
    """Senders are forgeable: what rests on nothing else lets through whoever claims to be one."""
    if rule.condition is None or rule.observe:
        return
    parts = rule.condition.parts if isinstance(rule.condition, AllOf) else (rule.condition,)
    wanted = [part for part in parts if not isinstance(part, Unless)]
    if rule.action is Action.FORWARD and wanted and all(map(_only_sender, wanted)):
        yield _warning(rule, "forwards on the word of the sender alone, which anybody can forge: add a client address")
    for part in parts:
        if isinstance(part, Unless) and rule.action is not Action.FORWARD and _lets_in(part.inner):
            yield _warning(rule, "has an 'unless' with nothing but a sender, which anybody can forge: add a client address")


def _lets_in(condition: Condition[Address]) -> bool:
    """Whether some way into an exception rests on a sender alone."""
    if isinstance(condition, AnyOf):
        return any(map(_lets_in, condition.parts))
    return _only_sender(condition)


def _only_sender(condition: Condition[Address]) -> bool:
    match condition:
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return all(map(_only_sender, parts))
        case NotOf(inner=inner) | Once(inner=inner):
            return _only_sender(inner)
        case AddressOf(whose=whose):
            return whose is not Whose.RECIPIENT
        case AddressIn():
            return True
        case _:
            return False
