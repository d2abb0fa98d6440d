"""A compiled rule set and its judgement of a mail: `screen`. Pure: it decides, others act.

Promises a verdict for each recipient: the first rule with a `then` that matches decides; after a hold, drop or reject the
remaining rules are still asked, so that the mail carries every rule that matched. What cannot be judged is held, never
forwarded and never lost. Work that is alike for all recipients is done once: recipients for whom everything was alike so far
walk the rules together.
"""

import time
import traceback
from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path

from screener.anatomy.message import Anatomy, NotInline
from screener.frozen import dataclass
from screener.mail.address import Address
from screener.mail.envelope import Client
from screener.mail.mail import Mail
from screener.mail.verdict import Action, Edits, Evidence, Hit, Screening, Verdict
from screener.policy.facts import facts_of
from screener.policy.look import Look
from screener.policy.pattern_time import USUAL, PatternTime
from screener.policy.patterns import Watch
from screener.policy.signs import RuleIndex
from screener.policy.truth import NO, Answer, Condition
from screener.policy.words import Wordbook
from screener.yamlfile import Place

NOTABLE = 0.000_02  # seconds: rules that took less are not reported one by one

FINAL = (Action.FORWARD, Action.REDIRECT)  # after these nothing more is asked
OUT_OF_MEMORY = "it takes more memory than screening.memory allows"
_NOT_POSSIBLE = Evidence("reject", "reject not possible: other recipients of this mail are not rejected, so it is held", "envelope")
_NO_EDITS = Edits()
_FORWARD = Verdict()  # where no rule matches
_ALWAYS = (Evidence("rule", "applies to every mail that nothing excepts"),)


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One rule, compiled."""

    name: str
    place: Place
    condition: Condition[Address] | None  # `when` and not `unless`; None: every mail
    action: Action | None = None  # None: only `also`
    target: Address | None = None  # REDIRECT
    reply: str = ""  # REJECT: the rule's own text
    edits: Edits = _NO_EDITS
    about: str = ""
    observe: bool = False
    enabled: bool = True
    expires: float | None = None  # seconds since the epoch: from then on it no longer fires
    per_recipient: bool = False
    fingerprint: str = ""  # changes with anything written in the rule (not with its lists)

    @property
    def source(self) -> str:
        """Where it stands: "rules/20-attachments.yaml:4"."""
        return f"{self.place.path}:{self.place.line}"

    def judge(self, look: Look, recipient: Address) -> Answer:
        """Whether it matches; an exception in a condition is "could not be judged"."""
        if self.condition is None:
            return Answer(True, _ALWAYS)
        try:
            answer = self.condition.judge(look, recipient)
        except NotInline:
            raise
        except Exception as error:  # noqa: BLE001  # what a rule cannot judge is held
            return Answer(None, (Evidence("rule", f"could not be judged: {_said(error)}"),))
        if answer.truth and not answer.evidence:
            return Answer(True, _ALWAYS)
        return answer


def _said(error: Exception) -> str:
    """What was raised and in which line, without the exception's text: that may quote the mail."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"
    return f"{OUT_OF_MEMORY}, in {place}" if isinstance(error, MemoryError) else f"{type(error).__name__} in {place}"


@dataclass(slots=True)
class _Walk:
    """Recipients for whom everything was alike so far, on their way through the rules."""

    recipients: list[int]
    hits: list[Hit] = field(default_factory=list)
    headers: tuple[tuple[str, str], ...] = ()
    tag: str = ""
    rule: Rule | None = None  # the one that decided
    evidence: tuple[Evidence, ...] = ()
    unsure: bool = False

    @property
    def ended(self) -> bool:
        return self.rule is not None and not self.unsure and self.rule.action in FINAL

    def fork(self, recipients: list[int]) -> "_Walk":
        return replace(self, recipients=recipients, hits=list(self.hits))

    def meet(self, rule: Rule, answer: Answer) -> None:
        """What the rule's answer means for these recipients."""
        if answer.truth is False:
            return
        evidence = answer.evidence or (Evidence("rule", "could not be judged"),)
        self.hits.append(Hit(rule.name, rule.source, rule.action, evidence, rule.observe))
        if rule.observe or self.rule is not None:
            return
        if answer.truth is None:
            self.rule, self.evidence, self.unsure = rule, evidence, True
            return
        self.headers += rule.edits.headers
        if rule.edits.subject_tag and rule.edits.subject_tag not in self.tag.split(" "):
            self.tag = f"{self.tag} {rule.edits.subject_tag}".strip()
        if rule.action is not None:
            self.rule, self.evidence = rule, evidence

    def verdict(self) -> Verdict:
        if not self.hits:
            return _FORWARD
        edits, hits, rule = Edits(self.headers, self.tag), tuple(self.hits), self.rule
        if rule is not None and self.unsure:
            return Verdict(Action.HOLD, rule.name, rule.source, self.evidence, edits=edits, hits=hits, unsure=True)
        if rule is None or rule.action is None:
            return Verdict(edits=edits, hits=hits)
        return Verdict(rule.action, rule.name, rule.source, self.evidence, rule.target, rule.reply, edits, hits)


