"""What answers mean for the queue: from one attempt's answers to what is written to the store, reports included. Pure.

4yz, time-outs and everything unknown: later, on the schedule. 5yz, or time up: failed, with a report to the sender if one may be
sent. What cannot be delivered and cannot be reported (null sender, no route to the sender) waits in hold for a person.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from screener.config import Config
from screener.delivery.dsn import Concerned, Done, Kind, Reporter, report
from screener.delivery.outcome import Answer, Fate
from screener.delivery.retry import GiveUp, after_deferral, will_retry_until
from screener.delivery.routes import route_for
from screener.mail.address import Address
from screener.mail.envelope import Notify, Recipient
from screener.mail.reply import Reply
from screener.store.records import Entry, Keep, Outcome, Settle, State, Stored


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is to be written, and what kind each of its reports is."""

    settle: Settle
    kinds: tuple[Kind, ...]


@dataclass(slots=True)
class _Drawn:
    """What gathers while the answers are gone through."""

    outcomes: list[Outcome] = field(default_factory=list)
    concerned: dict[Kind, list[Concerned]] = field(default_factory=dict)

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
        *,
        at_once: bool = False,
    ) -> Settlement:
        """What is to be written. `header` gives the original's header if a report needs it (`dsn.header_of`). With `at_once` what
        is to be tried later is due at once: the service is stopping, and broke the attempt off itself."""
        drawn = _Drawn()
        sender = stored.envelope.sender
        route = None if sender.is_null else route_for(self._config, sender)
        for entry, answer in answered:
            match answer.fate:
                case Fate.DELIVERED:
                    self._delivered(drawn, entry, answer)
                case Fate.FAILED:
                    self._failed(drawn, entry, answer, answer.reply.enhanced or "5.0.0", reportable=route is not None)
                case Fate.DEFERRED | Fate.DOUBTFUL:
                    self._deferred(drawn, entry, answer, now, reportable=route is not None, at_once=at_once)
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

    def put_off(self, mail_id: str, entries: Iterable[Entry], why: str, now: float) -> Settle:
        """Something unexpected happened with this mail here: later, and when the time is up, before a person."""
        outcomes = []
        for entry in entries:
            reply = f"an unexpected {why} here: see the log"
            after = after_deferral(
                self._config.retry, now, queued=entry.queued, attempts=entry.attempts, delay_noticed=entry.delay_noticed
            )
            if isinstance(after, GiveUp):
                outcomes.append(Outcome(entry.key, State.HELD, reply=reply))
            else:
                outcomes.append(Outcome(entry.key, State.QUEUED, reply=reply, next_attempt=after.next_attempt))
        return Settle(mail_id, now, tuple(outcomes))

    def _delivered(self, drawn: _Drawn, entry: Entry, answer: Answer) -> None:
        drawn.outcomes.append(_outcome(entry, State.DELIVERED, answer))
        if Notify.SUCCESS in entry.recipient.notify and not answer.passed_on:
            # RFC 3461 5.2.2: the next hop will not tell, so we do. A Maildir is the end of the way.
            done = Done.RELAYED if answer.heard else Done.DELIVERED
            drawn.tell(Kind.SUCCESS, _concerned(entry.recipient, done, answer.reply.enhanced or "2.0.0", answer))

    def _failed(self, drawn: _Drawn, entry: Entry, answer: Answer, status: str, *, reportable: bool) -> None:
        notify = entry.recipient.notify
        if notify and Notify.FAILURE not in notify:  # NEVER, or only SUCCESS or DELAY (RFC 3461 4.1)
            drawn.outcomes.append(_outcome(entry, State.FAILED, answer))
        elif reportable:
            drawn.outcomes.append(_outcome(entry, State.FAILED, answer))
            drawn.tell(Kind.FAILURE, _concerned(entry.recipient, Done.FAILED, status, answer))
        else:
            drawn.outcomes.append(_outcome(entry, State.HELD, answer))  # people are shown it as undeliverable: see `quarantine`

    def _deferred(self, drawn: _Drawn, entry: Entry, answer: Answer, now: float, *, reportable: bool, at_once: bool) -> None:
        retry = self._config.retry
        after = after_deferral(retry, now, queued=entry.queued, attempts=entry.attempts, delay_noticed=entry.delay_noticed)
        if isinstance(after, GiveUp):
            # RFC 3463 X.4.7: the time is up; the last reply is in the diagnostic code.
            self._failed(drawn, entry, answer, "4.4.7", reportable=reportable)
            return
        notify = entry.recipient.notify
        notice = after.notice and reportable and (not notify or Notify.DELAY in notify)
        if notice:
            concerned = _concerned(
                entry.recipient, Done.DELAYED, answer.reply.enhanced or "4.0.0", answer, will_retry_until(retry, entry.queued)
            )
            drawn.tell(Kind.DELAY, concerned)
        drawn.outcomes.append(_later(entry, answer, now if at_once else after.next_attempt, notice=notice))


def _outcome(entry: Entry, state: State, answer: Answer) -> Outcome:
    return Outcome(
        key=entry.key,
        state=state,
        reply=words(answer.reply, heard=answer.heard),
        next_hop=answer.next_hop,
        remote_id=answer.remote_id,
        doubtful=answer.fate is Fate.DOUBTFUL,
    )


def _later(entry: Entry, answer: Answer, next_attempt: float, *, notice: bool) -> Outcome:
    return Outcome(
        key=entry.key,
        state=State.QUEUED,
        reply=words(answer.reply, heard=answer.heard),
        next_hop=answer.next_hop,
        next_attempt=next_attempt,
        delay_noticed=notice,
        doubtful=answer.fate is Fate.DOUBTFUL,
    )


def words(reply: Reply, *, heard: bool) -> str:
    """A reply as the history shows it: the next hop's with its codes, ours as a sentence."""
    return str(reply) if heard else reply.text


def _concerned(recipient: Recipient, done: Done, status: str, answer: Answer, retry_until: float | None = None) -> Concerned:
    return Concerned(recipient, done, status, answer.reply, answer.heard, answer.next_hop, retry_until)
