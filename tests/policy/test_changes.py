"""What a reload would change."""

import pytest

from screener.policy.changes import Changes, ListChange, changes
from screener.policy.rulefile import compile_source
from screener.policy.ruleset import RuleSet
from screener.policy.source import Source


def ruleset(*names: str, text: str = "x", lists: dict[str, str] | None = None) -> RuleSet:
    rules = [f"  - {{name: {name}, when: {{subject: {{words: {text}}}}}, then: hold}}" for name in names]
    rules += [f"  - {{name: of-{name}, when: {{body: {{words: {{file: lists/{name}.txt}}}}}}, then: hold}}" for name in lists or {}]
    files = tuple((f"rules/lists/{name}.txt", entries.encode()) for name, entries in (lists or {}).items())
    return compile_source(Source.of((("rules/1.yaml", "\n".join(["rules:", *rules]).encode()),), files)).ruleset


def test_nothing_changed() -> None:
    found = changes(ruleset("a", "b"), ruleset("a", "b"))
    assert not found
    assert found == Changes()
    assert str(found) == "no change"


def test_added_removed_and_changed() -> None:
    found = changes(ruleset("a", "b"), ruleset("b", "c"))
    assert (found.added, found.removed, found.changed, found.moved) == (("c",), ("a",), (), ())
    assert changes(ruleset("a"), ruleset("a", text="y")).changed == ("a",)


def test_where_a_rule_stands_in_its_file_is_no_change() -> None:
    one = Source.of((("rules/1.yaml", b"rules: [{name: a, then: hold}]"),))
    other = Source.of((("rules/7.yaml", b"# moved here\nrules:\n  - name: a\n    then: 'hold'\n"),))
    assert not changes(compile_source(one).ruleset, compile_source(other).ruleset)


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        ("abcd", "dabc", "d"),
        ("abcd", "bcda", "a"),
        ("abcd", "badc", "bd"),
        ("abcd", "dcba", "dcb"),
        ("abc", "axbc", ""),
        ("abc", "ac", ""),
    ],
)
def test_the_fewest_rules_that_moved_are_named(before: str, after: str, moved: str) -> None:
    assert len(changes(ruleset(*before), ruleset(*after)).moved) == len(moved)


def test_lists_that_changed_or_became_empty() -> None:
    old = ruleset(lists={"a": "one\ntwo\n", "b": "one\n", "c": "same\n", "gone": "x\n"})
    new = ruleset(lists={"a": "# none\n", "b": "two\n", "c": "same\n", "new": "y\nz\n"})
    found = changes(old, new)
    assert found.lists == (
        ListChange("rules/lists/a.txt", 2, 0),
        ListChange("rules/lists/b.txt", 1, 1),
        ListChange("rules/lists/gone.txt", 1, None),
        ListChange("rules/lists/new.txt", None, 2),
    )
    assert found.emptied == ("rules/lists/a.txt",)
    assert "list     rules/lists/a.txt: 2 → 0 entries" in str(found).splitlines()
    assert "list     rules/lists/new.txt: new, 2 entries" in str(found).splitlines()
    assert "list     rules/lists/gone.txt: no longer used (1 entries)" in str(found).splitlines()


def test_a_list_that_was_empty_before_is_no_accident() -> None:
    assert changes(ruleset(lists={"a": ""}), ruleset(lists={"a": "# still\n"})).emptied == ()
