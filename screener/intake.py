"""What becomes of a mail: screen it, keep it, answer.

Promises: no 250 before the state of every accepted recipient is durable; whatever breaks before is answered 4yz; a mail that
cannot be judged is held, and only that mail. Short text is judged here, in the event loop; everything else goes to a screening
process, and what is no longer short does where many come at once and processors are to spare. How mail comes in is `smtp`'s, how it
goes out `delivery`'s: `offer` hands on what has just become durable.
"""

import asyncio
import logging
import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from screener.config.models import Config
from screener.frozen import dataclass
from screener.log import say
from screener.mail.address import Address
from screener.mail.envelope import Client, Recipient
from screener.mail.ids import new_mail_id
from screener.mail.mail import Mail
from screener.mail.reply import Reply
from screener.mail.verdict import Action, Evidence, Screening, Verdict
from screener.metrics.figures import Metrics
from screener.policy.ruleset import RuleSet
from screener.screeners import inline
from screener.screeners.pool import NotJudged, Screeners, ScreeningUnavailable
from screener.store.bodies import Bodies, BodyFile
from screener.store.errors import StoreError, StoreFull
from screener.store.held import HeldOctets
from screener.store.records import Keep, NewRecipient, State
from screener.store.writer import Writer

NO_ROOM = Reply(452, "4.3.1", "Not enough room to keep mail now; try again later")
NOT_NOW = Reply(451, "4.3.0", "Mail cannot be screened or kept now; try again later")
ROOM_SECONDS = 1.0  # between looks at the disk
# Where so many mails are under way, those of so many octets are judged side by side while screening processes are idle; smaller
# ones take less time here than the way there and back. The loop, the store's writer and the system fill two processors: there each
# process more only takes time, and caches, from those.
AT_ONCE = 3
SIDE_BY_SIDE = 16_384
NONE_TO_SPARE = 2  # processors
REFUSED = "Refused by the rules of this site"

