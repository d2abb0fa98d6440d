"""What answers mean for the queue: from one attempt's answers to what is written to the store, reports included. Pure.

4yz, time-outs and everything unknown: later, on the schedule. 5yz, or time up: failed, with a report to the sender if one may be
sent. What cannot be delivered and cannot be reported (null sender, no route to the sender: then the reply says so) waits in hold
for a person. Where the mail went to another address than the sender wrote, reports are about the latter, by its NOTIFY, and nothing
in them tells of the former: not the next hop's words either, which mostly quote it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace
from types import MappingProxyType
from typing import assert_never

from screener.config.models import Config
from screener.delivery.dsn import Concerned, Done, Kind, Reporter, report
from screener.delivery.outcome import Answer, Fate
from screener.delivery.retry import GiveUp, after_deferral, will_retry_until
from screener.delivery.routes import route_for
from screener.frozen import dataclass
from screener.mail.address import Address
from screener.mail.envelope import Notify, Recipient
from screener.mail.reply import Reply
from screener.mail.verdict import Action
from screener.store.records import Entry, Keep, Outcome, Settle, State, Stored


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is to be written, and what kind each of its reports is."""

    settle: Settle
    kinds: tuple[Kind, ...]


@dataclass(slots=True)
class _Drawn:
    """What gathers while the answers are gone through."""

    originals: Mapping[int, Recipient]
    no_route: str = ""  # for people: why no report can go out; "" where one can, or none is to
    outcomes: list[Outcome] = field(default_factory=list)
    concerned: dict[Kind, list[Concerned]] = field(default_factory=dict)

    def recipient(self, entry: Entry) -> Recipient:
        """The recipient as the sender named it."""
        return self.originals.get(entry.key, entry.recipient)

    def tell(self, kind: Kind, concerned: Concerned) -> None:
        self.concerned.setdefault(kind, []).append(concerned)


