"""The loader under odd input: any text compiles or is complained of, at a place in the file."""

import json

import pytest
from fakes.letters import anatomy_of, letter
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.mail.verdict import Action
from screener.policy.conditions.attachment import ATTACHMENT_KEYS, ATTACHMENTS_KEYS
from screener.policy.conditions.client import CLIENT_KEYS
from screener.policy.conditions.message import MESSAGE_KEYS
from screener.policy.conditions.passages import FIELD_KEYS
from screener.policy.listfile import without_comment
from screener.policy.pattern_time import PatternTime
from screener.policy.rulefile import CONDITIONS, RULE_KEYS, compile_source
from screener.policy.source import Source
from screener.yamlfile import Complaints

Json = str | list["Json"] | dict[str, "Json"]

VALUES = [
    *("x", "exe", "", "true", "> 3", "> 1 MB", "a@b.example", ".a.example", "10.0.0.0/8", "(", "(a+)+$", "hold", "a*", "*", "~"),
    *("-1", "\u200b", "image/*", "ambiguous", "lists/a.txt", "../x", "é", "\U0001f600", "a" * 70, "2030-01-01"),
]
BLOCKS = [*CONDITIONS, *ATTACHMENT_KEYS, *ATTACHMENTS_KEYS, *CLIENT_KEYS, *MESSAGE_KEYS, *FIELD_KEYS]
KEYS = [*BLOCKS, "any", "all", "not", "file", "domain", "null", "exists"]
ODD: st.SearchStrategy[Json] = st.recursive(
    st.sampled_from(VALUES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=10,
)
RULES = st.lists(st.dictionaries(st.sampled_from([*RULE_KEYS, "name", "when", "then", "x"]), ODD, max_size=5), max_size=4)


@given(RULES)
@settings(max_examples=600, deadline=None)
def test_any_rules_compile_or_are_complained_of(rules: list[dict[str, Json]]) -> None:
    source = Source.of((("rules/1.yaml", json.dumps({"rules": rules}).encode()),), (("rules/lists/a.txt", b"x\n"),))
    try:
        compiled = compile_source(source, pattern_time=PatternTime(0.01, 0.2))
    except Complaints as error:
        for complaint in error.complaints:
            assert complaint.place.path in ("rules/1.yaml", "rules/lists/a.txt")
            assert len(complaint.text) < 1000
        return
    assert all(str(one).startswith("rules") for one in compiled.warnings)
    mail = letter("subject: x", "body: a exe", "attachment: a.exe", "to: a@b.example", "to: c@d.example")
    screening = compiled.ruleset.screen(mail, anatomy_of(mail))
    assert len(screening.verdicts) == 2
    assert not any("Error" in one.text for verdict in screening.verdicts for hit in verdict.hits for one in hit.evidence)


@given(st.text(max_size=120))
@settings(max_examples=300, deadline=None)
def test_any_text_compiles_or_is_complained_of(text: str) -> None:
    try:
        compile_source(Source.of((("rules/1.yaml", text.encode("utf-8", "surrogatepass")),)))
    except Complaints as error:
        assert all(complaint.place.path == "rules/1.yaml" for complaint in error.complaints)


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ("spam.example", "spam.example"),
        ("  spam.example  \r", "spam.example"),
        ("# a comment", ""),
        ("   # a comment", ""),
        ("spam.example # Anna, 2024", "spam.example"),
        ("spam.example\t#\tAnna", "spam.example"),
        ("C# developer", "C# developer"),
        ("issue #1", "issue #1"),
        ("a #", "a"),
        ("a # b # c", "a"),
        ("a#b # c", "a#b"),
        ("", ""),
    ],
)
def test_lines_of_lists(line: str, entry: str) -> None:
    assert without_comment(line) == entry


def test_values_may_be_one_a_list_or_files_mixed() -> None:
    lists = (("rules/lists/a.txt", b"# c\na1.example\na2.example\n"), ("rules/lists/b.txt", b"b.example"))
    text = "rules: [{name: r, when: {sender: {domain: [x.example, {file: lists/a.txt}, {file: lists/b.txt}]}}, then: hold}]"
    ruleset = compile_source(Source.of((("rules/1.yaml", text.encode()),), lists)).ruleset
    entries = {}
    for domain in ("x", "a1", "a2", "b"):
        mail = letter(f"sender: s@{domain}.example")
        (verdict,) = ruleset.screen(mail, anatomy_of(mail)).verdicts
        assert verdict.action is Action.HOLD
        entries[domain] = verdict.evidence[0].entry
    assert entries == {"x": "rules/1.yaml:1", "a1": "lists/a.txt:2", "a2": "lists/a.txt:3", "b": "lists/b.txt:1"}


def test_the_documented_keys_of_a_rule_reach_it() -> None:
    text = """
rules:
  - name: all of it
    about: >
      Two lines
      of reason.
    when: {subject: {words: x}}
    then: {reject: "No, thank you"}
    also: {tag_subject: "[X]", add_header: {X-A: b}}
    mode: observe
    enabled: "no"
    expires: 2030-12-31
"""
    (rule,) = compile_source(Source.of((("rules/1.yaml", text.encode()),))).ruleset.rules
    assert (rule.name, rule.about, rule.source) == ("all of it", "Two lines of reason.", "rules/1.yaml:3")
    assert (rule.action, rule.reply, rule.observe, rule.enabled) == (Action.REJECT, "No, thank you", True, False)
    assert (rule.edits.subject_tag, rule.edits.headers) == ("[X]", (("X-A", "b"),))
    assert rule.expires == 1_924_992_000.0  # the first second of 2031, UTC