class RuleSet:
    """All rules of a folder, compiled; never changed afterwards, so it may be shared between threads."""

    def __init__(
        self,
        rules: tuple[Rule, ...],
        wordbook: Wordbook,
        *,
        set_hash: str,
        lists: Mapping[str, int],
        list_hashes: Mapping[str, str],
        pattern_time: PatternTime = USUAL,
        lookalikes: Wordbook | None = None,
    ) -> None:
        self.rules = rules
        self.hash = set_hash  # 12 hex digits of its source
        self.lists = lists  # path → number of entries, of every list that a rule names
        self.list_hashes = list_hashes  # path → hash of what it says
        self.wordbook = wordbook
        self.lookalikes = lookalikes  # the words of rules that ask for homoglyphs, where there are any
        self._pattern_time = pattern_time
        self._active = tuple(rule for rule in rules if rule.enabled)
        self._index = RuleIndex([rule.condition for rule in self._active])
        self._deciding = tuple(rule for rule in self._active if rule.action is not None and not rule.observe)
        self._at_rcpt = RuleIndex([rule.condition for rule in self._deciding], at_rcpt=True)

    def screen(self, mail: Mail, anatomy: Anatomy, *, pattern_factor: float = 1.0) -> Screening:
        """The verdict for each recipient, in the envelope's order.

        `pattern_factor`: how many times as long as usual patterns may run. NotInline passes through.
        """
        start = before = time.perf_counter()
        recipients = [recipient.address for recipient in mail.envelope.recipients]
        time_of_patterns = self._pattern_time.times(pattern_factor) if pattern_factor != 1.0 else self._pattern_time
        watch = Watch.start(time_of_patterns, is_hurried=anatomy.inline)
        look = Look(mail.envelope.client, mail.envelope.sender, len(recipients), anatomy, self.wordbook, watch, self.lookalikes)
        walking = [_Walk(list(range(len(recipients))))] if recipients else []
        ended: list[_Walk] = []
        taken: list[tuple[str, float]] = []
        for number, possible in self._index.candidates(look, recipients) if walking else ():
            rule = self._active[number]
            if possible and (rule.expires is None or mail.received < rule.expires):
                walking = _meet_all(rule, look, recipients, walking, ended)
            now = time.perf_counter()
            if now - before >= NOTABLE:
                taken.append((rule.name, now - before))
            before = now
            if not walking:
                break
        verdicts = _verdicts(len(recipients), ended + walking)
        facts = facts_of(anatomy)
        return Screening(_without_partial_rejects(verdicts), facts, self.hash, time.perf_counter() - start, tuple(taken))

    def screen_recipient(self, client: Client, sender: Address, recipient: Address, *, now: float | None = None) -> Verdict | None:
        """What can be said at RCPT: the verdict of the first rule that matches, None where that depends on the content, or on
        patterns that take long.

        `now`: seconds since the epoch, for rules that expire; without it such a rule leaves the answer to the content.
        """
        look = Look(client, sender, None, None, self.wordbook, Watch.start(self._pattern_time, is_hurried=True))
        try:
            return self._first_at_rcpt(look, recipient, now)
        except NotInline:
            return None

    def _first_at_rcpt(self, look: Look, recipient: Address, now: float | None) -> Verdict | None:
        for number, possible in self._at_rcpt.candidates(look, (recipient,)):
            rule = self._deciding[number]
            if not possible or rule.action is None or (now is not None and rule.expires is not None and now >= rule.expires):
                continue
            answer = rule.judge(look, recipient)
            if answer.truth is False:
                continue
            if answer.truth is None or (rule.expires is not None and now is None):
                return None
            hit = Hit(rule.name, rule.source, rule.action, answer.evidence)
            return Verdict(rule.action, rule.name, rule.source, answer.evidence, rule.target, rule.reply, hits=(hit,))
        return None


def _meet_all(rule: Rule, look: Look, recipients: list[Address], walking: list[_Walk], ended: list[_Walk]) -> list[_Walk]:
    """Take every walk past one rule; those that end there are moved to `ended`."""
    if not rule.per_recipient or (len(walking) == 1 and len(walking[0].recipients) == 1):
        answer = rule.judge(look, recipients[walking[0].recipients[0]])
        if answer.truth is False:
            return walking
        for walk in walking:
            walk.meet(rule, answer)
    else:
        walking = [part for walk in walking for part in _split(rule, look, recipients, walk)]
    ended.extend(walk for walk in walking if walk.ended)
    return [walk for walk in walking if not walk.ended]


def _split(rule: Rule, look: Look, recipients: list[Address], walk: _Walk) -> list[_Walk]:
    """Part a walk by the answers its recipients get from a rule."""
    parts: dict[Answer, list[int]] = {}
    for number in walk.recipients:
        answer = rule.judge(look, recipients[number])
        parts.setdefault(answer if answer.truth is not False else NO, []).append(number)
    walks = [walk] if len(parts) == 1 else [walk.fork(numbers) for numbers in parts.values()]
    for part, answer in zip(walks, parts, strict=True):
        part.meet(rule, answer)
    return walks


def _verdicts(count: int, walks: list[_Walk]) -> list[Verdict]:
    verdicts = [_FORWARD] * count
    for walk in walks:
        verdict = walk.verdict()
        for number in walk.recipients:
            verdicts[number] = verdict
    return verdicts


def _without_partial_rejects(verdicts: list[Verdict]) -> tuple[Verdict, ...]:
    """One reply answers for all recipients (RFC 5321 4.1.1.4): where only some are to be rejected, those are held instead."""
    rejected = [verdict.action for verdict in verdicts].count(Action.REJECT)
    if rejected in (0, len(verdicts)):
        return tuple(verdicts)
    return tuple(
        replace(verdict, action=Action.HOLD, reply="", evidence=(*verdict.evidence, _NOT_POSSIBLE))
        if verdict.action is Action.REJECT
        else verdict
        for verdict in verdicts
    )