class Settling:
    """Draws the consequences; knows the settings, nothing else."""

    def __init__(self, config: Config, new_id: Callable[[float], str]) -> None:
        """`new_id` gives reports their ids."""
        self._config = config
        self._new_id = new_id
        self._reporter = Reporter(config.hostname, config.postmaster or Address.parse(f"postmaster@{config.hostname}"))

    def settle(
        self,
        stored: Stored,
        header: Callable[[], bytes],
        answered: Sequence[tuple[Entry, Answer]],
        now: float,
        originals: Mapping[int, Recipient] = MappingProxyType({}),
        *,
        at_once: bool = False,
    ) -> Settlement:
        """What is to be written. `header` gives the original's header if a report needs it (`dsn.header_of`); `originals` whom the
        sender named, where another recipient was tried instead (`originals.originals`). With `at_once` what is to be tried later
        is due at once: the service is stopping, and broke the attempt off itself."""
        sender = stored.envelope.sender
        route = None if sender.is_null else route_for(self._config, sender)
        drawn = _Drawn(originals)
        if route is None and not sender.is_null:
            drawn.no_route = f"no route for the report to {sender.domain or self._config.hostname}: set `default_route`"
        for entry, answer in answered:
            # A target whose original cannot be found any more is not to be named: better a person looks.
            reportable = route is not None and (entry.verdict.action is not Action.REDIRECT or entry.key in originals)
            match answer.fate:
                case Fate.DELIVERED:
                    self._delivered(drawn, entry, answer)
                case Fate.FAILED:
                    self._failed(drawn, entry, answer, answer.reply.enhanced or "5.0.0", reportable=reportable)
                case Fate.DEFERRED | Fate.DOUBTFUL:
                    self._deferred(drawn, entry, answer, now, reportable=reportable, at_once=at_once)
                case _:
                    assert_never(answer.fate)
        reports: tuple[Keep, ...] = ()
        if drawn.concerned and route is not None:
            original = header()
            reports = tuple(
                report(kind, stored, original, concerned, self._reporter, route=route, now=now, mail_id=self._new_id(now))
                for kind, concerned in drawn.concerned.items()
            )
        return Settlement(Settle(stored.id, now, tuple(drawn.outcomes), reports), tuple(drawn.concerned) if reports else ())

    def hold(self, mail_id: str, entries: Iterable[Entry], why: str, now: float) -> Settle:
        """What can never be delivered waits for a person."""
        outcomes = (Outcome(entry.key, State.HELD, reply=why) for entry in entries)
        return Settle(mail_id, now, tuple(outcomes))

    def put_off(self, mail_id: str, entries: Iterable[Entry], why: str, now: float, *, doubtful: Collection[int] = ()) -> Settle:
        """Something unexpected happened with this mail here: later, and when the time is up, before a person.

        `doubtful`: the keys of those who may have got a copy before it happened.
        """
        outcomes = []
        for entry in entries:
            sent = entry.key in doubtful
            after = after_deferral(
                self._config.retry, now, queued=entry.queued, attempts=entry.attempts, delay_noticed=entry.delay_noticed
            )
            if isinstance(after, GiveUp):
                outcomes.append(Outcome(entry.key, State.HELD, reply=why, doubtful=sent))
            else:
                outcomes.append(Outcome(entry.key, State.QUEUED, reply=why, next_attempt=after.next_attempt, doubtful=sent))
        return Settle(mail_id, now, tuple(outcomes))

    def _delivered(self, drawn: _Drawn, entry: Entry, answer: Answer) -> None:
        drawn.outcomes.append(_outcome(entry, State.DELIVERED, answer))
        if Notify.SUCCESS in drawn.recipient(entry).notify and (not answer.passed_on or entry.key in drawn.originals):
            # RFC 3461 5.2.2: the next hop will not tell, so we do; it was not asked to tell of a redirected recipient. A Maildir is
            # the end of the way.
            done = Done.RELAYED if answer.heard else Done.DELIVERED
            drawn.tell(Kind.SUCCESS, _concerned(drawn, entry, done, answer.reply.enhanced or "2.0.0", answer))

    def _failed(self, drawn: _Drawn, entry: Entry, answer: Answer, status: str, *, reportable: bool) -> None:
        notify = drawn.recipient(entry).notify
        if notify and Notify.FAILURE not in notify:  # NEVER, or only SUCCESS or DELAY (RFC 3461 4.1)
            drawn.outcomes.append(_outcome(entry, State.FAILED, answer))
        elif reportable:
            drawn.outcomes.append(_outcome(entry, State.FAILED, answer))
            drawn.tell(Kind.FAILURE, _concerned(drawn, entry, Done.FAILED, status, answer))
        else:
            held = _outcome(entry, State.HELD, answer)  # people are shown it as undeliverable: see `quarantine`
            drawn.outcomes.append(replace(held, reply=f"{held.reply}; {drawn.no_route}") if drawn.no_route else held)

    def _deferred(self, drawn: _Drawn, entry: Entry, answer: Answer, now: float, *, reportable: bool, at_once: bool) -> None:
        retry = self._config.retry
        after = after_deferral(retry, now, queued=entry.queued, attempts=entry.attempts, delay_noticed=entry.delay_noticed)
        if isinstance(after, GiveUp):
            # RFC 3463 X.4.7: the time is up; the last reply is in the diagnostic code.
            self._failed(drawn, entry, answer, "4.4.7", reportable=reportable)
            return
        notify = drawn.recipient(entry).notify
        notice = after.notice and reportable and (not notify or Notify.DELAY in notify)
        if notice:
            concerned = _concerned(
                drawn, entry, Done.DELAYED, answer.reply.enhanced or "4.0.0", answer, will_retry_until(retry, entry.queued)
            )
            drawn.tell(Kind.DELAY, concerned)
        drawn.outcomes.append(_later(entry, answer, now if at_once else after.next_attempt, notice=notice))


def _outcome(entry: Entry, state: State, answer: Answer) -> Outcome:
    return Outcome(
        key=entry.key,
        state=state,
        reply=_words(answer.reply, heard=answer.heard),
        next_hop=answer.next_hop,
        remote_id=answer.remote_id,
        doubtful=answer.fate is Fate.DOUBTFUL,
    )


def _later(entry: Entry, answer: Answer, next_attempt: float, *, notice: bool) -> Outcome:
    return Outcome(
        key=entry.key,
        state=State.QUEUED,
        reply=_words(answer.reply, heard=answer.heard),
        next_hop=answer.next_hop,
        next_attempt=next_attempt,
        delay_noticed=notice,
        doubtful=answer.fate is Fate.DOUBTFUL,
    )


def _words(reply: Reply, *, heard: bool) -> str:
    """A reply as the history shows it: the next hop's with its codes, ours as a sentence."""
    return str(reply) if heard else reply.text


def _concerned(drawn: _Drawn, entry: Entry, done: Done, status: str, answer: Answer, retry_until: float | None = None) -> Concerned:
    reply, next_hop = answer.reply, answer.next_hop
    if entry.key in drawn.originals:  # who spoke, and what was said, tells where the mail went
        reply, next_hop = replace(reply, text="" if answer.heard else "It could not be passed on"), ""
    doubtful = entry.doubtful + (answer.fate is Fate.DOUBTFUL)
    return Concerned(drawn.recipient(entry), done, status, reply, answer.heard, next_hop, retry_until, doubtful)
