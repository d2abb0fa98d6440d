"""What the service judges itself, while its other clients wait: mail of which nothing takes long.

Beside it, what is told of a mail that could not be judged anywhere.
"""

from screener.anatomy.budget import Budget
from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy, NotInline
from screener.mail.mail import Mail
from screener.mail.verdict import Action, Evidence, Screening, Verdict
from screener.policy.facts import facts_of
from screener.policy.ruleset import RuleSet

_HEADER = 16_384  # octets read for the subject of a mail that could not be judged
# No other process is asked for these octets, however odd they are: what would take long here is left out.
_NOT_JUDGED = Budget(
    inline_header=_HEADER * 50,
    inline_fields=_HEADER,
    inline_parts=1_000,
    inline_defects=100_000,
    detections=Budget().inline_detections,
    guessed=Budget().inline_text,
)


def screen(ruleset: RuleSet, mail: Mail, budget: Budget) -> Screening | None:
    """The verdicts, or None where that takes a screening process."""
    anatomy = Anatomy(mail.content.octets, inline=True, budget=budget, defects=map(Defect, mail.content.defects))
    try:
        return ruleset.screen(mail, anatomy)
    except NotInline:
        return None


def not_judged(mail: Mail, ruleset: str, reason: str) -> Screening:
    """Held for every recipient. Only the top of the header is read here: whatever else the mail is has ended a process twice."""
    evidence = Evidence("screening", f"could not be judged: {reason}")
    verdict = Verdict(Action.HOLD, evidence=(evidence,), unsure=True)
    header, end, _ = mail.content.octets[:_HEADER].partition(b"\r\n\r\n")
    anatomy = Anatomy(header + end, inline=True, budget=_NOT_JUDGED)
    return Screening((verdict,) * len(mail.envelope.recipients), facts_of(anatomy), ruleset)
