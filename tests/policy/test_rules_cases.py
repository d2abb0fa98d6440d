"""Each folder of tests/rules_cases is a rules folder with something wrong, and the complaints word for word.

`expected.txt` holds every error (then nothing is compiled), or, where there are none, every warning.
"""

from pathlib import Path

import pytest
from fakes.letters import anatomy_of, letter

from screener.mail.verdict import Action
from screener.policy.pattern_time import PatternTime
from screener.policy.rulefile import compile_source
from screener.policy.source import Source
from screener.yamlfile import Complaints

CASES = Path(__file__).parents[1] / "rules_cases"
NOW = 1_750_000_000.0


def complaints(case: Path) -> str:
    try:
        source = Source.read(case / "rules", "rules")
        compiled = compile_source(
            source, routable=lambda address: address.domain == "example.org", listeners=("inbound", "submission"), now=NOW
        )
        found = compiled.warnings
    except Complaints as error:
        return "\n".join(map(str, error.complaints)) + "\n"
    return "\n".join(map(str, found)) + "\n"


@pytest.mark.parametrize("case", sorted(path for path in CASES.iterdir()), ids=lambda case: case.name)
def test_complaints_are_word_for_word(case: Path) -> None:
    assert complaints(case) == (case / "expected.txt").read_text(encoding="utf-8")


def test_a_catastrophic_pattern_loads_and_holds_what_it_cannot_judge() -> None:
    compiled = compile_source(Source.read(CASES / "catastrophic-pattern" / "rules", "rules"), pattern_time=PatternTime(0.02, 0.4))
    mail = letter("body: " + "aaaa " * 4_000)
    (verdict,) = compiled.ruleset.screen(mail, anatomy_of(mail)).verdicts
    assert (verdict.action, verdict.rule, verdict.unsure) == (Action.HOLD, "slow", True)
    fine = letter("body: aaaa")
    assert compiled.ruleset.screen(fine, anatomy_of(fine)).verdicts[0].action is Action.FORWARD
