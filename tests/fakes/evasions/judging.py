"""What the anatomy makes of a case: what of the planted is not identified, and whether the shipped safety rules hold it."""

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from fakes.evasions.cases import ABOUT, Case
from fakes.evasions.draft import Wanted

from screener.anatomy.message import Anatomy
from screener.anatomy.text import normalise
from screener.mail.address import Address
from screener.mail.envelope import Client, Envelope, Recipient
from screener.mail.mail import Content, Mail
from screener.mail.verdict import Action, Screening
from screener.policy.rulefile import compile_source
from screener.policy.ruleset import RuleSet
from screener.policy.source import Source

RULES = Path(__file__).resolve().parents[3] / "rules"
_ENVELOPE = Envelope(Client("192.0.2.9"), Address.parse("a@example.net"), (Recipient(Address.parse("b@example.org")),))


@cache
def shipped() -> RuleSet:
    """The rules of the package, all of them."""
    return compile_source(Source.read(RULES, "rules")).ruleset


@cache
def safety() -> RuleSet:
    """Of the rules of the package, only 00-safety.yaml."""
    whole = Source.read(RULES, "rules")
    rule_files = tuple(file for file in whole.files if file[0].endswith("00-safety.yaml"))
    assert len(rule_files) == 1
    return compile_source(Source.of(rule_files, tuple(file for file in whole.files if not file[0].endswith(".yaml")))).ruleset


@cache
def for_homoglyphs(word: str) -> RuleSet:
    """A rule that finds the word in whatever letters it is written."""
    block = f"{{homoglyphs: true, words: {word}}}"
    rule = f"rules: [{{name: a, when: {{any: [{{text: {block}}}, {{attachment_text: {block}}}]}}, then: hold}}]"
    return compile_source(Source.of((("rules/a.yaml", rule.encode()),))).ruleset


def screened(rules: RuleSet, content: bytes, anatomy: Anatomy | None = None) -> Screening:
    """A mail with this content, by these rules."""
    return rules.screen(Mail("evasion", 1_750_000_000.0, _ENVELOPE, Content(content)), anatomy or Anatomy(content))


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a case."""

    missing: tuple[str, ...]  # what was not identified
    held: bool  # by rules/00-safety.yaml
    stopped: bool  # by all the shipped rules


def missing(anatomy: Anatomy, wanted: Wanted) -> tuple[str, ...]:
    """What of the planted the anatomy does not show."""
    found = anatomy.attachments
    lacks = []
    if wanted.name is not None and not any(wanted.name in one.names for one in found):
        lacks.append(f"name {wanted.name!r}; names are {[one.names[:4] for one in found[:9]]}")
    if wanted.extension is not None and not any(wanted.extension in one.extensions for one in found):
        lacks.append(f"extension {wanted.extension!r}")
    if wanted.types and not any(wanted.types & one.types for one in found):
        lacks.append(f"type {sorted(wanted.types)}; types are {[sorted(one.types) for one in found[:9]]}")
    if wanted.octets is not None:
        contents = (one.octets() for one in found)
        if not (wanted.octets in contents if wanted.whole else any(wanted.octets in one for one in contents)):
            lacks.append(f"octets; sizes are {[one.size for one in found[:9]]}, wanted {len(wanted.octets)}")
    if wanted.alike:
        (verdict,) = screened(for_homoglyphs(wanted.text or ""), bytes(anatomy.content), anatomy).verdicts
        lacks += [] if verdict.action is Action.HOLD else ["text in letters that look alike"]
    elif wanted.text is not None:
        shown = [normalise(one.text) for one in (*anatomy.texts, *anatomy.attachment_texts)]
        if not any(wanted.text in one for one in shown):
            lacks.append(f"text; texts are {[one[:80] for one in shown[:6]]}")
    return tuple(lacks)


def judge(case: Case) -> Judged:
    """A case, through the anatomy and the shipped rules."""
    draft = case.built()
    anatomy = Anatomy(draft.message)
    lacks = missing(anatomy, draft.wanted)
    screening = screened(shipped(), draft.message, anatomy)
    (verdict,) = screening.verdicts
    held = any(
        hit.source.startswith("rules/00-safety.yaml") and hit.action is Action.HOLD and not hit.observed for hit in verdict.hits
    )
    return Judged(lacks, held, verdict.action is not Action.FORWARD)


@dataclass(slots=True)
class Scores:
    """The table at the end: technique, cases, identified, held."""

    cases: Counter[int] = field(default_factory=Counter)
    identified: Counter[int] = field(default_factory=Counter)
    held: Counter[int] = field(default_factory=Counter)

    def add(self, rows: tuple[int, ...], *, identified: bool, held: bool) -> None:
        """One case that uses the techniques of these rows."""
        for row in dict.fromkeys(rows):
            self.cases[row] += 1
            self.identified[row] += identified
            self.held[row] += held

    def table(self) -> list[str]:
        """Its lines."""
        lines = [f"{'':>3} {'technique':<30}{'cases':>7}{'identified':>12}{'held by safety rules':>22}"]
        lines += [
            f"{row:>3} {ABOUT[row]:<30}{self.cases[row]:>7}{self.identified[row]:>12}{self.held[row]:>22}"
            for row in sorted(self.cases)
        ]
        return lines


CAPTION = "each technique alone; of the pairs that make sense all of leading techniques, every 41st of the others"

SCORES = Scores()