_STATES = {Action.FORWARD: State.QUEUED, Action.HOLD: State.HELD, Action.DROP: State.DROPPED, Action.REJECT: State.REJECTED}


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules in force: for this process and, the same by hash, for the screening processes."""

    ruleset: RuleSet
    screeners: Screeners


class Intake:
    """Everything between the final dot and the answer; belongs to the event loop's thread."""

    def __init__(
        self,
        config: Config,
        writer: Writer,
        bodies: Bodies,
        metrics: Metrics,
        *,
        offer: Callable[[Keep], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._config = config
        self._writer = writer
        self._bodies = bodies
        self._metrics = metrics
        self._offer = offer
        self._clock = clock
        self.rules: Rules | None = None  # None: no rule set was ever good, mail is deferred
        self._under_way = 0  # mails between the final dot and its answer
        self._to_spare = len(os.sched_getaffinity(0)) > NONE_TO_SPARE
        self._room = False
        self._room_seen = -ROOM_SECONDS
        self._budget = config.screening.budget.of_anatomy
        self.held = HeldOctets(config.store.hold.size)  # counted in the store by who has it

    def ready(self) -> Reply | None:
        """Asked before MAIL: None, or why mail cannot be taken now."""
        if self.rules is None:
            return NOT_NOW
        return None if self.has_room() else NO_ROOM

    def has_room(self) -> bool:
        """Whether the disk has more free space than the floor; asked of the disk at most once a second."""
        now = time.monotonic()
        if now - self._room_seen >= ROOM_SECONDS:
            self._room_seen = now
            try:
                self._room = self._bodies.has_room(self._config.store.free_space)
            except StoreError as error:
                say("store-unavailable", level=logging.ERROR, reason=str(error))
                self._room = False
        return self._room

    def refuse_recipient(self, client: Client, sender: Address, recipient: Address) -> Reply | None:
        """What rules on the envelope alone say at RCPT: a refusal, or None, and then the content decides."""
        if self.rules is None:
            return NOT_NOW
        verdict = self.rules.ruleset.screen_recipient(client, sender, recipient, now=self._clock())
        if verdict is None or verdict.action is not Action.REJECT:
            return None
        self._metrics.rule(verdict.rule, Action.REJECT, observed=False)
        self._metrics.refusal(client.listener, "rule")
        say(
            "refused",
            client=client.address,
            sender=str(sender),
            recipient=str(recipient),
            rule=verdict.rule,
            source=verdict.source,
            entry=_entries(verdict),
        )
        return _refusal(verdict)

    def new_id(self) -> str:
        """An id for a mail of ours."""
        return new_mail_id(self._clock())

    def new_body(self, mail_id: str) -> BodyFile:
        """A file for a big body, to be written while DATA comes in."""
        return self._bodies.create(mail_id)

    async def take(self, mail: Mail) -> Reply:
        """Screen and keep one mail; the final answer to its client."""
        listener = mail.envelope.client.listener
        rules = self.rules
        if rules is None:
            return self._not_now(mail, "ruleset", "no rule set is in force")
        self._under_way += 1
        try:
            screening = await self._screen(rules, mail)
            keep = self._decide(mail, screening)
            held = any(one.state is State.HELD for one in keep.recipients)
            if held and not self.held.take(mail.content.size):
                return self._not_now(mail, "space", "hold has no room for it: store.hold.size")
            await self._kept(keep, mail.content.size if held else 0)
        except ScreeningUnavailable as error:
            return self._not_now(mail, "screening", str(error))
        except StoreFull as error:
            return self._not_now(mail, "space", str(error))
        except StoreError as error:
            return self._not_now(mail, "store", str(error))
        finally:
            self._under_way -= 1
        # The client need not wait for what follows; nor would it be right to say 451 when something of that breaks.
        asyncio.get_running_loop().call_soon(self._follow_up, mail, keep, screening)
        if keep.recipients[0].state is State.REJECTED:
            self._metrics.refusal(listener, "rule")
            return _refusal(keep.recipients[0].verdict)
        self._metrics.accepted(listener, self._clock() - mail.received)
        return Reply(250, "2.0.0", f"Ok: queued as {mail.id}")

    def _follow_up(self, mail: Mail, keep: Keep, screening: Screening) -> None:
        self._report(mail, keep, screening)
        self._offer(keep)

    async def _screen(self, rules: Rules, mail: Mail) -> Screening:
        """The verdicts: here where that is enough, else by a screening process."""
        started = time.perf_counter()
        place = "inline"
        try:
            many = self._to_spare and self._under_way >= AT_ONCE and mail.content.size >= SIDE_BY_SIDE
            aside = mail.content.path or (many and rules.screeners.has_idle)
            screening = None if aside else inline.screen(rules.ruleset, mail, self._budget)
            if screening is None or screening.unsure:
                place = "process"
                ask = rules.screeners.screen if screening is None else rules.screeners.screen_alone
                screening = await ask(mail)
        except NotJudged as error:
            screening = inline.not_judged(mail, rules.ruleset.hash, str(error))
        self._metrics.screening(place, time.perf_counter() - started)
        return screening

    def _decide(self, mail: Mail, screening: Screening) -> Keep:
        """What is to be kept, recipient by recipient. When all were rejected, only the history is."""
        recipients: list[NewRecipient] = []
        for recipient, verdict in zip(mail.envelope.recipients, screening.verdicts, strict=True):
            recipients.extend(self._destine(recipient, verdict, mail.received))
        return Keep(mail=mail, facts=screening.facts, ruleset=screening.ruleset, recipients=tuple(recipients))

    async def _kept(self, keep: Keep, held: int) -> None:
        """Return when the mail is durable; raises StoreError. The writer resolves in this loop, one wake-up for a whole commit.

        `held`: octets that were let into hold for it.
        """
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def done(error: Exception | None) -> None:
            if error is None:
                self.held.kept(held)
            else:
                self.held.give_back(held)
            if kept.cancelled():
                return
            if error is None:
                kept.set_result(None)
            else:
                kept.set_exception(error)

        try:
            self._writer.submit_then(keep, done)
        except StoreError:
            self.held.give_back(held)
            raise
        await kept

    def _destine(self, recipient: Recipient, verdict: Verdict, now: float) -> list[NewRecipient]:
        """The state of one recipient; a redirect is two: the one that was asked for and the one it goes to."""
        match verdict.action:
            case Action.FORWARD:
                goal = recipient.address
            case Action.REDIRECT:
                assert verdict.target is not None
                goal = verdict.target
            case Action.HOLD | Action.DROP | Action.REJECT:
                return [NewRecipient(recipient, _STATES[verdict.action], verdict, route="", next_attempt=None)]
        route = self._config.route_of(goal.domain or self._config.hostname)
        if route is None:
            evidence = Evidence("route", f"no route leads to the domain of {goal}", place="envelope")
            held = replace(verdict, action=Action.HOLD, evidence=(*verdict.evidence, evidence), unsure=True)
            return [NewRecipient(recipient, State.HELD, held, route="", next_attempt=None)]
        if verdict.action is Action.FORWARD:
            return [NewRecipient(recipient, State.QUEUED, verdict, route, next_attempt=now)]
        return [
            NewRecipient(recipient, State.REDIRECTED, verdict, route="", next_attempt=None),
            NewRecipient(Recipient(goal), State.QUEUED, verdict, route, next_attempt=now),
        ]

    def _report(self, mail: Mail, keep: Keep, screening: Screening) -> None:
        """Count and log what was decided."""
        envelope = mail.envelope
        for action, count in Counter(verdict.action for verdict in screening.verdicts).items():
            self._metrics.message(envelope.client.listener, action)
            self._metrics.recipient(envelope.client.listener, action, count)
        for rule in {verdict.rule for verdict in screening.verdicts if verdict.unsure}:
            self._metrics.unjudged(rule)
        for rule, seconds in screening.rule_seconds:
            self._metrics.rule_seconds(rule, seconds)
        hits = {(hit.rule, hit.action, hit.observed) for verdict in screening.verdicts for hit in verdict.hits}
        for rule, hit_action, observed in hits:
            self._metrics.rule(rule, hit_action, observed=observed)
        for one in keep.recipients:
            verdict = one.verdict
            say(
                one.state.value,
                id=mail.id,
                client=envelope.client.address,
                front_id=envelope.client.front_id or None,
                sender=str(envelope.sender),
                recipient=str(one.recipient.address),
                size=mail.content.size,
                message_id=screening.facts.message_id or None,
                rule=verdict.rule or None,
                source=verdict.source or None,
                entry=_entries(verdict),
                reason=_doubt(verdict),
                observed=[hit.rule for hit in verdict.hits if hit.observed] or None,
                route=one.route or None,
            )

    def _not_now(self, mail: Mail, why: str, reason: str) -> Reply:
        """The client is to come again; `why` is one of the metrics' refusals."""
        reply = NO_ROOM if why == "space" else NOT_NOW
        self._metrics.refusal(mail.envelope.client.listener, why)
        say("refused", level=logging.WARNING, id=mail.id, client=mail.envelope.client.address, reason=reason, reply=str(reply))
        return reply


def _refusal(verdict: Verdict) -> Reply:
    return Reply(550, "5.7.1", verdict.reply or REFUSED)


def _doubt(verdict: Verdict) -> str | None:
    """Why a mail is held though no rule says so: evidence that stands last, and quotes no mail."""
    return verdict.evidence[-1].text if verdict.unsure and verdict.evidence else None


def _entries(verdict: Verdict) -> list[str] | None:
    return [evidence.entry for evidence in verdict.evidence if evidence.entry] or None
