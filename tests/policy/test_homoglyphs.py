"""Letters that look alike: skeletons as TR39 has them, and rules that ask for them."""

import unicodedata

import pytest
from fakes.letters import anatomy_of, letter
from hypothesis import given
from hypothesis import strategies as st

from screener.mail.verdict import Action
from screener.policy import homoglyphs
from screener.policy.rulefile import compile_source
from screener.policy.ruleset import RuleSet
from screener.policy.source import Source


def rules(*conditions: str) -> RuleSet:
    lines = "\n".join(f"  - {{name: r{number}, when: {one}, then: hold}}" for number, one in enumerate(conditions))
    return compile_source(Source.of((("r.yaml", f"rules:\n{lines}\n".encode()),))).ruleset


def evidence(condition: str, *lines: str) -> str:
    mail = letter(*lines)
    (verdict,) = rules(condition).screen(mail, anatomy_of(mail)).verdicts
    return verdict.evidence[0].text if verdict.action is Action.HOLD else ""


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("раураl", "paypal"),  # Cyrillic
        ("ΡAYΡAL", "paypal"),  # Greek capitals
        ("РАУРАL", "paypal"),
        ("PayPaI", "paypal"),
        ("ВІTСОIN", "bitcoin"),
        ("rnicrosoft", "microsoft"),
        ("MICROSOFT", "microsoft"),
        ("M1CROSOFT", "microsoft"),
        ("g00gle", "google"),
        ("Iottery", "lottery"),
        ("𝐢𝐧𝐯𝐨𝐢𝐜𝐞", "invoice"),
        ("ınvoice", "invoice"),
        ("ꭲrue".replace("ꭲ", "Ꭲ"), "true"),  # Cherokee
        ("caf\u00e9", "cafe\u0301"),
    ],
)
def test_what_looks_alike_has_a_skeleton_in_common(text: str, word: str) -> None:
    assert homoglyphs.skeletons(word)[0] in homoglyphs.skeletons(unicodedata.normalize("NFKC", text))
    assert evidence(f"{{body: {{homoglyphs: true, words: '{word}'}}}}", f"body: a {text} here")


@pytest.mark.parametrize(
    ("text", "word"), [("mall", "mail"), ("pay", "play"), ("дом", "dom"), ("fiat", "flat"), ("résumé", "resume")]
)
def test_what_does_not_look_alike_has_none(text: str, word: str) -> None:
    assert homoglyphs.skeletons(word)[0] not in homoglyphs.skeletons(text)
    assert not evidence(f"{{body: {{homoglyphs: true, words: {word}}}}}", f"body: a {text} here")


def test_every_letter_of_the_table_is_what_unicode_says() -> None:
    """Some lines of confusables.txt 15.1, as TR39 has them."""
    for letters, prototype in (
        ("аɑα⍺", "a"),
        ("οо0Օ", "o"),
        ("ѕꜱ", "s"),
        ("ⅼ|١", "l"),
        ("𝐦", "rn"),
        ("ꜳ", "aa"),
        ("ﬃ", "ffi"),
        ("‚", ","),
    ):
        for one in letters:
            assert homoglyphs.skeletons(one)[0] == prototype, one


@given(st.text())
def test_a_skeleton_has_itself_as_skeleton(text: str) -> None:
    once = homoglyphs.skeletons(text)[0]
    assert homoglyphs.skeletons(once)[0] == once
    assert homoglyphs.skeletons(text.upper())[0] or not text


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_ascii_stays_as_it_is_for_patterns(text: str) -> None:
    assert homoglyphs.latin(text) == text


def test_the_evidence_says_which_view_hit() -> None:
    condition = "{body: {homoglyphs: true, words: paypal}}"
    assert evidence(condition, "body: a раураl here") == 'the word "paypal" (with look-alike letters): a paypal here'
    assert evidence(condition, "body: a PayPal here") == 'the word "paypal": a paypal here'
    assert evidence(condition, "body: a pay\u200bpal here") == 'the word "paypal" (in the normalised text): a paypal here'
    condition = r"{body: {homoglyphs: true, pattern: 'no\.\s\d+'}}"
    assert evidence(condition, "body: nо. 17") == "'no. 17' fits the pattern (with look-alike letters)"
    assert evidence(condition, "body: no. 17") == "'no. 17' fits the pattern"


def test_words_are_whole_and_not_means_nowhere() -> None:
    assert not evidence("{body: {homoglyphs: true, words: paypal}}", "body: раураlling")
    assert evidence("{body: {homoglyphs: true, contains: paypal}}", "body: раураlling")
    condition = "{body: {homoglyphs: true, words: paypal, not: {words: lottery}}}"
    assert not evidence(condition, "body: paypal, Iottery")
    assert evidence(condition, "body: paypal")


def test_other_rules_are_as_they_were() -> None:
    found = rules("{body: {words: paypal}}", "{body: {homoglyphs: true, words: paypal}}")
    mail = letter("body: раураl")
    assert [hit.rule for hit in found.screen(mail, anatomy_of(mail)).verdicts[0].hits] == ["r1"]
    assert not evidence("{body: {homoglyphs: false, words: paypal}}", "body: раураl")
    assert rules("{body: {words: paypal}}").lookalikes is None


def test_a_list_serves_rules_of_both_kinds() -> None:
    source = Source.of(
        (
            (
                "rules/a.yaml",
                b"rules:\n  - {name: a, when: {body: {words: {file: lists/w.txt}}}, then: hold}\n"
                b"  - {name: b, when: {body: [{homoglyphs: true, words: {file: lists/w.txt}}, {words: x}]}, then: hold}\n",
            ),
        ),
        (("rules/lists/w.txt", b"paypal\n"),),
    )
    found = compile_source(source)
    assert not found.warnings
    mail = letter("body: раураl")
    (verdict,) = found.ruleset.screen(mail, anatomy_of(mail)).verdicts
    assert [(hit.rule, hit.evidence[0].entry) for hit in verdict.hits] == [("b", "lists/w.txt:1")]
