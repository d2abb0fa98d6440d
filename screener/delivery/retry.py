"""When delivery is tried again, when the sender is told of the delay, when it is given up. Pure: the time is an argument."""

from screener.config.models import Retry
from screener.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Later:
    """Try again at `next_attempt` (seconds since the epoch); `notice`: the sender should be told of the delay now."""

    next_attempt: float
    notice: bool


@dataclass(frozen=True, slots=True)
class GiveUp:
    """It has been tried for long enough."""


def after_deferral(retry: Retry, now: float, *, queued: float, attempts: int, delay_noticed: bool) -> Later | GiveUp:
    """What follows an attempt that failed for now. `attempts` counts those before this one; all times count from `queued`.

    The last attempt is made when the time is up, and one when the notice is due, so that both come on time and not up to one
    interval late.
    """
    end = queued + retry.give_up
    if now >= end:
        return GiveUp()
    notice_at = queued + retry.delay_notice
    notice = not delay_noticed and now >= notice_at
    next_attempt = now + retry.intervals[min(attempts, len(retry.intervals) - 1)]
    if not delay_noticed and not notice:
        next_attempt = min(next_attempt, notice_at)
    return Later(min(next_attempt, end), notice)


def will_retry_until(retry: Retry, queued: float) -> float:
    """When it will be given up."""
    return queued + retry.give_up
