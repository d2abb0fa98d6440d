"""Every example of rules/README.md compiles and does to the mails in its comments what they say."""

import pickle
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from fakes.letters import anatomy_of, letter

from screener.anatomy.active import SENTENCES
from screener.anatomy.defects import DEFECTS
from screener.mail.verdict import Verdict
from screener.policy.conditions.address import SENDER_KEYS
from screener.policy.conditions.attachment import ATTACHMENT_KEYS, ATTACHMENTS_KEYS
from screener.policy.conditions.client import CLIENT_KEYS
from screener.policy.conditions.message import MESSAGE_KEYS, RECIPIENTS_KEYS
from screener.policy.conditions.passages import FIELD_KEYS
from screener.policy.rulefile import CONDITIONS, RULE_KEYS, compile_source
from screener.policy.source import Source

RULES = Path(__file__).parents[2] / "rules"
README = (RULES / "README.md").read_text(encoding="utf-8")
CLAIM = re.compile(r"^# ((?:forward|hold|drop|reject|redirect)[^:]*): +(.+)$")


@dataclass(frozen=True)
class Example:
    """One block of YAML, with the line it begins in."""

    line: int
    text: str

    @property
    def claims(self) -> list[tuple[list[str], list[str]]]:
        """Expected outcomes, one a recipient, and the lines of the mail."""
        found = [CLAIM.match(line) for line in self.text.splitlines()]
        return [([one.strip() for one in claim[1].split(",")], claim[2].split(" | ")) for claim in found if claim]


def examples() -> list[Example]:
    blocks = re.finditer(r"^```yaml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return [Example(README.count("\n", 0, block.start()) + 1, block[1]) for block in blocks]


def source_of(text: str) -> Source:
    lists = tuple((f"rules/{path.relative_to(RULES)}", path.read_bytes()) for path in sorted(RULES.glob("lists/*.txt")))
    return Source.of((("rules/README.yaml", text.encode()),), lists)


def shown(verdict: Verdict) -> str:
    return f"{verdict.action} + {verdict.edits.subject_tag}" if verdict.edits.subject_tag else str(verdict.action)


@pytest.mark.parametrize("example", examples(), ids=lambda example: f"line-{example.line}")
def test_every_example_does_what_it_says(example: Example) -> None:
    ruleset = compile_source(source_of(example.text)).ruleset
    assert example.claims, "an example says what becomes of at least one mail"
    for expected, lines in example.claims:
        mail = letter(*lines)
        screening = ruleset.screen(mail, anatomy_of(mail))
        assert [shown(verdict) for verdict in screening.verdicts] == expected, (lines, screening.verdicts)
        assert not screening.unsure


@pytest.mark.parametrize("example", examples(), ids=lambda example: f"line-{example.line}")
def test_every_example_does_the_same_where_it_was_sent_to(example: Example) -> None:
    """Screening processes get the rules pickled."""
    here = compile_source(source_of(example.text)).ruleset
    there = pickle.loads(pickle.dumps(here))
    for _, lines in example.claims:
        mail = letter(*lines)
        assert there.screen(mail, anatomy_of(mail)).verdicts == here.screen(mail, anatomy_of(mail)).verdicts


def test_every_rule_of_an_example_is_hit_by_a_claim_or_says_why_not() -> None:
    """An example that no mail of its own can trigger shows nothing."""
    silent: set[str] = set()
    for example in examples():
        ruleset = compile_source(source_of(example.text)).ruleset
        hit: set[str] = set()
        for _, lines in example.claims:
            mail = letter(*lines)
            for verdict in ruleset.screen(mail, anatomy_of(mail)).verdicts:
                hit.update(one.rule for one in verdict.hits)
        silent.update(rule.name for rule in ruleset.rules if rule.name not in hit)
    allowed = {
        "switched-off",
        "campaign",
        "long-way",
        "bulky",
        "known-bad",
        "locked",
        "dateless",
        "pictures-that-lie",
    }
    assert silent <= allowed


@pytest.mark.parametrize("key", [*CONDITIONS, *RULE_KEYS, *CLIENT_KEYS, *SENDER_KEYS, *RECIPIENTS_KEYS, *FIELD_KEYS])
def test_every_key_stands_in_some_example(key: str) -> None:
    assert any(re.search(rf"\b{key}:", example.text) for example in examples())


@pytest.mark.parametrize(
    "key",
    [
        *ATTACHMENT_KEYS,
        *ATTACHMENTS_KEYS,
        *MESSAGE_KEYS,
        "name",
        "display_names",
        "homoglyphs",
        "exists",
        "any",
        "all",
        "not",
        "file",
    ],
)
def test_every_key_of_files_and_messages_stands_in_some_example(key: str) -> None:
    assert any(re.search(rf"\b{key}:", example.text) for example in examples())


def test_the_table_of_active_content_is_that_of_the_anatomy() -> None:
    """Where this fails, put the lines of the message into rules/README.md."""
    table = "\n".join(f"| `{kind}` | {sentence} |" for kind, sentence in SENTENCES.items())
    section = README[README.index("#### Active content") : README.index("### attachments")]
    assert section.rstrip().endswith("|---|---|\n" + table), table


def test_the_table_of_defects_is_that_of_the_anatomy() -> None:
    """Where this fails, put the lines of the message into rules/README.md."""
    table = "\n".join(
        f"| `{defect}` | {meaning.severity} | {meaning.sentence} | {meaning.source} |" for defect, meaning in DEFECTS.items()
    )
    section = README[README.index("#### Defects") : README.index("## What a rule does")]
    assert section.rstrip().endswith("|---|---|---|---|\n" + table), table
